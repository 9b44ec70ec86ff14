import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualizer.core.geometry import (
    BORDERS,
    RANGES,
    Geometry,
    GeometryError,
    Padding,
    allowed,
    padding_for,
    problem,
    sources,
)

MODES = st.sampled_from(["valid", "same", "full"]) | st.integers(0, 7)


@st.composite
def geometries(draw):
    """Draw possible combinations only."""
    sizes = [draw(st.integers(1, 30)) for _ in range(2)]
    kernel = [draw(st.integers(1, 15)) for _ in range(2)]
    choice = {
        "stride": draw(st.integers(1, 8)),
        "dilation": draw(st.integers(1, 4)),
        "padding": draw(MODES),
        "border": draw(st.sampled_from(BORDERS)),
    }
    try:
        return Geometry.of(*sizes, *kernel, **choice)
    except GeometryError:
        return Geometry.of(*(s + 60 for s in sizes), *kernel, **choice)


@settings(max_examples=100, deadline=None)
@given(geometries())
def test_output_size_is_the_number_of_windows_that_fit(g):
    rows = g.height + g.padding.top + g.padding.bottom
    columns = g.width + g.padding.left + g.padding.right
    tall, wide = g.span
    assert g.out_height == len(range(0, rows - tall + 1, g.stride))
    assert g.out_width == len(range(0, columns - wide + 1, g.stride))


