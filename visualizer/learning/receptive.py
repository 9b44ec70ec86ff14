"""What one number of a network sees: the cells of every layer before it that it depends on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visualizer.core.geometry import Geometry
from visualizer.learning.arithmetic import geometry_of, resize_weights
from visualizer.learning.cells import IMAGE, Place
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

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Field:
    """The part of one layer's output that a number depends on.

    Attributes:
        layer: its index; IMAGE for the input.
        mask: (C, H, W) or (units,), True for the numbers it depends on.
    """

    layer: int
    mask: Mask

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
    """Return the receptive field of `place` in every layer, its own first and the image last.

    Padding is left out. Of a max pooling the whole window counts: any of it could have won.
    """
    layers = frozen.spec.layers
    if place.layer >= len(layers):  # softmax and cross-entropy depend on all the logits
        layer = len(layers) - 1
        mask: Mask = np.ones(frozen.values[-1].shape, np.bool_)
    else:
        layer = place.layer
        mask = np.zeros(frozen.values[layer + 1].shape, np.bool_)
        mask[place.at] = True
    fields = [Field(layer, mask)]
    while layer > IMAGE:
        mask = _before(layers[layer], mask, frozen.values[layer].shape)
        layer -= 1
        fields.append(Field(layer, mask))
    return tuple(fields)


def _before(layer: Layer, mask: Mask, shape: Shape) -> Mask:
    """Return what of the input of `shape` the outputs in `mask` depend on."""
    match layer:
        case Convolution():
            any_filter: Mask = np.any(mask, axis=0, keepdims=True)
            return np.broadcast_to(_windows(geometry_of(layer, shape), any_filter), shape)
        case Pool():
            return _windows(geometry_of(layer, shape), mask)
        case GlobalAverage():
            return np.broadcast_to(mask[:, np.newaxis, np.newaxis], shape)
        case Resize():
            by_rows, by_columns = resize_weights(shape[1:], (layer.height, layer.width))
            return _spread(mask, by_rows != 0, by_columns != 0)
        case Dense():
            return np.full(shape, mask.any())
        case Flatten():
            return mask.reshape(shape)
        case _:
            return mask


def _windows(geometry: Geometry, masks: Mask) -> Mask:
    """Return the input pixels (…, H, W) under a weight of any output cell in (…, OH, OW)."""
    by_rows = np.zeros((geometry.out_height, geometry.height), bool)
    by_columns = np.zeros((geometry.out_width, geometry.width), bool)
    for reads, of in ((by_rows, 0), (by_columns, 1)):
        for i in range(len(reads)):
            taps = geometry.taps(i, i)[of]
            reads[i, taps[(taps >= 0) & (taps < reads.shape[1])]] = True
    return _spread(masks, by_rows, by_columns)


def _spread(masks: Mask, by_rows: Mask, by_columns: Mask) -> Mask:
    """Return (…, H, W): True where a row and a column lead to an output in (…, OH, OW)."""
    rows, outputs, columns = (x.astype(np.float32) for x in (by_rows.T, masks, by_columns))
    return rows @ outputs @ columns > 0
