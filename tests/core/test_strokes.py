"""Strokes, and the picture they make."""

import cmath
from math import pi

import numpy as np

from visualizer.core import strokes
from visualizer.core.strokes import SIDE, Stroke

LINE = Stroke(((0.25, 0.5), (0.75, 0.5)), (0.1, 0.1))


def test_a_line_is_where_it_was_drawn_and_as_wide() -> None:
    is_ink = strokes.picture([LINE]) > 127
    rows, columns = np.flatnonzero(is_ink[:, SIDE // 2]), np.flatnonzero(is_ink[SIDE // 2])
    assert abs(len(rows) - 0.1 * SIDE) <= 2 and abs(rows.mean() - SIDE / 2) <= 1
    assert abs(columns[0] - (0.25 - 0.05) * SIDE) <= 2  # it ends round
    assert abs(columns[-1] - (0.75 + 0.05) * SIDE) <= 2


def test_a_single_point_is_a_dot() -> None:
    picture = strokes.picture([Stroke(((0.5, 0.5),), (0.2,))])
    assert abs(int((picture > 127).sum()) - pi * (0.1 * SIDE) ** 2) < 0.05 * SIDE**2


def test_the_eraser_takes_ink_away() -> None:
    eraser = Stroke(LINE.points, (0.3, 0.3), erases=True)
    assert strokes.picture([LINE, eraser]).max() == 0
    assert strokes.picture([eraser, LINE]).max() == 255


def test_a_stroke_painted_as_it_grows_is_the_stroke_painted_at_once() -> None:
    canvas = strokes.blank()
    stroke = Stroke(((0.2, 0.2), (0.4, 0.7), (0.8, 0.3)), (0.05, 0.08, 0.06))
    for count in range(1, 4):
        part = Stroke(stroke.points[:count], stroke.widths[:count])
        strokes.paint(canvas, part, count - 1)
    np.testing.assert_array_equal(canvas, strokes.picture([stroke]))


def test_moving_shifts_scales_and_turns_clockwise_around_the_middle() -> None:
    quarter = LINE.moved(0.1, -0.2, 0.5, cmath.exp(0.5j * pi))
    (x0, y0), (x1, y1) = quarter.points
    np.testing.assert_allclose((x0, y0, x1, y1), (0.6, 0.175, 0.6, 0.425), atol=1e-9)
    assert quarter.widths == (0.05, 0.05)


def test_what_is_beyond_the_pad_is_out_of_sight_and_not_lost() -> None:
    away = LINE.moved(3.0, 0.0)
    assert strokes.picture([away]).max() == 0
    back = away.moved(-3.0, 0.0)
    np.testing.assert_array_equal(strokes.picture([back]), strokes.picture([LINE]))
