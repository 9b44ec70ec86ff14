"""The softmax as bars: lengths, colours, and more classes than there is room for."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from visualizer.ui.widgets.probability_bars import ProbabilityBars


@pytest.fixture
def bars(qtbot, theme):
    theme.set_choice("dark")
    bars = ProbabilityBars(theme)
    qtbot.addWidget(bars)
    bars.resize(240, 200)
    bars.set_names([str(i) for i in range(10)])
    bars.show()
    qtbot.waitExposed(bars)
    return bars


def _color(bars, row, share):
    """The colour a share of the way along a bar."""
    rect = bars.bar_rect(row)
    point = QPointF(rect.left() + share * rect.width(), rect.center().y()).toPoint()
    return bars.grab().toImage().pixelColor(point).name()


def _sure(of, value=0.9):
    values = np.full(10, (1 - value) / 9)
    values[of] = value
    return values


def test_a_right_answer_is_green_and_as_long_as_it_is_probable(bars, theme):
    bars.set_probabilities(_sure(3, 0.6), truth=3)
    assert _color(bars, 3, 0.5) == theme.color("good").name()
    assert _color(bars, 3, 0.65) == theme.color("field").name()
    assert _color(bars, 4, 0.5) == theme.color("field").name()


def test_a_wrong_answer_is_red_and_the_right_class_has_a_dot(bars, theme):
    bars.set_probabilities(_sure(8), truth=3)
    assert _color(bars, 8, 0.5) == theme.color("bad").name()
    left = bars.row_rect(3).center()
    image = bars.grab().toImage()
    assert image.pixelColor(2, int(left.y())).name() == theme.color("good").name()
    assert (
        image.pixelColor(2, int(bars.row_rect(8).center().y())).name() != theme.color("good").name()
    )


def test_without_a_known_answer_the_bar_is_neither(bars, theme):
    bars.set_probabilities(_sure(8))
    assert _color(bars, 8, 0.5) == theme.color("accent").name()


def test_of_other_classes_no_one_is_known_to_be_right(bars, theme):
    bars.set_probabilities([0.1, 0.7, 0.2], 1)
    bars.set_names(["aeroplane", "car", "bird"])
    assert not any(bars._is_truth(index) for _, _, index in bars.rows())


def test_rows_keep_their_order_and_place(bars):
    bars.set_probabilities(_sure(8))
    before = [bars.bar_rect(i) for i in range(10)]
    bars.set_probabilities(_sure(1))
    assert [bars.bar_rect(i) for i in range(10)] == before
    assert [name for name, _, _ in bars.rows()] == [str(i) for i in range(10)]


def test_more_classes_than_room_are_summed_and_the_right_one_is_kept(bars):
    bars.set_names([f"class {i}" for i in range(100)])
    values = np.linspace(0, 1, 100)
    values /= values.sum()
    bars.set_probabilities(values, truth=0)
    rows = bars.rows()
    assert rows[0][0] == "class 99"
    assert rows[-2][0] == "class 0"
    assert rows[-1][0] == f"{100 - len(rows) + 1} others"
    assert sum(value for _, value, _ in rows) == pytest.approx(1)
    assert all(bars.rect().contains(bars.row_rect(i).toRect()) for i in range(len(rows)))


def test_nan_is_painted_without_a_bar(bars, theme):
    bars.set_probabilities(np.full(10, np.nan), truth=1)
    assert _color(bars, 0, 0.01) == theme.color("field").name()


def test_long_names_leave_room_for_the_bars(bars, theme):
    bars.set_names(["a class with a name longer than the whole widget is wide", "b"])
    bars.set_probabilities([0.5, 0.5])
    assert bars.bar_rect(0).width() > 50
    theme.set_scale(1.5)
    assert bars.bar_rect(0).right() <= bars.width()


def test_a_narrow_one_leaves_decimals_out_for_longer_bars(bars):
    wide = bars.bar_rect(0).right()
    bars.resize(140, 200)
    assert 140 - bars.bar_rect(0).right() < 240 - wide
