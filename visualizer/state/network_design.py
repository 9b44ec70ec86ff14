"""The network the user builds: its settings, and the intents that change them. Needs no torch."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path as File
from typing import Any

from psygnal import Signal

from visualizer.core.kernels import Kernel, resized
from visualizer.core.saving import whole
from visualizer.learning import editing
from visualizer.learning.files import brief
from visualizer.learning.layers import (
    Activation,
    BadNetwork,
    BatchNorm,
    Convolution,
    Dense,
    Dropout,
    FixedFilter,
    Flatten,
    GlobalAverage,
    Layer,
    Pool,
    Resize,
    Shape,
    Skip,
)
from visualizer.learning.networks import PRESETS, QUICK, NetworkSpec, from_plain, to_plain
from visualizer.learning.wiring import Node, Path
from visualizer.state.model import Model

AS_DATA = ""
LONGEST_NAME = 60
MUTED = "muted"
OWN = "by hand"
_LARGEST_FILE = 10_000_000
_FORMAT, _VERSION = "cnn-visualizer network", 1

# What the data that are named on the command line hold: (C, H, W) and the number of classes.
_HELD: dict[str, tuple[Shape, int]] = {
    "digits": ((1, 28, 28), 10),
    "shapes": ((3, 32, 32), 6),
    "mnist": ((1, 28, 28), 10),
    "fashion-mnist": ((1, 28, 28), 10),
    "kmnist": ((1, 28, 28), 10),
    "cifar10": ((3, 32, 32), 10),
    "svhn": ((3, 32, 32), 10),
}
# Other images a network can be looked at with: key, (C, H, W), classes.
IMAGES: dict[str, tuple[Shape, int]] = {
    "grey": ((1, 28, 28), 10),
    "colour": ((3, 32, 32), 10),
    "small": ((3, 64, 64), 10),
    "large": ((3, 224, 224), 1000),
}

# What each kind of layer is when it is put in.
NEW_LAYERS: dict[str, Callable[[], Layer]] = {
    "conv": lambda: Convolution(16, 3, padding="same"),
    "relu": Activation,
    "pool": Pool,
    "norm": BatchNorm,
    "dropout": lambda: Dropout(0.25),
    "flatten": Flatten,
    "dense": lambda: Dense(64),
    "mean": GlobalAverage,
    "resize": lambda: Resize(32, 32),
    "skip": lambda: Skip((Convolution(16, 3, padding="same"), Activation())),
}


@dataclass(frozen=True)
class Design:
    """What the user has chosen on the Network page.

    Attributes:
        spec: the network.
        images: a key of IMAGES, or AS_DATA: what the Train page learns from.
        tried: filters by hand in the first convolution, which training would change again; those
            that are frozen are part of the network.
        chosen: the path of the layer that was selected last. To select another is no edit, but
            undo and redo bring back the one that went with the network.
    """

    spec: NetworkSpec = QUICK
    images: str = AS_DATA
    tried: tuple[FixedFilter, ...] = ()
    chosen: Path = field(default=(0,), compare=False)

    def __post_init__(self) -> None:
        if self.images not in (AS_DATA, *IMAGES):
            raise ValueError(f"There are no images {self.images!r}.")

    @property
    def selected(self) -> Path:
        """Where the selected layer stands: the chosen one, or what is there instead.

        That is the nearest before it; () in a network without layers.
        """
        paths = [node.path for node in self.spec.nodes()]
        if self.chosen in paths:
            return self.chosen
        return max([path for path in paths if path <= self.chosen] or paths[:1], default=())

    @property
    def first(self) -> Node | None:
        """The first convolution, or None without one."""
        nodes = self.spec.nodes()
        return next((node for node in nodes if isinstance(node.layer, Convolution)), None)

    @property
    def frozen(self) -> tuple[FixedFilter, ...]:
        """The filters of the first convolution that training leaves as they are."""
        first = self.first
        return first.layer.fixed if first and isinstance(first.layer, Convolution) else ()

    @property
    def by_hand(self) -> dict[int, FixedFilter]:
        """Every filter that was not learned, by its index."""
        return {given.index: given for given in (*self.tried, *self.frozen)}


class DesignModel(Model[Design]):
    """The network being built, and the layer that is selected.

    `selected` is a path; `selection_changed(path)` follows when another layer of the same network
    is selected.
    """

    selection_changed = Signal(tuple)

    def __init__(self) -> None:
        super().__init__(Design())

    @property
    def spec(self) -> NetworkSpec:
        """The network."""
        return self.settings.spec

    @property
    def selected(self) -> Path:
        """Where the selected layer stands; () in a network without layers."""
        return self.settings.selected

    @property
    def layer(self) -> Layer | None:
        """The selected layer."""
        return editing.layer_at(self.spec, self.selected) if self.selected else None

    def select(self, path: Path) -> None:
        """Select another layer: no edit, and `changed` is not told, as the network is the same."""
        if path != self.selected:
            self._settings = replace(self.settings, chosen=path)
            self.selection_changed.emit(path)

    # Intents

    def add(self, kind: str) -> None:
        """Put a new layer behind the selected one; a skip connection goes around it instead.

        Raises ValueError for what cannot be inside a skip connection.
        """
        path = self.selected
        if kind == "skip" and isinstance(self.layer, Convolution | Dense | Pool | Activation):
            self._take(editing.skip_around(self.spec, path), "skip connection", path)
            return
        slot = (*path[:-1], path[-1] + 1) if path else (0,)
        self._take(editing.inserted(self.spec, slot, NEW_LAYERS[kind]()), f"add {kind}", slot)

    def remove(self) -> None:
        """Take the selected layer out."""
        if self.selected:
            self._take(editing.removed(self.spec, self.selected), "remove layer")

    def duplicate(self) -> None:
        """Put the selected layer in once more, behind itself."""
        if self.layer is not None:
            slot = (*self.selected[:-1], self.selected[-1] + 1)
            self._take(editing.inserted(self.spec, slot, self.layer), "duplicate layer", slot)

    def move_by(self, step: int) -> None:
        """Move the selected layer one place up (−1) or down (1)."""
        if self.selected:
            spec, path = editing.moved_by(self.spec, self.selected, step)
            self._take(spec, "move layer", path)

    def move_to(self, slot: Path) -> None:
        """Move the selected layer to a slot. Raises ValueError where it cannot be."""
        if self.selected:
            spec, path = editing.moved(self.spec, self.selected, slot)
            self._take(spec, "move layer", path)

    def change(self, merge: str = "", **values: Any) -> None:
        """Change the selected layer. Raises ValueError with a sentence for what cannot be."""
        if self.layer is not None:
            layer = replace(self.layer, **values)
            label = next(iter(values)).replace("_", " ")
            self._take(editing.replaced(self.spec, self.selected, layer), label, merge=merge)

    # Filters by hand

    def put(self, given: FixedFilter, label: str, merge: str = "") -> None:
        """Give a filter of the first convolution these numbers; frozen, it stays frozen."""
        is_frozen = any(other.index == given.index for other in self.settings.frozen)
        self._put(given.index, given, is_frozen, label, merge)

    def freeze(self, given: FixedFilter, on: bool) -> None:
        """Keep a filter at these numbers while training, or let it learn from them on."""
        self._put(given.index, given, on, "freeze filter" if on else "let filter learn")

    def reset(self, index: int) -> None:
        """Give a filter back what it has learned."""
        self._put(index, None, False, "reset filter")

    def _put(
        self, index: int, given: FixedFilter | None, frozen: bool, label: str, merge: str = ""
    ) -> None:
        first, settings = self.settings.first, self.settings
        if first is None or not isinstance(first.layer, Convolution):
            return
        tried, fixed = (
            [other for other in some if other.index != index]
            for some in (settings.tried, settings.frozen)
        )
        if given is not None:
            (fixed if frozen else tried).append(given)
        layer = replace(first.layer, fixed=tuple(sorted(fixed, key=lambda x: x.index)))
        spec = editing.replaced(self.spec, first.path, layer)
        if spec.layers != self.spec.layers:
            spec = replace(spec, name=own_name(spec.name))
        self.edit(label, merge, spec=spec, tried=tuple(sorted(tried, key=lambda x: x.index)))

    def take(self, spec: NetworkSpec, label: str) -> None:
        """Take a whole other network: a preset, one from a file, or one that was mended."""
        self._take(spec, label)

    def rename(self, name: str) -> None:
        """Give the network another name; an empty one changes nothing."""
        name = " ".join(name.split())[:LONGEST_NAME]
        if name:
            self.edit("name", spec=replace(self.spec, name=name))

    def _take(self, spec: NetworkSpec, label: str, path: Path | None = None, **how: Any) -> None:
        if spec.layers != self.spec.layers and spec.name == self.spec.name:
            spec = replace(spec, name=own_name(spec.name))
        chosen = self.selected if path is None else path
        self.edit(label, spec=spec, tried=self._still_tried(spec), chosen=chosen, **how)
        if path is not None:
            self.select(path)  # also where layers that are alike have changed places: no edit

    def _still_tried(self, spec: NetworkSpec) -> tuple[FixedFilter, ...]:
        """Return the filters by hand that another network has room for."""
        first = Design(spec).first
        if first is None or not isinstance(first.layer, Convolution):
            return ()
        layer = first.layer
        return tuple(
            given
            for given in self.settings.tried
            if given.shape[1:] == layer.sides and given.index < (layer.channels or given.index + 1)
        )


def own_name(name: str) -> str:
    """Return what a network is called that is no longer the preset of this name."""
    return f"My {name}" if name in {spec.name for spec in PRESETS.values()} else name


def bare(spec: NetworkSpec) -> tuple[Layer, ...]:
    """Return the layers of a network as if no filter were frozen."""
    first = Design(spec).first
    if first is None or not isinstance(first.layer, Convolution):
        return spec.layers
    return editing.replaced(spec, first.path, replace(first.layer, fixed=())).layers


def fitted(kernel: Kernel, index: int, planes: int, sides: tuple[int, int]) -> FixedFilter:
    """Return a kernel as a filter of so many planes, rows and columns.

    It is cropped or filled up with zeros around its centre; one plane serves for all.
    """
    weights = resized(kernel, *sides).with_planes(planes).weights
    return FixedFilter(index, weights.tolist(), 0.0, kernel.name)


def muted(index: int, planes: int, sides: tuple[int, int]) -> FixedFilter:
    """Return a filter whose map is 0 everywhere."""
    zeros = ((((0.0,) * sides[1]),) * sides[0],) * planes
    return FixedFilter(index, zeros, 0.0, MUTED)


def held_by(words: tuple[str, ...]) -> tuple[Shape, int] | None:
    """Return the image shape and the classes of data by their words, or None when nobody knows."""
    return _HELD.get(words[0])


def save(file: File, spec: NetworkSpec) -> None:
    """Write a network as JSON. Raises OSError."""
    document = {"format": _FORMAT, "version": _VERSION, "network": to_plain(spec)}
    with whole(file) as part:
        part.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")


def load(file: File) -> NetworkSpec:
    """Return the network in a file that `save` wrote.

    Raises OSError, and ValueError with one sentence when there is none in it.
    """
    if file.stat().st_size > _LARGEST_FILE:
        raise ValueError("It is larger than any network.")
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        raise ValueError("It is no JSON.") from None
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise ValueError("This JSON is no network saved by this application.")
    if document.get("version") != _VERSION:
        raise ValueError(
            f"It has format version {document.get('version')}, and this application reads "
            f"{_VERSION}; save it again with the same version."
        )
    try:
        return from_plain(document.get("network"))
    except BadNetwork as error:
        raise ValueError(brief(error.reason)) from None
