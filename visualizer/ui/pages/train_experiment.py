"""The panel at the left of the Train page: what to train, and the buttons that do it."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import qtawesome
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from visualizer.learning.layers import ACTIVATIONS, POOLINGS
from visualizer.learning.networks import PRESETS
from visualizer.learning.settings import DEVICES, OPTIMIZERS, SCHEDULES
from visualizer.state.training import AS_DESIGNED, AUGMENTATIONS, LIVE, WIDTHS, Experiment
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.choices import Option
from visualizer.ui.widgets.fields import LabelledChoice, LabelledSlider

WIDTH = 232  # px at scale 1
_AROUND_BODY = 30  # px at any scale: margins and frame of a card
_MOST_REFUSAL_LINES = 7

OWN_FOLDER = "own folder"
CLASSICS = {
    "mnist": "MNIST",
    "fashion-mnist": "Fashion-MNIST",
    "kmnist": "KMNIST",
    "cifar10": "CIFAR-10",
    "svhn": "SVHN",
}
_BETWEEN_WORDS = "\n"  # of the key of some data: a folder's name may hold anything else
DATA: tuple[Option, ...] = (
    ("digits", "Digits", "1,797 handwritten digits, 28×28 grey; they come along"),
    ("shapes", "Shapes", "4,000 generated pictures of six shapes, 32×32 in colour"),
    ("shapes\n1000", "Shapes, 1,000", "Fewer of them"),
    ("shapes\n20000", "Shapes, 20,000", "More of them"),
    None,
    *((key, title, "From a folder that holds it, or downloaded") for key, title in
      CLASSICS.items()),
    None,
    (OWN_FOLDER, "A folder of images…", "With a folder for each class, or train/ and val/ of them"),
)  # fmt: skip
_OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}
_SCHEDULES = {"constant": "Constant", "cosine": "Cosine", "one-cycle": "One cycle"}
_DEVICES = {"auto": "Auto", "cpu": "CPU", "cuda": "CUDA", "mps": "MPS"}
_AUGMENTATIONS = {"none": "None", "gentle": "Gentle", "strong": "Strong"}
_NORMS = {"": None, "on": True, "off": False}
_TEMPOS = {
    "": "Flat out",
    "100": "100 steps a second",
    "30": "30 steps a second",
    "10": "10 steps a second",
    "3": "3 steps a second",
    "1": "1 step a second",
}


class ExperimentCard(Card):
    """Shows and asks for the experiment. Writes no model.

    Signals:
        edited(label, merge key, changes): the user asks for other settings.
        dataChosen(words), networkChosen(key): the user asks for these, with all that suits them.
        folderWanted(): the user wants to choose a folder of images.
        tempoChosen(float or None): steps a second, None for flat out.
        problem(str): why what is typed cannot be used; "" once it can.
    """

    edited = Signal(str, str, dict)
    dataChosen = Signal(tuple)
    folderWanted = Signal()
    networkChosen = Signal(str)
    tempoChosen = Signal(object)
    problem = Signal(str)

    def __init__(self, theme: Theme, buttons: Sequence[QAction]) -> None:
        """Build it; the first of `buttons` becomes the large one."""
        super().__init__("Experiment")
        self._theme = theme
        self._controls: dict[str, QWidget] = {}
        self._offered, self._own = len(DATA), ""
        self.refusal = _Refusal()
        self.refusal.hide()
        form = self._form()
        scroll = QScrollArea()
        scroll.setWidget(form)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._tempo = LabelledChoice(
            theme, "", list(_TEMPOS.items()), name="Tempo", tip="How fast steps follow each other"
        )
        leave_focus(self._tempo)
        self._tempo.currentChanged.connect(
            lambda key: self.tempoChosen.emit(float(key) if key else None)
        )
        self.body.addWidget(scroll, 1)
        self.body.addWidget(self.refusal)
        self.body.addWidget(self._tempo)
        self.body.addLayout(self._button_row(buttons))
        theme.changed.connect(self._fit)
        self._fit()

    def show_experiment(self, experiment: Experiment, busy: bool) -> None:
        """Show the settings; while a run goes on only those it can take on are live."""
        words = _BETWEEN_WORDS.join(experiment.data)
        self._offer(words, experiment.data)
        for name, control in self._controls.items():
            control.setEnabled(not busy or name in LIVE)
            value: Any = words if name == "data" else getattr(experiment, name)
            if isinstance(control, LabelledChoice):
                control.set_current(_key(value))
            elif isinstance(control, LabelledSlider):
                control.set_value(value)

    def _offer(self, key: str, words: tuple[str, ...]) -> None:
        """Offer data of the user's own too, while they are chosen."""
        options = list(DATA)
        if key not in {option[0] for option in DATA if isinstance(option, tuple)}:
            name = CLASSICS.get(words[0], "")
            options.append((key, f"{name} {Path(words[-1]).name}".strip(), words[-1]))
        if len(options) != self._offered:
            self._offered = len(options)
        elif len(options) == len(DATA) or key == self._own:
            return
        self._own = key
        data = self._controls["data"]
        assert isinstance(data, LabelledChoice)
        data.set_options(options)

    def refuse(self, sentence: str) -> None:
        """Say why this cannot be trained; "" when it can."""
        # A long path may be broken after each folder.
        self.refusal.setText(sentence.replace("/", "/\u200b"))
        self.refusal.setToolTip(sentence)
        self.refusal.setVisible(bool(sentence))
        self._fit_refusal()

    def _fit_refusal(self) -> None:
        """Take the height from the form, which scrolls."""
        height = self.refusal.heightForWidth(self._theme.px(WIDTH) - _AROUND_BODY)
        most = _MOST_REFUSAL_LINES * self.refusal.fontMetrics().lineSpacing()
        self.refusal.setFixedHeight(max(0, min(height, most)))

    @property
    def tempo(self) -> float | None:
        """Steps a second, or None for flat out."""
        return float(self._tempo.current()) if self._tempo.current() else None

    def set_tempo(self, tempo: float | None) -> None:
        """Show another tempo, one of those offered."""
        self._tempo.set_current("" if tempo is None else f"{tempo:g}")

    def _form(self) -> QWidget:
        form = QWidget()
        grid = QGridLayout(form)
        grid.setContentsMargins(0, 0, 4, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(7)
        choice, slider = self._choice, self._slider
        networks = [(key, spec.name) for key, spec in PRESETS.items()]
        as_designed = (AS_DESIGNED, "As is", "As the network was designed")
        rows: tuple[tuple[QWidget, ...], ...] = (
            (choice("data", "Data", DATA, "What to learn from"),),
            (choice("network", "Network", networks, "What is to learn"),),
            (
                choice("optimizer", "Optimizer", _named(OPTIMIZERS, _OPTIMIZERS),
                       "How gradients become changes of the weights"),
                choice("schedule", "Schedule", _named(SCHEDULES, _SCHEDULES),
                       "How the learning rate moves over the run"),
            ),
            (slider("learning_rate", "Learning rate", 1e-5, 1.0, decimals=5, logarithmic=True),),
            (slider("batch_size", "Batch size", 1, 512),),
            (slider("epochs", "Epochs", 0.5, 100, step=0.5, decimals=1),),
            (slider("dropout", "Dropout", 0, 0.9, step=0.05, decimals=2),),
            (
                choice("augmentation", "Augmentation", _named(AUGMENTATIONS, _AUGMENTATIONS),
                       "Each training image a little different each time"),
                choice("device", "Device", _named(DEVICES, _DEVICES), "Where to compute"),
            ),
            (
                choice("activation", "Activation", [as_designed, *_titled(ACTIVATIONS)],
                       "Replaces every activation"),
                choice("pooling", "Pooling", [as_designed, *_titled(POOLINGS)],
                       "Replaces every pooling"),
            ),
            (
                choice("batch_norm", "Batch norm", [as_designed, ("on", "On"), ("off", "Off")],
                       "Normalise over the batch before each activation"),
                choice("width", "Width", [(_key(w), f"× {w:g}") for w in WIDTHS],
                       "Filters and units, times this"),
            ),
            (slider("seed", "Seed", 0, 99),),
        )  # fmt: skip
        for row, widgets in enumerate(rows):
            for column, widget in enumerate(widgets):
                grid.addWidget(widget, row, column, 1, 2 // len(widgets))
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(rows), 1)
        return form

    def _choice(self, name: str, title: str, options: Any, tip: str) -> LabelledChoice:
        made = LabelledChoice(self._theme, title, options, tip=tip)
        made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        leave_focus(made)
        made.currentChanged.connect(partial(self._chosen, name))
        self._controls[name] = made
        return made

    def _slider(self, name: str, title: str, low: float, high: float, **how: Any) -> LabelledSlider:
        made = LabelledSlider(self._theme, title, low, high, trimmed=True, **how)
        leave_focus(made)
        whole = "decimals" not in how
        made.valueChanged.connect(
            lambda v: self.edited.emit(
                title.lower(), made.merge_key, {name: int(v) if whole else v}
            )
        )
        made.problem.connect(self.problem)
        self._controls[name] = made
        return made

    def _chosen(self, name: str, key: str) -> None:
        if key == OWN_FOLDER:
            self.folderWanted.emit()
        elif name == "data":
            self.dataChosen.emit(tuple(key.split(_BETWEEN_WORDS)))
        elif name == "network":
            self.networkChosen.emit(key)
        else:
            value: Any = key
            if name == "batch_norm":
                value = _NORMS[key]
            elif name == "width":
                value = float(key)
            self.edited.emit(name.replace("_", " "), "", {name: value})

    def _button_row(self, actions: Sequence[QAction]) -> QVBoxLayout:
        first, *others = (_CommandButton(action) for action in actions)
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
        self._fit_refusal()


class _Refusal(QLabel):
    """Wrapped lines of a height that is given: one that depended on the width, as is usual with
    labels, would make the whole page taller than the window.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "error")
        self.setWordWrap(True)

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
    action.setIcon(qtawesome.icon(f"mdi6.{name}", color=color, color_disabled=colors.faint))


def _key(value: Any) -> str:
    """Return the key under which a value is offered."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _named(keys: Sequence[str], names: dict[str, str]) -> list[tuple[str, str]]:
    return [(key, names[key]) for key in keys]


def _titled(keys: Sequence[str]) -> list[tuple[str, str]]:
    return [(key, key[:1].upper() + key[1:].replace("-", " ")) for key in keys]
