"""Changing a network layer by layer: each function returns a new spec, and knows no data.

A layer is named by its path, see `wiring`. A slot is the path a layer would have if it were put in
there; slots come in the order in which layers are listed.
"""

from dataclasses import replace
from typing import Any

from visualizer.learning.layers import Layer, Skip
from visualizer.learning.networks import NetworkSpec
from visualizer.learning.wiring import BLOCK, SHORTCUT, Path


def layer_at(spec: NetworkSpec, path: Path) -> Layer:
    """Return the layer at `path`. Raises IndexError where there is none."""
    return _sequence(spec, path[:-1])[path[-1]]


def replaced(spec: NetworkSpec, path: Path, layer: Layer) -> NetworkSpec:
    """Return `spec` with another layer at `path`."""
    return _spliced(spec, path, 1, (layer,))


def inserted(spec: NetworkSpec, slot: Path, *layers: Layer) -> NetworkSpec:
    """Return `spec` with layers put in at `slot`. Raises ValueError for a skip inside a skip."""
    return _spliced(spec, slot, 0, layers)


def removed(spec: NetworkSpec, path: Path) -> NetworkSpec:
    """Return `spec` without a layer; a skip connection goes with the last layer it goes around."""
    return _spliced(spec, _what_goes(spec, path), 1, ())


def slots(spec: NetworkSpec) -> tuple[Path, ...]:
    """Return every slot, in the order of the layers' list."""
    found: list[Path] = []
    for i, layer in enumerate(spec.layers):
        found.append((i,))
        if isinstance(layer, Skip):
            found += ((i, BLOCK, j) for j in range(len(layer.block) + 1))
            if layer.shortcut:
                found += ((i, SHORTCUT, j) for j in range(len(layer.shortcut) + 1))
    return (*found, (len(spec.layers),))


def moved(spec: NetworkSpec, path: Path, slot: Path) -> tuple[NetworkSpec, Path]:
    """Return `spec` with the layer at `path` put in at `slot`, and its path there.

    Raises ValueError for a skip inside a skip, and for the only layer that a skip goes around when
    it is to go to the way around.
    """
    grown = inserted(spec, slot, layer_at(spec, path))
    gone = _what_goes(grown, _shifted(path, slot, 1))
    if len(slot) > len(gone) and slot[: len(gone)] == gone:
        raise ValueError("A skip connection needs a layer to go around.")
    return _spliced(grown, gone, 1, ()), _shifted(slot, gone, -1)


def moved_by(spec: NetworkSpec, path: Path, step: int) -> tuple[NetworkSpec, Path]:
    """Return `spec` with a layer one slot up (−1) or down (1), in and out of skips, and its path.

    At either end nothing changes.
    """
    ways = slots(spec)
    here = ways.index(path if step < 0 else (*path[:-1], path[-1] + 1))
    for slot in ways[:here][::-1] if step < 0 else ways[here + 1 :]:
        try:
            return moved(spec, path, slot)
        except ValueError:
            continue
    return spec, path


def skip_around(spec: NetworkSpec, path: Path, count: int = 1) -> NetworkSpec:
    """Return `spec` with a skip connection around `count` layers from `path` on.

    Raises ValueError where there is a skip connection already.
    """
    i = path[0]
    if len(path) != 1:
        raise ValueError("There can be no skip connection inside another.")
    block: Any = spec.layers[i : i + count]
    return _spliced(spec, path, len(block), (Skip(block),))


def dissolved(spec: NetworkSpec, path: Path) -> NetworkSpec:
    """Return `spec` with the layers of the skip connection at `path`, but no way around them."""
    skip = layer_at(spec, path)
    return _spliced(spec, path, 1, skip.block if isinstance(skip, Skip) else (skip,))


def _sequence(spec: NetworkSpec, place: Path) -> tuple[Layer, ...]:
    """Return the layers that stand in a row: all of the network, or of one branch of a skip."""
    if not place:
        return spec.layers
    skip = spec.layers[place[0]]
    if not isinstance(skip, Skip):
        raise IndexError(place)
    return skip.block if place[1] == BLOCK else skip.shortcut


def _spliced(spec: NetworkSpec, path: Path, count: int, layers: tuple[Layer, ...]) -> NetworkSpec:
    """Return `spec` with `count` layers from `path` on replaced."""
    *place, i = path
    row = _sequence(spec, tuple(place))
    changed: Any = (*row[:i], *layers, *row[i + count :])
    if not place:
        return replace(spec, layers=changed)
    skip = spec.layers[place[0]]
    assert isinstance(skip, Skip)
    part = {"block": changed} if place[1] == BLOCK else {"shortcut": changed}
    return _spliced(spec, (place[0],), 1, (replace(skip, **part),))


def _what_goes(spec: NetworkSpec, path: Path) -> Path:
    """Return the path of what goes with a layer: itself, or the skip that it would leave empty."""
    is_last = path[1:2] == (BLOCK,) and len(_sequence(spec, path[:-1])) == 1
    return path[:1] if is_last else path


def _shifted(path: Path, at: Path, by: int) -> Path:
    """Return `path` after a layer came in at `at` (by 1) or went there (by −1)."""
    i = len(at) - 1
    is_in_row = len(path) > i and path[:i] == at[:i]
    if not is_in_row or path[i] < at[i] + (by < 0):
        return path
    return (*path[:i], path[i] + by, *path[i + 1 :])
