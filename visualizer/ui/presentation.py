"""The window in front of a class: full screen, larger type, no rail; and back as it was."""

from PySide6.QtCore import QByteArray, QSize, QTimer
from PySide6.QtWidgets import QMainWindow, QWidget

from visualizer.ui.theme import Theme

LARGEST_SCALE = 1.5
SMALLEST_SCREEN = QSize(1280, 720)  # what every page fits at scale 1


def scale_for(screen: QSize) -> float:
    """Return how much larger type gets on a screen: 1.5, or what still fits without a cut."""
    fits = min(screen.width() / SMALLEST_SCREEN.width(), screen.height() / SMALLEST_SCREEN.height())
    return min(max(fits, 1.0), LARGEST_SCALE)


class Presentation:
    """Switches a window between the usual and the presenting look."""

    def __init__(self, window: QMainWindow, theme: Theme, hidden: QWidget) -> None:
        self._window = window
        self._theme = theme
        self._hidden = hidden
        self._before = QByteArray()

    def show(self, on: bool) -> None:
        """Enter, or leave to the place and size the window had."""
        window = self._window
        self._hidden.setVisible(not on)
        self._theme.set_scale(scale_for(window.screen().size()) if on else 1.0)
        if on:
            self._before = window.saveGeometry()
            window.showFullScreen()
        else:
            window.showNormal()
            QTimer.singleShot(0, window, lambda: window.restoreGeometry(self._before))
