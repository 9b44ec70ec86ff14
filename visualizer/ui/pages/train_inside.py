"""One image through the network: the probe, every layer's maps, the dense layers, the answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QToolButton, QWidget

from visualizer.learning.layers import (
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Layer,
    Pool,
    Skip,
)
from visualizer.learning.networks import NetworkSpec
from visualizer.learning.wiring import INPUT, Node
from visualizer.ui import icons
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.pages.train_experiment import set_icon
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.drop_place import DropPlace
from visualizer.ui.widgets.fields import LabelledChoice
from visualizer.ui.widgets.map_mosaic import MapMosaic
from visualizer.ui.widgets.map_scale import ends_of
from visualizer.ui.widgets.mosaic_overlays import Mark
from visualizer.ui.widgets.probability_bars import ProbabilityBars

if TYPE_CHECKING:
    from visualizer.learning.snapshot import Snapshot

SCALES = (
    ("shared", "Shared scale", "One colour scale for all maps of a layer"),
    ("each", "Each its own", "A colour scale for each map: faint ones show too"),
    ("locked", "Locked scale", "The scale of this moment stays: growing maps grow brighter"),
)
_MOST_STAGES = 8
_MOST_BANDS = 3
_STAGES_A_PART = 2


@dataclass(frozen=True)
class Stage:
    """A layer worth showing: its name in a snapshot, and what to call it."""

    name: str
    title: str
    signed: bool


def stages(spec: NetworkSpec) -> tuple[Stage, ...]:
    """Return what is worth showing of a network, in order; not its last layer.

    These are the activations, the poolings, and convolutions that no activation follows at once.
    """
    nodes = spec.nodes()
    found: list[Stage] = []
    since: list[str] = []  # what has happened since the last maps with a name of their own
    signed = {INPUT: True}
    for node in nodes:
        name, layer = node.name, node.layer
        signed[name] = _is_signed(layer, any(signed[source] for source in node.sources))
        if isinstance(layer, Convolution | Dense | Skip):
            since = [name]
            if isinstance(layer, Convolution) and not _is_activated(name, nodes):
                found.append(Stage(name, name, True))
        elif isinstance(layer, BatchNorm):
            since.append("norm")
        elif isinstance(layer, Pool):
            number = name.removeprefix(layer.kind)
            since = [f"pool {number}"]
            found.append(Stage(name, f"{layer.pooling}-pool {number}", signed[name]))
        elif isinstance(layer, Activation):
            kind = {"relu": "ReLU"}.get(layer.name, layer.name)
            title = " → ".join([*since, kind]) if len(since) > 1 else f"{since[-1]} + {kind}"
            found.append(Stage(name, title, signed[name]))
    return tuple(found)


def _is_activated(name: str, nodes: tuple[Node, ...]) -> bool:
    """Whether an activation comes next, apart from batch norm and the end of a skip connection."""
    following = next((node for node in nodes if name in node.sources), None)
    if following is not None and isinstance(following.layer, BatchNorm | Skip):
        return _is_activated(following.name, nodes)
    return following is not None and isinstance(following.layer, Activation)


def _is_signed(layer: Layer, before: bool) -> bool:
    """Whether a layer's output may be below zero, where its input may or may not."""
    match layer:
        case Activation():
            return before and layer.name not in ("relu", "sigmoid")
        case Pool():
            return before and layer.pooling in ("max", "average")
        case Convolution() | Dense() | BatchNorm():
            return True
        case _:
            return before


Box = tuple[int | None, tuple[int, int, int, int]]


