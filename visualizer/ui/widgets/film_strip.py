"""Several opened files side by side, to choose the one on show."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from visualizer.ui import icons
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.thumbnail_list import ThumbnailList


class FilmStrip(QWidget):
    """One row of thumbnails. Clicking one, or going to it with the arrow keys, chooses it.

    Signals:
        chosen(int): the user went to another picture.
        closed(): the user is done with the strip.
    """

    chosen = Signal(int)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._list = ThumbnailList(
            theme, (76, 48), lines=0, name="Opened files", strip=True, parent=self
        )
        self._close = QToolButton()
        self._close.setAccessibleName("Close the strip of files")
        self._close.setToolTip("Close the strip; the picture on show stays")
        self._close.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        row.addWidget(self._list, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignVCenter)
        self._list.currentRowChanged.connect(self._went)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def thumbnails(self) -> ThumbnailList:
        """The row itself."""
        return self._list

    def set_files(self, names: Sequence[str]) -> None:
        """List files by name; their pictures follow."""
        with QSignalBlocker(self._list):
            self._list.set_items([(name, "") for name in names])

    def set_picture(self, row: int, rgb: npt.NDArray[np.uint8]) -> None:
        """Show (H, W, 3) uint8 as the thumbnail of a file."""
        self._list.set_picture(row, rgb)

    def set_problem(self, row: int, reason: str) -> None:
        """Say why a file cannot be shown."""
        self._list.set_problem(row, reason)

    def set_current(self, row: int) -> None:
        """Mark the file on show, without a signal."""
        with QSignalBlocker(self._list):
            self._list.setCurrentRow(row)
        self._list.viewport().update()

    def _went(self, row: int) -> None:
        if row >= 0:
            self.chosen.emit(row)

    def _restyle(self) -> None:
        self._close.setIcon(icons.icon("mdi6.close", color=self._theme.colors.text))
