"""How one number of a network came about: `explain` writes down the arithmetic of one cell.

The inputs of a cell are the numbers that the network itself gave one layer before, so what is
shown can be compared with its own result, cell by cell, and rounding errors never pile up.
"""

from collections.abc import Callable
from functools import partial
from math import erf, exp, log, sqrt, tanh
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from visualizer.core.convolution import laid_cell
from visualizer.core.geometry import Geometry, Padding, sources
from visualizer.learning.cells import (
    LOSS,
    SOFTMAX,
    ActivationCell,
    AddCell,
    Cell,
    ConvolutionCell,
    DenseCell,
    DropoutCell,
    FlattenCell,
    Floats,
    LossCell,
    MeanCell,
    NormCell,
    PixelCell,
    Place,
    PoolCell,
    ResizeCell,
    SoftmaxCell,
)
from visualizer.learning.frozen import Frozen
from visualizer.learning.layers import (
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAverage,
    Pool,
    Pooling,
    Resize,
    Shape,
    Skip,
)
from visualizer.learning.modules import L2_EPSILON, Fit

EPSILON = 1e-5  # torch's own, of batch norm
_LARGEST_EXPONENT = 600.0  # e to the power of more is near the end of float64
_LEAK = 0.01
_DUST = 1e-9  # what rounding leaves of a weight that is 0

# The functions of torch.nn.functional, with its default settings.
FUNCTIONS: dict[str, Callable[[float], float]] = {
    "relu": lambda x: max(x, 0.0),
    "leaky-relu": lambda x: x if x >= 0 else _LEAK * x,
    "elu": lambda x: x if x >= 0 else np.expm1(x),
    "silu": lambda x: x * _logistic(x),
    "gelu": lambda x: x * (1 + erf(x / sqrt(2))) / 2,
    "tanh": tanh,
    "sigmoid": lambda x: _logistic(x),
    "identity": lambda x: x,
}


def explain(frozen: Frozen, place: Place) -> Cell:
    """Return the arithmetic of the number at `place`. Raises LookupError where there is none."""
    if place.layer == SOFTMAX:
        return _softmax(frozen, place)
    if place.layer == LOSS:
        return _loss(frozen, place)
    node = frozen.nodes.get(place.layer)
    before = () if node is None else node.sources
    tensor = float(frozen.values[place.layer][place.at])
    known = {"place": place, "before": before, "tensor": tensor}
    if node is None:
        return _pixel(frozen, known, place)
    makers: dict[type, Callable[..., Cell]] = {
        Convolution: _convolution,
        Pool: _pool,
        GlobalAverage: _mean,
        Resize: _resize,
        BatchNorm: _norm,
        Activation: _activation,
        Dropout: _dropout,
        Flatten: _flatten,
        Dense: _dense,
        Skip: _add,
    }
    entering = [frozen.values[name].astype(np.float64) for name in before]
    parameter = partial(_parameter, frozen, place.layer)
    return makers[type(node.layer)](node.layer, known, place, *entering, parameter)


def chain(frozen: Frozen, place: Place) -> tuple[Cell, ...]:
    """Return the arithmetic of `place` and, before it, of the layers that only changed it in place.

    A ReLU after a batch norm after a convolution gives three: convolution, norm, ReLU.
    """
    cell = explain(frozen, place)
    cells = [cell]
    while isinstance(cell, NormCell | ActivationCell | DropoutCell):
        cell = explain(frozen, cell.sources()[0])
        cells.insert(0, cell)
    return tuple(cells)


Known = dict[str, Any]
Parameter = Callable[[str], npt.NDArray[np.float32]]


def _parameter(frozen: Frozen, layer: str, name: str) -> npt.NDArray[np.float32]:
    return frozen.weights[f"layers.{layer}.{name}"]


def _pixel(frozen: Frozen, known: Known, place: Place) -> PixelCell:
    channel = place.at[0]
    mean, std = (float(frozen.weights[f"normalise.{n}"].flat[channel]) for n in ("mean", "std"))
    byte = int(frozen.probe[place.at])
    return PixelCell(**known, output=(byte / 255 - mean) / std, byte=byte, mean=mean, std=std)


