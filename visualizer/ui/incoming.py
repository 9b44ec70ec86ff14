"""What a drop or the clipboard holds: files, an encoded picture, a bitmap, a grid of numbers.

Nothing is ever fetched from the network: of a picture dragged out of a browser the data that came
along is used, never its address.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage

from visualizer.core import reader
from visualizer.core.image import Image
from visualizer.core.numbers import parse_grid

Way = Literal["dropped", "pasted"]

# In this order: the file itself, as Chromium drags it along; then lossless and complete ones first.
_ENCODED = (
    "application/octet-stream",
    "image/png", "image/tiff", "image/webp", "image/avif", "image/jpeg", "image/jp2",
    "image/gif", "image/bmp", "image/x-portable-pixmap",
)  # fmt: skip
_SHOWN_IMAGE = re.compile(r"""<img\b[^>]*?\bsrc\s*=\s*["']([^"']+)""", re.IGNORECASE)
_LONG = 1 << 14  # characters: longer ones take more than a frame to read
_LONGEST = 1 << 23


@dataclass(frozen=True)
class Files:
    """Files and folders by their paths."""

    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Encoded:
    """The bytes of a picture in a file format, and what to call it."""

    data: bytes
    name: str


@dataclass(frozen=True, eq=False)
class Bitmap:
    """A picture that Qt has decoded, and what to call it."""

    image: QImage
    name: str


@dataclass(frozen=True, eq=False)
class Grid:
    """Numbers (H, W), as copied from a spreadsheet."""

    values: npt.NDArray[np.float64]


@dataclass(frozen=True)
class LongText:
    """A long text that begins like a grid of numbers: `numbers` reads it, off the GUI thread."""

    text: str


@dataclass(frozen=True)
class Refusal:
    """Nothing that can be used, and why, in one sentence."""

    reason: str


Incoming = Files | Encoded | Bitmap | Grid | LongText | Refusal


def promising(mime: QMimeData) -> bool:
    """Return whether a drag may hold something to open, without asking for its data."""
    return mime.hasUrls() or mime.hasImage() or mime.hasText() or bool(_encoded_formats(mime))


def unpack(mime: QMimeData, way: Way) -> Incoming:
    """Return what `mime` holds; the most faithful form where there are several.

    Numbers go before a picture: a spreadsheet copies its cells as text and as a drawing of them.
    """
    urls = mime.urls()
    paths = tuple(Path(url.toLocalFile()) for url in urls if url.isLocalFile())
    if paths:
        return Files(paths)
    text = mime.text() if mime.hasText() else ""
    grid = _numbers_at_hand(text)
    if not isinstance(grid, Refusal):
        return grid
    urls = _shown_images(mime) + urls
    remote = next((url for url in urls if url.scheme() != "data"), QUrl())
    name = remote.fileName() or f"{way} picture"
    for kind in _encoded_formats(mime):
        if data := bytes(mime.data(kind).data()):  # Firefox promises formats that it cannot give
            return Encoded(data, name)
    if mime.hasImage() and not (image := QImage(mime.imageData())).isNull():
        return Bitmap(image, name)
    for url in urls:
        if url.scheme() == "data":
            return _from_data_url(url, name)
    if remote.isValid() or QUrl(text.strip()).scheme() in ("http", "https", "ftp"):
        return Refusal(
            f"Only a web address was {way}, and nothing is fetched from the network: save the "
            "picture and open the file, or copy the picture itself and paste it here."
        )
    return grid


def from_bitmap(image: QImage, name: str) -> Image:
    """Return the Image of a QImage: grey stays grey, colour becomes RGB, alpha lies on white."""
    if image.format() == QImage.Format.Format_Grayscale16:
        return Image.from_array(_array(image, np.uint16, 1), name)
    if image.isGrayscale() and not image.hasAlphaChannel():
        return Image.from_array(
            _array(image.convertToFormat(QImage.Format.Format_Grayscale8), np.uint8, 1), name
        )
    if not image.hasAlphaChannel():
        return Image.from_array(
            _array(image.convertToFormat(QImage.Format.Format_RGB888), np.uint8, 3), name
        )
    rgba = _array(image.convertToFormat(QImage.Format.Format_RGBA8888_Premultiplied), np.uint8, 4)
    pixels = rgba[:, :, :3] + (255 - rgba[:, :, 3:])
    notes = () if rgba[:, :, 3].min() == 255 else ("Transparent parts lie on white.",)
    return Image.from_array(pixels, name, notes=notes)


def picture_of(incoming: Incoming) -> Image:
    """Return the first picture of what came in; it is read here. Raises BadImage."""
    match incoming:
        case Files():
            return reader.read(incoming.paths[0])
        case Encoded():
            return reader.read_bytes(incoming.data, incoming.name)
        case Bitmap():
            return from_bitmap(incoming.image, incoming.name)
        case Grid():
            height, width = incoming.values.shape
            return Image.from_array(incoming.values, f"numbers {height} × {width}")
        case LongText():
            return picture_of(numbers(incoming.text))
        case Refusal():
            raise reader.BadImage(incoming.reason)


def _encoded_formats(mime: QMimeData) -> list[str]:
    return [kind for kind in _ENCODED if mime.hasFormat(kind)]


def _shown_images(mime: QMimeData) -> list[QUrl]:
    """Return the address of the image itself; the other one may be of what it is a link to."""
    shown = _SHOWN_IMAGE.search(mime.html()) if mime.hasHtml() else None
    return [QUrl(unescape(shown[1]))] if shown else []


def numbers(text: str) -> Grid | Refusal:
    """Read a text as a grid of numbers."""
    if not text.strip():
        return Refusal(
            "There is no picture in it: use a picture file, a copied picture or a grid of numbers."
        )
    if len(text) > _LONGEST:
        return Refusal(
            f"The text is too long for a grid of numbers (over {_LONGEST:,} characters): "
            "take a smaller block."
        )
    try:
        return Grid(parse_grid(text))
    except ValueError as error:
        return Refusal(f"The text is not a grid of numbers. {error}")


def _numbers_at_hand(text: str) -> Grid | LongText | Refusal:
    if _LONG < len(text) <= _LONGEST:
        beginning = numbers(text.lstrip()[:_LONG].partition("\n")[0])
        return LongText(text) if isinstance(beginning, Grid) else beginning
    return numbers(text)


def _from_data_url(url: QUrl, name: str) -> Incoming:
    head, _, payload = url.path(QUrl.ComponentFormattingOption.FullyDecoded).partition(",")
    if head.endswith(";base64"):
        try:
            return Encoded(base64.b64decode(payload, validate=True), name)
        except binascii.Error:
            return Refusal("The picture in the dropped address is damaged: save it as a file.")
    return Refusal("The dropped address holds no picture data: save the picture as a file.")


def _array(image: QImage, dtype: type, channels: int) -> npt.NDArray:
    """Return (H, W, channels), copied out of the QImage's padded lines."""
    size = np.dtype(dtype).itemsize
    lines: npt.NDArray = np.frombuffer(image.constBits(), dtype).reshape(
        image.height(), image.bytesPerLine() // size
    )
    used = lines[:, : image.width() * channels]
    return used.reshape(image.height(), image.width(), channels).copy()
