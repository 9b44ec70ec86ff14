"""TIFF files: ordinary ones go to Pillow, those of many bands or deep pixels to tifffile."""

import zlib
from dataclasses import replace
from typing import IO, Literal

import cv2
import numpy as np
import numpy.typing as npt
import tifffile

from visualizer.core import colour, pillow_pixels
from visualizer.core.bad_image import MAX_BYTES, BadImage, check_size, damaged
from visualizer.core.pillow_pixels import Decoded

_MIN_IS_WHITE, _MIN_IS_BLACK, _RGB, _PALETTE, _CMYK, _YCBCR, _LAB = 0, 1, 2, 3, 5, 6, 8
_BASE = {_MIN_IS_WHITE: 1, _MIN_IS_BLACK: 1, _RGB: 3, _PALETTE: 1, _CMYK: 4, _YCBCR: 3, _LAB: 3}
_PREMULTIPLIED, _STRAIGHT = 1, 2  # kinds of alpha
_UNSIGNED, _FLOAT = 1, 3
_DEFLATE, _LZMA = (8, 32946), 34925
_SUBFILE_TYPE, _ORIENTATION, _ICC = 254, 274, 34675
_SHORT = 3  # the type of a 16-bit tag
_MOST_PAGES, _MOST_TAGS = 100_000, 4096
_SMALLER_OR_MASK = 0b101  # bits of NewSubfileType: pages that are no frames
_INFLATION = 1032  # the most that Deflate can pack


def decode(stream: IO[bytes], name: str, frame: int) -> Decoded:
    """Decode one page. Raises BadImage, or whatever the decoders raise for a damaged file."""
    pages, whole = _frames(stream)
    pillow_pixels.check_frame(name, frame, len(pages))
    stream.seek(0)
    with tifffile.TiffFile(stream) as file:
        page = file.pages[pages[frame]].aspage()
        _check(page, name)
        # Pillow follows the chain to its end, so it cannot be asked for a page of a cut stack.
        ordinary = _is_ordinary(page) and (whole or not _is_plain(page))
        if not ordinary:
            decoded = _deep(stream, page, name)
    if ordinary:
        decoded = pillow_pixels.decode(stream, "TIFF", name, pages[frame])
        decoded = replace(decoded, value_range=_value_range(page))
    notes = () if whole else (pillow_pixels.cut_short(len(pages)),)
    return replace(decoded, notes=notes + decoded.notes, frame_count=len(pages))


def _frames(stream: IO[bytes]) -> tuple[list[int], bool]:
    """Return which pages are frames, and whether the chain of pages is all there.

    Follows the image file directories (TIFF 6.0, section 2; BigTIFF) itself: decoders walk for
    ever round a chain that a damaged offset has closed to a ring. Previews and masks are left out.
    """
    stream.seek(0)
    head = stream.read(16)
    order: Literal["little", "big"] = "little" if head.startswith(b"II") else "big"
    big = int.from_bytes(head[2:4], order) == 43
    offset_bytes, count_bytes, entry_bytes = (8, 8, 20) if big else (4, 2, 12)
    following = head[8:16] if big else head[4:8]
    frames: list[int] = []
    seen: set[int] = set()
    while (offset := int.from_bytes(following, order)) and len(seen) < _MOST_PAGES:
        stream.seek(offset)
        entries = int.from_bytes(stream.read(count_bytes), order)
        if offset in seen or not 0 < entries <= _MOST_TAGS:
            return frames, False
        table, following = stream.read(entries * entry_bytes), stream.read(offset_bytes)
        if len(following) < offset_bytes:
            return frames, False
        if not _subfile_type(table, entry_bytes, order) & _SMALLER_OR_MASK:
            frames.append(len(seen))
        seen.add(offset)
    return frames or [0][: len(seen)], True


