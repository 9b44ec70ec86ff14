import tracemalloc

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visualizer.core.convolution import (
    ACTIVATIONS,
    activate,
    as_float,
    cell,
    convolve,
    convolve_region,
    sample,
)
from visualizer.core.geometry import BORDERS, Geometry, GeometryError
from visualizer.core.kernels import Kernel
from visualizer.core.windows import gather_windows

TORCH_ACTIVATIONS = {
    "none": lambda x: x,
    "ReLU": torch.relu,
    "ReLU6": torch.nn.functional.relu6,
    "leaky ReLU": torch.nn.functional.leaky_relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "absolute": torch.abs,
}


@st.composite
def cases(draw, largest=40, stride=None):
    """Draw (pixels, kernel, geometry, options): whole numbers or real ones."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    height, width = (draw(st.integers(1, largest)) for _ in range(2))
    tall, wide = (draw(st.integers(1, 15)) for _ in range(2))
    choice = {
        "stride": stride or draw(st.integers(1, 8)),
        "dilation": draw(st.integers(1, 4)),
        "padding": draw(st.sampled_from(["valid", "same", "full", 0, 1, 2, 7])),
        "border": draw(st.sampled_from(BORDERS)),
    }
    try:
        geometry = Geometry.of(height, width, tall, wide, **choice)
    except GeometryError:
        height, width = height + 60, width + 60
        geometry = Geometry.of(height, width, tall, wide, **choice)
    channels = draw(st.sampled_from([1, 2, 3, 5]))
    planes = draw(st.sampled_from([1, channels]))
    kind = draw(st.sampled_from(["uint8", "uint16", "whole", "real"]))
    shape = (height, width, channels)
    if kind == "real":
        pixels = rng.normal(size=shape).astype(np.float32)
        weights = rng.normal(size=(planes, tall, wide))
    else:
        dtype = {"whole": "float32"}.get(kind, kind)
        pixels = rng.integers(0, 256, shape).astype(dtype)
        weights = rng.integers(-3, 4, (planes, tall, wide)).astype(float)
    if draw(st.booleans()):  # separable
        weights[:] = weights[:, :, :1] * weights[:, :1, :]
    options = {
        "bias": draw(st.sampled_from([0.0, 3.0, -2.5])),
        "across": draw(st.booleans()),
        "flip": draw(st.booleans()),
    }
    return pixels, Kernel(weights), geometry, options


@settings(max_examples=100, deadline=None)
@given(case=cases())
def test_convolve_agrees_with_torch(torch_map, case):
    pixels, kernel, geometry, options = case
    expected = torch_map(pixels, kernel.weights, geometry, **options)
    result = convolve(pixels, kernel, geometry, **options)
    assert result.dtype == np.float32
    assert result.shape == expected.shape
    if (pixels == np.rint(pixels)).all():
        np.testing.assert_array_equal(result, expected)  # whole numbers are exact
    else:
        sizes = torch_map(
            np.abs(pixels), np.abs(kernel.weights), geometry, across=options["across"]
        )
        assert (np.abs(result - expected) <= 1e-5 * (sizes.max() + 1)).all()


@settings(max_examples=60, deadline=None)
@given(case=cases(), data=st.data())
def test_a_region_equals_the_same_slice_of_the_whole_bit_by_bit(case, data):
    pixels, kernel, geometry, options = case
    whole = convolve(pixels, kernel, geometry, **options)
    top = data.draw(st.integers(0, geometry.out_height - 1))
    left = data.draw(st.integers(0, geometry.out_width - 1))
    rows = range(top, data.draw(st.integers(top + 1, geometry.out_height)))
    columns = range(left, data.draw(st.integers(left + 1, geometry.out_width)))
    region = convolve_region(pixels, kernel, geometry, rows, columns, **options)
    np.testing.assert_array_equal(
        region, whole[rows.start : rows.stop, columns.start : columns.stop]
    )


@settings(max_examples=60, deadline=None)
@given(case=cases(), steps=st.tuples(st.integers(1, 9), st.integers(1, 70)))
def test_stepping_over_cells_gives_the_same_numbers(case, steps):
    pixels, kernel, geometry, options = case
    whole = convolve(pixels, kernel, geometry, **options)[:: steps[0], :: steps[1]]
    rows = range(0, geometry.out_height, steps[0])
    columns = range(0, geometry.out_width, steps[1])
    region = convolve_region(pixels, kernel, geometry, rows, columns, **options)
    if (pixels == np.rint(pixels)).all():
        np.testing.assert_array_equal(region, whole)
    else:
        np.testing.assert_allclose(region, whole, atol=2e-5 * (np.abs(whole).max() + 10))
    samples = sample(pixels, geometry, rows, columns)
    np.testing.assert_array_equal(samples.convolve(kernel, **options), region)
    windows = gather_windows(pixels, geometry, rows, columns)
    largest = np.abs(region[np.isfinite(region)]).max(initial=0)
    found = windows.convolve(kernel, **options)
    np.testing.assert_allclose(found, region, rtol=1e-6, atol=2e-5 * (largest + 10))


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("shape", [(1300, 1500, 1), (540, 1999, 3)])
def test_large_images_are_exact_in_all_bands_and_at_their_seams(torch_map, dtype, shape):
    """Large enough for OpenCV's threads and for several bands."""
    pixels = np.random.default_rng(4).integers(0, 256, shape).astype(dtype)
    kernel = Kernel(np.random.default_rng(5).integers(-9, 10, (4, 3)))
    geometry = Geometry.of(*shape[:2], 4, 3, padding="same", border="reflect")
    checks = []
    result = convolve(pixels, kernel, geometry, check=lambda: checks.append(1))
    np.testing.assert_array_equal(result, torch_map(pixels, kernel.weights, geometry))
    assert len(checks) > 1
    region = convolve_region(pixels, kernel, geometry, range(300, 420), range(77, 1301))
    np.testing.assert_array_equal(region, result[300:420, 77:1301])
    preview = convolve_region(pixels, kernel, geometry, range(0, 540, 5), range(0, 1500, 5))
    np.testing.assert_array_equal(preview, result[:540:5, :1500:5])


