"""Data to learn from: every source ends as uint8 tensors in memory, in three parts."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor


class BadData(Exception):
    """Data that cannot be used; `reason` is one sentence saying why and what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, eq=False)
class Part:
    """Images with their labels: the training, the validation or the test part.

    Attributes:
        images: uint8 (N, C, H, W), C being 1 or 3.
        labels: int64 (N,), indices into the class names.
    """

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class DataSet:
    """A whole data set.

    Attributes:
        name: the short name of the source ("digits", "mnist").
        title: what to call it on screen.
        class_names: one for each label.
        train, validation, test: the three parts, all of the same image size.
        split: how the images were divided, one sentence.
        notes: what else is worth knowing, one sentence each (what was skipped, who made it).
        may_mirror: whether a mirrored image still shows its class; a mirrored digit does not.
        raw: the data as they were read, when these are corrected ones.
    """

    name: str
    title: str
    class_names: tuple[str, ...]
    train: Part
    validation: Part
    test: Part
    split: str = ""
    notes: tuple[str, ...] = ()
    may_mirror: bool = True
    raw: "DataSet | None" = None

    @property
    def channels(self) -> int:
        """1 for grey images, 3 for colour."""
        return self.train.images.shape[1]

    @property
    def height(self) -> int:
        """Rows of an image."""
        return self.train.images.shape[2]

    @property
    def width(self) -> int:
        """Columns of an image."""
        return self.train.images.shape[3]

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.class_names)

    @cached_property
    def mean(self) -> Tensor:
        """Mean of each channel over the training images, float32 (C,), on the 0–1 scale."""
        return self._moments[0]

    @cached_property
    def std(self) -> Tensor:
        """Standard deviation of each channel over the training images, float32 (C,)."""
        return self._moments[1]

    @cached_property
    def _moments(self) -> tuple[Tensor, Tensor]:
        """Mean and deviation from a count of each grey level: exact, and no float copy."""
        levels = torch.arange(256, dtype=torch.float64) / 255
        means, deviations = [], []
        for channel in range(self.channels):
            plane = self.train.images[:, channel].flatten()
            share = torch.bincount(plane, minlength=256).double() / plane.numel()
            mean = (share * levels).sum()
            means.append(mean)
            deviations.append((share * (levels - mean) ** 2).sum().sqrt())
        return torch.stack(means).float(), torch.stack(deviations).float()
