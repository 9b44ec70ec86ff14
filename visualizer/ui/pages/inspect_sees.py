"""What the network sees: the way from the drawing to its input, each step to be switched off."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal

from visualizer.core.display import Palette, signed
from visualizer.core.ink import Seen, Stage
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.stage_strip import StageStrip, Tile

_TIPS: dict[str, str] = {
    "invert": "Dark ink on light paper becomes light on dark, as the network is used to",
    "crop": "The ink fills as much of the square as in the images the network has learned from",
    "centre": "The ink's centre of mass comes into the middle",
    "resize": "The size the network takes, as soft as its images; off: the middle is cut out",
    "grey": "One number a pixel; off: of colours the first alone, where only one is taken",
    "normalise": "Minus the mean of the training images, divided by their deviation",
}
_SHORT = {"invert": "invert", "crop": "crop", "centre": "centre", "normalise": "normalise"}


class SeesCard(Card):
    """Shows the strip of steps.

    Signals:
        switched(str): take this step, or leave it out.
    """

    switched = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__("What the network sees")
        self._theme = theme
        self._seen: Seen | None = None
        self.note.setText("the way from the drawing to the network's input")
        self.strip = StageStrip(theme)
        self.strip.switched.connect(self.switched)
        self.body.addWidget(self.strip)
        theme.changed.connect(self._show)

    def show_seen(self, seen: Seen) -> None:
        """Show the way of one picture."""
        self._seen = seen
        self.note.setText("click a step to leave it out")
        self._show()

    def _show(self) -> None:
        if self._seen is None:
            return
        tiles = []
        for stage in self._seen.stages:
            rgb = to_rgb(stage, self._theme)
            title = _SHORT.get(stage.step, stage.title)
            tiles.append(Tile(stage.step, title, rgb, stage.on, _TIPS.get(stage.step, "")))
        self.strip.set_tiles(tiles)


def to_rgb(stage: Stage, theme: Theme) -> npt.NDArray[np.uint8]:
    """Return a stage's picture as it is painted: numbers around 0 in orange and blue."""
    pixels = stage.pixels
    if pixels.dtype == np.uint8:
        return np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
    if pixels.shape[2] == 1:
        roles = ("negative", "neutral", "positive", "invalid")
        largest = float(np.abs(pixels).max())
        return signed(pixels[:, :, 0], largest, Palette(*(theme.rgb(role) for role in roles)))
    low, high = float(pixels.min()), float(pixels.max())
    return ((pixels - low) / ((high - low) or 1.0) * 255).astype(np.uint8)
