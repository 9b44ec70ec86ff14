"""The settings of the selected layer, what is wrong with it, and buttons that mend it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from visualizer.learning.advice import Finding
from visualizer.learning.layers import (
    ACTIVATIONS,
    CLASSES,
    POOLINGS,
    Activation,
    Convolution,
    Dense,
    Dropout,
    Layer,
    Pool,
    Resize,
    Skip,
)
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label, scrolled
from visualizer.ui.widgets.fields import LabelledChoice, LabelledSlider
from visualizer.ui.widgets.wrapped_label import WrappedLabel

_ABOUT: dict[str, str] = {
    "Convolution": "Filters slid over all the maps: each gives one map.",
    "Pool": "Each window of a map becomes one number.",
    "GlobalAverage": "Each map becomes its mean: from maps to a list.",
    "Resize": "Images to a fixed size: small ones framed, large ones shrunk.",
    "BatchNorm": "Each channel to mean 0 and deviation 1 over the batch, then scaled and shifted.",
    "Activation": "A function of every number by itself.",
    "Dropout": "While training, numbers set to 0 at random.",
    "Flatten": "All maps, row by row, become one list.",
    "Dense": "Every unit is a weighted sum of the whole list.",
    "Skip": "What the layers inside give is added to what they were given.",
}


@dataclass(frozen=True)
class _Number:
    """A whole number of a layer, as a slider shows it."""

    name: str
    title: str
    low: int
    high: int
    is_logarithmic: bool = False


_WRITTEN = {"relu": "ReLU", "leaky-relu": "leaky ReLU", "elu": "ELU", "silu": "SiLU",
            "gelu": "GELU"}  # fmt: skip
_MOST_PADDING = 7  # of a convolution
_NUMBERS: dict[type, tuple[_Number, ...]] = {
    Convolution: (
        _Number("channels", "Filters", 1, 512, True),
        _Number("rows", "Kernel rows", 1, 15),
        _Number("columns", "Kernel columns", 1, 15),
        _Number("stride", "Stride", 1, 8),
        _Number("padding", "Padding", 0, _MOST_PADDING),
        _Number("dilation", "Dilation", 1, 4),
        _Number("groups", "Groups", 1, 64, True),
    ),
    Pool: (
        _Number("window", "Window", 1, 8),
        _Number("stride", "Stride", 1, 8),
        _Number("padding", "Padding", 0, 4),
    ),
    Dense: (_Number("units", "Units", 1, 4096, True),),
    Resize: (_Number("height", "Height", 4, 256), _Number("width", "Width", 4, 256)),
}


class LayerForm(QWidget):
    """Shows one layer and emits what the user asks for. Writes no model.

    Signals:
        changed(str, dict): other values for the layer, and a key shared by one gesture.
        mended(NetworkSpec, str): the network of a remedy, and what it is called.
        problem(str): why what is typed cannot be used; "" once it can.
    """

    changed = Signal(str, dict)
    mended = Signal(object, str)
    problem = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._layer: Layer | None = None
        self._sliders: dict[str, LabelledSlider] = {}
        self._choices: dict[str, LabelledChoice] = {}
        self._title = label("", "heading")
        self._about = WrappedLabel("caption")
        self._refusal = WrappedLabel("error")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(6)
        self._problem, self._hints = QVBoxLayout(), QVBoxLayout()
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(8)
        column.addLayout(self._problem)  # first, so that it is in sight whatever there is to set
        column.addWidget(self._title)
        column.addWidget(self._about)
        column.addLayout(self._grid)
        column.addWidget(self._refusal)
        column.addLayout(self._hints)
        column.addStretch(1)
        scroll = scrolled(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self._refusal.hide()

    @property
    def sentences(self) -> list[str]:
        """What is said about the layer and the network."""
        return [x.text() for x in self.findChildren(WrappedLabel) if x.property("finding")]

    def buttons(self) -> list[QPushButton]:
        """Return the buttons that mend something."""
        return [button for button in self.findChildren(QPushButton) if button.property("finding")]

    def control(self, name: str) -> QWidget:
        """Return what shows a value of the layer."""
        return self._sliders[name] if name in self._sliders else self._choices[name]

    def show_layer(self, name: str, layer: Layer | None, classes: int) -> None:
        """Show the settings of a layer, or that there is none."""
        if type(layer) is not type(self._layer):
            self._build(layer)
        self._layer = layer
        self._title.setText(name or "No layer")
        about = _ABOUT.get(type(layer).__name__, "Add a layer to begin.")
        self._about.set_text(about)
        self.refuse("")
        for key, slider in self._sliders.items():
            value = _value(layer, key, classes)
            slider.setEnabled(_is_set(layer, key))
            slider.setVisible(value is not None)
            if value is not None:
                slider.set_value(value)
        for key, choice in self._choices.items():
            choice.set_current(_key(layer, key))

    def show_findings(self, problem: Finding | None, hints: tuple[Finding, ...]) -> None:
        """Show what is wrong, or what could be better, each with its buttons."""
        for layout in (self._problem, self._hints):
            while (item := layout.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.hide()
                    widget.setParent(None)
                    widget.deleteLater()
        if problem is not None:
            self._problem.addWidget(self._finding(problem, "error"))
        for hint in hints:
            self._hints.addWidget(self._finding(hint, "muted"))

    def refuse(self, sentence: str) -> None:
        """Say why what was asked for cannot be; "" when it can."""
        self._refusal.set_text(sentence)
        self._refusal.setVisible(bool(sentence))

    def _build(self, layer: Layer | None) -> None:
        for control in (*self._sliders.values(), *self._choices.values()):
            self._grid.removeWidget(control)
            control.hide()
            control.deleteLater()
        self._sliders = {x.name: self._slider(x) for x in _NUMBERS.get(type(layer), ())}
        if isinstance(layer, Dropout):
            self._sliders["rate"] = self._rate()
        self._choices = {}
        match layer:
            case Convolution():
                self._choice("mode", "Padding is", [
                    ("set", "as set", "Zeros on every side, as the slider says"),
                    ("same", "“same”", "As many as keep rows and columns; needs stride 1"),
                ])  # fmt: skip
            case Pool():
                self._choice("pooling", "Pooling", [(x, x) for x in POOLINGS])
            case Activation():
                self._choice("name", "Function", [(x, _WRITTEN.get(x, x)) for x in ACTIVATIONS])
            case Dense():
                self._choice("many", "Units are", [
                    ("set", "as set", "As many as the slider says"),
                    ("classes", "one a class", "As many as there are classes"),
                ])  # fmt: skip
            case Skip():
                self._choice("shortcut", "On the way around", [
                    ("identity", "nothing", "What comes in is added as it is"),
                    ("projection", "1×1 convolution", "A projection, where shapes change"),
                ])  # fmt: skip
        for i, control in enumerate((*self._sliders.values(), *self._choices.values())):
            self._grid.addWidget(control, i // 2, i % 2)

    def _slider(self, number: _Number) -> LabelledSlider:
        slider = LabelledSlider(
            self._theme, number.title, number.low, number.high, logarithmic=number.is_logarithmic
        )
        slider.valueChanged.connect(
            lambda value: self._ask(slider.merge_key, number.name, int(value))
        )
        slider.problem.connect(self.problem)
        return slider

    def _rate(self) -> LabelledSlider:
        slider = LabelledSlider(self._theme, "Rate", 0, 0.9, step=0.05, decimals=2, trimmed=True)
        slider.valueChanged.connect(lambda value: self._ask(slider.merge_key, "rate", value))
        slider.problem.connect(self.problem)
        return slider

    def _choice(self, name: str, title: str, options: Any) -> None:
        choice = LabelledChoice(self._theme, title, options)
        choice.currentChanged.connect(lambda key: self._ask("", name, key))
        self._choices[name] = choice

    def _ask(self, merge: str, name: str, value: Any) -> None:
        if self._layer is not None:
            self.changed.emit(merge, _changes(self._layer, name, value))

    def _finding(self, finding: Finding, role: str) -> QWidget:
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(5)
        text = WrappedLabel(role)
        text.setProperty("finding", True)
        text.set_text(finding.sentence)
        column.addWidget(text)
        for remedy in finding.remedies:
            row = QHBoxLayout()
            button = QPushButton(remedy.text)
            button.setProperty("finding", True)
            button.setToolTip("Do this; it can be undone")
            button.clicked.connect(_later(self.mended.emit, remedy.spec, remedy.text.lower()))
            row.addWidget(button)
            row.addStretch(1)
            column.addLayout(row)
        return made


def _later(call: Callable[..., object], *arguments: Any) -> Callable[[], object]:
    return lambda: call(*arguments)


def _value(layer: Layer | None, name: str, classes: int) -> float | None:
    """Return what a slider shows; None where one number cannot tell it."""
    if isinstance(layer, Convolution):
        if name in ("rows", "columns"):
            return layer.sides[name == "columns"]
        if name == "channels":
            return layer.channels or classes
        if name == "padding" and layer.padding == "same":
            pads = {pad for side in layer.pads for pad in side}
            return pads.pop() if len(pads) == 1 and max(pads) <= _MOST_PADDING else None
    if isinstance(layer, Dense) and layer.units == CLASSES:
        return classes
    return float(getattr(layer, name))


def _is_set(layer: Layer | None, name: str) -> bool:
    """Whether a value is the user's to set, and does not follow from something else."""
    if isinstance(layer, Convolution) and name == "padding":
        return layer.padding != "same"
    return not (isinstance(layer, Dense) and layer.units == CLASSES)


