"""Pixels for the screen: the part of a picture that is to be seen, at the size it is seen."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage

from visualizer.core.geometry import Border, sources

Rgb = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.intp]
Paint = Callable[[npt.NDArray], Rgb]

_VEIL = 0.55  # how much of the background is mixed into what is only padding


class Picture:
    """An array of pixels that is drawn as if it had `rows` × `columns` pixels.

    The array is kept, never copied as a whole. It may be smaller than what it stands for (a
    feature map computed at screen resolution); it is then stretched. Pixels that are enlarged
    stay squares. Pictures that are made smaller are first halved, by averaging, as often as
    possible (the halves are kept for the next time) and then interpolated: Williams, "Pyramidal
    parametrics", 1983.

    Without `paint` the pixels are RGB, uint8 (h, w, 3). With it they are (h, w, C) of any type
    and `paint` turns any block of them into RGB, each pixel by itself: only what is to be seen is
    ever painted, so that a change of how a large picture is painted costs no more than a screen.
    """

    def __init__(
        self, pixels: npt.NDArray, rows: int, columns: int, paint: Paint | None = None
    ) -> None:
        if pixels.ndim != 3 or 0 in pixels.shape:
            raise ValueError(f"a picture is (height, width, channels), not {pixels.shape}")
        if paint is None and (pixels.dtype != np.uint8 or pixels.shape[2] != 3):
            raise ValueError(f"RGB is uint8 (height, width, 3), not {pixels.dtype} {pixels.shape}")
        self.rows, self.columns = rows, columns
        self._paint = paint
        self._levels: list[npt.NDArray] = [np.ascontiguousarray(pixels)]

    @property
    def pixels(self) -> npt.NDArray:
        """The array on show, (h, w, C)."""
        return self._levels[0]

    def repainted(self, paint: Paint) -> "Picture":
        """Return the same pixels painted another way; both share the halves."""
        other = Picture(self.pixels, self.rows, self.columns, paint)
        other._levels = self._levels
        return other

    def prepare(self) -> None:
        """Make all the halves now, for instance in a thread, before the first painting."""
        self._level(0.0)

    def is_smooth_at(self, scale: float) -> bool:
        """Whether pixels are blended at this scale rather than shown as squares."""
        height, width = self.pixels.shape[:2]
        return (height, width) != (self.rows, self.columns) or scale < 1.0

    def smooth(self, scale: float, area: QRect) -> tuple[QImage, QPoint]:
        """Return the part of the picture in `area`, or a little more, and where its corner is.

        `scale` is screen pixels per picture pixel; `area` is in screen pixels from the picture's
        corner.
        """
        level = self._level(scale)
        height, width = level.shape[:2]
        across, down = scale * self.columns / width, scale * self.rows / height
        left = min(max(int(area.left() / across) - 1, 0), width - 1)
        top = min(max(int(area.top() / down) - 1, 0), height - 1)
        right = min(max(int(area.right() / across) + 3, left + 1), width)
        bottom = min(max(int(area.bottom() / down) + 3, top + 1), height)
        corner = QPoint(round(left * across), round(top * down))
        size = (
            max(round(right * across) - corner.x(), 1),
            max(round(bottom * down) - corner.y(), 1),
        )
        part = _resized(level[top:bottom, left:right], size, cv2.INTER_LINEAR)
        return _image(cv2.cvtColor(self._rgb(part), cv2.COLOR_RGB2BGRA)), corner

    def squares(self, scale: float, area: QRect, border: Border, shade: QColor) -> "Squares":
        """Return the cells in `area`, as for `smooth`, with those that `border` puts around.

        Padding is mixed with `shade`; padding with zeros is `shade` alone.
        """
        rows, down = _cells(scale, area.y(), area.height())
        columns, across = _cells(scale, area.x(), area.width())
        row_sources = sources(rows, self.rows, border)
        column_sources = sources(columns, self.columns, border)
        rgb = self._rgb(taken(self.pixels, row_sources, column_sources))
        outside = _outside(rows, self.rows)[:, np.newaxis] | _outside(columns, self.columns)
        if outside.any():
            share = 1.0 if border == "zero" else _VEIL
            color = np.array([shade.red(), shade.green(), shade.blue()])
            rgb = rgb.copy()
            rgb[outside] = rgb[outside] * (1 - share) + color * share
        return Squares(rows, columns, row_sources, column_sources, rgb, down, across)

    def _rgb(self, pixels: npt.NDArray) -> Rgb:
        return pixels if self._paint is None else self._paint(pixels)

    def _level(self, scale: float) -> npt.NDArray:
        """Return the smallest halving that still has as many pixels as the screen shows."""
        number = 0
        while True:
            level = self._levels[number]
            height, width = level.shape[:2]
            if width < 2 * scale * self.columns or min(height, width) < 2:
                return level
            number += 1
            if number == len(self._levels):
                even = level[: height // 2 * 2, : width // 2 * 2]
                half = _resized(even, (width // 2, height // 2), cv2.INTER_AREA)
                if number == len(self._levels):  # no other thread was faster
                    self._levels.append(half)


@dataclass(frozen=True, eq=False)
class Squares:
    """Cells that are shown as squares.

    Attributes:
        rows, columns: the cells' numbers; negative or beyond the picture is padding.
        row_sources, column_sources: the picture's rows and columns they show; −1 for none.
        rgb: (rows, columns, 3), their colours.
        down, across: for every screen pixel, which of these cells it belongs to.
    """

    rows: Indices
    columns: Indices
    row_sources: Indices
    column_sources: Indices
    rgb: Rgb
    down: Indices
    across: Indices

    def image(self) -> QImage:
        """Return them at screen size."""
        pixels = cv2.cvtColor(self.rgb, cv2.COLOR_RGB2BGRA).view(np.uint32)
        return _image(pixels.take(self.across, axis=1).take(self.down, axis=0))


def taken(pixels: npt.NDArray, rows: Indices, columns: Indices) -> npt.NDArray:
    """Return these rows and columns of (H, W, C); 0 for index −1, a view when in sequence."""
    return _along(_along(pixels, rows, 0), columns, 1)


def _along(pixels: npt.NDArray, indices: Indices, axis: int) -> npt.NDArray:
    first, last = int(indices[0]), int(indices[-1])
    if first >= 0 and np.array_equal(indices, np.arange(first, last + 1)):
        return pixels[first : last + 1] if axis == 0 else pixels[:, first : last + 1]
    part = pixels.take(np.maximum(indices, 0), axis=axis)
    part[(indices < 0) if axis == 0 else (slice(None), indices < 0)] = 0
    return part


def _resized(pixels: npt.NDArray, size: tuple[int, int], interpolation: int) -> npt.NDArray:
    """Return (H, W, C) pixels at `size` (width, height); OpenCV drops a single channel's axis."""
    made = cv2.resize(pixels, size, interpolation=interpolation)
    return made.reshape(made.shape[0], made.shape[1], -1)


def _outside(positions: Indices, size: int) -> npt.NDArray[np.bool_]:
    return (positions < 0) | (positions >= size)


def _cells(scale: float, start: int, length: int) -> tuple[Indices, Indices]:
    """Return the cells under `length` screen pixels, and for each pixel which of them it shows."""
    cells = np.floor((np.arange(start, start + length) + 0.5) / scale).astype(np.intp)
    return np.arange(cells[0], cells[-1] + 1), cells - cells[0]


def _image(bgra: npt.NDArray) -> QImage:
    """Return a QImage over (height, width, …) blue, green, red, 255 bytes, which it keeps alive."""
    bgra = np.ascontiguousarray(bgra)
    height, width = bgra.shape[:2]
    return QImage(bgra.data, width, height, bgra.strides[0], QImage.Format.Format_RGB32)
