"""The Filters page by mouse and keyboard: editing, stepping, pinning, predicting, examples."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QScrollArea,
    QSlider,
    QStyle,
    QStyleOptionComboBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualizer.core.image import Image
from visualizer.core.kernels import Kernel, from_json, from_text
from visualizer.core.numbers import format_number
from visualizer.state.filter_settings import FilterSettings
from visualizer.state.filters import resolve
from visualizer.ui import undo
from visualizer.ui.background import Background
from visualizer.ui.pages.filters_engine import FilterEngine, Result
from visualizer.ui.pages.filters_page import FiltersPage
from visualizer.ui.pages.filters_preview import Preview, Seen
from visualizer.ui.presentation import scale_for
from visualizer.ui.widgets.image_view import ImageView
from visualizer.ui.widgets.number_line import NumberLine
from visualizer.ui.widgets.spin import Spin
from visualizer.ui.widgets.strip_parts import Sums
from visualizer.ui.widgets.value_edit import ValueEdit

ORIGIN = QPoint(0, 0)
SMALLEST = (1196, 640)  # what a window of 1280 × 720 leaves for a page
SIZES = [SMALLEST, (1356, 820), (1836, 1000)]


@pytest.fixture
def show(qtbot, context, window):
    """Build the page in a shown window, with its map computed."""
    pages: list[FiltersPage] = []

    def build(image: Image | None = None, size: tuple[int, int] = SMALLEST) -> FiltersPage:
        if image is not None:
            context.session.show(image)
        with context.theme.unstyled():  # as the application does: it takes half the time
            page = FiltersPage(context)
            layout = QVBoxLayout(window)
            layout.setContentsMargins(0, 0, 0, 0)
            layout.addWidget(page)
        pages.append(page)
        page.model.edited.connect(_recorder(context))
        context.session.edited.connect(_recorder(context))
        window.resize(*size)
        context.actions.set_page(page.title)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        settle(qtbot, page)
        return page

    yield build
    for page in pages:
        page.close_work()


@pytest.fixture
def matrix() -> Image:
    return Image.from_array(np.arange(36, dtype=np.uint8).reshape(6, 6), "matrix")


def _recorder(context: Any) -> Callable[[Any], None]:
    return lambda edit: undo.record(context.undo, edit, lambda: None)


def settle(qtbot: Any, page: FiltersPage) -> None:
    def idle() -> bool:
        ready = page.frame is not None and page.frame.settings == page._settings
        return ready and not any(work.busy for work in page.findChildren(Background))

    qtbot.waitUntil(idle)
    qtbot.wait(20)


def at(view: ImageView, row: int, column: int) -> QPoint:
    """Return where the middle of a cell is on the screen."""
    scale, origin = view.frame.scale, view.frame.origin
    return QPoint(
        round(origin.x() + (column + 0.5) * scale), round(origin.y() + (row + 0.5) * scale)
    )


def colour_at(view: ImageView, row: int, column: int) -> str:
    """Return the colour near the corner of a cell, where no digits and no outline are."""
    scale, place = view.frame.scale, at(view, row, column)
    offset = QPoint(round(scale * 0.32), round(scale * 0.32))
    return view.grab().toImage().pixelColor(place - offset).name()


# What is shown


def test_the_map_its_extremes_and_the_size_formula_are_shown(show, context) -> None:
    page = show()
    frame = page.frame
    assert frame is not None
    expected = resolve(FilterSettings(), context.session.image)
    np.testing.assert_array_equal(frame.feature, expected.feature)
    extremes, down, along = (page.map.lines[i].text() for i in (1, 2, 3))
    assert f"min {frame.feature.min():.0f} max {frame.feature.max():.0f}" in extremes
    assert down == "H ⌊(40 + 2·1 − 1·(3 − 1) − 1) / 1⌋ + 1 = 40"
    assert along.endswith("= 60")
    assert page.map.note.text() == "40 × 60"


def test_a_square_picture_needs_the_formula_but_once(show, matrix) -> None:
    page = show(matrix)
    assert page.map.lines[2].text() == "⌊(6 + 2·1 − 1·(3 − 1) − 1) / 1⌋ + 1 = 6"
    assert not page.map.lines[3].isVisible()
    assert not page.input.lines[3].isVisible()


def test_the_whole_input_and_map_can_be_had_as_they_are_shown(show, matrix) -> None:
    page = show(matrix)
    picture, feature = page.painted(page.frame)
    np.testing.assert_array_equal(picture[:, :, 0], matrix.pixels[:, :, 0])
    assert feature.shape == (6, 6, 3)


# Editing


def test_a_typed_weight_is_live_and_can_be_undone(qtbot, show, context) -> None:
    page = show()
    editor = page.kernel.editor
    before = page.frame.feature.copy()
    QTest.mouseClick(
        editor, Qt.MouseButton.LeftButton, pos=editor.cell_rect(1, 1).center().toPoint()
    )
    QTest.keyClicks(editor, "9")
    settle(qtbot, page)
    image = context.session.image
    np.testing.assert_array_equal(page.frame.feature, resolve(page.model.settings, image).feature)
    assert page.model.settings.kernel.weights[0, 1, 1] == 9
    assert page.kernel._chooser.current() == ""
    QTest.keyClicks(editor.findChild(QLineEdit), "x")
    assert "is not a number" in page.kernel._problem.text()
    assert page.model.settings.kernel.weights[0, 1, 1] == 9
    context.undo.undo()
    settle(qtbot, page)
    np.testing.assert_array_equal(page.frame.feature, before)
    assert page.kernel._chooser.current() == "sobel-x"


def test_a_preset_with_parameters_shows_its_sliders(qtbot, show, context) -> None:
    page = show()
    page.kernel.presetChosen.emit("gaussian", (), "")
    settle(qtbot, page)
    sliders = page.kernel._sliders
    assert sliders.isVisible()
    size = sliders._sliders["size"]
    handle = size.findChild(QSlider)
    handle.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_Right)
    QTest.keyClick(handle, Qt.Key.Key_Right)
    settle(qtbot, page)
    assert page.model.settings.kernel.weights.shape == (1, 9, 9)
    assert page.kernel._rows.value() == 9
    assert context.undo.count() == 2  # the preset, and the slider in one step
    context.undo.undo()
    settle(qtbot, page)
    assert page.model.settings.kernel.weights.shape == (1, 5, 5)
    assert size.value() == 5


def test_the_kernel_buttons_change_it_and_normalise_says_why_not(qtbot, show) -> None:
    page = show()
    buttons = {b.accessibleName(): b for b in page.kernel.findChildren(QAbstractButton)}
    QTest.mouseClick(buttons["rotate"], Qt.MouseButton.LeftButton)
    np.testing.assert_array_equal(page.model.settings.kernel.weights[0, 0], [-1, -2, -1])
    QTest.mouseClick(buttons["normalise"], Qt.MouseButton.LeftButton)
    assert "sum to 0" in page.kernel._problem.text()
    assert page.kernel._problem.isVisible()
    QTest.mouseClick(buttons["clear"], Qt.MouseButton.LeftButton)
    settle(qtbot, page)
    assert not page.model.settings.kernel.weights.any()
    assert not page.kernel._problem.isVisible()
    assert "all weights are 0" in page.kernel.note.text()


def test_a_size_without_output_is_refused_in_place(qtbot, show, matrix) -> None:
    page = show(matrix)
    page.kernel.edited.emit("padding", "", {"padding": 0})
    settle(qtbot, page)
    page.kernel._rows.setValue(7)
    assert "spans 7 pixels" in page.kernel._problem.text()
    assert page.kernel._rows.value() == 3
    assert page.model.settings.kernel.height == 3


def test_a_refused_preset_does_not_stay_in_its_choice(qtbot, show, matrix) -> None:
    page = show(matrix)
    chooser = page.kernel._chooser
    before = chooser.current()
    box = chooser.findChild(QComboBox)
    box.setFocus()
    QTest.keyClicks(box, "Gab")
    settle(qtbot, page)
    assert "spans 11 pixels" in page.kernel._problem.text()
    assert chooser.current() == before == page.model.settings.preset


def test_a_refused_size_does_not_stay_in_its_field(qtbot, show, matrix) -> None:
    page = show(matrix)
    page.kernel.edited.emit("padding", "", {"padding": 0})
    settle(qtbot, page)
    rows = page.kernel._rows
    QTest.mouseClick(rows.lineEdit(), Qt.MouseButton.LeftButton)
    rows.selectAll()
    QTest.keyClicks(rows, "15")
    assert page.model.settings.kernel.height == 3  # 1 was no wish
    QTest.keyClick(rows, Qt.Key.Key_Return)
    assert "spans 15 pixels" in page.kernel._problem.text()
    assert rows.lineEdit().text() == "3"
    assert page.model.settings.kernel.height == 3


def test_dragging_a_slider_ends_what_was_wrong_in_its_field(qtbot, show, matrix) -> None:
    page = show(matrix)
    stride = page.kernel._parameters._stride
    typed, handle = stride.findChild(QLineEdit), stride.findChild(QSlider)
    QTest.mouseClick(typed, Qt.MouseButton.LeftButton)
    typed.selectAll()
    QTest.keyClicks(typed, "99")
    assert "between" in page.kernel._problem.text()
    QTest.mouseClick(handle, Qt.MouseButton.LeftButton, pos=handle.rect().center())
    assert page.model.settings.stride > 1
    assert typed.text() == str(page.model.settings.stride)
    assert page.kernel._problem.text() == ""
    settle(qtbot, page)


def test_a_pasted_block_of_another_size_takes_the_light_away(qtbot, show, matrix) -> None:
    page = show(matrix)
    editor, view = page.kernel.editor, page.input.view
    plain = colour_at(view, 4, 4)
    QTest.mouseMove(editor, editor.cell_rect(0, 0).center().toPoint())
    qtbot.waitUntil(lambda: colour_at(view, 4, 4) != plain)
    editor.paste("1 2 3 4 5\n" * 5)
    settle(qtbot, page)
    assert page.model.settings.kernel.height == 5
    assert colour_at(view, 4, 4) == plain


def test_a_slider_stops_before_what_is_impossible_and_typing_says_why(qtbot, show, matrix) -> None:
    page = show(matrix)
    page.kernel.edited.emit("padding", "", {"padding": 0})
    dilation = page.kernel._parameters._dilation
    handle = dilation.findChild(QSlider)
    handle.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_End)
    assert page.model.settings.dilation == 2
    typed = dilation.findChild(QLineEdit)
    typed.setFocus()
    typed.selectAll()
    QTest.keyClicks(typed, "4")
    assert page.model.settings.dilation == 2
    assert "spans 9 pixels" in page.kernel._problem.text()


def test_every_choice_reaches_the_map(qtbot, show, context) -> None:
    page = show()
    parameters = page.kernel._parameters
    for choice, key in (
        (parameters._mode, "full"), (parameters._border, "wrap"),
        (parameters._activation, "ReLU"), (parameters._turn, "convolution"),
    ):  # fmt: skip
        box = choice.findChild(QComboBox)
        box.setCurrentIndex(box.findData(key))
        box.activated.emit(box.currentIndex())
    settle(qtbot, page)
    settings = page.model.settings
    assert (settings.padding, settings.border) == ("full", "wrap")
    assert (settings.activation, settings.flip) == ("ReLU", True)
    assert page.frame.geometry.out_height == 42
    assert page.frame.feature.min() >= 0
    assert page.kernel.turned.isVisible()
    np.testing.assert_array_equal(page.kernel.turned.value()[0], [1, 0, -1])
    assert context.undo.count() == 4


def test_a_filter_across_the_channels_has_a_plane_for_each(qtbot, show) -> None:
    page = show()
    page.input.appliedTo.emit("across", 0)
    settle(qtbot, page)
    assert page.frame.feature.shape == (40, 60, 1)
    assert page.kernel._tabs.isVisible()
    QTest.mouseClick(page.kernel._tabs.button("1"), Qt.MouseButton.LeftButton)
    page.kernel.editor.valueEdited.emit(np.eye(3), "")
    np.testing.assert_array_equal(page.model.settings.kernel.weights[1], np.eye(3))
    assert page.model.settings.kernel.weights[0, 1, 0] == -2
    QTest.mouseClick(page.kernel._copy, Qt.MouseButton.LeftButton)
    np.testing.assert_array_equal(page.model.settings.kernel.weights[2], np.eye(3))
    settle(qtbot, page)


def test_each_channel_alone_gives_three_maps_to_look_at(qtbot, show) -> None:
    page = show()
    page.input.appliedTo.emit("each", 0)
    settle(qtbot, page)
    assert page.frame.feature.shape == (40, 60, 3)
    QTest.mouseClick(page.map._tabs.button("2"), Qt.MouseButton.LeftButton)
    settle(qtbot, page)
    assert page.model.settings.plane == 2
    assert page.frame.map_looked_at == 2


# Stepping


def press(page: FiltersPage, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(page.window(), key)


def test_every_choice_can_be_read_whole_in_the_smallest_window(show) -> None:
    for choice in show().findChildren(QComboBox):
        option = QStyleOptionComboBox()
        choice.initStyleOption(option)
        kind, field = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room = choice.style().subControlRect(kind, option, field, choice).width()
        for text in (choice.itemText(i) for i in range(choice.count())):
            assert choice.fontMetrics().horizontalAdvance(text) <= room, text


def test_a_gaussian_has_a_size_and_a_small_sigma(show, matrix) -> None:
    page = show(matrix)
    page.model.choose_preset("gaussian")
    names = [slider.accessibleName() for slider in page.kernel._sliders.findChildren(QSlider)]
    assert names == ["Size", "σ"]


def test_escape_takes_back_what_is_typed_before_it_ends_the_stepping(show, matrix, context) -> None:
    page = show(matrix)
    page.stepper.first()
    before = page.model.settings
    place = page.kernel.editor.cell_rect(1, 1).center().toPoint()
    QTest.mouseClick(page.kernel.editor, Qt.MouseButton.LeftButton, pos=place)
    QTest.keyClicks(page.kernel.editor, "5")
    assert page.model.settings.kernel.weights[0, 1, 1] == 5
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert page.model.settings == before
    assert context.undo.count() == 0
    stride = next(e for e in page.findChildren(ValueEdit) if "Stride" in e.accessibleName())
    stride.setFocus()
    stride.selectAll()
    QTest.keyClicks(stride, "2")
    assert page.model.settings.stride == 2
    QTest.keyClick(stride, Qt.Key.Key_Escape)
    assert page.model.settings.stride == 1
    assert not page.stepper.complete


def test_the_keys_step(qtbot, show, matrix) -> None:
    page = show(matrix)
    page.input.view.setFocus()
    stepper, key = page.stepper, Qt.Key
    assert (stepper.position, stepper.complete) == (0, True)
    press(page, key.Key_Right, key.Key_Right, key.Key_PageDown)
    assert (stepper.position, stepper.computed) == (3, 4)
    press(page, key.Key_Left, key.Key_PageUp)
    assert stepper.position == 1
    press(page, key.Key_Down)
    assert stepper.position == 6
    press(page, key.Key_Up)
    assert stepper.position == 0
    press(page, key.Key_End)
    assert (stepper.position, stepper.complete) == (35, True)
    press(page, key.Key_Home, key.Key_Space)
    assert stepper.playing
    press(page, key.Key_Space)
    assert not stepper.playing
    press(page, key.Key_Escape)
    assert stepper.complete


def test_playing_moves_the_window_by_itself_to_the_end(qtbot, show, matrix) -> None:
    page = show(matrix)
    page.stepper.set_speed(10_000)
    with qtbot.waitSignal(page._transport._buttons["play"].defaultAction().triggered):
        press(page, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: page.stepper.position == 35)
    assert not page.stepper.playing


def test_what_is_not_computed_yet_is_blank(qtbot, show, context) -> None:
    page = show(Image.from_array(np.full((6, 6), 200, np.uint8), "bright"))
    page.kernel.presetChosen.emit("identity", (), "")
    settle(qtbot, page)
    blank = context.theme.color("blank").name()
    view = page.map.view
    assert colour_at(view, 5, 5) != blank
    page.stepper.seek(7)
    assert colour_at(view, 0, 5) != blank
    assert colour_at(view, 1, 0) != blank
    assert colour_at(view, 1, 2) == blank
    assert colour_at(view, 5, 5) == blank
    assert "row 0" in page.input.lines[0].text()
    assert "column 0" in page.input.lines[0].text()


def test_a_focused_field_keeps_its_keys(qtbot, show, matrix) -> None:
    page = show(matrix)
    typed = page.kernel._parameters._bias.findChild(QLineEdit)
    typed.setFocus()
    qtbot.wait(10)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_P):
        QTest.keyClick(typed, key)
    assert page.stepper.complete
    assert not page.stepper.playing
    assert not page.stepper.predicting


def choose(qtbot: Any, choice: QWidget, key: str) -> None:
    """Choose an option of a box by two clicks, which Qt must not take for a double one."""
    box, interval = choice.findChild(QComboBox), QApplication.doubleClickInterval()
    QApplication.setDoubleClickInterval(1)
    QTest.mouseClick(box, Qt.MouseButton.LeftButton)
    qtbot.wait(20)
    index = box.model().index(box.findData(key), 0)
    box.view().scrollTo(index)
    place = box.view().visualRect(index).center()
    QTest.mouseClick(box.view().viewport(), Qt.MouseButton.LeftButton, pos=place)
    QApplication.setDoubleClickInterval(interval)


POPUPS = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@POPUPS
def test_after_a_choice_by_mouse_the_keys_step(qtbot, show, matrix) -> None:
    page = show(matrix)
    editor, chooser = page.kernel.editor, page.kernel._chooser
    QTest.mouseClick(editor, Qt.MouseButton.LeftButton, pos=editor.rect().center())
    choose(qtbot, chooser, "laplacian-4")
    settle(qtbot, page)
    assert page.model.settings.preset == "laplacian-4"
    QTest.keyClick(page.window().focusWidget() or page.window(), Qt.Key.Key_PageDown)
    QTest.keyClick(page.window().focusWidget() or page.window(), Qt.Key.Key_Right)
    assert page.stepper.position == 2
    assert page.model.settings.preset == "laplacian-4"
    spin = page.kernel._rows
    QTest.mouseClick(spin, Qt.MouseButton.LeftButton, pos=QPoint(spin.width() - 8, 4))
    assert page.model.settings.kernel.height == 4
    QTest.keyClick(page.window().focusWidget() or page.window(), Qt.Key.Key_PageDown)
    assert page.stepper.position == 3
    assert page.model.settings.kernel.height == 4
    settle(qtbot, page)


def test_a_box_reached_by_tab_keeps_its_keys(qtbot, show, matrix) -> None:
    page = show(matrix)
    box = page.kernel._chooser.findChild(QComboBox)
    box.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(box, Qt.Key.Key_PageDown)
    QTest.keyClick(box, Qt.Key.Key_Home)
    assert page.stepper.complete
    settle(qtbot, page)


def test_the_tabs_of_the_planes_leave_the_keys_to_the_stepping(qtbot, show) -> None:
    page = show()
    page.input.appliedTo.emit("each", 0)
    settle(qtbot, page)
    QTest.mouseClick(page.map._tabs.button("1"), Qt.MouseButton.LeftButton)
    before = page.stepper.position
    QTest.keyClick(page.window().focusWidget() or page.window(), Qt.Key.Key_Right)
    assert page.stepper.position == before + 1
    settle(qtbot, page)


def test_pointing_moves_the_window_and_pauses(qtbot, show, matrix) -> None:
    page = show(matrix)
    page.stepper.first()
    page.stepper.step(10)
    page.stepper.play()
    QTest.mouseMove(page.input.view, at(page.input.view, 2, 3))
    qtbot.waitUntil(lambda: page.stepper.position == 2 * 6 + 3)
    assert not page.stepper.playing
    assert page.stepper.computed == 11
    QTest.mouseMove(page.map.view, at(page.map.view, 4, 4))
    qtbot.waitUntil(lambda: page.stepper.position == 4 * 6 + 4)


def test_a_click_pins_and_another_lets_go(qtbot, show, matrix) -> None:
    page = show(matrix)
    view = page.map.view
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=at(view, 1, 2))
    assert page.stepper.pinned == 8
    assert "pinned" in page.input.lines[2].text()
    QTest.mouseMove(view, at(view, 3, 3))
    assert page.stepper.shown == 8
    assert "row 1, column 2" in page.strip.strip._canvas.accessibleDescription()
    press(page, Qt.Key.Key_Escape)
    assert page.stepper.pinned is None
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=at(view, 1, 2))
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=at(view, 1, 2))
    assert page.stepper.pinned is None


def test_predicting_hides_the_output_until_it_is_revealed(qtbot, show, matrix) -> None:
    page = show(matrix)
    reveal = next(b for b in page.findChildren(QToolButton) if b.text() == "Reveal")
    assert not reveal.isEnabled()
    page.stepper.seek(8)
    press(page, Qt.Key.Key_P)
    assert reveal.isEnabled()
    canvas = page.strip.strip._canvas
    assert page.stepper.hidden
    assert "hidden" in canvas.accessibleDescription()
    press(page, Qt.Key.Key_R)
    assert not page.stepper.hidden
    assert "hidden" not in canvas.accessibleDescription()
    press(page, Qt.Key.Key_Right)
    assert (page.stepper.hidden, page.stepper.computed) == (True, 9)
    press(page, Qt.Key.Key_P)
    assert not page.stepper.predicting
    assert not reveal.isEnabled()


def test_hovering_a_weight_lights_every_pixel_it_touches(qtbot, show, matrix) -> None:
    page = show(matrix)
    page.kernel.edited.emit("padding", "", {"padding": 0})
    settle(qtbot, page)
    view = page.input.view
    plain = colour_at(view, 0, 5), colour_at(view, 5, 0)
    editor = page.kernel.editor
    QTest.mouseMove(editor, editor.cell_rect(0, 2).center().toPoint())
    qtbot.waitUntil(lambda: colour_at(view, 0, 5) != plain[0])
    assert colour_at(view, 5, 0) == plain[1]
    page.kernel.edited.emit("turn", "", {"flip": True})
    settle(qtbot, page)
    page.kernel.weightHovered.emit(0, 2)  # as edited: turned it lies at (2, 0)
    assert colour_at(view, 0, 5) == plain[0]
    assert colour_at(view, 5, 0) != plain[1]
    page.kernel.weightLeft.emit()
    assert (colour_at(view, 0, 5), colour_at(view, 5, 0)) == plain


def test_another_stride_keeps_the_window_where_it_was(qtbot, show) -> None:
    page = show()
    page.stepper.seek(20 * 60 + 30)
    page.kernel.edited.emit("stride", "", {"stride": 2})
    settle(qtbot, page)
    assert page.stepper.row_column(page.stepper.position) == (10, 15)
    assert page.stepper.count == 20 * 30


# Pictures and examples


def test_an_example_is_one_step_of_undo(qtbot, show, context, said) -> None:
    page = show()
    page.kernel.edited.emit("padding", "", {"padding": 7, "border": "reflect"})
    settle(qtbot, page)
    image, settings = context.session.image, page.model.settings
    button = next(b for b in page.findChildren(QToolButton) if b.text() == "Examples")
    titles = [action.text() for action in button.menu().actions() if action.isVisible()]
    assert len(titles) == 5
    button.menu().actions()[0].trigger()
    settle(qtbot, page)
    assert context.session.image.pixels[0, :3, 0].tolist() == [81, 2, 209]
    np.testing.assert_array_equal(page.frame.feature[0, :2, 0], [515, 374])
    assert "sum of nine products" in page.strip._caption.text()
    assert said.sentences == []
    context.undo.undo()
    settle(qtbot, page)
    assert context.session.image is image
    assert page.model.settings == settings
    assert not page.strip._caption.isVisible()
    context.undo.redo()
    settle(qtbot, page)
    np.testing.assert_array_equal(page.frame.feature[0, :2, 0], [515, 374])
    assert said.sentences == []


@POPUPS
def test_a_click_on_examples_shows_them_and_another_takes_one(qtbot, show, context) -> None:
    page = show()
    button = next(b for b in page.findChildren(QToolButton) if b.text() == "Examples")

    def pick() -> None:
        menu = QApplication.activePopupWidget()
        place = menu.actionGeometry(menu.actions()[0]).center()
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=place)

    QTimer.singleShot(50, page, pick)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(qtbot, page)
    assert context.session.image.pixels[0, :3, 0].tolist() == [81, 2, 209]


def test_the_words_of_an_example_are_not_said_of_another_kernel(qtbot, show, context) -> None:
    page = show()
    context.actions["filters.example.rgb"].trigger()
    settle(qtbot, page)
    said, height = page.strip._caption, page.strip.height()
    page.model.edit("plane", plane=1)
    settle(qtbot, page)
    assert "make one number" in said.text()
    page.model.edit("bias", bias=2.0)
    settle(qtbot, page)
    assert said.text().isspace()
    assert page.strip.height() == height
    context.undo.undo()
    settle(qtbot, page)
    assert "make one number" in said.text()


def test_settings_that_no_longer_fit_are_changed_with_a_sentence(
    qtbot, show, context, said
) -> None:
    page = show()
    page.input.appliedTo.emit("channel", 2)
    page.kernel.edited.emit("padding", "", {"padding": 5, "border": "reflect"})
    settle(qtbot, page)
    context.session.show(Image.from_array(np.zeros((3, 3), np.uint8), "tiny"))
    settle(qtbot, page)
    assert "no channel 3" in said.sentences[-1]
    assert "The border is zero now." in said.sentences[-1]
    assert (page.model.settings.channel, page.model.settings.border) == (0, "zero")
    assert page.frame.feature.shape == (11, 11, 1)


def test_a_picture_changed_meanwhile_is_shown_when_the_page_is(
    qtbot, show, context, window
) -> None:
    page = show()
    page.hide()
    context.session.show(Image.from_array(np.ones((7, 8), np.uint8), "later"))
    assert page.frame.image.name == "first"
    page.show()
    settle(qtbot, page)
    assert page.frame.image.name == "later"
    assert page.stepper.count == 56


def test_a_size_is_judged_by_the_new_picture_though_the_theme_changed_meanwhile(
    qtbot, show, context, matrix
) -> None:
    page = show(matrix)
    page.hide()
    context.session.show(Image.from_array(np.ones((20, 30), np.uint8), "later"))
    context.theme.changed.emit()
    qtbot.wait(50)
    page.show()
    settle(qtbot, page)
    page.kernel.sizeWanted.emit(3, 9, None)
    assert page.model.settings.kernel.width == 9
    settle(qtbot, page)
    assert page.frame.image.name == "later"


def test_the_map_is_sent_to_the_pooling_page_once_it_is_finished(
    qtbot, show, context, said
) -> None:
    page = show()
    gone: list[str] = []
    context.actions.add("page.Pooling", "Pooling", lambda: gone.append("Pooling"), menu="View")
    sent: list[Any] = []
    context.session.feature_sent.connect(sent.append)
    button = next(b for b in page.findChildren(QToolButton) if b.text() == "To Pooling")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert gone == ["Pooling"] and sent == [page.frame]
    page.frame = None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert "still being computed" in said.sentences[-1]
    assert len(sent) == 1


# Own kernels


def test_kernels_are_saved_offered_and_deleted(qtbot, show) -> None:
    page = show()
    page.kernel.editor.valueEdited.emit(np.full((3, 3), 0.5), "")
    page._own.save("halves")
    assert page.kernel._chooser.current() == "own:halves"
    page.kernel.presetChosen.emit("box", (), "")
    page.kernel.ownChosen.emit("halves")
    settle(qtbot, page)
    assert page.model.settings.kernel.sum == 4.5
    page._own.delete("halves")
    assert page.kernel._chooser.current() == ""
    assert page._own.kernels.names == []


def test_kernels_go_out_and_come_in(qtbot, show, said, tmp_path: Path) -> None:
    page = show()
    page._own.export_to(tmp_path / "k.json")
    page._own.export_to(tmp_path / "k.txt")
    kernel = page.model.settings.kernel
    assert from_json((tmp_path / "k.json").read_text(encoding="utf-8")) == kernel
    text = (tmp_path / "k.txt").read_text(encoding="utf-8")
    np.testing.assert_array_equal(from_text(text).weights, kernel.weights)
    (tmp_path / "mine.txt").write_text("1/9 0,5\n2 -3\n", encoding="utf-8")
    page._own.import_from(tmp_path / "mine.txt")
    settle(qtbot, page)
    assert page.model.settings.kernel.name == "mine"
    assert page.frame.settings.kernel.weights[0, 1, 1] == -3


@pytest.mark.parametrize(
    ("name", "content", "said_of_it"),
    [
        ("words.txt", b"one two three", "holds no kernel that can be used"),
        ("picture.txt", b"\x89PNG\xff\xfe\x00", "no text file"),
        ("cut.json", b'{"format": "cnn', "no JSON"),
        ("large.txt", b"1 " * 600_000, "larger than any kernel"),
        ("wide.txt", b"1 " * 16, "at most 15"),
    ],
)
def test_a_bad_kernel_file_is_one_sentence(
    show, said, tmp_path: Path, name: str, content: bytes, said_of_it: str
) -> None:
    page = show()
    before = page.model.settings
    (tmp_path / name).write_bytes(content)
    page._own.import_from(tmp_path / name)
    assert name in said.sentences[-1]
    assert said_of_it in said.sentences[-1]
    assert page.model.settings is before


def test_a_missing_kernel_file_is_one_sentence(show, said, tmp_path: Path) -> None:
    page = show()
    page._own.import_from(tmp_path / "gone.json")
    assert said.sentences[-1].startswith("gone.json holds no kernel that can be used: No such file")


# Large pictures


def large(height: int = 900, width: int = 1100) -> Image:
    values = np.random.default_rng(3).integers(0, 256, (height, width, 3)).astype(np.uint8)
    return Image.from_array(values, "large")


def engine_run(qtbot: Any, context: Any, settings: FilterSettings, seen: Seen) -> list[Any]:
    engine = FilterEngine(context.actions)
    heard: list[Any] = []
    engine.previewed.connect(heard.append)
    engine.finished.connect(heard.append)
    palette = FiltersPage._palette(_Themed(context))
    engine.demand(settings, large(), seen, palette)
    qtbot.waitUntil(lambda: bool(heard) and isinstance(heard[-1], Result))
    engine.close()
    return heard


class _Themed:
    def __init__(self, context: Any) -> None:
        self._context = context


def test_what_is_visible_first_equals_the_whole_at_full_size(qtbot, context) -> None:
    kernel = Kernel(np.random.default_rng(0).normal(size=(7, 7)))
    settings = FilterSettings(applied_to="each", kernel=kernel, preset="", padding="same")
    seen = Seen(1.0, range(100, 300), range(200, 500))
    preview, result = engine_run(qtbot, context, settings, seen)
    assert isinstance(preview, Preview)
    whole = result.frame.feature
    np.testing.assert_array_equal(preview.values[100:300, 200:500], whole[100:300, 200:500])
    assert preview.values.shape == whole.shape
    assert not preview.values[:100].any()


def test_a_fitted_large_picture_is_first_shown_at_screen_resolution(qtbot, context) -> None:
    kernel = Kernel(np.random.default_rng(0).normal(size=(9, 9)))
    settings = FilterSettings(applied_to="each", kernel=kernel, preset="", padding="same")
    seen = Seen(0.1, range(900), range(1100))
    preview, result = engine_run(qtbot, context, settings, seen)
    sampled = preview.picture.pixels
    assert sampled.shape == (90, 110, 3)
    np.testing.assert_allclose(sampled, result.frame.feature[::10, ::10], rtol=1e-4, atol=1e-2)
    assert result.frame.feature.shape == (900, 1100, 3)


def test_the_newest_edit_wins(qtbot, show) -> None:
    page = show(large())
    for bias in range(12):
        page.kernel.edited.emit("bias", "bias#1", {"bias": float(bias)})
    settle(qtbot, page)
    assert page.frame.settings.bias == 11
    assert page._laid.settings.bias == 11
    luma = page.frame.pixels[..., 0]
    expected = luma[400:403, 502] - luma[400:403, 500]
    assert page.frame.feature[401, 501, 0] == 11 + (expected * [1, 2, 1]).sum()


def test_other_colours_do_not_filter_again(qtbot, show) -> None:
    page = show(large())
    feature = page.frame.feature
    page.map.edited.emit("display", "", {"display": "rescale"})
    settle(qtbot, page)
    assert page.frame.feature is feature
    assert page.frame.mode == "rescale"


# Looks


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_off(qtbot, show, size) -> None:
    page = show(size=size)
    for change in ({}, {"flip": True}, {"applied_to": "across", "kernel": _three(page)}):
        page.model.edit("look", **change)
        settle(qtbot, page)
        scroll = page.kernel.findChild(QScrollArea)
        assert scroll.widget().minimumSizeHint().width() <= scroll.viewport().width()
        for widget in visible_controls(page):
            rect = widget.rect().translated(widget.mapTo(page, QPoint(0, 0)))
            assert page.rect().contains(rect) or _scrolls(widget, page), widget.accessibleName()
    for slider in page.kernel._parameters.findChildren(QSlider):
        assert slider.visibleRegion().boundingRect().height() == slider.height()


def test_nothing_of_the_kernel_scrolls_at_the_smallest_size(qtbot, show) -> None:
    page = show()
    bar, where = (
        page.kernel._scroll.verticalScrollBar(),
        page.kernel.changes.mapTo(page, ORIGIN),
    )
    page.kernel.say("Normalise divides by the sum of the weights, which is 0 here: " + "x " * 30)
    settle(qtbot, page)
    assert page.kernel._problem.isVisible()
    assert page.kernel.changes.mapTo(page, ORIGIN) == where
    page.kernel.say("")
    for key, parameters in (("gabor", ()), ("gabor", (("size", 15.0),)), ("gaussian", ())):
        page.model.choose_preset(key, parameters)
        settle(qtbot, page)
        assert bar.maximum() == 0, (key, parameters)
    page.model.apply_to("across")
    settle(qtbot, page)
    assert bar.maximum() == 0
    page.model.edit("turn", flip=True)
    settle(qtbot, page)
    assert bar.maximum() == 0


@pytest.mark.parametrize("preset", ["sobel-x", "gaussian"])
def test_the_sums_of_all_planes_are_in_sight(qtbot, show, preset: str) -> None:
    page = show()
    page.model.choose_preset(preset)
    page.model.apply_to("across")
    settle(qtbot, page)
    strip = page.strip.strip
    assert strip.verticalScrollBar().maximum() == strip.horizontalScrollBar().maximum() == 0
    made = strip._canvas._plan
    assert made.sum_type >= max(made.type_size, 13)
    parts = zip(strip._canvas._parts, made.columns, strict=True)
    sums = next(column.slots for part, column in parts if isinstance(part, Sums))
    assert len(sums) == 3
    assert sums[-1].bottom() <= strip.viewport().height()


def test_the_rgb_example_fits_with_its_caption(qtbot, show, context) -> None:
    page = show()
    context.actions["filters.example.rgb"].trigger()
    settle(qtbot, page)
    assert page.strip._caption.isVisible()
    assert page.strip.strip.verticalScrollBar().maximum() == 0
    assert not page.hasHeightForWidth()


def test_the_size_is_never_cut_off_however_long_its_formula(qtbot, show, context) -> None:
    page = show(Image.from_array(np.zeros((300, 451, 3), np.uint8), "wide"))
    page.input.appliedTo.emit("each", 0)
    settle(qtbot, page)
    for line, size in ((page.map.lines[2], "300"), (page.map.lines[3], "451")):
        font, parts = line.fitted()
        assert parts[-1][0] == size
        assert font.pixelSize() >= context.theme.font("caption").pixelSize()
        shown = "".join(text for text, _ in parts)
        assert QFontMetricsF(font).horizontalAdvance(shown) <= line.width()
        assert size in line.toolTip()


@pytest.mark.parametrize(("gain", "ends"), [(1, " beyond"), (1000, "…")])
def test_the_extremes_are_never_cut_off_however_long_they_are(qtbot, show, gain, ends) -> None:
    noise = np.random.default_rng(0).random((300, 451)).astype(np.float32)
    page = show(Image.from_array((noise + 90 * noise**20) * gain, "spikes"))
    line = page.map.lines[1]
    font, parts = line.fitted()
    smallest, largest = (format_number(value) for value in page.frame.extremes)
    assert [text for text, _ in parts][:4] == ["min ", smallest, " max ", largest]
    assert parts[-1][0].endswith(ends)
    assert QFontMetricsF(font).horizontalAdvance("".join(text for text, _ in parts)) <= line.width()
    assert "cells beyond the scale" in line.toolTip()


def test_spaces_give_way_no_more_than_they_must(qtbot, theme) -> None:
    line = NumberLine(theme)
    qtbot.addWidget(line)
    line.show_parts(("min ", "muted"), ("-598.5", "text"), (" max 480.5 · 722 cells", "muted"))
    font, _ = line.fitted()
    font.setPixelSize(theme.font("caption").pixelSize())
    font.setWordSpacing(0)
    for less in (0, 5, 10):
        line.resize(round(QFontMetricsF(font).horizontalAdvance(line.text())) - less, 18)
        free = line.width() - QFontMetricsF(line.fitted()[0]).horizontalAdvance(line.text())
        assert 0 <= free <= 2


def test_what_lies_beyond_the_scale_is_said_in_words(qtbot, show) -> None:
    page = show(size=(1836, 1000))
    page.map.edited.emit("display", "", {"display": "clamp"})
    settle(qtbot, page)
    beyond, _ = page.frame.beyond_and_invalid
    assert f"{beyond:,} cells beyond the scale" in page.map.lines[1].text()
    assert "nearer of its ends, 0 or 255" in page.map.lines[1].toolTip()


def test_what_the_filter_is_applied_to_can_be_read_whole(qtbot, show) -> None:
    page = show()
    box = page.input._applied.findChild(QComboBox)
    for kind in ("luma", "each", "across"):
        page.input.appliedTo.emit(kind, 0)
        settle(qtbot, page)
        needed = box.fontMetrics().horizontalAdvance(box.currentText())
        assert needed <= box.width() - 34, box.currentText()  # the arrow, and the margins


def test_a_kernel_too_fine_for_numbers_shows_colours_alone(qtbot, show) -> None:
    page = show()
    page.model.choose_preset("gabor", (("size", 15.0),))
    settle(qtbot, page)
    editor = page.kernel.editor
    editor.grab()
    assert {text for row in editor._grid.texts for text in row} == {""}


def test_the_sum_of_a_filter_and_of_the_plane_on_show_are_told_apart(qtbot, show) -> None:
    page = show()
    page.model.choose_preset("box")
    page.model.apply_to("across")
    settle(qtbot, page)
    assert page.kernel.note.text() == "filter: 3 planes · sum 3 · R: sum 1"
    QTest.mouseClick(page.kernel._tabs.button("2"), Qt.MouseButton.LeftButton)
    page.kernel.editor.valueEdited.emit(np.eye(3) * 2, "")
    settle(qtbot, page)
    assert page.kernel.note.text() == "filter: 3 planes · sum 8 · B: sum 6"


@pytest.mark.parametrize("size", SIZES)
def test_a_refusal_is_read_whole_and_moves_nothing(qtbot, show, matrix, size) -> None:
    page = show(matrix, size)
    page.kernel.edited.emit("padding", "", {"padding": 0})
    settle(qtbot, page)
    said, where = page.kernel._problem, page.kernel.editor.mapTo(page, ORIGIN)
    page.kernel.sizeWanted.emit(15, 15, None)
    qtbot.wait(20)
    assert "use a smaller kernel or more padding" in said.text()
    assert said.isVisible()
    assert said.heightForWidth(said.width()) <= said.height()
    assert page.kernel.editor.mapTo(page, ORIGIN) == where


def test_the_latest_refusal_is_the_one_that_is_said(show, matrix) -> None:
    page = show(matrix)
    page.model.edit("padding", padding=0)
    page.kernel.sizeWanted.emit(7, 3, None)
    assert page.kernel._problem.text().startswith("The 7×3 kernel")
    stride = next(e for e in page.findChildren(ValueEdit) if "Stride" in e.accessibleName())
    stride.setFocus()
    stride.selectAll()
    QTest.keyClicks(stride, "0")
    assert page.kernel._problem.text() == "Stride must lie between 1 and 8."
    QTest.keyClick(stride, Qt.Key.Key_Backspace)
    QTest.keyClicks(stride, "2")
    assert not page.kernel._problem.isVisible()


def _three(page: FiltersPage) -> Kernel:
    return page.model.settings.kernel.with_planes(3)


def _scrolls(widget: QWidget, page: FiltersPage) -> bool:
    return page.kernel._scroll.isAncestorOf(widget) or page.strip.strip.isAncestorOf(widget)


def visible_controls(page: FiltersPage) -> list[QWidget]:
    kinds = (QAbstractButton, QComboBox, QSlider, QAbstractSpinBox, QLineEdit, ImageView)
    return [w for kind in kinds for w in page.findChildren(kind) if w.isVisible()]


def test_every_control_has_a_name_and_a_tooltip(show) -> None:
    page = show()
    for widget in visible_controls(page):
        if isinstance(widget, QLineEdit) and isinstance(widget.parent(), QAbstractSpinBox):
            continue
        assert widget.accessibleName(), widget
        if not isinstance(widget, ImageView):
            assert widget.toolTip() or widget.parentWidget().toolTip(), widget.accessibleName()


@pytest.mark.parametrize("screen", [(1280, 720), (1440, 900), (1600, 900), (1920, 1080)])
def test_presented_pictures_are_hardly_smaller_than_before(qtbot, show, context, screen) -> None:
    width, height = screen
    page = show(size=(width - 84, height - 73))  # without rail, header and status bar
    before = min(page.input.view.size().toTuple())
    context.theme.set_scale(scale_for(QSize(*screen)))
    page.window().resize(*screen)
    settle(qtbot, page)
    assert min(page.input.view.size().toTuple()) >= 0.95 * before
    context.theme.set_scale(1.0)
    settle(qtbot, page)


def test_presentation_size_and_the_light_theme(qtbot, show, context) -> None:
    page = show(size=(1836, 960))
    context.theme.set_choice("light")
    context.theme.set_scale(1.5)
    settle(qtbot, page)
    scroll = page.kernel.findChild(QScrollArea)
    assert scroll.widget().minimumSizeHint().width() <= scroll.viewport().width()
    assert page.kernel.width() == 1.5 * 556
    context.theme.set_scale(1.0)
    context.theme.set_choice("dark")
    settle(qtbot, page)


@pytest.mark.parametrize("size", [(1180, 640), (1340, 820)])
def test_the_cards_are_as_high_for_a_kernel_of_another_size(qtbot, show, size) -> None:
    page = show(Image.from_array(np.zeros((300, 300), np.uint8), "dark"), size)
    heights = []
    for rows, columns in ((3, 3), (5, 3), (5, 5), (5, 7), (7, 7), (1, 1)):
        page.kernel.sizeWanted.emit(rows, columns, None)
        settle(qtbot, page)
        heights.append((page.kernel.height(), page.strip.height()))
    assert len(set(heights)) == 1


def test_the_spin_box_steps_by_its_arrows(qtbot, theme, wheel) -> None:
    spin = Spin(theme, "Rows", 1, 15)
    qtbot.addWidget(spin)
    spin.setValue(3)
    spin.show()
    up, down = QPoint(spin.width() - 8, 4), QPoint(spin.width() - 8, spin.height() - 4)
    QTest.mouseClick(spin, Qt.MouseButton.LeftButton, pos=up)
    QTest.mouseClick(spin, Qt.MouseButton.LeftButton, pos=up)
    assert spin.value() == 5
    QTest.mouseClick(spin, Qt.MouseButton.LeftButton, pos=down)
    assert spin.value() == 4
    assert spin.lineEdit().width() > 20
    spin.hide()


def test_the_tour_shows_its_scenes_and_puts_everything_back(qtbot, show, context) -> None:
    page = show(Image.from_array(np.random.default_rng(0).integers(
        0, 256, (48, 48, 3)).astype(np.uint8), "small"))  # fmt: skip
    before, shown = page.model.settings, context.session.settings
    scenes: list[str] = []

    def shot(name: str) -> None:
        settle(qtbot, page)
        scenes.append(name)

    page.tour(shot)
    settle(qtbot, page)
    assert {"sobel-stepping", "across", "example", "predict", "weight-sharing"} <= set(scenes)
    assert page.model.settings == before
    assert context.session.settings == shown
    assert not page.stepper.predicting
