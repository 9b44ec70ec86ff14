import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from visualizer.core.as_python import filter_script
from visualizer.core.channels import luma
from visualizer.core.convolution import ACTIVATIONS, activate, convolve
from visualizer.core.examples import EXAMPLES
from visualizer.core.geometry import BORDERS, Geometry
from visualizer.core.image import Image
from visualizer.core.kernels import Kernel
from visualizer.core.presets import build


def run(script):
    names = {}
    exec(compile(script, "copied.py", "exec"), names)
    return names["output"]


def here(image, kernel, geometry, applied_to, channel, bias, activation, flip):
    pixels = image.pixels
    if applied_to == "luma":
        pixels = luma(pixels)[:, :, np.newaxis]
    if applied_to == "channel":
        pixels = pixels[:, :, [channel]]
    sums = convolve(pixels, kernel, geometry, bias=bias, across=applied_to == "across", flip=flip)
    return activate(sums, activation)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_script_makes_the_same_map(data):
    draw = data.draw
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    channels, whole = draw(st.sampled_from([1, 3])), draw(st.booleans())
    shape = (draw(st.integers(8, 32)), draw(st.integers(8, 32)), channels)
    dtype = draw(st.sampled_from(["uint8", "uint16", "float32"]))
    pixels = rng.integers(0, 256, shape).astype(dtype)
    applied_to = draw(st.sampled_from(["each", "luma", "channel", "across"]))
    if not whole and dtype == "float32":
        pixels = rng.random(shape, dtype=np.float32)
    planes = channels if applied_to == "across" and draw(st.booleans()) else 1
    size = (planes, draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    weights = rng.integers(-4, 5, size) if whole else rng.normal(size=size)
    kernel, image = Kernel(weights, "own"), Image.from_array(pixels, "picture")
    geometry = Geometry.of(
        *shape[:2], *size[1:],
        stride=draw(st.integers(1, 3)),
        dilation=draw(st.integers(1, 2)),
        padding=draw(st.sampled_from(["valid", "same", "full", 1])),
        border=draw(st.sampled_from(BORDERS)),
    )  # fmt: skip
    options = {
        "applied_to": applied_to,
        "channel": draw(st.integers(0, channels - 1)),
        "bias": draw(st.sampled_from([0.0, 2.0, -7.0])),
        "activation": draw(st.sampled_from(ACTIVATIONS)),
        "flip": draw(st.booleans()),
    }
    expected = here(image, kernel, geometry, **options)
    result = run(filter_script(image, kernel, geometry, **options))
    assert result.shape == expected.shape and result.dtype == np.float32
    exact = options["activation"] not in ("sigmoid", "tanh")
    if whole and exact and (applied_to != "luma" or dtype != "float32"):
        np.testing.assert_array_equal(result, expected)
    else:
        largest = max(1, np.abs(expected).max())
        np.testing.assert_allclose(result, expected, atol=1e-4 * largest)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_the_examples_as_scripts(example):
    image = Image.from_array(example.pixels, example.title)
    applied_to = "across" if example.across else "each"
    script = filter_script(
        image, example.kernel, example.geometry, applied_to=applied_to, bias=example.bias
    )
    np.testing.assert_array_equal(run(script)[:, :, 0], example.expected)


def test_a_script_runs_on_its_own_and_prints_the_numbers(tmp_path):
    example = EXAMPLES[0]
    image = Image.from_array(example.pixels, 'a "quoted"\nname')
    file = tmp_path / "filter.py"
    file.write_text(filter_script(image, example.kernel, example.geometry), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, file], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert "(4, 4, 1)" in done.stdout
    assert "515" in done.stdout and "374" in done.stdout


def large(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    file = tmp_path / "it's.png"
    Pillow.fromarray(pixels).save(file)
    return Image.from_array(pixels, "it's.png", path=file)


def test_a_large_picture_is_read_from_its_file(tmp_path):
    image, kernel = large(tmp_path), build("sobel-x")
    geometry = Geometry.of(40, 50, 3, 3, padding="same", border="reflect")
    script = filter_script(image, kernel, geometry, applied_to="luma")
    expected = here(image, kernel, geometry, "luma", 0, 0.0, "none", False)
    np.testing.assert_array_equal(run(script), expected)


def test_a_file_that_holds_something_else_is_noticed(tmp_path):
    image = large(tmp_path)
    script = filter_script(image, build("sobel-x"), Geometry.of(40, 50, 3, 3))
    Pillow.fromarray(255 - image.pixels).save(image.path)
    with pytest.raises(SystemExit, match="other pixels"):
        run(script)


@pytest.mark.parametrize("dtype", ["uint16", "float32"])
def test_a_large_picture_is_loaded_from_saved_numbers(tmp_path, dtype):
    pixels = (np.random.default_rng(0).random((40, 50, 2)) * 300).astype(dtype)
    image, kernel = Image.from_array(pixels, "bands"), build("box")
    geometry = Geometry.of(40, 50, 3, 3)
    np.save(tmp_path / "bands.npy", pixels)
    script = filter_script(image, kernel, geometry, saved=tmp_path / "bands.npy")
    expected = here(image, kernel, geometry, "each", 0, 0.0, "none", False)
    np.testing.assert_allclose(run(script), expected, atol=1e-3)


def test_without_a_file_the_script_says_what_to_save(tmp_path, monkeypatch):
    pixels = np.zeros((40, 50, 1), np.float32)
    script = filter_script(
        Image.from_array(pixels, "made"), build("box"), Geometry.of(40, 50, 3, 3)
    )
    assert "an array (40, 50, 1) of float32" in script
    np.save(tmp_path / "picture.npy", pixels)
    monkeypatch.chdir(tmp_path)
    assert run(script).shape == (38, 48, 1)


def test_a_frame_of_an_animation_is_found(tmp_path):
    frames = [np.full((40, 40, 3), shade, np.uint8) for shade in (0, 90, 200)]
    file = tmp_path / "film.gif"
    first, *rest = [Pillow.fromarray(frame) for frame in frames]
    first.save(file, save_all=True, append_images=rest)
    with Pillow.open(file) as film:
        film.seek(2)
        pixels = np.asarray(film.convert("RGB"))
    image = Image.from_array(pixels, "film.gif", path=file, frame=2, frame_count=3)
    output = run(filter_script(image, build("identity"), Geometry.of(40, 40, 3, 3)))
    np.testing.assert_array_equal(output, pixels[1:-1, 1:-1])


def test_invalid_pixels_survive():
    pixels = np.zeros((5, 5, 1), np.float32)
    pixels[2, 2], pixels[0, 0] = np.nan, np.inf
    image, kernel = Image.from_array(pixels, "damaged"), Kernel(np.ones((2, 2)))
    geometry = Geometry.of(5, 5, 2, 2)
    output = run(filter_script(image, kernel, geometry))
    np.testing.assert_array_equal(output, convolve(pixels, kernel, geometry))
