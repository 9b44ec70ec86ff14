"""Lets things be dropped anywhere on a window."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from visualizer.ui.incoming import promising, unpack
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.drop_overlay import DropOverlay
from visualizer.ui.widgets.drop_place import DropPlace

_HANDOVER_MS = 100


class DropTarget(QObject):
    """Watches a window for drags, and covers it meanwhile.

    The cover takes the drag over from whatever lies under it, so that a text field does not get
    the file's address as text.

    Signals:
        received(object): what was dropped, as `incoming.unpack` understands it. A `DropPlace`
            that it was dropped on gets it instead.
    """

    received = Signal(object)

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._overlay = DropOverlay(theme, window)
        # The window is left when the cover is entered; only without an entry is the drag gone.
        self._gone = QTimer(self, singleShot=True, interval=_HANDOVER_MS)
        self._gone.timeout.connect(self._overlay.hide)
        for widget in (window, self._overlay):
            widget.setAcceptDrops(True)
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Handle the drag events of the window and of its cover."""
        if isinstance(event, QDropEvent):
            if event.source() is not None:
                return False  # text dragged from field to field
            if event.type() == QEvent.Type.Drop:
                self._drop(event)
            else:
                self._drag(event)
            return True
        if event.type() == QEvent.Type.DragLeave:
            if watched is self._overlay:
                self._overlay.hide()
            else:
                self._gone.start()
            return True
        return super().eventFilter(watched, event)

    def _drag(self, event: QDropEvent) -> None:
        if promising(event.mimeData()):
            self._gone.stop()
            places = self._places()
            here = self._place_at(event)
            self._overlay.cover([(place.place_in(self._window), place.drop_text, place is here)
                                 for place in places])  # fmt: skip
            self._accept(event)
        else:
            event.ignore()

    def _drop(self, event: QDropEvent) -> None:
        self._gone.stop()
        self._overlay.hide()
        self._accept(event)
        place = self._place_at(event)
        told = self.received if place is None else place.dropped
        told.emit(unpack(event.mimeData(), "dropped"))

    def _places(self) -> list[DropPlace]:
        places = self._window.findChildren(DropPlace)
        return [place for place in places if not place.place_in(self._window).isEmpty()]

    def _place_at(self, event: QDropEvent) -> DropPlace | None:
        """Return the place that is pointed at; window and cover have the same coordinates."""
        point = event.position().toPoint()
        inside = (p for p in self._places() if p.place_in(self._window).contains(point))
        return next(inside, None)

    @staticmethod
    def _accept(event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)  # never "move": the original stays
        event.accept()
