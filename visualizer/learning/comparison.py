"""What a network would be without convolutions: an MLP of equal size, and dense layers instead."""

from math import prod, sqrt

from visualizer.learning.layers import (
    CLASSES,
    Activation,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    Shape,
)
from visualizer.learning.networks import NetworkSpec, Row

NAME = "MLP of equal size"


def equal_mlp(parameters: int, shape: Shape, classes: int) -> NetworkSpec:
    """Return an MLP of two hidden layers, the second half as wide, with about so many parameters.

    With h units in the second, D numbers in an image and K classes it has
    (D + 1)·2h + (2h + 1)·h + (h + 1)·K parameters; h is the nearest to what is wanted, at least 1.
    """
    inputs = prod(shape)
    linear = 2 * (inputs + 1) + 1 + classes
    exact = (sqrt(linear**2 + 8 * max(0, parameters - classes)) - linear) / 4
    low = max(1, int(exact))
    half = min(low, low + 1, key=lambda h: abs(2 * h * h + linear * h + classes - parameters))
    relu = Activation("relu")
    layers = (Flatten(), Dense(2 * half), relu, Dense(half), relu, Dropout(), Dense(CLASSES))
    return NetworkSpec(NAME, layers)


def dense_instead(spec: NetworkSpec, rows: tuple[Row, ...], shape: Shape) -> int:
    """Return the parameters of `spec` with a dense layer in place of each convolution.

    A weight for each number in and out, and a bias for each number out; that a convolution looks
    only at a window, and shares its weights between all places, is what saves them.
    """
    sizes = {row.name: row.size for row in rows} | {"input": prod(shape)}
    return sum(
        row.size * (sizes[node.sources[0]] + 1)
        if isinstance(node.layer, Convolution)
        else row.parameters
        for node, row in zip(spec.nodes(), rows, strict=True)
    )
