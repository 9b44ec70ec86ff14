"""The row of controls that steps something: buttons, scrub slider, position, speed.

A pure view: it shows the state it is given and tells what the user asks for. The buttons are
driven by the QActions of the page, so that keys, menus and buttons are one.
"""

import math
from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from visualizer.ui import icons
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.slider import Slider, keep_keys

SLOWEST, FASTEST = 1.0, 10_000.0  # steps a second
_SPEED_STEPS = 400
_ICONS = {
    "first": "mdi6.skip-previous",
    "back": "mdi6.step-backward",
    "play": "mdi6.play",
    "step": "mdi6.step-forward",
    "next_row": "mdi6.arrow-down-left",
    "last": "mdi6.skip-next",
}
_TEXTS = {"back": "step", "play": "play", "step": "step", "next_row": "row"}


class TransportBar(QWidget):
    """First, step back, play or pause, step, next row, last; scrub; position; speed.

    Signals:
        sought(int): the user dragged or clicked the scrub slider to this position.
        speedChanged(float): the user chose another speed, in steps a second.
    """

    sought = Signal(int)
    speedChanged = Signal(float)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._playing = False
        self._speed = SLOWEST
        self._buttons = {name: self._button(name) for name in _ICONS}
        self._actions: dict[str, QAction] = {}
        self._scrub = Slider()
        self._scrub.setAccessibleName("Position")
        self._scrub.setToolTip("Drag or click to go to a cell")
        self._position = label("0 / 0", "small_number")
        self._position.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._speed_slider = Slider()
        self._speed_slider.setRange(0, _SPEED_STEPS)
        self._speed_slider.setAccessibleName("Speed")
        self._speed_slider.setToolTip("Steps a second, from 1 to 10,000")
        self._speed_text = label("", "small_number")
        self._speed_text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._speed_caption = label("speed", "caption")
        self._lay_out()
        self._scrub.valueChanged.connect(self.sought)
        self._speed_slider.valueChanged.connect(self._speed_slid)
        theme.changed.connect(self._fit)
        self.set_state(0, 0, False, SLOWEST)
        self._fit()

    def set_actions(self, actions: Mapping[str, QAction]) -> None:
        """Let actions drive the buttons: first, back, play, step, next_row, last."""
        for name, action in actions.items():
            self._actions[name] = action
            button = self._buttons[name]
            action.setIconText(_TEXTS.get(name, ""))
            button.setDefaultAction(action)
            button.setAccessibleName(action.text().replace("&", ""))
        self._fit()

    def set_state(self, position: int, count: int, playing: bool, speed: float) -> None:
        """Show where the stepping is and how fast it goes; `position` counts from 0."""
        with QSignalBlocker(self._scrub):
            if self._scrub.maximum() != max(0, count - 1):
                self._scrub.setRange(0, max(0, count - 1))
                self._scrub.setPageStep(max(1, count // 20))
                self._fit_position()
        self._scrub.show_position(position)
        self._scrub.setEnabled(count > 1)
        self._position.setText(f"{min(position + 1, count):,} / {count:,}")
        if playing != self._playing:
            self._playing = playing
            self._show_playing()
        self._show_speed(speed)

    def _button(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves Space with the page
        button.setAutoRepeat(name in ("back", "step", "next_row"))
        button.setToolButtonStyle(
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            if name in _TEXTS
            else Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        button.setAccessibleName(name.replace("_", " "))
        if name == "play":
            button.setProperty("role", "primary")
        keep_keys(button, Qt.Key.Key_Space)
        return button

    def _lay_out(self) -> None:
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for button in self._buttons.values():
            self._row.addWidget(button)
        self._row.addSpacing(10)
        self._row.addWidget(self._scrub, 1)
        for part in (self._position, self._speed_caption, self._speed_slider, self._speed_text):
            self._row.addWidget(part)

    def _fit(self) -> None:
        px = self._theme.px
        self._row.setSpacing(px(8))
        icons.fit(self._theme, *self._buttons.values())
        for slider in (self._scrub, self._speed_slider):
            slider.setMinimumHeight(px(18))
        self._speed_slider.setFixedWidth(px(110))
        self._scrub.setMinimumWidth(px(120))
        _reserve(self._speed_text, "10,000 steps/s", px(6))
        self._fit_position()
        self._show_playing()
        self._fit_play()

    def _fit_play(self) -> None:
        """Let the button to play be as wide when it says pause: those beside it stay in place."""
        button = self._buttons["play"]
        button.ensurePolished()
        advance = button.fontMetrics().horizontalAdvance
        longer = advance("pause") - advance(button.text())
        button.setMinimumWidth(button.sizeHint().width() + longer)

    def _fit_position(self) -> None:
        count = self._scrub.maximum() + 1
        _reserve(self._position, f"{count:,} / {count:,}", self._theme.px(6))

    def _show_playing(self) -> None:
        colors = self._theme.colors
        for name, button in self._buttons.items():
            icon = "mdi6.pause" if name == "play" and self._playing else _ICONS[name]
            color = colors.on_accent if name == "play" else colors.text
            made = icons.icon(icon, color=color, color_disabled=colors.faint)
            text = "pause" if name == "play" and self._playing else _TEXTS.get(name, "")
            action = self._actions.get(name)
            if action is not None:
                action.setIcon(made)
                action.setIconText(text)
            else:
                button.setIcon(made)
                button.setText(text)

    def _show_speed(self, speed: float) -> None:
        self._speed = min(max(speed, SLOWEST), FASTEST)
        share = math.log(self._speed / SLOWEST) / math.log(FASTEST / SLOWEST)
        self._speed_slider.show_position(round(share * _SPEED_STEPS))
        number = f"{self._speed:,.0f}"
        self._speed_text.setText(f"{number} {'step' if number == '1' else 'steps'}/s")

    def _speed_slid(self, position: int) -> None:
        speed = SLOWEST * (FASTEST / SLOWEST) ** (position / _SPEED_STEPS)
        speed = float(f"{speed:.2g}") if speed >= 10 else round(speed)
        if speed != self._speed:
            self._show_speed(speed)
            self.speedChanged.emit(speed)


def _reserve(text: QLabel, longest: str, margin: int) -> None:
    """Keep room for the longest text, so that nothing beside it jumps."""
    text.ensurePolished()
    text.setMinimumWidth(text.fontMetrics().horizontalAdvance(longest) + margin)
