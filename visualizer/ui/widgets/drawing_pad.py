"""A pad to draw on with mouse, fingers or pen: white on black, as the digits are."""

import cmath
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import radians
from typing import Literal

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEventPoint,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QTabletEvent,
    QTouchEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.core import strokes
from visualizer.core.strokes import SIDE, Stroke
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.slider import ARROWS, keep_keys

Tool = Literal["pen", "eraser", "hand"]

_SMALLEST = 120  # px at scale 1
_NUDGE = 1 / 28  # of the pad, for an arrow key
_GROW, _TURN = 1.1, 7.5  # for a notch of the wheel or a key: a factor, degrees
_PRESSURE = 0.4, 1.6  # of the brush at no and at full pressure
_MOUSE = -1  # the id of the stroke that the mouse draws


@dataclass
class _Live:
    """A stroke that is being drawn."""

    erases: bool
    points: list[tuple[float, float]] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)

    def stroke(self) -> Stroke:
        return Stroke(tuple(self.points), tuple(self.widths), self.erases)


class DrawingPad(QWidget):
    """Shows a drawing and tells what is done to it; whoever owns the strokes gives them back.

    Arrow keys move the drawing, + and − scale it, [ and ] turn it, as the hand does with the
    pointer and the wheel. Several fingers draw at once.

    Signals:
        changed(object): the picture while a stroke is drawn, uint8 (SIDE, SIDE), a copy.
        drawn(Stroke): a stroke is complete.
        moved(float, float, float, complex, str): the drawing is to be moved, see `Stroke.moved`;
            the last tells which moves belong to one gesture.
    """

    changed = Signal(object)
    drawn = Signal(object)
    moved = Signal(float, float, float, complex, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._strokes: tuple[Stroke, ...] = ()
        self._canvas = strokes.blank()
        self._live: dict[int, _Live] = {}
        self._tool: Tool = "pen"
        self._width = 0.08
        self._pointer: QPointF | None = None
        self._held: QPointF | None = None  # by the hand
        self._gesture = 0
        self._hint = ""
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)  # it erases
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Drawing pad")
        self.setToolTip("Arrow keys move the drawing, + and − scale it, [ and ] turn it")
        keep_keys(self, *ARROWS)
        theme.changed.connect(self.update)

    @property
    def picture(self) -> npt.NDArray[np.uint8]:
        """What is on the pad, uint8 (SIDE, SIDE), a copy."""
        return self._canvas.copy()

    @property
    def busy(self) -> bool:
        """Whether a stroke is being drawn."""
        return bool(self._live)

    def set_strokes(self, drawing: Sequence[Stroke]) -> None:
        """Show this drawing; strokes in progress go on over it."""
        drawing = tuple(drawing)
        if drawing != self._strokes:
            self._strokes = drawing
            self._repaint()

    def set_tool(self, tool: Tool) -> None:
        """Draw, erase, or move the drawing."""
        self._tool = tool
        self._choose_cursor()
        self.update()

    def set_brush(self, width: float) -> None:
        """Draw lines as wide as this share of the pad."""
        self._width = width
        self.update()

    def set_hint(self, sentence: str) -> None:
        """Say what the pad is for while it is empty."""
        self._hint = sentence
        self.setAccessibleDescription(sentence)
        self.update()

    def square(self) -> QRectF:
        """Return where the drawing is, in this widget's coordinates."""
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, 0, side, side)

    def sizeHint(self) -> QSize:
        """A square as large as there is room for."""
        return self.minimumSizeHint() * 2

    def minimumSizeHint(self) -> QSize:
        """A square that a digit fits on."""
        side = self._theme.px(_SMALLEST)
        return QSize(side, side)

    # Drawing

    def _share(self, point: QPointF) -> tuple[float, float]:
        square = self.square()
        return (point.x() - square.x()) / square.width(), (point.y() - square.y()) / square.height()

    def _begin(self, key: int, point: QPointF, width: float, erases: bool) -> None:
        self._live[key] = _Live(erases)
        self._extend(key, point, width)

    def _extend(self, key: int, point: QPointF, width: float) -> None:
        live = self._live.get(key)
        if live is None:
            return
        live.points.append(self._share(point))
        live.widths.append(width)
        strokes.paint(self._canvas, live.stroke(), len(live.points) - 1)
        self.update()
        self.changed.emit(self.picture)

    def _end(self, key: int) -> None:
        live = self._live.pop(key, None)
        if live is not None:
            self._strokes = (*self._strokes, live.stroke())
            self.drawn.emit(live.stroke())

    def _drop(self, key: int) -> None:
        if self._live.pop(key, None) is not None:
            self._repaint()
            self.changed.emit(self.picture)

    def _repaint(self) -> None:
        self._canvas = strokes.picture(self._strokes)
        for live in self._live.values():
            strokes.paint(self._canvas, live.stroke())
        self.update()

    # Moving

    def _move(self, x: float, y: float, scale: float = 1.0, degrees: float = 0.0) -> None:
        turn = cmath.exp(1j * radians(degrees))
        self.moved.emit(x, y, scale, turn, f"move drawing {self._gesture}")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scale the drawing with the hand, turn it with Shift."""
        if self._tool != "hand" or not event.angleDelta().manhattanLength():
            event.ignore()
            return
        notches = (event.angleDelta().y() or event.angleDelta().x()) / 120
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._move(0, 0, degrees=_TURN * notches)
        else:
            self._move(0, 0, _GROW**notches)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, scale and turn the drawing."""
        key = Qt.Key(event.key())
        shifts = dict(zip(ARROWS, ((-1, 0), (1, 0), (0, -1), (0, 1)), strict=True))
        if not event.isAutoRepeat():
            self._gesture += 1
        if key in shifts:
            x, y = shifts[key]
            self._move(x * _NUDGE, y * _NUDGE)
        elif event.text() in ("+", "="):
            self._move(0, 0, _GROW)
        elif event.text() in ("-", "−"):
            self._move(0, 0, 1 / _GROW)
        elif event.text() in ("[", "]"):
            self._move(0, 0, degrees=_TURN if event.text() == "]" else -_TURN)
        else:
            super().keyPressEvent(event)

    # Mouse, pen, fingers

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a line; the right button erases."""
        self._gesture += 1
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            super().mousePressEvent(event)
        elif self._tool == "hand":
            self._held = event.position()
            self._choose_cursor()
        else:
            erases = self._tool == "eraser" or event.button() == Qt.MouseButton.RightButton
            self._begin(_MOUSE, event.position(), self._width, erases)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the line, or with the move."""
        self._pointer = event.position()
        self._extend(_MOUSE, event.position(), self._width)
        if self._held is not None:
            by, side = event.position() - self._held, self.square().width()
            self._held = event.position()
            self._move(by.x() / side, by.y() / side)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Complete the line."""
        self._held = None
        self._choose_cursor()
        self._end(_MOUSE)

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the brush."""
        self._pointer = None
        self.update()

    def tabletEvent(self, event: QTabletEvent) -> None:
        """Draw with a pen: the harder, the wider; its other end erases."""
        low, high = _PRESSURE
        width = self._width * (low + (high - low) * event.pressure())
        erases = event.pointerType() == QPointingDevice.PointerType.Eraser or self._tool == "eraser"
        key = int(event.pointingDevice().uniqueId().numericId()) & 0xFFFF
        if self._tool == "hand":
            event.ignore()  # it comes again as a mouse
            return
        if event.type() == QEvent.Type.TabletPress:
            self._begin(key, event.position(), width, erases)
        elif event.type() == QEvent.Type.TabletMove and event.pressure() > 0:
            self._extend(key, event.position(), width)
        elif event.type() == QEvent.Type.TabletRelease:
            self._end(key)
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Draw with fingers; with the hand they are left to act as a mouse."""
        if isinstance(event, QTouchEvent) and self._tool != "hand":
            for point in event.points():
                self._touch(point)
            if event.type() == QEvent.Type.TouchCancel:
                for key in [key for key in self._live if key != _MOUSE]:
                    self._drop(key)
            event.accept()
            return True
        return super().event(event)

    def _touch(self, point: QEventPoint) -> None:
        state = QEventPoint.State
        if point.state() == state.Pressed:
            self._begin(point.id(), point.position(), self._width, self._tool == "eraser")
        elif point.state() == state.Updated:
            self._extend(point.id(), point.position(), self._width)
        elif point.state() == state.Released:
            self._end(point.id())

    # Looks

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the drawing, the brush, and the hint while there is nothing."""
        theme, square = self._theme, self.square()
        with QPainter(self) as painter:
            painter.setRenderHints(
                QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
            )
            outline = QPainterPath()
            outline.addRoundedRect(square, theme.px(6), theme.px(6))
            painter.setClipPath(outline)
            grey = QImage.Format.Format_Grayscale8
            painter.drawImage(square, QImage(self._canvas.data, SIDE, SIDE, SIDE, grey))
            if not self._strokes and not self._live:
                self._paint_hint(painter, square)
            if self._pointer is not None and self._tool != "hand":
                painter.setPen(QPen(theme.color("mark"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                radius = self._width * square.width() / 2
                painter.drawEllipse(self._pointer, radius, radius)
            painter.setClipping(False)
            role, width = ("accent", 2) if self.hasFocus() else ("border", 1)
            painter.setPen(QPen(theme.color(role), width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(square.adjusted(0.5, 0.5, -0.5, -0.5), theme.px(6), theme.px(6))

    def _paint_hint(self, painter: QPainter, square: QRectF) -> None:
        painter.setFont(self._theme.font("body"))
        painter.setPen(Qt.GlobalColor.gray)
        room = square.adjusted(24, 24, -24, -24)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room, flags, self._hint)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that it is gone."""
        super().focusOutEvent(event)
        self.update()

    def _choose_cursor(self) -> None:
        if self._tool == "hand":
            closed = self._held is not None
            self.setCursor(
                Qt.CursorShape.ClosedHandCursor if closed else Qt.CursorShape.OpenHandCursor
            )
        else:
            self.setCursor(Qt.CursorShape.CrossCursor)
