"""Checkpoints: exact, atomic, and safe to open whatever they hold."""

import errno
import gc
import hashlib
import json
import os
import pickle
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load, save

from visualizer.learning import checkpoint, events, network_file
from visualizer.learning.checkpoint import Ring, autosaving
from visualizer.learning.differences import differences
from visualizer.learning.history_file import Archive
from visualizer.learning.network_file import BadCheckpoint
from visualizer.learning.networks import QUICK
from visualizer.learning.pipeline import PRESETS
from visualizer.learning.settings import TrainingSettings
from visualizer.learning.trainer import Trainer, train

SETTINGS = TrainingSettings(batch_size=20, epochs=1, device="cpu", precision="float32")
HEAD = len(b"CNN Visualizer checkpoint 1\n") + 32


@pytest.fixture
def state(bars, small):
    trainer = Trainer(bars, small, SETTINGS, augment=PRESETS["gentle"])
    trainer.controls.change(dropout=0.3)
    *_, due, _ = trainer.run()
    return due.state


def sealed(body):
    """A file with a right checksum around any body, as an attacker would make it."""
    return b"CNN Visualizer checkpoint 1\n" + hashlib.sha256(body).digest() + body


def tampered(path, change):
    """Rewrite the checkpoint at `path` with `change(tensors, plain)` applied."""
    body = path.read_bytes()[HEAD:]
    tensors = load(body)
    length = int.from_bytes(body[:8], "little")
    plain = json.loads(json.loads(body[8 : 8 + length])["__metadata__"]["state"])
    change(tensors, plain)
    path.write_bytes(sealed(save(tensors, {"state": json.dumps(plain)})))


def test_a_run_goes_through_a_file_and_on_bit_by_bit(bars, small, tmp_path):
    settings = replace(SETTINGS, epochs=2)
    whole = Trainer(bars, small, settings, augment=PRESETS["gentle"])
    list(whole.run())
    first = Trainer(bars, small, settings, augment=PRESETS["gentle"])
    for event in autosaving(first.run(), Ring(tmp_path), Archive(tmp_path)):
        if isinstance(event, events.StepDone) and event.step == 17:
            first.controls.stop()
    stored, faults = Ring(tmp_path).newest()
    assert faults == () and stored.position.step == 17 and stored.spec == small
    second = Trainer(bars, QUICK, TrainingSettings(), resume=stored)
    list(second.run())
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, second.network.state_dict()[name]), name
    for table in ("steps", "validations"):
        one, other = getattr(whole.log, table).since(0), getattr(second.log, table).since(0)
        np.testing.assert_array_equal(one[one[:, 0] != 17], other[other[:, 0] != 17])


def test_everything_stored_comes_back(state, tmp_path):
    path = tmp_path / "x.cnnv"
    checkpoint.write(path, state)
    back = checkpoint.read(path)
    for field in ("spec", "shape", "class_names", "settings", "augmentation", "data", "position"):
        assert getattr(back, field) == getattr(state, field)
    for group in ("weights", "moments"):
        one, other = getattr(state, group), getattr(back, group)
        assert one.keys() == other.keys() and all(torch.equal(one[n], other[n]) for n in one)
    assert back.log.marks == state.log.marks != []
    np.testing.assert_array_equal(back.log.steps.since(0), state.log.steps.since(0))


def test_every_kind_of_damage_is_found(state, tmp_path):
    path = tmp_path / "x.cnnv"
    checkpoint.write(path, state)
    good = path.read_bytes()
    generator = np.random.default_rng(0)
    for place in [0, 30, HEAD, *generator.integers(0, len(good), 40)]:
        damaged = bytearray(good)
        damaged[place] ^= 1 << int(generator.integers(8))
        path.write_bytes(damaged)
        with pytest.raises(BadCheckpoint, match=r"x\.cnnv"):
            checkpoint.read(path)
    for length in [0, 5, HEAD - 1, HEAD, HEAD + 20, len(good) - 1]:
        path.write_bytes(good[:length])
        with pytest.raises(BadCheckpoint):
            checkpoint.read(path)
    path.write_bytes(good)
    assert checkpoint.read(path).position == state.position


def _set(where, value):
    def change(tensors, plain):
        *path, last = where
        for key in path:
            plain = plain[key]
        plain[last] = value

    return change


def _tensor(name, value):
    return lambda tensors, plain: tensors.update({name: value})


