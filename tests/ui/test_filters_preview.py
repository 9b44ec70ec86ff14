"""Looks at large feature maps: what they show is what the whole map shows, and they are cheap."""

import cv2
import numpy as np
import pytest

from visualizer.core.display import Palette
from visualizer.core.image import Image
from visualizer.core.kernels import Kernel
from visualizer.state.filter_settings import FilterSettings
from visualizer.state.filters import LaidFilter, lay
from visualizer.ui.pages.filters_preview import Previewer, Seen, products, reduced

PALETTE = Palette((0, 0, 255), (10, 10, 10), (255, 128, 0), (255, 0, 255))
FITTED = Seen(0.24, range(480), range(640))
ENLARGED = Seen(2.0, range(100, 200), range(300, 450))


def laid(side: int = 3, seed: int = 0, **changes: object) -> LaidFilter:
    rng = np.random.default_rng(7)
    image = Image.from_array(rng.integers(0, 256, (480, 640, 3)).astype(np.uint8), "large")
    weights = np.random.default_rng(seed).integers(-4, 5, (side, side)).astype(float)
    settings = FilterSettings(
        applied_to="each", kernel=Kernel(weights), preset="", padding="same", display="clamp",
        **changes,  # type: ignore[arg-type]
    )  # fmt: skip
    return lay(settings, image, image.pixels.astype(np.float32))


def other(filter_: LaidFilter, seed: int) -> LaidFilter:
    """Return another kernel of the same size on the same pixels."""
    shape = filter_.settings.kernel.weights.shape[1:]
    weights = np.random.default_rng(seed).integers(-4, 5, shape).astype(float)
    settings = filter_.settings.__class__(
        **{**vars(filter_.settings), "kernel": Kernel(weights), "bias": 3.0}
    )
    return lay(settings, filter_.image, filter_.pixels)


def never() -> None:
    """End nothing."""


@pytest.mark.parametrize("side", [2, 3, 7])
def test_a_kept_look_shows_the_means_of_the_whole_map(side: int) -> None:
    previewer, first = Previewer(), laid(side)
    assert previewer.at_once(first, FITTED, PALETTE) is None
    previewer.keep(first, FITTED, never)
    second = other(first, 5)
    look = previewer.look(second, FITTED, PALETTE, never)
    whole = cv2.resize(second.filtered().feature, (160, 120), interpolation=cv2.INTER_AREA)
    inner = np.s_[2:-3, 2:-3]
    np.testing.assert_allclose(look.picture.pixels[inner], whole[inner], atol=0.02)
    assert (look.picture.rows, look.picture.columns) == (480, 640)
    assert look.values is None


def test_a_stride_shows_every_fourth_cell_as_it_is() -> None:
    previewer, first = Previewer(), laid(stride=2)
    seen = Seen(0.24, range(240), range(320))
    previewer.keep(first, seen, never)
    look = previewer.look(first, seen, PALETTE, never)
    np.testing.assert_allclose(look.picture.pixels, first.filtered().feature[::4, ::4], atol=0.01)


def test_an_enlarged_look_is_the_whole_map_where_it_is_seen() -> None:
    previewer, first = Previewer(), laid(5)
    previewer.keep(first, ENLARGED, never)
    second = other(first, 3)
    look = previewer.look(second, ENLARGED, PALETTE, never)
    assert look.values is not None
    whole = second.filtered().feature
    np.testing.assert_array_equal(look.values[100:200, 300:450], whole[100:200, 300:450])
    assert not look.values[:100].any()


def test_only_the_same_pixels_size_and_zoom_are_served() -> None:
    previewer, first = Previewer(), laid()
    previewer.keep(first, FITTED, never)
    previewer._ms_per_million = 1e-6
    assert previewer.at_once(other(first, 1), FITTED, PALETTE) is not None
    assert previewer.at_once(first, ENLARGED, PALETTE) is None
    assert previewer.at_once(laid(), FITTED, PALETTE) is None  # other pixels
    moved = lay(FilterSettings(**{**vars(first.settings), "padding": 0}), first.image, first.pixels)
    assert previewer.at_once(moved, FITTED, PALETTE) is None
    previewer.forget()
    assert previewer.at_once(first, FITTED, PALETTE) is None


def test_what_is_slow_is_not_done_at_once() -> None:
    previewer, first = Previewer(), laid()
    previewer.keep(first, FITTED, never)
    previewer._ms_per_million = 1e6
    assert previewer.at_once(first, FITTED, PALETTE) is None


def test_a_look_comes_first_only_where_it_is_cheaper() -> None:
    previewer = Previewer()
    small = laid(3)
    assert products(small) == 480 * 640 * 3 * 9
    assert not previewer.wanted(small, FITTED)
    assert not previewer.wanted(small, ENLARGED)
    assert previewer.wanted(laid(9), ENLARGED)
    previewer.keep(small, FITTED, never)
    assert previewer.wanted(small, FITTED)


def test_gathering_can_be_ended() -> None:
    class Unwanted(Exception):
        pass

    def check() -> None:
        raise Unwanted

    previewer, first = Previewer(), laid()
    with pytest.raises(Unwanted):
        previewer.keep(first, FITTED, check)
    assert previewer.at_once(first, FITTED, PALETTE) is None


def test_the_scale_of_a_look_is_that_of_the_whole_map() -> None:
    first = laid(3)
    settings = first.settings.__class__(**{**vars(first.settings), "display": "diverging"})
    first = lay(settings, first.image, first.pixels)
    previewer = Previewer()
    previewer.keep(first, FITTED, never)
    frame = first.filtered()
    expected = frame.paint(frame.feature[:4, :5], frame.scale, PALETTE)
    look = previewer.look(first, ENLARGED, PALETTE, never)
    painted = look.picture._rgb(frame.feature[:4, :5])
    np.testing.assert_array_equal(painted, expected)
    whole = reduced(frame, FITTED, PALETTE)
    np.testing.assert_array_equal(whole.picture._rgb(frame.feature[:4, :5]), expected)
    assert whole.picture.pixels.shape == (120, 160, 3)
