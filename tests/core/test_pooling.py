"""Pooling against torch.nn.functional: whole maps, single cells, and gradients by autograd."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from visualizer.core.geometry import GeometryError
from visualizer.core.pool_gradient import gradient
from visualizer.core.pool_window import PoolWindow, whole_window
from visualizer.core.pooled_cell import pooled_cell
from visualizer.core.pooling import POOLINGS, activations, pool, share_drawn, winners

KINDS = ("max", "average", "L2", "weighted", "global")


@st.composite
def windows(draw):
    height, width = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    return PoolWindow(
        height,
        width,
        draw(st.integers(1, 8)),
        draw(st.integers(0, min(height, width) // 2)),
        draw(st.booleans()),
    )


@st.composite
def scenes(draw):
    """A picture, a window that fits it, and whether padding counts."""
    shape = (draw(st.integers(1, 14)), draw(st.integers(1, 14)), draw(st.sampled_from([1, 3])))
    window = draw(windows())
    dtype = draw(st.sampled_from(["uint8", "uint16", "float32"]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if dtype == "float32":
        pixels = rng.normal(size=shape).astype(np.float32)
        pixels[rng.random(shape) < draw(st.sampled_from([0.0, 0.3, 1.0]))] = 0  # ties, empty ones
    else:
        pixels = rng.integers(0, draw(st.sampled_from([3, 256])), shape).astype(dtype)
    try:
        geometry = window.geometry(*shape[:2])
    except GeometryError:
        assume(False)
    return pixels, window, geometry, draw(st.booleans())


def tensor(pixels):
    return torch.tensor(pixels.astype(np.float64)).permute(2, 0, 1)[None].requires_grad_()


def reference(x, kind, window, count_padding):
    """Return what torch makes of (1, C, H, W)."""
    size = (window.height, window.width)
    rest = {"stride": window.stride, "ceil_mode": window.ceil}
    if kind == "global":
        return F.adaptive_avg_pool2d(x, 1)
    if kind == "max":
        return F.max_pool2d(x, size, padding=window.padding, **rest)
    if kind == "average":
        return F.avg_pool2d(
            x, size, padding=window.padding, count_include_pad=count_padding, **rest
        )
    if kind == "L2" and window.padding == 0:
        return F.lp_pool2d(x, 2, size, **rest)
    if kind == "L2":  # lp_pool2d takes no padding: its own definition, with one
        mean = F.avg_pool2d(x.pow(2), size, padding=window.padding, **rest)
        return (torch.sign(mean) * F.relu(mean.abs())).mul(size[0] * size[1]).pow(0.5)
    a = F.relu(x)
    means = [F.avg_pool2d(y, size, padding=window.padding, **rest) for y in (a.pow(2), a)]
    return torch.where(means[1] == 0, 0.0, means[0] / torch.where(means[1] == 0, 1.0, means[1]))


def mapped(y):
    return y[0].permute(1, 2, 0).detach().numpy()


def laid(pixels, kind, geometry):
    return whole_window(*pixels.shape[:2]) if kind == "global" else geometry


@settings(max_examples=150, deadline=None)
@given(scenes(), st.sampled_from(KINDS))
def test_a_map_equals_that_of_torch(scene, kind):
    pixels, window, geometry, count_padding = scene
    here = pool(pixels, kind, laid(pixels, kind, geometry), count_padding=count_padding)
    there = mapped(reference(tensor(pixels), kind, window, count_padding))
    assert here.shape == there.shape and here.dtype == np.float32
    np.testing.assert_allclose(here, there, rtol=1e-6, atol=1e-6)
    if kind == "max":
        np.testing.assert_array_equal(here, there)


@settings(max_examples=100, deadline=None)
@given(scenes(), st.sampled_from(KINDS))
def test_the_gradient_is_that_of_autograd(scene, kind):
    pixels, window, geometry, count_padding = scene
    x = tensor(pixels)
    reference(x, kind, window, count_padding).sum().backward()
    there = mapped(x.grad)
    here = gradient(pixels, kind, laid(pixels, kind, geometry), count_padding=count_padding)
    there = np.nan_to_num(there) if kind == "L2" else there  # torch's own at 0 · ∞
    np.testing.assert_allclose(here, there, rtol=1e-6, atol=1e-6)


@settings(max_examples=100, deadline=None)
@given(scenes(), st.sampled_from(POOLINGS), st.integers(0, 99), st.data())
def test_one_cell_is_the_same_number_and_its_slopes_add_up_to_the_gradient(scene, kind, seed, data):
    pixels, _, geometry, count_padding = scene
    geometry = laid(pixels, kind, geometry)
    options = {"count_padding": count_padding, "seed": seed}
    whole = pool(pixels, kind, geometry, **options)
    channel = data.draw(st.integers(0, pixels.shape[2] - 1))
    arriving = np.zeros(pixels.shape[:2])
    for row in range(geometry.out_height):
        for column in range(geometry.out_width):
            cell = pooled_cell(pixels, kind, geometry, row, column, channel, **options)
            assert cell.output == pytest.approx(whole[row, column, channel], rel=1e-6, abs=1e-6)
            assert not cell.slopes[~cell.inside].any()
            if kind != "global":
                inside = np.ix_(
                    (cell.rows >= 0) & (cell.rows < pixels.shape[0]),
                    (cell.columns >= 0) & (cell.columns < pixels.shape[1]),
                )
                at = np.ix_(cell.rows[inside[0].ravel()], cell.columns[inside[1].ravel()])
                arriving[at] += cell.slopes[inside]
    if kind != "global":
        whole = gradient(pixels, kind, geometry, **options)
        np.testing.assert_allclose(arriving, whole[:, :, channel], rtol=1e-9, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(scenes())
def test_winners_are_those_of_torch(scene):
    pixels, window, geometry, _ = scene
    here = winners(pixels, "max", geometry)
    size, rest = (window.height, window.width), {"stride": window.stride, "ceil_mode": window.ceil}
    _, there = F.max_pool2d(tensor(pixels), size, padding=window.padding, return_indices=True,
                            **rest)  # fmt: skip
    np.testing.assert_array_equal(here, there[0].permute(1, 2, 0).numpy())


@settings(max_examples=60, deadline=None)
@given(windows(), st.integers(1, 40), st.integers(1, 40))
def test_windows_are_possible_where_torch_has_them_and_the_formula_gives_their_number(
    window, rows, columns
):
    size = (window.height, window.width)
    try:
        there = F.max_pool2d(
            torch.zeros(1, 1, rows, columns), size, window.stride, window.padding,
            ceil_mode=window.ceil,
        ).shape[2:]  # fmt: skip
    except RuntimeError:
        with pytest.raises(GeometryError, match="use a smaller window"):
            window.geometry(rows, columns)
        return
    geometry = window.geometry(rows, columns)
    assert (geometry.out_height, geometry.out_width) == there
    for axis, size, count in (("rows", rows, there[0]), ("columns", columns, there[1])):
        text, _, result = window.formula(axis, size).rpartition(" = ")
        assert int(result) == count
        inner, _, rest = text.partition("⌉" if window.ceil else "⌋")
        quotient = eval(inner[1:].replace("·", "*").replace("−", "-"))
        rounded = np.ceil(quotient) if window.ceil else np.floor(quotient)
        assert rounded + eval(rest.replace("−", "-")) == count


def test_a_window_out_of_its_range_or_with_too_much_padding_is_a_sentence():
    for changes, words in (
        ({"height": 9}, "The window's height must lie between 1 and 8, not 9."),
        ({"stride": 0}, "The stride must lie between 1 and 8, not 0."),
    ):
        with pytest.raises(GeometryError) as told:
            PoolWindow(**changes)
        assert str(told.value) == words
    with pytest.raises(GeometryError, match="more than half of a 3×2 window"):
        PoolWindow(3, 2, padding=2).geometry(9, 9)
    with pytest.raises(GeometryError, match="spans 3 rows, but the picture has only 1 row: use"):
        PoolWindow(3, 3).geometry(1, 9)


@pytest.mark.parametrize("kind", POOLINGS)
def test_one_pixel(kind):
    geometry = whole_window(1, 1) if kind == "global" else PoolWindow(1, 1, 1).geometry(1, 1)
    pixels = np.full((1, 1, 1), 7, np.uint8)
    assert pool(pixels, kind, geometry).tolist() == [[[7.0]]]
    assert pooled_cell(pixels, kind, geometry, 0, 0).output == 7
    assert gradient(pixels, kind, geometry).tolist() == [[[1.0]]]


@pytest.mark.parametrize("kind", POOLINGS)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_cell_that_is_no_number_shows_in_its_windows_and_in_no_other(kind, bad):
    pixels = np.ones((6, 6, 1), np.float32)
    pixels[1, 1] = bad
    geometry = whole_window(6, 6) if kind == "global" else PoolWindow(2, 2, 2).geometry(6, 6)
    result = pool(pixels, kind, geometry)
    assert not np.isfinite(result[0, 0, 0])
    if kind != "global":
        assert (result.ravel()[1:] == result[2, 2, 0]).all() and np.isfinite(result[2, 2, 0])
    cell = pooled_cell(pixels, kind, geometry, 0, 0)
    np.testing.assert_equal(np.float32(cell.output), result[0, 0, 0])
    gradient(pixels, kind, geometry)


def test_padding_never_wins():
    pixels = np.full((3, 3, 1), -5, np.float32)
    geometry = PoolWindow(2, 2, 2, padding=1).geometry(3, 3)
    assert (pool(pixels, "max", geometry) == -5).all()
    lowest = np.full((3, 3, 1), -np.inf, np.float32)
    assert (pool(lowest, "max", geometry) == -np.inf).all()
    assert (winners(lowest, "max", geometry) >= 0).all()
    cell = pooled_cell(lowest, "max", geometry, 0, 0)
    assert cell.inside[cell.chosen] and cell.output == -np.inf


def test_sixteen_bits_and_large_numbers_lose_nothing():
    pixels = np.full((8, 8, 1), 65535, np.uint16)
    geometry = PoolWindow(8, 8, 8).geometry(8, 8)
    assert pool(pixels, "average", geometry)[0, 0, 0] == 65535
    assert pool(pixels, "L2", geometry)[0, 0, 0] == 8 * 65535
    assert pool(pixels, "max", geometry)[0, 0, 0] == 65535


# Stochastic pooling


def test_draws_follow_the_probabilities():
    """Pearson's χ² over 4,000 windows with the same nine numbers; fixed seed."""
    window = np.array([[0, 2, 0], [1, 0, -4], [0, 0, 7]], np.float32)
    pixels = np.tile(window, (50, 80))[:, :, np.newaxis]
    geometry = PoolWindow(3, 3, 3).geometry(*pixels.shape[:2])
    drawn = pool(pixels, "stochastic", geometry, seed=1).ravel()
    values, counts = np.unique(drawn, return_counts=True)
    assert values.tolist() == [1, 2, 7]
    expected = np.array([0.1, 0.2, 0.7]) * drawn.size
    assert ((counts - expected) ** 2 / expected).sum() < 13.8  # 2 degrees of freedom, p = 0.001
    weighted = pool(pixels, "weighted", geometry)
    assert np.unique(weighted).tolist() == [pytest.approx(0.1 * 1 + 0.2 * 2 + 0.7 * 7)]


