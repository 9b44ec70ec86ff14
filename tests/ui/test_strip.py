"""The arithmetic strip: every number can be checked by hand, at every size of kernel."""

from dataclasses import replace
from decimal import Decimal
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QSizeF
from PySide6.QtWidgets import QToolButton

from visualizer.core.convolution import Cell
from visualizer.ui.pages.cell_strips import WeighedSum
from visualizer.ui.widgets.strip import ArithmeticStrip
from visualizer.ui.widgets.strip_convolution import ConvolvedCell
from visualizer.ui.widgets.strip_layout import Wanted, WantedPart, plan
from visualizer.ui.widgets.strip_numbers import Folding, adds_up, equation, shown
from visualizer.ui.widgets.strip_parts import Box, Sign

_RGB = [
    [[0, 0, 0], [0, 156, 155], [0, 153, 154]],
    [[0, 0, 0], [0, 167, 166], [0, 164, 165]],
    [[0, 0, 0], [0, 163, 162], [0, 160, 161]],
]
_KERNELS = [
    [[-1, -1, 1], [0, 1, -1], [0, 1, 1]],
    [[1, 0, 0], [1, -1, -1], [1, 0, -1]],
    [[0, 1, 1], [0, 1, 0], [1, -1, 1]],
]


def _cell(patches, weights, bias=0.0, output=None):
    """The arithmetic of a cell, worked out by numpy alone."""
    patches, weights = np.array(patches, float), np.array(weights, float)
    if patches.ndim == 2:
        patches, weights = patches[np.newaxis], weights[np.newaxis]
    products = patches * weights
    sums = products.sum(axis=(1, 2))
    before = float(sums.sum()) + bias
    return Cell(
        patches=patches,
        weights=weights,
        products=products,
        inside=np.ones(patches.shape[1:], bool),
        source_rows=np.arange(patches.shape[1]),
        source_columns=np.arange(patches.shape[2]),
        plane_sums=sums,
        total=float(sums.sum()),
        bias=bias,
        pre_activation=before,
        output=before if output is None else output,
    )


def _once(part):
    return isinstance(part, Sign) and part.once


def _random_cell(shape, whole=True, seed=0):
    rng = np.random.default_rng(seed)
    weights = rng.integers(-3, 4, shape) if whole else rng.normal(size=shape)
    return _cell(rng.integers(0, 256, shape), weights)


@pytest.fixture
def strip(qtbot, theme):
    strip = ArithmeticStrip(theme)
    qtbot.addWidget(strip)
    strip.resize(1150, 170)
    strip.show()
    qtbot.waitExposed(strip)
    return strip


def _show(strip, cell, row, column, planes=(), activation="none"):
    strip.show_arithmetic(ConvolvedCell(cell, row, column, planes, activation, 0.0, 255.0))


def _written(strip):
    canvas = strip._canvas
    return shown(canvas._content.cell, canvas._rows, canvas._columns, canvas._exact)


def _grids(made):
    """Return the grids of the first plane: pixels, kernel, products."""
    return [column.grids[0] for column in made.columns if column.grids]


def test_the_rgb_example_is_written_down_as_on_paper(strip):
    _show(strip, _cell(_RGB, _KERNELS, bias=1), 0, 0, planes=("R", "G", "B"))
    said = _written(strip)
    assert said.sums == ["308", "-498", "164"]
    assert (said.bias, said.before, said.output) == ("1", "-25", "-25")
    assert equation([*said.sums, said.bias]) == "308 − 498 + 164 + 1"
    assert said.products[0] == [["0", "0", "0"], ["0", "156", "-155"], ["0", "153", "154"]]
    assert not strip.is_rounded()


def test_what_does_not_add_up_as_shown_is_called_rounded(strip):
    cell = _cell(np.full((3, 3), 2.0), np.full((3, 3), 1 / 9))
    _show(strip, cell, 0, 0)
    assert _written(strip).products[0][0][0] == "0.222"
    assert _written(strip).before == "2"
    assert strip.is_rounded()
    strip.set_exact(True)
    assert _written(strip).products[0][0][0] == "0.222222222"
    assert strip.is_rounded()
    _show(strip, _cell(np.full((3, 3), 2.0), np.full((3, 3), 0.0625)), 0, 0)
    assert not strip.is_rounded()


def test_a_sum_that_misses_only_by_its_bias_is_called_rounded_too():
    cell = _cell([[1.0]], [[0.0004]], bias=1.0)
    said = shown(cell, Folding.to(1, None), Folding.to(1, None), exact=False)
    assert not any(said.rounded)
    assert said.total_rounded


