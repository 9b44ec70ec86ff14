"""The Pooling page by mouse and keyboard: windows, stepping, the way back, shifts, the chain."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from visualizer.core.image import Image
from visualizer.core.pool_window import PoolWindow
from visualizer.core.pooling import pool
from visualizer.state.filter_settings import FilterSettings
from visualizer.state.filters import resolve
from visualizer.state.pooling_settings import KINDS
from visualizer.ui import undo
from visualizer.ui.background import Background
from visualizer.ui.pages import pooling_engine
from visualizer.ui.pages.pooling_page import PoolingPage
from visualizer.ui.widgets.elided_label import ElidedLabel
from visualizer.ui.widgets.image_view import ImageView

SMALLEST = (1196, 624)  # what a window of 1280 × 720 leaves for a page
SIZES = [SMALLEST, (1356, 820), (1836, 1000)]


@pytest.fixture
def show(qtbot, context, window, monkeypatch):
    """Build the page in a shown window, its map computed; on a busy machine, too, at once."""
    monkeypatch.setattr(pooling_engine, "_AT_ONCE_MS", float("inf"))
    pages: list[PoolingPage] = []

    def build(image: Image | None = None, size: tuple[int, int] = SMALLEST) -> PoolingPage:
        if image is not None:
            context.session.show(image)
        page = PoolingPage(context)
        pages.append(page)
        for model in (page.model, context.session):
            model.edited.connect(lambda edit: undo.record(context.undo, edit, lambda: None))
        layout = QVBoxLayout(window)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(page)
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


def settle(qtbot: Any, page: PoolingPage) -> None:
    def idle() -> bool:
        ready = page.frame is not None and page.frame.image is page._context.session.image
        return ready and not any(work.busy for work in page.findChildren(Background))

    qtbot.waitUntil(idle)
    qtbot.wait(20)


def at(view: ImageView, row: int, column: int) -> QPoint:
    """Return where the middle of a cell is on the screen."""
    scale, origin = view.frame.scale, view.frame.origin
    return QPoint(
        round(origin.x() + (column + 0.5) * scale), round(origin.y() + (row + 0.5) * scale)
    )


def press(page: PoolingPage, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(page.window().focusWidget() or page.window(), key)


def button(page: QWidget, name: str) -> QAbstractButton:
    return next(b for b in page.findChildren(QAbstractButton) if b.accessibleName() == name)


def test_the_map_its_size_and_what_remains_are_shown(show, context) -> None:
    page = show()
    frame = page.frame
    assert frame.feature.shape == (20, 30, 1)
    np.testing.assert_array_equal(
        frame.feature, pool(frame.pixels, "max", PoolWindow().geometry(40, 60))
    )
    assert page.map.lines[2].text() == "H ⌊(40 + 2·0 − 2) / 2⌋ + 1 = 20"
    assert page.map.lines[3].text().endswith("= 30")
    assert page.card._share.text() == "25 %"
    assert "20 × 30 of 40 × 60" in page.card._of.text()
    assert page.input.view.frame.rows == 40


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_live_and_can_be_undone(qtbot, show, context, kind: str) -> None:
    page = show()
    before = page.frame.feature
    box = page.card._kind.findChild(QComboBox)
    box.setCurrentIndex(box.findData(kind))
    box.activated.emit(box.currentIndex())
    settle(qtbot, page)
    assert page.frame.settings.kind == kind
    if kind != "max":
        assert context.undo.count() == 1
        context.undo.undo()
        settle(qtbot, page)
    np.testing.assert_array_equal(page.frame.feature, before)


def test_one_click_overlapping_and_plain(qtbot, show) -> None:
    page = show()
    QTest.mouseClick(button(page, "3 × 3, stride 2"), Qt.MouseButton.LeftButton)
    assert page.model.settings.window == PoolWindow(3, 3, 2)
    assert page.frame.feature.shape == (19, 29, 1)
    QTest.mouseClick(button(page, "2 × 2, stride 2"), Qt.MouseButton.LeftButton)
    assert page.model.settings.window == PoolWindow(2, 2, 2)


def test_sliders_change_the_window_square_or_not(qtbot, show) -> None:
    page = show()
    handle = page.card._height.findChild(QSlider)
    handle.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_Right)
    assert page.model.settings.window == PoolWindow(3, 3, 2)
    QTest.mouseClick(button(page, "Square window"), Qt.MouseButton.LeftButton)
    handle = page.card._width.findChild(QSlider)
    handle.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_End)
    assert page.model.settings.window == PoolWindow(3, 8, 2)
    assert page.frame.geometry.out_width == 27


def test_what_is_impossible_is_said_in_place(qtbot, show, said) -> None:
    page = show(Image.from_array(np.zeros((3, 3), np.uint8), "tiny"))
    typed = page.card._height.findChild(QLineEdit)
    typed.setFocus()
    typed.selectAll()
    QTest.keyClicks(typed, "7")
    about = page.card._about
    assert "spans 7 rows, but the picture has only 3 rows" in about.text()
    assert about.heightForWidth(about.width()) <= about.height()
    assert page.model.settings.window == PoolWindow()
    handle = page.card._height.findChild(QSlider)
    handle.setFocus()
    QTest.keyClick(handle, Qt.Key.Key_End)
    assert page.model.settings.window.height == 3  # the slider stops before it
    assert said.sentences == []


def test_one_pixel_gets_a_window_that_fits_with_a_sentence(qtbot, show, context, said) -> None:
    page = show()
    context.session.show(Image.from_array(np.full((1, 1), 9, np.uint8), "one"))
    settle(qtbot, page)
    assert "It is 1 × 1 now." in said.sentences[-1]
    assert page.frame.feature.tolist() == [[[9.0]]]


@pytest.mark.parametrize(
    "array",
    [
        np.full((8, 8), 40_000, np.uint16),
        np.linspace(-2, 2, 64, dtype=np.float32).reshape(8, 8),
        np.where(np.eye(8) > 0, np.nan, 1).astype(np.float32),
    ],
)
def test_deep_float_and_invalid_pictures_in_every_view(qtbot, show, array) -> None:
    page = show(Image.from_array(array, "odd"))
    for kind in KINDS:
        for view in ("forwards", "backwards", "shift"):
            page.model.edit("look", kind=kind, view=view, winners=True)
            page.grab()
    if not np.isfinite(array).all():
        page.model.edit("look", kind="max", view="forwards")
        assert "not finite" in page.map.lines[1].text()
    settle(qtbot, page)


# Stepping


def test_the_keys_step_and_the_clicker_too(qtbot, show, matrix) -> None:
    page = show(matrix)
    page.input.view.setFocus()
    stepper, key = page.stepper, Qt.Key
    press(page, key.Key_Right, key.Key_PageDown)
    assert (stepper.position, stepper.computed) == (2, 3)
    press(page, key.Key_PageUp, key.Key_Down)
    assert stepper.position == 3
    press(page, key.Key_Up, key.Key_End)
    assert (stepper.position, stepper.complete) == (8, True)
    press(page, key.Key_Home, key.Key_Space)
    assert stepper.playing
    press(page, key.Key_Space, key.Key_Escape)
    assert not stepper.playing and stepper.complete


def test_playing_and_scrubbing(qtbot, show, matrix) -> None:
    page = show(matrix)
    page.stepper.set_speed(10_000)
    page.stepper.play()
    qtbot.waitUntil(lambda: page.stepper.position == 8)
    page._transport.sought.emit(4)
    assert page.stepper.position == 4
    assert page.strip.strip._canvas.accessibleDescription().startswith("output row 1, column 1")


def test_pointing_shows_the_window_and_a_click_pins(qtbot, show, matrix) -> None:
    page = show(matrix)
    view = page.map.view
    QTest.mouseMove(view, at(view, 1, 2))
    qtbot.waitUntil(lambda: page.stepper.position == 5)
    assert "row 2" in page.input.lines[0].text() and "column 4" in page.input.lines[0].text()
    assert page.input.view._marks.window == (2, 4, 2, 2)
    assert (page.input.view._marks.lit_rows, page.input.view._marks.lit_columns) == (
        range(3, 4), range(5, 6),
    )  # fmt: skip
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=at(view, 1, 2))
    assert page.stepper.pinned == 5
    QTest.mouseMove(page.input.view, at(page.input.view, 0, 0))
    assert page.stepper.shown == 5
    press(page, Qt.Key.Key_Escape)
    assert page.stepper.pinned is None


def test_pointing_at_a_number_lights_its_pixel(qtbot, show, matrix) -> None:
    page = show(matrix)
    page.strip.weightHovered.emit(1, 0)
    assert page.input.view._marks.lit_rows == range(1, 2)
    assert page.input.view._marks.lit_columns == range(1)
    page.strip.weightLeft.emit()
    assert page.input.view._marks.lit_columns == range(1, 2)  # the winner again


def test_predicting_hides_winner_dots_and_result(qtbot, show, matrix) -> None:
    page = show(matrix)
    QTest.mouseClick(button(page, "Show the winners as dots"), Qt.MouseButton.LeftButton)
    assert page.input.view._dots is not None and page.input.view._dots.sum() == 9
    page.stepper.seek(4)
    press(page, Qt.Key.Key_P)
    assert page.input.view._dots is None
    assert page.input.view._marks.lit_rows == range(0)
    assert "hidden" in page.strip.strip._canvas.accessibleDescription()
    press(page, Qt.Key.Key_R)
    assert "max 21" in page.strip.strip._canvas.accessibleDescription()
    press(page, Qt.Key.Key_P)
    assert page.input.view._dots is not None


def test_dots_are_in_the_pixels_of_the_winners(qtbot, show, context) -> None:
    pixels = np.zeros((6, 6), np.uint8)
    pixels[1::2, 0::2] = 50
    page = show(Image.from_array(pixels, "corners"))
    view = page.input.view
    plain = view.grab().toImage()
    page.model.edit("winners", winners=True)
    dotted = view.grab().toImage()
    mark = np.array(context.theme.rgb("mark"))

    def is_mark(picture, place) -> bool:
        color = picture.pixelColor(place)
        return bool(np.abs(mark - (color.red(), color.green(), color.blue())).max() < 8)

    for row in range(6):
        for column in range(6):
            area = [
                at(view, row, column) + QPoint(dx, dy)
                for dx in range(-16, 17, 2) for dy in range(-16, 17, 2)
            ]  # fmt: skip
            found = any(is_mark(dotted, p) and not is_mark(plain, p) for p in area)
            assert found is bool(pixels[row, column]), (row, column)


# Stochastic pooling


def test_drawing_again_is_seeded_and_undone(qtbot, show, context, said) -> None:
    page = show()
    press(page, Qt.Key.Key_D)
    assert "Only stochastic pooling draws" in said.sentences[-1]
    assert context.undo.count() == 0
    page.model.edit("pooling", kind="stochastic")
    first = page.frame.feature
    QTest.mouseClick(button(page, "Draw again"), Qt.MouseButton.LeftButton)
    assert (page.frame.feature != first).any()
    context.undo.undo()
    np.testing.assert_array_equal(page.frame.feature, first)


# Backwards


def test_the_gradient_of_a_cell_in_numbers(qtbot, show, matrix) -> None:
    page = show(matrix)
    QTest.mouseClick(button(page, "View: Backwards"), Qt.MouseButton.LeftButton)
    page.stepper.seek(4)
    assert page.input.heading.text() == "Gradient"
    assert page.input.view.value_at(3, 3) == 1 and page.input.view.value_at(2, 2) == 0
    page.model.edit("pooling", kind="average", gradient=4.0)
    assert page.input.view.value_at(2, 2) == 1 == page.input.view.value_at(3, 3)
    page.stepper.predict(True)
    assert page.input.view.value_at(2, 2) == 14  # the input itself: nothing is told
    page.stepper.predict(False)
    page.model.edit("cells", all_cells=True)
    assert page.input.view.value_at(0, 0) == 1 == page.input.view.value_at(5, 5)
    QTest.mouseClick(button(page, "View: Forwards"), Qt.MouseButton.LeftButton)
    assert page.input.view.value_at(5, 5) == 35


# Does it matter where?


def test_arrow_keys_shift_and_counts_follow(qtbot, show, context) -> None:
    page = show()
    page.setFocus()  # as the window does
    QTest.mouseClick(button(page, "View: Shift"), Qt.MouseButton.LeftButton)
    settle(qtbot, page)  # on a busy machine pooling leaves the GUI thread
    assert page.shift.isVisible() and not page.strip.isVisible()
    before = context.undo.count()
    press(page, Qt.Key.Key_Left)
    settle(qtbot, page)
    assert page.model.settings.shift == (0, 0)
    assert [c.share.text() for c in (page.shift.input, *page.shift.pooled)] == ["0 %"] * 4
    press(page, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right)
    settle(qtbot, page)
    assert page.model.settings.shift == (2, 1)
    assert page.card.pad.where.text() == "shifted 2 down and 1 right"
    assert page.stepper.complete  # nothing was stepped
    shown = page._result.shift
    assert page.shift.input.count.text() == f"{shown.input.changed:,} of 2,400 changed"
    assert page.shift.pooled[1].count.text() == f"{shown.pooled[1].changed:,} of 600 changed"
    assert context.undo.count() == before + 1  # moves in a row are one step
    page.model.edit("threshold", threshold=0.05)
    settle(qtbot, page)
    assert page.shift.input.count.text().endswith(" of 2,400 by over 5 %")
    QTest.mouseClick(button(page, "Shift up"), Qt.MouseButton.LeftButton)
    assert page.model.settings.shift == (1, 1)
    QTest.mouseClick(button(page, "Back in place"), Qt.MouseButton.LeftButton)
    settle(qtbot, page)
    assert page.card.pad.where.text() == "not shifted"
    press(page, Qt.Key.Key_Right)
    settle(qtbot, page)
    np.testing.assert_array_equal(
        page.shift.pooled[0].difference.value_at(3, 4),
        page._result.shift.pooled[0].difference[3, 4],
    )


# The chain


def test_a_feature_map_is_sent_pooled_and_taken_back(qtbot, show, context, said) -> None:
    page = show()
    frame = resolve(FilterSettings(activation="ReLU"), context.session.image)
    context.session.feature_sent.emit(frame)
    settle(qtbot, page)
    box = page.input._applied.findChild(QComboBox)
    assert box.currentText() == "Map: Sobel x · ReLU"
    assert page.input.lines[2].text() == "feature map of Sobel x · ReLU"
    np.testing.assert_array_equal(
        page.frame.feature, pool(frame.feature, "max", PoolWindow().geometry(40, 60))
    )
    box.setCurrentIndex(box.findData("luma"))
    box.activated.emit(box.currentIndex())
    assert page.frame.applied == "luma" and box.findData("map") >= 0
    context.undo.undo()
    assert page.frame.applied == "map"
    context.undo.undo()
    assert page.frame.applied == "luma" and box.findData("map") < 0
    context.undo.redo()
    settle(qtbot, page)
    other = Image.from_array(np.zeros((9, 9), np.uint8), "other")
    context.session.show(other)
    settle(qtbot, page)
    assert page.frame.source is other
    context.undo.undo()
    settle(qtbot, page)
    assert page.frame.applied == "map"


def test_an_example_is_one_step_of_undo(qtbot, show, context) -> None:
    page = show()
    image, settings = context.session.image, page.model.settings
    context.actions["pooling.example.average"].trigger()
    settle(qtbot, page)
    assert page.frame.feature[:, :, 0].round(1).tolist() == pytest.approx(
        np.array([[1.7, 1.7, 1.7], [1.0, 1.2, 1.8], [1.1, 0.8, 1.3]])
    )
    assert "15 / 9" in page.strip._caption.text()
    context.undo.undo()
    settle(qtbot, page)
    assert context.session.image is image and page.model.settings == settings
    assert not page.strip._caption.isVisible()


def test_a_large_picture_is_pooled_off_the_gui_thread_and_the_newest_wins(qtbot, show) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (900, 1100, 3)).astype(np.uint8)
    page = show(Image.from_array(pixels, "large"))
    for side in (3, 4, 5):
        page.model.change_window("height", "height#1", height=side)
    settle(qtbot, page)
    assert page.frame.settings.window.height == 5
    page.model.edit("look", kind="stochastic", applied_to="each", winners=True)
    settle(qtbot, page)
    assert page.frame.feature.shape[2] == 3
    assert page.frame.winners_looked_at.sum() > 0


# Looks


def visible_controls(page: QWidget) -> list[QWidget]:
    kinds = (QAbstractButton, QComboBox, QSlider, QAbstractSpinBox, QLineEdit, ImageView)
    return [w for kind in kinds for w in page.findChildren(kind) if w.isVisible()]


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_off(qtbot, show, size) -> None:
    page = show(size=size)
    for view in ("forwards", "backwards", "shift"):
        for kind in KINDS:
            page.model.edit("look", view=view, kind=kind)
            qtbot.wait(5)
            for widget in visible_controls(page):
                rect = widget.rect().translated(widget.mapTo(page, QPoint(0, 0)))
                assert page.rect().contains(rect), (view, kind, widget.accessibleName())
                assert widget.visibleRegion().boundingRect().height() == widget.height() or (
                    isinstance(widget, QLineEdit)
                ), (view, kind, widget.accessibleName())
            for text in page.findChildren(QLabel):
                if text.isVisible() and text.wordWrap():
                    assert text.heightForWidth(text.width()) <= text.height() + 2, text.text()
            if view != "shift":
                bars = page.strip.strip
                assert bars.verticalScrollBar().maximum() == 0, kind


def test_every_control_has_a_name_and_a_tooltip(show) -> None:
    page = show()
    for view in ("forwards", "backwards", "shift"):
        page.model.edit("look", view=view, kind="stochastic")
        for widget in visible_controls(page):
            assert widget.accessibleName(), widget
            if not isinstance(widget, ImageView):
                assert widget.toolTip() or widget.parentWidget().toolTip(), widget.accessibleName()


def test_presentation_size_and_the_light_theme(qtbot, show, context) -> None:
    page = show(size=(1836, 960))
    context.theme.set_choice("light")
    context.theme.set_scale(1.5)
    for view in ("forwards", "backwards", "shift"):
        page.model.edit("look", view=view)
        qtbot.wait(5)
        for widget in visible_controls(page):
            rect = widget.rect().translated(widget.mapTo(page, QPoint(0, 0)))
            assert page.rect().contains(rect), (view, widget.accessibleName())
    context.theme.set_scale(1.0)
    context.theme.set_choice("dark")
    page.model.edit("look", view="forwards")
    settle(qtbot, page)
    assert page.input.view.y() == page.map.view.y()


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
    assert {"max", "chain", "shift", "backwards", "predict"} <= set(scenes)
    assert page.model.settings == before and context.session.settings == shown
    assert not page.stepper.predicting


def test_what_is_under_the_pointer_is_said_before_and_after_the_shift(qtbot, show) -> None:
    page = show(Image.from_array(np.arange(36, dtype=np.uint8).reshape(6, 6), "matrix"))
    page.model.edit("view", view="shift", shift=(0, 1))
    settle(qtbot, page)
    view = page.shift.pooled[0].difference
    QTest.mouseMove(view, at(view, 1, 2))
    words = "[1, 2] before 23, after 22: -1"
    qtbot.waitUntil(lambda: words in [e.accessibleName() for e in page.findChildren(ElidedLabel)])


def test_an_example_keeps_its_words_when_its_picture_comes_back(qtbot, show, context) -> None:
    page = show()
    for key in ("average", "plain"):
        context.actions[f"pooling.example.{key}"].trigger()
        settle(qtbot, page)
    plain = page.strip._caption.text()
    page.model.edit("pooling", kind="average")
    settle(qtbot, page)
    assert page.strip._caption.text().isspace()
    for _ in range(2):
        context.undo.undo()
        settle(qtbot, page)
    assert "sum of nine numbers" in page.strip._caption.text()
    context.undo.undo()
    settle(qtbot, page)
    assert page.strip._caption.isHidden()
    for _ in range(2):
        context.undo.redo()
    settle(qtbot, page)
    assert page.strip._caption.text() == plain
    context.session.feature_sent.emit(resolve(FilterSettings(), context.session.image))
    settle(qtbot, page)
    assert page.strip._caption.isHidden()  # it tells of the picture, not of its map


def test_the_way_back_is_told_in_words(qtbot, show) -> None:
    page = show()
    page.model.edit("view", view="backwards")
    settle(qtbot, page)
    assert "to the winner" in page.card._about.text()
    page.model.edit("pooling", kind="average")
    settle(qtbot, page)
    assert "equal share" in page.card._about.text()


def test_words_stand_right_below_shifted_pictures_at_one_height(qtbot, show, matrix) -> None:
    page = show(matrix, size=(1356, 820))
    page.model.edit("view", view="shift")
    settle(qtbot, page)
    columns = [page.shift.input, *page.shift.pooled]
    assert len({column.difference.y() for column in columns}) == 1
    view = columns[0].after
    assert view.width() - 8 <= view.height() <= view.width() + 8
