"""The time machine: what is kept of a run, how much of it, and that a folder holds it all."""

from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visualizer.learning import events, history_file
from visualizer.learning.checkpoint import Ring, autosaving
from visualizer.learning.history import History
from visualizer.learning.history_file import Archive
from visualizer.learning.settings import TrainingSettings
from visualizer.learning.trainer import Trainer

SETTINGS = TrainingSettings(batch_size=40, epochs=6, device="cpu", precision="float32")


def weights(value, count=4):
    return {"w": torch.full((count,), float(value))}


def simulate(history, steps, count=4):
    """Train for so many steps; return the most moments and bytes there ever were."""
    most = size = 0
    for step in range(steps + 1):
        if history.wants(step):
            history.keep(step, weights(step, count))
            most, size = max(most, len(history)), max(size, len(history) * 4 * count)
    return most, size


def test_the_bound_holds_through_a_million_steps():
    history = History()
    most, _ = simulate(history, 1_000_000)
    assert 200 < most <= 300 and 200 < len(history) <= 300
    steps = history.steps()
    assert steps[:21] == tuple(range(21))
    distances = [b - a for a, b in pairwise(steps[20:])]
    assert distances == sorted(distances)  # ever sparser
    assert steps[-1] > 980_000 and max(distances) < 20_000
    assert all(moment.weights["w"][0] == moment.step for moment in history.moments())


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(2, 80), st.integers(1, 4000), st.booleans())
def test_neither_number_nor_memory_is_ever_exceeded(most, steps, by_memory):
    history = History(most=10**6, memory=most * 16) if by_memory else History(most=most)
    reached, size = simulate(history, steps)
    assert reached <= most and size <= most * 16 and history.capacity == most
    assert history.steps()[0] == 0 and list(history.steps()) == sorted(set(history.steps()))
    if most >= 42:
        assert history.steps()[: min(steps, 20) + 1] == tuple(range(min(steps, 20) + 1))
    # Nothing is kept that would be let go again at once.
    assert all(history.wants(step) for step in history.steps()[:-1])


def test_the_newest_stays_whatever_its_number():
    history = History(most=10)
    simulate(history, 1000)
    assert not history.wants(1001)
    history.keep(1001, weights(1001))
    assert history.steps()[-1] == 1001 and len(history) <= 10
    history.keep(1024, weights(1024))
    assert 1001 not in history.steps() and history.steps()[-1] == 1024


def test_a_network_too_large_for_the_memory_is_not_kept():
    history = History(memory=20)
    history.keep(0, weights(0))
    assert len(history) == 0 and history.capacity == 0 and not history.wants(1)
    with pytest.raises(LookupError):
        history.at(0)


def test_the_moment_at_a_step_is_the_last_before_it():
    history = History()
    for step in (0, 4, 9):
        history.keep(step, weights(step))
    assert [history.at(step).step for step in (-1, 0, 3, 4, 8, 100)] == [0, 0, 0, 4, 4, 9]
    history.drop_after(4)
    assert history.steps() == (0, 4)


def train(trainer, folder, archive=None, **more):
    archive = archive or Archive(folder, trainer.history)
    for event in autosaving(trainer.run(), Ring(folder), archive):
        for kind, act in more.items():
            if type(event).__name__ == kind:
                act(event)
    return trainer


def same(one, other):
    assert one.steps() == other.steps()
    for a, b in zip(one.moments(), other.moments(), strict=True):
        assert a.weights.keys() == b.weights.keys()
        assert all(torch.equal(x, b.weights[name]) for name, x in a.weights.items())


def test_a_run_is_remembered_with_its_batch_norm(bars, small):
    trainer = Trainer(bars, small, SETTINGS)
    seen = {}
    for event in trainer.run():
        if isinstance(event, events.StepDone):
            state = trainer.network.state_dict()
            seen[event.step] = {name: x.clone() for name, x in state.items()}
    history = trainer.history
    # 240 images in batches of 40, six times: the first 20 steps, then every fourth
    assert history.steps() == (*range(21), 24, 28, 32, 36)
    for moment in history.moments()[1:]:
        for name, x in moment.weights.items():
            assert torch.equal(x, seen[moment.step][name]), (moment.step, name)
    assert "layers.norm1.running_var" in history.at(7).weights


