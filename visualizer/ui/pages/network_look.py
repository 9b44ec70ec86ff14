"""What the network on the Network page makes of the probe image, worked out off the GUI thread."""

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from visualizer.core.image import Image
from visualizer.learning.wiring import INPUT
from visualizer.state.loading import load_learning
from visualizer.state.network_design import AS_DATA, bare
from visualizer.state.network_frame import NetworkFrame
from visualizer.state.training_probe import Probe, from_picture, from_validation
from visualizer.state.training_work import prepare
from visualizer.ui.background import Background, Job
from visualizer.ui.training import Training

if TYPE_CHECKING:
    from visualizer.learning.datasets import DataSet
    from visualizer.learning.modules import Filters, Network


@dataclass(frozen=True, eq=False)
class Seen:
    """What every layer gives.

    Attributes:
        frame: the network.
        maps: (C, H, W) or (units,) by name; under INPUT the image itself, uint8.
        caption: whose weights these are, and which image.
        kernels: of the first convolution, (filters, planes, rows, columns), with filters by hand.
        biases: (filters,).
        as_learned: the kernels without those by hand.
        learned: whether the weights were trained.
        scores: the share of validation images that are right as it was learned, and with filters
            by hand; None until it is known, and of a network that was not trained.
    """

    frame: NetworkFrame
    maps: dict[str, npt.NDArray]
    caption: str
    kernels: npt.NDArray
    biases: npt.NDArray
    as_learned: npt.NDArray
    learned: bool
    scores: tuple[float, float] | None = None


class NetworkLook(QObject):
    """Sends the probe through the design: with the weights of the last run, if it is its network.

    Signals:
        seen(Seen): there is something to show; once more when it has been scored.
        failed(Exception): the data cannot be read.
    """

    seen = Signal(object)
    failed = Signal(object)

    def __init__(self, training: Training, parent: QObject) -> None:
        super().__init__(parent)
        self._training = training
        self._work = Background("network maps", self)
        self._scored: tuple[object, float] | None = None  # a network as it was learned
        self._work.reported.connect(self.seen)
        self._work.done.connect(self.seen)
        self._work.failed.connect(self.failed)

    def submit(self, frame: NetworkFrame, picture: Image) -> None:
        """Look at a sound design; the first time this imports torch."""
        training, experiment = self._training, self._training.model.settings
        known, left, probe = training.known_for(experiment), training.left, training.probe

        def look(job: Job) -> Seen:
            load_learning()
            dataset = None
            if frame.design.images == AS_DATA:
                dataset = prepare(experiment, known).dataset
            job.check()
            import torch

            from visualizer.learning import snapshot, surgery
            from visualizer.learning.modules import build

            shown = _probe(frame, dataset, probe, picture)
            network, words = None, f"untrained, seed {experiment.seed}"
            if left is not None and _is_of(left.network, frame):
                network, words = left.network, f"trained, step {left.step:,}"
            is_learned = network is not None
            if network is None:
                mean, std = (None, None) if dataset is None else (dataset.mean, dataset.std)
                spec = frame.design.spec
                network = build(spec, frame.shape, frame.classes, mean, std, experiment.seed)
            by_hand = tuple(frame.design.by_hand.values())
            operated = surgery.operated(network, by_hand) if by_hand else network
            taken = snapshot.take(operated, 0, torch.from_numpy(shown.pixels), None)
            seen = Seen(
                frame,
                {INPUT: shown.pixels, **taken.activations},
                f"{shown.caption} · {words}",
                *_numbers(surgery.first_filters(operated)),
                _numbers(surgery.first_filters(network))[0],
                is_learned,
            )
            if dataset is None or not is_learned or not by_hand:
                return seen
            job.report(seen)
            images, labels = dataset.validation.images, dataset.validation.labels
            if self._scored is None or self._scored[0] is not network:
                self._scored = network, surgery.accuracy(network, images, labels)
            job.check()
            after = surgery.accuracy(operated, images, labels)
            return replace(seen, scores=(self._scored[1], after))

        self._work.submit(look)

    def cancel(self) -> None:
        """Want nothing any more."""
        self._work.cancel()

    def close(self) -> None:
        """End the thread."""
        self._work.close()


def _probe(
    frame: NetworkFrame, dataset: "DataSet | None", probe: Probe | None, picture: Image
) -> Probe:
    """Return the probe of the Train page where it fits, else an image that does."""
    if probe is not None and probe.pixels.shape == frame.shape:
        return probe
    if dataset is not None:
        return from_validation(dataset, 0)
    channels, height, width = frame.shape
    size = SimpleNamespace(channels=channels, height=height, width=width)
    return from_picture(picture, size)  # type: ignore[arg-type]


def _is_of(network: "Network", frame: NetworkFrame) -> bool:
    """Whether a trained network is the one on show, whatever it is called and what is frozen."""
    return bare(network.spec) == bare(frame.design.spec) and network.shape == frame.shape


def _numbers(layer: "Filters | None") -> tuple[npt.NDArray, npt.NDArray]:
    """Return copies of the weights and the biases of a convolution; empty without one."""
    if layer is None or layer.bias is None:
        return np.zeros((0, 1, 1, 1), np.float32), np.zeros(0, np.float32)
    weight, bias = (x.detach().cpu().numpy().copy() for x in (layer.weight, layer.bias))
    return weight, bias
