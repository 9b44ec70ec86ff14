"""A network as it was at any moment: recomputed from the weights that were kept of it."""

import numpy as np
from torch import Tensor

from visualizer.learning.by_hand import WeightStep, step_by_hand
from visualizer.learning.datasets import DataSet
from visualizer.learning.evaluation import Score, evaluate
from visualizer.learning.frozen import Floats, Frozen, freeze
from visualizer.learning.history import Moment
from visualizer.learning.layers import Convolution, Dense
from visualizer.learning.modules import Network, build
from visualizer.learning.networks import NetworkSpec
from visualizer.learning.settings import TrainingSettings
from visualizer.learning.snapshot import Snapshot


class Replay:
    """One network that takes on the weights of one moment after the other; for one thread only.

    Attributes:
        beginning: the weights that a run begins with.
    """

    def __init__(self, network: Network) -> None:
        self.network = network.eval()
        self.beginning = {name: x.clone() for name, x in network.state_dict().items()}
        self._moment: Moment | None = None

    @classmethod
    def of(cls, spec: NetworkSpec, dataset: DataSet, seed: int) -> "Replay":
        """Return one for the network that a run of these choices trains."""
        shape = (dataset.channels, dataset.height, dataset.width)
        return cls(build(spec, shape, dataset.classes, dataset.mean, dataset.std, seed))

    def freeze(self, moment: Moment, probe: Tensor, label: int | None = None) -> Frozen:
        """Return all that the network made of `probe`, uint8 (C, H, W), at a moment."""
        self._take(moment)
        return freeze(self.network, moment.step, probe, label)

    def score(self, moment: Moment, images: Tensor, labels: Tensor) -> Score:
        """Return how good it was on `images`, uint8 (N, C, H, W)."""
        self._take(moment)
        return evaluate(self.network, images, labels)

    def step(
        self,
        moment: Moment,
        images: Tensor,
        labels: Tensor,
        layer: str,
        at: tuple[int, ...],
        settings: TrainingSettings,
        rate: float,
    ) -> WeightStep:
        """Return one step of one weight from a moment, see `step_by_hand`."""
        self._take(moment)
        return step_by_hand(self.network, images, labels, layer, at, settings, rate)

    def _take(self, moment: Moment) -> None:
        if moment is not self._moment:
            self.network.load_state_dict(dict(moment.weights))
            self._moment = moment


def snapshot_of(frozen: Frozen) -> Snapshot:
    """Return what is shown of a frozen network; without a batch or gradients."""
    kernels: dict[str, Floats] = {}
    sizes: dict[str, float] = {}
    for name, node in frozen.nodes.items():
        if isinstance(node.layer, Convolution | Dense):
            weight = frozen.weights[f"layers.{name}.weight"]
            sizes[name] = float((weight**2).mean() ** 0.5)
            if isinstance(node.layer, Convolution):
                kernels[name] = weight
    nothing = np.empty((0, *frozen.probe.shape), np.uint8)
    return Snapshot(
        step=frozen.step,
        probe=frozen.probe,
        activations={name: frozen.values[name] for name in frozen.nodes},
        probabilities=frozen.probabilities,
        kernels=kernels,
        originals=nothing,
        fed=nothing.astype(np.float32),
        labels=np.empty(0, np.int64),
        weight_sizes=sizes,
        gradient_sizes={},
    )
