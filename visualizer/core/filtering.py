"""The fast part of convolution: planes of weights laid over a padded image, by OpenCV.

Without a stride, the middle of the result is filtered straight from the image; only a frame of
cells, which see the padding, is computed from a padded copy. A stride s (or a step between
wanted cells) is taken apart into phases: the pixels s apart that meet the same weights form a
smaller image, filtered without a stride, so no cell is computed only to be dropped.
`convolution` is the way in; here nothing is checked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from visualizer.core.geometry import Border, Geometry, sources
from visualizer.core.kernels import Weights, separated

FeatureMap = npt.NDArray[np.float32]

# OpenCV filters by Fourier transform from 130 weights on, which is slower here, inexact for
# whole numbers, and spreads one NaN over everything: larger kernels go in strips of rows.
_MOST_WEIGHTS = 121
# From here on two one-dimensional passes beat one two-dimensional pass.
_LEAST_SEPARABLE = 64
# OpenCV uses all its threads from 2²⁰ pixels on. Larger bands would only delay a `check`.
_BAND_PIXELS = 5 << 18
_PADDED_BAND_PIXELS = 1 << 18
# OpenCV rounds differently in the last columns, which do not fill a vector register. Spare
# columns keep those out of the result, so that a region equals the whole bit by bit.
_SPARE = 32
# cv2.resize takes every n-th pixel exactly up to here (from 93 on, n rounds wrongly).
_LARGEST_RESIZE = 64


def as_float(pixels: npt.NDArray) -> FeatureMap:
    """Return pixels as contiguous float32, themselves when they are that already."""
    return np.ascontiguousarray(pixels, dtype=np.float32)


@dataclass(frozen=True)
class Filter:
    """What is the same for all cells: the image, the weights as they lie on it, and how.

    Attributes:
        pixels: (H, W, C), uint8, uint16 or float32.
        weights: (1 or C, kh, kw).
        geometry: of that image and kernel.
        across: sum over the channels.
        check: called between bands of rows; what it raises ends the work.
    """

    pixels: npt.NDArray
    weights: Weights
    geometry: Geometry
    across: bool
    check: Callable[[], None]

    def cells(self, rows: range, columns: range) -> FeatureMap:
        """Return the output cells (len(rows), len(columns), K) at `rows` and `columns`."""
        maps = 1 if self.across else self.pixels.shape[2]
        result = np.empty((len(rows), len(columns), maps), np.float32)
        if self.geometry.stride == rows.step == columns.step == 1:
            self._fill_dense(result, rows, columns)
        else:
            self._fill_padded(result, rows, columns)
        return result

    def _fill_dense(self, result: FeatureMap, rows: range, columns: range) -> None:
        """Write all cells: the middle straight from the image, then the frame around it."""
        geometry = self.geometry
        (tall, wide), pad = geometry.span, geometry.padding
        down = _middle(rows, pad.top, geometry.height - tall + 1, tall, 0)
        along = _middle(columns, pad.left, geometry.width - wide + 1, wide, _SPARE)
        if not down or not along:
            self._fill_padded(result, rows, columns)
            return
        spread, taps = _spread(
            self.weights,
            _Phase.whole(geometry.kernel_height, geometry.dilation),
            _Phase.whole(geometry.kernel_width, geometry.dilation),
        )
        from_left, to_right = along[0] - pad.left, along[-1] - pad.left + wide + _SPARE
        at = along[0] - columns.start
        for band in _bands(len(down), _BAND_PIXELS // len(along), tall):
            self.check()
            top = down[band][0] - pad.top
            bottom = down[band][-1] - pad.top + tall
            source = self.pixels[top:bottom, from_left:to_right].astype(np.float32, copy=False)
            first = down[band][0] - rows.start
            # The filtered rows and columns beyond the band are wrong: later bands and the
            # frame write over them.
            place = result[first : first + source.shape[0], at : at + source.shape[1]]
            if len(spread) == 1 and not self.across and self._sound(source):
                _correlate(source, spread[0], place)
            else:
                filtered = _filter(source, spread, taps, self.across, self._sound(source))
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
            self._fill_phases(result[band], rows[band], columns)

    def _fill_phases(self, result: FeatureMap, rows: range, columns: range) -> None:
        geometry = self.geometry
        top, left, _, _ = geometry.window(rows.start, columns.start)
        down, along = rows.step * geometry.stride, columns.step * geometry.stride
        total = np.zeros((len(rows), len(columns) + _SPARE, result.shape[2]), np.float32)
        for vertical in _phases(geometry.kernel_height, geometry.dilation, down):
            for horizontal in _phases(geometry.kernel_width, geometry.dilation, along):
                part = _gather(
                    self.pixels,
                    _every(top + vertical.first, down, len(rows) + vertical.reach),
                    _every(left + horizontal.first, along, len(columns) + horizontal.reach),
                    geometry.border,
                )
                spread, taps = _spread(self.weights, vertical, horizontal)
                sound = self._sound(part)
                if spread.size == 1 and sound and not self.across:
                    cv2.scaleAdd(part, float(spread[0, 0, 0]), total, dst=total)
                else:
                    filtered = _filter(part, spread, taps, self.across, sound)
                    total[:, : len(columns)] += filtered
        result[...] = total[:, : len(columns)]

    def _sound(self, part: FeatureMap) -> bool:
        """Return whether no NaN or infinite value is among the pixels."""
        if self.pixels.dtype != np.float32:
            return True
        return bool(np.isfinite(cv2.norm(part, cv2.NORM_L1)))


@dataclass(frozen=True)
class _Phase:
    """The weights of one axis that meet every s-th pixel, beginning at `first`.

    `taps` are their places in the kernel, `offsets` their places among those pixels.
    """

    first: int
    taps: list[int]
    offsets: list[int]

    @classmethod
    def whole(cls, taps: int, dilation: int) -> "_Phase":
        """Return the only phase there is without a stride."""
        return _phases(taps, dilation, 1)[0]

    @property
    def reach(self) -> int:
        """How far the last weight lies from the first of those pixels."""
        return self.offsets[-1]


def _phases(taps: int, dilation: int, stride: int) -> list[_Phase]:
    groups: dict[int, _Phase] = {}
    for tap in range(taps):
        offset, first = divmod(tap * dilation, stride)
        phase = groups.setdefault(first, _Phase(first, [], []))
        phase.taps.append(tap)
        phase.offsets.append(offset)
    return list(groups.values())


def _spread(
    weights: Weights, vertical: _Phase, horizontal: _Phase
) -> tuple[Weights, npt.NDArray[np.bool_]]:
    """Return the weights of a phase with zeros between them, and where the weights are."""
    shape = (vertical.reach + 1, horizontal.reach + 1)
    places = np.ix_(vertical.offsets, horizontal.offsets)
    spread, taps = np.zeros((len(weights), *shape)), np.zeros(shape, bool)
    taps[places] = True
    for plane, source in zip(spread, weights, strict=True):
        plane[places] = source[np.ix_(vertical.taps, horizontal.taps)]
    return spread, taps


def _middle(cells: range, padding: int, windows: int, span: int, spare: int) -> range:
    """Return the cells along one axis that can be filtered straight from the image.

    Their windows (there are `windows` in the image) and `spare` pixels more lie inside it, and
    as many cells follow as filtering them writes beyond them.
    """
    start = max(cells.start, padding)
    stop = min(cells.stop - (span - 1) - spare, padding + windows - spare)
    return range(start, max(start, stop))


def _bands(count: int, height: int, least: int) -> Iterator[slice]:
    height = max(height, least, 8)
    for start in range(0, count, height):
        yield slice(start, min(start + height, count))


def _every(start: int, step: int, count: int) -> range:
    return range(start, start + step * count, step)


def _gather(pixels: npt.NDArray, rows: range, columns: range, border: Border) -> FeatureMap:
    """Return the pixels at `rows` and `columns` as float32; outside, what the border gives.

    Shape (len(rows), len(columns) + _SPARE, C), the spare columns being 0.
    """
    height, width, channels = pixels.shape
    down, along = _inside(rows, height), _inside(columns, width)
    part = np.empty((len(rows), len(columns) + _SPARE, channels), np.float32)
    part[:, len(columns) :] = 0
    lines = pixels[_slice(rows[down])]
    part[down, along] = _every_column(lines, columns[along])
    above_below = (*range(down.start), *range(down.stop, len(rows)))
    left_right = (*range(along.start), *range(along.stop, len(columns)))
    if border == "zero":
        part[above_below, :] = 0
        part[down, left_right] = 0
        return part
    row_sources = sources(rows, height, border)
    column_sources = sources(columns, width, border)
    part[down, left_right] = lines[:, column_sources[list(left_right)]]
    for row in above_below:
        part[row, : len(columns)] = pixels[row_sources[row], column_sources]
    return part


def _every_column(lines: npt.NDArray, columns: range) -> npt.NDArray:
    """Return the columns of `lines` at `columns`: as slicing does, but several times faster."""
    room = lines.shape[1] - columns.start if columns and lines.size else 0
    count = min(len(columns), room // columns.step)
    if not 1 < columns.step <= _LARGEST_RESIZE or count == 0:
        return lines[:, _slice(columns)]
    blocks = lines[:, columns.start : columns.start + count * columns.step]
    picked = cv2.resize(blocks, (count, len(lines)), interpolation=cv2.INTER_NEAREST)
    picked = picked.reshape(len(lines), count, lines.shape[2])
    if count == len(columns):
        return picked
    return np.concatenate([picked, lines[:, _slice(columns[count:])]], axis=1)


def _inside(positions: range, size: int) -> slice:
    """Return which of the positions lie within 0 … size − 1."""
    first = min(max(0, -(positions.start // positions.step)), len(positions))
    stop = min(max(first, -((positions.start - size) // positions.step)), len(positions))
    return slice(first, stop)


def _slice(positions: range) -> slice:
    return slice(positions.start, positions.stop, positions.step) if positions else slice(0)


def _filter(
    part: FeatureMap, weights: Weights, taps: npt.NDArray[np.bool_], across: bool, sound: bool
) -> FeatureMap:
    """Return the correlation (h, w, K) of a part (h + kh − 1, w + kw − 1 + _SPARE, C)."""
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
        _correlate(part, weights[0], filtered)
        return filtered[:height, :width]
    result = np.zeros((height, width, 1 if across else channels), np.float32)
    for channel, plane in enumerate(weights):
        single = as_float(cv2.extractChannel(part, channel))
        filtered = np.empty_like(single)
        _correlate(single, plane, filtered)
        result[:, :, 0 if across else channel] += filtered[:height, :width]
    return result


def _filtered_size(part: FeatureMap, plane: npt.NDArray) -> tuple[int, int]:
    return part.shape[0] - plane.shape[0] + 1, part.shape[1] - plane.shape[1] + 1 - _SPARE


def _correlate(part: FeatureMap, plane: Weights, result: FeatureMap) -> None:
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
