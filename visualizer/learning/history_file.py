"""The history of a run on disk: a few safetensors files, each with the moments new since the last.

A file that is not whole is left out: the history is then poorer, and the run is none the worse.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from weakref import ReferenceType, ref

from safetensors.torch import load
from torch import Tensor

from visualizer.learning.files import write_atomically
from visualizer.learning.history import MEMORY, MOST_MOMENTS, History, Moment
from visualizer.learning.layers import Shape
from visualizer.learning.modules import build
from visualizer.learning.network_file import (
    FAULTS,
    BadCheckpoint,
    Described,
    bytes_of,
    check_shapes,
    fault,
    network_from_plain,
    network_to_plain,
    packed,
    state_of,
)
from visualizer.learning.networks import NetworkSpec
from visualizer.learning.run_state import RunState

PATTERN = "history-*.safetensors"
_WHOLE = "whole"  # the file holds all there is; older ones are of no use any more


@dataclass(frozen=True, eq=False)
class Recording:
    """A history, and the network it is of.

    Attributes:
        spec, shape, class_names: as in a RunState.
        history: the moments.
        faults: one sentence for each file that could not be used.
    """

    spec: NetworkSpec
    shape: Shape
    class_names: tuple[str, ...]
    history: History
    faults: tuple[str, ...] = ()


class Archive:
    """Saves the history of one run in its folder, adding what is new each time."""

    def __init__(self, folder: Path, history: History | None = None) -> None:
        """`history` is what `read` has found there, when a run goes on."""
        self._folder = folder
        # By step; without keeping alive what the history lets go.
        self._saved: dict[int, ReferenceType[Moment]] = {}
        if history is not None:
            self._note(history.moments())

    def save(self, history: History, network: Described) -> None:
        """Write what is not there yet. Raises OSError; what was there then stays."""
        moments = history.moments()
        new = [moment for moment in moments if not self._has(moment)]
        if not new:
            return
        left = {moment.step for moment in moments}
        # What was thinned out may lie about for a while; what was taken back may not.
        is_taken_back = any(history.wants(step) for step in self._saved.keys() - left)
        is_replaced = any(moment.step in self._saved for moment in new)
        is_full = len(self._saved) + len(new) > 2 * history.capacity
        old = sorted(self._folder.glob(PATTERN))
        number = 1 + (_number(old[-1]) if old else 0)
        whole = is_taken_back or is_replaced or is_full or not self._saved
        written = moments if whole else tuple(new)
        path = self._folder / f"history-{number:06}.safetensors"
        self._folder.mkdir(parents=True, exist_ok=True)
        plain = {**network_to_plain(network), _WHOLE: whole}
        write_atomically(path, packed(_named(written), plain))
        if whole:
            self._saved.clear()
            for path in old:
                path.unlink(missing_ok=True)
        self._note(written)

    def _note(self, moments: Iterable[Moment]) -> None:
        self._saved |= {moment.step: ref(moment) for moment in moments}

    def _has(self, moment: Moment) -> bool:
        saved = self._saved.get(moment.step)
        return saved is not None and saved() is moment


def read(folder: Path) -> Recording | None:
    """Return the history kept in `folder`, all of it; None when there is none that can be used."""
    found: list[tuple[NetworkSpec, Shape, tuple[str, ...]]] = []
    moments: dict[int, Moment] = {}
    faults: list[str] = []
    for path in sorted(folder.glob(PATTERN)):
        try:
            network, new, whole = _read(path)
            if found and found[-1] != network and not whole:
                raise ValueError("it belongs to another network")
        except BadCheckpoint as error:
            faults.append(error.reason)
        except FAULTS as error:
            faults.append(fault(path, error))
        else:
            if whole:
                moments.clear()
            found.append(network)
            moments |= new
    if not found:
        return None
    size = sum(moment.size for moment in moments.values())
    history = History(max(MOST_MOMENTS, len(moments)), max(MEMORY, size))
    history.extend(moments[step] for step in sorted(moments))
    return Recording(*found[-1], history, tuple(faults))


def resumed(folder: Path, state: RunState, memory: int = MEMORY) -> History:
    """Return the history of a run that goes on from `state`, as far as it fits into `memory` bytes.

    It is empty where what is kept is of another network. What is saved there and cannot be used is
    written anew at the next save.
    """
    recording, history = read(folder), History(memory=memory)
    if recording is None:
        return history
    moments = recording.history.moments()
    try:
        for moment in moments:
            check_shapes(state.weights, moment.weights)
    except ValueError:
        return history
    history.extend(moments)
    return history


def _named(moments: tuple[Moment, ...]) -> dict[str, Tensor]:
    return {f"{m.step}/{name}": x for m in moments for name, x in m.weights.items()}


def _number(path: Path) -> int:
    digits = path.stem.rpartition("-")[2]
    return int(digits) if digits.isdecimal() else 0


def _read(path: Path) -> tuple[tuple[NetworkSpec, Shape, tuple[str, ...]], dict[int, Moment], bool]:
    """Return the network, its moments, and whether the file holds all there is."""
    data = bytes_of(path)
    plain = state_of(data)
    spec, shape, names = network_from_plain(plain)
    expected = build(spec, shape, len(names)).state_dict()
    weights: dict[int, dict[str, Tensor]] = {}
    for key, x in load(data).items():
        step, _, name = key.partition("/")
        if not step.isdecimal():
            raise ValueError(f"{key[:40]!r} belongs to no step")
        weights.setdefault(int(step), {})[name] = x
    for some in weights.values():
        check_shapes(expected, some)
    moments = {step: Moment(step, some) for step, some in weights.items()}
    return (spec, shape, names), moments, plain.get(_WHOLE) is True
