"""What there is to know about a data set before learning from it, ready to be shown."""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from visualizer.learning.datasets import DataSet

WHY_NOT_AUGMENTED = (
    "Validation and test images are never augmented: they stand for what the network will meet, "
    "and only the same images every time make two epochs comparable."
)


@dataclass(frozen=True)
class Card:
    """The numbers and sentences of the data card.

    Attributes:
        title: of the data set.
        image: size and colour of an image, such as "28 × 28, grey".
        class_names: in the order of the counts.
        train, validation, test: images of each class.
        mean, std: of each channel over the training images, on the 0–1 scale.
        sentences: how it was divided, why validation is not augmented, and what else to know.
    """

    title: str
    image: str
    class_names: tuple[str, ...]
    train: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    sentences: tuple[str, ...]


def card(dataset: DataSet) -> Card:
    """Return the data card of `dataset`."""
    train, validation, test = (
        tuple(part.labels.bincount(minlength=dataset.classes).tolist())
        for part in (dataset.train, dataset.validation, dataset.test)
    )
    numbers = (
        f"{sum(train):,} images to learn from, {sum(validation):,} to validate with on the way, "
        f"{sum(test):,} to test with at the end."
    )
    return Card(
        title=dataset.title,
        image=f"{dataset.height} × {dataset.width}, {'grey' if dataset.channels == 1 else 'RGB'}",
        class_names=dataset.class_names,
        train=train,
        validation=validation,
        test=test,
        mean=tuple(dataset.mean.tolist()),
        std=tuple(dataset.std.tolist()),
        sentences=tuple(filter(None, (numbers, dataset.split, WHY_NOT_AUGMENTED, *dataset.notes))),
    )


def samples(dataset: DataSet, count: int, seed: int = 0) -> Tensor:
    """Choose up to `count` training images of each class to look at.

    Returns their indices, int64 (classes, count), −1 where a class has no more.
    """
    generator = Generator().manual_seed(seed)
    chosen = torch.full((dataset.classes, count), -1)
    for label in range(dataset.classes):
        members = (dataset.train.labels == label).nonzero().flatten()
        some = members[torch.randperm(len(members), generator=generator)[:count]]
        chosen[label, : len(some)] = some
    return chosen
