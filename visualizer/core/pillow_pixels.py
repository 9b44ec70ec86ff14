"""Pixels of ordinary picture files, decoded by Pillow strip by strip to spare memory."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import IO

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.PpmImagePlugin import PpmImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from visualizer.core import colour, deep, integrity
from visualizer.core.bad_image import BadImage, check_size, damaged

# The classes themselves, and not `Image.open`: it warns from 89 megapixels on, by a limit that is
# a global variable. Sizes are checked here instead.
_OPENERS: dict[str, Callable[[IO[bytes]], ImageFile.ImageFile]] = {
    "PNG": PngImageFile,
    "JPEG": JpegImageFile,
    "WEBP": WebPImageFile,
    "BMP": BmpImageFile,
    "GIF": GifImageFile,
    "TIFF": TiffImageFile,
    "PPM": PpmImageFile,
    "AVIF": AvifImageFile,
    "JPEG2000": Jpeg2KImageFile,
}
_ORIENTATION = 0x0112
_DTYPES = {"I": np.int32, "F": np.float32}  # and uint16 for "I;16…"
_GREY = ("1", "L", "LA", "La")


@dataclass(frozen=True, eq=False)
class Decoded:
    """What a decoder gives: pixels (H, W, C), sentences, and what it knows besides."""

    pixels: npt.NDArray
    notes: tuple[str, ...] = ()
    frame_count: int = 1
    bands: tuple[str, ...] | None = None
    value_range: tuple[float, float] | None = None


def decode(stream: IO[bytes], kind: str, name: str, frame: int) -> Decoded:
    """Decode one frame. Raises BadImage, or whatever Pillow raises for a damaged file."""
    integrity.check(stream, kind, name)
    if kind == "GIF":
        count, whole = integrity.whole_gif_frames(stream)
    with _OPENERS[kind](stream) as picture:
        if kind != "GIF":
            count, whole = getattr(picture, "n_frames", 1), True
        check_frame(name, frame, count)
        picture.seek(frame)
        bits = deep.depth(stream, kind, picture)
        check_size(name, picture.height, picture.width, _pixel_bytes(picture.mode, bits))
        orientation, notes = _orientation(picture)
        picture.load()
        decoded = _deep(stream, picture, bits) if bits > 8 and count == 1 else None
        decoded = decoded or _in_strips(picture)
        if bits > 8 and decoded.pixels.dtype == np.uint8:
            notes += (f"Its {bits}-bit values were read as 8 bits.",)
    if not whole:
        notes += (cut_short(count),)
    pixels = decoded.pixels
    if orientation in range(2, 9):
        notes += (colour.TURNED,)
        if kind != "TIFF":  # Pillow has turned this one
            pixels = np.ascontiguousarray(colour.upright(pixels, orientation))
    return replace(decoded, pixels=pixels, notes=notes + decoded.notes, frame_count=count)


def cut_short(count: int) -> str:
    """Return the note on an animation or stack of which only the first frames are there."""
    frames = "frame" if count == 1 else f"{count} frames"
    return f"The file is cut short: only its first {frames} can be read."


def check_frame(name: str, frame: int, count: int) -> None:
    """Raise BadImage when there is no such frame."""
    if count < 1:
        raise damaged(name)
    if not 0 <= frame < count:
        raise BadImage(f"{name} has no frame {frame}: choose one from 0 to {count - 1}.")


def _pixel_bytes(mode: str, bits: int) -> int:
    if mode in ("I", "F"):
        return 4
    if mode.startswith("I;16"):
        return 2
    return (1 if mode in _GREY else 3) * (2 if bits > 8 else 1)


def _orientation(picture: ImageFile.ImageFile) -> tuple[int, tuple[str, ...]]:
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    except Exception:  # Pillow's parser raises nearly anything; the pixels do not depend on it
        return 1, ("Its EXIF data are damaged and were left out.",)
    return (value if isinstance(value, int) else 1), ()


def _deep(stream: IO[bytes], picture: ImageFile.ImageFile, bits: int) -> Decoded | None:
    """Return what Pillow has loaded, and found whole, with all its bits; None if that fails."""
    found = deep.decode(stream, picture.size[::-1])
    if found is None:
        return None
    pixels, notes = found
    notes += _profile_left_out(picture, "L" if pixels.shape[2] == 1 else "RGB")
    return Decoded(pixels, notes, value_range=(0.0, 2.0**bits - 1))


def _in_strips(picture: ImageFile.ImageFile) -> Decoded:
    """Return the numbers as they are, or grey or RGB without profile and transparency."""
    if picture.mode.startswith(("I", "F")):
        dtype = _DTYPES.get(picture.mode, np.uint16)
        pixels = np.empty((picture.height, picture.width, 1), dtype)
        for rows in colour.strips(pixels):
            pixels[rows, :, 0] = _cut(picture, rows)
        return Decoded(pixels, _profile_left_out(picture, "L"))
    base = "L" if picture.mode in _GREY else "RGB"
    source = picture.mode if picture.mode in ("CMYK", "LAB") else base
    transform, notes = _transform(picture, source)
    with_alpha = picture.has_transparency_data
    pixels = np.empty((picture.height, picture.width, len(base)), np.uint8)
    transparent = False
    for rows in colour.strips(pixels):
        strip = _cut(picture, rows)
        if with_alpha:
            strip = strip.convert("LA" if base == "L" else "RGBA")
            alpha = np.asarray(strip.getchannel("A"))
        strip = strip.convert(source)
        values = np.asarray(transform(strip) if transform else strip.convert(base))
        if with_alpha and alpha.min() < 255:
            transparent = True
            values = colour.on_white(values, alpha)
        pixels[rows] = values.reshape(pixels[rows].shape)
    return Decoded(pixels, (*notes, colour.ON_WHITE) if transparent else notes)


def _transform(
    picture: ImageFile.ImageFile, source: str
) -> tuple[colour.Transform | None, tuple[str, ...]]:
    notes: tuple[str, ...] = ()
    if source == "LAB":
        return colour.lab_to_srgb(), ("Converted from Lab to RGB.",)
    if source == "CMYK":
        notes = ("Converted from CMYK to RGB.",)
    profile = picture.info.get("icc_profile")
    if not profile:
        return None, notes
    transform, note = colour.to_srgb(profile, source)
    return transform, (*notes, note) if note else notes


def _profile_left_out(picture: ImageFile.ImageFile, mode: str) -> tuple[str, ...]:
    profile = picture.info.get("icc_profile")
    return colour.left_out(profile, mode) if profile else ()


def _cut(picture: ImageFile.ImageFile, rows: slice) -> Pillow.Image:
    return picture.crop((0, rows.start, picture.width, rows.stop))
