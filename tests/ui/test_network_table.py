"""The table of a network: what stands in it, and that the sums are those of the column."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from visualizer.learning.networks import PRESETS, table
from visualizer.ui.widgets.network_table import COLUMNS, NetworkTable


@pytest.fixture
def shown(qtbot, theme):
    shown = NetworkTable(theme)
    whole = shown.above_sums()
    qtbot.addWidget(whole)
    whole.resize(640, 400)
    whole.show()
    qtbot.waitExposed(whole)
    yield shown


def test_each_layer_has_a_row_and_the_sums_are_those_of_the_columns(shown):
    shown.set_rows(table(PRESETS["lecture"], (1, 28, 28), 10))
    cells, sums = shown.texts(), shown.sums.texts()
    assert cells[0][:8] == ("conv1", "3×3", "1", "same", "8×28×28", "6,272", "80", "56,448")
    assert len(cells) == len(PRESETS["lecture"].layers) and sums[0] == "sum"
    for column in (5, 6, 7):
        numbers = [int((row[column] or "0").replace(",", "")) for row in cells]
        assert int(sums[column].replace(",", "")) == sum(numbers) > 0


def test_it_needs_no_scrolling_sideways_and_none_for_few_layers(shown):
    shown.window().resize(575, 286)  # what the Train page has for it at 1280 x 720
    shown.set_rows(table(PRESETS["quick"], (1, 28, 28), 10))
    QApplication.processEvents()
    assert shown.horizontalScrollBar().maximum() == 0
    assert shown.verticalScrollBar().maximum() == 0
    assert [shown.horizontalHeaderItem(i).text() for i in range(3)] == ["layer", "kernel", "stride"]
    assert all(shown.horizontalHeaderItem(i).toolTip() for i in range(len(COLUMNS)))


def test_without_a_network_it_is_empty(shown):
    shown.set_rows(table(PRESETS["mlp"], (1, 28, 28), 10))
    shown.set_rows(())
    assert shown.texts() == [] and not any(shown.sums.texts())


def test_the_sums_stay_in_sight_under_the_columns_however_many_layers_there_are(qtbot, shown):
    whole = shown.window()
    whole.resize(575, 286)
    rows = table(PRESETS["quick"], (1, 28, 28), 10)
    shown.set_rows(rows)
    qtbot.waitUntil(lambda: shown.sums.y() == shown.geometry().bottom() + 1)
    assert shown.sums.geometry().bottom() < whole.height() - 10  # right below the last layer
    shown.set_rows([*rows, *rows])
    qtbot.waitUntil(lambda: shown.verticalScrollBar().maximum() > 0)
    assert whole.rect().contains(shown.sums.geometry())
    for column in range(len(COLUMNS)):
        assert shown.columnViewportPosition(column) == shown.sums.columnViewportPosition(column)
        assert shown.columnWidth(column) == shown.sums.columnWidth(column)


def test_where_not_every_layer_fits_the_sums_are_those_so_far(shown):
    first, *others = table(PRESETS["lecture"], (1, 28, 28), 10)
    shown.set_rows([first, replace(others[0], output=(), size=0, parameters=0, multiply_adds=0)])
    assert shown.sums.texts()[:1] == ("so far",) and shown.sums.texts()[5] == f"{first.size:,}"


@pytest.mark.parametrize("width", [575, 700, 1060])
def test_the_columns_take_all_of_the_width_up_to_that_of_a_large_screen(qtbot, shown, width):
    shown.set_rows(table(PRESETS["quick"], (1, 28, 28), 10))
    shown.window().resize(width, 400)
    qtbot.waitUntil(lambda: shown.width() == width)
    taken = sum(shown.columnWidth(column) for column in range(len(COLUMNS)))
    assert shown.viewport().width() - len(COLUMNS) < taken <= shown.viewport().width()
