"""The kernel as cells that can be edited in place: by typing, wheel, keys, dragging or pasting."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from visualizer.core.kernels import Kernel, to_text
from visualizer.core.numbers import parse_grid, parse_number
from visualizer.ui.theme import Theme
from visualizer.ui.widgets import cells
from visualizer.ui.widgets.cell_edit import CellEdit, editable_text, plain_text
from visualizer.ui.widgets.cell_painter import CellPainter, Grid
from visualizer.ui.widgets.kernel_keys import CHANGES, ERASERS, MOVES, OPENERS, belongs_to_kernel

Weights = npt.NDArray[np.float64]

_PREFERRED, _SMALLEST, _AREA = 60, 20, 330  # px at scale 1
_PIXELS_A_STEP = 8
_PAUSE_MS = 900  # wheel turns and keys closer together than this are one gesture


class KernelEditor(QWidget):
    """One kernel plane of 1×1 to 15×15 weights.

    Click selects; typing, double-click, F2 or Enter edit in place, live; the wheel, Ctrl+Up and
    Ctrl+Down, or dragging up and down change a weight (with Ctrl held ten times as fast);
    Ctrl+C and Ctrl+V copy the kernel and paste a block at the selection; Delete makes 0.

    Signals:
        valueEdited(object, str): new (kh, kw) weights, and a key shared by the edits that are
            one step of undo.
        blockPasted(int, int): a block of so many rows and columns was pasted.
        sizeWanted(int, int, object): the pasted block needs a kernel of so many rows, columns.
        problem(str): why what is typed or pasted cannot be used; "" once it can.
        weightHovered(int, int), weightLeft(): the weight under the pointer.
    """

    valueEdited = Signal(object, str)
    blockPasted = Signal(int, int)
    sizeWanted = Signal(int, int, object)
    problem = Signal(str)
    weightHovered = Signal(int, int)
    weightLeft = Signal()

    def __init__(self, theme: Theme, *, read_only: bool = False) -> None:
        """Build it with a single 0. `read_only` shows a kernel without letting it be changed."""
        super().__init__()
        self._theme = theme
        self._read_only = read_only
        self._weights: Weights = np.zeros((1, 1))
        self._selected = (0, 0)
        self._pointed: tuple[int, int] | None = None
        self._highlight: tuple[int, int] | None = None
        self._press: tuple[float, float] | None = None  # y and weight where a drag began
        self._dragging = False
        self._gesture = 0
        self._wheel = 0.0
        self._pause = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._lattice = cells.Lattice(1, 1, 0, 0, 1, 1, 0)
        self._painter = CellPainter(theme)
        self._grid: Grid | None = None
        self._type_size = 12.0
        self._before = self._weights  # what Escape restores
        self._edit = CellEdit(self)
        self._edit.textEdited.connect(self._typed)
        self._edit.moved.connect(self._finish_and_move)
        self._edit.cancelled.connect(self._cancel)
        self._edit.closed.connect(self._close_edit)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if read_only else Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Kernel, turned" if read_only else "Kernel")
        theme.changed.connect(self._theme_changed)

    def value(self) -> Weights:
        """Return a copy of the (kh, kw) weights in force."""
        return self._weights.copy()

    def set_value(self, weights: npt.ArrayLike) -> None:
        """Show (kh, kw) weights, without a signal. Showing the same again disturbs no editing."""
        array = np.array(weights, dtype=np.float64, ndmin=2)
        if np.array_equal(array, self._weights):
            return
        self._edit.close_quietly()
        self._adopt(array)

    def selected(self) -> tuple[int, int]:
        """Return the selected row and column."""
        return self._selected

    def select(self, row: int, column: int) -> None:
        """Select a cell."""
        rows, columns = self._weights.shape
        self._selected = (min(max(row, 0), rows - 1), min(max(column, 0), columns - 1))
        row, column = self._selected
        exact = editable_text(float(self._weights[row, column]))
        self.setAccessibleDescription(f"row {row + 1}, column {column + 1}: {exact}")
        self.update()

    def set_highlight(self, row: int | None, column: int = 0) -> None:
        """Outline one weight in the colour of "here", or none."""
        wanted = None if row is None else (row, column)
        if wanted != self._highlight:
            self._highlight = wanted
            self.update()

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Return where a weight is painted, in this widget's coordinates."""
        return self._lattice.rect(row, column)

    def sizeHint(self) -> QSize:
        """Cells of up to 60 px, as long as the whole stays within 330."""
        largest = max(self._weights.shape)
        return self._size(min(_PREFERRED, max(_SMALLEST, _AREA / largest - self._gap())))

    def minimumSizeHint(self) -> QSize:
        """Return room for the smallest cells that digits fit into."""
        return self._size(_SMALLEST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the cells to the room."""
        self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells."""
        if self._grid is None:
            self._grid = self._look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.paint(painter, self._lattice, self._grid, self._type_size)
        if self.hasFocus():
            rect = self._lattice.rect(*self._selected)
            cells.paint_outline(painter, self._theme, rect, "accent")
        for cell in (self._highlight, self._pointed):
            if cell is not None:
                rect = self._lattice.rect(*cell).adjusted(1, 1, -1, -1)
                cells.paint_outline(painter, self._theme, rect, width=1.5)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select a cell; a drag may follow."""
        cell = self._lattice.at(event.position())
        if cell is None or self._read_only or event.button() != Qt.MouseButton.LeftButton:
            return
        self._edit.close_quietly()
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.select(*cell)
        self._press = (event.position().y(), float(self._weights[cell]))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a cell, or change the dragged one."""
        if self._press is None:
            self._point_at(self._lattice.at(event.position()))
            return
        y, weight = self._press
        distance = y - event.position().y()
        if not self._dragging and abs(distance) >= self._theme.px(_PIXELS_A_STEP):
            self._dragging = True
            self._gesture += 1
            self.setCursor(Qt.CursorShape.SizeVerCursor)
        if self._dragging:
            steps = round(distance / self._theme.px(_PIXELS_A_STEP))
            self._put(weight + steps * self._step(event.modifiers()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag."""
        self._press = None
        self._dragging = False
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Edit the cell in place."""
        if not self._read_only and self._lattice.at(event.position()) is not None:
            self._press = None
            self._open()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change the weight under the pointer."""
        cell = self._lattice.at(event.position())
        if cell is None or self._read_only or self._edit.isVisible():
            event.ignore()
            return
        self._wheel += event.angleDelta().y() / 120
        steps = int(self._wheel)
        if steps:
            self._wheel -= steps
            self._new_run(cell)
            self._change(steps, event.modifiers())
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at no cell."""
        self._point_at(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the selection's outline."""
        super().focusInEvent(event)
        self.select(*self._selected)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the selection's outline away."""
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Claim the keys edited with from the window's shortcuts; show the exact weight."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if belongs_to_kernel(event):
                event.accept()
                return True
        elif event.type() == QEvent.Type.ToolTip:
            self._show_tip()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Select, change, open, erase, copy and paste."""
        key = Qt.Key(event.key())
        if self._read_only or not belongs_to_kernel(event):
            super().keyPressEvent(event)
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste(QGuiApplication.clipboard().text())
        elif key in CHANGES and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._new_run(self._selected)
            self._change(CHANGES[key], Qt.KeyboardModifier.NoModifier)
        elif key in MOVES:
            down, right = MOVES[key]
            self.select(self._selected[0] + down, self._selected[1] + right)
        elif key in ERASERS:
            self._gesture += 1
            self._put(0.0)
        elif key in OPENERS:
            self._open()
        else:
            self._open(event.text())

    def copy(self) -> None:
        """Put the whole kernel on the clipboard as lines of numbers, exactly."""
        QGuiApplication.clipboard().setText(to_text(Kernel(self._weights[np.newaxis], "kernel")))

    def paste(self, text: str) -> None:
        """Put the block of numbers in `text` at the selection, moved inwards to fit.

        A block larger than the kernel is handed on by `sizeWanted`; a text that is no block of
        numbers is refused by `problem`, and nothing changes.
        """
        try:
            block = parse_grid(text)
        except ValueError as error:
            self.problem.emit(str(error))
            return
        self.problem.emit("")
        (rows, columns), (height, width) = self._weights.shape, block.shape
        if height > rows or width > columns:
            self.sizeWanted.emit(max(height, rows), max(width, columns), block)
            return
        top = min(self._selected[0], rows - height)
        left = min(self._selected[1], columns - width)
        weights = self.value()
        weights[top : top + height, left : left + width] = block
        self._gesture += 1
        self._edited(weights)
        self.blockPasted.emit(height, width)

    def _new_run(self, cell: tuple[int, int]) -> None:
        """Begin a new step of undo unless this goes on with the same weight without a pause."""
        if not self._pause.isActive() or cell != self._selected:
            self._gesture += 1
        self.select(*cell)
        self._pause.start()

    def _change(self, steps: int, modifiers: Qt.KeyboardModifier) -> None:
        self._put(float(self._weights[self._selected]) + steps * self._step(modifiers))

    def _step(self, modifiers: Qt.KeyboardModifier) -> float:
        whole = bool(np.all(self._weights == np.round(self._weights)))
        faster = 10 if modifiers & Qt.KeyboardModifier.ControlModifier else 1
        return faster * (1.0 if whole else 0.1)

    def _put(self, weight: float) -> None:
        weights = self.value()
        weights[self._selected] = round(weight, 12) + 0.0  # no -0, no 0.30000000000000004
        self._edited(weights)

    def _edited(self, weights: Weights) -> None:
        if not np.array_equal(weights, self._weights):
            self._adopt(weights)
            self.valueEdited.emit(self.value(), f"kernel#{self._gesture}")

    def _open(self, text: str | None = None) -> None:
        """Edit the selected cell, beginning with `text` or with its weight, selected."""
        self._gesture += 1
        shown = editable_text(float(self._weights[self._selected])) if text is None else text
        self._before = self.value()
        rect = self._lattice.rect(*self._selected)
        self._edit.open(rect, shown, self._edit_size(), select=text is None)
        if text is not None:
            self._typed(text)

    def _typed(self, text: str) -> None:
        self._edit.place(self._lattice.rect(*self._selected), self._edit_size())
        try:
            weight = parse_number(text)
        except ValueError as error:
            self._say(str(error))
        else:
            self._say("")
            weights = self.value()
            weights[self._selected] = weight
            self._edited(weights)

    def _say(self, sentence: str) -> None:
        if self._edit.set_problem(sentence):
            self.problem.emit(sentence)

    def _finish_and_move(self, steps: int) -> None:
        """Go on to the next or the previous weight, unless what is typed cannot be used."""
        if self._edit.sentence:
            return
        self._edit.close_quietly()
        rows, columns = self._weights.shape
        index = (self._selected[0] * columns + self._selected[1] + steps) % (rows * columns)
        self.select(*divmod(index, columns))

    def _cancel(self) -> None:
        self._edit.close_quietly()
        self._edited(self._before)

    def _close_edit(self) -> None:
        if self._edit.set_problem(""):
            self.problem.emit("")
        self.update()

    def _adopt(self, weights: Weights) -> None:
        resized = weights.shape != self._weights.shape
        self._weights = weights
        self._grid = None
        if resized:
            self._highlight = self._press = None
            self._point_at(None)
            self.updateGeometry()
            self._lay_out()
        self.select(*self._selected)

    def _point_at(self, cell: tuple[int, int] | None) -> None:
        if cell == self._pointed:
            return
        self._pointed = cell
        self.update()
        if cell is None:
            self.weightLeft.emit()
        else:
            self.weightHovered.emit(*cell)

    def _show_tip(self) -> None:
        position = self.cursor().pos()
        cell = self._lattice.at(QPointF(self.mapFromGlobal(position)))
        if cell is None:
            QToolTip.hideText()
            return
        value = float(self._weights[cell])
        text = editable_text(value)
        exact = text if text == plain_text(value) else f"{text} = {plain_text(value)}"
        hint = "" if self._read_only else "\nType, turn the wheel or drag up and down to change it"
        QToolTip.showText(position, exact + hint, self)

    def _gap(self) -> float:
        return 4 if max(self._weights.shape) <= 7 else 2

    def _size(self, cell: float) -> QSize:
        px, gap = self._theme.px, self._gap()
        rows, columns = self._weights.shape
        return QSize(
            px(columns * (cell + gap) - gap) + px(6), px(rows * (cell + gap) - gap) + px(6)
        )

    def _lay_out(self) -> None:
        rows, columns = self._weights.shape
        px, gap = self._theme.px, self._theme.px(self._gap())
        side = min(
            (self.width() - px(6) + gap) / columns - gap,
            (self.height() - px(6) + gap) / rows - gap,
            px(_PREFERRED),
        )
        side = max(4, int(side))
        left = (self.width() - columns * (side + gap) + gap) / 2
        top = (self.height() - rows * (side + gap) + gap) / 2
        self._lattice = cells.Lattice(rows, columns, round(left), round(top), side, side, gap)
        if self._edit.isVisible():
            self._edit.place(self._lattice.rect(*self._selected), self._edit_size())
        self._grid = None
        self.update()

    def _look(self) -> Grid:
        theme, side = self._theme, self._lattice.cell_width
        texts = cells.compact_texts(self._weights, max(2, int((side - 2) / (0.6 * theme.px(7)))))
        if any("…" in row for row in texts):  # colours say more than a few numbers among dots
            texts = [[""] * len(row) for row in texts]
        preferred = min(theme.px(18), max(theme.px(10), side * 0.32))
        self._type_size = cells.fitting_size(
            cells.longest(texts), side - theme.px(2), preferred, theme.px(7)
        )
        largest = float(np.abs(self._weights).max())
        return self._painter.grid(self._weights, texts, "signed", -largest, largest)

    def _edit_size(self) -> float:
        return max(self._type_size, self._theme.px(12))

    def _theme_changed(self) -> None:
        self._painter.forget()
        self.updateGeometry()
        self._lay_out()
