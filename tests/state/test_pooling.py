"""The Pooling page's settings, what they make of a picture, and what a shift changes."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from visualizer.core import samples
from visualizer.core.geometry import GeometryError
from visualizer.core.image import Image
from visualizer.core.pool_window import PoolWindow
from visualizer.core.pooling_examples import POOLING_EXAMPLES
from visualizer.state.filter_settings import FilterSettings
from visualizer.state.filters import resolve
from visualizer.state.pooling import lay
from visualizer.state.pooling_model import PoolingModel, fitted
from visualizer.state.pooling_settings import KINDS, PoolingSettings
from visualizer.state.pooling_shift import COMPARED, compare, shifted_pixels


@pytest.fixture
def colour() -> Image:
    pixels = np.random.default_rng(0).integers(0, 256, (12, 17, 3)).astype(np.uint8)
    return Image.from_array(pixels, "colour")


def test_each_channel_is_pooled_by_itself_and_colours_stay(colour: Image) -> None:
    frame = lay(PoolingSettings(applied_to="each"), colour)
    x = torch.tensor(colour.pixels.astype(np.float32)).permute(2, 0, 1)
    there = F.max_pool2d(x, 2).permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(frame.feature, there)
    assert (frame.maps, frame.mode, frame.scale) == (3, "clamp", (0.0, 255.0))
    assert frame.remaining == (6 * 8, 12 * 17)
    assert frame.formula("columns") == "⌊(17 + 2·0 − 2) / 2⌋ + 1 = 8"


def test_the_convolution_is_torchs_with_half_a_kernel_of_padding(colour: Image) -> None:
    frame = lay(PoolingSettings(kind="convolution"), colour)
    x = torch.tensor(frame.pixels.astype(np.float64)).permute(2, 0, 1)[None]
    weights = torch.tensor(frame.settings.convolved_with().weights)[None]
    there = F.conv2d(x, weights, stride=2, padding=1)[0, 0].numpy()
    np.testing.assert_allclose(frame.feature[:, :, 0], there, atol=1e-3)
    assert frame.mode == "diverging"
    x.requires_grad_()
    F.conv2d(x, weights, stride=2, padding=1).sum().backward()
    np.testing.assert_allclose(frame.pooled.gradient[:, :, 0], x.grad[0, 0].numpy(), atol=1e-5)
    assert frame.cell(2, 3).output == pytest.approx(float(frame.feature[2, 3, 0]))


@pytest.mark.parametrize("kind", KINDS)
def test_one_cells_gradient_is_its_part_of_all_of_them(kind, colour: Image) -> None:
    frame = lay(PoolingSettings(kind=kind, window=PoolWindow(3, 2, 2, 1), gradient=2.0), colour)
    geometry = frame.geometry
    arriving = sum(
        frame.arriving(row, column)[:, :, 0].astype(np.float64)
        for row in range(geometry.out_height)
        for column in range(geometry.out_width)
    )
    np.testing.assert_allclose(arriving, 2 * frame.pooled.gradient[:, :, 0], rtol=1e-4, atol=1e-4)


def test_winners_are_marked_once_for_all_their_windows() -> None:
    pixels = np.zeros((5, 5), np.uint8)
    pixels[2, 2] = 9
    frame = lay(PoolingSettings(window=PoolWindow(3, 3, 1)), Image.from_array(pixels, "dot"))
    assert np.argwhere(frame.winners_looked_at).tolist() == [[2, 2]]


def test_numbers_are_kept_while_only_looks_change(colour: Image) -> None:
    first = lay(PoolingSettings(), colour)
    look = replace(first.settings, exact=True, winners=True, view="backwards", seed=4)
    assert lay(look, colour, first.pixels, first.pooled).pooled is first.pooled
    other = replace(look, kind="stochastic")
    drawn = lay(other, colour, first.pixels, first.pooled)
    assert drawn.pooled is not first.pooled
    again = lay(replace(other, seed=5), colour, first.pixels, drawn.pooled)
    assert (again.feature != drawn.feature).any()


def test_a_map_of_the_filters_page_is_pooled_under_its_name(colour: Image) -> None:
    model = PoolingModel(colour)
    model.send(resolve(FilterSettings(activation="ReLU"), colour))
    frame = lay(model.settings, colour)
    assert frame.applied == "map" and frame.bands == ("Sobel x · ReLU",)
    assert frame.source.name == "Sobel x · ReLU of colour"
    assert frame.source.pixels.dtype == np.float32 and frame.pixels.min() >= 0
    assert (frame.input.mode, frame.input.scale[0]) == ("clamp", 0.0)
    model.send(resolve(FilterSettings(applied_to="each"), colour))
    frame = lay(model.settings, colour)
    assert frame.bands == ("R", "G", "B") and frame.mode == "diverging"
    assert frame.scale == (-frame.settings.sent.largest, frame.settings.sent.largest)


def test_a_map_serves_only_while_its_picture_is_on_show(colour: Image) -> None:
    model = PoolingModel(colour)
    model.send(resolve(FilterSettings(), colour))
    other = Image.from_array(np.zeros((6, 6), np.uint8), "other")
    model.take(other)
    assert model.fit() == ""
    assert lay(model.settings, other).applied == "luma"
    assert lay(model.settings, other).source is other
    model.take(colour)
    assert lay(model.settings, colour).applied == "map"


def test_what_gives_no_output_is_refused_and_stays(colour: Image) -> None:
    model = PoolingModel(Image.from_array(np.zeros((3, 3), np.uint8), "tiny"))
    with pytest.raises(GeometryError, match="spans 5 rows, but the picture has only 3 rows"):
        model.change_window("height", height=5)
    with pytest.raises(GeometryError, match="must lie between 1 and 8"):
        model.change_window("height", height=9)
    assert model.settings.window == PoolWindow()
    model.edit("pooling", kind="global")
    model.change_window("height", height=5)  # a global window is as large as the picture
    with pytest.raises(GeometryError):
        model.edit("pooling", kind="max")


def test_a_square_window_stays_square_until_it_is_told_otherwise(colour: Image) -> None:
    model = PoolingModel(colour)
    model.change_window("height", height=3)
    assert (model.settings.window.height, model.settings.window.width) == (3, 3)
    model.make_square(False)
    model.change_window("width", width=1)
    assert (model.settings.window.height, model.settings.window.width) == (3, 1)
    model.make_square(True)
    assert model.settings.window.width == 3
    model.choose_window(3, 2)
    assert model.settings.window == PoolWindow(3, 3, 2)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 5)])
def test_a_small_picture_gets_a_window_that_fits_and_a_sentence(size) -> None:
    image = Image.from_array(np.zeros(size, np.uint8), "small")
    settings = PoolingSettings(window=PoolWindow(6, 6, 2, 1), applied_to="channel", channel=2)
    now, sentence = fitted(settings, image)
    assert "no channel 3" in sentence and "It is" in sentence
    assert now.why_not(image) == "" and now.window.height == now.window.width == min(size)
    assert fitted(now, image) == (now, "")


@pytest.mark.parametrize(
    "array",
    [
        np.array([[7]], np.uint8),
        np.full((4, 4), 65535, np.uint16),
        np.linspace(-1, 1, 16).reshape(4, 4).astype(np.float32),
        np.array([[np.nan, 1], [2, np.inf]], np.float32),
        np.full((3, 3), np.nan, np.float32),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_any_picture_can_be_pooled_in_any_way(kind, array) -> None:
    image = Image.from_array(array, "odd")
    settings, _ = fitted(PoolingSettings(kind=kind), image)
    frame = lay(settings, image)
    shown = frame.cell(0, 0)
    np.testing.assert_allclose(shown.output, frame.feature[0, 0, 0], rtol=1e-5)
    assert len(frame.scale) == 2 and frame.beyond_and_invalid[1] <= frame.feature.size
    for part in (frame.pooled.winners, frame.pooled.gradient):
        assert part.shape == frame.pixels.shape
    comparison = compare(frame)
    assert 0 <= comparison.input.share <= 1


def test_settings_are_validated() -> None:
    for changes in ({"kind": "min"}, {"shift": (9, 0)}, {"gradient": np.inf}, {"threshold": 0.3}):
        with pytest.raises(ValueError, match=r"\.$"):
            PoolingSettings(**changes)


# Does it matter where?


def test_a_shift_repeats_the_edge() -> None:
    pixels = np.arange(12, dtype=np.float32).reshape(3, 4, 1)
    moved = shifted_pixels(pixels, 1, -2)[:, :, 0]
    assert moved.tolist() == [[2, 3, 3, 3], [2, 3, 3, 3], [6, 7, 7, 7]]
    np.testing.assert_array_equal(shifted_pixels(pixels, 0, 0), pixels)


def test_the_counts_are_those_of_the_differences() -> None:
    example = next(e for e in POOLING_EXAMPLES if e.key == "shift")
    image = Image.from_array(example.pixels, "dots")
    settings = PoolingSettings(view="shift", threshold=0.0, shift=(0, 1))
    made = compare(lay(settings, image))
    before = example.pixels
    after = before[:, [0, 0, 1, 2, 3, 4, 5, 6]]
    assert made.input.changed == (before != after).sum()
    for shown, pooled in zip(made.pooled, (F.max_pool2d, F.avg_pool2d), strict=False):
        first, second = (pooled(torch.tensor(x)[None], 2)[0].numpy() for x in (before, after))
        np.testing.assert_array_equal(shown.after[:, :, 0], second)
        np.testing.assert_array_equal(shown.difference[:, :, 0], second - first)
        assert shown.changed == (first != second).sum()
    shares = dict(zip(COMPARED, (shown.share for shown in made.pooled), strict=True))
    assert shares["max"] < shares["average"] < shares["convolution"]


@pytest.mark.parametrize("key", ["cat", "camera", "text", "noise"])
def test_counting_every_change_fewest_maxima_change(key: str) -> None:
    made = compare(lay(PoolingSettings(view="shift"), samples.load(key)))
    most, mean, filtered = (shown.share for shown in made.pooled)
    assert most < made.input.share < min(mean, filtered)


def test_without_a_shift_nothing_changes(colour: Image) -> None:
    made = compare(lay(PoolingSettings(view="shift", threshold=0.0, shift=(0, 0)), colour))
    assert [shown.changed for shown in (made.input, *made.pooled)] == [0, 0, 0, 0]


def test_a_threshold_counts_only_larger_changes(colour: Image) -> None:
    counts = [
        compare(lay(PoolingSettings(threshold=threshold), colour)).input.changed
        for threshold in (0.0, 0.05, 0.1)
    ]
    assert counts == sorted(counts, reverse=True) and len(set(counts)) == 3


def test_the_shift_ends_at_its_farthest(colour: Image) -> None:
    model = PoolingModel(colour)
    for _ in range(12):
        model.move(-1, 0)
    assert model.settings.shift == (-8, 1)
