"""Everything needed to go on with a run exactly where it stands."""

import hashlib
from dataclasses import dataclass

from torch import Tensor

from visualizer.learning.datasets import DataSet
from visualizer.learning.layers import Shape
from visualizer.learning.log import Log
from visualizer.learning.networks import NetworkSpec
from visualizer.learning.pipeline import Pipeline
from visualizer.learning.settings import TrainingSettings


@dataclass(frozen=True)
class Position:
    """Where a run stands.

    All that is random is drawn from the seed together with these numbers, never from a generator
    that runs on, so they alone say how the run continues.

    Attributes:
        step: updates done.
        epoch: whole epochs done.
        offset: images of the present epoch done.
        seconds: spent computing.
        images: learned from in all.
    """

    step: int = 0
    epoch: int = 0
    offset: int = 0
    seconds: float = 0.0
    images: int = 0


@dataclass(frozen=True, eq=False)
class RunState:
    """A run as it stands between two steps.

    Attributes:
        spec, shape, class_names: the network and what it is for; `shape` is (C, H, W).
        settings: in force now, live changes included.
        augmentation: in force now, or None; one that is a bare function cannot be kept.
        data: the fingerprint of the data set.
        position: where the run stands.
        weights: the network's parameters and buffers by name.
        moments: the optimizer's, named "parameter index.moment name".
        log: the numbers so far.
    """

    spec: NetworkSpec
    shape: Shape
    class_names: tuple[str, ...]
    settings: TrainingSettings
    augmentation: Pipeline | None
    data: str
    position: Position
    weights: dict[str, Tensor]
    moments: dict[str, Tensor]
    log: Log


def fingerprint(dataset: DataSet) -> str:
    """Return a short text that differs for different training images or labels.

    Looks at all labels and at about a thousand images spread evenly.
    """
    part = dataset.train
    spread = part.images[:: max(1, len(part) // 1000)].contiguous().cpu()
    digest = hashlib.sha256(repr((dataset.class_names, tuple(part.images.shape))).encode())
    digest.update(part.labels.contiguous().cpu().numpy().tobytes())
    digest.update(spread.numpy().tobytes())
    return digest.hexdigest()[:16]
