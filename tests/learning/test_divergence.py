"""Losses that run away: noticed, explained, and left for a state that is good."""

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from visualizer.learning import events
from visualizer.learning.checks import DivergenceWatch
from visualizer.learning.digits import digits
from visualizer.learning.networks import PRESETS
from visualizer.learning.pipeline import PRESETS as PRESET_AUGMENTATIONS
from visualizer.learning.settings import TrainingSettings, recommended
from visualizer.learning.shapes import shapes
from visualizer.learning.trainer import Trainer, train

SETTINGS = TrainingSettings(batch_size=20, epochs=3, device="cpu", precision="float32")


def of_type(stream, kind):
    return [event for event in stream if isinstance(event, kind)]


def until(stream, kind):
    """Consume `stream` up to the first event of `kind` and return it."""
    return next(event for event in stream if isinstance(event, kind))


@pytest.mark.parametrize("rate", [1e9, 50.0])
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_divergence_pauses_explains_and_goes_back_with_a_tenth(bars, small, rate, optimizer):
    settings = replace(
        SETTINGS, learning_rate=0.01, optimizer=optimizer, schedule="constant", epochs=8
    )
    trainer = Trainer(bars, small, settings)
    stream = trainer.run()
    while until(stream, events.StepDone).step < 60:
        pass
    trainer.controls.change(learning_rate=rate)
    diverged = until(stream, events.Diverged)
    assert "learning rate" in diverged.reason and diverged.good_step == 50
    assert diverged.learning_rate == rate / 10
    paused = until(stream, events.Paused)
    trainer.controls.go_back()
    back = until(stream, events.WentBack)
    assert (back.step, back.from_step) == (50, paused.step)
    # Also a tenth of it may be far too much: the offer is taken until it is not.
    trainer.controls.change(learning_rate=0.01)
    rest = list(stream)
    assert not of_type(rest, events.Diverged)
    assert of_type(rest, events.Validated)[-1].score.accuracy > 0.95
    assert all(x.isfinite().all() for x in trainer.network.state_dict().values())


def test_going_back_puts_everything_in_force_that_was(bars, small):
    settings = replace(SETTINGS, learning_rate=0.01, schedule="constant", epochs=8)
    trainer = Trainer(bars, small, settings, augment=PRESET_AUGMENTATIONS["gentle"])
    stream = trainer.run()
    while until(stream, events.StepDone).step < 60:
        pass
    before = trainer.state()
    trainer.controls.change(
        learning_rate=1e9, batch_size=7, augmentation=PRESET_AUGMENTATIONS["strong"], device="cpu"
    )
    until(stream, events.Diverged)
    trainer.controls.go_back()
    until(stream, events.WentBack)
    after = trainer.state()
    assert after.augmentation == before.augmentation
    assert after.settings == replace(before.settings, learning_rate=1e8)
    (mark,) = trainer.log.marks  # of what was undone there is none
    assert mark == {"step": 50, "name": "learning_rate", "before": "0.01", "after": "1e+08"}
    until(stream, events.Diverged)
    trainer.controls.go_back()
    until(stream, events.WentBack)
    assert [mark["after"] for mark in trainer.log.marks] == ["1e+08", "1e+07"]


def test_a_diverged_run_that_is_stopped_leaves_its_last_good_state(bars, small):
    trainer = Trainer(bars, small, replace(SETTINGS, learning_rate=1e9, schedule="constant"))
    stream = trainer.run()
    until(stream, events.Diverged)
    trainer.controls.stop()
    due = until(stream, events.CheckpointDue)
    assert due.state.position.step == 0
    assert all(x.isfinite().all() for x in due.state.weights.values())


def test_the_watch_bears_with_single_bad_steps():
    watch = DivergenceWatch(10)
    assert not any(watch.look(loss) for loss in [2.3, 9.0, 12.0, 4.0, 2.0, 1.0] * 5)
    assert "guessing" in [watch.look(8.0) for _ in range(10)][-1]
    assert "number" in DivergenceWatch(10).look(math.nan)
    assert DivergenceWatch(10).look(1e6)
    assert "is 2031.46, far above the 2.30 of" in DivergenceWatch(10).look(2031.457)


def learned(watch, steps=40):
    """Let the watch see a loss fall from that of guessing among ten to a fiftieth of it."""
    assert not any(watch.look(math.log(10) * 0.9**i + 0.05) for i in range(steps))
    return watch


def test_the_watch_notices_that_all_is_forgotten():
    watch = learned(DivergenceWatch(10))
    told = [watch.look(loss) for loss in [15.0, 6.0] + [2.303] * 60]
    first = next(i for i, reason in enumerate(told) if reason)
    assert "lost" in told[first] and 20 < first < 50
    watch.bear_with()
    assert not any(watch.look(2.303) for _ in range(300))


def test_the_watch_notices_a_validation_loss_that_runs_away_but_not_overfitting():
    assert learned(DivergenceWatch(10)).look_at_validation(9.0) is None
    assert learned(DivergenceWatch(2)).look_at_validation(12.0) is None
    assert "validation loss" in learned(DivergenceWatch(10)).look_at_validation(205_792.0)
    assert learned(DivergenceWatch(10)).look_at_validation(math.nan)
    guessing = DivergenceWatch(10)
    guessing.look(2.31)
    assert guessing.look_at_validation(2.5) is None
    assert "validation loss" in guessing.look_at_validation(40.0)


