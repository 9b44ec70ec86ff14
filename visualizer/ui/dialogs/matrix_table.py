"""The cells of one plane of a matrix, to type into and to paste blocks of numbers into."""

from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from visualizer.state.matrix import Cell, MatrixDraft, Rows
from visualizer.ui.theme import Theme
from visualizer.ui.tooltips import plain
from visualizer.ui.widgets import cells

_WIDTH, _HEIGHT = 50, 42  # of a cell at scale 1
_LETTERS = 5  # that fit into a cell

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class MatrixTable(QTableView):
    """Shows one plane of a draft. Emits intents; never changes the draft.

    Typing, F2 or a double click edit a cell; Enter goes down, Tab to the right; an
    arrow at its end of the text goes to that side; Delete makes the selected cells 0.

    Signals:
        typed(object, str): another text for a (channel, row, column).
        cleared(object): these cells, as a list, are to be 0.
        pasted(object, str): a text with numbers, for the cell at its corner.
    """

    typed = Signal(object, str)
    cleared = Signal(object)
    pasted = Signal(object, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cells = _CellModel(self)
        self.setModel(self._cells)
        self.setItemDelegate(_CellDelegate(theme, self))
        self.setAccessibleName("Numbers of the matrix")
        self.setProperty("role", "matrix")
        self.setShowGrid(False)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
            header.setSectionsClickable(False)
            header.setHighlightSections(False)
        self.setCornerButtonEnabled(False)
        self._cells.typed.connect(self.typed)
        theme.changed.connect(self._fit)
        self._fit()

    def show_draft(self, draft: MatrixDraft, channel: int) -> None:
        """Show a plane. The current cell stays where it is, as far as it still exists."""
        here = self.currentIndex()
        row = min(max(here.row(), 0), draft.height - 1)
        column = min(max(here.column(), 0), draft.width - 1)
        before, place = self._cells.draft, self._cells.channel
        if self._cells.set_draft(draft, channel):
            self.setCurrentIndex(self._cells.index(row, column))
        elif place == channel and before.value_range == draft.value_range:
            for cell in _changed(before.planes[channel], draft.planes[channel]):
                self.update(self._cells.index(*cell))
        else:
            self.viewport().update()

    def current_cell(self) -> Cell:
        """Return (channel, row, column) of the current cell."""
        here = self.currentIndex()
        return self._cells.channel, max(here.row(), 0), max(here.column(), 0)

    def go_to(self, cell: Cell) -> None:
        """Make a cell of the plane on show the current one."""
        self.setCurrentIndex(self._cells.index(cell[1], cell[2]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste, clear and go down; everything else as in any table."""
        if self.state() == QAbstractItemView.State.EditingState:
            super().keyPressEvent(event)  # what the field over the cell leaves over
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.pasted.emit(self.current_cell(), QGuiApplication.clipboard().text())
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            channel = self._cells.channel
            self.cleared.emit([(channel, i.row(), i.column()) for i in self.selectedIndexes()])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self._go_down()
        else:
            super().keyPressEvent(event)

    def closeEditor(self, editor: QWidget, hint: QStyledItemDelegate.EndEditHint) -> None:
        """Go down after Enter, as a spreadsheet does."""
        super().closeEditor(editor, hint)
        if hint == QStyledItemDelegate.EndEditHint.SubmitModelCache:
            self._go_down()

    def take_block(self, editor: QWidget, text: str) -> None:
        """Close the field over a cell and pass on the block of numbers pasted into it."""
        self.closeEditor(editor, QStyledItemDelegate.EndEditHint.RevertModelCache)
        self.pasted.emit(self.current_cell(), text)

    def leave(self, editor: QWidget, columns: int) -> None:
        """Take over what was typed and go so many columns to the right."""
        self.commitData(editor)
        self.closeEditor(editor, QStyledItemDelegate.EndEditHint.NoHint)
        self._go(0, columns)

    def _go_down(self) -> None:
        self._go(1, 0)

    def _go(self, down: int, right: int) -> None:
        _, row, column = self.current_cell()
        there = self._cells.index(row + down, column + right)
        if there.isValid():
            self.setCurrentIndex(there)

    def _fit(self) -> None:
        px = self._theme.px
        self.horizontalHeader().setDefaultSectionSize(px(_WIDTH))
        self.horizontalHeader().setFixedHeight(px(22))
        self.verticalHeader().setDefaultSectionSize(px(_HEIGHT))
        self.verticalHeader().setFixedWidth(px(30))
        self.viewport().update()


def _changed(before: Rows, after: Rows) -> list[tuple[int, int]]:
    """Return where the texts of two planes of one size differ."""
    return [
        (i, j)
        for i, (old, new) in enumerate(zip(before, after, strict=True))
        if old is not new
        for j in range(len(new))
        if old[j] != new[j]
    ]


class _CellModel(QAbstractTableModel):
    typed = Signal(object, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.draft = MatrixDraft(((("0",),),))
        self.channel = 0

    def set_draft(self, draft: MatrixDraft, channel: int) -> bool:
        """Show another draft; return whether its size is another one."""
        resized = (draft.height, draft.width) != (self.draft.height, self.draft.width)
        if resized:
            self.beginResetModel()
        self.draft, self.channel = draft, channel
        if resized:
            self.endResetModel()
        return resized

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self.draft.height

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self.draft.width

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        cell = (self.channel, index.row(), index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self.draft.planes[cell[0]][cell[1]][cell[2]]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain(self.draft.problems.get(cell, ""))
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return self.draft.problems.get(cell, "")
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        self.typed.emit((self.channel, index.row(), index.column()), str(value))
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        return str(section) if role == Qt.ItemDataRole.DisplayRole else None


class _CellDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: MatrixTable) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view = parent
        self._font = theme.font("number")
        theme.changed.connect(self._restyle)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, _CellModel)
        theme, px = self._theme, self._theme.px
        draft, place = model.draft, (index.row(), index.column())
        text = draft.planes[model.channel][place[0]][place[1]]
        value = float(draft.values[*place, model.channel])
        area: QRect = option.rect
        rect = QRectF(area).adjusted(px(2), px(2), -px(2), -px(2))
        wrong = (model.channel, *place) in draft.problems
        if wrong:
            cell = cells.Cell(text[:_LETTERS], theme.color("card"), theme.color("bad"))
        else:
            if len(text) > _LETTERS:
                text = cells.compact_texts([[value]], _LETTERS)[0][0]
            cell = cells.number_cell(theme, value, text, "grey", *draft.value_range)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        cells.paint_cell(painter, theme, rect, cell)
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            focused = self._view.hasFocus()
            cells.paint_outline(painter, theme, rect, "accent" if focused else "faint")
        elif wrong:
            cells.paint_outline(painter, theme, rect, "bad")
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = _CellField(parent)
        editor.setProperty("role", "cell")
        editor.setAlignment(Qt.AlignmentFlag.AlignCenter)
        editor.setFont(self._font)
        editor.setAccessibleName(f"Number in row {index.row()}, column {index.column()}")
        editor.block_pasted.connect(lambda text: self._view.take_block(editor, text))
        editor.left_sideways.connect(lambda step: self._view.leave(editor, step))
        return editor

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        assert isinstance(editor, QLineEdit)
        if editor.isModified():
            model.setData(index, editor.text())

    def _restyle(self) -> None:
        self._font = self._theme.font("number")


class _CellField(QLineEdit):
    """The field over one cell. A pasted block is for the table, and so is an arrow at an end."""

    block_pasted = Signal(str)
    left_sideways = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = self._step_out(event)
        if step:
            self.left_sideways.emit(step)
            return
        if event.matches(QKeySequence.StandardKey.Paste):
            text = QGuiApplication.clipboard().text()
            if len(text.split()) > 1:
                self.block_pasted.emit(text)
                return
        super().keyPressEvent(event)

    def _step_out(self, event: QKeyEvent) -> int:
        """Return the columns an arrow key leads to beside the text: -1, 1, or 0 for none."""
        if self.hasSelectedText() or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return 0
        if event.key() == Qt.Key.Key_Right and self.cursorPosition() == len(self.text()):
            return 1
        return -1 if event.key() == Qt.Key.Key_Left and self.cursorPosition() == 0 else 0
