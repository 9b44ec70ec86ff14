"""What the learning tests share: small data learned in no time, and random networks that fit."""

from dataclasses import dataclass

import pytest
import torch
from hypothesis import strategies as st

from visualizer.learning.datasets import DataSet, Part
from visualizer.learning.layers import (
    ACTIVATIONS,
    CLASSES,
    POOLINGS,
    Activation,
    BadNetwork,
    BatchNorm,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAverage,
    Layer,
    Pool,
    Resize,
    Shape,
    Skip,
)
from visualizer.learning.networks import NetworkSpec, rows_of, table


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


@dataclass(frozen=True)
class Case:
    spec: NetworkSpec
    shape: Shape
    classes: int


def fits(layers: list[Layer], shape: Shape, classes: int) -> Shape | None:
    """Return the shape behind the layers, or None where they do not fit."""
    try:
        return tuple(rows_of(NetworkSpec("part", tuple(layers)), shape, classes))[-1].output
    except BadNetwork:
        return None


@st.composite
def plain_layers(draw):
    kind = draw(st.sampled_from(["conv"] * 4 + ["pool", "norm", "act", "drop", "resize"]))
    small = st.integers(1, 4)
    if kind == "conv":
        same = draw(st.booleans())
        kernel = draw(st.one_of(small, st.tuples(small, small)))
        return Convolution(
            channels=draw(st.sampled_from([1, 2, 4, 6])),
            kernel=kernel,
            stride=1 if same else draw(st.integers(1, 3)),
            padding="same" if same else draw(st.integers(0, 3)),
            dilation=draw(st.integers(1, 3)),
            groups=draw(st.sampled_from([1, 1, 2])),
        )
    if kind == "pool":
        window = draw(small)
        padding = draw(st.integers(0, window // 2))
        return Pool(window, draw(st.integers(1, 3)), draw(st.sampled_from(POOLINGS)), padding)
    if kind == "resize":
        return Resize(draw(st.integers(3, 14)), draw(st.integers(3, 14)))
    if kind == "drop":
        return Dropout(0.3)
    return BatchNorm() if kind == "norm" else Activation(draw(st.sampled_from(ACTIVATIONS)))


@st.composite
def skips(draw, shape: Shape, classes: int):
    """A skip connection that fits maps of `shape`, or None where none was found."""
    block: list[Layer] = []
    for layer in draw(st.lists(plain_layers(), min_size=1, max_size=3)):
        if fits([*block, layer], shape, classes):
            block.append(layer)
    for shortcut in ((), (Convolution(_channels(block, shape), 1),)):
        if block and fits([Skip(tuple(block), shortcut)], shape, classes):
            return Skip(tuple(block), shortcut)
    return None


def _channels(block: list[Layer], shape: Shape) -> int:
    counts = [layer.channels for layer in block if isinstance(layer, Convolution)]
    return counts[-1] if counts else shape[0]


@st.composite
def cases(draw):
    """A network of every kind of layer that fits its images and its classes."""
    shape = (draw(st.integers(1, 3)), draw(st.integers(5, 13)), draw(st.integers(5, 13)))
    classes = draw(st.integers(2, 4))
    layers: list[Layer] = []
    for _ in range(draw(st.integers(1, 5))):
        here = fits(layers, shape, classes) if layers else shape
        want_skip = draw(st.integers(0, 3)) == 0
        layer = draw(skips(here, classes)) if want_skip else draw(plain_layers())
        if layer is not None and fits([*layers, layer], shape, classes):
            layers.append(layer)
    middle = [Dense(5), Activation("tanh")] if draw(st.booleans()) else []
    layers += [draw(st.sampled_from([Flatten(), GlobalAverage()])), *middle, Dense(CLASSES)]
    case = Case(NetworkSpec("random", tuple(layers)), shape, classes)
    table(case.spec, case.shape, case.classes)
    return case


@pytest.fixture(scope="session")
def any_network() -> st.SearchStrategy[Case]:
    """Draw from it: `case = data.draw(any_network)`."""
    return cases()
