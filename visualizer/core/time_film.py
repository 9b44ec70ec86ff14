"""Kernels or maps over time, as the frames of a film: one for each kept step, one colour scale."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageColor, ImageDraw, ImageFont

from visualizer.core.film import HEIGHT, WIDTH, Plan, Rgb8, Style
from visualizer.paths import resource

FPS, MOST_FRAMES, MOST_TILES = 12.0, 180, 64
_MARGIN, _TOP, _GAP = 24, 60, 4
_REST_S = 1.5

Tiles = npt.NDArray[np.float32]


def plan(count: int) -> Plan:
    """Return a film of `count` steps: all, or some at equal distances; the last one rests."""
    frames = np.unique(np.linspace(0, count - 1, min(count, MOST_FRAMES)).round().astype(int))
    return Plan(tuple(frames.tolist()) + (count - 1,) * int(_REST_S * FPS), FPS)


@dataclass(frozen=True, eq=False)
class TimePainter:
    """Draws the frames.

    Attributes:
        title: what is shown, such as "conv1 kernels".
        steps: the step of each frame.
        tiles: gives the tiles (C, h, w) of a frame; at most MOST_TILES are drawn.
        style: the colours.
    """

    title: str
    steps: Sequence[int]
    tiles: Callable[[int], Tiles]
    style: Style

    def frame(self, position: int) -> Rgb8:
        """Return frame `position`, (HEIGHT, WIDTH, 3)."""
        canvas = Pillow.new("RGB", (WIDTH, HEIGHT), self.style.window)
        draw = ImageDraw.Draw(canvas)
        draw.text((_MARGIN, 38), self.title, self.style.text, self._font(20), anchor="ls")
        step = f"step {self.steps[position]:,}"
        draw.text((WIDTH - _MARGIN, 38), step, self.style.here, self._font(20), anchor="rs")
        tiles = self.tiles(position)[:MOST_TILES]
        count, height, width = tiles.shape
        columns, zoom = _fit(count, height, width)
        for i, tile in enumerate(self._coloured(tiles)):
            size = (int(width * zoom), int(height * zoom))
            large = cv2.resize(tile, size, interpolation=cv2.INTER_NEAREST)
            place = (
                _MARGIN + i % columns * (size[0] + _GAP),
                _TOP + i // columns * (size[1] + _GAP),
            )
            canvas.paste(Pillow.fromarray(large.astype(np.uint8)), place)
        return np.asarray(canvas)

    def _coloured(self, tiles: Tiles) -> Rgb8:
        """Return (C, h, w, 3): zero neutral, full at the largest number of the whole film."""
        share = np.clip(np.nan_to_num(tiles) / (self._largest or 1.0), -1, 1)[..., None]
        neutral, positive, negative = (
            np.array(ImageColor.getrgb(color), np.float32)
            for color in (self.style.neutral, self.style.positive, self.style.negative)
        )
        full = np.where(share > 0, positive, negative)
        return (neutral + (full - neutral) * np.abs(share)).round().astype(np.uint8)

    @cached_property
    def _largest(self) -> float:
        """The largest size at the ends and in the middle, so that the scale is locked."""
        last = len(self.steps) - 1
        return max(
            float(np.abs(np.nan_to_num(self.tiles(i)[:MOST_TILES])).max())
            for i in {0, last // 2, last}
        )

    def _font(self, size: int) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(str(resource("fonts", "Inter-SemiBold.otf")), size)


def _fit(count: int, height: int, width: int) -> tuple[int, float]:
    """Return columns and zoom with which all tiles are as large as they can be."""
    best = (1, 0.0)
    for columns in range(1, count + 1):
        rows = -(-count // columns)
        across = ((WIDTH - 2 * _MARGIN + _GAP) / columns - _GAP) / width
        down = ((HEIGHT - _TOP - _MARGIN + _GAP) / rows - _GAP) / height
        best = max(best, (columns, min(across, down)), key=lambda found: found[1])
    return best
