"""What the image view paints, and what it says when it is pointed at."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QNativeGestureEvent, QPointingDevice
from PySide6.QtWidgets import QApplication, QWidget

from visualizer.core.geometry import Padding
from visualizer.ui.theme import luminance, readable_on
from visualizer.ui.widgets.image_view import ImageView
from visualizer.ui.widgets.picture import Picture
from visualizer.ui.widgets.viewport import Viewport

NOISE = np.random.default_rng(7).integers(0, 256, (200, 300, 3), dtype=np.uint8)
GREY = np.full((20, 30, 3), 128, np.uint8)


@pytest.fixture
def make(qtbot, theme):
    """Make shown views; the theme is dark."""
    theme.set_choice("dark")

    def build(picture=None, values=None, size=(406, 306), viewport=None, **rest):
        view = ImageView(theme, viewport or Viewport())
        qtbot.addWidget(view)
        view.resize(*size)
        view.set_picture(picture, values, **rest)
        view.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # no ring unless a test asks for it
        with qtbot.waitExposed(view):
            view.show()
        view.clearFocus()
        return view

    return build


def painted(widget):
    """The widget's pixels as (H, W, 3)."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def rgb(theme, role):
    color = theme.color(role)
    return [color.red(), color.green(), color.blue()]


def at(view, row, column):
    """The middle of a cell on the screen."""
    return view.frame.to_screen(QPointF(column + 0.5, row + 0.5)).toPoint()


def near(pixels, color, tolerance=40):
    """Where pixels have about this colour."""
    return np.abs(pixels.astype(int) - color).max(axis=-1) <= tolerance


# What is painted


def test_hundred_percent_shows_the_array_itself(make):
    view = make(NOISE)
    view.viewport.hundred()
    corner = view.frame.origin.toPoint()
    seen = painted(view)[corner.y() : corner.y() + 200, corner.x() : corner.x() + 300]
    assert np.array_equal(seen, NOISE)


def test_hundred_percent_shows_the_array_itself_where_only_a_part_fits(make):
    view = make(NOISE, size=(150, 130))
    view.viewport.hundred()
    view.viewport.pan(-31, 17)
    corner = view.frame.origin.toPoint()
    assert corner.x() < 0 and corner.y() < 0
    seen = painted(view)
    assert np.array_equal(seen, NOISE[-corner.y() :, -corner.x() :][:130, :150])


@pytest.mark.parametrize("zoom", [1.6, 3.0, 5.5])
def test_enlarged_pixels_are_squares_of_their_exact_colour(make, zoom):
    view = make(NOISE)
    view.viewport.set_zoom(zoom)
    view.viewport.pan(-43, 21)
    seen = painted(view)[20:-20, 20:-20]
    origin = view.frame.origin
    rows = np.floor((np.arange(20, 286) + 0.5 - origin.y()) / zoom).astype(int)
    columns = np.floor((np.arange(20, 386) + 0.5 - origin.x()) / zoom).astype(int)
    assert np.array_equal(seen, NOISE[rows][:, columns])


def test_a_reduced_picture_is_averaged_not_picked(make):
    board = np.zeros((800, 1000, 3), np.uint8)
    board[::2, ::2] = board[1::2, 1::2] = 255
    view = make(board)
    seen = painted(view)[40:-40, 40:-40]
    assert view.viewport.zoom < 0.5
    assert np.abs(seen.astype(int) - 128).max() <= 3


def test_a_reduced_picture_lies_where_it_should(make):
    picture = np.zeros((600, 800, 3), np.uint8)
    picture[150:450, 200:600] = 255
    view = make(picture)
    view.viewport.set_zoom(0.77, QPointF(50, 60))
    first = view.frame.to_screen(QPointF(200, 150)).toPoint()
    seen = painted(view)
    assert seen[first.y() - 3, first.x() + 20].max() < 40
    assert seen[first.y() + 3, first.x() + 20].min() > 215
    assert seen[first.y() + 20, first.x() - 3].max() < 40
    assert seen[first.y() + 20, first.x() + 3].min() > 215


