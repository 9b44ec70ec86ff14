import cv2
import numpy as np
import pytest

from visualizer.core.convolution import convolve
from visualizer.core.geometry import BORDERS, Geometry
from visualizer.core.kernels import describe
from visualizer.core.presets import FORMULAS, build, find, gaussian, groups, motion, presets

SUMS = {
    "Start here": 1,
    "Blur": 1,
    "Sharpen": 1,
    "Edges": 0,
    "Outlines": 0,
    "Texture": 0,
}
EVERY_VALUE = [
    (preset.key, parameter.name, value)
    for preset in presets()
    for parameter in preset.parameters
    for value in (parameter.minimum, parameter.minimum + parameter.step, parameter.maximum)
]


def weights(key, *parameters):
    return build(key, parameters).weights[0]


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.key)
def test_presets_are_complete_and_do_what_their_group_says(preset):
    kernel = preset.kernel()
    assert preset.title and preset.about.endswith(".")
    assert bool(preset.weights) != bool(preset.formula)
    assert kernel.name.startswith(preset.title)
    total = {"emboss": 1, "line-vertical": 0, "line-horizontal": 0}.get(
        preset.key, SUMS.get(preset.group)
    )
    assert kernel.sum == pytest.approx(total, abs=1e-12)


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.key)
def test_every_preset_with_every_border_agrees_with_torch(torch_map, preset, border):
    rng = np.random.default_rng(7)
    pixels = rng.integers(0, 256, (24, 31, 3), dtype=np.uint8)
    kernel = preset.kernel()
    geometry = Geometry.of(24, 31, kernel.height, kernel.width, padding="same", border=border)
    result = convolve(pixels, kernel, geometry)
    expected = torch_map(pixels, kernel.weights, geometry)
    if (kernel.weights == np.rint(kernel.weights)).all():
        np.testing.assert_array_equal(result, expected)
    else:
        np.testing.assert_allclose(result, expected, atol=255 * 1e-5)


def test_keys_and_titles_are_unique():
    assert len({preset.key for preset in presets()}) == len(presets())
    assert len({preset.title for preset in presets()}) == len(presets())
    assert [p for group in groups().values() for p in group] == list(presets())
    assert {p.formula for p in presets() if p.formula} == set(FORMULAS)


def test_all_that_was_promised_is_there():
    assert {preset.key for preset in presets()} == {
        "identity", "box", "gaussian", "motion", "sharpen", "strong-sharpen", "unsharp",
        "sobel-x", "sobel-y", "sobel-down", "sobel-up",
        "prewitt-x", "prewitt-y", "prewitt-down", "prewitt-up",
        "scharr-x", "scharr-y", "scharr-down", "scharr-up", "roberts-down", "roberts-up",
        "laplacian-4", "laplacian-8", "outline", "log", "line-vertical", "line-horizontal",
        "emboss", "gabor",
    }  # fmt: skip


@pytest.mark.parametrize(("key", "name", "value"), EVERY_VALUE)
def test_parameters_reach_their_ends(key, name, value):
    kernel = build(key, ((name, value),))
    assert np.isfinite(kernel.weights).all()
    assert np.abs(kernel.weights).sum() > 0
    if name == "size":
        assert kernel.height == kernel.width == value


def test_edge_detectors_are_those_of_opencv():
    for key, x, y in (("sobel-x", 1, 0), ("sobel-y", 0, 1)):
        columns, rows = cv2.getDerivKernels(x, y, 3)
        np.testing.assert_array_equal(weights(key), np.outer(rows, columns))
    columns, rows = cv2.getDerivKernels(1, 0, cv2.FILTER_SCHARR)
    np.testing.assert_array_equal(weights("scharr-x"), np.outer(rows, columns))
    np.testing.assert_array_equal(weights("prewitt-x"), [[-1, 0, 1]] * 3)
    np.testing.assert_array_equal(weights("roberts-down"), [[1, 0], [0, -1]])


@pytest.mark.parametrize("family", ["sobel", "prewitt", "scharr"])
def test_directions_are_turns_of_one_another(family):
    x, y, down, up = (weights(f"{family}-{way}") for way in ("x", "y", "down", "up"))
    np.testing.assert_array_equal(y, x.T)
    np.testing.assert_array_equal(np.rot90(down), up)
    np.testing.assert_array_equal(down, down.T)
    ramp = np.add.outer(np.arange(3), np.arange(3))  # brighter to the lower right
    assert (x * ramp).sum() > 0 and (y * ramp).sum() > 0 and (down * ramp).sum() > 0
    assert (up * ramp).sum() == 0


@pytest.mark.parametrize(("size", "sigma"), [(3, 0.5), (5, 1), (15, 5)])
def test_gaussian_is_that_of_opencv(size, sigma):
    line = cv2.getGaussianKernel(size, sigma)[:, 0]
    # OpenCV rounds small kernels to eight bits; its formula is the same.
    np.testing.assert_allclose(gaussian(size, sigma), np.outer(line, line), atol=2e-3)
    x = np.arange(size) - size // 2
    exact = np.exp(-(x**2) / (2 * sigma**2))
    exact /= exact.sum()
    np.testing.assert_allclose(gaussian(size, sigma), np.outer(exact, exact), rtol=1e-12)


def test_unsharp_is_twice_the_picture_less_its_blur():
    line = np.array([1, 4, 6, 4, 1]) / 16
    expected = -np.outer(line, line)
    expected[2, 2] += 2
    np.testing.assert_array_equal(weights("unsharp"), expected)


def test_motion_runs_along_its_angle():
    level = motion(5, 0)
    np.testing.assert_allclose(level[2].sum(), 1)
    np.testing.assert_allclose(motion(5, 90), level.T)
    np.testing.assert_allclose(motion(9, 135), motion(9, 45)[:, ::-1], atol=1e-12)
    rising = motion(9, 45)
    assert rising[2, 6] > 5 * rising[2, 2]  # up to the right


def test_gabor_answers_to_its_own_direction_and_wavelength():
    def response(angle, wavelength):
        columns = np.arange(40)
        stripes = np.tile(128 + 100 * np.cos(2 * np.pi * columns / 4), (40, 1))
        kernel = build("gabor", (("angle", angle), ("wavelength", wavelength)))
        geometry = Geometry.of(40, 40, 11, 11)
        return np.abs(convolve(stripes[:, :, None].astype(np.float32), kernel, geometry)).max()

    own = response(0, 4)
    assert own > 5 * response(90, 4)
    assert own > 2 * response(0, 8)


def test_laplacian_of_gaussian_answers_most_to_spots_of_its_size():
    def response(radius):
        x = np.arange(31) - 15
        spot = (np.add.outer(x**2, x**2) <= radius**2).astype(np.float32)[:, :, None]
        kernel = build("log", (("size", 15.0), ("sigma", 2.0)))
        return -convolve(spot, kernel, Geometry.of(31, 31, 15, 15)).min()

    assert response(3) > response(1) and response(3) > response(8)  # the best radius is √2 σ


def test_fractions_are_exact():
    assert weights("unsharp")[2, 2] == 476 / 256
    assert describe(build("box")) == "sum 1 · rank 1: separable"


def test_wrong_parameters_say_why():
    with pytest.raises(ValueError, match=r"The σ of Gaussian blur must lie between 0\.3 and 5"):
        build("gaussian", (("sigma", 9.0),))
    with pytest.raises(ValueError, match="Box blur has no parameter sigma"):
        build("box", (("sigma", 1.0),))
    with pytest.raises(KeyError):
        find("nothing")
