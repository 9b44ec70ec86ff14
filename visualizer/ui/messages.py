"""One sentence where the user looks: over the top of the page, which it never moves."""

from PySide6.QtCore import QEvent, QMargins, QMetaObject, QObject, QTimer, SignalInstance
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from visualizer.ui import icons
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label

# px at scale 1: tabs at the left and choices at the right stay free, and so do the cards below.
_WIDEST, _MARGIN = 496, 4
_MIDDLE = 25  # of the line of tabs
_FRAME, _THIN = QMargins(14, 3, 8, 3), QMargins(14, 0, 14, 0)
_REST_MS = 6000


class MessageBar(QFrame):
    """Floats over the top of its parent; hidden while there is nothing to say.

    What went wrong stays until it is closed or no longer true; what went well goes by itself, and
    so does a hint, which lies at the very edge: it covers no control of any page. A click anywhere
    on it closes it: what it covers is never more than a click away.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._parent = parent
        self._is_hint = False
        self._text = label("", "body")
        self._text.setWordWrap(True)
        self._text.setAccessibleName("Message")
        self._close = QToolButton()
        self._close.setAccessibleName("Close the message")
        self._close.setToolTip("Close the message")
        self._close.clicked.connect(lambda: self.tell(""))
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self.hide)
        self._until: QMetaObject.Connection | None = None  # to what ends the sentence
        row = self._row = QHBoxLayout(self)
        row.addWidget(self._text, 1)
        row.addWidget(self._close)
        parent.installEventFilter(self)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    @property
    def text(self) -> str:
        """The sentence on show, or ""."""
        return self._text.text() if self.isVisibleTo(self._parent) else ""

    def tell(self, sentence: str, until: SignalInstance | None = None) -> None:
        """Say what went wrong; an empty sentence hides the bar.

        The sentence goes with the signal `until`, which tells that it is no longer true.
        """
        self._say(sentence, "message")
        if until is not None:
            self._until = until.connect(self._withdraw)

    def done(self, sentence: str) -> None:
        """Say what went well, for a few seconds."""
        self._say(sentence, "done")
        self._rest.start()

    def hint(self, sentence: str) -> None:
        """Say a few words that help, for a few seconds."""
        self._say(sentence, "hint")
        self._rest.start()

    def end_passing(self) -> None:
        """Hide what goes by itself before its time; what went wrong stays."""
        if self._rest.isActive():
            self.tell("")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep the click from what lies under it, which is not seen."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Close."""
        if self.rect().contains(event.position().toPoint()):
            self.tell("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the top of the parent when its size changes."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _withdraw(self) -> None:
        self.tell("")

    def _say(self, sentence: str, role: str) -> None:
        self._rest.stop()
        if self._until is not None:
            QObject.disconnect(self._until)
            self._until = None
        self._is_hint = role == "hint"
        self._close.setHidden(self._is_hint)
        self._text.setText(sentence)
        self._text.setProperty("role", "caption" if self._is_hint else "body")
        self.setProperty("role", role)
        for widget in (self, self._text):
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        self.setVisible(bool(sentence))
        self._place()
        self.raise_()

    def _place(self) -> None:
        room = self._parent.width()
        margin = self._theme.px(_MARGIN)
        words = self._text.fontMetrics().horizontalAdvance(self._text.text())
        frame = _THIN if self._is_hint else _FRAME
        self._row.setContentsMargins(frame)
        needed = words + margin + frame.left() + frame.right()
        if not self._is_hint:
            needed += self._close.sizeHint().width() + self._row.spacing()
        width = min(needed, self._theme.px(_WIDEST), room - 2 * margin)
        height = self._row.heightForWidth(width)
        top = 0 if self._is_hint else max(self._theme.px(_MIDDLE) - height // 2, margin)
        self.setGeometry((room - width) // 2, top, width, height)

    def _restyle(self) -> None:
        self._close.setIcon(icons.icon("mdi6.close", color=self._theme.colors.text))
        self._place()
