"""What every file of learned weights has in common: the network it is for, read with suspicion."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from safetensors import SafetensorError
from safetensors.numpy import save
from torch import Tensor

from visualizer.learning.checks import all_finite
from visualizer.learning.layers import BadNetwork, Shape
from visualizer.learning.modules import build
from visualizer.learning.networks import NetworkSpec, from_plain, to_plain

LARGEST_FILE = 4_000_000_000
STATE = "state"  # the entry of the metadata that holds the JSON
_MOST_CLASSES = 10_000


class BadCheckpoint(Exception):
    """A file that cannot be used; `reason` is one sentence naming it, the fault and a remedy."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


# What reading a file that is not what it should be may raise.
FAULTS = (
    BadNetwork,
    SafetensorError,
    ValueError,
    KeyError,
    TypeError,
    RuntimeError,
    RecursionError,
)


class Described(Protocol):
    """What says which network weights belong to, such as a RunState."""

    @property
    def spec(self) -> NetworkSpec:
        """The network."""

    @property
    def shape(self) -> Shape:
        """(C, H, W) of its images."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """What it tells apart."""


def network_to_plain(state: Described) -> dict[str, Any]:
    """Return the network as plain values, for the metadata."""
    return {
        "network": to_plain(state.spec),
        "shape": list(state.shape),
        "class_names": list(state.class_names),
    }


def network_from_plain(plain: dict[str, Any]) -> tuple[NetworkSpec, Shape, tuple[str, ...]]:
    """Return spec, shape and class names. Raises ValueError, LookupError, TypeError, BadNetwork."""
    shape = tuple(plain["shape"])
    if len(shape) != 3 or not all(type(n) is int and 1 <= n <= 4096 for n in shape):
        raise ValueError("its image size is none")
    names = tuple(text(name) for name in plain["class_names"])
    if len(names) == 1:
        raise ValueError("it knows a single class, so there is nothing to tell apart")
    if not 2 <= len(names) <= _MOST_CLASSES:
        raise ValueError(f"it has {len(names)} classes")
    return from_plain(plain["network"]), shape, names


def packed(tensors: Mapping[str, Tensor], plain: dict[str, Any] | None = None) -> bytes:
    """Return a safetensors file of `tensors`, laid out row by row, with `plain` as its state.

    By way of numpy: what safetensors has for torch takes four times as long, and makes a type for
    each number of bytes, which Python keeps for ever; a log that grows has another with every save.
    """
    arrays = {name: x.detach().cpu().contiguous().numpy() for name, x in tensors.items()}
    return save(arrays, None if plain is None else {STATE: json.dumps(plain)})


def state_of(safetensors: bytes) -> dict[str, Any]:
    """Read the JSON among the metadata: a length of 8 bytes, then the header of that length."""
    length = int.from_bytes(safetensors[:8], "little")
    if length > len(safetensors) - 8:
        raise ValueError("its header is longer than the file")
    header = json.loads(safetensors[8 : 8 + length])
    plain = json.loads(header["__metadata__"][STATE])
    if not isinstance(plain, dict):
        raise ValueError("its state is no table")
    return plain


def check_weights(
    spec: NetworkSpec, shape: Shape, classes: int, weights: dict[str, Tensor]
) -> None:
    """Raise ValueError unless `weights` are finite and exactly those of the network."""
    check_shapes(build(spec, shape, classes).state_dict(), weights)
    if not all_finite(weights):
        raise ValueError("some weights are not finite numbers")


def check_shapes(expected: Mapping[str, Tensor], weights: Mapping[str, Tensor]) -> None:
    """Raise ValueError unless `weights` have the names, shapes and types of `expected`."""
    if expected.keys() != weights.keys():
        odd = sorted(expected.keys() ^ weights.keys())[0]
        raise ValueError(f"{odd[:60]} is {'missing' if odd in expected else 'not of the network'}")
    for name, x in expected.items():
        if x.shape != weights[name].shape or x.dtype != weights[name].dtype:
            raise ValueError(f"{name} does not have the shape or type that the network gives it")


def text(value: object) -> str:
    """Return `value`, if it is a text of reasonable length. Raises ValueError."""
    if not isinstance(value, str) or len(value) > 1000:
        raise ValueError("a text in it is none")
    return value


def bytes_of(path: Path) -> bytes:
    """Return what is in a file. Raises BadCheckpoint when it cannot be read or is too large."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadCheckpoint(f"{path.name} is too large to be a network; choose another file.")
        return path.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise BadCheckpoint(f"{path} cannot be read: {why}; choose another file.") from None


def fault(path: Path, error: Exception) -> str:
    """Return in one sentence why a file cannot be used."""
    what = f"there is no {error}" if isinstance(error, KeyError) else str(error).rstrip(".")
    return f"{path.name} cannot be used: {what[:300]}; choose another file."
