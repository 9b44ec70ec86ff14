"""Cells with numbers in them: where they stand, how they are coloured, how they are painted.

Shared by the number grid, the kernel editor and the arithmetic strip. Digits are monospaced, so
the width of a text is its length times one advance: nothing is measured while painting.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen

from visualizer.core.numbers import format_number
from visualizer.ui.theme import Theme, readable_on

Style = Literal["grey", "signed", "plain"]
_ADVANCE = 0.6  # of JetBrains Mono, in em


@dataclass(frozen=True)
class Lattice:
    """Where the cells of a grid stand, in device-independent pixels."""

    rows: int
    columns: int
    left: float
    top: float
    cell_width: float
    cell_height: float
    gap: float

    @property
    def bounds(self) -> QRectF:
        """The rectangle around all cells."""
        width = self.columns * (self.cell_width + self.gap) - self.gap
        height = self.rows * (self.cell_height + self.gap) - self.gap
        return QRectF(self.left, self.top, width, height)

    def rect(self, row: int, column: int) -> QRectF:
        """Return the cell's rectangle."""
        return QRectF(
            self.left + column * (self.cell_width + self.gap),
            self.top + row * (self.cell_height + self.gap),
            self.cell_width,
            self.cell_height,
        )

    def at(self, point: QPointF) -> tuple[int, int] | None:
        """Return the row and column under `point`; half of a gap belongs to either neighbour."""
        column = (point.x() - self.left + self.gap / 2) / (self.cell_width + self.gap)
        row = (point.y() - self.top + self.gap / 2) / (self.cell_height + self.gap)
        if 0 <= row < self.rows and 0 <= column < self.columns:
            return int(row), int(column)
        return None


@dataclass(frozen=True)
class Cell:
    """How one cell looks."""

    text: str
    fill: QColor
    ink: QColor
    padding: bool = False
    edge: bool = False  # a thin line around it, because it has the colour of what is behind


def fitting_size(longest: int, width: float, preferred: float, smallest: float) -> float:
    """Return the type size in px at which `longest` digits fit into `width`, within the limits."""
    return max(smallest, min(preferred, width / (_ADVANCE * max(longest, 1))))


def text_width(letters: int, size: float) -> float:
    """Return how wide so many digits are at a type size, both in px."""
    return letters * _ADVANCE * size


def compact_texts(values: npt.ArrayLike, room: int, digits: int = 3) -> list[list[str]]:
    """Return every number of (R, C) `values`, with fewer digits where `room` letters are too few.

    The tightest ways of writing it are ".01", "5e-4" and, from 10 on, whole numbers; a number that
    does not even fit so is "…".
    """
    return [[_compact(float(v), room, digits) for v in row] for row in np.asarray(values)]


@lru_cache(maxsize=4096)
def _compact(value: float, room: int, digits: int) -> str:
    texts = [format_number(value, digits=count) for count in range(digits, 0, -1)]
    if np.isfinite(value):
        texts = [short for text in texts for short in (text, text.replace("0.", ".", 1))]
        mantissa, exponent = f"{value:.0e}".split("e")
        texts.append(f"{round(value)}" if abs(value) >= 10 else f"{mantissa}e{int(exponent)}")
    return next((text for text in texts if len(text) <= room), "…")


def number_cell(
    theme: Theme, value: float, text: str, style: Style, low: float, high: float
) -> Cell:
    """Return the look of a number: a grey between `low` and `high`, or signed, full at `high`."""
    if not np.isfinite(value):
        fill = theme.color("invalid")
        return Cell(text, fill, readable_on(fill))
    if style == "grey":
        share = min(max((value - low) / (high - low), 0.0), 1.0) if high > low else 0.5
        fill = grey(share)
        edge = abs(fill.lightnessF() - theme.color("card").lightnessF()) < 0.04
        return Cell(text, fill, readable_on(fill), edge=edge)
    fill = theme.signed_color(value, high) if style == "signed" else theme.color("field")
    return Cell(text, fill, readable_on(fill))


def padding_cell(theme: Theme, text: str) -> Cell:
    """Return the look of a cell outside the image."""
    return Cell(text, theme.color("card"), theme.color("muted"), padding=True)


def folded_cell(theme: Theme, text: str) -> Cell:
    """Return the look of a place that stands for several cells."""
    return Cell(text, theme.color("card"), theme.color("muted"))


def grey(share: float) -> QColor:
    """Return the grey of a pixel, 0 black to 1 white."""
    level = round(255 * share)
    return QColor(level, level, level)


def radius(theme: Theme, rect: QRectF) -> float:
    """Return how round a cell's corners are."""
    return min(theme.px(4), rect.height() / 5)


def paint_cell(painter: QPainter, theme: Theme, rect: QRectF, cell: Cell) -> None:
    """Paint one cell. The painter's font is set by the caller, once for many cells."""
    rounding = radius(theme, rect)
    if cell.padding:
        pen = QPen(theme.color("faint"), 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(QBrush(theme.color("border"), Qt.BrushStyle.BDiagPattern))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), rounding, rounding)
    else:
        painter.setBrush(cell.fill)
        if cell.edge:
            painter.setPen(theme.color("border"))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), rounding, rounding)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(rect, rounding, rounding)
    if cell.text:
        painter.setPen(cell.ink)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, cell.text)


def paint_outline(
    painter: QPainter, theme: Theme, rect: QRectF, role: str = "here", width: float = 2
) -> None:
    """Paint the line around a cell that is pointed at, selected or invalid."""
    stroke = theme.px(width)
    rounding = radius(theme, rect) + stroke / 2
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color(role), stroke))
    painter.drawRoundedRect(
        rect.adjusted(-stroke / 2, -stroke / 2, stroke / 2, stroke / 2), rounding, rounding
    )


def digits_font(theme: Theme, size: float) -> QFont:
    """Return the font for numbers at `size` px."""
    font = theme.font("number")
    font.setPixelSize(max(1, int(size)))
    return font


def longest(texts: Iterable[Iterable[str]]) -> int:
    """Return the length of the longest text."""
    return max((len(text) for row in texts for text in row), default=0)


def caption_height(theme: Theme) -> float:
    """Return the room a caption needs under a grid."""
    return QFontMetricsF(theme.font("caption")).height() + theme.px(6)


def spoken(texts: Iterable[Iterable[str]]) -> str:
    """Return the numbers row by row, for assistive technology."""
    return "; ".join(" ".join(row) for row in texts)
