"""Marks painted over a picture: the window, the cell, the pin, what is blank or hidden."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen

from visualizer.core.geometry import Padding
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.value_text import VALUES_FROM, shades
from visualizer.ui.widgets.viewport import Frame

Cell = tuple[int, int]

_SMALLEST = 5.0  # screen lengths: the outline of a cell never gets smaller
_SMALLEST_WINDOW = 9.0
_OUTLINED_FROM = 3.0  # cells smaller than this are lit as one area
_FORMAT = QImage.Format.Format_ARGB32_Premultiplied
_INSIDE = 1
_HALO = 150  # opacity of the dark rim around every mark
_RADIUS = 4  # px at scale 1: the corners of a picture


@dataclass
class Overlays:
    """What is marked, in rows and columns of the picture; negative or beyond it is padding.

    Attributes:
        window: (top, left, height, width).
        step: every so many pixels of the window count, the ones between are skipped.
        cell, pin, crosshair, hidden: one cell each.
        lit_rows, lit_columns: every cell in one of these rows and one of these columns.
        revealed: how many cells, row by row, are known; the others are blank.
    """

    window: tuple[int, int, int, int] | None = None
    step: int = 1
    cell: Cell | None = None
    pin: Cell | None = None
    crosshair: Cell | None = None
    hidden: Cell | None = None
    lit_rows: range = range(0)
    lit_columns: range = range(0)
    revealed: int | None = None

    def paint_contents(self, painter: QPainter, theme: Theme, frame: Frame) -> None:
        """Paint what replaces or tints pixels: blank, lit and hidden cells."""
        for rect in self._blank(frame):
            painter.fillRect(rect, theme.color("blank"))
        if self.lit_rows and self.lit_columns:
            _paint_lit(painter, theme, frame, self.lit_rows, self.lit_columns)
        if self.window and self.step > 1 and frame.scale >= _OUTLINED_FROM:
            top, left, height, width = self.window
            rows, columns = range(top, top + height), range(left, left + width)
            _paint_lit(painter, theme, frame, rows[:: self.step], columns[:: self.step])
        if self.hidden:
            _paint_hidden(painter, theme, cell_rect(frame, *self.hidden))

    def paint_marks(self, painter: QPainter, theme: Theme, frame: Frame) -> None:
        """Paint the outlines."""
        if self.crosshair:
            _paint_crosshair(painter, theme, frame, self.crosshair)
        if self.window:
            window = cell_rect(frame, *self.window)
            seen = _at_least(window, _SMALLEST_WINDOW)
            if seen != window:
                seen = _kept_within(seen, QRectF(painter.window()), theme.px(2) + 1)
            _outline(painter, theme, seen)
        if self.pin:
            _paint_pin(painter, theme, cell_rect(frame, *self.pin))
        if self.cell:
            _outline(painter, theme, cell_rect(frame, *self.cell))

    def _blank(self, frame: Frame) -> list[QRectF]:
        if self.revealed is None or self.revealed >= frame.rows * frame.columns:
            return []
        row, column = divmod(max(self.revealed, 0), frame.columns)
        below = row + 1 if column else row
        rects = [cell_rect(frame, below, 0, frame.rows - below, frame.columns)]
        if column:
            rects.append(cell_rect(frame, row, column, 1, frame.columns - column))
        return rects


def cell_rect(
    frame: Frame, row: float, column: float, height: float = 1, width: float = 1
) -> QRectF:
    """Return cells as a rectangle in the view, its edges on whole screen pixels."""
    ratio = frame.ratio
    corner = frame.to_screen(QPointF(column, row)) * ratio
    across, down = width * frame.scale * ratio, height * frame.scale * ratio
    left, top = round(corner.x()), round(corner.y())
    right, bottom = round(corner.x() + across), round(corner.y() + down)
    return QRectF(left / ratio, top / ratio, (right - left) / ratio, (bottom - top) / ratio)


def screen_rect(rect: QRectF, ratio: float) -> QRect:
    """Return a rectangle of the view in screen pixels."""
    return QRect(round(rect.x() * ratio), round(rect.y() * ratio),
                 round(rect.width() * ratio), round(rect.height() * ratio))  # fmt: skip


def _outline(painter: QPainter, theme: Theme, rect: QRectF) -> None:
    """Draw a bright line around `rect`, dark on both sides, never too small to be seen."""
    width = theme.px(2)
    rect = _at_least(rect, _SMALLEST).adjusted(-width / 2, -width / 2, width / 2, width / 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, stroke in ((QColor(0, 0, 0, _HALO), width + 2), (theme.color("mark"), width)):
        painter.setPen(QPen(color, stroke, j=Qt.PenJoinStyle.RoundJoin))
        painter.drawRoundedRect(rect, 1.5, 1.5)


def _paint_pin(painter: QPainter, theme: Theme, rect: QRectF) -> None:
    """Draw a pinned cell: an outline, and a pin's head on its corner."""
    rect = _at_least(rect, _SMALLEST)
    _outline(painter, theme, rect)
    painter.setPen(QPen(QColor(0, 0, 0, _HALO), 1))
    painter.setBrush(theme.color("mark"))
    radius = theme.px(3.5)
    painter.drawEllipse(rect.topRight() + QPointF(radius / 2, -radius / 2), radius, radius)


