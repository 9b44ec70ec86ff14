"""The strip of the Pooling page: every number can be checked by hand."""

from decimal import Decimal
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualizer.core.pool_window import PoolWindow, whole_window
from visualizer.core.pooled_cell import pooled_cell
from visualizer.core.pooling import POOLINGS
from visualizer.ui.widgets.strip import ArithmeticStrip
from visualizer.ui.widgets.strip_gradient import GradientArithmetic
from visualizer.ui.widgets.strip_numbers import Folding
from visualizer.ui.widgets.strip_parts import ROUNDED, Box, Numbers, Sign, says_rounded
from visualizer.ui.widgets.strip_pooling import PooledArithmetic, Shades

FIVE = np.array(
    [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]], np.uint8
)[:, :, np.newaxis]


def told(pixels, kind, window=None, row=0, column=0, exact=False, places=None, **options):
    window = window or PoolWindow(3, 3, 1)
    height, width, _ = pixels.shape
    geometry = whole_window(height, width) if kind == "global" else window.geometry(height, width)
    cell = pooled_cell(pixels, kind, geometry, row, column, **options)
    arithmetic = PooledArithmetic(cell, row, column, Shades())
    _, rows, columns = arithmetic.shape
    return arithmetic.parts(Folding.to(rows, places), Folding.to(columns, places), exact)


def boxes(parts):
    return [part.text for part in parts if isinstance(part, Box)]


def grids(parts):
    return [part.texts[0] for part in parts if isinstance(part, Numbers)]


def test_an_average_is_a_sum_and_a_division():
    parts = told(FIVE, "average")
    assert grids(parts) == [[["3", "3", "2"], ["0", "0", "1"], ["3", "1", "2"]]]
    assert boxes(parts) == ["15", "9", "1.667"]
    assert parts[-1].above == ROUNDED
    exact = told(FIVE, "average", row=1, column=0)
    assert boxes(exact) == ["9", "9", "1"]
    assert not any(says_rounded(part) for part in exact)


def test_a_whole_map_is_folded_once_more_where_there_is_little_room():
    pixels = np.arange(80, dtype=np.float64).reshape(8, 10, 1)
    cell = pooled_cell(pixels, "global", whole_window(8, 10), 0, 0)
    folding = Folding.to(5, 3, whole=3)
    window = PooledArithmetic(cell, 0, 0, Shades()).parts(folding, folding, False)[0]
    assert window.values.shape == (1, 3, 3) and window.folded.tolist() == [
        *([False, True, False], [True] * 3, [False, True, False]),
    ]
    assert window.values.sum() == pixels.sum()


def test_the_winner_of_a_maximum_is_marked_and_named():
    parts = told(FIVE, "max", row=2, column=1)
    assert parts[0].marked == (0, 1)
    assert boxes(parts) == ["2"]
    assert parts[-1].below == "from row 2, column 2"
    assert parts[1].below == "first of 3 equal"
    assert told(FIVE, "max", PoolWindow(2, 2, 2), row=1, column=0)[1].below == ""


def test_an_l2_norm_is_squares_and_a_root():
    pixels = np.array([[3, 0], [0, -4]], np.float32)[:, :, np.newaxis]
    parts = told(pixels, "L2", PoolWindow())
    assert grids(parts)[1] == [["9", "0"], ["0", "16"]]
    assert boxes(parts) == ["25", "5"]
    assert not any(says_rounded(part) for part in parts)
    edge = told(FIVE, "L2", PoolWindow(2, 2, 2, ceil=True), row=0, column=2)
    assert boxes(edge)[:2] == ["1", "4/2"]
    assert edge[-1].above == ROUNDED  # √2


def test_a_draw_names_its_probabilities():
    pixels = np.array([[0, 2, 0], [1, -3, 0], [0, 0, 7]], np.float32)[:, :, np.newaxis]
    parts = told(pixels, "stochastic")
    assert grids(parts)[1] == [["0", "0.2", "0"], ["0.1", "0", "0"], ["0", "0", "0.7"]]
    assert boxes(parts) == ["10", "7"]
    drawn = next(part for part in parts if isinstance(part, Sign) and part.above)
    assert drawn.above == "draw 0.6370"
    assert parts[-1].below == "0.3000 ≤ 0.6370 < 1.0000"  # beyond 0.2 + 0.1
    assert "a negative one counts as 0" in parts[0].caption
    assert boxes(told(pixels, "weighted")) == ["5.4"]
    nothing = told(-np.abs(pixels), "stochastic")
    assert boxes(nothing) == ["0", "0"]
    assert "no chance" in nothing[4].caption


