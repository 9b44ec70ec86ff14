"""Whole networks as data: the list of layers, the choices on top of it, the table, the presets.

Nothing is built here; `visualizer.learning.modules.build` turns a spec into a torch module.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from math import prod
from typing import Any

from visualizer.learning.layers import (
    CLASSES,
    LAYER_TYPES,
    Activation,
    ActivationName,
    BadNetwork,
    BatchNorm,
    Convolution,
    Dense,
    Dropout,
    FixedFilter,
    Flatten,
    GlobalAverage,
    Layer,
    Plain,
    Pool,
    Pooling,
    Resize,
    Shape,
    Skip,
    inside,
)
from visualizer.learning.reach import Reach
from visualizer.learning.wiring import INPUT, Node, wire

MOST_LAYERS = 200
MOST_PARAMETERS = 200_000_000
MOST_NUMBERS_A_MAP = 50_000_000


@dataclass(frozen=True)
class NetworkSpec:
    """A network as a list of layers, in the order of computation. The input is normalised first.

    Attributes:
        name: what to call it.
        layers: every layer, activations and dropout included.
    """

    name: str
    layers: tuple[Layer, ...]

    def nodes(self) -> tuple[Node, ...]:
        """Return every layer in the order of computation, those inside a skip before it."""
        return self._nodes

    def names(self) -> tuple[str, ...]:
        """Return one name for each of `nodes`, numbered by kind: conv1, relu1, pool1, conv2…"""
        return tuple(node.name for node in self.nodes())

    @cached_property
    def _nodes(self) -> tuple[Node, ...]:
        return wire(self.layers)


@dataclass(frozen=True)
class Row:
    """One line of the table of a network.

    Attributes:
        name: of the layer.
        kernel, stride, padding: as text, empty where they mean nothing.
        output: (channels, rows, columns) or (units,).
        size: numbers in the output of one image.
        parameters: numbers that are learned.
        multiply_adds: for one image; only convolutions and dense layers are counted.
        field: rows and columns of the receptive field, at most the image; of the largest one where
            they differ.
    """

    name: str
    kernel: str
    stride: str
    padding: str
    output: Shape
    size: int
    parameters: int
    multiply_adds: int
    field: tuple[int, int]


def table(spec: NetworkSpec, shape: Shape, classes: int) -> tuple[Row, ...]:
    """Return a row for each of the nodes of `spec` fed with images of `shape` (C, H, W).

    Raises BadNetwork naming the first layer that does not fit, or when the last layer does not
    give one number for each class.
    """
    rows = tuple(rows_of(spec, shape, classes))
    check_end(rows, classes)
    return rows


def check_end(rows: tuple[Row, ...], classes: int) -> None:
    """Raise BadNetwork when a whole table does not end with the classes, or is too large."""
    current = rows[-1].output
    if current != (classes,):
        raise BadNetwork(
            f"The last layer, {rows[-1].name}, gives {_sizes(current)} numbers but there are "
            f"{classes} classes; end with a dense layer of {classes} units.",
            rows[-1].name,
        )
    total = sum(row.parameters for row in rows)
    if total > MOST_PARAMETERS:
        raise BadNetwork(
            f"The network has {total:,} parameters, more than the {MOST_PARAMETERS:,} allowed; "
            "make its layers narrower or its images smaller.",
            max(rows, key=lambda row: row.parameters).name,
        )


def rows_of(spec: NetworkSpec, shape: Shape, classes: int, *, fields: bool = True) -> Iterator[Row]:
    """Yield the rows of the table one by one, until one does not fit: then BadNetwork is raised.

    Without `fields` no receptive fields are worked out, which takes half of the time.
    """
    nodes = spec.nodes()
    if not 1 <= len(nodes) <= MOST_LAYERS:
        raise BadNetwork(f"A network has 1 to {MOST_LAYERS} layers, not {len(nodes)}.")
    shapes, reaches = {INPUT: shape}, {INPUT: Reach.of_image(*shape[1:])}
    for node in nodes:
        entering = [shapes[source] for source in node.sources]
        output = _output(node, entering, classes)
        reach = reaches[node.sources[0]]
        if not fields:
            pass
        elif isinstance(node.layer, Skip):
            reach = reach.joined(reaches[node.sources[1]])
        else:
            reach = reach.through(node.layer, entering[0])
        shapes[node.name], reaches[node.name] = output, reach
        yield _row(node, entering[0], output, reach, classes)


def _output(node: Node, entering: list[Shape], classes: int) -> Shape:
    try:
        if isinstance(node.layer, Skip):
            output = node.layer.added(*entering)
        else:
            output = _given(node.layer, entering[0], classes)
    except ValueError as error:
        how = f"does not fit an input of {_sizes(entering[0])}"
        if isinstance(node.layer, Skip):
            how = "cannot add"
        raise BadNetwork(f"The layer {node.name} {how}: {error}.", node.name) from None
    if prod(output) > MOST_NUMBERS_A_MAP:
        raise BadNetwork(
            f"The layer {node.name} gives {_sizes(output)} numbers, too many to hold; use fewer "
            "filters or units, or smaller images.",
            node.name,
        )
    return output


def _row(node: Node, shape: Shape, output: Shape, reach: Reach, classes: int) -> Row:
    layer = node.layer
    kernel = stride = padding = ""
    if isinstance(layer, Convolution):
        kernel, stride = _sizes(layer.sides), f"{layer.stride}"
        padding = str(layer.padding)
    elif isinstance(layer, Pool):
        kernel, stride = f"{layer.window}×{layer.window}", f"{layer.stride}"
        padding = str(layer.padding)
    parameters, multiply_adds = _costs(layer, shape, classes)
    size = prod(output)
    return Row(
        node.name, kernel, stride, padding, output, size, parameters, multiply_adds, reach.size
    )


# A network has the same layer many times, and much the same layers after a change.


@lru_cache(maxsize=1024)
def _given(layer: Plain, shape: Shape, classes: int) -> Shape:
    return layer.output(shape, classes)


@lru_cache(maxsize=1024)
def _costs(layer: Layer, shape: Shape, classes: int) -> tuple[int, int]:
    """Return how many parameters a layer has, and how many multiply-adds it takes."""
    if isinstance(layer, Convolution | Dense):
        return layer.parameters(shape, classes), layer.multiply_adds(shape, classes)
    return (layer.parameters(shape, classes) if isinstance(layer, BatchNorm) else 0), 0


def _sizes(shape: Shape) -> str:
    return "×".join(str(size) for size in shape)


# The choices that apply to any network. Each returns a new spec.


def with_activation(spec: NetworkSpec, name: ActivationName) -> NetworkSpec:
    """Return `spec` with every activation replaced."""
    return _each(spec, lambda x: Activation(name) if isinstance(x, Activation) else x)


def with_pooling(spec: NetworkSpec, pooling: Pooling) -> NetworkSpec:
    """Return `spec` with every pooling layer of the kind `pooling`."""
    return _each(spec, lambda x: replace(x, pooling=pooling) if isinstance(x, Pool) else x)


def with_width(spec: NetworkSpec, factor: float) -> NetworkSpec:
    """Return `spec` with `factor` times the filters and units, at least one; not the last.

    The filters of a convolution in groups stay a multiple of them.
    """

    def wider(layer: Layer) -> Layer:
        if isinstance(layer, Convolution) and layer.channels != CLASSES:
            groups = layer.groups
            channels = groups * max(1, round(layer.channels * factor / groups))
            fixed = tuple(one for one in layer.fixed if one.index < channels)
            return replace(layer, channels=channels, fixed=fixed)
        if isinstance(layer, Dense) and layer.units != CLASSES:
            return replace(layer, units=max(1, round(layer.units * factor)))
        return layer

    return _each(spec, wider)


def with_batch_norm(spec: NetworkSpec, on: bool) -> NetworkSpec:
    """Return `spec` without batch norm, or with it before each activation of a convolution.

    A network without convolutions gets it before the activations of its dense layers. Inside a
    skip connection it also comes after a last convolution, whose activation follows the addition.
    """
    nodes = spec.nodes()
    weighted = Convolution if any(isinstance(x.layer, Convolution) for x in nodes) else Dense

    def changed(layers: Iterable[Layer], is_inside: bool = False) -> Iterator[Any]:
        is_waiting = False
        for layer in layers:
            if isinstance(layer, BatchNorm):
                continue
            if isinstance(layer, Skip):
                block, shortcut = changed(layer.block, True), changed(layer.shortcut)
                layer = Skip(tuple(block) or layer.block, tuple(shortcut))
            if on and is_waiting and isinstance(layer, Activation):
                yield BatchNorm()
            if not isinstance(layer, Pool):
                is_waiting = isinstance(layer, weighted)
            yield layer
        if on and is_waiting and is_inside:
            yield BatchNorm()

    return replace(spec, layers=tuple(changed(spec.layers)))


def with_dropout(spec: NetworkSpec, rate: float) -> NetworkSpec:
    """Return `spec` with every dropout at `rate`; one is put before the last layer with weights.

    At rate 0 the layers stay, so that the rate can be changed while the network trains.
    """
    if any(isinstance(node.layer, Dropout) for node in spec.nodes()):
        return _each(spec, lambda x: Dropout(rate) if isinstance(x, Dropout) else x)
    weighted = [
        i
        for i, layer in enumerate(spec.layers)
        if any(isinstance(x, Convolution | Dense) for x in inside(layer))
    ]
    last = weighted[-1] if weighted else 0
    return replace(spec, layers=(*spec.layers[:last], Dropout(rate), *spec.layers[last:]))


def has_batch_norm(spec: NetworkSpec) -> bool:
    """Return whether any layer normalises over the batch."""
    return any(isinstance(node.layer, BatchNorm) for node in spec.nodes())


def dropout_of(spec: NetworkSpec) -> float | None:
    """Return the rate of the first dropout layer, or None without one."""
    rates = (node.layer.rate for node in spec.nodes() if isinstance(node.layer, Dropout))
    return next(rates, None)


def _each(spec: NetworkSpec, change: Callable[[Layer], Layer]) -> NetworkSpec:
    """Return `spec` with every layer changed, also those inside a skip; `change` never adds one."""

    def changed(layer: Layer) -> Any:
        if isinstance(layer, Skip):
            return Skip(tuple(map(changed, layer.block)), tuple(map(changed, layer.shortcut)))
        return change(layer)

    return replace(spec, layers=tuple(map(changed, spec.layers)))


# To and from plain values, for files.


def to_plain(spec: NetworkSpec) -> dict[str, Any]:
    """Return `spec` as dictionaries, lists, numbers and strings."""
    return {"name": spec.name, "layers": [_layer_to_plain(layer) for layer in spec.layers]}


def _layer_to_plain(layer: Layer) -> dict[str, Any]:
    kind = {"type": type(layer).__name__}
    if isinstance(layer, Skip):
        block, shortcut = ([_layer_to_plain(x) for x in y] for y in (layer.block, layer.shortcut))
        return {**kind, "block": block, "shortcut": shortcut}
    return {**kind, **asdict(layer)}


def from_plain(plain: object) -> NetworkSpec:
    """Return the spec that `to_plain` wrote. Raises BadNetwork when it is anything else."""
    try:
        if not isinstance(plain, dict) or not isinstance(plain["name"], str):
            raise ValueError("it has no name")
        if len(plain["layers"]) > MOST_LAYERS:
            raise ValueError(f"it has more than {MOST_LAYERS} layers")
        layers = tuple(_layer_from_plain(entry) for entry in plain["layers"])
        if len(wire(layers)) > MOST_LAYERS:
            raise ValueError(f"it has more than {MOST_LAYERS} layers")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadNetwork(f"This is not the description of a network: {error}.") from None
    return NetworkSpec(plain["name"][:200], layers)


def _layer_from_plain(plain: dict[str, Any]) -> Layer:
    types = {cls.__name__: cls for cls in LAYER_TYPES}
    values: dict[str, Any] = {key: value for key, value in plain.items() if key != "type"}
    kind = types[plain["type"]]
    if kind is Skip:
        if any(part["type"] == Skip.__name__ for branch in values.values() for part in branch):
            raise ValueError("a skip connection is inside another")
        values = {key: tuple(map(_layer_from_plain, branch)) for key, branch in values.items()}
    elif values.get("fixed"):
        values["fixed"] = tuple(FixedFilter(**fixed) for fixed in values["fixed"])
    return kind(**values)


# The presets. `_RELU` and `_TANH` are what their authors, or the textbooks, use.

_RELU, _TANH, _HALVE = Activation("relu"), Activation("tanh"), Pool()
_END: tuple[Layer, ...] = (Dropout(), Dense(CLASSES))


def _block(*layers: Layer) -> Iterable[Layer]:
    """Each convolution of `layers` followed by ReLU."""
    for layer in layers:
        yield layer
        if isinstance(layer, Convolution):
            yield _RELU


QUICK = NetworkSpec(
    "Quick",
    (
        *(Convolution(16, 5), _HALVE, BatchNorm(), _RELU),
        *(Convolution(32, 5), _HALVE, BatchNorm(), _RELU),
        *(Flatten(), Dense(128), _RELU, *_END),
    ),
)
LENET_5 = NetworkSpec(
    "LeNet-5",
    (
        *(Resize(32, 32), Convolution(6, 5), _TANH, Pool(pooling="average")),
        *(Convolution(16, 5), _TANH, Pool(pooling="average")),
        *(Flatten(), Dense(120), _TANH, Dense(84), _TANH, *_END),
    ),
)
TEXTBOOK = NetworkSpec(
    "Textbook ConvNet",
    (
        *_block(Convolution(32, 5, padding=2), _HALVE, Convolution(64, 5, padding=2), _HALVE),
        *(Flatten(), Dropout(0.5), Dense(1000), Dense(CLASSES)),
    ),
)
LECTURE = NetworkSpec(
    "Lecture table",
    (
        *_block(Convolution(8, 3, padding="same"), _HALVE, Convolution(16, 5), _HALVE),
        *(Flatten(), Dense(120), _RELU, Dense(64), _RELU, *_END),
    ),
)
TINY_VGG = NetworkSpec(
    "Tiny VGG",
    (
        *_block(Convolution(10, 3), Convolution(10, 3), _HALVE),
        *_block(Convolution(10, 3), Convolution(10, 3), _HALVE),
        *(Flatten(), *_END),
    ),
)
ALL_CONVOLUTIONAL = NetworkSpec(
    "All convolutional",
    (
        *_block(Convolution(16, 3, padding=1), Convolution(16, 3, stride=2, padding=1)),
        *_block(Convolution(32, 3, padding=1), Convolution(32, 3, stride=2, padding=1)),
        *(Dropout(), Convolution(CLASSES, 1), GlobalAverage()),
    ),
)
MLP = NetworkSpec("MLP, no convolution", (Flatten(), Dense(256), _RELU, Dense(128), _RELU, *_END))

PRESETS: dict[str, NetworkSpec] = {
    "quick": QUICK,
    "lenet-5": LENET_5,
    "textbook": TEXTBOOK,
    "lecture": LECTURE,
    "tiny-vgg": TINY_VGG,
    "all-convolutional": ALL_CONVOLUTIONAL,
    "mlp": MLP,
}
