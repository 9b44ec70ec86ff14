"""From a network's description to a torch module with named activations."""

from collections import Counter
from collections.abc import Iterator
from math import prod

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional
from torch.nn.utils import skip_init

from visualizer.learning.layers import (
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Flatten,
    GlobalAverage,
    Layer,
    Pool,
    Resize,
    Shape,
    Skip,
)
from visualizer.learning.layers import Dropout as DropoutLayer
from visualizer.learning.networks import NetworkSpec, table
from visualizer.learning.wiring import INPUT

_FUNCTIONS: dict[str, type[nn.Module]] = {
    "leaky-relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "identity": nn.Identity,
}
# Layers that go back through themselves without a look at their own output.
_FORGETFUL = (Convolution, Dense, BatchNorm, Skip)

# At 0 a root has no slope: a hair above it, the gradient of an empty window is 0.
L2_EPSILON = 1e-12


class Random(nn.Module):
    """A layer that draws random numbers while training, from a generator it is given.

    torch's own dropout draws from the generator of the whole process, which previews and other
    runs share; a run could then not be repeated.
    """

    generator: Generator | None = None


class Dropout(Random):
    """Zeros at `rate` while training, the rest enlarged to keep the mean (Srivastava, 2014)."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the same shape."""
        if not self.training or self.rate == 0:
            return x
        keep = 1 - self.rate
        return x * self._kept(x, keep).div_(keep)

    def _kept(self, x: Tensor, keep: float) -> Tensor:
        """Return ones with a chance of `keep` and else zeros, laid out as `x`."""
        kept = torch.empty_like(x)
        if x.device.type != "cpu":
            return kept.bernoulli_(keep, generator=self.generator)
        # The CPU draws one number after the other. Sixteen bits each, rather than the 64 that
        # `bernoulli_` uses, take a tenth of the time; the chance is within 1/100,000 of `keep`.
        words = torch.empty(-(-x.numel() // 4), dtype=torch.int64)
        words.random_(torch.iinfo(torch.int64).min, None, generator=self.generator)
        bits = words.view(torch.int16)[: x.numel()].view(x.shape)
        return torch.lt(bits, round(keep * 2**16) - 2**15, out=kept)


class ReLU(nn.Module):
    """Zero in place of negative numbers (Nair, Hinton, 2010).

    While training it may write over its input, which spares the memory of a whole layer and with
    it a part of the time of a step; or leave its work to the pooling after it.

    Attributes:
        may_overwrite: whether nobody needs the input any more.
        is_left_out: whether a `MaxPool` does it instead.
    """

    may_overwrite = is_left_out = False

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the same shape."""
        if self.training and self.is_left_out:
            return x
        return functional.relu(x, inplace=self.training and self.may_overwrite)


class MaxPool(nn.MaxPool2d):
    """The largest number of each window.

    While training it may do the work of the ReLU before it: the largest of numbers without their
    negative ones is the largest, or 0. That gives the same numbers and the same gradient, from a
    quarter of the work.

    Attributes:
        rectifies: whether it does.
    """

    rectifies = False

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) → (N, C, OH, OW)."""
        pooled = super().forward(x)
        return functional.relu_(pooled) if self.training and self.rectifies else pooled


class StochasticPool(Random):
    """One number of each window, drawn with a chance in proportion to it (Zeiler, Fergus, 2013).

    When not training, the mean weighted by those chances. Negative numbers are never drawn; a
    window without a positive one gives 0.
    """

    def __init__(self, window: int, stride: int, padding: int) -> None:
        super().__init__()
        self.window, self.stride, self.padding = window, stride, padding

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) → (N, C, OH, OW)."""
        x = functional.pad(x.clamp(min=0), (self.padding,) * 4)
        windows = x.unfold(2, self.window, self.stride)
        windows = windows.unfold(3, self.window, self.stride).flatten(-2)  # (N, C, OH, OW, k²)
        if not self.training:
            total = windows.sum(-1)
            return (windows**2).sum(-1) / total.clamp(min=torch.finfo(total.dtype).tiny)
        # The first of several exponential clocks to ring does so in proportion to its speed.
        clocks = torch.empty_like(windows).exponential_(generator=self.generator)
        winner = (windows.detach() / clocks).argmax(-1, keepdim=True)
        return windows.gather(-1, winner).squeeze(-1)


class L2Pool(nn.Module):
    """The root of the sum of squares of each window."""

    def __init__(self, window: int, stride: int, padding: int) -> None:
        super().__init__()
        self.window, self.stride, self.padding = window, stride, padding

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) → (N, C, OH, OW)."""
        mean = functional.avg_pool2d(x * x, self.window, self.stride, self.padding)
        return (mean * self.window**2 + L2_EPSILON).sqrt()


class Filters(nn.Conv2d):
    """A convolution of which some filters can be fixed: `hold` gives them their numbers back."""

    held: Tensor
    held_weight: Tensor
    held_bias: Tensor

    def __init__(self, layer: Convolution, channels: int, filters: int) -> None:
        (top, bottom), (left, right) = layer.pads
        is_even = (top, left) == (bottom, right)
        super().__init__(
            *(channels, filters, layer.sides, layer.stride),
            padding=(top, left) if is_even else 0,
            dilation=layer.dilation,
            groups=layer.groups,
        )
        # torch pads unevenly too, but slowly and with a warning.
        self.frame = None if is_even else (left, right, top, bottom)
        self._fix("held", torch.tensor([x.index for x in layer.fixed], dtype=torch.int64))
        self._fix("held_weight", torch.tensor([x.weights for x in layer.fixed]))
        self._fix("held_bias", torch.tensor([x.bias for x in layer.fixed]))

    def reset_parameters(self) -> None:
        """Leave it to `build`, which draws from a generator of its own."""

    def _fix(self, name: str, values: Tensor) -> None:
        """Keep what is no part of the state: the spec has it."""
        self.register_buffer(name, values, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) → (N, filters, OH, OW)."""
        return super().forward(x if self.frame is None else functional.pad(x, self.frame))

    @torch.no_grad()
    def hold(self) -> None:
        """Give the fixed filters their numbers."""
        if len(self.held):
            assert self.bias is not None
            self.weight[self.held] = self.held_weight
            self.bias[self.held] = self.held_bias


class Add(nn.Module):
    """The sum of two, at the end of a skip connection."""

    def forward(self, x: Tensor, around: Tensor) -> Tensor:
        """Return a tensor of the same shape."""
        return x + around


class Flat(nn.Module):
    """All maps, row by row, to one list.

    Going back, the maps' gradients are laid out as the maps were: the layer before, a pooling as a
    rule, would else copy its far larger input first.
    """

    def forward(self, x: Tensor) -> Tensor:
        """(N, …) → (N, numbers)."""
        if x.requires_grad and x.dim() == 4 and not x.is_contiguous():
            x.register_hook(lambda slope: slope.contiguous(memory_format=torch.channels_last))
        return x.flatten(1)


class Fit(nn.Module):
    """Images to (height, width): framed by repeating their border, or shrunk smoothly."""

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self.size = (height, width)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) → (N, C, height, width)."""
        rows, columns = (have - want for have, want in zip(x.shape[2:], self.size, strict=True))
        if rows > 0 or columns > 0:
            return functional.interpolate(x, self.size, mode="bilinear", antialias=True)
        left, top = -columns // 2, -rows // 2
        return functional.pad(x, (left, -columns - left, top, -rows - top), mode="replicate")


class Normalise(nn.Module):
    """Each channel to mean 0 and deviation 1 over the training images."""

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean.float().view(1, -1, 1, 1).clone())
        self.register_buffer("std", std.float().clamp(min=1e-3).view(1, -1, 1, 1).clone())

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) in 0–1 → the same shape."""
        return (x - self.mean) / self.std


class Network(nn.Module):
    """A classifier built from a spec: images (N, C, H, W) in 0–1 → logits (N, classes).

    Attributes:
        spec, shape, classes: what it was built from; `shape` is (C, H, W).
        layers: a module for each node of the spec, by name.
    """

    def __init__(
        self, spec: NetworkSpec, shape: Shape, classes: int, mean: Tensor, std: Tensor, seed: int
    ) -> None:
        super().__init__()
        rows = table(spec, shape, classes)
        self.spec, self.shape, self.classes = spec, shape, classes
        self.normalise = Normalise(mean, std)
        self.layers = nn.ModuleDict()
        self._nodes = spec.nodes()
        generator = Generator().manual_seed(seed)
        shapes = {INPUT: shape} | {row.name: row.output for row in rows}
        for node in self._nodes:
            entering, leaving = shapes[node.sources[0]], shapes[node.name]
            self.layers[node.name] = _module(node.layer, entering, leaving, generator)
        # The last that takes an output: it is let go of then.
        self._takers = {source: node.name for node in self._nodes for source in node.sources}
        self._save_work()
        self._generator = Generator()
        self.hold()

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits (N, classes)."""
        x = images
        for _, output in self.activations(images):
            x = output
        return x

    def activations(self, images: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Yield the name and the output of every layer, in order, (N, …) each.

        While training, a ReLU may write over the output before it, or leave its work to the
        pooling after it; `keep_outputs` forbids both.
        """
        outputs, layers = {INPUT: self.normalise(images)}, self.layers
        for node in self._nodes:
            entering = [outputs[source] for source in node.sources]
            for source in node.sources:
                if self._takers[source] == node.name:
                    outputs.pop(source, None)
            outputs[node.name] = layers[node.name](*entering)
            yield node.name, outputs[node.name]

    def keep_outputs(self) -> None:
        """Let every layer give its own output, which no other writes over."""
        for layer in self.layers.values():
            if isinstance(layer, ReLU):
                layer.may_overwrite = layer.is_left_out = False
            elif isinstance(layer, MaxPool):
                layer.rectifies = False

    def _save_work(self) -> None:
        """Find the ReLUs that may write over their input, and those a pooling can do better.

        They may where nobody else needs the input, not even the layer it comes from.
        """
        kinds = {node.name: node.layer for node in self._nodes}
        takers = Counter(source for node in self._nodes for source in node.sources)
        built: dict[str, nn.Module] = dict(self.layers.items())
        for node in self._nodes:
            layer, source = built[node.name], node.sources[0]
            before = built.get(source)
            if takers[source] != 1:
                continue
            if isinstance(layer, ReLU):
                layer.may_overwrite = isinstance(kinds.get(source), _FORGETFUL)
            elif isinstance(layer, MaxPool) and isinstance(before, ReLU):
                layer.rectifies = before.is_left_out = True

    def hold(self) -> None:
        """Give the fixed filters their numbers; after each change of the weights."""
        for layer in self.layers.values():
            if isinstance(layer, Filters):
                layer.hold()

    def reseed(self, seed: int) -> None:
        """Let dropout and stochastic pooling draw from `seed` on."""
        device = next(self.parameters()).device
        if self._generator.device != device:
            self._generator = Generator(device)
        self._generator.manual_seed(seed)
        for layer in self.layers.values():
            if isinstance(layer, Random):
                layer.generator = self._generator

    def set_dropout(self, spec: NetworkSpec) -> bool:
        """Give every dropout layer its rate in `spec`; return whether there is one."""
        found = [node for node in spec.nodes() if isinstance(node.layer, DropoutLayer)]
        for node in found:
            layer = self.layers[node.name]
            assert isinstance(node.layer, DropoutLayer) and isinstance(layer, Dropout)
            layer.rate = node.layer.rate
        return bool(found)


def build(
    spec: NetworkSpec,
    shape: Shape,
    classes: int,
    mean: Tensor | None = None,
    std: Tensor | None = None,
    seed: int = 0,
) -> Network:
    """Return a fresh network on the CPU, its weights drawn from `seed` as torch would draw them.

    Args:
        spec: what to build.
        shape: (C, H, W) of the images.
        classes: how many numbers come out.
        mean, std: (C,) of the training images on the 0–1 scale; without them 0 and 1.
        seed: of the weights.

    Raises BadNetwork naming the layer that does not fit.
    """
    mean = torch.zeros(shape[0]) if mean is None else mean
    std = torch.ones(shape[0]) if std is None else std
    return Network(spec, shape, classes, mean, std, seed)


def _module(layer: Layer, entering: Shape, leaving: Shape, generator: Generator) -> nn.Module:
    """Build one layer that takes `entering` and gives `leaving`, both without the batch."""
    match layer:
        case Convolution():
            return _draw(Filters(layer, entering[0], leaving[0]), generator)
        case Dense():
            return _draw(skip_init(nn.Linear, entering[0], leaving[0]), generator)
        case Pool():
            return _pool(layer)
        case BatchNorm():
            return (nn.BatchNorm2d if len(entering) == 3 else nn.BatchNorm1d)(entering[0])
        case Activation(name="relu"):
            return ReLU()
        case Activation():
            return _FUNCTIONS[layer.name]()
        case DropoutLayer():
            return Dropout(layer.rate)
        case Resize():
            return Fit(layer.height, layer.width)
        case Flatten():
            return Flat()
        case GlobalAverage():
            return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        case Skip():
            return Add()


def _pool(layer: Pool) -> nn.Module:
    match layer.pooling:
        case "max":
            return MaxPool(layer.window, layer.stride, layer.padding)
        case "average":
            return nn.AvgPool2d(layer.window, layer.stride, layer.padding)
        case "l2":
            return L2Pool(layer.window, layer.stride, layer.padding)
        case "stochastic":
            return StochasticPool(layer.window, layer.stride, layer.padding)


def _draw(module: nn.Module, generator: Generator) -> nn.Module:
    """Give a weighted layer torch's default weights, evenly from ±1/√(inputs of one output)."""
    weight, bias = module.weight, module.bias
    assert isinstance(weight, Tensor) and isinstance(bias, Tensor)
    bound = 1 / prod(weight.shape[1:]) ** 0.5
    with torch.no_grad():
        weight.uniform_(-bound, bound, generator=generator)
        bias.uniform_(-bound, bound, generator=generator)
    return module
