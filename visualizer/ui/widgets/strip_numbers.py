"""What the arithmetic strip says: the texts of one output cell's numbers, and whether they add up.

Knows nothing of Qt: folding, rounding and the check of the shown sums live here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from visualizer.core.convolution import Cell
from visualizer.core.numbers import format_number

FOLD = "⋯"
ROUNDED_DIGITS, EXACT_DIGITS = 3, 9
NEVER_FOLDED = 5  # rows or columns of a kernel of one plane
NEVER_FOLDED_OF_MANY = 3  # and of one with several, which share the height


@dataclass(frozen=True)
class Folding:
    """Which rows or columns of a kernel are shown; the others, in the middle, share one place.

    Attributes:
        count: how many there are.
        before, after: how many are shown at the beginning and at the end; everything when
            before = count.
    """

    count: int
    before: int
    after: int

    @classmethod
    def to(cls, count: int, places: int | None, whole: int = NEVER_FOLDED) -> "Folding":
        """Fold `count` rows or columns into an odd number of places (None: all are shown).

        Up to `whole` of them are always shown.
        """
        if places is None or count <= max(places, whole):
            return cls(count, count, 0)
        half = (places - 1) // 2
        return cls(count, half, half)

    @property
    def hidden(self) -> int:
        """How many are not shown on their own."""
        return self.count - self.before - self.after

    @property
    def indices(self) -> list[int | None]:
        """The index shown at each place, None for the fold."""
        fold: list[int | None] = [None] if self.hidden else []
        return [*range(self.before), *fold, *range(self.count - self.after, self.count)]

    @property
    def folded(self) -> npt.NDArray[np.bool_]:
        """For each place, whether it is the fold."""
        return np.array([index is None for index in self.indices])

    @property
    def starts(self) -> list[int]:
        """The first index of each place: what `np.add.reduceat` needs."""
        return [self.before if index is None else index for index in self.indices]


Texts = list[list[str]]


@dataclass(frozen=True)
class Shown:
    """The texts of one cell, one grid a plane, and what of it is rounded.

    Attributes:
        patches, weights, products: (P, rows, columns) texts; "⋯" in folded places, but folded
            products show their sum, so that what is shown adds up.
        folded: (P, rows, columns) the products' numbers behind the texts.
        sums: each plane's sum; `total` is theirs, `before` is total + bias, `output` activated.
        rounded: for each plane, whether its shown products miss its shown sum.
        total_rounded: whether the shown sums and bias miss the shown total.
    """

    patches: list[Texts]
    weights: list[Texts]
    products: list[Texts]
    folded: npt.NDArray[np.float64]
    sums: list[str]
    total: str
    bias: str
    before: str
    output: str
    rounded: list[bool]
    total_rounded: bool


def shown(cell: Cell, rows: Folding, columns: Folding, exact: bool) -> Shown:
    """Write a cell's numbers down, rounded or with up to nine digits."""
    digits = EXACT_DIGITS if exact else ROUNDED_DIGITS
    folded = folded_sums(cell.products, rows, columns)
    products = [texts(plane, digits) for plane in folded]
    sums = [format_number(float(s), digits=digits) for s in cell.plane_sums]
    bias = format_number(cell.bias, digits=digits)
    before = format_number(cell.pre_activation, digits=digits)
    return Shown(
        patches=[picked(plane, rows, columns, digits) for plane in cell.patches],
        weights=[picked(plane, rows, columns, digits) for plane in cell.weights],
        products=products,
        folded=folded,
        sums=sums,
        total=format_number(cell.total, digits=digits),
        bias=bias,
        before=before,
        output=format_number(cell.output, digits=digits),
        rounded=[
            not adds_up([text for row in grid for text in row], total)
            for grid, total in zip(products, sums, strict=True)
        ],
        total_rounded=not adds_up([*sums, bias], before),
    )


def folded_sums(
    values: npt.NDArray[np.float64], rows: Folding, columns: Folding
) -> npt.NDArray[np.float64]:
    """Return (…, rows, columns) values at the places that are shown, the folded ones added up."""
    with np.errstate(invalid="ignore"):
        by_rows = np.add.reduceat(values, rows.starts, axis=-2)
        return np.add.reduceat(by_rows, columns.starts, axis=-1)


def adds_up(terms: Iterable[str], total: str) -> bool:
    """Tell whether the terms, as written, add up to the total, as written.

    With NaN or infinity among them there is nothing to check.
    """
    numbers = [Decimal(term) for term in terms]
    if not all(number.is_finite() for number in (*numbers, Decimal(total))):
        return True
    return sum(numbers) == Decimal(total)


def equation(terms: Sequence[str]) -> str:
    """Return terms as one adds them by hand: 308 − 498 + 164 + 1."""
    first, *rest = terms
    signed = (f" − {term[1:]}" if term.startswith("-") else f" + {term}" for term in rest)
    return first + "".join(signed)


@lru_cache(maxsize=8192)
def _written(value: float, digits: int) -> str:
    return format_number(value, digits=digits)


def texts(plane: npt.NDArray[np.float64], digits: int) -> Texts:
    """Return every number of a plane (R, C) as text."""
    return [[_written(value, digits) for value in row] for row in plane.tolist()]


def picked(plane: npt.NDArray[np.float64], rows: Folding, columns: Folding, digits: int) -> Texts:
    """Return the numbers of a plane at the places that are shown, "⋯" in folded ones."""
    return [
        [
            FOLD if i is None or j is None else _written(float(plane[i, j]), digits)
            for j in columns.indices
        ]
        for i in rows.indices
    ]
