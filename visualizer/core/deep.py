"""Colour of more than 8 bits in formats where Pillow keeps only 8: decoded by OpenCV instead."""

from typing import IO

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ImageFile

from visualizer.core import colour

_PNG_LAYOUTS = ("RGB;16B", "LA;16B", "RGBA;16B")  # as Pillow names them
_PNG_COLOUR_AT, _PNG_GREY_ALPHA = 25, 4
_HEAD_BYTES = 4096
_COMPONENTS_AT, _DEPTH_AT = 40, 42  # in a JPEG 2000 codestream (ITU-T T.800, A.5.1)


def depth(stream: IO[bytes], kind: str, picture: ImageFile.ImageFile) -> int:
    """Return the bits a value of an opened picture has in the file, where Pillow would cut them.

    8 for everything that Pillow reads in full. `picture` is not loaded yet; rewinds the stream.
    """
    if kind == "PNG":
        return 16 if picture.tile[0].args in _PNG_LAYOUTS else 8
    if kind not in ("AVIF", "JPEG2000"):
        return 8
    at = stream.tell()
    stream.seek(0)
    head = stream.read(_HEAD_BYTES)
    stream.seek(at)
    if kind == "AVIF":
        flags = head[head.find(b"av1C") + 6] if b"av1C" in head else 0
        return 8 if not flags & 0x40 else 12 if flags & 0x20 else 10
    start = head.find(b"\xff\x4f\xff\x51")
    components, size = head[start + _COMPONENTS_AT : start + _DEPTH_AT], head[start + _DEPTH_AT]
    unsigned = size < 0x80
    known = int.from_bytes(components, "big") in (1, 3, 4)
    return max(8, size + 1) if unsigned and known else 8


def decode(stream: IO[bytes], shape: tuple[int, int]) -> tuple[npt.NDArray, tuple[str, ...]] | None:
    """Return uint16 pixels (H, W, 1 or 3) over white and notes, or None if OpenCV cannot.

    OpenCV answers a damaged file with made-up pixels: let Pillow load the picture before.
    """
    stream.seek(0)
    data = stream.read()
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16 or pixels.shape[:2] != shape:
        return None
    if pixels.ndim == 2:
        return pixels[:, :, np.newaxis], ()
    grey = data.startswith(b"\x89PNG") and data[_PNG_COLOUR_AT] == _PNG_GREY_ALPHA
    colours = np.ascontiguousarray(pixels[:, :, :1] if grey else pixels[:, :, 2::-1])
    if pixels.shape[2] < 4 or pixels[:, :, 3].min() == 65535:
        return colours, ()
    for rows in colour.strips(colours):
        colours[rows] = colour.on_white(colours[rows], pixels[rows, :, 3])
    return colours, (colour.ON_WHITE,)