def test_a_preview_is_stretched_to_the_size_it_stands_for(make):
    small = np.zeros((50, 100, 3), np.uint8)
    small[:, 50:] = 200
    view = make(small, size=(306, 206), viewport=None)
    view.set_picture(small, size=(100, 200))
    assert view.frame.rows == 100
    seen = painted(view)
    assert seen[100, 100].max() == 0
    assert seen[100, 200].min() == 200


def test_a_picture_can_be_painted_from_other_numbers(make):
    numbers = np.linspace(-1, 1, 60, dtype=np.float32).reshape(6, 10, 1)

    def paint(block):
        return np.where(block > 0, (255, 0, 0), (0, 0, 255)).astype(np.uint8)

    view = make(Picture(numbers, 6, 10, paint), numbers)
    view.set_values_shown(False)
    place = at(view, 1, 3)
    assert painted(view)[place.y(), place.x()].tolist() == [0, 0, 255]
    view.viewport.set_zoom(0.5)
    assert near(painted(view), [255, 0, 0], 60).any()


def test_a_replaced_picture_is_painted(make):
    view = make(NOISE)
    painted(view)
    view.set_picture(np.full((200, 300, 3), 9, np.uint8))
    assert painted(view)[150, 200].tolist() == [9, 9, 9]


def test_the_rim_has_the_colour_of_the_card_in_both_schemes(make, theme):
    view = make(NOISE, size=(606, 306))
    assert painted(view)[10, 10].tolist() == rgb(theme, "card")
    theme.set_choice("light")
    assert painted(view)[10, 10].tolist() == rgb(theme, "card")


@pytest.mark.parametrize("wrong", [NOISE.astype(np.float32), NOISE[:, :, 0], NOISE[:0]])
def test_other_arrays_are_refused(make, wrong):
    view = make(NOISE)
    with pytest.raises(ValueError, match="not"):
        view.set_picture(wrong)
    assert view.frame.rows == 200


def test_values_must_fit_the_picture(make):
    view = make(NOISE)
    with pytest.raises(ValueError, match="values"):
        view.set_picture(NOISE, np.zeros((3, 3)))


# Numbers in the pixels


def inked(view, row, column):
    """Which pixels of a cell have the colour of text."""
    middle, half = at(view, row, column), int(view.frame.scale / 2) - 1
    cell = painted(view)[middle.y() - half : middle.y() + half, middle.x() - half :][:, : 2 * half]
    ink = readable_on(
        QImage(GREY[:1, :1].copy(), 1, 1, QImage.Format.Format_RGB888).pixelColor(0, 0)
    )
    return near(cell, [ink.red(), ink.green(), ink.blue()], 60)


def test_values_appear_from_twelve_times_on(make):
    view = make(GREY, np.full((20, 30), 128))
    view.viewport.set_zoom(11)
    assert not inked(view, 10, 15).any()
    view.viewport.set_zoom(12)
    assert inked(view, 10, 15).any()
    view.set_values_shown(False)
    assert not inked(view, 10, 15).any()


def test_each_pixel_has_its_own_number(make):
    values = np.full((20, 30), 1)
    values[10, 15] = 8
    view = make(GREY, values)
    view.viewport.set_zoom(40, QPointF(at(view, 10, 15)))
    one, other, eight = inked(view, 10, 14), inked(view, 11, 15), inked(view, 10, 15)
    assert np.array_equal(one, other)
    assert eight.sum() > one.sum()


def test_three_channels_take_three_lines_where_they_fit_and_their_luma_before(make):
    values = np.full((20, 30, 3), 111)
    view = make(GREY, values)
    lines = []
    for zoom in (20, 60):
        view.viewport.set_zoom(zoom)
        middle, half = at(view, 10, 15), int(view.frame.scale / 2) - 1
        cell = painted(view)[:, middle.x() - half : middle.x() + half]
        rows = ~near(cell, [128, 128, 128], 20).all(axis=1)[middle.y() - half : middle.y() + half]
        lines.append(int((np.diff(rows.astype(int)) == 1).sum()))
    assert lines == [1, 3]