def _convolution(
    layer: Convolution, known: Known, place: Place, entering: Floats, parameter: Parameter
) -> ConvolutionCell:
    filter_, row, column = place.at
    kernels, bias = parameter("weight"), float(parameter("bias")[filter_])
    weights = kernels[filter_].astype(np.float64)
    group = filter_ * layer.groups // len(kernels)
    channels = group * len(weights) + np.arange(len(weights))
    pixels, geometry = entering[channels].transpose(1, 2, 0), geometry_of(layer, entering.shape)
    total = laid_cell(pixels, weights, geometry, row, column, bias=bias)
    return ConvolutionCell(
        **known,
        output=total.output,
        channels=channels,
        rows=total.source_rows,
        columns=total.source_columns,
        sum=total,
    )


def geometry_of(layer: Convolution | Pool, shape: Shape) -> Geometry:
    """Return where the windows of a layer fall on maps of `shape`."""
    _, height, width = shape
    if isinstance(layer, Pool):
        padding = Padding(*(layer.padding,) * 4)
        return Geometry(height, width, layer.window, layer.window, layer.stride, 1, padding)
    rows, columns = layer.pads
    padding = Padding(*rows, *columns)
    return Geometry(height, width, *layer.sides, layer.stride, layer.dilation, padding)


def _pool(
    layer: Pool, known: Known, place: Place, entering: Floats, parameter: Parameter
) -> PoolCell:
    channel, row, column = place.at
    geometry = geometry_of(layer, entering.shape)
    rows, columns = (
        sources(taps, size, "zero")
        for taps, size in zip(geometry.taps(row, column), entering.shape[1:], strict=True)
    )
    inside = (rows >= 0)[:, np.newaxis] & (columns >= 0)
    outside = -np.inf if layer.pooling == "max" else 0.0
    window = np.where(inside, entering[channel][np.ix_(rows, columns)], outside)
    output, shares = _pooled(window, layer.pooling)
    winner = None
    if layer.pooling == "max":
        at = np.unravel_index(window.argmax(), window.shape)
        winner = int(at[0]), int(at[1])
    return PoolCell(
        **known,
        output=output,
        channels=np.array([channel]),
        rows=rows,
        columns=columns,
        pooling=layer.pooling,
        window=window,
        shares=shares,
        winner=winner,
    )


def _pooled(window: Floats, pooling: Pooling) -> tuple[float, Floats]:
    """Return the number a window becomes, and what each of its numbers counts."""
    ones = np.ones_like(window)
    if pooling == "max":
        return float(window.max()), ones
    if pooling == "average":
        return float(window.mean()), ones / window.size
    if pooling == "l2":
        return sqrt(float((window**2).sum()) + L2_EPSILON), ones
    positive = window.clip(min=0)
    chances = positive / max(float(positive.sum()), float(np.finfo(np.float32).tiny))
    return float((positive * chances).sum()), chances


def _mean(
    layer: GlobalAverage, known: Known, place: Place, entering: Floats, parameter: Parameter
) -> MeanCell:
    (channel,) = place.at
    picture = entering[channel]
    return MeanCell(
        **known,
        output=float(picture.mean()),
        channels=np.array([channel]),
        rows=np.arange(picture.shape[0]),
        columns=np.arange(picture.shape[1]),
        map=picture,
    )


def _resize(
    layer: Resize, known: Known, place: Place, entering: Floats, parameter: Parameter
) -> ResizeCell:
    channel, row, column = place.at
    by_rows, by_columns = resize_weights(entering.shape[1:], (layer.height, layer.width))
    rows, columns = np.flatnonzero(by_rows[row]), np.flatnonzero(by_columns[column])
    window = entering[channel][np.ix_(rows, columns)]
    row_weights, column_weights = by_rows[row, rows], by_columns[column, columns]
    return ResizeCell(
        **known,
        output=float(row_weights @ window @ column_weights),
        channels=np.array([channel]),
        rows=rows,
        columns=columns,
        window=window,
        row_weights=row_weights,
        column_weights=column_weights,
    )


