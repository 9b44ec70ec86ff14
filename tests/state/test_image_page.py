"""What the Image page shows, worked out without any widget."""

import numpy as np
import pytest

from visualizer.core.image import Image
from visualizer.state.image_page import (
    ImagePageModel,
    ImageSettings,
    auto_window,
    count_weights,
    facts,
    remarks,
    resolve,
)

MAGENTA = (214, 63, 180)


@pytest.fixture
def photo() -> Image:
    rng = np.random.default_rng(5)
    return Image.from_array(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8), "photo.png")


@pytest.fixture
def holed() -> Image:
    pixels = np.linspace(0, 1, 27, dtype=np.float32).reshape(3, 3, 3)
    pixels[1, 2, 0] = np.nan
    pixels[0, 0, 1] = np.inf
    return Image.from_array(pixels, "holed.tif")


def test_settings_refuse_what_has_no_meaning() -> None:
    with pytest.raises(ValueError, match="between 0 and 2"):
        ImageSettings(weights=(1.0, 2.1, 1.0))
    with pytest.raises(ValueError, match="exactly once"):
        ImageSettings(order=(0, 0, 1))
    with pytest.raises(ValueError, match="below"):
        ImageSettings(window=(5.0, 5.0))


def test_untouched_picture_is_painted_as_it_is(photo: Image) -> None:
    frame = resolve(ImageSettings(), photo)
    assert not frame.is_recomposed
    np.testing.assert_array_equal(frame.paint_picture(MAGENTA, photo.pixels), photo.pixels)


def test_tinted_planes_hold_one_channel_each(photo: Image) -> None:
    frame = resolve(ImageSettings(), photo)
    for i in range(3):
        painted = frame.paint_plane(i, MAGENTA, photo.pixels)
        np.testing.assert_array_equal(painted[:, :, i], photo.pixels[:, :, i])
        assert not np.delete(painted, i, axis=2).any()


def test_grey_planes_repeat_the_value(photo: Image) -> None:
    painted = resolve(ImageSettings(tinted=False), photo).paint_plane(1, MAGENTA, photo.pixels)
    np.testing.assert_array_equal(painted, np.repeat(photo.pixels[:, :, 1:2], 3, axis=2))


def test_recomposing_swaps_and_weights(photo: Image) -> None:
    settings = ImageSettings(weights=(0.5, 1.0, 1.0), order=(2, 1, 0), muted=(False, True, False))
    frame = resolve(settings, photo)
    assert frame.is_recomposed
    painted = frame.paint_picture(MAGENTA, photo.pixels)
    np.testing.assert_array_equal(painted[:, :, 0], photo.pixels[:, :, 2])
    assert not painted[:, :, 1].any()
    np.testing.assert_array_equal(painted[:, :, 2], np.rint(photo.pixels[:, :, 0] * 0.5))


def test_a_window_makes_its_ends_black_and_white() -> None:
    image = Image.from_array(np.array([[0, 1000, 2000, 3000, 65535]], np.uint16), "deep.png")
    frame = resolve(ImageSettings(window=(1000.0, 3000.0)), image)
    painted = frame.paint_picture(MAGENTA, image.pixels)
    np.testing.assert_array_equal(painted[0, :, 0], [0, 0, 128, 255, 255])
    np.testing.assert_array_equal(painted, frame.paint_plane(0, MAGENTA, image.pixels))


def test_a_window_for_bytes(photo: Image) -> None:
    frame = resolve(ImageSettings(window=(50.0, 101.0)), photo)
    expected = np.clip(np.rint((photo.pixels.astype(float) - 50) * 5), 0, 255)
    np.testing.assert_array_equal(frame.paint_picture(MAGENTA, photo.pixels), expected)


def test_what_is_no_number_is_painted_apart_everywhere(holed: Image) -> None:
    for space in ("RGB", "Lab"):
        frame = resolve(ImageSettings(space=space, tinted=False), holed)
        painted = frame.paint_picture(MAGENTA, holed.pixels)
        assert tuple(painted[1, 2]) == tuple(painted[0, 0]) == MAGENTA
        assert tuple(painted[2, 2]) != MAGENTA
        red = frame.paint_plane(0, MAGENTA, holed.pixels)
        assert tuple(red[1, 2]) == MAGENTA
        assert (tuple(red[0, 0]) == MAGENTA) == (space == "Lab")


def test_a_grey_picture_has_one_plane_and_one_weight() -> None:
    image = Image.from_array(np.full((4, 4), 100, np.uint8), "grey.png")
    frame = resolve(ImageSettings(space="Lab", weights=(0.5, 0.0, 0.0), order=(2, 1, 0)), image)
    assert (frame.space, len(frame.planes), frame.table) == ("RGB", 1, "0")
    assert (frame.paint_picture(MAGENTA, image.pixels) == 50).all()
    assert frame.table_at(0, 0).values[4, 4] == 100


