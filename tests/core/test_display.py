import numpy as np
import pytest

from visualizer.core.display import (
    MODES,
    Palette,
    finite_extremes,
    show,
    shown_range,
    signed,
    to_rgb8,
)

PALETTE = Palette(negative=(0, 0, 200), neutral=(10, 20, 30), positive=(250, 120, 0),
                  invalid=(255, 0, 255))  # fmt: skip


def plane(*values):
    return np.array(values, np.float32).reshape(1, -1, 1)


def greys(shown):
    assert (shown.pixels == shown.pixels[:, :, :1]).all()
    return shown.pixels[0, :, 0].tolist()


def test_bytes_are_shown_as_they_are():
    values = np.arange(256, dtype=np.uint8).reshape(16, 16)
    pixels = to_rgb8(values, 0, 255, PALETTE.invalid)
    np.testing.assert_array_equal(pixels, np.repeat(values[:, :, None], 3, axis=2))
    colours = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    colours.setflags(write=False)
    shown = to_rgb8(colours, 0, 255, PALETTE.invalid)
    np.testing.assert_array_equal(shown, colours)
    shown[:] = 0
    assert colours.any()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_black_and_white_are_the_ends_of_the_range(dtype):
    values = np.array([[10, 30, 50, 90, 110]], dtype)
    assert to_rgb8(values, 10, 90, PALETTE.invalid)[0, :, 0].tolist() == [0, 64, 128, 255, 255]


def test_a_flat_range_is_middle_grey():
    assert (to_rgb8(np.full((3, 3), 7.0), 7, 7, PALETTE.invalid) == 128).all()
    assert (show(np.full((3, 3, 1), 7, np.float32), "rescale", PALETTE).pixels == 128).all()


def test_huge_values_stay_bright_and_dark():
    values = np.array([[1e30, -1e30, 3e9, -3e9]], np.float32)
    assert to_rgb8(values, 0, 255, PALETTE.invalid)[0, :, 0].tolist() == [255, 0, 255, 0]
    ends = signed(values, 1, PALETTE)[0].tolist()
    assert ends == [[250, 120, 0], [0, 0, 200]] * 2


def test_signed_values_mix_the_colours():
    pixels = signed(np.array([[-2, -1, 0, 1, 2]], np.float32), 2, PALETTE)[0].astype(int)
    assert pixels[[0, 2, 4]].tolist() == [[0, 0, 200], [10, 20, 30], [250, 120, 0]]
    assert np.abs(pixels[1] - (5, 10, 115)).max() <= 1
    assert np.abs(pixels[3] - (130, 70, 15)).max() <= 1
    assert (signed(np.zeros((2, 2), np.float32), 0, PALETTE) == PALETTE.neutral).all()


def test_modes():
    values = plane(-300, -128, 0, 127, 200, 300)
    clamp = show(values, "clamp", PALETTE)
    assert greys(clamp) == [0, 0, 0, 127, 200, 255]
    assert (clamp.low, clamp.high, clamp.clipped) == (0, 255, 3)
    absolute = show(values, "absolute", PALETTE)
    assert greys(absolute) == [255, 128, 0, 127, 200, 255]
    assert (absolute.low, absolute.high, absolute.clipped) == (0, 255, 2)
    offset = show(values, "offset", PALETTE)
    assert greys(offset) == [0, 0, 128, 255, 255, 255]
    assert (offset.low, offset.high, offset.clipped) == (-128, 127, 3)
    rescale = show(values, "rescale", PALETTE)
    assert greys(rescale) == [0, 73, 128, 181, 212, 255]
    assert (rescale.low, rescale.high, rescale.clipped) == (-300, 300, 0)
    diverging = show(values, "diverging", PALETTE)
    assert diverging.pixels[0, 0].tolist() == list(PALETTE.negative)
    assert diverging.pixels[0, 2].tolist() == list(PALETTE.neutral)
    assert (diverging.low, diverging.high, diverging.clipped) == (-300, 300, 0)


def test_the_scale_is_that_of_the_image():
    values = plane(-0.25, 0, 0.5, 1)
    assert greys(show(values, "clamp", PALETTE, value_range=(0, 1))) == [0, 0, 128, 255]
    assert greys(show(values, "offset", PALETTE, value_range=(0, 1))) == [64, 128, 255, 255]
    assert shown_range("offset", (0, 65535), (0, 0)) == (-128 * 257, 127 * 257)


def test_a_part_is_painted_on_the_scale_of_the_whole():
    whole = plane(-100, 50, 300)
    for mode in MODES:
        expected = show(whole, mode, PALETTE).pixels[:, :2]
        part = show(whole[:, :2], mode, PALETTE, extremes=(-100, 300)).pixels
        np.testing.assert_array_equal(part, expected)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("planes", [1, 3])
def test_invalid_values_are_painted_apart_and_counted(mode, planes):
    if mode == "diverging" and planes == 3:
        return
    values = np.linspace(-50, 300, 60 * planes, dtype=np.float32).reshape(6, 10, planes)
    values[0, 0, 0], values[1, 1, planes - 1], values[2, 2, 0] = np.nan, np.inf, -np.inf
    shown = show(values, mode, PALETTE)
    marked = {(int(r), int(c)) for r, c in np.argwhere((shown.pixels == (255, 0, 255)).all(2))}
    assert marked == {(0, 0), (1, 1), (2, 2)}
    assert shown.invalid == 3
    finite = values[np.isfinite(values)]
    low = -shown.high if mode == "absolute" else shown.low
    assert shown.clipped == ((finite < low) | (finite > shown.high)).sum()


def test_nothing_but_invalid_values():
    shown = show(plane(np.nan, np.inf), "diverging", PALETTE)
    assert (shown.pixels == PALETTE.invalid).all()
    assert (shown.invalid, shown.clipped) == (2, 0)
    assert finite_extremes(plane(np.nan)) == (0, 0)


def test_three_planes_are_red_green_and_blue():
    values = np.array([[[10, 20, 300]]], np.float32)
    shown = show(values, "clamp", PALETTE)
    assert shown.pixels.tolist() == [[[10, 20, 255]]]
    assert shown.clipped == 1


@pytest.mark.parametrize(("mode", "planes"), [("diverging", 3), ("clamp", 2)])
def test_other_numbers_of_planes_are_refused(mode, planes):
    with pytest.raises(ValueError, match="plane"):
        show(np.zeros((2, 2, planes), np.float32), mode, PALETTE)
