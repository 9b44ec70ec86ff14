"""From numbers to the levels of a colour table: which number is which colour, and saying so."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from visualizer.core.numbers import format_number
from visualizer.ui.theme import Theme

Style = Literal["activation", "signed", "grey", "colour"]

Argb = npt.NDArray[np.uint32]  # 0xAARRGGBB, as QImage's ARGB32 has it

# A table has 256 entries: an odd number of levels, so that zero has one of its own, and at the end
# what is not a number.
LEVELS, INVALID = 253, 255

# The colour map "viridis" (Nathaniel J. Smith, Stefan van der Walt, Eric Firing; CC0): every 15th
# of its 256 colours. Between them it is as good as straight.
_VIRIDIS = (
    "440154 481769 472a7a 433d84 3d4e8a 355e8d 2e6d8e 297b8e 23898e "
    "1f978b 21a585 2eb37c 46c06f 65cb5e 89d548 b0dd2f d8e219 fde725"
)


@dataclass(frozen=True, eq=False)
class Scale:
    """The numbers at the two ends of the colours, (1 or C, 1, 1): for all maps or for each.

    Attributes:
        low, high: painted as the first and the last level.
        signed: the middle level is zero, and `low` is -`high`.
        locked: the ends were given, not read from the maps.
    """

    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    signed: bool
    locked: bool = False

    def levels(self, maps: npt.NDArray, top: int = LEVELS - 1) -> npt.NDArray[np.uint8]:
        """Return levels 0 to `top` of the same shape; NaN and infinity are `INVALID`."""
        span = self.high - self.low
        factor = np.divide(top, span, out=np.zeros_like(span), where=span > 0)
        base, start = (top / 2, (self.low + self.high) / 2) if self.signed else (0.0, self.low)
        with np.errstate(invalid="ignore", over="ignore"):  # weights that ran away
            scaled = (maps - start.astype(np.float32)) * factor.astype(np.float32)
            scaled += base + 0.5
        finite = np.isfinite(scaled)
        if finite.all():
            return np.clip(scaled, 0, top, out=scaled).astype(np.uint8)
        scaled = np.clip(np.where(finite, scaled, 0), 0, top)
        return np.where(finite, scaled.astype(np.uint8), np.uint8(INVALID))

    def of(self, index: int) -> "Scale":
        """Return the scale of one map alone."""
        if self.low.size == 1:
            return self
        one = slice(index, index + 1)
        return Scale(self.low[one], self.high[one], self.signed)

    @property
    def text(self) -> str:
        """Say which numbers the colours stand for."""
        if self.low.size > 1:
            return "own scales, ±" if self.signed else "own scales"
        low, high = (format_number(float(end.item()), 3) for end in (self.low, self.high))
        ends = f"±{high}" if self.signed else f"{low} to {high}"
        return ends + (", locked" if self.locked else "")


def scale_of(maps: npt.NDArray, *, signed: bool, shared: bool) -> Scale:
    """Return the scale from the least to the greatest finite number of (C, h, w, ...).

    A signed scale reaches as far below zero as above. Shared: one for all maps, else one for each.
    """
    axes = tuple(range(maps.ndim)) if shared else tuple(range(1, maps.ndim))
    low = maps.min(axes, keepdims=True, initial=np.inf).astype(np.float64)
    high = maps.max(axes, keepdims=True, initial=-np.inf).astype(np.float64)
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        finite = np.isfinite(maps)
        low = maps.min(axes, keepdims=True, initial=np.inf, where=finite).astype(np.float64)
        high = maps.max(axes, keepdims=True, initial=-np.inf, where=finite).astype(np.float64)
        low, high = (np.where(np.isfinite(end), end, 0.0) for end in (low, high))
    if signed:
        high = np.maximum(-low, high)
        low = -high
    return Scale(low, high, signed)


def ends_of(maps: npt.NDArray, *, signed: bool) -> tuple[float, float]:
    """Return what to lock a scale at, so that the numbers on show fill it: never one number."""
    most = float(np.abs(maps).max()) or 1.0
    return (-most if signed else 0.0), most


def locked_scale(low: float, high: float, dimensions: int, *, signed: bool = False) -> Scale:
    """Return the scale of given ends for an array of so many dimensions."""
    shape = (1,) * dimensions
    return Scale(np.full(shape, float(low)), np.full(shape, float(high)), signed, True)


def color_table(style: Style, theme: Theme) -> Argb:
    """Return 256 opaque colours: the levels from the lowest on, and at `INVALID` its own."""
    if style == "activation":
        anchors = np.array([list(bytes.fromhex(color)) for color in _VIRIDIS.split()])
    elif style == "signed":
        anchors = np.array([theme.rgb(role) for role in ("negative", "neutral", "positive")])
    else:
        anchors = np.array([[0, 0, 0], [255, 255, 255]])
    places, known = np.linspace(0, 1, LEVELS), np.linspace(0, 1, len(anchors))
    rgb = np.tile(np.array(theme.rgb("invalid"), np.uint8), (256, 1))
    for i in range(3):
        rgb[:LEVELS, i] = np.interp(places, known, anchors[:, i]).round()
    return packed(rgb)


def packed(rgb: npt.NDArray[np.uint8]) -> Argb:
    """Return opaque colours (...) of (..., 3) red, green and blue."""
    red, green, blue = (rgb[..., i].astype(np.uint32) for i in range(3))
    return np.asarray(0xFF000000 | red << 16 | green << 8 | blue, np.uint32)
