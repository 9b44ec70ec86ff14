"""Data to learn from: every source ends as uint8 tensors in memory, in three parts."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Generator, Tensor
from torch.nn import functional


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
        notes: what is worth knowing, one sentence each (how it was split, what was skipped).
    """

    name: str
    title: str
    class_names: tuple[str, ...]
    train: Part
    validation: Part
    test: Part
    notes: tuple[str, ...] = ()

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


def digits(seed: int = 0) -> DataSet:
    """Return the 1,797 handwritten digits that come with scikit-learn, 28×28 grey.

    The originals are 8×8 with 17 levels (E. Alpaydin, C. Kaynak, UCI Machine Learning Repository,
    1998). Of each class 70 % are for training and 15 % each for validation and test.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    small = torch.from_numpy(bunch.images).float()[:, None] / 16  # (N, 1, 8, 8)
    large = functional.interpolate(small, (24, 24), mode="bicubic").clamp(0, 1)
    images = functional.pad(large * 255, (2, 2, 2, 2)).round().to(torch.uint8)
    labels = torch.from_numpy(bunch.target).long()
    train, validation, test = split(labels, (0.7, 0.15, 0.15), seed)
    return DataSet(
        name="digits",
        title="Digits",
        class_names=tuple("0123456789"),
        train=Part(images[train], labels[train]),
        validation=Part(images[validation], labels[validation]),
        test=Part(images[test], labels[test]),
        notes=("Of each class 70 % train, 15 % validate and 15 % test.",),
    )


def split(labels: Tensor, shares: tuple[float, ...], seed: int) -> list[Tensor]:
    """Return shuffled indices for each share, every class in the same proportions."""
    generator = Generator().manual_seed(seed)
    parts: list[list[Tensor]] = [[] for _ in shares]
    for label in labels.unique():
        members = (labels == label).nonzero().flatten()
        members = members[torch.randperm(len(members), generator=generator)]
        start, total = 0, 0.0
        for part, share in zip(parts, shares, strict=True):
            total += share
            end = round(total * len(members))
            part.append(members[start:end])
            start = end
    joined = [torch.cat(part) for part in parts]
    return [part[torch.randperm(len(part), generator=generator)] for part in joined]
