"""The time slider: every kept step of a run is a notch; plays forwards and backwards."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from visualizer.ui import icons
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.slider import Slider

HEIGHT = 30  # px at scale 1
PLAY_MS = 80


class TimeBar(QWidget):
    """Chooses a step among those that are kept, or the present.

    Signals:
        stepWanted(int): look at this step.
        liveWanted(): go on with the training.
        sideWanted(bool): show then and now side by side, or no longer.
    """

    stepWanted = Signal(int)
    liveWanted = Signal()
    sideWanted = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._steps: tuple[int, ...] = ()
        self._why_none = ""
        self._direction = 0
        self._timer = QTimer(self, interval=PLAY_MS)
        self._timer.timeout.connect(self._advance)
        self.slider = Slider()
        self.slider.setAccessibleName("History: the step to look at")
        self.slider.setToolTip("Drag to any kept step of this run; the training goes on")
        self.slider.valueChanged.connect(self._moved)
        self._word = label("history", "muted")
        self.text = label("", "number")
        self.text.setToolTip(
            "The network is kept as it was at so many steps: drag the slider to see it then"
        )
        self._backwards = self._tool("Play backwards", partial(self.play, -1))
        self._forwards = self._tool("Play forwards", partial(self.play, 1))
        self.side = self._tool("", self._want_side)
        self.side.setText("Then and now")
        self.side.setAccessibleName("Then and now")
        self.side.setToolTip("The moment you look at, and the present at its right")
        self.side.setCheckable(True)
        self.now = self._tool("", self.liveWanted.emit)
        self.now.setText("Live")
        self.now.setAccessibleName("Live")
        self.now.setToolTip("Back to the present (Esc)")
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 0, 2, 0)
        row.setSpacing(8)
        for part in (self._word, self._backwards, self._forwards):
            row.addWidget(part)
        row.addWidget(self.slider, 1)
        row.addWidget(self.text)
        row.addWidget(self.side)
        row.addWidget(self.now)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.show_steps((), None)

    def show_steps(
        self, steps: Sequence[int], step: int | None, why_none: str = "no steps yet"
    ) -> None:
        """Offer these steps; `step` is looked at, or None: the present, at the slider's end."""
        self._steps, self._why_none = tuple(steps), why_none
        last = max(0, len(self._steps) - 1)
        at = last if step is None else max(0, bisect_right(self._steps, step) - 1)
        blocked = self.slider.blockSignals(True)
        self.slider.setRange(0, last)
        self.slider.setValue(at)
        self.slider.blockSignals(blocked)
        usable = len(self._steps) > 1
        for part in (self.slider, self._backwards, self._forwards):
            part.setEnabled(usable)
        self.side.setEnabled(step is not None)
        self.now.setEnabled(step is not None)
        self.text.setText(self._words(step))
        if step is None and self._direction:
            self.stop()

    def play(self, direction: int) -> None:
        """Go through the steps by itself, forwards (1) or backwards (−1); again: stop."""
        if direction == self._direction:
            self.stop()
            return
        self._direction = direction
        end = self.slider.maximum() if direction > 0 else 0
        if self.slider.value() == end:
            self.slider.setValue(self.slider.maximum() - end)
        else:
            self._advance()  # at once: while live, to be shown the present would stop it
        self._timer.start()
        self._restyle()

    def stop(self) -> None:
        """Stand still."""
        self._direction = 0
        self._timer.stop()
        self._restyle()

    @property
    def playing(self) -> int:
        """1 forwards, −1 backwards, 0 not."""
        return self._direction

    def _want_side(self) -> None:
        self.sideWanted.emit(self.side.isChecked())

    def _advance(self) -> None:
        value = self.slider.value() + self._direction
        if 0 <= value <= self.slider.maximum():
            self.slider.setValue(value)
        else:
            self.stop()

    def _moved(self, index: int) -> None:
        if index < len(self._steps):
            self.stepWanted.emit(self._steps[index])

    def _words(self, step: int | None) -> str:
        if not self._steps:
            return self._why_none
        if step is None:
            count = len(self._steps)
            return f"live · {count} {'step' if count == 1 else 'steps'} kept"
        return f"step {step:,} of {self._steps[-1]:,}"

    def _tool(self, name: str, run: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.clicked.connect(lambda _checked=False: run())
        return button

    def _restyle(self) -> None:
        theme, colors = self._theme, self._theme.colors
        self.setFixedHeight(theme.px(HEIGHT))
        self.slider.setMinimumHeight(theme.px(18))  # of the whole handle
        self.text.setMinimumWidth(theme.px(190))
        icons.fit(theme, self._backwards, self._forwards, side=15)
        for button, direction in ((self._backwards, -1), (self._forwards, 1)):
            shown = "mdi6.pause" if self._direction == direction else "mdi6.play"
            button.setIcon(
                icons.icon(
                    shown,
                    color=colors.text,
                    color_disabled=colors.faint,
                    mirrored=direction < 0,
                )
            )
