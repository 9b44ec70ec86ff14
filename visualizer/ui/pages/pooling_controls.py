"""The Pooling card: which way of pooling, which window, and what the page shows of it."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout

from visualizer.core.image import Image
from visualizer.core.numbers import format_number
from visualizer.core.pool_window import RANGES
from visualizer.core.presets import groups
from visualizer.state.pooling import PoolFrame
from visualizer.state.pooling_model import changed
from visualizer.state.pooling_settings import PoolingSettings
from visualizer.ui.icons import icon
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.pages.picture_cards import FIRST_ROW, MiddleCard
from visualizer.ui.pages.pooling_pad import ShiftPad
from visualizer.ui.theme import Theme
from visualizer.ui.tooltips import plain
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.fields import LabelledChoice, LabelledSlider, SegmentedButtons

VIEWS = (
    ("forwards", "Forwards", "From the window to the pooled cell"),
    ("backwards", "Backwards", "Where the gradient of an output cell goes"),
    ("shift", "Shift", "Does it matter where? The picture moved by a pixel, before and after"),
)
KINDS = (
    ("max", "Max pooling", "The largest number of each window"),
    ("average", "Average pooling", "The mean of each window"),
    ("L2", "L2-norm pooling", "The root of the sum of squares"),
    ("stochastic", "Stochastic: training", "A number drawn by chance"),
    ("weighted", "Stochastic: evaluation", "The mean weighted by the chances"),
    ("global", "Global average pooling", "One number for the whole picture"),
    ("convolution", "Strided convolution", "For comparison: a filter with the same stride"),
)
ABOUT = {
    "max": "The largest number of each window stays. Where in the window it was is forgotten.",
    "average": "The sum of each window, divided by how many numbers it has.",
    "L2": "The root of the sum of squares: large numbers count more, and signs are lost.",
    "stochastic": "Training: a number is drawn, the larger the likelier. Negative ones count as "
    "0; a window with nothing above 0 gives 0.",
    "weighted": "Evaluation: the mean weighted by the same probabilities. Negative numbers count "
    "as 0; nothing above 0 gives 0.",
    "global": "The mean of the whole picture: one number for each channel.",
    "convolution": "For comparison: a filter with the same stride makes the map smaller, too. In a "
    "network its weights are learned.",
}
ABOUT_BACK = {
    "max": "All of the gradient goes to the winner, nothing to the others: they did not count.",
    "average": "Every number of the window gets an equal share of the gradient.",
    "L2": "Each number gets its own share of the norm: number ÷ output, times the gradient.",
    "stochastic": "All of the gradient goes to the number that was drawn, as to a winner.",
    "weighted": "The larger a number, the more it gets; one below half of the output gets less "
    "than 0.",
    "global": "Every number of the picture gets the same small share of the gradient.",
    "convolution": "Each number gets its weight of the kernel, times the gradient.",
}
_COMPARING = (
    "Both poolings use this window. The convolution takes its stride, and pads by half of its "
    "kernel."
)
_CEIL = (
    ("floor", "Floor: whole windows", "A window that would reach over the edge is left out"),
    ("ceil", "Ceil: over the edge", "A last window may reach over the edge of the picture"),
)
_COUNTING = (
    ("padding", "Padding counts as 0", "Divided by all cells of the window, as usual"),
    ("inside", "Padding not counted", "Divided by the cells inside the picture only"),
)
_CELLS = (
    ("one", "This cell", "The gradient of the output cell shown goes back"),
    ("all", "All cells", "Every output cell is sent the same: the input shows what arrives in all"),
)
# px at scale 1.
_BESIDE = 226  # of the text, when it stands beside the sliders
_ABOUT_LINES = 4  # of a refusal in the narrow column


class PoolingCard(MiddleCard):
    """Shows what is chosen and asks for something else. Writes no model.

    Signals:
        edited(label, merge key, changes): other settings are wanted.
        windowEdited(label, merge key, changes): another window is wanted.
        squareWanted(bool): height and width are to change together, or each alone.
        windowWanted(side, stride): a window is wanted by one click.

    Attributes:
        pad: moves the picture, in the view that shifts it.
    """

    tall_from = 530
    widths = (344, 560)

    edited = Signal(str, str, dict)
    windowEdited = Signal(str, str, dict)
    squareWanted = Signal(bool)
    windowWanted = Signal(int, int)

    def __init__(self, theme: Theme, draw_again: QAction) -> None:
        """Build it. `draw_again` draws other numbers."""
        super().__init__(theme, "Pooling")
        self._settings = PoolingSettings()
        self._image: Image | None = None
        self._problems: dict[str, str] = {}
        self._views = SegmentedButtons(theme, VIEWS, name="View")
        self._kind = self._choice("Type of pooling", KINDS, "What is done to each window")
        self._about = label("", "caption")
        self._about.setWordWrap(True)
        self._about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._windows = [
            self._window_button(2, "Windows side by side: the plain way"),
            self._window_button(3, "Windows that overlap by one pixel, as in AlexNet"),
        ]
        self._height = self._slider("Height", "height", "Rows of the window")
        self._width = self._slider("Width", "width", "Columns of the window")
        self._stride = self._slider("Stride", "stride", "Pixels from one window to the next")
        self._padding = self._slider("Padding", "padding", "Cells added on every side")
        self._square = QToolButton()
        self._ceil = self._choice("Last window", _CEIL, "Whether a window may reach over the edge")
        self._counting = self._choice("Counting", _COUNTING, "What an average is divided by")
        self._kernel = self._choice(
            "Kernel", _kernels(), "The weights of the convolution", "Kernel of the convolution"
        )
        self._draw = QToolButton()
        self._draw.setDefaultAction(draw_again)
        self._winners = QToolButton()
        self._gradient = LabelledSlider(
            theme, "Gradient at the output", -4, 4, step=0.25, decimals=2, trimmed=True, value=1,
            tip="What arrives at the output cell from the layers behind",
        )  # fmt: skip
        self._cells = self._choice("Cells sent back", _CELLS, "Which gradients the input shows")
        self.pad = ShiftPad(theme)
        self.pad.hide()  # until the view asks for it: it is tall
        self._share, self._of = label("", "large_number"), label("", "muted")
        self._lay_out()
        self._connect()
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_frame(self, frame: PoolFrame) -> None:
        """Show the settings in force and what they allow."""
        settings = self._settings = frame.settings
        self._image = frame.image
        window = settings.window
        self._views.set_current(settings.view)
        self._kind.set_current(settings.kind)
        for slider, value in (
            (self._height, window.height), (self._width, window.width),
            (self._stride, window.stride), (self._padding, window.padding),
            (self._gradient, settings.gradient),
        ):  # fmt: skip
            slider.set_value(value)
        self._square.setChecked(settings.square)
        self._ceil.set_current("ceil" if window.ceil else "floor")
        self._counting.set_current("padding" if settings.count_padding else "inside")
        self._kernel.set_current(settings.kernel)
        self._winners.setChecked(settings.winners)
        self._cells.set_current("all" if settings.all_cells else "one")
        self.pad.show_shift(*settings.shift)
        self._show_share(frame)
        self._show_what_counts(settings)
        self.say("")

    def say(self, sentence: str, source: str = "") -> None:
        """Show why something cannot be done ("" once it can); each source has its own sentence."""
        self._problems.pop(source, None)
        if sentence:
            self._problems[source] = sentence
        said = next(reversed(self._problems.values()), "")  # the latest
        role = "error" if said else "caption"
        if self._about.property("role") != role:
            self._about.setProperty("role", role)
            self._about.style().unpolish(self._about)
            self._about.style().polish(self._about)
        kind = self._settings.kind
        about = {"forwards": ABOUT[kind], "backwards": ABOUT_BACK[kind], "shift": _COMPARING}
        self._about.setText(said or about[self._settings.view])
        self._about.setToolTip(plain(said))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put everything into one column, or two where there is little height."""
        super().resizeEvent(event)
        self._arrange()

    def _lay_out(self) -> None:
        self.top.insertWidget(1, self._views)
        self.note.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in self._windows:
            buttons.addWidget(button)
        buttons.addWidget(self._square)
        self._what, self._numbers = QVBoxLayout(), QGridLayout()
        self._what.setSpacing(8)
        for widget in (self._kind, self.pad, self._about, self._counting, self._kernel,
                       self._winners, self._draw, self._cells, self._gradient):  # fmt: skip
            self._what.addWidget(widget)
        self._what.addStretch(1)
        grid = self._numbers
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        grid.addLayout(buttons, 0, 0, 1, 2)
        for row, pair in enumerate(((self._height, self._width), (self._stride, self._padding)), 1):
            for column, slider in enumerate(pair):
                grid.addWidget(slider, row, column)
                grid.setColumnStretch(column, 1)
        grid.addWidget(self._ceil, 3, 0, 1, 2)
        grid.setRowStretch(4, 1)
        remaining = QHBoxLayout()
        remaining.setSpacing(10)
        remaining.addWidget(self._share)
        remaining.addWidget(self._of, 1)
        grid.addLayout(remaining, 5, 0, 1, 2)
        self._parts = QGridLayout()
        self._parts.setHorizontalSpacing(18)
        self._parts.setVerticalSpacing(12)
        self.body.addLayout(self._parts, 1)
        self._tall: bool | None = None
        self._arrange()

    def _connect(self) -> None:
        edit = self.edited.emit
        self._views.changed.connect(lambda key: edit("view", "", {"view": key}))
        self._kind.currentChanged.connect(lambda key: edit("pooling", "", {"kind": key}))
        self._ceil.currentChanged.connect(
            lambda key: self.windowEdited.emit("last window", "", {"ceil": key == "ceil"})
        )
        self._counting.currentChanged.connect(
            lambda key: edit("counting", "", {"count_padding": key == "padding"})
        )
        self._kernel.currentChanged.connect(lambda key: edit("kernel", "", {"kernel": key}))
        self._winners.clicked.connect(lambda on: edit("winners", "", {"winners": on}))
        self._cells.currentChanged.connect(
            lambda key: edit("cells sent back", "", {"all_cells": key == "all"})
        )
        self._gradient.valueChanged.connect(
            lambda value: edit("gradient", self._gradient.merge_key, {"gradient": value})
        )
        self._gradient.problem.connect(lambda sentence: self.say(sentence, "gradient"))
        self._square.clicked.connect(self.squareWanted)
        leave_focus(self._views)
        for button in (self._square, self._winners, self._draw, *self._windows):
            leave_focus(button)
        leave_focus(self._gradient)

    def _arrange(self) -> None:
        tall = self.is_tall_at(self.height())
        if tall != self._tall:
            self._tall = tall
            for part in (self._what, self._numbers):
                self._parts.removeItem(part)
            self._parts.addLayout(self._what, 0, 0)
            self._parts.addLayout(self._numbers, *((1, 0) if tall else (0, 1)))
            self._parts.setColumnStretch(0, 1)
            self._parts.setColumnStretch(1, 0 if tall else 1)
            self._parts.setColumnMinimumWidth(0, 0 if tall else self._theme.px(_BESIDE))
            self._parts.setRowStretch(1, 1 if tall else 0)
        self.setFixedWidth(self.width_at(self.height()))

    def _show_what_counts(self, settings: PoolingSettings) -> None:
        """Show what the chosen way of pooling has a use for, and nothing else."""
        kind, view = settings.kind, settings.view
        windowed = kind not in ("global", "convolution") or view == "shift"
        forwards, backwards = view == "forwards", view == "backwards"
        for widget, shown in (
            (self._kind, view != "shift"),
            (self.pad, view == "shift"),
            (self._counting, kind == "average" and view != "shift"),
            (self._kernel, kind == "convolution" or view == "shift"),
            (self._winners, forwards and kind in ("max", "stochastic")),
            (self._draw, kind == "stochastic" and view != "shift"),
            (self._cells, backwards),
            (self._gradient, backwards),
        ):
            widget.setVisible(shown)
        for control in (self._height, self._width, self._padding, self._ceil, self._square):
            control.setEnabled(windowed)
        self._stride.setEnabled(windowed or kind == "convolution")
        for button in self._windows:
            button.setEnabled(windowed)

    def _show_share(self, frame: PoolFrame) -> None:
        """Show which share of the numbers remains."""
        kept, of = frame.remaining
        geometry = frame.geometry
        shown = frame.settings.view != "shift"
        self._share.setVisible(shown)
        self._of.setVisible(shown)
        self._share.setText(share(kept, of))
        self._of.setText(
            f"of the numbers remain:\n{geometry.out_height} × {geometry.out_width} "
            f"of {geometry.height} × {geometry.width}"
        )
        self._share.setToolTip(f"{kept:,} of {of:,} numbers in each channel remain")

    def _slider(self, title: str, field: str, tip: str) -> LabelledSlider:
        low, high = RANGES[field]  # type: ignore[index]
        slider = LabelledSlider(
            self._theme, title, low, high, tip=tip, check=lambda v: self._why_not(field, int(v))
        )
        slider.valueChanged.connect(
            lambda v: self.windowEdited.emit(title.lower(), slider.merge_key, {field: int(v)})
        )
        slider.problem.connect(lambda sentence: self.say(sentence, field))
        leave_focus(slider)
        return slider

    def _choice(self, name: str, options: Any, tip: str, title: str = "") -> LabelledChoice:
        choice = LabelledChoice(self._theme, title, options, name=name, tip=tip)
        choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        leave_focus(choice)
        return choice

    def _window_button(self, side: int, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(f"{side} × {side}, stride 2")
        button.setToolTip(tip)
        button.setAccessibleName(button.text())
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self.windowWanted.emit(side, 2))
        return button

    def _why_not(self, field: str, value: int) -> str:
        if self._image is None:
            return ""
        window = changed(self._settings, **{field: value})
        return replace(self._settings, window=window).why_not(self._image)

    def _restyle(self) -> None:
        px, colors = self._theme.px, self._theme.colors
        self.set_top_height(px(FIRST_ROW))
        self._about.setFixedHeight(_ABOUT_LINES * px(16))
        self._square.setIcon(icon("mdi6.link-variant", color=colors.text, color_on=colors.accent))
        self._square.setCheckable(True)
        self._square.setToolTip("Square: height and width change together")
        self._square.setAccessibleName("Square window")
        self._winners.setText("Show the winners as dots")
        self._winners.setCheckable(True)
        self._winners.setToolTip("Mark in the whole input which pixels a window keeps")
        self._winners.setAccessibleName(self._winners.text())
        self._draw.setAccessibleName(self._draw.text())
        for button in (self._winners, self._draw):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self._arrange()


def share(part: int, whole: int) -> str:
    """Return a share in per cent, with three digits, tiny ones with two: "11.1 %", "0.0011 %"."""
    percent = 100 * part / whole
    digits = 3 if percent >= 0.01 else 2
    return f"{format_number(float(f'{percent:.{digits}g}'))} %"


def _kernels() -> list[Any]:
    """Return the presets without parameters, under their headings."""
    options: list[Any] = []
    for heading, presets in groups().items():
        fixed = [(p.key, p.title, p.about) for p in presets if p.weights]
        options += [heading, *fixed] if fixed else []
    return options
