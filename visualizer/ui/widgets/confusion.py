"""A confusion matrix: a row for each true class, a column for each answer."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.ui.theme import Theme, blend, readable_on
from visualizer.ui.widgets.slider import ARROWS, keep_keys

_MARGIN, _SMALLEST = 24, 110  # px at scale 1
_READABLE = 9  # px: smaller type is left out


class ConfusionMatrix(QWidget):
    """Paints counts or shares of each row. Right answers are blue, wrong ones red.

    Signals:
        clicked(int, int): true class and answer.
        hovered(str): what is pointed at, in words; "" when nothing is.
    """

    clicked = Signal(int, int)
    hovered = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._counts: npt.NDArray[np.int64] = np.zeros((0, 0), np.int64)
        self._names: tuple[str, ...] = ()
        self._shares = False
        self._here: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Confusion matrix")
        self.setToolTip("Click a cell to see its images")
        keep_keys(self, *ARROWS, Qt.Key.Key_Return)
        theme.changed.connect(self.update)

    def set_counts(self, counts: npt.NDArray[np.int64], names: Sequence[str]) -> None:
        """Show counts (C, C), rows being the true classes."""
        self._counts, self._names = counts, tuple(names)
        if self._here is not None and max(self._here) >= len(names):
            self._here = None
        self.update()

    def set_shares(self, on: bool) -> None:
        """Write shares of the rows instead of counts."""
        self._shares = on
        self.update()

    def text(self, row: int, column: int) -> str:
        """Return what is written into a cell; nothing where there is nothing."""
        count = int(self._counts[row, column])
        if not count or not self._shares:
            return str(count) if count else ""
        return f"{100 * count / self._counts[row].sum():.0f}"

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Return where a cell is."""
        side, top = self._cell(), self._theme.px(_MARGIN)
        return QRectF(self._left() + column * side, top + row * side, side, side)

    def sizeHint(self) -> QSize:
        """A square."""
        return self.minimumSizeHint() * 2

    def minimumSizeHint(self) -> QSize:
        """A small square."""
        side = self._theme.px(_SMALLEST)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint names and cells."""
        if not self._names:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_names(painter)
            totals = np.maximum(self._counts.sum(1), 1)
            font = self._theme.font("small_number")
            font.setPixelSize(max(1, min(int(self._cell() * 0.56), self._theme.px(13))))
            painter.setFont(font)
            for row, column in np.ndindex(self._counts.shape):
                self._paint_cell(painter, row, column, int(totals[row]), font.pixelSize())

    def _paint_cell(self, painter: QPainter, row: int, column: int, total: int, size: int) -> None:
        theme = self._theme
        share = self._counts[row, column] / total
        rect = self.cell_rect(row, column).adjusted(1, 1, -1, -1)
        fill = theme.color("field")
        if share:
            strong = theme.color("accent" if row == column else "bad")
            fill = blend(fill, strong, 0.2 + 0.8 * share if row == column else 0.3 + 0.7 * share)
        painter.setPen(Qt.PenStyle.NoPen)
        if (row, column) == self._here:
            painter.setPen(QPen(theme.color("here"), 2))
        painter.setBrush(fill)
        painter.drawRoundedRect(rect, 2, 2)
        if share and size >= _READABLE:
            painter.setPen(readable_on(QColor(fill)))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.text(row, column))

    def _paint_names(self, painter: QPainter) -> None:
        theme, margin = self._theme, self._theme.px(_MARGIN)
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.color("muted"))
        metrics = painter.fontMetrics()
        right = Qt.TextElideMode.ElideRight
        for i, name in enumerate(self._names):
            here = self.cell_rect(i, i)
            if here.height() < _READABLE:
                break
            text = metrics.elidedText(name, right, margin - 4)
            left = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            room = QRectF(self._left() - margin, here.top(), margin - 4, here.height())
            painter.drawText(room, left, text)
            text = metrics.elidedText(name, right, int(here.width()))
            top = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
            painter.drawText(QRectF(here.left(), 0, here.width(), margin - 2), top, text)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a cell."""
        self._point(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at none."""
        self._point(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for the images of a cell."""
        cell = self._at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Point by arrow keys, click by Enter."""
        key = Qt.Key(event.key())
        moves = dict(zip(ARROWS, ((0, -1), (0, 1), (-1, 0), (1, 0)), strict=True))
        if key in moves and self._names:
            row, column = self._here or (0, 0)
            last = len(self._names) - 1
            down, across = moves[key]
            self._point((min(max(row + down, 0), last), min(max(column + across, 0), last)))
        elif key == Qt.Key.Key_Return and self._here is not None:
            self.clicked.emit(*self._here)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at none."""
        super().focusOutEvent(event)
        self._point(None)

    def _cell(self) -> float:
        room = min(self.width(), self.height()) - self._theme.px(_MARGIN)
        return max(room / max(len(self._names), 1), 1.0)

    def _left(self) -> float:
        """Where the cells begin: the matrix stands in the middle."""
        margin = self._theme.px(_MARGIN)
        return margin + (self.width() - margin - self._cell() * len(self._names)) / 2

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        side = self._cell()
        row = int((point.y() - self._theme.px(_MARGIN)) // side)
        column = int((point.x() - self._left()) // side)
        last = len(self._names)
        return (row, column) if 0 <= row < last and 0 <= column < last else None

    def _point(self, cell: tuple[int, int] | None) -> None:
        if cell == self._here:
            return
        self._here = cell
        self.update()
        words = ""
        if cell is not None:
            truth, answer = (self._names[i] for i in cell)
            count = int(self._counts[cell])
            words = (
                f"{count} of {int(self._counts[cell[0]].sum())} images of {truth} called {answer}"
            )
        self.setAccessibleDescription(words)
        self.hovered.emit(words)
