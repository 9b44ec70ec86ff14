"""Snapshots and scores: copies with the right numbers in them."""

import numpy as np
import pytest
import torch

from visualizer.learning import events, snapshot
from visualizer.learning.evaluation import Score, dead_units, evaluate
from visualizer.learning.modules import build
from visualizer.learning.settings import TrainingSettings
from visualizer.learning.trainer import Trainer

SETTINGS = TrainingSettings(batch_size=40, epochs=1, device="cpu", precision="float32")


def halve(images, generator):
    return images / 2


def test_a_snapshot_shows_the_probe_the_kernels_and_the_batch_as_fed(bars, small):
    trainer = Trainer(bars, small, SETTINGS, augment=halve)
    probe = bars.validation.images[7]
    stream = trainer.run()
    while not isinstance(next(stream), events.StepDone):
        pass
    trainer.controls.request_snapshot(probe)
    taken = next(e for e in stream if isinstance(e, events.SnapshotTaken)).snapshot
    assert taken.step == 1
    np.testing.assert_array_equal(taken.probe, probe.numpy())
    assert list(taken.activations) == list(small.names())
    assert taken.activations["conv1"].shape == (6, 10, 10)
    network = trainer.network.eval()
    with torch.no_grad():
        expected = network(probe[None] / 255).softmax(1)[0].numpy()
    np.testing.assert_allclose(taken.probabilities, expected, rtol=1e-5)
    assert taken.probabilities.sum() == pytest.approx(1)
    assert taken.kernels["conv1"].shape == (6, 1, 3, 3)
    assert taken.originals.shape == (32, 1, 12, 12) and taken.originals.dtype == np.uint8
    np.testing.assert_allclose(taken.fed, taken.originals / np.float32(255) / 2, rtol=1e-6)
    assert len(taken.labels) == 32
    weight = network.layers["conv1"].weight
    assert taken.weight_sizes["conv1"] == pytest.approx(weight.square().mean().sqrt().item())
    assert taken.gradient_sizes["dense1"] > 0


def test_a_snapshot_shares_no_memory_with_the_network(bars, small):
    network = build(small, (1, 12, 12), 3)
    taken = snapshot.take(network, 0, bars.train.images[0], None)
    before = taken.kernels["conv1"].copy()
    with torch.no_grad():
        network.layers["conv1"].weight.zero_()
    np.testing.assert_array_equal(taken.kernels["conv1"], before)
    assert len(taken.originals) == 0 and taken.gradient_sizes == {}


def test_taking_a_snapshot_changes_nothing_of_the_run(bars, small):
    results = []
    for watched in (False, True):
        trainer = Trainer(bars, small, SETTINGS)
        for event in trainer.run():
            if watched and isinstance(event, events.StepDone):
                trainer.controls.request_snapshot()
        results.append(trainer.network.state_dict())
    for name, value in results[0].items():
        assert torch.equal(value, results[1][name]), name


def test_a_score_counts_by_hand():
    confusion = np.array([[3, 1, 0], [0, 4, 0], [2, 0, 0]])
    score = Score(0.5, confusion)
    assert score.count == 10 and score.accuracy == 0.7
    np.testing.assert_allclose(score.recall, [0.75, 1.0, 0.0])
    np.testing.assert_allclose(score.precision, [0.6, 0.8, np.nan])


def test_an_evaluation_agrees_with_each_image_tried_alone(bars, small):
    network = build(small, (1, 12, 12), 3, seed=5)
    score = evaluate(network, bars.test.images, bars.test.labels)
    assert network.training
    network.eval()
    with torch.no_grad():
        answers = [int(network(x[None] / 255).argmax()) for x in bars.test.images]
    for truth in range(3):
        for answer in range(3):
            pairs = zip(bars.test.labels.tolist(), answers, strict=True)
            assert score.confusion[truth, answer] == sum(p == (truth, answer) for p in pairs)


def test_dead_maps_are_counted(bars, small):
    network = build(small, (1, 12, 12), 3)
    with torch.no_grad():
        network.layers["norm1"].bias[:2] = -1e6
        network.layers["norm1"].bias[2:] = 1e6
    assert dead_units(network, bars.test.images) == (("relu1", 2, 6),)
