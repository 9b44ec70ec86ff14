"""Put right what is wrong about the data: labels, images to leave out, drawings to add."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QIcon, QImage, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton

from visualizer.learning.corrections import Correction, Own
from visualizer.state.inspect_work import Answer
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.pages.train_hints import Hints
from visualizer.ui.theme import Theme
from visualizer.ui.tooltips import plain
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.fields import LabelledChoice
from visualizer.ui.widgets.wrapped_label import WrappedLabel

_WHY = "Used at the next training; the data on disk are never changed."
_HOW = "Click an image to relabel or exclude it, or draw one to add it. "
_AGAIN = "The same settings from the start, with these corrections"
_NONE = "none yet"
_EMPTY = "Images that you relabel or exclude, and drawings that you add, are listed here."
_SIDE = 28  # px at scale 1: a picture in the list
_CHOICE, _LONGEST, _AROUND = 64, 110, 36  # the choice of a class, of a long name, beside the name


@dataclass(frozen=True, eq=False)
class Entry:
    """A line of the list.

    Attributes:
        correction: what was done.
        words: the same for people.
        picture: uint8 (C, H, W) of what it was done to, or None when that is not known.
        image: part and index of an image that can be looked at, or None.
    """

    correction: Correction | Own
    words: str
    picture: npt.NDArray[np.uint8] | None = None
    image: tuple[str, int] | None = None


class CorrectCard(Card):
    """Offers what can be done about the image on show, and lists what was done.

    Signals:
        relabelWanted(int), excludeWanted(): about the image on show.
        keepWanted(int, str): add the drawing, with this class, to "train" or "validation".
        takeBackWanted(object): a Correction, or an Own.
        imageWanted(str, int): look at an image of this part again.
        trainWanted(): learn anew, with the corrections.
    """

    relabelWanted = Signal(int)
    excludeWanted = Signal()
    keepWanted = Signal(int, str)
    takeBackWanted = Signal(object)
    imageWanted = Signal(str, int)
    trainWanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__("Corrections")
        self._theme = theme
        self.note.setText(_NONE)
        self._names: tuple[str, ...] = ()
        self._entries: list[Entry] = []
        self.label = LabelledChoice(theme, "", name="Right class", tip="What it really shows")
        self.relabel = _button("Relabel", "This is the right class", self._relabel)
        self.exclude = _button("Exclude", "Leave the image out", self.excludeWanted.emit)
        self.train, self.validate = (
            _button(text, tip, partial(self._keep, part))
            for text, tip, part in (
                ("Add to training", "Learn from this drawing too", "train"),
                ("Add to validation", "Try the network on this drawing too", "validation"),
            )
        )
        self.back = _button("Take back", "Undo the chosen correction", self._take_back)
        self.again = _button("Train again", _AGAIN, self.trainWanted.emit)
        leave_focus(self.label)
        self.list = QListWidget()
        self.list.setAccessibleName("Corrections")
        self.list.currentRowChanged.connect(lambda row: self.back.setEnabled(row >= 0))
        self.list.itemClicked.connect(lambda _item: self._look())
        self.list.itemActivated.connect(lambda _item: self._look())
        self.sentence = WrappedLabel("caption")
        self._hints = Hints(theme, self)
        self._hints.add(self.list, _EMPTY, lambda: not self._entries)
        self._lay_out()
        self.back.setEnabled(False)
        theme.changed.connect(self._fit)
        self._fit()
        self._offer(None)

    def show_classes(self, names: Sequence[str]) -> None:
        """Offer these classes."""
        self._names = tuple(names)
        self.label.set_options([(str(i), name) for i, name in enumerate(names)])
        self._fit()

    def show_answer(self, answer: Answer) -> None:
        """Offer what can be done about this subject."""
        guess = answer.best if answer.subject.label is None else answer.subject.label
        has_data = answer.examined.dataset is not None
        self._offer(answer.subject.kind if has_data and answer.best is not None else None)
        if guess is not None and guess < len(self._names):
            self.label.set_current(str(guess))

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """List what was done about these data."""
        self._entries = list(entries)
        self.list.clear()
        for entry in entries:
            item = QListWidgetItem(entry.words, self.list)
            if entry.picture is not None:
                item.setIcon(_icon(entry.picture, self.list.iconSize()))
        self.back.setEnabled(False)  # a list that is emptied does not tell of its row
        self.note.setText(f"{len(entries):,}" if entries else _NONE)
        self._hints.refresh()

    def offer_training(self, why_not: str) -> None:
        """Let it learn anew, or say why it cannot."""
        self.again.setEnabled(not why_not)
        self.again.setToolTip(plain(why_not) or _AGAIN)

    def _lay_out(self) -> None:
        row, below = QHBoxLayout(), QHBoxLayout()
        row.setSpacing(6)
        for widget in (self.label, self.relabel, self.exclude, self.train, self.validate):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.back)
        below.addWidget(self.sentence, 1)
        below.addWidget(self.again)
        self.body.setSpacing(6)
        self.body.addLayout(row)
        self.body.addWidget(self.list, 1)
        self.body.addLayout(below)

    def _offer(self, kind: str | None) -> None:
        for button in (self.relabel, self.exclude):
            button.setVisible(kind == "image")
        for button in (self.train, self.validate):
            button.setVisible(kind in ("drawing", "picture"))
        self.label.setVisible(kind is not None)
        self.sentence.set_text(_WHY if kind is not None else _HOW + _WHY)

    def _chosen(self) -> int:
        return int(self.label.current())

    def _keep(self, part: str) -> None:
        self.keepWanted.emit(self._chosen(), part)

    def _relabel(self) -> None:
        self.relabelWanted.emit(self._chosen())

    def _take_back(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._entries):
            self.takeBackWanted.emit(self._entries[row].correction)

    def _look(self) -> None:
        image = self._entries[self.list.currentRow()].image
        if image is not None:
            self.imageWanted.emit(*image)

    def _fit(self) -> None:
        side = self._theme.px(_SIDE)
        self.list.setIconSize(QSize(side, side))
        metrics = QFontMetricsF(self._theme.font("body"))
        name = max((metrics.horizontalAdvance(name) for name in self._names), default=0.0)
        least, most, around = (self._theme.px(x) for x in (_CHOICE, _LONGEST, _AROUND))
        self.label.setMinimumWidth(round(min(max(name + around, least), most)))


def _button(text: str, tip: str, act: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    leave_focus(button)
    button.clicked.connect(lambda _checked=False: act())
    return button


def _icon(pixels: npt.NDArray[np.uint8], size: QSize) -> QIcon:
    """Return uint8 (C, H, W) as an icon that looks the same when its line is chosen."""
    rgb = np.repeat(pixels, 3, 0) if len(pixels) == 1 else pixels
    rgb = np.ascontiguousarray(rgb.transpose(1, 2, 0))
    height, width = rgb.shape[:2]
    image = QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    picture = QPixmap.fromImage(image.scaled(size, Qt.AspectRatioMode.KeepAspectRatio))
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)
    return icon
