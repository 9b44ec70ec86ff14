"""Why: a heat map of what speaks for a class, by four ways of asking."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from visualizer.state.inspect import PREDICTED, InspectSettings
from visualizer.state.inspect_work import Answer
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.elided_label import ElidedLabel
from visualizer.ui.widgets.fields import LabelledChoice, LabelledSlider
from visualizer.ui.widgets.heat_view import HeatView

if TYPE_CHECKING:
    from visualizer.learning.explain import Heat

METHODS = (
    ("grad-cam", "Grad-CAM", "Where the maps of a layer speak for the class"),
    ("occlusion", "Occlusion", "How far the probability falls when a grey square covers a place"),
    ("saliency", "Saliency", "How much each pixel would move the class's score"),
    ("integrated", "Integrated gradients", "What each pixel adds to the score, coming from black"),
)
_WAITING = "There is no answer to explain yet"
_NOTHING = "no positive evidence for this class"


class WhyCard(Card):
    """Shows what speaks for a class.

    Signals:
        edited(label, merge key, changes): other settings are wanted.
    """

    edited = Signal(str, str, dict)

    def __init__(self, theme: Theme) -> None:
        super().__init__("Why")
        self._classes: tuple[str, ...] = ()
        self.note.hide()
        self.method = LabelledChoice(theme, "", METHODS, name="Method", tip="How to find out")
        self.layer = LabelledChoice(theme, "", [("", "last maps")], name="Layer",
                                    tip="The layer whose maps Grad-CAM goes by")  # fmt: skip
        self.target = LabelledChoice(theme, "", [("-1", "for the answer")], name="Class",
                                     tip="The class that something is to speak for")  # fmt: skip
        self.view = HeatView(theme)
        self.overlay = LabelledSlider(theme, "Overlay", 0, 100, value=60, tip="In percent")
        self.sentence = ElidedLabel(_WAITING, "muted")
        for field, control in (("method", self.method), ("layer", self.layer)):
            control.currentChanged.connect(
                lambda key, field=field: self.edited.emit(field, "", {field: key})
            )
        self.target.currentChanged.connect(
            lambda key: self.edited.emit("class", "", {"target": int(key)})
        )
        self.overlay.valueChanged.connect(
            lambda v: self.edited.emit("overlay", self.overlay.merge_key, {"overlay": v / 100})
        )
        choices = QHBoxLayout()
        choices.setSpacing(6)
        for choice in (self.layer, self.target):
            choices.addWidget(choice, 1)
        for widget in (self.method, self.layer, self.target, self.overlay):
            leave_focus(widget)
        self.top.addWidget(self.method)
        self.body.setSpacing(6)
        self.body.addLayout(choices)
        self.body.addWidget(self.view, 1)
        self.body.addWidget(self.sentence)
        self.body.addWidget(self.overlay)

    def show_network(self, layers: Sequence[str], classes: tuple[str, ...]) -> None:
        """Offer these layers and classes."""
        self._classes = classes
        self.layer.set_options([("", "last maps"), *((name, name) for name in layers)])
        options = [(str(i), f"for {name}") for i, name in enumerate(classes)]
        self.target.set_options([(str(PREDICTED), "for the answer"), *options])

    def show_settings(self, settings: InspectSettings) -> None:
        """Show what is chosen."""
        self.method.set_current(settings.method)
        self.layer.setEnabled(settings.method == "grad-cam")
        for choice, key in ((self.layer, settings.layer), (self.target, str(settings.target))):
            try:
                choice.set_current(key)
            except KeyError:  # of another network
                choice.set_current("" if choice is self.layer else str(PREDICTED))
        self.overlay.set_value(round(100 * settings.overlay))
        self.view.set_strength(settings.overlay)

    def show_answer(self, answer: Answer) -> None:
        """Show the picture; what speaks for the class follows."""
        pixels = answer.seen.pixels.transpose(1, 2, 0)
        self.view.set_picture(np.repeat(pixels, 3, 2) if pixels.shape[2] == 1 else pixels)
        if answer.best is None:
            self.view.set_heat(None, "")
            self.sentence.set_text(_WAITING)

    def show_heat(self, heat: "Heat") -> None:
        """Show a map."""
        name = self._classes[heat.target] if heat.target < len(self._classes) else ""
        what = f"what speaks for {name}"
        if heat.is_nothing:
            why = (
                _NOTHING if heat.layer or heat.method != "grad-cam" else "this network has no maps"
            )
            self.view.set_heat(None, why)
            self.sentence.set_text(f"{what}: nothing")
            return
        self.view.set_heat(heat.values)
        parts = [what, f"at {heat.layer}" if heat.layer else "", "blue: against" * heat.signed,
                 "" if heat.done == 1 else f"{heat.done:.0%}"]  # fmt: skip
        self.sentence.set_text(" · ".join(part for part in parts if part))
