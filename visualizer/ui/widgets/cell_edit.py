"""The text field that opens in a cell of the kernel editor, and how it writes a weight."""

from fractions import Fraction

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from visualizer.ui.tooltips import plain
from visualizer.ui.widgets.slider import keep_keys

_LARGEST_DENOMINATOR = 273  # the sum of the usual 5×5 Gaussian


class CellEdit(QLineEdit):
    """Covers one cell while it is edited.

    Signals:
        moved(int): Enter or Tab (1), Shift+Enter or Shift+Tab (-1).
        cancelled(): Escape.
        closed(): the focus went elsewhere; the field is hidden.
    """

    moved = Signal(int)
    cancelled = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.sentence = ""
        self.setProperty("role", "cell")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAccessibleName("Weight")
        keep_keys(self, Qt.Key.Key_Escape)
        self.hide()

    def open(self, rect: QRectF, text: str, type_size: float, *, select: bool) -> None:
        """Cover `rect` with `text`, selected as a whole or with the cursor behind it."""
        self.setText(text)
        self.place(rect, type_size)
        self.show()
        self.setFocus()
        if select:
            self.selectAll()

    def place(self, rect: QRectF, type_size: float) -> None:
        """Stand on a cell; where the text needs more room, reach over the neighbours."""
        parent = self._parent
        width = max(rect.width() + 4, 0.62 * type_size * (len(self.text()) + 2))
        left = min(max(0.0, rect.center().x() - width / 2), parent.width() - width)
        height = max(rect.height() + 4, 1.9 * type_size)
        top = min(max(0.0, rect.center().y() - height / 2), parent.height() - height)
        self.setGeometry(QRectF(left, top, width, height).toRect())
        self.setStyleSheet(f"font-size: {int(type_size)}px; padding: 0;")

    def set_problem(self, sentence: str) -> bool:
        """Mark the field as wrong with a sentence, or as right with ""; tell whether that is new.

        The sentence is the tooltip too.
        """
        if sentence == self.sentence:
            return False
        self.sentence = sentence
        self.setToolTip(plain(sentence))
        self.setProperty("invalid", bool(sentence))
        self.style().unpolish(self)
        self.style().polish(self)
        return True

    def close_quietly(self) -> None:
        """Hand the focus back and hide; `closed` follows where the field was open."""
        if self.isVisible():
            self._parent.setFocus()
            self._close()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Keep Tab in the kernel."""
        self.moved.emit(1 if forward else -1)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn Enter and Escape into signals."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.moved.emit(-1 if back else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Close when the focus goes elsewhere."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._close()

    def _close(self) -> None:
        if self.isVisible():
            self.hide()
            self.closed.emit()


def editable_text(value: float) -> str:
    """Return how a weight is written for editing: 2, 0.25, or 1/9 where the decimals are endless.

    Whatever it is, parsing it gives `value` again, exactly.
    """
    plain = plain_text(value)
    if len(plain) <= 5:
        return plain
    near = Fraction(value).limit_denominator(_LARGEST_DENOMINATOR)
    return str(near) if float(near) == value else plain


def plain_text(value: float) -> str:
    """Return a number exactly, whole numbers without a point."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)