def _paint_crosshair(painter: QPainter, theme: Theme, frame: Frame, at: Cell) -> None:
    """Draw thin lines along the row and the column of a cell, leaving the cell free.

    They run through the middle of the pixels, or on either side of them where these have numbers.
    """
    whole = cell_rect(frame, 0, 0, frame.rows, frame.columns)
    cell = _at_least(cell_rect(frame, *at), _SMALLEST)
    xs, ys = [cell.center().x()], [cell.center().y()]
    if frame.scale >= VALUES_FROM:
        xs, ys = [cell.left(), cell.right()], [cell.top(), cell.bottom()]
    xs, ys = ([(int(v * frame.ratio) + 0.5) / frame.ratio for v in values] for values in (xs, ys))
    lines = []
    for y in ys:
        lines += [
            QLineF(whole.left(), y, cell.left(), y),
            QLineF(cell.right(), y, whole.right(), y),
        ]
    for x in xs:
        lines += [
            QLineF(x, whole.top(), x, cell.top()),
            QLineF(x, cell.bottom(), x, whole.bottom()),
        ]
    for color, stroke in ((QColor(0, 0, 0, 110), 3), (theme.color("mark"), 1)):
        painter.setPen(QPen(color, stroke, c=Qt.PenCapStyle.FlatCap))
        painter.drawLines(lines)