@pytest.mark.parametrize(
    "rgb", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (30, 120, 230), (90, 140, 90), (128, 128, 128)]
)
def test_digits_of_every_channel_stand_out_from_every_colour(make, rgb):
    view = make(np.full((2, 3, 3), rgb, np.uint8), np.full((2, 3, 3), 888))
    view.viewport.set_zoom(90)
    middle = at(view, 0, 1)
    cell = painted(view)[middle.y() - 42 : middle.y() + 42, middle.x() - 42 : middle.x() + 42]
    light = luminance(cell) + 0.05
    ground = luminance(np.array(rgb)) + 0.05
    contrast = np.maximum(light / ground, ground / light).max(axis=1)  # of each row of the screen
    lines = np.split(contrast, np.flatnonzero(np.diff((contrast > 1.2).astype(int))) + 1)
    assert [line.max() >= 3 for line in lines] == [False, True, False, True, False, True, False]


def test_numbers_too_long_to_read_are_left_out_until_there_is_room(make):
    view = make(GREY, np.full((20, 30), -1234.567))
    view.viewport.set_zoom(16)
    assert not inked(view, 10, 15).any()
    view.viewport.set_zoom(48)
    assert inked(view, 10, 15).any()


def test_numbers_can_be_written_another_way(make):
    view = make(GREY, np.full((20, 30), 1.0))
    view.viewport.set_zoom(48)
    usual = inked(view, 10, 15)
    view.set_value_format(lambda value: f"<{value:.1f}>")
    assert inked(view, 10, 15).sum() > usual.sum()


def test_numbers_can_be_left_out(make):
    view = make(GREY, np.full((20, 30), 1.0))
    view.viewport.set_zoom(48)
    view.set_value_format(lambda value: "")
    assert not inked(view, 10, 15).any()


def test_invalid_numbers_are_written(make):
    values = np.full((20, 30), np.nan)
    view = make(GREY, values)
    view.viewport.set_zoom(30)
    assert inked(view, 10, 15).any()


def test_value_at_reads_out_all_channels(make):
    view = make(NOISE, NOISE)
    assert view.value_at(7, 9).tolist() == NOISE[7, 9].tolist()
    assert view.value_at(-1, 0) is None
    assert view.value_at(0, 300) is None
    view.set_picture(NOISE, NOISE[:, :, 1])
    assert view.value_at(7, 9).tolist() == [NOISE[7, 9, 1]]
    view.set_picture(NOISE)
    assert view.value_at(7, 9) is None


# Marks


def test_cells_not_revealed_are_blank(make, theme):
    view = make(NOISE)
    view.set_revealed(90 * 300 + 120)
    view.viewport.set_zoom(1.0)
    corner = view.frame.origin.toPoint()
    seen = painted(view)[corner.y() : corner.y() + 200, corner.x() : corner.x() + 300]
    blank = (seen == rgb(theme, "blank")).all(axis=-1)
    index = np.arange(200 * 300).reshape(200, 300)
    assert np.array_equal(blank, index >= 90 * 300 + 120)


@pytest.mark.parametrize(("count", "share"), [(0, 1.0), (60_000, 0.0), (None, 0.0), (300, 0.995)])
def test_nothing_and_everything_revealed(make, theme, count, share):
    view = make(NOISE)
    view.viewport.set_zoom(1.0)
    view.set_revealed(count)
    blank = (painted(view) == rgb(theme, "blank")).all(axis=-1)
    assert blank.sum() == pytest.approx(share * 60_000)


def test_the_window_is_to_be_seen_however_small_it_is(make, theme):
    view = make(np.full((3000, 4000, 3), 90, np.uint8))
    view.set_window(1500, 2000, 3, 3)
    found = np.argwhere(near(painted(view), rgb(theme, "mark"), 30))
    height, width = found.max(axis=0) - found.min(axis=0) + 1
    assert 9 <= height <= 20 and 9 <= width <= 20
    place = at(view, 1501, 2001)
    assert np.abs(found.mean(axis=0) - [place.y(), place.x()]).max() <= 1.5
    view.set_window(None)
    assert not near(painted(view), rgb(theme, "mark"), 30).any()


