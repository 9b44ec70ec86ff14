"""What is painted over and under the tiles of a mosaic: labels, outlines, marked cells, lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from visualizer.ui.theme import Theme

Role = Literal["muted", "text", "good", "bad"]

LINE = 16  # px at scale 1: the height of a line of text


@dataclass(frozen=True)
class Mark:
    """Cells to be outlined: rows × columns of them from (row, column) on, in one tile or in all."""

    tile: int | None
    row: int
    column: int
    rows: int = 1
    columns: int = 1


def paint_label(painter: QPainter, theme: Theme, tile: QRectF, text: str, role: Role) -> None:
    """Write a label below a tile, cut where the tile ends."""
    painter.setFont(theme.font("caption"))
    painter.setPen(theme.color(role))
    rect = QRectF(tile.left() - 1, tile.bottom(), tile.width() + 2, theme.px(LINE))
    text = theme.cut("caption", text, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


def paint_outline(painter: QPainter, theme: Theme, tile: QRectF, role: str) -> None:
    """Outline a tile in a role's colour, with a dark rim: tiles may be of any colour."""
    rect = tile.adjusted(0, 0, -1, -1)
    painter.setPen(QPen(QColor(0, 0, 0, 200), 1))
    painter.drawRect(rect.adjusted(2, 2, -2, -2))
    painter.setPen(QPen(theme.color(role), 2))
    painter.drawRect(rect)


def paint_mark(
    painter: QPainter, theme: Theme, tile: QRectF, shape: tuple[int, int], mark: Mark
) -> None:
    """Outline the marked cells of a tile of `shape` (height, width) numbers."""
    down, across = tile.height() / shape[0], tile.width() / shape[1]
    box = QRectF(
        tile.left() + mark.column * across,
        tile.top() + mark.row * down,
        max(mark.columns * across, 3),
        max(mark.rows * down, 3),
    )
    painter.setPen(QPen(QColor(0, 0, 0, 200), 3))
    painter.drawRect(box)
    painter.setPen(QPen(theme.color("mark"), 1.5))
    painter.drawRect(box)


def paint_lines(
    painter: QPainter, theme: Theme, top: float, width: int, lines: Sequence[str]
) -> None:
    """Write lines of text from `top` on, each cut at `width`."""
    font = theme.font("caption")
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    painter.setPen(theme.color("muted"))
    line = theme.px(LINE)
    top += (line + metrics.ascent() - metrics.descent()) / 2
    for i, text in enumerate(lines):
        painter.drawText(QPointF(0, top + i * line), theme.cut("caption", text, width))
