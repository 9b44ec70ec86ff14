"""A slider with two handles: the ends of an interval, and the bar between them."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from visualizer.ui.theme import Theme
from visualizer.ui.widgets.slider import ARROWS, keep_keys, paint_focus_ring

_LOW, _HIGH, _BAR = 0, 1, 2  # what is in hand
_RADIUS, _GROOVE, _SLIT = 7, 3, 2  # px at scale 1
_BACK, _ON = (Qt.Key.Key_Left, Qt.Key.Key_Down), (Qt.Key.Key_Right, Qt.Key.Key_Up)


class RangeSlider(QWidget):
    """Two handles that never pass each other, and meet only where they may.

    What is between them is dragged as a whole.

    A click beside them takes the nearer one there. While focused, arrow keys and the wheel move
    the handle used last, and Home and End take it as far as it goes.

    Signals:
        gestureStarted(): a press, key or wheel turn is about to change the interval.
        valuesChanged(float, float): the user moved an end, or both.
    """

    gestureStarted = Signal()
    valuesChanged = Signal(float, float)

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, may_meet: bool = False
    ) -> None:
        super().__init__(parent)
        self._theme, self._may_meet = theme, may_meet
        self._minimum, self._maximum, self._step = 0.0, 1.0, 0.01
        self._values = (0.0, 1.0)
        self._handle = _LOW  # the one that keys move
        self._in_hand: int | None = None
        self._pressed_at = 0.0
        self._at_press = self._values
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        keep_keys(self, *ARROWS, Qt.Key.Key_Home, Qt.Key.Key_End)
        theme.changed.connect(self._restyle)
        self._restyle()

    def values(self) -> tuple[float, float]:
        """Return the two ends: (low, high)."""
        return self._values

    def set_values(self, low: float, high: float) -> None:
        """Show another interval, without a signal."""
        self._values = (low, high)
        self.update()

    def set_range(self, minimum: float, maximum: float, step: float) -> None:
        """Set how far the handles reach and how far a key moves them, without a signal."""
        self._minimum, self._maximum, self._step = minimum, maximum, step
        self.update()

    def handle_at(self, handle: int) -> QPointF:
        """Return where the middle of the lower (0) or upper (1) handle is painted."""
        share = (self._values[handle] - self._minimum) / self._span()
        return QPointF(self._radius() + share * self._travel(), self.height() / 2)

    def sizeHint(self) -> QSize:
        """As high as a handle and the ring around the focused slider."""
        return QSize(self._theme.px(120), self._theme.px(2 * _RADIUS + 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint groove, bar and handles, and a ring around them while focused.

        Where the handles would hide each other, a slit between them shows that there are two.
        """
        color, middle = self._theme.color, self.height() / 2
        low, high = self.handle_at(_LOW), self.handle_at(_HIGH)
        half = self._theme.px(_GROOVE) / 2
        on = self.isEnabled()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("border"))
            painter.drawRoundedRect(QRectF(0, middle - half, self.width(), 2 * half), 1, 1)
            painter.setBrush(color("accent" if on else "faint"))
            painter.drawRect(QRectF(low.x(), middle - half, high.x() - low.x(), 2 * half))
            for handle in (_LOW, _HIGH):
                marked = handle == self._handle and self.hasFocus()
                painter.setBrush(color("accent" if marked else "text" if on else "faint"))
                painter.drawPath(self._outline(handle))
        paint_focus_ring(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a handle or the bar in hand; a handle comes to a click beside it."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.gestureStarted.emit()
        x = event.position().x()
        low, high = self.handle_at(_LOW).x(), self.handle_at(_HIGH).x()
        outside = x < low - self._radius() or x > high + self._radius()
        self._in_hand = self._under(x, low, high)
        if self._in_hand != _BAR:
            self._handle = self._in_hand
            if outside:
                self._move(self._handle, self._value_at(x))
        self._pressed_at, self._at_press = x, self._values
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is in hand, from where it was taken."""
        if self._in_hand is None:
            return
        moved = (event.position().x() - self._pressed_at) / self._travel()
        offset = moved * self._span()
        if self._in_hand == _BAR:
            self._move_both(offset)
        else:
            self._move(self._in_hand, self._at_press[self._in_hand] + offset)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._in_hand = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the handle used last; a key held down counts as one gesture."""
        steps = (event.key() in _ON) - (event.key() in _BACK)
        if steps:
            target = self._values[self._handle] + steps * self._step
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            target = self._minimum if event.key() == Qt.Key.Key_Home else self._maximum
        else:
            super().keyPressEvent(event)
            return
        if not event.isAutoRepeat():
            self.gestureStarted.emit()
        self._move(self._handle, target)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave an unfocused slider to the page that scrolls."""
        if not self.hasFocus():
            event.ignore()
            return
        self.gestureStarted.emit()
        turns = event.angleDelta().y() / 120
        self._move(self._handle, self._values[self._handle] + turns * self._step)
        event.accept()

    def _outline(self, handle: int) -> QPainterPath:
        """Return the outline of a handle: a disc, cut off half-way to the other one."""
        low, high = self.handle_at(_LOW), self.handle_at(_HIGH)
        disc, other = QPainterPath(), QPainterPath()
        disc.addEllipse(self.handle_at(handle), self._radius(), self._radius())
        slit = QRectF(0, 0, self._theme.px(_SLIT), self.height())
        slit.moveCenter((low + high) / 2)
        if handle == _LOW:
            slit.setRight(self.width())
        else:
            slit.setLeft(0)
        other.addRect(slit)
        return disc.subtracted(other)

    def _under(self, x: float, low: float, high: float) -> int:
        """Return what is at `x`: a handle, the bar between them, or else the nearer handle."""
        if low + self._radius() < x < high - self._radius():
            return _BAR
        if high - low < self._radius() and low <= x <= high:  # one over the other at an end:
            if self._values[_LOW] == self._minimum:
                return _HIGH  # only this one can leave it
            if self._values[_HIGH] == self._maximum:
                return _LOW
        return _LOW if abs(x - low) < abs(x - high) or x < low else _HIGH

    def _move(self, handle: int, value: float) -> None:
        low, high = self._values
        least = 0.0 if self._may_meet else self._step
        if handle == _LOW:
            self._tell(max(min(value, high - least), self._minimum), high)
        else:
            self._tell(low, min(max(value, low + least), self._maximum))

    def _move_both(self, offset: float) -> None:
        low, high = self._at_press
        offset = min(max(offset, self._minimum - low), self._maximum - high)
        self._tell(low + offset, high + offset)

    def _tell(self, low: float, high: float) -> None:
        if (low, high) != self._values:
            self.set_values(low, high)
            self.valuesChanged.emit(low, high)

    def _value_at(self, x: float) -> float:
        share = (x - self._radius()) / self._travel()
        return self._minimum + share * self._span()

    def _span(self) -> float:
        return self._maximum - self._minimum or 1.0

    def _radius(self) -> int:
        return self._theme.px(_RADIUS)

    def _travel(self) -> int:
        return max(self.width() - 2 * self._radius(), 1)

    def _restyle(self) -> None:
        self.setMinimumHeight(self.sizeHint().height())
        self.update()
