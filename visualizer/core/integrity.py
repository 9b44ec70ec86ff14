"""Checks that decoders leave out, so that a file cut short is never shown with a made-up rest."""

import zlib
from typing import IO

from visualizer.core.bad_image import damaged

_END_OF_IMAGE = b"\xff\xd9"  # ends a JPEG (ITU-T T.81) and a JPEG 2000 codestream (T.800)


def check(stream: IO[bytes], kind: str, name: str) -> None:
    """Raise BadImage when a file of this format is visibly incomplete; rewinds the stream.

    Every chunk of a PNG must have its checksum; a JPEG and a JPEG 2000 must have their end
    marker. The decoders themselves are strict with the other formats.
    """
    stream.seek(0)
    whole = True
    if kind == "PNG":
        whole = _png_is_whole(stream)
    elif kind == "JPEG":
        data = stream.read()
        start_of_scan = data.find(b"\xff\xda")
        whole = data.rfind(_END_OF_IMAGE) > start_of_scan >= 0
    elif kind == "JPEG2000":
        whole = _codestream(stream.read()).endswith(_END_OF_IMAGE)
    stream.seek(0)
    if not whole:
        raise damaged(name)


def _png_is_whole(stream: IO[bytes]) -> bool:
    stream.seek(8)
    while True:
        head = stream.read(8)
        size = int.from_bytes(head[:4], "big")
        data = stream.read(size)
        checksum = stream.read(4)
        if len(data) < size or checksum != zlib.crc32(data, zlib.crc32(head[4:])).to_bytes(
            4, "big"
        ):
            return False
        if head[4:] == b"IEND":
            return True


def _codestream(data: bytes) -> bytes:
    """Return what the boxes of a JP2 file (ISO 15444-1, annex I) are laid around; b"" if cut."""
    if data.startswith(b"\xff\x4f"):
        return data
    at = 0
    while at + 16 <= len(data):
        size, head = int.from_bytes(data[at : at + 4], "big"), 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        end = at + size if size else len(data)
        if data[at + 4 : at + 8] == b"jp2c":
            return data[at + head : end] if end <= len(data) else b""
        at = max(end, at + head)
    return b""


def whole_gif_frames(stream: IO[bytes]) -> tuple[int, bool]:
    """Return how many frames of a GIF are all there, and whether the file is; rewinds the stream.

    Walks the blocks as the GIF89a specification lays them out, and decodes nothing.
    """
    stream.seek(10)
    flags, *_ = stream.read(3)
    stream.seek(_table_bytes(flags), 1)
    frames = 0
    while (block := stream.read(1)) in (b"!", b","):
        if block == b"!":
            stream.seek(1, 1)
        else:
            descriptor = stream.read(9)
            if len(descriptor) < 9:
                break
            stream.seek(_table_bytes(descriptor[8]) + 1, 1)
        if not _skip_data(stream):
            break
        frames += block == b","
    stream.seek(0)
    return frames, block == b";"


def _table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_data(stream: IO[bytes]) -> bool:
    """Move past a chain of data blocks; return whether its end was there."""
    while size := stream.read(1):
        if size == b"\0":
            return True
        stream.seek(size[0], 1)
    return False
