"""A small picture while it is typed."""

import numpy as np
import pytest

from visualizer.state.matrix import SIDE_LIMIT, MatrixDraft


@pytest.fixture
def draft():
    return MatrixDraft.from_array(np.arange(6, dtype=np.uint8).reshape(2, 3))


def test_numbers_are_written_so_that_they_read_back_the_same():
    values = np.array([[0.1, -2.5, 255.0], [1e-7, 3e30, 16777217.0]], np.float32)
    draft = MatrixDraft.from_array(values)
    assert draft.planes[0][0] == ("0.1", "-2.5", "255")
    assert (draft.values[:, :, 0].astype(np.float32) == values).all()


def test_what_is_typed_stays_as_typed_and_counts_as_a_number(draft):
    changed = draft.with_text((0, 1, 2), " 1/8 ")
    assert changed.planes[0][1][2] == "1/8"
    assert changed.values[1, 2, 0] == 0.125
    assert draft.values[1, 2, 0] == 5, "the earlier draft is untouched"


def test_a_text_that_is_no_number_is_kept_and_named(draft):
    changed = draft.with_text((0, 1, 0), "abc")
    assert changed.planes[0][1][0] == "abc"
    ((cell, reason),) = changed.problems.items()
    assert cell == (0, 1, 0)
    assert reason.startswith("Row 1, column 0: ") and "abc" in reason
    assert np.isnan(changed.values[1, 0, 0])
    with pytest.raises(ValueError, match="Row 1, column 0"):
        changed.image("x")


def test_a_number_beyond_float32_is_refused(draft):
    assert "too large" in draft.with_text((0, 0, 0), "1e39").problems[0, 0, 0]


def test_whole_numbers_up_to_255_become_bytes(draft):
    image = draft.with_text((0, 0, 0), "255").image("m")
    assert image.pixels.dtype == np.uint8 and image.name == "m"
    assert image.pixels[:, :, 0].tolist() == [[255, 1, 2], [3, 4, 5]]
    assert image.value_range == (0, 255)


@pytest.mark.parametrize("text", ["-1", "256", "0.5"])
def test_other_numbers_become_floats(draft, text):
    image = draft.with_text((0, 0, 0), text).image("m")
    assert image.pixels.dtype == np.float32
    assert image.pixels[0, 0, 0] == float(text)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([[0, 9]], (0, 9)),
        ([[0, 1]], (0, 1)),
        ([[0, 0.25]], (0, 1)),
        ([[0, 0]], (0, 255)),
        ([[3, 100.5]], (0, 255)),
        ([[-2, 2]], (-2, 2)),
        ([[-2, -2]], (-2, -1)),
        ([[0, 300]], (0, 300)),
    ],
)
def test_black_and_white_fit_the_numbers(values, shown):
    assert MatrixDraft.from_array(np.array(values, float)).image("m").value_range == shown


def test_a_block_is_put_in_at_the_cell_and_makes_room(draft):
    changed = draft.with_block((0, 1, 2), np.array([[7, 8], [9, 10]]))
    assert changed.values[:, :, 0].tolist() == [[0, 1, 2, 0], [3, 4, 7, 8], [0, 0, 9, 10]]


def test_a_block_can_set_the_size(draft):
    changed = draft.with_block((0, 1, 2), np.array([[7.5]]), resize=True)
    assert changed.values.tolist() == [[[7.5]]]


def test_a_block_that_is_too_large_says_so(draft):
    with pytest.raises(ValueError, match="33 × 3 numbers do not fit"):
        draft.with_block((0, 0, 0), np.zeros((SIDE_LIMIT + 1, 3)), resize=True)
    with pytest.raises(ValueError, match="1 to 32"):
        draft.with_block((0, 1, 0), np.zeros((SIDE_LIMIT, 1)))


def test_resizing_cuts_and_fills_with_zeros_in_every_plane(draft):
    colour = draft.with_channels(3).resized(3, 2)
    assert colour.values.shape == (3, 2, 3)
    for channel in range(3):
        assert colour.values[:, :, channel].tolist() == [[0, 1], [3, 4], [0, 0]]


def test_a_block_in_one_plane_makes_room_in_all(draft):
    colour = draft.with_channels(3).with_block((1, 0, 0), np.ones((3, 3)))
    assert colour.values[:, :, 1].min() == 1
    assert colour.values[2, :, 0].tolist() == [0, 0, 0]


def test_going_back_to_one_channel_keeps_the_plane_in_hand(draft):
    colour = draft.with_channels(3).with_text((2, 0, 0), "99")
    assert colour.with_channels(1, keep=2).values[0, 0].tolist() == [99]


@pytest.mark.parametrize("size", [(0, 1), (1, 0), (33, 1), (1, 33)])
def test_sizes_out_of_bounds_are_refused(draft, size):
    with pytest.raises(ValueError, match="do not fit"):
        draft.resized(*size)


def test_only_one_or_three_channels():
    with pytest.raises(ValueError, match="1 or 3 channels, not 2"):
        MatrixDraft.from_array(np.zeros((2, 2, 2)))
