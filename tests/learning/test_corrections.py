"""Corrections to data, kept apart from them."""

import csv
import io

import numpy as np
import pytest
import torch

from visualizer.learning.corrections import (
    Correction,
    Corrections,
    Own,
    as_csv,
    corrected,
    digest,
    load,
)
from visualizer.learning.sources import open_data


@pytest.fixture(scope="module")
def digits():
    return open_data(["digits"], 0)


def key(dataset, part: str, index: int) -> str:
    return digest(getattr(dataset, part).images[index].numpy())


def drawing(label: int, part: str = "train", data: str = "digits") -> Own:
    pixels = np.full((1, 28, 28), 17 + label, np.uint8)
    return Own(data, (1, 28, 28), pixels.tobytes(), label, part)


def test_labels_are_put_right_images_left_out_and_drawings_added(digits) -> None:
    mine = Corrections(
        (Correction("digits", key(digits, "train", 3), 8),
         Correction("digits", key(digits, "validation", 5), None),
         Correction("shapes", key(digits, "train", 4), 1)),
        (drawing(7), drawing(2, "validation"), drawing(1, data="mnist")),
    )  # fmt: skip
    before = digits.train.labels.clone()
    made = corrected(digits, mine, "digits")
    assert int(made.train.labels[3]) == 8 and int(made.train.labels[4]) == int(before[4])
    assert len(made.train) == len(digits.train) + 1 and int(made.train.labels[-1]) == 7
    assert len(made.validation) == len(digits.validation)  # one out, one in
    assert int(made.validation.labels[-1]) == 2 and int(made.train.images[-1].min()) == 24
    assert torch.equal(digits.train.labels, before)  # the data themselves are as they were
    assert "4 corrections of your own" in made.notes[-1]


def test_corrected_data_are_always_made_from_the_raw_ones(digits) -> None:
    mine = Corrections((), (drawing(7),))
    once = corrected(digits, mine, "digits")
    twice = corrected(once, mine, "digits")
    assert len(twice.train) == len(once.train)
    assert corrected(twice, Corrections(), "digits") is digits


def test_they_survive_being_written_and_read(tmp_path) -> None:
    path = tmp_path / "deep" / "corrections.json"
    assert load(path) == Corrections()
    mine = Corrections((Correction("folder /ü", "ab12", None),), (drawing(3),))
    mine.save(path)
    assert load(path) == mine
    np.testing.assert_array_equal(load(path).own[0].image(), np.full((1, 28, 28), 20))


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"changes": [], "own": [{"data": "x"}]}', '{"changes": [{"data": 1}], "own": []}',
     '{"changes": [], "own": [{"data": "d", "shape": [1, 2, 2], "pixels": "AA==", "label": 0,'
     ' "part": "train"}]}'],
)  # fmt: skip
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path, text) -> None:
    path = tmp_path / "corrections.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="does not hold corrections"):
        load(path)


def test_a_later_correction_of_an_image_replaces_the_earlier_one() -> None:
    mine = Corrections().with_change(Correction("d", "a", 1)).with_change(Correction("d", "b", 2))
    mine = mine.with_change(Correction("d", "a", None))
    assert mine.changes == (Correction("d", "b", 2), Correction("d", "a", None))
    assert mine.without("d", "b").changes == (Correction("d", "a", None),)


def test_the_list_as_csv() -> None:
    mine = Corrections((Correction("digits", "ab", 3), Correction("digits", "cd", None)),
                       (drawing(7),))  # fmt: skip
    rows = list(csv.reader(io.StringIO(as_csv(mine, {"digits": tuple("abcdefghij")}))))
    assert rows[1:3] == [["digits", "ab", "relabel", "d"], ["digits", "cd", "exclude", ""]]
    assert rows[3][2:] == ["add to train", "h"] and len(rows) == 4