def test_white_cells_on_a_white_card_have_an_edge(make, theme):
    white = np.full((3, 3, 3), 255, np.uint8)
    view = make(white)
    theme.set_choice("light")
    whole = view._whole().toRect()
    seen, line = painted(view), rgb(theme, "border")
    for side in (seen[whole.top(), :], seen[whole.bottom(), :]):
        assert near(side[whole.left() + 9 : whole.right() - 9], line, 2).all()
    for side in (seen[:, whole.left()], seen[:, whole.right()]):
        assert near(side[whole.top() + 9 : whole.bottom() - 9], line, 2).all()


@pytest.mark.parametrize("choice", ["dark", "light"])
@pytest.mark.parametrize("level", range(0, 256, 15))
def test_neighbours_of_one_colour_have_a_line_between_them(make, theme, choice, level):
    view = make(np.full((3, 3, 3), level, np.uint8))
    theme.set_choice(choice)
    whole = view._whole().toRect()
    row = painted(view)[whole.top() + 5, whole.left() + 9 : whole.right() - 9].astype(int)
    lines = ~near(row, [level] * 3, 12)
    assert lines.sum() == 2 and (lines[1:] & lines[:-1]).sum() == 0


@pytest.mark.parametrize("corner", [(0, 0), (2998, 3998)])
def test_the_mark_of_a_small_window_is_whole_in_a_corner(make, theme, corner):
    view = make(np.full((3000, 4000, 3), 90, np.uint8), size=(400, 300))
    view.set_window(*corner, 2, 2)
    found = np.argwhere(near(painted(view), rgb(theme, "mark"), 30))
    height, width = found.max(axis=0) - found.min(axis=0) + 1
    assert height == width >= 9
    assert found.min() >= 1 and (found.max(axis=0) <= [298, 398]).all()


def test_the_window_has_a_dark_rim_on_a_bright_picture(make):
    view = make(np.full((200, 300, 3), 255, np.uint8))
    assert painted(view)[150, 200].min() == 255
    view.set_window(100, 150, 3, 3)
    place = at(view, 101, 151)
    around = painted(view)[place.y() - 12 : place.y() + 12, place.x() - 12 : place.x() + 12]
    assert around.max(axis=-1).min() < 140


def test_the_window_reaches_into_the_padding_and_is_not_cut_off(make, theme):
    view = make(np.full((6, 6, 3), 60, np.uint8), size=(300, 300))
    view.set_padding(Padding(1, 1, 1, 1))
    view.set_window(-1, -1, 3, 3)
    marked = near(painted(view), rgb(theme, "mark"), 30)
    found = np.argwhere(marked)
    first, last = view.frame.to_screen(QPointF(-1, -1)), view.frame.to_screen(QPointF(2, 2))
    assert found.min(axis=0) == pytest.approx([first.y() - 2, first.x() - 2], abs=1)
    assert found.max(axis=0) == pytest.approx([last.y() + 1, last.x() + 1], abs=1)
    assert found.min() >= 1


def test_cell_pin_and_crosshair_are_marked_and_differ(make, theme):
    view = make(np.full((20, 30, 3), 60, np.uint8))
    counts = []
    for mark in (view.set_cell, view.set_pin, view.set_crosshair):
        mark(5, 6)
        counts.append(int(near(painted(view), rgb(theme, "mark"), 30).sum()))
        mark(None)
        assert not near(painted(view), rgb(theme, "mark"), 30).any()
    cell, pin, crosshair = counts
    assert cell > 50
    assert pin > cell + 10
    assert crosshair > 600


