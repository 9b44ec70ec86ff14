"""The Augment page: composed by mouse and keyboard, and shown as training does it."""

from itertools import count

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLineEdit,
    QScrollBar,
)

from visualizer.core.image import Image
from visualizer.core.saving import write_png
from visualizer.learning.augmentation import augment
from visualizer.learning.operations import Operation
from visualizer.learning.pipeline import OWN, PRESETS, Pipeline
from visualizer.learning.pipeline_script import pipeline_script
from visualizer.state.augment_export import grid
from visualizer.state.augment_work import to_levels
from visualizer.ui import undo
from visualizer.ui.pages.augment_page import AugmentPage

PATIENCE = 20_000
pytestmark = pytest.mark.usefixtures("torch_is_there")


@pytest.fixture
def page(qtbot, context, open_page):
    for title in ("Augment", "Train"):
        context.actions.add(f"page.{title}", title, lambda: None, menu="View")
    page = open_page(AugmentPage)
    page.model.edited.connect(lambda edit: undo.record(context.undo, edit, lambda: None))
    shown(qtbot, page)
    return page


def shown(qtbot, page):
    """Wait until what is chosen is on show, the steps of each operation too."""

    def is_shown():
        made, settings = page.made, page.model.settings
        assert made is not None
        assert (made.pipeline, made.seed) == (settings.pipeline, settings.seed)
        assert len(made.results.images) == settings.count
        assert not page.engine.busy

    qtbot.waitUntil(is_shown, timeout=PATIENCE)


def kinds(page):
    return [operation.kind for operation in page.model.settings.pipeline.operations]


def row(page, index):
    return page.pipeline.rows.rows[index]


def test_what_is_shown_is_what_training_does(page, qtbot):
    page.model.choose_preset("gentle")
    page.model.edit("seed", seed=5)
    shown(qtbot, page)
    image = torch.from_numpy(page.pixels).expand(16, -1, -1, -1)
    expected = augment(image, PRESETS["gentle"], torch.Generator().manual_seed(5)).numpy()
    assert np.abs(page.made.results.images.astype(int) - to_levels(expected)).max() <= 1
    assert page.results.mosaic.count() == 16


def test_a_range_is_dragged_typed_and_undone(page, qtbot, context):
    page.model.put("test", Pipeline(OWN, (PRESETS["gentle"].operations[3],)))  # rotation
    rotation = row(page, 0)
    rotation.range._take(-90.0, 45.0)
    operation = page.model.settings.pipeline.operations[0]
    assert (operation.low, operation.high) == (-90, 45)
    shown(qtbot, page)
    edit = next(e for e in rotation.findChildren(QLineEdit) if "lower" in e.accessibleName())
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "45")  # both ends may be the same
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert page.model.settings.pipeline.operations[0].fixed
    edit.selectAll()
    QTest.keyClicks(edit, "60")
    assert page.model.settings.pipeline.operations[0].low in (6, 45)
    assert "must not lie above" in page.pipeline._problem.text()
    context.undo.undo()
    context.undo.undo()
    assert page.model.settings.pipeline.operations[0].low in (-10, -90)


def test_results_come_while_a_slider_moves_without_a_rest(page, qtbot):
    page.model.choose_preset("generator")
    shown(qtbot, page)
    came, moves = [], count(1)
    page.engine.made.connect(came.append)
    timer = QTimer(page, interval=1)
    timer.timeout.connect(lambda: page.model.change(4, "drag", high=30 + next(moves) / 10))
    timer.start()
    qtbot.waitUntil(lambda: len(came) >= 3, timeout=PATIENCE)
    timer.stop()
    shown(qtbot, page)
    assert page.made.pipeline.operations[4].high == pytest.approx(30 + (next(moves) - 1) / 10)


def test_operations_are_moved_switched_and_removed_by_keys(page, qtbot, context):
    page.model.choose_preset("cifar")
    page.model.add("invert")
    qtbot.waitUntil(lambda: row(page, 2).isVisible())
    row(page, 2).setFocus()
    QTest.keyClick(row(page, 2), Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert kinds(page) == ["padded_crop", "invert", "mirror"]
    assert page.focusWidget() is row(page, 1), "the focus goes with it"
    QTest.keyClick(row(page, 1), Qt.Key.Key_Space)
    assert not page.model.settings.pipeline.operations[1].on
    assert page.pipeline.note.text() == "2 of 3 on"
    QTest.keyClick(row(page, 1), Qt.Key.Key_Delete)
    assert kinds(page) == ["padded_crop", "mirror"]
    assert page.pipeline.note.text() == "2 operations"
    QTest.keyClick(row(page, 1), Qt.Key.Key_Delete)
    assert page.pipeline.note.text() == "1 operation"
    context.undo.undo()
    for _ in range(3):
        context.undo.undo()
    assert kinds(page) == ["padded_crop", "mirror", "invert"]


def test_an_operation_is_dragged_to_another_place(page, qtbot):
    page.model.choose_preset("gentle")
    handle = row(page, 0)._handle
    target = row(page, 2)
    middle = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=middle)
    below = handle.mapFromGlobal(target.mapToGlobal(QPoint(5, target.height() - 4)))
    QTest.mouseMove(handle, below)
    assert page.pipeline.rows._target == 3
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=below)
    assert kinds(page)[:3] == ["shear", "zoom", "mirror"]
    assert page.pipeline.rows._target is None


