"""A network and one image at one moment, held still: every number of it, as plain numpy."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from visualizer.learning.evaluation import as_evaluated, as_input
from visualizer.learning.layers import Shape
from visualizer.learning.modules import Network
from visualizer.learning.networks import NetworkSpec
from visualizer.learning.wiring import INPUT, Node

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Frozen:
    """What one image is turned into, layer by layer, by weights that no longer change.

    Attributes:
        spec, shape: the network and the (C, H, W) of its images.
        step: updates done.
        weights: parameters and buffers by their names in the network.
        probe: the image, uint8 (C, H, W).
        label: index of its class, or None when nobody knows.
        values: by name the normalised image (INPUT) and the output of every layer, (C, H, W) or
            (units,).
        probabilities: softmax of the last layer, (classes,).
        loss: cross-entropy of the label; of the most likely class without one.
    """

    spec: NetworkSpec
    shape: Shape
    step: int
    weights: Mapping[str, Floats]
    probe: npt.NDArray[np.uint8]
    label: int | None
    values: dict[str, Floats]
    probabilities: Floats
    loss: float

    @property
    def target(self) -> int:
        """The class whose cross-entropy is told: the label, or the most likely one."""
        return int(self.probabilities.argmax()) if self.label is None else self.label

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """The layers by name, in the order of computation."""
        return {node.name: node for node in self.spec.nodes()}

    @property
    def logits(self) -> Floats:
        """The output of the last layer, (classes,)."""
        return self.values[next(reversed(self.nodes))]


def freeze(network: Network, step: int, probe: Tensor, label: int | None = None) -> Frozen:
    """Copy `network` and all it makes of `probe`, uint8 (C, H, W)."""
    device = next(network.parameters()).device
    with as_evaluated(network):
        images = as_input(probe[None].to(device))
        outputs = {INPUT: network.normalise(images), **dict(network.activations(images))}
        logits = next(reversed(outputs.values())).float()
        probabilities = logits.softmax(1)
        target = int(probabilities.argmax()) if label is None else label
        loss = functional.cross_entropy(logits, logits.new_tensor([target]).long())
    return Frozen(
        spec=network.spec,
        shape=network.shape,
        step=step,
        weights={name: _copy(x) for name, x in network.state_dict().items()},
        probe=np.array(probe.cpu().numpy()),
        label=label,
        values={name: _copy(x[0]) for name, x in outputs.items()},
        probabilities=_copy(probabilities[0]),
        loss=float(loss),
    )


def _copy(x: Tensor) -> Floats:
    return np.array(x.detach().to("cpu", torch.float32).numpy(), order="C")
