"""The confusion matrix: colours, numbers read by pointer and keys, many classes."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from visualizer.ui.widgets.confusion_grid import ConfusionGrid

NAMES = ("cat", "dog", "frog")
COUNTS = np.array([[7, 2, 1], [0, 10, 0], [5, 0, 5]])


@pytest.fixture
def grid(qtbot, theme):
    theme.set_choice("dark")
    grid = ConfusionGrid(theme)
    qtbot.addWidget(grid)
    grid.resize(300, 280)
    grid.set_counts(COUNTS, NAMES)
    grid.show()
    qtbot.waitExposed(grid)
    return grid


def color(grid, row, column):
    rect = grid.cell_rect(row, column)
    return grid.grab().toImage().pixelColor(int(rect.left()) + 2, int(rect.top()) + 2)


def test_right_is_blue_wrong_is_red_and_never_is_neither(grid, theme):
    assert color(grid, 1, 1).name() == theme.color("accent").name()
    assert color(grid, 1, 0).name() == theme.color("field").name()
    wrong = color(grid, 2, 0)
    assert wrong.red() > wrong.green() and wrong.red() > color(grid, 0, 1).red()


def test_the_pointer_reads_a_cell_and_a_click_tells_of_it(qtbot, grid):
    place = grid.cell_rect(2, 0).center().toPoint()
    qtbot.mouseMove(grid, place)
    assert grid.readout() == "frog answered cat: 5 of 10, 50.0 %"
    with qtbot.waitSignal(grid.clicked) as told:
        qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=place)
    assert told.args == [2, 0]
    grid.set_counts(COUNTS * 2, NAMES)  # it goes on reading while numbers come in
    assert grid.readout() == "frog answered cat: 10 of 20, 50.0 %"


def test_arrow_keys_do_the_same(qtbot, grid):
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert grid.readout().startswith("cat answered cat")
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.readout() == "cat answered dog: 2 of 10, 20.0 %"
    with qtbot.waitSignal(grid.clicked) as told:
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert told.args == [0, 1]
    qtbot.keyClick(grid, Qt.Key.Key_Escape)
    assert grid.readout() == "row: true class, column: answer"


def test_shares_are_those_of_the_true_class(grid):
    grid.set_shares(True)
    assert [grid.text(0, 0), grid.text(0, 1), grid.text(1, 0)] == ["70", "20", ""]


def test_long_names_are_whole_in_the_tooltip(grid):
    long = "a ship of the line with seventy-four guns"
    grid.set_counts(COUNTS, (long, "dog", "frog"))
    grid.resize(600, 400)
    first, below = grid.cell_rect(0, 0), grid.cell_rect(2, 0)
    assert grid.tip_at(first.center()) == f"{long} answered {long}: 7 of 10, 70.0 %"
    assert grid.tip_at(QPointF(first.left() - 5, first.center().y())) == long
    assert grid.tip_at(QPointF(first.center().x(), first.top() - 5)) == long
    assert grid.tip_at(QPointF(below.left() - 5, below.center().y())) == "frog"
    grid.grab()


def test_new_counts_move_nothing(grid):
    before = [grid.cell_rect(i, j) for i in range(3) for j in range(3)]
    grid.set_counts(COUNTS * 100_000, NAMES)
    assert [grid.cell_rect(i, j) for i in range(3) for j in range(3)] == before


def test_a_class_without_images_and_many_classes(qtbot, grid):
    grid.set_counts(np.zeros((3, 3), np.int64), NAMES)
    qtbot.mouseMove(grid, grid.cell_rect(0, 0).center().toPoint())
    assert grid.readout() == "cat answered cat: 0 of 0"
    many = np.eye(100, dtype=np.int64)
    grid.set_counts(many, [f"class {i}" for i in range(100)])
    grid.resize(600, 600)
    assert grid.cell_rect(99, 99).bottom() < 600
    grid.grab()


def test_low_cells_are_wide_enough_for_their_numbers(qtbot, grid, theme):
    def written(counts):
        grid.set_counts(counts, [str(i) for i in range(10)])
        ground = theme.color("accent").rgb()
        cell = grid.cell_rect(0, 0).adjusted(3, 2, -3, -2).toRect()
        image = grid.grab().toImage()
        return any(image.pixel(x, y) != ground for x in range(cell.left(), cell.right())
                   for y in range(cell.top(), cell.bottom()))  # fmt: skip

    grid.resize(290, 176)  # ten classes in the first view of the Inspect page at 1280 × 720
    assert written(np.eye(10, dtype=np.int64) * 27)
    assert grid.cell_rect(9, 9).right() <= 290
    grid.resize(290, 90)
    assert not written(np.eye(10, dtype=np.int64) * 27)
    assert grid.cell_rect(0, 0).width() == grid.cell_rect(0, 0).height(), "square without numbers"
    qtbot.mouseMove(grid, grid.cell_rect(3, 7).center().toPoint())
    assert grid.readout().startswith("3 answered 7")
