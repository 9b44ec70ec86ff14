"""The layers a network is made of: frozen descriptions that know their own arithmetic.

A layer tells the shape it turns another into, its parameters and its multiply-adds, without
building anything. The size formulas are those of the torch documentation.
"""

from dataclasses import dataclass
from math import prod
from typing import ClassVar, Literal, get_args

ActivationName = Literal["relu", "leaky-relu", "elu", "silu", "gelu", "tanh", "sigmoid", "identity"]
Pooling = Literal["max", "average", "l2", "stochastic"]
Shape = tuple[int, ...]

ACTIVATIONS: tuple[ActivationName, ...] = get_args(ActivationName)
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)

# In `channels` of a convolution or `units` of a dense layer: as many as there are classes.
CLASSES = 0

LARGEST_WIDTH = 65_536


class BadNetwork(Exception):
    """A network that cannot be built; `reason` is one sentence naming the layer and a remedy."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Convolution:
    """Filters slid over the maps. `padding` is in pixels, or "same" (stride 1 only)."""

    channels: int
    kernel: int = 3
    stride: int = 1
    padding: int | Literal["same"] = 0
    dilation: int = 1
    kind: ClassVar[str] = "conv"

    def __post_init__(self) -> None:
        _whole("channels", self.channels, CLASSES, LARGEST_WIDTH)
        _whole("kernel size", self.kernel, 1, 63)
        _whole("stride", self.stride, 1, 63)
        _whole("dilation", self.dilation, 1, 63)
        if self.padding == "same":
            if self.stride != 1:
                raise ValueError("Padding “same” needs a stride of 1.")
        else:
            _whole("padding", self.padding, 0, 63)

    def output(self, shape: Shape, classes: int) -> Shape:
        """Return (filters, rows, columns) for maps of `shape`."""
        _, height, width = _maps(shape)
        reach = self.dilation * (self.kernel - 1) + 1
        if self.padding == "same":
            return self.channels or classes, height, width
        return self.channels or classes, *(
            _extent(size, reach, self.stride, 2 * self.padding) for size in (height, width)
        )

    def parameters(self, shape: Shape, classes: int) -> int:
        """One kernel for each input channel and a bias, for every filter."""
        return (self.channels or classes) * (shape[0] * self.kernel**2 + 1)

    def multiply_adds(self, shape: Shape, classes: int) -> int:
        """Every output number is one sum over a window of all the input channels."""
        return prod(self.output(shape, classes)) * shape[0] * self.kernel**2


@dataclass(frozen=True)
class Pool:
    """The windows of each map, each to one number."""

    window: int = 2
    stride: int = 2
    pooling: Pooling = "max"
    kind: ClassVar[str] = "pool"

    def __post_init__(self) -> None:
        _whole("pooling window", self.window, 1, 63)
        _whole("stride", self.stride, 1, 63)
        if self.pooling not in POOLINGS:
            raise ValueError(f"There is no pooling {self.pooling!r}.")

    def output(self, shape: Shape, classes: int) -> Shape:
        """Return (channels, rows, columns); what no whole window covers is left out."""
        channels, height, width = _maps(shape)
        return channels, *(_extent(size, self.window, self.stride, 0) for size in (height, width))


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


Layer = (
    Convolution | Pool | GlobalAverage | Resize | BatchNorm | Activation | Dropout | Flatten | Dense
)
LAYER_TYPES: tuple[type[Layer], ...] = get_args(Layer)


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


def _whole(name: str, value: object, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(
            f"The {name} must be a whole number from {low} to {high:,}, not {value!r}."
        )
