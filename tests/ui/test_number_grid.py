"""The painted table of numbers: room, colours, pointing, keyboard."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from visualizer.ui.widgets.cells import compact_texts
from visualizer.ui.widgets.number_grid import NumberGrid

_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def grid(qtbot, theme):
    theme.set_choice("dark")
    grid = NumberGrid(theme)
    qtbot.addWidget(grid)
    return grid


def _show(qtbot, grid, width, height):
    grid.resize(width, height)
    grid.show()
    qtbot.waitExposed(grid)
    return grid.grab().toImage()


def _inner(grid, row, column):
    """A point of a cell beside its text."""
    return (grid.cell_rect(row, column).topLeft().toPoint()) + QPoint(3, 3)


@pytest.mark.parametrize("size", [(200, 200), (320, 320), (900, 240), (180, 500)])
def test_cells_never_overlap_nor_leave_the_widget(qtbot, grid, size):
    grid.set_values(np.full((9, 9), 65535))
    _show(qtbot, grid, *size)
    rects = [grid.cell_rect(i, j) for i in range(9) for j in range(9)]
    assert all(grid.rect().contains(rect.toAlignedRect()) for rect in rects)
    assert not any(a.intersects(b) for a in rects for b in rects if a is not b)


def test_greys_are_the_pixels_and_text_reads_on_them(qtbot, grid):
    grid.set_values([[0, 255], [128, 64]])
    image = _show(qtbot, grid, 100, 100)
    levels = [[image.pixelColor(_inner(grid, i, j)).red() for j in (0, 1)] for i in (0, 1)]
    assert np.allclose(levels, [[0, 255], [128, 64]], atol=1)
    assert image.pixelColor(_inner(grid, 1, 0)).green() == levels[1][0]


def test_signed_numbers_are_orange_blue_and_neutral(qtbot, theme, grid):
    grid.set_values([[-2, 0, 2]], "signed")
    image = _show(qtbot, grid, 200, 60)
    for column, value in enumerate((-2, 0, 2)):
        assert (
            image.pixelColor(_inner(grid, 0, column)).name() == theme.signed_color(value, 2).name()
        )


def test_invalid_numbers_have_their_own_colour_and_are_written(qtbot, theme, grid):
    grid.set_values([[np.nan, np.inf, 1.0]], "signed")
    image = _show(qtbot, grid, 200, 60)
    assert image.pixelColor(_inner(grid, 0, 0)).name() == theme.color("invalid").name()
    assert image.pixelColor(_inner(grid, 0, 1)).name() == theme.color("invalid").name()
    assert grid.accessibleDescription() == "NaN inf 1"


def test_padding_cells_have_no_fill(qtbot, grid):
    grid.set_values([[200, 200]], inside=[[True, False]])
    image = _show(qtbot, grid, 120, 60)
    assert image.pixelColor(_inner(grid, 0, 0)).red() == 200
    centre = grid.cell_rect(0, 1).center().toPoint()
    assert image.pixelColor(centre + QPoint(8, 8)).red() < 100


def test_the_pointer_tells_its_cell_and_when_it_leaves(qtbot, grid):
    grid.set_values(np.zeros((3, 4)))
    _show(qtbot, grid, 160, 120)
    told = []
    grid.hovered.connect(lambda row, column: told.append((row, column)))
    grid.left.connect(lambda: told.append(None))
    qtbot.mouseMove(grid, grid.cell_rect(2, 3).center().toPoint())
    qtbot.mouseMove(grid, grid.cell_rect(2, 3).center().toPoint() + QPoint(2, 2))
    qtbot.mouseMove(grid, QPoint(0, 119))
    assert told == [(2, 3), None]
    with qtbot.waitSignal(grid.clicked) as clicked:
        qtbot.mouseClick(grid, _LEFT, pos=grid.cell_rect(1, 0).center().toPoint())
    assert clicked.args == [1, 0]


def test_arrow_keys_walk_the_cells_and_enter_clicks(qtbot, grid):
    grid.set_values(np.zeros((2, 3)))
    grid.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    _show(qtbot, grid, 120, 90)
    told = []
    grid.hovered.connect(lambda row, column: told.append((row, column)))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down):
        qtbot.keyClick(grid, key)
    assert told == [(0, 0), (0, 1), (1, 1)]
    with qtbot.waitSignal(grid.clicked) as clicked:
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert clicked.args == [1, 1]


def test_the_highlight_is_painted_around_its_cell(qtbot, theme, grid):
    grid.set_values(np.zeros((3, 3)))
    grid.set_highlight(1, 1)
    image = _show(qtbot, grid, 110, 110)
    rect = grid.cell_rect(1, 1)
    above = QPoint(round(rect.center().x()), round(rect.top()) - 1)
    assert image.pixelColor(above).name() == theme.color("here").name()
    grid.set_highlight(None)
    assert grid.grab().toImage().pixelColor(above).name() != theme.color("here").name()


def test_the_scale_and_the_scheme_are_followed(qtbot, theme, grid):
    grid.set_values([[1.0, -1.0]], "signed")
    grid.set_caption("two numbers")
    hint = grid.sizeHint()
    theme.set_scale(1.5)
    assert grid.sizeHint().width() > 1.4 * hint.width()
    theme.set_choice("light")
    image = _show(qtbot, grid, 200, 100)
    assert image.pixelColor(_inner(grid, 0, 0)).name() == theme.signed_color(1, 1).name()


@pytest.mark.parametrize(
    ("value", "room", "text"),
    [
        (0.111111, 5, "0.111"),
        (0.111111, 4, ".111"),
        (0.111111, 3, ".11"),
        (0.00012, 4, "1e-4"),
        (-123.456, 7, "-123.46"),
        (-123.456, 4, "-123"),
        (-12345.6, 4, "…"),
        (65535, 5, "65535"),
        (np.nan, 3, "NaN"),
    ],
)
def test_numbers_lose_digits_before_they_lose_their_cell(value, room, text):
    assert compact_texts([[value]], room) == [[text]]