@given(
    st.integers(1, 3),
    st.integers(1, 15),
    st.integers(1, 15),
    st.sampled_from([None, 5, 3]),
    st.booleans(),
    st.booleans(),
    st.integers(0, 1000),
)
def test_shown_products_add_up_to_the_shown_sum_or_it_says_rounded(
    planes, rows, columns, places, exact, whole, seed
):
    cell = _random_cell((planes, rows, columns), whole, seed)
    said = shown(cell, Folding.to(rows, places), Folding.to(columns, places), exact)
    for grid, total, rounded in zip(said.products, said.sums, said.rounded, strict=True):
        added = sum(map(Decimal, chain.from_iterable(grid)), Decimal(0))
        assert (added == Decimal(total)) is not rounded
    if whole:
        assert not any(said.rounded)
        assert not said.total_rounded


def test_folding_keeps_the_ends_and_knows_what_it_hides():
    folding = Folding.to(9, 5)
    assert folding.indices == [0, 1, None, 7, 8]
    assert folding.starts == [0, 1, 2, 7, 8]
    assert folding.hidden == 5
    assert Folding.to(5, 3).hidden == 0


def test_nan_needs_no_word_about_rounding():
    assert adds_up(["NaN", "1"], "NaN")
    assert adds_up(["inf", "1.5"], "inf")


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize(
    ("planes", "kernel", "room", "scroll_free"),
    [
        (1, (3, 3), (1150, 170), True),
        (1, (5, 5), (1150, 170), True),
        (1, (1, 1), (1150, 170), True),
        (3, (3, 3), (1150, 260), True),
        (3, (5, 5), (1150, 320), True),
        (1, (7, 7), (1150, 170), True),
        (1, (15, 15), (1150, 170), True),
        (1, (15, 1), (1150, 170), True),
        (3, (15, 15), (700, 200), False),
    ],
)
def test_nothing_overlaps_and_the_usual_sizes_fit(
    qtbot, strip, planes, kernel, room, scroll_free, exact
):
    strip.resize(*room)
    strip.set_exact(exact)
    _show(strip, _random_cell((planes, *kernel)), 12, 345, planes=("R", "G", "B"))
    made = strip._canvas._plan
    rects = [grid.bounds for column in made.columns for grid in column.grids]
    for part, column in zip(strip._canvas._parts, made.columns, strict=True):
        if not column.grids:
            rects += [column.box] if isinstance(part, Box) or _once(part) else column.slots
    assert not any(a.intersects(b) for i, a in enumerate(rects) for b in rects[i + 1 :])
    fits = made.size.width() <= room[0] and made.size.height() <= room[1]
    assert fits or not scroll_free
    qtbot.waitUntil(
        lambda: (strip.horizontalScrollBar().maximum() > 0) is (made.size.width() > room[0])
    )


@given(
    st.integers(1, 3),
    st.integers(1, 15),
    st.integers(1, 15),
    st.integers(1, 12),
    st.integers(1, 12),
)
def test_digits_fit_into_their_cells(planes, rows, columns, few, many):
    parts = [
        WantedPart("grid", few, 138), WantedPart("sign"), WantedPart("grid", many, 40),
        WantedPart("sign", 0, 45), WantedPart("sums", many), WantedPart("box", many, 90),
    ]  # fmt: skip
    made = plan(Wanted(planes, rows, columns, parts, 10), QSizeF(1150, 260), round)
    for column, letters in ((made.columns[0], few), (made.columns[2], many)):
        assert column.grids[0].cell_width >= 0.6 * made.type_size * letters
        assert column.grids[0].cell_height >= made.type_size
        assert column.grids[-1].bounds.bottom() <= column.below
    assert made.columns[4].slots[0].width() >= 0.6 * made.sum_type * many
    assert made.columns[5].box.width() >= 0.6 * made.box_type * many


def test_the_layout_stays_while_the_numbers_change(strip):
    weights = [[1, 2], [3, 4]]
    _show(strip, _cell([[255, 255], [255, 255]], weights), 0, 0)
    first = strip._canvas._plan
    _show(strip, _cell([[0, 1], [2, 3]], weights), 0, 1)
    assert strip._canvas._plan is first
    _show(strip, _cell([[0, 1], [2, 3]], np.ones((5, 5))[:2, :2] * 7), 0, 1)
    assert strip._canvas._plan is not first


def test_large_kernels_fold_and_a_button_unfolds_them(qtbot, strip):
    _show(strip, _random_cell((1, 15, 15)), 0, 0)
    assert len(_written(strip).products[0]) == 5
    button = strip.findChild(QToolButton)
    assert button.isVisible()
    assert button.text() == "Show all 15 × 15"
    button.click()
    assert len(_written(strip).products[0]) == 15
    qtbot.waitUntil(lambda: strip.verticalScrollBar().maximum() > 0)
    button.click()
    assert len(_written(strip).products[0]) == 5
    _show(strip, _random_cell((1, 3, 3)), 0, 0)
    assert not button.isVisible()


