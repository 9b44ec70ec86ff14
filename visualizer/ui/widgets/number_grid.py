"""A table of numbers painted as coloured cells: pixels as greys, signed values diverging."""

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from visualizer.core.numbers import format_number
from visualizer.ui.theme import Theme
from visualizer.ui.widgets import cells
from visualizer.ui.widgets.cell_painter import CellPainter, Grid
from visualizer.ui.widgets.slider import ARROWS, keep_keys

_SMALLEST_TYPE = 7  # px at scale 1

_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class NumberGrid(QWidget):
    """Shows (R, C) numbers; cells and digits shrink with the room there is, never overlap.

    Signals:
        hovered(int, int): the pointer, or the keyboard, is on this row and column.
        left(): it is on none.
        clicked(int, int): a cell was clicked, or Enter pressed on it.
    """

    hovered = Signal(int, int)
    left = Signal()
    clicked = Signal(int, int)

    def __init__(
        self, theme: Theme, *, preferred: float = 30, smallest: float = 18, gap: float = 4
    ) -> None:
        """Build it. Cells are between `smallest` and `preferred` px wide at scale 1."""
        super().__init__()
        self._theme = theme
        self._preferred, self._smallest, self._gap = preferred, smallest, gap
        self._values: npt.NDArray[np.float64] = np.zeros((0, 0))
        self._inside: npt.NDArray[np.bool_] = np.zeros((0, 0), bool)
        self._style: cells.Style = "grey"
        self._low, self._high = 0.0, 255.0
        self._labels: list[list[str]] | None = None
        self._letters = 0
        self._caption = ""
        self._highlight: tuple[int, int] | None = None
        self._pointed: tuple[int, int] | None = None
        self._lattice = cells.Lattice(0, 0, 0, 0, 1, 1, 0)
        self._painter = CellPainter(theme)
        self._grid: Grid | None = None
        self._type_size = 10.0
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Numbers")
        keep_keys(self, *ARROWS)
        theme.changed.connect(self._theme_changed)

    def set_values(
        self,
        values: npt.ArrayLike,
        style: cells.Style = "grey",
        *,
        low: float = 0.0,
        high: float = 255.0,
        largest: float | None = None,
        inside: npt.ArrayLike | None = None,
        labels: list[list[str]] | None = None,
        letters: int = 0,
    ) -> None:
        """Show (R, C) numbers.

        Args:
            values: the numbers; NaN and infinity are shown as such in the invalid colour.
            style: "grey" shades from `low` to `high`; "signed" diverges, full at ±`largest`
                (by default the largest magnitude on show); "plain" has no colour.
            low, high: black and white of the greys.
            largest: see style.
            inside: (R, C), False where a cell lies in the padding.
            labels: texts to show instead of the formatted numbers.
            letters: how long the labels may become; cells are wider than high for long ones.
        """
        array = np.array(values, dtype=np.float64, ndmin=2)
        resized = array.shape != self._values.shape
        widened, self._letters = letters != self._letters, letters
        self._values = array
        self._inside = np.ones(array.shape, bool) if inside is None else np.array(inside, bool)
        self._style, self._labels = style, labels
        self._low, self._high = low, high
        if style == "signed":
            finite = np.abs(array[np.isfinite(array)])
            self._high = (finite.max(initial=0.0)) if largest is None else largest
        if resized:
            self._highlight = self._pointed = None
            self.updateGeometry()
        if resized or widened:
            self._lay_out()
        self._refresh()

    def has_room(self, columns: int, letters: int) -> bool:
        """Return whether so many cells of such long texts fit beside each other."""
        px = self._theme.px
        pitch = (self.width() - px(4)) // columns
        return cells.text_width(letters, px(_SMALLEST_TYPE)) + px(3) <= pitch - self._gap_of(pitch)

    def set_caption(self, text: str) -> None:
        """Show a line under the cells ("" for none)."""
        if text != self._caption:
            self._caption = text
            self.setAccessibleName(text or "Numbers")
            self.updateGeometry()
            self._lay_out()
            self._refresh()

    def set_highlight(self, row: int | None, column: int | None = None) -> None:
        """Outline one cell in the colour of "here", a whole row (column None), or none."""
        wanted = None if row is None else (row, -1 if column is None else column)
        if wanted != self._highlight:
            self._highlight = wanted
            self.update()

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Return where a cell is painted, in this widget's coordinates."""
        return self._lattice.rect(row, column)

    def sizeHint(self) -> QSize:
        """Every cell at its preferred size."""
        return self._size(self._preferred, self._gap)

    def minimumSizeHint(self) -> QSize:
        """Every cell at its smallest size."""
        return self._size(self._smallest, 1)

    def resizeEvent(self, event: object) -> None:
        """Fit the cells to the room."""
        self._lay_out()
        self._refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells."""
        if not self._values.size:
            return
        if self._grid is None:
            self._grid = self._look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.paint(painter, self._lattice, self._grid, self._type_size)
        self._paint_outlines(painter)
        if self._caption:
            painter.setFont(self._theme.font("caption"))
            painter.setPen(self._theme.color("muted"))
            top = self._lattice.bounds.bottom() + self._theme.px(4)
            rect = QRectF(0, top, self.width(), cells.caption_height(self._theme))
            painter.drawText(
                rect, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, self._caption
            )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a cell."""
        self._point_at(self._lattice.at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at no cell."""
        self._point_at(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell which cell was clicked."""
        cell = self._lattice.at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the pointed cell by arrow keys; Enter clicks it."""
        rows, columns = self._values.shape
        key = Qt.Key(event.key())
        if key in _MOVES and rows:
            row, column = self._pointed or (0, 0)
            down, right = _MOVES[key] if self._pointed else (0, 0)
            self._point_at((_within(row + down, rows), _within(column + right, columns)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._pointed:
            self.clicked.emit(*self._pointed)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at no cell."""
        super().focusOutEvent(event)
        self._point_at(None)

    def event(self, event: QEvent) -> bool:
        """Answer a request for the tooltip with the exact number under the pointer."""
        if event.type() == QEvent.Type.ToolTip and self._values.size:
            point = self.mapFromGlobal(self.cursor().pos())
            cell = self._lattice.at(QPointF(point))
            if cell is not None:
                QToolTip.showText(self.cursor().pos(), self._tip(*cell), self)
                return True
        return super().event(event)

    def _tip(self, row: int, column: int) -> str:
        value = float(self._values[row, column])
        exact = format_number(value, digits=9)
        return exact if self._inside[row, column] else f"{exact} (padding)"

    def _point_at(self, cell: tuple[int, int] | None) -> None:
        if cell == self._pointed:
            return
        self._pointed = cell
        self.update()
        if cell is None:
            self.left.emit()
        else:
            self.hovered.emit(*cell)

    def _paint_outlines(self, painter: QPainter) -> None:
        marked = self._highlight
        if marked is not None:
            row, column = marked
            rect = self._lattice.rect(row, max(column, 0))
            if column < 0:
                rect = rect.united(self._lattice.rect(row, self._lattice.columns - 1))
            cells.paint_outline(painter, self._theme, rect)
        if self._pointed is not None and self._pointed != marked:
            role = "accent" if self.hasFocus() else "here"
            cells.paint_outline(painter, self._theme, self._lattice.rect(*self._pointed), role)

    def _size(self, cell: float, gap: float) -> QSize:
        px = self._theme.px
        rows, columns = self._values.shape
        width = columns * (px(cell) + px(gap)) + px(4)
        height = rows * (px(cell) + px(gap)) + px(4)
        if self._caption:
            height += round(cells.caption_height(self._theme))
        return QSize(width, height)

    def _lay_out(self) -> None:
        rows, columns = self._values.shape
        if not rows or not columns:
            self._lattice = cells.Lattice(0, 0, 0, 0, 1, 1, 0)
            return
        px = self._theme.px
        below = cells.caption_height(self._theme) if self._caption else 0.0
        across = (self.width() - px(4)) / columns
        pitch = min(across, (self.height() - px(4) - below) / rows)
        gap = self._gap_of(pitch)
        side = max(4, min(int(pitch - gap), px(self._preferred)))
        wanted = cells.text_width(self._letters, self._type_in(side)) + px(3)
        width = max(side, min(int(across - gap), math.ceil(wanted)))
        left = (self.width() - columns * (width + gap) + gap) / 2
        self._lattice = cells.Lattice(rows, columns, round(left), px(2), width, side, gap)

    def _gap_of(self, pitch: float) -> int:
        return max(1, min(self._theme.px(self._gap), round(pitch * 0.12)))

    def _type_in(self, side: float) -> float:
        """Return the size of digits in a cell so high, before they have to be narrower."""
        return min(self._theme.px(13), side * 0.45)

    def _refresh(self) -> None:
        self._grid = None
        self.update()

    def _look(self) -> Grid:
        theme, side = self._theme, self._lattice.cell_width
        room = max(2, int((side - 2) / (0.6 * theme.px(8))))
        texts = self._labels or cells.compact_texts(self._values, room)
        self._type_size = cells.fitting_size(
            cells.longest(texts), side - theme.px(3),
            self._type_in(self._lattice.cell_height), theme.px(_SMALLEST_TYPE),
        )  # fmt: skip
        self.setAccessibleDescription(cells.spoken(texts))
        return self._painter.grid(
            self._values, texts, self._style, self._low, self._high, inside=self._inside
        )

    def _theme_changed(self) -> None:
        self._painter.forget()
        self.updateGeometry()
        self._lay_out()
        self._refresh()


def _within(index: int, count: int) -> int:
    return min(max(index, 0), count - 1)
