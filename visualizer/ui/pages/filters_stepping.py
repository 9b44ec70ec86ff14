"""Stepping on the Filters page: the clock, the keys, the strip and the transport bar."""

import time
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QVBoxLayout

from visualizer.state.filters import LaidFilter
from visualizer.state.stepper import Stepper
from visualizer.ui.actions import Actions
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card, label
from visualizer.ui.widgets.strip import ArithmeticStrip
from visualizer.ui.widgets.transport_bar import TransportBar

_TICK_MS = 16
_SLACK = 12  # px: the card's own spacing around the strip


class Clock(QObject):
    """Lets a stepper advance while it plays."""

    def __init__(self, stepper: Stepper, parent: QObject) -> None:
        super().__init__(parent)
        self._stepper = stepper
        self._last = 0.0
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        stepper.changed.connect(self._follow)

    def _follow(self) -> None:
        if self._stepper.playing and not self._timer.isActive():
            self._last = time.perf_counter()
            self._timer.start()
        elif not self._stepper.playing:
            self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        self._last, seconds = now, now - self._last
        self._stepper.advance(seconds)


class StripCard(Card):
    """The arithmetic of the shown cell, and how it is told: exactly, or to be predicted.

    Signals:
        exactChosen(bool): numbers are to be written out, or rounded.
        weightHovered(row, column), weightLeft(): the weight under the pointer, as it lies.
    """

    exactChosen = Signal(bool)
    weightHovered = Signal(int, int)
    weightLeft = Signal()

    def __init__(self, theme: Theme, actions: Actions, examples: list[QAction]) -> None:
        super().__init__("")
        self.strip = ArithmeticStrip(theme)
        self._exact = QToolButton()
        self._exact.setText("Exact")
        self._exact.setCheckable(True)
        self._exact.setToolTip("Write numbers out with up to nine digits, or rounded")
        leave_focus(self._exact)
        shown, predict, reveal = QToolButton(), QToolButton(), QToolButton()
        shown.setText("Examples")
        shown.setToolTip("Small inputs and kernels to check by hand")
        menu = QMenu(shown)
        menu.addActions(examples)
        shown.setMenu(menu)
        shown.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        predict.setDefaultAction(actions["filters.predict"])
        reveal.setDefaultAction(actions["filters.reveal"])
        side = QVBoxLayout()
        side.setSpacing(6)
        side.addStretch(1)
        for button in (shown, self._exact, predict, reveal):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            side.addWidget(button)
            leave_focus(button)
            button.setAccessibleName(button.text())
        side.addStretch(1)
        self.heading.hide()
        self.note.hide()
        self._caption = label("", "muted")
        self._caption.setWordWrap(True)
        self._caption.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._caption.hide()
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.strip, 1)
        row.addLayout(side)
        self.body.setSpacing(2)
        self.body.addWidget(self._caption)
        self.body.addLayout(row, 1)
        self._exact.clicked.connect(self.exactChosen)
        self.strip.weightHovered.connect(self.weightHovered)
        self.strip.weightLeft.connect(self.weightLeft)

    def show_cell(self, laid: LaidFilter, stepper: Stepper) -> None:
        """Show the arithmetic of the shown cell."""
        row, column = stepper.row_column(stepper.shown)
        settings = laid.settings
        low, high = laid.image.value_range
        self._exact.setChecked(settings.exact)
        self.strip.set_exact(settings.exact)
        self.strip.hide_output(stepper.hidden)
        across = settings.applied_to == "across"
        bands = laid.bands if across else (laid.bands[laid.map_looked_at],)
        self.strip.set_cell(
            laid.cell(row, column), row, column, planes=bands, activation=settings.activation,
            low=low, high=high,
        )  # fmt: skip

    def show_caption(self, text: str) -> None:
        """Say what a worked example shows, or nothing."""
        self._caption.setText(text)
        self._caption.setVisible(bool(text))

    def wanted_height(self) -> int:
        """Return the height at which the strip need not scroll."""
        room = self.layout()
        assert room is not None
        margins = room.contentsMargins()
        height = self.strip.sizeHint().height() + margins.top() + margins.bottom() + _SLACK
        if self._caption.isHidden():
            return height
        return height + self._caption.heightForWidth(self.width() - 2 * margins.left())

    def light(self, row: int | None, column: int = 0) -> None:
        """Outline a weight, as it lies on the picture; None: none."""
        self.strip.set_highlight(row, column)


def add_step_commands(actions: Actions, stepper: Stepper, page: str) -> None:
    """Register the keys of stepping."""
    add = partial(actions.add, menu="Step", page=page)
    add(
        "filters.play",
        "Play or pause",
        stepper.toggle,
        shortcuts="Space",
        tip="Let the window go on by itself",
    )
    add(
        "filters.step",
        "Step",
        stepper.step,
        shortcuts=("Right", "PgDown"),
        tip="One cell on; a presenter's clicker works too",
    )
    add(
        "filters.back",
        "Step back",
        lambda: stepper.step(-1),
        shortcuts=("Left", "PgUp"),
        tip="One cell back",
    )
    add(
        "filters.next_row",
        "Next row",
        stepper.next_row,
        shortcuts="Down",
        tip="To the first cell of the next row",
    )
    add(
        "filters.previous_row",
        "Previous row",
        lambda: stepper.next_row(-1),
        shortcuts="Up",
        tip="To the first cell of the row above",
    )
    add("filters.first", "First cell", stepper.first, shortcuts="Home", tip="To the first cell")
    add(
        "filters.last",
        "Last cell",
        stepper.last,
        shortcuts="End",
        tip="To the last cell, everything computed",
    )
    add(
        "filters.predict",
        "Predict",
        stepper.predict,
        shortcuts="P",
        checkable=True,
        tip="Hide each output until it is revealed, for asking the class",
    )
    add("filters.reveal", "Reveal", stepper.reveal, shortcuts="R", tip="Show the hidden output")
    add(
        "filters.release",
        "Let go",
        lambda: release(stepper),
        shortcuts="Esc",
        tip="Let the pinned cell go; without one, end the stepping and show the whole map",
    )


def release(stepper: Stepper) -> None:
    """Let the pinned cell go, or else show the whole map."""
    if stepper.pinned is not None:
        stepper.unpin()
    else:
        stepper.show_all()


def transport(theme: Theme, actions: Actions, stepper: Stepper) -> TransportBar:
    """Return a transport bar that drives and follows a stepper."""
    bar = TransportBar(theme)
    names = ("first", "back", "play", "step", "next_row", "last")
    bar.set_actions({name: actions[f"filters.{name}"] for name in names})
    bar.sought.connect(stepper.seek)
    bar.speedChanged.connect(stepper.set_speed)
    return bar
