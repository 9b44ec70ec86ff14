import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from visualizer.core.channels import luma
from visualizer.core.convolution import convolve
from visualizer.core.geometry import Geometry, GeometryError
from visualizer.core.image import Image
from visualizer.core.pool_window import PoolWindow, whole_window
from visualizer.core.pooling import POOLINGS, pool
from visualizer.core.pooling_script import convolution_script, pooling_script
from visualizer.core.presets import build


def run(script):
    names = {}
    exec(compile(script, "copied.py", "exec"), names)
    return names["output"]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_script_makes_the_same_map(data):
    draw = data.draw
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (draw(st.integers(1, 32)), draw(st.integers(1, 32)), draw(st.sampled_from([1, 3])))
    dtype = draw(st.sampled_from(["uint8", "uint16", "float32"]))
    pixels = rng.integers(0, 256, shape).astype(dtype)
    if dtype == "float32":
        pixels = rng.normal(size=shape).astype(np.float32)
    height, width = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    window = PoolWindow(
        height, width, draw(st.integers(1, 8)), draw(st.integers(0, min(height, width) // 2)),
        draw(st.booleans()),
    )  # fmt: skip
    kind = draw(st.sampled_from(POOLINGS))
    try:
        geometry = window.geometry(*shape[:2])
    except GeometryError:
        assume(False)
    geometry = whole_window(*shape[:2]) if kind == "global" else geometry
    applied_to = draw(st.sampled_from(["each", "luma", "channel"]))
    options = {"count_padding": draw(st.booleans()), "seed": draw(st.integers(0, 9))}
    image = Image.from_array(pixels, "picture")
    script = pooling_script(image, kind, window, applied_to=applied_to, channel=0, **options)
    taken = {
        "each": pixels,
        "luma": luma(pixels)[:, :, np.newaxis],
        "channel": np.ascontiguousarray(pixels[:, :, [0]]),
    }[applied_to]
    expected = pool(taken, kind, geometry, **options)
    result = run(script)
    assert result.shape == expected.shape and result.dtype == np.float32
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", POOLINGS)
def test_what_is_no_number_comes_out_the_same(kind):
    pixels = np.random.default_rng(0).normal(size=(6, 6, 1)).astype(np.float32)
    pixels[1, 1], pixels[4, 4] = np.nan, np.inf
    pixels[2:4, 2:4] = -1
    geometry = whole_window(6, 6) if kind == "global" else PoolWindow().geometry(6, 6)
    result = run(pooling_script(Image.from_array(pixels, "odd"), kind, PoolWindow()))
    np.testing.assert_allclose(result, pool(pixels, kind, geometry), rtol=1e-5)


def test_the_convolution_as_a_script():
    pixels = np.random.default_rng(0).integers(0, 256, (9, 12, 3)).astype(np.uint8)
    kernel = build("sobel-y")
    geometry = Geometry.of(9, 12, 3, 3, stride=2, padding="same")
    result = run(convolution_script(Image.from_array(pixels, "picture"), kernel, geometry))
    np.testing.assert_array_equal(result, convolve(pixels, kernel, geometry))
