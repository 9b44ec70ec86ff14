"""What the style sheet makes of standard controls."""

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFontMetricsF, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QDialogButtonBox,
    QProxyStyle,
    QStyle,
    QStyleOptionButton,
)

from visualizer.ui.theme import LIGHT


class WithIcons(QProxyStyle):
    """As on a desktop whose dialogs have icons on their buttons."""

    def styleHint(self, hint, option=None, widget=None, returned=None):
        if hint == QStyle.StyleHint.SH_DialogButtonBox_ButtonsHaveIcons:
            return 1
        return super().styleHint(hint, option, widget, returned)


@pytest.fixture
def with_icons(qapp, theme):
    qapp.setStyle(WithIcons("Fusion"))
    yield
    qapp.setStyle("Fusion")


def test_buttons_of_standard_dialogs_have_no_icons(qtbot, with_icons) -> None:
    kinds = QDialogButtonBox.StandardButton
    box = QDialogButtonBox(kinds.Ok | kinds.Cancel | kinds.Save | kinds.Open | kinds.Discard)
    qtbot.addWidget(box)
    box.show()
    assert [b.text() for b in box.buttons() if not b.icon().isNull()] == []


@pytest.mark.parametrize("choice", ["dark", "light"])
def test_a_checked_box_has_a_tick(qtbot, theme, choice) -> None:
    theme.set_choice(choice)
    box = QCheckBox("log scale")
    qtbot.addWidget(box)
    box.setChecked(True)
    box.resize(box.sizeHint())
    option = QStyleOptionButton()
    box.initStyleOption(option)
    square = box.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, box)
    picture = box.grab(square).toImage()
    colours = [
        picture.pixelColor(x, y) for x in range(picture.width()) for y in range(picture.height())
    ]
    ticked = colours.count(theme.color("on_accent"))
    filled = colours.count(theme.color("accent_fill"))
    assert 5 < ticked < filled


def test_a_window_built_unstyled_is_styled_afterwards(qtbot, qapp, theme) -> None:
    with theme.unstyled():
        assert qapp.styleSheet() == ""
        theme.set_choice("light")
        box = QCheckBox("built meanwhile")
        qtbot.addWidget(box)
        assert qapp.styleSheet() == ""
    assert LIGHT.window in qapp.styleSheet()
    box.ensurePolished()
    assert box.palette().color(QPalette.ColorRole.WindowText).name() == LIGHT.text


def test_the_style_sheet_comes_back_after_an_error(qapp, theme) -> None:
    with pytest.raises(ValueError, match="broken"), theme.unstyled():
        raise ValueError("broken")
    assert theme.colors.window in qapp.styleSheet()


def test_the_old_sheet_goes_before_anything_else_changes(qapp, theme) -> None:
    """Or every widget would be styled several times over, and the window stand still."""
    theme.set_choice("dark")
    seen: list[str] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.ApplicationPaletteChange and watched is qapp:
                seen.append(qapp.styleSheet())
            return False

    watch = Watch()
    qapp.installEventFilter(watch)
    theme.set_choice("light")
    qapp.removeEventFilter(watch)
    assert set(seen) == {""}
    assert LIGHT.window in qapp.styleSheet()


@pytest.mark.parametrize("role", ["caption", "small_number", "title"])
def test_a_text_is_as_wide_as_it_is_painted_and_cut_where_it_is_wider(theme, role) -> None:
    texts = ("step 1,234,567", "step 8,901,234", "−0.71 to 0.17", "")
    for scale in (1.0, 1.5):
        theme.set_scale(scale)
        metrics = QFontMetricsF(theme.font(role))
        for text in texts:
            width = theme.text_width(role, text)
            assert width == pytest.approx(metrics.horizontalAdvance(text), abs=0.1)
            assert theme.cut(role, text, width) == text
    short = theme.cut(role, texts[1], metrics.horizontalAdvance("step 8,90"))
    assert short.startswith("step 8") and short.endswith("…") and len(short) < len(texts[1])
    theme.set_scale(1.0)
