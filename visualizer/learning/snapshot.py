"""A copy of what a network sees and has learned, for showing: plain numpy, nothing shared."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from visualizer.learning.evaluation import as_evaluated, as_input
from visualizer.learning.modules import Network

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

MOST_BATCH_IMAGES = 32


@dataclass(frozen=True, eq=False)
class Batch:
    """The images of one step, on the device they were learned on.

    Attributes:
        originals: uint8 (N, C, H, W).
        fed: float32 (N, C, H, W) in 0–1, after augmentation.
        labels: int64 (N,).
    """

    originals: Tensor
    fed: Tensor
    labels: Tensor


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The inside of a network at one step.

    Attributes:
        step: updates done when it was taken.
        probe: the probe image, uint8 (C, H, W).
        activations: the output of every layer for it, by name, (C, H, W) or (units,).
        probabilities: softmax of the last layer, (classes,).
        kernels: the weights of each convolution by name, (filters, channels, rows, columns).
        originals, fed, labels: the first images of the last batch; empty before the first step.
        weight_sizes, gradient_sizes: root mean square for each layer with weights, by name;
            gradients are those of the last step and missing before it.
    """

    step: int
    probe: Bytes
    activations: dict[str, Floats]
    probabilities: Floats
    kernels: dict[str, Floats]
    originals: Bytes
    fed: Floats
    labels: npt.NDArray[np.int64]
    weight_sizes: dict[str, float]
    gradient_sizes: dict[str, float]


def take(network: Network, step: int, probe: Tensor, batch: Batch | None) -> Snapshot:
    """Copy everything worth showing of `network`. `probe` is uint8 (C, H, W)."""
    device = next(network.parameters()).device
    with as_evaluated(network):
        outputs = dict(network.activations(as_input(probe[None].to(device))))
        activations = {name: _copy(x[0].float()) for name, x in outputs.items()}
        logits = list(outputs.values())[-1][0].float()
        probabilities = _copy(logits.softmax(0))
    kernels, weights, gradients = {}, {}, {}
    for name, layer in network.layers.items():
        if not isinstance(layer, nn.Conv2d | nn.Linear):
            continue
        if isinstance(layer, nn.Conv2d):
            kernels[name] = _copy(layer.weight)
        weights[name] = layer.weight
        if layer.weight.grad is not None:
            gradients[name] = layer.weight.grad
    if batch is None:
        nothing = np.empty((0, *probe.shape), np.uint8)
        originals, fed, labels = nothing, nothing.astype(np.float32), np.empty(0, np.int64)
    else:
        some = slice(MOST_BATCH_IMAGES)
        originals, fed, labels = (
            _copy(x[some]) for x in (batch.originals, batch.fed, batch.labels)
        )
    return Snapshot(
        step=step,
        probe=_copy(probe),
        activations=activations,
        probabilities=probabilities,
        kernels=kernels,
        originals=originals,
        fed=fed,
        labels=labels,
        weight_sizes=_sizes(weights),
        gradient_sizes=_sizes(gradients),
    )


def _copy(x: Tensor) -> npt.NDArray:
    # On the CPU `.numpy()` would show the weights as they go on changing.
    return np.array(x.detach().cpu().numpy(), order="C")


def _sizes(tensors: dict[str, Tensor]) -> dict[str, float]:
    """Return root mean squares, read all at once: each reading waits for the GPU."""
    if not tensors:
        return {}
    with torch.no_grad():
        squares = torch.stack([x.float().square().mean() for x in tensors.values()])
        return dict(zip(tensors, squares.sqrt().tolist(), strict=True))
