"""Which weight of a layer is looked at: a row of numbers that can be typed, and its bias."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.spin import Spin

_NAMES = {4: ("filter", "channel", "row", "column"), 2: ("unit", "input")}
_FIRST = (1, 1, 0, 0)  # rows and columns are counted from 0, everything else from 1


class WeightPlace(QWidget):
    """Shows the place of a weight in its layer; every one can be chosen.

    Signals:
        chosen(tuple): the user wants the weight, or with one number the bias, at this place.
    """

    chosen = Signal(tuple)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._at: tuple[int, ...] = ()  # of the weight shown last, to come back to from a bias
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._labels = [label("", "muted") for _ in range(4)]
        self.spins = [Spin(theme, "Place of the weight", 0, 0) for _ in range(4)]
        for name, spin in zip(self._labels, self.spins, strict=True):
            spin.valueChanged.connect(lambda _value: self.chosen.emit(self._typed()))
            row.addWidget(name)
            row.addWidget(spin)
        self.bias = QToolButton()
        self.bias.setText("Bias")
        self.bias.setAccessibleName("Bias")
        self.bias.setToolTip("The bias of the same filter or unit, in place of a weight")
        self.bias.setCheckable(True)
        self.bias.clicked.connect(self._turn)
        row.addWidget(self.bias)
        row.addStretch(1)

    def show_place(self, shape: tuple[int, ...], at: tuple[int, ...]) -> None:
        """Show the place `at` in weights of `shape`; one number: the bias there."""
        is_bias = len(at) == 1
        if not is_bias:
            self._at = at
        elif len(self._at) == len(shape):
            self._at = (*at, *self._at[1:])
        else:
            self._at = (*at, *(size // 2 for size in shape[1:]))
        self.bias.setChecked(is_bias)
        names = _NAMES[len(shape)]
        for i, (text, spin) in enumerate(zip(self._labels, self.spins, strict=True)):
            is_used = i < (1 if is_bias else len(shape))
            text.setVisible(is_used)
            spin.setVisible(is_used)
            if is_used:
                first, name = _FIRST[i], names[i].capitalize()
                text.setText(names[i])
                with QSignalBlocker(spin):
                    spin.setRange(first, shape[i] - 1 + first)
                    spin.setValue(at[i] + first)
                spin.setAccessibleName(name)
                spin.setToolTip(f"{name}, {first} to {shape[i] - 1 + first}")

    def _typed(self) -> tuple[int, ...]:
        used = (spin for spin in self.spins if not spin.isHidden())
        return tuple(spin.value() - first for spin, first in zip(used, _FIRST, strict=False))

    def _turn(self, to_bias: bool) -> None:
        self.chosen.emit(self._at[:1] if to_bias else self._at)
