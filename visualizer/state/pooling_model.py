"""The Pooling page's observable settings, and what happens to them when the picture changes."""

from dataclasses import replace
from typing import Any

import numpy as np

from visualizer.core.display import finite_extremes, usual_largest
from visualizer.core.geometry import GeometryError
from visualizer.core.image import Image
from visualizer.core.pool_window import RANGES, PoolWindow
from visualizer.state.filters import FilterFrame
from visualizer.state.picture_model import PictureModel
from visualizer.state.pooling_settings import FARTHEST, AppliedTo, PoolingSettings, SentMap


class PoolingModel(PictureModel[PoolingSettings]):
    """The Pooling page's settings. Intents that change several of them together live here."""

    def __init__(self, image: Image) -> None:
        super().__init__(PoolingSettings(), image)

    def fitted(self, image: Image) -> tuple[PoolingSettings, str]:
        """Return the settings as they suit `image`, and what was changed as a sentence."""
        return fitted(self.settings, image)

    def apply_to(self, applied_to: AppliedTo, channel: int = 0) -> None:
        """Choose what is pooled."""
        self.edit("applied to", applied_to=applied_to, channel=channel, plane=0)

    def change_window(self, label: str, merge: str = "", **changes: Any) -> None:
        """Change the window; a square one stays square."""
        self.edit(label, merge, window=changed(self.settings, **changes))

    def make_square(self, square: bool) -> None:
        """Let height and width change together, the width becoming the height, or each alone."""
        window = self.settings.window
        if square:
            window = replace(window, width=window.height)
        self.edit("square window", square=square, window=window)

    def choose_window(self, side: int, stride: int) -> None:
        """Take a square window and a stride at once, without padding."""
        window = replace(self.settings.window, height=side, width=side, stride=stride, padding=0)
        self.edit(f"{side} × {side}, stride {stride}", square=True, window=window)

    def draw_again(self) -> None:
        """Draw other numbers."""
        self.edit("draw again", seed=self.settings.seed + 1)

    def move(self, down: int, right: int) -> None:
        """Shift the picture by so many pixels more, as far as it can be."""
        row, column = self.settings.shift
        shift = tuple(
            min(max(place, -FARTHEST), FARTHEST) for place in (row + down, column + right)
        )
        self.edit("shift", "shift", shift=shift)

    def send(self, frame: FilterFrame) -> None:
        """Pool a feature map from the Filters page."""
        self.edit("send to Pooling", applied_to="map", plane=0, sent=sent_map(frame))


def changed(settings: PoolingSettings, **changes: Any) -> PoolWindow:
    """Return the window after a change; a square one stays square."""
    for one, other in (("height", "width"), ("width", "height")):
        if settings.square and one in changes:
            changes[other] = changes[one]
    return replace(settings.window, **changes)


def sent_map(frame: FilterFrame) -> SentMap:
    """Return a filter's feature map as something to be pooled, under the name of its origin."""
    settings, picture = frame.settings, frame.image
    name = settings.kernel.name
    if settings.activation != "none":
        name += f" · {settings.activation}"
    bands = frame.bands if frame.maps > 1 else (name,)
    image = Image.from_array(np.asarray(frame.feature), f"{name} of {picture.name}", bands=bands)
    return SentMap(
        name, image, picture, finite_extremes(frame.feature)[0] < 0, usual_largest(frame.feature)
    )


def fitted(settings: PoolingSettings, image: Image) -> tuple[PoolingSettings, str]:
    """Return settings that give an output for `image`, and what was changed as a sentence."""
    said: list[str] = []
    channels = settings.source(image).channels
    if settings.applied_to == "channel" and settings.channel >= channels:
        said.append(f"This picture has no channel {settings.channel + 1}: the first one is used.")
        settings = replace(settings, channel=0)
    if settings.plane >= channels:
        settings = replace(settings, plane=0)
    source = settings.source(image)
    try:
        settings.window.geometry(source.height, source.width)
    except GeometryError as error:
        height, width = (
            min(settings.window.height, source.height),
            min(settings.window.width, source.width),
        )
        side = min(height, width)
        height, width = (side, side) if settings.square else (height, width)
        window = replace(settings.window, height=height, width=width, padding=RANGES["padding"][0])
        said.append(f"{str(error).partition(': ')[0]}. It is {height} × {width} now.")
        settings = replace(settings, window=window)
    return settings, " ".join(said)
