"""The layers of a network as a table: kernels, shapes and what they cost, with their sums."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

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
    ("sees", "Receptive field: rows × columns of the image that one number depends on", False),
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
    """Shows a row for each layer, and one of sums."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(0, len(COLUMNS))
        self._theme = theme
        self._texts: list[tuple[str, ...]] = []
        self._widths: list[int] = []
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
        for i, (title, tip, is_number) in enumerate(COLUMNS):
            item = QTableWidgetItem(title)
            item.setToolTip(tip)
            item.setTextAlignment(_SIDES[is_number])
            self.setHorizontalHeaderItem(i, item)
        theme.changed.connect(self._fit)
        self._fit()

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show the table of a network."""
        texts = [_written(row) for row in rows]
        if rows:
            sums = (f"{sum(getattr(row, name) for row in rows):,}"
                    for name in ("size", "parameters", "multiply_adds"))  # fmt: skip
            texts.append(("sum", "", "", "", "", *sums, ""))
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
                item = QTableWidgetItem(text)
                item.setTextAlignment(_SIDES[COLUMNS[column][2]])
                self.setItem(row, column, item)
        if len(before) != len(texts) and before:
            self._set_apart(len(before) - 1, False)
        self._fit()

    def texts(self) -> list[tuple[str, ...]]:
        """Return what stands in the cells, row by row; the last row are the sums."""
        return list(self._texts)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out among the columns."""
        super().resizeEvent(event)
        self._widen()

    def _fit(self) -> None:
        """Take the theme's sizes, and set the sums apart."""
        theme = self._theme
        self.setFont(theme.font("small_number"))
        self.verticalHeader().setDefaultSectionSize(theme.px(_ROW))
        metrics, heading = QFontMetrics(self._strong()), QFontMetrics(theme.font("caption"))
        self._widths = []
        for column, (title, _, _) in enumerate(COLUMNS):
            longest = max((texts[column] for texts in self._texts), key=len, default="")
            width = max(metrics.horizontalAdvance(longest), heading.horizontalAdvance(title))
            self._widths.append(width + theme.px(_BETWEEN))
        self._set_apart(len(self._texts) - 1, True)
        self._widen()

    def _set_apart(self, row: int, on: bool) -> None:
        """Write a row, as the sums are, or no longer."""
        font = self._strong() if on else self._theme.font("small_number")
        color = self._theme.color("here" if on else "text")
        for column in range(len(COLUMNS)):
            item = self.item(row, column)
            if item is not None:
                item.setFont(font)
                item.setForeground(color)

    def _strong(self) -> QFont:
        font = self._theme.font("small_number")
        font.setBold(True)
        return font

    def _widen(self) -> None:
        """Make each column as wide as what stands in it, and all together as wide as the table."""
        spare = max(self.viewport().width() - sum(self._widths), 0) // len(COLUMNS)
        for column, width in enumerate(self._widths):
            self.setColumnWidth(column, width + min(spare, self._theme.px(2 * _BETWEEN)))


def _written(row: Row) -> tuple[str, ...]:
    if not row.output:  # nobody knows what a layer gives that does not fit
        return (row.name, *[""] * (len(COLUMNS) - 2), "?")
    sees = "×".join(map(str, row.field))
    output = "×".join(map(str, row.output))
    counts = (f"{count:,}" if count else "" for count in (row.parameters, row.multiply_adds))
    return (row.name, row.kernel, row.stride, row.padding, output, f"{row.size:,}", *counts, sees)
