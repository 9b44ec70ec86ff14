"""Put right what is wrong about the data: labels, images to leave out, drawings to add."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton

from visualizer.learning.corrections import Correction, Corrections, Own
from visualizer.state.inspect_work import Answer
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.fields import LabelledChoice
from visualizer.ui.widgets.wrapped_label import WrappedLabel

_WHY = "Used at the next training; the data on disk are never changed."
_NONE = "none yet"


class CorrectCard(Card):
    """Offers what can be done about the image on show, and lists what was done.

    Signals:
        relabelWanted(int), excludeWanted(): about the image on show.
        keepWanted(int, str): add the drawing, with this class, to "train" or "validation".
        takeBackWanted(object): a Correction, or an Own.
    """

    relabelWanted = Signal(int)
    excludeWanted = Signal()
    keepWanted = Signal(int, str)
    takeBackWanted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__("Corrections")
        self.note.setText(_NONE)
        self._names: tuple[str, ...] = ()
        self._entries: list[Correction | Own] = []
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
        leave_focus(self.label)
        row = QHBoxLayout()
        row.setSpacing(6)
        for widget in (self.label, self.relabel, self.exclude, self.train, self.validate):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.back)
        self.list = QListWidget()
        self.list.setAccessibleName("Corrections")
        self.list.currentRowChanged.connect(lambda row: self.back.setEnabled(row >= 0))
        self.sentence = WrappedLabel("caption")
        self.sentence.set_text(_WHY)
        self.body.setSpacing(6)
        self.body.addLayout(row)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.sentence)
        self.back.setEnabled(False)
        self._offer(None)

    def show_classes(self, names: Sequence[str]) -> None:
        """Offer these classes."""
        self._names = tuple(names)
        self.label.set_options([(str(i), name) for i, name in enumerate(names)])

    def show_answer(self, answer: Answer) -> None:
        """Offer what can be done about this subject."""
        guess = answer.best if answer.subject.label is None else answer.subject.label
        has_data = answer.examined.dataset is not None
        self._offer(answer.subject.kind if has_data and answer.best is not None else None)
        if guess is not None and guess < len(self._names):
            self.label.set_current(str(guess))

    def show_corrections(self, mine: Corrections) -> None:
        """List what was done about these data."""
        entries: list[Correction | Own] = [*reversed(mine.own), *reversed(mine.changes)]
        if entries == self._entries and self.list.count() == len(entries):
            return
        self._entries = entries
        self.list.clear()
        for entry in entries:
            self.list.addItem(QListWidgetItem(self._words(entry)))
        self.note.setText(f"{len(entries):,}" if entries else _NONE)

    def _words(self, entry: Correction | Own) -> str:
        known = entry.label is not None and entry.label < len(self._names)
        name = self._names[entry.label] if known and entry.label is not None else "?"
        if isinstance(entry, Own):
            return f"a drawing of {name}, added to {entry.part}"
        if entry.label is None:
            return f"image {entry.image[:8]}, left out"
        return f"image {entry.image[:8]}, is {name}"

    def _offer(self, kind: str | None) -> None:
        for button in (self.relabel, self.exclude):
            button.setVisible(kind == "image")
        for button in (self.train, self.validate):
            button.setVisible(kind in ("drawing", "picture"))
        self.label.setEnabled(kind is not None)

    def _chosen(self) -> int:
        return int(self.label.current())

    def _keep(self, part: str) -> None:
        self.keepWanted.emit(self._chosen(), part)

    def _relabel(self) -> None:
        self.relabelWanted.emit(self._chosen())

    def _take_back(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._entries):
            self.takeBackWanted.emit(self._entries[row])


def _button(text: str, tip: str, act: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.clicked.connect(lambda _checked=False: act())
    return button
