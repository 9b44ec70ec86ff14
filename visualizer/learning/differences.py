"""Where two networks differ, in words, for a question to the user."""

from itertools import zip_longest

from visualizer.learning.layers import (
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Dropout,
    GlobalAverage,
    Layer,
    Pool,
    Resize,
    Skip,
)
from visualizer.learning.networks import NetworkSpec


def differences(stored: NetworkSpec, wanted: NetworkSpec) -> tuple[str, ...]:
    """Return one line for each layer in which `stored`, of a file, differs from `wanted`."""
    lines = []
    for i, (there, here) in enumerate(zip_longest(stored.layers, wanted.layers)):
        if there != here:
            one, other = in_words(there), in_words(here)
            if one == other:  # they differ in what is seldom changed
                one, other = str(there), str(here)
            lines.append(f"layer {i + 1}: the file has {one}, this network {other}")
    return tuple(lines)


def in_words(layer: Layer | None) -> str:
    """Return a layer in a few words: "16 filters 5×5", "max-pool 2×2"; "nothing" for None."""
    match layer:
        case None:
            return "nothing"
        case Convolution():
            count = layer.channels or "one a class of"
            around = "" if layer.padding == 0 else f", padding {layer.padding}"
            step = "" if layer.stride == 1 else f", stride {layer.stride}"
            return f"{count} filters {layer.kernel}×{layer.kernel}{step}{around}"
        case Pool():
            return f"{layer.pooling}-pool {layer.window}×{layer.window}"
        case Dense():
            return f"{layer.units} units" if layer.units else "a unit for each class"
        case Activation():
            return {"relu": "ReLU"}.get(layer.name, layer.name)
        case Dropout():
            return f"dropout {layer.rate:g}"
        case BatchNorm():
            return "batch norm"
        case GlobalAverage():
            return "global average"
        case Resize():
            return f"resizing to {layer.height}×{layer.width}"
        case Skip():
            inside = ", ".join(in_words(one) for one in layer.block)
            return f"a skip connection around {inside}"
        case _:
            return layer.kind
