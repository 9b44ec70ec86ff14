"""The trainer: it learns, repeats itself, resumes exactly, obeys, and explains what goes wrong."""

import math
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from visualizer.learning import events
from visualizer.learning.checks import CannotTrain, choose_precision
from visualizer.learning.controls import Controls
from visualizer.learning.datasets import Part
from visualizer.learning.layers import BadNetwork
from visualizer.learning.log import Log
from visualizer.learning.networks import PRESETS, with_batch_norm
from visualizer.learning.pipeline import PRESETS as PRESET_AUGMENTATIONS
from visualizer.learning.settings import TrainingSettings
from visualizer.learning.trainer import Trainer, train

SETTINGS = TrainingSettings(batch_size=20, epochs=3, device="cpu", precision="float32")


def of_type(stream, kind):
    return [event for event in stream if isinstance(event, kind)]


def noisy(images, generator):
    noise = torch.empty_like(images).normal_(0, 0.05, generator=generator)
    return (images + noise).clamp(0, 1)


def until(stream, kind):
    """Consume `stream` up to the first event of `kind` and return it."""
    return next(event for event in stream if isinstance(event, kind))


def run_to_end(trainer):
    stream = list(trainer.run())
    return stream, trainer.network.state_dict()


def assert_same_weights(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert torch.equal(value, other[name]), name


def test_it_learns_and_tells(bars, small):
    stream = list(train(bars, small, replace(SETTINGS, validate_every=5)))
    assert isinstance(stream[0], events.Started) and stream[0].steps == 36
    assert isinstance(stream[-1], events.Finished) and not stream[-1].stopped
    steps = of_type(stream, events.StepDone)
    assert [event.step for event in steps] == list(range(1, 37))
    assert steps[-1].epoch == 3 and steps[-1].seconds_left == 0
    assert steps[0].loss == pytest.approx(math.log(3), rel=0.5)
    assert steps[-1].loss < 0.3 < steps[0].loss
    scores = of_type(stream, events.Validated)
    assert [(e.step, e.whole) for e in scores if e.whole] == [(12, True), (24, True), (36, True)]
    assert scores[-1].score.accuracy > 0.95
    assert scores[-1].score.confusion.sum() == 60
    assert stream[-1].images == 3 * 240


def test_plain_gradient_descent_is_what_torch_computes_by_hand(bars):
    """The weights after two steps against a loop written out with the same batches."""
    spec = with_batch_norm(PRESETS["mlp"], False)
    settings = replace(
        SETTINGS,
        optimizer="sgd",
        momentum=0.5,
        weight_decay=0.01,
        schedule="constant",
        label_smoothing=0.0,
    )
    trainer = Trainer(bars, spec, settings)
    named = trainer.network.named_parameters()
    weights = {name: x.detach().clone().requires_grad_() for name, x in named}
    fed = []
    for event in trainer.run():
        if isinstance(event, events.StepDone):
            trainer.controls.request_snapshot()
        if isinstance(event, events.SnapshotTaken):
            fed.append((event.snapshot.fed, event.snapshot.labels))
        if len(fed) == 2:
            break
    batches = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in fed]
    velocity = dict.fromkeys(weights, 0.0)
    for images, labels in batches:
        x = trainer.network.normalise(images).flatten(1)
        for i in (1, 2, 3):
            x = x @ weights[f"layers.dense{i}.weight"].T + weights[f"layers.dense{i}.bias"]
            x = x.relu() if i < 3 else x
        loss = torch.nn.functional.cross_entropy(x, labels)
        gradients = torch.autograd.grad(loss, list(weights.values()))
        with torch.no_grad():
            for (name, weight), gradient in zip(weights.items(), gradients, strict=True):
                velocity[name] = 0.5 * velocity[name] + gradient + 0.01 * weight
                weight -= 0.01 * velocity[name]
    for name, weight in trainer.network.named_parameters():
        torch.testing.assert_close(weight, weights[name], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(bars, small, optimizer):
    settings = replace(SETTINGS, optimizer=optimizer, learning_rate=0.005, epochs=1)
    curves = []
    for seed in (1, 1, 2):
        torch.rand(3)  # what others draw does not matter
        trainer = Trainer(bars, small, replace(settings, seed=seed), augment=noisy)
        _, weights = run_to_end(trainer)
        curves.append((trainer.log.steps.since(0), weights))
    np.testing.assert_array_equal(curves[0][0], curves[1][0])
    assert_same_weights(curves[0][1], curves[1][1])
    assert not np.array_equal(curves[0][0], curves[2][0])


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("at", [1, 7, 12, 20])
def test_a_resumed_run_is_bit_identical_to_one_that_was_not_interrupted(bars, small, optimizer, at):
    settings = replace(SETTINGS, optimizer=optimizer, learning_rate=0.01, epochs=2)
    whole = Trainer(bars, small, settings, augment=noisy)
    _, expected = run_to_end(whole)

    first = Trainer(bars, small, settings, augment=noisy)
    for event in first.run():
        if isinstance(event, events.StepDone) and event.step == at:
            first.controls.stop()
        if isinstance(event, events.CheckpointDue) and event.state.position.step == at:
            state = event.state
    second = Trainer(bars, PRESETS["mlp"], TrainingSettings(), augment=noisy, resume=state)
    _, weights = run_to_end(second)
    assert_same_weights(weights, expected)
    np.testing.assert_array_equal(second.log.steps.since(0), whole.log.steps.since(0))


def test_a_resumed_run_goes_on_with_the_augmentation_that_was_in_force(bars, small):
    """Switched off during the run, it stays off, whatever the run was ordered with."""
    gentle = PRESET_AUGMENTATIONS["gentle"].suited(1, False)
    for ordered, changed in ((gentle, None), (None, gentle)):
        first = Trainer(bars, small, SETTINGS, augment=ordered)
        stream = first.run()
        until(stream, events.StepDone)
        first.controls.change(augmentation=changed)
        until(stream, events.StepDone)
        second = Trainer(bars, small, SETTINGS, augment=ordered, resume=first.state())
        assert second.state().augmentation == changed


def test_resuming_with_other_data_is_refused(bars, small):
    state = of_type(train(bars, small, SETTINGS), events.CheckpointDue)[-1].state
    other = replace(bars, train=Part(bars.train.images.flip(0), bars.train.labels))
    with pytest.raises(CannotTrain, match="other data"):
        Trainer(other, small, SETTINGS, resume=state)


def test_pausing_stepping_and_resuming(bars, small):
    controls = Controls(paused=True)
    stream = Trainer(bars, small, SETTINGS, controls).run()
    assert until(stream, events.Paused).step == 0
    controls.step()
    assert until(stream, events.StepDone).step == 1
    controls.request_snapshot()
    assert until(stream, events.SnapshotTaken).snapshot.step == 1
    controls.step()
    controls.step()
    assert until(stream, events.StepDone).step == 2
    assert until(stream, events.StepDone).step == 3
    controls.resume()
    assert isinstance(next(stream), events.Resumed)
    assert until(stream, events.StepDone).step == 4
    controls.pause()
    assert until(stream, events.Paused).step == 4
    controls.stop()
    finished = until(stream, events.Finished)
    assert finished.stopped and finished.step == 4


def test_a_paused_run_wakes_at_a_command_from_another_thread(bars, small):
    controls = Controls(paused=True)
    timer = threading.Timer(0.05, controls.stop)
    timer.start()
    stream = list(train(bars, small, SETTINGS, controls))
    timer.join()
    assert stream[-1].stopped and stream[-1].step == 0


def test_a_held_run_takes_no_step_yet_obeys_and_is_not_paused(bars, small):
    controls = Controls()
    stream = Trainer(bars, small, SETTINGS, controls).run()
    until(stream, events.StepDone)
    controls.hold(True)
    controls.request_snapshot()
    timer = threading.Timer(0.05, lambda: controls.hold(False))
    timer.start()
    taken = next(stream)
    assert isinstance(taken, events.SnapshotTaken) and taken.snapshot.step == 1
    assert timer.is_alive()
    done = next(stream)
    assert isinstance(done, events.StepDone) and done.step == 2 and not timer.is_alive()
    timer.join()
    controls.hold(True)
    controls.stop()
    assert until(stream, events.Finished).stopped


def test_the_tempo_spaces_the_steps_and_can_be_let_go(bars, small, monkeypatch):
    controls = Controls(tempo=20.0)
    waits = []
    monkeypatch.setattr(controls._condition, "wait", waits.append)
    stream = Trainer(bars, small, SETTINGS, controls).run()
    until(stream, events.StepDone)
    controls._last_step += 1e-9  # the next step is due a twentieth of a second later
    monkeypatch.setattr(controls._condition, "wait", lambda s: (waits.append(s), controls.stop()))
    until(stream, events.Finished)
    assert waits and 0 < waits[-1] <= 1 / 20
    with pytest.raises(ValueError, match="tempo"):
        controls.set_tempo(0)


def test_the_time_left_is_what_the_tempo_leaves(bars, small):
    stream = Trainer(bars, small, SETTINGS, Controls(tempo=40.0)).run()
    until(stream, events.StepDone)
    done = until(stream, events.StepDone)
    assert done.images_per_second == pytest.approx(40 * 20)
    assert done.seconds_left == pytest.approx(34 / 40)


def test_live_changes_act_from_the_next_step_and_are_marked(bars, small):
    trainer = Trainer(bars, small, replace(SETTINGS, schedule="constant"))
    stream = trainer.run()
    until(stream, events.StepDone)
    trainer.controls.change(learning_rate=0.002, batch_size=40, dropout=0.5, augmentation=noisy)
    changes = {event.name: event for event in (next(stream) for _ in range(4))}
    assert changes["learning_rate"].before == "0.01" and changes["learning_rate"].after == "0.002"
    assert changes["dropout"].after == "0.5" and changes["augmentation"].after == "on"
    assert changes["augmentation"].before == "none"  # as where it is chosen
    assert {event.step for event in changes.values()} == {1}
    done = until(stream, events.StepDone)
    assert done.learning_rate == 0.002 and done.epoch == pytest.approx(60 / 240)
    assert trainer.network.layers["dropout1"].rate == 0.5
    assert [mark["name"] for mark in trainer.log.marks] == list(changes)
    rest = list(stream)
    assert rest[-1].images == 720 and rest[-1].step == 1 + 6 + 12


def test_what_is_changed_on_and_on_at_one_step_is_one_mark(bars, small):
    trainer = Trainer(bars, small, replace(SETTINGS, schedule="constant"), Controls(paused=True))
    stream = trainer.run()
    for rate, dropout in ((0.1, 0.3), (0.002, 0.4), (0.003, 0.2)):  # 0.2 is what it was
        trainer.controls.change(learning_rate=rate, dropout=dropout)
        until(stream, events.Changed)
    trainer.controls.step()
    until(stream, events.StepDone)
    trainer.controls.change(learning_rate=0.004)
    until(stream, events.Changed)
    marks = [(m["step"], m["name"], m["before"], m["after"]) for m in trainer.log.marks]
    assert marks == [(0, "learning_rate", "0.01", "0.003"), (1, "learning_rate", "0.003", "0.004")]
    trainer.controls.stop()
    list(stream)


def test_a_change_that_cannot_be_is_refused_and_the_run_goes_on(bars, small):
    controls = Controls()
    with pytest.raises(ValueError, match="learning rate"):
        controls.change(learning_rate=-1)
    with pytest.raises(ValueError, match="dropout"):
        controls.change(dropout=1.5)
    with pytest.raises(ValueError, match="momentum cannot be changed"):
        controls.change(momentum=0.1)
    controls.change(batch_size=241)
    stream = list(train(bars, small, SETTINGS, controls))
    refused = of_type(stream, events.ChangeRefused)
    assert len(refused) == 1 and "240" in refused[0].reason
    assert stream[-1].step == 36


def test_running_short_in_the_midst_of_making_moments_leaves_none_half_made(bars, small):
    learner = Trainer(bars, small, SETTINGS)._learner
    weight = next(learner.network.parameters())
    learner._optimizer.state[weight]["step"] = torch.zeros(())
    learner.release()
    learner.step()
    assert len(learner.state(Log()).moments) == 3 * len(list(learner.network.parameters()))


def test_other_errors_are_not_swallowed(bars, small):
    def wrong(images, generator):
        return images[:, :, :5]

    with pytest.raises(RuntimeError):
        list(train(bars, small, SETTINGS, augment=wrong))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: (d, SETTINGS.batch_size * 100), "larger than the 240"),
        (lambda d: (d, 1), "Batch norm needs more than one"),
        (lambda d: (replace(d, train=Part(d.train.images, d.train.labels + 1)), 20), "is 3, but"),
        (lambda d: (replace(d, test=Part(d.test.images, d.test.labels - 1)), 20), "is -1, but"),
        (lambda d: (replace(d, class_names=("one",)), 20), "only one class"),
        (lambda d: (replace(d, test=Part(d.test.images[:0], d.test.labels[:0])), 20), "no image"),
    ],
)
def test_what_cannot_train_is_explained_before_the_first_step(bars, small, change, words):
    data, batch = change(bars)
    with pytest.raises(CannotTrain, match=words):
        Trainer(data, small, replace(SETTINGS, batch_size=batch))


