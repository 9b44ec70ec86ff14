"""Runs and weights as files: written atomically, read with suspicion.

A checkpoint is a line of magic, a SHA-256 of the rest, and a safetensors file: tensors, and the
state as JSON among its metadata. Nothing in it can run code, and no size in it is believed before
it has been compared with the network it claims to be.
"""

import errno
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from visualizer.learning.augmentation import Augmentation, Border, Operation
from visualizer.learning.checks import all_finite
from visualizer.learning.events import CheckpointDue, Event, NotSaved, Saved
from visualizer.learning.files import write_atomically
from visualizer.learning.layers import BadNetwork, Shape
from visualizer.learning.log import STEP_COLUMNS, VALIDATION_COLUMNS, Log, Rows
from visualizer.learning.modules import build
from visualizer.learning.networks import NetworkSpec, from_plain, to_plain
from visualizer.learning.optimizers import make_optimizer, set_moments
from visualizer.learning.run_state import Position, RunState
from visualizer.learning.settings import TrainingSettings

LARGEST_FILE = 4_000_000_000
_MAGIC = b"CNN Visualizer checkpoint 1\n"
_DIGEST = hashlib.sha256().digest_size
_MOST_CLASSES = 10_000
_STATE = "state"


class BadCheckpoint(Exception):
    """A file that cannot be used; `reason` is one sentence naming it, the fault and a remedy."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def write(path: Path, state: RunState) -> None:
    """Save `state` as `path`, whole or not at all. Raises OSError; what was there then stays."""
    write_atomically(path, _packed(state))


def read(path: Path) -> RunState:
    """Return the run stored in `path`. Raises BadCheckpoint."""
    data = _bytes_of(path)
    body = memoryview(data)[len(_MAGIC) + _DIGEST :]
    if not data.startswith(_MAGIC):
        raise BadCheckpoint(f"{path.name} is not a checkpoint of this program; choose another.")
    if hashlib.sha256(body).digest() != data[len(_MAGIC) : len(_MAGIC) + _DIGEST]:
        raise BadCheckpoint(f"{path.name} is damaged: its checksum is wrong; use an older one.")
    try:
        return _unpacked(bytes(body))
    except _FAULTS as error:
        raise BadCheckpoint(_fault(path, error)) from None


def write_weights(path: Path, state: RunState) -> None:
    """Save only the network, as a plain safetensors file that other programs read too."""
    metadata = {_STATE: json.dumps(_network_to_plain(state))}
    weights = {name: _plain(x) for name, x in state.weights.items()}
    write_atomically(path, save(weights, metadata))


def read_weights(path: Path) -> tuple[NetworkSpec, Shape, tuple[str, ...], dict[str, Tensor]]:
    """Return the network, its image shape, its class names and weights. Raises BadCheckpoint."""
    data = _bytes_of(path)
    try:
        plain = _state_of(data)
        spec, shape, names = _network_from_plain(plain)
        weights = load(data)
        _check_weights(spec, shape, len(names), weights)
    except _FAULTS as error:
        raise BadCheckpoint(_fault(path, error)) from None
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


def autosaving(stream: Iterable[Event], ring: Ring) -> Iterator[Event]:
    """Pass events on, and save when a checkpoint is due: Saved or NotSaved comes in its place.

    A full disk is said once; the run goes on and every later moment is tried again.
    """
    has_warned = False
    for event in stream:
        if not isinstance(event, CheckpointDue):
            yield event
            continue
        step = event.state.position.step
        try:
            path = ring.save(event.state)
        except OSError as error:
            if not has_warned:
                yield NotSaved(step, _why_not_saved(ring.folder, error))
            has_warned = True
        else:
            has_warned = False
            yield Saved(step, str(path))


# Between a run and bytes

_FAULTS = (
    BadNetwork,
    SafetensorError,
    ValueError,
    KeyError,
    TypeError,
    RuntimeError,
    RecursionError,
)


def _packed(state: RunState) -> bytes:
    plain = {
        **_network_to_plain(state),
        "settings": asdict(state.settings),
        "augmentation": asdict(state.augmentation) if state.augmentation else None,
        "data": state.data,
        "position": asdict(state.position),
        "marks": state.log.marks,
    }
    tensors = {
        "log.steps": torch.from_numpy(state.log.steps.since(0)),
        "log.validations": torch.from_numpy(state.log.validations.since(0)),
    }
    for prefix, group in (("weights", state.weights), ("moments", state.moments)):
        tensors |= {f"{prefix}.{name}": _plain(x) for name, x in group.items()}
    body = save(tensors, {_STATE: json.dumps(plain)})
    return _MAGIC + hashlib.sha256(body).digest() + body


def _unpacked(body: bytes) -> RunState:
    plain = _state_of(body)
    spec, shape, names = _network_from_plain(plain)
    settings = TrainingSettings(**plain["settings"])
    tensors = load(body)
    weights, moments = (_under(prefix, tensors) for prefix in ("weights.", "moments."))
    _check_weights(spec, shape, len(names), weights)
    if not all_finite(moments):
        raise ValueError("the optimizer's memory holds numbers that are not finite")
    set_moments(make_optimizer(build(spec, shape, len(names)), settings), moments)
    log = Log()
    log.steps.extend(_rows(tensors["log.steps"], STEP_COLUMNS))
    log.validations.extend(_rows(tensors["log.validations"], VALIDATION_COLUMNS))
    log.marks.extend(_mark(mark) for mark in plain["marks"])
    return RunState(
        spec=spec,
        shape=shape,
        class_names=names,
        settings=settings,
        augmentation=_augmentation(plain["augmentation"]),
        data=_text(plain["data"]),
        position=_position(plain["position"]),
        weights=weights,
        moments=moments,
        log=log,
    )


def _network_to_plain(state: RunState) -> dict[str, Any]:
    return {
        "network": to_plain(state.spec),
        "shape": list(state.shape),
        "class_names": list(state.class_names),
    }


def _network_from_plain(plain: dict[str, Any]) -> tuple[NetworkSpec, Shape, tuple[str, ...]]:
    shape = tuple(plain["shape"])
    if len(shape) != 3 or not all(type(n) is int and 1 <= n <= 4096 for n in shape):
        raise ValueError("its image size is none")
    names = tuple(_text(name) for name in plain["class_names"])
    if not 2 <= len(names) <= _MOST_CLASSES:
        raise ValueError(f"it has {len(names)} classes")
    return from_plain(plain["network"]), shape, names


def _state_of(safetensors: bytes) -> dict[str, Any]:
    """Read the JSON among the metadata: a length of 8 bytes, then the header of that length."""
    length = int.from_bytes(safetensors[:8], "little")
    if length > len(safetensors) - 8:
        raise ValueError("its header is longer than the file")
    header = json.loads(safetensors[8 : 8 + length])
    plain = json.loads(header["__metadata__"][_STATE])
    if not isinstance(plain, dict):
        raise ValueError("its state is no table")
    return plain


def _check_weights(
    spec: NetworkSpec, shape: Shape, classes: int, weights: dict[str, Tensor]
) -> None:
    """Raise ValueError unless `weights` are finite and exactly those of the network."""
    expected = build(spec, shape, classes).state_dict()
    if expected.keys() != weights.keys():
        odd = sorted(expected.keys() ^ weights.keys())[0]
        raise ValueError(f"{odd[:60]} is {'missing' if odd in expected else 'not of the network'}")
    for name, x in expected.items():
        if x.shape != weights[name].shape or x.dtype != weights[name].dtype:
            raise ValueError(f"{name} does not have the shape or type that the network gives it")
    if not all_finite(weights):
        raise ValueError("some weights are not finite numbers")


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


def _augmentation(plain: dict[str, Any] | None) -> Augmentation | None:
    if plain is None:
        return None
    operations = tuple(Operation(**operation) for operation in plain["operations"])
    if plain["border"] not in get_args(Border):
        raise ValueError("its augmentation has an unknown border")
    return Augmentation(_text(plain["name"]), operations, plain["border"])


def _mark(plain: dict[str, Any]) -> dict[str, Any]:
    if type(plain["step"]) is not int:
        raise ValueError("a mark of its log has no step")
    return {"step": plain["step"], **{k: _text(plain[k]) for k in ("name", "before", "after")}}


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 1000:
        raise ValueError("a text in it is none")
    return value


def _plain(x: Tensor) -> Tensor:
    """As the file holds it: on the CPU, row by row."""
    return x.detach().cpu().contiguous()


def _age(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else -1


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadCheckpoint(f"{path.name} is too large to be a network; choose another file.")
        return path.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise BadCheckpoint(f"{path} cannot be read: {why}; choose another file.") from None


def _fault(path: Path, error: Exception) -> str:
    what = f"there is no {error}" if isinstance(error, KeyError) else str(error).rstrip(".")
    return f"{path.name} cannot be used: {what[:300]}; choose another file."


def _why_not_saved(folder: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        why = "the disk is full; make room"
    else:
        why = f"{error.strerror or error}; check the folder"
    return f"The run could not be saved in {folder}: {why}. Training goes on, the last save stays."
