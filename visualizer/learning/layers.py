"""The layers a network is made of: frozen descriptions that know their own arithmetic.

A layer tells the shape it turns another into, its parameters and its multiply-adds, without
building anything. The size formulas are those of the torch documentation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from sys import float_info
from typing import Any, ClassVar, Literal, get_args

ActivationName = Literal["relu", "leaky-relu", "elu", "silu", "gelu", "tanh", "sigmoid", "identity"]
Pooling = Literal["max", "average", "l2", "stochastic"]
Shape = tuple[int, ...]

ACTIVATIONS: tuple[ActivationName, ...] = get_args(ActivationName)
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)

# In `channels` of a convolution or `units` of a dense layer: as many as there are classes.
CLASSES = 0

LARGEST_WIDTH = 65_536


class BadNetwork(Exception):
    """A network that cannot be built.

    Attributes:
        reason: one sentence naming the layer and a remedy.
        layer: the name of the layer that does not fit, or "".
    """

    def __init__(self, reason: str, layer: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.layer = layer


@dataclass(frozen=True)
class FixedFilter:
    """A filter whose numbers are given: training leaves them as they are.

    Attributes:
        index: which filter of its convolution, counted from 0.
        weights: (planes, rows, columns), one plane for each channel the filter sees.
        bias: added to every sum.
        name: what the weights are called, such as "Sobel x".
    """

    index: int
    weights: tuple[tuple[tuple[float, ...], ...], ...]
    bias: float = 0.0
    name: str = ""

    def __post_init__(self) -> None:
        _whole("number of a fixed filter", self.index, 0, LARGEST_WIDTH - 1)
        planes = tuple(tuple(tuple(map(_number, row)) for row in rows) for rows in self.weights)
        sizes = {(len(rows), len(row)) for rows in planes for row in rows}
        if len(sizes) != 1 or len({len(rows) for rows in planes}) != 1 or (0 in sizes.pop()):
            raise ValueError("The weights of a fixed filter must be planes of rows of numbers.")
        if not isinstance(self.name, str) or len(self.name) > 200:
            raise ValueError("The name of a fixed filter must be a short text.")
        object.__setattr__(self, "weights", planes)
        object.__setattr__(self, "bias", _number(self.bias))

    @property
    def shape(self) -> Shape:
        """(planes, rows, columns)."""
        return len(self.weights), len(self.weights[0]), len(self.weights[0][0])


@dataclass(frozen=True)
class Convolution:
    """Filters slid over the maps.

    Attributes:
        channels: how many filters.
        kernel: rows and columns; one number for a square.
        stride: pixels from one window to the next.
        padding: zeros on every side, or "same" (stride 1 only).
        dilation: pixels from one weight to the next.
        groups: the channels are dealt out to so many groups of filters, each sees its own only.
        fixed: filters that are given, not learned.
    """

    channels: int
    kernel: int | tuple[int, int] = 3
    stride: int = 1
    padding: int | Literal["same"] = 0
    dilation: int = 1
    groups: int = 1
    fixed: tuple[FixedFilter, ...] = ()
    kind: ClassVar[str] = "conv"

    def __post_init__(self) -> None:
        _whole("number of filters", self.channels, CLASSES, LARGEST_WIDTH)
        sides = (self.kernel, self.kernel) if isinstance(self.kernel, int) else self.kernel
        if not isinstance(sides, tuple | list) or len(sides) != 2:
            raise ValueError("The kernel must be one whole number, or rows and columns.")
        for side in sides:
            _whole("kernel size", side, 1, 63)
        object.__setattr__(self, "kernel", sides[0] if sides[0] == sides[1] else tuple(sides))
        _whole("stride", self.stride, 1, 63)
        _whole("dilation", self.dilation, 1, 63)
        _whole("number of groups", self.groups, 1, LARGEST_WIDTH)
        if self.padding == "same":
            if self.stride != 1:
                raise ValueError("Padding “same” needs a stride of 1.")
        else:
            _whole("padding", self.padding, 0, 63)
        object.__setattr__(self, "fixed", tuple(self.fixed))
        indices = [fixed.index for fixed in self.fixed]
        if len(indices) != len(set(indices)):
            raise ValueError("A filter can be fixed only once.")

    @property
    def sides(self) -> tuple[int, int]:
        """Rows and columns of the kernel."""
        return (self.kernel, self.kernel) if isinstance(self.kernel, int) else self.kernel

    @property
    def pads(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Zeros (before, after) the rows and the columns; of an odd number more come after."""
        if self.padding != "same":
            return (self.padding, self.padding), (self.padding, self.padding)
        rows, columns = (self.dilation * (side - 1) for side in self.sides)
        return (rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2)

    def output(self, shape: Shape, classes: int) -> Shape:
        """Return (filters, rows, columns) for maps of `shape`."""
        channels, height, width = _maps(shape)
        filters = self.channels or classes
        if channels % self.groups or filters % self.groups:
            raise ValueError(
                f"its {self.groups} groups cannot share {channels} channels and {filters} filters "
                "evenly; use a number of groups that divides both"
            )
        for fixed in self.fixed:
            self._check(fixed, channels // self.groups, filters)
        reaches = (self.dilation * (side - 1) + 1 for side in self.sides)
        return filters, *(
            _extent(size, reach, self.stride, sum(pad))
            for size, reach, pad in zip((height, width), reaches, self.pads, strict=True)
        )

    def parameters(self, shape: Shape, classes: int) -> int:
        """One kernel for each channel a filter sees and a bias, for every filter."""
        return (self.channels or classes) * (shape[0] // self.groups * prod(self.sides) + 1)

    def multiply_adds(self, shape: Shape, classes: int) -> int:
        """Every output number is one sum over a window of the channels its filter sees."""
        return prod(self.output(shape, classes)) * shape[0] // self.groups * prod(self.sides)

    def _check(self, fixed: FixedFilter, planes: int, filters: int) -> None:
        if fixed.index >= filters:
            raise ValueError(
                f"its filter {fixed.index + 1} is fixed, but there are only {filters}; "
                "let it go, or use more filters"
            )
        if fixed.shape != (planes, *self.sides):
            has, needs = (
                "×".join(map(str, sizes)) for sizes in (fixed.shape, (planes, *self.sides))
            )
            raise ValueError(
                f"its filter {fixed.index + 1} is fixed at {has} numbers, but {needs} are needed; "
                "let it go, or take a kernel of that size"
            )


@dataclass(frozen=True)
class Pool:
    """The windows of each map, each to one number.

    `padding` adds cells on every side that a maximum never takes and that are zeros to the other
    kinds, which count them, as in torch.
    """

    window: int = 2
    stride: int = 2
    pooling: Pooling = "max"
    padding: int = 0
    kind: ClassVar[str] = "pool"

    def __post_init__(self) -> None:
        _whole("pooling window", self.window, 1, 63)
        _whole("stride", self.stride, 1, 63)
        if self.pooling not in POOLINGS:
            raise ValueError(f"There is no pooling {self.pooling!r}.")
        _whole("padding", self.padding, 0, 63)
        if 2 * self.padding > self.window:
            raise ValueError(
                f"The padding of a pooling is at most half its window of {self.window}."
            )

    def output(self, shape: Shape, classes: int) -> Shape:
        """Return (channels, rows, columns); what no whole window covers is left out."""
        channels, height, width = _maps(shape)
        return channels, *(
            _extent(size, self.window, self.stride, 2 * self.padding) for size in (height, width)
        )


@dataclass(frozen=True)
class GlobalAverage:
    """Each map to its mean: from maps to a list."""

    kind: ClassVar[str] = "mean"

    def output(self, shape: Shape, classes: int) -> Shape:
        """Return (channels,)."""
        return (_maps(shape)[0],)


@dataclass(frozen=True)
class Resize:
    """Images to a fixed size: smaller ones framed by their own border, larger ones shrunk."""

    height: int
    width: int
    kind: ClassVar[str] = "resize"

    def __post_init__(self) -> None:
        _whole("height", self.height, 1, 4096)
        _whole("width", self.width, 1, 4096)

    def output(self, shape: Shape, classes: int) -> Shape:
        """Return (channels, height, width)."""
        return _maps(shape)[0], self.height, self.width


@dataclass(frozen=True)
class BatchNorm:
    """Each channel to mean 0 and deviation 1 over the batch, then scaled and shifted."""

    kind: ClassVar[str] = "norm"

    def output(self, shape: Shape, classes: int) -> Shape:
        """Return `shape`."""
        return shape

    def parameters(self, shape: Shape, classes: int) -> int:
        """A scale and a shift for each channel."""
        return 2 * shape[0]


@dataclass(frozen=True)
class Activation:
    """A function of every number by itself."""

    name: ActivationName = "relu"

    def __post_init__(self) -> None:
        if self.name not in ACTIVATIONS:
            raise ValueError(f"There is no activation {self.name!r}.")

    @property
    def kind(self) -> str:
        """The function's own name."""
        return self.name

    def output(self, shape: Shape, classes: int) -> Shape:
        """Return `shape`."""
        return shape


@dataclass(frozen=True)
class Dropout:
    """While training, numbers set to 0 at `rate`, and the others enlarged by 1 / (1 − rate)."""

    rate: float = 0.0
    kind: ClassVar[str] = "dropout"

    def __post_init__(self) -> None:
        is_number = isinstance(self.rate, int | float) and not isinstance(self.rate, bool)
        if not is_number or not 0 <= self.rate < 1:
            raise ValueError(f"The dropout must be at least 0 and below 1, not {self.rate!r}.")

    def output(self, shape: Shape, classes: int) -> Shape:
        """Return `shape`."""
        return shape


@dataclass(frozen=True)
class Flatten:
    """All maps, row by row, to one list."""

    kind: ClassVar[str] = "flatten"

    def output(self, shape: Shape, classes: int) -> Shape:
        """Return (numbers,)."""
        return (prod(shape),)


@dataclass(frozen=True)
class Dense:
    """Every unit a weighted sum of the whole list."""

    units: int
    kind: ClassVar[str] = "dense"

    def __post_init__(self) -> None:
        _whole("units", self.units, CLASSES, LARGEST_WIDTH)

    def output(self, shape: Shape, classes: int) -> Shape:
        """Return (units,)."""
        if len(shape) != 1:
            raise ValueError("it takes a list; put a flatten or a global average before it")
        return (self.units or classes,)

    def parameters(self, shape: Shape, classes: int) -> int:
        """A weight for each input and a bias, for every unit."""
        return (self.units or classes) * (shape[0] + 1)

    def multiply_adds(self, shape: Shape, classes: int) -> int:
        """One for each weight."""
        return (self.units or classes) * shape[0]


Plain = (
    Convolution | Pool | GlobalAverage | Resize | BatchNorm | Activation | Dropout | Flatten | Dense
)
PLAIN_TYPES: tuple[type[Plain], ...] = get_args(Plain)


@dataclass(frozen=True)
class Skip:
    """A skip connection around some layers: what they give is added to what they were given.

    As in He et al., "Deep residual learning for image recognition", 2015.

    Attributes:
        block: the layers that are gone around.
        shortcut: layers on the way around; none hands everything on as it is, and a convolution
            of 1×1 (a projection) makes the shapes agree where the block changes them.
    """

    block: tuple[Plain, ...]
    shortcut: tuple[Plain, ...] = ()
    kind: ClassVar[str] = "add"

    def __post_init__(self) -> None:
        if not self.block:
            raise ValueError("A skip connection needs a layer to go around.")
        if not all(isinstance(layer, PLAIN_TYPES) for layer in (*self.block, *self.shortcut)):
            raise ValueError("There can be no skip connection inside another.")

    def added(self, block: Shape, shortcut: Shape) -> Shape:
        """Return the shape of the sum. Raises ValueError when the two cannot be added."""
        if block != shortcut:
            one, other = ("×".join(map(str, shape)) for shape in (block, shortcut))
            raise ValueError(
                f"the layers give {one}, the way around them {other}, and only equal shapes can be "
                "added; let the layers keep the shape, or put a 1×1 convolution on the way around"
            )
        return block


Layer = Plain | Skip
LAYER_TYPES: tuple[type[Layer], ...] = (*PLAIN_TYPES, Skip)


def inside(layer: Layer) -> Iterator[Layer]:
    """Yield the layers a layer is made of, in the order of computation; a skip itself last."""
    if isinstance(layer, Skip):
        yield from layer.block
        yield from layer.shortcut
    yield layer


def _maps(shape: Shape) -> Shape:
    if len(shape) != 3:
        raise ValueError("it takes maps, but the layers before it have made a list of them")
    return shape


def _extent(size: int, reach: int, stride: int, padding: int) -> int:
    """⌊(size + padding − reach) / stride⌋ + 1, refused where no window fits."""
    if size + padding < reach:
        raise ValueError(
            f"its window of {reach} does not fit into the {size + padding} pixels left; "
            "use larger images, a smaller window or fewer pooling layers"
        )
    return (size + padding - reach) // stride + 1


def _number(value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not abs(value) <= float_info.max:
        raise ValueError(f"The weights of a fixed filter must be numbers, not {value!r}.")
    return float(value)


def _whole(name: str, value: object, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(
            f"The {name} must be a whole number from {low} to {high:,}, not {value!r}."
        )
