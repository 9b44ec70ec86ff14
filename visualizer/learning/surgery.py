"""Filters by hand in the first convolution of a network, and what that does to its answers."""

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import Tensor

from visualizer.learning.evaluation import evaluate
from visualizer.learning.layers import Convolution, FixedFilter
from visualizer.learning.modules import Filters, Network


def operated(network: Network, filters: Sequence[FixedFilter]) -> Network:
    """Return a copy of `network` whose first convolution has these filters; it stays as it is.

    Filters of another shape are left out.
    """
    copy = deepcopy(network)
    layer = first_filters(copy)
    if layer is None:
        return copy
    assert layer.bias is not None
    with torch.no_grad():
        for given in filters:
            if given.index < len(layer.weight) and given.shape == tuple(layer.weight.shape[1:]):
                layer.weight[given.index] = torch.tensor(given.weights)
                layer.bias[given.index] = given.bias
    return copy


def first_filters(network: Network) -> Filters | None:
    """Return the first convolution of a network, or None when it has none."""
    for node in network.spec.nodes():
        if isinstance(node.layer, Convolution):
            layer = network.layers[node.name]
            assert isinstance(layer, Filters)
            return layer
    return None


def accuracy(network: Network, images: Tensor, labels: Tensor) -> float:
    """Return the share of uint8 `images` (N, C, H, W) that the network gets right."""
    return evaluate(network, images, labels).accuracy
