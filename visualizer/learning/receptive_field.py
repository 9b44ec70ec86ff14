"""What one number of a network sees: the cells of every layer before it that it depends on.

How large the receptive fields of whole layers are, see `reach`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visualizer.learning.cells import LOSS, SOFTMAX, Place
from visualizer.learning.frozen import Frozen
from visualizer.learning.layers import (
    Convolution,
    Dense,
    Flatten,
    GlobalAverage,
    Layer,
    Pool,
    Resize,
    Shape,
)
from visualizer.learning.reach import taps

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Field:
    """The part of one layer's output that a number depends on.

    Attributes:
        layer: its name; INPUT for the image.
        mask: (C, H, W) or (units,), True for the numbers it depends on.
    """

    layer: str
    mask: Mask

    @property
    def channel(self) -> int | None:
        """The only channel it depends on, or None where there are several."""
        if self.mask.ndim == 1:
            return 0
        hit = np.flatnonzero(self.mask.any((1, 2)))
        return int(hit[0]) if len(hit) == 1 else None

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Top, left, height and width of the rows and columns it depends on, in any channel."""
        mask = self.mask.reshape(1, 1, -1) if self.mask.ndim == 1 else self.mask
        rows, columns = (np.flatnonzero(mask.any(axis)) for axis in ((0, 2), (0, 1)))
        if not len(rows):
            return 0, 0, 0, 0
        top, left = int(rows[0]), int(columns[0])
        return top, left, int(rows[-1]) + 1 - top, int(columns[-1]) + 1 - left


def receptive_fields(frozen: Frozen, place: Place) -> tuple[Field, ...]:
    """Return the receptive field of `place` in every layer it depends on, the image last.

    Padding is left out. Of a max pooling the whole window counts: any of it could have won.
    """
    nodes, values = frozen.nodes, frozen.values
    if place.layer in (SOFTMAX, LOSS):  # they depend on all the logits
        last = next(reversed(nodes))
        masks = {last: np.ones(values[last].shape, np.bool_)}
    else:
        masks = {place.layer: np.zeros(values[place.layer].shape, np.bool_)}
        masks[place.layer][place.at] = True
    for name in reversed(nodes):
        if name not in masks:
            continue
        for source in nodes[name].sources:
            mask = _before(nodes[name].layer, masks[name], values[source].shape)
            masks[source] = masks[source] | mask if source in masks else mask
    return tuple(Field(name, masks[name]) for name in reversed(values) if name in masks)


def _before(layer: Layer, mask: Mask, shape: Shape) -> Mask:
    """Return what of an input of `shape` the outputs in `mask` depend on."""
    match layer:
        case Convolution():
            of_groups = np.any(mask.reshape(layer.groups, -1, *mask.shape[1:]), axis=1)
            seen = _windows(layer, of_groups, shape)
            return seen.repeat(shape[0] // layer.groups, axis=0)
        case Pool() | Resize():
            return _windows(layer, mask, shape)
        case GlobalAverage():
            return np.broadcast_to(mask[:, np.newaxis, np.newaxis], shape)
        case Dense():
            return np.full(shape, mask.any())
        case Flatten():
            return mask.reshape(shape)
        case _:
            return mask


def _windows(layer: Convolution | Pool | Resize, masks: Mask, shape: Shape) -> Mask:
    """Return the numbers (planes, H, W) in the window of any output in (planes, OH, OW)."""
    rows, columns = (_reads(layer, axis, shape) for axis in (0, 1))
    return rows.T @ masks.astype(np.float32) @ columns > 0


def _reads(layer: Convolution | Pool | Resize, axis: int, shape: Shape) -> npt.NDArray[np.float32]:
    """Return (outputs, inputs) along an axis: 1 where the output reads the input, else 0."""
    found = taps(layer, axis, shape)
    reads = np.zeros((len(found), shape[axis + 1] + 1), np.float32)  # the last stands for −1
    np.put_along_axis(reads, found, 1, axis=1)
    return reads[:, :-1]
