"""Arrows that move the picture, how far it has been moved, and what to look for."""

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from visualizer.state.pooling_settings import FARTHEST
from visualizer.ui import icons
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.wrapped_label import WrappedLabel

_MOVES = (
    ("Shift up", "mdi6.arrow-up", (-1, 0), (0, 1)),
    ("Shift left", "mdi6.arrow-left", (0, -1), (1, 0)),
    ("Shift right", "mdi6.arrow-right", (0, 1), (1, 2)),
    ("Shift down", "mdi6.arrow-down", (1, 0), (2, 1)),
)  # name, icon, by how much, place in the cross
_WHY = (
    "The picture moves by whole pixels; what comes in repeats the edge. Fewest maxima change: one "
    "stays while its pixel remains the largest in the window. A mean or a filter answers to nearly "
    "every move. But means change by little: leave small changes uncounted, and they may win."
)
_COLOURS = "Differences: orange is more than before the shift, blue is less."


class ShiftPad(QWidget):
    """Moves the picture by whole pixels.

    Signals:
        moved(down, right): the picture is to be shifted so much further.
        centred(): it is to be put back where it was.
    """

    moved = Signal(int, int)
    centred = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._arrows: list[tuple[QToolButton, str]] = []
        self.where = label("", "here")
        self.where.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addLayout(self._cross())
        row.addWidget(self.where, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        for text in (_WHY, _COLOURS):
            words = WrappedLabel("caption")
            words.set_text(text)
            column.addWidget(words)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def buttons(self) -> list[QToolButton]:
        """The arrows, and what puts the picture back."""
        return [button for button, _ in self._arrows]

    def show_shift(self, down: int, right: int) -> None:
        """Say how far the picture has been moved."""
        self.where.setText(_described(down, right))

    def _cross(self) -> QGridLayout:
        cross = QGridLayout()
        cross.setSpacing(3)
        for name, symbol, move, place in _MOVES:
            button = self._button(name, symbol, f"{name} by one pixel; the arrow keys do it too")
            button.clicked.connect(partial(self._move, *move))
            button.setAutoRepeat(True)
            cross.addWidget(button, *place)
        back = self._button("Back in place", "mdi6.image-filter-center-focus", "No shift")
        back.clicked.connect(lambda: self.centred.emit())
        cross.addWidget(back, 1, 1)
        return cross

    def _move(self, down: int, right: int, _checked: bool = False) -> None:
        self.moved.emit(down, right)

    def _button(self, name: str, symbol: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(name)
        button.setToolTip(tip)
        leave_focus(button)
        self._arrows.append((button, symbol))
        return button

    def _restyle(self) -> None:
        px = self._theme.px
        for button, symbol in self._arrows:
            button.setIcon(icons.icon(symbol, color=self._theme.colors.text))
            icons.fit(self._theme, button, side=14)
            button.setFixedSize(px(30), px(26))


def _described(down: int, right: int) -> str:
    words = []
    for amount, names in ((down, ("up", "down")), (right, ("left", "right"))):
        if amount:
            words.append(f"{abs(amount)} {names[amount > 0]}")
    where = " and ".join(words)
    most = f" (at most {FARTHEST})" if FARTHEST in (abs(down), abs(right)) else ""
    return f"shifted {where}{most}" if where else "not shifted"
