"""Sentences over empty cards."""

from PySide6.QtWidgets import QWidget

from visualizer.ui.pages.train_hints import Hints


def test_a_hint_lies_over_what_is_put_into_the_card_later(qtbot) -> None:
    card = QWidget()
    qtbot.addWidget(card)
    card.resize(200, 100)
    hints = Hints()
    hints.add(card, "Nothing yet.", lambda: True)
    later = QWidget(card)
    later.resize(card.size())
    hints.refresh()
    card.show()
    assert hints.shown() == ["Nothing yet."]
    assert card.childAt(100, 50) is later, "clicks go through the hint"
    assert card.children()[-1] is not later
