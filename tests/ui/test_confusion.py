"""The confusion matrix, also of very many classes."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from visualizer.learning.evaluation import Score
from visualizer.ui.pages.inspect_errors import ConfusionCard
from visualizer.ui.widgets.confusion import ConfusionMatrix


@pytest.fixture
def matrix(qtbot, theme):
    matrix = ConfusionMatrix(theme)
    qtbot.addWidget(matrix)
    matrix.resize(220, 220)
    matrix.set_counts(np.array([[8, 2], [0, 5]]), ("cat", "dog"))
    matrix.show()
    return matrix


def test_keys_and_clicks_ask_for_a_cell(qtbot, matrix) -> None:
    asked = []
    matrix.clicked.connect(lambda *cell: asked.append(cell))
    place = matrix.cell_rect(0, 1).center().toPoint()
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=place)
    matrix.setFocus()
    qtbot.keyClick(matrix, Qt.Key.Key_Down)
    qtbot.keyClick(matrix, Qt.Key.Key_Return)
    assert asked == [(0, 1), (1, 0)]
    assert matrix.accessibleDescription() == "0 of 5 images of dog called cat"


def test_shares_are_those_of_the_true_class(matrix) -> None:
    matrix.set_shares(True)
    assert [matrix.text(0, 0), matrix.text(0, 1), matrix.text(1, 0)] == ["80", "20", ""]


def test_of_more_than_a_hundred_classes_the_most_confused_are_shown(qtbot, theme) -> None:
    card = ConfusionCard(theme)
    qtbot.addWidget(card)
    counts = np.diag(np.full(120, 9))
    counts[7, 100] = counts[100, 3] = 4
    names = [f"class {i}" for i in range(120)]
    card.show_score(Score(0.5, counts), names)
    assert "120 classes are too many" in card.line.accessibleName()
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
    assert card.line.accessibleName() == "no validation images"