def _key(layer: Layer | None, name: str) -> str:
    """Return the key that a choice shows."""
    match layer, name:
        case Convolution(), "mode":
            return "same" if layer.padding == "same" else "set"
        case Dense(), "many":
            return "set" if layer.units else "classes"
        case Skip(), "shortcut":
            return "projection" if layer.shortcut else "identity"
    return str(getattr(layer, name))


def _changes(layer: Layer, name: str, value: Any) -> dict[str, Any]:
    """Return the fields that a control's value means."""
    match layer, name:
        case Convolution(), "rows":
            return {"kernel": (value, layer.sides[1])}
        case Convolution(), "columns":
            return {"kernel": (layer.sides[0], value)}
        case Convolution(), "mode":
            same = {"padding": "same", "stride": 1}
            return same if value == "same" else {"padding": layer.pads[0][0]}
        case Dense(), "many":
            return {"units": CLASSES if value == "classes" else 64}
        case Skip(), "shortcut":
            return {"shortcut": _projection(layer) if value == "projection" else ()}
    return {name: value}


def _projection(skip: Skip) -> tuple[Convolution, ...]:
    """Return a 1×1 convolution as wide as the last one of the block, with all its strides."""
    convolutions = [layer for layer in skip.block if isinstance(layer, Convolution)]
    channels = convolutions[-1].channels if convolutions else 16
    stride = 1
    for layer in convolutions:
        stride *= layer.stride
    return (Convolution(channels, 1, min(stride, 63)),)
