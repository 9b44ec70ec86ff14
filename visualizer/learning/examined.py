"""A trained network made ready to be asked: with its data where they are known, and its habits."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from visualizer.core.ink import Habits, habits
from visualizer.learning import checkpoint
from visualizer.learning.checkpoint import Ring
from visualizer.learning.datasets import DataSet
from visualizer.learning.evaluation import as_evaluated
from visualizer.learning.explain import input_of
from visualizer.learning.layers import Shape
from visualizer.learning.modules import Network, build
from visualizer.learning.network_file import BadCheckpoint
from visualizer.learning.networks import NetworkSpec
from visualizer.learning.report import WEIGHTS
from visualizer.learning.run_state import RunState

# Of images nobody knows: grey ones are taken for something like MNIST.
_UNKNOWN_EXTENT, _ANY_SHARPNESS = 0.71, 1e9


@dataclass(frozen=True, eq=False)
class Examined:
    """A network to ask. Nobody trains it, and any thread may use it.

    Attributes:
        title: what to call it.
        network: in evaluation mode.
        bare: the same without normalising its input.
        class_names: one for each output.
        step: updates it has had, or None when that is not known.
        dataset: the data it has learned from, or None.
        why_no_data: one sentence when there are none.
        known: what its images are like.
    """

    title: str
    network: Network
    bare: Network
    class_names: tuple[str, ...]
    step: int | None
    dataset: DataSet | None
    why_no_data: str
    known: Habits

    @property
    def kind(self) -> str:
        """Return "CNN", or "MLP" for a network that has no convolution."""
        has_maps = any(isinstance(layer, nn.Conv2d) for layer in self.network.modules())
        return "CNN" if has_maps else "MLP"

    def asked(self, normalised: bool) -> Network:
        """Return the network that normalises its input, or the one that does not."""
        return self.network if normalised else self.bare


@dataclass(frozen=True, eq=False)
class Stored:
    """A network as it lies in a file."""

    spec: NetworkSpec
    shape: Shape
    class_names: tuple[str, ...]
    weights: dict[str, torch.Tensor]
    step: int | None


def read(path: Path) -> Stored:
    """Read a checkpoint, weights, or the newest in a folder. Raises BadCheckpoint."""
    if path.is_dir():
        if any(path.glob("checkpoint-*.cnnv")) or not (path / WEIGHTS).exists():
            state, _ = Ring(path).newest()
            return _of_state(state)
        path = path / WEIGHTS
    if path.suffix == ".safetensors":
        return Stored(*checkpoint.read_weights(path), None)
    return _of_state(checkpoint.read(path))


def examine(stored: Stored, title: str, dataset: DataSet | None, why_no_data: str) -> Examined:
    """Make a network ready to be asked. Raises BadCheckpoint when the data are not its own."""
    shape, names = stored.shape, stored.class_names
    if dataset is not None:
        found = (dataset.channels, dataset.height, dataset.width)
        if found != shape or len(dataset.class_names) != len(names):
            raise BadCheckpoint(
                f"{title} was made for images of {_sizes(shape)} in {len(names)} classes, but its "
                f"data have {_sizes(found)} and {dataset.classes}; choose another network."
            )
    network, bare = (build(stored.spec, shape, len(names)) for _ in range(2))
    network.load_state_dict(stored.weights)
    neutral = {"normalise.mean": torch.zeros(1, shape[0], 1, 1),
               "normalise.std": torch.ones(1, shape[0], 1, 1)}  # fmt: skip
    bare.load_state_dict({**stored.weights, **neutral})
    for made in (network, bare):
        made.hold()
        made.eval().requires_grad_(False)
    known = _habits(network, dataset)
    return Examined(title, network, bare, names, stored.step, dataset, why_no_data, known)


def probabilities(network: Network, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Return how sure `network` is of each class for one image, uint8 (C, H, W)."""
    with as_evaluated(network):
        logits = network(input_of(network, pixels))[0].double()
    return np.array(logits.softmax(0).cpu().numpy())


def _of_state(state: RunState) -> Stored:
    return Stored(state.spec, state.shape, state.class_names, state.weights, state.position.step)


def _habits(network: Network, dataset: DataSet | None) -> Habits:
    mean, std = (
        tuple(x.flatten().tolist()) for x in (network.normalise.mean, network.normalise.std)
    )
    if dataset is not None:
        return habits(dataset.train.images.numpy(), mean, std)
    channels, height, width = network.shape
    is_ink = channels == 1
    return Habits((channels, height, width), 255.0 * min(mean), is_ink, _UNKNOWN_EXTENT, is_ink,
                  _ANY_SHARPNESS, mean, std)  # fmt: skip


def _sizes(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
