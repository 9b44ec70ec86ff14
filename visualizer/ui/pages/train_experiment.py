"""The panel at the left of the Train page: what to train, and the buttons that do it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
)

from visualizer.state.training import Experiment
from visualizer.ui import icons
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.pages.train_form import ExperimentForm
from visualizer.ui.theme import Theme
from visualizer.ui.tooltips import plain
from visualizer.ui.widgets.card import Card, scrolled
from visualizer.ui.widgets.fields import LabelledChoice

WIDTH = 250  # px at scale 1: every choice is whole beside a scroll bar
_AROUND_BODY = 30  # px at any scale: margins and frame of a card
_MOST_REFUSAL_LINES = 8
_TEMPOS = {
    "": "As fast as possible",
    "100": "100 steps a second",
    "30": "30 steps a second",
    "10": "10 steps a second",
    "3": "3 steps a second",
    "1": "1 step a second",
}


class ExperimentCard(Card):
    """The form, why it cannot be trained, and the commands.

    Signals:
        tempoChosen(float or None): steps a second, None for as fast as possible.
    """

    tempoChosen = Signal(object)

    def __init__(self, theme: Theme, buttons: Sequence[QAction]) -> None:
        """Build it; the first of `buttons` becomes the large one."""
        super().__init__("Experiment")
        self._theme = theme
        self.form = ExperimentForm(theme)
        self.refusal = _Refusal()
        self.refusal.hide()
        self._refused = self._mistyped = ""
        scroll = scrolled(self.form)
        self._tempo = LabelledChoice(
            theme, "", list(_TEMPOS.items()), name="Tempo", tip="How fast steps follow each other"
        )
        leave_focus(self._tempo)
        self._tempo.currentChanged.connect(
            lambda key: self.tempoChosen.emit(float(key) if key else None)
        )
        self.body.setSpacing(4)
        self.body.addWidget(scroll, 1)
        self.body.addWidget(self.refusal)
        self.body.addWidget(self._tempo)
        self.body.addLayout(self._button_row(buttons))
        theme.changed.connect(self._fit)
        self._fit()

    def show_experiment(self, experiment: Experiment, busy: bool) -> None:
        """Show the settings; while a run goes on only those it can take on are live."""
        self.form.show_experiment(experiment, busy)

    def refuse(self, sentence: str) -> None:
        """Say why this cannot be trained; "" when it can."""
        self._refused = sentence
        self._say_why()

    def refuse_typed(self, sentence: str) -> None:
        """Say why what is being typed cannot be used, before anything else; "" once it can."""
        self._mistyped = sentence
        self._say_why()

    def _say_why(self) -> None:
        sentence = self._mistyped or self._refused
        # A long path may be broken after each folder.
        self.refusal.setText(sentence.replace("/", "/\u200b"))
        self.refusal.setToolTip(plain(sentence))
        self.refusal.setVisible(bool(sentence))
        self._fit_refusal()

    def _fit_refusal(self) -> None:
        """Take the height from the form, which scrolls."""
        height = self.refusal.heightForWidth(self._theme.px(WIDTH) - _AROUND_BODY)
        most = _MOST_REFUSAL_LINES * self.refusal.fontMetrics().lineSpacing()
        self.refusal.setFixedHeight(max(0, min(height, most)))

    def _button_row(self, actions: Sequence[QAction]) -> QVBoxLayout:
        first, *others = self._commands = [_CommandButton(action) for action in actions]
        first.setProperty("role", "primary")
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in others:
            row.addWidget(button)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addWidget(first)
        column.addLayout(row)
        return column

    def _fit(self) -> None:
        self.setFixedWidth(self._theme.px(WIDTH))
        icons.fit(self._theme, *self._commands)
        self._fit_refusal()


class _Refusal(QLabel):
    """Wrapped lines of a height that is given: one that depended on the width, as is usual with
    labels, would make the whole page taller than the window.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "error")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)  # its beginning, where not all of it fits

    def hasHeightForWidth(self) -> bool:
        """Say no."""
        return False


class _CommandButton(QPushButton):
    """A push button for a command, whose text is in the middle as a tool button's is not."""

    def __init__(self, action: QAction) -> None:
        super().__init__()
        self._action = action
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        leave_focus(self)
        self.clicked.connect(lambda: action.trigger())
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        self.setText(self._action.text())
        self.setIcon(self._action.icon())
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(self._action.toolTip())
        self.setAccessibleName(self._action.text())


def set_icon(
    action: QAction | QAbstractButton, name: str, theme: Theme, primary: bool = False
) -> None:
    """Give a command or a button an icon in the theme's colours."""
    colors = theme.colors
    color = colors.on_accent if primary else colors.text
    action.setIcon(icons.icon(f"mdi6.{name}", color=color, color_disabled=colors.faint))