def test_a_hidden_cell_shows_no_number(make, theme):
    view = make(GREY, np.full((20, 30), 8))
    view.viewport.set_zoom(40)
    assert inked(view, 10, 15).any()
    view.set_hidden_cell(10, 15)
    place = at(view, 10, 15)
    cell = painted(view)[place.y() - 15 : place.y() + 15, place.x() - 15 : place.x() + 15]
    assert near(cell, rgb(theme, "here_tint"), 5).mean() > 0.5
    assert near(cell, rgb(theme, "here"), 60).any()
    view.set_hidden_cell(None)
    assert inked(view, 10, 15).any()


def test_a_dilated_window_tells_the_pixels_it_reads_from_those_it_skips(make):
    view = make(np.full((20, 30, 3), 60, np.uint8))
    dark = painted(view)
    view.set_window(-1, 4, 5, 5, step=2)
    marked = painted(view)
    for row in range(4):
        for column in range(4, 9):
            place = at(view, row, column)
            is_read = row % 2 == 1 and column % 2 == 0
            assert (marked[place.y(), place.x(), 0] > dark[place.y(), place.x(), 0]) == is_read
    view.set_window(0, 4, 5, 5)
    place = at(view, 1, 4)
    assert np.array_equal(painted(view)[place.y(), place.x()], dark[place.y(), place.x()])


def test_every_second_pixel_lights_up(make):
    view = make(np.full((20, 30, 3), 60, np.uint8))
    dark = painted(view)
    view.set_highlights(range(0, 20, 2), range(1, 30, 2))
    lit = painted(view)
    for row, column in ((0, 1), (4, 7), (18, 29)):
        place = at(view, row, column)
        assert lit[place.y(), place.x(), 0] > dark[place.y(), place.x(), 0] + 15
    for row, column in ((0, 0), (1, 1), (5, 8), (19, 28)):
        place = at(view, row, column)
        assert np.array_equal(lit[place.y(), place.x()], dark[place.y(), place.x()])
    view.set_highlights()
    assert np.array_equal(painted(view), dark)


def test_tiny_lit_pixels_become_one_area(make):
    view = make(np.full((400, 600, 3), 60, np.uint8))
    view.set_highlights(range(100, 301, 2), range(100, 501, 2))
    seen = painted(view)
    inside, outside = at(view, 201, 301), at(view, 50, 301)
    assert seen[inside.y(), inside.x(), 0] > 90
    assert seen[outside.y(), outside.x(), 0] == 60


# Padding


def test_padding_with_zeros_is_hatched_and_has_zeros_in_it(make, theme):
    view = make(np.full((6, 6, 3), 200, np.uint8), np.full((6, 6), 200), size=(400, 400))
    view.set_padding(Padding(1, 1, 2, 2))
    frame, seen = view.frame, painted(view)
    place = at(view, -1, 3)
    half = int(frame.scale / 2) - 2
    cell = seen[place.y() - half : place.y() + half, place.x() - half : place.x() + half]
    assert near(cell, rgb(theme, "card"), 3).mean() > 0.4
    assert near(cell, rgb(theme, "border"), 3).any()
    assert near(cell, [242, 244, 247], 60).any()
    assert frame.bounds.width() == 10 and frame.bounds.height() == 8


@pytest.mark.parametrize(
    ("border", "source"), [("replicate", (0, 4)), ("reflect", (2, 4)), ("wrap", (4, 4))]
)
def test_padding_shows_what_the_border_puts_there(make, theme, border, source):
    picture = np.zeros((6, 6, 3), np.uint8)
    picture[source] = 255
    view = make(picture, size=(400, 400))
    view.set_padding(Padding(2, 2, 2, 2), border)
    seen = painted(view)
    bright = at(view, -2, 4)
    dark = at(view, -2, 1)
    around = np.s_[bright.y() - 8 : bright.y() + 8, bright.x() - 8 : bright.x() + 8]
    assert np.median(seen[around]) > 100
    assert np.median(seen[dark.y() - 8 : dark.y() + 8, dark.x() - 8 : dark.x() + 8]) < 40


