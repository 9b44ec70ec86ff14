"""The panel that everything on a page stands in: a heading, a note at its right, a body."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSpacerItem,
    QVBoxLayout,
    QWidget,
)


def label(text: str, role: str, parent: QWidget | None = None) -> QLabel:
    """Return a QLabel styled by role: heading, muted, caption, number, here, error…

    Its text is plain: names of runs, files and classes may hold anything.
    """
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    return made


def scrolled(content: QWidget, name: str = "") -> QScrollArea:
    """Return `content` in a column that scrolls up and down where it has no room.

    `name` is for content that takes no focus: the column then takes it, so that keys can scroll.
    """
    column = QScrollArea()
    column.setWidget(content)
    column.setWidgetResizable(True)
    column.setFrameShape(QFrame.Shape.NoFrame)
    column.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    column.setAccessibleName(name)
    if not name:
        column.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return column


class Card(QFrame):
    """A titled panel. Put widgets into `body`; `note` is the muted text at the top right."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.heading = label(title, "heading", self)
        self.note = label("", "muted", self)
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.note.setMinimumWidth(0)
        self.top = QHBoxLayout()
        self.top.setSpacing(8)
        self.top.addWidget(self.heading)
        self.top.addStretch(1)
        self.top.addWidget(self.note)
        self._strut = QSpacerItem(0, 0)
        self.top.addItem(self._strut)
        self.body = QVBoxLayout()
        self.body.setSpacing(10)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(14, 10, 14, 12)
        outer.setSpacing(8)
        outer.addLayout(self.top)
        outer.addLayout(self.body, 1)

    def set_top_height(self, least: int) -> None:
        """Keep the first row at least so high. (A label would not forget a larger minimum.)"""
        if least != self._strut.sizeHint().height():
            self._strut.changeSize(0, least)
            self.top.invalidate()
