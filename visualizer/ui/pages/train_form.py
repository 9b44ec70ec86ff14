"""The choices of the Train page's experiment panel: data, network, optimizer and the rest."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from visualizer.learning.layers import ACTIVATIONS, POOLINGS, Activation, Convolution, Dense, Pool
from visualizer.learning.networks import PRESETS, NetworkSpec
from visualizer.learning.pipeline import OWN, PRESET_TITLES
from visualizer.learning.settings import DEVICES, OPTIMIZERS, PRECISIONS, SCHEDULES
from visualizer.state.training import (
    AS_DESIGNED,
    CLASSICS,
    COLOURS,
    CUSTOM,
    LIVE,
    MOST_HISTORY_MB,
    SIDES,
    WIDTHS,
    Experiment,
)
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.choices import Option
from visualizer.ui.widgets.fields import LabelledChoice, LabelledSlider
from visualizer.ui.widgets.fold import Fold

OWN_FOLDER = "own folder"
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
OPTIMIZER_NAMES = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}
SCHEDULE_NAMES = {"constant": "Constant", "cosine": "Cosine", "one-cycle": "One cycle"}
_DEVICES = {"auto": "Auto", "cpu": "CPU", "cuda": "CUDA", "mps": "MPS"}
_PRECISIONS = {"auto": "Auto", "float32": "float32", "bfloat16": "bfloat16"}
_AUGMENTATIONS: tuple[Option, ...] = (
    *((key, title, tip) for key, (title, tip) in PRESET_TITLES.items()),
    None,
    (OWN, "Composed", "The pipeline of the Augment page; its changes follow"),
)
_COLOURS = {"": "Auto", "grey": "Grey", "rgb": "RGB"}
_SWITCHES = {"": None, "on": True, "off": False}
_HISTORY_TIP = (
    "Memory for the weights of earlier steps, which the slider below goes back to: at most 300 of "
    "them, the early ones every step; 0 keeps none"
)
_WRITTEN = {"relu": "ReLU", "leaky-relu": "Leaky", "elu": "ELU", "silu": "SiLU",
            "gelu": "GELU"}  # fmt: skip
_AS_DESIGNED = (AS_DESIGNED, "As is", "As the network was designed")
# What a choice changes, and how to say that a network has none of it.
_CHANGES: dict[str, tuple[tuple[type, ...], str]] = {
    "activation": ((Activation,), "This network has no activation to replace"),
    "pooling": ((Pool,), "This network has no pooling to replace"),
    "width": ((Convolution, Dense), "This network has neither filters nor units"),
}

_BETWEEN_ROWS = 5  # px at any scale: all of the usual rows are seen on a screen of 1280 × 720

_Row = tuple[QWidget, ...]


class ExperimentForm(QWidget):
    """Shows an experiment and emits what the user asks for. Writes no model.

    Signals:
        edited(label, merge key, changes): the user asks for other settings.
        dataChosen(words), networkChosen(key), augmentationChosen(key): the user asks for these,
            with all that suits them.
        folderWanted(): the user wants to choose a folder of images.
        folderRead(side, colour): how the user wants it read, "" as proposed.
        problem(str): why what is typed cannot be used; "" once it can.
    """

    edited = Signal(str, str, dict)
    dataChosen = Signal(tuple)
    folderWanted = Signal()
    folderRead = Signal(str, str)
    networkChosen = Signal(str)
    augmentationChosen = Signal(str)
    problem = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._controls: dict[str, QWidget] = {}
        self._offered, self._own = len(DATA), ""
        self._sides: list[str] = []
        self._network = ""  # the name under which one of the user's own is offered
        self._designed = ""
        self._is_busy = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(_BETWEEN_ROWS)
        column.addWidget(_grid([(self._choice("data", "Data", DATA, "What to learn from"),)]))
        self._folder = _grid([self._folder_row()])
        column.addWidget(self._folder)
        column.addWidget(_grid(self._usual_rows()))
        tip = "What the network is made of, and what is seldom changed"
        self.fold = Fold(theme, "More settings", _grid(self._further_rows()), tip)
        column.addWidget(self.fold)
        column.addStretch(1)

    def show_experiment(self, experiment: Experiment, busy: bool) -> None:
        """Show the settings; while a run goes on only those it can take on are live.

        What has been mistyped before it began is shown no longer: it is not what it trains with.
        """
        begins, self._is_busy = busy and not self._is_busy, busy
        words = _BETWEEN_WORDS.join(experiment.data)
        self._offer(words, experiment.data)
        side, colour = experiment.folder_reading
        self._offer_side(side)
        spec = experiment.design()
        self._offer_network(spec.name if experiment.network == CUSTOM else self._designed)
        values = {"data": words, "side": side, "colour": colour}
        for name, control in self._controls.items():
            control.setEnabled(not busy or name in LIVE)
            value: Any = values[name] if name in values else getattr(experiment, name)
            if isinstance(control, LabelledChoice):
                control.set_current(_key(value))
            elif isinstance(control, LabelledSlider):
                control.set_value(value)
                if begins:
                    control.drop_mistyped()
        for name in _CHANGES:
            self._allow(name, spec, busy)
        self._folder.setVisible(experiment.data[0] == "folder")

    def show_design(self, name: str) -> None:
        """Offer the network of the Network page under its name; "" when it is none of one's own."""
        self._designed = name
        if self._choice_of("network").current() != CUSTOM:
            self._offer_network(name)

    def control(self, name: str) -> QWidget:
        """Return what shows a setting."""
        return self._controls[name]

    def _offer(self, key: str, words: tuple[str, ...]) -> None:
        """Offer data of the user's own too, while they are chosen."""
        options = list(DATA)
        if key not in {option[0] for option in DATA if isinstance(option, tuple)}:
            name = CLASSICS.get(words[0], "")
            options.append((key, f"{name} {Path(words[1]).name}".strip(), words[1]))
        if len(options) != self._offered:
            self._offered = len(options)
        elif len(options) == len(DATA) or key == self._own:
            return
        self._own = key
        self._choice_of("data").set_options(options)

    def _offer_side(self, side: str) -> None:
        """Offer the usual sizes, and one that came with a run."""
        sides = sorted({*SIDES, *filter(None, (side,))}, key=int)
        if sides != self._sides:
            self._sides = sides
            automatic = ("", "Auto", "Near that of the pictures")
            self._choice_of("side").set_options([automatic, *((s, f"{s} × {s}") for s in sides)])

    def _offer_network(self, name: str) -> None:
        """Offer the presets, and a network of the user's own under its name."""
        if name != self._network:
            self._network = name
            options: list[Option] = [(key, spec.name) for key, spec in PRESETS.items()]
            if name:
                options += [None, (CUSTOM, name, "The network built on the Network page")]
            self._choice_of("network").set_options(options)

    def _allow(self, name: str, spec: NetworkSpec, busy: bool) -> None:
        """Let a choice be made where the network has something that it changes."""
        kinds, reason = _CHANGES[name]
        control = self._choice_of(name)
        has_some = any(isinstance(node.layer, kinds) for node in spec.nodes())
        control.setEnabled(has_some and not busy)
        control.set_tip("" if has_some else reason)

    def _choice_of(self, name: str) -> LabelledChoice:
        control = self._controls[name]
        assert isinstance(control, LabelledChoice)
        return control

    def _folder_row(self) -> _Row:
        return (
            self._choice("side", "Image size", (), "What the pictures are made into"),
            self._choice("colour", "Colour", _named(("", *COLOURS), _COLOURS),
                         "Auto: grey when all the pictures are"),
        )  # fmt: skip

    def _usual_rows(self) -> list[_Row]:
        choice, slider = self._choice, self._slider
        networks = [(key, spec.name) for key, spec in PRESETS.items()]
        return [
            (choice("network", "Network", networks, "What is to learn"),),
            (
                choice("optimizer", "Optimizer", _named(OPTIMIZERS, OPTIMIZER_NAMES),
                       "How gradients become changes of the weights"),
                choice("schedule", "Schedule", _named(SCHEDULES, SCHEDULE_NAMES),
                       "How the learning rate moves over the run"),
            ),
            (slider("learning_rate", "Learning rate", 1e-5, 1.0, decimals=5, logarithmic=True),),
            (slider("batch_size", "Batch size", 1, 512),),
            (slider("epochs", "Epochs", 0.5, 100, step=0.5, decimals=1),),
            (slider("dropout", "Dropout", 0, 0.9, step=0.05, decimals=2),),
            (
                choice("augmentation", "Augmentation", _AUGMENTATIONS,
                       "Each training image a little different each time"),
                choice("device", "Device", _named(DEVICES, _DEVICES), "Where to compute"),
            ),
        ]  # fmt: skip

    def _further_rows(self) -> list[_Row]:
        choice, slider = self._choice, self._slider
        return [
            (
                choice("activation", "Activation", [_AS_DESIGNED, *_titled(ACTIVATIONS)],
                       "Replaces every activation"),
                choice("pooling", "Pooling", [_AS_DESIGNED, *_titled(POOLINGS)],
                       "Replaces every pooling"),
            ),
            (
                choice("batch_norm", "Batch norm", [_AS_DESIGNED, ("on", "On"), ("off", "Off")],
                       "Normalise over the batch before each activation"),
                choice("width", "Width", [(_key(w), f"× {w:g}") for w in WIDTHS],
                       "Filters and units, times this"),
            ),
            (slider("weight_decay", "Weight decay", 0, 0.1, step=0.0005, decimals=4,
                    tip="Pulls every weight towards 0: a penalty on large ones"),),
            (slider("label_smoothing", "Label smoothing", 0, 0.5, step=0.05, decimals=2,
                    tip="Share of the target spread evenly over the classes"),),
            (
                choice("precision", "Precision", _named(PRECISIONS, _PRECISIONS),
                       "Numbers to multiply with; auto takes bfloat16 where it pays"),
                choice("deterministic", "Repeatable", [("on", "Yes"), ("off", "No")],
                       "The same seed gives the same curve; no may be faster on a GPU"),
            ),
            (slider("seed", "Seed", 0, 99),),
            (slider("history_mb", "History memory, MB", 0, MOST_HISTORY_MB, step=16,
                    tip=_HISTORY_TIP),),
        ]  # fmt: skip

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
        elif name == "augmentation":
            self.augmentationChosen.emit(key)
        elif name in ("side", "colour"):
            side, colour = (self._choice_of(which).current() for which in ("side", "colour"))
            self.folderRead.emit(side, colour)
        else:
            value: Any = key
            if name in ("batch_norm", "deterministic"):
                value = _SWITCHES[key]
            elif name == "width":
                value = float(key)
            self.edited.emit(name.replace("_", " "), "", {name: value})


def _grid(rows: Sequence[_Row]) -> QWidget:
    """Return the rows below each other, those of two widgets in halves."""
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(_BETWEEN_ROWS)
    for row, widgets in enumerate(rows):
        for column, widget in enumerate(widgets):
            grid.addWidget(widget, row, column, 1, 2 // len(widgets))
    grid.setColumnStretch(0, 1)
    grid.setColumnStretch(1, 1)
    return made


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
    return [(key, _WRITTEN.get(key, key.capitalize())) for key in keys]