def test_in_a_narrow_room_a_kernel_of_five_is_folded_and_unfolded(qtbot, strip):
    strip.resize(520, 200)
    rng = np.random.default_rng(0)
    cell = _cell(rng.normal(size=(5, 5)), 0.01 * rng.normal(size=(5, 5)))
    strip.show_arithmetic(WeighedSum(cell, 0, 0, ("map 1",), "none", 0.0, 1.0))
    button, across = strip.findChild(QToolButton), strip.horizontalScrollBar()
    assert across.maximum() == 0 and button.text() == "Show all 5 × 5"
    button.click()
    qtbot.waitUntil(lambda: across.maximum() > 0)
    assert strip.verticalScrollBar().maximum() == 0  # the captions stay in sight
    assert button.isVisible() and button.text() == "Fold"
    button.click()
    qtbot.waitUntil(lambda: across.maximum() == 0)


def test_in_a_narrow_room_and_unfolded_the_button_covers_no_number(strip):
    strip.resize(600, 300)
    _show(strip, _random_cell((1, 7, 7)), 0, 0)
    button = strip.findChild(QToolButton)
    assert button.isVisible()
    assert button.geometry().bottom() < strip.viewport().geometry().top()
    strip.resize(1150, 300)
    assert strip.viewport().geometry().top() == 0 and not button.isVisible()  # all of it fits
    _show(strip, _random_cell((1, 15, 15)), 0, 0)
    assert strip.viewport().geometry().top() == 0 and button.isVisible()
    button.click()
    assert button.geometry().bottom() < strip.viewport().geometry().top()
    button.click()
    assert strip.viewport().geometry().top() == 0


def test_pointing_at_any_grid_tells_the_weight(qtbot, strip):
    _show(strip, _random_cell((1, 3, 3)), 0, 0)
    told = []
    strip.weightHovered.connect(lambda row, column: told.append((row, column)))
    strip.weightLeft.connect(lambda: told.append(None))
    made = strip._canvas._plan
    pixels, _, products = _grids(made)
    for lattice, place in ((pixels, (0, 1)), (products, (2, 2))):
        qtbot.mouseMove(strip._canvas, lattice.rect(*place).center().toPoint())
    qtbot.mouseMove(strip._canvas, QPoint(1, 1))
    assert told == [(0, 1), (2, 2), None]


def test_prediction_hides_every_sum(qtbot, strip):
    strip.resize(1150, 260)
    cell = _cell(_RGB, _KERNELS, bias=1)
    _show(strip, cell, 0, 0, planes=("R", "G", "B"))
    open_ = strip.grab().toImage()
    strip.hide_output(True)
    hidden = strip.grab().toImage()
    assert "-25" not in strip._canvas.accessibleDescription()
    other = replace(cell, plane_sums=cell.plane_sums * 2, total=7.0, pre_activation=8.0, output=8.0)
    _show(strip, other, 0, 0, planes=("R", "G", "B"))
    assert strip.grab().toImage() == hidden
    strip.hide_output(False)
    _show(strip, cell, 0, 0, planes=("R", "G", "B"))
    assert strip.grab().toImage() == open_


def test_padding_is_drawn_as_padding(strip):
    cell = _cell(np.full((3, 3), 200.0), np.ones((3, 3)))
    _show(strip, cell, 0, 0)
    whole = strip.grab().toImage()
    inside = np.ones((3, 3), bool)
    inside[0] = False
    _show(strip, replace(cell, inside=inside), 0, 0)
    rect = _grids(strip._canvas._plan)[0].rect(0, 0)
    at = rect.topLeft().toPoint() + QPoint(4, 4)
    assert whole.pixelColor(at).red() == 200
    assert strip.grab().toImage().pixelColor(at).red() < 200


def test_before_the_first_cell_there_is_nothing_to_paint(strip):
    assert not strip.is_rounded()
    strip.grab()


def test_presentation_scale_and_scheme_lay_it_out_anew(theme, strip):
    _show(strip, _random_cell((1, 3, 3)), 0, 0, activation="ReLU")
    small = _grids(strip._canvas._plan)[0].cell_width
    strip.resize(1800, 280)
    theme.set_scale(1.5)
    assert _grids(strip._canvas._plan)[0].cell_width == pytest.approx(1.5 * small, abs=1)
    theme.set_choice("light")
    light = strip.grab().toImage()
    theme.set_choice("dark")
    assert strip.grab().toImage() != light


def test_the_keyboard_focus_is_seen(qtbot, strip):
    _show(strip, _cell(np.ones((3, 3)), np.ones((3, 3))), 0, 0)
    strip.clearFocus()
    plain = strip.grab().toImage()
    strip.setFocus()
    qtbot.waitUntil(strip.hasFocus)
    assert strip.grab().toImage() != plain
    strip.clearFocus()
    assert strip.grab().toImage() == plain
