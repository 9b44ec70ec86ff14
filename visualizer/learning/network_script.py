"""A network as Python source that needs nothing but torch: the same numbers with the same weights.

The parameters have the names they have in this program without "layers.", so that weights saved by
it can be loaded.
"""

from collections.abc import Iterator
from keyword import iskeyword

from visualizer.learning.layers import (
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAverage,
    Pool,
    Resize,
    Shape,
    Skip,
)
from visualizer.learning.networks import NetworkSpec, table
from visualizer.learning.wiring import INPUT, SHORTCUT, Node

_FUNCTIONS = {
    "relu": "F.relu({})",
    "leaky-relu": "F.leaky_relu({})",
    "elu": "F.elu({})",
    "silu": "F.silu({})",
    "gelu": "F.gelu({})",
    "tanh": "torch.tanh({})",
    "sigmoid": "torch.sigmoid({})",
    "identity": "{}",
}
_STOCHASTIC = '''
def stochastic_pool(x, window, stride, padding, training):
    """One number of each window, drawn in proportion to it; evaluated, their weighted mean."""
    x = F.pad(x.clamp(min=0), (padding,) * 4)
    windows = x.unfold(2, window, stride).unfold(3, window, stride).flatten(-2)
    if not training:
        total = windows.sum(-1)
        return (windows**2).sum(-1) / total.clamp(min=torch.finfo(total.dtype).tiny)
    clocks = torch.empty_like(windows).exponential_()
    winner = (windows.detach() / clocks).argmax(-1, keepdim=True)
    return windows.gather(-1, winner).squeeze(-1)
'''
_L2 = '''
def l2_pool(x, window, stride, padding):
    """The root of the sum of squares of each window."""
    return (F.avg_pool2d(x * x, window, stride, padding) * window**2 + 1e-12).sqrt()
'''
_FIT = '''
def fit(x, height, width):
    """Small images framed by their own border, large ones shrunk smoothly."""
    rows, columns = x.shape[2] - height, x.shape[3] - width
    if rows > 0 or columns > 0:
        return F.interpolate(x, (height, width), mode="bilinear", antialias=True)
    left, top = -columns // 2, -rows // 2
    return F.pad(x, (left, -columns - left, top, -rows - top), mode="replicate")
'''


def script(
    spec: NetworkSpec,
    shape: Shape,
    classes: int,
    mean: tuple[float, ...] = (),
    std: tuple[float, ...] = (),
) -> str:
    """Return the source of an nn.Module for images of `shape` (C, H, W) in 0–1.

    `mean` and `std` are those of the training images, one for each channel; by default 0 and 1.
    Raises BadNetwork when the network cannot be built.
    """
    rows = table(spec, shape, classes)
    shapes = {INPUT: shape} | {row.name: row.output for row in rows}
    name, nodes = _class_name(spec.name), spec.nodes()
    mean, std = mean or (0.0,) * shape[0], std or (1.0,) * shape[0]
    size = ", ".join(map(str, shape))
    lines = [
        f'"""{_one_line(spec.name)}: a network written by CNN Visualizer."""',
        "",
        "import torch",
        "import torch.nn.functional as F",
        "from torch import nn",
        "",
        *_helpers(nodes),
        "",
        f"class {name}(nn.Module):",
        f'    """Images (N, {size}) in 0 to 1 become logits (N, {classes})."""',
        "",
        "    def __init__(self):",
        "        super().__init__()",
        "        self.normalise = Normalise()",
        *(f"        {line}" for node in nodes for line in _made(node, shapes)),
        "",
        "    def forward(self, x):",
        "        x = self.normalise(x)",
        *(f"        {line}" for line in _steps(nodes, shapes)),
        "        return x",
        "",
        "",
        "class Normalise(nn.Module):",
        '    """Each channel to mean 0 and deviation 1 over the training images."""',
        "",
        "    def __init__(self):",
        "        super().__init__()",
        f'        self.register_buffer("mean", torch.tensor({list(mean)}).view(1, -1, 1, 1))',
        f'        self.register_buffer("std", torch.tensor({list(std)}).view(1, -1, 1, 1))',
        "",
        "    def forward(self, x):",
        "        return (x - self.mean) / self.std",
        "",
        "",
        "def load(path):",
        '    """Return the network with the weights of a run, such as weights.safetensors."""',
        "    from safetensors.torch import load_file",
        "",
        f"    network = {name}()",
        "    weights = load_file(path)",
        '    network.load_state_dict({k.removeprefix("layers."): w for k, w in weights.items()})',
        "    return network.eval()",
        "",
        "",
        'if __name__ == "__main__":',
        f"    network = {name}().eval()",
        "    print(network)",
        f"    print(network(torch.rand(1, {size})).softmax(1))",
    ]
    return "\n".join(lines) + "\n"


