"""Runs and weights as files: written atomically, read with suspicion.

A checkpoint is a line of magic, a SHA-256 of the rest, and a safetensors file: tensors, and the
state as JSON among its metadata. Nothing in it can run code, and no size in it is believed before
it has been compared with the network it claims to be.
"""

import errno
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load
from torch import Tensor

from visualizer.learning import pipeline
from visualizer.learning.checks import all_finite
from visualizer.learning.events import CheckpointDue, Event, HistoryDue, NotSaved, Saved
from visualizer.learning.files import write_atomically
from visualizer.learning.history_file import Archive
from visualizer.learning.layers import Shape
from visualizer.learning.log import STEP_COLUMNS, VALIDATION_COLUMNS, Log, Rows
from visualizer.learning.modules import build
from visualizer.learning.network_file import (
    FAULTS,
    BadCheckpoint,
    bytes_of,
    check_weights,
    fault,
    network_from_plain,
    network_to_plain,
    packed,
    state_of,
    text,
)
from visualizer.learning.networks import NetworkSpec
from visualizer.learning.optimizers import make_optimizer, set_moments
from visualizer.learning.run_state import Position, RunState
from visualizer.learning.settings import TrainingSettings

_MAGIC = b"CNN Visualizer checkpoint 1\n"
_DIGEST = hashlib.sha256().digest_size


def write(path: Path, state: RunState) -> None:
    """Save `state` as `path`, whole or not at all. Raises OSError; what was there then stays."""
    write_atomically(path, _packed(state))


def read(path: Path) -> RunState:
    """Return the run stored in `path`. Raises BadCheckpoint."""
    data = bytes_of(path)
    body = memoryview(data)[len(_MAGIC) + _DIGEST :]
    if not data.startswith(_MAGIC):
        raise BadCheckpoint(f"{path.name} is not a checkpoint of this program; choose another.")
    if hashlib.sha256(body).digest() != data[len(_MAGIC) : len(_MAGIC) + _DIGEST]:
        raise BadCheckpoint(f"{path.name} is damaged: its checksum is wrong; use an older one.")
    try:
        return _unpacked(bytes(body))
    except FAULTS as error:
        raise BadCheckpoint(fault(path, error)) from None


def write_weights(path: Path, state: RunState) -> None:
    """Save only the network, as a plain safetensors file that other programs read too."""
    write_atomically(path, packed(state.weights, network_to_plain(state)))


def read_weights(path: Path) -> tuple[NetworkSpec, Shape, tuple[str, ...], dict[str, Tensor]]:
    """Return the network, its image shape, its class names and weights. Raises BadCheckpoint."""
    data = bytes_of(path)
    try:
        plain = state_of(data)
        spec, shape, names = network_from_plain(plain)
        weights = load(data)
        check_weights(spec, shape, len(names), weights)
    except FAULTS as error:
        raise BadCheckpoint(fault(path, error)) from None
    return spec, shape, names, weights


class Ring:
    """Two checkpoints in a folder, the older overwritten: one is good whatever happens."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._paths = tuple(folder / f"checkpoint-{letter}.cnnv" for letter in "ab")

    def save(self, state: RunState) -> Path:
        """Write over the older of the two and return its path. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = min(self._paths, key=_age)
        write(path, state)
        return path

    def newest(self) -> tuple[RunState, tuple[str, ...]]:
        """Return the newest run that can be read, and what is wrong with a newer one.

        Raises BadCheckpoint when there is none.
        """
        faults: list[str] = []
        for path in sorted(self._paths, key=_age, reverse=True):
            if path.exists():
                try:
                    return read(path), tuple(faults)
                except BadCheckpoint as error:
                    faults.append(error.reason)
        if faults:
            raise BadCheckpoint(" ".join(faults))
        raise BadCheckpoint(f"There is no checkpoint in {self.folder}; start a new run there.")