def test_a_network_that_does_not_fit_the_images_is_refused(bars):
    with pytest.raises(BadNetwork, match="pool"):
        Trainer(bars, PRESETS["quick"], SETTINGS)


def test_a_device_that_is_not_there_is_said(bars, small):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(CannotTrain, match="cuda"):
        Trainer(bars, small, replace(SETTINGS, device="cuda"))


def test_a_small_network_keeps_its_numbers_on_a_gpu_unless_asked(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: True)
    gpu, some = torch.device("cuda"), 14_000_000
    assert choose_precision(TrainingSettings(), gpu, 79_000_000) == torch.bfloat16
    assert choose_precision(TrainingSettings(), gpu, some) == torch.float32
    asked = TrainingSettings(precision="bfloat16")
    assert choose_precision(asked, gpu, some) == torch.bfloat16


def test_the_last_image_alone_is_left_out_of_batch_norm(bars, small):
    odd = replace(bars, train=Part(bars.train.images[:41], bars.train.labels[:41]))
    stream = list(train(odd, small, replace(SETTINGS, epochs=2)))
    assert stream[0].steps == stream[-1].step + 2  # an upper bound: two last images are left out
    assert stream[-1].images == 80


def test_bfloat16_learns_too(bars, small):
    stream = list(train(bars, small, replace(SETTINGS, precision="bfloat16")))
    assert stream[0].precision == "bfloat16"
    assert of_type(stream, events.Validated)[-1].score.accuracy > 0.9


