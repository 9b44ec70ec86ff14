"""The transport bar: shows the state it is given, tells what the user asks for."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from visualizer.ui.widgets.slider import Slider
from visualizer.ui.widgets.transport_bar import TransportBar

_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def bar(qtbot, theme):
    bar = TransportBar(theme)
    qtbot.addWidget(bar)
    bar.resize(1180, 40)
    bar.show()
    qtbot.waitExposed(bar)
    return bar


def _texts(bar):
    return [label.text() for label in bar.findChildren(QLabel)]


def test_the_state_is_shown_without_an_echo(qtbot, bar):
    with qtbot.assertNotEmitted(bar.sought), qtbot.assertNotEmitted(bar.speedChanged):
        bar.set_state(36_141, 90_000, True, 480)
    assert "36,142 / 90,000" in _texts(bar)
    assert "480 steps/s" in _texts(bar)
    scrub = bar.findChildren(Slider)[0]
    assert (scrub.value(), scrub.maximum()) == (36_141, 89_999)


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_nothing_moves_when_it_begins_to_play(qtbot, theme, bar, scale):
    theme.set_scale(scale)
    bar.set_actions({name: QAction(name, bar) for name in ("play", "step")})
    bar.set_state(0, 90_000, False, 480)
    qtbot.wait(50)
    places = [part.geometry() for part in bar.findChildren(QWidget)]
    bar.set_state(1, 90_000, True, 480)
    qtbot.wait(50)
    assert [part.geometry() for part in bar.findChildren(QWidget)] == places


def test_a_click_on_the_scrub_slider_seeks(qtbot, bar):
    bar.set_state(0, 100_000_000, False, 10)
    scrub = bar.findChildren(Slider)[0]
    with qtbot.waitSignal(bar.sought) as sought:
        qtbot.mouseClick(scrub, _LEFT, pos=QPoint(scrub.width() // 2, scrub.height() // 2))
    assert sought.args[0] == pytest.approx(50_000_000, rel=0.02)


def test_the_handle_stays_in_the_hand_while_the_state_moves_on(qtbot, bar):
    bar.set_state(0, 1000, True, 10)
    scrub = bar.findChildren(Slider)[0]
    qtbot.mousePress(scrub, _LEFT, pos=QPoint(scrub.width() // 2, scrub.height() // 2))
    held = scrub.value()
    bar.set_state(3, 1000, True, 10)
    assert scrub.value() == held
    qtbot.mouseRelease(scrub, _LEFT)
    bar.set_state(3, 1000, True, 10)
    assert scrub.value() == 3


@pytest.mark.parametrize(("position", "speed"), [(0, 1), (200, 100), (400, 10_000)])
def test_the_speed_slider_is_logarithmic(bar, position, speed):
    bar.set_state(0, 10, False, 50)
    told = []
    bar.speedChanged.connect(told.append)
    slider = bar.findChildren(Slider)[1]
    slider.setValue(position)
    assert told == [speed]
    assert f"{speed:,} step{'s' if speed > 1 else ''}/s" in _texts(bar)


def test_a_speed_stays_where_it_was_set_when_it_comes_back(qtbot, bar):
    slider = bar.findChildren(Slider)[1]
    for position in range(0, 401, 7):
        slider.setValue(position)
        with qtbot.assertNotEmitted(bar.speedChanged):
            bar.set_state(0, 10, False, bar._speed)


def test_actions_drive_the_buttons(qtbot, theme, bar):
    runs = []
    names = ("first", "back", "play", "step", "next_row", "last")
    actions = {name: QAction(name.title(), bar) for name in names}
    for name, action in actions.items():
        action.triggered.connect(lambda *_, name=name: runs.append(name))
    bar.set_actions(actions)
    for button in bar.findChildren(QToolButton):
        assert not button.icon().isNull()
        qtbot.mouseClick(button, _LEFT)
    assert runs == list(names)
    bar.set_state(0, 10, True, 5)
    assert "pause" in [button.text() for button in bar.findChildren(QToolButton)]
    actions["step"].setEnabled(False)
    assert sum(not button.isEnabled() for button in bar.findChildren(QToolButton)) == 1


def test_icons_follow_the_theme(theme, bar):
    def ink():
        image = bar.findChildren(QToolButton)[0].icon().pixmap(16, 16).toImage()
        return max(image.pixelColor(x, 8).lightness() for x in range(16))

    theme.set_choice("dark")
    dark = ink()
    theme.set_choice("light")
    assert dark > 200 > 100 > min(ink(), 99)


def test_it_fits_into_a_small_window(bar):
    bar.set_state(99_999_999, 100_000_000, True, 10_000)
    assert bar.minimumSizeHint().width() <= 1100
