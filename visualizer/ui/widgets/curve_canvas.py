"""The drawing area of a plot: axes, grid, marks, curves, crosshair. It knows no runs.

A plain widget: importing a plotting library holds the window up for most of a second.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.ui.theme import Theme
from visualizer.ui.widgets.curve_ticks import Ticks
from visualizer.ui.widgets.curve_trace import Numbers
from visualizer.ui.widgets.slider import keep_keys

_LEFT, _RIGHT, _TOP, _BOTTOM, _LINE = 44, 8, 6, 20, 16  # px at scale 1 around the curves
_MOVES = {Qt.Key.Key_Left: -0.01, Qt.Key.Key_Right: 0.01}
_MOST_EPOCHS = 12  # more lines would hide the curves
_MOST_NAMED = 6
_ROWS_OF_NAMES = 3


@dataclass(frozen=True, eq=False)
class Stroke:
    """One line to draw: places, in the units of the axes, (n,) each."""

    steps: Numbers
    values: Numbers
    color: QColor
    is_strong: bool


@dataclass(frozen=True)
class Axes:
    """What the drawing area spans, from step 0 on, and what is labelled at its sides."""

    right: float
    bottom: float
    top: float
    across: tuple[tuple[float, str], ...]
    up: tuple[tuple[float, str], ...]


def axes(right: float, bottom: float, top: float, across: Ticks, up: Ticks) -> Axes:
    """Return axes with these ticks."""
    return Axes(right, bottom, top, tuple(across), tuple(up))


class CurveCanvas(QWidget):
    """Paints what it is given; tells where it is pointed at.

    Signals:
        pointed(object): a step, or None when the pointer has left.
        moved(float): an arrow key asks for the crosshair to go by this share of the width.
    """

    pointed = Signal(object)
    moved = Signal(float)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._axes = Axes(1, 0, 1, (), ())
        self._strokes: tuple[Stroke, ...] = ()
        self._epochs: Numbers = np.zeros(0)
        self._changes: tuple[tuple[float, str], ...] = ()
        self._crosshair: float | None = None
        self._behind: QPixmap | None = None  # axes and marks, which change less than the curves
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip("Point at a step to read its numbers; arrow keys do the same")
        keep_keys(self, *_MOVES, Qt.Key.Key_Escape)
        theme.changed.connect(self._theme_changed)

    def set_axes(self, wanted: Axes) -> None:
        """Span another range."""
        if wanted != self._axes:
            self._axes = wanted
            self._redraw()

    def set_strokes(self, strokes: Iterable[Stroke]) -> None:
        """Draw these lines, the last on top."""
        self._strokes = tuple(strokes)
        self.update()

    def set_epochs(self, steps: npt.ArrayLike) -> None:
        """Mark the ends of epochs by faint lines; of many only every second, third…"""
        wanted = np.asarray(steps, np.float64)
        if not np.array_equal(wanted, self._epochs):
            self._epochs = wanted
            self._redraw()

    def set_changes(self, changes: Sequence[tuple[float, str]]) -> None:
        """Mark where settings were changed: (step, text). The newest are named."""
        if tuple(changes) != self._changes:
            self._changes = tuple(changes)
            self._redraw()

    def set_crosshair(self, step: float | None) -> None:
        """Mark the step that is read."""
        if step != self._crosshair:
            self._crosshair = step
            self.update()

    def room(self) -> QRectF:
        """Return the rectangle that the axes enclose."""
        px = self._theme.px
        width = self.width() - px(_LEFT) - px(_RIGHT)
        height = self.height() - px(_TOP) - px(_BOTTOM)
        return QRectF(px(_LEFT), px(_TOP), max(width, 1), max(height, 1))

    def place(self, step: float, value: float) -> QPointF:
        """Return where a number is painted."""
        x, y = self._places(np.array([step]), np.array([value]))
        return QPointF(x[0], y[0])

    def sizeHint(self) -> QSize:
        """Room for a curve whose shape can be read."""
        return QSize(self._theme.px(320), self._theme.px(180))

    def minimumSizeHint(self) -> QSize:
        """Room for the labels and a little curve."""
        return QSize(self._theme.px(140), self._theme.px(90))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw the axes anew."""
        self._redraw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint everything."""
        if self._behind is None or self._behind.devicePixelRatio() != self.devicePixelRatioF():
            self._behind = self._draw_behind()
        room = self.room()
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._behind)
            painter.save()
            painter.setClipRect(room)
            for stroke in self._strokes:
                self._paint_stroke(painter, stroke)
            painter.restore()
            if self._crosshair is not None:
                painter.setPen(QPen(self._theme.color("here"), 1))
                painter.drawLine(self._upright(self._crosshair))
            if self.hasFocus():
                painter.setPen(QPen(self._theme.color("accent"), 2))
                painter.drawRect(room)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a step."""
        room, point = self.room(), event.position()
        share = (point.x() - room.left()) / room.width()
        self.pointed.emit(share * self._axes.right if room.contains(point) else None)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at none."""
        self.pointed.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the crosshair, or hide it."""
        key = Qt.Key(event.key())
        if key in _MOVES:
            self.moved.emit(_MOVES[key])
        elif key == Qt.Key.Key_Escape:
            self.pointed.emit(None)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the crosshair away."""
        super().focusOutEvent(event)
        self.pointed.emit(None)

    def _redraw(self) -> None:
        self._behind = None
        self.update()

    def _places(self, steps: Numbers, values: Numbers) -> tuple[Numbers, Numbers]:
        room, spans = self.room(), self._axes
        x = room.left() + steps * (room.width() / spans.right)
        return x, room.bottom() - (values - spans.bottom) * (
            room.height() / (spans.top - spans.bottom)
        )

    def _upright(self, step: float) -> QLineF:
        room = self.room()
        x = round(self.place(step, 0).x()) + 0.5
        return QLineF(x, room.top(), x, room.bottom())

    def _paint_stroke(self, painter: QPainter, stroke: Stroke) -> None:
        x, y = self._places(stroke.steps, stroke.values)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, stroke.is_strong)
        width = self._theme.px(2) if stroke.is_strong else 1
        if len(x) == 1:  # a line of one point would not show
            painter.setPen(QPen(stroke.color, 2 * width, c=Qt.PenCapStyle.RoundCap))
            painter.drawPoint(QPointF(x[0], y[0]))
            return
        painter.setPen(QPen(stroke.color, width))
        # Far beyond the edge is beyond it, and safe from overflow while painting.
        np.clip(y, -10_000, 10_000, out=y)
        painter.drawPolyline(list(map(QPointF, x.tolist(), y.tolist())))

    def _draw_behind(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            painter.setFont(self._theme.font("caption"))
            self._draw_ticks(painter)
            every = max(1, -(-len(self._epochs) // _MOST_EPOCHS))
            painter.setPen(QPen(self._theme.color("border"), 1))
            painter.drawLines([self._upright(step) for step in self._epochs[every - 1 :: every]])
            self._draw_changes(painter)
        return pixmap

    def _draw_ticks(self, painter: QPainter) -> None:
        theme, room, px = self._theme, self.room(), self._theme.px
        metrics = QFontMetricsF(painter.font())
        heights = [round(self.place(0, value).y()) + 0.5 for value, _ in self._axes.up]
        painter.setPen(QPen(theme.color("field"), 1))
        painter.drawLines([QLineF(room.left(), y, room.right(), y) for y in heights])
        painter.setPen(QPen(theme.color("border"), 1))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        painter.setPen(theme.color("muted"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for y, (_, text) in zip(heights, self._axes.up, strict=True):
            y = max(y, px(_LINE) / 2)
            painter.drawText(QRectF(0, y - px(_LINE) / 2, px(_LEFT - 6), px(_LINE)), right, text)
        for step, text in self._axes.across:
            width = metrics.horizontalAdvance(text) + 2
            left = min(self.place(step, 0).x() - width / 2, self.width() - width)
            rect = QRectF(left, room.bottom(), width, px(_BOTTOM))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _draw_changes(self, painter: QPainter) -> None:
        theme, room = self._theme, self.room()
        metrics = QFontMetricsF(painter.font())
        painter.setPen(QPen(theme.color("here"), 1, Qt.PenStyle.DashLine))
        painter.drawLines([self._upright(step) for step, _ in self._changes])
        painter.setPen(theme.color("here"))
        gap, line = theme.px(4), theme.px(_LINE)
        for i, (step, text) in enumerate(self._changes[-_MOST_NAMED:]):
            x, width = self._upright(step).x1(), metrics.horizontalAdvance(text)
            left = x + gap if x + gap + width <= room.right() else max(x - gap - width, room.left())
            top = room.top() + i % _ROWS_OF_NAMES * line
            painter.drawText(
                QRectF(left, top, width + 1, line), Qt.AlignmentFlag.AlignVCenter, text
            )

    def _theme_changed(self) -> None:
        self.updateGeometry()
        self._redraw()