def test_every_operation_can_be_added_from_the_menu_and_shows_its_steps(page, qtbot):
    page.model.choose_preset("none")
    menu = page.pipeline.add_button.menu()
    assert not menu.actions()[0].isSeparator()
    for action in menu.actions():
        if not action.isSeparator():
            action.trigger()
    assert len(kinds(page)) == 23
    shown(qtbot, page)
    assert all(row(page, i).steps.count() >= 2 for i in range(23))


def test_an_empty_pipeline_says_what_it_does(page, qtbot):
    page.model.choose_preset("none")
    shown(qtbot, page)
    original = to_levels(page.pixels)
    assert all(np.array_equal(image, original) for image in page.made.results.images)
    assert page.pipeline.rows._empty.isVisible()


def test_the_grid_tells_what_was_drawn(page, qtbot):
    page.model.choose_preset("gentle")
    shown(qtbot, page)
    mosaic = page.results.mosaic
    QTest.mouseMove(mosaic, mosaic.tile_rect(4).center().toPoint())
    assert page.results._drawn.text() == f"image 5: {page.made.results.in_words(4)}"
    assert "Rotation" in page.results._drawn.text()


def test_shuffle_and_play_draw_anew_and_are_one_step_of_undo(page, qtbot, context):
    first = page.made.results.images
    context.actions["augment.shuffle"].trigger()
    shown(qtbot, page)
    assert page.model.settings.seed == 1
    assert not np.array_equal(page.made.results.images, first)
    page.results.rate.setValue(20)
    steps = context.undo.count()
    context.actions["augment.play"].setChecked(True)
    qtbot.waitUntil(lambda: page.model.settings.seed >= 4, timeout=PATIENCE)
    context.actions["augment.play"].setChecked(False)
    assert context.undo.count() == steps + 1
    context.undo.undo()
    assert page.model.settings.seed == 1
    shown(qtbot, page)


def test_a_class_of_the_data_and_the_question(page, qtbot, context):
    page.original.sourceChosen.emit("class")
    qtbot.waitUntil(lambda: page.material.label == "0", timeout=PATIENCE)
    page.original.classChosen.emit(6)
    qtbot.waitUntil(lambda: page.material.label == "6", timeout=PATIENCE)
    assert page.pixels.shape == (1, 28, 28)
    assert page.validation.mosaic.count() > 2
    first = page.pixels
    page.original.indexWanted.emit(1)
    assert not np.array_equal(page.pixels, first)
    context.actions["augment.same"].setChecked(True)
    question = page.results.question
    assert question.isVisible() and question.label._text == "6"
    assert page.results.heading.text() == "Is it still the same?"
    question.classWanted.emit(1)
    qtbot.waitUntil(lambda: question.label._text == "7", timeout=PATIENCE)
    context.actions["augment.same"].setChecked(False)
    assert page.results.mosaic.isVisible()


def test_a_row_that_is_added_comes_into_sight(page, qtbot):
    page.model.choose_preset("gentle")
    shown(qtbot, page)
    page.pipeline._add("elastic")
    last, viewport = page.pipeline.rows.rows[-1], page.pipeline.list.viewport()
    assert last.kind.title == "Elastic"

    def in_sight() -> bool:
        return viewport.rect().contains(last.rect().translated(last.mapTo(viewport, QPoint())))

    qtbot.waitUntil(in_sight)
    shown(qtbot, page)
    assert in_sight()


def test_colour_operations_on_grey_images_say_that_they_do_nothing(page, qtbot):
    page.model.put("test", Pipeline(OWN, (PRESETS["strong"].operations[9],)))  # saturation
    shown(qtbot, page)
    assert row(page, 0)._remark.text() == ""
    page.model.edit("source", source="class")
    qtbot.waitUntil(lambda: page.material.label == "0", timeout=PATIENCE)
    assert row(page, 0)._remark.text() == "image is grey"  # all of it


def test_steps_that_show_only_the_middle_say_so(page, qtbot):
    noise, turn = Operation.usual("noise"), Operation.usual("rotation")
    page.model.put("test", Pipeline(OWN, (noise, turn)))
    shown(qtbot, page)
    assert row(page, 0)._remark.text() == "middle only" and row(page, 1)._remark.text() == ""


