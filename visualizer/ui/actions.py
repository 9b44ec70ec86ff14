"""Every command once: menus, shortcuts, command palette and shortcut sheet come from here."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

MENUS = ("File", "Edit", "View", "Step", "Train", "Examples", "Export", "Help")


@dataclass(frozen=True, eq=False)
class Command:
    """One registered command.

    Attributes:
        key: its stable name, such as "image.fit".
        name: what it is called, without mnemonics and without what it would undo.
        action: the QAction that menus and buttons share.
        menu: the menu it is listed in.
        page: the page it belongs to, or "" for everywhere.
        in_header: whether it has a button in the window's header while its page is on show.
    """

    key: str
    name: str
    action: QAction
    menu: str
    page: str
    in_header: bool


class Actions(QObject):
    """The registry of one window, which gets every key.

    A page's commands work, and their keys are live, only while it is on show.
    """

    def __init__(self, window: QWidget | None = None) -> None:
        super().__init__(window)
        self._window = window
        self._commands: dict[str, Command] = {}
        self._page = ""

    def add(
        self,
        key: str,
        text: str,
        run: Callable[..., object],
        *,
        menu: str,
        shortcuts: str | tuple[str, ...] = (),
        page: str = "",
        tip: str = "",
        checkable: bool = False,
        in_header: bool = False,
    ) -> QAction:
        """Register a command and return its QAction.

        `run` is called without arguments, or with the new state when `checkable`. Raises
        ValueError when the menu is unknown, the key is taken, or a shortcut is taken by a command
        that can be live at the same time.
        """
        if menu not in MENUS:
            raise ValueError(f"there is no menu {menu!r}")
        if key in self._commands:
            raise ValueError(f"the command {key!r} is registered twice")
        keys = (shortcuts,) if isinstance(shortcuts, str) else shortcuts
        for other in self._commands.values():
            if page and other.page and page != other.page:
                continue
            for sequence in other.action.shortcuts():
                if sequence in [QKeySequence(k) for k in keys]:
                    raise ValueError(f"{sequence.toString()} is taken by {other.key!r}")
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(k) for k in keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setCheckable(checkable)
        action.setStatusTip(tip)
        hint = f" ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})"
        action.setToolTip((tip or text.replace("&", "")) + (hint if keys else ""))
        if checkable:
            action.toggled.connect(run)
        else:
            action.triggered.connect(lambda *_: run())
        self._commands[key] = Command(key, text.replace("&", ""), action, menu, page, in_header)
        self._enable(self._commands[key])
        if self._window is not None:
            self._window.addAction(action)
        return action

    def __getitem__(self, key: str) -> QAction:
        return self._commands[key].action

    def all(self) -> list[Command]:
        """Return every command, in the order they were registered."""
        return list(self._commands.values())

    def menu(self, menu: str) -> list[QAction]:
        """Return the commands of one menu that can be reached now."""
        return [c.action for c in self.all() if c.menu == menu and c.action.isVisible()]

    def in_header(self) -> list[QAction]:
        """Return the commands that have a button in the header now."""
        return [c.action for c in self.all() if c.in_header and c.action.isVisible()]

    def set_page(self, page: str) -> None:
        """Make the commands of `page`, and those of no page, the live ones."""
        self._page = page
        for command in self._commands.values():
            self._enable(command)

    def _enable(self, command: Command) -> None:
        live = command.page in ("", self._page)
        command.action.setVisible(live)
