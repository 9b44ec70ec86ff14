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
from visualizer.ui.theme import Theme, blend, readable_on

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


def fitting_size(longest: int, width: float, preferred: float, smallest: float) -> float:
    """Return the type size in px at which `longest` digits fit into `width`, within the limits."""
    return max(smallest, min(preferred, width / (_ADVANCE * max(longest, 1))))


def compact_texts(values: npt.ArrayLike, room: int, digits: int = 3) -> list[list[str]]:
    """Return every number of (R, C) `values`, with fewer digits where `room` letters are too few.

    A number that does not fit with one digit loses its leading zero (".01"), then becomes "…".
    """
    return [[_compact(float(v), room, digits) for v in row] for row in np.asarray(values)]


@lru_cache(maxsize=4096)
def _compact(value: float, room: int, digits: int) -> str:
    text = ""
    for count in range(digits, 0, -1):
        text = format_number(value, digits=count)
        if len(text) <= room:
            return text
    short = text.replace("0.", ".", 1) if abs(value) < 1 else text
    return short if len(short) <= room else "…"


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
    elif style == "signed":
        fill = theme.signed_color(value, high)
    else:
        fill = theme.color("field")
    return Cell(text, fill, readable_on(fill))


def padding_cell(theme: Theme, text: str) -> Cell:
    """Return the look of a cell outside the image."""
    return Cell(text, theme.color("card"), theme.color("muted"), padding=True)


@lru_cache(maxsize=512)
def _grey(level: int) -> QColor:
    return QColor(level, level, level)


def grey(share: float) -> QColor:
    """Return the grey of a pixel, 0 black to 1 white."""
    return _grey(round(255 * share))


def paint_cell(painter: QPainter, theme: Theme, rect: QRectF, cell: Cell) -> None:
    """Paint one cell. The painter's font is set by the caller, once for many cells."""
    radius = min(theme.px(4), rect.height() / 5)
    if cell.padding:
        pen = QPen(theme.color("faint"), 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(QBrush(theme.color("border"), Qt.BrushStyle.BDiagPattern))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(cell.fill)
        painter.drawRoundedRect(rect, radius, radius)
    if cell.text:
        painter.setPen(cell.ink)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, cell.text)


def paint_outline(
    painter: QPainter, theme: Theme, rect: QRectF, role: str = "here", width: float = 2
) -> None:
    """Paint the line around a cell that is pointed at, selected or invalid."""
    stroke = theme.px(width)
    radius = min(theme.px(4), rect.height() / 5) + stroke / 2
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.color(role), stroke))
    painter.drawRoundedRect(
        rect.adjusted(-stroke / 2, -stroke / 2, stroke / 2, stroke / 2), radius, radius
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


__all__ = [
    "Cell", "Lattice", "Style", "blend", "caption_height", "compact_texts", "digits_font",
    "fitting_size", "grey", "longest", "number_cell", "padding_cell", "paint_cell",
    "paint_outline", "spoken",
]  # fmt: skip
