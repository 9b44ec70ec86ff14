import pytest
from PySide6.QtCore import QPoint, Qt

from visualizer.ui.widgets.range_slider import RangeSlider

_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def slider(qtbot, theme):
    slider = RangeSlider(theme)
    slider.set_range(0, 100, 1)
    slider.set_values(20, 60)
    slider.resize(214, 20)  # two pixels a unit between the handles' radii
    qtbot.addWidget(slider)
    slider.show()
    slider.activateWindow()
    return slider


@pytest.fixture
def told(slider):
    told = []
    slider.valuesChanged.connect(lambda low, high: told.append((low, high)))
    return told


def drag(qtbot, slider, start, end):
    middle = slider.height() // 2
    qtbot.mousePress(slider, _LEFT, pos=QPoint(start, middle))
    for x in (start, (start + end) // 2, end):
        qtbot.mouseMove(slider, QPoint(x, middle))
    qtbot.mouseRelease(slider, _LEFT, pos=QPoint(end, middle))


def x_of(slider, handle):
    return round(slider.handle_at(handle).x())


@pytest.mark.parametrize(
    ("handle", "by", "values"),
    [
        (0, 30, (35, 60)),
        (0, -100, (0, 60)),
        (0, 200, (59, 60)),  # the handles never pass each other
        (1, -30, (20, 45)),
        (1, 200, (20, 100)),
        (1, -150, (20, 21)),
    ],
)
def test_a_handle_is_dragged(qtbot, slider, told, handle, by, values):
    start = x_of(slider, handle)
    drag(qtbot, slider, start, start + by)
    assert slider.values() == told[-1] == values


@pytest.mark.parametrize(("by", "values"), [(20, (30, 70)), (200, (60, 100)), (-90, (0, 40))])
def test_the_bar_moves_both_ends_and_keeps_their_distance(qtbot, slider, told, by, values):
    middle = (x_of(slider, 0) + x_of(slider, 1)) // 2
    drag(qtbot, slider, middle, middle + by)
    assert slider.values() == told[-1] == values


@pytest.mark.parametrize(("x", "values"), [(7, (0, 60)), (27, (10, 60)), (207, (20, 100))])
def test_a_click_beside_takes_the_nearer_handle_there(qtbot, slider, told, x, values):
    qtbot.mouseClick(slider, _LEFT, pos=QPoint(x, 10))
    assert told == [values]


@pytest.mark.parametrize(("end", "by", "values"), [(0, 40, (0, 21)), (100, -40, (79, 100))])
def test_handles_that_meet_at_an_end_can_be_pulled_apart(qtbot, slider, end, by, values):
    slider.set_values(*((0, 1) if end == 0 else (99, 100)))
    drag(qtbot, slider, 7 + 2 * end, 7 + 2 * end + by)
    assert slider.values() == values


@pytest.mark.parametrize(("low", "high"), [(40, 40), (40, 42), (0, 0), (100, 100)])
def test_handles_on_one_number_do_not_hide_each_other(slider, low, high):
    slider.clearFocus()
    slider.set_values(low, high)
    shown = slider.grab().toImage()
    middle = round((x_of(slider, 0) + x_of(slider, 1)) / 2)
    handle, slit = (shown.pixelColor(x, 6).name() for x in (middle - 3, middle))
    assert handle == shown.pixelColor(middle + 3, 6).name() != slit


def test_keys_move_the_handle_used_last(qtbot, slider, told):
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert told == [(21, 60)]
    qtbot.mouseClick(slider, _LEFT, pos=slider.handle_at(1).toPoint())
    qtbot.keyClick(slider, Qt.Key.Key_Down)
    qtbot.keyClick(slider, Qt.Key.Key_End)
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert told[1:] == [(21, 59), (21, 100), (21, 22)]


def test_the_wheel_needs_the_focus(slider, told, wheel):
    slider.clearFocus()
    wheel(slider, 120)
    assert told == []
    slider.setFocus()
    wheel(slider, 240)
    assert told == [(22, 60)]


def test_setting_tells_nothing_and_an_empty_range_can_be_painted(slider, told):
    slider.set_range(5, 5, 0)
    slider.set_values(5, 5)
    slider.setEnabled(False)
    assert not slider.grab().isNull()
    assert told == []
