"""The picture on show."""

import numpy as np
import pytest

from visualizer.core.image import Image
from visualizer.state.session import Session, Shown


def bands(count):
    pixels = np.broadcast_to(np.arange(count, dtype=np.uint8), (2, 2, count))
    return Image.from_array(pixels, f"{count} bands")


@pytest.mark.parametrize(
    ("count", "picked"), [(1, (0,)), (2, (0,)), (3, (0, 1, 2)), (5, (0, 1, 2))]
)
def test_the_usual_bands_are_one_or_three(count, picked):
    session = Session(bands(count))
    assert session.picked == picked
    assert session.image.pixels[0, 0].tolist() == list(picked)
    assert (session.image is session.source) == (count in (1, 3))


def test_picking_bands_changes_the_image_and_can_be_undone():
    session, seen, edits = Session(bands(5)), [], []
    session.image_changed.connect(seen.append)
    session.edited.connect(edits.append)
    session.pick((4, 0, 2))
    assert seen[-1].pixels[0, 0].tolist() == [4, 0, 2]
    assert seen[-1].bands == ("band 5", "band 1", "band 3")
    session.restore(edits[0].before)
    assert session.picked == (0, 1, 2) and seen[-1] is session.image


def test_the_same_bands_again_change_nothing():
    session, seen = Session(bands(5)), []
    session.image_changed.connect(seen.append)
    session.pick((0, 1, 2))
    assert seen == []


def test_two_bands_cannot_be_shown():
    with pytest.raises(ValueError, match="One or three bands"):
        Session(bands(5)).pick((0, 1))


def test_what_was_made_ready_is_shown_as_it_is():
    session, ready = Session(bands(1)), Shown.of(bands(5), (3,))
    session.put(ready, "open")
    assert session.image is ready.image and session.source is ready.source