def _paint_hidden(painter: QPainter, theme: Theme, rect: QRectF) -> None:
    """Cover a cell with a question mark."""
    rect = _at_least(rect, _SMALLEST)
    painter.fillRect(rect, theme.color("here_tint"))
    if rect.height() >= 9:
        font = theme.font("number")
        font.setPixelSize(max(int(rect.height() * 0.7), 8))
        painter.setFont(font)
        painter.setPen(theme.color("here"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "?")


def _paint_lit(painter: QPainter, theme: Theme, frame: Frame, rows: range, columns: range) -> None:
    """Light the cells where `rows` and `columns` meet, as one area when cells are tiny."""
    whole = cell_rect(
        frame, rows[0], columns[0], rows[-1] + 1 - rows[0], columns[-1] + 1 - columns[0]
    )
    glow = theme.color("mark")
    if frame.scale < _OUTLINED_FROM:
        glow.setAlpha(45)
        painter.fillRect(_at_least(whole, _SMALLEST), glow)
        return
    ratio = frame.ratio
    seen = whole.intersected(QRectF(QPointF(0, 0), frame.size))
    area = screen_rect(seen, ratio)
    if area.isEmpty():
        return
    edge = max(round(theme.px(1) * ratio), 1)
    across = _parts(area.left(), area.width(), frame.origin.x() * ratio, frame, columns, edge)
    down = _parts(area.top(), area.height(), frame.origin.y() * ratio, frame, rows, edge)
    glowing = 60 if frame.scale < VALUES_FROM else 25  # numbers remain readable
    line, inside = (shades(glow)[[0, *a]][across] for a in ((255, 255), (glowing, 255)))
    starts = [0, *(np.flatnonzero(np.diff(down)) + 1), len(down)]
    for top, bottom in pairwise(starts):
        if down[top]:
            pixels = np.tile(inside if down[top] == _INSIDE else line, (bottom - top, 1))
            band = QImage(pixels.data, area.width(), bottom - top, pixels.strides[0], _FORMAT)
            band.setDevicePixelRatio(ratio)
            painter.drawImage(seen.topLeft() + QPointF(0, int(top) / ratio), band)


def _parts(
    start: int, length: int, origin: float, frame: Frame, lit: range, edge: int
) -> npt.NDArray[np.intp]:
    """Return for screen pixels along one axis: 0 in no lit cell, 1 inside one, 2 on its edge."""
    scale = frame.scale * frame.ratio
    pixels = np.arange(start, start + length)
    cells = np.floor((pixels + 0.5 - origin) / scale).astype(np.intp)
    first, last = np.round(cells * scale + origin), np.round((cells + 1) * scale + origin) - 1
    inside = (cells >= lit[0]) & (cells <= lit[-1]) & ((cells - lit[0]) % lit.step == 0)
    on_edge = (pixels < first + edge) | (pixels > last - edge)
    return np.where(inside, np.where(on_edge, _INSIDE + 1, _INSIDE), 0)


def _at_least(rect: QRectF, size: float) -> QRectF:
    dx, dy = max(size - rect.width(), 0.0) / 2, max(size - rect.height(), 0.0) / 2
    return rect.adjusted(-dx, -dy, dx, dy)


def _kept_within(rect: QRectF, room: QRectF, rim: float) -> QRectF:
    """Move a mark, so much wider than what it marks, off the edge that would cut its rim."""
    if not room.intersects(rect):
        return rect
    free = room.adjusted(rim, rim, -rim - rect.width(), -rim - rect.height())
    left = min(max(rect.left(), free.left()), free.right())
    top = min(max(rect.top(), free.top()), free.bottom())
    return QRectF(left, top, rect.width(), rect.height())


def paint_padding(painter: QPainter, theme: Theme, frame: Frame) -> None:
    """Hatch the padding, in screen pixels from the picture's corner, and frame the picture."""
    if frame.padding == Padding():
        return
    scale, bounds = frame.scale * frame.ratio, frame.bounds
    inner = QRect(0, 0, round(frame.columns * scale), round(frame.rows * scale))
    first = QPoint(round(bounds.left() * scale), round(bounds.top() * scale))
    outer = QRect(first, QPoint(round(bounds.right() * scale), round(bounds.bottom() * scale)))
    hatching = QBrush(theme.color("border"), Qt.BrushStyle.BDiagPattern)
    for strip in (
        QRect(outer.topLeft(), QPoint(outer.right(), -1)),
        QRect(QPoint(outer.left(), inner.bottom() + 1), outer.bottomRight()),
        QRect(QPoint(outer.left(), 0), QPoint(-1, inner.bottom())),
        QRect(QPoint(inner.right() + 1, 0), QPoint(outer.right(), inner.bottom())),
    ):
        painter.fillRect(strip, hatching)
    painter.setPen(theme.color("muted"))
    painter.drawRect(inner.adjusted(-1, -1, 0, 0))


def round_corners(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """Cover the corners of `rect` with the background."""
    radius = theme.px(_RADIUS)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("card"))
    for corner, dx, dy in (
        (rect.topLeft(), 1, 1), (rect.topRight(), -1, 1),
        (rect.bottomLeft(), 1, -1), (rect.bottomRight(), -1, -1),
    ):  # fmt: skip
        inner = corner + QPointF(dx * radius, dy * radius)
        path = QPainterPath()
        path.addRect(QRectF(corner, inner).normalized())
        path.addEllipse(inner, radius, radius)  # its other quarters fall outside the square
        painter.setClipRect(QRectF(corner, inner).normalized())
        painter.drawPath(path)
    painter.setClipping(False)


def edge_around(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """Draw a thin line along the edge of `rect`, inside it, with the same rounded corners."""
    painter.setPen(theme.color("border"))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    radius = theme.px(_RADIUS)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
