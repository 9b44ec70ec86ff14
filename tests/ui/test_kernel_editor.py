"""The kernel editor, as a person uses it: typing, wheel, dragging, keys, the clipboard."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit

from visualizer.core.numbers import parse_number
from visualizer.ui.widgets.cell_edit import editable_text
from visualizer.ui.widgets.kernel_editor import KernelEditor

_LEFT, _CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
_SOBEL = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]


class _Heard:
    """What an editor told."""

    def __init__(self, editor):
        self.kernels, self.keys, self.problems = [], [], []
        editor.valueEdited.connect(self._edited)
        editor.problem.connect(self.problems.append)

    def _edited(self, weights, key):
        self.kernels.append(weights)
        self.keys.append(key)


def _shown(qtbot, theme, *, read_only=False):
    editor = KernelEditor(theme, read_only=read_only)
    editor.set_value(_SOBEL)
    qtbot.addWidget(editor)
    editor.resize(220, 220)
    editor.show()
    editor.activateWindow()
    qtbot.waitActive(editor)
    editor.setFocus()
    return editor


@pytest.fixture
def editor(qtbot, theme):
    return _shown(qtbot, theme)


@pytest.fixture
def heard(editor):
    return _Heard(editor)


def _centre(editor, row, column):
    return editor.cell_rect(row, column).center().toPoint()


def _field(editor):
    return editor.findChild(QLineEdit)


def test_typing_in_the_selected_cell_is_live_and_one_step_of_undo(qtbot, editor, heard):
    qtbot.mouseClick(editor, _LEFT, pos=_centre(editor, 1, 1))
    qtbot.keyClick(editor, "1")
    qtbot.keyClicks(_field(editor), "/9")
    assert editor.value()[1, 1] == 1 / 9
    assert heard.kernels[0][1, 1] == 1
    assert heard.kernels[-1][1, 1] == 1 / 9
    assert len(set(heard.keys)) == 1
    qtbot.keyClick(_field(editor), Qt.Key.Key_Return)
    assert not _field(editor).isVisible()
    assert editor.selected() == (1, 2)
    assert editor.hasFocus()


def test_an_invalid_text_is_marked_and_the_last_good_kernel_stays(qtbot, editor, heard):
    qtbot.mouseDClick(editor, _LEFT, pos=_centre(editor, 0, 0))
    field = _field(editor)
    assert field.text() == "-1"
    field.selectAll()
    qtbot.keyClicks(field, "4x")
    assert editor.value()[0, 0] == 4
    assert heard.problems[-1]
    assert field.toolTip() == heard.problems[-1]
    assert field.property("invalid")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.isVisible()
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert heard.problems[-1] == ""
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert not field.isVisible()
    assert editor.value()[0, 0] == 4


def test_escape_restores_the_weight_under_the_same_key(qtbot, editor, heard):
    qtbot.mouseClick(editor, _LEFT, pos=_centre(editor, 0, 2))
    qtbot.keyClick(editor, "-")
    assert heard.problems[-1]
    qtbot.keyClicks(_field(editor), "7")
    assert editor.value()[0, 2] == -7
    qtbot.keyClick(_field(editor), Qt.Key.Key_Escape)
    assert np.array_equal(editor.value(), _SOBEL)
    assert len(set(heard.keys)) == 1
    assert not _field(editor).isVisible()


def test_tab_walks_through_the_weights_and_back(qtbot, editor):
    editor.select(0, 2)
    qtbot.keyClick(editor, Qt.Key.Key_F2)
    qtbot.keyClick(_field(editor), Qt.Key.Key_Tab)
    assert editor.selected() == (1, 0)
    qtbot.keyClick(editor, Qt.Key.Key_F2)
    qtbot.keyClick(_field(editor), Qt.Key.Key_Backtab)
    assert editor.selected() == (0, 2)


def test_leaving_an_invalid_text_keeps_the_last_good_weight(qtbot, editor, heard):
    qtbot.mouseClick(editor, _LEFT, pos=_centre(editor, 0, 0))
    qtbot.keyClick(editor, "5")
    qtbot.keyClicks(_field(editor), "?")
    qtbot.mouseClick(editor, _LEFT, pos=_centre(editor, 2, 2))
    assert not _field(editor).isVisible()
    assert heard.problems[-1] == ""
    assert editor.value()[0, 0] == 5
    assert editor.selected() == (2, 2)


@pytest.mark.parametrize(
    ("kernel", "modifiers", "weight"),
    [
        (_SOBEL, Qt.KeyboardModifier.NoModifier, 1),
        (_SOBEL, _CONTROL, 10),
        (np.full((3, 3), 0.2), Qt.KeyboardModifier.NoModifier, 0.3),
        (np.full((3, 3), 0.2), _CONTROL, 1.2),
    ],
)
def test_the_wheel_changes_the_weight_under_the_pointer(
    editor, heard, wheel, kernel, modifiers, weight
):
    editor.set_value(kernel)
    before = np.array(kernel, float)
    wheel(editor, 120, at=_centre(editor, 1, 1), modifiers=modifiers)
    assert editor.value()[1, 1] == weight
    wheel(editor, -120, at=_centre(editor, 1, 1), modifiers=modifiers)
    assert np.array_equal(editor.value(), before)
    assert len(set(heard.keys)) == 1


def test_half_a_notch_of_a_fine_wheel_waits_for_the_other_half(editor, wheel):
    wheel(editor, 60, at=_centre(editor, 0, 1))
    assert editor.value()[0, 1] == 0
    wheel(editor, 60, at=_centre(editor, 0, 1))
    assert editor.value()[0, 1] == 1


def test_dragging_up_raises_a_weight_in_one_step_of_undo(qtbot, editor, heard):
    start = _centre(editor, 1, 1)
    qtbot.mousePress(editor, _LEFT, pos=start)
    qtbot.mouseMove(editor, start - QPoint(0, 3))
    assert not heard.kernels
    for y in range(8, 41, 8):
        qtbot.mouseMove(editor, start - QPoint(0, y))
    qtbot.mouseRelease(editor, _LEFT, pos=start - QPoint(0, 40))
    assert editor.value()[1, 1] == 5
    assert len(set(heard.keys)) == 1
    qtbot.mousePress(editor, _LEFT, pos=start)
    qtbot.mouseMove(editor, start + QPoint(0, 16))
    qtbot.mouseRelease(editor, _LEFT)
    assert editor.value()[1, 1] == 3
    assert len(set(heard.keys)) == 2


def test_keys_select_change_and_erase(qtbot, editor):
    editor.select(0, 0)
    qtbot.keyClick(editor, Qt.Key.Key_Down)
    qtbot.keyClick(editor, Qt.Key.Key_Right)
    assert editor.selected() == (1, 1)
    qtbot.keyClick(editor, Qt.Key.Key_Up, _CONTROL)
    assert editor.value()[1, 1] == 1
    qtbot.keyClick(editor, Qt.Key.Key_Down, _CONTROL)
    qtbot.keyClick(editor, Qt.Key.Key_Down, _CONTROL)
    assert editor.value()[1, 1] == -1
    qtbot.keyClick(editor, Qt.Key.Key_Delete)
    assert editor.value()[1, 1] == 0


def test_its_keys_do_not_reach_the_window(qtbot, editor):
    pressed = []
    for key in ("Right", "0", "1", "Ctrl+V", "Ctrl+C", "F2"):
        QShortcut(QKeySequence(key), editor).activated.connect(lambda key=key: pressed.append(key))
    editor.select(0, 0)
    qtbot.keyClick(editor, Qt.Key.Key_Right)
    assert editor.selected() == (0, 1)
    qtbot.keyClick(editor, Qt.Key.Key_1)
    assert editor.value()[0, 1] == 1
    assert pressed == []


def test_a_block_is_pasted_at_the_selection(qtbot, editor, heard):
    QGuiApplication.clipboard().setText("1\t2\n3\t1/2")
    editor.select(1, 1)
    with qtbot.waitSignal(editor.blockPasted):
        qtbot.keyClick(editor, Qt.Key.Key_V, _CONTROL)
    assert np.array_equal(editor.value(), [[-1, 0, 1], [-2, 1, 2], [-1, 3, 0.5]])
    assert len(heard.kernels) == 1


def test_a_block_that_would_stick_out_is_moved_inwards(editor):
    editor.select(2, 2)
    editor.paste("7 8\n9 6")
    assert np.array_equal(editor.value()[1:, 1:], [[7, 8], [9, 6]])


def test_a_block_larger_than_the_kernel_asks_for_its_size(qtbot, editor, heard):
    with qtbot.waitSignal(editor.sizeWanted) as wanted:
        editor.paste("1 2 3 4 5")
    assert wanted.args[:2] == [3, 5]
    assert np.array_equal(wanted.args[2], [[1, 2, 3, 4, 5]])
    assert not heard.kernels


def test_what_cannot_be_pasted_says_why_and_changes_nothing(editor, heard):
    editor.paste("1 2\n3 cat")
    assert "cat" in heard.problems[-1]
    assert np.array_equal(editor.value(), _SOBEL)


def test_copy_and_paste_give_the_same_kernel_exactly(qtbot, editor):
    kernel = np.random.default_rng(0).normal(size=(3, 3)) / 9
    editor.set_value(kernel)
    editor.select(0, 0)
    qtbot.keyClick(editor, Qt.Key.Key_C, _CONTROL)
    editor.set_value(np.zeros((3, 3)))
    qtbot.keyClick(editor, Qt.Key.Key_V, _CONTROL)
    assert np.array_equal(editor.value(), kernel)


def test_setting_the_value_tells_nothing_and_showing_the_same_disturbs_no_editing(
    qtbot, editor, heard
):
    qtbot.keyClick(editor, "8")
    told = len(heard.kernels)
    editor.set_value(editor.value())
    assert _field(editor).isVisible()
    editor.set_value(np.ones((5, 1)))
    assert not _field(editor).isVisible()
    assert len(heard.kernels) == told
    assert editor.value().shape == (5, 1)


def test_read_only_shows_and_points_but_does_not_change(qtbot, theme, wheel):
    editor = _shown(qtbot, theme, read_only=True)
    heard = _Heard(editor)
    pointed = []
    editor.weightHovered.connect(lambda row, column: pointed.append((row, column)))
    qtbot.mouseMove(editor, _centre(editor, 2, 0))
    wheel(editor, 120, at=_centre(editor, 1, 1))
    qtbot.mouseDClick(editor, _LEFT, pos=_centre(editor, 1, 1))
    assert pointed == [(2, 0)]
    assert not heard.kernels
    assert not _field(editor).isVisible()


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (1, 15), (15, 1), (4, 7), (15, 15)])
def test_every_size_fits_into_the_card_without_overlap(editor, shape):
    editor.set_value(np.ones(shape) / 3)
    hint = editor.sizeHint()
    assert hint.width() <= 340
    assert hint.height() <= 340
    editor.resize(340, 340)
    rects = [editor.cell_rect(i, j) for i in range(shape[0]) for j in range(shape[1])]
    assert all(editor.rect().contains(rect.toAlignedRect()) for rect in rects)
    assert not any(a.intersects(b) for a in rects for b in rects if a is not b)
    assert min(rect.width() for rect in rects) >= 19
    assert max(rect.width() for rect in rects) <= 60


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2"),
        (-0.5, "-0.5"),
        (1 / 9, "1/9"),
        (-4 / 273, "-4/273"),
        (0.0625, "1/16"),
        (0.111, "0.111"),
        (1e-7, "1e-07"),
    ],
)
def test_a_weight_is_edited_as_people_write_it(value, text):
    assert editable_text(value) == text
    assert parse_number(text) == value
