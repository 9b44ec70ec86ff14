"""What training gets: a grid of results with what was drawn for each, or one of them, large."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualizer.state.augment import COUNTS, LARGEST_SEED, AugmentSettings
from visualizer.state.augment_work import Results
from visualizer.ui import icons
from visualizer.ui.pages.augment_question import Question
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card, label
from visualizer.ui.widgets.fields import LabelledChoice
from visualizer.ui.widgets.map_mosaic import MapMosaic
from visualizer.ui.widgets.slider import Slider
from visualizer.ui.widgets.spin import Spin
from visualizer.ui.widgets.wrapped_label import WrappedLabel

SLOWEST, FASTEST = 1, 20  # draws a second
_READY = "Getting ready: what augments is being loaded."
_NONE = "There is no image to augment."
_POINT = "Point at an image to see what was drawn for it; click it to see every pixel."
_SMALLER = f"{_POINT} Shown smaller, as here, it loses what is done to single pixels."


class ResultsCard(Card):
    """Shows results and how they are drawn. Writes no model.

    Signals:
        countChosen(int), seedChosen(int), rateChosen(int): the user asks for these.
    """

    countChosen = Signal(int)
    seedChosen = Signal(int)
    rateChosen = Signal(int)

    def __init__(self, theme: Theme, actions: Mapping[str, QAction]) -> None:
        """Build it; the actions are shuffle, play and same."""
        super().__init__("What training gets")
        self._theme = theme
        self._results: Results | None = None
        self._pointed: int | None = None
        self.mosaic = MapMosaic(theme, "", noun="image", captioned=False, largest=2000)
        self.mosaic.setAccessibleName("Results of the pipeline")
        self._drawn = WrappedLabel("small_number")
        self._drawn.set_text(_READY)
        self.question = Question(theme)
        self.count = LabelledChoice(
            theme, "", [(str(n), f"{n} images") for n in COUNTS], name="Images",
            tip="How many results are shown",
        )  # fmt: skip
        leave_focus(self.count)
        self.seed = Spin(theme, "Seed", 0, LARGEST_SEED)
        self.rate = Slider()
        self.rate.setRange(SLOWEST, FASTEST)
        self.rate.setValue(3)
        self.rate.setAccessibleName("Draws a second")
        self.rate.setToolTip(f"How often Play draws anew, from {SLOWEST} to {FASTEST} a second")
        self._rate_text = label("3 / s", "small_number")
        self._buttons = [_button(actions[name]) for name in ("play", "shuffle", "same")]
        self._lay_out()
        self.mosaic.hovered.connect(lambda index, *_: self._show_drawn(index))
        self.mosaic.left.connect(lambda: self._show_drawn(None))
        self.count.currentChanged.connect(lambda key: self.countChosen.emit(int(key)))
        self.seed.valueChanged.connect(self.seedChosen)
        self.rate.valueChanged.connect(self._rate_changed)
        theme.changed.connect(self._fit)
        self._fit()

    def show_settings(self, settings: AugmentSettings) -> None:
        """Show how many there are and from which seed."""
        self.count.set_current(str(settings.count))
        blocked = self.seed.blockSignals(True)
        self.seed.setValue(settings.seed)
        self.seed.blockSignals(blocked)

    def show_results(self, results: Results) -> None:
        """Show what came out."""
        self._results = results
        self.mosaic.set_images(results.images)
        texts = [self._words(index) for index in range(len(results.images))]
        self._drawn.keep_room_for(max(*texts, _SMALLER, key=len))
        self._show_drawn(self._pointed)
        self.question.show_result(results.images[0], results.in_words(0))

    def clear(self) -> None:
        """Show nothing: there is no image."""
        self._results = None
        self.mosaic.clear()
        self.question.clear()
        self._drawn.set_text(_NONE)

    def ask_question(self, on: bool) -> None:
        """Show one result and its label, large, or the grid."""
        self._stack.setCurrentIndex(int(on))
        self.heading.setText("Is it still the same?" if on else "What training gets")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say anew how large the images are shown."""
        super().resizeEvent(event)
        self._show_drawn(self._pointed)

    def _show_drawn(self, index: int | None) -> None:
        """Tell what was drawn for the image that is pointed at, or enlarged."""
        self._pointed = index
        if index is None:
            index = self.mosaic.enlarged()
        known = index is not None and self._results is not None and index < self.mosaic.count()
        hint = self._hint() if self.mosaic.count() else _NONE
        self._drawn.set_text(self._words(index) if known and index is not None else hint)

    def _hint(self) -> str:
        results = self._results
        if results is None or not results.changes_single_pixels:
            return _POINT
        return _SMALLER if self.mosaic.shrinks() else _POINT

    def _words(self, index: int) -> str:
        assert self._results is not None
        return f"image {index + 1}: {self._results.in_words(index)}"

    def _rate_changed(self, rate: int) -> None:
        self._rate_text.setText(f"{rate} / s")
        self.rateChosen.emit(rate)

    def _lay_out(self) -> None:
        grid = QWidget()
        column = QVBoxLayout(grid)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.mosaic, 1)
        column.addWidget(self._drawn)
        self._stack = QStackedWidget()
        self._stack.addWidget(grid)
        self._stack.addWidget(self.question)
        self._stack.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._buttons[0].setProperty("role", "primary")
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self._buttons[0])
        foot.addWidget(self.rate)
        foot.addWidget(self._rate_text)
        foot.addWidget(self._buttons[1])
        foot.addWidget(label("seed", "caption"))
        foot.addWidget(self.seed)
        foot.addWidget(self.count)
        foot.addStretch(1)
        self.top.addWidget(self._buttons[2])
        self.body.addWidget(self._stack, 1)
        self.body.addLayout(foot)

    def _fit(self) -> None:
        px = self._theme.px
        icons.fit(self._theme, *self._buttons)
        self.rate.setFixedWidth(px(70))
        self.rate.setMinimumHeight(px(18))
        self._rate_text.ensurePolished()
        width = self._rate_text.fontMetrics().horizontalAdvance("20 / s")
        self._rate_text.setMinimumWidth(width + px(4))
        self._drawn.setMinimumHeight(0)


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(action.text())
    return button
