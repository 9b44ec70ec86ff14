"""The photographs and patterns that come along, as thumbnails to choose from."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from visualizer.core import samples
from visualizer.core.thumbnail import thumbnail
from visualizer.ui.background import Background, Job
from visualizer.ui.errors import unexpected
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.thumbnail_list import ThumbnailList

_WIDTH, _HEIGHT = 196, 132  # of a thumbnail at scale 1
_COLUMNS = 4
_TITLE_BAR = 40  # px at any scale, about: known only once it is shown

Thumbnails = dict[str, npt.NDArray[np.uint8]]


class GalleryDialog(QDialog):
    """Shows every sample. Enter, a double click or Open chooses one.

    `thumbnails` is filled by sample key as they are made, and spares the next gallery the work.

    Signals:
        chosen(str): the key of the sample to show.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._made = thumbnails
        self.setWindowTitle("Gallery")
        self.list = ThumbnailList(theme, (_WIDTH, _HEIGHT), lines=3, name="Sample pictures")
        self.list.set_items([(sample.title, sample.caption) for sample in samples.SAMPLES])
        self._open = QPushButton("Open")
        self._open.setProperty("role", "primary")
        self._open.setDefault(True)
        self._open.setToolTip("Show the chosen picture (Enter)")
        cancel = QPushButton("Cancel")
        cancel.setToolTip("Keep the picture on show (Esc)")
        cancel.clicked.connect(self.reject)
        self._lay_out(cancel)
        self._open.clicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        self.list.setCurrentRow(0)
        self.list.setFocus()
        self._work = Background("gallery thumbnails", self)
        self._work.reported.connect(self._add)
        self._work.failed.connect(unexpected)
        self._start()

    def done(self, result: int) -> None:
        """End the thread before the window goes."""
        self._work.close()
        super().done(result)
        self.deleteLater()

    def _start(self) -> None:
        for sample in samples.SAMPLES:
            if sample.key in self._made:
                self._add((sample.key, self._made[sample.key]))
        missing = tuple(s.key for s in samples.SAMPLES if s.key not in self._made)
        color = self._theme.rgb("invalid")
        if missing:
            self._work.submit(lambda job: _make(missing, color, job))

    def _add(self, made: tuple[str, npt.NDArray[np.uint8]]) -> None:
        key, rgb = made
        self._made[key] = rgb
        row = next(i for i, sample in enumerate(samples.SAMPLES) if sample.key == key)
        self.list.set_picture(row, rgb)

    def _choose(self, *_: object) -> None:
        row = self.list.currentRow()
        if row >= 0:
            self.chosen.emit(samples.SAMPLES[row].key)
            self.accept()

    def _lay_out(self, cancel: QPushButton) -> None:
        px = self._theme.px
        screen = self.screen().availableSize()
        around = px(2 * 18 + 14)
        columns = max(1, min(_COLUMNS, (screen.width() - around) // self.list.cell().width()))
        height = px(120) + 3 * self.list.cell().height()
        most = screen.height() - _TITLE_BAR
        self.resize(around + columns * self.list.cell().width(), min(height, most))
        buttons = QHBoxLayout()
        buttons.addWidget(label("Everything here works without the internet.", "muted"))
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._open)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(18), px(16), px(18), px(16))
        column.setSpacing(px(12))
        column.addWidget(label("Choose a picture", "title"))
        column.addWidget(self.list, 1)
        column.addLayout(buttons)


def _make(keys: tuple[str, ...], color: tuple[int, int, int], job: Job) -> None:
    for key in keys:
        job.check()
        image = samples.load(key)
        job.report((key, thumbnail(image, 2 * _HEIGHT, 2 * _WIDTH, color)))
