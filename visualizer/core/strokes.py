"""A drawing as strokes of a pen, and the picture they make: white on black."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

SIDE = 280  # pixels of the picture: ten for each of the classic 28

Canvas = npt.NDArray[np.uint8]

_SHIFT = 4  # cv2 takes places in 1/16 of a pixel


@dataclass(frozen=True)
class Stroke:
    """One line of the pen, or of the eraser.

    Attributes:
        points: (x, y) on the pad, from 0 to 1; beyond that it is out of sight.
        widths: of the line at each point, as shares of the pad's side.
        erases: whether it takes ink away.
    """

    points: tuple[tuple[float, float], ...]
    widths: tuple[float, ...]
    erases: bool = False

    def moved(self, x: float, y: float, scale: float = 1.0, turn: complex = 1) -> "Stroke":
        """Scale and turn it around the middle of the pad, then shift it by shares of the side.

        `turn` is a number of size 1; its angle is clockwise.
        """
        points = []
        for px, py in self.points:
            place = complex(px - 0.5, py - 0.5) * scale * turn
            points.append((place.real + 0.5 + x, place.imag + 0.5 + y))
        widths = tuple(width * scale for width in self.widths)
        return replace(self, points=tuple(points), widths=widths)


def blank() -> Canvas:
    """Return an empty pad, (SIDE, SIDE)."""
    return np.zeros((SIDE, SIDE), np.uint8)


def picture(strokes: Iterable[Stroke]) -> Canvas:
    """Return what the strokes make, one over the other, (SIDE, SIDE)."""
    canvas = blank()
    for stroke in strokes:
        paint(canvas, stroke)
    return canvas


def paint(canvas: Canvas, stroke: Stroke, start: int = 0) -> None:
    """Draw a stroke from its point `start` on into `canvas`; a single point is a dot."""
    level = 0 if stroke.erases else 255
    places = [_place(point) for point in stroke.points]
    if start == 0 and places:
        radius = max(round(stroke.widths[0] * SIDE * 2 ** (_SHIFT - 1)), 1)
        cv2.circle(canvas, places[0], radius, level, cv2.FILLED, cv2.LINE_AA, _SHIFT)
    for i in range(max(start, 1), len(places)):
        thick = min(max(round(stroke.widths[i] * SIDE), 1), 255)
        cv2.line(canvas, places[i - 1], places[i], level, thick, cv2.LINE_AA, _SHIFT)


def _place(point: tuple[float, float]) -> tuple[int, int]:
    x, y = (round((share * SIDE - 0.5) * 2**_SHIFT) for share in point)
    return x, y
