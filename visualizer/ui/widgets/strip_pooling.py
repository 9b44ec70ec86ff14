"""The arithmetic of a pooled cell: what is done to the numbers under the window, step by step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from visualizer.core.numbers import format_number
from visualizer.core.pool_taps import Values
from visualizer.core.pooled_cell import PooledCell
from visualizer.core.pooling import Pooling
from visualizer.ui.widgets.cells import Style
from visualizer.ui.widgets.strip_numbers import (
    EXACT_DIGITS,
    FOLD,
    ROUNDED_DIGITS,
    Folding,
    Texts,
    adds_up,
    folded_sums,
    picked,
    texts,
)
from visualizer.ui.widgets.strip_parts import OUTPUT_ROOM, ROUNDED, Box, Numbers, Part, Sign

_DRAW_ROOM = "draw 0.0000"
_FROM_ROOM = "from row 0000, column 0000"
_EQUAL_ROOM = "first of 64 equal"


@dataclass(frozen=True)
class Shades:
    """How the numbers of the input are coloured, see `cells.number_cell`."""

    style: Style = "grey"
    low: float = 0.0
    high: float = 255.0


@dataclass(frozen=True, eq=False)
class PooledArithmetic:
    """One pooled cell.

    Attributes:
        cell: its numbers.
        row, column: its place in the pooled map.
        shades: the colours of the numbers under the window.
    """

    cell: PooledCell
    row: int
    column: int
    shades: Shades

    @property
    def shape(self) -> tuple[int, int, int]:
        """One plane, and the window."""
        rows, columns = self.cell.values.shape
        return 1, rows, columns

    @property
    def names(self) -> tuple[str, ...]:
        """One plane needs no name."""
        return ()

    def parts(self, rows: Folding, columns: Folding, exact: bool) -> Sequence[Part]:
        """Return it in parts, written with up to nine digits or few."""
        return _METHODS[self.cell.kind](_Writing(self, rows, columns, exact))

    def laid_out_like(self, other: object) -> bool:
        """Tell whether the layout serves: the same kind of pooling, the same window."""
        if not isinstance(other, PooledArithmetic):
            return False
        mine, its = (
            (cell.kind, cell.values.shape, cell.area == cell.divisor)
            for cell in (self.cell, other.cell)
        )
        return mine == its

    def spoken(self, parts: Sequence[Part], hidden: bool) -> str:
        """Return where the cell is, and its result."""
        output = "hidden" if hidden else format_number(self.cell.output)
        return f"output row {self.row}, column {self.column}: {self.cell.kind} {output}"

    def tip(self, row: int, column: int) -> str:
        """Return where a number is in the input, and what it is, with full precision."""
        return place_tip(self.cell, row, column)


def place_tip(cell: PooledCell, row: int, column: int) -> str:
    """Return where a number under the window is in the input, and all that is known of it."""
    value = format_number(cell.values[row, column], digits=EXACT_DIGITS)
    if cell.kind == "global":
        return value if not any(cell.hidden) else f"{value}: of one pixel, or of several added up"
    if not cell.inside[row, column]:
        return "padding: outside the input"
    lines = [f"row {cell.rows[row]}, column {cell.columns[column]}: {value}"]
    if cell.kind == "L2":
        lines.append(f"squared {format_number(cell.terms[row, column], digits=EXACT_DIGITS)}")
    if cell.kind in ("stochastic", "weighted"):
        chance = format_number(cell.probabilities[row, column], digits=EXACT_DIGITS)
        lines.append(f"probability {chance}")
    if cell.kind == "stochastic":
        reached = np.cumsum(cell.probabilities).reshape(cell.values.shape)[row, column]
        lines.append(f"up to here {format_number(reached, digits=EXACT_DIGITS)}")
    return "\n".join(lines)


@dataclass(frozen=True)
class _Writing:
    """One cell while it is written down: with these digits, folded like this."""

    of: PooledArithmetic
    rows: Folding
    columns: Folding
    exact: bool

    @property
    def cell(self) -> PooledCell:
        return self.of.cell

    def maximum(self) -> Sequence[Part]:
        chosen = self.cell.chosen
        assert chosen is not None
        row, column = self.cell.rows[chosen[0]], self.cell.columns[chosen[1]]
        return (
            self._window(),
            Sign("→", above="the largest", below=self._equal(), reserved=_EQUAL_ROOM, once=True),
            self._output(below=f"from row {row}, column {column}", room=_FROM_ROOM),
        )

    def average(self) -> Sequence[Part]:
        window = self._window(added_up=True)
        total, divisor = self._write(self.cell.total), str(self.cell.divisor)
        all_of_them = self.cell.kind == "global" or self.cell.divisor == self.cell.area
        caption = "numbers" if all_of_them else "numbers counted"
        return (
            window,
            self._sigma(window, total),
            Box(total, "sum"),
            Sign("÷", once=True),
            Box(divisor, caption, reserved=("numbers counted", "")),
            Sign("=", once=True),
            self._output(rounded=not _divides(total, divisor, self._write(self.cell.output))),
        )

    def norm(self) -> Sequence[Part]:
        cell = self.cell
        squares = self._grid(cell.terms, "squares")
        total = self._write(cell.total)
        scale: tuple[Part, ...] = ()
        if cell.divisor != cell.area:
            scale = (
                Sign("×", once=True),
                Box(f"{cell.area}/{cell.divisor}", "whole window / counted"),
            )
        return (
            self._window(),
            Sign("→", above="squared", reserved="squared", once=True),
            squares,
            self._sigma(squares, total),
            Box(total, "sum of squares", reserved=("sum of squares", "")),
            *scale,
            Sign("√", once=True),
            self._output(rounded=not self._is_root(total)),
        )

    def drawn(self) -> Sequence[Part]:
        cell = self.cell
        draw = f"draw {cell.share:.4f}" if cell.chosen else "nothing to draw"
        return (
            self._window(marked=False),
            Sign("÷", once=True),
            Box(self._write(cell.total), "sum", given=True),
            Sign("=", once=True),
            self._probabilities(marked=True),
            Sign("→", above=draw, reserved=_DRAW_ROOM, once=True),
            self._output(below=self._between(), room="0.0000 ≤ 0.0000 < 0.0000"),
        )

    def weighted(self) -> Sequence[Part]:
        cell = self.cell
        products = self._grid(cell.terms * cell.probabilities, "products")
        output = self._write(cell.output)
        return (
            self._window(marked=False),
            Sign("×"),
            self._probabilities(marked=False),
            Sign("=", breaks=True),
            products,
            self._sigma(products, output),
            self._output(),
        )

    def _window(self, *, added_up: bool = False, marked: bool = True) -> Numbers:
        """Return the numbers under the window; folded ones added up where a sum follows."""
        cell, shades = self.cell, self.of.shades
        down, along = np.ix_(self.rows.starts, self.columns.starts)
        folded = self.rows.folded[:, np.newaxis] | self.columns.folded
        values = cell.values[down, along]
        written = picked(cell.values, self.rows, self.columns, self._digits)
        caption = "numbers under the window"
        if added_up:
            values = folded_sums(cell.values, self.rows, self.columns)
            written = texts(values, self._digits)
        if cell.kind == "global":
            folded = folded | middle(cell)[down, along]
            caption = f"all {cell.divisor:,} numbers"
        if added_up and folded.any():
            caption += f", {FOLD} added up"
        if cell.negative and cell.kind in ("stochastic", "weighted"):
            caption = "numbers; a negative one counts as 0"
        place = _shown_at(cell.chosen, self.rows, self.columns) if marked else None
        return Numbers(
            values[np.newaxis], [written], caption, shades.style, shades.low, shades.high,
            cell.inside[down, along], folded, place,
        )  # fmt: skip

    def _probabilities(self, *, marked: bool) -> Numbers:
        cell = self.cell
        total = "" if marked else f" = number / {self._write(cell.total)}"
        caption = f"probabilities{total}" if cell.total else "no number above 0: no chance"
        part = self._grid(cell.probabilities, caption)
        if not marked or cell.chosen is None:
            return part
        place = _shown_at(cell.chosen, self.rows, self.columns)
        return Numbers(
            part.values, part.texts, caption, part.style, part.low, part.high, part.inside,
            part.folded, place,
        )  # fmt: skip

    def _grid(self, values: Values, caption: str) -> Numbers:
        """Return a grid of what is worked out, folded places added up."""
        return worked_out(
            values, caption, self.rows, self.columns, self._digits,
            inside=self.cell.inside,
        )  # fmt: skip

    def _sigma(self, part: Numbers, total: str) -> Sign:
        terms = [text for row in part.texts[0] for text in row]
        below = "" if adds_up(terms, total) else ROUNDED
        return Sign("Σ", below=below, reserved=ROUNDED, margin=16, breaks=True)

    def _is_root(self, total: str) -> bool:
        """Tell whether the output, as written, squared gives the sum, as written."""
        root, squares = Decimal(self._write(self.cell.output)), Decimal(total)
        if not (root.is_finite() and squares.is_finite()):
            return True
        return root * root * self.cell.divisor == squares * self.cell.area

    def _equal(self) -> str:
        """Say that several numbers are the largest: as in torch, the first of them wins."""
        cell = self.cell
        equal = int((cell.inside & (cell.values == cell.output)).sum())
        return f"first of {equal} equal" if equal > 1 else ""

    def _between(self) -> str:
        """Return between which running sums of the probabilities the draw lies."""
        cell = self.cell
        if cell.chosen is None:
            return ""
        reached = float(np.cumsum(cell.probabilities).reshape(cell.values.shape)[cell.chosen])
        before = reached - float(cell.probabilities[cell.chosen])
        return f"{max(before, 0):.4f} ≤ {cell.share:.4f} < {reached:.4f}"

    def _output(self, *, below: str = "", room: str = "", rounded: bool = False) -> Box:
        return Box(
            self._write(self.cell.output),
            f"output [{self.of.row}, {self.of.column}]",
            here=True,
            above=ROUNDED if rounded else "",
            below=below,
            reserved=(OUTPUT_ROOM, room),
        )

    @property
    def _digits(self) -> int:
        return EXACT_DIGITS if self.exact else ROUNDED_DIGITS

    def _write(self, value: float) -> str:
        return format_number(value, digits=self._digits)


_METHODS: dict[Pooling, Callable[[_Writing], Sequence[Part]]] = {
    "max": _Writing.maximum,
    "average": _Writing.average,
    "global": _Writing.average,
    "L2": _Writing.norm,
    "stochastic": _Writing.drawn,
    "weighted": _Writing.weighted,
}


def worked_out(
    values: Values,
    caption: str,
    rows: Folding,
    columns: Folding,
    digits: int,
    *,
    inside: np.ndarray | None = None,
    written: Texts | None = None,
    secret: bool = False,
) -> Numbers:
    """Return a grid (h, w) of what is worked out, in signed colours, folded places added up."""
    sums = folded_sums(values, rows, columns)
    largest = float(np.abs(sums[np.isfinite(sums)]).max(initial=0.0))
    if inside is not None:
        down, along = np.ix_(rows.starts, columns.starts)
        inside = inside[down, along]
    return Numbers(
        sums[np.newaxis], [written or texts(sums, digits)], caption, "signed", -largest, largest,
        inside, secret=secret,
    )  # fmt: skip


def middle(cell: PooledCell) -> np.ndarray:
    """Return which places (h, w) of a global window stand for several rows or columns."""
    rows, columns = (np.zeros(size, bool) for size in cell.values.shape)
    rows[len(rows) // 2] = cell.hidden[0] > 0
    columns[len(columns) // 2] = cell.hidden[1] > 0
    return rows[:, np.newaxis] | columns


def _shown_at(
    place: tuple[int, int] | None, rows: Folding, columns: Folding
) -> tuple[int, int] | None:
    """Return where a row and column of the window is shown, if need be as the fold."""
    if place is None:
        return None
    found = []
    for index, folding in zip(place, (rows, columns), strict=True):
        indices = folding.indices
        found.append(indices.index(index if index in indices else None))
    return found[0], found[1]


def _divides(total: str, divisor: str, result: str) -> bool:
    """Tell whether a division, as written, gives the result, as written."""
    numbers = [Decimal(text) for text in (total, divisor, result)]
    if not all(number.is_finite() for number in numbers):
        return True
    return numbers[2] * numbers[1] == numbers[0]
