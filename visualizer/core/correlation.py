"""Planes of weights laid over an image without padding: the arithmetic, done by OpenCV.

Results are float32; a NaN or infinite pixel shows in every cell with a weight on it, and in no
other. `filtering` divides the work; here everything fits.
"""

import cv2
import numpy as np
import numpy.typing as npt

from visualizer.core.kernels import Weights, separated

FeatureMap = npt.NDArray[np.float32]

# OpenCV rounds differently in the last columns, which do not fill a vector register. Spare
# columns keep those out of the result, so that a region equals the whole bit by bit.
SPARE = 32
# OpenCV filters by Fourier transform from 130 weights on, which is slower here, inexact for
# whole numbers, and spreads one NaN over everything: larger kernels go in strips of rows.
_MOST_WEIGHTS = 121
# From here on two one-dimensional passes beat one two-dimensional pass.
_LEAST_SEPARABLE = 64


def as_float(pixels: npt.NDArray) -> FeatureMap:
    """Return pixels as contiguous float32, themselves when they are that already."""
    return np.ascontiguousarray(pixels, dtype=np.float32)


def is_finite(pixels: FeatureMap) -> bool:
    """Return whether no value is NaN or infinite; the sum of their sizes tells in one pass."""
    return bool(np.isfinite(cv2.norm(pixels, cv2.NORM_L1)))


def correlate_part(
    part: FeatureMap, weights: Weights, taps: npt.NDArray[np.bool_], across: bool, sound: bool
) -> FeatureMap:
    """Return the correlation (h, w, K) of a part (h + kh − 1, w + kw − 1 + SPARE, C)."""
    if sound:
        return _filter_planes(part, weights, across)
    finite = np.isfinite(part)
    result = _filter_planes(np.where(finite, part, np.float32(0)), weights, across)
    return result + _spoilt(part, finite, weights, taps, across)


def _filter_planes(part: FeatureMap, weights: Weights, across: bool) -> FeatureMap:
    height, width = _filtered_size(part, weights[0])
    channels = part.shape[2]
    if across and len(weights) == 1:
        summed = cv2.transform(part, np.ones((1, channels), np.float32))
        part, channels = as_float(summed[:, :, np.newaxis]), 1
    if len(weights) == 1:
        filtered = np.empty_like(part)
        correlate(part, weights[0], filtered)
        return filtered[:height, :width]
    result = np.zeros((height, width, 1 if across else channels), np.float32)
    for channel, plane in enumerate(weights):
        single = as_float(cv2.extractChannel(part, channel))
        filtered = np.empty_like(single)
        correlate(single, plane, filtered)
        result[:, :, 0 if across else channel] += filtered[:height, :width]
    return result


def _filtered_size(part: FeatureMap, plane: npt.NDArray) -> tuple[int, int]:
    return part.shape[0] - plane.shape[0] + 1, part.shape[1] - plane.shape[1] + 1 - SPARE


def correlate(part: FeatureMap, plane: Weights, result: FeatureMap) -> None:
    """Write every channel of `part`, correlated with `plane`, into `result` of the same shape.

    Cell (r, c) is the window that begins at pixel (r, c); where that does not fit, at the bottom
    and right, the result means nothing.
    """
    factors = separated(plane) if plane.size >= _LEAST_SEPARABLE else None
    if factors is not None:
        column, row = factors
        cv2.sepFilter2D(part, -1, row, column, dst=result, anchor=(0, 0))
        return
    strip = max(1, _MOST_WEIGHTS // plane.shape[1])
    cv2.filter2D(part, -1, plane[:strip], dst=result, anchor=(0, 0))
    for top in range(strip, plane.shape[0], strip):
        weights = plane[top : top + strip]
        if weights.any():
            filtered = cv2.filter2D(part[top:], -1, weights, anchor=(0, 0))
            result[:-top] += filtered.reshape(result[:-top].shape)


def _spoilt(
    part: FeatureMap,
    finite: npt.NDArray[np.bool_],
    weights: Weights,
    taps: npt.NDArray[np.bool_],
    across: bool,
) -> FeatureMap:
    """Return what the NaN and infinite values add: 0 where no weight meets one.

    One shifted copy of the part for each weight: slow and plain, for the rare damaged image.
    """
    bad = np.where(finite, np.float32(0), part)
    height, width = _filtered_size(part, taps)
    added = np.zeros((height, width, part.shape[2]), np.float32)
    with np.errstate(invalid="ignore"):
        for i, j in np.argwhere(taps):
            under = bad[i : i + height, j : j + width]
            touched = ~finite[i : i + height, j : j + width]
            added += np.where(touched, under * weights[:, i, j].astype(np.float32), 0)
        return np.asarray(added.sum(axis=2, keepdims=True) if across else added)
