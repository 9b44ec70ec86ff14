"""The window in front of a class: full screen, larger type, only the page; and back as it was."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QByteArray, QObject, QSize, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QVBoxLayout, QWidget

from visualizer.ui.theme import Theme

LARGEST_SCALE = 1.5
SMALLEST_SCREEN = QSize(1280, 720)  # what every page fits at scale 1
_EDGE = 3  # px: the pointer is at the upper edge
_LOOK_MS = 80
HOW = "F11 leads back. The upper edge of the screen has the menu."


def scale_for(screen: QSize) -> float:
    """Return how much larger type gets on a screen: 1.5, or what still fits without a cut."""
    fits = min(screen.width() / SMALLEST_SCREEN.width(), screen.height() / SMALLEST_SCREEN.height())
    return min(max(fits, 1.0), LARGEST_SCALE)


class Presentation(QObject):
    """Switches a window between the usual and the presenting look.

    While presenting, the header lies over the page, and only while the pointer is at the upper
    edge or one of its menus is open: it takes no room, and the page never moves.
    """

    def __init__(
        self,
        window: QMainWindow,
        theme: Theme,
        header: QWidget,
        column: QVBoxLayout,
        hidden: Sequence[QWidget],
        say: Callable[[str], None],
    ) -> None:
        """Build it.

        Args:
            window: what is switched.
            theme: what makes the type larger.
            header: what stands first in `column`.
            column: the window's middle.
            hidden: what is not seen while presenting.
            say: shows a sentence for a few seconds.
        """
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._column = column
        self._header = header
        self._hidden = hidden
        self._say = say
        self._before = QByteArray()
        self._looking = QTimer(self, interval=_LOOK_MS)
        self._looking.timeout.connect(self._look)

    def show(self, on: bool) -> None:
        """Enter, or leave to the place and size the window had."""
        window = self._window
        for widget in self._hidden:
            widget.setVisible(not on)
        self._theme.set_scale(scale_for(window.screen().size()) if on else 1.0)
        if on:
            self._column.removeWidget(self._header)
            self._looking.start()
            self._before = window.saveGeometry()
            window.showFullScreen()
            self._say(HOW)
        else:
            self._looking.stop()
            self._column.insertWidget(0, self._header)
            self._header.show()
            window.showNormal()
            QTimer.singleShot(0, window, lambda: window.restoreGeometry(self._before))

    def _look(self) -> None:
        """Show the header where it is asked for, else hide it."""
        header, window = self._header, self._window
        deep = header.height() if header.isVisible() else _EDGE
        at = window.mapFromGlobal(QCursor.pos())
        opener = QApplication.activePopupWidget()
        while isinstance(opener, QMenu):  # no window has an ancestor in another one
            opener = opener.parentWidget()
        wanted = (window.rect().contains(at) and at.y() < deep) or (
            opener is not None and header.isAncestorOf(opener)
        )
        if wanted == header.isVisible():
            return
        header.setGeometry(0, 0, window.width(), header.sizeHint().height())
        header.setVisible(wanted)
        header.raise_()
