"""Feature maps as a mosaic: colours, places, scales, pointing, enlarging."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from visualizer.ui.widgets import map_scale, tiling
from visualizer.ui.widgets.map_mosaic import MapMosaic

_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def mosaic(qtbot, theme):
    theme.set_choice("dark")
    mosaic = MapMosaic(theme, "conv1 + ReLU")
    qtbot.addWidget(mosaic)
    mosaic.resize(220, 260)
    mosaic.show()
    qtbot.waitExposed(mosaic)
    return mosaic


def _color(mosaic, index, down=0.5, across=0.5):
    """The painted colour in a tile, as (red, green, blue)."""
    rect = mosaic.tile_rect(index)
    point = QPoint(int(rect.left() + across * rect.width()), int(rect.top() + down * rect.height()))
    return mosaic.grab().toImage().pixelColor(point).getRgb()[:3]


def _point(mosaic, index):
    return mosaic.tile_rect(index).center().toPoint()


def _flat(*values, side=4):
    return np.stack([np.full((side, side), value, np.float32) for value in values])


def test_low_is_dark_violet_and_high_is_yellow(mosaic):
    mosaic.set_maps(_flat(0, 1, 2))
    assert _color(mosaic, 0) == (0x44, 0x01, 0x54)
    assert _color(mosaic, 1) == pytest.approx((33, 145, 140), abs=4)
    assert _color(mosaic, 2) == (0xFD, 0xE7, 0x25)
    assert mosaic.caption() == "conv1 + ReLU\n3 × 4 × 4  0 to 2"


def test_every_pixel_of_a_map_is_where_it_belongs(mosaic):
    maps = np.random.default_rng(0).random((6, 5, 7)).astype(np.float32)
    maps[0, 0, 0], maps[1, 0, 0] = 0, 1
    mosaic.set_maps(maps)
    table = map_scale.color_table("activation", mosaic._theme)
    wanted = table[np.round(maps * (map_scale.LEVELS - 1)).astype(int)]
    image = mosaic.grab().toImage()
    for index in range(6):
        rect = mosaic.tile_rect(index)
        for row in range(5):
            for column in range(7):
                x = rect.left() + (column + 0.5) * rect.width() / 7
                y = rect.top() + (row + 0.5) * rect.height() / 5
                assert image.pixelColor(int(x), int(y)).rgba() == wanted[index, row, column]


def test_each_map_may_have_a_scale_of_its_own(mosaic):
    maps = np.stack([np.eye(4), np.eye(4) * 100]).astype(np.float32)
    mosaic.set_maps(maps)
    assert _color(mosaic, 0, 0.1, 0.1) == pytest.approx((0x44, 0x01, 0x54), abs=8)
    mosaic.set_shared(False)
    assert _color(mosaic, 0, 0.1, 0.1) == (0xFD, 0xE7, 0x25)
    assert mosaic.caption().endswith("own scales")


def test_in_a_narrow_room_the_shape_gives_way_to_the_scale(mosaic):
    mosaic.set_title("relu1")
    mosaic.set_maps(np.full((16, 12, 12), 1.234, np.float32), ends=(0.0, 3.588))
    mosaic.resize(400, 200)
    assert mosaic.caption().endswith("16 × 12 × 12  0 to 3.588, locked")
    mosaic.resize(185, 200)
    assert mosaic.caption().endswith("16×12×12  0 to 3.588, locked")
    mosaic.resize(110, 200)
    assert mosaic.caption().splitlines()[1] == "0 to 3.588, locked"


def test_kernels_in_colour_can_be_locked_too(mosaic):
    kernels = np.full((2, 3, 3, 3), 0.5, np.float32)
    mosaic.set_kernels(kernels, ends=(-1.0, 1.0))
    assert mosaic.caption().endswith("±1, locked")
    assert _color(mosaic, 0) == pytest.approx((191,) * 3, abs=2)


def test_a_locked_scale_stays_and_says_so(mosaic):
    mosaic.set_maps(_flat(0, 1), ends=(0, 4))
    before = _color(mosaic, 1)
    mosaic.set_maps(_flat(0, 1, 40)[:2], ends=(0, 4))
    assert _color(mosaic, 1) == before != (0xFD, 0xE7, 0x25)
    assert mosaic.caption().endswith("0 to 4, locked")


def test_signed_numbers_diverge_around_zero(mosaic, theme):
    mosaic.set_maps(_flat(-1, 0, 2), signed=True)
    assert _color(mosaic, 2) == theme.rgb("positive")
    assert _color(mosaic, 1) == theme.rgb("neutral")
    half = (np.array(theme.rgb("negative")) + theme.rgb("neutral")) / 2
    assert _color(mosaic, 0) == pytest.approx(tuple(half), abs=1)
    assert mosaic.caption().endswith("±2")


def test_all_zero_is_the_lowest_colour_and_signed_the_neutral_one(mosaic, theme):
    mosaic.set_maps(_flat(0, 0))
    assert _color(mosaic, 0) == (0x44, 0x01, 0x54)
    mosaic.set_maps(_flat(0, 0), signed=True)
    assert _color(mosaic, 0) == theme.rgb("neutral")


def test_what_is_no_number_has_a_colour_of_its_own_and_leaves_the_scale(mosaic, theme):
    mosaic.set_maps(_flat(np.nan, np.inf, 1, 2))
    assert _color(mosaic, 0) == _color(mosaic, 1) == theme.rgb("invalid")
    assert mosaic.caption().endswith("1 to 2")
    mosaic.set_maps(_flat(np.nan, np.nan))
    assert _color(mosaic, 1) == theme.rgb("invalid")


def test_kernels_of_three_planes_are_colours_and_of_others_signed_planes(mosaic, theme):
    kernels = np.zeros((2, 3, 3, 3), np.float32)
    kernels[0, 0], kernels[1, 2] = 1, -1
    mosaic.set_kernels(kernels)
    assert _color(mosaic, 0) == pytest.approx((255, 128, 128), abs=1)
    assert _color(mosaic, 1) == pytest.approx((128, 128, 0), abs=1)
    mosaic.set_kernels(np.ones((4, 8, 3, 3), np.float32))
    assert mosaic.count() == 32
    assert _color(mosaic, 31) == theme.rgb("positive")


def test_pictures_have_their_own_colours_and_labels(qtbot, mosaic, theme):
    images = np.zeros((2, 3, 8, 8), np.uint8)
    images[0, 1] = 255
    mosaic.set_images(images, ["3", "3 → 8"], ["good", "bad"])
    assert _color(mosaic, 0) == (0, 255, 0)
    rect = mosaic.tile_rect(1)
    below = (
        mosaic.grab().toImage().copy(int(rect.left()), int(rect.bottom()), int(rect.width()), 16)
    )
    seen = {below.pixelColor(x, y).name() for x in range(below.width()) for y in range(16)}
    assert theme.color("bad").name() in seen
    mosaic.set_images(np.full((3, 1, 8, 8), 0.5, np.float32))
    assert _color(mosaic, 2) == pytest.approx((128, 128, 128), abs=1)
    was_at = rect.center().toPoint()
    mosaic.clear()
    assert mosaic.count() == 0
    assert mosaic.grab().toImage().pixelColor(was_at) == theme.color("card")


def test_a_picture_with_nan_shows_it(mosaic, theme):
    images = np.zeros((1, 3, 4, 4), np.float32)
    images[0, 1] = np.nan
    mosaic.set_images(images)
    assert _color(mosaic, 0) == theme.rgb("invalid")


def test_a_dense_layer_is_one_band(mosaic):
    mosaic.set_units(np.array([0, 0, 3, 0], np.float32))
    assert _color(mosaic, 0, 0.5, 0.6) == (0xFD, 0xE7, 0x25)
    assert _color(mosaic, 0, 0.5, 0.9) == (0x44, 0x01, 0x54)
    assert mosaic.tile_rect(0).width() == mosaic.width()
    assert mosaic.caption().startswith("conv1 + ReLU  4  0 to 3")


def test_more_units_than_pixels_are_averaged(mosaic):
    mosaic.set_units(np.tile([0, 1], 2000).astype(np.float32))
    assert _color(mosaic, 0) == pytest.approx((33, 145, 140), abs=12)


@pytest.mark.parametrize("size", [(60, 110), (220, 60), (800, 120), (30, 20)])
@pytest.mark.parametrize("count", [1, 5, 16, 65, 300])
def test_tiles_stay_in_the_widget_and_apart(mosaic, size, count):
    mosaic.resize(*size)
    mosaic.set_maps(np.zeros((count, 3, 5), np.float32))
    rects = [mosaic.tile_rect(i) for i in range(count)]
    assert len({(r.left(), r.top()) for r in rects}) == count
    if min(size) > 50 and count <= 65:
        assert all(mosaic.rect().contains(r.toAlignedRect()) for r in rects)
    mosaic.grab()


def test_new_numbers_move_nothing(qtbot, mosaic):
    mosaic.set_maps(_flat(0, 1, 2))
    before = [mosaic.tile_rect(i) for i in range(3)], mosaic.sizeHint(), mosaic.minimumSizeHint()
    mosaic.set_maps(_flat(-1e6, 1e-7, np.nan))
    assert before == (
        [mosaic.tile_rect(i) for i in range(3)],
        mosaic.sizeHint(),
        mosaic.minimumSizeHint(),
    )


def test_pointing_reads_the_number_and_keeps_reading_it(qtbot, mosaic):
    maps = _flat(0, 1, 2)
    mosaic.set_maps(maps)
    with qtbot.waitSignal(mosaic.hovered) as told:
        qtbot.mouseMove(mosaic, _point(mosaic, 1))
    assert told.args == [1, 2, 2, 1.0]
    assert mosaic.caption().endswith("map 2, row 2, column 2: 1")
    mosaic.set_maps(maps + 0.5)
    assert mosaic.caption().endswith("map 2, row 2, column 2: 1.5")
    for width, words in ((130, "map 2 [2, 2]: 1.5"), (80, "[2, 2]: 1.5")):
        mosaic.resize(width, 260)  # and the number is never cut
        assert mosaic.caption().splitlines()[1] == words
    mosaic.resize(220, 260)
    with qtbot.waitSignal(mosaic.left):
        qtbot.mouseMove(mosaic, QPoint(mosaic.width() - 1, mosaic.height() - 1))
    assert mosaic.caption().endswith("0.5 to 2.5")


def test_a_click_enlarges_a_map_and_another_shows_all(qtbot, mosaic):
    mosaic.set_maps(np.arange(4 * 16, dtype=np.float32).reshape(4, 4, 4))
    small = mosaic.tile_rect(2).width()
    with qtbot.waitSignal(mosaic.clicked) as told:
        qtbot.mouseClick(mosaic, _LEFT, pos=_point(mosaic, 2))
    assert told.args == [2]
    assert mosaic.enlarged() == 2
    assert mosaic.tile_rect(2).width() > 1.8 * small
    assert mosaic.caption().endswith("map 3 of 4  0 to 63")
    mosaic.set_maps(np.zeros((4, 4, 4), np.float32))  # it stays large while numbers come in
    assert mosaic.enlarged() == 2
    qtbot.mouseClick(mosaic, _LEFT, pos=_point(mosaic, 2))
    assert mosaic.enlarged() is None


def test_the_keyboard_points_enlarges_and_leaves(qtbot, mosaic):
    mosaic.set_maps(_flat(*range(6)))
    mosaic.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return):
        qtbot.keyClick(mosaic, key)
    assert mosaic.enlarged() == 1
    qtbot.keyClick(mosaic, Qt.Key.Key_Escape)
    assert mosaic.enlarged() is None


def test_a_selected_map_has_the_mark_around_it(mosaic, theme):
    mosaic.set_maps(_flat(*range(6)))
    mosaic.set_selected(4)
    corner = mosaic.tile_rect(4).topLeft().toPoint()
    assert mosaic.grab().toImage().pixelColor(corner).name() == theme.color("mark").name()
    mosaic.set_selected(None)
    assert mosaic.grab().toImage().pixelColor(corner).name() != theme.color("mark").name()


def test_another_number_of_maps_forgets_what_was_pointed_at(qtbot, mosaic):
    mosaic.set_maps(_flat(*range(6)))
    qtbot.mouseMove(mosaic, _point(mosaic, 5))
    mosaic.set_enlarged(5)
    mosaic.set_maps(_flat(1))
    assert mosaic.enlarged() is None
    mosaic.grab()


def test_nothing_to_show_is_painted_as_nothing(mosaic, theme):
    mosaic.set_images(np.empty((0, 1, 28, 28), np.uint8))
    mosaic.grab()
    assert mosaic.count() == 0


def test_presentation_mode_and_the_light_scheme_are_followed(mosaic, theme):
    mosaic.set_maps(_flat(0, 1), signed=True)
    before = mosaic.minimumSizeHint()
    theme.set_choice("light")
    assert _color(mosaic, 1) == theme.rgb("positive")
    theme.set_scale(1.5)
    assert mosaic.minimumSizeHint().height() > before.height()


def test_planes_of_a_filter_stay_together():
    tiles = tiling.fit(48, (3, 3), (200, 300), gap=2, group=8)
    assert tiles.columns % 8 == 0 or 8 % tiles.columns == 0


def test_a_place_leads_back_to_its_tile():
    tiles = tiling.fit(10, (6, 9), (150, 260), gap=3, below=12)
    for index in range(10):
        x, y = tiles.place(index)
        assert tiles.at(x + 1, y + 1)[0] == index
        assert tiles.at(x + tiles.width + 1, y) is None


def test_escape_is_left_to_the_window_unless_a_tile_is_enlarged(mosaic):
    def is_kept():
        key = QKeyEvent(
            QEvent.Type.ShortcutOverride, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier
        )
        key.ignore()
        QApplication.sendEvent(mosaic, key)
        return key.isAccepted()

    mosaic.set_maps(_flat(*range(6)))
    assert not is_kept()
    mosaic.set_enlarged(0)
    assert is_kept()


def test_the_keyboard_focus_is_seen_and_that_of_a_click_is_not(qtbot, mosaic):
    mosaic.set_maps(_flat(0, 1, 2))
    plain = mosaic.grab().toImage()
    mosaic.setFocus(Qt.FocusReason.MouseFocusReason)
    qtbot.waitUntil(mosaic.hasFocus)
    assert mosaic.grab().toImage() == plain
    mosaic.clearFocus()
    mosaic.setFocus(Qt.FocusReason.TabFocusReason)
    assert mosaic.grab().toImage() != plain
