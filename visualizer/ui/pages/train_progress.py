"""The line at the foot of the Train page: how far the run is, or a question about it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QStackedWidget, QWidget

from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.elided_label import ElidedLabel
from visualizer.ui.widgets.two_lines import TwoLines

HEIGHT = 34  # px at scale 1

Answer = tuple[str, Callable[[], object]]


class ProgressLine(QStackedWidget):
    """Two lines in one place, so that nothing moves when a question comes up."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._answers: list[QPushButton] = []
        self._state = label("", "here")
        self._facts = ElidedLabel("", "number")
        self._device = ElidedLabel("", "small_number")
        progress = QWidget()
        row = QHBoxLayout(progress)
        row.setContentsMargins(2, 0, 2, 0)
        row.setSpacing(14)
        row.addWidget(self._state)
        row.addWidget(self._facts)
        row.addStretch(1)
        row.addWidget(self._device)
        self._question = QWidget()
        self._sentence = TwoLines(theme)
        self._row = QHBoxLayout(self._question)
        self._row.setContentsMargins(2, 0, 2, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self._sentence, 1)
        self.addWidget(progress)
        self.addWidget(self._question)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._fit)
        self._fit()

    @property
    def sentence(self) -> str:
        """The question on show, or ""."""
        return self._sentence.accessibleName() if self.currentIndex() else ""

    def show_state(self, state: str, facts: str) -> None:
        """Show what the run does and how far it is."""
        self._state.setText(state)
        self._facts.set_text(facts)

    def show_device(self, text: str) -> None:
        """Show where it computes and what that takes."""
        self._device.set_text(text)

    def ask(self, sentence: str, answers: Sequence[Answer]) -> None:
        """Ask; any answer puts the question away first.

        Tab leads to the answers from where the keyboard is, which they do not take.
        """
        self.withdraw()
        self._sentence.set_text(sentence)
        for text, act in answers:
            button = QPushButton(text)
            button.clicked.connect(lambda _checked=False, act=act: self._answer(act))
            self._answers.append(button)
            self._row.addWidget(button)
        if self._answers:
            self._answers[0].setProperty("role", "primary")
        self.setCurrentWidget(self._question)
        before = self.window().focusWidget()
        for button in self._answers if before is not None else ():
            _lead(before, button)
            before = button

    def say(self, sentence: str) -> None:
        """Word the question on show differently; its answers stay."""
        self._sentence.set_text(sentence)

    def answers(self) -> list[QPushButton]:
        """Return the buttons of the question on show."""
        return list(self._answers)

    def withdraw(self) -> None:
        """Put the question away."""
        for button in self._answers:
            button.hide()
            button.deleteLater()
        self._answers.clear()
        self.setCurrentIndex(0)

    def _answer(self, act: Callable[[], object]) -> None:
        self.withdraw()
        act()

    def _fit(self) -> None:
        self.setFixedHeight(self._theme.px(HEIGHT))


def _lead(before: QWidget, after: QWidget) -> None:
    """Let Tab lead from one to the other; Qt does it only where a click gives the keyboard.

    A page has it without: it is given to it when it is shown.
    """
    policy = before.focusPolicy()
    if policy == Qt.FocusPolicy.NoFocus:
        before.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    QWidget.setTabOrder(before, after)
    before.setFocusPolicy(policy)