def test_the_readout_is_the_file_s_value_and_the_colour_on_show(photo: Image) -> None:
    frame = resolve(ImageSettings(), photo)
    pixel = photo.pixels[7, 9]
    assert frame.values_at(7, 9) == tuple(pixel)
    assert frame.hex_at(7, 9) == f"#{pixel[0]:02X}{pixel[1]:02X}{pixel[2]:02X}"
    muted = resolve(ImageSettings(muted=(True, True, True)), photo)
    assert muted.values_at(7, 9) == tuple(pixel)
    assert muted.hex_at(7, 9) == "#000000"


def test_no_colour_for_what_is_no_number(holed: Image) -> None:
    assert resolve(ImageSettings(), holed).hex_at(1, 2) == ""


def test_the_table_is_centred_and_knows_the_border(photo: Image) -> None:
    frame = resolve(ImageSettings(table="2"), photo)
    table = frame.table_at(1, 39)
    np.testing.assert_array_equal(table.values[3:8, 0:5], photo.pixels[0:5, 35:40, 2])
    assert table.inside[3:, :5].all()
    assert not table.inside[:3].any()
    assert not table.inside[:, 5:].any()
    assert table.value_range == (0, 255)


def test_the_table_can_show_the_luma(photo: Image) -> None:
    table = resolve(ImageSettings(space="HSV"), photo).table_at(10, 10)
    exact = photo.pixels[10, 10] @ np.array([0.299, 0.587, 0.114])
    assert abs(table.values[4, 4] - exact) <= 0.51


def test_a_one_pixel_picture() -> None:
    image = Image.from_array(np.array([[[1, 2, 3]]], np.uint8), "dot.png")
    table = resolve(ImageSettings(table="0"), image).table_at(0, 0)
    assert table.inside.sum() == 1
    assert table.values[4, 4] == 1


def test_auto_window_leaves_out_the_extremes() -> None:
    values = np.tile(np.linspace(1000, 2000, 1000, dtype=np.float32), (10, 1))
    values[0, 0], values[5, 5], values[6, 6] = 60000, np.nan, -np.inf
    low, high = auto_window(Image.from_array(values, "x"))
    assert 1000 <= low < 1010
    assert 1990 < high <= 2000


def test_auto_window_of_one_value_is_the_whole_range() -> None:
    assert auto_window(Image.from_array(np.full((5, 5), 7, np.uint8), "x")) == (0, 255)


def test_facts_in_one_line() -> None:
    image = Image.from_array(np.zeros((300, 451, 3), np.uint8), "chelsea.png")
    assert facts(image, 0, 231) == "300 × 451 × 3, uint8, 0–231, 397 KiB"
    assert facts(image, None, None) == "300 × 451 × 3, uint8, …, 397 KiB"
    deep = Image.from_array(np.zeros((2000, 2000), np.float32), "x")
    assert facts(deep, -1.5, 2) == "2000 × 2000 × 1, float32, -1.5 to 2, 15.3 MiB"


def test_remarks_count_what_is_no_number(holed: Image) -> None:
    (sentence,) = remarks(holed)
    assert sentence.startswith("2 values are NaN or infinite: painted magenta")
    turned = Image.from_array(np.zeros((2, 2)), "x", notes=("Turned upright by its EXIF tag.",))
    assert remarks(turned) == ("Turned upright by its EXIF tag.",)


def test_weights_of_a_dense_layer_and_of_a_convolution() -> None:
    count = count_weights(Image.from_array(np.zeros((200, 200, 3), np.uint8), "x"), 1000)
    assert (count.inputs, count.dense, count.convolution) == (120_000, 120_000_000, 224)


class TestCursor:
    def test_follows_the_pointer_until_it_is_pinned(self) -> None:
        model = ImagePageModel()
        seen: list[object] = []
        model.cursor_moved.connect(seen.append)
        model.point((1, 2))
        model.click((3, 4))
        model.point((5, 6))
        assert (model.cursor, model.pinned) == ((3, 4), True)
        model.click((3, 4))
        model.point((5, 6))
        assert (model.cursor, model.pinned) == ((5, 6), False)
        assert seen == [(1, 2), (3, 4), (3, 4), (5, 6)]

    def test_nudging_stays_inside_and_pins(self) -> None:
        model = ImagePageModel()
        model.nudge(0, 1, 10, 20)
        assert (model.cursor, model.pinned) == ((5, 11), True)
        model.nudge(-50, 50, 10, 20)
        assert model.cursor == (0, 19)
        model.release()
        assert (model.cursor, model.pinned) == ((0, 19), False)

    def test_is_no_edit(self) -> None:
        model = ImagePageModel()
        edits: list[object] = []
        model.edited.connect(edits.append)
        model.click((1, 1))
        assert not edits


def test_another_picture_drops_a_window_outside_its_values_without_an_edit() -> None:
    model = ImagePageModel()
    edits: list[object] = []
    model.edit("contrast", window=(1000.0, 2000.0))
    model.edited.connect(edits.append)
    model.click((90, 90))
    model.fit_to(Image.from_array(np.zeros((5, 5), np.uint16), "deep"))
    assert model.settings.window == (1000.0, 2000.0)
    assert (model.cursor, model.pinned) == (None, False)
    model.fit_to(Image.from_array(np.zeros((5, 5), np.uint8), "bytes"))
    assert model.settings.window is None
    assert not edits
