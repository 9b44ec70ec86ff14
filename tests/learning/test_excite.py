"""What excites a filter."""

import numpy as np
import pytest
import torch

from visualizer.learning import excite
from visualizer.learning.evaluation import as_input
from visualizer.learning.examined import examine, read
from visualizer.learning.sources import open_data


@pytest.fixture(scope="module")
def examined(trained):
    return examine(read(trained[0].folder), "Run 1", open_data(["digits"], 0), "")


def test_the_nine_are_those_with_the_largest_numbers(examined) -> None:
    images = examined.dataset.validation.images
    *_, found = excite.most_excited(examined.network, images, "relu2", 5)
    maps = dict(examined.network.activations(as_input(images)))["relu2"][:, 5]
    peaks = maps.flatten(1).amax(1)
    expected = peaks.sort(descending=True).values[:9].tolist()
    assert [e.value for e in found] == pytest.approx(expected, rel=1e-5)
    assert len({e.index for e in found}) == 9


def test_the_patch_is_all_that_the_number_sees(examined) -> None:
    images = examined.dataset.validation.images
    *_, found = excite.most_excited(examined.network, images, "pool1", 3)
    best = found[0]
    top, left, height, width = best.box
    assert height == width == 6  # a 5×5 kernel under a 2×2 window
    outside = torch.randint(0, 256, images[best.index].shape).to(torch.uint8)
    window = (slice(None), slice(top, top + height), slice(left, left + width))
    outside[window] = images[best.index][window]
    maps = dict(examined.network.activations(as_input(outside[None])))["pool1"][0, 3]
    assert float(maps.max()) >= best.value - 1e-4
    assert float(maps[top // 2, left // 2]) == pytest.approx(best.value, abs=1e-4)


def test_gradient_ascent_excites_the_filter_ever_more(examined) -> None:
    def score(image: torch.Tensor) -> float:
        maps = dict(examined.network.activations(image[None]))["pool2"]
        return float(maps[0, 7, 2, 2])  # in the middle of 4 × 4

    made = list(excite.dream(examined.network, "pool2", 7))
    scores = [score(image) for image in made]
    assert scores[-1] > scores[0] and scores[-1] > score(torch.full((1, 28, 28), 0.5))
    assert made[-1].min() >= 0 and made[-1].max() <= 1
    assert np.isfinite(scores).all()
    assert excite.channels_of(examined.network, "pool2") == 32
