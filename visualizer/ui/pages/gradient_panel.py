"""One gradient step by hand: how a weight's gradient is summed up, and where the step leads."""

from collections.abc import Callable
from html import escape
from math import sqrt

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from visualizer.core.numbers import format_number
from visualizer.learning.by_hand import WeightStep
from visualizer.learning.convolution_gradient import GradientExample, example
from visualizer.learning.frozen import Frozen
from visualizer.learning.updates import ADAM_EPSILON, FIRST_DECAY, SECOND_DECAY, AdamUpdate
from visualizer.ui.pages.cell_lines import coloured
from visualizer.ui.pages.cell_strips import WeighedSum, rounded
from visualizer.ui.pages.weight_place import WeightPlace
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card, label, scrolled
from visualizer.ui.widgets.choices import SegmentedButtons
from visualizer.ui.widgets.strip_pooling import Shades
from visualizer.ui.widgets.wrapped_label import WrappedLabel
from visualizer.ui.widgets.wrapping_strip import WrappingStrip

_DIGITS = 6  # so that a small step can be seen
_RULES = [
    ("sgd", "SGD", "Plain gradient descent: the weight less the rate times the gradient"),
    ("adam", "Adam", "Two averages: of the gradient and of its square"),
    ("example", "On a board", "The gradient of a convolution is a convolution, in small numbers"),
]


