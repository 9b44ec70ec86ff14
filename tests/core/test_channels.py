"""Colour spaces against scikit-image and Pillow, recomposing against the definition."""

import colorsys

import cv2
import numpy as np
import PIL.Image
import pytest
from skimage import color

from visualizer.core.channels import (
    ORDERS,
    SPACES,
    convert,
    invalid_mask,
    levels,
    luma,
    planes,
    recompose,
    split,
    tints,
)
from visualizer.core.image import Image

RANGE_8 = (0.0, 255.0)


@pytest.fixture
def photo() -> np.ndarray:
    """Every kind of colour: random ones, greys, and all corners of the cube."""
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    pixels[0, :, :] = np.linspace(0, 255, 64, dtype=np.uint8)[:, np.newaxis]
    corners = np.array(np.meshgrid([0, 255], [0, 255], [0, 255])).reshape(3, 8).T
    pixels[1, :8] = corners
    return pixels


def test_luma_is_the_weighted_sum_and_rounds_as_opencv(photo: np.ndarray) -> None:
    result = luma(photo)
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result, cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY))
    exact = photo @ np.array([0.299, 0.587, 0.114])
    assert np.abs(result - exact).max() <= 0.51


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_luma_keeps_the_type(photo: np.ndarray, dtype: type) -> None:
    pixels = photo.astype(dtype)
    result = luma(pixels)
    assert result.dtype == dtype
    assert np.abs(result - photo @ np.array([0.299, 0.587, 0.114])).max() <= 0.51


def test_luma_of_a_grey_picture_is_the_picture() -> None:
    grey = np.arange(6, dtype=np.uint8).reshape(2, 3, 1)
    np.testing.assert_array_equal(luma(grey), grey[:, :, 0])


def test_hsv_agrees_with_scikit_image(photo: np.ndarray) -> None:
    expected = color.rgb2hsv(photo) * [360, 100, 100]
    np.testing.assert_allclose(convert(photo, RANGE_8, "HSV"), expected, atol=0.01)


def test_hsv_agrees_with_colorsys() -> None:
    pixel = np.array([[[182, 141, 118]]], np.uint8)
    h, s, v = colorsys.rgb_to_hsv(182 / 255, 141 / 255, 118 / 255)
    np.testing.assert_allclose(
        convert(pixel, RANGE_8, "HSV")[0, 0], [h * 360, s * 100, v * 100], atol=0.01
    )


def test_ycbcr_agrees_with_pillow_which_cuts_off_fractions(photo: np.ndarray) -> None:
    expected = np.asarray(PIL.Image.fromarray(photo).convert("YCbCr"), np.float32)
    more = convert(photo, RANGE_8, "YCbCr") - expected
    assert more.min() > -0.05
    assert more.max() < 1.05


def test_ycbcr_is_the_jpeg_matrix(photo: np.ndarray) -> None:
    matrix = np.array([  # as printed in ITU-T T.871
        [0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312],
    ])  # fmt: skip
    expected = np.clip(photo @ matrix.T + [0, 128, 128], 0, 255)
    np.testing.assert_allclose(convert(photo, RANGE_8, "YCbCr"), expected, atol=0.001)


def test_lab_agrees_with_scikit_image(photo: np.ndarray) -> None:
    np.testing.assert_allclose(convert(photo, RANGE_8, "Lab"), color.rgb2lab(photo), atol=0.02)


@pytest.mark.parametrize("space", SPACES)
def test_values_stay_in_the_ranges_that_are_said(photo: np.ndarray, space: str) -> None:
    for plane, values in split(Image.from_array(photo, "photo"), space):
        low, high = plane.value_range
        assert values.min() >= low - 0.01
        assert values.max() <= high + 0.01


@pytest.mark.parametrize("space", ["HSV", "YCbCr", "Lab"])
def test_sixteen_bits_and_floats_give_what_eight_bits_give(photo: np.ndarray, space: str) -> None:
    expected = convert(photo, RANGE_8, space)
    deep = photo.astype(np.uint16) * 257
    np.testing.assert_allclose(convert(deep, (0.0, 65535.0), space), expected, atol=0.02)
    shifted = photo.astype(np.float32) / 255 * 3 - 1
    np.testing.assert_allclose(convert(shifted, (-1.0, 2.0), space), expected, atol=0.05)


@pytest.mark.parametrize("space", ["HSV", "YCbCr", "Lab"])
def test_a_pixel_that_is_not_finite_is_not_finite_in_any_plane(space: str) -> None:
    pixels = np.full((2, 2, 3), 0.5, np.float32)
    pixels[0, 0, 1] = np.nan
    pixels[1, 0, 2] = np.inf
    values = convert(pixels, (0.0, 1.0), space)
    np.testing.assert_array_equal(np.isnan(values).all(axis=2), [[True, False], [True, False]])
    assert np.isfinite(values[:, 1]).all()


