"""How many rows and columns of the image the numbers of each layer depend on.

Rows and columns are treated apart: every layer's windows are rectangles. Of a pooling the whole
window counts. For the fields of one single number see `receptive_field`.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from visualizer.learning.layers import (
    Convolution,
    Dense,
    GlobalAverage,
    Layer,
    Pool,
    Resize,
    Shape,
)

Indices = npt.NDArray[np.int64]

_NONE = -1  # a tap outside the input


@dataclass(frozen=True, eq=False)
class Reach:
    """The first and the last pixel that each row, and each column, of some maps depends on.

    Attributes:
        rows, columns: int64 (2, size): first and last; first beyond last where there is none.
    """

    rows: Indices
    columns: Indices

    @classmethod
    def of_image(cls, height: int, width: int) -> "Reach":
        """Each pixel depends on itself."""
        rows = np.tile(np.arange(height), (2, 1))
        return cls(rows, rows if width == height else np.tile(np.arange(width), (2, 1)))

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the largest receptive field."""
        rows = _longest(self.rows)
        return rows, rows if self.columns is self.rows else _longest(self.columns)

    def through(self, layer: Layer, shape: Shape) -> "Reach":
        """Return the reach behind a layer that takes this one's maps, of `shape`."""
        if isinstance(layer, GlobalAverage | Dense):
            return Reach(_union(self.rows), _union(self.columns))
        if not isinstance(layer, Convolution | Pool | Resize):
            return self
        rows, columns = (taps(layer, axis, shape) for axis in (0, 1))
        down = _carried(self.rows, rows)
        is_square = columns is rows and self.columns is self.rows
        return Reach(down, down if is_square else _carried(self.columns, columns))

    def joined(self, other: "Reach") -> "Reach":
        """Return the reach of the sum of two."""
        return Reach(_both(self.rows, other.rows), _both(self.columns, other.columns))


def taps(layer: Convolution | Pool | Resize, axis: int, shape: Shape) -> Indices:
    """Return which inputs each output reads along an axis (0: rows, 1: columns) of `shape`.

    int64 (outputs, taps); −1 stands for what is no input: padding, or no tap at all.
    """
    size = shape[axis + 1]
    if isinstance(layer, Resize):
        return _resized(layer, axis, shape)
    if isinstance(layer, Convolution):
        side, dilation, (before, after) = layer.sides[axis], layer.dilation, layer.pads[axis]
    else:
        side, dilation, before, after = layer.window, 1, layer.padding, layer.padding
    return _windows(size, side, dilation, layer.stride, before, after)


@lru_cache(maxsize=256)  # deep networks have the same layer many times
def _windows(size: int, side: int, dilation: int, stride: int, before: int, after: int) -> Indices:
    """Return the taps of a window of so many rows, or columns, that is not to be written to."""
    count = (size + before + after - dilation * (side - 1) - 1) // stride + 1
    first = np.arange(count)[:, np.newaxis] * stride - before
    found = _inside(first + np.arange(side) * dilation, size)
    found.flags.writeable = False
    return found


def _carried(ends: Indices, found: Indices) -> Indices:
    """Return the ends behind taps into what `ends` belongs to."""
    none = found == _NONE
    first = np.where(none, np.iinfo(np.int64).max, ends[0].take(found, mode="clip")).min(1)
    last = np.where(none, _NONE, ends[1].take(found, mode="clip")).max(1)
    return np.stack([first, last])


def _union(ends: Indices) -> Indices:
    return np.array([[ends[0].min()], [ends[1].max()]])


def _both(one: Indices, other: Indices) -> Indices:
    return np.stack([np.minimum(one[0], other[0]), np.maximum(one[1], other[1])])


def _longest(ends: Indices) -> int:
    return max(0, int((ends[1] - ends[0]).max()) + 1)


def _resized(layer: Resize, axis: int, shape: Shape) -> Indices:
    """Return what a resized image is made of, see `modules.Fit`."""
    wanted = (layer.height, layer.width)
    size, want = shape[axis + 1], wanted[axis]
    places = np.arange(want)
    if all(have <= need for have, need in zip(shape[1:], wanted, strict=True)):
        return np.clip(places - (want - size) // 2, 0, size - 1)[:, np.newaxis]
    # A triangle over each output's centre, as wide as two outputs (torch's antialiased bilinear).
    scale = size / want
    centre, half = (places[:, np.newaxis] + 0.5) * scale, max(scale, 1.0) * (1 - 1e-6)
    first = np.floor(centre - half + 0.5).astype(np.int64)
    last = np.ceil(centre + half - 0.5).astype(np.int64) - 1
    found = first + np.arange(int((last - first).max()) + 1)
    return _inside(np.where(found <= last, found, _NONE), size)


def _inside(found: Indices, size: int) -> Indices:
    return np.where((found >= 0) & (found < size), found, _NONE)
