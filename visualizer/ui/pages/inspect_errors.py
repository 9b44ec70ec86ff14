"""Where it fails: the confusion matrix, the table of the classes, and the images themselves."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea

from visualizer.core.numbers import format_number, format_share
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card, label
from visualizer.ui.widgets.confusion_grid import ConfusionGrid
from visualizer.ui.widgets.fields import LabelledChoice, SegmentedButtons
from visualizer.ui.widgets.thumbnail_list import ThumbnailList
from visualizer.ui.widgets.wrapped_label import WrappedLabel

if TYPE_CHECKING:
    from visualizer.learning.evaluation import Score
    from visualizer.learning.verdicts import Verdicts

QUESTIONS = (
    ("wrong", "Sure and wrong", "Wrong in spite of being sure"),
    ("sure", "Most sure", "Right, and surest of all"),
    ("unsure", "Least sure", "Hardly surer of its answer than of others"),
    ("loss", "Loss", "Sorted by loss, the largest first"),
)
ALL = "all"
MOST_IMAGES = 120
MOST_CLASSES = 100
_SHOWN_OF_MANY = 20
_SHORT_PAIR = 6  # characters
_LONGEST = 11  # characters of a name in the table


class ConfusionCard(Card):
    """Shows the matrix, or, of very many classes, that of the most confused ones.

    Signals:
        cellChosen(int, int): the images of this true class and answer are wanted.
    """

    cellChosen = Signal(int, int)

    def __init__(self, theme: Theme) -> None:
        super().__init__("Confusion")
        self._shown: list[int] = []
        self.unit = SegmentedButtons(
            theme, [("counts", "#", "Counts"), ("shares", "%", "Shares of the true class")],
            name="Counts or shares",
        )  # fmt: skip
        for key in ("counts", "shares"):
            leave_focus(self.unit.button(key))
        self.matrix = ConfusionGrid(theme)
        self.matrix.set_hint("")
        self.unit.changed.connect(lambda key: self.matrix.set_shares(key == "shares"))
        self.matrix.clicked.connect(
            lambda truth, answer: self.cellChosen.emit(self._shown[truth], self._shown[answer])
        )
        self.top.addWidget(self.unit)
        self.body.addWidget(self.matrix, 1)

    def show_score(self, score: "Score", names: Sequence[str]) -> None:
        """Show counts, rows being the true classes."""
        counts = score.confusion
        self._shown = list(range(len(names)))
        hint = "row: true class, column: answer; click a cell"
        if len(names) > MOST_CLASSES:
            wrong = counts - np.diag(np.diag(counts))
            order = np.argsort(-(wrong.sum(0) + wrong.sum(1)), kind="stable")
            self._shown = sorted(order[:_SHOWN_OF_MANY].tolist())
            hint = f"{len(names)} classes are too many: the {_SHOWN_OF_MANY} confused most"
        self.note.setText(f"{format_share(score.accuracy)} right")
        self.matrix.set_counts(counts[np.ix_(self._shown, self._shown)],
                               [names[i] for i in self._shown])  # fmt: skip
        self.matrix.set_hint(hint)

    def show_nothing(self, why: str) -> None:
        """Say why there is no matrix."""
        self.matrix.set_counts(np.zeros((0, 0), np.int64), ())
        self.note.setText("")
        self.matrix.set_hint(why)


class ClassCard(Card):
    """Precision and recall of every class."""

    def __init__(self) -> None:
        super().__init__("Classes")
        self.note.setText("of the images · of the answers")
        self.table = label("", "small_number")  # ten classes are seen at once at 1280 × 720
        self.table.setAlignment(Qt.AlignmentFlag.AlignTop)
        scroll = QScrollArea()
        scroll.setWidget(self.table)
        scroll.setWidgetResizable(True)
        scroll.setAccessibleName("Precision and recall of every class")
        self.body.addWidget(scroll, 1)

    def show_score(self, score: "Score", names: Sequence[str]) -> None:
        """List images, recall and precision a class."""
        wide = min(max(len(name) for name in names), _LONGEST) + 1
        wide = max(wide, len("class  "))
        lines = [f"{'class':<{wide}}{'images':>7}{'recall':>9}{'precision':>11}"]
        rows = zip(names, score.confusion.sum(1), score.recall, score.precision, strict=True)
        for name, count, recall, precision in rows:
            shares = [format_share(x) if np.isfinite(x) else "none" for x in (recall, precision)]
            short = _shortened(name, wide - 1)
            lines.append(f"{short:<{wide}}{count:>7,}{shares[0]:>9}{shares[1]:>11}")
        self.table.setText("\n".join(lines))

    def show_nothing(self) -> None:
        """List nothing."""
        self.table.setText("")


class ErrorsCard(Card):
    """Shows images of the validation part that answer a question.

    Signals:
        asked(): another question, or another class.
        imageChosen(int): look at this image.
        partChosen(str): try the network on "validation" or "train" images.
    """

    asked = Signal()
    partChosen = Signal(str)
    imageChosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__("")
        self._indices: list[int] = []
        self._names: tuple[str, ...] = ()
        self._question = QUESTIONS[0][0]
        self.heading.hide()
        self.questions = SegmentedButtons(theme, QUESTIONS, name="Which images")
        for key, _, _ in QUESTIONS:
            leave_focus(self.questions.button(key))
        self.label = LabelledChoice(theme, "", [(ALL, "all classes")], name="Class",
                                    tip="Of which true class")  # fmt: skip
        leave_focus(self.label)
        self.part = LabelledChoice(
            theme, "", [("validation", "validation"), ("train", "training")], name="Part",
            tip="Images it has not learned from, or those it has",
        )  # fmt: skip
        leave_focus(self.part)
        self.part.currentChanged.connect(self.partChosen)
        self.images = ThumbnailList(theme, (52, 52), lines=1, name="Images")
        self.sentence = WrappedLabel("muted")
        self.questions.changed.connect(self._ask)
        self.label.currentChanged.connect(lambda _key: self._ask(self._question))
        self.images.itemClicked.connect(lambda _item: self._choose())
        self.images.itemActivated.connect(lambda _item: self._choose())
        top = QHBoxLayout()
        top.addWidget(self.questions)
        self.top.insertLayout(0, top)
        self.body.setSpacing(6)
        line = QHBoxLayout()
        line.addWidget(self.sentence, 1)
        line.addWidget(self.part)
        line.addWidget(self.label)
        self.body.addLayout(line)
        self.body.addWidget(self.images, 1)

    @property
    def wanted(self) -> tuple[str, int | None]:
        """The question, and the class or None for all."""
        key = self.label.current()
        return self._question, None if key == ALL else int(key)

    def show_question(self, on: bool) -> None:
        """Press the button of the question, or none when other images are on show."""
        if on:
            self.questions.set_current(self._question)
        else:
            self.questions.release()

    def show_classes(self, names: Sequence[str]) -> None:
        """Offer these classes."""
        if tuple(names) == self._names:
            return
        self._names = tuple(names)
        options = [(str(i), name) for i, name in enumerate(names)]
        self.label.set_options([(ALL, "all classes"), *options])

    def show_images(
        self,
        verdicts: "Verdicts",
        indices: npt.NDArray[np.int64],
        pictures: npt.NDArray[np.uint8],
        names: Sequence[str],
        what: str,
    ) -> None:
        """Show images; `pictures` (n, H, W, 3) are those of the first `indices`."""
        self._indices = [int(i) for i in indices[: len(pictures)]]
        items = []
        for i in self._indices:
            truth, answer = (names[int(x[i])] for x in (verdicts.labels, verdicts.answers))
            sure = format_share(verdicts.confidence[i])
            title = f"{answer}" if truth == answer else _pair(truth, answer)
            loss = f"loss {format_number(verdicts.losses[i], 3)}"
            items.append((title, f"#{i}: {truth}, called {answer}, sure {sure}, {loss}"))
        self.images.set_items(items)
        for row, picture in enumerate(pictures):
            self.images.set_picture(row, picture)
        self.note.setText(f"{len(indices):,} of {int(verdicts.kept.sum()):,}")
        self.sentence.set_text(what if len(indices) else f"{what}: there are none")

    def show_nothing(self, why: str) -> None:
        """Say why there are no images."""
        self._indices = []
        self.images.set_items([])
        self.note.setText("")
        self.sentence.set_text(why)

    def _ask(self, question: str) -> None:
        self._question = question
        self.asked.emit()

    def _choose(self) -> None:
        row = self.images.currentRow()
        if 0 <= row < len(self._indices):
            self.imageChosen.emit(self._indices[row])


def _pair(truth: str, answer: str) -> str:
    """Return both names, so short that they stand below a thumbnail."""
    if len(truth) + len(answer) <= _SHORT_PAIR:
        return f"{truth} → {answer}"
    return f"{truth[:3]} → {answer[:3]}"


def _shortened(name: str, room: int) -> str:
    """Return a name, its middle left out where it is longer than `room` characters."""
    if len(name) <= room:
        return name
    end = (room - 1) // 2
    return f"{name[: room - 1 - end]}…{name[-end:]}"