def test_check_ends_the_work():
    class Newer(Exception):
        pass

    def check():
        raise Newer

    pixels = np.zeros((50, 50, 1), np.float32)
    with pytest.raises(Newer):
        convolve(pixels, Kernel(np.ones((3, 3))), Geometry.of(50, 50, 3, 3), check=check)


@pytest.mark.parametrize("size", [3, 7, 9, 12, 15])
@pytest.mark.parametrize("separable", [True, False])
@pytest.mark.parametrize("across", [True, False])
@pytest.mark.parametrize("stride", [1, 3])
def test_invalid_pixels_show_where_a_weight_meets_them_as_in_torch(
    torch_map, size, separable, across, stride
):
    rng = np.random.default_rng(size)
    pixels = rng.normal(size=(90, 80, 2)).astype(np.float32)
    pixels[30, 40, 0], pixels[60, 10, 1], pixels[0, 79, 0] = np.nan, np.inf, -np.inf
    weights = rng.normal(size=(1, size, size))
    weights[0, 0], weights[0, :, 1] = 0, 0  # 0 × NaN is NaN
    if separable:
        weights[:] = weights[:, :, -1:] * weights[:, -1:, :]
    geometry = Geometry.of(
        90, 80, size, size, stride=stride, dilation=2, padding=3, border="replicate"
    )
    result = convolve(pixels, Kernel(weights), geometry, across=across)
    expected = torch_map(pixels, weights, geometry, across=across).astype(np.float32)
    np.testing.assert_array_equal(np.isnan(result), np.isnan(expected))
    np.testing.assert_array_equal(np.isposinf(result), np.isposinf(expected))
    finite = np.isfinite(expected)
    assert 0.2 < finite.mean() < 1
    np.testing.assert_allclose(result[finite], expected[finite], atol=1e-4)


def test_dilated_weights_leave_out_the_invalid_pixels_between_them():
    pixels = np.zeros((9, 9, 1), np.float32)
    pixels[4, 4] = np.nan
    result = convolve(pixels, Kernel(np.ones((2, 2))), Geometry.of(9, 9, 2, 2, dilation=2))
    bad = {(int(r), int(c)) for r, c, _ in np.argwhere(np.isnan(result))}
    assert bad == {(2, 2), (2, 4), (4, 2), (4, 4)}


def test_a_picture_that_cannot_be_written_is_filtered():
    pixels = np.random.default_rng(0).integers(0, 256, (60, 70, 3), dtype=np.uint8)
    pixels.setflags(write=False)
    geometry = Geometry.of(60, 70, 3, 3, padding=1)
    result = convolve(pixels, Kernel(np.ones((3, 3))), geometry)
    assert result[1, 1, 0] == pixels[:3, :3, 0].sum()


def test_large_kernels_keep_away_from_opencvs_fourier_transform():
    """If the last line fails, OpenCV has changed and `correlation` needs no strips any more."""
    pixels = np.ones((300, 300, 1), np.float32)
    pixels[150, 150] = np.nan
    weights = np.random.default_rng(1).normal(size=(13, 13))
    result = convolve(pixels, Kernel(weights), Geometry.of(300, 300, 13, 13))
    assert np.isnan(result).sum() == 13 * 13
    assert np.isnan(cv2.filter2D(pixels, -1, weights)).sum() > 13 * 13


