"""What the Corrections card asks for, done to the model; the corrections on disk."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from visualizer.learning.corrections import (
    FILE,
    Correction,
    Corrections,
    Own,
    PartName,
    data_key,
    digest,
    load,
    places,
)
from visualizer.paths import user_data
from visualizer.state.inspect import InspectModel
from visualizer.state.inspect_work import PARTS, Answer
from visualizer.ui.background import Background
from visualizer.ui.context import Context
from visualizer.ui.errors import unexpected
from visualizer.ui.pages.inspect_correct import CorrectCard, Entry
from visualizer.ui.pages.inspect_networks import Networks

if TYPE_CHECKING:
    from visualizer.learning.datasets import DataSet

_KEPT = {
    "train": "Kept: it is learned from at the next training.",
    "validation": "Kept: it counts among the validation images from now on.",
}


def stored(tell: Callable[[str], object]) -> Corrections:
    """Return the corrections of earlier days; `tell` why they cannot be read."""
    try:
        return load(user_data() / FILE)
    except (OSError, ValueError) as error:
        tell(f"The corrections could not be read: {error}")
        return Corrections()


def store(corrections: Corrections, tell: Callable[[str], object]) -> None:
    """Keep them for later days; `tell` why they cannot be."""
    try:
        corrections.save(user_data() / FILE)
    except OSError as error:
        tell(f"The corrections could not be saved: {error.strerror}.")


class Correcting(QObject):
    """Does to `model` what `card` asks for, about the answer on show, and lists what was done."""

    def __init__(
        self, context: Context, model: InspectModel, networks: Networks, card: CorrectCard
    ) -> None:
        super().__init__(card)
        self._context, self._model, self._networks, self._card = context, model, networks, card
        self._answer: Answer | None = None
        self._shown: tuple[Corrections, DataSet | None] | None = None
        self._places: dict[str, tuple[str, int]] = {}  # of corrected images in those data
        self._search = Background("finding corrected images", self)
        self._search.done.connect(self._take)
        self._search.failed.connect(unexpected)
        card.relabelWanted.connect(self._relabel)
        card.excludeWanted.connect(lambda: model.exclude(*self._image_key()))
        card.keepWanted.connect(self._keep_drawing)
        card.takeBackWanted.connect(self._take_back)

    @property
    def data(self) -> str:
        """What the data of the network are called among the corrections."""
        source = self._networks.source
        experiment = source.experiment if source is not None else None
        return data_key(experiment.data) if experiment is not None else ""

    @property
    def mine(self) -> Corrections:
        """The corrections of these data."""
        return self._model.settings.corrections.of(self.data)

    @property
    def busy(self) -> bool:
        """Whether corrected images are being found."""
        return self._search.busy

    def close(self) -> None:
        """End the thread."""
        self._search.close()

    def show_answer(self, answer: Answer) -> None:
        """Correct what this is about from now on."""
        self._answer = answer
        self._card.show_answer(answer)

    def show(self, dataset: "DataSet | None") -> None:
        """List the corrections of the data; pictures follow as soon as they are found."""
        wanted = self.mine, dataset
        if wanted == self._shown:
            return
        if self._shown is None or _raw(self._shown[1]) is not _raw(dataset):
            self._places = {}
        self._shown = wanted
        self._list()
        unknown = {change.image for change in wanted[0].changes} - self._places.keys()
        if dataset is not None and unknown:
            self._search.submit(lambda job: places(dataset, unknown))

    def _take(self, found: dict[str, tuple[str, int]]) -> None:
        self._places |= found
        self._list()

    def _list(self) -> None:
        assert self._shown is not None
        mine, dataset = self._shown
        found = self._places
        names = dataset.class_names if dataset is not None else ()
        own = [Entry(o, f"drawing of {_name(names, o.label)}, added to {PARTS[o.part]}", o.image())
               for o in reversed(mine.own)]  # fmt: skip
        changes = [
            _entry(change, found.get(change.image), dataset) for change in reversed(mine.changes)
        ]
        self._card.show_entries([*own, *changes])

    def _image_key(self) -> tuple[str, str]:
        assert self._answer is not None
        return self.data, digest(self._answer.seen.pixels)

    def _relabel(self, label: int) -> None:
        assert self._answer is not None
        data, image = self._image_key()
        if label != self._answer.subject.in_data:
            self._model.relabel(data, image, label)
        elif any(change.image == image for change in self.mine.changes):
            self._model.take_back(data, image)  # as the data have it
        else:
            name = self._answer.examined.class_names[label]
            self._context.done(f"Its label is {name} already: choose the class it really shows.")

    def _keep_drawing(self, label: int, part: str) -> None:
        assert self._answer is not None
        pixels = self._answer.seen.pixels
        channels, height, width = pixels.shape
        where: PartName = "validation" if part == "validation" else "train"
        own = Own(self.data, (channels, height, width), pixels.tobytes(), label, where)
        self._model.keep_drawing(own)
        self._context.done(_KEPT[where])

    def _take_back(self, entry: Correction | Own) -> None:
        if isinstance(entry, Own):
            self._model.drop_drawing(entry)
        else:
            self._model.take_back(entry.data, entry.image)


def _entry(change: Correction, place: tuple[str, int] | None, dataset: "DataSet | None") -> Entry:
    names = dataset.class_names if dataset is not None else ()
    now = "left out" if change.label is None else f"is {_name(names, change.label)}"
    if place is None or dataset is None:
        return Entry(change, f"an image that is not among these: {now}")
    part = getattr(dataset, place[0])
    label, pixels = int(part.labels[place[1]]), part.images[place[1]].numpy()
    words = f"{PARTS[place[0]]} #{place[1]}, label {_name(names, label)}: {now}"
    return Entry(change, words, pixels, place if place[0] != "test" else None)


def _raw(dataset: "DataSet | None") -> "DataSet | None":
    return dataset.raw or dataset if dataset is not None else None


def _name(names: Sequence[str], label: int) -> str:
    return names[label] if label < len(names) else "?"
