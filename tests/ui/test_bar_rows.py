"""Rows of bars: lengths, colours, texts, and many of them."""

import pytest
from PySide6.QtCore import QPointF

from visualizer.ui.widgets.bar_rows import BarRow, BarRows


@pytest.fixture
def rows(qtbot, theme):
    theme.set_choice("dark")
    rows = BarRows(theme, "Images of each class")
    qtbot.addWidget(rows)
    rows.resize(300, 120)
    rows.show()
    qtbot.waitExposed(rows)
    return rows


def color(rows, row, share):
    rect = rows.bar_rect(row)
    point = QPointF(rect.left() + share * rect.width(), rect.center().y()).toPoint()
    return rows.grab().toImage().pixelColor(point).name()


def test_parts_follow_each_other_in_their_colours(rows, theme):
    rows.set_rows([BarRow("cat", ((0.5, "good"), (0.25, "bad")), "3 + 1"), BarRow("dog", (), "")])
    assert color(rows, 0, 0.25) == theme.color("good").name()
    assert color(rows, 0, 0.6) == theme.color("bad").name()
    assert color(rows, 0, 0.9) == color(rows, 1, 0.5) == theme.color("field").name()
    assert rows.accessibleDescription() == "cat 3 + 1, dog "


def test_other_numbers_move_nothing_and_more_rows_need_more_height(rows):
    rows.set_rows([BarRow(str(i), ((0.1 * i, "good"),), f"{i:3d} %") for i in range(10)])
    before = [rows.bar_rect(i) for i in range(10)], rows.minimumHeight()
    rows.set_rows([BarRow(str(i), ((0.05 * i, "bad"),), f"{9 - i:3d} %") for i in range(10)])
    assert ([rows.bar_rect(i) for i in range(10)], rows.minimumHeight()) == before
    rows.set_rows([BarRow("a very long name of a class " * 5, (), "")] * 100)
    assert rows.minimumHeight() >= 1400
    assert rows.bar_rect(0).width() > 100


def test_they_grow_with_the_type(rows, theme):
    rows.set_rows([BarRow("a", (), "")] * 4)
    before = rows.minimumHeight()
    theme.set_scale(1.5)
    assert rows.minimumHeight() == pytest.approx(1.5 * before, abs=4)
    theme.set_scale(1.0)
