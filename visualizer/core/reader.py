"""The one front door for pixels from outside: a file or bytes become an Image, or BadImage.

Told by content, never by name. Nothing here keeps state, so it may be called from any thread.
"""

import re
import stat
import warnings
from io import BytesIO
from pathlib import Path
from typing import IO

from PIL import Image as Pillow

from visualizer.core import netpbm, pillow_pixels
from visualizer.core.bad_image import MAX_BYTES, MAX_PIXELS, BadImage, damaged
from visualizer.core.file_kinds import HEAD_BYTES, SUFFIXES, kind_of
from visualizer.core.image import Image
from visualizer.core.pillow_pixels import Decoded

__all__ = ["FILE_DIALOG_FILTER", "MAX_BYTES", "MAX_PIXELS", "BadImage", "read", "read_bytes"]

FILE_DIALOG_FILTER = f"Pictures ({' '.join('*' + suffix for suffix in SUFFIXES)});;All files (*)"

_URL = re.compile(r"[a-z][a-z0-9+.-]+:/|data:", re.IGNORECASE)

# Pillow warns of odd metadata. What decodes all the same is fine; what does not is refused.
warnings.filterwarnings("ignore", module=r"PIL\.")


def read(path: Path, frame: int = 0) -> Image:
    """Read frame `frame` of a picture file. Raises BadImage with one sentence."""
    name = path.name or str(path)
    if _URL.match(str(path)):
        raise BadImage(
            f"{path} is a web address, and nothing is fetched from the network: "
            "save the picture and open the file."
        )
    try:
        _check_is_file(path, name)
        with path.open("rb") as stream:
            return _read(stream, name, frame, path)
    except BadImage:
        raise
    except FileNotFoundError as error:
        raise BadImage(
            f"{name} does not exist in {path.parent}: it may have been moved."
        ) from error
    except PermissionError as error:
        raise BadImage(
            f"{name} may not be read by you: ask its owner, or copy it to a folder of yours."
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        why = getattr(error, "strerror", None) or str(error)
        raise BadImage(f"{name} cannot be opened ({why}): check the path.") from error


def read_bytes(data: bytes, name: str, frame: int = 0) -> Image:
    """Read a picture from the content of a file. Raises BadImage with one sentence."""
    _check_bytes(len(data), name)
    return _read(BytesIO(data), name, frame, None)


def _check_is_file(path: Path, name: str) -> None:
    """Look before opening: to open a named pipe is to wait for someone to write into it."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise BadImage(f"{name} is a folder: open one of the pictures in it.")
    if not stat.S_ISREG(status.st_mode):
        raise BadImage(f"{name} is a pipe or device, not a file: save the picture to a file first.")
    _check_bytes(status.st_size, name)


def _check_bytes(count: int, name: str) -> None:
    if count > MAX_BYTES:
        raise BadImage(
            f"{name} has {count >> 20:,} MB, and at most {MAX_BYTES >> 20} MB can be opened: "
            "make it smaller in an image editor first."
        )


def _read(stream: IO[bytes], name: str, frame: int, path: Path | None) -> Image:
    kind = kind_of(stream.read(HEAD_BYTES), name)
    try:
        decoded = _decode(stream, kind, name, frame)
    except BadImage:
        raise
    except Pillow.DecompressionBombError as error:  # a frame or tile larger than its picture
        raise BadImage(
            f"{name} claims to have more than the {MAX_PIXELS // 1_000_000} megapixels that can be "
            "opened: make it smaller in an image editor first."
        ) from error
    except MemoryError as error:
        raise BadImage(f"{name} does not fit into memory: close other programs.") from error
    except Exception as error:  # decoders answer damaged files with nearly any exception
        if "MAX_TEXT" in str(error):  # Pillow's limits on packed texts in a PNG
            raise BadImage(
                f"{name} carries a text that unpacks to an enormous size (a decompression bomb): "
                "save the picture again with an image editor."
            ) from error
        raise damaged(name) from error
    known = {"bands": decoded.bands, "value_range": decoded.value_range}
    return Image.from_array(
        decoded.pixels,
        name,
        notes=decoded.notes,
        path=path,
        frame=frame,
        frame_count=decoded.frame_count,
        **{key: value for key, value in known.items() if value is not None},
    )


def _decode(stream: IO[bytes], kind: str, name: str, frame: int) -> Decoded:
    if kind == "TIFF":
        from visualizer.core import tiff  # tifffile takes a while, and most pictures need none

        return tiff.decode(stream, name, frame)
    if kind == "PPM" and (decoded := netpbm.decode(stream, name)):
        pillow_pixels.check_frame(name, frame, 1)
        return decoded
    return pillow_pixels.decode(stream, kind, name, frame)
