"""The arithmetic of one number of a network in lines of text, its inputs as links."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import exp, log, log10, sqrt

import numpy as np
import numpy.typing as npt

from visualizer.core.numbers import format_number
from visualizer.learning.arithmetic import FUNCTIONS
from visualizer.learning.cells import (
    LOSS,
    SOFTMAX,
    ActivationCell,
    AddCell,
    Cell,
    ConvolutionCell,
    DenseCell,
    DropoutCell,
    FlattenCell,
    LossCell,
    MeanCell,
    NormCell,
    PixelCell,
    Place,
    PoolCell,
    ResizeCell,
    SoftmaxCell,
)
from visualizer.learning.wiring import INPUT
from visualizer.ui.pages.cell_strips import channel_name, channels_shown, rounded
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.strip_numbers import adds_up, equation

MOST_TERMS = 8
_WEIGHT = "weight/"
_POOLED = {
    "max": "the largest number", "average": "the mean", "l2": "the L2 norm",
    "stochastic": "the mean, each number weighted with its probability,",
}  # fmt: skip
_FORMULAS = {
    "relu": "ReLU: max(0, {x})",
    "leaky-relu": "leaky ReLU: {x}, or a hundredth of it below 0",
    "elu": "ELU: {x}, or e^x − 1 below 0",
    "silu": "SiLU: x / (1 + e^−x) of {x}",
    "gelu": "GELU: x · Φ(x) of {x}",
    "tanh": "tanh({x})",
    "sigmoid": "1 / (1 + e^−x) of {x}",
    "identity": "identity: {x}",
}


@dataclass(frozen=True)
class Writer:
    """Writes cells down.

    Attributes:
        classes: names of the classes.
        exact: with up to nine digits, or few.
        last: the name of the layer that gives the logits.
        offers_steps: whether one gradient step of a weight can be asked for.
    """

    classes: tuple[str, ...]
    exact: bool
    last: str
    offers_steps: bool = True

    def all_lines(self, cells: Sequence[Cell]) -> list[str]:
        """Return the arithmetic of cells that follow each other, each with its layer's name."""
        if len(cells) == 1:
            return self.lines(cells[0])
        return [
            line if i else f"{escape(cell.place.layer)}: {line}"
            for cell in cells
            for i, line in enumerate(self.lines(cell))
        ]

    def lines(self, cell: Cell) -> list[str]:
        """Return the arithmetic of a cell; what its strip shows is left out."""
        writers: dict[type, Callable[..., list[str]]] = {
            PixelCell: self._pixel,
            ConvolutionCell: self._convolution,
            PoolCell: self._pool,
            MeanCell: self._mean,
            ResizeCell: self._resize,
            NormCell: self._norm,
            ActivationCell: self._activation,
            DropoutCell: self._dropout,
            AddCell: self._add,
            FlattenCell: self._flatten,
            DenseCell: self._dense,
            SoftmaxCell: self._softmax,
            LossCell: self._loss,
        }
        write = writers.get(type(cell))
        return [] if write is None else write(cell)

    def number(self, value: float) -> str:
        """Return a number as text."""
        return format_number(value, digits=9 if self.exact else 3)

    def name(self, place: Place) -> str:
        """Return what a place is called: "conv2, map 3, row 1, column 4"."""
        if place.layer == LOSS:
            return "cross-entropy"
        if place.layer == SOFTMAX:
            return f"probability of {self.classes[place.at[0]]}"
        layer = "input" if place.layer == INPUT else place.layer
        if len(place.at) == 3:
            channel, row, column = place.at
            what = "channel" if place.layer == INPUT else "map"
            return f"{layer}, {what} {channel + 1}, row {row}, column {column}"
        if place.layer == self.last:
            return f"{layer}, score of {self.classes[place.at[0]]}"
        return f"{layer}, number {place.at[0] + 1}"

    def short_name(self, place: Place) -> str:
        """Return the same in few letters: "conv2, map 3 [1, 4]"."""
        name = self.name(place)
        if len(place.at) != 3:
            return name
        return f"{name.partition(', row')[0]} [{place.at[1]}, {place.at[2]}]"

    def check(self, cells: Iterable[Cell]) -> str:
        """Return whether the sums are the network's own numbers, and how exactly."""
        worst = 0.0
        for cell in cells:
            if not cell.agrees:
                return (
                    f"The network itself gave {cell.tensor:.9g} at {self.name(cell.place)}, this "
                    f"arithmetic {cell.output:.9g}: more apart than rounding explains."
                )
            size = max(abs(cell.tensor), 1e-30)
            if cell.output != cell.tensor and cell.tensor == cell.tensor:
                worst = max(worst, abs(cell.output - cell.tensor) / size)
        value = f"{cell.tensor:.9g}"
        if worst == 0:
            return f"✓ The network's own number is {value}: exactly this."
        digits = max(0, int(-log10(worst)))
        how = f"the same to {digits} digits" if digits else "the same within rounding"
        return f"✓ The network's own number (float32) is {value}: {how}."

    def step(self, cell: Cell) -> str:
        """Return the way to one gradient step of a weight and of the bias; "" without them."""
        if isinstance(cell, ConvolutionCell):
            middle = (side // 2 for side in cell.sum.weights.shape[1:])
            at: tuple[int, ...] = (cell.place.at[0], channels_shown(cell)[0], *middle)
        elif isinstance(cell, DenseCell):
            at = (cell.place.at[0], int(cell.order[0]))
        else:
            return ""
        if not self.offers_steps:
            return ""
        weight, bias = (weight_address(cell.place.layer, place) for place in (at, at[:1]))
        return (
            f'one gradient step by hand of <a href="{weight}">a weight</a>, '
            f'<a href="{bias}">the bias</a>'
        )

    # One layer each

    def _pixel(self, cell: PixelCell) -> list[str]:
        n, s = self.number, self._shown
        return [
            f"pixel {cell.byte} / 255 = {n(cell.scaled)}",
            f"({n(cell.scaled)} − mean {n(cell.mean)}) / deviation {n(cell.std)} = "
            + self._result(cell, lambda: (s(cell.scaled) - s(cell.mean)) / s(cell.std)),
            "Here the image begins: nothing comes before it.",
        ]

    def channels(self, place: Place, image: npt.NDArray[np.uint8]) -> str:
        """Return the other channels (C, H, W) of a pixel, to go on with; "" of a grey image."""
        if len(image) == 1:
            return ""
        channel, row, column = place.at
        values = []
        for i, value in enumerate(image[:, row, column].tolist()):
            name = f"{_channel(i, len(image))} {value}"
            here = address(Place(place.layer, (i, row, column)))
            values.append(_here(name) if i == channel else f'<a href="{here}">{name}</a>')
        return f"This pixel: {', '.join(values)}"

    def _convolution(self, cell: ConvolutionCell) -> list[str]:
        shown, sums, n = channels_shown(cell), cell.sum.plane_sums, self.number
        terms = [n(float(sums[i])) for i in shown]
        rest = [i for i in range(len(sums)) if i not in shown]
        if not rest:
            what = "sum" if len(sums) == 1 else "sums"
            return [f"{what} + bias: {self._total([*terms, n(cell.sum.bias)], cell)}"]
        some = n(float(sums[list(shown)].sum()))
        others = n(float(sums[rest].sum()))
        each = ", ".join(f"{channel_name(cell, i)}: {n(float(sums[i]))}" for i in rest)
        what = f"these {len(shown)} + the other {len(rest)} channels + bias"
        return [
            f"{what}: {self._total([some, others, n(cell.sum.bias)], cell)}",
            _small(f"the others: {each}"),
        ]

    def _pool(self, cell: PoolCell) -> list[str]:
        layer, channel = cell.before[0], cell.place.at[0] + 1
        rows, columns = (_range(some[some >= 0]) for some in (cell.rows, cell.columns))
        where = f"{escape(layer)}, map {channel}, rows {rows}, columns {columns}"
        return [f"{_POOLED[cell.pooling]} of {where}: {_here(self.number(cell.output))}"]

    def _mean(self, cell: MeanCell) -> list[str]:
        where = f"{escape(cell.before[0])}, map {cell.place.at[0] + 1}"
        return [f"mean of the whole of {where}: {_here(self.number(cell.output))}"]

    def _resize(self, cell: ResizeCell) -> list[str]:
        if cell.window.size == 1:
            return [f"the pixel {self._link(cell.sources()[0], float(cell.window[0, 0]))}"]
        rows, columns = (
            ", ".join(self.number(float(w)) for w in weights)
            for weights in (cell.row_weights, cell.column_weights)
        )
        return [
            f"a weighted mean of the pixels it covers: {_here(self.number(cell.output))}",
            f"each counts the share of its row ({rows}) × that of its column ({columns})",
        ]

    def _norm(self, cell: NormCell) -> list[str]:
        n, s = self.number, self._shown

        def by_hand() -> float:
            deviation = sqrt(s(cell.variance) + cell.epsilon)
            return (s(cell.x) - s(cell.mean)) / deviation * s(cell.scale) + s(cell.shift)

        return [
            f"batch norm: {_normed('x', 'μ', 'σ²', 'ε', 'γ', 'β')}<br>= "
            + _normed(
                n(cell.x), _signed(n(cell.mean)), n(cell.variance), "1e-5",
                _signed(n(cell.scale)), _signed(n(cell.shift)),
            )
            + f"<br>= {self._result(cell, by_hand)}",
        ]  # fmt: skip

    def _activation(self, cell: ActivationCell) -> list[str]:
        formula = _FORMULAS[cell.name].format(x=self.number(cell.x))
        by_hand = lambda: FUNCTIONS[cell.name](self._shown(cell.x))  # noqa: E731
        return [f"{formula} = {self._result(cell, by_hand)}"]

    def _dropout(self, cell: DropoutCell) -> list[str]:
        share = f"{cell.rate:.0%} of the numbers are set to 0 while training"
        return [f"dropout: {_here(self.number(cell.output))} as it is; {share}"]

    def _add(self, cell: AddCell) -> list[str]:
        one, other = cell.sources()
        return [
            f"skip connection: {self._link(one, cell.x)} of the layers + "
            f"{self._link(other, cell.around)} from around them = "
            + self._result(cell, lambda: self._shown(cell.x) + self._shown(cell.around))
        ]

    def _flatten(self, cell: FlattenCell) -> list[str]:
        count = 1
        for size in cell.shape:
            count *= size
        source = cell.sources()[0]
        return [
            f"number {cell.place.at[0] + 1} of the list of {count} is "
            f"{self._link(source, cell.output)}, from {escape(self.name(source))}"
        ]

    def _dense(self, cell: DenseCell) -> list[str]:
        n, order = self.number, cell.order[:MOST_TERMS].tolist()
        sources = [Place(cell.before[0], (i,)) for i in order]
        rows = [
            _row(f"{place.at[0] + 1}", self._link(place, float(cell.inputs[i])), "×",
                 self._weight(cell, i), "=", n(float(cell.products[i])))
            for i, place in zip(order, sources, strict=True)
        ]  # fmt: skip
        largest = float(cell.products[order].sum())
        rest = cell.total - largest
        others = len(cell.inputs) - len(order)
        is_rounded = any(self._rounded_product(cell, i) for i in order)
        said = ", rounded" if is_rounded else ""
        head = _row("number", "input", "", "weight", "", f"term{said}")
        terms = [n(largest), *([n(rest)] if others else []), n(cell.bias)]
        what = f"these {len(order)}" + (f" + the other {others:,} terms" if others else "")
        return [_table([head, *rows]), f"{what} + bias: {self._total(terms, cell)}"]

    def _rounded_product(self, cell: DenseCell, i: int) -> bool:
        """Whether a term is not the product of the numbers beside it, as they are written."""
        x, weight = (self._shown(float(some[i])) for some in (cell.inputs, cell.weights))
        return bool(rounded(float(cell.products[i]), self.number, lambda: x * weight))

    def _softmax(self, cell: SoftmaxCell) -> list[str]:
        n, s, own = self.number, self._shown, cell.place.at[0]
        layer = cell.before[0]
        is_rounded = any(self._rounded_power(cell, i) for i in range(len(cell.logits)))
        rows = [
            _row(_here(escape(name)) if i == own else escape(name),
                 self._link(Place(layer, (i,)), float(cell.logits[i])),
                 n(float(cell.exponentials[i])))
            for i, name in enumerate(self.classes)
        ]  # fmt: skip
        power = "e^score" if not cell.shift else f"e^(score − {n(cell.shift)})"
        said = ", rounded" if is_rounded else ""
        head = _row("class", "score", f"{power}{said}")
        shown = [n(float(x)) for x in cell.exponentials]
        summed = "" if adds_up(shown, n(cell.total)) else " (rounded)"
        one = float(cell.exponentials[own])
        return [
            _table([head, *rows]),
            f"their sum: {n(cell.total)}{summed}",
            f"{n(one)} / {n(cell.total)} = {self._result(cell, lambda: s(one) / s(cell.total))}",
            f'on to the <a href="{address(Place(LOSS, ()))}">cross-entropy</a>',
        ]

    def _rounded_power(self, cell: SoftmaxCell, i: int) -> bool:
        """Whether it is not e to the power of the score beside it, as that is written."""
        power = self._shown(float(cell.logits[i])) - self._shown(cell.shift)
        return bool(rounded(float(cell.exponentials[i]), self.number, lambda: exp(power)))

    def _loss(self, cell: LossCell) -> list[str]:
        place = cell.sources()[0]
        name = escape(self.classes[cell.target])
        return [
            f"cross-entropy: −ln of the probability of {name} = "
            f"−ln {self._link(place, cell.probability)} = "
            + self._result(cell, lambda: -log(self._shown(cell.probability)))
        ]

    def _total(self, terms: list[str], cell: Cell) -> str:
        total = self.number(cell.output)
        said = "" if adds_up(terms, total) else " (rounded)"
        return f"{equation(terms)} = {_here(total)}{said}"

    def _result(self, cell: Cell, by_hand: Callable[[], float]) -> str:
        """Return a cell's number, and whether it is not quite that of the numbers as shown."""
        said = rounded(cell.output, self.number, by_hand)
        return f"{_here(self.number(cell.output))}{said}"

    def _shown(self, value: float) -> float:
        return float(self.number(value))

    def _weight(self, cell: DenseCell, i: int) -> str:
        weight = self.number(float(cell.weights[i]))
        if not self.offers_steps:
            return weight
        to = weight_address(cell.place.layer, (cell.place.at[0], i))
        return f'<a href="{to}">{weight}</a>'

    def _link(self, place: Place, value: float) -> str:
        return f'<a href="{address(place)}">{self.number(value)}</a>'


def address(place: Place) -> str:
    """Return a place as the target of a link."""
    return f"{place.layer}:{','.join(map(str, place.at))}"


def place_of(address: str) -> Place:
    """Return the place that `address` gave."""
    layer, _, at = address.partition(":")
    return Place(layer, tuple(int(i) for i in at.split(",") if i))


def weight_address(layer: str, at: tuple[int, ...]) -> str:
    """Return the place of a weight as the target of a link."""
    return _WEIGHT + address(Place(layer, at))


def weight_of(link: str) -> tuple[str, tuple[int, ...]] | None:
    """Return the layer and the place in it that `weight_address` gave; None of other links."""
    if not link.startswith(_WEIGHT):
        return None
    place = place_of(link.removeprefix(_WEIGHT))
    return place.layer, place.at


def _channel(index: int, count: int) -> str:
    return ("red", "green", "blue")[index] if count == 3 else f"channel {index + 1}"


def _range(indices: npt.NDArray[np.intp]) -> str:
    return f"{indices[0]}–{indices[-1]}" if len(indices) > 1 else f"{indices[0]}"


def coloured(html: str, theme: Theme) -> str:
    """Return lines with the numbers they lead to in the colour of "here".

    Bold alone would not be seen: the digits' typeface has one weight.
    """
    return html.replace("<b>", f'<b style="color: {theme.colors.here}">')


def _here(text: str) -> str:
    return f"<b>{text}</b>"


def _normed(x: str, mean: str, variance: str, epsilon: str, scale: str, shift: str) -> str:
    """Return a batch norm written down, whose lines end only before / and · and +."""
    terms = (f"({x} − {mean})", f"/ √({variance} + {epsilon})", f"· {scale}", f"+ {shift}")
    return " ".join(term.replace(" ", "\u00a0") for term in terms)


def _small(text: str) -> str:
    return f"<small>{text}</small>"


def _signed(text: str) -> str:
    return f"({text})" if text.startswith("-") else text


def _row(*cells: str) -> str:
    """Return a row of a table: the first cell at the left, and numbers below one another."""
    name, *rest = cells
    others = (f'<td align="right" style="padding-left: 10px">{cell}</td>' for cell in rest)
    return f"<tr><td>{name}</td>{''.join(others)}</tr>"


def _table(rows: Iterable[str]) -> str:
    return f'<table cellspacing="0" cellpadding="2">{"".join(rows)}</table>'