@settings(max_examples=100, deadline=None)
@given(geometries())
def test_a_weight_touches_exactly_the_pixels_its_windows_lay_it_on(g):
    for i, j in {(0, 0), (g.kernel_height - 1, 0), (g.kernel_height // 2, g.kernel_width - 1)}:
        rows = {int(g.taps(r, 0)[0][i]) for r in range(g.out_height)} & set(range(g.height))
        columns = {int(g.taps(0, c)[1][j]) for c in range(g.out_width)} & set(range(g.width))
        vertical, horizontal = g.touched(i, j)
        assert set(range(g.height)[vertical]) == rows
        assert set(range(g.width)[horizontal]) == columns


@settings(max_examples=100, deadline=None)
@given(geometries(), st.data())
def test_a_pixel_is_reached_by_exactly_the_windows_that_cover_it(g, data):
    row = data.draw(st.integers(0, g.height - 1))
    column = data.draw(st.integers(0, g.width - 1))
    covering_rows, covering_columns = set(), set()
    for r in range(g.out_height):
        top, _, tall, _ = g.window(r, 0)
        if top <= row < top + tall:
            covering_rows.add(r)
    for c in range(g.out_width):
        _, left, _, wide = g.window(0, c)
        if left <= column < left + wide:
            covering_columns.add(c)
    rows, columns = g.reached(row, column)
    assert set(range(g.out_height)[rows]) == covering_rows
    assert set(range(g.out_width)[columns]) == covering_columns


@pytest.mark.parametrize("stride", [1, 2, 3, 8])
@pytest.mark.parametrize("taps", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_same_padding_divides_the_size_by_the_stride_rounding_up(stride, taps, dilation):
    for size in (1, 2, 7, 10):
        g = Geometry.of(size, size, taps, 1, stride=stride, dilation=dilation, padding="same")
        assert g.out_height == -(-size // stride)


def test_same_padding_of_an_even_kernel_puts_the_odd_pixel_at_the_bottom_and_right():
    assert padding_for("same", 4, 2) == Padding(top=1, bottom=2, left=0, right=1)


def test_padding_modes():
    assert padding_for("valid", 5, 3) == Padding()
    assert padding_for("full", 5, 3, dilation=2) == Padding(8, 8, 4, 4)
    assert padding_for(3, 5, 3) == Padding(3, 3, 3, 3)
    with pytest.raises(GeometryError, match="whole number, valid, same or full"):
        padding_for("some", 3, 3)


def test_formula_carries_the_numbers():
    g = Geometry.of(300, 451, 3, 4, padding=1)
    assert g.formula("rows") == "⌊(300 + 2·1 − 1·(3 − 1) − 1) / 1⌋ + 1 = 300"
    g = Geometry.of(300, 451, 3, 4, stride=2, dilation=2, padding="same")
    assert g.formula("columns") == "⌊(451 + 2·3 − 2·(4 − 1) − 1) / 2⌋ + 1 = 226"
    uneven = Geometry.of(300, 451, 3, 4, padding="same")
    assert uneven.formula("columns") == "⌊(451 + 1 + 2 − 1·(4 − 1) − 1) / 1⌋ + 1 = 451"


@settings(max_examples=60, deadline=None)
@given(geometries())
def test_the_formula_is_true(g):
    for axis, count in (("rows", g.out_height), ("columns", g.out_width)):
        left, _, right = g.formula(axis).partition(" = ")
        python = left.replace("⌊", "int(").replace("⌋", ")").replace("·", "*").replace("−", "-")
        assert eval(python) == int(right) == count


def test_window_may_begin_in_the_padding():
    g = Geometry.of(5, 5, 3, 3, stride=2, dilation=2, padding=2)
    assert g.window(0, 1) == (-2, 0, 5, 5)
    rows, columns = g.taps(0, 1)
    assert rows.tolist() == [-2, 0, 2]
    assert columns.tolist() == [0, 2, 4]


@pytest.mark.parametrize(
    ("border", "expected"),
    [
        ("zero", [-1, -1, -1, 0, 1, 2, 3, -1, -1, -1]),
        ("replicate", [0, 0, 0, 0, 1, 2, 3, 3, 3, 3]),
        ("reflect", [3, 2, 1, 0, 1, 2, 3, 2, 1, 0]),
        ("wrap", [1, 2, 3, 0, 1, 2, 3, 0, 1, 2]),
    ],
)
def test_sources_of_padded_positions(border, expected):
    assert sources(range(-3, 7), 4, border).tolist() == expected


@pytest.mark.parametrize(
    ("border", "mode"), [("replicate", "edge"), ("reflect", "reflect"), ("wrap", "wrap")]
)
@pytest.mark.parametrize("size", [1, 2, 3, 9])
def test_sources_agree_with_numpy_padding(border, mode, size):
    padding = size - 1 if border == "reflect" else size
    expected = np.pad(np.arange(size), padding, mode)
    assert sources(range(-padding, size + padding), size, border).tolist() == expected.tolist()


def test_a_kernel_that_does_not_fit_is_refused_with_a_remedy():
    with pytest.raises(GeometryError) as error:
        Geometry.of(4, 9, 5, 5, dilation=2, padding=1)
    assert str(error.value) == (
        "The 5×5 kernel with dilation 2 spans 9 pixels, but rows + padding give only 6: "
        "use a smaller kernel, less dilation or more padding."
    )
    assert problem(9, 2, 3, 3) == (
        "The 3×3 kernel spans 3 pixels, but there are only 2 columns: "
        "use a smaller kernel or more padding."
    )
    assert problem(1, 9, 3, 3, dilation=3) == (
        "The 3×3 kernel with dilation 3 spans 7 pixels, but there is only 1 row: "
        "use a smaller kernel, less dilation or more padding."
    )


def test_borders_have_limits():
    assert problem(3, 9, 3, 3, padding=3, border="reflect") == (
        "Reflecting copies at most 2 of the input's 3 rows, but the padding is 3: "
        "use less padding or another border."
    )
    assert "all of the input's 2 columns" in problem(9, 2, 3, 3, padding=3, border="wrap")
    assert problem(3, 3, 3, 3, padding=2, border="reflect") == ""
    assert problem(3, 3, 3, 3, padding=3, border="wrap") == ""
    assert problem(1, 1, 3, 3, padding=7, border="replicate") == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"stride": 0},
        {"dilation": 0},
        {"padding": Padding(-1, 0, 0, 0)},
        {"border": "mirror"},
        {"height": 0},
        {"kernel_width": 0},
    ],
)
def test_nonsense_is_refused(wrong):
    with pytest.raises(GeometryError):
        Geometry(**{"height": 5, "width": 5, "kernel_height": 3, "kernel_width": 3, **wrong})


@settings(max_examples=100, deadline=None)
@given(geometries(), st.sampled_from(sorted(RANGES)), MODES)
def test_allowed_is_exactly_what_can_be_made(g, field, padding):
    fixed = {
        "height": g.height,
        "width": g.width,
        "kernel_height": g.kernel_height,
        "kernel_width": g.kernel_width,
        "stride": g.stride,
        "dilation": g.dilation,
        "padding": padding,
        "border": g.border,
    }
    low, high = RANGES[field]
    possible = [v for v in range(low, high + 1) if not problem(**{**fixed, field: v})]
    if not possible:
        with pytest.raises(GeometryError):
            allowed(field, **fixed)
        return
    least, largest = allowed(field, **fixed)
    assert possible == list(range(least, largest + 1))


def test_allowed_examples():
    assert allowed("dilation", 10, 10, 5, 5) == (1, 2)
    assert allowed("padding", 3, 3, 5, 5) == (1, 7)
    assert allowed("padding", 3, 3, 3, 3, border="reflect") == (0, 2)
    assert allowed("kernel_height", 4, 20, 3, 3, padding=1, dilation=2) == (1, 3)
    assert allowed("stride", 3, 3, 3, 3) == (1, 8)


def test_geometry_is_a_value():
    first, second = (Geometry.of(5, 6, 3, 3, padding="same") for _ in range(2))
    assert first == second
    assert len({first, second}) == 1
    for row, column in itertools.product(range(2), repeat=2):
        assert first.window(row, column)[2:] == first.span


@given(st.integers(1, 4), st.integers(0, 3), st.integers(1, 3), st.integers(1, 5))
def test_the_cell_over_the_middle_of_a_window_is_its_own(stride, padding, dilation, side):
    geometry = Geometry.of(20, 23, side, side, stride=stride, padding=padding, dilation=dilation)
    for cell in ((0, 0), (geometry.out_height - 1, geometry.out_width - 1)):
        assert geometry.cell_over(*geometry.centre(*cell)) == cell
    assert geometry.cell_over(-99, 99) == (0, geometry.out_width - 1)
