"""Numbers written into the pixels of an enlarged picture, thousands of them in one go.

Drawing a text is slow, so every distinct text is put together once from the shapes of its
characters; numpy then lays the results out, a cell each, and Qt draws all of them as one image.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QTransform

from visualizer.core.channels import luma
from visualizer.ui.theme import MONO, Theme, blend, luminance, readable_on, reads_dark

Format = Callable[[float], str]
Coverage = npt.NDArray[np.uint8]
Inks = tuple[QColor, QColor]  # on dark cells, on light cells

VALUES_FROM = 12.0  # screen lengths a cell needs to hold its number

_FORMAT = QImage.Format.Format_ARGB32_Premultiplied
_EM = 100  # size at which outlines of characters are taken
_ADVANCE, _CAP = 0.6, 0.73  # of JetBrains Mono, in em: one character's width, a digit's height
_DESCENT = 0.2
_NARROWEST = 0.78  # characters are condensed to this share before they get smaller
_LEAST_ADVANCE = 3.2  # device-independent pixels; narrower digits cannot be told apart
_LEAST_CAP = 6.0  # of three lines in one cell
_TINTS: tuple[float, ...] = (
    1.0,
    0.5,
    0.0,
)  # shares of a channel's own tint: the strongest that can be read is taken
_LEAST_CONTRAST = 3.0  # WCAG's, of large type


@dataclass(frozen=True)
class Type:
    """Sizes of the characters in screen pixels: advance and height of a digit."""

    advance: float
    cap: int

    @classmethod
    def fitting(
        cls, cell: int, longest: int, lines: int, theme: Theme, ratio: float
    ) -> "Type | None":
        """Return the type for `lines` of up to `longest` characters; None when unreadable."""
        advance = (cell - 1.0) * (0.94 if cell < 24 * ratio else 0.86) / longest
        if advance < _LEAST_ADVANCE * ratio:
            return None
        room = cell * (0.62 if lines == 1 else 0.68 / lines)
        largest = theme.px(15) * ratio
        cap = int(min(advance / _ADVANCE / _NARROWEST * _CAP, room, largest))
        if lines > 1 and cap < _LEAST_CAP * ratio:
            return None
        return cls(min(advance, cap / _CAP * _ADVANCE), cap)

    @property
    def descent(self) -> int:
        """Room below the line, for commas and brackets."""
        return int(np.ceil(self.cap / _CAP * _DESCENT))


def paint_values(
    painter: QPainter, corner: QPoint, cell: int, rgb: Coverage, values: npt.NDArray,
    theme: Theme, ratio: float, write: Format,
) -> None:  # fmt: skip
    """Write `values` (R, C, K) into cells of `cell` screen pixels that are coloured `rgb`.

    One channel takes one line. Several take a line each, or, where these do not fit, three are
    summed up by their luma. Nothing is written that would be too small to read.
    """
    for planes in _choices(values):
        size = _common_type(planes, cell, theme, ratio, write)
        if size is None:
            continue
        style, tints = reads_dark(rgb).astype(np.intp), _TINTS[-1:]
        if len(planes) == 3:
            style, tints = style + 2 * _tints(theme, rgb), _TINTS
        pitch = cell / len(planes) * (1 if len(planes) == 1 else 0.86)
        first = (cell - pitch * (len(planes) - 1) - size.cap) / 2
        for number, plane in enumerate(planes):
            offset = QPoint(0, round(first + number * pitch))
            inks = [ink for tint in tints for ink in _inks(theme, number % 3, tint)]
            _paint_line(painter, corner + offset, cell, plane, style, inks, size, write)
        return


def _choices(values: npt.NDArray) -> Iterator[list[npt.NDArray]]:
    """Yield which planes (R, C) to write, one below the other; the next if these do not fit."""
    yield [values[:, :, i] for i in range(values.shape[2])]
    if values.shape[2] == 3:
        known = values.dtype in (np.uint8, np.uint16, np.float32)
        yield [luma(np.ascontiguousarray(values, None if known else np.float32))]


def _common_type(
    planes: list[npt.NDArray], cell: int, theme: Theme, ratio: float, write: Format
) -> "Type | None":
    """Return the type that suits the longest text of all planes; None when unreadable."""
    longest = 1
    for some in (slice(None, None, 97), slice(None)):  # a few tell most of what is too long
        for plane in planes:
            if Type.fitting(cell, longest, len(planes), theme, ratio) is None:
                return None
            distinct = np.unique(plane.ravel()[some]).tolist()
            longest = max(longest, *(len(write(value)) for value in distinct))
    return Type.fitting(cell, longest, len(planes), theme, ratio)


def _tints(theme: Theme, rgb: Coverage) -> npt.NDArray[np.intp]:
    """Return for each cell (R, C) the first of `_TINTS` in which all three channels read well."""
    on_light, light = reads_dark(rgb).astype(np.intp), luminance(rgb) + 0.05
    found = np.full(light.shape, len(_TINTS) - 1)
    for place in reversed(range(len(_TINTS) - 1)):
        legible = np.ones(light.shape, bool)
        for channel in range(3):
            inks = _inks(theme, channel, _TINTS[place])
            colours = np.array([(ink.red(), ink.green(), ink.blue()) for ink in inks])
            text = luminance(colours)[on_light] + 0.05
            legible &= np.maximum(text, light) >= _LEAST_CONTRAST * np.minimum(text, light)
        found[legible] = place
    return found


def _inks(theme: Theme, channel: int, share: float) -> Inks:
    """Return the colours of text on dark and on light cells, with a share of a channel's tint."""
    plain = readable_on(QColor("black")), readable_on(QColor("white"))
    hue = theme.color(("red", "green", "blue")[channel]).hsvHueF()
    tint = QColor.fromHsvF(hue, 1.0, 1.0)
    return blend(plain[0], tint, 0.45 * share), blend(plain[1], tint, 0.36 * share)