def test_padding_of_a_reduced_picture_is_drawn_too(make, theme):
    view = make(np.full((2000, 2000, 3), 255, np.uint8), size=(306, 306))
    view.set_padding(Padding(100, 100, 100, 100))
    seen = painted(view)
    assert seen[8:12, 100:200].max() < 100
    assert seen[150, 150].min() == 255


# Pointing


def test_hovering_tells_the_cell_once_and_leaving_tells_too(make, qtbot):
    view = make(GREY)
    cells, left = [], []
    view.hovered.connect(lambda *cell: cells.append(cell))
    view.left.connect(lambda: left.append(True))
    for row, column in ((3, 4), (3, 4), (7, 20)):
        qtbot.mouseMove(view, at(view, row, column))
        qtbot.mouseMove(view, at(view, row, column) + QPoint(1, 1))
    assert cells == [(3, 4), (7, 20)]
    qtbot.mouseMove(view, QPoint(1, 1))
    assert left == [True]
    qtbot.mouseMove(view, at(view, 3, 4))
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert left == [True, True]


def test_the_wheel_zooms_at_the_cursor(make, wheel):
    view = make(NOISE)
    place = QPoint(300, 100)
    wheel(view, 120, place)
    wheel(view, 120, place)
    before = view.frame.to_image(QPointF(place))
    for _ in range(6):
        wheel(view, 120, place)
    after = view.frame.to_image(QPointF(place))
    assert view.viewport.zoom > 5
    assert (after - before).manhattanLength() < 1.5
    for _ in range(20):
        wheel(view, -120, place)
    assert view.viewport.zoom < 1
    off = view.frame.to_screen(QPointF(150, 100)) - view.frame.middle
    assert off.manhattanLength() <= 1


def test_the_cell_under_a_resting_cursor_follows_the_zoom(make, qtbot):
    view = make(NOISE)
    cells = []
    view.hovered.connect(lambda *cell: cells.append(cell))
    qtbot.mouseMove(view, QPoint(350, 250))
    view.viewport.set_zoom(40)
    at_cursor = view.frame.to_image(QPointF(350, 250))
    assert cells[-1] == (int(at_cursor.y()), int(at_cursor.x()))
    assert len(cells) == 2


def test_a_click_is_told_and_a_drag_pans(make, qtbot):
    view = make(NOISE)
    clicks = []
    view.clicked.connect(lambda *cell: clicks.append(cell))
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at(view, 50, 60))
    assert clicks == [(50, 60)]
    view.viewport.set_zoom(8)
    before = view.frame.origin
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    for x in range(200, 261, 10):
        qtbot.mouseMove(view, QPoint(x, 150))
    assert view.cursor().shape() == Qt.CursorShape.ClosedHandCursor
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(260, 150))
    assert view.frame.origin.x() - before.x() == pytest.approx(60, abs=15)
    assert view.frame.origin.y() == before.y()
    assert clicks == [(50, 60)]
    assert view.cursor().shape() == Qt.CursorShape.CrossCursor


def test_dragging_a_fitted_picture_tells_the_cells(make, qtbot):
    view = make(GREY)
    cells, clicks = [], []
    view.dragged.connect(lambda *cell: cells.append(cell))
    view.clicked.connect(lambda *cell: clicks.append(cell))
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=at(view, 5, 5))
    qtbot.mouseMove(view, at(view, 5, 9))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at(view, 5, 9))
    assert cells == [(5, 9)]
    assert clicks == []
    assert view.viewport.fitted


def test_the_middle_button_pans_at_once(make, qtbot):
    view = make(NOISE)
    view.viewport.set_zoom(8)
    before = view.frame.origin
    qtbot.mousePress(view, Qt.MouseButton.MiddleButton, pos=QPoint(200, 150))
    qtbot.mouseMove(view, QPoint(203, 152))
    qtbot.mouseRelease(view, Qt.MouseButton.MiddleButton, pos=QPoint(203, 152))
    assert view.frame.origin - before == QPointF(3, 2)


def test_a_double_click_fits(make, qtbot):
    view = make(NOISE)
    view.viewport.set_zoom(8)
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    assert view.viewport.fitted


