"""Which classes a network takes for which: a row for each true class, a column for each answer."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.ui.theme import Theme, readable_on
from visualizer.ui.widgets.slider import ARROWS, keep_keys

Counts = npt.NDArray[np.int64]

_GAP, _LINE, _SPACE = 1, 16, 6  # px at scale 1: between cells, a line of text, beside labels
_SMALLEST, _LARGEST = 5, 44  # a cell
_MOST_LABEL = 84  # the longest label
_SHORT = 3  # characters: such labels lie above their columns


class ConfusionGrid(QWidget):
    """Paints counts: what is right green, what is wrong red, the more of its row the stronger.

    The pointer, or the arrow keys, read a cell; a click, or Enter, tells of it.

    Signals:
        clicked(int, int): the true class and the answer of a cell.
    """

    clicked = Signal(int, int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._names: tuple[str, ...] = ()
        self._counts: Counts = np.zeros((0, 0), np.int64)
        self._pointed: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Confusion matrix")
        self.setToolTip("Rows: the true class. Columns: what the network answers")
        keep_keys(self, *ARROWS, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
        theme.changed.connect(self.update)

    def set_counts(self, counts: Counts, names: Sequence[str]) -> None:
        """Show (classes, classes) counts, row: true class, column: answer."""
        if len(names) != len(self._names):
            self._pointed = None
        self._counts, self._names = counts, tuple(names)
        self.setAccessibleDescription(self.readout())
        self.update()

    def readout(self) -> str:
        """Return what is read off the cell that is pointed at, or how to read one."""
        if self._pointed is None:
            return "row: true class, column: answer" if self._names else ""
        row, column = self._pointed
        count, total = int(self._counts[row, column]), int(self._counts[row].sum())
        share = f", {count / total:.1%}".replace("%", " %") if total else ""
        return f"{self._names[row]} answered {self._names[column]}: {count} of {total}{share}"

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Return where a cell is painted."""
        left, top, side = self._layout()
        gap = self._theme.px(_GAP)
        return QRectF(left + column * side, top + row * side, side - gap, side - gap)

    def sizeHint(self) -> QSize:
        """Room to write numbers into the cells."""
        side = self._theme.px(26) * max(len(self._names), 4) + self._theme.px(_MOST_LABEL)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        """Room for a square that can be pointed into."""
        side = self._theme.px(160)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint cells, labels, and the line that is read."""
        with QPainter(self) as painter:
            self._paint_cells(painter)
            self._paint_labels(painter)
            if self._pointed is not None:
                painter.setPen(QPen(self._theme.color("here"), self._theme.px(2)))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(self.cell_rect(*self._pointed))
            painter.setFont(self._theme.font("caption"))
            painter.setPen(self._theme.color("text" if self._pointed else "muted"))
            line = self._theme.px(_LINE)
            text = QFontMetricsF(painter.font()).elidedText(
                self.readout(), Qt.TextElideMode.ElideMiddle, self.width()
            )
            painter.drawText(QRectF(0, self.height() - line, self.width(), line), text)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a cell."""
        self._point_at(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at none."""
        self._point_at(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at none."""
        super().focusOutEvent(event)
        self._point_at(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell of the cell."""
        found = self._at(event.position())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(*found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Point by arrow keys, tell by Enter."""
        key, count = Qt.Key(event.key()), len(self._names)
        if key in ARROWS and count:
            step = {ARROWS[0]: (0, -1), ARROWS[1]: (0, 1), ARROWS[2]: (-1, 0), ARROWS[3]: (1, 0)}
            row, column = self._pointed or (0, 0)
            down, right = step[key] if self._pointed else (0, 0)
            self._point_at(((row + down) % count, (column + right) % count))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._pointed is not None:
            self.clicked.emit(*self._pointed)
        elif key == Qt.Key.Key_Escape and self._pointed is not None:
            self._point_at(None)
        else:
            super().keyPressEvent(event)

    def _layout(self) -> tuple[float, float, float]:
        """Return left and top of the cells, and their side with its gap."""
        px, count = self._theme.px, max(len(self._names), 1)
        left = min(self._longest(), px(_MOST_LABEL)) + px(_SPACE)
        top = px(_LINE) if self._are_short() else left
        room = min(self.width() - left, self.height() - top - px(_LINE + _SPACE))
        return left, top, min(max(room / count, px(_SMALLEST)), px(_LARGEST))

    def _longest(self) -> float:
        metrics = QFontMetricsF(self._theme.font("caption"))
        return max((metrics.horizontalAdvance(name) for name in self._names), default=0.0)

    def _are_short(self) -> bool:
        return all(len(name) <= _SHORT for name in self._names)

    def _paint_cells(self, painter: QPainter) -> None:
        """Paint all cells as one picture, then the gaps, and numbers where there is room."""
        if not self._names:
            return
        theme, count = self._theme, len(self._names)
        rgb = self._colors()
        image = QImage(rgb.data, count, count, 3 * count, QImage.Format.Format_RGB888)
        left, top, side = self._layout()
        painter.drawImage(QRectF(left, top, count * side, count * side), image)
        gap = theme.px(_GAP)
        for i in range(1, count + 1):
            place, length = i * side - gap, count * side
            painter.fillRect(QRectF(left + place, top, gap, length), theme.color("card"))
            painter.fillRect(QRectF(left, top + place, length, gap), theme.color("card"))
        painter.setFont(theme.font("small_number"))
        metrics = QFontMetricsF(painter.font())
        widest = metrics.horizontalAdvance(str(self._counts.max()))
        if side - gap < max(widest + theme.px(2), metrics.height()):
            return
        for row, column in np.argwhere(self._counts):
            color = QColor(*(int(part) for part in rgb[row, column]))
            painter.setPen(readable_on(color))
            text = str(self._counts[row, column])
            painter.drawText(self.cell_rect(row, column), Qt.AlignmentFlag.AlignCenter, text)

    def _colors(self) -> npt.NDArray[np.uint8]:
        """Return the colour of each cell, (classes, classes, 3)."""
        empty, good, bad = (np.array(self._theme.rgb(role)) for role in ("field", "good", "bad"))
        totals = np.maximum(self._counts.sum(1, keepdims=True), 1)
        shares = (self._counts / totals) ** 0.5  # few mistakes are to be seen too
        is_right = np.eye(len(self._names), dtype=bool)[..., np.newaxis]
        full = np.where(is_right, good, bad)
        return (empty + (full - empty) * shares[..., np.newaxis]).round().astype(np.uint8)

    def _paint_labels(self, painter: QPainter) -> None:
        left, top, side = self._layout()
        font = self._theme.font("caption")
        metrics = QFontMetricsF(font)
        if side < metrics.height() * 0.8:
            return  # one over the other they could not be read; the pointer reads them
        painter.setFont(font)
        painter.setPen(self._theme.color("muted"))
        space = self._theme.px(_SPACE)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        for i, name in enumerate(self._names):
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, left - space)
            painter.drawText(QRectF(0, top + i * side, left - space, side), right, text)
            if self._are_short():
                above = QRectF(left + i * side, 0, side, top)
                painter.drawText(above, Qt.AlignmentFlag.AlignCenter, text)
            else:
                painter.save()
                painter.translate(left + i * side, top - space)
                painter.rotate(-90)
                painter.drawText(QRectF(0, 0, top, side), Qt.AlignmentFlag.AlignVCenter, text)
                painter.restore()

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        left, top, side = self._layout()
        cell = QPoint(int((point.x() - left) // side), int((point.y() - top) // side))
        count = len(self._names)
        inside = 0 <= cell.x() < count and 0 <= cell.y() < count
        return (cell.y(), cell.x()) if inside else None

    def _point_at(self, cell: tuple[int, int] | None) -> None:
        if cell != self._pointed:
            self._pointed = cell
            self.setAccessibleDescription(self.readout())
            self.update()