def _paint_line(
    painter: QPainter, corner: QPoint, cell: int, plane: npt.NDArray,
    style: npt.NDArray[np.intp], inks: list[QColor], size: Type, write: Format,
) -> None:  # fmt: skip
    """Write one number into every cell, in the ink that its style names, a row at a time."""
    distinct, which = np.unique(plane, return_inverse=True)
    coverage, left = _coverage([write(value) for value in distinct.tolist()], cell, size)
    count = len(inks)
    pairs, index = np.unique(which.reshape(plane.shape) * count + style, return_inverse=True)
    colours = np.array([shades(ink) for ink in inks])  # (count, 256)
    tiles = colours[(pairs % count)[:, np.newaxis, np.newaxis], coverage[pairs // count]]
    band = np.zeros((tiles.shape[1], plane.shape[1], cell), np.uint32)
    image = QImage(band.data, band.shape[1] * cell, len(band), band.strides[0], _FORMAT)
    for number, row in enumerate(index.reshape(plane.shape)):
        band[:, :, left : left + tiles.shape[2]] = tiles[row].transpose(1, 0, 2)
        painter.drawImage(corner + QPoint(0, number * cell), image)


def _coverage(texts: list[str], cell: int, size: Type) -> tuple[Coverage, int]:
    """Return (texts, height, width), how much of each pixel the texts cover, and their left.

    The texts are centred in cells of `cell` pixels; the tiles are as wide as the longest.
    """
    longest = max(1, *map(len, texts))
    codes = np.array(texts, dtype=f"U{longest}").view(np.uint32).reshape(len(texts), longest)
    lengths = np.count_nonzero(codes, axis=1)
    left = max(int((cell - size.advance * longest) / 2), 0)
    tiles = np.zeros((len(texts), size.cap + size.descent, cell - 2 * left), np.uint8)
    for length in np.unique(lengths):
        same = np.flatnonzero(lengths == length)
        block = np.zeros((len(same), *tiles.shape[1:]), np.uint8)
        start = (cell - size.advance * length) / 2 - left
        for place in range(length):
            x = start + place * size.advance
            first = max(int(x), 0)
            used, which = np.unique(codes[same, place], return_inverse=True)
            glyphs = np.stack([_glyph(chr(c), size, round((x - first) * 4) / 4) for c in used])
            space = block[:, :, first : first + glyphs.shape[2]]
            np.maximum(space, glyphs[which, :, : space.shape[2]], out=space)
        tiles[same] = block
    return tiles, left


@lru_cache(maxsize=1024)
def _glyph(character: str, size: Type, phase: float) -> Coverage:
    """Return (height, width) coverage of a character that starts `phase` pixels from the left."""
    font = QFont(MONO)
    font.setPixelSize(_EM)
    path = QPainterPath()
    path.addText(QPointF(0, 0), font, character)
    width, height = int(np.ceil(size.advance)) + 2, size.cap + size.descent
    image = QImage(width, height, QImage.Format.Format_Grayscale8)
    image.fill(0)
    scale = QTransform.fromScale(size.advance / (_ADVANCE * _EM), size.cap / (_CAP * _EM))
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(phase, size.cap)
        painter.fillPath(scale.map(path), Qt.GlobalColor.white)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
    return rows[:, :width].copy()


def shades(ink: QColor) -> npt.NDArray[np.uint32]:
    """Return an ink at every opacity 0–255 as premultiplied 0xAARRGGBB, (256,)."""
    alpha = np.arange(256)
    red, green, blue = (alpha * c // 255 for c in (ink.red(), ink.green(), ink.blue()))
    return (alpha << 24 | red << 16 | green << 8 | blue).astype(np.uint32)
