"""Training on a GPU: it learns, copies what it shows, runs out of memory, and goes on elsewhere."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from visualizer.learning import events
from visualizer.learning.checkpoint import Ring, autosaving
from visualizer.learning.controls import Controls
from visualizer.learning.history_file import Archive
from visualizer.learning.layers import (
    CLASSES,
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Flatten,
)
from visualizer.learning.networks import NetworkSpec
from visualizer.learning.pipeline import PRESETS
from visualizer.learning.settings import TrainingSettings
from visualizer.learning.trainer import Trainer

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")

SETTINGS = TrainingSettings(batch_size=20, epochs=3, device="cuda", precision="float32")


def until(stream, kind):
    """Consume `stream` up to the first event of `kind` and return it."""
    return next(event for event in stream if isinstance(event, kind))


def stopped_at(step, bars, small, folder, settings):
    """Train to a step, save there, and return what was saved."""
    trainer = Trainer(bars, small, settings, augment=PRESETS["gentle"])
    for event in autosaving(trainer.run(), Ring(folder), Archive(folder)):
        if isinstance(event, events.StepDone) and event.step >= step:
            trainer.controls.stop()
    state, faults = Ring(folder).newest()
    assert faults == () and step <= state.position.step < 36
    return state


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "auto"])
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_it_learns_on_the_gpu(bars, small, precision, optimizer):
    rate = 0.1 if optimizer == "sgd" else 0.01
    chosen = {"precision": precision, "optimizer": optimizer, "learning_rate": rate}
    trainer = Trainer(bars, small, replace(SETTINGS, epochs=6, **chosen))
    stream = list(trainer.run())
    assert stream[0].device == "cuda" and stream[0].precision in ("float32", "bfloat16")
    assert precision in ("auto", stream[0].precision)
    assert [e.step for e in stream if isinstance(e, events.StepDone)] == list(range(1, 73))
    assert [e for e in stream if isinstance(e, events.Validated)][-1].score.accuracy > 0.9
    assert next(trainer.network.parameters()).dtype == torch.float32


@pytest.mark.parametrize("augmentation", ["none", "gentle", "strong"])
def test_the_same_seed_gives_the_same_curve(bars, small, augmentation):
    augment = PRESETS[augmentation]
    first, second = (Trainer(bars, small, SETTINGS, augment=augment) for _ in range(2))
    for trainer in (first, second):
        list(trainer.run())
    np.testing.assert_array_equal(first.log.steps.since(0), second.log.steps.since(0))


def test_a_snapshot_is_a_copy_in_main_memory(bars, small):
    controls = Controls()
    stream = Trainer(bars, small, SETTINGS, controls, augment=PRESETS["gentle"]).run()
    until(stream, events.StepDone)
    controls.request_snapshot()
    shot = until(stream, events.SnapshotTaken).snapshot
    assert all(isinstance(x, np.ndarray) for x in shot.activations.values())
    assert shot.fed.shape == (20, 1, 12, 12) and shot.fed.max() <= 1
    assert shot.probabilities.sum() == pytest.approx(1, abs=1e-5)
    before = {name: x.copy() for name, x in shot.kernels.items()}
    list(stream)
    for name, kernel in before.items():
        np.testing.assert_array_equal(kernel, shot.kernels[name])


@pytest.mark.parametrize(("there", "then"), [("cuda", "cpu"), ("cpu", "cuda")])
def test_a_run_goes_on_on_another_device(bars, small, tmp_path, there, then):
    state = stopped_at(15, bars, small, tmp_path, replace(SETTINGS, device=there))
    assert all(x.device.type == "cpu" for x in (*state.weights.values(), *state.moments.values()))
    rest = Trainer(bars, small, SETTINGS, resume=state)
    rest.controls.change(device=then)
    stream = rest.run()
    assert until(stream, events.Changed).after == then
    assert next(rest.network.parameters()).device.type == then
    assert [e for e in stream if isinstance(e, events.Validated)][-1].score.accuracy > 0.9
    assert rest.log.steps.since(0)[:, 0].tolist() == list(range(1, 37))


def test_on_a_computer_without_the_gpu_a_run_goes_on_on_the_processor(
    bars, small, tmp_path, monkeypatch
):
    state = stopped_at(15, bars, small, tmp_path, SETTINGS)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    stream = list(Trainer(bars, small, SETTINGS, resume=state).run())
    assert stream[0].device == "cpu" and stream[-1].step == 36


def test_a_run_that_is_resumed_goes_on_as_if_it_had_not_stopped(bars, small, tmp_path):
    whole = Trainer(bars, small, SETTINGS, augment=PRESETS["gentle"])
    list(whole.run())
    state = stopped_at(15, bars, small, tmp_path, SETTINGS)
    rest = Trainer(bars, small, SETTINGS, resume=state)
    list(rest.run())
    one, other = (trainer.log.steps.since(0) for trainer in (whole, rest))
    np.testing.assert_array_equal(one, other)
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, rest.network.state_dict()[name]), name


# 35 MB a map and batch of 240 images of 12×12, several of them alive at a time.
WIDE = NetworkSpec(
    "wide",
    (
        *(Convolution(256, 3, padding=1), BatchNorm(), Activation()),
        *(Convolution(256, 3, padding=1), Activation(), Flatten(), Dense(CLASSES)),
    ),
)


@pytest.fixture
def little_memory():
    """Let torch have a little of the GPU's memory."""
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + 150e6) / total)
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)
    torch.cuda.empty_cache()


def assert_nothing_lost(trouble, trainer, weights):
    assert trouble.to_cpu and "GPU" in trouble.reason and trainer.controls.is_paused
    assert trouble.batch_size == trainer.state().settings.batch_size // 2
    for parameter, before in zip(trainer.network.parameters(), weights, strict=True):
        assert torch.equal(parameter, before)


def test_out_of_memory_the_batch_is_halved_until_it_fits(bars, little_memory):
    trainer = Trainer(bars, WIDE, replace(SETTINGS, batch_size=240, epochs=2, learning_rate=1e-4))
    weights = [x.clone() for x in trainer.network.parameters()]
    sizes = []
    for event in trainer.run():
        if isinstance(event, events.OutOfMemory):
            if event.step == 0:
                assert_nothing_lost(event, trainer, weights)
            assert event.batch_size is not None, sizes
            sizes.append(event.batch_size)
            trainer.controls.change(batch_size=event.batch_size)
            trainer.controls.resume()
    assert sizes and sizes[0] == 120
    assert event.images == 480 and not event.stopped


def test_out_of_memory_the_run_moves_to_the_processor_and_leaves_the_gpu_empty(bars, little_memory):
    trainer = Trainer(bars, WIDE, replace(SETTINGS, batch_size=240, epochs=1, learning_rate=1e-4))
    weights = [x.clone() for x in trainer.network.parameters()]
    stream = trainer.run()
    assert_nothing_lost(until(stream, events.OutOfMemory), trainer, weights)
    del weights
    trainer.controls.change(device="cpu")
    trainer.controls.resume()
    rest = list(stream)
    assert rest[-1].images == 240 and next(trainer.network.parameters()).device.type == "cpu"
    # cuBLAS keeps its workspace of 64 MiB; neither images nor maps are left.
    assert torch.cuda.memory_allocated() < 80e6
