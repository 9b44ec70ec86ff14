"""Files the user gets out: feature maps as pictures and as numbers. Whole, or not at all."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

SMALLEST_PNG = 512  # pixels along the longer side; a smaller map is enlarged in whole steps


class CannotSave(Exception):
    """Raised when a file cannot be made; the text says why and what to do."""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a path beside `path` to write to, and move it into place at the end.

    When the block raises, the unfinished file goes and what was at `path` stays. The ending is
    kept, since encoders choose the format by it.
    """
    part = path.with_name(f".part-{path.name}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_png(path: Path, shown: npt.NDArray[np.uint8]) -> None:
    """Write a picture (H, W, 3) as it is shown, one pixel a cell.

    A map smaller than SMALLEST_PNG is enlarged by a whole factor without smoothing. Raises
    OSError as the file system gives it.
    """
    factor = max(1, SMALLEST_PNG // max(shown.shape[:2]))
    height, width = shown.shape[0] * factor, shown.shape[1] * factor
    enlarged = cv2.resize(
        np.ascontiguousarray(shown), (width, height), interpolation=cv2.INTER_NEAREST
    )
    with whole(path) as part:
        Pillow.fromarray(enlarged.astype(np.uint8)).save(part, "PNG")


def write_npy(path: Path, feature: npt.NDArray) -> None:
    """Write the raw numbers (H, W, K) in NumPy's format. Raises OSError."""
    with whole(path) as part, part.open("wb") as file:
        np.save(file, feature)


def write_csv(path: Path, feature: npt.NDArray[np.float32], names: Sequence[str]) -> None:
    """Write the raw numbers (H, W, K) as text, a line for each row, commas between columns.

    Several maps follow one another, each under a line with its name. Every float32 can be read
    back exactly. Raises OSError.
    """
    with whole(path) as part, part.open("w", encoding="utf-8") as file:
        for k in range(feature.shape[2]):
            if feature.shape[2] > 1:
                file.write(f"# {names[k]}\n")
            np.savetxt(file, feature[:, :, k], fmt="%.9g", delimiter=",")