def _subfile_type(table: bytes, entry_bytes: int, order: Literal["little", "big"]) -> int:
    value_at = 12 if entry_bytes == 20 else 8
    for at in range(0, len(table), entry_bytes):
        if int.from_bytes(table[at : at + 2], order) == _SUBFILE_TYPE:
            size = 2 if int.from_bytes(table[at + 2 : at + 4], order) == _SHORT else 4
            return int.from_bytes(table[at + value_at : at + value_at + size], order)
    return 0


def _check(page: tifffile.TiffPage, name: str) -> None:
    """Refuse, before anything is decoded, what is too large, cut short or no picture."""
    if page.dtype is None or page.dtype.kind not in "uifb" or page.imagedepth != 1:
        raise BadImage(
            f"{name} holds numbers of a kind that is no picture (complex, packed or a volume): "
            "save it as integers or floating point in two dimensions."
        )
    pixel_bytes = page.samplesperpixel * page.dtype.itemsize
    check_size(name, page.imagelength, page.imagewidth, pixel_bytes)
    if page.is_tiled:
        check_size(name, page.tilelength, page.tilewidth, pixel_bytes)
    size = page.parent.filehandle.size
    segments = zip(page.dataoffsets, page.databytecounts, strict=False)
    if not page.dataoffsets or any(offset + count > size for offset, count in segments):
        raise damaged(name)


def _alpha(page: tifffile.TiffPage) -> int:
    """Return the kind of alpha that the one band beyond the colours is, or 0."""
    extra = page.samplesperpixel - _BASE.get(page.photometric, 1)
    kinds = page.extrasamples
    if extra == 1 and len(kinds) == 1 and kinds[0] in (_PREMULTIPLIED, _STRAIGHT):
        return int(kinds[0])
    return 0


def _is_ordinary(page: tifffile.TiffPage) -> bool:
    """Tell whether Pillow reads the page without losing bits or bands."""
    if page.photometric not in _BASE:
        return False
    base = _BASE[page.photometric]
    kind = (page.sampleformat, page.bitspersample)
    if page.samplesperpixel != base + bool(_alpha(page)):
        return False
    known = {(_UNSIGNED, 8)}
    if base == 1:
        known |= {(_UNSIGNED, bits) for bits in (1, 2, 4)}
    if page.photometric == _MIN_IS_BLACK and page.samplesperpixel == 1:
        known |= {(_UNSIGNED, 16)}
        if page.parent.byteorder == "<":  # Pillow 13 mixes up packed float32 of the other order
            known |= {(_UNSIGNED, 12), (_FLOAT, 32)}
    return kind in known


def _is_plain(page: tifffile.TiffPage) -> bool:
    """Tell whether the numbers in the file are the grey or RGB values, with nothing to look up."""
    plain = page.photometric in (_MIN_IS_BLACK, _RGB) and not _alpha(page)
    return plain and page.dtype in (np.uint8, np.uint16, np.float32)


def _value_range(page: tifffile.TiffPage) -> tuple[float, float] | None:
    bits = page.bitspersample
    return (0.0, 2.0**bits - 1) if 8 < bits < 16 else None


def _deep(stream: IO[bytes], page: tifffile.TiffPage, name: str) -> Decoded:
    pixels = _as_array(stream, page, name)
    if page.samplesperpixel == 1:
        pixels = pixels.reshape(*pixels.shape[:2], 1)
    elif page.planarconfig == 2:
        pixels = np.moveaxis(pixels, 0, 2)
    notes: tuple[str, ...] = ()
    tags = page.tags
    if profile := tags.valueof(_ICC):
        notes += colour.left_out(profile, "RGB" if page.samplesperpixel >= 3 else "L")
    if page.photometric == _MIN_IS_WHITE and pixels.dtype.kind == "u":
        pixels = np.iinfo(pixels.dtype).max - pixels
    alpha = _alpha(page)
    if alpha and pixels.dtype == np.uint16:
        pixels, more = _without_alpha(pixels, alpha)
        notes += more
    if pixels.dtype.itemsize >= 4 and pixels.dtype != np.float32:
        notes += (f"Its values of type {pixels.dtype} are held as float32.",)
    orientation = tags.valueof(_ORIENTATION, default=1)
    if orientation in range(2, 9):
        notes += (colour.TURNED,)
        pixels = colour.upright(pixels, orientation)
    return Decoded(pixels, notes, bands=_bands(page, pixels.shape[2]))


