"""Labelled inputs: a slider whose value can be typed, a choice, a range, a row of segments.

None of them emits when its value is set by the program; only what the user does is told.
"""

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from superqt import QDoubleRangeSlider

from visualizer.core.numbers import parse_number
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.slider import ARROWS, Slider, keep_keys
from visualizer.ui.widgets.value_edit import ValueEdit

_LOG_STEPS = 1000
_LONGEST_WALK = 2000  # slider steps tried on the way back from a value that cannot be used
_PAUSE_MS = 900  # keys and wheel turns closer together than this are one gesture

Option = tuple[str, str] | tuple[str, str, str] | str | None


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

    def set_check(self, check: Callable[[float], str]) -> None:
        """Set what tells why a value cannot be used ("" when it can)."""
        self._check = check

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
        self.setFocusProxy(self._slider)

    def _fit(self) -> None:
        width = max(len(self._text(v)) for v in (self._minimum, self._maximum)) + 2
        advance = self._edit.fontMetrics().horizontalAdvance("0")
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
        if not self._pause.isActive():
            self._new_gesture()
        self._pause.start()

    def _new_gesture(self) -> None:
        self._gesture += 1


class _ComboBox(QComboBox):
    """A combo box that a wheel turned over a page does not change."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        keep_keys(self, *ARROWS, Qt.Key.Key_Space)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Add the arrow, in the theme's colour, which a style sheet can only take from a file."""
        super().paintEvent(event)
        px, middle = self._theme.px, self.height() / 2
        right = self.width() - px(12)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("muted"), px(1.5)))
        painter.drawPolyline(
            [
                QPointF(right - px(4), middle - px(2)),
                QPointF(right, middle + px(2)),
                QPointF(right + px(4), middle - px(2)),
            ]
        )

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave an unfocused box to the page that scrolls."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class LabelledChoice(QWidget):
    """A choice of one among several. With an empty title only the box is shown.

    Signals:
        currentChanged(str): the user chose another key.
    """

    currentChanged = Signal(str)

    def __init__(
        self,
        theme: Theme,
        title: str,
        options: Sequence[Option] = (),
        *,
        name: str = "",
        tip: str = "",
    ) -> None:
        """Build it. `name` is what assistive technology calls it when there is no title."""
        super().__init__()
        self._theme = theme
        self._current = ""
        self._box = _ComboBox(theme)
        self._box.setAccessibleName(title or name)
        self._box.setToolTip(tip)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(4)
        if title:
            outer.addWidget(label(title, "muted"))
        outer.addWidget(self._box)
        self.setFocusProxy(self._box)
        self.set_options(options)
        self._box.activated.connect(self._activated)

    def set_options(self, options: Sequence[Option]) -> None:
        """Offer (key, text) or (key, text, tooltip); a str is a group's heading, None a line.

        The current key stays when it is still offered, else the first becomes current.
        """
        with QSignalBlocker(self._box):
            self._box.clear()
            for option in options:
                if option is None:
                    self._box.insertSeparator(self._box.count())
                elif isinstance(option, str):
                    self._add_heading(option)
                else:
                    self._box.addItem(option[1], option[0])
                    tip = option[2] if len(option) == 3 else ""
                    self._box.setItemData(self._box.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        keys = [option[0] for option in options if isinstance(option, tuple)]
        if keys:
            self.set_current(self._current if self._current in keys else keys[0])

    def current(self) -> str:
        """Return the chosen key."""
        return self._current

    def set_current(self, key: str) -> None:
        """Choose `key`, without a signal. Raises KeyError when it is not offered."""
        index = self._box.findData(key)
        if index < 0:
            raise KeyError(key)
        self._current = key
        self._box.setCurrentIndex(index)

    def set_enabled_keys(self, keys: set[str] | None) -> None:
        """Let only these be chosen (None: all of them)."""
        model = self._box.model()
        assert isinstance(model, QStandardItemModel)
        for row in range(self._box.count()):
            key = self._box.itemData(row)
            if key is not None:
                model.item(row).setEnabled(keys is None or key in keys)

    def _add_heading(self, text: str) -> None:
        if self._box.count():
            self._box.insertSeparator(self._box.count())
        self._box.addItem(text)
        model = self._box.model()
        assert isinstance(model, QStandardItemModel)
        item = model.item(self._box.count() - 1)
        item.setEnabled(False)
        item.setFont(self._theme.font("caption"))

    def _activated(self, index: int) -> None:
        key = self._box.itemData(index)
        if key is not None and key != self._current:
            self._current = key
            self.currentChanged.emit(key)


class LabelledRange(QWidget):
    """A title, the two ends of an interval that can be typed, and a slider with two handles.

    Signals:
        valueChanged(float, float): the user chose another interval (low, high).
        problem(str): why what is typed cannot be used; "" once it can.
    """

    valueChanged = Signal(float, float)
    problem = Signal(str)

    def __init__(
        self,
        theme: Theme,
        title: str,
        minimum: float,
        maximum: float,
        *,
        decimals: int = 0,
        value: tuple[float, float] | None = None,
    ) -> None:
        super().__init__()
        self._theme, self._title, self._decimals = theme, title, decimals
        self._minimum, self._maximum = minimum, maximum
        self._value = value or (minimum, maximum)
        self._gesture = 0
        self._slider = QDoubleRangeSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName(title)
        self._slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        keep_keys(self._slider, *ARROWS)
        self._low = ValueEdit(f"{title}, lower end", self._accept_low, "Lower end: click to type")
        self._high = ValueEdit(f"{title}, upper end", self._accept_high, "Upper end: click to type")
        self._low.setAlignment(Qt.AlignmentFlag.AlignLeft)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(self._low, 0, 0)
        grid.addWidget(label(title, "muted"), 0, 1, Qt.AlignmentFlag.AlignCenter)
        grid.addWidget(self._high, 0, 2)
        grid.addWidget(self._slider, 1, 0, 1, 3)
        self._slider.sliderPressed.connect(self._new_gesture)
        self._slider.valueChanged.connect(self._take)
        for edit in (self._low, self._high):
            edit.opened.connect(self._new_gesture)
            edit.problem.connect(self.problem)
        self._low.typed.connect(lambda low: self._take((low, self._value[1])))
        self._high.typed.connect(lambda high: self._take((self._value[0], high)))
        theme.changed.connect(self._restyle)
        self._set_slider_range()
        self._restyle()

    @property
    def merge_key(self) -> str:
        """One key for all changes of one drag or one typed value."""
        return f"{self._title}#{self._gesture}"

    def value(self) -> tuple[float, float]:
        """Return the interval in force: (low, high)."""
        return self._value

    def set_value(self, low: float, high: float) -> None:
        """Show another interval, without a signal."""
        self._value = (low, high)
        self._show()

    def set_range(self, minimum: float, maximum: float, decimals: int | None = None) -> None:
        """Set the ends the handles can reach, and how many decimals there are.

        The interval is cut to the ends, without a signal.
        """
        self._minimum, self._maximum = minimum, maximum
        self._decimals = self._decimals if decimals is None else decimals
        low, high = self._value
        self._value = (max(low, minimum), min(high, maximum))
        if not self._value[0] < self._value[1]:
            self._value = (minimum, maximum)
        self._set_slider_range()

    def _set_slider_range(self) -> None:
        with QSignalBlocker(self._slider):
            self._slider.setRange(self._minimum, self._maximum)
            self._slider.setSingleStep(max(10.0**-self._decimals, self._span() / 256))
        self._show()

    def _span(self) -> float:
        return self._maximum - self._minimum

    def _show(self) -> None:
        with QSignalBlocker(self._slider):
            self._slider.setValue(self._value)
        self._low.show_text(self._text(self._value[0]))
        self._high.show_text(self._text(self._value[1]))

    def _text(self, value: float) -> str:
        return f"{value + 0.0:.{self._decimals}f}"

    def _accept_low(self, text: str) -> float:
        value = self._inside(text)
        if value >= self._value[1]:
            raise ValueError(f"The lower end must lie below {self._text(self._value[1])}.")
        return value

    def _accept_high(self, text: str) -> float:
        value = self._inside(text)
        if value <= self._value[0]:
            raise ValueError(f"The upper end must lie above {self._text(self._value[0])}.")
        return value

    def _inside(self, text: str) -> float:
        value = parse_number(text)
        if not self._minimum <= value <= self._maximum:
            low, high = self._text(self._minimum), self._text(self._maximum)
            raise ValueError(f"{self._title} must lie between {low} and {high}.")
        return value

    def _take(self, value: tuple[float, float]) -> None:
        low, high = (round(end, self._decimals) for end in value)
        smallest = 10.0**-self._decimals
        if high - low < smallest:
            moved_low = low != self._value[0]
            low, high = (high - smallest, high) if moved_low else (low, low + smallest)
        if (low, high) != self._value:
            self._value = (low, high)
            self._show()
            self.valueChanged.emit(low, high)

    def _new_gesture(self) -> None:
        self._gesture += 1

    def _restyle(self) -> None:
        colors, px = self._theme.colors, self._theme.px
        self._slider.setStyleSheet(
            f"""
            QSlider::groove:horizontal {{ height: {px(3)}px; background: {colors.border}; }}
            QSlider::sub-page:horizontal {{ background: {colors.border}; }}
            QSlider::handle:horizontal {{ background: {colors.text}; width: {px(14)}px;
                height: {px(14)}px; margin: -{px(6)}px 0; border-radius: {px(7)}px; }}
            QRangeSlider {{ qproperty-barColor: {colors.accent}; }}
            """
        )
        self._slider.setMinimumHeight(px(18))


class SegmentedButtons(QWidget):
    """A row of buttons of which exactly one is down.

    Signals:
        changed(str): the user chose another key.
    """

    changed = Signal(str)

    def __init__(
        self,
        theme: Theme,
        options: Sequence[tuple[str, str] | tuple[str, str, str]],
        *,
        name: str = "",
    ) -> None:
        """Build it of (key, text) or (key, text, tooltip); the first is down."""
        super().__init__()
        self.setAccessibleName(name)
        self._buttons: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(6))
        for option in options:
            button = QToolButton()
            button.setText(option[1])
            button.setCheckable(True)
            button.setToolTip(option[2] if len(option) == 3 else "")
            button.setAccessibleName(f"{name}: {option[1]}" if name else option[1])
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            keep_keys(button, Qt.Key.Key_Space, *ARROWS)
            self._buttons[option[0]] = button
            self._group.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        self._current = options[0][0]
        self._buttons[self._current].setChecked(True)
        self._group.buttonToggled.connect(self._toggled)

    def current(self) -> str:
        """Return the key of the button that is down."""
        return self._current

    def set_current(self, key: str) -> None:
        """Press `key`, without a signal. Raises KeyError when there is none such."""
        self._current = key
        self._buttons[key].setChecked(True)

    def button(self, key: str) -> QToolButton:
        """Return one of the buttons, for instance to disable it."""
        return self._buttons[key]

    def _toggled(self, button: QToolButton, down: bool) -> None:
        key = next(k for k, made in self._buttons.items() if made is button)
        if down and key != self._current:
            self._current = key
            self.changed.emit(key)
