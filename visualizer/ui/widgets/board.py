"""Cards that stand together in one way or another: the same cards, laid out for what is at hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

GAP = 10


@dataclass(frozen=True)
class Split:
    """Parts side by side or one below the other.

    Attributes:
        way: "columns" or "rows".
        parts: each with its share of the room.
    """

    way: Literal["columns", "rows"]
    parts: tuple[tuple["Plan", int], ...]


Plan = QWidget | Split


def columns(*parts: tuple[Plan, int]) -> Split:
    """Return parts side by side, each with its share of the width."""
    return Split("columns", parts)


def rows(*parts: tuple[Plan, int]) -> Split:
    """Return parts one below the other, each with its share of the height; 0: what it needs."""
    return Split("rows", parts)


class Board(QWidget):
    """Holds cards, and shows those that a plan has a place for."""

    def __init__(self, cards: Sequence[QWidget]) -> None:
        super().__init__()
        self._cards = tuple(cards)
        for card in cards:
            card.setParent(self)
            card.hide()
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)

    def arrange(self, plan: Plan) -> None:
        """Lay the cards out, and hide those that are not in the plan."""
        self.setUpdatesEnabled(False)
        _empty(self._outer)
        shown: set[QWidget] = set()
        self._add(self._outer, plan, 1, shown)
        for card in self._cards:
            card.setVisible(card in shown)
        self.setUpdatesEnabled(True)

    def _add(self, layout: QBoxLayout, plan: Plan, share: int, shown: set[QWidget]) -> None:
        if isinstance(plan, QWidget):
            layout.addWidget(plan, share)
            shown.add(plan)
            return
        made: QBoxLayout = QHBoxLayout() if plan.way == "columns" else QVBoxLayout()
        made.setSpacing(GAP)
        layout.addLayout(made, share)
        for part, size in plan.parts:
            self._add(made, part, size, shown)


def _empty(layout: QBoxLayout) -> None:
    """Take everything out; the widgets stay where they are."""
    while (item := layout.takeAt(0)) is not None:
        inner = item.layout()
        if isinstance(inner, QBoxLayout):
            _empty(inner)
            inner.deleteLater()
