import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualizer.core.numbers import format_number, parse_grid, parse_number

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", 2.0),
        (" -2. ", -2.0),
        ("+.5", 0.5),
        ("0,5", 0.5),
        ("1e-3", 0.001),
        ("1/9", 1 / 9),
        ("-1,5 / 3", -0.5),
        ("1/-4", -0.25),
        ("−7", -7.0),
    ],
)
def test_reads_what_people_type(text, value):
    assert parse_number(text) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "A number is missing"),
        ("  ", "A number is missing"),
        ("abc", '"abc" is not a number'),
        ("1,234,567", "is not a number"),
        ("1_000", "is not a number"),
        ("0x10", "is not a number"),
        ("nan", "is not a number"),
        ("inf", "is not a number"),
        ("1//2", "is not a number"),
        ("1/0", "divides by zero"),
        ("1/0,0", "divides by zero"),
        ("1e999", "too large"),
        ("1e300/1e-300", "too large"),
        ("٣", "is not a number"),
        ("x" * 1000, 'x…" is not a number'),
    ],
)
def test_refuses_with_one_short_sentence(text, reason):
    with pytest.raises(ValueError, match=reason) as refused:
        parse_number(text)
    assert len(str(refused.value)) < 100


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (249.0, "249"),
        (-0.5, "-0.5"),
        (1 / 9, "0.111"),
        (147.66667, "147.667"),
        (2.0004, "2"),
        (-0.99996, "-1"),
        (0.0751136, "0.0751"),
        (65535 * 225.0, "14745375"),
        (1.5e9, "1.5e9"),
        (-1.23456e-7, "-1.23e-7"),
        (math.nan, "NaN"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
    ],
)
def test_writes_short_text(value, text):
    assert format_number(value) == text


def test_fewer_digits_keep_the_whole_part():
    assert [format_number(1234.5678, digits=n) for n in (1, 2, 3)] == [
        "1234.6",
        "1234.57",
        "1234.568",
    ]


@given(st.floats(-1e300, 1e300), st.integers(1, 15))
def test_what_is_written_is_read_back_to_its_last_digit(value, digits):
    text = format_number(value, digits=digits)
    back = parse_number(text)
    room = 0.5000001 * 10.0**-digits * max(1.0, abs(value))
    if abs(value) < 1:
        room = 5.000001 * 10.0**-digits * abs(value)
    assert abs(back - value) <= room
    assert text != "-0" and "+" not in text


@given(st.integers(-999_999_999, 999_999_999))
def test_whole_numbers_are_written_in_full(value):
    assert format_number(value) == str(value)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1\t0,5\n-2\t1/4\n", [[1, 0.5], [-2, 0.25]]),
        ("1\t2\r\n3\t4\r\n", [[1, 2], [3, 4]]),
        ("1;0,5\n2; 3", [[1, 0.5], [2, 3]]),
        ("1,2\n3,4", [[1, 2], [3, 4]]),
        ("1, 2,\n3, 4,", [[1, 2], [3, 4]]),
        ("  1   2\n\n  3 4\n", [[1, 2], [3, 4]]),
        ("0,5 0,25\n1 2", [[0.5, 0.25], [1, 2]]),
        ("0,5", [[0.5]]),
        ("1\n2\n3", [[1], [2], [3]]),
        ("[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        ("[[1., 2.]\n [3., 4.]]", [[1, 2], [3, 4]]),
        ("array([[1. , 2.5],\n       [3. , 4. ]], dtype=float32)", [[1, 2.5], [3, 4]]),
        ("[[1 2 3\n  4 5 6]\n [7 8 9\n  0 1 2]]", [[1, 2, 3, 4, 5, 6], [7, 8, 9, 0, 1, 2]]),
        ("[1, 2, 3]", [[1, 2, 3]]),
        ("[1 2; 3 4]", [[1, 2], [3, 4]]),
    ],
)
def test_reads_blocks_of_numbers(text, rows):
    grid = parse_grid(text)
    assert grid.dtype == np.float64
    assert np.array_equal(grid, np.array(rows, dtype=float))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no numbers"),
        (" \n\n", "no numbers"),
        ("[]", "no numbers"),
        ("[[]]", "Line 1, number 1"),
        ("1 2\n3", "Line 2 has 1 number and line 1 has 2"),
        ("1\t\t3", "Line 1, number 2: A number is missing"),
        ("1 2\n3 x", 'Line 2, number 2: "x" is not a number'),
        ("0,5, 0,25", "which are decimal commas"),
        ("[[[1, 2]]]", "brackets"),
        ("see [1] and [2]", "brackets"),
    ],
)
def test_refuses_what_is_no_block(text, reason):
    with pytest.raises(ValueError, match=reason):
        parse_grid(text)


@given(
    st.lists(st.lists(FINITE, min_size=3, max_size=3), min_size=1, max_size=4),
    st.sampled_from(["\t", "; ", " ", ", "]),
)
def test_every_separator_gives_the_same_numbers(rows, separator):
    text = "\n".join(separator.join(map(repr, row)) for row in rows)
    assert np.array_equal(parse_grid(text), np.array(rows))
    assert np.array_equal(parse_grid(str(rows)), np.array(rows))


@given(st.text())
def test_any_other_text_is_refused_by_a_sentence(text):
    try:
        grid = parse_grid(text)
    except ValueError as error:
        assert str(error).endswith(".")
    else:
        assert grid.ndim == 2 and np.isfinite(grid).all()
