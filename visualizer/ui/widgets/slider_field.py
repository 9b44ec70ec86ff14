"""A slider with a title and a value that can be typed."""

import math
from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from visualizer.core.numbers import parse_number
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.slider import Slider
from visualizer.ui.widgets.value_edit import ValueEdit

_LOG_STEPS = 1000
_LONGEST_WALK = 2000  # slider steps tried on the way back from a value that cannot be used
_PAUSE_MS = 900  # keys and wheel turns closer together than this are one gesture


class LabelledSlider(QWidget):
    """A title, a value that can be typed, and a slider under both.

    Signals:
        valueChanged(float): the user chose another value, live while dragging and typing.
        problem(str): why what is typed cannot be used; "" once it can.
    """

    valueChanged = Signal(float)
    problem = Signal(str)

    def __init__(
        self,
        theme: Theme,
        title: str,
        minimum: float,
        maximum: float,
        *,
        step: float = 1,
        decimals: int = 0,
        value: float | None = None,
        logarithmic: bool = False,
        trimmed: bool = False,
        check: Callable[[float], str] | None = None,
        tip: str = "",
    ) -> None:
        """Build it. `check(value)` returns why a value cannot be used, or "".

        The slider never reaches a value that `check` refuses; typed, its sentence is shown.
        A logarithmic slider needs 0 < minimum; its step is a thousandth of the way. `trimmed`
        writes no zeros at the end of a fraction.
        """
        super().__init__()
        self._theme, self._title = theme, title
        self._minimum, self._maximum = minimum, maximum
        self._step, self._decimals, self._logarithmic = step, decimals, logarithmic
        self._trimmed = trimmed
        self._check = check or (lambda _value: "")
        self._value = minimum if value is None else value
        self._gesture = 0
        self._pause = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._caption = label(title, "muted")
        self._edit = ValueEdit(f"{title}, value", self._accept, tip or f"{title}: click to type")
        self._slider = Slider()
        self._slider.setAccessibleName(title)
        self._slider.setToolTip(tip)
        self._lay_out()
        self._slider.gestureStarted.connect(self._start_gesture)
        self._slider.valueChanged.connect(self._slid)
        self._edit.opened.connect(self._new_gesture)
        self._edit.typed.connect(self._take)
        self._edit.problem.connect(self.problem)
        theme.changed.connect(self._fit)
        self._set_slider_range()
        self._fit()

    @property
    def dragging(self) -> bool:
        """Whether the handle is in the user's hand."""
        return self._slider.isSliderDown()

    @property
    def merge_key(self) -> str:
        """One key for all changes of one drag, one run of key presses, or one typed value."""
        return f"{self._title}#{self._gesture}"

    def value(self) -> float:
        """Return the value in force."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show another value, without a signal."""
        self._value = value
        self._show()

    def drop_mistyped(self) -> None:
        """Show the value in force again if what is typed cannot be used."""
        self._edit.drop_mistyped()

    def set_range(self, minimum: float, maximum: float, step: float | None = None) -> None:
        """Set the ends; a value outside moves to the nearer end, without a signal."""
        step = self._step if step is None else step
        if (minimum, maximum, step) != (self._minimum, self._maximum, self._step):
            self._minimum, self._maximum, self._step = minimum, maximum, step
            self._value = min(max(self._value, minimum), maximum)
            self._set_slider_range()

    def set_title(self, title: str) -> None:
        """Give it another title."""
        self._title = title
        self._caption.setText(title)
        self._slider.setAccessibleName(title)
        self._edit.setAccessibleName(f"{title}, value")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self._caption)
        top.addStretch(1)
        top.addWidget(self._edit)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(top)
        outer.addWidget(self._slider)

    def _fit(self) -> None:
        width = max(len(self._text(v)) for v in (self._minimum, self._maximum)) + 2
        advance = QFontMetrics(self._theme.font("number")).horizontalAdvance("0")
        self._edit.setFixedWidth(max(width, 6) * advance + self._theme.px(8))
        self._slider.setMinimumHeight(self._theme.px(18))

    def _set_slider_range(self) -> None:
        span = self._maximum - self._minimum
        steps = _LOG_STEPS if self._logarithmic else max(0, round(span / self._step))
        with QSignalBlocker(self._slider):
            self._slider.setRange(0, steps)
            self._slider.setPageStep(max(1, steps // 10))
        self._show()

    def _show(self) -> None:
        self._slider.show_position(self._position(self._value))
        self._edit.show_text(self._text(self._value))

    def _text(self, value: float) -> str:
        text = f"{value + 0.0:.{self._decimals}f}"
        return text.rstrip("0").rstrip(".") if self._trimmed and "." in text else text

    def _position(self, value: float) -> int:
        if self._logarithmic:
            span = math.log(self._maximum / self._minimum)
            return round(_LOG_STEPS * math.log(max(value, self._minimum) / self._minimum) / span)
        return round((value - self._minimum) / self._step)

    def _value_at(self, position: int) -> float:
        if self._logarithmic:
            share = position / _LOG_STEPS
            value = self._minimum * (self._maximum / self._minimum) ** share
        else:
            value = self._minimum + position * self._step
        return round(value, self._decimals) + 0.0

    def _accept(self, text: str) -> float:
        value = parse_number(text)
        if self._decimals == 0 and value != round(value):
            raise ValueError(f"{self._title} must be a whole number.")
        if not self._minimum <= value <= self._maximum:
            low, high = self._text(self._minimum), self._text(self._maximum)
            raise ValueError(f"{self._title} must lie between {low} and {high}.")
        if reason := self._check(value):
            raise ValueError(reason)
        return value

    def _slid(self, position: int) -> None:
        step = -1 if position > self._position(self._value) else 1
        for tried in range(position, self._position(self._value), step):
            if abs(tried - position) > _LONGEST_WALK:
                break
            if not self._check(self._value_at(tried)):
                self._take(self._value_at(tried))
                break
        with QSignalBlocker(self._slider):
            self._slider.setSliderPosition(self._position(self._value))

    def _take(self, value: float) -> None:
        if value != self._value:
            self._value = value
            self._show()
            self.valueChanged.emit(value)

    def _start_gesture(self) -> None:
        self._edit.give_up()
        if not self._pause.isActive():
            self._new_gesture()
        self._pause.start()

    def _new_gesture(self) -> None:
        self._gesture += 1
