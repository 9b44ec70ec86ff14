"""Small pictures of pictures."""

import numpy as np

from visualizer.core.image import Image
from visualizer.core.thumbnail import rgb8, thumbnail

PINK = (255, 0, 255)


def test_a_small_picture_stays_as_it_is():
    pixels = np.arange(27, dtype=np.uint8).reshape(3, 3, 3)
    assert (thumbnail(Image.from_array(pixels, "x"), 10, 10, PINK) == pixels).all()


def test_a_large_picture_just_covers_and_keeps_its_mean():
    pixels = np.random.default_rng(0).integers(0, 256, (300, 600, 3)).astype(np.uint8)
    small = thumbnail(Image.from_array(pixels, "x"), 100, 100, PINK)
    assert small.shape == (100, 200, 3)
    assert abs(small.mean() - pixels.mean()) < 1


def test_a_very_long_picture_keeps_one_pixel_across():
    pixels = np.zeros((5000, 1), np.uint8)
    assert thumbnail(Image.from_array(pixels, "x"), 50, 50, PINK).shape == (5000, 1, 3)


def test_two_bands_show_the_first_and_five_the_first_three():
    two = np.stack([np.full((2, 2), 9), np.full((2, 2), 200)], axis=2).astype(np.uint8)
    assert (rgb8(Image.from_array(two, "x"), PINK) == 9).all()
    five = np.broadcast_to(np.arange(5, dtype=np.uint8), (2, 2, 5))
    assert rgb8(Image.from_array(five, "x"), PINK)[0, 0].tolist() == [0, 1, 2]


def test_sixteen_bits_and_floats_use_their_range():
    deep = np.array([[0, 65535]], np.uint16)
    assert rgb8(Image.from_array(deep, "x"), PINK)[0, :, 0].tolist() == [0, 255]
    real = np.array([[-4.0, 4.0]], np.float32)
    assert rgb8(Image.from_array(real, "x"), PINK)[0, :, 0].tolist() == [0, 255]


def test_what_is_no_number_is_painted_apart():
    real = np.array([[0.0, np.nan, 1.0]], np.float32)
    assert rgb8(Image.from_array(real, "x"), PINK)[0, 1].tolist() == list(PINK)
