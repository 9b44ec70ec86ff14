"""The picture on show, shared by every page."""

from dataclasses import dataclass
from functools import cached_property

from psygnal import Signal

from visualizer.core.image import Image
from visualizer.state.model import Model


@dataclass(frozen=True, eq=False)
class Shown:
    """A source as it was read, with every band, and which of its bands are on show."""

    source: Image
    picked: tuple[int, ...]

    @cached_property
    def image(self) -> Image:
        """The one- or three-channel image the pages work on."""
        if self.picked == tuple(range(self.source.channels)):
            return self.source
        return self.source.picked(self.picked)


class Session(Model[Shown]):
    """Holds the picture on show. `image_changed(image)` follows every change of it."""

    image_changed = Signal(object)

    def __init__(self, image: Image) -> None:
        super().__init__(Shown(image, _usual_bands(image)))
        self.changed.connect(self._tell)

    @property
    def source(self) -> Image:
        """The picture as it was read, with every band."""
        return self.settings.source

    @property
    def image(self) -> Image:
        """What the pages show: the source, or one or three picked bands of it."""
        return self.settings.image

    @property
    def picked(self) -> tuple[int, ...]:
        """Which bands of the source are on show, as indices."""
        return self.settings.picked

    def show(self, image: Image) -> None:
        """Put another picture on show."""
        self.edit(f"open {image.name}", source=image, picked=_usual_bands(image))

    def pick(self, indices: tuple[int, ...]) -> None:
        """Show these bands (one or three) as the image's channels."""
        if len(indices) not in (1, 3):
            raise ValueError(f"One or three bands can be shown, not {len(indices)}.")
        if indices != self.picked:
            self.edit("choose bands", picked=indices)

    def _tell(self, before: Shown, after: Shown) -> None:
        self.image_changed.emit(after.image)


def _usual_bands(image: Image) -> tuple[int, ...]:
    return (0,) if image.channels < 3 else (0, 1, 2)
