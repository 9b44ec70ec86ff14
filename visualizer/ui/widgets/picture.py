"""Pixels for the screen: the part of a picture that is to be seen, at the size it is seen."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QColor, QImage

from visualizer.core.geometry import Border, sources

Rgb = npt.NDArray[np.uint8]
Packed = npt.NDArray[np.uint32]
Indices = npt.NDArray[np.intp]
Paint = Callable[[npt.NDArray], Rgb]

_VEIL = 0.55  # how much of the background is mixed into what is only padding
_LINE = 0.27  # and into the lines between enlarged cells
_NEAR = 64  # levels: a cell so much like the background has lines of another colour


class Canvas:
    """Screen pixels to draw into, kept from one drawing to the next.

    Memory that the system has to hand out afresh costs several times what drawing costs.

    Attributes:
        pixels: (height, width) 0xffRRGGBB.
        image: the same memory with the screen's pixel ratio, for showing.
        surface: the same memory in screen pixels, for painting.
    """

    def __init__(self) -> None:
        self._spare = np.empty(0, np.uint8)
        self.resize(1, 1, 1.0)

    def resize(self, width: int, height: int, ratio: float) -> None:
        """Have this many screen pixels, of which `ratio` are one device-independent pixel."""
        self.pixels: Packed = np.empty((height, width), np.uint32)
        self.image, self.surface = (
            QImage(self.pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
            for _ in range(2)
        )
        self.image.setDevicePixelRatio(ratio)

    @property
    def rect(self) -> QRect:
        """All of it, in screen pixels."""
        return self.surface.rect()

    def part(self, rect: QRect) -> Packed:
        """Return a rectangle of the pixels, to write into."""
        left, top = rect.x(), rect.y()
        return self.pixels[top : top + rect.height(), left : left + rect.width()]

    def spare(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray:
        """Return memory for an array, good until the next call."""
        needed = int(np.prod(shape)) * np.dtype(dtype).itemsize
        if needed > len(self._spare):
            self._spare = np.empty(needed, np.uint8)
        return self._spare[:needed].view(dtype).reshape(shape)


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

    @classmethod
    def of(cls, values: npt.NDArray, paint: Paint) -> "Picture":
        """Return numbers (h, w, C) as a picture of as many pixels."""
        return cls(values, values.shape[0], values.shape[1], paint)

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

    def draw_smooth(self, canvas: Canvas, corner: QPoint, scale: float) -> None:
        """Draw with blended pixels, `scale` screen pixels each, from `corner` of the canvas on."""
        level = self._level(scale)
        height, width = level.shape[:2]
        across, down = scale * self.columns / width, scale * self.rows / height
        seen = canvas.rect.translated(-corner)
        left, right = _span(seen.left(), seen.right(), across, width)
        top, bottom = _span(seen.top(), seen.bottom(), down, height)
        at = QPoint(round(left * across), round(top * down))
        size = QSize(max(round(right * across) - at.x(), 1), max(round(bottom * down) - at.y(), 1))
        part = level[top:bottom, left:right]
        spare = canvas.spare((size.height(), size.width(), part.shape[2]), part.dtype)
        cv2.resize(part, size.toTuple(), dst=spare, interpolation=cv2.INTER_LINEAR)
        target = QRect(corner + at, size)
        shown = target.intersected(canvas.rect)
        if not shown.isEmpty():
            x, y = shown.x() - target.x(), shown.y() - target.y()
            rgb = self._rgb(spare[y : y + shown.height(), x : x + shown.width()])
            _pack(rgb, canvas.part(shown))

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
            rgb = rgb.copy()
            rgb[outside] = _mixed(rgb[outside], shade, 1.0 if border == "zero" else _VEIL)
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
                half = cv2.resize(even, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
                half = half.reshape(height // 2, width // 2, -1)  # OpenCV drops an axis of 1
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

    def draw(self, pixels: Packed, shades: tuple[QColor, QColor] | None = None) -> None:
        """Draw them at screen size, parted by thin lines if `shades` are given.

        A line has some of the first, the background, or of the second around a cell like it.
        """
        cells = _pack(self.rgb, np.empty(self.rgb.shape[:2], np.uint32))
        if cells.shape == pixels.shape:
            pixels[:] = cells
            return
        lines, down, across = cells, _starts(self.down), _starts(self.across)
        if shades is not None:
            lines = _pack(_lines(self.rgb, *shades), np.empty_like(cells))
        for row, (top, bottom) in enumerate(zip([0, *down], [*down, len(pixels)], strict=True)):
            pixels[top:bottom] = cells[row].take(self.across)
            if shades is not None:
                pixels[top:bottom, across] = lines[row].take(self.across[across])
                if row:
                    pixels[top] = lines[row].take(self.across)


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


def _span(first: int, last: int, scale: float, size: int) -> tuple[int, int]:
    """Return from where to where the pixels between two screen positions reach, and one more."""
    low = min(max(int(first / scale) - 1, 0), size - 1)
    return low, min(max(int(last / scale) + 3, low + 1), size)


def _outside(positions: Indices, size: int) -> npt.NDArray[np.bool_]:
    return (positions < 0) | (positions >= size)


def _cells(scale: float, start: int, length: int) -> tuple[Indices, Indices]:
    """Return the cells under `length` screen pixels, and for each pixel which of them it shows."""
    cells = np.floor((np.arange(start, start + length) + 0.5) / scale).astype(np.intp)
    return np.arange(cells[0], cells[-1] + 1), cells - cells[0]


def _starts(cells: Indices) -> Indices:
    """Return where a new cell starts, but for the first."""
    return np.flatnonzero(np.diff(cells)) + 1


def _lines(rgb: Rgb, background: QColor, other: QColor) -> Rgb:
    """Return the colours of the lines along cells, each to be told from its cell."""
    lines = _mixed(rgb, background, _LINE)
    near = np.abs(rgb - _levels(background)).max(axis=2) < _NEAR
    lines[near] = _mixed(rgb[near], other, _LINE)
    return lines


def _mixed(rgb: Rgb, shade: QColor, share: float) -> Rgb:
    """Return colours with a share of another mixed into them."""
    color = _levels(shade)
    return (rgb * np.float32(1 - share) + color * np.float32(share)).astype(np.uint8)


def _levels(color: QColor) -> npt.NDArray[np.float32]:
    return np.array([color.red(), color.green(), color.blue()], np.float32)


def _pack(rgb: Rgb, into: Packed) -> Packed:
    """Write (H, W, 3) colours as 0xffRRGGBB."""
    cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA, dst=_bytes(into))
    return into


def _bytes(pixels: Packed) -> Rgb:
    """Return (H, W, 4) bytes of the pixels' own memory."""
    height, width = pixels.shape
    return pixels[:, :, np.newaxis].view(np.uint8).reshape(height, width, 4)