def _bands(page: tifffile.TiffPage, count: int) -> tuple[str, ...] | None:
    if page.photometric == _CMYK and count == 4:
        return ("C", "M", "Y", "K")
    if count == 3 and page.photometric != _RGB:
        return ("band 1", "band 2", "band 3")
    return None


def _as_array(stream: IO[bytes], page: tifffile.TiffPage, name: str) -> npt.NDArray:
    """Return the page's numbers as they lie in the file, in the machine's byte order."""
    if _inflates_too_far(page):
        raise BadImage(
            f"{name} unpacks to far more than its picture needs (a decompression bomb): "
            "save it again with an image editor."
        )
    try:
        if page.compression == _LZMA:  # without imagecodecs it is unpacked without a limit
            raise ValueError("LZMA needs imagecodecs")
        pixels = page.asarray(maxworkers=1)
    except ValueError as error:
        if "imagecodecs" not in str(error):
            raise
        deep_colour = _by_opencv(stream, page)
        if deep_colour is None:
            packing = tifffile.COMPRESSION(page.compression).name
            raise BadImage(
                f"{name} is packed by {packing}, which cannot be read for pixels of this kind: "
                "save it uncompressed or with Deflate (ZIP)."
            ) from error
        pixels = deep_colour
    if pixels.shape != page.shape:
        raise damaged(name)
    return pixels.astype(pixels.dtype.newbyteorder("="), copy=False)


def _by_opencv(stream: IO[bytes], page: tifffile.TiffPage) -> npt.NDArray | None:
    """Return deep RGB or RGBA, whose packing tifffile alone does not know (LZW above all)."""
    plain = page.photometric == _RGB and page.planarconfig == 1 and page.index == 0
    upright = page.tags.valueof(_ORIENTATION, default=1) == 1
    if not (plain and upright and page.samplesperpixel in (3, 4)):
        return None
    stream.seek(0)
    pixels = cv2.imdecode(np.frombuffer(stream.read(), np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != page.dtype or pixels.shape != page.shape:
        return None
    return pixels[:, :, [2, 1, 0, 3][: page.samplesperpixel]]


def _inflates_too_far(page: tifffile.TiffPage) -> bool:
    """Tell whether a segment packed by Deflate would fill the memory when unpacked."""
    if page.compression not in _DEFLATE:
        return False
    file = page.parent.filehandle
    for offset, count in zip(page.dataoffsets, page.databytecounts, strict=False):
        if count * _INFLATION <= MAX_BYTES:
            continue
        file.seek(offset)
        unpacker = zlib.decompressobj()
        unpacked, data = 0, file.read(count)
        while data and unpacked <= MAX_BYTES:
            unpacked += len(unpacker.decompress(data, 1 << 20))
            data = unpacker.unconsumed_tail
        if unpacked > MAX_BYTES:
            return True
    return False


def _without_alpha(pixels: npt.NDArray, alpha: int) -> tuple[npt.NDArray, tuple[str, ...]]:
    colours, opacity = pixels[:, :, :-1], pixels[:, :, -1]
    if opacity.size and opacity.min() == 65535:
        return colours, ()
    if alpha == _STRAIGHT:
        mixed = colour.on_white(colours, opacity)
    else:
        mixed = np.minimum(colours.astype(np.uint32) + (65535 - opacity[:, :, np.newaxis]), 65535)
    return mixed.astype(np.uint16), (colour.ON_WHITE,)