WEIGHT = "weights.layers.conv1.weight"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_tensor(WEIGHT, torch.full((6, 1, 3, 3), torch.nan)), "finite"),
        (_tensor(WEIGHT, torch.zeros(6, 1, 5, 5)), "conv1.weight"),
        (_tensor(WEIGHT, torch.zeros(6, 1, 3, 3, dtype=torch.float64)), "conv1.weight"),
        (lambda t, p: t.pop(WEIGHT), "missing"),
        (_tensor("weights.extra", torch.zeros(1)), "not of the network"),
        (_tensor("moments.0.exp_avg", torch.zeros(1)), "fit its weights"),
        (_tensor("moments.99.exp_avg", torch.zeros(1)), "no place"),
        (_tensor("moments.0.exp_avg", torch.full((6, 1, 3, 3), torch.inf)), "finite"),
        (_tensor("log.steps", torch.zeros(4, 9)), "columns"),
        (_set(["network", "layers", 0, "channels"], 60_000), "conv1"),
        (_set(["network", "layers", 0, "kernel"], 10**9), "kernel"),
        (_set(["network", "layers"], []), "layers"),
        (_set(["network", "layers", 0, "type"], "__import__"), "network"),
        (_set(["network"], None), "network"),
        (_set(["shape"], [1, 10**6, 10**6]), "image size"),
        (_set(["shape"], ["1", 12, 12]), "image size"),
        (_set(["class_names"], ["x"] * 20_000), "classes"),
        (_set(["class_names"], ["x"]), "single class"),
        (_set(["class_names"], [1, 2, 3]), "text"),
        (_set(["settings", "learning_rate"], float("nan")), "learning rate"),
        (_set(["settings", "extra"], 1), "extra"),
        (_set(["position", "step"], -1), "position"),
        (_set(["position", "seconds"], float("inf")), "time"),
        (_set(["marks"], [{"step": "x"}]), "mark"),
        (_set(["augmentation", "operations", 0, "kind"], "explode"), "explode"),
        (_set(["augmentation", "operations", 1, "high"], 1e9), "Shear"),
        (_set(["augmentation", "border"], 7), "border"),
        (_set(["augmentation", "fill"], 7), "fill"),
        (lambda t, p: p.pop("position"), "position"),
    ],
)
def test_a_hostile_file_with_a_right_checksum_is_refused(state, tmp_path, change, words):
    path = tmp_path / "x.cnnv"
    checkpoint.write(path, state)
    tampered(path, change)
    with pytest.raises(BadCheckpoint, match=words):
        checkpoint.read(path)


class Bomb:
    def __reduce__(self):
        return (os.mkdir, ("hit",))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff" * 100,
        (10**15).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"{}",
        (4).to_bytes(8, "little") + b"[[[[",
        pickle.dumps(Bomb()),
    ],
)
def test_anything_but_a_checkpoint_is_refused_and_nothing_runs(body, tmp_path, monkeypatch, state):
    monkeypatch.chdir(tmp_path)
    for data in (body, sealed(body)):
        (tmp_path / "x.cnnv").write_bytes(data)
        with pytest.raises(BadCheckpoint):
            checkpoint.read(tmp_path / "x.cnnv")
        with pytest.raises(BadCheckpoint):
            checkpoint.read_weights(tmp_path / "x.cnnv")
    assert not (tmp_path / "hit").exists()


def test_a_deeply_nested_header_is_refused(tmp_path):
    text = b"[" * 200_000
    (tmp_path / "x.cnnv").write_bytes(sealed(len(text).to_bytes(8, "little") + text))
    with pytest.raises(BadCheckpoint):
        checkpoint.read(tmp_path / "x.cnnv")


def test_a_missing_or_enormous_file_is_said(tmp_path):
    with pytest.raises(BadCheckpoint, match="cannot be read"):
        checkpoint.read(tmp_path / "none.cnnv")
    with (tmp_path / "large.cnnv").open("wb") as file:
        file.truncate(network_file.LARGEST_FILE + 1)  # sparse: takes no room
    with pytest.raises(BadCheckpoint, match="too large"):
        checkpoint.read(tmp_path / "large.cnnv")


def test_weights_are_a_plain_safetensors_file(state, tmp_path):
    path = tmp_path / "weights.safetensors"
    checkpoint.write_weights(path, state)
    with safe_open(path, framework="numpy") as file:
        assert set(file.keys()) == set(state.weights)
    spec, shape, names, weights = checkpoint.read_weights(path)
    assert (spec, shape, names) == (state.spec, state.shape, state.class_names)
    assert all(torch.equal(weights[name], x) for name, x in state.weights.items())
    assert differences(spec, QUICK)


def test_the_ring_keeps_the_one_before(state, tmp_path):
    ring = Ring(tmp_path / "new" / "folder")
    with pytest.raises(BadCheckpoint, match="no checkpoint"):
        ring.newest()
    written = []
    for step in range(1, 5):
        written.append(ring.save(replace(state, position=replace(state.position, step=step))))
        time.sleep(0.01)
    assert written[0] == written[2] != written[1] == written[3]
    assert ring.newest()[0].position.step == 4
    written[3].write_bytes(written[3].read_bytes()[:-1])
    stored, faults = ring.newest()
    assert stored.position.step == 3 and "damaged" in faults[0]
    written[2].write_bytes(b"")
    with pytest.raises(BadCheckpoint):
        ring.newest()


