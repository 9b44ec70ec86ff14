"""Stepping: where the window is, how much of the map is on show, and when it moves by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualizer.state.stepper import Stepper


class Heard:
    """Counts what a stepper says."""

    def __init__(self, stepper: Stepper) -> None:
        self.moved = 0
        self.changed = 0
        stepper.moved.connect(self._on_moved)
        stepper.changed.connect(self._on_changed)

    def _on_moved(self) -> None:
        self.moved += 1

    def _on_changed(self) -> None:
        self.changed += 1


@pytest.fixture
def stepper() -> Stepper:
    return Stepper(rows=4, columns=5, place=7)


def test_at_first_everything_is_on_show_and_the_window_is_at_its_place(stepper: Stepper) -> None:
    assert (stepper.count, stepper.position, stepper.computed) == (20, 7, 20)
    assert stepper.complete
    assert not stepper.playing
    assert stepper.row_column(7) == (1, 2)
    assert stepper.index(1, 2) == 7
    assert stepper.index(-3, 99) == 4


def test_a_step_fills_the_map_up_to_the_window_and_a_step_back_empties_it(
    stepper: Stepper,
) -> None:
    heard = Heard(stepper)
    stepper.step()
    assert (stepper.position, stepper.computed) == (8, 9)
    stepper.step(-1)
    assert (stepper.position, stepper.computed) == (7, 8)
    assert heard.moved == 2


def test_rows_and_ends(stepper: Stepper) -> None:
    stepper.next_row()
    assert stepper.position == 10
    stepper.next_row(-1)
    assert stepper.position == 5
    stepper.next_row(-9)
    assert stepper.position == 0
    stepper.last()
    assert (stepper.position, stepper.computed, stepper.complete) == (19, 20, True)
    stepper.step()
    assert stepper.position == 19
    stepper.first()
    assert (stepper.position, stepper.computed) == (0, 1)
    stepper.step(-1)
    assert stepper.position == 0


def test_play_begins_at_the_start_when_all_is_shown_and_goes_on_otherwise(
    stepper: Stepper,
) -> None:
    stepper.play()
    assert (stepper.playing, stepper.position, stepper.computed) == (True, 0, 1)
    stepper.pause()
    stepper.seek(11)
    stepper.toggle()
    assert (stepper.playing, stepper.position) == (True, 11)
    stepper.last()
    stepper.play()
    assert stepper.position == 0


def test_time_moves_by_whole_cells_and_keeps_the_remainder(stepper: Stepper) -> None:
    stepper.set_speed(10)
    stepper.play()
    stepper.advance(0.05)
    assert stepper.position == 0
    stepper.advance(0.06)
    assert stepper.position == 1
    stepper.advance(0.24)
    assert stepper.position == 3


def test_one_tick_emits_once_however_many_cells_it_passes() -> None:
    stepper = Stepper(300, 300)
    stepper.set_speed(10_000)
    stepper.play()
    heard = Heard(stepper)
    stepper.advance(0.016)
    assert (stepper.position, heard.moved) == (160, 1)


def test_a_long_sleep_does_not_leap() -> None:
    stepper = Stepper(300, 300)
    stepper.set_speed(100)
    stepper.play()
    stepper.advance(3600)
    assert stepper.position == 25


def test_playing_ends_at_the_last_cell_with_all_on_show(stepper: Stepper) -> None:
    stepper.set_speed(10_000)
    stepper.play()
    stepper.advance(0.016)
    assert (stepper.position, stepper.playing, stepper.complete) == (19, False, True)
    stepper.advance(1)
    assert stepper.position == 19


@pytest.mark.parametrize(("asked", "kept"), [(0.01, 1), (480, 480), (1e6, 10_000)])
def test_speed_is_kept_in_its_range(stepper: Stepper, asked: float, kept: float) -> None:
    stepper.set_speed(asked)
    assert stepper.speed == kept


def test_pointing_pauses_and_looks_without_losing_the_place(stepper: Stepper) -> None:
    stepper.first()
    stepper.step(9)
    stepper.play()
    stepper.point(3)
    assert (stepper.playing, stepper.position, stepper.computed) == (False, 3, 10)
    stepper.leave()
    assert (stepper.position, stepper.computed) == (9, 10)


def test_pointing_moves_the_window_when_all_is_on_show(stepper: Stepper) -> None:
    stepper.point(13)
    stepper.leave()
    assert (stepper.position, stepper.computed) == (13, 20)


def test_stepping_goes_on_from_where_one_stepped_not_from_where_one_looked(
    stepper: Stepper,
) -> None:
    stepper.seek(9)
    stepper.point(2)
    stepper.step()
    assert (stepper.position, stepper.computed) == (10, 11)


def test_a_pin_stays_while_pointing_and_stepping_lets_it_go(stepper: Stepper) -> None:
    stepper.toggle_pin(12)
    assert (stepper.pinned, stepper.shown, stepper.computed) == (12, 12, 20)
    stepper.point(3)
    assert stepper.shown == 12
    stepper.step()
    assert (stepper.pinned, stepper.position, stepper.shown) == (None, 13, 13)
    stepper.toggle_pin(2)
    stepper.unpin()
    assert (stepper.pinned, stepper.shown) == (None, 2)
    stepper.toggle_pin(2)
    stepper.play()
    stepper.pause()
    assert stepper.pinned is None
    stepper.toggle_pin(4)
    stepper.toggle_pin(4)
    assert stepper.pinned is None


def test_predicting_hides_each_new_cell_until_it_is_revealed(stepper: Stepper) -> None:
    stepper.predict(True)
    assert (stepper.hidden, stepper.computed) == (True, 7)
    stepper.reveal()
    assert (stepper.hidden, stepper.computed) == (False, 8)
    stepper.step()
    assert (stepper.hidden, stepper.position, stepper.computed) == (True, 8, 8)
    stepper.last()
    assert (stepper.computed, stepper.complete) == (19, False)
    stepper.reveal()
    assert stepper.computed == 20
    stepper.predict(False)
    assert stepper.complete


def test_predicting_a_pinned_cell_hides_and_reveals_what_the_map_does(stepper: Stepper) -> None:
    stepper.predict(True)
    stepper.toggle_pin(12)
    assert (stepper.shown, stepper.hidden, stepper.computed) == (12, True, 12)
    stepper.reveal()
    assert (stepper.shown, stepper.hidden, stepper.computed) == (12, False, 13)
    stepper.step()
    assert (stepper.shown, stepper.hidden, stepper.computed) == (13, True, 13)


def test_what_is_looked_at_is_what_is_asked_for(stepper: Stepper) -> None:
    stepper.seek(12)
    stepper.point(4)
    stepper.predict(True)
    assert (stepper.shown, stepper.hidden, stepper.computed) == (4, True, 4)


def test_playing_while_predicting_stops_at_each_hidden_cell(stepper: Stepper) -> None:
    stepper.set_speed(100)
    stepper.seek(7)
    stepper.play()
    stepper.predict(True)
    assert (stepper.playing, stepper.hidden, stepper.position) == (False, True, 7)
    for place in (8, 9):
        stepper.reveal()
        stepper.toggle()
        stepper.advance(0.2)
        assert (stepper.playing, stepper.hidden, stepper.position) == (False, True, place)
    stepper.last()
    stepper.play()
    assert (stepper.hidden, stepper.position, stepper.computed) == (True, 0, 0)


def test_show_all_ends_the_stepping_where_the_window_is(stepper: Stepper) -> None:
    stepper.seek(9)
    stepper.point(4)
    stepper.show_all()
    assert (stepper.position, stepper.computed) == (4, 20)


def test_another_size_keeps_the_stepping_and_another_picture_starts_afresh(
    stepper: Stepper,
) -> None:
    stepper.seek(9)
    stepper.resize(2, 2, place=99)
    assert (stepper.position, stepper.count, stepper.computed) == (3, 4, 4)
    stepper.toggle_pin(1)
    stepper.play()
    stepper.restart(6, 6, place=14)
    assert (stepper.position, stepper.computed, stepper.pinned) == (14, 36, None)
    assert not stepper.playing


@given(
    st.integers(1, 6),
    st.integers(1, 6),
    st.lists(
        st.sampled_from(
            ["step", "back", "next_row", "first", "last", "play", "pause", "point", "leave",
             "pin", "unpin", "predict", "normal", "reveal", "show_all", "tick", "resize"]
        ),
        max_size=30,
    ),
)  # fmt: skip
def test_whatever_is_pressed_the_window_stays_inside(
    rows: int, columns: int, keys: list[str]
) -> None:
    stepper = Stepper(rows, columns)
    presses = {
        "back": lambda: stepper.step(-1),
        "point": lambda: stepper.point(stepper.count // 2),
        "pin": lambda: stepper.toggle_pin(stepper.count - 1),
        "predict": lambda: stepper.predict(True),
        "normal": lambda: stepper.predict(False),
        "tick": lambda: stepper.advance(0.1),
        "resize": lambda: stepper.resize(stepper.columns, stepper.rows, stepper.position),
    }
    for key in keys:
        presses.get(key, getattr(stepper, key, None))()
        assert 0 <= stepper.position < stepper.count
        assert 0 <= stepper.shown < stepper.count
        assert 0 <= stepper.computed <= stepper.count
        if stepper.complete:
            assert stepper.computed == stepper.count
