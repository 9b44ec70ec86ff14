"""The arithmetic of a filter's output cell: pixels × kernel = products, Σ + bias → output."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from visualizer.core.convolution import Cell
from visualizer.core.numbers import format_number
from visualizer.ui.widgets.strip_numbers import FOLD, Folding, Shown, equation, shown
from visualizer.ui.widgets.strip_parts import OUTPUT_ROOM, ROUNDED, Box, Numbers, Part, Sign, Sums

_TERMS_OF_ONE = 14  # letters kept under the total of a filter with one plane
_FOR_BIAS = 6


@dataclass(frozen=True, eq=False)
class ConvolvedCell:
    """One output cell of a filter.

    Attributes:
        cell: its numbers.
        row, column: its place in the feature map.
        planes: the names of the planes.
        activation: the activation's name; "none" is not written.
        low, high: black and white of the pixels.
    """

    cell: Cell
    row: int
    column: int
    planes: tuple[str, ...]
    activation: str
    low: float
    high: float

    @property
    def shape(self) -> tuple[int, int, int]:
        """Planes, rows and columns of the kernel."""
        planes, rows, columns = self.cell.weights.shape
        return planes, rows, columns

    @property
    def names(self) -> tuple[str, ...]:
        """The planes' names, when there are several."""
        return self.planes if len(self.cell.weights) > 1 else ()

    def parts(self, rows: Folding, columns: Folding, exact: bool) -> Sequence[Part]:
        """Return it in parts, written with up to nine digits or few."""
        said = shown(self.cell, rows, columns, exact)
        folded = rows.hidden or columns.hidden
        return (
            *self._grids(said, rows, columns),
            Sign("=", breaks=True),
            self._products(said, f"products, {FOLD} added up" if folded else "products"),
            Sign(
                "Σ",
                each=tuple(ROUNDED if rounded else "" for rounded in said.rounded),
                reserved=ROUNDED,
                margin=16,
            ),
            *self._results(said),
        )

    def laid_out_like(self, other: object) -> bool:
        """Tell whether the layout serves: the same kernel, names and activation."""
        if not isinstance(other, ConvolvedCell):
            return False
        a, b = self.cell, other.cell
        same_weights = a.weights is b.weights or np.array_equal(a.weights, b.weights)
        same_bias = bool(a.bias) == bool(b.bias)
        return (
            same_weights
            and same_bias
            and ((self.planes, self.activation) == (other.planes, other.activation))
        )

    def spoken(self, parts: Sequence[Part], hidden: bool) -> str:
        """Return where the cell is, and its result."""
        before, output = (part.text for part in parts if isinstance(part, Box))
        result = "hidden" if hidden else f"{before}, activated {output}"
        return f"output row {self.row}, column {self.column}: sum and bias {result}"

    def tip(self, row: int, column: int) -> str:
        """Return the product at a place of the kernel with full precision."""
        cell = self.cell
        lines = []
        for p in range(len(cell.weights)):
            a, b, c = (
                format_number(float(part[p, row, column]), digits=9)
                for part in (cell.patches, cell.weights, cell.products)
            )
            lines.append(f"{a} × {b} = {c}")
        where = "" if cell.inside[row, column] else "\npadding: outside the image"
        return "\n".join(lines) + where

    def _grids(self, said: Shown, rows: Folding, columns: Folding) -> tuple[Part, ...]:
        cell = self.cell
        down, along = np.ix_(rows.starts, columns.starts)
        folded = rows.folded[:, np.newaxis] | columns.folded
        heaviest = float(np.abs(cell.weights).max())
        return (
            Numbers(
                cell.patches[:, down, along], said.patches, "pixels under the window", "grey",
                self.low, self.high, cell.inside[down, along], folded,
            ),
            Sign("×"),
            Numbers(
                cell.weights[:, down, along], said.weights, "kernel", "signed", -heaviest, heaviest,
                folded=folded,
            ),
        )  # fmt: skip

    def _products(self, said: Shown, caption: str) -> Part:
        strongest = float(np.abs(said.folded[np.isfinite(said.folded)]).max(initial=0.0))
        return Numbers(said.folded, said.products, caption, "signed", -strongest, strongest)

    def _results(self, said: Shown) -> tuple[Part, ...]:
        many, biased = len(said.sums) > 1, bool(self.cell.bias)
        terms = [*said.sums, said.bias] if biased else said.sums
        letters = _TERMS_OF_ONE
        if many:
            longest = max(map(len, said.sums))
            letters = len(said.sums) * (longest + 3) + (_FOR_BIAS if biased else 0)
        total = Box(
            said.before,
            f"sum + bias {said.bias}",
            here=True,
            above=ROUNDED if said.total_rounded and (biased or many) else "",
            below=equation(terms) if biased or many else "",
            reserved=("", "0" * letters),
        )
        above = "" if self.activation == "none" else self.activation
        return (
            *((Sums(tuple(said.sums)), Sign("=", once=True)) if many else ()),
            total,
            Sign("→", above=above, reserved=self.activation, once=True),
            Box(said.output, f"output [{self.row}, {self.column}]", reserved=(OUTPUT_ROOM, "")),
        )
