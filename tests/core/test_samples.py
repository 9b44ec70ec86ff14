import socket
import subprocess
import sys

import numpy as np
import pytest

from visualizer.core import samples
from visualizer.core.samples import DEFAULT, SAMPLES, load


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Let nothing in these tests reach for the network unseen."""

    def refuse(*args, **kwargs):
        raise AssertionError("the gallery asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("key", [sample.key for sample in SAMPLES])
def test_every_sample_opens(key):
    image = load(key)
    assert image.pixels.dtype == np.uint8
    assert image.channels in (1, 3)
    assert min(image.height, image.width) >= 33
    assert image.pixels.min() < image.pixels.max()
    assert image.path is None  # it is no file of the user's


def test_the_photographs_named_in_the_gallery_are_in_the_installed_package():
    asked = {"cat", "coffee", "astronaut", "rocket", "hubble", "coins", "text", "camera"}
    assert asked <= {sample.key for sample in SAMPLES}
    assert all((samples._photographs() / s.file).is_file() for s in SAMPLES if s.file)


def test_keys_are_unique_and_captions_are_one_short_sentence():
    assert len({sample.key for sample in SAMPLES}) == len(SAMPLES)
    assert len({sample.title for sample in SAMPLES}) == len(SAMPLES)
    for sample in SAMPLES:
        assert sample.caption.endswith(".") and ". " not in sample.caption
        assert len(sample.caption) <= 62


def test_the_first_picture_is_the_face_of_the_cat():
    image = load(DEFAULT)
    assert SAMPLES[0].key == DEFAULT == "cat"
    assert (image.pixels.shape, image.name) == ((300, 300, 3), "chelsea.png")


def test_an_unknown_key():
    with pytest.raises(KeyError):
        load("dog")


def test_scikit_image_itself_is_not_imported():
    code = (
        "import sys; from visualizer.core import samples; samples.load('cat'); "
        "print('skimage' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_chessboard_has_eight_squares_a_side():
    board = load("chessboard").pixels[:, :, 0]
    assert board[::32, ::32].shape == (8, 8)
    assert (board[16::32, 16::32][::2, ::2] == 0).all()
    assert (board[16::32, 16::32][::2, 1::2] == 255).all()


def test_the_grey_gradient_has_the_same_slope_everywhere():
    ramp = load("ramp").pixels[:, :, 0].astype(int)
    assert (np.diff(ramp, axis=1) == 1).all()
    assert (np.diff(ramp, axis=0) == 0).all()


def test_each_channel_of_the_colour_gradient_rises_its_own_way():
    red, green, blue = np.moveaxis(load("colour_ramp").pixels.astype(int), 2, 0)
    assert (np.diff(red, axis=1) == 1).all() and (np.diff(red, axis=0) == 0).all()
    assert (np.diff(green, axis=0) == 1).all() and (np.diff(green, axis=1) == 0).all()
    assert (np.diff(blue, axis=0) <= 0).all() and (np.diff(blue, axis=1) <= 0).all()


def test_the_disc_is_the_same_from_every_side():
    disc = load("disc").pixels[:, :, 0]
    assert set(np.unique(disc)) == {0, 255}
    for turned in (disc.T, disc[::-1], disc[:, ::-1]):
        assert np.array_equal(turned, disc)


def test_stripes_and_rings_grow_finer_up_to_the_limit():
    stripes = load("stripes").pixels[0, :, 0].astype(int)
    gaps = np.diff(np.flatnonzero(np.diff(stripes > 127)))
    assert gaps[0] > 5 * gaps[-1]
    assert abs(int(stripes[-1]) - int(stripes[-2])) > 200  # neighbours are near opposite
    rings = load("zone_plate").pixels[:, :, 0]
    assert rings[128, 128] == 255
    assert np.array_equal(rings, rings.T)
    assert np.abs(np.diff(rings[128].astype(int)))[:2].max() > 200


def test_one_pixel_of_the_impulse_is_white_and_in_the_middle():
    impulse = load("impulse").pixels[:, :, 0]
    assert np.argwhere(impulse).tolist() == [[impulse.shape[0] // 2, impulse.shape[1] // 2]]


def test_noise_is_even_and_always_the_same():
    noise = load("noise").pixels
    assert np.array_equal(noise, load("noise").pixels)
    counts = np.bincount(noise.ravel(), minlength=256)
    assert counts.min() > 180 and counts.max() < 340
    assert abs(noise.mean() - 127.5) < 1
