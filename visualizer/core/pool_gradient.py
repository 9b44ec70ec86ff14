"""Pooling backwards over a whole picture: how much of the gradient reaches each pixel."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from visualizer.core.geometry import Geometry
from visualizer.core.pool_taps import Values, reduced, spread
from visualizer.core.pool_window import numbers_counted
from visualizer.core.pooling import Pooling, activations, winners


def gradient(
    pixels: npt.NDArray,
    kind: Pooling,
    geometry: Geometry,
    *,
    count_padding: bool = True,
    seed: int = 0,
    check: Callable[[], None] | None = None,
) -> Values:
    """Return the gradient (H, W, C) that reaches each pixel when every cell is sent 1.

    Arguments as for `pool`. It is what torch's autograd gives for the sum of the pooled map.
    """
    if kind == "global":
        return np.full(pixels.shape, 1 / (pixels.shape[0] * pixels.shape[1]))
    if kind in ("max", "stochastic"):
        return _counted(winners(pixels, kind, geometry, seed=seed, check=check), pixels.shape)
    counted = numbers_counted(geometry, count_padding if kind == "average" else True)
    counted = np.repeat(counted[:, :, np.newaxis], pixels.shape[2], axis=2)
    if kind == "average":
        return spread(1 / counted, geometry)
    (check or (lambda: None))()
    values = pixels.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        if kind == "L2":
            return _of_norm(values, geometry, counted)
        return _of_weighted_mean(activations(values), geometry)


def _counted(where: npt.NDArray[np.intp], shape: tuple[int, ...]) -> Values:
    """Return how many windows each pixel wins."""
    height, width, channels = shape
    planes = [where[:, :, channel].ravel() for channel in range(channels)]
    counts = [np.bincount(plane[plane >= 0], minlength=height * width) for plane in planes]
    return np.stack(counts, axis=1).reshape(shape).astype(np.float64)


def _of_norm(values: Values, geometry: Geometry, counted: Values) -> Values:
    scale = geometry.kernel_height * geometry.kernel_width / counted
    norms = np.sqrt(_sums(np.square(values), geometry) * scale)
    return values * spread(np.where(norms == 0, 0.0, scale / norms), geometry)


def _of_weighted_mean(values: Values, geometry: Geometry) -> Values:
    totals, squares = _sums(values, geometry), _sums(np.square(values), geometry)
    share = np.where(totals == 0, 0.0, 1 / totals)
    mean = np.where(totals == 0, 0.0, squares / totals)
    arriving = 2 * values * spread(share, geometry) - spread(mean * share, geometry)
    return np.where(values > 0, arriving, 0.0)


def _sums(values: Values, geometry: Geometry) -> Values:
    return reduced(values, geometry, range(geometry.out_height), np.add, 0.0)
