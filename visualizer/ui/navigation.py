"""The frame around the pages: the rail at the left and the header on top."""

from collections.abc import Callable, Collection, Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from visualizer.ui import icons
from visualizer.ui.actions import MENUS, Actions
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.menu_button import give_menu


class Rail(QFrame):
    """One button a page above, a few commands below; each shares its command's QAction."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "rail")
        self.setAccessibleName("Pages")
        self._theme = theme
        self._icons: list[tuple[QAction, str]] = []
        self._buttons: list[QToolButton] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5, 9, 5, 7)
        layout.setSpacing(4)
        self._pages = QVBoxLayout()
        self._pages.setSpacing(4)
        self._commands = QVBoxLayout()
        self._commands.setSpacing(4)
        layout.addLayout(self._pages)
        layout.addStretch(1)
        layout.addLayout(self._commands)
        theme.changed.connect(self._restyle)

    def add_page(self, action: QAction, icon: str) -> None:
        """Add a page's button at the top."""
        self._pages.addWidget(self._button(action, icon))

    def add_command(self, action: QAction, icon: str) -> None:
        """Add a command's button at the bottom."""
        self._commands.addWidget(self._button(action, icon))

    def _button(self, action: QAction, icon: str) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("role", "nav")
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(action.text().replace("&", ""))
        self._icons.append((action, icon))
        self._buttons.append(button)
        self._restyle()
        return button

    def _restyle(self) -> None:
        colors = self._theme.colors
        for action, icon in self._icons:
            action.setIcon(icons.icon(icon, color=colors.muted, color_on=colors.accent))
        for button in self._buttons:
            button.setFixedSize(self._theme.px(74), self._theme.px(56))
        icons.fit(self._theme, *self._buttons, side=22)


class Header(QFrame):
    """The page's title, the menu, the source chip, and the commands that bring pictures in."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self._theme = theme
        self._icons: list[tuple[QToolButton, str]] = []
        self._own: dict[QAction, QToolButton] = {}
        self.menu_button = self._tool("", "mdi6.menu", "Menu")
        self.title = label("", "title", self)
        self.chip = self._tool("", "mdi6.chevron-down", "Picture on show")
        self.chip.setToolTip("The picture on show: choose another one")
        self.chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # text, then the chevron
        self.export = self._tool("Export", "mdi6.chevron-down", "Export")
        self.export.setToolTip("Save or copy what this page shows")
        self.export.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 8, 18, 8)
        self._row.setSpacing(10)
        self._row.addWidget(self.menu_button)
        self._row.addWidget(self.title)
        self._row.addStretch(1)
        self._row.addWidget(self.chip)
        theme.changed.connect(self._restyle)
        self._restyle()

    def add_commands(self, before_export: Iterable[QAction], after: Iterable[QAction]) -> None:
        """Add buttons to the right of the chip; Export stands between the two groups."""
        for action in before_export:
            self._row.addWidget(self._command(action))
        self._row.addWidget(self.export)
        for action in after:
            self._row.addWidget(self._command(action))

    def show_own(self, actions: Collection[QAction]) -> None:
        """Show buttons for the page's own commands, to the left of Export, and no others."""
        for action in actions:
            if action not in self._own:
                self._own[action] = self._command(action)
                self._row.insertWidget(self._row.indexOf(self.export), self._own[action])
        for action, button in self._own.items():
            button.setVisible(action in actions)

    def fill_menus(self, actions: Actions, sources: Callable[[QMenu], None]) -> None:
        """Have each menu made anew when it opens: only what can be reached now is in it."""

        def everything(menu: QMenu) -> None:
            for name in MENUS:
                if commands := actions.menu(name):
                    menu.addMenu(name).addActions(commands)

        _fill_on_show(self.menu_button.menu(), everything)
        _fill_on_show(self.chip.menu(), sources)
        _fill_on_show(self.export.menu(), lambda menu: menu.addActions(actions.menu("Export")))

    def set_source(self, text: str) -> None:
        """Show the picture's name on the chip, shortened in the middle when it is long."""
        metrics = self.chip.fontMetrics()
        width = self._theme.px(230)
        self.chip.setText(metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, width))
        self.chip.setAccessibleDescription(text)

    def _command(self, action: QAction) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("role", "pill")
        name = action.text().replace("&", "")
        action.setIconText(name)  # Qt would leave the dots away
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(name)
        return button

    def _tool(self, text: str, icon: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("role", "pill")
        button.setText(text)
        button.setToolButtonStyle(
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            if text or name == "Picture on show"
            else Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        menu = QMenu(button)
        menu.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # also under a mirrored button
        give_menu(button, menu)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(name)
        self._icons.append((button, icon))
        return button

    def _restyle(self) -> None:
        for button, icon in self._icons:
            button.setIcon(icons.icon(icon, color=self._theme.colors.muted))
            icons.fit(self._theme, button)


def _fill_on_show(menu: QMenu, fill: Callable[[QMenu], object]) -> None:
    def refill() -> None:
        menu.clear()
        fill(menu)

    menu.aboutToShow.connect(refill)
