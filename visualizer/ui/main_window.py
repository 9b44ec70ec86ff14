"""The window: puts rail, header, pages and status bar together, and wires the registry to them."""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer
from PySide6.QtGui import QActionGroup, QCloseEvent, QUndoStack
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from visualizer.core.image import Image
from visualizer.paths import user_data
from visualizer.state.model import Edit
from visualizer.state.session import Session
from visualizer.ui import undo
from visualizer.ui.actions import Actions
from visualizer.ui.background import Background
from visualizer.ui.command_palette import CommandPalette, ShortcutSheet
from visualizer.ui.context import Context
from visualizer.ui.keyboard import ControlKeys, PageKeys
from visualizer.ui.messages import MessageBar
from visualizer.ui.navigation import Header, Rail
from visualizer.ui.pages import PAGES, WITHOUT_STATUS, Page
from visualizer.ui.preferences import Preferences
from visualizer.ui.presentation import Presentation
from visualizer.ui.sources import Sources
from visualizer.ui.theme import Choice, Theme
from visualizer.ui.warm_up import WarmUp
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.page_stack import PageStack

if TYPE_CHECKING:
    from visualizer.ui.training import Training

USUAL_SIZE = QSize(1440, 900)
_FRAME = QSize(16, 40)  # about what a title bar and edges take: known only once they are shown


