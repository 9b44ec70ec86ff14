"""The MLP of equal size has that size, and dense layers instead have the weights one counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualizer.learning.comparison import dense_instead, equal_mlp
from visualizer.learning.layers import CLASSES, Convolution, Dense, Flatten
from visualizer.learning.modules import build
from visualizer.learning.networks import PRESETS, NetworkSpec, table


def total(spec, shape, classes) -> int:
    return sum(row.parameters for row in table(spec, shape, classes))


@pytest.mark.parametrize("key", PRESETS)
def test_the_mlp_is_as_large_as_the_network(key):
    shape, classes = (1, 28, 28), 10
    wanted = total(PRESETS[key], shape, classes)
    mlp = equal_mlp(wanted, shape, classes)
    made = sum(p.numel() for p in build(mlp, shape, classes).parameters())
    one_unit = 2 * (28 * 28 + 1) + 4 * mlp.layers[3].units + 3 + classes
    assert made == total(mlp, shape, classes)
    assert abs(made - wanted) <= one_unit / 2 + 1 or mlp.layers[3].units == 1


@given(st.integers(1, 10**7), st.integers(1, 3), st.integers(1, 64), st.integers(2, 100))
def test_no_other_width_comes_nearer(wanted, channels, side, classes):
    shape = (channels, side, side)
    half = equal_mlp(wanted, shape, classes).layers[3].units

    def size(h: int) -> int:
        return (channels * side * side + 1) * 2 * h + (2 * h + 1) * h + (h + 1) * classes

    gaps = [abs(size(h) - wanted) for h in (max(1, half - 1), half, half + 1)]
    assert gaps[1] == min(gaps)


def test_a_dense_layer_in_place_of_a_convolution():
    spec = NetworkSpec("x", (Convolution(4, 3), Flatten(), Dense(CLASSES)))
    rows = table(spec, (1, 6, 6), 2)
    assert dense_instead(spec, rows, (1, 6, 6)) == 64 * (36 + 1) + 2 * (64 + 1)
