"""The picture every page works on: an array and what is known about where it came from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8] | npt.NDArray[np.uint16] | npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Image:
    """A picture as numbers. The array is made read-only; an edit makes a new Image.

    Attributes:
        pixels: (height, width, channels), C-contiguous; uint8, uint16 or float32.
        name: what to call it on screen, usually the file's name.
        bands: one name a channel, such as ("R", "G", "B"), ("grey",) or ("band 1", …).
        value_range: the values shown as black and white when no contrast window is chosen:
            (0, 255), (0, 65535), or for float (0, 1) when all values lie in it, else the
            finite minimum and maximum.
        invalid: how many values are NaN or infinite (float only).
        notes: sentences about what reading changed ("turned upright by its EXIF tag").
        path: the file, when there is one.
        frame, frame_count: position in an animated file.
    """

    pixels: Pixels
    name: str
    bands: tuple[str, ...]
    value_range: tuple[float, float]
    invalid: int = 0
    notes: tuple[str, ...] = ()
    path: Path | None = None
    frame: int = 0
    frame_count: int = 1

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or 0 in self.pixels.shape:
            raise ValueError(f"pixels must be (height, width, channels), got {self.pixels.shape}")
        if self.pixels.dtype not in (np.uint8, np.uint16, np.float32):
            raise ValueError(f"pixels must be uint8, uint16 or float32, got {self.pixels.dtype}")
        if len(self.bands) != self.channels:
            raise ValueError(f"{self.channels} channels but {len(self.bands)} band names")
        pixels = np.ascontiguousarray(self.pixels).view()
        pixels.setflags(write=False)
        object.__setattr__(self, "pixels", pixels)

    @classmethod
    def from_array(cls, array: npt.ArrayLike, name: str, **known: object) -> "Image":
        """Make an Image of a (H, W) or (H, W, C) array; any real type.

        uint8 and uint16 stay as they are, everything else becomes float32. Band names, value
        range and the count of invalid values are worked out unless given in `known`.
        """
        pixels = np.asarray(array)
        if pixels.ndim == 2:
            pixels = pixels[:, :, np.newaxis]
        if pixels.dtype not in (np.uint8, np.uint16):
            pixels = pixels.astype(np.float32)
        finite = pixels[np.isfinite(pixels)] if pixels.dtype == np.float32 else pixels
        defaults: dict[str, object] = {
            "bands": default_bands(pixels.shape[2]),
            "value_range": _value_range(pixels.dtype, finite),
            "invalid": pixels.size - finite.size,
        }
        return cls(pixels=pixels, name=name, **{**defaults, **known})  # type: ignore[arg-type]

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.pixels.shape[1])

    @property
    def channels(self) -> int:
        """Bands."""
        return int(self.pixels.shape[2])

    def renamed(self, name: str) -> "Image":
        """Return the same picture under another name."""
        return replace(self, name=name)

    def picked(self, indices: tuple[int, ...]) -> "Image":
        """Return the picture of the bands at `indices` only, in that order."""
        return Image.from_array(
            self.pixels[:, :, list(indices)],
            self.name,
            bands=tuple(self.bands[i] for i in indices),
            notes=self.notes,
            path=self.path,
            frame=self.frame,
            frame_count=self.frame_count,
        )


def default_bands(channels: int) -> tuple[str, ...]:
    """Return the usual names: grey, R G B, or band 1 … band n."""
    if channels == 1:
        return ("grey",)
    if channels == 3:
        return ("R", "G", "B")
    return tuple(f"band {i + 1}" for i in range(channels))


def short(bands: Sequence[str]) -> tuple[str, ...]:
    """Return names that fit beside each other: "band 3" becomes "3"."""
    return tuple(name.removeprefix("band ") for name in bands)


def _value_range(dtype: np.dtype, finite: np.ndarray) -> tuple[float, float]:
    if dtype == np.uint8:
        return (0.0, 255.0)
    if dtype == np.uint16:
        return (0.0, 65535.0)
    if finite.size == 0:
        return (0.0, 1.0)
    low, high = float(finite.min()), float(finite.max())
    if low >= 0.0 and high <= 1.0:
        return (0.0, 1.0)
    return (low, high) if low < high else (low, low + 1.0)
