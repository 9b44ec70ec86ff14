"""The exact arithmetic of one pooled cell, and where its gradient goes. In float64."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visualizer.core.geometry import Geometry
from visualizer.core.pool_taps import Places, Values
from visualizer.core.pool_window import numbers_along
from visualizer.core.pooling import Pooling, share_drawn

_WHOLE = 5  # rows or columns of a global window that are shown; the others, added up, in one


@dataclass(frozen=True, eq=False)
class PooledCell:
    """One window's arithmetic, ready to be written down.

    Attributes:
        kind: what is done to the window.
        values: (h, w), the numbers under the window; 0 in the padding.
        inside: (h, w), False where the window lies on padding.
        rows, columns: (h,), (w,), the input's rows and columns; those of padding lie outside.
        terms: (h, w), what is added up: the numbers, their squares, or with stochastic pooling
            the numbers with 0 for negative ones.
        total: the sum of the terms.
        divisor: what an average is divided by; how many numbers of an L2 window are counted.
        probabilities: (h, w), of stochastic pooling.
        share: the number between 0 and 1 that decides the draw.
        chosen: the row and column, in the window, of the winner or of what was drawn.
        output: the pooled cell.
        slopes: (h, w), the derivative of the output by each number.
        hidden: how many rows and columns of a global window the middle ones stand for.
    """

    kind: Pooling
    values: Values
    inside: npt.NDArray[np.bool_]
    rows: Places
    columns: Places
    terms: Values
    total: float
    divisor: int
    probabilities: Values
    share: float
    chosen: tuple[int, int] | None
    output: float
    slopes: Values
    hidden: tuple[int, int] = (0, 0)

    @property
    def area(self) -> int:
        """How many cells the window has."""
        return self.values.size

    @property
    def negative(self) -> bool:
        """Whether a negative number counts as 0 here."""
        return bool((self.terms != self.values).any())


def pooled_cell(
    pixels: npt.NDArray,
    kind: Pooling,
    geometry: Geometry,
    row: int,
    column: int,
    channel: int = 0,
    *,
    count_padding: bool = True,
    seed: int = 0,
) -> PooledCell:
    """Return the arithmetic behind cell (row, column) of the map that `pool` gives."""
    if kind == "global":
        return _whole(pixels[:, :, channel])
    rows, columns = geometry.taps(row, column)
    inside = np.logical_and.outer(
        (rows >= 0) & (rows < geometry.height), (columns >= 0) & (columns < geometry.width)
    )
    near = np.ix_(rows.clip(0, geometry.height - 1), columns.clip(0, geometry.width - 1))
    values = np.where(inside, pixels[:, :, channel][near].astype(np.float64), 0.0)
    down, along = numbers_along(geometry, count_padding if kind == "average" else True)
    place = (row * geometry.out_width + column) * pixels.shape[2] + channel
    share = share_drawn(seed, place) if kind == "stochastic" else 0.0
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        return _worked_out(
            kind, values, inside, rows, columns, int(down[row] * along[column]), share
        )


def _worked_out(
    kind: Pooling,
    values: Values,
    inside: npt.NDArray[np.bool_],
    rows: Places,
    columns: Places,
    divisor: int,
    share: float,
) -> PooledCell:
    terms = values
    if kind == "L2":
        terms = np.square(values)
    elif kind in ("stochastic", "weighted"):
        terms = np.maximum(values, 0)
    reached = np.cumsum(terms)  # in reading order, as `pool` adds
    total = float(reached[-1])
    probabilities = terms / total if total else np.zeros_like(terms)
    chosen = None
    if kind == "max":
        chosen = _largest(values, inside)
    elif kind == "stochastic" and total and np.isfinite(total):
        at = int(np.argmax(reached > share * total))
        chosen = at // len(columns), at % len(columns)
    output, slopes = _result(kind, values, inside, terms, total, divisor, chosen)
    return PooledCell(
        kind, values, inside, rows, columns, terms, total, divisor, probabilities, share, chosen,
        output, slopes,
    )  # fmt: skip


def _largest(values: Values, inside: npt.NDArray[np.bool_]) -> tuple[int, int]:
    at = int(np.argmax(np.where(inside, values, -np.inf)))
    if not inside.flat[at]:
        at = int(np.argmax(inside))  # all numbers are −infinity: the first of them
    return at // values.shape[1], at % values.shape[1]


def _result(
    kind: Pooling,
    values: Values,
    inside: npt.NDArray[np.bool_],
    terms: Values,
    total: float,
    divisor: int,
    chosen: tuple[int, int] | None,
) -> tuple[float, Values]:
    """Return the output, and its derivative by each number under the window."""
    slopes = np.zeros_like(values)
    if kind in ("max", "stochastic"):
        if chosen is None:
            return (0.0 if np.isfinite(total) else np.nan), slopes
        slopes[chosen] = 1.0
        return float(terms[chosen]), slopes
    if kind == "average":
        return total / divisor, inside / divisor
    if kind == "L2":
        scale = values.size / divisor
        output = float(np.sqrt(total * scale))
        return output, values * (scale / output) if output else slopes
    if total == 0:
        return 0.0, slopes
    output = float(np.square(terms).sum() / total)
    return output, np.where(terms > 0, (2 * terms - output) / total, 0.0)


def _whole(plane: npt.NDArray) -> PooledCell:
    """Return the arithmetic of global pooling; the middle of a large picture is added up."""
    height, width = plane.shape
    rows, columns = _kept(height), _kept(width)
    ends = [*rows[1:], height]
    strips = np.array(
        [plane[a:b].sum(axis=0, dtype=np.float64) for a, b in zip(rows, ends, strict=True)]
    )
    terms = np.add.reduceat(strips, columns, axis=1)
    total = float(terms.sum())
    counts = np.outer(np.diff([*rows, height]), np.diff([*columns, width]))
    area = height * width
    return PooledCell(
        "global", terms, np.ones(terms.shape, bool), rows, columns, terms, total, area,
        np.zeros_like(terms), 0.0, None, total / area, counts / area,
        (height - len(rows) + 1 if height > _WHOLE else 0,
         width - len(columns) + 1 if width > _WHOLE else 0),
    )  # fmt: skip


def _kept(size: int) -> Places:
    """Return where each shown row begins: all of a few, or the first two, the rest, the last."""
    if size <= _WHOLE:
        return np.arange(size)
    return np.array([0, 1, 2, size - 2, size - 1])
