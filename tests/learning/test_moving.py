"""Inputs that are moved, and inputs that are made to fool."""

import numpy as np
import pytest
import torch

from visualizer.learning import fooling, moving
from visualizer.learning.examined import examine, read
from visualizer.learning.explain import input_of


@pytest.fixture(scope="module")
def examined(trained):
    from visualizer.learning.sources import open_data

    run, _ = trained
    return examine(read(run.folder), "Run 1", open_data(["digits"], 0), "")


def test_the_middle_of_the_sweep_is_the_answer_and_its_cells_are_shifts(examined) -> None:
    network, pixels = examined.network, examined.dataset.validation.images[5].numpy()
    target = int(examined.dataset.validation.labels[5])
    *_, swept = moving.sweep(network, pixels, target)
    middle = swept.reach
    plain = network(input_of(network, pixels)).softmax(1)[0, target]
    assert swept.shifts[middle, middle] == pytest.approx(float(plain), abs=1e-5)
    assert swept.zooms[moving.ZOOMS.index(1.0)] == pytest.approx(float(plain), abs=1e-4)
    assert swept.angles[moving.ANGLES.index(0.0)] == pytest.approx(float(plain), abs=1e-4)
    down_two_left_three = np.zeros_like(pixels)
    down_two_left_three[:, 2:, :-3] = pixels[:, :-2, 3:]
    moved = network(input_of(network, down_two_left_three)).softmax(1)[0, target]
    assert swept.shifts[middle + 2, middle - 3] == pytest.approx(float(moved), abs=1e-5)
    assert 0 < swept.robust < 1
    assert swept.shifts[middle, middle] > swept.shifts[0, 0]


def test_the_sweep_comes_bit_by_bit(examined) -> None:
    pixels = examined.dataset.validation.images[0].numpy()
    known = [int(np.isfinite(s.shifts).sum()) for s in moving.sweep(examined.network, pixels, 0)]
    assert known == sorted(known) and known[0] < known[-1] == 17 * 17


def test_noise_makes_the_true_class_ever_less_probable_in_the_mean(examined) -> None:
    part = examined.dataset.validation
    means = []
    for epsilon in (0.0, 0.02, 0.05, 0.1, 0.15, 0.2):
        own = [
            fooling.with_noise(examined.network, image.numpy(), int(label), epsilon)
            .probabilities[int(label)]
            for image, label in zip(part.images[:40], part.labels[:40], strict=True)
        ]  # fmt: skip
        means.append(float(np.mean(own)))
    assert (np.diff(means) < 0).all() and means[-1] < 0.5 < means[0]


def test_noise_is_no_larger_than_epsilon_and_stays_a_picture(examined) -> None:
    pixels = examined.dataset.validation.images[3].numpy()
    fooled = fooling.with_noise(examined.network, pixels, 3, 0.1)
    assert np.abs(fooled.change).max() <= 0.1 + 1e-6
    assert fooled.pixels.min() >= 0 and fooled.pixels.max() <= 1
    np.testing.assert_allclose(fooled.pixels, pixels / 255 + fooled.change, atol=1e-6)
    assert fooled.probabilities.sum() == pytest.approx(1)


def test_tiles_go_where_they_are_put() -> None:
    image = torch.arange(36.0).reshape(1, 1, 6, 6)
    swapped = fooling.tiled(image, (3, 1, 2, 0))
    assert torch.equal(swapped[0, 0, :3, :3], image[0, 0, 3:, 3:])
    assert torch.equal(swapped[0, 0, 3:, 3:], image[0, 0, :3, :3])
    assert torch.equal(swapped[0, 0, :3, 3:], image[0, 0, :3, 3:])
    assert torch.equal(fooling.tiled(image, tuple(range(9))), image)
