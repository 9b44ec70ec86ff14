"""Tries the network on the validation images off the GUI thread, and shows where it fails."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

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
    """

    imageChosen = Signal(int)
    judged = Signal(object)

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self.confusion = ConfusionCard(theme)
        self.classes = ClassCard()
        self.errors = ErrorsCard(theme)
        self.verdicts: Verdicts | None = None
        self._examined: Examined | None = None
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

    def look_at(self, examined: "Examined") -> None:
        """Try a network on its validation images."""
        if examined is self._examined:
            return
        self._examined = examined
        if self.errors.label.current() and self.verdicts is None:
            self.errors.show_classes(examined.class_names)
        dataset = examined.dataset
        if dataset is None or not len(dataset.validation):
            self.verdicts = None
            self._work.cancel()
            why = examined.why_no_data or "The data hold no validation images to try it on."
            self.confusion.show_nothing("no validation images")
            self.errors.show_nothing(why)
            return
        part = dataset.validation

        def task(job: Job) -> Any:
            from visualizer.learning.verdicts import Verdicts, judge

            for news in judge(examined.network, part.images, part.labels):
                if isinstance(news, Verdicts):
                    return news
                job.report(news)
            raise AssertionError("there are verdicts at the end")

        self._work.submit(task)

    def close(self) -> None:
        """End the thread."""
        self._work.close()

    def _show_share(self, share: float) -> None:
        if share > _PATIENCE:
            self.confusion.note.setText(f"trying: {share:.0%}")

    def _take(self, verdicts: "Verdicts") -> None:
        assert self._examined is not None
        self.verdicts = verdicts
        names = self._examined.class_names
        self.confusion.show_score(verdicts.score, names)
        self.classes.show_score(verdicts.score, names)
        self.errors.show_classes(names)
        self._show_question()
        self.judged.emit(verdicts)

    def _show_question(self) -> None:
        if self.verdicts is not None:
            question, label = self.errors.wanted
            found = self.verdicts.asked(question, label)  # type: ignore[arg-type]
            self._show(found, _TITLES[question])

    def _show_cell(self, truth: int, answer: int) -> None:
        if self.verdicts is not None and self._examined is not None:
            names = self._examined.class_names
            found = self.verdicts.cell(truth, answer)
            self._show(found, f"{names[truth]}, called {names[answer]}")

    def _show(self, indices: npt.NDArray[np.int64], what: str) -> None:
        from visualizer.learning.verdicts import thumbnails

        assert self.verdicts is not None and self._examined is not None
        assert self._examined.dataset is not None
        names: Sequence[str] = self._examined.class_names
        pictures = thumbnails(self._examined.dataset.validation.images, indices[:MOST_IMAGES])
        self.errors.show_images(self.verdicts, indices, pictures, names, what)
