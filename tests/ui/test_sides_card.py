"""A card with several sides: one shown at a time, by mouse and keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from visualizer.ui.widgets.sides_card import Side, SidesCard


@pytest.fixture
def card(qtbot, theme):
    tools = QLabel("tools")
    sides = [
        Side("one", "One", "the first", QLabel("first"), tools),
        Side("two", "Two", "the second", QLabel("second\nhas\nmany\nlines")),
    ]
    card = SidesCard(theme, sides, name="Sides")
    qtbot.addWidget(card)
    card.show()
    qtbot.waitExposed(card)
    return card


def shown(card) -> set[str]:
    return {x.text().split("\n")[0] for x in card.findChildren(QLabel) if x.isVisible()} - {""}


def test_a_click_turns_it_with_its_tools_and_moves_nothing(qtbot, card):
    size = card.sizeHint()
    assert card.side() == "one" and shown(card) == {"first", "tools"}
    with qtbot.waitSignal(card.turned) as told:
        qtbot.mouseClick(card._buttons.button("two"), Qt.MouseButton.LeftButton)
    assert told.args == ["two"] and card.side() == "two"
    assert shown(card) == {"second"}
    assert card.sizeHint() == size


def test_the_program_turns_it_too(qtbot, card):
    card.show_side("two")
    assert shown(card) == {"second"}
    with qtbot.assertNotEmitted(card.turned):
        card.show_side("two")
    with pytest.raises(KeyError):
        card.show_side("three")
    card._buttons.button("one").setFocus()
    qtbot.keyClick(card._buttons.button("one"), Qt.Key.Key_Space)
    assert card.side() == "one"