def test_remembering_changes_nothing_of_the_run(bars, small):
    results = []
    for history in (History(), History(memory=0)):
        trainer = Trainer(bars, small, SETTINGS, history=history)
        list(trainer.run())
        results.append(trainer.log.steps.since(0)[:, :3].tolist())
    assert results[0] == results[1]


def test_a_folder_holds_the_history(bars, small, tmp_path):
    trainer = train(Trainer(bars, small, SETTINGS), tmp_path)
    recording = history_file.read(tmp_path)
    assert recording is not None and recording.faults == ()
    assert (recording.spec, recording.shape) == (small, (1, 12, 12))
    assert recording.class_names == bars.class_names
    same(recording.history, trainer.history)


def test_a_resumed_run_adds_to_its_history(bars, small, tmp_path):
    first = Trainer(bars, small, SETTINGS)
    train(first, tmp_path, StepDone=lambda e: e.step == 10 and first.controls.stop())
    state, _ = Ring(tmp_path).newest()
    second = Trainer(
        bars, small, SETTINGS, resume=state, history=history_file.resumed(tmp_path, state)
    )
    assert second.history.steps() == tuple(range(state.position.step + 1))
    train(second, tmp_path)
    whole = Trainer(bars, small, SETTINGS)
    list(whole.run())
    same(second.history, whole.history)
    same(history_file.read(tmp_path).history, whole.history)


def test_only_what_is_new_is_written(tmp_path, bars, small):
    network = Trainer(bars, small, SETTINGS)
    state, history, archive = network.state(), History(), Archive(tmp_path)

    def keep(steps):
        for step in steps:
            history.keep(step, state.weights)
        archive.save(history, state)
        return [path.name for path in sorted(tmp_path.glob(history_file.PATTERN))]

    assert len(keep(range(5))) == 1
    assert len(keep([])) == 1
    assert len(keep(range(5, 8))) == 2
    same(history_file.read(tmp_path).history, history)
    history.drop_after(3)  # a run that went back
    assert len(keep([4, 5])) == 1
    same(history_file.read(tmp_path).history, history)


def test_thinning_leaves_no_more_than_twice_the_bound_on_disk(tmp_path, bars, small):
    state = Trainer(bars, small, SETTINGS).state()
    history, archive = History(most=8), Archive(tmp_path)
    for step in range(300):
        if history.wants(step):
            history.keep(step, state.weights)
            archive.save(history, state)
            assert len(list(tmp_path.glob(history_file.PATTERN))) <= 16
    kept = {moment.step for moment in history_file.read(tmp_path).history.moments()}
    assert set(history.steps()) <= kept


def test_a_damaged_file_costs_only_its_own_moments(bars, small, tmp_path):
    trainer = Trainer(bars, small, SETTINGS)
    state, history, archive = trainer.state(), History(), Archive(tmp_path)
    for steps in (range(3), range(3, 6)):
        for step in steps:
            history.keep(step, state.weights)
        archive.save(history, state)
    first, second = sorted(tmp_path.glob(history_file.PATTERN))
    second.write_bytes(second.read_bytes()[:-100])
    recording = history_file.read(tmp_path)
    assert recording.history.steps() == (0, 1, 2) and second.name in recording.faults[0]
    first.write_bytes(b"nothing")
    assert history_file.read(tmp_path) is None


def test_a_history_of_another_network_is_not_gone_on_with(bars, small, tmp_path):
    train(Trainer(bars, small, SETTINGS), tmp_path)
    other = replace(small, layers=small.layers[3:])
    state = Trainer(bars, other, SETTINGS).state()
    assert len(history_file.resumed(tmp_path, state)) == 0
    assert len(history_file.resumed(tmp_path / "nowhere", state)) == 0