def test_every_place_of_a_flat_window_is_as_likely():
    pixels = np.ones((90, 120, 1), np.uint8)
    geometry = PoolWindow(3, 3, 3).geometry(90, 120)
    where = winners(pixels, "stochastic", geometry, seed=5)
    rows, columns = where // 120 % 3, where % 120 % 3
    counts = np.bincount((rows * 3 + columns).ravel(), minlength=9)
    expected = where.size / 9
    assert ((counts - expected) ** 2 / expected).sum() < 26.1  # 8 degrees of freedom, p = 0.001


def test_a_seed_draws_the_same_again_and_another_does_not():
    pixels = np.random.default_rng(0).integers(0, 9, (700, 900, 3)).astype(np.uint8)
    geometry = PoolWindow().geometry(700, 900)
    first = pool(pixels, "stochastic", geometry, seed=3)
    np.testing.assert_array_equal(first, pool(pixels, "stochastic", geometry, seed=3))
    assert (first != pool(pixels, "stochastic", geometry, seed=4)).any()
    rng = np.random.default_rng(3).random(first.shape)
    at = (123, 45, 2)
    assert share_drawn(3, int(np.ravel_multi_index(at, first.shape))) == rng[at]
    cell = pooled_cell(pixels, "stochastic", geometry, *at, seed=3)
    assert cell.output == first[at]
    where = winners(pixels, "stochastic", geometry, seed=3)[at]
    i, j = cell.chosen
    assert where == cell.rows[i] * 900 + cell.columns[j]


