"""What the pages share on which a window steps over a picture: cards, the arithmetic, the steps."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from visualizer.core.image import Image
from visualizer.state.picture_model import PictureModel
from visualizer.state.stepper import Stepper
from visualizer.ui.context import Context
from visualizer.ui.pages.picture_cards import InputCard, MiddleCard
from visualizer.ui.pages.stepping import Clock, StripCard, Walk
from visualizer.ui.widgets.transport_bar import TransportBar
from visualizer.ui.widgets.viewport import Viewport

_LEAST_STRIP = 164  # px at scale 1
_BESIDE = 52  # px: the margins at both sides of the cards, and between them
_LARGE = 600  # px at scale 1: a picture that need not take more of the strip
_AROUND = 44  # px: the margins above and below the cards, and between them


class SteppingPage(QWidget):
    """A row of cards, under it the strip with the arithmetic and the bar that moves the window.

    Attributes:
        model: what is chosen.
        stepper: where the window is.
        viewport: what of the pictures is seen.
        strip: the arithmetic.
        input: the picture that the window steps over.
    """

    model: PictureModel[Any]
    input: InputCard
    strip: StripCard
    _transport: TransportBar
    _walk: Walk

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("page")
        self.stepper = Stepper()
        self.viewport = Viewport(self)
        self._context = context
        self._image: Image | None = None
        self._clock = Clock(self.stepper, self)

    def attempt(self, change: Callable[[], object]) -> None:
        """Do what the user asks for; a refusal is said in place, and changes nothing."""
        self._say("")
        try:
            change()
        except ValueError as error:
            self._show_settings()
            self._say(str(error))

    def caption(self, image: Image, text: str) -> None:
        """Say what a picture shows, whenever it is on show and the same is done to it."""
        self.strip.keep_caption(image, text, self._about())
        self._fit_strip()

    def may_close(self) -> bool:
        """Nothing here is worth waiting for."""
        return True

    def hasHeightForWidth(self) -> bool:
        """Let the cards share what height there is: no text that wraps may make it more."""
        return False

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was changed while another page was on show."""
        super().showEvent(event)
        if self._image is not self._context.session.image:
            self._show_image(self._context.session.image)
        QTimer.singleShot(0, self, self._fit_strip)  # type may have another size now
        QTimer.singleShot(0, self, self._show_status)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the strip its share of the height."""
        super().resizeEvent(event)
        self._fit_strip()

    def _lay_out_cards(self, cards: Sequence[QWidget], fixed: MiddleCard) -> None:
        """Put the cards side by side, all but `fixed` sharing the width; strip and bar below."""
        self._fixed = fixed
        row = QHBoxLayout()
        row.setSpacing(12)
        for card in cards:
            row.addWidget(card, 0 if card is fixed else 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(14, 14, 14, 10)
        outer.setSpacing(10)
        outer.addLayout(row, 1)
        outer.addWidget(self.strip)
        outer.addWidget(self._transport)

    def _edit(self, label: str, merge: str, changes: dict[str, object]) -> None:
        self.attempt(partial(self.model.edit, label, merge, **changes))

    def _show_image(self, image: Image) -> None:
        self.model.take(image)
        self._demand()
        # Not at once: undoing an example brings back the picture first, then its settings.
        QTimer.singleShot(0, self, self._fit_settings)

    def _fit_settings(self) -> None:
        """Give up what the picture makes impossible, and say so."""
        sentence = self.model.fit()
        if sentence:
            self._context.tell(sentence)

    def _fit_strip(self) -> None:
        """Let the strip have what it wants, or less where that makes the pictures larger."""
        least, wanted = self._context.theme.px(_LEAST_STRIP), self.strip.wanted_height()
        free = self.height() - self._transport.height() - _AROUND
        close = wanted - self.strip.strip.spare_height()
        easy = max(close, free - self._cards_for_pictures(free - close))
        most = max(least, free - self._least_cards())
        self.strip.setFixedHeight(min(wanted, easy, most))

    def _cards_for_pictures(self, most: int) -> int:
        """Return at which height, up to `most`, square pictures are as wide as can be, or large."""
        card, view = self.input, self.input.view
        shared = self.width() - _BESIDE - self._fixed.width_at(most)
        side = min(shared // 2 - card.width() + view.width(), self._context.theme.px(_LARGE))
        return side + card.height_around()

    def _least_cards(self) -> int:
        """Return the height that the cards need."""
        raise NotImplementedError

    def _demand(self) -> None:
        """Compute anew."""
        raise NotImplementedError

    def _about(self) -> object:
        """Return what is done to the picture, however that is shown."""
        raise NotImplementedError

    def _say(self, sentence: str) -> None:
        """Say in place why something was refused; "" when it was not."""
        raise NotImplementedError

    def _show_settings(self) -> None:
        """Bring the controls back to what is in force."""
        raise NotImplementedError

    def _show_status(self) -> None:
        """Tell the status bar the pixel in the middle of the window."""
        raise NotImplementedError
