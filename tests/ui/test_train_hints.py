"""Sentences over empty cards."""

from PySide6.QtWidgets import QLabel, QWidget

from visualizer.ui.pages.train_hints import Hints
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.curve_plot import CurvePlot


def test_a_hint_lies_over_what_is_put_into_the_card_later(qtbot, theme) -> None:
    card = QWidget()
    qtbot.addWidget(card)
    card.resize(200, 100)
    hints = Hints(theme, card)
    hints.add(card, "Nothing yet.", lambda: True)
    later = QWidget(card)
    later.resize(card.size())
    hints.refresh()
    card.show()
    assert hints.shown() == ["Nothing yet."]
    assert card.childAt(100, 50) is later, "clicks go through the hint"
    assert card.children()[-1] is not later


def test_a_sentence_stands_in_the_middle_of_a_card_and_of_the_curves_of_a_plot(qtbot, theme):
    for over, beside in ((Card("Runs"), 0), (CurvePlot(theme, "Loss"), 32)):
        qtbot.addWidget(over)
        hints = Hints(theme, over)
        hints.add(over, "Nothing yet.", lambda: True)
        hint = next(h for h in over.findChildren(QLabel) if h.text() == "Nothing yet.")
        margins = hint.contentsMargins()
        assert margins.left() - margins.right() == beside
        theme.set_scale(1.5)
        margins = hint.contentsMargins()
        assert margins.left() - margins.right() == 1.5 * beside
        theme.set_scale(1.0)
