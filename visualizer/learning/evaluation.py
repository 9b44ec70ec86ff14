"""How good a network is on images it has not learned from."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from visualizer.learning.modules import Network

_CHUNK = 500


@dataclass(frozen=True, eq=False)
class Score:
    """The outcome of an evaluation.

    Attributes:
        loss: mean cross-entropy.
        confusion: int64 (classes, classes), row: true class, column: answer.
    """

    loss: float
    confusion: npt.NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many images were tried."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """Share of right answers, 0 to 1."""
        return float(np.trace(self.confusion) / max(1, self.count))

    @property
    def recall(self) -> npt.NDArray[np.float64]:
        """Share of each class's images that were recognised; NaN for a class without any."""
        return _share(np.diagonal(self.confusion), self.confusion.sum(1))

    @property
    def precision(self) -> npt.NDArray[np.float64]:
        """Share of the answers of each class that were right; NaN for one never given."""
        return _share(np.diagonal(self.confusion), self.confusion.sum(0))


def evaluate(network: Network, images: Tensor, labels: Tensor) -> Score:
    """Try `network` on uint8 `images` (N, C, H, W) with int64 `labels` (N,), where it lies."""
    device = next(network.parameters()).device
    classes = network.classes
    confusion = torch.zeros(classes * classes, dtype=torch.int64, device=device)
    total = torch.zeros((), device=device)
    with as_evaluated(network):
        for some, truth in zip(images.split(_CHUNK), labels.split(_CHUNK), strict=True):
            truth = truth.to(device)
            logits = network(as_input(some.to(device)))
            total += functional.cross_entropy(logits, truth, reduction="sum")
            pairs = truth * classes + logits.argmax(1)
            confusion += torch.bincount(pairs, minlength=classes * classes)
    counts = confusion.view(classes, classes).cpu().numpy()
    return Score(total.item() / max(1, len(labels)), counts)


def some_of(images: Tensor, labels: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Return `count` images and labels, spread evenly, or all where there are no more."""
    few = torch.linspace(0, len(images) - 1, min(count, len(images))).long()
    return images[few], labels[few]


def dead_units(network: Network, images: Tensor) -> tuple[tuple[str, int, int], ...]:
    """Return (layer, silent, all) for each ReLU: units, or maps, that no image makes fire."""
    device = next(network.parameters()).device
    counts = []
    with as_evaluated(network):
        for name, x in network.activations(as_input(images.to(device))):
            if name.startswith("relu"):
                peak = x.flatten(2).amax((0, 2)) if x.ndim > 2 else x.amax(0)
                counts.append((name, int((peak <= 0).sum()), len(peak)))
    return tuple(counts)


def as_input(images: Tensor) -> Tensor:
    """Turn uint8 images (N, C, H, W) into float32 in 0–1, laid out channels last."""
    return images.to(torch.float32, memory_format=torch.channels_last).div_(255)


@contextmanager
def as_evaluated(network: Network) -> Iterator[None]:
    """Switch dropout and batch statistics off, and gradients too, for the time being."""
    was_training = network.training
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        network.train(was_training)


def _share(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    share = np.full(len(whole), np.nan)
    return np.divide(part, whole, out=share, where=whole > 0)
