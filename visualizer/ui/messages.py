"""One sentence where the user looks: under the header, until it is closed or no longer true."""

import qtawesome
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label


class MessageBar(QWidget):
    """Shows a sentence with a close button; hidden while there is nothing to say."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        frame = QFrame()
        frame.setProperty("role", "message")
        self._text = label("", "body")
        self._text.setWordWrap(True)
        self._text.setAccessibleName("Message")
        self._close = QToolButton()
        self._close.setAccessibleName("Close the message")
        self._close.setToolTip("Close the message")
        self._close.clicked.connect(lambda: self.tell(""))
        row = QHBoxLayout(frame)
        row.setContentsMargins(14, 6, 8, 6)
        row.addWidget(self._text, 1)
        row.addWidget(self._close)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(18, 10, 18, 0)
        outer.addWidget(frame)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    @property
    def text(self) -> str:
        """The sentence on show, or ""."""
        return self._text.text()

    def tell(self, sentence: str) -> None:
        """Show `sentence`; an empty one hides the bar."""
        self._text.setText(sentence)
        self.setVisible(bool(sentence))

    def _restyle(self) -> None:
        self._close.setIcon(qtawesome.icon("mdi6.close", color=self._theme.colors.text))
