"""The card that corrects the data: its choice of a class."""

from visualizer.ui.pages.inspect_correct import CorrectCard


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
