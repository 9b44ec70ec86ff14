"""The real window with its pages: navigation, menus, presentation, what it remembers."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QImage, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QToolButton,
    QTreeWidget,
    QWidget,
)

from visualizer.core import samples
from visualizer.ui import main_window, presentation
from visualizer.ui.command_palette import CommandPalette, ShortcutSheet
from visualizer.ui.main_window import PAGES, MainWindow
from visualizer.ui.messages import MessageBar
from visualizer.ui.preferences import Preferences
from visualizer.ui.presentation import scale_for
from visualizer.ui.widgets.cell_edit import CellEdit
from visualizer.ui.widgets.kernel_editor import KernelEditor
from visualizer.ui.widgets.spin import Spin
from visualizer.ui.widgets.value_edit import ValueEdit


@pytest.fixture
def make_window(qtbot, theme):
    def make() -> MainWindow:
        window = MainWindow(theme, Preferences(), samples.load(samples.DEFAULT))
        qtbot.addWidget(window, before_close_func=lambda w: w.close())
        window.open_at((1280, 720), None)
        window.show_page("Image")
        window.show()
        qtbot.waitExposed(window)
        return window

    return make


@pytest.fixture
def window(make_window) -> MainWindow:
    return make_window()


def nav_button(window: MainWindow, text: str) -> QToolButton:
    return next(
        b
        for b in window.findChildren(QToolButton)
        if b.property("role") == "nav" and b.text() == text
    )


def test_the_rail_leads_to_every_page_and_to_no_other(qtbot, window) -> None:
    for title in reversed(PAGES):
        qtbot.mouseClick(nav_button(window, title), Qt.MouseButton.LeftButton)
        assert window.show_page(title).isVisible()
    pages = [b.text() for b in window.findChildren(QToolButton) if b.property("role") == "nav"]
    assert pages == [*PAGES, "Commands", "Keys"]


def test_the_header_says_what_asks_first_by_dots(window) -> None:
    texts = [b.text() for b in window.findChildren(QToolButton) if b.property("role") == "pill"]
    assert {"Open…", "Gallery", "Webcam", "Export", "Present"} <= set(texts)


@pytest.mark.parametrize(("kind", "name"), [(ValueEdit, "Stride, value"), (Spin, "Kernel rows")])
def test_undo_works_from_a_field_once_its_value_is_taken_over(qtbot, window, kind, name) -> None:
    page = window.show_page("Filters")
    before = page.model.settings
    field = next(w for w in page.findChildren(kind) if w.accessibleName() == name)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "2")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert page.model.settings != before
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.model.settings == before


def test_going_to_the_page_on_show_leaves_the_status_bar_alone(qtbot, window) -> None:
    window.context.status("row 1", "1 ms")
    qtbot.mouseClick(nav_button(window, "Image"), Qt.MouseButton.LeftButton)
    said = [w.text() for w in window.statusBar().findChildren(QLabel)]
    assert said == ["row 1", "1 ms"]


def test_training_waits_while_the_window_is_given_another_theme(qtbot, window) -> None:
    window.show()
    told = []
    window.context.theme.applying.connect(told.append)
    window.set_theme("light")
    assert told == [True]
    qtbot.waitUntil(lambda: told == [True, False])


def test_a_page_has_buttons_of_its_own_in_the_header(window) -> None:
    window.show()
    for title, wanted in (("Train", True), ("Image", False), ("Train", True)):
        window.show_page(title)
        names = [b.accessibleName() for b in window.findChildren(QToolButton) if b.isVisible()]
        assert names.count("Save checkpoint…") == wanted


def test_no_page_scrolls_because_of_one_that_is_not_on_show(qtbot, window) -> None:
    window.build_pages_when_idle()
    qtbot.waitUntil(lambda: len(window._pages) == len(PAGES), timeout=20_000)
    for title in PAGES:
        page = window.show_page(title)
        bar = window._room.verticalScrollBar()
        qtbot.waitUntil(lambda bar=bar: not bar.isVisible())
        assert page.height() == window._room.viewport().height()


def test_keys_change_the_page(qtbot, window) -> None:
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.show_page("Filters").isVisible()
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert nav_button(window, "Image").isChecked()


def test_the_palette_finds_and_runs_a_command(qtbot, window) -> None:
    palette = CommandPalette(window.context.actions, window)
    palette.show()
    field, found = palette.findChild(QLineEdit), palette.findChild(QTreeWidget)
    qtbot.keyClicks(field, "theme light")
    items = [found.topLevelItem(i) for i in range(found.topLevelItemCount())]
    shown = [item.text(0) for item in items if not item.isHidden()]
    assert shown == ["View: Theme: light"]
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.context.theme.choice == "light"
    assert not palette.isVisible()
    palette.deleteLater()


def test_the_sheet_lists_every_key(window) -> None:
    sheet = ShortcutSheet(window.context.actions, window)
    text = " ".join(label.text() for label in sheet.findChildren(QWidget) if hasattr(label, "text"))
    for command in window.context.actions.all():
        for sequence in command.action.shortcuts():
            assert sequence.toString() in text
    sheet.deleteLater()


def test_presentation_fills_the_screen_and_the_same_key_leads_back(qtbot, window) -> None:
    size = window.size()
    for _ in range(2):
        qtbot.keyClick(window, Qt.Key.Key_F11)
        assert window.isFullScreen()
        assert window.context.theme.scale == scale_for(window.screen().size())
        assert not nav_button(window, "Image").isVisible()
        assert not window.statusBar().isVisible()
        qtbot.keyClick(window, Qt.Key.Key_F11)
        assert not window.isFullScreen()
        assert window.context.theme.scale == 1.0
        assert nav_button(window, "Image").isVisible()
        qtbot.waitUntil(lambda: window.size() == size)


def test_presenting_leaves_the_status_bar_to_the_pages_that_have_something_for_it(window) -> None:
    present, bar = window.context.actions["view.present"], window.statusBar()
    window.show_page("Network")
    present.trigger()
    window.show_page("Filters")
    assert not bar.isVisible()
    window.show_page("Network")
    present.trigger()
    assert not bar.isVisible()
    bar.showMessage("Go to the Filters page")  # the pointer is there
    window.show_page("Filters")
    assert bar.isVisible() and not bar.currentMessage()  # it would stand on what the page says


def test_how_to_stop_presenting_is_said_for_as_long_as_it_is_of_use(window) -> None:
    present, message = window.context.actions["view.present"], window.findChild(MessageBar)
    present.trigger()
    assert message.text.startswith("F11 leads back.")
    present.trigger()
    assert not message.text
    present.trigger()
    message.tell("What went wrong.")
    present.trigger()
    assert message.text == "What went wrong."


@pytest.mark.parametrize("title", PAGES)
@pytest.mark.parametrize(("scale", "size"), [(1.0, (1280, 720)), (1.5, (1920, 1080))])
def test_how_to_stop_presenting_lies_over_no_control(window, title, scale, size) -> None:
    page, bar = window.show_page(title), window.findChild(MessageBar)
    window.context.theme.set_scale(scale)
    window._header.hide()
    window.resize(*size)
    QApplication.processEvents()
    bar.hint(presentation.HOW)
    over = bar.rect().translated(bar.mapTo(window, QPoint(0, 0)))
    assert bar.isVisible() and bar.findChild(QLabel).text() == presentation.HOW
    for kind in (QAbstractButton, QComboBox, QAbstractSlider, QLineEdit):
        for control in page.findChildren(kind):
            place = control.rect().translated(control.mapTo(window, QPoint(0, 0)))
            assert not control.isVisible() or not over.intersects(place), control.accessibleName()


def test_while_presenting_the_upper_edge_shows_the_header_over_the_page(
    qtbot, window, monkeypatch
) -> None:
    at = QPoint(300, 400)
    monkeypatch.setattr(presentation.QCursor, "pos", lambda: window.mapToGlobal(at))
    present = next(b for b in window.findChildren(QToolButton) if b.text() == "Present")
    present.setFocus()
    QTest.mouseClick(present, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not present.isVisible())
    page = window.show_page("Image")
    place = page.mapTo(window, QPoint(0, 0))
    assert page.isAncestorOf(window.focusWidget()) or window.focusWidget() is page
    at.setY(0)
    qtbot.waitUntil(present.isVisible)
    at.setY(30)
    qtbot.wait(120)
    assert present.isVisible() and page.mapTo(window, QPoint(0, 0)) == place
    at.setY(400)
    qtbot.waitUntil(lambda: not present.isVisible())
    menus = [present.parentWidget().menu_button.menu().addMenu("File")]
    monkeypatch.setattr(presentation.QApplication, "activePopupWidget", lambda: menus[0])
    qtbot.waitUntil(present.isVisible)  # F10 opened it
    menus[0] = None
    qtbot.waitUntil(lambda: not present.isVisible())
    window.context.actions["view.present"].trigger()
    assert present.isVisible() and page.mapTo(window, QPoint(0, 0)).y() > 0


def test_reset_while_presenting_makes_the_window_as_large_as_usual(
    qtbot, window, monkeypatch
) -> None:
    monkeypatch.setattr(main_window, "USUAL_SIZE", QSize(780, 750))
    qtbot.keyClick(window, Qt.Key.Key_F11)
    window.context.actions["view.reset"].trigger()
    qtbot.wait(20)
    assert not window.isFullScreen()
    assert window.height() == 750


@pytest.mark.parametrize(("larger_by", "takes_all"), [(0, True), (60, False)])
def test_the_window_takes_all_of_a_screen_without_room_for_its_usual_size(
    window, monkeypatch, larger_by, takes_all
) -> None:
    size = main_window.USUAL_SIZE + QSize(larger_by, larger_by)
    monkeypatch.setattr(window, "screen", lambda: SimpleNamespace(availableSize=lambda: size))
    window.open_at(None, None)
    assert window.isMaximized() == takes_all
    assert takes_all or window.size() == main_window.USUAL_SIZE


def test_all_usual_settings_of_an_experiment_are_seen_on_a_small_screen(window) -> None:
    window.resize(1280, 720 - 26)  # below a title bar
    page = window.show_page("Train")
    QApplication.processEvents()
    fold = page.experiment.form.fold
    assert fold.isVisible() and is_in_sight(fold) and window.statusBar().isHidden()
    window.show_page("Image")
    assert not window.statusBar().isHidden()


@pytest.mark.parametrize("title", ["Image", "Filters"])
def test_a_page_hidden_while_the_look_changes_ends_up_the_same(qtbot, window, theme, title) -> None:
    def look(choice, scale) -> None:
        theme.set_choice(choice)
        theme.set_scale(scale)

    def settled() -> QImage:
        looks = [page.grab().toImage()]
        while len(looks) < 2 or looks[-1] != looks[-2]:
            qtbot.wait(150)  # pictures are computed beside the window
            looks.append(page.grab().toImage())
        return looks[-1]

    other = next(name for name in PAGES if name != title)
    page = window.show_page(title)
    QTest.mouseMove(window, QPoint(1, 1))  # what is under the pointer looks otherwise
    look("dark", 1.0)
    settled()
    look("light", 1.25)
    expected = settled()
    look("dark", 1.0)
    window.show_page(other)
    look("light", 1.25)
    window.show_page(title)
    assert settled() == expected


@pytest.mark.parametrize(
    ("width", "height", "scale"),
    [(1920, 1080, 1.5), (3840, 2160, 1.5), (1280, 720, 1.0), (1024, 768, 1.0), (1600, 900, 1.25)],
)
def test_type_grows_as_far_as_the_screen_has_room(width, height, scale) -> None:
    assert scale_for(QSize(width, height)) == scale


def test_a_message_covers_the_page_without_moving_it(qtbot, window) -> None:
    page = window.show_page("Image")
    place = page.mapTo(window, page.rect().topLeft())
    bar = window.findChild(MessageBar)
    window.context.tell("The file is empty: choose another one. " * 6)
    assert bar.isVisible()
    assert window.size() == QSize(1280, 720)
    assert page.mapTo(window, page.rect().topLeft()) == place
    assert window.rect().contains(bar.mapTo(window, bar.rect().bottomRight()))
    window.context.done("Saved.")
    assert bar.text == "Saved."
    window.context.tell("")
    assert bar.text == ""


def test_a_click_on_a_message_closes_it_and_does_nothing_else(qtbot, window) -> None:
    page, bar = window.show_page("Train"), window.findChild(MessageBar)
    QApplication.processEvents()
    window.context.tell("Less than a batch of images: choose a smaller batch. " * 3)
    tab = next(b for b in page.views.findChildren(QToolButton) if b.text() == "Data")
    covered = bar.geometry() & tab.rect().translated(tab.mapTo(bar.parent(), QPoint(0, 0)))
    assert not covered.isEmpty()
    place = bar.parent().mapTo(window, covered.center())
    for is_seen in (False, True):
        under = window.childAt(place)
        QTest.mouseClick(under, Qt.MouseButton.LeftButton, pos=under.mapFrom(window, place))
        assert not bar.text
        assert tab.isChecked() is is_seen


def test_a_message_goes_when_it_is_no_longer_true(window) -> None:
    changed = window.context.training().changed
    bar = window.findChild(MessageBar)
    window.context.tell("There is no checkpoint yet: train a network first.", until=changed)
    assert bar.text
    changed.emit()
    assert bar.text == ""
    window.context.tell("There is no checkpoint yet: train a network first.", until=changed)
    window.context.tell("The file is empty: choose another one.")
    changed.emit()
    assert bar.text == "The file is empty: choose another one."


def test_two_lines_cover_neither_tabs_nor_cards(qtbot, window) -> None:
    page = window.show_page("Inspect")
    bar = window.findChild(MessageBar)
    window.context.tell("Saved net.onnx in /home/teacher/lessons. Checked: the output of the other "
                        "program is the same to within 1.5e-07.")  # fmt: skip
    line = bar.findChild(QLabel).fontMetrics().height()
    covered = bar.geometry()
    assert covered.height() > 2 * line
    top = page.draw.mapTo(bar.parent(), QPoint(0, 0)).y()
    tabs = page.bar.views.button("layers")
    assert covered.bottom() < top
    assert covered.left() > tabs.mapTo(bar.parent(), tabs.rect().topRight()).x()


def test_the_next_start_remembers_and_reset_forgets(qtbot, make_window, tmp_path) -> None:
    window = make_window()
    window.set_theme("light")
    window.show_page("Filters")
    window.sources.set_recent([str(tmp_path / "a.png")])
    window.close()
    kept = Preferences()
    assert (kept.theme, kept.page, kept.recent) == ("light", "Filters", [str(tmp_path / "a.png")])
    assert kept.geometry is not None
    window = make_window()
    window.context.actions["view.reset"].trigger()
    assert window.sources.recent == []
    assert window.context.theme.choice == "system"
    assert Preferences().geometry is None
    window.close()


def tab_stops(window: MainWindow, page: QWidget) -> list[QWidget]:
    return [
        control
        for control in window.findChildren(QWidget)
        if control.isVisible()
        and control.isEnabled()
        and control is not page
        and control.focusProxy() is None
        and (control.focusPolicy() & Qt.FocusPolicy.TabFocus)
    ]


def test_every_control_has_a_name_for_a_screen_reader(qtbot, window) -> None:
    for title in PAGES:
        page = window.show_page(title)
        qtbot.wait(50)
        controls = tab_stops(window, page)
        assert len(controls) > 20
        buttons = [b for b in window.findChildren(QAbstractButton) if b.isVisible() and b.text()]
        nameless = [c for c in controls if not c.accessibleName() and c not in buttons]
        nameless += [
            b
            for b in window.findChildren(QAbstractButton)
            if b.isVisible() and not (b.accessibleName() or b.text())
        ]
        assert nameless == [], f"{title}: {[(type(b), b.toolTip()) for b in nameless]}"


@pytest.mark.parametrize("title", PAGES)
def test_tab_reaches_every_control_and_the_focus_is_seen_on_each(qtbot, window, title) -> None:
    import_module("torch")  # else a page's thread does, for longer than closing waits for it
    page = window.show_page(title)
    with qtbot.waitActive(window):
        window.activateWindow()
    page.setFocus()
    wanted, reached, unseen = set(tab_stops(window, page)), set(), []
    for _ in range(2 * len(wanted)):
        control = next_focus(qtbot)
        if control in reached:
            break
        reached.add(control)
        focused = control.grab().toImage()
        control.clearFocus()
        if focused == control.grab().toImage() or not is_in_sight(control):
            unseen.append(control)
        control.setFocus(Qt.FocusReason.TabFocusReason)
    assert unseen == []
    assert [c for c in wanted - reached if c.isVisible() and not is_reached_by_arrows(c)] == []


def is_in_sight(control: QWidget) -> bool:
    painted = control.viewport() if isinstance(control, QAbstractScrollArea) else control
    return not painted.visibleRegion().isEmpty()


def is_reached_by_arrows(control: QWidget) -> bool:
    """Tell whether it is one of several buttons of which one is always chosen."""
    group = control.group() if isinstance(control, QAbstractButton) else None
    return group is not None and group.exclusive() and not control.isChecked()


def next_focus(qtbot) -> QWidget:
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    control = QApplication.focusWidget()
    assert control is not None
    return control


def test_the_page_has_the_keyboard_once_the_strip_of_files_is_closed(qtbot, window) -> None:
    page, bar = window.show_page("Filters"), window.sources.bar
    bar.strip.set_files(["a.png", "b.png"])
    bar.show_strip(True)
    bar.strip.thumbnails.setFocus()
    bar.show_strip(False)
    assert window.focusWidget() is page


def test_the_page_has_the_keyboard_once_a_view_hides_what_had_it(qtbot, window) -> None:
    page = window.show_page("Pooling")
    qtbot.waitUntil(page.input.view.isVisible)
    page.input.view.setFocus()
    page.model.edit("view", view="shift")
    qtbot.waitUntil(page.shift.isVisible)
    assert window.focusWidget() is page
    button = next(b for b in page.card.pad.findChildren(QToolButton) if b.isVisible())
    button.setFocus()
    page.model.edit("shift", shift=(1, 0))
    qtbot.wait(20)
    assert window.focusWidget() is button


def leave_for_another_window(qtbot, window, meanwhile) -> None:
    """Come back from another window, such as that of a dialog, where something was done."""
    other = QWidget()
    qtbot.addWidget(other)
    with qtbot.waitActive(other):
        other.show()
        other.activateWindow()
    meanwhile()
    other.close()
    with qtbot.waitActive(window):
        window.activateWindow()


def test_the_page_has_the_keyboard_where_a_dialog_leaves_it_to_no_control(qtbot, window) -> None:
    page, button = window.show_page("Filters"), nav_button(window, "Image")
    button.setFocus()
    leave_for_another_window(qtbot, window, lambda: None)
    assert QApplication.focusWidget() is button
    leave_for_another_window(qtbot, window, button.hide)
    assert QApplication.focusWidget() is page
    page.clearFocus()
    leave_for_another_window(qtbot, window, lambda: None)
    assert QApplication.focusWidget() is page


def test_the_keyboard_stays_where_a_field_that_is_done_hands_it(qtbot, window) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()
    editor = window.show_page("Filters").findChild(KernelEditor)
    editor.select(0, 0)
    editor.setFocus()
    for key, text in ((Qt.Key.Key_Return, "4"), (Qt.Key.Key_Tab, "-3"), (Qt.Key.Key_Tab, "5")):
        qtbot.keyClick(QApplication.focusWidget(), text[0])
        field = QApplication.focusWidget()
        assert isinstance(field, CellEdit)
        qtbot.keyClicks(field, text[1:])
        qtbot.keyClick(field, key)
        assert QApplication.focusWidget() is editor
    assert editor.value()[0].tolist() == [4, -3, 5]
    assert editor.selected() == (1, 0)


def test_space_on_a_focused_button_presses_it(qtbot, window) -> None:
    window.show_page("Filters")
    button = nav_button(window, "Image")
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert nav_button(window, "Image").isChecked()
    assert window.show_page("Image").isVisible()


def test_an_empty_list_leaves_space_to_the_page(qtbot, window) -> None:
    rows = QListWidget(window)
    rows.setGeometry(0, 0, 100, 100)
    rows.show()
    pressed = []
    shortcut = QShortcut(QKeySequence("Space"), window, lambda: pressed.append("page"))
    rows.setFocus()
    qtbot.keyClick(rows, Qt.Key.Key_Space)
    assert pressed == ["page"]
    rows.addItem("a row")
    rows.setCurrentRow(0)
    qtbot.keyClick(rows, Qt.Key.Key_Space)
    assert pressed == ["page"]
    shortcut.deleteLater()
