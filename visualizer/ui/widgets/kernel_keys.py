"""The keys by which a kernel's weights are selected, changed, opened and erased."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
CHANGES = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}  # with Ctrl
OPENERS = (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter)
ERASERS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)

_STARTERS = "0123456789-+.,"


def belongs_to_kernel(event: QKeyEvent) -> bool:
    """Return whether a key is one of these, begins a number, or copies or pastes."""
    if event.matches(QKeySequence.StandardKey.Copy) or event.matches(
        QKeySequence.StandardKey.Paste
    ):
        return True
    key = event.key()
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if modifiers == Qt.KeyboardModifier.ControlModifier:
        return key in CHANGES
    if modifiers & ~Qt.KeyboardModifier.ShiftModifier:
        return False
    starts = bool(event.text()) and event.text() in _STARTERS
    return key in MOVES or key in ERASERS or key in OPENERS or starts
