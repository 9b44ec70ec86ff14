"""The answer: which class, and how sure."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QPushButton

from visualizer.core.numbers import format_share
from visualizer.state.inspect_work import Answer
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.tooltips import plain
from visualizer.ui.widgets.card import Card, label
from visualizer.ui.widgets.elided_label import ElidedLabel
from visualizer.ui.widgets.probability_bars import ProbabilityBars
from visualizer.ui.widgets.wrapped_label import WrappedLabel

_LARGE, _LOW, _SMALLEST = 64, 40, 15  # px at scale 1: the type of the class's name
_MARGIN = 14  # px, of a card
_OFFER = "Train a quick one on Digits now"


class AnswerCard(Card):
    """Shows the class the network names, and a sentence about it.

    Signals:
        quickWanted(): train a small network now.
    """

    quickWanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__("Prediction")
        self._theme = theme
        self._role = "faint"
        self._name, self._style = "?", ""
        self.note.hide()
        self.caption = ElidedLabel("", "muted")  # what is looked at
        self.top.addWidget(self.caption)
        self.verdict = label("", "")
        self.verdict.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.verdict.setAccessibleName("Predicted class")
        self.sure = label("", "muted")
        self.sure.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bars = ProbabilityBars(theme)
        self.sentence = WrappedLabel("muted")
        self.quick = QPushButton(_OFFER)
        self.quick.setProperty("role", "primary")
        self.quick.setToolTip("Handwritten digits that come along; it takes some seconds")
        leave_focus(self.quick)
        self.quick.clicked.connect(self.quickWanted)
        self.body.setSpacing(6)
        self.body.addWidget(self.verdict)
        self.body.addWidget(self.sure)
        self.body.addWidget(self.bars, 1)
        self.body.addWidget(self.sentence)
        self.body.addWidget(self.quick)
        theme.changed.connect(self._restyle)
        self.offer_quick(False)
        self.say("")
        self._restyle()

    def show_answer(self, answer: Answer) -> None:
        """Show what the network says."""
        names, best, truth = answer.examined.class_names, answer.best, answer.subject.label
        self.bars.set_names(names)
        self.bars.show()
        if best is None:
            self.show_nothing("nothing to ask about yet", names)
            return
        self._role = "accent" if truth is None else "good" if truth == best else "bad"
        self._name = names[best]
        self.caption.set_text(answer.subject.caption)
        self.sure.setText(f"sure: {format_share(answer.probabilities[best])}")
        self.bars.set_probabilities(answer.probabilities, truth)
        self._restyle()

    def show_nothing(self, why: str, names: Sequence[str] = ()) -> None:
        """Say in a few words why there is no answer."""
        self._role, self._name = "faint", "?"
        self.caption.set_text("")
        self.sure.setText(why)
        self.bars.set_names(())
        self.bars.set_names(names)
        self._restyle()

    def say(self, sentence: str) -> None:
        """Say something about the answer, or the network."""
        self.sentence.set_text(sentence)
        if self.sentence.isHidden() == bool(sentence):
            self.sentence.setVisible(bool(sentence))
            self._restyle()

    def offer_quick(self, on: bool, progress: str = "") -> None:
        """Offer to train a network, or tell how far that is."""
        self.quick.setVisible(on or bool(progress))
        self.quick.setEnabled(not progress)
        self.quick.setText(progress or _OFFER)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the class's name the type that fits."""
        super().resizeEvent(event)
        self._restyle()

    def _restyle(self) -> None:
        """Write the class's name as large as fits; lower while there is a sentence to say."""
        theme = self._theme
        largest = theme.px(_LARGE if self.sentence.isHidden() else _LOW)
        font = QFont(theme.font("body"))
        font.setWeight(QFont.Weight.DemiBold)
        font.setPixelSize(largest)
        room = max(self.contentsRect().width() - 2 * _MARGIN, 1)
        wide = QFontMetricsF(font).horizontalAdvance(self._name)
        font.setPixelSize(
            max(min(largest, int(largest * room / max(wide, 1))), theme.px(_SMALLEST))
        )
        cut = QFontMetricsF(font).elidedText(self._name, Qt.TextElideMode.ElideMiddle, room)
        self.verdict.setText(cut)
        self.verdict.setToolTip(plain(self._name) if cut != self._name else "")
        color = getattr(theme.colors, self._role)
        style = f"font-size: {font.pixelSize()}px; font-weight: 600; color: {color};"
        if style != self._style:
            self._style = style
            self.verdict.setStyleSheet(style)
        self.verdict.setFixedHeight(round(largest * 1.2))