def test_the_middle_of_a_global_window_is_added_up():
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 1)).astype(np.uint8)
    parts = told(pixels, "global")
    assert len(grids(parts)[0]) == 5
    assert boxes(parts)[:2] == [str(pixels.sum()), "1200"]
    assert parts[0].caption == "all 1,200 numbers, ⋯ added up"


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(POOLINGS), st.integers(1, 8), st.integers(1, 8), st.booleans(), st.booleans(),
    st.sampled_from([None, 5, 3]), st.integers(0, 99),
)  # fmt: skip
def test_shown_sums_are_the_sums_of_what_is_shown_or_it_says_rounded(
    kind, height, width, whole, exact, places, seed
):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (9, 9, 1)).astype(np.uint8)
    if not whole:
        pixels = rng.normal(size=(9, 9, 1)).astype(np.float32)
    parts = told(pixels, kind, PoolWindow(height, width, 1), exact=exact, places=places, seed=seed)
    for before, sign, after in zip(parts, parts[1:], parts[2:], strict=False):
        if isinstance(sign, Sign) and sign.text == "Σ":
            added = sum(map(Decimal, chain.from_iterable(before.texts[0])), Decimal(0))
            assert (added == Decimal(after.text)) is (sign.below != ROUNDED)
    if kind in ("average", "global"):
        total, divisor, output = map(Decimal, boxes(parts))
        assert (output * divisor == total) is (parts[-1].above != ROUNDED)


@pytest.fixture
def strip(qtbot, theme):
    strip = ArithmeticStrip(theme)
    qtbot.addWidget(strip)
    strip.resize(1040, 170)
    strip.show()
    qtbot.waitExposed(strip)
    return strip


@pytest.mark.parametrize("kind", POOLINGS)
@pytest.mark.parametrize("side", [1, 2, 3, 8])
def test_all_of_a_strip_is_in_sight(qtbot, strip, kind, side):
    pixels = np.random.default_rng(1).integers(0, 256, (300, 300, 1)).astype(np.uint8)
    geometry = PoolWindow(side, side).geometry(300, 300)
    geometry = whole_window(300, 300) if kind == "global" else geometry
    cell = pooled_cell(pixels, kind, geometry, 0, 0)
    for content in (
        PooledArithmetic(cell, 0, 0, Shades()),
        GradientArithmetic.of(cell, 1.0, 0, 0, Shades()),
    ):
        strip.show_arithmetic(content)
        made = strip._canvas._plan
        assert made.size.width() <= 1040 and made.size.height() <= 170
        strip.grab()


def test_prediction_hides_winner_and_result(strip):
    pixels = np.array([[1, 9], [3, 4]], np.uint8)[:, :, np.newaxis]
    other = np.array([[1, 9], [3, 4]], np.uint8)[:, :, np.newaxis]
    cell = pooled_cell(pixels, "max", PoolWindow().geometry(2, 2), 0, 0)
    strip.show_arithmetic(PooledArithmetic(cell, 0, 0, Shades()))
    shown = strip.grab().toImage()
    strip.hide_output(True)
    assert "hidden" in strip._canvas.accessibleDescription()
    hidden = strip.grab().toImage()
    assert hidden != shown
    strip.show_arithmetic(GradientArithmetic.of(cell, 1.0, 0, 0, Shades()))
    backwards = strip.grab().toImage()
    twin = pooled_cell(other, "average", PoolWindow().geometry(2, 2), 0, 0)
    strip.show_arithmetic(GradientArithmetic.of(twin, 1.0, 0, 0, Shades()))
    assert strip.grab().toImage() == backwards  # nothing tells who gets the gradient


def test_an_average_shares_its_gradient_in_fractions():
    cell = pooled_cell(FIVE, "average", PoolWindow(3, 3, 1).geometry(5, 5), 0, 0)
    arithmetic = GradientArithmetic.of(cell, 9.0, 0, 0, Shades())
    parts = arithmetic.parts(Folding.to(3, None), Folding.to(3, None), False)
    _, slopes, arriving = grids(parts)
    assert slopes == [["1/9"] * 3] * 3 and arriving == [["1"] * 3] * 3
    assert "1 1 1; 1 1 1" in arithmetic.spoken(parts, False)
    assert arithmetic.tip(0, 0) == "0.111111111 × 9 = 1"


def test_tips_say_where_a_number_is():
    cell = pooled_cell(FIVE, "average", PoolWindow(3, 3, 1, 1).geometry(5, 5), 0, 0)
    arithmetic = PooledArithmetic(cell, 0, 0, Shades())
    assert arithmetic.tip(0, 0) == "padding: outside the input"
    assert arithmetic.tip(1, 2) == "row 0, column 1: 3"
    drawn = pooled_cell(FIVE, "stochastic", PoolWindow(3, 3, 1).geometry(5, 5), 0, 0)
    assert PooledArithmetic(drawn, 0, 0, Shades()).tip(0, 1) == (
        "row 0, column 1: 3\nprobability 0.2\nup to here 0.4"
    )


def test_the_way_back_from_a_global_mean_says_what_each_number_gets():
    pixels = np.ones((20, 10, 1), np.uint8)
    cell = pooled_cell(pixels, "global", whole_window(20, 10), 0, 0)
    way = GradientArithmetic.of(cell, 2.0, 0, 0, Shades())
    window, _, slopes, _, _, _, arriving = way.parts(
        Folding.to(5, None), Folding.to(5, None), False
    )
    assert window.caption.startswith("all 200 numbers") and slopes.caption.startswith("1/200 each")
    assert slopes.texts[0][0] == ["0.005", "0.005", "0.03", "0.005", "0.005"]
    assert slopes.texts[0][2][2] == "0.48"
    assert arriving.texts[0][2][2] == "0.96"
    assert window.folded[2].all() and not window.folded[0, 0]
