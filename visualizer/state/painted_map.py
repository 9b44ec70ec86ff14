"""How one or several maps of numbers are painted: what is shared by filters and pooling."""

from functools import cached_property

import numpy as np

from visualizer.core.correlation import FeatureMap
from visualizer.core.display import Mode, Palette, Rgb8, beyond, finite_extremes, signed, to_rgb8

_BAND = 512  # rows of a large map that are counted in one go


class PaintedMap:
    """Paints maps (h, w, K); a subclass says how many there are and in which mode."""

    @property
    def maps(self) -> int:
        """How many maps there are, K."""
        raise NotImplementedError

    @property
    def map_looked_at(self) -> int:
        """Which of them the arithmetic is shown for."""
        raise NotImplementedError

    @property
    def mode(self) -> Mode:
        """How numbers are painted."""
        raise NotImplementedError

    def painted(self, block: FeatureMap) -> FeatureMap:
        """Return the maps of a block (h, w, K) that are painted: diverging shows but one."""
        if self.mode != "diverging" or self.maps == 1:
            return block
        return np.ascontiguousarray(block[:, :, [self.map_looked_at]])

    def paint(self, block: FeatureMap, ends: tuple[float, float], palette: Palette) -> Rgb8:
        """Return any block (h, w, K) of the maps as RGB (h, w, 3)."""
        values = self.painted(block)
        if self.mode == "diverging":
            return signed(values[:, :, 0], ends[1], palette)
        if self.mode == "absolute":
            values = np.abs(values)
        return to_rgb8(values, *ends, palette.invalid)


class FinishedMap(PaintedMap):
    """Maps whose numbers are all known; a subclass has them, and their scale."""

    def finished(self) -> FeatureMap:
        """Return all numbers, (H, W, K)."""
        raise NotImplementedError

    @property
    def scale(self) -> tuple[float, float]:
        """The numbers painted as the two ends of the scale."""
        raise NotImplementedError

    @cached_property
    def extremes(self) -> tuple[float, float]:
        """The smallest and the largest finite number of what is painted; 0, 0 without any."""
        return finite_extremes(self.painted(self.finished()))

    @cached_property
    def beyond_and_invalid(self) -> tuple[int, int]:
        """How many painted numbers lie beyond the ends of the scale; how many are not finite."""
        low, high = self.scale
        if self.mode == "absolute":
            low = -high
        values = self.painted(self.finished())
        counts = [
            beyond(values[row : row + _BAND], low, high) for row in range(0, len(values), _BAND)
        ]
        return sum(count for count, _ in counts), sum(count for _, count in counts)
