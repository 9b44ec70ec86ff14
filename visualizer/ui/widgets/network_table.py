"""The layers of a network as a table: kernels, shapes and what they cost, above their sums."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from visualizer.learning.networks import Row
from visualizer.ui.theme import Theme

# Heading, what it means, and whether it is a number, which stands at the right.
COLUMNS = (
    ("layer", "In the order of computation", False),
    ("kernel", "Rows × columns of the window", False),
    ("stride", "How many pixels the window moves", False),
    ("padding", "Pixels added around the maps", False),
    ("output", "Channels × rows × columns, or units", False),
    ("numbers", "Activation size: numbers in the output of one image", True),
    ("parameters", "Numbers that are learned", True),
    ("multiply-adds", "For one image; convolutions and dense layers are counted", True),
    ("sees", "Receptive field: rows × columns of the image that one number depends on", True),
)
_SIDES = {
    is_number: side | Qt.AlignmentFlag.AlignVCenter
    for is_number, side in (
        (True, Qt.AlignmentFlag.AlignRight),
        (False, Qt.AlignmentFlag.AlignLeft),
    )
}
_ROW = 17  # px at scale 1
_BETWEEN = 12  # around what stands in a cell


class NetworkTable(QTableWidget):
    """Shows a row for each layer.

    Attributes:
        sums: stays in sight below the layers, however many there are.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__(0, len(COLUMNS))
        self._theme = theme
        self._texts: list[tuple[str, ...]] = []
        self._widths: list[int] = []
        self.sums = SumsRow(theme, self)
        self.setProperty("role", "figures")
        self.setAccessibleName("Layers of the network")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)  # Tab leads on to the next control
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(1)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for column, (title, tip, _) in enumerate(COLUMNS):
            item = _cell(column, title)
            item.setToolTip(tip)
            self.setHorizontalHeaderItem(column, item)
        theme.changed.connect(self._fit)
        self._fit()

    def above_sums(self) -> QWidget:
        """Return a widget with the layers, as high as they are, and their sums below them."""
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self, 1)
        column.addWidget(self.sums)
        column.addStretch(0)
        return whole

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show the table of a network."""
        texts = [_written(row) for row in rows]
        self.sums.show_sums(rows)
        if texts == self._texts:
            return
        before, self._texts = self._texts, texts
        self.setRowCount(len(texts))
        for row, (cells, old) in enumerate(zip(texts, before, strict=False)):
            if cells != old:
                for column, text in enumerate(cells):
                    item = self.item(row, column)
                    if item is not None and text != old[column]:
                        item.setText(text)
        for row in range(len(before), len(texts)):
            for column, text in enumerate(texts[row]):
                self.setItem(row, column, _cell(column, text))
        self._fit()

    def texts(self) -> list[tuple[str, ...]]:
        """Return what stands in the cells, row by row."""
        return list(self._texts)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out among the columns."""
        super().resizeEvent(event)
        self._widen()

    def _fit(self) -> None:
        """Take the theme's sizes, and as much height as the layers need."""
        theme, rows = self._theme, len(self._texts)
        self.setFont(theme.font("small_number"))
        self.verticalHeader().setDefaultSectionSize(theme.px(_ROW))
        metrics, heading = (QFontMetrics(theme.font(f)) for f in ("small_number", "caption"))
        self._widths = []
        for column, (title, _, _) in enumerate(COLUMNS):
            texts = (row[column] for row in (*self._texts, self.sums.texts()))
            longest = max(texts, key=len)
            width = max(metrics.horizontalAdvance(longest), heading.horizontalAdvance(title))
            self._widths.append(width + theme.px(_BETWEEN))
        head = self.horizontalHeader().sizeHint().height()
        self.setMaximumHeight(head + rows * theme.px(_ROW) + 2 * self.frameWidth())
        self._widen()

    def _widen(self) -> None:
        """Make each column as wide as what stands in it, and all together as wide as the table."""
        spare = max(self.viewport().width() - sum(self._widths), 0) // len(COLUMNS)
        for column, width in enumerate(self._widths):
            self.setColumnWidth(column, width + min(spare, self._theme.px(5 * _BETWEEN)))


class SumsRow(QTableWidget):
    """Shows the sums of a table below its columns."""

    def __init__(self, theme: Theme, of: NetworkTable) -> None:
        super().__init__(1, len(COLUMNS))
        self._theme = theme
        self.setProperty("role", "sums")
        self.setAccessibleName("Sums over the layers")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setShowGrid(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for header in (self.verticalHeader(), self.horizontalHeader()):
            header.hide()
            header.setMinimumSectionSize(1)
        self._items = [_cell(column, "") for column in range(len(COLUMNS))]
        for column, item in enumerate(self._items):
            self.setItem(0, column, item)
        of.horizontalHeader().sectionResized.connect(
            lambda column, _before, width: self.setColumnWidth(column, width)
        )
        of.horizontalScrollBar().valueChanged.connect(self.horizontalScrollBar().setValue)
        theme.changed.connect(self._fit)
        self._fit()

    def show_sums(self, rows: Sequence[Row]) -> None:
        """Show the sums over these layers: "so far" where it is not known of all of them."""
        texts = [""] * len(COLUMNS)
        if rows:
            names = ("size", "parameters", "multiply_adds")
            texts[0] = "sum" if all(row.output for row in rows) else "so far"
            texts[5:8] = [f"{sum(getattr(row, name) for row in rows):,}" for name in names]
        for item, text in zip(self._items, texts, strict=True):
            item.setText(text)

    def texts(self) -> tuple[str, ...]:
        """Return what stands in the cells."""
        return tuple(item.text() for item in self._items)

    def _fit(self) -> None:
        theme = self._theme
        self.setFont(theme.font("small_number"))
        self.setRowHeight(0, theme.px(_ROW))
        self.setFixedHeight(theme.px(_ROW) + 2 * theme.px(3))


def _cell(column: int, text: str) -> QTableWidgetItem:
    """Return a cell of a column: numbers stand at its right, words at its left."""
    item = QTableWidgetItem(text)
    item.setTextAlignment(_SIDES[COLUMNS[column][2]])
    return item


def _written(row: Row) -> tuple[str, ...]:
    if not row.output:  # nobody knows what a layer gives that does not fit
        return (row.name, *[""] * (len(COLUMNS) - 2), "?")
    sees = "×".join(map(str, row.field))
    output = "×".join(map(str, row.output))
    counts = (f"{count:,}" if count else "" for count in (row.parameters, row.multiply_adds))
    return (row.name, row.kernel, row.stride, row.padding, output, f"{row.size:,}", *counts, sees)
