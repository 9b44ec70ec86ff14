"""What the Filters page computes: settings, fitting them to a picture, a frame and its colours."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from visualizer.core.convolution import ACTIVATIONS
from visualizer.core.display import Palette
from visualizer.core.examples import EXAMPLES
from visualizer.core.geometry import BORDERS, Geometry, GeometryError
from visualizer.core.image import Image
from visualizer.core.kernels import Kernel, negate, normalise
from visualizer.state.applied import applied_pixels
from visualizer.state.filter_settings import FilterSettings
from visualizer.state.filters import (
    lay,
    map_region,
    resolve,
)
from visualizer.state.filters_model import FiltersModel, fitted
from visualizer.state.model import Edit

PALETTE = Palette((0, 0, 255), (10, 10, 10), (255, 128, 0), (255, 0, 255))


@pytest.fixture
def grey() -> Image:
    values = np.random.default_rng(0).integers(0, 256, (12, 17)).astype(np.uint8)
    return Image.from_array(values, "grey")


@pytest.fixture
def colour() -> Image:
    values = np.random.default_rng(1).integers(0, 256, (11, 9, 3)).astype(np.uint8)
    return Image.from_array(values, "colour")


def kernel_of(*rows: list[float]) -> Kernel:
    return Kernel(np.array(rows, dtype=float), "test")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stride": 0}, "stride must lie between 1 and 8"),
        ({"dilation": 5}, "dilation must lie between 1 and 4"),
        ({"padding": 8}, "padding must lie between 0 and 7"),
        ({"bias": np.nan}, "bias must be a finite number"),
        ({"applied_to": "all"}, "'all' is none of"),
        ({"border": "mirror"}, "'mirror' is none of"),
        ({"activation": "GELU"}, "'GELU' is none of"),
        ({"display": "fire"}, "'fire' is none of"),
        ({"kernel": Kernel(np.zeros((3, 3, 3)))}, "Only a filter across all channels"),
    ],
)
def test_settings_are_validated_with_a_sentence(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(FilterSettings(), **changes)


@given(
    st.sampled_from(["luma", "each", "channel", "across"]),
    st.integers(1, 5),
    st.integers(1, 5),
    st.integers(1, 3),
    st.integers(1, 2),
    st.integers(0, 2),
    st.sampled_from(["none", "ReLU", "absolute"]),
    st.booleans(),
)
def test_the_frame_is_what_torch_computes(
    applied_to: Any, tall: int, wide: int, stride: int, dilation: int, padding: int,
    activation: Any, flip: bool,
) -> None:  # fmt: skip
    rng = np.random.default_rng(tall * 10 + wide)
    image = Image.from_array(rng.integers(0, 256, (13, 12, 3)).astype(np.uint8), "colour")
    planes = 3 if applied_to == "across" else 1
    weights = rng.integers(-4, 5, (planes, tall, wide)).astype(float)
    settings = FilterSettings(
        applied_to=applied_to, channel=1, kernel=Kernel(weights), preset="", stride=stride,
        dilation=dilation, padding=padding, bias=2.5, activation=activation, flip=flip,
    )  # fmt: skip
    if settings.why_not(image):
        return
    frame = resolve(settings, image)
    pixels = torch.tensor(applied_pixels(settings, image).astype(np.float32)).permute(2, 0, 1)
    laid = torch.tensor((weights[:, ::-1, ::-1] if flip else weights).copy()).float()
    options: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation}
    if applied_to == "across":
        expected = torch.nn.functional.conv2d(pixels[None], laid[None], **options)
    else:
        expected = torch.nn.functional.conv2d(pixels[:, None], laid[None], **options)
    expected = expected.reshape(-1, *expected.shape[-2:]) + 2.5
    if activation == "ReLU":
        expected = expected.relu()
    elif activation == "absolute":
        expected = expected.abs()
    np.testing.assert_array_equal(frame.feature, expected.permute(1, 2, 0).numpy())
    row, column = frame.geometry.out_height - 1, frame.geometry.out_width // 2
    assert frame.cell(row, column).output == frame.feature[row, column, frame.map_looked_at]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_every_example_gives_its_numbers(example: Any) -> None:
    settings = FilterSettings(
        applied_to="across" if example.across else "luma", kernel=example.kernel, preset="",
        stride=example.stride, padding=example.padding, bias=example.bias,
    )  # fmt: skip
    frame = resolve(settings, Image.from_array(example.pixels, example.title))
    np.testing.assert_array_equal(frame.feature[:, :, 0], example.expected)
    for mark in example.landmarks:
        assert frame.cell(mark.row, mark.column).output == mark.value


def test_the_channel_looked_at_is_the_one_explained(colour: Image) -> None:
    settings = FilterSettings(applied_to="each", plane=2)
    frame = resolve(settings, colour)
    assert frame.bands == ("R", "G", "B")
    assert frame.maps == 3
    assert frame.cell(4, 5).output == frame.feature[4, 5, 2]
    assert resolve(replace(settings, applied_to="channel", channel=2), colour).bands == ("B",)
    assert resolve(replace(settings, applied_to="luma"), colour).bands == ("luma",)


def test_a_region_of_cells_equals_the_same_part_of_the_whole(colour: Image) -> None:
    laid = lay(FilterSettings(applied_to="each", stride=2, activation="tanh", bias=1), colour)
    whole = laid.filtered().feature
    np.testing.assert_array_equal(laid.cells(range(1, 4), range(2, 5)), whole[1:4, 2:5])


def test_work_can_be_ended_in_the_middle(grey: Image) -> None:
    class Unwanted(Exception):
        pass

    def check() -> None:
        raise Unwanted

    with pytest.raises(Unwanted):
        lay(FilterSettings(), grey).filtered(check)


def test_the_map_of_an_unpadded_filter_stands_for_the_middle_of_the_input() -> None:
    same = map_region(Geometry.of(10, 20, 3, 3, padding=1))
    assert same == (0.0, 0.0, 1.0, 1.0)
    top, left, height, width = map_region(Geometry.of(10, 20, 3, 3))
    assert (top, left) == (0.1, 0.05)
    assert (height, width) == (0.8, 0.9)


def test_a_weight_touches_every_pixel_it_multiplies(grey: Image) -> None:
    laid = lay(FilterSettings(padding=0, stride=2), grey)
    rows, columns = laid.touched(0, 2)
    assert rows == range(0, 9, 2)
    assert columns == range(2, 17, 2)


@pytest.mark.parametrize(
    ("kernel", "mode"),
    [
        (kernel_of([-1, 0, 1]), "diverging"),
        (kernel_of([1, 1, 1]), "rescale"),
        (normalise(kernel_of([1, 1, 1])), "clamp"),
        (kernel_of([0, -1, 0], [-1, 5, -1], [0, -1, 0]), "clamp"),
        (negate(kernel_of([1])), "diverging"),
        (kernel_of([-0.001, 2, 0]), "rescale"),
    ],
)
def test_colours_are_chosen_by_the_results(grey: Image, kernel: Kernel, mode: str) -> None:
    bright = brightened(grey)
    settings = FilterSettings(kernel=kernel, preset="", padding=0)
    assert lay(settings, bright).mode == mode
    assert resolve(settings, bright).mode == mode
    rectified = replace(settings, activation="ReLU")
    assert lay(rectified, bright).mode != "diverging"


def brightened(grey: Image) -> Image:
    """The picture without black: an all but positive kernel gives no negative number."""
    return Image.from_array(np.maximum(grey.pixels[:, :, 0], 20), "bright")


def test_without_negative_numbers_zero_is_black(grey: Image) -> None:
    frame = resolve(FilterSettings(kernel=kernel_of([2.0]), preset="", padding=0, bias=7), grey)
    assert frame.scale == (0.0, frame.extremes[1])


def test_a_chosen_display_stays(grey: Image) -> None:
    assert lay(FilterSettings(display="offset"), grey).mode == "offset"


def test_what_the_colours_cannot_show_is_counted(grey: Image) -> None:
    kernel = kernel_of([3.0])
    frame = resolve(FilterSettings(kernel=kernel, preset="", padding=0, display="clamp"), grey)
    assert frame.scale == (0.0, 255.0)
    assert frame.beyond_and_invalid == (int((grey.pixels > 85).sum()), 0)
    assert frame.extremes == (3.0 * grey.pixels.min(), 3.0 * grey.pixels.max())


def test_numbers_that_are_not_finite_are_counted_and_painted_apart() -> None:
    values = np.ones((4, 5), np.float32)
    values[1, 2] = np.nan
    image = Image.from_array(values, "damaged")
    frame = resolve(
        FilterSettings(kernel=kernel_of([1.0]), preset="", padding=0, display="diverging"), image
    )
    assert frame.extremes == (1.0, 1.0)
    assert frame.beyond_and_invalid == (0, 1)
    painted = frame.paint(frame.feature, frame.scale, PALETTE)
    assert tuple(painted[1, 2]) == PALETTE.invalid
    assert tuple(painted[0, 0]) == PALETTE.positive


def test_a_few_extreme_cells_do_not_take_the_colour_from_all_others() -> None:
    values = np.random.default_rng(2).normal(0, 1, (100, 100)).astype(np.float32)
    values[50, :3] = 1000
    image = Image.from_array(values, "noise")
    settings = FilterSettings(kernel=kernel_of([1.0]), preset="", padding=0, display="diverging")
    frame = resolve(settings, image)
    assert frame.extremes[1] == 1000
    assert 2 < frame.scale[1] < 4
    assert frame.beyond_and_invalid[0] >= 3
    small = resolve(settings, Image.from_array(values[40:60, :20], "part"))
    assert small.scale == (-1000, 1000)


def test_three_maps_are_painted_as_colours_or_one_by_one(colour: Image) -> None:
    settings = FilterSettings(
        applied_to="each", kernel=kernel_of([1.0]), preset="", padding=0, display="clamp"
    )
    frame = resolve(settings, colour)
    np.testing.assert_array_equal(frame.paint(frame.feature, frame.scale, PALETTE), colour.pixels)
    frame = resolve(replace(settings, display="diverging", plane=1), colour)
    assert frame.extremes == (colour.pixels[:, :, 1].min(), colour.pixels[:, :, 1].max())


# The model


def test_an_edit_without_output_is_refused_and_nothing_changes(grey: Image) -> None:
    model = FiltersModel(Image.from_array(np.zeros((4, 4), np.uint8), "tiny"))
    before = model.settings
    with pytest.raises(GeometryError, match="spans 13 pixels"):
        model.edit("dilation", dilation=4, kernel=Kernel(np.ones((4, 4))), preset="")
    assert model.settings is before
    model.take(grey)
    model.edit("dilation", dilation=4, kernel=Kernel(np.ones((4, 4))), preset="")
    assert model.settings.dilation == 4


def test_a_filter_across_channels_gets_a_plane_for_each(colour: Image) -> None:
    model = FiltersModel(colour)
    model.apply_to("across")
    assert model.settings.kernel.planes == 3
    model.edit("plane", plane=1)
    weights = np.arange(9.0).reshape(3, 3)
    model.set_weights(weights)
    np.testing.assert_array_equal(model.settings.kernel.weights[1], weights)
    assert model.settings.kernel.weights[0, 0, 0] == -1
    assert model.settings.preset == ""
    model.choose_preset("box")
    assert np.ptp(model.settings.kernel.weights) == 0
    model.apply_to("channel", 2)
    assert (model.settings.kernel.planes, model.settings.channel) == (1, 2)


def test_a_kernel_of_three_planes_spans_the_channels(colour: Image, grey: Image) -> None:
    three = Kernel(np.arange(12.0).reshape(3, 2, 2), "three")
    model = FiltersModel(colour)
    model.set_kernel(three, "import")
    assert (model.settings.applied_to, model.settings.kernel) == ("across", three)
    model = FiltersModel(grey)
    model.set_kernel(three, "import")
    assert (model.settings.applied_to, model.settings.kernel.planes) == ("luma", 1)


def test_resizing_keeps_the_middle_and_pastes_a_block(grey: Image) -> None:
    model = FiltersModel(grey)
    model.resize_kernel(5, 3)
    assert model.settings.kernel.weights.shape == (1, 5, 3)
    np.testing.assert_array_equal(model.settings.kernel.weights[0, 2], [-2, 0, 2])
    model.resize_kernel(5, 5, np.ones((2, 5)))
    np.testing.assert_array_equal(model.settings.kernel.weights[0, :2], np.ones((2, 5)))
    with pytest.raises(ValueError, match="1 to 15"):
        model.resize_kernel(16, 3)


def test_a_preset_with_parameters_is_one_edit_that_merges(grey: Image) -> None:
    model = FiltersModel(grey)
    edits: list[Edit] = []
    model.edited.connect(edits.append)
    model.choose_preset("gaussian", (("size", 7.0), ("sigma", 1.5)), merge="σ#1")
    assert model.settings.kernel.height == 7
    assert (edits[0].merge, edits[0].before.preset) == ("σ#1", "sobel-x")
    model.choose_preset("gaussian", (("size", 7.0), ("sigma", 1.5)), merge="σ#1")
    assert len(edits) == 1


def test_a_change_that_is_refused_says_why(grey: Image) -> None:
    model = FiltersModel(grey)
    with pytest.raises(ValueError, match="sum to 0"):
        model.change_kernel(normalise, "normalise")
    model.change_kernel(negate, "negate")
    assert model.settings.kernel.weights[0, 0, 0] == 1


def test_settings_are_fitted_to_another_picture(colour: Image) -> None:
    settings = FilterSettings(applied_to="channel", channel=2)
    tiny = Image.from_array(np.zeros((2, 2), np.uint8), "tiny")
    after, said = fitted(settings, tiny)
    assert after.channel == 0
    assert "no channel 3" in said
    after, said = fitted(FilterSettings(border="reflect", padding=5), tiny)
    assert (after.border, after.padding) == ("zero", 5)
    assert "The border is zero now." in said
    after, said = fitted(FilterSettings(padding=0), tiny)
    assert (after.padding, resolve(after, tiny).feature.shape) == ("same", (2, 2, 1))
    assert "“same” now" in said
    assert fitted(FilterSettings(), colour) == (FilterSettings(), "")


@given(
    st.integers(1, 6), st.integers(1, 6), st.sampled_from([1, 3]), st.integers(1, 15),
    st.integers(1, 15), st.integers(1, 8), st.integers(1, 4),
    st.one_of(st.integers(0, 7), st.sampled_from(["valid", "same", "full"])),
    st.sampled_from(BORDERS), st.sampled_from(ACTIVATIONS),
)  # fmt: skip
def test_whatever_was_chosen_fitted_settings_give_an_output(
    height: int, width: int, channels: int, tall: int, wide: int, stride: int, dilation: int,
    padding: Any, border: Any, activation: Any,
) -> None:  # fmt: skip
    image = Image.from_array(np.ones((height, width, channels), np.uint8), "tiny")
    settings = FilterSettings(
        kernel=Kernel(np.ones((tall, wide))), preset="", stride=stride, dilation=dilation,
        padding=padding, border=border, activation=activation,
    )  # fmt: skip
    after, said = fitted(settings, image)
    assert resolve(after, image).feature.size > 0
    assert bool(said) == (after != settings)


def test_fitting_is_no_edit(grey: Image) -> None:
    model = FiltersModel(grey)
    edits: list[Edit] = []
    model.edited.connect(edits.append)
    model.edit("padding", padding=0)
    model.take(Image.from_array(np.zeros((2, 2), np.uint8), "tiny"))
    assert "“same”" in model.fit()
    assert model.settings.padding == "same"
    assert model.fit() == ""
    assert len(edits) == 1
