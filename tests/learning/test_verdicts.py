"""What follows from the answers for many images."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visualizer.learning.evaluation import evaluate
from visualizer.learning.modules import build
from visualizer.learning.networks import MLP
from visualizer.learning.verdicts import Verdicts, judge, thumbnails


def random_verdicts(seed: int, count: int = 60, classes: int = 4) -> Verdicts:
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.full(classes, 0.4), count).astype(np.float32)
    return Verdicts(probabilities, random.integers(0, classes, count), random.random(count) > 0.2)


def test_the_verdicts_are_those_of_the_evaluation() -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (530, 1, 8, 8), generator=generator).to(torch.uint8)
    labels = torch.randint(0, 5, (530,), generator=generator)
    network = build(MLP, (1, 8, 8), 5).eval()
    *shares, verdicts = judge(network, images, labels)
    assert shares == sorted(shares) and shares[-1] == 1
    score = evaluate(network, images, labels)
    np.testing.assert_array_equal(verdicts.score.confusion, score.confusion)
    assert verdicts.score.loss == pytest.approx(score.loss, rel=1e-5)
    np.testing.assert_allclose(verdicts.probabilities.sum(1), 1, rtol=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_counts_cells_and_questions_agree_with_counting_by_hand(seed: int) -> None:
    verdicts = random_verdicts(seed)
    counts = np.zeros((4, 4), int)
    for i in range(60):
        if verdicts.kept[i]:
            counts[verdicts.labels[i], verdicts.answers[i]] += 1
    np.testing.assert_array_equal(verdicts.score.confusion, counts)
    for truth, answer in np.ndindex(4, 4):
        cell = verdicts.cell(truth, answer)
        assert len(cell) == counts[truth, answer]
        assert (np.diff(verdicts.confidence[cell]) <= 0).all()
    wrong, sure = verdicts.asked("wrong", None), verdicts.asked("sure", None)
    assert len(wrong) + len(sure) == verdicts.kept.sum() == len(verdicts.asked("unsure", None))
    assert not (verdicts.labels[wrong] == verdicts.answers[wrong]).any()
    assert (verdicts.labels[verdicts.asked("unsure", 2)] == 2).all()
    assert (np.diff(verdicts.losses[verdicts.by_loss()]) <= 0).all()


def test_calibration_compares_how_sure_with_how_often_right() -> None:
    probabilities = np.array([[0.95, 0.05]] * 20 + [[0.65, 0.35]] * 10, np.float32)
    labels = np.array([0] * 19 + [1] + [0] * 4 + [1] * 6)
    sure, right, counts = Verdicts(probabilities, labels, np.ones(30, bool)).calibration()
    assert sure[9] == pytest.approx(0.95) and right[9] == pytest.approx(0.95) and counts[9] == 20
    assert sure[6] == pytest.approx(0.65) and right[6] == pytest.approx(0.4) and counts[6] == 10
    assert np.isnan(sure[0]) and counts.sum() == 30


def test_other_labels_change_the_judgement_and_not_the_answers() -> None:
    verdicts = random_verdicts(3)
    other = verdicts.corrected(verdicts.answers, np.ones(60, bool))
    assert other.score.accuracy == 1 and verdicts.score.accuracy < 1
    np.testing.assert_array_equal(other.answers, verdicts.answers)


def test_thumbnails_are_the_images() -> None:
    images = torch.randint(0, 256, (5, 1, 4, 6)).to(torch.uint8)
    made = thumbnails(images, np.array([3, 1]))
    assert made.shape == (2, 4, 6, 3)
    np.testing.assert_array_equal(made[0, :, :, 2], images[3, 0].numpy())
