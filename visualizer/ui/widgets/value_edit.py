"""A number that can be typed where it stands."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from visualizer.ui.tooltips import plain
from visualizer.ui.widgets.slider import keep_keys


class ValueEdit(QLineEdit):
    """A number that looks like text until it is focused, and is live while typed.

    `accept(text)` returns the value or raises ValueError with a sentence; then the field turns
    red, the sentence becomes its tooltip, and the last good value stays in force.

    Signals:
        typed(float): a valid number was typed.
        problem(str): why the text cannot be used; "" once it can again.
        opened(): the user began to edit.
    """

    typed = Signal(float)
    problem = Signal(str)
    opened = Signal()

    def __init__(self, name: str, accept: Callable[[str], float], tip: str) -> None:
        super().__init__()
        self._accept, self._tip = accept, tip
        self._good = ""
        self._before: str | None = None  # the value before it was edited, while it is
        self._sentence = ""
        self.setProperty("role", "value")
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setTextMargins(0, 0, -2, 0)  # QLineEdit's own margin: digits end where the slider does
        keep_keys(self, Qt.Key.Key_Escape)
        self.textEdited.connect(self._try)
        self.returnPressed.connect(self._finish)

    def show_text(self, text: str) -> None:
        """Show a value. While the user types another way of writing it, their text stays."""
        self._good = text
        if self._before is None:
            self.setText(text)

    def give_up(self) -> None:
        """Drop what is half typed, and the focus: the value is chosen in another way."""
        self._close()
        self.clearFocus()

    def drop_mistyped(self) -> None:
        """Show the value in force again if what is typed cannot be used."""
        if self._sentence:
            self._close()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select everything, so that typing replaces it."""
        super().focusInEvent(event)
        QTimer.singleShot(0, self, self.selectAll)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show the value in force again."""
        super().focusOutEvent(event)
        self._close()

    def event(self, event: QEvent) -> bool:
        """Leave Space to the window's shortcuts, unless a number is half typed."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Space
            and self._before is None
        ):
            event.ignore()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take back what was typed by Escape."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self._before is not None:
            self._try(self._before)
            self._close()
            self.selectAll()
        else:
            self.clearFocus()

    def _try(self, text: str) -> None:
        if self._before is None:
            self._before = self._good
            self.opened.emit()
        try:
            value = self._accept(text)
        except ValueError as error:
            self._mark(str(error))
        else:
            self._mark("")
            self.typed.emit(value)

    def _finish(self) -> None:
        if not self._sentence:
            self._close()
            self.selectAll()

    def _close(self) -> None:
        self._before = None
        self._mark("")
        self.setText(self._good)

    def _mark(self, sentence: str) -> None:
        if sentence == self._sentence:
            return
        self._sentence = sentence
        self.setToolTip(plain(sentence) or self._tip)
        self.setProperty("invalid", bool(sentence))
        self.style().unpolish(self)
        self.style().polish(self)
        self.problem.emit(sentence)