def test_converting_a_part_is_a_part_of_converting(photo: np.ndarray) -> None:
    for space in SPACES:
        whole = convert(photo, RANGE_8, space)
        part = convert(photo[3:9, 5:8], RANGE_8, space)
        np.testing.assert_allclose(part, whole[3:9, 5:8], atol=1e-4)


def test_planes_are_named() -> None:
    rgb = Image.from_array(np.zeros((2, 2, 3), np.uint8), "x")
    assert [p.name for p in planes(rgb, "RGB")] == ["Red", "Green", "Blue"]
    assert [p.letter for p in planes(rgb, "Lab")] == ["L*", "a*", "b*"]
    bands = Image.from_array(np.zeros((2, 2, 4), np.uint16), "x").picked((3, 0, 1))
    assert [p.name for p in planes(bands, "RGB")] == ["band 4", "band 1", "band 2"]
    grey = Image.from_array(np.zeros((2, 2), np.uint8), "x")
    assert [p.name for p in planes(grey, "HSV")] == ["Grey"]


def test_recompose_does_nothing_for_nothing(photo: np.ndarray) -> None:
    assert recompose(photo, (1, 1, 1), (0, 1, 2), (False,) * 3) is photo


def test_recompose_weights_swaps_and_mutes(photo: np.ndarray) -> None:
    result = recompose(photo, (0.5, 2.0, 1.0), (1, 0, 2), (False, False, True))
    np.testing.assert_array_equal(result[:, :, 0], np.minimum(photo[:, :, 1] * 2.0, 255))
    np.testing.assert_array_equal(result[:, :, 1], np.rint(photo[:, :, 0] * 0.5))
    assert not result[:, :, 2].any()
    assert result.dtype == np.uint8


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_recompose_keeps_the_type(dtype: type) -> None:
    pixels = np.array([[[100, 40000, 60000]]], dtype)
    result = recompose(pixels, (1.5, 1.5, 1.5), (2, 1, 0), (False,) * 3)
    assert result.dtype == dtype
    top = 65535 if dtype == np.uint16 else 90000
    np.testing.assert_array_equal(result[0, 0], [top, 60000, 150])


def test_muting_a_channel_with_nan_leaves_it_out() -> None:
    pixels = np.array([[[np.nan, 0.5, 0.25]]], np.float32)
    result = recompose(pixels, (1, 1, 1), (0, 1, 2), (True, False, False))
    np.testing.assert_array_equal(result[0, 0], [0, 0.5, 0.25])


def test_recompose_refuses_what_is_no_permutation(photo: np.ndarray) -> None:
    with pytest.raises(ValueError, match="3 channels"):
        recompose(photo, (1, 1, 1), (0, 0, 2), (False,) * 3)


def test_orders_are_all_permutations() -> None:
    assert len(set(ORDERS)) == 6
    assert all(sorted(order) == [0, 1, 2] for order in ORDERS)


def test_tints_run_from_dark_to_the_colour() -> None:
    np.testing.assert_array_equal(tints("green")[255], [0, 255, 0])
    np.testing.assert_array_equal(tints("grey")[:, 1], np.arange(256))
    np.testing.assert_array_equal(tints("hue")[85], [0, 255, 0])  # 120 degrees
    assert np.ptp(tints("Cb")[128].astype(int)) <= 3  # neutral in the middle


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_levels_run_from_the_low_end_to_the_high_one(dtype: type) -> None:
    values = np.array([[10, 20, 46, 70, 200]], dtype)
    for shaped in (values, values[:, :, np.newaxis]):
        result = levels(shaped, (20.0, 70.0))
        assert result.shape == shaped.shape
        np.testing.assert_array_equal(result.reshape(-1), [0, 0, 133, 255, 255])


def test_levels_of_huge_floats_are_cut_off() -> None:
    values = np.array([[-1e30, 0.5, 1e30]], np.float32)
    np.testing.assert_array_equal(levels(values, (0.0, 1.0)), [[0, 128, 255]])


def test_the_mask_marks_pixels_with_any_value_that_is_none() -> None:
    pixels = np.zeros((1, 3, 3), np.float32)
    assert invalid_mask(pixels) is None
    pixels[0, 1, 2] = np.inf
    mask = invalid_mask(pixels)
    assert mask is not None
    assert mask.tolist() == [[False, True, False]]
    assert invalid_mask(np.zeros((2, 2), np.uint8)) is None
