"""Under the header, only while needed: several files, the frames, the bands, what is being read."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QToolButton, QVBoxLayout, QWidget

from visualizer.state.session import Session
from visualizer.ui import icons
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.band_picker import BandPicker
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.film_strip import FilmStrip
from visualizer.ui.widgets.frame_bar import FrameBar


class SourceBar(QWidget):
    """Shows what there is to choose about the picture on show; hides itself when nothing is.

    Signals:
        cancelled(): the user does not want to wait for what is being read.
    """

    cancelled = Signal()

    def __init__(self, theme: Theme, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Choices about the picture")
        self._theme = theme
        self._session = session
        self.strip = FilmStrip(theme, self)
        self.frames = FrameBar(theme, self)
        self.bands = BandPicker(theme, self)
        self._busy = QWidget(self)
        self._sentence = label("", "body", self._busy)
        self._cancel = QToolButton(self._busy)
        self._fill_busy()
        choices = QHBoxLayout()
        choices.setSpacing(24)
        choices.addWidget(self.frames, 1)
        choices.addWidget(self.bands, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 10, 18, 0)
        column.setSpacing(8)
        column.addWidget(self._busy)
        column.addWidget(self.strip)
        column.addLayout(choices)
        self.strip.hide()
        self._busy.hide()
        session.image_changed.connect(self.follow)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.follow()

    def show_busy(self, sentence: str) -> None:
        """Say what is being read, with a way to give it up; "" when nothing is."""
        self._sentence.setText(sentence)
        self._busy.setVisible(bool(sentence))
        self._fit()

    def show_strip(self, on: bool) -> None:
        """Show or hide the strip of files."""
        self.strip.setVisible(on)
        self._fit()

    def follow(self, *_: object) -> None:
        """Show frames and bands as they are now."""
        source = self._session.source
        self.frames.setVisible(source.frame_count > 1)
        self.frames.set_frames(source.frame_count, source.frame)
        many = source.channels not in (1, 3)
        self.bands.setVisible(many)
        if many:
            self.bands.set_bands(source.bands, self._session.picked)
        self._fit()

    def _fit(self) -> None:
        parts = (self._busy, self.strip, self.frames, self.bands)
        self.setVisible(any(part.isVisibleTo(self) for part in parts))

    def _fill_busy(self) -> None:
        bar = QProgressBar()
        bar.setRange(0, 0)  # how far a decoder is, is not known
        bar.setTextVisible(False)
        bar.setMaximumSize(240, 10)
        bar.setAccessibleName("Reading")
        self._cancel.setText("Cancel")
        self._cancel.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._cancel.setAccessibleName("Cancel reading")
        self._cancel.setToolTip("Stop waiting; the picture on show stays")
        self._cancel.clicked.connect(self.cancelled)
        row = QHBoxLayout(self._busy)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._sentence)
        row.addWidget(bar, 1)
        row.addWidget(self._cancel)
        row.addStretch(1)

    def _restyle(self) -> None:
        self._cancel.setIcon(icons.icon("mdi6.close", color=self._theme.colors.text))