def autosaving(stream: Iterable[Event], ring: Ring, archive: Archive) -> Iterator[Event]:
    """Pass events on, and save when a checkpoint is due: Saved or NotSaved comes in its place.

    The history is saved when it is due. A full disk is said once, until there is room for both; the
    run goes on and every later moment is tried again.
    """
    unsaved: set[type[Event]] = set()
    for event in stream:
        if not isinstance(event, CheckpointDue | HistoryDue):
            yield event
            continue
        step = event.state.position.step
        try:
            if isinstance(event, HistoryDue):
                archive.save(event.history, event.state)
            else:
                yield Saved(step, str(ring.save(event.state)))
        except OSError as error:
            if not unsaved:
                yield NotSaved(step, _why_not_saved(ring.folder, error))
            unsaved.add(type(event))
        else:
            unsaved.discard(type(event))


# Between a run and bytes


def _packed(state: RunState) -> bytes:
    plain = {
        **network_to_plain(state),
        "settings": asdict(state.settings),
        "augmentation": pipeline.to_plain(state.augmentation) if state.augmentation else None,
        "data": state.data,
        "position": asdict(state.position),
        "marks": state.log.marks,
    }
    tensors = {
        "log.steps": torch.from_numpy(state.log.steps.since(0)),
        "log.validations": torch.from_numpy(state.log.validations.since(0)),
    }
    for prefix, group in (("weights", state.weights), ("moments", state.moments)):
        tensors |= {f"{prefix}.{name}": x for name, x in group.items()}
    body = packed(tensors, plain)
    return _MAGIC + hashlib.sha256(body).digest() + body


def _unpacked(body: bytes) -> RunState:
    plain = state_of(body)
    spec, shape, names = network_from_plain(plain)
    settings = TrainingSettings(**plain["settings"])
    tensors = load(body)
    weights, moments = (_under(prefix, tensors) for prefix in ("weights.", "moments."))
    check_weights(spec, shape, len(names), weights)
    if not all_finite(moments):
        raise ValueError("the optimizer's memory holds numbers that are not finite")
    set_moments(make_optimizer(build(spec, shape, len(names)), settings), moments)
    kept = plain["augmentation"]
    augmentation = None if kept is None else pipeline.from_plain(kept)
    log = Log()
    log.steps.extend(_rows(tensors["log.steps"], STEP_COLUMNS))
    log.validations.extend(_rows(tensors["log.validations"], VALIDATION_COLUMNS))
    log.marks.extend(_mark(mark) for mark in plain["marks"])
    return RunState(
        spec=spec,
        shape=shape,
        class_names=names,
        settings=settings,
        augmentation=augmentation,
        data=text(plain["data"]),
        position=_position(plain["position"]),
        weights=weights,
        moments=moments,
        log=log,
    )


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {n.removeprefix(prefix): x for n, x in tensors.items() if n.startswith(prefix)}


def _rows(tensor: Tensor, columns: tuple[str, ...]) -> Rows:
    if tensor.dtype != torch.float32 or tensor.ndim != 2 or tensor.shape[1] != len(columns):
        raise ValueError("its log does not have the right columns")
    return tensor.numpy()


def _position(plain: dict[str, Any]) -> Position:
    position = Position(**plain)
    whole = (position.step, position.epoch, position.offset, position.images)
    if not all(type(n) is int and 0 <= n < 2**53 for n in whole):
        raise ValueError("its position in the run is none")
    if not isinstance(position.seconds, float) or not 0 <= position.seconds < 1e12:
        raise ValueError("its time is none")
    return position


def _mark(plain: dict[str, Any]) -> dict[str, Any]:
    if type(plain["step"]) is not int:
        raise ValueError("a mark of its log has no step")
    return {"step": plain["step"], **{k: text(plain[k]) for k in ("name", "before", "after")}}


def _age(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else -1


def _why_not_saved(folder: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        why = "the disk is full; make room"
    else:
        why = f"{error.strerror or error}; check the folder"
    return f"The run could not be saved in {folder}: {why}. Training goes on, the last save stays."
