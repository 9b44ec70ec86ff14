"""The picture that is asked about: drawn, opened, seen by a camera, or a validation image."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from visualizer.core.image import Image
from visualizer.core.thumbnail import thumbnail
from visualizer.state.inspect import InspectSettings
from visualizer.state.inspect_work import Subject, image_of
from visualizer.ui.background import Background
from visualizer.ui.context import Context
from visualizer.ui.errors import unexpected
from visualizer.ui.pages.inspect_live import Live

if TYPE_CHECKING:
    from visualizer.learning.datasets import DataSet

_LARGEST = 560  # pixels along the shorter side of a picture that is looked at


class Subjects(QObject):
    """Makes the subject of what is chosen.

    Signals:
        ready(): a picture that had to be made smaller first can be had now.
    """

    ready = Signal()

    def __init__(self, context: Context, live: Live, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._live = live
        self._picture: Subject | None = None
        self._reducing = Background("reducing a picture", self)
        self._reducing.done.connect(self._take)
        self._reducing.failed.connect(unexpected)
        context.session.image_changed.connect(self._forget)

    @property
    def busy(self) -> bool:
        """Whether a picture is being made smaller."""
        return self._reducing.busy

    def subject(
        self, settings: InspectSettings, drawn: npt.NDArray[np.uint8], dataset: "DataSet | None"
    ) -> Subject | None:
        """Return what is on show; None while there is nothing, or not yet.

        `drawn` is the pad's picture, uint8 (H, W).
        """
        if settings.shows == "drawing":
            return drawing(drawn)
        if settings.shows == "picture":
            if self._live.is_on:
                return self._live.subject
            if self._picture is None:
                self._reduce(self._context.session.image)
            return self._picture
        if dataset is None or not len(dataset.validation):
            return None
        return image_of(dataset, settings.part, settings.image, settings.corrections)

    def close(self) -> None:
        """End the thread."""
        self._reducing.close()

    def _forget(self, _image: Image) -> None:
        self._picture = None

    def _reduce(self, image: Image) -> None:
        color = self._context.theme.rgb("invalid")
        self._reducing.submit(
            lambda job: Subject(thumbnail(image, _LARGEST, _LARGEST, color), "picture", image.name)
        )

    def _take(self, subject: Subject) -> None:
        self._picture = subject
        self.ready.emit()


def drawing(drawn: npt.NDArray[np.uint8]) -> Subject:
    """Return the subject of the pad's picture, uint8 (H, W)."""
    return Subject(drawn[:, :, np.newaxis], "drawing")