def test_the_watch_bears_with_runs_that_are_well():
    noise = np.random.default_rng(0)
    starts = DivergenceWatch(10)  # it never gets going
    assert not any(starts.look(2.303 + noise.normal(0, 0.05)) for _ in range(500))
    hiccups = learned(DivergenceWatch(10))
    assert not any(hiccups.look(4.0 if i % 50 < 8 else 0.3) for i in range(500))
    small = DivergenceWatch(2)  # batches of one image, learned as well as can be
    losses = noise.exponential(0.4, 3000)
    assert not any(small.look(loss) for loss in losses)
    harder = learned(DivergenceWatch(10))
    harder.expect_another_level()
    assert not any(harder.look(1.9 + noise.normal(0, 0.2)) for _ in range(500))


def test_the_watch_knows_a_sound_loss():
    watch = DivergenceWatch(10)
    assert not watch.is_sound
    assert learned(watch).is_sound
    for _ in range(5):
        watch.look(2.303)
    assert not watch.is_sound
    for _ in range(25):
        watch.look(0.1)
    assert watch.is_sound
    watch.expect_another_level()
    assert not watch.is_sound
    for _ in range(30):
        watch.look(1.2)
    assert watch.is_sound


@pytest.mark.parametrize(
    ("open_it", "strong", "smoothing", "batch"),
    [
        (partial(digits, 0), False, 0.1, 50),
        (partial(digits, 0), True, 0.0, 50),
        (partial(shapes, 1200), True, 0.1, 50),
    ],
)
def test_healthy_runs_of_the_default_recipe_are_left_alone(open_it, strong, smoothing, batch):
    data = open_it()
    chosen = PRESET_AUGMENTATIONS["strong"].suited(data.channels, data.may_mirror)
    settings = recommended(len(data.train), batch_size=batch, label_smoothing=smoothing)
    epochs = 50 * batch / len(data.train)
    settings = replace(settings, epochs=epochs, device="cpu", precision="float32")
    spec = PRESETS["quick"]
    stream = list(train(data, spec, settings, augment=chosen if strong else None))
    assert not of_type(stream, events.Diverged)
    assert stream[-1].step == of_type(stream, events.Started)[0].steps > 45


LONG = replace(SETTINGS, epochs=14, schedule="constant")


def kill(network):
    """Let no unit fire any more, and none come to life again."""
    norm = next(layer for layer in network.modules() if isinstance(layer, torch.nn.BatchNorm2d))
    with torch.no_grad():
        norm.weight.zero_()
        norm.bias.fill_(-1e3)


def test_a_network_gone_dead_is_noticed_and_no_dead_state_is_kept(bars, small):
    trainer = Trainer(bars, small, LONG)
    stream = trainer.run()
    for _ in range(2):  # after going back, it still knows what had been learned
        while until(stream, events.StepDone).step < 85:
            pass
        kill(trainer.network)
        diverged = until(stream, events.Diverged)
        assert "guessing" in diverged.reason and 100 < diverged.step < 150
        assert diverged.good_step == 50
        until(stream, events.Paused)
        trainer.controls.go_back()
    rest = list(stream)
    assert not of_type(rest, events.Diverged)
    assert of_type(rest, events.Validated)[-1].score.accuracy > 0.95


def test_going_on_with_a_dead_network_is_asked_once(bars, small):
    trainer = Trainer(bars, small, LONG)
    stream = trainer.run()
    while until(stream, events.StepDone).step < 85:
        pass
    kill(trainer.network)
    until(stream, events.Diverged)
    trainer.controls.resume()
    rest = list(stream)
    assert not of_type(rest, events.Diverged) and rest[-1].step == 168


@pytest.mark.parametrize("at", [80, 160])
def test_a_validation_loss_that_runs_away_pauses_the_run(bars, small, at):
    """At the end of the run too, where the offer is still to be taken."""
    trainer = Trainer(bars, small, LONG)
    stream = trainer.run()
    while until(stream, events.StepDone).step < at:
        pass
    for layer in trainer.network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean.fill_(-1e7)
    diverged = until(stream, events.Diverged)
    assert "validation loss" in diverged.reason and diverged.step <= 168
    assert diverged.good_step == at // 50 * 50
    until(stream, events.Paused)
    trainer.controls.go_back()
    rest = list(stream)
    assert of_type(rest, events.WentBack) and not of_type(rest, events.Diverged)
    assert rest[-1].step == 168


def test_a_change_has_to_prove_itself_before_a_state_counts_as_good(bars, small):
    trainer = Trainer(bars, small, LONG)
    good = {}
    for event in trainer.run():
        if isinstance(event, events.StepDone):
            good[event.step + 1] = trainer._good.position.step
            if event.step == 90:
                trainer.controls.change(learning_rate=0.005)
    assert good[100] == good[101] == good[130] == 50
    assert good[132] == 130 and good[168] == 150
