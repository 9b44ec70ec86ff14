"""Pixels for the screen: the part of a picture that is to be seen, at the size it is seen."""

import cv2
import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from visualizer.core.geometry import Border, sources

Rgb = npt.NDArray[np.uint8]


class Picture:
    """An RGB array that is drawn as if it had `rows` × `columns` pixels.

    The array is kept, never copied as a whole. It may be smaller than what it stands for (a
    feature map computed at screen resolution); it is then stretched. Pixels that are enlarged
    stay squares. Pictures that are made smaller are first halved, by averaging, as often as
    possible (the halves are kept for the next time) and then interpolated: Williams, "Pyramidal
    parametrics", 1983.
    """

    def __init__(self, rgb: Rgb, rows: int, columns: int) -> None:
        if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
            raise ValueError(f"a picture is uint8 (height, width, 3), not {rgb.dtype} {rgb.shape}")
        self.rows, self.columns = rows, columns
        self._levels: list[npt.NDArray] = [np.ascontiguousarray(rgb)]

    @property
    def rgb(self) -> Rgb:
        """The array on show, (h, w, 3)."""
        return self._levels[0]

    def is_smooth_at(self, scale: float) -> bool:
        """Whether pixels are blended at this scale rather than shown as squares."""
        height, width = self.rgb.shape[:2]
        return (height, width) != (self.rows, self.columns) or scale < 1.0

    def render(self, scale: float, area: QRect, border: Border) -> tuple[QImage, int, int]:
        """Return an image of at least `area`, and the x and y of its corner.

        `scale` is screen pixels per picture pixel, `area` in screen pixels from the picture's
        corner. Squares are drawn for the cells around the picture too, with what `border` puts
        there; smooth pictures end at their edge.
        """
        if self.is_smooth_at(scale):
            return self._smooth(scale, area)
        return self._squares(scale, area, border), area.x(), area.y()

    def _squares(self, scale: float, area: QRect, border: Border) -> QImage:
        first_row, rows = _cells(scale, area.y(), area.height())
        first_column, columns = _cells(scale, area.x(), area.width())
        down = sources(np.arange(first_row, first_row + rows[-1] + 1), self.rows, border)
        across = sources(np.arange(first_column, first_column + columns[-1] + 1),
                         self.columns, border)  # fmt: skip
        crop = _taken(_taken(self.rgb, down, 0), across, 1)
        pixels = cv2.cvtColor(crop, cv2.COLOR_RGB2BGRA).view(np.uint32)[:, :, 0]
        if scale != 1.0:
            pixels = pixels.take(columns, axis=1).take(rows, axis=0)
        return _image(pixels)

    def _smooth(self, scale: float, area: QRect) -> tuple[QImage, int, int]:
        level = self._level(scale)
        height, width = level.shape[:2]
        across, down = scale * self.columns / width, scale * self.rows / height
        left = max(int(area.left() / across) - 1, 0)
        top = max(int(area.top() / down) - 1, 0)
        right = min(int(area.right() / across) + 3, width)
        bottom = min(int(area.bottom() / down) + 3, height)
        x, y = round(left * across), round(top * down)
        size = (max(round(right * across) - x, 1), max(round(bottom * down) - y, 1))
        small = cv2.resize(level[top:bottom, left:right], size, interpolation=cv2.INTER_LINEAR)
        return _image(cv2.cvtColor(small, cv2.COLOR_RGB2BGRA).view(np.uint32)[:, :, 0]), x, y

    def _level(self, scale: float) -> Rgb:
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
                half = (width // 2, height // 2)
                self._levels.append(cv2.resize(even, half, interpolation=cv2.INTER_AREA))


def _cells(scale: float, start: int, length: int) -> tuple[int, npt.NDArray[np.intp]]:
    """Return the first cell under `length` screen pixels, and each one's cell from there."""
    cells = np.floor((np.arange(start, start + length) + 0.5) / scale).astype(np.intp)
    return int(cells[0]), cells - cells[0]


def _taken(pixels: Rgb, indices: npt.NDArray[np.intp], axis: int) -> Rgb:
    """Return rows or columns of `pixels`: a view when they are consecutive, black for −1."""
    first, last = int(indices[0]), int(indices[-1])
    if first >= 0 and np.array_equal(indices, np.arange(first, last + 1)):
        return pixels[first : last + 1] if axis == 0 else pixels[:, first : last + 1]
    taken = pixels.take(np.maximum(indices, 0), axis=axis)
    taken[(indices < 0) if axis == 0 else (slice(None), indices < 0)] = 0
    return taken


def _image(pixels: npt.NDArray[np.uint32]) -> QImage:
    """Return a QImage over `pixels` (height, width) 0xffRRGGBB, which it keeps alive."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape
    return QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB32)
