"""The design beside an MLP of equal size, and beside dense layers in place of its convolutions."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from visualizer.state.network_frame import Compared
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.elided_label import ElidedLabel
from visualizer.ui.widgets.wrapped_label import WrappedLabel

_WORDS = (
    "A convolution looks only at a window, and uses the same weights everywhere: fewer parameters "
    "for the same maps, used more often. An MLP of equal size uses each weight once."
)


class CompareView(QWidget):
    """Shows parameters, multiply-adds, and how often a parameter is used.

    Signals:
        wanted(NetworkSpec): the user wants this network as the design.
    """

    wanted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._cells: list[QWidget] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        words = WrappedLabel("caption")
        words.set_text(_WORDS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(14)
        column.addLayout(self._grid)
        column.addWidget(words)
        column.addStretch(1)

    def texts(self) -> list[str]:
        """Return what stands in the cells."""
        return [cell.text() for cell in self._cells if isinstance(cell, QLabel | QPushButton)]

    def show_compared(self, compared: tuple[Compared, ...]) -> None:
        """Show these beside each other; nothing while the design cannot be built."""
        for cell in self._cells:
            self._grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._cells = []
        if not compared:
            self._put(label("Mend the network first: it cannot be built yet.", "muted"), 0, 0, 4)
            return
        for column, text in enumerate(("parameters", "multiply-adds", "uses of each")):
            self._put(label(text, "muted"), 0, column)
        for i, one in enumerate(compared):
            row = 1 + 2 * i
            self._put(ElidedLabel(one.title, "heading"), row, 0, 3)
            used = "" if one.multiply_adds is None else f"{one.multiply_adds:,}"
            uses = "" if not used else f"{(one.multiply_adds or 0) / max(1, one.parameters):.1f} ×"
            for column, text in enumerate((f"{one.parameters:,}", used, uses)):
                self._put(label(text, "number"), row + 1, column)
            if one.spec is not None:
                button = QPushButton("Take it")
                button.setToolTip("Make it the network on this page; it can be undone")
                button.setAccessibleName(f"Take {one.title}")
                button.clicked.connect(lambda _=False, spec=one.spec: self.wanted.emit(spec))
                self._cells.append(button)
                self._grid.addWidget(button, row, 3, 2, 1)
        self._grid.setColumnStretch(2, 1)

    def _put(self, widget: QLabel, row: int, column: int, columns: int = 1) -> None:
        self._cells.append(widget)
        self._grid.addWidget(widget, row, column, 1, columns)
