"""The numbers of a filter besides its weights: stride, padding, dilation, bias, and the choices."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QWidget

from visualizer.core.convolution import ACTIVATIONS
from visualizer.core.geometry import RANGES, PaddingMode
from visualizer.core.image import Image
from visualizer.state.filter_settings import FilterSettings
from visualizer.state.filters import LaidFilter
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.fields import LabelledChoice, LabelledSlider
from visualizer.ui.widgets.slider import Slider

BY_AMOUNT = "amount"
_PADDINGS = (
    (BY_AMOUNT, "Padding as set", "As many cells on every side as the slider says"),
    ("valid", "Valid: no padding", "The window stays inside the picture"),
    ("same", "Same size", "At stride 1 the feature map is as large as the input"),
    ("full", "Full overlap", "Every place where window and picture overlap counts"),
)
_BORDERS = (
    ("zero", "Border: zero", "Outside the picture everything is 0"),
    ("replicate", "Border: replicate", "Outside, the nearest pixel of the edge is repeated"),
    ("reflect", "Border: reflect", "Mirrored at the edge, which itself is not repeated"),
    ("wrap", "Border: wrap", "The picture begins again on the other side"),
)
_ACTIVATION_TIPS = {
    "none": "The sum and the bias, as they are",
    "ReLU": "max(0, x): negative numbers become 0",
    "ReLU6": "ReLU that ends at 6",
    "leaky ReLU": "Negative numbers are kept at a hundredth",
    "sigmoid": "1 / (1 + e⁻ˣ), between 0 and 1",
    "tanh": "Between −1 and 1",
    "absolute": "|x|: the size without the sign",
}
_TURNS = (
    ("correlation", "Correlation", "As in every deep-learning library: the kernel as it stands"),
    ("convolution", "True convolution", "As in mathematics: the kernel is turned by 180° first"),
)


class Parameters(QWidget):
    """Shows and asks for what is not in the kernel. Writes no model.

    Signals:
        edited(label, merge key, changes): the user asks for other settings.
        problem(str): why what is typed cannot be used; "" once it can.
    """

    edited = Signal(str, str, dict)
    problem = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._settings = FilterSettings()
        self._image: Image | None = None
        self._stride = self._slider("Stride", "stride", "Pixels from one window to the next")
        self._padding = self._slider("Padding", "padding", "Cells added on every side")
        self._dilation = self._slider("Dilation", "dilation", "Pixels from one weight to the next")
        self._bias = LabelledSlider(
            theme, "Bias", -255, 255, decimals=3, trimmed=True, value=0, tip="Added to every sum"
        )
        self._mode = self._choice("padding", _PADDINGS, "How padding is chosen")
        self._border = self._choice("border", _BORDERS, "What stands beyond the picture's edge")
        self._activation = self._choice(
            "activation",
            [(name, "No activation" if name == "none" else _title(name), _ACTIVATION_TIPS[name])
             for name in ACTIVATIONS],
            "What is done to each sum",
        )  # fmt: skip
        self._turn = self._choice("flip", _TURNS, "How the kernel is laid on the picture")
        self._connect()
        self._lay_out()

    def show_laid(self, laid: LaidFilter) -> None:
        """Show the settings in force and what they allow."""
        settings = self._settings = laid.settings
        if self._image is not laid.image:
            self._image = laid.image
            self._fit_bias(laid.image)
        pad = laid.geometry.padding
        self._stride.set_value(settings.stride)
        self._padding.set_value(max(pad.top, pad.bottom, pad.left, pad.right))
        self._dilation.set_value(settings.dilation)
        self._bias.set_value(settings.bias)
        self._mode.set_current(BY_AMOUNT if isinstance(settings.padding, int) else settings.padding)
        self._border.set_current(settings.border)
        self._activation.set_current(settings.activation)
        self._turn.set_current("convolution" if settings.flip else "correlation")

    def _slider(self, title: str, field: str, tip: str) -> LabelledSlider:
        low, high = RANGES[field]  # type: ignore[index]
        slider = LabelledSlider(
            self._theme, title, low, high, tip=tip, check=lambda v: self._why_not(field, int(v))
        )
        slider.valueChanged.connect(
            lambda v: self.edited.emit(title.lower(), slider.merge_key, {field: int(v)})
        )
        return slider

    def _choice(self, name: str, options: Any, tip: str) -> LabelledChoice:
        choice = LabelledChoice(self._theme, "", options, name=name.capitalize(), tip=tip)
        choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        leave_focus(choice)
        return choice

    def _connect(self) -> None:
        self._bias.valueChanged.connect(
            lambda v: self.edited.emit("bias", self._bias.merge_key, {"bias": v})
        )
        self._mode.currentChanged.connect(self._choose_padding)
        self._border.currentChanged.connect(
            lambda key: self.edited.emit("border", "", {"border": key})
        )
        self._activation.currentChanged.connect(
            lambda key: self.edited.emit("activation", "", {"activation": key})
        )
        self._turn.currentChanged.connect(
            lambda key: self.edited.emit(key, "", {"flip": key == "convolution"})
        )
        for slider in (self._stride, self._padding, self._dilation, self._bias):
            slider.problem.connect(self.problem)
            leave_focus(slider)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        rows = (
            (self._stride, self._padding),
            (self._dilation, self._bias),
            (self._mode, self._border),
            (self._activation, self._turn),
        )
        for row, pair in enumerate(rows):
            for column, widget in enumerate(pair):
                grid.addWidget(widget, row, column)
                grid.setColumnStretch(column, 1)

    def _fit_bias(self, image: Image) -> None:
        """Let the bias reach as far as the picture's values do."""
        low, high = image.value_range
        span = high - low
        whole = image.pixels.dtype.kind == "u" or span > 16
        self._bias.set_range(-span, span, 1 if whole else span / 200)

    def _why_not(self, field: str, value: int) -> str:
        if self._image is None:
            return ""
        changes: dict[str, Any] = {field: value}
        return replace(self._settings, **changes).why_not(self._image)

    def _choose_padding(self, key: str) -> None:
        padding: PaddingMode = key  # type: ignore[assignment]
        if key == BY_AMOUNT:
            low, high = RANGES["padding"]
            padding = int(min(max(self._padding.value(), low), high))
        self.edited.emit("padding", "", {"padding": padding})


def leave_focus(control: QWidget) -> None:
    """Let a click on a control leave the keyboard with the page; Tab still reaches it."""
    parts: list[QWidget] = [*control.findChildren(QAbstractButton)]
    parts = parts or [*control.findChildren(Slider)] or [control.focusProxy() or control]
    for part in parts:
        part.setFocusPolicy(Qt.FocusPolicy.TabFocus)


def _title(name: str) -> str:
    return name[:1].upper() + name[1:]
