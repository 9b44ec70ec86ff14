"""Lets things be dropped anywhere on a window."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from visualizer.ui.incoming import promising, unpack
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.drop_overlay import DropOverlay


class DropTarget(QObject):
    """Watches a window for drags, and covers it with a hint meanwhile.

    Signals:
        received(object): what was dropped, as `incoming.unpack` understands it.
    """

    received = Signal(object)

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._overlay = DropOverlay(theme, window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle the window's drag events."""
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            self._overlay.hide()
            self._accept(event)
            self.received.emit(unpack(event.mimeData(), "dropped"))
            return True
        if isinstance(event, QDragEnterEvent | QDragMoveEvent):
            if promising(event.mimeData()):
                self._overlay.cover()
                self._accept(event)
            else:
                event.ignore()
            return True
        if event.type() == QEvent.Type.DragLeave:
            self._overlay.hide()
            return True
        return super().eventFilter(watched, event)

    @staticmethod
    def _accept(event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)  # never "move": the original stays
        event.accept()
