"""Typing a small picture as numbers."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu

from visualizer.core.examples import EXAMPLES
from visualizer.core.patterns import PATTERNS
from visualizer.state.matrix import MatrixDraft
from visualizer.ui.dialogs.matrix import MatrixDialog


@pytest.fixture
def dialog(theme, qtbot):
    draft = MatrixDraft.from_array(np.arange(9).reshape(3, 3))
    dialog = MatrixDialog(theme, draft)
    dialog.show()
    qtbot.waitExposed(dialog)
    yield dialog
    if not dialog.isHidden():
        dialog.reject()


@pytest.fixture
def made(dialog):
    images = []
    dialog.made.connect(images.append)
    return images


def plane(dialog, channel=0):
    return dialog.draft.values[:, :, channel].tolist()


def type_into(dialog, qtbot, text, key=Qt.Key.Key_Return):
    qtbot.keyClicks(dialog.table, text[0])
    editor = next(e for e in dialog.table.findChildren(QLineEdit) if e.isVisible())
    qtbot.keyClicks(editor, text[1:])
    qtbot.keyClick(editor, key)
    QApplication.processEvents()  # Qt commits what was typed from its queue


def menu_action(dialog, text) -> QAction:
    return next(a for m in dialog.findChildren(QMenu) for a in m.actions() if a.text() == text)


def undo(dialog):
    next(a for a in dialog.findChildren(QAction) if a.text().startswith("Undo")).trigger()


def test_typing_goes_down_and_the_picture_follows(dialog, qtbot):
    dialog.table.go_to((0, 0, 0))
    type_into(dialog, qtbot, "200")
    type_into(dialog, qtbot, "1/4")
    assert plane(dialog) == [[200, 1, 2], [0.25, 4, 5], [6, 7, 8]]
    assert dialog.table.current_cell() == (0, 2, 0)
    level = dialog.preview.grab().toImage().pixelColor(20, 20).red()
    assert level == 200


def test_tab_goes_to_the_right(dialog, qtbot):
    dialog.table.go_to((0, 0, 0))
    type_into(dialog, qtbot, "9", Qt.Key.Key_Tab)
    assert dialog.table.current_cell() == (0, 0, 1)


def test_arrows_at_the_ends_of_the_text_go_to_the_neighbour(dialog, qtbot):
    dialog.table.go_to((0, 0, 0))
    type_into(dialog, qtbot, "12", Qt.Key.Key_Right)
    assert plane(dialog)[0] == [12, 1, 2]
    assert dialog.table.current_cell() == (0, 0, 1)
    qtbot.keyClicks(dialog.table, "5")
    editor = next(e for e in dialog.table.findChildren(QLineEdit) if e.isVisible())
    qtbot.keyClick(editor, Qt.Key.Key_Left)  # within the text
    assert editor.isVisible() and editor.cursorPosition() == 0
    qtbot.keyClick(editor, Qt.Key.Key_Left)
    assert plane(dialog)[0] == [12, 5, 2]
    assert dialog.table.current_cell() == (0, 0, 0)


def test_the_right_arrow_stays_in_the_last_column(dialog, qtbot):
    dialog.table.go_to((0, 1, 2))
    type_into(dialog, qtbot, "7", Qt.Key.Key_Right)
    assert plane(dialog)[1] == [3, 4, 7]
    assert dialog.table.current_cell() == (0, 1, 2)


def test_escape_in_a_cell_changes_nothing(dialog, qtbot):
    dialog.table.go_to((0, 0, 0))
    type_into(dialog, qtbot, "77", Qt.Key.Key_Escape)
    assert plane(dialog)[0][0] == 0 and dialog.isVisible()


def test_an_invalid_cell_is_marked_and_stops_the_button(dialog, qtbot, made):
    dialog.table.go_to((0, 1, 1))
    type_into(dialog, qtbot, "abc")
    assert not dialog.show_button.isEnabled()
    assert "Row 1, column 1" in dialog.sentence and "abc" in dialog.sentence
    index = dialog.table.model().index(1, 1)
    assert "abc" in index.data(Qt.ItemDataRole.ToolTipRole)
    assert index.data() == "abc"
    dialog.table.go_to((0, 1, 1))
    type_into(dialog, qtbot, "4")
    assert dialog.show_button.isEnabled() and dialog.sentence == ""


def test_delete_clears_the_selected_cells(dialog, qtbot):
    dialog.table.selectRow(1)
    qtbot.keyClick(dialog.table, Qt.Key.Key_Delete)
    assert plane(dialog) == [[0, 1, 2], [0, 0, 0], [6, 7, 8]]


def test_a_pasted_block_sets_the_size(dialog, qtbot):
    QGuiApplication.clipboard().setText("1\t2\t3\t4\n5\t6\t7\t8")
    dialog.table.go_to((0, 2, 2))
    qtbot.keyClick(dialog.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert plane(dialog) == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert (dialog.rows.value(), dialog.columns.value()) == (2, 4)


def test_a_pasted_block_can_go_in_at_the_cell(dialog, qtbot):
    dialog.fit_to_paste.setChecked(False)
    QGuiApplication.clipboard().setText("10 20\n30 40")
    dialog.table.go_to((0, 2, 2))
    qtbot.keyClick(dialog.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert plane(dialog) == [[0, 1, 2, 0], [3, 4, 5, 0], [6, 7, 10, 20], [0, 0, 30, 40]]


def test_a_block_pasted_while_typing_is_not_squeezed_into_one_cell(dialog, qtbot):
    QGuiApplication.clipboard().setText("1\t2\n3\t4")
    dialog.table.go_to((0, 0, 0))
    qtbot.keyClicks(dialog.table, "9")
    editor = next(e for e in dialog.table.findChildren(QLineEdit) if e.isVisible())
    qtbot.keyClick(editor, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert plane(dialog) == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("text", "words"), [("hello", "hello"), ("1 2\n3", "Line 2"), ("1 " * 33, "33")]
)
def test_a_block_that_cannot_be_used_says_why(dialog, qtbot, text, words):
    before = dialog.draft
    QGuiApplication.clipboard().setText(text)
    qtbot.keyClick(dialog.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert words in dialog.sentence
    assert dialog.draft is before and dialog.show_button.isEnabled()


def test_every_change_can_be_undone(dialog, qtbot):
    before = plane(dialog)
    dialog.table.go_to((0, 0, 0))
    type_into(dialog, qtbot, "5")
    dialog.channels.button("3").click()
    menu_action(dialog, "Checkerboard").trigger()
    for _ in range(3):
        undo(dialog)
    assert plane(dialog) == before and dialog.draft.channels == 1


def test_sliders_set_the_size(dialog):
    dialog.rows.valueChanged.emit(dialog.rows.set_value(5) or 5)
    assert dialog.draft.values.shape == (5, 3, 1)
    assert plane(dialog)[4] == [0, 0, 0]


def test_three_channels_are_edited_one_by_one(dialog, qtbot, made):
    assert not dialog.planes.isVisible()
    dialog.channels.button("3").click()
    assert dialog.planes.isVisible()
    dialog.planes.button("2").click()
    dialog.table.go_to((2, 0, 0))
    type_into(dialog, qtbot, "99")
    assert plane(dialog, 2)[0][0] == 99 and plane(dialog, 0)[0][0] == 0
    dialog.show_button.click()
    assert made[0].pixels.shape == (3, 3, 3) and made[0].pixels[0, 0].tolist() == [0, 0, 99]


def test_the_numbers_become_the_picture(dialog, made):
    dialog.show_button.click()
    assert made[0].pixels.dtype == np.uint8 and made[0].name == "matrix 3 × 3"
    assert made[0].pixels[:, :, 0].tolist() == np.arange(9).reshape(3, 3).tolist()
    assert dialog.isHidden()


def test_escape_makes_nothing(dialog, qtbot, made):
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert made == [] and dialog.isHidden()


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.key)
def test_patterns_fill_the_size_at_hand(dialog, pattern):
    menu_action(dialog, pattern.title).trigger()
    assert plane(dialog) == pattern.fill(3, 3).tolist()


def test_random_digits_differ_each_time(dialog):
    menu_action(dialog, "Random digits").trigger()
    first = plane(dialog)
    menu_action(dialog, "Random digits").trigger()
    assert plane(dialog) != first


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_examples_can_be_taken_over(dialog, made, example):
    menu_action(dialog, example.title).trigger()
    dialog.show_button.click()
    assert (np.squeeze(made[0].pixels) == np.squeeze(example.pixels)).all()


def test_invalid_values_of_a_picture_can_be_mended(theme, qtbot):
    values = np.array([[0.5, np.nan]], np.float32)
    dialog = MatrixDialog(theme, MatrixDraft.from_array(values), "broken")
    assert dialog.windowTitle() == "Edit matrix"
    assert not dialog.show_button.isEnabled() and "column 1" in dialog.sentence
    dialog.table.typed.emit((0, 0, 1), "1")
    made = []
    dialog.made.connect(made.append)
    dialog.show_button.click()
    assert made[0].name == "broken" and made[0].pixels[0, :, 0].tolist() == [0.5, 1]
