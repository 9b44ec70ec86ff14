"""Pooling whole maps, fast: maximum, average, L2 norm, stochastic, global average.

Like `torch.nn.functional`: padding never wins a maximum and counts as 0 in a sum; a NaN shows in
every window it lies in. The L2 norm is that of `lp_pool2d`: the mean of the squares, as
`avg_pool2d` gives it, times the window's area, so that a window which reaches over the edge in
ceil mode counts like a whole one. Stochastic pooling is Zeiler and Fergus, "Stochastic pooling
for regularization of deep convolutional neural networks" (2013): training draws one number of the
window with a probability proportional to it, evaluation takes the mean weighted by these
probabilities. They need numbers that are not negative: a negative one counts as 0, and a window
without a positive one gives 0.
"""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from visualizer.core.correlation import FeatureMap, as_float
from visualizer.core.geometry import Geometry
from visualizer.core.pool_taps import Places, Values, bands, reduced, taps
from visualizer.core.pool_window import numbers_counted

Pooling = Literal["max", "average", "L2", "stochastic", "weighted", "global"]
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)
Check = Callable[[], None]

NOWHERE = -1


def pool(
    pixels: npt.NDArray,
    kind: Pooling,
    geometry: Geometry,
    *,
    count_padding: bool = True,
    seed: int = 0,
    check: Check | None = None,
) -> FeatureMap:
    """Return the pooled map (out_height, out_width, C) of (H, W, C), each channel by itself.

    Args:
        pixels: uint8, uint16 or float32.
        kind: what is done to each window.
        geometry: from `PoolWindow.geometry`; for "global" from `whole_window`.
        count_padding: whether the padding counts among the numbers an average is divided by.
        seed: of the draws of "stochastic".
        check: called between bands of rows; what it raises ends the work.
    """
    check = check or (lambda: None)
    if kind == "global":
        check()
        return as_float(pixels.mean(axis=(0, 1), dtype=np.float64)[np.newaxis, np.newaxis])
    shape = (geometry.out_height, geometry.out_width, pixels.shape[2])
    result = np.empty(shape, np.float32)
    draws = np.random.default_rng(seed)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        for rows in bands(geometry, pixels.shape[2]):
            check()
            if kind == "stochastic":
                shares = draws.random((len(rows), *shape[1:]))
                result[rows.start : rows.stop] = _drawn(pixels, geometry, rows, shares)[0]
            else:
                result[rows.start : rows.stop] = _band(pixels, kind, geometry, rows, count_padding)
    return result


def winners(
    pixels: npt.NDArray,
    kind: Literal["max", "stochastic"],
    geometry: Geometry,
    *,
    seed: int = 0,
    check: Check | None = None,
) -> Places:
    """Return for each window where its winner is: row · W + column, (out_height, out_width, C).

    The winner is the first largest number, or the one that is drawn; NOWHERE where nothing can
    be drawn.
    """
    shape = (geometry.out_height, geometry.out_width, pixels.shape[2])
    result = np.empty(shape, np.intp)
    draws = np.random.default_rng(seed)
    with np.errstate(invalid="ignore", over="ignore"):
        for rows in bands(geometry, pixels.shape[2]):
            (check or (lambda: None))()
            place = result[rows.start : rows.stop]
            if kind == "stochastic":
                shares = draws.random((len(rows), *shape[1:]))
                place[...] = _drawn(pixels, geometry, rows, shares)[1]
            else:
                place[...] = _largest(pixels, geometry, rows)
    return result


def share_drawn(seed: int, index: int) -> float:
    """Return the number from 0 to 1 that decides the draw of one cell.

    `index` counts cells in reading order, the channels of each one after another.
    """
    bits = np.random.PCG64(seed)
    bits.advance(index)
    return float(np.random.Generator(bits).random())


def _band(
    pixels: npt.NDArray, kind: Pooling, geometry: Geometry, rows: range, count_padding: bool
) -> npt.NDArray:
    """Return the pooled rows of the map at `rows`, in the type the work is done in."""
    if kind == "max":
        fill = 0 if pixels.dtype.kind == "u" else -np.inf
        return reduced(pixels, geometry, rows, np.maximum, fill)
    sums = _window_sums(pixels, kind, geometry, rows)
    if kind == "weighted":
        total, squares = sums
        return np.where(total == 0, 0.0, squares / total)
    counted = numbers_counted(geometry, count_padding if kind == "average" else True)
    counted = counted[rows.start : rows.stop, :, np.newaxis]
    if kind == "average":
        return np.asarray(sums[0] / counted)
    area = geometry.kernel_height * geometry.kernel_width
    return np.asarray(np.sqrt(sums[0] * (area / counted)))


def _window_sums(
    pixels: npt.NDArray, kind: Pooling, geometry: Geometry, rows: range
) -> tuple[Values, ...]:
    """Return the sums over each window: of the numbers, of their squares, or of both."""

    def add(change: Callable[[Values], Values]) -> Values:
        return reduced(pixels, geometry, rows, np.add, 0.0, change)

    if kind == "average":
        return (add(lambda values: values),)
    if kind == "L2":
        return (add(np.square),)
    return add(activations), add(lambda values: np.square(activations(values)))


def activations(values: Values) -> Values:
    """Return the numbers stochastic pooling goes by: 0 for negative ones."""
    return np.maximum(values, 0)


def _largest(pixels: npt.NDArray, geometry: Geometry, rows: range) -> Places:
    """Return where the first largest number of each window is; the first NaN is larger still."""
    shape = (len(rows), geometry.out_width, pixels.shape[2])
    best = np.full(shape, -np.inf)
    where = np.full(shape, NOWHERE, np.intp)
    for cells, taken, at in taps(geometry, rows):
        seen = pixels[taken]
        now, there = best[cells], where[cells]
        better = (seen > now) | (np.isnan(seen) & ~np.isnan(now)) | (there == NOWHERE)
        best[cells] = np.where(better, seen, now)
        where[cells] = np.where(better, at, there)
    return where


def _drawn(
    pixels: npt.NDArray, geometry: Geometry, rows: range, shares: Values
) -> tuple[Values, Places]:
    """Return the numbers drawn and where they are: the first up to which the share is reached."""
    total = np.zeros_like(shares)
    for cells, taken, _ in taps(geometry, rows):
        total[cells] += activations(pixels[taken].astype(np.float64))
    wanted, so_far = shares * total, np.zeros_like(shares)
    result = np.where(np.isfinite(total), 0.0, np.nan)
    where = np.full(shares.shape, NOWHERE, np.intp)
    for cells, taken, at in taps(geometry, rows):
        seen = activations(pixels[taken].astype(np.float64))
        so_far[cells] += seen
        here = (where[cells] == NOWHERE) & (so_far[cells] > wanted[cells])
        here &= np.isfinite(total[cells])
        result[cells] = np.where(here, seen, result[cells])
        where[cells] = np.where(here, at, where[cells])
    return result, where