def test_results_made_smaller_than_they_are_say_what_is_lost(page, qtbot, context):
    noise, turn = Operation.usual("noise"), Operation.usual("rotation")
    page.model.put("test", Pipeline(OWN, (noise,)))
    shown(qtbot, page)
    assert "smaller" not in page.results._drawn.text()  # 40 × 60: every pixel is seen
    pixels = np.zeros((200, 200, 3), np.uint8)
    context.session.show(Image.from_array(pixels, "larger"))
    qtbot.waitUntil(lambda: page.made.results.images.shape[2:] == (200, 200), timeout=PATIENCE)
    assert "Shown smaller" in page.results._drawn.text()
    before = page.window().size()
    page.window().resize(6 * before)
    qtbot.waitUntil(lambda: "smaller" not in page.results._drawn.text())
    page.window().resize(before)
    qtbot.waitUntil(lambda: "Shown smaller" in page.results._drawn.text())
    page.model.put("test", Pipeline(OWN, (turn,)))
    shown(qtbot, page)
    assert "smaller" not in page.results._drawn.text()


def test_a_folder_without_pictures_is_a_sentence_in_place(page, qtbot, tmp_path):
    page.model.edit("source", source="folder", folder=str(tmp_path))
    qtbot.waitUntil(lambda: "holds no files" in page.original._remark.text(), timeout=PATIENCE)
    shown_before = (page.original.picture, page.validation.mosaic, page.results.mosaic,
                    page.results.question.mosaic, row(page, 0).steps)  # fmt: skip
    assert not any(mosaic.count() for mosaic in shown_before), "nothing of the source before"
    page.model.shuffle()
    page.model.edit("source", source="picture")
    qtbot.waitUntil(lambda: "holds no files" not in page.original._remark.text())
    qtbot.waitUntil(lambda: all(mosaic.count() for mosaic in shown_before), timeout=PATIENCE)


def test_the_fill_and_its_grey(page, qtbot):
    page.pipeline.fillChosen.emit("constant")
    assert page.pipeline.level.isVisible()
    page.pipeline.levelChosen.emit(0.5, "x")
    assert page.model.settings.pipeline.level == 0.5
    page.pipeline.fillChosen.emit("wrap")
    assert not page.pipeline.level.isVisible()
    assert page.model.settings.pipeline.name == OWN


def test_a_pipeline_is_saved_opened_and_undone(page, qtbot, context, said, tmp_path):
    page.model.choose_preset("cifar")
    page.files.save(tmp_path / "mine.json")
    assert said.sentences[-1].startswith("Saved mine.json")
    page.model.choose_preset("strong")
    page.files.open(tmp_path / "mine.json")
    assert page.model.settings.pipeline == PRESETS["cifar"]
    context.undo.undo()
    assert page.model.settings.pipeline == PRESETS["strong"]
    (tmp_path / "bad.json").write_text("{}")
    page.files.open(tmp_path / "bad.json")
    assert said.sentences[-1].startswith("bad.json cannot be used")
    assert page.model.settings.pipeline == PRESETS["strong"]
    page.files.save(tmp_path / "no" / "mine.json")
    assert "could not be saved" in said.sentences[-1]


def test_the_script_on_the_clipboard_is_that_of_the_pipeline(page, qtbot, context):
    page.model.choose_preset("gentle")
    context.actions["augment.copy"].trigger()
    text = QGuiApplication.clipboard().text()
    assert text == pipeline_script(PRESETS["gentle"], 40, 60, 3)


def test_the_grid_is_saved_as_it_is_shown(page, qtbot, tmp_path):
    page.files._saver.save(
        tmp_path / "grid.png",
        lambda path, tick: write_png(path, grid(page.made.results.images, 4)),
    )
    qtbot.waitUntil((tmp_path / "grid.png").exists, timeout=PATIENCE)
    with Pillow.open(tmp_path / "grid.png") as picture:
        saved = np.asarray(picture)[::2, ::2]  # enlarged by two
    first = page.made.results.images[5].transpose(1, 2, 0)  # second row, second column
    assert np.array_equal(saved[42:82, 62:122], first)


def test_augmented_images_go_to_a_new_folder_each_time(page, qtbot, tmp_path):
    page.model.edit("source", source="class", class_index=3)
    qtbot.waitUntil(lambda: page.material.label == "3", timeout=PATIENCE)
    for name in ("Digits augmented", "Digits augmented 2"):
        page.files.save_images(tmp_path, 2)
        qtbot.waitUntil((tmp_path / name).exists, timeout=PATIENCE)
        qtbot.waitUntil(lambda: not page.files._saver.busy, timeout=PATIENCE)
    found = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.png"))
    assert len(found) == 40 and "Digits augmented/0/0001.png" in found
    assert not list(tmp_path.glob(".part*"))


def test_the_rows_fit_every_width(page, qtbot):
    page.model.choose_preset("generator")
    for width in range(1100, 1500, 7):  # some of them with a scroll bar, some without
        page.resize(width, 760)
        QApplication.processEvents()
    shown(qtbot, page)
    assert page.pipeline.rows.rows[0].height() >= 76


def test_everything_has_an_accessible_name(page):
    for kind in (QAbstractButton, QAbstractSlider, QComboBox):
        for control in page.findChildren(kind):
            if control.isVisible() and not isinstance(control, QScrollBar):
                assert control.accessibleName() or getattr(control, "text", str)(), control
