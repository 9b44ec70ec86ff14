"""The arithmetic strip of a narrow panel: in two lines, a kernel of five is shown whole."""

import numpy as np
import pytest
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from visualizer.ui.pages.cell_strips import WeighedSum
from visualizer.ui.widgets.strip_pooling import Shades
from visualizer.ui.widgets.wrapping_strip import WrappingStrip


@pytest.fixture
def strip(qtbot, theme):
    panel = QWidget()
    qtbot.addWidget(panel)
    strip = WrappingStrip(theme)
    column = QVBoxLayout(panel)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(strip, 3)
    column.addStretch(1)
    panel.resize(522, 300)  # what the Train page has for it at 1280 x 720
    panel.show()
    qtbot.waitExposed(panel)
    yield strip  # the panel lives on meanwhile


def show(qtbot, strip, size):
    rng = np.random.default_rng(0)
    values, weights = rng.normal(size=(size, size)), 0.01 * rng.normal(size=(size, size))
    captions = ("input", "kernel")
    strip.show_arithmetic(WeighedSum.of(values, weights, captions, Shades(), "map 1"))
    qtbot.waitUntil(lambda: strip._canvas.size() == strip.viewport().size())


def grids(strip):
    """Return where pixels, kernel and products stand, each with its caption."""
    columns = [column for column in strip._canvas._plan.columns if column.grids]
    return [column.grids[0].bounds.adjusted(0, 0, 0, 20) for column in columns]


def test_products_of_a_kernel_of_five_stand_in_a_second_line(qtbot, strip):
    show(qtbot, strip, 5)
    pixels, kernel, products = grids(strip)
    assert strip._canvas._plan.columns[0].grids[0].columns == 5
    assert not strip.findChild(QToolButton).isVisible()
    assert strip.horizontalScrollBar().maximum() == strip.verticalScrollBar().maximum() == 0
    assert pixels.top() == kernel.top() and products.top() > pixels.bottom()
    assert not any(a.intersects(b) for a, b in ((pixels, kernel), (kernel, products)))
    assert strip.viewport().rect().toRectF().contains(pixels.united(kernel).united(products))


def test_what_fits_into_one_line_stays_in_it_and_is_no_higher(qtbot, strip):
    show(qtbot, strip, 3)
    pixels, _, products = grids(strip)
    assert pixels.top() == products.top() and strip.height() == 190
    strip.set_exact(True)
    qtbot.waitUntil(lambda: grids(strip)[2].top() > grids(strip)[0].bottom())
    strip.set_exact(False)
    show(qtbot, strip, 5)
    strip.window().resize(1000, 300)
    qtbot.waitUntil(lambda: len({grid.top() for grid in grids(strip)}) == 1)
    assert strip.height() == 190


def test_what_is_too_large_for_two_lines_is_folded_and_no_higher(qtbot, strip):
    show(qtbot, strip, 24)
    button, bar = strip.findChild(QToolButton), strip.verticalScrollBar()
    assert button.text() == "Show all 24 × 24" and strip.height() == 190
    assert strip.horizontalScrollBar().maximum() == 0
    button.click()
    qtbot.waitUntil(bar.isVisible)
    assert not button.geometry().intersects(bar.geometry().translated(bar.parent().pos()))
