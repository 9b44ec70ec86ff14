"""The picture on show, shared by every page."""

from dataclasses import dataclass

from psygnal import Signal

from visualizer.core.image import Image
from visualizer.core.kernels import Kernel
from visualizer.state.model import Model


@dataclass(frozen=True, eq=False)
class Shown:
    """What is on show.

    Attributes:
        source: the picture as it was read, with every band.
        picked: which of its bands are on show, as indices.
        image: the one- or three-channel image the pages work on.
    """

    source: Image
    picked: tuple[int, ...]
    image: Image

    @classmethod
    def of(cls, source: Image, picked: tuple[int, ...] | None = None) -> "Shown":
        """Show these bands (one or three) of `source`, or the usual ones.

        Copying bands out of a large picture takes longer than a frame: call it off the GUI thread.
        """
        if picked is None:
            picked = (0,) if source.channels < 3 else (0, 1, 2)
        if len(picked) not in (1, 3):
            raise ValueError(f"One or three bands can be shown, not {len(picked)}.")
        whole = picked == tuple(range(source.channels))
        return cls(source, picked, source if whole else source.picked(picked))


class Session(Model[Shown]):
    """Holds the picture on show. `image_changed(image)` follows every change of it.

    `feature_sent(frame)` hands a filter's finished feature map to whoever works on with it.

    Attributes:
        kernel: the one on the Filters page, once there is that page.
    """

    image_changed = Signal(object)
    feature_sent = Signal(object)

    def __init__(self, image: Image) -> None:
        super().__init__(Shown.of(image))
        self.kernel: Kernel | None = None
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
        self.put(Shown.of(image), f"open {image.name}")

    def pick(self, indices: tuple[int, ...]) -> None:
        """Show these bands (one or three) as the image's channels."""
        if indices != self.picked:
            self.put(Shown.of(self.source, indices), "choose bands")

    def put(self, shown: Shown, label: str, merge: str = "") -> None:
        """Put on show what was made ready before, as one undoable step."""
        self.edit(label, merge, source=shown.source, picked=shown.picked, image=shown.image)

    def _tell(self, before: Shown, after: Shown) -> None:
        self.image_changed.emit(after.image)
