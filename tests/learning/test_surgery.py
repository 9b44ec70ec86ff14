"""Filters by hand in a trained network: a copy gets them, and its accuracy is what it says."""

import pytest
import torch

from visualizer.learning import surgery
from visualizer.learning.evaluation import evaluate
from visualizer.learning.layers import FixedFilter
from visualizer.learning.learner import Learner
from visualizer.learning.modules import build
from visualizer.learning.networks import PRESETS
from visualizer.learning.settings import TrainingSettings

SOBEL = FixedFilter(1, (((1, 0, -1), (2, 0, -2), (1, 0, -1)),), 0.5, "Sobel x")


@pytest.fixture
def learned(bars, small):
    settings = TrainingSettings(batch_size=30, epochs=5, device="cpu", precision="float32")
    learner = Learner(bars, small, settings)
    for _ in range(40):
        learner.step()
    return learner.network


def test_a_copy_gets_the_filter_and_the_network_stays(learned):
    before = learned.layers["conv1"].weight.detach().clone()
    layer = surgery.first_filters(surgery.operated(learned, [SOBEL]))
    assert torch.equal(layer.weight[1], torch.tensor(SOBEL.weights)) and layer.bias[1] == 0.5
    assert torch.equal(learned.layers["conv1"].weight, before)
    assert torch.equal(layer.weight[[0, 2, 3]], before[[0, 2, 3]])


def test_filters_of_another_shape_are_left_out(learned):
    wrong = (FixedFilter(0, (((1.0,),),)), FixedFilter(99, SOBEL.weights))
    copy = surgery.operated(learned, wrong)
    assert torch.equal(copy.layers["conv1"].weight, learned.layers["conv1"].weight)
    mlp = build(PRESETS["mlp"], (1, 4, 4), 2)
    assert surgery.first_filters(surgery.operated(mlp, [SOBEL])) is None


def test_muting_everything_leaves_guessing(learned, bars):
    part = bars.validation
    right = surgery.accuracy(learned, part.images, part.labels)
    assert right == evaluate(learned, part.images, part.labels).accuracy > 0.8
    zeros = ((((0.0,) * 3),) * 3,)
    muted = surgery.operated(learned, [FixedFilter(i, zeros) for i in range(6)])
    assert surgery.accuracy(muted, part.images, part.labels) == pytest.approx(1 / 3, abs=0.01)
