"""A focused control keeps the keys that belong to it; once it is gone, they are the page's."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QSpinBox,
    QWidget,
)

_MOVES = {
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down,
    Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
}  # fmt: skip
_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
_OWN_KEYS: tuple[tuple[type[QWidget], set[Qt.Key]], ...] = (
    (QAbstractButton, {Qt.Key.Key_Space, *_ENTER}),
    (QAbstractSlider, _MOVES),
    (QComboBox, _MOVES | {Qt.Key.Key_Space}),
    (QAbstractItemView, _MOVES | {Qt.Key.Key_Space}),
)


def _own_keys(widget: QObject) -> set[Qt.Key]:
    """Return what belongs to a widget: nothing to a list without a row to go to or to tick."""
    if isinstance(widget, QAbstractItemView) and not widget.currentIndex().isValid():
        return set()
    return next((keys for kind, keys in _OWN_KEYS if isinstance(widget, kind)), set())


def _is_done(widget: QObject) -> bool:
    """Return whether a field holds no text that has been typed and not been taken over yet."""
    if isinstance(widget, QSpinBox):
        return widget.text() == widget.textFromValue(widget.value())
    if isinstance(widget, QLineEdit):
        return not (widget.isUndoAvailable() or widget.isRedoAvailable())
    return False


def _takes_back(event: QKeyEvent) -> bool:
    return event.matches(QKeySequence.StandardKey.Undo) or event.matches(
        QKeySequence.StandardKey.Redo
    )


def _pressed(widget: QObject, *, again: bool) -> bool:
    """Press a button by Enter as by Space, and tell whether it is one; a dialog does so itself."""
    if not isinstance(widget, QAbstractButton) or isinstance(widget.window(), QDialog):
        return False
    if not again:
        widget.click()
    return True


class ControlKeys(QObject):
    """Watches the focused widget: Space or Enter presses a focused button, arrows move a slider.

    Without it a page's Space and arrow shortcuts would take these keys from anyone who works by
    keyboard. Text fields already keep theirs, and shall leave undo and redo to the window once
    what was typed in them is taken over.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        app.focusChanged.connect(self._watch)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept the override of a key that belongs to the focused control."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() in (
                Qt.KeyboardModifier.NoModifier,
                Qt.KeyboardModifier.KeypadModifier,
            )
            if plain and event.key() in _own_keys(watched):
                event.accept()
                return True
            if _takes_back(event) and _is_done(watched):
                event.ignore()
                return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return event.key() in _ENTER and _pressed(watched, again=event.isAutoRepeat())
        return super().eventFilter(watched, event)

    def _watch(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None:
            old.removeEventFilter(self)
        if new is not None:
            new.installEventFilter(self)


class PageKeys(QObject):
    """Gives the keyboard of a window to its page where no control on show has it.

    Qt would choose the next control, or the first one of the window, which Space then presses:
    when the focused one is hidden, and when a dialog is closed after a click that leaves no focus.
    """

    def __init__(self, window: QWidget, page: Callable[[], QWidget | None]) -> None:
        """Watch `window`; `page` returns what is on show in it."""
        super().__init__(window)
        self._window, self._page = window, page
        window.installEventFilter(self)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._watch)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the keyboard from what is being hidden, and before Qt gives it to anything."""
        if watched is self._window:
            if event.type() == QEvent.Type.WindowActivate:
                focused = self._window.focusWidget()
                if focused is None or not focused.isVisible():
                    self._give()
        elif (
            event.type() == QEvent.Type.Hide
            and not event.spontaneous()
            and self._window.focusWidget() is watched  # it has not handed the keyboard on itself
        ):
            self._give()
        return False

    def _watch(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None and old is not self._window:
            old.removeEventFilter(self)
        if new is not None and new.window() is self._window:
            new.installEventFilter(self)

    def _give(self) -> None:
        page = self._page()
        if page is not None and page.isVisible():
            page.setFocus(Qt.FocusReason.OtherFocusReason)
