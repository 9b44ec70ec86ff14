"""How good a network is on images it has not learned from."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from visualizer.learning.checks import can_go_on_after
from visualizer.learning.modules import Network

_CHUNK = 500
_T = TypeVar("_T")


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
    done = 0
    with as_evaluated(network):
        for logits in _in_parts(images, device, network):
            truth = labels[done : done + len(logits)].to(device)
            done += len(logits)
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
    fires: dict[str, Tensor] = {}

    def look(x: Tensor) -> dict[str, Tensor]:
        return {
            name: (x.flatten(2).amax((0, 2)) if x.ndim > 2 else x.amax(0)) > 0
            for name, x in network.activations(x)
            if name.startswith("relu")
        }

    with as_evaluated(network):
        for some in _in_parts(images, next(network.parameters()).device, look):
            for name, fire in some.items():
                fires[name] = fires[name] | fire if name in fires else fire
    return tuple((name, int((~fire).sum()), len(fire)) for name, fire in fires.items())


def as_input(images: Tensor) -> Tensor:
    """Turn uint8 images (N, C, H, W) into float32 in 0–1, laid out channels last."""
    return images.to(torch.float32, memory_format=torch.channels_last).div_(255)


def _in_parts(
    images: Tensor, device: torch.device, compute: Callable[[Tensor], _T]
) -> Iterator[_T]:
    """Yield what `compute` makes of one part of `images` after the other.

    Parts that do not fit into the memory are halved, down to single images.
    """
    start, size = 0, _CHUNK
    while start < len(images):
        some = images[start : start + size]
        try:
            result = compute(as_input(some.to(device)))
        except (RuntimeError, MemoryError) as error:
            if not can_go_on_after(error) or len(some) == 1:
                raise
            size = len(some) // 2
            continue
        yield result
        start += len(some)


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
