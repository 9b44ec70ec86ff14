"""What the network on the Network page makes of the probe image, worked out off the GUI thread."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from visualizer.core.image import Image
from visualizer.learning.wiring import INPUT
from visualizer.state.network_design import AS_DATA
from visualizer.state.network_frame import NetworkFrame
from visualizer.state.training_probe import Probe, from_picture, from_validation
from visualizer.state.training_work import load_learning, prepare
from visualizer.ui.background import Background, Job
from visualizer.ui.training import Training

if TYPE_CHECKING:
    from visualizer.learning.datasets import DataSet


@dataclass(frozen=True, eq=False)
class Seen:
    """What every layer gives.

    Attributes:
        frame: the network.
        maps: (C, H, W) or (units,) by name; under INPUT the image itself, uint8.
        caption: whose weights these are, and which image.
    """

    frame: NetworkFrame
    maps: dict[str, npt.NDArray]
    caption: str


class NetworkLook(QObject):
    """Sends the probe through the design: with the weights of the last run, if it is its network.

    Signals:
        seen(Seen): there is something to show.
        failed(Exception): the data cannot be read.
    """

    seen = Signal(object)
    failed = Signal(object)

    def __init__(self, training: Training, parent: QObject) -> None:
        super().__init__(parent)
        self._training = training
        self._work = Background("network maps", self)
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

            from visualizer.learning import snapshot
            from visualizer.learning.modules import build

            shown = _probe(frame, dataset, probe, picture)
            network, words = None, f"untrained, seed {experiment.seed}"
            if left is not None and _is_of(left.network, frame):
                network, words = left.network, f"trained, step {left.step:,}"
            if network is None:
                mean, std = (None, None) if dataset is None else (dataset.mean, dataset.std)
                spec = frame.design.spec
                network = build(spec, frame.shape, frame.classes, mean, std, experiment.seed)
            taken = snapshot.take(network, 0, torch.from_numpy(shown.pixels), None)
            return Seen(frame, {INPUT: shown.pixels, **taken.activations},
                        f"{shown.caption} · {words}")  # fmt: skip

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


def _is_of(network: object, frame: NetworkFrame) -> bool:
    """Whether a trained network is the one on show, whatever it is called."""
    spec, shape = getattr(network, "spec", None), getattr(network, "shape", None)
    return spec is not None and spec.layers == frame.design.spec.layers and shape == frame.shape
