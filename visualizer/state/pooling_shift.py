"""Does it matter where? The same picture a few pixels further, before pooling and after."""

from dataclasses import dataclass
from typing import cast

import numpy as np

from visualizer.core.correlation import FeatureMap, as_float
from visualizer.core.display import Mode, finite_extremes, usual_largest
from visualizer.core.geometry import Geometry
from visualizer.core.image import Pixels
from visualizer.state.pooling import Check, PoolFrame, with_kind
from visualizer.state.pooling_settings import Kind

COMPARED: tuple[Kind, ...] = ("max", "average", "convolution")
_ROUNDING = 1e-6  # of the range: sums in another order differ by as much


@dataclass(frozen=True, eq=False)
class Shifted:
    """One map before and after the shift.

    Attributes:
        geometry: where its windows are; None for the input itself.
        after: (h, w, 1), the numbers after the shift.
        difference: (h, w, 1), after − before.
        changed: how many numbers changed by more than the threshold.
        mode, scale: how `after` is painted.
        largest: the change at which the difference has its full colour.
    """

    geometry: Geometry | None
    after: FeatureMap
    difference: FeatureMap
    changed: int
    mode: Mode
    scale: tuple[float, float]
    largest: float

    @property
    def count(self) -> int:
        """How many numbers there are."""
        return self.after.size

    @property
    def share(self) -> float:
        """The share of the numbers that changed."""
        return self.changed / self.count


@dataclass(frozen=True, eq=False)
class ShiftFrame:
    """Everything the comparison shows: of the map that is looked at.

    Attributes:
        frame: what was pooled, and the settings.
        input: the picture itself.
        pooled: by each of COMPARED.
    """

    frame: PoolFrame
    input: Shifted
    pooled: tuple[Shifted, ...]


def shifted_pixels(pixels: Pixels, down: int, right: int) -> Pixels:
    """Return the picture moved; what comes in at an edge repeats it."""
    rows = np.clip(np.arange(pixels.shape[0]) - down, 0, pixels.shape[0] - 1)
    columns = np.clip(np.arange(pixels.shape[1]) - right, 0, pixels.shape[1] - 1)
    return cast(Pixels, np.ascontiguousarray(pixels[rows][:, columns]))


def compare(frame: PoolFrame, check: Check | None = None) -> ShiftFrame:
    """Return what the shift in the settings changes, in the map that is looked at.

    A change counts from `threshold` of the range of the numbers before. The differences of the
    input, of the maxima and of the averages share one scale.
    """
    threshold, colours = frame.settings.threshold, frame.input
    plane = frame.map_looked_at
    before = cast(Pixels, np.ascontiguousarray(frame.pixels[:, :, plane : plane + 1]))
    after = shifted_pixels(before, *frame.settings.shift)
    difference, count = changes(as_float(before), as_float(after), threshold)
    largest = usual_largest(difference)
    look = (colours.mode, colours.scale)
    whole = Shifted(None, as_float(after), difference, count, *look, largest)
    results = []
    for kind in COMPARED:
        maps = [with_kind(frame, kind, pixels) for pixels in (before, after)]
        first, second = (as_float(pooled.part("feature", check)) for pooled in maps)
        difference, count = changes(first, second, threshold)
        own = kind == "convolution"
        results.append(
            Shifted(
                maps[0].geometry, second, difference, count,
                *(_own_look(first) if own else look),
                usual_largest(difference) if own else largest,
            )
        )  # fmt: skip
    return ShiftFrame(frame, whole, tuple(results))


def changes(before: FeatureMap, after: FeatureMap, threshold: float) -> tuple[FeatureMap, int]:
    """Return after − before, and how many numbers changed by more than a share of the range.

    A number that becomes NaN, or no longer is, has changed.
    """
    low, high = finite_extremes(before)
    least = max(threshold, _ROUNDING) * (high - low)
    with np.errstate(invalid="ignore"):
        difference = after - before
    invalid = np.isnan(before) != np.isnan(after)
    return difference, int(np.count_nonzero((np.abs(difference) > least) | invalid))


def _own_look(values: FeatureMap) -> tuple[Mode, tuple[float, float]]:
    low, high = finite_extremes(values)
    if low >= 0:
        return "rescale", (0.0, high)
    largest = usual_largest(values)
    return "diverging", (-largest, largest)
