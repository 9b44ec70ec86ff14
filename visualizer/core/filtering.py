"""Dividing the work of a convolution: what is filtered straight from the image, what is padded.

Without a stride, the middle of the result is filtered straight from the image; only a frame of
cells, which see the padding, is computed from a padded copy. Everything else goes by phases.
`convolution` is the way in; here nothing is checked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from visualizer.core.correlation import (
    SPARE,
    FeatureMap,
    correlate,
    correlate_part,
    is_finite,
)
from visualizer.core.geometry import Geometry
from visualizer.core.kernels import Weights
from visualizer.core.phases import combine, gather, phases, spread_weights

# OpenCV uses all its threads from 2²⁰ pixels on. Larger bands would only delay a `check`.
_BAND_PIXELS = 5 << 18
_PADDED_BAND_PIXELS = 1 << 18


@dataclass(frozen=True)
class Filter:
    """What is the same for all cells: the image, the weights as they lie on it, and how.

    Attributes:
        pixels: (H, W, C), uint8, uint16 or float32.
        weights: (1 or C, kh, kw).
        geometry: of that image and kernel.
        across: sum over the channels.
        finite: whether the pixels are known to hold no NaN or infinite value.
        check: called between bands of rows; what it raises ends the work.
    """

    pixels: npt.NDArray
    weights: Weights
    geometry: Geometry
    across: bool
    finite: bool
    check: Callable[[], None]

    def cells(self, rows: range, columns: range) -> FeatureMap:
        """Return the output cells (len(rows), len(columns), K) at `rows` and `columns`."""
        maps = 1 if self.across else self.pixels.shape[2]
        if self.geometry.stride == rows.step == columns.step == 1:
            return self._dense(rows, columns, maps)
        result = np.empty((len(rows), len(columns), maps), np.float32)
        self._fill_padded(result, rows, columns)
        return result

    def _dense(self, rows: range, columns: range, maps: int) -> FeatureMap:
        """Return cells without gaps.

        Filtering writes beyond them. Where the map goes on, room is made for that; at its end
        there is none, since a view of a whole map would have to be copied by whoever paints it.
        """
        tall, wide = self.geometry.span
        below = tall - 1 if rows.stop < self.geometry.out_height else 0
        beside = wide - 1 + SPARE if columns.stop < self.geometry.out_width else 0
        result = np.empty((len(rows) + below, len(columns) + beside, maps), np.float32)
        self._fill_dense(result, rows, columns)
        return result[: len(rows), : len(columns)]

    def _fill_dense(self, roomy: FeatureMap, rows: range, columns: range) -> None:
        """Write all cells: the middle straight from the image, then the frame around it."""
        geometry = self.geometry
        (tall, wide), pad = geometry.span, geometry.padding
        down = _middle(rows, len(roomy) - tall + 1, pad.top, geometry.height - tall + 1)
        beyond = wide - 1 + SPARE
        along = _middle(columns, roomy.shape[1] - beyond, pad.left, geometry.width - beyond)
        result = roomy[: len(rows), : len(columns)]
        if not down or not along:
            self._fill_padded(result, rows, columns)
            return
        spread, taps = spread_weights(
            self.weights,
            *phases(geometry.kernel_height, geometry.dilation, 1),
            *phases(geometry.kernel_width, geometry.dilation, 1),
        )
        from_left, to_right = along[0] - pad.left, along[-1] - pad.left + wide + SPARE
        at = along[0] - columns.start
        for band in _bands(len(down), _BAND_PIXELS // len(along), tall):
            self.check()
            top = down[band][0] - pad.top
            bottom = down[band][-1] - pad.top + tall
            source = self.pixels[top:bottom, from_left:to_right].astype(np.float32, copy=False)
            first = down[band][0] - rows.start
            # The filtered rows and columns beyond the band are wrong: later bands and the
            # frame write over them.
            place = roomy[first : first + source.shape[0], at : at + source.shape[1]]
            sound = self.finite or is_finite(source)
            if len(spread) == 1 and not self.across and sound:
                correlate(source, spread[0], place)
            else:
                filtered = correlate_part(source, spread, taps, self.across, sound)
                place[: filtered.shape[0], : filtered.shape[1]] = filtered
        self._fill_frame(result, rows, columns, down, along)

    def _fill_frame(
        self, result: FeatureMap, rows: range, columns: range, down: range, along: range
    ) -> None:
        """Write the cells at `rows` and `columns` that are not both in `down` and `along`."""
        top, bottom = down.start - rows.start, down.stop - rows.start
        left, right = along.start - columns.start, along.stop - columns.start
        everywhere, beside = slice(None), slice(top, bottom)
        for vertical, horizontal in (
            (slice(0, top), everywhere),
            (slice(bottom, None), everywhere),
            (beside, slice(0, left)),
            (beside, slice(right, None)),
        ):
            part = result[vertical, horizontal]
            if part.size:
                self._fill_padded(part, rows[vertical], columns[horizontal])

    def _fill_padded(self, result: FeatureMap, rows: range, columns: range) -> None:
        """Write the cells at `rows` and `columns`, from padded copies of the pixels."""
        tall = self.geometry.span[0]
        for band in _bands(len(rows), _PADDED_BAND_PIXELS // max(1, len(columns)), tall):
            self.check()
            parts = gather(self.pixels, self.geometry, rows[band], columns, self.finite)
            place = result[band]
            place[...] = combine(parts, self.weights, place.shape, self.across)


def _middle(cells: range, room: int, padding: int, windows: int) -> range:
    """Return the cells along one axis that can be filtered straight from the image.

    The image has `windows` windows, and no more than the first `room` cells can be written so.
    """
    start = max(cells.start, padding)
    stop = min(cells.start + room, padding + windows)
    return range(start, max(start, stop))


def _bands(count: int, height: int, least: int) -> Iterator[slice]:
    """Divide `count` rows into bands of about equal height, none below `height` or `least`."""
    number = max(1, count // max(height, least, 8))
    edges = [count * i // number for i in range(number + 1)]
    return (slice(start, stop) for start, stop in pairwise(edges))