def test_without_a_positive_number_nothing_can_be_drawn():
    pixels = np.array([[-1, 0], [0, -3]], np.float32)[:, :, np.newaxis]
    geometry = PoolWindow().geometry(2, 2)
    for kind in ("stochastic", "weighted"):
        assert pool(pixels, kind, geometry)[0, 0, 0] == 0
        cell = pooled_cell(pixels, kind, geometry, 0, 0)
        assert (cell.output, cell.chosen, cell.negative) == (0, None, True)
        assert not cell.slopes.any() and not cell.probabilities.any()
    assert winners(pixels, "stochastic", geometry)[0, 0, 0] == -1
    assert activations(np.array([-2.0, 3.0])).tolist() == [0, 3]


def test_the_middle_of_a_large_picture_is_added_up():
    pixels = np.random.default_rng(0).integers(0, 256, (40, 3, 1)).astype(np.uint8)
    cell = pooled_cell(pixels, "global", whole_window(40, 3), 0, 0)
    assert cell.terms.shape == (5, 3) and cell.hidden == (36, 0)
    assert cell.terms[0].tolist() == pixels[0, :, 0].tolist()
    assert cell.terms[2].tolist() == pixels[2:38, :, 0].sum(axis=0).tolist()
    assert cell.total == pixels.sum() and cell.divisor == 120
    assert cell.slopes.sum() == pytest.approx(1)


def test_work_can_be_ended_in_the_middle():
    class Unwanted(Exception):
        pass

    def check():
        raise Unwanted

    pixels = np.zeros((8, 8, 1), np.uint8)
    geometry = PoolWindow().geometry(8, 8)
    for kind in POOLINGS:
        with pytest.raises(Unwanted):
            pool(pixels, kind, geometry, check=check)
    with pytest.raises(Unwanted):
        winners(pixels, "max", geometry, check=check)
