"""One among several: a box that opens with a title, or a row of buttons."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualizer.ui.theme import Theme
from visualizer.ui.tooltips import plain
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.slider import ARROWS, PAGES, keep_keys

_MOST_VISIBLE = 22  # options in sight at once
_AROUND_OPTION = 16  # px at scale 1: what the list has beside the text

Option = tuple[str, str] | tuple[str, str, str] | str | None


class _ComboBox(QComboBox):
    """A combo box that a wheel turned over a page does not change."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        # A list with a scroll bar, of which a style sheet reaches every item; not a menu.
        self.setStyleSheet("QComboBox { combobox-popup: 0; }")
        self.setMaxVisibleItems(_MOST_VISIBLE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        keep_keys(self, *ARROWS, *PAGES, Qt.Key.Key_Space)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open; a box that takes no focus by a click leaves the keyboard with the page."""
        focused = QApplication.focusWidget()
        if focused is not None and not self.focusPolicy() & Qt.FocusPolicy.ClickFocus:
            focused.clearFocus()
        super().mousePressEvent(event)

    def showPopup(self) -> None:
        """Open the list, wide enough for the longest option however narrow the box is."""
        view = self.view()
        view.setMinimumWidth(view.sizeHintForColumn(0) + self._theme.px(_AROUND_OPTION))
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Add the arrow, in the theme's colour, which a style sheet can only take from a file."""
        super().paintEvent(event)
        px, middle = self._theme.px, self.height() / 2
        right = self.width() - px(12)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._theme.color("muted" if self.isEnabled() else "faint")
        painter.setPen(QPen(colour, px(1.5)))
        painter.drawPolyline(
            [
                QPointF(right - px(4), middle - px(2)),
                QPointF(right, middle + px(2)),
                QPointF(right + px(4), middle - px(2)),
            ]
        )

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave an unfocused box to the page that scrolls."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class LabelledChoice(QWidget):
    """A choice of one among several. With an empty title only the box is shown.

    Signals:
        currentChanged(str): the user chose another key.
    """

    currentChanged = Signal(str)

    def __init__(
        self,
        theme: Theme,
        title: str,
        options: Sequence[Option] = (),
        *,
        name: str = "",
        tip: str = "",
    ) -> None:
        """Build it. `name` is what assistive technology calls it when there is no title."""
        super().__init__()
        self._theme, self._tip = theme, tip
        self._current = ""
        self._options: Sequence[Option] = ()
        self._box = _ComboBox(theme)
        self._box.setAccessibleName(title or name)
        self._box.setToolTip(tip)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(2)
        if title:
            outer.addWidget(label(title, "muted"))
        outer.addWidget(self._box)
        self.setFocusProxy(self._box)
        self.set_options(options)
        self._box.activated.connect(self._activated)
        theme.changed.connect(self._colour_options)

    def set_options(self, options: Sequence[Option]) -> None:
        """Offer (key, text) or (key, text, tooltip); a str is a group's heading, None a line.

        The current key stays when it is still offered, else the first becomes current.
        """
        if options == self._options:
            return
        self._options = options
        with QSignalBlocker(self._box):
            self._box.clear()
            for option in options:
                if option is None:
                    self._box.insertSeparator(self._box.count())
                elif isinstance(option, str):
                    self._add_heading(option)
                else:
                    self._box.addItem(option[1], option[0])
                    tip = plain(option[2]) if len(option) == 3 else ""
                    self._box.setItemData(self._box.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self._colour_options()
        keys = [option[0] for option in options if isinstance(option, tuple)]
        if keys:
            self.set_current(self._current if self._current in keys else keys[0])

    def current(self) -> str:
        """Return the chosen key."""
        return self._current

    def set_current(self, key: str) -> None:
        """Choose `key`, without a signal. Raises KeyError when it is not offered."""
        index = self._box.findData(key)
        if index < 0:
            raise KeyError(key)
        self._current = key
        self._box.setCurrentIndex(index)

    def set_tip(self, tip: str) -> None:
        """Say something else where the pointer rests, such as why it is disabled; "": as usual."""
        self._box.setToolTip(tip or self._tip)

    def set_enabled_keys(self, keys: set[str] | None) -> None:
        """Let only these be chosen (None: all of them)."""
        model = self._box.model()
        assert isinstance(model, QStandardItemModel)
        for row in range(self._box.count()):
            key = self._box.itemData(row)
            if key is not None:
                model.item(row).setEnabled(keys is None or key in keys)
        self._colour_options()

    def _add_heading(self, text: str) -> None:
        if self._box.count():
            self._box.insertSeparator(self._box.count())
        self._box.addItem(text)
        model = self._box.model()
        assert isinstance(model, QStandardItemModel)
        model.item(self._box.count() - 1).setEnabled(False)

    def _colour_options(self) -> None:
        """Let what cannot be chosen look so: a style sheet gives all options one colour."""
        model = self._box.model()
        assert isinstance(model, QStandardItemModel)
        for row in range(self._box.count()):
            item, is_heading = model.item(row), self._box.itemData(row) is None
            role = "accent" if is_heading else "text" if item.isEnabled() else "faint"
            item.setForeground(self._theme.color(role))
            if is_heading:
                item.setFont(self._theme.font("caption"))

    def _activated(self, index: int) -> None:
        key = self._box.itemData(index)
        if key is not None and key != self._current:
            self._current = key
            self.currentChanged.emit(key)


class SegmentedButtons(QWidget):
    """A row of buttons of which exactly one is down.

    Signals:
        changed(str): the user chose another key.
    """

    changed = Signal(str)

    def __init__(
        self,
        theme: Theme,
        options: Sequence[tuple[str, str] | tuple[str, str, str]],
        *,
        name: str = "",
    ) -> None:
        """Build it of (key, text) or (key, text, tooltip); the first is down."""
        super().__init__()
        self.setAccessibleName(name)
        self._buttons: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(6))
        for option in options:
            button = QToolButton()
            button.setText(option[1])
            button.setCheckable(True)
            button.setToolTip(option[2] if len(option) == 3 else "")
            button.setAccessibleName(f"{name}: {option[1]}" if name else option[1])
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            keep_keys(button, Qt.Key.Key_Space, *ARROWS)
            self._buttons[option[0]] = button
            self._group.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        self._current = options[0][0]
        self._buttons[self._current].setChecked(True)
        self._group.buttonToggled.connect(self._toggled)

    def current(self) -> str:
        """Return the key of the button that is down, "" while all are up."""
        return self._current

    def set_current(self, key: str) -> None:
        """Press `key`, without a signal. Raises KeyError when there is none such."""
        self._current = key
        self._buttons[key].setChecked(True)

    def release(self) -> None:
        """Lift every button, without a signal: what is on show is none of the choices."""
        self._group.setExclusive(False)
        if self._current:
            self._buttons[self._current].setChecked(False)
        self._group.setExclusive(True)
        self._current = ""

    def button(self, key: str) -> QToolButton:
        """Return one of the buttons, for instance to disable it."""
        return self._buttons[key]

    def _toggled(self, button: QToolButton, down: bool) -> None:
        key = next(k for k, made in self._buttons.items() if made is button)
        if down and key != self._current:
            self._current = key
            self.changed.emit(key)
