"""Ctrl+Shift+P and F1: every command to search and run, and every key on one sheet."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from visualizer.ui.actions import Actions, Command
from visualizer.ui.widgets.card import label


def plain(command: Command) -> str:
    """Return "Menu: Text" without mnemonics."""
    return f"{command.menu}: {command.action.text().replace('&', '')}"


def keys(command: Command) -> str:
    """Return the command's shortcuts as the platform writes them."""
    native = QKeySequence.SequenceFormat.NativeText
    return ", ".join(sequence.toString(native) for sequence in command.action.shortcuts())


class CommandPalette(QDialog):
    """Type a few letters, Enter runs the command. Commands that cannot run now are greyed."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Commands")
        self.resize(560, 420)
        self._field = QLineEdit()
        self._field.setPlaceholderText("Type a command…")
        self._field.setAccessibleName("Search commands")
        self._field.setClearButtonEnabled(True)
        self._list = QListWidget()
        self._list.setAccessibleName("Commands found")
        self._commands = [c for c in actions.all() if c.action.isVisible()]
        for command in self._commands:
            hint = keys(command)
            item = QListWidgetItem(plain(command) + (f"    {hint}" if hint else ""))
            if not command.action.isEnabled():
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self._list.addItem(item)
        layout = QVBoxLayout(self)
        layout.addWidget(self._field)
        layout.addWidget(self._list)
        self._field.textChanged.connect(self._filter)
        self._field.returnPressed.connect(self._run)
        self._field.installEventFilter(self)
        self._list.itemActivated.connect(self._run)
        self._filter("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys move through the list while the text field has the focus."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            moves = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
            if event.key() in moves:
                self._move(moves[Qt.Key(event.key())])
                return True
        return super().eventFilter(watched, event)

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        for row, command in enumerate(self._commands):
            found = all(word in plain(command).lower() for word in words)
            self._list.item(row).setHidden(not found)
        self._list.setCurrentRow(next(iter(self._choices()), -1))

    def _choices(self) -> list[int]:
        return [
            row
            for row in range(self._list.count())
            if not self._list.item(row).isHidden()
            and self._list.item(row).flags() & Qt.ItemFlag.ItemIsEnabled
        ]

    def _move(self, by: int) -> None:
        rows = self._choices()
        if rows:
            here = self._list.currentRow()
            place = rows.index(here) if here in rows else 0
            self._list.setCurrentRow(rows[(place + by) % len(rows)])

    def _run(self) -> None:
        row = self._list.currentRow()
        if row in self._choices():
            self.accept()
            self._commands[row].action.trigger()


class ShortcutSheet(QDialog):
    """Every command that has a key, by menu, in two columns."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.resize(760, 560)
        menus: dict[str, list[Command]] = {}
        for command in actions.all():
            if command.action.shortcuts():
                menus.setdefault(command.menu, []).append(command)
        sheet = QWidget()
        grid = QGridLayout(sheet)
        grid.setHorizontalSpacing(24)
        row = 0
        for menu, commands in menus.items():
            grid.addWidget(label(menu, "heading"), row, 0, 1, 2)
            for command in commands:
                row += 1
                where = f"  ({command.page} page)" if command.page else ""
                text = command.action.text().replace("&", "")
                grid.addWidget(label(text + where, "muted"), row, 0)
                grid.addWidget(label(keys(command), "number"), row, 1)
            row += 1
        grid.setColumnStretch(0, 1)
        grid.setRowStretch(row, 1)
        area = QScrollArea()
        area.setWidget(sheet)
        area.setWidgetResizable(True)
        area.setAccessibleName("Keyboard shortcuts")
        QVBoxLayout(self).addWidget(area)
