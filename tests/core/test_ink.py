"""From a drawing to what a network takes."""

import numpy as np
import pytest

from visualizer.core import ink, strokes
from visualizer.core.ink import Habits
from visualizer.core.strokes import Stroke

SEVEN = (
    Stroke(((0.3, 0.25), (0.7, 0.25), (0.45, 0.8)), (0.08, 0.08, 0.08)),
    Stroke(((0.4, 0.55), (0.62, 0.55)), (0.08, 0.08)),
)


def known(**changes) -> Habits:
    usual = {
        "shape": (1, 28, 28), "background": 0.0, "is_ink": True, "extent": 0.7, "by_mass": True,
        "sharpness": 0.5, "mean": (0.2,), "std": (0.3,),
    }  # fmt: skip
    return Habits(**{**usual, **changes})


def drawn(x: float = 0.0, y: float = 0.0, scale: float = 1.0) -> np.ndarray:
    return strokes.picture([stroke.moved(x, y, scale) for stroke in SEVEN])[:, :, None]


def fed(picture, steps, habits=None, kind="drawing"):
    return ink.see(picture, kind, frozenset(steps), habits or known()).pixels


ALL = ("crop", "centre", "resize", "grey", "normalise")


def test_a_small_drawing_in_a_corner_becomes_the_same_input_as_a_large_one_in_the_middle() -> None:
    large, small = fed(drawn(), ALL), fed(drawn(-0.28, 0.24, 0.4), ALL)
    assert np.corrcoef(large.ravel(), small.ravel())[0, 1] > 0.97
    plain = fed(drawn(-0.28, 0.24, 0.4), ("resize", "grey"))
    assert np.corrcoef(large.ravel(), plain.ravel())[0, 1] < 0.3


def test_shifting_by_whole_pixels_changes_nothing_at_all() -> None:
    picture = np.zeros((280, 280, 1), np.uint8)
    picture[40:120, 30:90] = drawn()[60:140, 90:150]
    moved = np.roll(picture, (97, 133), (0, 1))
    np.testing.assert_array_equal(fed(picture, ALL), fed(moved, ALL))


def test_without_the_steps_a_small_drawing_stays_small_and_in_its_corner() -> None:
    small = fed(drawn(-0.28, 0.24, 0.4), ("resize", "grey"))
    rows, columns = np.nonzero(small[0] > 60)
    assert rows.min() > 14 and columns.max() < 14 and np.ptp(rows) < 10


def test_the_ink_gets_its_usual_extent_and_its_mass_the_middle() -> None:
    habits = known(extent=0.5, sharpness=9.0)
    pixels = fed(drawn(0.1, 0.05, 0.7), ALL, habits)[0].astype(float)
    rows, columns = np.nonzero(pixels > 64)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == pytest.approx(14, abs=1)
    centre = [float((pixels.sum(1 - i) * np.arange(28)).sum() / pixels.sum()) for i in (0, 1)]
    np.testing.assert_allclose(centre, 13.5, atol=0.3)


def test_the_box_is_in_the_middle_when_the_mass_is_not_asked_for() -> None:
    pixels = fed(drawn(0.1, 0.05, 0.7), ("crop", "resize", "grey"), known(sharpness=9.0))[0]
    rows, columns = np.nonzero(pixels > 64)
    assert abs(rows.min() + rows.max() - 27) <= 1 and abs(columns.min() + columns.max() - 27) <= 1


def test_the_input_is_as_soft_as_what_the_network_is_used_to() -> None:
    sharp = fed(drawn(), ALL, known(sharpness=9.0))
    soft = fed(drawn(), ALL, known(sharpness=0.2))
    assert ink.sharpness(sharp.transpose(1, 2, 0)) > 0.3
    assert 0.1 < ink.sharpness(soft.transpose(1, 2, 0)) <= 0.2


