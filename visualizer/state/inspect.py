"""What is chosen on the Inspect page: whom to ask, about which picture, and how it is prepared."""

from dataclasses import dataclass, replace
from typing import Literal

from visualizer.core.ink import Step
from visualizer.core.strokes import Stroke
from visualizer.learning.corrections import Correction, Corrections, Own, PartName
from visualizer.state.model import Model

Shows = Literal["drawing", "picture", "image"]

ON_SHOW = ""  # the network on show on the Train page, or else that of the newest run
NONE = Corrections()
PREDICTED = -1  # the class that the network names


@dataclass(frozen=True)
class InspectSettings:
    """All that can be undone.

    Attributes:
        network: ON_SHOW, the name of a run's folder, or the path of a file.
        shows: the drawing, the picture of the Image page, or a validation image.
        strokes: the drawing.
        image: index of the validation image.
        switched: the steps that are not as is usual for such a picture.
        method, layer, target, overlay: of the heat map: how it is found, the layer of Grad-CAM
            ("" for the last maps), the class or PREDICTED, how strongly it covers the picture.
        part: which images "image" counts: "validation" or "train".
        corrections: of labels, and drawings added to the data.
        rival: whom to compare with, as `network`; "" for nobody.
        fool, epsilon, tiles: how to fool it: by "noise" of this size, 0 to 1, or by "tiles" in
            this order.
    """

    network: str = ON_SHOW
    shows: Shows = "drawing"
    strokes: tuple[Stroke, ...] = ()
    image: int = 0
    switched: frozenset[Step] = frozenset()
    method: str = "grad-cam"
    layer: str = ""
    target: int = PREDICTED
    overlay: float = 0.6
    part: PartName = "validation"
    corrections: Corrections = NONE
    rival: str = ""
    fool: str = "noise"
    epsilon: float = 0.1
    tiles: tuple[int, ...] = tuple(range(9))


class InspectModel(Model[InspectSettings]):
    """The choices of the Inspect page."""

    def __init__(self, corrections: Corrections) -> None:
        super().__init__(InspectSettings(corrections=corrections))

    def relabel(self, data: str, image: str, label: int) -> None:
        """Say which class an image really is of."""
        change = Correction(data, image, label)
        self.edit("relabel", corrections=self.settings.corrections.with_change(change))

    def exclude(self, data: str, image: str) -> None:
        """Leave an image out."""
        change = Correction(data, image, None)
        self.edit("exclude image", corrections=self.settings.corrections.with_change(change))

    def take_back(self, data: str, image: str) -> None:
        """Undo what was said about an image, at any time."""
        left = self.settings.corrections.without(data, image)
        self.edit("take back correction", corrections=left)

    def keep_drawing(self, own: Own) -> None:
        """Add a drawing to the data."""
        known = self.settings.corrections
        self.edit("keep drawing", corrections=replace(known, own=(*known.own, own)))

    def drop_drawing(self, own: Own) -> None:
        """Take a drawing out of the data."""
        known = self.settings.corrections
        left = tuple(other for other in known.own if other is not own)
        self.edit("drop drawing", corrections=replace(known, own=left))

    def draw(self, stroke: Stroke) -> None:
        """Add a stroke."""
        label = "erasing" if stroke.erases else "stroke"
        self.edit(label, shows="drawing", strokes=(*self.settings.strokes, stroke))

    def clear(self) -> None:
        """Begin a new drawing."""
        self.edit("clear drawing", shows="drawing", strokes=())

    def move(self, x: float, y: float, scale: float, turn: complex, merge: str = "") -> None:
        """Move the whole drawing, see `Stroke.moved`."""
        strokes = tuple(stroke.moved(x, y, scale, turn) for stroke in self.settings.strokes)
        self.edit("move drawing", merge, shows="drawing", strokes=strokes)

    def switch(self, step: Step) -> None:
        """Take a step that was left out, or leave it out."""
        self.edit("step", switched=self.settings.switched ^ {step})
