"""A widget that takes what is dropped on it itself, instead of the window around it."""

from PySide6.QtCore import QRect, Signal
from PySide6.QtWidgets import QWidget


class DropPlace(QWidget):
    """A part of a page with a use of its own for what is dropped there.

    Signals:
        dropped(object): what was dropped on it, as the window understands it.

    Attributes:
        drop_text: what becomes of it, in a few words.
    """

    dropped = Signal(object)
    drop_text = "Drop here"

    def place_in(self, window: QWidget) -> QRect:
        """Return where it is in its window; nowhere while it is hidden."""
        if not self.isVisibleTo(window):
            return QRect()
        return QRect(self.mapTo(window, self.rect().topLeft()), self.size())
