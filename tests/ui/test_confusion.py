"""The card with the confusion matrix, of very many classes and of none; the table of classes."""

import numpy as np

from visualizer.learning.evaluation import Score
from visualizer.ui.pages.inspect_errors import ClassCard, ConfusionCard


def test_of_more_than_a_hundred_classes_the_most_confused_are_shown(qtbot, theme) -> None:
    card = ConfusionCard(theme)
    qtbot.addWidget(card)
    counts = np.diag(np.full(120, 9))
    counts[7, 100] = counts[100, 3] = 4
    names = [f"class {i}" for i in range(120)]
    card.show_score(Score(0.5, counts), names)
    assert card.matrix.readout() == "120 classes are too many: the 20 confused most"
    asked = []
    card.cellChosen.connect(lambda *cell: asked.append(cell))
    shown = card._shown
    assert {3, 7, 100} <= set(shown) and len(shown) == 20
    card.matrix.clicked.emit(shown.index(7), shown.index(100))
    assert asked == [(7, 100)]


def test_without_images_the_card_says_so(qtbot, theme) -> None:
    card = ConfusionCard(theme)
    qtbot.addWidget(card)
    card.show_nothing("no validation images")
    card.resize(200, 200)
    card.grab()
    assert card.matrix.readout() == "no validation images"


def test_long_names_keep_both_ends_in_the_table(qtbot, theme) -> None:
    card = ClassCard()
    qtbot.addWidget(card)
    names = ("airliner of the seventies", "airliner of the eighties", "bird")
    card.show_score(Score(0.5, np.diag([3, 0, 4])), names)
    lines = card.table.text().splitlines()
    assert lines[1].startswith("airli…nties ") and lines[2].startswith("airli…hties ")
    assert "100.0 %" in lines[1] and "none" in lines[2] and lines[3].startswith("bird ")
    assert len(set(map(len, lines))) == 1, "the columns stand one below the other"
