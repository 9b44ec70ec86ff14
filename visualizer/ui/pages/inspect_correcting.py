"""What the Corrections card asks for, done to the model; the corrections on disk."""

from collections.abc import Callable

from visualizer.learning.corrections import (
    FILE,
    Correction,
    Corrections,
    Own,
    PartName,
    data_key,
    digest,
    load,
)
from visualizer.paths import user_data
from visualizer.state.inspect import InspectModel
from visualizer.state.inspect_work import Answer
from visualizer.ui.context import Context
from visualizer.ui.pages.inspect_correct import CorrectCard
from visualizer.ui.pages.inspect_networks import Networks


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


class Correcting:
    """Does to `model` what `card` asks for, about the answer on show."""

    def __init__(
        self, context: Context, model: InspectModel, networks: Networks, card: CorrectCard
    ) -> None:
        self._context, self._model, self._networks, self._card = context, model, networks, card
        self._answer: Answer | None = None
        card.relabelWanted.connect(lambda label: model.relabel(*self._image_key(), label))
        card.excludeWanted.connect(lambda: model.exclude(*self._image_key()))
        card.keepWanted.connect(self._keep_drawing)
        card.takeBackWanted.connect(self._take_back)

    @property
    def data(self) -> str:
        """What the data of the network are called among the corrections."""
        source = self._networks.source
        experiment = source.experiment if source is not None else None
        return data_key(experiment.data) if experiment is not None else ""

    def show_answer(self, answer: Answer) -> None:
        """Correct what this is about from now on."""
        self._answer = answer
        self._card.show_answer(answer)

    def _image_key(self) -> tuple[str, str]:
        assert self._answer is not None
        return self.data, digest(self._answer.seen.pixels)

    def _keep_drawing(self, label: int, part: str) -> None:
        assert self._answer is not None
        pixels = self._answer.seen.pixels
        channels, height, width = pixels.shape
        where: PartName = "validation" if part == "validation" else "train"
        own = Own(self.data, (channels, height, width), pixels.tobytes(), label, where)
        self._model.keep_drawing(own)
        self._context.done("Kept: it is used at the next training.")

    def _take_back(self, entry: Correction | Own) -> None:
        if isinstance(entry, Own):
            self._model.drop_drawing(entry)
        else:
            self._model.take_back(entry.data, entry.image)