def _helpers(nodes: tuple[Node, ...]) -> list[str]:
    kinds = {layer.pooling for node in nodes if isinstance(layer := node.layer, Pool)}
    helpers = [_STOCHASTIC] if "stochastic" in kinds else []
    helpers += [_L2] if "l2" in kinds else []
    helpers += [_FIT] if any(isinstance(node.layer, Resize) for node in nodes) else []
    return [line for helper in helpers for line in helper.splitlines()] + ([""] if helpers else [])


def _made(node: Node, shapes: dict[str, Shape]) -> Iterator[str]:
    """Yield the lines that make what has parameters."""
    layer, entering, leaving = node.layer, shapes[node.sources[0]], shapes[node.name]
    match layer:
        case Convolution():
            more = "".join(
                f", {name}={value}"
                for name, value, usual in (
                    ("stride", layer.stride, 1),
                    ("padding", _plain_padding(layer), 0),
                    ("dilation", layer.dilation, 1),
                    ("groups", layer.groups, 1),
                )
                if value != usual
            )
            yield f"self.{node.name} = nn.Conv2d({entering[0]}, {leaving[0]}, {layer.kernel}{more})"
            for fixed in layer.fixed:
                yield f"# Its filter {fixed.index} was fixed: {_one_line(fixed.name) or 'own'}."
        case Dense():
            yield f"self.{node.name} = nn.Linear({entering[0]}, {leaving[0]})"
        case BatchNorm():
            sides = 2 if len(entering) == 3 else 1
            yield f"self.{node.name} = nn.BatchNorm{sides}d({entering[0]})"


def _plain_padding(layer: Convolution) -> int | tuple[int, int]:
    """Return the padding that the convolution does itself, as even on both sides."""
    (top, bottom), (left, right) = layer.pads
    if (top, left) != (bottom, right):
        return 0
    return top if top == left else (top, left)


def _steps(nodes: tuple[Node, ...], shapes: dict[str, Shape]) -> Iterator[str]:
    """Yield the lines of the computation; `around` holds what goes around the layers of a skip."""
    before: Node | None = None
    for node in nodes:
        is_inside = len(node.path) == 3
        if is_inside and (before is None or before.path[0] != node.path[0]):
            yield "around = x"
        name = "around" if is_inside and node.path[1] == SHORTCUT else "x"
        step = _step(node, name)
        size = ", ".join(map(str, shapes[node.name]))
        line = f"{name} = {step}  # {node.name}: (N, {size})"
        yield line if step != name else f"# {node.name} changes nothing"
        before = node


def _step(node: Node, name: str) -> str:
    """Return the expression of one layer, of the variable `name`."""
    layer = node.layer
    match layer:
        case Convolution():
            (top, bottom), (left, right) = layer.pads
            given = name
            if (top, left) != (bottom, right):
                given = f"F.pad({name}, ({left}, {right}, {top}, {bottom}))"
            return f"self.{node.name}({given})"
        case Dense() | BatchNorm():
            return f"self.{node.name}({name})"
        case Pool():
            return _pooled(layer, name)
        case Activation():
            return _FUNCTIONS[layer.name].format(name)
        case Dropout():
            return f"F.dropout({name}, {layer.rate}, self.training)" if layer.rate else name
        case Flatten():
            return f"{name}.flatten(1)"
        case GlobalAverage():
            return f"{name}.mean((2, 3))"
        case Resize():
            return f"fit({name}, {layer.height}, {layer.width})"
        case Skip():
            return f"{name} + around"


def _pooled(layer: Pool, name: str) -> str:
    how = f"{name}, {layer.window}, {layer.stride}, {layer.padding}"
    match layer.pooling:
        case "max":
            return f"F.max_pool2d({how})"
        case "average":
            return f"F.avg_pool2d({how})"
        case "l2":
            return f"l2_pool({how})"
        case "stochastic":
            return f"stochastic_pool({how}, self.training)"


def _class_name(text: str) -> str:
    """Return a name for a class: the letters and digits of `text`, its words in capitals."""
    ascii_only = "".join(c if c.isascii() and c.isalnum() else " " for c in text)
    name = "".join(word[:1].upper() + word[1:] for word in ascii_only.split())
    if not name or name[0].isdigit():
        name = f"Network{name}"
    is_taken = iskeyword(name) or name in ("Normalise", "F")
    return f"{name}Network" if is_taken else name


def _one_line(text: str) -> str:
    """Return text that can stand in a comment or a docstring of one line."""
    return " ".join(text.replace("\\", " ").replace('"', "'").split())[:80]
