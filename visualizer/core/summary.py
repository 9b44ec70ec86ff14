"""What the values of a plane are like as a whole: mean, minimum, maximum and histogram."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from visualizer.core.channels import Space, convert, planes
from visualizer.core.image import Image, Pixels

BINS = 256
_PIXELS_AT_A_TIME = 1 << 18  # few enough for the processor's cache


@dataclass(frozen=True, eq=False)
class Summary:
    """One plane as a whole. NaN and infinities are left out, and counted.

    Attributes:
        mean, minimum, maximum: of the finite values; NaN when there is none. The mean of a hue is
            the direction of the sum of all hues as unit vectors (Mardia and Jupp, "Directional
            statistics", 2000), for 359° and 1° lie around 0°, not around 180°.
        invalid: how many values are NaN or infinite.
        counts: (BINS,) how many values lie in each of `BINS` equal steps of `value_range`.
        value_range: from the left edge of the first bin to the highest value of the last.
    """

    mean: float
    minimum: float
    maximum: float
    invalid: int
    counts: npt.NDArray[np.int64]
    value_range: tuple[float, float]


def summarise(
    image: Image, space: Space, progress: Callable[[float], None] = lambda share: None
) -> tuple[Summary, ...]:
    """Summarise every plane of `image` in a colour space, in blocks of rows.

    `progress` is called with the share done, 0–1, after each block; it may raise to stop.
    """
    tallies = [
        _Tally(plane.value_range, circular=plane.unit == "°") for plane in planes(image, space)
    ]
    rows = max(1, _PIXELS_AT_A_TIME // image.width)
    for top in range(0, image.height, rows):
        block = convert(image.pixels[top : top + rows], image.value_range, space)
        for i, tally in enumerate(tallies):
            tally.add(block[:, :, i])
        progress(min(1.0, (top + rows) / image.height))
    return tuple(tally.summary() for tally in tallies)


def histogram(values: Pixels, value_range: tuple[float, float]) -> npt.NDArray[np.int64]:
    """Count values in `BINS` equal steps of the range, (BINS,); those outside are not counted.

    An integer counts as the step up to the next one, so that 0–255 has a bin for each value. A
    float equal to the highest is in the last bin.
    """
    low, high = value_range
    if values.dtype == np.float32:
        finite = values[np.isfinite(values)]
        return np.histogram(finite, BINS, (low, high))[0].astype(np.int64)
    each = np.bincount(values.reshape(-1), minlength=int(high) + 1)
    edges = np.arange(each.size) + 0.5
    return np.histogram(edges, BINS, (low, high + 1), weights=each)[0].astype(np.int64)


class _Tally:
    """Adds up blocks of one plane."""

    def __init__(self, value_range: tuple[float, float], circular: bool) -> None:
        self._range, self._circular = value_range, circular
        self._sum: complex = 0
        self._count = 0
        self._invalid = 0
        self._minimum = np.inf
        self._maximum = -np.inf
        self._counts = np.zeros(BINS, np.int64)

    def add(self, values: Pixels) -> None:
        finite = values[np.isfinite(values)] if values.dtype == np.float32 else values
        self._invalid += values.size - finite.size
        if not finite.size:
            return
        if self._circular:
            x, y = cv2.polarToCart(np.ones_like(finite), finite, angleInDegrees=True)
            self._sum += complex(x.sum(dtype=np.float64), y.sum(dtype=np.float64))
        else:
            self._sum += float(finite.sum(dtype=np.float64))
        self._count += finite.size
        self._minimum = min(self._minimum, float(finite.min()))
        self._maximum = max(self._maximum, float(finite.max()))
        self._counts += histogram(finite, self._range)

    def summary(self) -> Summary:
        if not self._count:
            nan = float("nan")
            return Summary(nan, nan, nan, self._invalid, self._counts, self._range)
        mean = (self._sum / self._count).real
        if self._circular:
            mean = float(np.rad2deg(np.angle(self._sum)) % 360)
        return Summary(mean, self._minimum, self._maximum, self._invalid, self._counts, self._range)