class InsideView(DropPlace):
    """Shows the newest snapshot. `tools` belong above it. An enlarged map has it all to itself.

    Signals:
        probeWanted(int): the validation image this many places on, or back, as the probe.
        pictureWanted(): the picture of the Image page as the probe.
        numberPicked(str, tuple): the number of this layer at this place was clicked; the layer is
            INPUT for the image and "softmax" for the answer.
    """

    probeWanted = Signal(int)
    pictureWanted = Signal()
    drop_text = "Drop to send it through the network"
    numberPicked = Signal(str, tuple)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._stages: tuple[Stage, ...] = ()
        self._spec: NetworkSpec | None = None
        self._mosaics: dict[str, MapMosaic] = {}
        self._ends: dict[str, tuple[float, float]] = {}  # of the locked scale, by layer
        self._leads = True  # the scale is not that of another view
        self._snapshot: Snapshot | None = None
        self._classes: tuple[str, ...] = ()
        self._label: int | None = None
        self._heading = self._caption = ""
        self.input = MapMosaic(theme, "input", noun="image")
        self.input.set_picking(True)
        self.input.picked.connect(lambda _tile, *at: self._pick_pixel(at))
        self.bars = ProbabilityBars(theme)
        self.bars.setToolTip("Click a class to see how its probability came about")
        self.bars.picked.connect(lambda i: self.numberPicked.emit("softmax", (i,)))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(10)
        self.scales = LabelledChoice(theme, "", SCALES, name="Colour scale", tip="Colour scale")
        leave_focus(self.scales)
        self.scales.currentChanged.connect(self._set_scale)
        self.tools = self._make_tools()
        theme.changed.connect(self._restyle)
        self._restyle()
        self._arrange()

    def show_network(self, spec: NetworkSpec, classes: tuple[str, ...]) -> None:
        """Make room for the layers of `spec`."""
        if spec == self._spec and classes == self._classes:
            return
        self._spec, self._classes = spec, classes
        self._stages = stages(spec)
        self._snapshot = None
        if self._leads:
            self._ends.clear()
        for mosaic in self._mosaics.values():
            self._grid.removeWidget(mosaic)
            mosaic.deleteLater()
        self._mosaics = {stage.name: MapMosaic(self._theme, stage.title) for stage in self._stages}
        for name, mosaic in self._mosaics.items():
            mosaic.setParent(self)  # or it would flash up as a window of its own
            mosaic.set_picking(True)
            mosaic.set_shared(self.scales.current() != "each")
            mosaic.picked.connect(partial(self._pick, name))
            mosaic.enlargedChanged.connect(self._make_room)
        self._empty()
        self.bars.set_names(classes)
        self._arrange()

    def colour_as(self, other: "InsideView") -> None:
        """Take the colour scale of another view from now on, a locked one with its ends."""
        self._ends, self._leads = other._ends, False
        other.scales.currentChanged.connect(self._follow_scale)

    def show_probe(self, probe: npt.NDArray[np.uint8], caption: str, label: int | None) -> None:
        """Show the probe image (C, H, W) before anything is known about it."""
        self._label, self._caption = label, caption
        self.input.set_images(probe[None])
        self.bars.set_names(self._classes)
        self._show_title()

    def parts(self, snapshot: "Snapshot") -> list[Callable[[], object]]:
        """Return what shows what a network makes of the probe, to be called part by part."""
        if not all(stage.name in snapshot.activations for stage in self._stages):
            return []  # of a network that is no longer the one on show
        self._snapshot = snapshot
        parts: list[Callable[[], object]] = [
            partial(self._show_stages, self._stages[i : i + _STAGES_A_PART])
            for i in range(0, len(self._stages), _STAGES_A_PART)
        ]
        if len(snapshot.probabilities) == len(self._classes):
            answer = partial(self.bars.set_probabilities, snapshot.probabilities, self._label)
            parts.append(answer)
        return parts

    def clear(self) -> None:
        """Show no image either, and no classes: nobody knows them."""
        self._label, self._caption = None, ""
        self.input.clear()
        self._show_title()
        self.show_nothing()
        self.bars.set_names(())

    def show_nothing(self) -> None:
        """Show no maps and no answer: the network has been asked nothing."""
        self._snapshot = None
        self._empty()
        self.bars.set_names(())
        self.bars.set_names(self._classes)

    def _empty(self) -> None:
        """Show no numbers, in the very room that they would take."""
        for stage in self._stages:
            mosaic = self._mosaics[stage.name]
            if self._is_list(stage):
                mosaic.set_units(np.zeros(0, np.float32), signed=stage.signed)
            else:
                mosaic.set_maps(np.zeros((0, 1, 1), np.float32), signed=stage.signed)

    def set_heading(self, text: str) -> None:
        """Say before what the probe is called what is on show; "": the present."""
        self._heading = text
        self._show_title()

    def heading(self) -> str:
        """Return what is on show; "": the present."""
        return self._heading

    def _show_title(self) -> None:
        self.input.set_title(" · ".join(filter(None, (self._heading, self._caption))))

    def set_marks(self, boxes: Mapping[str, Box]) -> None:
        """Outline cells: by layer the tile (None: all) and top, left, rows and columns."""
        for name, mosaic in ((INPUT, self.input), *self._mosaics.items()):
            found = boxes.get(name)
            mosaic.set_marks([] if found is None else [Mark(found[0], *found[1])])

    def _pick(self, layer: str, tile: int, row: int, column: int) -> None:
        is_list = self._snapshot is not None and self._snapshot.activations[layer].ndim == 1
        self.numberPicked.emit(layer, (column,) if is_list else (tile, row, column))

    def _pick_pixel(self, at: tuple[int, ...]) -> None:
        self.numberPicked.emit(INPUT, (0, *at))

    def _show_stages(self, some: tuple[Stage, ...]) -> None:
        for stage in some:
            if stage in self._stages:  # or another network was chosen in the meantime
                self._show_stage(stage)

    def _show_stage(self, stage: Stage) -> None:
        if self._snapshot is None:
            return
        values = self._snapshot.activations[stage.name]
        mosaic = self._mosaics[stage.name]
        if not mosaic.isVisibleTo(self):
            return
        ends = self._locked(stage, values) if self.scales.current() == "locked" else None
        if values.ndim == 1:
            mosaic.set_units(values, signed=stage.signed, ends=ends)
        else:
            mosaic.set_maps(values, signed=stage.signed, ends=ends)

    def _locked(self, stage: Stage, values: npt.NDArray) -> tuple[float, float]:
        """Return the ends of a layer's locked scale: those of what is shown of it first."""
        if stage.name not in self._ends:
            self._ends[stage.name] = ends_of(values, signed=stage.signed)
        return self._ends[stage.name]

    def _set_scale(self, key: str) -> None:
        self._ends.clear()
        self._follow_scale(key)

    def _follow_scale(self, key: str) -> None:
        self.scales.set_current(key)
        for stage in self._stages:
            self._mosaics[stage.name].set_shared(key != "each")
        if self._snapshot is not None:
            for part in self.parts(self._snapshot):
                part()

    def _make_tools(self) -> QWidget:
        self._buttons: list[tuple[QToolButton, str]] = []
        tools = QWidget(self)  # until it is placed: nothing else would delete it
        row = QHBoxLayout(tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addStretch(1)
        for icon, name, tip, wish in (
            ("chevron-left", "Previous image", "The validation image before", -1),
            ("chevron-right", "Next image", "The next validation image", 1),
            ("image-outline", "Picture on show", "The picture of the Image page as the probe", 0),
        ):
            button = QToolButton()
            button.setAccessibleName(name)
            button.setToolTip(tip)
            leave_focus(button)
            signal = self.pictureWanted.emit if wish == 0 else lambda w=wish: self._want(w)
            button.clicked.connect(lambda _checked=False, s=signal: s())
            self._buttons.append((button, icon))
            row.addWidget(button)
        row.addWidget(self.scales)
        return tools

    def _want(self, step: int) -> None:
        self.probeWanted.emit(step)

    def _make_room(self) -> None:
        """Give an enlarged map the whole view, or show everything again, as it is now."""
        self._arrange()
        self._show_stages(self._stages)

    def _arrange(self) -> None:
        """Maps in a grid with the input first and the answer last; lists as bands below."""
        while self._grid.count():
            self._grid.takeAt(0)
        maps = [s for s in self._stages if not self._is_list(s)]
        bands = [s for s in self._stages if self._is_list(s)][-_MOST_BANDS:]
        cells = [self.input, *(self._mosaics[s.name] for s in maps[:_MOST_STAGES]), self.bars]
        large = next((m for m in self._mosaics.values() if m.enlarged() is not None), None)
        if large is not None:
            cells, bands = [large], []
        shown = [*cells, *(self._mosaics[s.name] for s in bands)]
        columns = len(cells) if len(cells) < 3 else 3 if len(cells) <= 6 else 4
        for i, cell in enumerate(cells):
            row, column = divmod(i, columns)
            rest = columns - column if cell is self.bars else 1  # long bars where there is room
            self._grid.addWidget(cell, row, column, 1, rest)
        rows = -(-len(cells) // columns)
        for i, stage in enumerate(bands):
            self._grid.addWidget(self._mosaics[stage.name], rows + i, 0, 1, columns)
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, 1 if row < rows else 0)
        for column in range(4):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        for widget in (self.input, *self._mosaics.values(), self.bars):
            widget.setVisible(widget in shown)

    def _is_list(self, stage: Stage) -> bool:
        """Whether a stage comes after the maps have been made a list."""
        assert self._spec is not None
        nodes = self._spec.nodes()
        names = [node.name for node in nodes]
        kinds = [node.layer.kind for node in nodes[: names.index(stage.name)]]
        return "flatten" in kinds or "mean" in kinds

    def _restyle(self) -> None:
        for button, icon in self._buttons:
            icons.fit(self._theme, button, side=15)
            set_icon(button, icon, self._theme)
