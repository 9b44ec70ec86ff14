"""A small plot of a few curves: hand-painted, to be redrawn at every stroke."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.core.numbers import format_share
from visualizer.ui.theme import Theme

_LEFT, _BELOW, _LEAST = 42, 18, 60  # px at scale 1
_DOT, _SMALLEST_DOT, _LARGEST_DOT = 2.5, 2, 8


@dataclass(frozen=True, eq=False)
class Line:
    """One curve; where a number is NaN there is a gap.

    Attributes:
        xs, ys: its points.
        role: of its colour.
        dots: whether the points are marked.
        weights: of the dots, whose areas they are; None where all are alike.
    """

    xs: npt.NDArray
    ys: npt.NDArray
    role: str
    dots: bool = False
    weights: npt.NDArray | None = None


class LinePlot(QWidget):
    """Paints curves between given ends, with a title and numbers at the ends."""

    def __init__(self, theme: Theme, title: str, ends: tuple[float, float], unit: str = "") -> None:
        """`ends` are those of the horizontal axis; the vertical one goes from 0 to 1."""
        super().__init__()
        self._theme, self._title, self._ends, self._unit = theme, title, ends, unit
        self._top, self._is_share = 1.0, True
        self._lines: tuple[Line, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title)
        theme.changed.connect(self.update)

    def set_lines(
        self,
        lines: Sequence[Line],
        ends: tuple[float, float] | None = None,
        top: float | None = None,
    ) -> None:
        """Show these; with `top` the numbers are no shares, and the highest is `top`."""
        self._lines = tuple(lines)
        self._ends = ends or self._ends
        self._is_share = top is None
        self._top = top or 1.0
        self.update()

    def sizeHint(self) -> QSize:
        """Twice as wide as high."""
        side = self._theme.px(_LEAST)
        return QSize(3 * side, 2 * side)

    def minimumSizeHint(self) -> QSize:
        """Small."""
        side = self._theme.px(_LEAST)
        return QSize(round(1.5 * side), side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint axes and curves."""
        with QPainter(self) as painter:
            self.paint_all(painter, QRectF(self.rect()))

    def paint_all(self, painter: QPainter, area: QRectF) -> None:
        """Paint everything into `area`, on the screen or into a file."""
        theme, px = self._theme, self._theme.px
        room = area.adjusted(px(_LEFT), px(8), -px(4), -px(_BELOW))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("caption"))
        for share in (0.0, 0.5, 1.0):
            y = room.bottom() - share * room.height()
            painter.setPen(QPen(theme.color("border"), 1))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(theme.color("muted"))
            text = format_share(share, 0) if self._is_share else f"{share * self._top:.3g}"
            box = QRectF(area.left(), y - px(8), px(_LEFT) - px(4), px(16))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        below = QRectF(room.left(), room.bottom() + px(2), room.width(), px(_BELOW))
        low, high = (f"{end:g}{self._unit}" for end in self._ends)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, low)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, high)
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, self._title)
        for line in self._lines:
            self._paint_line(painter, room, line)

    def _paint_line(self, painter: QPainter, room: QRectF, line: Line) -> None:
        low, high = self._ends
        color = self._theme.color(line.role)
        painter.setPen(QPen(color, self._theme.px(2)))
        painter.setBrush(color)
        before: QPointF | None = None
        for i, (x, y) in enumerate(zip(line.xs, line.ys, strict=True)):
            if not np.isfinite(y):
                before = None
                continue
            point = QPointF(room.left() + (x - low) / (high - low) * room.width(),
                            room.bottom() - min(y / self._top, 1.0) * room.height())  # fmt: skip
            if before is not None:
                painter.drawLine(before, point)
            if line.dots:
                radius = self._theme.px(_DOT)
                if line.weights is not None:
                    share = (line.weights[i] / max(float(line.weights.max()), 1e-9)) ** 0.5
                    radius = self._theme.px(_SMALLEST_DOT + (_LARGEST_DOT - _SMALLEST_DOT) * share)
                painter.drawEllipse(point, radius, radius)
            before = point
