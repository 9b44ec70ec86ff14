"""Which classes a network takes for which: a row for each true class, a column for each answer."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from visualizer.core.numbers import format_share
from visualizer.ui.theme import Theme, readable_on
from visualizer.ui.tooltips import plain
from visualizer.ui.widgets.slider import ARROWS, keep_keys, paint_focus_ring

Counts = npt.NDArray[np.int64]

_GAP, _LINE, _SPACE = 1, 16, 6  # px at scale 1: between cells, a line of text, beside labels
_SMALLEST, _LARGEST = 5, 44  # a cell
_WRITTEN = 30  # what a cell of four digits takes: one that is less high may be so wide
_LEAST_LABEL = 40  # what a long label may take, or, where there is more room,
_LABEL_SHARE = 0.33  # of the width, or of the height
_SHORT = 3  # characters: such labels lie above their columns
_HINT = "row: true class, column: answer"


class ConfusionGrid(QWidget):
    """Paints counts: what is right blue, what is wrong red, the more of its row the stronger.

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
        self._shares = False
        self._hint = _HINT
        self._pointed: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Confusion matrix")
        keep_keys(self, *ARROWS, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
        theme.changed.connect(self.update)

    def set_counts(self, counts: Counts, names: Sequence[str]) -> None:
        """Show (classes, classes) counts, row: true class, column: answer."""
        if len(names) != len(self._names):
            self._pointed = None
        self._counts, self._names = counts, tuple(names)
        self.setAccessibleDescription(self.readout())
        self.update()

    def set_shares(self, on: bool) -> None:
        """Write the share of its row into each cell, in percent, instead of the count."""
        self._shares = on
        self.update()

    def set_hint(self, words: str) -> None:
        """Say this while no cell is pointed at."""
        self._hint = words
        self.setAccessibleDescription(self.readout())
        self.update()

    def text(self, row: int, column: int) -> str:
        """Return what is written into a cell; nothing where there is nothing."""
        count = int(self._counts[row, column])
        if not count or not self._shares:
            return str(count) if count else ""
        return f"{100 * count / self._counts[row].sum():.0f}"

    def readout(self) -> str:
        """Return what is read off the cell that is pointed at, or how to read one."""
        return self._hint if self._pointed is None else self._words(*self._pointed)

    def _words(self, row: int, column: int) -> str:
        count, total = int(self._counts[row, column]), int(self._counts[row].sum())
        share = f", {format_share(count / total)}" if total else ""
        return f"{self._names[row]} answered {self._names[column]}: {count} of {total}{share}"

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Return where a cell is painted."""
        left, top, wide, high = self._layout()
        gap = self._theme.px(_GAP)
        return QRectF(left + column * wide, top + row * high, wide - gap, high - gap)

    def sizeHint(self) -> QSize:
        """Room to write numbers into the cells."""
        side = self._theme.px(26) * max(len(self._names), 4) + self._theme.px(2 * _LEAST_LABEL)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        """Room for a square that can be pointed into."""
        side = self._theme.px(160)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint cells, labels, and the line that is read, and a ring while focused."""
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
        paint_focus_ring(self)

    def event(self, event: QEvent) -> bool:
        """Say as a tooltip what is below the pointer, with the whole names."""
        if event.type() == QEvent.Type.ToolTip and self._names:
            help_event = cast(QHelpEvent, event)
            tip = plain(self.tip_at(QPointF(help_event.pos())))
            QToolTip.showText(help_event.globalPos(), tip, self)
            return True
        return super().event(event)

    def tip_at(self, point: QPointF) -> str:
        """Return the whole text of the cell, or of the name, that is there."""
        cell = self._at(point)
        if cell is not None:
            return self._words(*cell)
        left, top, wide, high = self._layout()
        is_row = point.x() < left
        index = int((point.y() - top) // high if is_row else (point.x() - left) // wide)
        is_name = is_row != (point.y() < top) and 0 <= index < len(self._names)
        return self._names[index] if is_name else self._hint

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

    def _layout(self) -> tuple[float, float, float, float]:
        """Return left and top of the cells, and width and height of one with its gap.

        They are in the middle; square, or wider where that makes room for numbers.
        """
        px, count = self._theme.px, max(len(self._names), 1)
        labels, top = (
            min(self._longest(), max(px(_LEAST_LABEL), _LABEL_SHARE * room)) + px(_SPACE)
            for room in (self.width(), self.height())
        )
        if self._are_short():
            top = px(_LINE)
        side = self._side(labels, top, count)
        if side < self._least_label():
            labels = top = 0
            side = self._side(labels, top, count)
        wide = side
        if side - px(_GAP) >= self._digits().height():
            wide = max(side, min((self.width() - labels) / count, px(_WRITTEN)))
        return labels + max(self.width() - labels - count * wide, 0) / 2, top, wide, side

    def _side(self, labels: float, top: float, count: int) -> float:
        px = self._theme.px
        room = min(self.width() - labels, self.height() - top - px(_LINE + _SPACE))
        return min(max(room / count, px(_SMALLEST)), px(_LARGEST))

    def _digits(self, text: str = "0") -> QRectF:
        """Return the room that such a number takes in a cell."""
        metrics = QFontMetricsF(self._theme.font("small_number"))
        space = self._theme.px(2)
        return QRectF(0, 0, metrics.horizontalAdvance(text) + space, metrics.capHeight() + space)

    def _least_label(self) -> float:
        """The side of a cell below which names could not be read, one over the other."""
        return QFontMetricsF(self._theme.font("caption")).height() * 0.8

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
        left, top, wide, high = self._layout()
        whole = QRectF(left, top, count * wide, count * high)
        painter.drawImage(whole, image)
        gap, ground = theme.px(_GAP), theme.color("card")
        for i in range(1, count + 1):
            across, down = left + i * wide - gap, top + i * high - gap
            painter.fillRect(QRectF(across, top, gap, whole.height()), ground)
            painter.fillRect(QRectF(left, down, whole.width(), gap), ground)
        painter.setFont(theme.font("small_number"))
        needed = self._digits("100" if self._shares else str(self._counts.max()))
        if wide - gap < needed.width() or high - gap < needed.height():
            return
        for row, column in np.argwhere(self._counts):
            color = QColor(*(int(part) for part in rgb[row, column]))
            painter.setPen(readable_on(color))
            text = self.text(row, column)
            painter.drawText(self.cell_rect(row, column), Qt.AlignmentFlag.AlignCenter, text)

    def _colors(self) -> npt.NDArray[np.uint8]:
        """Return the colour of each cell, (classes, classes, 3)."""
        empty, good, bad = (np.array(self._theme.rgb(role)) for role in ("field", "accent", "bad"))
        totals = np.maximum(self._counts.sum(1, keepdims=True), 1)
        shares = (self._counts / totals) ** 0.5  # few mistakes are to be seen too
        is_right = np.eye(len(self._names), dtype=bool)[..., np.newaxis]
        full = np.where(is_right, good, bad)
        return (empty + (full - empty) * shares[..., np.newaxis]).round().astype(np.uint8)

    def _paint_labels(self, painter: QPainter) -> None:
        left, top, wide, high = self._layout()
        font = self._theme.font("caption")
        metrics = QFontMetricsF(font)
        if not top:
            return  # the pointer reads them
        painter.setFont(font)
        painter.setPen(self._theme.color("muted"))
        space = self._theme.px(_SPACE)
        labels = min(self._longest(), left - space)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        for i, name in enumerate(self._names):
            text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, labels)
            before = QRectF(left - space - labels, top + i * high, labels, high)
            painter.drawText(before, right, text)
            if self._are_short():
                above = QRectF(left + i * wide, 0, wide, top)
                painter.drawText(above, Qt.AlignmentFlag.AlignCenter, text)
            else:
                painter.save()
                painter.translate(left + i * wide, top - space)
                painter.rotate(-90)
                text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, top - space)
                painter.drawText(QRectF(0, 0, top, wide), Qt.AlignmentFlag.AlignVCenter, text)
                painter.restore()

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        left, top, wide, high = self._layout()
        cell = QPoint(int((point.x() - left) // wide), int((point.y() - top) // high))
        count = len(self._names)
        inside = 0 <= cell.x() < count and 0 <= cell.y() < count
        return (cell.y(), cell.x()) if inside else None

    def _point_at(self, cell: tuple[int, int] | None) -> None:
        if cell != self._pointed:
            self._pointed = cell
            self.setAccessibleDescription(self.readout())
            self.update()
