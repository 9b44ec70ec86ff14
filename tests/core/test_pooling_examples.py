import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from visualizer.core.pooled_cell import pooled_cell
from visualizer.core.pooling import pool
from visualizer.core.pooling_examples import POOLING_EXAMPLES

BY_KEY = {example.key: example for example in POOLING_EXAMPLES}
TORCH = {
    "max": F.max_pool2d,
    "average": F.avg_pool2d,
    "L2": lambda x, size, stride: F.lp_pool2d(x, 2, size, stride),
}


@pytest.mark.parametrize("example", POOLING_EXAMPLES, ids=lambda example: example.key)
def test_the_result_is_the_printed_one_here_and_in_torch(example):
    pixels = example.pixels[:, :, np.newaxis]
    result = pool(pixels, example.kind, example.geometry, seed=example.seed)[:, :, 0]
    np.testing.assert_allclose(result, example.expected, rtol=1e-6)
    if example.kind in TORCH:
        window = example.window
        x = torch.tensor(example.pixels)[None, None]
        there = TORCH[example.kind](x, (window.height, window.width), stride=window.stride)
        np.testing.assert_allclose(there[0, 0].numpy(), example.expected, rtol=1e-6)
    for mark in example.landmarks:
        cell = pooled_cell(
            pixels, example.kind, example.geometry, mark.row, mark.column, seed=example.seed
        )
        assert cell.output == pytest.approx(mark.value)
        assert mark.value == example.expected[mark.row, mark.column]


@pytest.mark.parametrize("example", POOLING_EXAMPLES, ids=lambda example: example.key)
def test_examples_are_complete(example):
    assert example.title and example.caption.endswith(".") and example.landmarks
    assert all(mark.about.endswith(".") for mark in example.landmarks)
    assert max(example.pixels.shape) <= 32
    assert not example.expected.flags.writeable


def test_the_five_by_five_average_and_its_maxima():
    average, maximum = BY_KEY["average"], BY_KEY["maximum"]
    assert average.pixels.tolist() == maximum.pixels.tolist() == [
        [3, 3, 2, 1, 0],
        [0, 0, 1, 3, 1],
        [3, 1, 2, 2, 3],
        [2, 0, 0, 2, 2],
        [2, 0, 0, 0, 1],
    ]  # fmt: skip
    assert average.expected.round(1).tolist() == [[1.7, 1.7, 1.7], [1.0, 1.2, 1.8], [1.1, 0.8, 1.3]]
    assert maximum.expected.tolist() == [[3, 3, 3], [3, 3, 3], [3, 2, 3]]


def test_four_by_four():
    plain = BY_KEY["plain"]
    assert plain.pixels.shape == (4, 4) and plain.expected.shape == (2, 2)
    assert (plain.window.height, plain.window.width, plain.window.stride) == (2, 2, 2)


def test_the_probabilities_of_the_stochastic_example():
    example = BY_KEY["stochastic"]
    cell = pooled_cell(example.pixels[:, :, np.newaxis], "weighted", example.geometry, 0, 0)
    assert sorted(cell.probabilities.ravel())[-3:] == pytest.approx([0.1, 0.2, 0.7])
    assert cell.output == pytest.approx(5.4)
