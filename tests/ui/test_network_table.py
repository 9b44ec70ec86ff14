"""The table of a network: what stands in it, and that the sums are those of the column."""

import pytest
from PySide6.QtWidgets import QApplication

from visualizer.learning.networks import PRESETS, table
from visualizer.ui.widgets.network_table import COLUMNS, NetworkTable


@pytest.fixture
def shown(qtbot, theme):
    shown = NetworkTable(theme)
    qtbot.addWidget(shown)
    shown.resize(640, 400)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


def test_each_layer_has_a_row_and_the_sums_are_those_of_the_columns(shown):
    shown.set_rows(table(PRESETS["lecture"], (1, 28, 28), 10))
    cells = shown.texts()
    assert cells[0][:8] == ("conv1", "3×3", "1", "same", "8×28×28", "6,272", "80", "56,448")
    assert len(cells) == len(PRESETS["lecture"].layers) + 1
    for column in (5, 6, 7):
        numbers = [int((row[column] or "0").replace(",", "")) for row in cells]
        assert numbers[-1] == sum(numbers[:-1]) > 0


def test_it_needs_no_scrolling_sideways_and_none_for_few_layers(shown):
    shown.resize(575, 286)  # what the Train page has for it at 1280 x 720
    shown.set_rows(table(PRESETS["quick"], (1, 28, 28), 10))
    QApplication.processEvents()
    assert shown.horizontalScrollBar().maximum() == 0
    assert shown.verticalScrollBar().maximum() == 0
    assert [shown.horizontalHeaderItem(i).text() for i in range(3)] == ["layer", "kernel", "stride"]
    assert all(shown.horizontalHeaderItem(i).toolTip() for i in range(len(COLUMNS)))


def test_without_a_network_it_is_empty(shown):
    shown.set_rows(table(PRESETS["mlp"], (1, 28, 28), 10))
    shown.set_rows(())
    assert shown.texts() == []
