"""The arithmetic strip of one number of a network: the channels of a filter, or a pooled window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from visualizer.core.convolution import Cell as Sum
from visualizer.core.geometry import Geometry
from visualizer.core.numbers import format_number
from visualizer.core.pooled_cell import pooled_cell
from visualizer.core.pooling import Pooling
from visualizer.learning.arithmetic import geometry_of
from visualizer.learning.cells import (
    Cell,
    ConvolutionCell,
    Floats,
    MeanCell,
    Places,
    PoolCell,
    ResizeCell,
    WindowCell,
)
from visualizer.learning.frozen import Frozen
from visualizer.learning.layers import Pool
from visualizer.learning.wiring import INPUT
from visualizer.ui.widgets.channel_list import Channel
from visualizer.ui.widgets.strip_convolution import ConvolvedCell
from visualizer.ui.widgets.strip_numbers import Folding, adds_up
from visualizer.ui.widgets.strip_parts import Arithmetic, Numbers, Part
from visualizer.ui.widgets.strip_pooling import PooledArithmetic, Shades

MOST_CHANNELS = 8
_KINDS: dict[str, Pooling] = {
    "max": "max", "average": "average", "l2": "L2", "stochastic": "weighted"
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Strip:
    """What the strip shows.

    Attributes:
        content: the arithmetic.
        channel: of the maps before that it shows.
        rows, columns: of those maps, by place in the strip; −1 in the padding, and where a place
            stands for several.
    """

    content: Arithmetic
    channel: int
    rows: Places
    columns: Places


@dataclass(frozen=True, eq=False)
class WeighedSum(ConvolvedCell):
    """Numbers × weights = products, and under these their sum; the page tells the rest.

    Attributes:
        captions: what stands under the numbers and the weights.
    """

    captions: tuple[str, str] = ("input", "kernel")

    @classmethod
    def of(
        cls,
        values: Floats,
        weights: Floats,
        captions: tuple[str, str],
        shades: Shades,
        name: str,
        at: tuple[int, int] = (0, 0),
    ) -> "WeighedSum":
        """Return the sum of `values` (R, C) × `weights`, for the output called `name` at `at`."""
        products = values * weights
        total = float(products.sum())
        cell = Sum(
            patches=values[np.newaxis],
            weights=weights[np.newaxis],
            products=products[np.newaxis],
            inside=np.ones(values.shape, np.bool_),
            source_rows=np.arange(values.shape[0]),
            source_columns=np.arange(values.shape[1]),
            plane_sums=np.array([total]),
            total=total,
            bias=0.0,
            pre_activation=total,
            output=total,
        )
        return cls(cell, *at, (name,), "none", shades.low, shades.high, captions)

    def parts(self, rows: Folding, columns: Folding, exact: bool) -> Sequence[Part]:
        """Return numbers, weights and products, and under these their sum."""
        patch, times, kernel, equals, products, *_ = super().parts(rows, columns, exact)
        assert isinstance(patch, Numbers)
        assert isinstance(kernel, Numbers) and isinstance(products, Numbers)
        patch = replace(patch, caption=self.captions[0])
        kernel = replace(kernel, caption=self.captions[1])
        total = number(float(self.cell.plane_sums[0]), exact)
        shown = [text for row in products.texts[0] for text in row]
        rounded = "" if adds_up(shown, total) else ", rounded"
        caption = f"products, sum {total}{rounded}"
        return patch, times, kernel, equals, replace(products, caption=caption)

    def laid_out_like(self, other: object) -> bool:
        """Tell whether the layout serves: hardly ever, as every channel has another kernel."""
        return False

    def spoken(self, parts: Sequence[Part], hidden: bool) -> str:
        """Return where the cell is, and its sum."""
        total = number(float(self.cell.plane_sums[0]), False)
        return f"output row {self.row}, column {self.column}, {self.planes[0]}: sum {total}"


def strip_of(cell: Cell, frozen: Frozen, plane: int = 0) -> Strip | None:
    """Return the strip of a cell that is made from a window, else None.

    `plane` says which of a filter's channels.
    """
    if isinstance(cell, ConvolutionCell):
        return _convolution(cell, frozen, plane)
    if isinstance(cell, PoolCell):
        return _pool(cell, frozen)
    if isinstance(cell, MeanCell):
        return _mean(cell, frozen)
    if isinstance(cell, ResizeCell) and cell.window.size > 1:
        return _resize(cell, frozen)
    return None


def channels_shown(cell: ConvolutionCell) -> tuple[int, ...]:
    """Return which planes are written out: all, or the eight that add or take away most."""
    sums = np.abs(cell.sum.plane_sums)
    if len(sums) <= MOST_CHANNELS:
        return tuple(range(len(sums)))
    return tuple(sorted(np.argsort(-sums, kind="stable")[:MOST_CHANNELS].tolist()))


def channels_of(cell: ConvolutionCell, exact: bool) -> list[Channel]:
    """Return the channels that are written out, for the list of them."""
    total = cell.sum
    return [
        Channel(
            channel_name(cell, plane),
            total.patches[plane],
            total.weights[plane],
            number(float(total.plane_sums[plane]), exact),
        )
        for plane in channels_shown(cell)
    ]


def channel_name(cell: ConvolutionCell, plane: int) -> str:
    """Return what a channel is called, such as "map 3"."""
    what = "channel" if cell.before == (INPUT,) else "map"
    return f"{what} {cell.channels[plane] + 1}"


def _convolution(cell: ConvolutionCell, frozen: Frozen, plane: int) -> Strip:
    shown = _one(cell.sum, plane)
    tones = shades(cell, frozen)
    _, row, column = cell.place.at
    names = (channel_name(cell, plane),)
    before = "the image" if cell.before == (INPUT,) else cell.before[0]
    source = (
        before if before == "the image" and len(cell.channels) == 1 else f"{before}, {names[0]}"
    )
    captions = (source, "kernel")
    content = WeighedSum(shown, row, column, names, "none", tones.low, tones.high, captions)
    return Strip(content, int(cell.channels[plane]), cell.rows, cell.columns)


def _one(total: Sum, plane: int) -> Sum:
    """Return the arithmetic of one plane by itself, without the bias."""
    added = float(total.plane_sums[plane])
    return replace(
        total,
        patches=total.patches[[plane]],
        weights=total.weights[[plane]],
        products=total.products[[plane]],
        plane_sums=total.plane_sums[[plane]],
        total=added,
        bias=0.0,
        pre_activation=added,
        output=added,
    )


def _pool(cell: PoolCell, frozen: Frozen) -> Strip:
    layer = frozen.nodes[cell.place.layer].layer
    assert isinstance(layer, Pool)
    pixels = _entering(cell, frozen)
    channel, row, column = cell.place.at
    geometry = geometry_of(layer, (pixels.shape[2], *pixels.shape[:2]))
    pooled = pooled_cell(pixels, _KINDS[layer.pooling], geometry, row, column, channel)
    content = PooledArithmetic(pooled, row, column, shades(cell, frozen))
    return Strip(content, channel, cell.rows, cell.columns)


def _mean(cell: MeanCell, frozen: Frozen) -> Strip:
    """Return the whole map, the middle of a large one added up."""
    (channel,) = cell.place.at
    whole = Geometry.of(*cell.map.shape, *cell.map.shape)
    pooled = pooled_cell(_entering(cell, frozen), "global", whole, 0, 0, channel)
    rows, columns = (
        np.where(np.diff(starts, append=size) > 1, -1, starts)
        for starts, size in zip((pooled.rows, pooled.columns), cell.map.shape, strict=True)
    )
    content = PooledArithmetic(pooled, 0, 0, shades(cell, frozen))
    return Strip(content, channel, rows, columns)


def _resize(cell: ResizeCell, frozen: Frozen) -> Strip:
    channel, row, column = cell.place.at
    weights = np.outer(cell.row_weights, cell.column_weights)
    content = WeighedSum.of(
        cell.window,
        weights,
        ("pixels", "weights"),
        shades(cell, frozen),
        f"channel {channel + 1}",
        (row, column),
    )
    return Strip(content, channel, cell.rows, cell.columns)


def _entering(cell: WindowCell, frozen: Frozen) -> np.ndarray:
    return frozen.values[cell.before[0]].transpose(1, 2, 0)


def shades(cell: WindowCell, frozen: Frozen) -> Shades:
    """Return the colours of the numbers under the window: those of the whole map before."""
    values = frozen.values[cell.before[0]]
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return Shades("grey", low, high)


def number(value: float, exact: bool) -> str:
    """Return a number as the strip writes it."""
    return format_number(value, digits=9 if exact else 3)


def rounded(value: float, write: Callable[[float], str], by_hand: Callable[[], float]) -> str:
    """Return " (rounded)" where the numbers as shown give another result than the one shown."""
    try:
        same = write(by_hand()) == write(value)
    except (ArithmeticError, ValueError):
        same = False
    return "" if same else " (rounded)"
