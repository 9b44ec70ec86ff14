"""Netpbm pictures as plain numbers: PGM and PPM of 8 or 16 bits, and the float format PFM."""

import re
from typing import IO

import numpy as np
import numpy.typing as npt

from visualizer.core.bad_image import BadImage, check_size, damaged
from visualizer.core.pillow_pixels import Decoded

_HEADER_BYTES = 4096
_GAP = rb"(?:\s|#[^\n]*\n)+"  # comments may stand between the numbers
_HEADER = re.compile(
    rb"P(?P<kind>[2356Ff])" + _GAP + rb"(?P<width>\d{1,9})" + _GAP + rb"(?P<height>\d{1,9})"
    + _GAP + rb"(?P<top>[-+.\deE]{1,20})\s"
)  # fmt: skip


def decode(stream: IO[bytes], name: str) -> Decoded | None:
    """Return the picture, or None for bitmaps and 8-bit text, which Pillow reads in full.

    Formats: netpbm.sourceforge.net/doc/pgm.html, ppm.html, pfm.html. Raises BadImage.
    """
    stream.seek(0)
    header = _HEADER.match(stream.read(_HEADER_BYTES))
    if header is None:
        return None
    if header["kind"] in b"Ff":
        order = "<" if float(header["top"]) < 0 else ">"
        pixels = _numbers(stream, header, 3 if header["kind"] == b"F" else 1, f"{order}f4", name)
        return Decoded(pixels[::-1].astype(np.float32))  # PFM starts with the bottom row
    largest = int(header["top"])
    if not 0 < largest < 65536:
        raise damaged(name)
    if header["kind"] in b"23":
        if largest < 256:
            return None
        raise BadImage(
            f"{name} is a Netpbm text of more than 8 bits: save it as binary PPM, PNG or TIFF."
        )
    dtype = "u1" if largest < 256 else ">u2"
    pixels = _numbers(stream, header, 3 if header["kind"] == b"6" else 1, dtype, name)
    pixels = pixels.astype(np.dtype(dtype).newbyteorder("="))
    return Decoded(pixels, value_range=(0.0, float(largest)))


def _numbers(
    stream: IO[bytes], header: re.Match[bytes], channels: int, dtype: str, name: str
) -> npt.NDArray:
    """Return (H, W, C) as it lies in the file."""
    height, width = int(header["height"]), int(header["width"])
    pixel_bytes = channels * np.dtype(dtype).itemsize
    check_size(name, height, width, pixel_bytes)
    stream.seek(header.end())
    data = stream.read(height * width * pixel_bytes)
    if len(data) < height * width * pixel_bytes:
        raise damaged(name)
    return np.frombuffer(data, dtype).reshape(height, width, channels)