class MainWindow(QMainWindow):
    """The application's one window. `remembers`: whether it keeps its layout when it closes."""

    remembers = True

    def __init__(self, theme: Theme, preferences: Preferences, image: Image) -> None:
        super().__init__()
        self._theme = theme
        self._preferences = preferences
        self._pages: dict[str, QWidget] = {}
        self._control_keys = ControlKeys(cast(QApplication, QApplication.instance()))
        self._room = QScrollArea()
        self._message = MessageBar(theme, self._room)
        self._undo = QUndoStack(self)
        self._undo.setUndoLimit(500)
        self.context = Context(
            theme=theme,
            session=Session(image),
            actions=Actions(self),
            undo=self._undo,
            preferences=preferences,
            training=cache(self._make_training),
            tell=self._message.tell,
            done=self._message.done,
            status=self._status,
        )
        self._rail = Rail(theme)
        self._header = Header(theme)
        self._stack = PageStack()
        self._page_keys = PageKeys(self, self._stack.currentWidget)
        self._imports = Background("imports", self)
        self._warm_up = WarmUp(self)
        self._sources = Sources(self.context, self)
        self._sources.set_recent(preferences.recent)
        self._lay_out()
        self._add_commands()
        self._fill_navigation()
        session = self.context.session
        session.edited.connect(self._record_picture)
        session.image_changed.connect(self._picture_changed)
        self._picture_changed(session.image)

    @property
    def page_titles(self) -> list[str]:
        """The pages, in the order of the rail."""
        return list(PAGES)

    @property
    def sources(self) -> Sources:
        """What brings pictures in."""
        return self._sources

    def open_at(self, size: tuple[int, int] | None, geometry: QByteArray | None) -> None:
        """Choose the window's size: asked for, remembered, or 1440×900; all of a smaller screen."""
        if size is not None:
            self.resize(*size)
        elif geometry is None or not self.restoreGeometry(geometry):
            fitting = (self.screen().availableSize() - _FRAME).boundedTo(USUAL_SIZE)
            self.resize(fitting)
            if fitting != USUAL_SIZE:
                self.setWindowState(Qt.WindowState.WindowMaximized)

    def show_page(self, title: str) -> Page:
        """Bring a page on show, building it when it is the first time."""
        page = self._page(title)
        self.context.actions.set_page(title)
        self.context.actions[f"page.{title}"].setChecked(True)
        self._theme.catch_up(page)
        if self._stack.currentWidget() is not page:
            self._status("", "")
        self._stack.setCurrentWidget(page)
        page.setFocus(Qt.FocusReason.OtherFocusReason)
        self._header.title.setText(title)
        self._show_status_bar()
        self._header.export.setVisible(bool(self.context.actions.menu("Export")))
        self._header.show_own(self.context.actions.in_header())
        return cast(Page, page)

    def build_pages_when_idle(self) -> None:
        """Build the pages not seen yet, one each time the event loop has nothing to do.

        What takes long to import is imported in a thread first: the window stays at hand.
        """
        self._imports.done.connect(self._build_next_page)
        self._imports.submit(lambda job: import_module("pyqtgraph"))

    def _build_next_page(self) -> None:
        missing = [title for title in PAGES if title not in self._pages]
        if missing:
            self._page(missing[0])
            QTimer.singleShot(0, self, self._build_next_page)
        else:
            self._warm_up.wait_for_rest()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the layout, end every thread, then go, unless a page has a reason to stay."""
        if self.remembers:
            if not all(cast(Page, page).may_close() for page in self._pages.values()):
                event.ignore()
                return
            if not self.context.actions["view.present"].isChecked():
                self._preferences.geometry = self.saveGeometry()
            self._preferences.page = self._header.title.text()
            self._preferences.recent = self._sources.recent
            self._preferences.save()
        self._undo.clear()  # while all that its signals reach is still there
        self._imports.close()
        self._warm_up.close()
        self._sources.close_work()
        for page in self._pages.values():
            cast(Page, page).close_work()
        super().closeEvent(event)

    def _make_training(self) -> "Training":
        # It reads the runs: not before the first paint.
        from visualizer.state.training import TrainingModel
        from visualizer.ui.training import Training

        training = Training(TrainingModel(), user_data() / "runs", self)
        self._theme.applying.connect(training.hold)
        return training

    def _page(self, title: str) -> QWidget:
        if title not in self._pages:
            page = PAGES[title][1](self.context)
            self._pages[title] = page
            self._stack.addWidget(page)
            self._theme.style_when_shown(page)
            cast(Page, page).model.edited.connect(
                lambda edit: undo.record(self._undo, edit, lambda: self._reveal(title))
            )
        return self._pages[title]

    def _reveal(self, title: str) -> None:
        if self._header.title.text() != title:
            self.show_page(title)

    def _record_picture(self, edit: Edit) -> None:
        undo.record(self._undo, edit, lambda: None)

    def _lay_out(self) -> None:
        self._left, self._right = label("", "small_number"), label("", "small_number")
        self.statusBar().addWidget(self._left, 1)
        self.statusBar().addPermanentWidget(self._right)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().setContentsMargins(14, 2, 14, 2)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        # A window too small for its page scrolls; it is never made larger by what a page says.
        self._room.setWidget(self._stack)
        self._room.setWidgetResizable(True)
        self._room.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for widget in (self._header, self._sources.bar):
            column.addWidget(widget)
        column.addWidget(self._room, 1)
        central = QWidget()
        central.setObjectName("page")
        row = QHBoxLayout(central)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._rail)
        row.addLayout(column, 1)
        self.setCentralWidget(central)
        self._presentation = Presentation(
            self, self._theme, self._header, column, (self._rail,), self._message.hint
        )

    def _add_commands(self) -> None:
        add = self.context.actions.add
        undo.add_commands(self.context.actions, self._undo)
        group = QActionGroup(self)
        for number, title in enumerate(PAGES, start=1):
            page = add(f"page.{title}", title, lambda t=title: self.show_page(t), menu="View",
                       shortcuts=f"Ctrl+{number}", tip=f"Go to the {title} page")  # fmt: skip
            page.setCheckable(True)
            group.addAction(page)
        themes = QActionGroup(self)
        for choice in ("system", "dark", "light"):
            theme = add(f"theme.{choice}", f"Theme: {choice}", lambda c=choice: self.set_theme(c),
                        menu="View")  # fmt: skip
            theme.setCheckable(True)
            theme.setChecked(choice == self._theme.choice)
            themes.addAction(theme)
        # fmt: off
        add("view.present", "Present", self._present, menu="View", shortcuts="F11",
            checkable=True, tip="Full screen, larger type, only the page; the same key leads back")
        add("view.reset", "Reset layout", self.reset_layout, menu="View",
            tip="Forget window size, theme, last page, recent files and folders of data")
        add("help.commands", "Commands", lambda: CommandPalette(self.context.actions, self).exec(),
            menu="Help", shortcuts="Ctrl+Shift+P", tip="Search every command")
        add("help.shortcuts", "Keys", lambda: ShortcutSheet(self.context.actions, self).exec(),
            menu="Help", shortcuts="F1", tip="Every keyboard shortcut")
        add("view.menu", "Menu", self._header.menu_button.showMenu, menu="View", shortcuts="F10")
        # fmt: on
        add("file.quit", "&Quit", self.close, menu="File", shortcuts="Ctrl+Q")  # fmt: skip

    def _fill_navigation(self) -> None:
        actions = self.context.actions
        for title, (icon, _) in PAGES.items():
            self._rail.add_page(actions[f"page.{title}"], icon)
        actions["page.Train"].hovered.connect(self._warm_up.begin)
        self._rail.add_command(actions["help.commands"], "mdi6.magnify")
        self._rail.add_command(actions["help.shortcuts"], "mdi6.keyboard-outline")
        self._header.add_commands(
            (actions["file.open"], actions["file.gallery"], actions["file.webcam"]),
            (actions["view.present"],),
        )
        self._header.fill_menus(actions, self._sources.fill_menu)

    def set_theme(self, choice: Choice) -> None:
        """Choose a theme and remember it."""
        self._theme.set_choice(choice)
        self._preferences.theme = choice
        self.context.actions[f"theme.{choice}"].setChecked(True)

    def reset_layout(self) -> None:
        """Forget what was remembered and show the window as on the first start."""
        self._preferences.forget()
        self._sources.set_recent([])
        self.context.actions["view.present"].setChecked(False)
        self.set_theme("system")
        self.show_page(next(iter(PAGES)))
        QTimer.singleShot(0, self, self._take_usual_place)  # once full screen has been left

    def _take_usual_place(self) -> None:
        self.showNormal()
        self.open_at(None, None)

    def _present(self, on: bool) -> None:
        self._message.end_passing()  # it tells how to leave
        self._show_status_bar()
        self._presentation.show(on)

    def _show_status_bar(self) -> None:
        """Show it where the page has something for it, and never while presenting."""
        bar, presenting = self.statusBar(), self.context.actions["view.present"].isChecked()
        bar.clearMessage()  # a bar that comes back would write it over what the page says
        bar.setVisible(not presenting and self._header.title.text() not in WITHOUT_STATUS)

    def _picture_changed(self, image: Image) -> None:
        self._header.set_source(image.name)
        self.setWindowTitle(f"{image.name} — CNN Visualizer")
        self._message.tell("")

    def _status(self, left: str, right: str | None) -> None:
        self._left.setText(left)
        if right is not None:
            self._right.setText(right)