@pytest.fixture
def small_disk(tmp_path):
    """A real disk of 64 KiB where one may be mounted, else a real limit on the size of files."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    try:
        is_mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        is_mounted = False
    if is_mounted:
        yield folder
        subprocess.run(["umount", str(folder)], check=True)
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, before[1]))
    yield folder
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_warns_once_keeps_the_old_file_and_training_goes_on(
    bars, small, state, small_disk
):
    ring = Ring(small_disk)
    kept = ring.save(state)
    before = kept.read_bytes()
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * (65_536 - 8_192 - 2 * len(before) // 4096 * 4096))
    wide = Trainer(bars, with_many_units(small), replace(SETTINGS, epochs=4))
    stream = list(autosaving(wide.run(), ring, Archive(ring.folder)))
    warnings = [event for event in stream if isinstance(event, events.NotSaved)]
    assert len(warnings) == 1 and "disk is full" in warnings[0].reason
    assert isinstance(stream[-1], events.Finished) and stream[-1].step == 48
    assert kept.read_bytes() == before and ring.newest()[0].position == state.position
    assert sorted(path.name for path in small_disk.iterdir()) == [kept.name, "filler"]
    filler.unlink()


def test_a_disk_with_room_for_checkpoints_only_is_told_of_once(bars, small, tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Archive, "save", refuse)
    monkeypatch.setattr("visualizer.learning.trainer.SECONDS_BETWEEN_EPOCH_CHECKPOINTS", 0)
    monkeypatch.setattr("visualizer.learning.trainer.SECONDS_BETWEEN_HISTORIES", 0)
    trainer = Trainer(bars, small, replace(SETTINGS, epochs=3))
    stream = list(autosaving(trainer.run(), Ring(tmp_path), Archive(tmp_path)))
    assert sum(isinstance(event, events.Saved) for event in stream) > 1
    assert sum(isinstance(event, events.NotSaved) for event in stream) == 1


def with_many_units(spec):
    from visualizer.learning.networks import with_width

    return with_width(spec, 40)


WRITER = """
import sys
from pathlib import Path
from visualizer.learning.files import write_atomically
blocks = [bytes([n]) * 3_000_000 for n in range(256)]
print("ready", flush=True)
n = 0
while True:
    write_atomically(Path(sys.argv[1]), blocks[n % 256])
    n += 1
"""


def test_a_writer_killed_at_any_moment_leaves_a_whole_file(tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(b"\0" * 3_000_000)
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.25)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    data = path.read_bytes()
    assert len(data) == 3_000_000 and len(set(data)) == 1 and data[0] > 0


def test_saving_never_changes_the_run(bars, small, tmp_path):
    plain = Trainer(bars, small, SETTINGS)
    list(plain.run())
    saved = Trainer(bars, small, SETTINGS)
    assert any(
        isinstance(e, events.Saved)
        for e in autosaving(saved.run(), Ring(tmp_path), Archive(tmp_path))
    )
    for name, value in plain.network.state_dict().items():
        assert torch.equal(value, saved.network.state_dict()[name])


def test_saving_a_log_that_grows_leaves_nothing_in_memory(state, tmp_path):
    ring, kept = Ring(tmp_path), []
    for step in range(60):
        state.log.steps.append(1000 + step, 1.0, 0.5, 0.01)
        ring.save(state)
        if step in (9, 59):
            gc.collect()
            kept.append(len(gc.get_objects()))
    assert kept[1] - kept[0] < 50  # less than one for each save


def test_each_minute_a_checkpoint_is_due(bars, small, monkeypatch):
    from visualizer.learning import trainer as module

    monkeypatch.setattr(module, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    stream = list(train(bars, small, SETTINGS))
    due = [e.state.position.step for e in stream if isinstance(e, events.CheckpointDue)]
    assert due == sorted(due) and len(due) == 12


def test_the_history_is_saved_with_checkpoints_but_not_with_each(bars, small, monkeypatch):
    from visualizer.learning import trainer as module

    monkeypatch.setattr(module, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    for seconds, times in ((0.0, 13), (1000.0, 1)):  # and once at the end
        monkeypatch.setattr(module, "SECONDS_BETWEEN_HISTORIES", seconds)
        due = [e for e in train(bars, small, SETTINGS) if isinstance(e, events.HistoryDue)]
        assert len(due) == times


def test_the_end_of_an_epoch_is_saved_but_not_many_times_a_second(bars, small, monkeypatch):
    from visualizer.learning import trainer as module

    def due(seconds):
        monkeypatch.setattr(module, "SECONDS_BETWEEN_EPOCH_CHECKPOINTS", seconds)
        stream = train(bars, small, replace(SETTINGS, epochs=4))
        return [e.state.position.step for e in stream if isinstance(e, events.CheckpointDue)]

    assert due(0.0) == [12, 24, 36, 48]
    assert due(1000.0) == [12, 48]