def resize_weights(size: tuple[int, ...], wanted: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return what each row, and each column, counts in each of the resized ones.

    Two arrays (wanted, size): both are found by resizing the unit vectors.
    """
    fit = Fit(*wanted)
    height, width = size
    found = []
    for count, other, along_rows in ((height, width, True), (width, height, False)):
        units = torch.eye(count, dtype=torch.float64)
        lines = units.view(count, 1, count, 1) if along_rows else units.view(count, 1, 1, count)
        shape = (count, 1, count, other) if along_rows else (count, 1, other, count)
        resized = fit(lines.expand(shape))  # every line alike, so across nothing changes
        weights = (resized[:, 0, :, 0] if along_rows else resized[:, 0, 0, :]).T.numpy()
        found.append(np.where(np.abs(weights) < _DUST, 0.0, weights))
    return found[0], found[1]


def _norm(
    layer: BatchNorm, known: Known, place: Place, entering: Floats, parameter: Parameter
) -> NormCell:
    channel = place.at[0]
    names = ("running_mean", "running_var", "weight", "bias")
    mean, variance, scale, shift = (float(parameter(name)[channel]) for name in names)
    x = float(entering[place.at])
    output = (x - mean) / sqrt(variance + EPSILON) * scale + shift
    return NormCell(**known, output=output, x=x, mean=mean, variance=variance, epsilon=EPSILON,
                    scale=scale, shift=shift)  # fmt: skip


def _activation(
    layer: Activation, known: Known, place: Place, entering: Floats, parameter: Parameter
) -> ActivationCell:
    x = float(entering[place.at])
    return ActivationCell(**known, output=float(FUNCTIONS[layer.name](x)), x=x, name=layer.name)


def _dropout(
    layer: Dropout, known: Known, place: Place, entering: Floats, parameter: Parameter
) -> DropoutCell:
    x = float(entering[place.at])
    return DropoutCell(**known, output=x, x=x, rate=layer.rate)


def _add(
    layer: Skip,
    known: Known,
    place: Place,
    entering: Floats,
    around: Floats,
    parameter: Parameter,
) -> AddCell:
    x, y = float(entering[place.at]), float(around[place.at])
    return AddCell(**known, output=x + y, x=x, around=y)


def _flatten(
    layer: Flatten, known: Known, place: Place, entering: Floats, parameter: Parameter
) -> FlattenCell:
    source = tuple(int(i) for i in np.unravel_index(place.at[0], entering.shape))
    return FlattenCell(**known, output=float(entering[source]), source=source, shape=entering.shape)


def _dense(
    layer: Dense, known: Known, place: Place, entering: Floats, parameter: Parameter
) -> DenseCell:
    (unit,) = place.at
    weights, bias = parameter("weight")[unit].astype(np.float64), float(parameter("bias")[unit])
    with np.errstate(invalid="ignore"):
        output = float((entering * weights).sum()) + bias
    return DenseCell(**known, output=output, inputs=entering, weights=weights, bias=bias)


def _softmax(frozen: Frozen, place: Place) -> SoftmaxCell:
    logits = frozen.logits.astype(np.float64)
    largest = float(logits.max())
    shift = largest if np.abs(logits).max() > _LARGEST_EXPONENT else 0.0
    with np.errstate(invalid="ignore"):  # a network that has diverged
        exponentials = np.exp(logits - shift)
        output = float(exponentials[place.at] / exponentials.sum())
    return SoftmaxCell(
        place=place,
        before=(next(reversed(frozen.nodes)),),
        output=output,
        tensor=float(frozen.probabilities[place.at]),
        logits=logits,
        shift=shift,
    )


def _loss(frozen: Frozen, place: Place) -> LossCell:
    target = frozen.target
    softmax = _softmax(frozen, Place(SOFTMAX, (target,)))
    # −ln p written so that it holds where p is below any number.
    output = log(softmax.total) - (float(softmax.logits[target]) - softmax.shift)
    return LossCell(
        place=place,
        before=(SOFTMAX,),
        output=output,
        tensor=frozen.loss,
        target=target,
        probability=softmax.output,
        logits=softmax.logits,
    )


def _logistic(x: float) -> float:
    """1 / (1 + e⁻ˣ) without overflow."""
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))
