import numpy as np
import pytest

from visualizer.core.convolution import cell, convolve
from visualizer.core.examples import EXAMPLES

BY_KEY = {example.key: example for example in EXAMPLES}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_the_result_is_the_printed_one_here_and_in_torch(example, torch_map):
    options = {"bias": example.bias, "across": example.across}
    result = convolve(example.pixels, example.kernel, example.geometry, **options)
    np.testing.assert_array_equal(result[:, :, 0], example.expected)
    reference = torch_map(example.pixels, example.kernel.weights, example.geometry, **options)
    np.testing.assert_array_equal(reference[:, :, 0], example.expected)
    for mark in example.landmarks:
        found = cell(
            example.pixels, example.kernel, example.geometry, mark.row, mark.column, **options
        )
        assert found.output == mark.value == example.expected[mark.row, mark.column]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_examples_are_complete(example):
    assert example.title and example.caption.endswith(".") and example.landmarks
    assert all(mark.about.endswith(".") for mark in example.landmarks)
    assert max(example.pixels.shape[:2]) <= 32
    assert example.pixels.shape[2] in (1, 3)
    assert not example.pixels.flags.writeable


def test_first_steps():
    example = BY_KEY["first-steps"]
    assert example.pixels[:, :, 0].tolist() == [
        [81, 2, 209, 44, 71, 58],
        [24, 56, 108, 98, 12, 112],
        [91, 0, 189, 65, 79, 232],
        [12, 0, 0, 5, 1, 71],
        [2, 32, 23, 58, 8, 208],
        [4, 23, 2, 1, 3, 9],
    ]
    assert example.kernel.weights.tolist() == [[[0, 1, 1], [1, 0, 0], [1, 0, 1]]]
    assert example.expected.shape == (4, 4)
    assert example.expected[0, :2].tolist() == [515, 374]


def test_binary():
    example = BY_KEY["binary"]
    assert example.expected.tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    assert set(np.unique(example.pixels)) == {0, 1}


def test_the_curve_detector_finds_its_curve_and_nothing_else():
    example = BY_KEY["curve"]
    assert example.kernel.weights.shape == (1, 7, 7)
    assert example.expected.max() == 6600
    assert (example.expected == 6600).sum() == 1
    match, mismatch = example.landmarks
    assert (match.value, mismatch.value) == (6600, 0)
    patch = example.pixels[mismatch.row : mismatch.row + 7, mismatch.column :][:, :7]
    assert (patch == 50).sum() >= 5  # there is something to see, and it is missed


def test_three_planes_make_one_number():
    example = BY_KEY["rgb"]
    found = cell(
        example.pixels, example.kernel, example.geometry, 0, 0, bias=example.bias, across=True
    )
    assert found.plane_sums.tolist() == [308, -498, 164]
    assert (found.total, found.bias, found.output) == (-26, 1, -25)


def test_stride_and_padding():
    example = BY_KEY["stride"]
    assert (example.stride, example.padding) == (2, 1)
    assert example.expected.tolist() == [[1, 5, 6], [7, 8, 3], [3, 10, 4]]
