"""Turning numbers into pixels to look at: grey levels, and five ways to show signed results.

Nothing is clipped in silence: what a mode cannot show is counted. NaN and infinite values are
painted in a colour of their own. Colours come in as RGB triples; the window decides them.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt

Rgb = tuple[int, int, int]
Rgb8 = npt.NDArray[np.uint8]
Mode = Literal["diverging", "clamp", "absolute", "offset", "rescale"]
MODES: tuple[Mode, ...] = get_args(Mode)

# OpenCV rounds by way of 32-bit whole numbers: beyond their range, bright would turn black.
_MOST_LEVELS = 1e9
_USUAL, _SAMPLED = 0.99, 20_000  # percentile, and of how many numbers
_FEW = 4096  # numbers, which are coloured up to their largest


@dataclass(frozen=True)
class Palette:
    """The colours of signed values: the strongest negative, zero, the strongest positive."""

    negative: Rgb
    neutral: Rgb
    positive: Rgb
    invalid: Rgb


@dataclass(frozen=True, eq=False)
class Shown:
    """A feature map as it is painted.

    Attributes:
        pixels: (H, W, 3) uint8.
        low, high: the values painted as the two ends of the scale.
        clipped: how many finite values lie beyond those ends and look like them.
        invalid: how many values are NaN or infinite.
    """

    pixels: Rgb8
    low: float
    high: float
    clipped: int
    invalid: int


def show(
    values: npt.NDArray,
    mode: Mode,
    palette: Palette,
    *,
    value_range: tuple[float, float] = (0.0, 255.0),
    extremes: tuple[float, float] | None = None,
) -> Shown:
    """Return the picture of a feature map (H, W, 1 or 3).

    Args:
        values: float32; three planes are painted as red, green and blue.
        mode: "diverging" paints 0 neutral and ± the largest size in full colour (one plane
            only); "clamp" the image's own range from black to white; "absolute" the sizes on
            that range; "offset" adds 128 grey levels, so that 0 is middle grey; "rescale" the
            smallest value black and the largest white.
        palette: for "diverging", and for invalid values.
        value_range: what black and white mean in the image.
        extremes: smallest and largest finite value of the whole map, when `values` is a part.

    Raises ValueError for another number of planes.
    """
    planes = values.shape[2]
    if planes not in (1, 3) or (mode == "diverging" and planes == 3):
        raise ValueError(f"{mode} shows {'one plane' if mode == 'diverging' else '1 or 3 planes'}.")
    invalid = _invalid_count(values)
    if extremes is None:
        extremes = finite_extremes(values)
    low, high = shown_range(mode, value_range, extremes)
    least = -high if mode == "absolute" else low
    clipped = 0
    if extremes[0] < least or high < extremes[1]:
        clipped = _outside(values, least, high) - invalid
    if mode == "diverging":
        pixels = _diverging(values[:, :, 0], high, palette)
    else:
        pixels = _greys(np.abs(values) if mode == "absolute" else values, low, high)
    if invalid:
        _mark(pixels, values, palette.invalid)
    return Shown(pixels, low, high, clipped, invalid)


def shown_range(
    mode: Mode, value_range: tuple[float, float], extremes: tuple[float, float]
) -> tuple[float, float]:
    """Return the values that `mode` paints as the two ends of its scale."""
    low, high = value_range
    if mode == "diverging":
        largest = max(abs(extremes[0]), abs(extremes[1]))
        return -largest, largest
    if mode == "rescale":
        return extremes
    if mode == "absolute":
        return 0.0, high
    if mode == "offset":
        level = (high - low) / 255
        return -128 * level, 127 * level
    return low, high


def finite_extremes(values: npt.NDArray) -> tuple[float, float]:
    """Return the smallest and largest finite value; (0, 0) when there is none."""
    if _all_finite(values):
        low, high, _, _ = cv2.minMaxLoc(_flat(values))
        return low, high
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def usual_largest(values: npt.NDArray) -> float:
    """Return the size at which signed colours are best full.

    Of many numbers it is the 99th percentile of the sizes, in two digits: a few extreme cells,
    such as those at the border, would leave all others without colour. Of few, or where that is
    0, it is the largest.
    """
    low, high = finite_extremes(values)
    largest = max(abs(low), abs(high))
    if values.size <= _FEW:
        return largest
    sizes = np.abs(values.reshape(-1)[:: 1 + values.size // _SAMPLED])
    sizes = sizes[np.isfinite(sizes)]
    usual = float(f"{np.quantile(sizes, _USUAL):.2g}") if sizes.size else 0.0
    return usual or largest


def beyond(values: npt.NDArray, low: float, high: float) -> tuple[int, int]:
    """Return how many finite values lie outside `low` to `high`, and how many are not finite."""
    invalid = _invalid_count(values)
    return _outside(values, low, high) - invalid, invalid


def to_rgb8(values: npt.NDArray, low: float, high: float, invalid_color: Rgb) -> Rgb8:
    """Return values (H, W), (H, W, 1) or (H, W, 3) as RGB (H, W, 3), `low` black, `high` white.

    Where `low` equals `high`, values there are middle grey. A pixel with a NaN or infinite value
    gets the invalid colour.
    """
    pixels = _greys(values, low, high)
    if not _all_finite(values):
        _mark(pixels, values, invalid_color)
    return pixels


def signed(values: npt.NDArray, largest: float, palette: Palette) -> Rgb8:
    """Return values (H, W) as RGB (H, W, 3): 0 neutral, ± `largest` in full colour.

    Between, colours mix linearly, in 127 steps on each side.
    """
    pixels = _diverging(values, largest, palette)
    if not _all_finite(values):
        _mark(pixels, values, palette.invalid)
    return pixels


def _greys(values: npt.NDArray, low: float, high: float) -> Rgb8:
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[:, :, 0]
    if values.dtype == np.uint8 and (low, high) == (0, 255):
        levels = np.array(values)
    else:
        scale = 255 / (high - low) if high > low else 0.0
        levels = _levels(values, scale, -low * scale if scale else 128)
    return _as_rgb8(cv2.cvtColor(levels, cv2.COLOR_GRAY2RGB) if values.ndim == 2 else levels)


def _diverging(values: npt.NDArray, largest: float, palette: Palette) -> Rgb8:
    steps = _levels(values, 127 / largest if largest > 0 else 0.0, 128)
    return _as_rgb8(cv2.applyColorMap(steps, _ramp(palette)[:, np.newaxis]))


def _ramp(palette: Palette) -> Rgb8:
    """Return the colours (256, 3) of the steps; step 128 is zero, 1 and 255 are the ends."""
    share = np.clip(np.arange(-128, 128) / 127, -1, 1)[:, np.newaxis]
    neutral = np.array(palette.neutral)
    end = np.where(share < 0, palette.negative, palette.positive)
    return np.rint(neutral + np.abs(share) * (end - neutral)).astype(np.uint8)


def _levels(values: npt.NDArray, scale: float, offset: float) -> npt.NDArray[np.uint8]:
    """Return values × scale + offset, rounded and limited to 0 … 255."""
    if values.dtype not in (np.uint8, np.uint16, np.float32):
        values = values.astype(np.float32)
    if cv2.norm(values, cv2.NORM_INF) * scale > _MOST_LEVELS:
        values = np.clip(values, -_MOST_LEVELS / scale, _MOST_LEVELS / scale).astype(np.float32)
    return _as_rgb8(cv2.addWeighted(values, scale, values, 0, offset, dtype=cv2.CV_8U))


def _as_rgb8(pixels: npt.NDArray) -> Rgb8:
    return pixels.astype(np.uint8, copy=False)


def _flat(values: npt.NDArray) -> npt.NDArray:
    return values.reshape(values.shape[0], -1)


def _all_finite(values: npt.NDArray) -> bool:
    """Return whether no value is NaN or infinite; their sum of sizes tells in one fast pass."""
    return values.dtype.kind in "ui" or bool(np.isfinite(cv2.norm(values, cv2.NORM_L1)))


def _invalid_count(values: npt.NDArray) -> int:
    return 0 if _all_finite(values) else int(np.count_nonzero(~np.isfinite(values)))


def _outside(values: npt.NDArray, low: float, high: float) -> int:
    """Return how many values do not lie from `low` to `high`, NaN and infinite ones included."""
    return int(values.size - cv2.countNonZero(cv2.inRange(_flat(values), low, high)))


def _mark(pixels: Rgb8, values: npt.NDArray, invalid_color: Rgb) -> None:
    """Paint the pixels whose values are not all finite."""
    sound = np.isfinite(values)
    pixels[~(sound.all(axis=2) if sound.ndim == 3 else sound)] = invalid_color