def test_a_pinch_zooms(make):
    view = make(NOISE)
    event = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture, QPointingDevice.primaryPointingDevice(), 2,
        QPointF(200, 150), QPointF(200, 150), QPointF(200, 150), 0.5, QPointF(0, 0),
    )  # fmt: skip
    before = view.viewport.zoom
    QApplication.sendEvent(view, event)
    assert view.viewport.zoom == pytest.approx(before * 1.5)


def test_shift_and_the_wheel_pan(make, wheel):
    view = make(NOISE)
    view.viewport.set_zoom(8)
    before = view.frame.origin
    wheel(view, 120, modifiers=Qt.KeyboardModifier.ShiftModifier)
    assert view.frame.origin != before
    assert view.viewport.zoom == 8


# Keys


def test_plus_and_minus_zoom_and_shift_with_arrows_pans(make, qtbot):
    view = make(NOISE)
    view.viewport.set_zoom(4)
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.viewport.zoom == 5
    qtbot.keyClick(view, Qt.Key.Key_Minus)
    assert view.viewport.zoom == 4
    before = view.frame.origin
    qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert view.frame.origin.x() < before.x()
    assert view.frame.origin.y() < before.y()


def test_arrows_digits_and_space_are_left_to_the_page(make, qtbot):
    class Page(QWidget):
        def __init__(self):
            super().__init__()
            self.keys = []

        def keyPressEvent(self, event):
            self.keys.append(event.key())

    page = Page()
    qtbot.addWidget(page)
    view = make(NOISE)
    view.setParent(page)
    keys = [Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_0, Qt.Key.Key_1, Qt.Key.Key_Space]
    for key in keys:
        qtbot.keyClick(view, key)
    assert page.keys == keys


def test_focus_is_visible(make, qtbot, theme):
    view = make(NOISE)
    assert not near(painted(view), rgb(theme, "accent"), 10)[1, 100:200].any()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    assert near(painted(view), rgb(theme, "accent"), 10)[1, 100:200].all()


# The rest


def test_linked_views_zoom_together(make, wheel):
    viewport = Viewport()
    large = make(NOISE, viewport=viewport)
    small = make(NOISE, viewport=viewport, size=(130, 120))
    wheel(small, 360, QPoint(100, 60))
    assert not viewport.fitted
    middle = large.frame.to_image(large.frame.middle)
    other = small.frame.to_image(small.frame.middle)
    assert (middle - other).manhattanLength() < 6
    assert large.frame.scale / small.frame.scale == pytest.approx(
        large.frame.fit_scale / small.frame.fit_scale
    )


def test_ensure_visible_pans(make):
    view = make(NOISE)
    view.viewport.set_zoom(20)
    view.ensure_visible(199, 299)
    assert view.rect().contains(at(view, 199, 299))


def test_the_placeholder_wraps_and_goes_when_a_picture_comes(make, theme):
    view = make(size=(160, 160))
    view.set_placeholder("Drop a picture here, or paste one from the clipboard.")
    muted = near(painted(view), rgb(theme, "muted"), 40)
    lines = (np.diff(muted[:, 20:-20].any(axis=1).astype(int)) == 1).sum()
    assert lines >= 3
    assert view.accessibleDescription().startswith("Drop")
    view.set_picture(NOISE)
    assert painted(view).std() > 20
    view.set_picture(None)
    assert near(painted(view), rgb(theme, "muted"), 40).any()


def test_the_description_tells_size_and_zoom(make):
    view = make(NOISE)
    view.viewport.set_zoom(2)
    assert view.accessibleDescription() == "200 × 300 pixels, zoom 200 %"
    assert view.accessibleName() == "Picture"


def test_presentation_mode_enlarges_the_hint(make, theme):
    view = make(NOISE)
    usual = view.sizeHint()
    theme.set_scale(1.5)
    assert view.sizeHint().width() > usual.width()
    theme.set_scale(1.0)
    assert (view.minimumSizeHint().width(), view.minimumSizeHint().height()) == (120, 120)
