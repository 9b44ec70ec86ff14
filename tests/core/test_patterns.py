"""Grids to start a matrix from."""

import numpy as np
import pytest

from visualizer.core.patterns import PATTERNS, edge, gradient, plus, random_digits


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.key)
@pytest.mark.parametrize("size", [(1, 1), (1, 5), (4, 6), (32, 32)])
def test_every_pattern_fills_every_size_with_whole_numbers(pattern, size):
    grid = pattern.fill(*size)
    assert grid.shape == size and grid.dtype == np.float64
    assert (grid == np.round(grid)).all() and grid.min() >= 0 and grid.max() <= 255


def test_gradient_runs_from_black_to_white():
    assert gradient(2, 4).tolist() == [[0, 85, 170, 255], [0, 85, 170, 255]]


def test_plus_is_symmetric_for_odd_and_even_sides():
    assert plus(3, 3).tolist() == [[0, 255, 0], [255, 255, 255], [0, 255, 0]]
    for size in ((4, 4), (5, 6)):
        grid = plus(*size)
        assert (grid == grid[::-1]).all() and (grid == grid[:, ::-1]).all()


def test_edge_is_dark_at_the_left():
    assert edge(1, 4).tolist() == [[0, 0, 255, 255]]


def test_random_digits_come_from_their_seed():
    first = random_digits(5, 5, seed=1)
    assert (first == random_digits(5, 5, seed=1)).all()
    assert (first != random_digits(5, 5, seed=2)).any()
    assert set(first.ravel()) <= set(range(10))
