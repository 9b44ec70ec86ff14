"""How well each class is recognised, and which is taken for which, after each validation."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from visualizer.core.numbers import format_share
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.bar_rows import BarRow, BarRows
from visualizer.ui.widgets.card import label, scrolled
from visualizer.ui.widgets.confusion_grid import ConfusionGrid
from visualizer.ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from visualizer.learning.evaluation import Score

_NOTHING = "Press Start or Space: after each validation the accuracy of every class is shown here."


class ClassesView(QWidget):
    """Shows the newest score."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._classes: tuple[str, ...] = ()
        self.headline = ElidedLabel(_NOTHING, "body")
        self.bars = BarRows(theme, "Accuracy of each class")
        self.grid = ConfusionGrid(theme)
        scroll = scrolled(self.bars)
        left, right = QVBoxLayout(), QVBoxLayout()
        for column, title, body in (
            (left, "Recognised, of the images of each class", scroll),
            (right, "True class (rows) and answer (columns)", self.grid),
        ):
            column.setSpacing(6)
            column.addWidget(label(title, "caption"))
            column.addWidget(body, 1)
        sides = QHBoxLayout()
        sides.setSpacing(18)
        sides.addLayout(left, 4)
        sides.addLayout(right, 6)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(8)
        outer.addWidget(self.headline)
        outer.addLayout(sides, 1)

    def show_classes(self, classes: tuple[str, ...]) -> None:
        """Make room for these classes; what was known of others goes."""
        if classes != self._classes:
            self._classes = classes
            self.clear()

    def clear(self) -> None:
        """Show that nothing has been validated yet."""
        self.headline.set_text(_NOTHING)
        count = len(self._classes)
        self.bars.set_rows([BarRow(name, (), "") for name in self._classes])
        self.grid.set_counts(np.zeros((count, count), np.int64), self._classes)

    def show_score(self, score: "Score", step: int) -> None:
        """Show how a network did on the validation images at `step`."""
        if score.confusion.shape[0] != len(self._classes):
            return  # of other data than those on show
        right = int(np.trace(score.confusion))
        self.headline.set_text(
            f"Step {step:,}: {right:,} of {score.count:,} validation images right, "
            f"{format_share(score.accuracy)}"
        )
        totals, hits = score.confusion.sum(1), score.confusion.diagonal()
        self.bars.set_rows(
            [
                BarRow(name, ((hit / total if total else 0.0, "good"),), _share(hit, total))
                for name, hit, total in zip(
                    self._classes, hits.tolist(), totals.tolist(), strict=True
                )
            ]
        )
        self.grid.set_counts(score.confusion, self._classes)


def _share(hit: int, total: int) -> str:
    return f"{100 * hit / total:5.1f} %  {hit} of {total}" if total else "no images"
