"""An interval with a title: two ends that can be typed, and a slider with two handles."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QGridLayout, QWidget

from visualizer.core.numbers import parse_number
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.range_slider import RangeSlider
from visualizer.ui.widgets.value_edit import ValueEdit


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
        may_meet: bool = False,
        name: str = "",
    ) -> None:
        """Build it; `may_meet` lets both ends be the same number.

        `name` is what sentences call it where the title is only a unit.
        """
        super().__init__()
        self._theme, self._name = theme, name or title
        self._title, self._decimals = title, decimals
        self._least = 0.0 if may_meet else 10.0**-decimals
        self._minimum, self._maximum = minimum, maximum
        self._value = value or (minimum, maximum)
        self._gesture = 0
        self._slider = RangeSlider(theme, may_meet=may_meet)
        self._slider.setAccessibleName(title)
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
        self._slider.gestureStarted.connect(self._new_gesture)
        self._slider.valuesChanged.connect(self._take)
        for edit in (self._low, self._high):
            edit.opened.connect(self._new_gesture)
            edit.problem.connect(self.problem)
        self._low.typed.connect(lambda low: self._take(low, self._value[1]))
        self._high.typed.connect(lambda high: self._take(self._value[0], high))
        theme.changed.connect(self._fit)
        self._set_slider_range()

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
        step = max(10.0**-self._decimals, (self._maximum - self._minimum) / 256)
        self._slider.set_range(self._minimum, self._maximum, step)
        self._show()
        self._fit()

    def _fit(self) -> None:
        """Leave room for the longest number at each end."""
        longest = max(len(self._text(end)) for end in (self._minimum, self._maximum))
        advance = QFontMetrics(self._theme.font("number")).horizontalAdvance("0")
        for edit in (self._low, self._high):
            edit.setMinimumWidth(longest * advance + self._theme.px(8))

    def _show(self) -> None:
        self._slider.set_values(*self._value)
        self._low.show_text(self._text(self._value[0]))
        self._high.show_text(self._text(self._value[1]))

    def _text(self, value: float) -> str:
        return f"{value + 0.0:.{self._decimals}f}"

    def _accept_low(self, text: str) -> float:
        value = self._inside(text)
        if value > self._value[1] - self._least / 2:
            verb = "lie below" if self._least else "not lie above"
            raise ValueError(f"The lower end must {verb} {self._text(self._value[1])}.")
        return value

    def _accept_high(self, text: str) -> float:
        value = self._inside(text)
        if value < self._value[0] + self._least / 2:
            verb = "lie above" if self._least else "not lie below"
            raise ValueError(f"The upper end must {verb} {self._text(self._value[0])}.")
        return value

    def _inside(self, text: str) -> float:
        value = parse_number(text)
        if not self._minimum <= value <= self._maximum:
            low, high = self._text(self._minimum), self._text(self._maximum)
            raise ValueError(f"{self._name} must lie between {low} and {high}.")
        return value

    def _take(self, low: float, high: float) -> None:
        low, high = round(low, self._decimals), round(high, self._decimals)
        if high - low < self._least:
            moved_low = low != self._value[0]
            low, high = (high - self._least, high) if moved_low else (low, low + self._least)
        changed = (low, high) != self._value
        self._value = (low, high)
        self._show()
        if changed:
            self.valueChanged.emit(low, high)

    def _new_gesture(self) -> None:
        self._gesture += 1
