"""Pages of which one is on show, each asking for the room that it needs itself."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QStackedWidget, QWidget


class PageStack(QStackedWidget):
    """A QStackedWidget that is as small as its current page may be.

    Qt's own asks for what the largest of all pages needs: one tall page would make all scroll.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.currentChanged.connect(lambda index: self.updateGeometry())

    def minimumSizeHint(self) -> QSize:
        """What the current page needs."""
        page = self.currentWidget()
        return QSize() if page is None else page.minimumSizeHint()
