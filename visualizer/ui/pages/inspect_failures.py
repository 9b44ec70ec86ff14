"""Tries the network on the validation images off the GUI thread, and shows where it fails."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from visualizer.learning.corrections import Corrections, PartName, digest
from visualizer.ui.background import Background, Job
from visualizer.ui.errors import unexpected
from visualizer.ui.pages.inspect_errors import (
    MOST_IMAGES,
    QUESTIONS,
    ClassCard,
    ConfusionCard,
    ErrorsCard,
)
from visualizer.ui.theme import Theme

if TYPE_CHECKING:
    from visualizer.learning.examined import Examined
    from visualizer.learning.verdicts import Verdicts

_PATIENCE = 0.2  # of the work: less is not worth telling
_TITLES = {key: tip for key, _, tip in QUESTIONS}


class Failures(QObject):
    """Fills the cards about failures.

    Signals:
        imageChosen(int): look at this validation image.
        judged(Verdicts): all answers are known.

    Attributes:
        confusion, classes, errors: the cards.
        verdicts: the answers, or None while they are not known.
        part: which images they are about, "validation" or "train".
    """

    imageChosen = Signal(int)
    judged = Signal(object)

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self.confusion = ConfusionCard(theme)
        self.classes = ClassCard()
        self.errors = ErrorsCard(theme)
        self.verdicts: Verdicts | None = None
        self._raw: Verdicts | None = None  # judged by the labels of the data
        self._images: dict[str, list[int]] = {}  # where each digest is found
        self._corrections = Corrections()
        # Whose images are on show, in place of those that answer the question.
        self._cell: tuple[int, int] | None = None
        self._circled: list[int] | None = None
        self._examined: Examined | None = None
        self.part: PartName = "validation"
        self._work = Background("trying the network", self)
        self._work.reported.connect(self._show_share)
        self._work.done.connect(self._take)
        self._work.failed.connect(unexpected)
        self.errors.asked.connect(self._show_question)
        self.errors.imageChosen.connect(self.imageChosen)
        self.confusion.cellChosen.connect(self._show_cell)

    @property
    def busy(self) -> bool:
        """Whether the network is being tried."""
        return self._work.busy

    def look_at(self, examined: "Examined", name: PartName) -> None:
        """Try a network on the images of a part, "validation" or "train"."""
        if (examined, name) == (self._examined, self.part):
            return
        classes = self._examined.class_names if self._examined is not None else ()
        if examined.class_names != classes:
            self._cell = None
        self.errors.show_classes(examined.class_names)
        self._examined, self.part = examined, name
        self.verdicts = self._raw = self._circled = None
        dataset = examined.dataset
        if dataset is None or not len(dataset.validation):
            self._work.cancel()
            why = examined.why_no_data or "The data hold no validation images to try it on."
            self.show_nothing(why, "no validation images")
            return
        part = dataset.train if name == "train" else dataset.validation

        def task(job: Job) -> Any:
            from visualizer.learning.verdicts import Verdicts, judge

            images: dict[str, list[int]] = {}
            for i, image in enumerate(part.images.numpy()):
                images.setdefault(digest(image), []).append(i)
            for news in judge(examined.network, part.images, part.labels):
                if isinstance(news, Verdicts):
                    return news, images
                job.report(news)
            raise AssertionError("there are verdicts at the end")

        self._work.submit(task)

    def show_nothing(self, why: str, short: str = "") -> None:
        """Say why nobody can be tried, and, where there is little room, in a few words."""
        self.confusion.show_nothing(short or why)
        self.errors.show_nothing(why)
        self.classes.show_nothing()

    def correct(self, corrections: Corrections) -> None:
        """Judge by these labels from now on; `corrections` are those of the data."""
        self._corrections = corrections
        if self._raw is not None:
            self._judge()

    def show_circled(self, indices: Sequence[int]) -> None:
        """Show images of the part that were circled on the map."""
        self._cell, self._circled = None, list(indices)
        self._show_chosen()

    def close(self) -> None:
        """End the thread."""
        self._work.close()

    def _show_share(self, share: float) -> None:
        if share > _PATIENCE:
            self.confusion.note.setText(f"trying: {share:.0%}")

    def _take(self, found: "tuple[Verdicts, dict[str, list[int]]]") -> None:
        self._raw, self._images = found
        if self._cell is not None and not len(self._raw.cell(*self._cell)):
            self._cell = None  # the network before made this error, and this one does not
        self._judge()

    def _judge(self) -> None:
        """Show the answers, judged by the labels as they are corrected."""
        assert self._examined is not None and self._raw is not None
        labels, kept = self._raw.labels.copy(), self._raw.kept.copy()
        for change in self._corrections.changes:
            places = self._images.get(change.image, [])
            if change.label is None:
                kept[places] = False
            elif change.label < len(self._examined.class_names):
                labels[places] = change.label
        self.verdicts = self._raw.corrected(labels, kept)
        names = self._examined.class_names
        self.confusion.show_score(self.verdicts.score, names)
        self.classes.show_score(self.verdicts.score, names)
        self._show_chosen()
        self.judged.emit(self.verdicts)

    def _show_question(self) -> None:
        self._cell = self._circled = None
        self._show_chosen()

    def _show_cell(self, truth: int, answer: int) -> None:
        self._cell, self._circled = (truth, answer), None
        self._show_chosen()

    def _show_chosen(self) -> None:
        """Show the images of a cell, those that were circled, or those that were asked for."""
        if self.verdicts is None or self._examined is None:
            return
        verdicts, names = self.verdicts, self._examined.class_names
        self.errors.show_question(self._cell is None and self._circled is None)
        if self._cell is not None:
            truth, answer = self._cell
            self._show(verdicts.cell(truth, answer), f"{names[truth]}, called {names[answer]}")
        elif self._circled is not None:
            circled = np.asarray(self._circled, np.int64)
            self._show(circled[verdicts.kept[circled]], "Circled on the map")
        else:
            question, label = self.errors.wanted
            found = verdicts.asked(question, label)  # type: ignore[arg-type]
            self._show(found, _TITLES[question])

    def _show(self, indices: npt.NDArray[np.int64], what: str) -> None:
        from visualizer.learning.verdicts import thumbnails

        assert self.verdicts is not None and self._examined is not None
        assert self._examined.dataset is not None
        names: Sequence[str] = self._examined.class_names
        dataset = self._examined.dataset
        part = dataset.train if self.part == "train" else dataset.validation
        pictures = thumbnails(part.images, indices[:MOST_IMAGES])
        self.errors.show_images(self.verdicts, indices, pictures, names, what)
