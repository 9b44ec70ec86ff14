"""The table of a network as a list to build with: select, drag, see what does not fit."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication

from visualizer.learning.layers import Skip
from visualizer.learning.networks import Row
from visualizer.learning.wiring import BLOCK, SHORTCUT, Node, Path
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.network_table import NetworkTable

_EMPTY = Row("", "", "", "", (), 0, 0, 0, (0, 0))
_INDENT = 14  # px at scale 1, of the line that shows where a dragged layer would go


class LayerList(NetworkTable):
    """Shows a row for each layer, those inside a skip connection indented.

    Signals:
        chosen(str): the user selected the layer of this name.
        dropped(tuple): the user dragged the selected layer to this slot.
    """

    chosen = Signal(str)
    dropped = Signal(tuple)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._nodes: tuple[Node, ...] = ()
        self._marks: tuple[frozenset[str], str, frozenset[str]] = (frozenset(), "", frozenset())
        self._painted: list[tuple[QColor, QColor]] = []  # by row: its first cell, and the others
        self._pressed: QPoint | None = None
        self._target: int | None = None  # the gap above this row, while a layer is dragged
        self.setToolTip("Drag a layer to move it; Alt with the arrow keys moves it too")
        self.currentCellChanged.connect(self._current_changed)
        theme.changed.connect(self._mark_all)

    def set_network(
        self,
        nodes: Sequence[Node],
        rows: Sequence[Row],
        broken: str = "",
        hinted: frozenset[str] = frozenset(),
    ) -> None:
        """Show the layers; `rows` as far as they fit. `broken` is marked, and those `hinted`."""
        known = {row.name: row for row in rows}
        self._nodes = tuple(nodes)
        with QSignalBlocker(self):
            self.set_rows([_listed(node, known.get(node.name)) for node in nodes])
        self._marks = (frozenset(known), broken, hinted)
        self._mark_all()

    def set_selected(self, name: str) -> None:
        """Select a layer, without a signal."""
        row = next((i for i, node in enumerate(self._nodes) if node.name == name), -1)
        if row != self.currentRow():
            with QSignalBlocker(self):
                self.setCurrentCell(row, 0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select; a drag may follow."""
        super().mousePressEvent(event)
        is_layer = 0 <= self.rowAt(event.position().toPoint().y()) < len(self._nodes)
        if is_layer and event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show where the dragged layer would go."""
        at = event.position().toPoint()
        if self._pressed is None:
            return
        far = (at - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        if far or self._target is not None:
            self._target = self._gap(at.y())
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Move the dragged layer."""
        super().mouseReleaseEvent(event)
        target, self._pressed, self._target = self._target, None, None
        self.unsetCursor()
        self.viewport().update()
        if target is not None:
            self.dropped.emit(self.slot_above(target))

    def slot_above(self, row: int) -> Path:
        """Return the slot between this row and the one before it."""
        if row >= len(self._nodes):
            return (self._nodes[-1].path[0] + 1,) if self._nodes else (0,)
        node = self._nodes[row]
        if isinstance(node.layer, Skip):  # above the addition: at the end of what it ends
            branch = SHORTCUT if node.layer.shortcut else BLOCK
            inside = node.layer.shortcut or node.layer.block
            return (*node.path, branch, len(inside))
        return node.path

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line where a dragged layer would go."""
        super().paintEvent(event)
        if self._target is None:
            return
        y = self.rowViewportPosition(self._target)
        indent = self._theme.px(_INDENT) * (len(self.slot_above(self._target)) > 1)
        with QPainter(self.viewport()) as painter:
            painter.setPen(QPen(self._theme.color("here"), self._theme.px(2)))
            painter.drawLine(indent, y, self.viewport().width(), y)

    def _gap(self, y: int) -> int:
        row = self.rowAt(y)
        if row < 0 or row >= len(self._nodes):
            return len(self._nodes)
        middle = self.rowViewportPosition(row) + self.rowHeight(row) // 2
        return row + (y > middle)

    def _current_changed(self, row: int, *_: int) -> None:
        if 0 <= row < len(self._nodes):
            self.chosen.emit(self._nodes[row].name)

    def _mark_all(self) -> None:
        """Colour the rows by whether their layers fit, and leave out numbers nobody knows."""
        known, broken, hinted = self._marks
        colors = {role: self._theme.color(role) for role in ("text", "faint", "bad", "here")}
        painted, self._painted = self._painted, []
        for row, node in enumerate(self._nodes):
            role = "text" if node.name in known else "faint"
            if node.name == broken:
                role = "bad"
            first = "here" if node.name in hinted and role == "text" else role
            look = colors[first], colors[role]
            self._painted.append(look)
            if row < len(painted) and painted[row] == look:
                continue  # most rows: asking each cell for its colour would take longest of all
            for column in range(self.columnCount()):
                item = self.item(row, column)
                if item is not None:
                    item.setForeground(look[column > 0])


def _listed(node: Node, row: Row | None) -> Row:
    """Return the row of a layer as it is listed; `row` is None where nobody knows its numbers."""
    bracket = _bracket(node)
    if row is not None and not bracket:
        return row
    return replace(row or _EMPTY, name=bracket + node.name)


def _bracket(node: Node) -> str:
    """Return what shows that a layer is inside a skip connection, or ends one."""
    if isinstance(node.layer, Skip):
        return "╰ "
    if len(node.path) == 1:
        return ""
    if node.path[1] == SHORTCUT:
        return "┊ "
    return "╭ " if node.path[2] == 0 else "│ "
