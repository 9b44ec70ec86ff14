"""What the models of the pages share that compute something from the picture on show."""

from dataclasses import replace
from typing import Any, Protocol, TypeVar

from visualizer.core.geometry import GeometryError
from visualizer.core.image import Image
from visualizer.state.model import Model


class PictureSettings(Protocol):
    """Settings that may not suit a picture."""

    def why_not(self, image: Image) -> str:
        """Return a sentence on why they give no output for `image`, or ""."""


P = TypeVar("P", bound=PictureSettings)


class PictureModel(Model[P]):
    """Settings that are judged by a picture.

    An edit that gives no output for the picture on show is refused: GeometryError, a ValueError
    with a sentence; what is in force stays.
    """

    def __init__(self, settings: P, image: Image) -> None:
        super().__init__(settings)
        self._image = image

    def edit(self, label: str, merge: str = "", **changes: Any) -> None:
        """Replace fields of the settings as one undoable step, see `Model.edit`."""
        after: P = replace(self.settings, **changes)  # type: ignore[type-var]
        reason = after.why_not(self._image)
        if reason:
            raise GeometryError(reason)
        super().edit(label, merge, **changes)

    def take(self, image: Image) -> None:
        """Judge edits by another picture from now on."""
        self._image = image

    def fit(self) -> str:
        """Give up what the picture makes impossible; return a sentence on what that was, or ""."""
        settings, sentence = self.fitted(self._image)
        self.restore(settings)
        return sentence

    def fitted(self, image: Image) -> tuple[P, str]:
        """Return the settings as they suit `image`, and what was changed as a sentence."""
        raise NotImplementedError
