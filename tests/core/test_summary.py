"""Statistics and histograms, with values that are no numbers left out."""

import numpy as np
import pytest

from visualizer.core.image import Image
from visualizer.core.summary import BINS, histogram, summarise


def test_a_byte_picture_has_a_bin_for_each_value() -> None:
    pixels = np.array([[[0], [7], [7], [255]]], np.uint8)
    (summary,) = summarise(Image.from_array(pixels, "x"), "RGB")
    assert (summary.minimum, summary.maximum, summary.mean) == (0, 255, 269 / 4)
    assert summary.counts[[0, 7, 255]].tolist() == [1, 2, 1]
    assert summary.counts.sum() == 4


def test_sixteen_bits_fall_into_256_steps_of_256() -> None:
    values = np.array([0, 255, 256, 65535], np.uint16)
    counts = histogram(values, (0.0, 65535.0))
    assert counts[[0, 1, 255]].tolist() == [2, 1, 1]


def test_floats_leave_out_what_is_not_finite() -> None:
    pixels = np.array([[[0.0], [1.0], [np.nan], [np.inf], [0.5]]], np.float32)
    (summary,) = summarise(Image.from_array(pixels, "x"), "RGB")
    assert summary.invalid == 2
    assert (summary.minimum, summary.maximum, summary.mean) == (0.0, 1.0, 0.5)
    assert summary.counts.sum() == 3
    assert summary.counts[[0, 128, 255]].tolist() == [1, 1, 1]


def test_nothing_finite_gives_nan_and_no_counts() -> None:
    (summary,) = summarise(Image.from_array(np.full((2, 2), np.nan), "x"), "RGB")
    assert np.isnan([summary.mean, summary.minimum, summary.maximum]).all()
    assert summary.counts.tolist() == [0] * BINS
    assert summary.invalid == 4


@pytest.mark.parametrize("space", ["RGB", "Lab"])
def test_blocks_add_up_to_the_whole(space: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    image = Image.from_array(rng.integers(0, 256, (37, 20, 3), dtype=np.uint8), "x")
    whole = summarise(image, space)
    monkeypatch.setattr("visualizer.core.summary._PIXELS_AT_A_TIME", 100)
    shares: list[float] = []
    parts = summarise(image, space, shares.append)
    assert len(shares) == 8
    assert shares[-1] == 1.0
    for a, b in zip(whole, parts, strict=True):
        assert a.mean == pytest.approx(b.mean)
        assert (a.minimum, a.maximum) == (b.minimum, b.maximum)
        np.testing.assert_array_equal(a.counts, b.counts)


def test_progress_may_stop_the_work() -> None:
    class Stop(Exception):
        pass

    def stop(share: float) -> None:
        raise Stop

    with pytest.raises(Stop):
        summarise(Image.from_array(np.zeros((4, 4), np.uint8), "x"), "RGB", stop)


def test_the_mean_of_a_hue_goes_round_the_circle() -> None:
    image = Image.from_array(np.array([[[255, 0, 60], [255, 60, 0]]], np.uint8), "two reds")
    hue = summarise(image, "HSV")[0]
    assert hue.maximum > 340
    assert min(hue.mean, 360 - hue.mean) == pytest.approx(0, abs=0.01)
