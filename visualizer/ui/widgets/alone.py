"""Painting a widget without what lies behind it: the card, the page and the window."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QWidget


class _Edges(QObject):
    """Watches how many screen pixels a widget's pixel has."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange and isinstance(watched, QWidget):
            _set(watched)
        return False


def paint_alone(widget: QWidget) -> None:
    """Spare painting what lies behind `widget`, which fills all of itself.

    Not at a ratio such as 1.5: its edge may lie inside a screen pixel there, and what that shows
    besides would stay as it was.
    """
    _set(widget)
    widget.installEventFilter(_Edges(widget))


def _set(widget: QWidget) -> None:
    whole = widget.devicePixelRatioF().is_integer()
    widget.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, whole)
