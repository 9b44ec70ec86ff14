"""Windows sliding over an image, many at once: what each one covers, tap by tap.

Nothing is copied for the padding: a tap that lies on it is left out.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from visualizer.core.geometry import Geometry

Places = npt.NDArray[np.intp]
Values = npt.NDArray[np.float64]

_BAND_NUMBERS = 1 << 19  # of the input, that are worked on in one go: they stay in the cache


def bands(geometry: Geometry, channels: int) -> Iterator[range]:
    """Divide the rows of the map so that what each band reads stays small."""
    read = max(1, geometry.stride * geometry.width * channels)
    height = max(1, _BAND_NUMBERS // read)
    for start in range(0, geometry.out_height, height):
        yield range(start, min(start + height, geometry.out_height))


def reduced(
    pixels: npt.NDArray,
    geometry: Geometry,
    rows: range,
    combine: np.ufunc,
    fill: float,
    change: Callable[[Values], Values] | None = None,
) -> npt.NDArray:
    """Return what `combine` makes of each window's numbers, (len(rows), out_width, C).

    Args:
        pixels: (H, W, C).
        geometry: of the windows; padding counts as `fill`.
        rows: which rows of windows.
        combine: a ufunc of two numbers, in any order.
        fill: what changes nothing when it is combined.
        change: done to the numbers before, as float64.
    """
    first = rows.start * geometry.stride - geometry.padding.top
    last = (rows.stop - 1) * geometry.stride - geometry.padding.top + geometry.kernel_height
    top = max(first, 0)
    source = pixels[top : max(last, top)]
    if change is not None:
        source = change(source.astype(np.float64))
    side, stride = geometry.kernel_height, geometry.stride
    down = _along(source, len(rows), first - top, side, stride, combine, fill)
    side, start = geometry.kernel_width, -geometry.padding.left
    turned = down.swapaxes(0, 1)
    return _along(turned, geometry.out_width, start, side, stride, combine, fill).swapaxes(0, 1)


def spread(values: Values, geometry: Geometry) -> Values:
    """Return for each pixel the sum of the values of all windows it lies in, (H, W, C)."""
    down = _spread_rows(values, geometry.height, geometry.kernel_height, geometry.padding.top,
                        geometry.stride)  # fmt: skip
    turned = down.swapaxes(0, 1)
    along = _spread_rows(turned, geometry.width, geometry.kernel_width, geometry.padding.left,
                         geometry.stride)  # fmt: skip
    return along.swapaxes(0, 1)


def taps(
    geometry: Geometry, rows: range
) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice], Places]]:
    """Return for each place in the window, in reading order: cells, their pixels, and where."""
    top, left, stride = geometry.padding.top, geometry.padding.left, geometry.stride
    for i in range(geometry.kernel_height):
        first = rows.start * stride - top + i
        down, from_rows = _met(first, stride, len(rows), geometry.height)
        for j in range(geometry.kernel_width):
            along, from_columns = _met(j - left, stride, geometry.out_width, geometry.width)
            at = np.add.outer(
                np.arange(geometry.height)[from_rows] * geometry.width,
                np.arange(geometry.width)[from_columns],
            )
            yield (down, along), (from_rows, from_columns), at[:, :, np.newaxis]


def _along(
    source: npt.NDArray,
    count: int,
    start: int,
    side: int,
    stride: int,
    combine: np.ufunc,
    fill: float,
) -> npt.NDArray:
    """Combine `side` rows of (n, …) to each of `count`; the first window begins at `start`."""
    result = np.full((count, *source.shape[1:]), fill, source.dtype)
    for tap in range(side):
        windows, taken = _met(start + tap, stride, count, len(source))
        combine(result[windows], source[taken], out=result[windows])
    return result


def _spread_rows(values: Values, size: int, side: int, before: int, stride: int) -> Values:
    result = np.zeros((size, *values.shape[1:]))
    for tap in range(side):
        windows, taken = _met(tap - before, stride, len(values), size)
        result[taken] += values[windows]
    return result


def _met(first: int, stride: int, count: int, size: int) -> tuple[slice, slice]:
    """Return which of `count` windows have one of their taps among `size` pixels, and which.

    The tap of the first window is at `first`, which may be outside.
    """
    start = max(0, -(first // stride))
    stop = min(count, (size - 1 - first) // stride + 1)
    if stop <= start:
        return slice(0, 0), slice(0, 0)
    taken = first + start * stride
    return slice(start, stop), slice(taken, taken + (stop - start - 1) * stride + 1, stride)
