"""Thousands of dots over a picture, one in each marked pixel, stamped into the screen's pixels."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint

from visualizer.ui.theme import Theme
from visualizer.ui.widgets.value_text import VALUES_FROM

_SHARE = 0.22  # a dot's radius, of the pixel it is in
_LARGEST = 4.0  # px at scale 1
_RIM = 0xFF000000  # dark, so that dots are seen on bright pixels
_CROWDED = 3.0  # screen pixels a dot, below which the picture shines through the dots
_SMALLEST = 1.0
_HALVES = np.uint32(0x7F7F7F7F)


def draw_dots(
    canvas: npt.NDArray[np.uint32],
    dots: npt.NDArray[np.bool_],
    corner: QPoint,
    scale: float,
    theme: Theme,
) -> None:
    """Draw a dot in every pixel where `dots` (H, W) is true.

    Args:
        canvas: (height, width) 0xffRRGGBB, written into.
        dots: which pixels.
        corner: where the picture begins on the canvas, in screen pixels.
        scale: screen pixels a pixel. In pixels with numbers the dots keep to a corner.
        theme: gives the colour of "here" on pictures.
    """
    share = 0.84 if scale >= VALUES_FROM else 0.5
    rows = _places(dots.shape[0], corner.y(), scale, 1 - share, canvas.shape[0])
    columns = _places(dots.shape[1], corner.x(), scale, share, canvas.shape[1])
    shown = dots[rows[0] : rows[1], columns[0] : columns[1]]
    found = np.argwhere(shown)
    y = np.floor(corner.y() + (found[:, 0] + rows[0] + 1 - share) * scale).astype(np.intp)
    x = np.floor(corner.x() + (found[:, 1] + columns[0] + share) * scale).astype(np.intp)
    room = max(scale, 0.5 * scale / max(dots.mean(), 1e-9) ** 0.5)  # few dots have more of it
    radius = min(_SHARE * room if scale < VALUES_FROM else 0.1 * scale, theme.px(_LARGEST))
    mark = theme.color("mark").rgb()
    if room < _CROWDED:
        here = np.zeros(canvas.shape, bool)
        inside = (y >= 0) & (y < canvas.shape[0]) & (x >= 0) & (x < canvas.shape[1])
        here[y[inside], x[inside]] = True
        canvas[here] = ((canvas[here] >> 1) & _HALVES) + ((mark >> 1) & _HALVES)
        return
    if radius >= 1.5:
        _stamp(canvas, y, x, radius + 1.0, _RIM)
    _stamp(canvas, y, x, max(radius, _SMALLEST), mark)


def _places(size: int, corner: int, scale: float, share: float, room: int) -> tuple[int, int]:
    """Return from which to which pixel of the picture along one axis dots can be in sight."""
    first = int(np.floor(-corner / scale - share)) - 1
    last = int(np.ceil((room - corner) / scale - share)) + 1
    return min(max(first, 0), size), min(max(last, 0), size)


def _stamp(
    canvas: npt.NDArray[np.uint32],
    y: npt.NDArray[np.intp],
    x: npt.NDArray[np.intp],
    radius: float,
    color: int,
) -> None:
    reach = int(radius)
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            if down * down + right * right <= radius * radius:
                rows, columns = y + down, x + right
                inside = (rows >= 0) & (rows < canvas.shape[0])
                inside &= (columns >= 0) & (columns < canvas.shape[1])
                canvas[rows[inside], columns[inside]] = color
