"""The corpus: pictures in every format and mode, made here; and torch to compare with."""

import io
import struct
import zlib
from collections.abc import Callable

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow


@pytest.fixture(scope="session")
def picture() -> np.ndarray:
    """RGB (23, 31, 3) uint8; no turn or mirror image of it equals another."""
    rows, columns = np.mgrid[0:23, 0:31]
    return np.stack([rows * 11, columns * 8, 255 - rows * 5 - columns * 4], axis=-1).astype(
        np.uint8
    )


@pytest.fixture(scope="session")
def encode() -> Callable[..., bytes]:
    """Encode an array or a Pillow image by Pillow: encode(picture, "PNG", exif=…)."""

    def encode(picture, kind: str, mode: str | None = None, **options) -> bytes:
        image = picture if isinstance(picture, Pillow.Image) else Pillow.fromarray(picture)
        stream = io.BytesIO()
        (image.convert(mode) if mode else image).save(stream, kind, **options)
        return stream.getvalue()

    return encode


@pytest.fixture(scope="session")
def encode_tiff() -> Callable[..., bytes]:
    """Encode an array by tifffile, with its options."""

    def encode(array: np.ndarray, **options) -> bytes:
        stream = io.BytesIO()
        tifffile.imwrite(stream, array, metadata=None, **options)
        return stream.getvalue()

    return encode


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def _png(height: int, width: int, depth: int, colours: int, packed: bytes, *extra: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    chunks = [_chunk(b"IHDR", header), *extra, _chunk(b"IDAT", packed), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.fixture(scope="session")
def png_chunk() -> Callable[[bytes, bytes], bytes]:
    """Make one chunk of a PNG, checksum and all."""
    return _chunk


@pytest.fixture(scope="session")
def png() -> Callable[..., bytes]:
    """Make a PNG by hand: png(height, width, bit depth, colour type, IDAT, *other chunks)."""
    return _png


@pytest.fixture(scope="session")
def deep_png() -> Callable[..., bytes]:
    """Encode uint16 (H, W, 1 grey, 2 grey and alpha, 3 RGB or 4 RGBA) as a 16-bit PNG."""

    def encode(pixels: np.ndarray, *extra: bytes) -> bytes:
        height, width, channels = pixels.shape
        lines = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
        colours = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
        return _png(height, width, 16, colours, zlib.compress(lines), *extra)

    return encode


@pytest.fixture(scope="session")
def animation(picture) -> bytes:
    """A GIF of five frames, each of one grey on the picture's size: 0, 50, 100, 150, 200."""
    frames = [Pillow.new("L", picture.shape[1::-1], 50 * i) for i in range(5)]
    noise = np.random.default_rng(1).integers(0, 256, picture.shape[:2], dtype=np.uint8)
    for frame in frames:  # so that no frame is a handful of bytes, and cuts fall into its data
        frame.paste(Pillow.fromarray(noise[:10]), (0, 13))
    stream = io.BytesIO()
    frames[0].save(stream, "GIF", save_all=True, append_images=frames[1:], duration=50)
    return stream.getvalue()


@pytest.fixture(scope="session")
def valid_files(picture, encode, encode_tiff, deep_png, animation) -> dict[str, bytes]:
    """One valid file of every kind, by its name."""
    deep = picture.astype(np.uint16) * 257
    real = (picture / 255).astype(np.float32)
    exif = Pillow.Exif()
    exif[0x0112] = 6
    bands = np.concatenate([deep, deep[:, :, :2]], axis=2)
    _, lzw = cv2.imencode(".tiff", deep)
    return {
        "rgb.png": encode(picture, "PNG", exif=exif),
        "palette.png": encode(picture, "PNG", mode="P"),
        "deep.png": deep_png(deep),
        "deep_grey.png": deep_png(deep[:, :, :1]),
        "turned.jpg": encode(picture, "JPEG", exif=exif),
        "progressive.jpg": encode(picture, "JPEG", progressive=True),
        "cmyk.jpg": encode(picture, "JPEG", mode="CMYK"),
        "lossless.webp": encode(picture, "WEBP", lossless=True, exif=exif),
        "lossy.webp": encode(picture, "WEBP"),
        "rgb.bmp": encode(picture, "BMP"),
        "animation.gif": animation,
        "rgb.tif": encode(picture, "TIFF"),
        "lzw.tif": encode(picture, "TIFF", compression="tiff_lzw"),
        "jpeg.tif": encode(picture, "TIFF", compression="jpeg"),
        "deep_lzw.tif": lzw.tobytes(),
        "float.tif": encode_tiff(real, photometric="rgb"),
        "bands.tif": encode_tiff(bands, photometric="minisblack", planarconfig="contig"),
        "planar.tif": encode_tiff(
            np.moveaxis(bands, 2, 0),
            photometric="minisblack",
            planarconfig="separate",
            compression="zlib",
        ),
        "rgb.ppm": encode(picture, "PPM"),
        "real.pfm": b"PF\n31 23\n-1\n" + real[::-1].astype("<f4").tobytes(),
        "rgb.avif": encode(picture, "AVIF"),
        "rgb.jp2": encode(picture, "JPEG2000"),
        "rgb.j2k": encode(picture, "JPEG2000", no_jp2=True),
    }


@pytest.fixture(scope="session")
def torch_map() -> Callable[..., np.ndarray]:
    """Filter (H, W, C) by torch in float64: torch_map(pixels, weights, geometry, …)."""
    import torch
    import torch.nn.functional as F  # noqa: N812

    modes = {"zero": "constant", "replicate": "replicate", "reflect": "reflect", "wrap": "circular"}

    def torch_map(pixels, weights, geometry, bias=0.0, across=False, flip=False) -> np.ndarray:
        x = torch.tensor(pixels.astype(np.float64)).permute(2, 0, 1)[None]
        pad = geometry.padding
        amounts = (pad.left, pad.right, pad.top, pad.bottom)
        if any(amounts):
            x = F.pad(x, amounts, mode=modes[geometry.border])
        weight = torch.tensor(weights).expand(x.shape[1], -1, -1)
        weight = weight.flip(-2, -1) if flip else weight
        steps = {"stride": geometry.stride, "dilation": geometry.dilation}
        if across:
            y = F.conv2d(x, weight[None], **steps)
        else:
            y = F.conv2d(x, weight[:, None], **steps, groups=x.shape[1])
        return (y + bias)[0].permute(1, 2, 0).numpy()

    return torch_map