def test_every_step_shows_what_it_has_made() -> None:
    seen = ink.see(drawn(), "drawing", frozenset(ALL) - {"centre"}, known())
    assert [stage.step for stage in seen.stages] == ["", *ALL]
    assert [stage.on for stage in seen.stages] == [True, True, False, True, True, True]
    assert seen.stages[2].pixels is seen.stages[1].pixels  # left out: as before it
    last = seen.stages[-1].pixels
    np.testing.assert_allclose(last[..., 0], (seen.pixels[0] / 255 - 0.2) / 0.3, rtol=1e-5)
    off = ink.see(drawn(), "drawing", frozenset(ALL) - {"normalise", "centre"}, known())
    np.testing.assert_allclose(off.stages[-1].pixels[..., 0], seen.pixels[0] / 255, rtol=1e-6)


def test_an_empty_drawing_is_said_to_be_empty() -> None:
    seen = ink.see(strokes.blank()[:, :, None], "drawing", frozenset(ALL), known())
    assert seen.is_empty and seen.pixels.shape == (1, 28, 28) and seen.pixels.max() == 0
    assert not ink.see(drawn(), "drawing", frozenset(ALL), known()).is_empty


def test_dark_ink_on_paper_is_turned_into_light_on_dark() -> None:
    paper = 255 - np.repeat(drawn(), 3, axis=2) // 2
    steps = ink.usual_steps("picture", known(), paper)
    assert "invert" in steps and "crop" in steps
    pixels = fed(paper, steps, kind="picture")
    drawing = fed(drawn(), ALL)
    assert np.corrcoef(pixels.ravel(), drawing.ravel())[0, 1] > 0.99
    assert "invert" not in ink.usual_steps("picture", known(background=255.0), paper)


def test_a_photo_has_no_even_background_and_a_colour_network_keeps_its_colours() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (60, 90, 3)).astype(np.uint8)
    colour = known(shape=(3, 32, 32), is_ink=False, mean=(0.5,) * 3, std=(0.3,) * 3)
    steps = ink.usual_steps("picture", colour, photo)
    assert steps == {"resize", "normalise"}
    seen = ink.see(photo, "picture", steps, colour)
    assert seen.pixels.shape == (3, 32, 32) and not seen.is_even
    assert np.abs(seen.pixels[0].astype(int) - seen.pixels[1]).max() > 20
    grey = ink.see(photo, "picture", steps | {"grey"}, colour).pixels
    np.testing.assert_array_equal(grey[0], grey[2])


def test_a_grey_network_is_given_the_first_plane_alone_when_grey_is_left_out() -> None:
    red = np.zeros((40, 40, 3), np.uint8)
    red[10:30, 10:30, 0] = 200
    pixels = fed(red, ("resize",), known(shape=(1, 40, 40), sharpness=9.0), "picture")
    np.testing.assert_array_equal(pixels[0], red[:, :, 0])


def test_without_resizing_the_middle_is_cut_out() -> None:
    picture = drawn()
    np.testing.assert_array_equal(fed(picture, ("grey",))[0], picture[126:154, 126:154, 0])
    tiny = np.full((9, 9, 1), 7, np.uint8)
    assert (fed(tiny, ("grey",), kind="picture") == 7).all()  # framed by its background


def test_an_image_of_the_data_is_fed_as_it_is() -> None:
    image = np.random.default_rng(1).integers(0, 256, (28, 28, 1)).astype(np.uint8)
    steps = ink.usual_steps("image", known(), image)
    seen = ink.see(image, "image", steps, known())
    np.testing.assert_array_equal(seen.pixels[0], image[:, :, 0])
    assert [stage.step for stage in seen.stages] == ["", "normalise"]


def test_habits_are_measured_on_the_images() -> None:
    images = np.zeros((60, 1, 28, 28), np.uint8)
    random = np.random.default_rng(2)
    for image in images[:, 0]:
        height, width = 20, int(random.integers(6, 20))
        top = 4 + int(random.integers(-1, 2))
        image[top : top + height, 14 - width // 2 : 14 + width // 2] = 200
    found = ink.habits(images, (0.1,), (0.3,))
    assert found.is_ink and found.background == 0
    assert found.extent == pytest.approx(20 / 28)
    noise = random.integers(0, 256, (40, 3, 16, 16)).astype(np.uint8)
    photos = ink.habits(noise, (0.5,) * 3, (0.3,) * 3)
    assert not photos.is_ink and photos.shape == (3, 16, 16) and photos.sharpness > 1
