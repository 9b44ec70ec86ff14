"""What the learning tests share: one thread of arithmetic, and small data learned in no time."""

from collections.abc import Iterator

import pytest
import torch

from visualizer.learning.datasets import DataSet, Part
from visualizer.learning.layers import (
    CLASSES,
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    Pool,
)
from visualizer.learning.networks import NetworkSpec


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Compute on one thread: several test processes that each use all cores only wait."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def bars() -> DataSet:
    """Noisy 12×12 images of a bar in one of three directions: 240, 60 and 60 of them."""
    generator = torch.Generator().manual_seed(0)

    def part(count: int) -> Part:
        labels = torch.arange(count) % 3
        images = torch.randint(0, 60, (count, 1, 12, 12), generator=generator)
        place = torch.randint(2, 10, (count,), generator=generator)
        for image, label, at in zip(images[:, 0], labels, place, strict=True):
            if label == 0:
                image[at] += 180
            elif label == 1:
                image[:, at] += 180
            else:
                image.diagonal(int(at) - 5).add_(180)
        return Part(images.to(torch.uint8), labels)

    names = ("level", "upright", "slanting")
    return DataSet("bars", "Bars", names, part(240), part(60), part(60))


@pytest.fixture
def small() -> NetworkSpec:
    """A network of 525 parameters with everything in it that draws or remembers."""
    layers = (Convolution(6, 3), Pool(), BatchNorm(), Activation(), Flatten())
    return NetworkSpec("Small", (*layers, Dropout(0.2), Dense(CLASSES)))