def test_the_log_is_read_from_where_one_left_off(bars, small):
    trainer = Trainer(bars, small, SETTINGS)
    seen = 0
    for event in trainer.run():
        if isinstance(event, events.StepDone):
            rows = trainer.log.steps.since(seen)
            seen += len(rows)
            assert rows[-1, 0] == event.step and rows[-1, 1] == np.float32(event.loss)
    assert seen == len(trainer.log.steps) == 36
    assert trainer.log.validations.since(0)[:, 0].tolist() == [12, 24, 36]


def test_a_table_grows_and_is_extended():
    from visualizer.learning.log import Table

    table = Table(("a", "b"))
    for i in range(600):
        table.append(i, -i)
    rows = table.since(0)
    assert rows.shape == (600, 2) and rows[599].tolist() == [599, -599]
    copy = Table(("a", "b"))
    copy.extend(rows)
    copy.append(600, 0)
    assert len(copy) == 601 and copy.since(599)[:, 0].tolist() == [599, 600]


def test_a_checkpoint_is_made_when_it_is_asked_for_also_when_paused(bars, small):
    controls = Controls(paused=True)
    stream = Trainer(bars, small, SETTINGS, controls).run()
    next(stream)
    controls.step()
    while not isinstance(next(stream), events.StepDone):
        pass
    controls.save()
    due = next(event for event in stream if isinstance(event, events.CheckpointDue))
    assert due.state.position.step == 1
    controls.stop()
    list(stream)
