"""What a network says about every image of the validation part, and what follows from it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from visualizer.learning.evaluation import Score, as_evaluated, as_input
from visualizer.learning.modules import Network

Indices = npt.NDArray[np.int64]
Question = Literal["sure", "unsure", "wrong", "loss"]

_AT_ONCE = 250
_TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Verdicts:
    """The answers for N images in C classes.

    Attributes:
        probabilities: (N, C), each row sums up to 1.
        labels: (N,), the true classes.
        kept: (N,), False for images that do not count.
    """

    probabilities: npt.NDArray[np.float32]
    labels: Indices
    kept: npt.NDArray[np.bool_]

    @cached_property
    def answers(self) -> Indices:
        """The most probable class of each image."""
        return np.asarray(self.probabilities.argmax(1), np.int64)

    @cached_property
    def confidence(self) -> npt.NDArray[np.float32]:
        """The probability of that class."""
        return np.asarray(self.probabilities.max(1), np.float32)

    @cached_property
    def losses(self) -> npt.NDArray[np.float64]:
        """The cross-entropy of each image."""
        own = self.probabilities[np.arange(len(self.labels)), self.labels]
        return np.asarray(-np.log(np.maximum(own.astype(np.float64), _TINY)))

    @cached_property
    def score(self) -> Score:
        """Loss and confusion counts of the images that count."""
        classes = self.probabilities.shape[1]
        pairs = (self.labels * classes + self.answers)[self.kept]
        counts = np.bincount(pairs, minlength=classes * classes).astype(np.int64)
        loss = float(self.losses[self.kept].mean()) if self.kept.any() else 0.0
        return Score(loss, counts.reshape(classes, classes))

    def cell(self, truth: int, answer: int) -> Indices:
        """Return the images of a cell of the confusion matrix, the surest first."""
        return self._sorted((self.labels == truth) & (self.answers == answer), -self.confidence)

    def asked(self, question: Question, label: int | None) -> Indices:
        """Return the images, of the class `label` or of all, that answer a question.

        "sure": right, the surest first; "unsure": the least sure first; "wrong": wrong, the surest
        first; "loss": the largest loss first.
        """
        chosen = self.kept.copy() if label is None else self.labels == label
        right = self.labels == self.answers
        if question in ("unsure", "loss"):
            return self._sorted(chosen, self.confidence if question == "unsure" else -self.losses)
        return self._sorted(chosen & (right if question == "sure" else ~right), -self.confidence)

    def by_loss(self) -> Indices:
        """Return the images, the one with the largest loss first."""
        return self.asked("loss", None)

    def calibration(self, bins: int = 10) -> tuple[npt.NDArray, npt.NDArray, Indices]:
        """Return how sure, how often right, and how many images there are, in each bin.

        The bins divide 0 to 1 evenly; one without images has NaN for both shares.
        """
        sure, right = self.confidence[self.kept], (self.labels == self.answers)[self.kept]
        place = np.minimum((sure * bins).astype(int), bins - 1)
        counts = np.bincount(place, minlength=bins)
        shares = [
            np.divide(np.bincount(place, weights, bins), counts, out=np.full(bins, np.nan),
                      where=counts > 0)
            for weights in (sure, right)
        ]  # fmt: skip
        return shares[0], shares[1], np.asarray(counts, np.int64)

    def corrected(self, labels: Indices, kept: npt.NDArray[np.bool_]) -> "Verdicts":
        """Return the same answers judged by other labels."""
        return replace(self, labels=labels, kept=kept)

    def _sorted(self, chosen: npt.NDArray[np.bool_], by: npt.NDArray) -> Indices:
        found = np.flatnonzero(chosen & self.kept)
        return found[np.argsort(by[found], kind="stable")]


def judge(network: Network, images: Tensor, labels: Tensor) -> Iterator[float | Verdicts]:
    """Ask about uint8 `images` (N, C, H, W); yield the share done, and the verdicts at the end."""
    device = next(network.parameters()).device
    parts = []
    for some in images.split(_AT_ONCE):
        with as_evaluated(network):
            logits = network(as_input(some.to(device))).double()
        parts.append(logits.softmax(1).cpu().numpy().astype(np.float32))
        yield min(1.0, len(parts) * _AT_ONCE / max(1, len(images)))
    yield Verdicts(np.concatenate(parts), labels.numpy().copy(), np.ones(len(labels), np.bool_))


def thumbnails(images: Tensor, indices: Indices) -> npt.NDArray[np.uint8]:
    """Return images as they are painted, uint8 (n, H, W, 3)."""
    some = images[torch.from_numpy(np.asarray(indices, np.int64))].numpy().transpose(0, 2, 3, 1)
    return np.ascontiguousarray(np.repeat(some, 3, 3) if some.shape[3] == 1 else some)