class GradientPanel(Card):
    """Shows one step of one weight.

    Signals:
        ruleChosen(str): the step is wanted by this rule, "sgd" or "adam".
        weightChosen(tuple): the step of the weight, or bias, at this place of the layer is wanted.
        wentBack(): to the number whose arithmetic led here.
        closed(): there is nothing more to be seen.
    """

    ruleChosen = Signal(str)
    weightChosen = Signal(tuple)
    wentBack = Signal()
    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__("One gradient step by hand")
        self._theme = theme
        self._step: WeightStep | None = None
        self._at_step, self._label = 0, ""
        self._exact, self._seed = False, 0
        self.note.hide()
        self.rules = SegmentedButtons(theme, _RULES, name="Rule")
        self.rules.changed.connect(self._turn)
        self._other = self._tool("Other numbers", "Another small example", self._draw_again)
        self._exact_button = self._tool("Exact", "Up to nine digits, or rounded", self._toggle)
        self._exact_button.setCheckable(True)
        tip = "To the number whose arithmetic led here (Backspace)"
        self._back = self._tool("← Back", tip, self.wentBack.emit)
        self.top.addWidget(self._back)
        self.top.addWidget(self._other)
        self.top.addWidget(self._exact_button)
        self.top.addWidget(self._tool("Close", "Back to the training (Esc)", self.closed.emit))
        self._title = WrappedLabel("here")
        self.where = WeightPlace(theme)
        self.where.chosen.connect(self.weightChosen)
        self.strip = WrappingStrip(theme)
        self.text = label("", "number")
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.text)
        column.addStretch(1)
        scroll = scrolled(inner, "The step in numbers")
        self.body.addWidget(self.rules)
        self.body.addWidget(self.where)
        self.body.addWidget(self._title)
        self.body.addWidget(self.strip, 3)
        self.body.addWidget(scroll, 1)
        self.setAccessibleName("One gradient step by hand")
        theme.changed.connect(self._show)

    def rule(self) -> str:
        """Return the rule that was chosen last."""
        return "adam" if self.rules.current() == "adam" else "sgd"

    def show_step(self, step: WeightStep, frozen: Frozen, label: str, has_way_back: bool) -> None:
        """Show a step of a weight of `frozen`; the loss is that of the class `label`."""
        self._step, self._at_step, self._label = step, frozen.step, label
        self._back.setVisible(has_way_back)
        self.where.show_place(frozen.weights[f"layers.{step.name}.weight"].shape, step.at)
        self._show()

    def _turn(self, key: str) -> None:
        if key != "example":
            self.ruleChosen.emit(key)
        self._show()

    def _toggle(self) -> None:
        self._exact = not self._exact
        self._show()

    def _draw_again(self) -> None:
        self._seed += 1
        self._show()

    def _show(self) -> None:
        on_board = self.rules.current() == "example"
        self.strip.setVisible(not on_board)
        self.where.setVisible(not on_board)
        self._other.setVisible(on_board)
        self._exact_button.setVisible(not on_board)
        if on_board:
            self._title.set_text("The gradient of a convolution is itself a convolution")
            self.text.setText(_on_board(example(self._seed, 4, 2), self._theme.colors.faint))
        elif self._step is not None:
            self._show_step(self._step)

    def _show_step(self, step: WeightStep) -> None:
        n = self._number
        what = "bias" if step.is_bias else "weight"
        self._title.set_text(
            f"{step.name}:  {what} {n(step.update.weight)}   at step {self._at_step:,}, "
            "for this image alone"
        )
        self.strip.set_exact(self._exact)
        self.strip.show_arithmetic(_positions(step))
        lines = [
            f"{_derivative(step)} = <b>{n(step.gradient)}</b>",
            _check(step),
            *self._update(step),
            f"L, the loss of this image (−ln of the probability of {escape(self._label)}): "
            f"{n(step.loss)}",
            f"after this weight's step alone {n(step.loss_alone)} "
            f"({_fall(step.loss, step.loss_alone)}), "
            f"after the step of all weights <b>{n(step.loss_after)}</b>",
            "<small>In training L is the mean over a batch, and so is ∂L/∂w; label smoothing, "
            "where it is set, is part of it too.</small>",
        ]
        style = "margin-top: 0; margin-bottom: 7px"
        text = "".join(f'<p style="{style}">{line}</p>' for line in lines)
        self.text.setText(coloured(text, self._theme))

    def _update(self, step: WeightStep) -> list[str]:
        """Return the step itself."""
        if step.is_fixed:
            return [f"This filter is frozen: it stays at <b>{self._number(step.update.weight)}</b>"]
        return self._adam(step) if isinstance(step.update, AdamUpdate) else self._sgd(step)

    def _sgd(self, step: WeightStep) -> list[str]:
        n, s, update = self._number, self._shown, step.update
        by_hand = lambda: s(update.weight) - s(update.rate) * s(update.gradient)  # noqa: E731
        return [
            f"{_new(step)} − η · ∂L/∂{'b' if step.is_bias else 'w'} = "
            f"{n(update.weight)} − {n(update.rate)} · {_bracket(n(update.gradient))} = "
            f"<b>{n(update.result)}</b>{rounded(update.result, n, by_hand)}"
        ]

    def _adam(self, step: WeightStep) -> list[str]:
        n, s, update = self._number, self._shown, step.update
        assert isinstance(update, AdamUpdate)
        first = _average("m", FIRST_DECAY, update.first, _bracket(n(update.gradient)))
        second = _average("v", SECOND_DECAY, update.second, _bracket(n(update.gradient)) + "²")
        mean, square = update.corrected_mean, update.corrected_square

        def by_hand() -> float:
            return s(update.weight) - s(update.rate) * s(mean) / (sqrt(s(square)) + ADAM_EPSILON)

        return [
            f"{first} = {n(update.mean)}, over 1 − {FIRST_DECAY}^{update.steps}: {n(mean)}",
            f"{second} = {n(update.square)}, over 1 − {SECOND_DECAY}^{update.steps}: {n(square)}",
            f"{_new(step)} − η · m / (√v + 1e-8) = {n(update.weight)} − {n(update.rate)} · "
            f"{_bracket(n(mean))} / (√{n(square)} + 1e-8) = "
            f"<b>{n(update.result)}</b>{rounded(update.result, n, by_hand)}",
            "<small>The averages begin at 0: this is a first step from here.</small>",
        ]

    def _shown(self, value: float) -> float:
        return float(self._number(value))

    def _number(self, value: float) -> str:
        return format_number(value, digits=9 if self._exact else _DIGITS)

    def _tool(self, text: str, tip: str, run: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.clicked.connect(lambda _checked=False: run())
        return button


def _positions(step: WeightStep) -> WeighedSum:
    """Return the sum over positions as the strip shows it."""
    inputs, deltas = step.inputs[0], step.deltas[0]
    what = "a bias is added once" if step.is_bias else "input under the weight"
    shades = Shades("grey", float(inputs.min()), float(inputs.max()))
    return WeighedSum.of(inputs, deltas, (what, "δ = ∂L/∂output"), shades, "this image")


def _check(step: WeightStep) -> str:
    """Return whether autograd finds the same gradient."""
    given = f"autograd gives {step.tensor:.9g}"
    if np.isclose(step.gradient, step.tensor, rtol=1e-6, atol=1e-12):
        return f"✓ {given}"
    return f"{given}: more apart than rounding explains"


def _fall(before: float, after: float) -> str:
    """Return by how much a loss is smaller, or larger, than it was."""
    return f"{format_number(abs(before - after), digits=2)} {'less' if after <= before else 'more'}"


def _average(name: str, decay: float, before: float, now: str) -> str:
    """Return how one of Adam's averages moves, which begin at 0."""
    return f"{name} = {decay} · {format_number(before)} + {1 - decay:.1g} · {now}"


def _new(step: WeightStep) -> str:
    """Return the beginning of an equation for the weight after the step."""
    return "new bias = b" if step.is_bias else "new weight = w"


def _derivative(step: WeightStep) -> str:
    """Return what the derivative of the loss is, in words."""
    count = step.products.size
    over = f"sum over {count:,} positions of " if count > 1 else ""
    return f"∂L/∂b = {over}δ" if step.is_bias else f"∂L/∂w = {over}input × δ"


def _on_board(made: GradientExample, line: str) -> str:
    """Return the example in tables with lines of a colour, compared with autograd."""
    kernel, inputs = made.by_autograd()
    same = np.array_equal(kernel, made.kernel_gradient)
    same &= np.array_equal(inputs, made.input_gradient)
    check = "✓ autograd gives the same numbers." if same else "autograd gives other numbers."
    padded = np.pad(made.arriving, len(made.kernel) - 1)
    rows = (
        (("X", made.inputs), "∗", ("F", made.kernel), "=", ("O", made.output), "forwards"),
        (("X", made.inputs), "∗", ("∂L/∂O", made.arriving), "=", ("∂L/∂F", made.kernel_gradient),
         "for the filter"),
        (("∂L/∂O, padded", padded), "∗", ("F turned by 180°", made.turned), "=",
         ("∂L/∂X", made.input_gradient), "for the input"),
    )  # fmt: skip
    return "".join(_row(line, *row) for row in rows) + f"<p>{check}</p>"


def _row(line: str, *parts: str | tuple[str, npt.NDArray[np.float64]]) -> str:
    cells = (
        f"&nbsp;{part}&nbsp;"
        if isinstance(part, str)
        else f'{_grid(part[1], line)}<div align="center">{part[0]}</div>'
        for part in parts
    )
    row = "".join(f'<td valign="middle" align="center">{cell}</td>' for cell in cells)
    style = "margin-bottom: 8px"
    return f'<table cellspacing="0" cellpadding="0" style="{style}"><tr>{row}</tr></table>'


def _grid(values: npt.NDArray[np.float64], line: str) -> str:
    rows = "".join(
        "<tr>" + "".join(f'<td align="right">{format_number(float(x))}</td>' for x in row) + "</tr>"
        for row in values
    )
    style = f"border-style: solid; border-color: {line}; border-collapse: collapse"
    return f'<table border="1" cellspacing="0" cellpadding="2" style="{style}">{rows}</table>'


def _bracket(text: str) -> str:
    return f"({text})" if text.startswith("-") else text
