"""Numbers written into the pixels of an enlarged picture, thousands of them in one go.

Drawing a text is slow, so every distinct text is put together once from the shapes of its
characters; numpy then lays the results out, a cell each, and Qt draws all of them as one image.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QTransform

from visualizer.core.channels import luma
from visualizer.ui.theme import MONO, Theme, blend, readable_on, reads_dark

Format = Callable[[float], str]
Coverage = npt.NDArray[np.uint8]

_EM = 100  # size at which outlines of characters are taken
_ADVANCE, _CAP = 0.6, 0.73  # of JetBrains Mono, in em: one character's width, a digit's height
_DESCENT = 0.2
_NARROWEST = 0.78  # characters are condensed to this share before they get smaller
_LEAST_ADVANCE = 3.2  # device-independent pixels; narrower digits cannot be told apart
_LEAST_CAP = 6.0  # of three lines in one cell


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
        room = cell * (0.62 if lines == 1 else 0.8 / lines)
        largest = theme.px(15) * ratio
        cap = int(min(advance / _ADVANCE / _NARROWEST * _CAP, room, largest))
        if lines > 1 and cap < _LEAST_CAP * ratio:
            return None
        return cls(min(advance, cap / _CAP * _ADVANCE), cap)

    @property
    def descent(self) -> int:
        """Room below the line, for commas and brackets."""
        return int(np.ceil(self.cap / _CAP * _DESCENT))


@dataclass(frozen=True, eq=False)
class Line:
    """One line of text in every cell.

    Attributes:
        texts: the distinct texts.
        index: (rows, columns) which text each cell shows.
        inks: the colours on dark and on light cells.
    """

    texts: list[str]
    index: npt.NDArray[np.intp]
    inks: tuple[QColor, QColor]


def paint_values(
    painter: QPainter, corner: QPoint, cell: int, rgb: Coverage, values: npt.NDArray,
    theme: Theme, ratio: float, write: Format,
) -> None:  # fmt: skip
    """Write `values` (R, C, K) into cells of `cell` screen pixels that are coloured `rgb`.

    One channel takes one line. Several take a line each, or, where these do not fit, three are
    summed up by their luma. Nothing is written that would be too small to read.
    """
    for lines in _choices(values, theme, write):
        longest = max(len(text) for line in lines for text in line.texts)
        fitted = Type.fitting(cell, longest, len(lines), theme, ratio)
        if fitted:
            layer = _layer(lines, reads_dark(rgb), cell, fitted)
            painter.drawImage(corner, layer)
            return


def _choices(values: npt.NDArray, theme: Theme, write: Format) -> list[list[Line]]:
    """Return what could be written, best first."""
    plain = (readable_on(QColor("black")), readable_on(QColor("white")))
    channels = values.shape[2]
    if channels == 1:
        return [[_line(values[:, :, 0], plain, write)]]
    inks = [plain] * channels
    if channels == 3:
        inks = [
            (blend(plain[0], theme.color(name), 0.5), blend(plain[1], theme.color(name), 0.5))
            for name in ("red", "green", "blue")
        ]
    all_lines = [_line(values[:, :, i], inks[i], write) for i in range(channels)]
    if channels != 3:
        return [all_lines]
    return [all_lines, [_line(luma(np.ascontiguousarray(values)), plain, write)]]


def _line(values: npt.NDArray, inks: tuple[QColor, QColor], write: Format) -> Line:
    distinct, index = np.unique(values, return_inverse=True)
    return Line([write(v) for v in distinct.tolist()], index.reshape(values.shape), inks)


def _layer(lines: list[Line], on_light: npt.NDArray[np.bool_], cell: int, size: Type) -> QImage:
    """Return a transparent image of all cells' texts."""
    rows, columns = on_light.shape
    pixels = np.zeros((rows, cell, columns, cell), np.uint32)
    pitch = cell / len(lines) * (1 if len(lines) == 1 else 0.94)
    first = (cell - pitch * (len(lines) - 1) - size.cap) / 2
    for number, line in enumerate(lines):
        tiles, index = _tiles(line, on_light, cell, size)
        top = round(first + number * pitch)
        height = min(tiles.shape[1], cell - top)
        pixels[:, top : top + height] = tiles[index, :height].transpose(0, 2, 1, 3)
    return QImage(
        pixels.data, columns * cell, rows * cell, columns * cell * 4,
        QImage.Format.Format_ARGB32_Premultiplied,
    )  # fmt: skip


def _tiles(
    line: Line, on_light: npt.NDArray[np.bool_], cell: int, size: Type
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.intp]]:
    """Return a coloured tile for every text in either ink that occurs, and each cell's tile."""
    wanted = line.index * 2 + on_light
    pairs, index = np.unique(wanted, return_inverse=True)
    coverage = _coverage(line.texts, cell, size)
    inks = np.array([_shades(ink) for ink in line.inks])  # (2, 256)
    tiles = inks[(pairs % 2)[:, np.newaxis, np.newaxis], coverage[pairs // 2]]
    return tiles, index.reshape(wanted.shape)


def _coverage(texts: list[str], cell: int, size: Type) -> Coverage:
    """Return (texts, height, cell): how much of each pixel the centred texts cover."""
    longest = max(map(len, texts))
    codes = np.array(texts, dtype=f"U{longest}").view(np.uint32).reshape(len(texts), longest)
    lengths = np.count_nonzero(codes, axis=1)
    tiles = np.zeros((len(texts), size.cap + size.descent, cell), np.uint8)
    for length in np.unique(lengths):
        same = np.flatnonzero(lengths == length)
        for place in range(length):
            x = (cell - size.advance * length) / 2 + place * size.advance
            left = max(int(x), 0)
            used, which = np.unique(codes[same, place], return_inverse=True)
            glyphs = np.stack([_glyph(chr(c), size, round((x - left) * 4) / 4) for c in used])
            right = min(left + glyphs.shape[2], cell)
            space = tiles[same, :, left:right]
            tiles[same, :, left:right] = np.maximum(space, glyphs[which, :, : right - left])
    return tiles


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


def _shades(ink: QColor) -> npt.NDArray[np.uint32]:
    """Return premultiplied colours of an ink for every coverage, (256,)."""
    alpha = np.arange(256)
    red, green, blue = (alpha * c // 255 for c in (ink.red(), ink.green(), ink.blue()))
    return (alpha << 24 | red << 16 | green << 8 | blue).astype(np.uint32)
