"""One output cell backwards: how its gradient is shared among the numbers under the window."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visualizer.core.convolution import Cell
from visualizer.core.numbers import format_number
from visualizer.core.pool_taps import Values
from visualizer.core.pooled_cell import PooledCell
from visualizer.ui.widgets.strip_numbers import (
    EXACT_DIGITS,
    FOLD,
    ROUNDED_DIGITS,
    Folding,
    folded_sums,
    picked,
    texts,
)
from visualizer.ui.widgets.strip_parts import Box, Numbers, Part, Sign
from visualizer.ui.widgets.strip_pooling import Shades, middle, worked_out


@dataclass(frozen=True, eq=False)
class GradientArithmetic:
    """The way back from one output cell, with the gradient that arrives at it.

    Attributes:
        values: (h, w), the numbers under the window.
        slopes: (h, w), the derivative of the output by each of them.
        inside: (h, w), False on padding.
        chosen: the winner's place in the window, if there is one.
        shared: among how many numbers an average shares equally; 0 otherwise.
        gathered: (h, w), True where a place stands for several numbers, added up.
        gradient: what arrives at the output.
        row, column: the cell's place.
        shades: the colours of the numbers under the window.
    """

    values: Values
    slopes: Values
    inside: npt.NDArray[np.bool_]
    chosen: tuple[int, int] | None
    shared: int
    gathered: npt.NDArray[np.bool_]
    gradient: float
    row: int
    column: int
    shades: Shades

    @classmethod
    def of(
        cls, cell: PooledCell | Cell, gradient: float, row: int, column: int, shades: Shades
    ) -> "GradientArithmetic":
        """Return the way back through a pooled cell, or a filter's of one plane.

        The slopes of a filter's cell are the weights.
        """
        if isinstance(cell, Cell):
            values, slopes, chosen, shared = cell.patches[0], cell.weights[0], None, 0
            gathered = np.zeros(values.shape, bool)
        else:
            equal = cell.kind in ("average", "global")
            values, slopes, chosen = cell.values, cell.slopes, cell.chosen
            shared = cell.divisor if equal else 0
            gathered = middle(cell)
        return cls(
            values, slopes, cell.inside, chosen, shared, gathered, gradient, row, column, shades
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        """One plane, and the window."""
        rows, columns = self.values.shape
        return 1, rows, columns

    @property
    def names(self) -> tuple[str, ...]:
        """One plane needs no name."""
        return ()

    def parts(self, rows: Folding, columns: Folding, exact: bool) -> Sequence[Part]:
        """Return it in parts, written with up to nine digits or few."""
        digits = EXACT_DIGITS if exact else ROUNDED_DIGITS
        down, along = np.ix_(rows.starts, columns.starts)
        written = picked(self.values, rows, columns, digits)
        numbers, slopes, arriving = self._captions()
        window = Numbers(
            self.values[down, along][np.newaxis], [written], numbers,
            self.shades.style, self.shades.low, self.shades.high, self.inside[down, along],
            rows.folded[:, np.newaxis] | columns.folded | self.gathered[down, along],
            self.chosen,
        )  # fmt: skip
        return (
            window,
            Sign("→", above="slopes", reserved="slopes", once=True),
            worked_out(
                self.slopes, slopes, rows, columns, digits,
                inside=self.inside, written=self._fractions(rows, columns, digits), secret=True,
            ),
            Sign("×", once=True),
            Box(
                format_number(self.gradient, digits=digits),
                f"gradient of output [{self.row}, {self.column}]",
                here=True,
                reserved=("gradient of output [0000, 0000]", ""),
                given=True,
            ),
            Sign("=", once=True),
            worked_out(
                self.slopes * self.gradient, arriving, rows, columns, digits,
                inside=self.inside, secret=True,
            ),
        )  # fmt: skip

    def laid_out_like(self, other: object) -> bool:
        """Tell whether the layout serves: the same window."""
        return isinstance(other, GradientArithmetic) and self.shape == other.shape

    def spoken(self, parts: Sequence[Part], hidden: bool) -> str:
        """Return where the cell is, and what goes where."""
        where = f"gradient of output row {self.row}, column {self.column}: "
        if hidden:
            return where + "hidden"
        rows = "; ".join(" ".join(row) for row in texts(self.slopes * self.gradient, 3))
        return f"{where}{rows}"

    def tip(self, row: int, column: int) -> str:
        """Return the product at a place of the window with full precision."""
        if not self.inside[row, column]:
            return "padding: outside the input"
        slope, gradient, arriving = (
            format_number(value, digits=EXACT_DIGITS)
            for value in (
                float(self.slopes[row, column]),
                self.gradient,
                float(self.slopes[row, column] * self.gradient),
            )
        )
        return f"{slope} × {gradient} = {arriving}"

    def _captions(self) -> tuple[str, str, str]:
        """Return what stands below numbers, slopes and gradients."""
        if not self.gathered.any():
            return (
                "numbers under the window",
                "change of the output per 1 here",
                ("gradient of each number"),
            )
        added = f", {FOLD} added up"
        return (
            f"all {self.shared:,} numbers{added}",
            f"1/{self.shared:,} each{added}",
            (f"gradient{added}"),
        )

    def _fractions(self, rows: Folding, columns: Folding, digits: int) -> list[list[str]] | None:
        """Return the slopes of an average as fractions, which are exact."""
        if not self.shared or rows.hidden or columns.hidden or self.gathered.any():
            return None
        sums = folded_sums(self.slopes, rows, columns)
        return [["0" if value == 0 else f"1/{self.shared}" for value in row] for row in sums]
