"""The pixels that output cells read, gathered so that they can be filtered without a stride.

A stride s (or a step between wanted cells) is taken apart into phases: the pixels s apart that
meet the same weights form a smaller image, the padding included. No cell is computed only to be
dropped, and the pixels once gathered serve any kernel of the same size.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from visualizer.core.correlation import SPARE, FeatureMap, correlate_part, is_finite
from visualizer.core.geometry import Border, Geometry, sources
from visualizer.core.kernels import Weights

_FEW_WEIGHTS = 16
_BAND_NUMBERS = 80_000
# cv2.resize takes every n-th pixel exactly up to here (from 93 on, n rounds wrongly).
_LARGEST_RESIZE = 64


@dataclass(frozen=True)
class Phase:
    """The weights of one axis that meet every s-th pixel, beginning at `first`.

    `taps` are their places in the kernel, `offsets` their places among those pixels.
    """

    first: int
    taps: list[int]
    offsets: list[int]

    @property
    def reach(self) -> int:
        """How far the last weight lies from the first of those pixels."""
        return self.offsets[-1]


@dataclass(frozen=True, eq=False)
class Part:
    """The pixels that the weights of one phase along each axis meet.

    Attributes:
        vertical, horizontal: the phases.
        pixels: (rows + reach, columns + reach + SPARE, C).
        sound: whether no NaN or infinite value is among them.
    """

    vertical: Phase
    horizontal: Phase
    pixels: FeatureMap
    sound: bool


def gather(
    pixels: npt.NDArray, geometry: Geometry, rows: range, columns: range, finite: bool
) -> Iterator[Part]:
    """Return, phase by phase, all pixels that the output cells at `rows` and `columns` read.

    `finite` says that no NaN or infinite value is among the pixels, so none is looked for.
    """
    top, left, _, _ = geometry.window(rows.start, columns.start)
    down, along = rows.step * geometry.stride, columns.step * geometry.stride
    for vertical in phases(geometry.kernel_height, geometry.dilation, down):
        for horizontal in phases(geometry.kernel_width, geometry.dilation, along):
            part = _padded(
                pixels,
                _every(top + vertical.first, down, len(rows) + vertical.reach),
                _every(left + horizontal.first, along, len(columns) + horizontal.reach),
                geometry.border,
            )
            yield Part(vertical, horizontal, part, finite or is_finite(part))


def combine(
    parts: Iterable[Part], weights: Weights, shape: tuple[int, int, int], across: bool
) -> FeatureMap:
    """Return the output cells of `shape` (rows, columns, maps) whose pixels `parts` are.

    Weights are (1 or C, kh, kw); maps are C, or 1 when summed `across` the channels.
    """
    rows, columns, maps = shape
    total = np.zeros((rows, columns + SPARE, maps), np.float32)
    for part in parts:
        spread, taps = spread_weights(weights, part.vertical, part.horizontal)
        if part.sound and not spread.any():
            continue
        several = spread[0].size < weights[0].size  # the weights are shared out among phases
        few = spread.size == 1 or (several and spread.size <= _FEW_WEIGHTS)
        if part.sound and len(spread) == 1 and few and not across:
            _add(part.pixels, spread[0], total)
        else:
            total[:, :columns] += correlate_part(part.pixels, spread, taps, across, part.sound)
    return total[:, :columns]


def _add(pixels: FeatureMap, weights: npt.NDArray, total: FeatureMap) -> None:
    """Add pixels × weights to `total`, weight by weight: for few, faster than a filter.

    It goes in bands of rows that stay in the processor's cache.
    """
    wide = total.shape[1]
    height = max(1, _BAND_NUMBERS // total[0].size)
    for top in range(0, len(total), height):
        band = total[top : top + height]
        for i, j in np.argwhere(weights):
            under = pixels[top + i : top + i + len(band), j : j + wide]
            cv2.scaleAdd(under, float(weights[i, j]), band, dst=band)


def phases(taps: int, dilation: int, stride: int) -> list[Phase]:
    """Return the phases of an axis of `taps` weights, `dilation` pixels apart, for a stride."""
    groups: dict[int, Phase] = {}
    for tap in range(taps):
        offset, first = divmod(tap * dilation, stride)
        phase = groups.setdefault(first, Phase(first, [], []))
        phase.taps.append(tap)
        phase.offsets.append(offset)
    return list(groups.values())


def spread_weights(
    weights: Weights, vertical: Phase, horizontal: Phase
) -> tuple[Weights, npt.NDArray[np.bool_]]:
    """Return the weights of a phase with zeros between them, and where the weights are."""
    shape = (vertical.reach + 1, horizontal.reach + 1)
    places = np.ix_(vertical.offsets, horizontal.offsets)
    spread, taps = np.zeros((len(weights), *shape)), np.zeros(shape, bool)
    taps[places] = True
    for plane, source in zip(spread, weights, strict=True):
        plane[places] = source[np.ix_(vertical.taps, horizontal.taps)]
    return spread, taps


def _every(start: int, step: int, count: int) -> range:
    return range(start, start + step * count, step)


def _padded(pixels: npt.NDArray, rows: range, columns: range, border: Border) -> FeatureMap:
    """Return the pixels at `rows` and `columns` as float32; outside, what the border gives.

    Shape (len(rows), len(columns) + SPARE, C), the spare columns being 0.
    """
    height, width, channels = pixels.shape
    down, along = _inside(rows, height), _inside(columns, width)
    part = np.empty((len(rows), len(columns) + SPARE, channels), np.float32)
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
