"""The arithmetic behind one number of a network, layer by layer, in float64, ready to be written.

Each record says where its number stands, what it is made of, and which numbers of the layer before
feed it. `visualizer.learning.arithmetic` makes them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
import numpy.typing as npt

from visualizer.core.convolution import Cell as Sum
from visualizer.learning.layers import ActivationName, Pooling

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

# After the layers; the names of these have a number at their end.
SOFTMAX, LOSS = "softmax", "loss"
# Half the distance of 1 from the next float32: the largest share that one rounding changes.
ROUNDING = 2.0**-24
# Below this float32 has no more digits to lose.
SMALLEST = 1e-37


@dataclass(frozen=True)
class Place:
    """Where a number stands.

    Attributes:
        layer: the name of the layer whose output it is; INPUT is the normalised image, SOFTMAX
            the answer, LOSS its cross-entropy.
        at: (channel, row, column), or (unit,), or () of the loss.
    """

    layer: str
    at: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Cell:
    """What every record tells.

    Attributes:
        place: of the number.
        before: the layers whose output it is made from.
        output: the number, by this arithmetic.
        tensor: the number as the network gave it, in float32.
    """

    place: Place
    before: tuple[str, ...]
    output: float
    tensor: float

    @property
    def slack(self) -> float:
        """How far apart the two can be by float32 rounding alone.

        A sum of n products in any order differs by at most n · 2⁻²⁴ · Σ|terms|, and nearly never
        by more than 4√n · 2⁻²⁴ · Σ|terms| (Higham and Mary, "A new approach to probabilistic
        rounding error analysis", 2019).
        """
        return 4 * ROUNDING * max(abs(self.output), abs(self.tensor))

    @property
    def agrees(self) -> bool:
        """Whether the two are the same number, up to rounding."""
        both = np.array([self.output, self.tensor])
        if not np.isfinite(both).all():
            return bool(np.array_equal(both[:1], both[1:], equal_nan=True))
        return abs(self.output - self.tensor) <= self.slack

    def sources(self) -> tuple[Place, ...]:
        """Return the numbers that feed this one: of each layer before, those at `_feeding`."""
        return tuple(Place(layer, at) for layer in self.before for at in self._feeding())

    def _feeding(self) -> Iterable[tuple[int, ...]]:
        """Return the same place; other cells have more."""
        return (self.place.at,)


@dataclass(frozen=True, eq=False)
class PixelCell(Cell):
    """A pixel of the image: its byte, scaled to 0–1, minus the mean, over the deviation.

    Nothing comes before it.
    """

    byte: int
    mean: float
    std: float

    @property
    def scaled(self) -> float:
        """The byte on the scale of 0 to 1."""
        return self.byte / 255

    @property
    def slack(self) -> float:
        """The difference is rounded before it is divided."""
        return 4 * ROUNDING * (self.scaled + self.mean) / self.std


@dataclass(frozen=True, eq=False)
class WindowCell(Cell):
    """A number made from a window of maps.

    Attributes:
        channels: (P,) of the input, one for each plane of the window.
        rows, columns: (kh,), (kw,) of the input; −1 in the padding.
    """

    channels: Places
    rows: Places
    columns: Places

    def _feeding(self) -> Iterable[tuple[int, ...]]:
        """All that the window covers, without the padding."""
        return (
            (channel, row, column)
            for channel in self.channels.tolist()
            for row in self.rows.tolist()
            for column in self.columns.tolist()
            if row >= 0 and column >= 0
        )


@dataclass(frozen=True, eq=False)
class ConvolutionCell(WindowCell):
    """The sum of products of every channel's patch and kernel, and the bias."""

    sum: Sum

    @property
    def slack(self) -> float:
        """As for a sum of all the products and the bias."""
        return _slack(self.sum.products, self.sum.bias)


@dataclass(frozen=True, eq=False)
class PoolCell(WindowCell):
    """A window to one number.

    Attributes:
        pooling: how.
        window: (k, k) numbers; in the padding 0, or −∞ where the largest is sought.
        shares: (k, k) what each number counts: of an average its weight, of a stochastic pooling
            the chance by which it would be drawn while training; else ones.
        winner: place in the window of the largest number ("max" only).
    """

    pooling: Pooling
    window: Floats
    shares: Floats
    winner: tuple[int, int] | None

    @property
    def slack(self) -> float:
        """A winner is exact; the others are sums."""
        if self.pooling == "max":
            return 0.0
        if self.pooling == "l2":  # the root halves the relative error of the sum of squares
            return (self.window.size + 4) * ROUNDING * self.output + 1e-12
        # Of a stochastic pooling both the weighted sum and the chances are rounded.
        return 4 * _slack(self.window * self.shares, 0.0)


@dataclass(frozen=True, eq=False)
class MeanCell(WindowCell):
    """A whole map to its mean.

    Attributes:
        map: (rows, columns).
    """

    map: Floats

    @property
    def total(self) -> float:
        """The sum of the map."""
        return float(self.map.sum())

    @property
    def slack(self) -> float:
        """As for the sum, divided."""
        return _slack(self.map, 0.0) / self.map.size


@dataclass(frozen=True, eq=False)
class ResizeCell(WindowCell):
    """A pixel of a resized image: a weighted sum of the pixels it is made from.

    Attributes:
        window: (kh, kw) pixels.
        row_weights, column_weights: (kh,), (kw,); a pixel counts their product.
    """

    window: Floats
    row_weights: Floats
    column_weights: Floats

    @property
    def slack(self) -> float:
        """As for a sum; the weights themselves are rounded, too."""
        products = self.window * self.row_weights[:, None] * self.column_weights
        return 8 * _slack(products, 0.0)


@dataclass(frozen=True, eq=False)
class SameCell(Cell):
    """A number made from the one at the same place.

    Attributes:
        x: that number.
    """

    x: float


@dataclass(frozen=True, eq=False)
class NormCell(SameCell):
    """Batch norm by its running figures: (x − mean) / √(variance + ε) · scale + shift."""

    mean: float
    variance: float
    epsilon: float
    scale: float
    shift: float

    @property
    def deviation(self) -> float:
        """√(variance + ε)."""
        return float(np.sqrt(self.variance + self.epsilon))

    @property
    def normalised(self) -> float:
        """(x − mean) / deviation."""
        return (self.x - self.mean) / self.deviation

    @property
    def slack(self) -> float:
        """Torch may multiply out: x · a + (shift − mean · a), each rounded."""
        a = abs(self.scale / self.deviation)
        return 8 * ROUNDING * (a * (abs(self.x) + abs(self.mean)) + abs(self.shift))


@dataclass(frozen=True, eq=False)
class ActivationCell(SameCell):
    """A function of one number."""

    name: ActivationName

    @property
    def slack(self) -> float:
        """The functions are exact to some units in the last place, in float32."""
        if self.name in ("relu", "identity"):
            return 0.0
        return 32 * ROUNDING * max(abs(self.output), abs(self.x), 1e-6)


@dataclass(frozen=True, eq=False)
class DropoutCell(SameCell):
    """Nothing changes: numbers are dropped only while training.

    Attributes:
        rate: the share that is dropped then.
    """

    rate: float


@dataclass(frozen=True, eq=False)
class AddCell(Cell):
    """The sum at the end of a skip connection.

    Attributes:
        x: what the layers gave.
        around: what came around them.
    """

    x: float
    around: float

    @property
    def slack(self) -> float:
        """One addition."""
        return 2 * ROUNDING * (abs(self.x) + abs(self.around))


@dataclass(frozen=True, eq=False)
class FlattenCell(Cell):
    """One number of the maps at its place in the list.

    Attributes:
        source: (channel, row, column) in the maps, or (unit,).
        shape: of the maps.
    """

    source: tuple[int, ...]
    shape: tuple[int, ...]

    def _feeding(self) -> Iterable[tuple[int, ...]]:
        """The one it is."""
        return (self.source,)


@dataclass(frozen=True, eq=False)
class DenseCell(Cell):
    """A weighted sum of the whole list, and the bias.

    Attributes:
        inputs, weights: (n,).
    """

    inputs: Floats
    weights: Floats
    bias: float

    @cached_property
    def products(self) -> Floats:
        """(n,) what each input adds."""
        with np.errstate(invalid="ignore"):
            return self.inputs * self.weights

    @cached_property
    def order(self) -> Places:
        """(n,) the inputs by how much they add or take away, most first."""
        return np.argsort(-np.abs(self.products), kind="stable")

    @property
    def total(self) -> float:
        """The sum of the products."""
        return float(self.products.sum())

    @property
    def slack(self) -> float:
        """As for a sum of all the products and the bias."""
        return _slack(self.products, self.bias)

    def _feeding(self) -> Iterable[tuple[int, ...]]:
        """The whole list."""
        return ((i,) for i in range(len(self.inputs)))


@dataclass(frozen=True, eq=False)
class SoftmaxCell(Cell):
    """e to the power of one logit, over the sum of them all.

    Attributes:
        logits: (classes,).
        shift: taken from every logit first, which changes nothing; 0 unless e to their power
            would be too large a number.
    """

    logits: Floats
    shift: float

    @cached_property
    def exponentials(self) -> Floats:
        """(classes,) e^(logit − shift)."""
        return np.exp(self.logits - self.shift)

    @property
    def total(self) -> float:
        """Their sum."""
        return float(self.exponentials.sum())

    @property
    def slack(self) -> float:
        """An error of a logit's size in the exponent; roundings of exp, sum and quotient."""
        size = float(np.abs(self.logits - self.logits.max()).max())
        return (2 * size + len(self.logits) + 8) * ROUNDING * self.output + SMALLEST

    def _feeding(self) -> Iterable[tuple[int, ...]]:
        """All the logits."""
        return ((i,) for i in range(len(self.logits)))


@dataclass(frozen=True, eq=False)
class LossCell(Cell):
    """The cross-entropy of one class: −ln of its probability.

    Attributes:
        target: the class.
        probability: of it; 0 where that is below any number.
        logits: (classes,).
    """

    target: int
    probability: float
    logits: Floats

    @property
    def slack(self) -> float:
        """As for a difference of numbers as large as the logits."""
        return 8 * ROUNDING * (float(np.abs(self.logits).max()) + len(self.logits))

    def _feeding(self) -> Iterable[tuple[int, ...]]:
        """The probability of the class."""
        return ((self.target,),)


def _slack(terms: Floats, bias: float) -> float:
    roundings = min(terms.size + 1, 4 * sqrt(terms.size + 1))
    return roundings * ROUNDING * float(np.abs(terms).sum() + abs(bias))
