"""Ctrl+Shift+P and F1: every command to search and run, and every key on one sheet."""

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QScrollArea,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from visualizer.ui.actions import MENUS, Actions, Command
from visualizer.ui.widgets.card import label


def plain(command: Command) -> str:
    """Return "Menu: Text" without mnemonics."""
    return f"{command.menu}: {command.name}"


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
        self._list = QTreeWidget()
        self._list.setAccessibleName("Commands found")
        self._list.setHeaderHidden(True)
        self._list.setRootIsDecorated(False)
        self._list.setColumnCount(2)
        self._list.header().setStretchLastSection(False)
        self._list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._commands = [c for c in actions.all() if c.action.isVisible()]
        for command in self._commands:
            item = QTreeWidgetItem([plain(command), keys(command)])
            item.setDisabled(not command.action.isEnabled())
            self._list.addTopLevelItem(item)
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
            self._list.setRowHidden(row, QModelIndex(), not found)
        self._choose(next(iter(self._choices()), -1))

    def _choices(self) -> list[int]:
        return [
            row
            for row, command in enumerate(self._commands)
            if command.action.isEnabled() and not self._list.isRowHidden(row, QModelIndex())
        ]

    def _choose(self, row: int) -> None:
        self._list.setCurrentIndex(self._list.model().index(row, 0))

    def _row(self) -> int:
        return self._list.currentIndex().row()

    def _move(self, by: int) -> None:
        rows = self._choices()
        if rows:
            here = self._row()
            place = rows.index(here) if here in rows else 0
            self._choose(rows[(place + by) % len(rows)])

    def _run(self) -> None:
        row = self._row()
        if row in self._choices():
            self.accept()
            self._commands[row].action.trigger()


class ShortcutSheet(QDialog):
    """Every command that has a key, by menu, in two columns."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.resize(980, 680)
        commands = [command for command in actions.all() if command.action.shortcuts()]
        menus = {menu: [c for c in commands if c.menu == menu] for menu in MENUS}
        sheet = QWidget()
        columns = QHBoxLayout(sheet)
        columns.setSpacing(40)
        half = (len(commands) + len(menus)) / 2
        grids = [_column(columns), _column(columns)]
        rows = 0
        for menu, listed in menus.items():
            if listed:
                _add_menu(grids[rows >= half], menu, listed)
                rows += len(listed) + 1
        area = QScrollArea()
        area.setWidget(sheet)
        area.setWidgetResizable(True)
        area.setAccessibleName("Keyboard shortcuts")
        QVBoxLayout(self).addWidget(area)


def _column(row: QHBoxLayout) -> QGridLayout:
    grid, column = QGridLayout(), QVBoxLayout()
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(0, 1)
    column.addLayout(grid)
    column.addStretch(1)
    row.addLayout(column, 1)
    return grid


def _add_menu(grid: QGridLayout, menu: str, commands: list[Command]) -> None:
    row = grid.rowCount()
    grid.setRowMinimumHeight(row, 10 if row > 1 else 0)
    grid.addWidget(label(menu, "heading"), row + 1, 0, 1, 2)
    for place, command in enumerate(commands, start=row + 2):
        where = f"  ({command.page})" if command.page else ""
        grid.addWidget(label(command.name + where, "muted"), place, 0)
        grid.addWidget(label(keys(command), "number"), place, 1)