def test_shapes_that_do_not_fit_are_refused():
    pixels = np.zeros((5, 5, 3), np.uint8)
    geometry = Geometry.of(5, 5, 3, 3)
    with pytest.raises(ValueError, match="the geometry is for"):
        convolve(pixels[:4], Kernel(np.ones((3, 3))), geometry)
    with pytest.raises(ValueError, match="the kernel is 2×2"):
        convolve(pixels, Kernel(np.ones((2, 2))), geometry)
    with pytest.raises(ValueError, match="2 planes, the image 3 channels"):
        convolve(pixels, Kernel(np.ones((2, 3, 3))), geometry, across=True)
    with pytest.raises(ValueError, match="not among the 3"):
        convolve_region(pixels, Kernel(np.ones((3, 3))), geometry, range(4), range(3))


def test_as_float_keeps_what_is_float_already():
    pixels = np.zeros((3, 4, 1), np.float32)
    assert as_float(pixels) is pixels
    assert as_float(pixels.astype(np.uint8)).dtype == np.float32


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_agree_with_torch(name):
    values = np.concatenate([np.linspace(-120, 120, 2001), [0, 6, np.inf, -np.inf, np.nan]])
    values = values.astype(np.float32)
    expected = TORCH_ACTIVATIONS[name](torch.tensor(values)).numpy()
    result = activate(values, name)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, expected, rtol=2e-6, atol=1e-7)


@settings(max_examples=60, deadline=None)
@given(case=cases(largest=15), data=st.data())
def test_the_arithmetic_of_a_cell_is_that_of_the_map(torch_map, case, data):
    pixels, kernel, geometry, options = case
    row = data.draw(st.integers(0, geometry.out_height - 1))
    column = data.draw(st.integers(0, geometry.out_width - 1))
    channel = 0 if options["across"] else data.draw(st.integers(0, pixels.shape[2] - 1))
    name = data.draw(st.sampled_from(ACTIVATIONS))
    found = cell(pixels, kernel, geometry, row, column, **options, activation=name, channel=channel)
    planes = pixels.shape[2] if options["across"] else 1
    assert found.patches.shape == (planes, kernel.height, kernel.width)
    np.testing.assert_array_equal(found.products, found.patches * found.weights)
    assert found.plane_sums == pytest.approx(found.products.sum(axis=(1, 2)), abs=1e-9)
    expected = torch_map(pixels, kernel.weights, geometry, **options)[row, column, channel]
    assert found.total + found.bias == found.pre_activation
    assert found.pre_activation == pytest.approx(expected, rel=1e-9, abs=1e-9)
    activated = TORCH_ACTIVATIONS[name](torch.tensor(found.pre_activation, dtype=torch.float64))
    assert found.output == pytest.approx(float(activated), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("border", "corner", "rows"),
    [
        ("zero", [[0, 0], [0, 1]], [-1, 0]),
        ("replicate", [[1, 1], [1, 1]], [0, 0]),
        ("reflect", [[5, 4], [2, 1]], [1, 0]),
        ("wrap", [[9, 7], [3, 1]], [2, 0]),
    ],
)
def test_padding_in_a_cell_is_marked_and_shows_what_it_copies(border, corner, rows):
    pixels = np.arange(1, 10, dtype=np.uint8).reshape(3, 3, 1)
    geometry = Geometry.of(3, 3, 2, 2, padding=1, border=border)
    found = cell(pixels, Kernel(np.ones((2, 2))), geometry, 0, 0)
    assert found.patches[0].tolist() == corner
    assert found.inside.tolist() == [[False, False], [False, True]]
    assert found.source_rows.tolist() == rows
    assert found.total == np.sum(corner)


def test_a_cell_of_whole_numbers_and_fractions_adds_up_in_double_precision():
    pixels = np.full((3, 3, 1), 255, np.uint8)
    found = cell(pixels, Kernel(np.full((3, 3), 1 / 9)), Geometry.of(3, 3, 3, 3), 0, 0)
    assert found.total == pytest.approx(255, rel=1e-15)


def test_a_cell_with_an_invalid_pixel_is_invalid():
    pixels = np.array([[[np.nan], [1.0]]], np.float32)
    found = cell(pixels, Kernel(np.zeros((1, 2))), Geometry.of(1, 2, 1, 2), 0, 0)
    assert np.isnan(found.output)


def test_flipping_turns_the_kernel_by_180_degrees():
    pixels = np.zeros((3, 3, 1), np.float32)
    pixels[1, 1] = 1
    weights = np.arange(9.0).reshape(3, 3)
    geometry = Geometry.of(3, 3, 3, 3, padding=1)
    copied = convolve(pixels, Kernel(weights), geometry, flip=True)[:, :, 0]
    turned = convolve(pixels, Kernel(weights), geometry)[:, :, 0]
    np.testing.assert_array_equal(copied, weights)  # an impulse gives the kernel itself
    np.testing.assert_array_equal(turned, weights[::-1, ::-1])


def test_the_arithmetic_of_one_cell_copies_no_picture():
    pixels = np.zeros((2000, 3000, 3), np.uint8)
    geometry = Geometry(2000, 3000, 3, 3)
    kernel = Kernel(np.ones((3, 3)))
    tracemalloc.start()
    cell(pixels, kernel, geometry, 1000, 1000, channel=1)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100_000
