"""What the network has learned and what it is fed: the kernels, and the batch of the last step."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy

from visualizer.learning.layers import Convolution
from visualizer.learning.networks import NetworkSpec
from visualizer.learning.pipeline import OWN
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.fields import LabelledChoice
from visualizer.ui.widgets.map_mosaic import MapMosaic
from visualizer.ui.widgets.map_scale import ends_of

if TYPE_CHECKING:
    from visualizer.learning.snapshot import Snapshot

SHOWN_IMAGES = 12
_NOTHING = np.zeros((0, 1, 1), np.float32)


class KernelsCard(Card):
    """The kernels of one convolution.

    Signals:
        weightPicked(str, tuple): this layer's weight at (filter, channel, row, column) was clicked.
    """

    weightPicked = Signal(str, tuple)

    def __init__(self, theme: Theme) -> None:
        super().__init__("Kernels")
        self._snapshot: Snapshot | None = None
        self._is_locked = False
        self._leader: KernelsCard | None = None  # whose layer and scale are shown here
        self._ends: dict[str, tuple[float, float]] = {}  # of the locked scale, by layer
        self._layer = LabelledChoice(theme, "", name="Layer", tip="Whose kernels to show")
        self._layer.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        leave_focus(self._layer)
        self._layer.currentChanged.connect(lambda _key: self._show())
        self.mosaic = MapMosaic(theme, "", noun="kernel plane")
        self.mosaic.setAccessibleName("Kernels")
        self.mosaic.set_picking(True)
        self.mosaic.setToolTip("Click a weight to take one gradient step by hand")
        self.mosaic.picked.connect(self._pick)
        self.top.addWidget(self._layer)
        self.body.addWidget(self.mosaic, 1)

    def follow(self, other: "KernelsCard") -> None:
        """Show the layer that another card shows from now on, a locked scale with its ends."""
        self._ends, self._leader = other._ends, other
        self._layer.hide()
        other._layer.currentChanged.connect(self._follow_layer)

    def fit(self) -> None:
        """Lay the kernels out as the card does that is followed."""
        if self._leader is not None:
            self.mosaic.setFixedSize(self._leader.mosaic.size())

    def show_network(self, spec: NetworkSpec) -> None:
        """Offer the convolutions of `spec`."""
        names = [node.name for node in spec.nodes() if isinstance(node.layer, Convolution)]
        self._snapshot = None
        if self._leader is None:
            self._ends.clear()
        self._layer.set_options([(name, name) for name in names])
        self._layer.setVisible(bool(names) and self._leader is None)
        self.note.setText("" if names else "this network has none")
        self.mosaic.set_maps(_NOTHING)

    def layer(self) -> str:
        """Return the convolution whose kernels are on show, or ""."""
        return self._layer.current()

    def show_snapshot(self, snapshot: "Snapshot") -> None:
        """Show what has been learned."""
        self._snapshot = snapshot
        self._show()

    def set_scale(self, key: str) -> None:
        """Lock the colour scale of this moment where that is wanted of the maps, or let it go."""
        self._is_locked = key == "locked"
        if self._leader is None:
            self._ends.clear()
        self._show()

    def _follow_layer(self, name: str) -> None:
        self._layer.set_current(name)
        self._show()

    def _pick(self, tile: int, row: int, column: int) -> None:
        name = self._layer.current()
        kernels = self._snapshot.kernels.get(name) if self._snapshot else None
        if kernels is not None:
            planes = kernels.shape[1]
            is_colour = planes == 3  # one tile for all three: the first stands for them
            filter_, plane = (tile, 0) if is_colour else divmod(tile, planes)
            self.weightPicked.emit(name, (filter_, plane, row, column))

    def _show(self) -> None:
        name = self._layer.current()
        kernels = self._snapshot.kernels.get(name) if self._snapshot else None
        if kernels is not None:
            if self._is_locked and name not in self._ends:
                self._ends[name] = ends_of(kernels, signed=True)
            self.mosaic.set_kernels(kernels, self._ends.get(name))
            if self._leader is not None:
                self.heading.setText(f"Kernels of {name}")


class BatchCard(Card):
    """The first images of the last batch, as they were fed, and as they are in the data."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("This batch, as fed")
        self._classes: tuple[str, ...] = ()
        self.fed = MapMosaic(theme, "as fed", noun="image")
        self.originals = MapMosaic(theme, "in the data", noun="image")
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(self.fed, 1)
        row.addWidget(self.originals, 1)
        self.body.addLayout(row, 1)

    def show_classes(self, classes: tuple[str, ...]) -> None:
        """Name the labels."""
        self._classes = classes

    def clear(self) -> None:
        """Show no images: none have been fed."""
        self.fed.clear()
        self.originals.clear()

    def show_augmentation(self, name: str) -> None:
        """Say what is done to the images."""
        words = "as on the Augment page" if name == OWN else f"augmentation: {name}"
        self.note.setText("not augmented" if name == "none" else words)

    def show_snapshot(self, snapshot: "Snapshot") -> None:
        """Show the images of the step before the snapshot."""
        count = min(SHOWN_IMAGES, len(snapshot.labels))
        if count == 0 or max(snapshot.labels[:count]) >= len(self._classes):
            return
        names = [self._classes[i] for i in snapshot.labels[:count]]
        self.fed.set_images(snapshot.fed[:count], names)
        self.originals.set_images(snapshot.originals[:count], names)
