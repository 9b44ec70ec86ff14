"""The slider under every field: it goes where a click points and keeps its keys while focused."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
PAGES = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End)
_SLIDER_KEYS = (*ARROWS, Qt.Key.Key_Home, Qt.Key.Key_End)

_RING, _ROUND = 1.5, 5.0  # px: the width and the corners of the ring around a focused slider


class _KeyKeeper(QObject):
    """Claims keys for a focused widget before the window's shortcuts take them."""

    def __init__(self, keys: tuple[Qt.Key, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self._keys = keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in self._keys
            and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        ):
            event.accept()
            return True
        return super().eventFilter(watched, event)


def keep_keys(widget: QWidget, *keys: Qt.Key) -> None:
    """Let `widget` have these keys (without modifiers) while it has the focus.

    Without it a window's shortcut on Space or an arrow key makes the control unusable by keyboard.
    """
    widget.installEventFilter(_KeyKeeper(keys, widget))


def paint_focus_ring(widget: QWidget) -> None:
    """Paint a ring inside the edge of `widget` while it has the focus. Call it in a paint event."""
    if not widget.hasFocus():
        return
    with QPainter(widget) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(widget.palette().color(QPalette.ColorRole.Accent), _RING))
        half = _RING / 2
        ring = QRectF(widget.rect()).adjusted(half, half, -half, -half)
        painter.drawRoundedRect(ring, _ROUND, _ROUND)


class Slider(QSlider):
    """A horizontal QSlider that jumps to a click and heeds the wheel only while focused.

    Signals:
        gestureStarted(): a press, key or wheel turn is about to change the value.
    """

    gestureStarted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        keep_keys(self, *_SLIDER_KEYS)

    def show_position(self, value: int) -> None:
        """Move the handle without a signal; a handle in the user's hand stays there."""
        if not self.isSliderDown():
            blocked = self.blockSignals(True)
            self.setValue(value)
            self.blockSignals(blocked)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Put a ring around it while it has the focus."""
        super().paintEvent(event)
        paint_focus_ring(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle in hand, and go with it where the click points."""
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self.gestureStarted.emit()
        at, handle = event.position(), self._part("Handle")
        is_on = handle.left() <= at.x() <= handle.right()
        grip = QPointF(at.x() if is_on else handle.center().x(), handle.center().y())
        # Between two values the handle stays beside the pointer, where Qt takes no hold of it.
        super().mousePressEvent(
            QMouseEvent(event.type(), grip, event.globalPosition(), event.button(),
                        event.buttons(), event.modifiers())
        )  # fmt: skip
        if not is_on:
            self._go_to(at.x())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Count a key held down as one gesture."""
        if not event.isAutoRepeat():
            self.gestureStarted.emit()
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave an unfocused slider to the page that scrolls."""
        if self.hasFocus():
            self.gestureStarted.emit()
            super().wheelEvent(event)
        else:
            event.ignore()

    def _go_to(self, x: float) -> None:
        handle, groove = self._part("Handle"), self._part("Groove")
        span = groove.width() - handle.width()
        offset = round(x - groove.left() - handle.width() / 2)
        self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), offset, span))

    def _part(self, name: str) -> QRect:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        find: Any = self.style().subControlRect
        control = QStyle.SubControl[f"SC_Slider{name}"]
        return find(QStyle.ComplexControl.CC_Slider, option, control, self)
