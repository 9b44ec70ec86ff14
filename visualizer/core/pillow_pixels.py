"""Pixels of ordinary picture files, decoded by Pillow strip by strip to spare memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

import cv2
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

from visualizer.core import colour, integrity
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
_STRIP_PIXELS = 1 << 18
_DTYPES = {"I": np.int32, "F": np.float32}  # and uint16 for "I;16…"
_GREY = ("1", "L", "LA", "La")
_DEEP_PNG = ("RGB;16B", "LA;16B", "RGBA;16B")


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
        layout = str(picture.tile[0].args) if kind == "PNG" else ""
        deep = layout in _DEEP_PNG
        check_size(name, picture.height, picture.width, _pixel_bytes(picture, deep))
        orientation, notes = _orientation(picture)
        picture.load()
        pixels, more = _deep_png(stream, picture, layout, name) if deep else _in_strips(picture)
    if not whole:
        notes += (cut_short(count),)
    if orientation in range(2, 9):
        notes += (colour.TURNED,)
        if kind != "TIFF":  # Pillow has turned this one
            pixels = np.ascontiguousarray(colour.upright(pixels, orientation))
    return Decoded(pixels, notes + more, 1 if deep else count)


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


def _pixel_bytes(picture: ImageFile.ImageFile, deep: bool) -> int:
    if deep:
        return 8
    if picture.mode.startswith("I;16"):
        return 2
    return 4 if picture.mode in "IF" else 1 if picture.mode in _GREY else 3


def _orientation(picture: ImageFile.ImageFile) -> tuple[int, tuple[str, ...]]:
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    except Exception:  # Pillow's parser raises nearly anything; the pixels do not depend on it
        return 1, ("Its EXIF data are damaged and were left out.",)
    return (value if isinstance(value, int) else 1), ()


def _in_strips(picture: ImageFile.ImageFile) -> tuple[npt.NDArray, tuple[str, ...]]:
    """Return (H, W, C): numbers as they are, or grey or RGB without profile and transparency."""
    if picture.mode.startswith(("I", "F")):
        dtype = _DTYPES.get(picture.mode, np.uint16)
        pixels = np.empty((picture.height, picture.width, 1), dtype)
        for rows in _strips(pixels):
            pixels[rows, :, 0] = _cut(picture, rows)
        return pixels, _profile_left_out(picture, "L")
    base = "L" if picture.mode in _GREY else "RGB"
    source = picture.mode if picture.mode in ("CMYK", "LAB") else base
    transform, notes = _transform(picture, source)
    with_alpha = picture.has_transparency_data
    pixels = np.empty((picture.height, picture.width, len(base)), np.uint8)
    transparent = False
    for rows in _strips(pixels):
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
    return pixels, (*notes, colour.ON_WHITE) if transparent else notes


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


def _deep_png(
    stream: IO[bytes], picture: ImageFile.ImageFile, layout: str, name: str
) -> tuple[npt.NDArray, tuple[str, ...]]:
    """Return 16-bit colour, which Pillow would cut to 8 bits; it has checked the file before."""
    stream.seek(0)
    pixels = cv2.imdecode(np.frombuffer(stream.read(), np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16 or pixels.shape[:2] != picture.size[::-1]:
        raise damaged(name)
    notes = _profile_left_out(picture, "RGB")
    colours = pixels[:, :, :1] if layout == "LA;16B" else pixels[:, :, 2::-1]
    colours = np.ascontiguousarray(colours)
    if pixels.shape[2] == 4 and pixels[:, :, 3].min() < 65535:
        notes += (colour.ON_WHITE,)
        for rows in _strips(colours):
            colours[rows] = colour.on_white(colours[rows], pixels[rows, :, 3])
    return colours, notes


def _cut(picture: ImageFile.ImageFile, rows: slice) -> Pillow.Image:
    return picture.crop((0, rows.start, picture.width, rows.stop))


def _strips(pixels: npt.NDArray) -> Iterator[slice]:
    height, width = pixels.shape[:2]
    step = max(1, _STRIP_PIXELS // width)
    return (slice(top, min(top + step, height)) for top in range(0, height, step))
