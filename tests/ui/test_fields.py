"""The labelled inputs: typed, dragged, refused; silent when the program sets them."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor, QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from visualizer.ui.widgets.fields import (
    LabelledChoice,
    LabelledRange,
    LabelledSlider,
    SegmentedButtons,
)
from visualizer.ui.widgets.menu_button import give_menu
from visualizer.ui.widgets.range_slider import RangeSlider
from visualizer.ui.widgets.slider import Slider

_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def show(qtbot):
    """Show a widget in a window that has the focus."""
    windows = []  # a widget dies with its window

    def shown(widget, width=260):
        window = QWidget()
        layout = QVBoxLayout(window)
        layout.addWidget(widget)
        window.resize(width, 120)
        windows.append(window)
        qtbot.addWidget(window)
        window.show()
        window.activateWindow()
        qtbot.waitActive(window)
        return window

    return shown


@pytest.fixture
def stride(theme, show):
    field = LabelledSlider(theme, "Stride", 1, 8, value=3)
    field.window_ = show(field)
    return field


def _type(qtbot, field, text):
    edit = field.findChild(QLineEdit)
    qtbot.mouseClick(edit, _LEFT)
    edit.selectAll()
    qtbot.keyClicks(edit, text)
    return edit


def test_a_click_on_the_groove_goes_there_and_tells_once(qtbot, stride):
    told = []
    stride.valueChanged.connect(told.append)
    slider = stride.findChild(Slider)
    qtbot.mouseClick(slider, _LEFT, pos=QPoint(slider.width() - 3, slider.height() // 2))
    assert told == [8.0]
    assert stride.value() == 8
    assert stride.findChild(QLineEdit).text() == "8"


def test_setting_the_value_tells_nothing(qtbot, stride):
    with qtbot.assertNotEmitted(stride.valueChanged):
        stride.set_value(5)
        stride.set_range(1, 4)
    assert stride.value() == 4
    assert stride.findChild(QLineEdit).text() == "4"


def test_a_typed_value_is_live(qtbot, stride):
    told = []
    stride.valueChanged.connect(told.append)
    _type(qtbot, stride, "6")
    assert told == [6.0]
    assert stride.findChild(Slider).value() == 5


@pytest.mark.parametrize(
    ("text", "reason"),
    [("x", "not a number"), ("9", "between 1 and 8"), ("2.5", "whole number")],
)
def test_what_cannot_be_used_says_why_and_the_last_value_stays(qtbot, stride, text, reason):
    said = []
    stride.problem.connect(said.append)
    with qtbot.assertNotEmitted(stride.valueChanged):
        edit = _type(qtbot, stride, text if text != "2.5" else "")
        if text == "2.5":
            edit.setText("2.")
            qtbot.keyClicks(edit, "5")
    assert reason in said[-1]
    assert reason in edit.toolTip()
    assert edit.property("invalid")
    assert stride.value() == 3
    edit.clearFocus()
    assert edit.text() == "3"
    assert said[-1] == ""


def test_escape_takes_back_what_was_typed(qtbot, stride):
    edit = _type(qtbot, stride, "7")
    assert stride.value() == 7
    qtbot.keyClick(edit, Qt.Key.Key_Escape)
    assert stride.value() == 3
    assert edit.text() == "3"


def test_space_belongs_to_the_window_once_a_value_is_typed(qtbot, stride):
    pressed = []
    shortcut = QShortcut(QKeySequence(Qt.Key.Key_Space), stride.window_)
    shortcut.activated.connect(lambda: pressed.append(True))
    field = _type(qtbot, stride, "7")
    qtbot.keyClick(field, Qt.Key.Key_Space)
    assert not pressed
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.keyClick(field, Qt.Key.Key_Space)
    assert pressed and field.text() == "7"


def test_the_slider_stops_before_what_the_check_refuses_and_typing_says_why(qtbot, theme, show):
    field = LabelledSlider(
        theme, "Dilation", 1, 4, check=lambda value: "No cell is left." if value > 2 else ""
    )
    show(field)
    slider = field.findChild(Slider)
    qtbot.mouseClick(slider, _LEFT, pos=QPoint(slider.width() - 3, slider.height() // 2))
    assert field.value() == 2
    assert slider.value() == 1
    edit = _type(qtbot, field, "4")
    assert edit.toolTip() == "No cell is left."
    assert field.value() == 2


def test_one_drag_has_one_key_and_the_next_another(qtbot, stride):
    slider = stride.findChild(Slider)
    keys = []
    stride.valueChanged.connect(lambda _: keys.append((stride.merge_key, stride.dragging)))
    middle = slider.height() // 2
    for start in (10, 120):
        qtbot.mousePress(slider, _LEFT, pos=QPoint(start, middle))
        for x in range(start, start + 110, 10):
            qtbot.mouseMove(slider, QPoint(x, middle))
        qtbot.mouseRelease(slider, _LEFT, pos=QPoint(start + 110, middle))
        stride._pause.stop()  # as if the user had waited
    assert len(keys) > 3
    assert len({key for key, _ in keys}) == 2
    assert all(dragging for _, dragging in keys)


def test_a_click_between_two_values_lets_go_of_the_handle(qtbot, show):
    slider = Slider()
    show(slider, 400)
    slider.setRange(0, 4)
    middle, there = slider.width() // 2, QPoint(3 * slider.width() // 4, 2)
    for x in (middle - 30, middle + 30):  # nearest to 2, but beside where its handle comes to stand
        slider.show_position(0)
        qtbot.mousePress(slider, _LEFT, pos=QPoint(x, 2))
        assert slider.value() == 2
        qtbot.mouseMove(slider, there)
        assert slider.value() == 3 and slider.isSliderDown()
        qtbot.mouseRelease(slider, _LEFT, pos=there)
        assert not slider.isSliderDown()


def test_arrow_keys_belong_to_the_focused_slider_not_to_the_window(qtbot, stride):
    pressed = []
    shortcut = QShortcut(QKeySequence(Qt.Key.Key_Right), stride.window_)
    shortcut.activated.connect(lambda: pressed.append(1))
    slider = stride.findChild(Slider)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert stride.value() == 4
    assert not pressed


def test_the_wheel_over_an_unfocused_slider_is_left_to_the_page(qtbot, stride, wheel):
    stride.findChild(QLineEdit).setFocus()
    wheel(stride.findChild(Slider), 120)
    assert stride.value() == 3
    stride.findChild(Slider).setFocus()
    wheel(stride.findChild(Slider), 120)
    assert stride.value() > 3


def test_a_logarithmic_slider_has_the_geometric_mean_in_the_middle(qtbot, theme, show):
    field = LabelledSlider(theme, "Sigma", 0.1, 10, decimals=2, value=1, logarithmic=True)
    show(field)
    assert field.findChild(Slider).value() == 500
    field.findChild(Slider).setValue(1000)
    assert field.value() == 10
    field.findChild(Slider).setValue(0)
    assert field.value() == pytest.approx(0.1)


def test_a_value_between_the_slider_steps_is_kept(qtbot, theme, show):
    field = LabelledSlider(theme, "Bias", -10, 10, decimals=3)
    show(field)
    _type(qtbot, field, "0,125")
    assert field.value() == 0.125


def test_choice_tells_keys_and_headings_cannot_be_chosen(qtbot, theme, show):
    choice = LabelledChoice(
        theme, "Preset", ["Edges", ("sobel", "Sobel x", "a gradient"), "Blur", ("box", "Box")]
    )
    show(choice)
    told = []
    choice.currentChanged.connect(told.append)
    assert choice.current() == "sobel"
    box = choice.findChild(QComboBox)
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert told == ["box"]
    choice.set_current("sobel")
    assert told == ["box"]
    assert box.currentText() == "Sobel x"
    assert box.accessibleName() == "Preset"
    with pytest.raises(KeyError):
        choice.set_current("no such")


def test_choice_keeps_its_key_when_the_options_change(theme, show):
    choice = LabelledChoice(theme, "", [("a", "A"), ("b", "B")], name="Letters")
    show(choice)
    choice.set_current("b")
    choice.set_options([("x", "X"), None, ("b", "B again")])
    assert choice.current() == "b"
    choice.set_options([("x", "X")])
    assert choice.current() == "x"


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_the_list_of_a_narrow_choice_shows_whole_options(qtbot, theme, show):
    long = "As in ImageDataGenerator, with everything that it has"
    choice = LabelledChoice(theme, "", [("a", "A"), ("long", long)], name="Preset")
    box = choice.findChild(QComboBox)
    box.setFixedWidth(80)
    show(choice)
    box.showPopup()
    view = box.view()
    needed = view.fontMetrics().horizontalAdvance(long)
    assert box.width() < needed
    qtbot.waitUntil(lambda: view.viewport().width() >= needed)
    box.hidePopup()


def test_range_can_be_typed_and_never_turns_over(qtbot, theme, show):
    field = LabelledRange(theme, "Contrast", 0, 255, value=(20, 200))
    show(field)
    told, said = [], []
    field.valueChanged.connect(lambda low, high: told.append((low, high)))
    field.problem.connect(said.append)
    low = field.findChildren(QLineEdit)[0]
    qtbot.mouseClick(low, _LEFT)
    low.selectAll()
    qtbot.keyClicks(low, "90")
    assert field.value() == (90, 200)
    assert told[-1] == (90, 200)
    low.selectAll()
    qtbot.keyClicks(low, "201")
    assert "below 200" in said[-1]
    assert field.value()[0] < 200


def test_one_drag_of_the_range_has_one_key(qtbot, theme, show):
    field = LabelledRange(theme, "Contrast", 0, 255)
    show(field)
    keys = []
    field.valueChanged.connect(lambda *_: keys.append(field.merge_key))
    slider = field.findChild(RangeSlider)
    middle = slider.height() // 2
    for start in (8, 58):
        qtbot.mousePress(slider, _LEFT, pos=QPoint(start, middle))
        for x in range(start, start + 60, 10):
            qtbot.mouseMove(slider, QPoint(x, middle))
        qtbot.mouseRelease(slider, _LEFT, pos=QPoint(start + 60, middle))
    assert len(keys) > 3
    assert len(set(keys)) == 2


def test_range_slider_tells_and_setting_does_not(qtbot, theme, show):
    field = LabelledRange(theme, "Contrast", 0, 1, decimals=2)
    show(field)
    told = []
    field.valueChanged.connect(lambda low, high: told.append((low, high)))
    field.set_value(0.25, 0.5)
    assert told == []
    slider = field.findChild(RangeSlider)
    assert slider.values() == (0.25, 0.5)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert told == [(0.26, 0.5)]
    field.set_range(0, 0.4)
    assert field.value() == slider.values() == (0.26, 0.4)


def test_segments_are_exclusive_and_tell_only_the_user_s_choice(qtbot, theme, show):
    buttons = SegmentedButtons(theme, [("rgb", "RGB"), ("lab", "Lab", "CIE")], name="Space")
    show(buttons)
    told = []
    buttons.changed.connect(told.append)
    qtbot.mouseClick(buttons.button("lab"), _LEFT)
    assert told == ["lab"]
    assert not buttons.button("rgb").isChecked()
    buttons.set_current("rgb")
    assert told == ["lab"]
    assert buttons.current() == "rgb"
    assert [b.accessibleName() for b in buttons.findChildren(QToolButton)] == [
        "Space: RGB",
        "Space: Lab",
    ]


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_a_focused_slider_has_a_ring(qtbot, theme, scheme) -> None:
    theme.set_choice(scheme)
    slider = Slider()
    qtbot.addWidget(slider)
    slider.setValue(50)
    slider.resize(200, 20)
    with qtbot.waitExposed(slider):
        slider.show()
    slider.clearFocus()
    corner = slider.grab().toImage().pixelColor(60, 0)
    slider.setFocus()
    qtbot.waitUntil(slider.hasFocus)
    ringed = slider.grab().toImage().pixelColor(60, 0)
    assert ringed != corner
    assert abs(ringed.lightnessF() - theme.color("accent").lightnessF()) < 0.1
    slider.hide()
    theme.set_choice("dark")


@pytest.mark.parametrize("leaves", [True, False])
def test_a_button_looks_pointed_at_after_its_menu_only_where_it_is(qtbot, show, leaves) -> None:
    button, menu = QToolButton(), QMenu()
    menu.addAction("One")
    give_menu(button, menu)
    window = show(button)
    button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    far, near = window.rect().bottomRight(), button.geometry().center()
    QCursor.setPos(window.mapToGlobal(far if leaves else near))
    menu.aboutToHide.emit()
    assert button.underMouse() != leaves


def test_options_that_cannot_be_chosen_look_so_in_every_theme(qtbot, theme) -> None:
    choice = LabelledChoice(theme, "Preset", ["Group", ("a", "A"), ("b", "B")])
    qtbot.addWidget(choice)
    choice.set_enabled_keys({"a"})
    for scheme in ("dark", "light"):
        theme.set_choice(scheme)
        colours = [choice._box.itemData(row, Qt.ItemDataRole.ForegroundRole) for row in range(3)]
        wanted = [theme.color(role) for role in ("accent", "text", "faint")]
        assert [brush.color() for brush in colours] == wanted
