"""Heat maps: what they are by definition, and whether they find what the network goes by."""

import numpy as np
import pytest
import torch

from visualizer.learning import explain
from visualizer.learning.datasets import DataSet, Part
from visualizer.learning.layers import (
    CLASSES,
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Flatten,
    GlobalAverage,
    Pool,
)
from visualizer.learning.modules import Network, build
from visualizer.learning.networks import MLP, QUICK, NetworkSpec
from visualizer.learning.settings import TrainingSettings
from visualizer.learning.shapes import shapes
from visualizer.learning.trainer import Trainer

SIDE = 8  # of the planted square
CHANCE = SIDE**2 / 32**2  # share of the heat inside it when there is no more there than elsewhere
FOUND = 2 * CHANCE  # or more in every single image


def block(channels: int, kernel: int = 3) -> tuple:
    return (Convolution(channels, kernel, padding=kernel // 2), BatchNorm(), Activation())


POOLED = NetworkSpec(
    "Pooled",
    (*block(16, 5), Pool(), *block(24), Pool(), *block(32), GlobalAverage(), Dense(CLASSES)),
)


def plant(images: torch.Tensor, seed: int) -> tuple[torch.Tensor, np.ndarray]:
    """Put a black or white square somewhere into each image; return it, and where it is."""
    random = np.random.default_rng(seed)
    planted, places = images.clone(), np.zeros((len(images), 32, 32), bool)
    for image, place in zip(planted, places, strict=True):
        top, left = random.integers(0, 32 - SIDE, 2)
        window = slice(top, top + SIDE), slice(left, left + SIDE)
        image[:, *window] = 0 if image.float().mean() > 127 else 255
        place[window] = True
    return planted, places


@pytest.fixture(scope="module")
def finder() -> Network:
    """A network that tells Shapes images with a planted square from those without."""
    made = shapes(1000)

    def part(images: torch.Tensor, seed: int) -> Part:
        half = len(images) // 2
        planted, _ = plant(images[:half], seed)
        labels = (torch.arange(len(images)) < half).long()
        return Part(torch.cat([planted, images[half:]]), labels)

    parts = [part(p.images, i) for i, p in enumerate((made.train, made.validation, made.test))]
    data = DataSet("planted", "Planted", ("without", "square"), *parts)
    trainer = Trainer(data, POOLED, TrainingSettings(epochs=8.0, batch_size=50, device="cpu"))
    for _ in trainer.run():
        pass
    return trainer.network.eval().requires_grad_(False)


@pytest.mark.parametrize("method", ["grad-cam", "occlusion"])
def test_the_planted_square_is_found_in_twenty_of_twenty(finder, method) -> None:
    images, places = plant(shapes(1000, seed=99).test.images[:20], seed=7)
    for image, place in zip(images, places, strict=True):
        heat = list(explain.explain(finder, image.numpy(), 1, method))[-1].values.clip(0)
        share = heat[place].sum() / heat.sum()
        assert share > FOUND


@pytest.fixture
def small() -> tuple[Network, torch.Tensor]:
    spec = NetworkSpec("CAM", (*block(5), GlobalAverage(), Dense(CLASSES)))
    network = build(spec, (2, 8, 8), 3, seed=3).eval().requires_grad_(False)
    return network, torch.rand(1, 2, 8, 8, generator=torch.Generator().manual_seed(0))


def test_grad_cam_is_the_class_activation_map_where_the_maps_are_averaged(small) -> None:
    network, image = small
    maps = dict(network.activations(image))["relu1"][0]
    weights = network.layers["dense1"].weight[1]
    expected = (weights[:, None, None] * maps).sum(0).clamp(min=0) / maps[0].numel()
    found = explain.grad_cam(network, image, 1, "relu1")
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-6)


def test_saliency_is_the_slope_of_the_score(small) -> None:
    network, image = small
    network, image = network.double(), image.double()
    found = explain.saliency(network, image, 2)
    for row, column in ((0, 0), (3, 5), (7, 2)):
        slopes = []
        for channel in range(2):
            ends = []
            for by in (-1e-5, 1e-5):
                moved = image.clone()
                moved[0, channel, row, column] += by
                ends.append(float(network(moved)[0, 2]))
            slopes.append(abs(ends[1] - ends[0]) / 2e-5)
        assert found[row, column] == pytest.approx(max(slopes), rel=1e-3, abs=1e-9)


def test_integrated_gradients_add_up_to_the_difference_from_black(small) -> None:
    network, image = small
    found = explain.integrated_gradients(network, image, 0, steps=200)
    both = network(torch.cat([torch.zeros_like(image), image]))[:, 0]
    assert found.sum() == pytest.approx(float(both[1] - both[0]), abs=1e-3)


def test_occlusion_is_how_far_the_probability_falls_and_comes_bit_by_bit(small) -> None:
    network, image = small
    heats = list(explain.occlusion(network, image, 1))
    assert [heat.done for heat in heats] == sorted(heat.done for heat in heats)
    assert heats[-1].done == 1 and heats[-1].values.shape == (8, 8)
    whole = float(network(image).softmax(1)[0, 1])
    side, drops = 2, []
    for top in range(1 - side, 8):
        for left in range(1 - side, 8):
            if top <= 3 < top + side and left <= 4 < left + side:  # the squares that cover (3, 4)
                covered = image.clone()
                window = slice(max(top, 0), top + side), slice(max(left, 0), left + side)
                covered[0][:, *window] = network.normalise.mean[0]
                drops.append(whole - float(network(covered).softmax(1)[0, 1]))
    assert heats[-1].values[3, 4] == pytest.approx(np.mean(drops), abs=1e-6)


def test_no_evidence_is_said_to_be_none() -> None:
    spec = NetworkSpec("Dull", (Convolution(2, 3), Activation(), Flatten(), Dense(CLASSES)))
    network = build(spec, (1, 6, 6), 2).eval().requires_grad_(False)
    network.layers["dense1"].weight[1].clamp_(max=0)  # nothing can speak for class 1
    pixels = np.full((1, 6, 6), 200, np.uint8)
    (heat,) = explain.explain(network, pixels, 1, "grad-cam")
    assert heat.is_nothing


def test_the_sensible_layer_is_the_last_with_maps() -> None:
    assert explain.sensible_layer(QUICK, (1, 28, 28), 10) == "relu2"
    assert explain.sensible_layer(POOLED, (3, 32, 32), 2) == "relu3"
    assert explain.sensible_layer(MLP, (1, 28, 28), 10) == ""
    network = build(MLP, (1, 28, 28), 10).eval().requires_grad_(False)
    (heat,) = explain.explain(network, np.zeros((1, 28, 28), np.uint8), 0, "grad-cam")
    assert heat.is_nothing and heat.layer == ""


def test_asking_leaves_the_network_as_it_was(small) -> None:
    network, image = small
    before = {name: x.clone() for name, x in network.state_dict().items()}
    pixels = (image[0] * 255).to(torch.uint8).numpy()
    for method in explain.METHODS:
        assert list(explain.explain(network, pixels, 0, method))
    assert all(torch.equal(x, before[name]) for name, x in network.state_dict().items())
    assert not network.training and all(p.grad is None for p in network.parameters())
