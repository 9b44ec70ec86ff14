"""The card that corrects the data: its choice of a class, and its list."""

from visualizer.learning.corrections import Correction
from visualizer.ui.pages.inspect_correct import CorrectCard, Entry


def test_names_of_classes_are_not_cut_and_very_long_ones_push_nothing_out(qtbot, theme) -> None:
    card = CorrectCard(theme)
    qtbot.addWidget(card)
    widths = []
    for names in (("0", "1"), ("airplane", "ship"), ("a ship of the line with many guns", "ship")):
        card.show_classes(names)
        widths.append(card.label.minimumWidth())
    digits, words, sentence = widths
    room = words - card.label.fontMetrics().horizontalAdvance("airplane")
    assert room > theme.px(30), "room for the arrow too"
    assert digits < words < sentence <= theme.px(110)


def test_an_empty_list_says_what_comes_into_it(qtbot, theme) -> None:
    card = CorrectCard(theme)
    qtbot.addWidget(card)
    card.show_entries(())
    assert "listed here" in card._hints.shown()[0]
    card.show_entries([Entry(Correction("digits", "x", 6), "5 is a 6")])
    assert card._hints.shown() == [] and card.list.count() == 1
