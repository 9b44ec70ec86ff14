"""The picture on show, shared by every page."""

from psygnal import Signal

from visualizer.core.image import Image


class Session:
    """Holds the source as it was read, and the one- or three-channel image the pages work on.

    `image_changed(image)` follows every change of either.
    """

    image_changed = Signal(object)

    def __init__(self, image: Image) -> None:
        self._show(image)

    @property
    def source(self) -> Image:
        """The picture as it was read, with every band."""
        return self._source

    @property
    def image(self) -> Image:
        """What the pages show: the source, or one or three picked bands of it."""
        return self._image

    @property
    def picked(self) -> tuple[int, ...]:
        """Which bands of the source are on show, as indices."""
        return self._picked

    def show(self, image: Image) -> None:
        """Put another picture on show."""
        self._show(image)
        self.image_changed.emit(self._image)

    def pick(self, indices: tuple[int, ...]) -> None:
        """Show these bands (one or three) as the image's channels."""
        if len(indices) not in (1, 3):
            raise ValueError(f"One or three bands can be shown, not {len(indices)}.")
        if indices != self._picked:
            self._picked = indices
            self._image = self._source.picked(indices)
            self.image_changed.emit(self._image)

    def _show(self, image: Image) -> None:
        self._picked: tuple[int, ...]
        self._source = image
        if image.channels in (1, 3):
            self._picked = tuple(range(image.channels))
            self._image = image
        else:
            self._picked = (0,) if image.channels == 2 else (0, 1, 2)
            self._image = image.picked(self._picked)
