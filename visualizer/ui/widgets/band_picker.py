"""Which bands of a picture with two, or with more than three, are on show."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.fields import LabelledChoice, SegmentedButtons


class BandPicker(QWidget):
    """Three choices for red, green and blue, or one band shown as grey.

    Signals:
        picked(object): the user chose these bands: a tuple of one or three indices.
    """

    picked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mode = SegmentedButtons(
            theme,
            (
                ("colour", "As colour", "Three bands shown as red, green and blue"),
                ("grey", "One band", "One band shown as grey"),
            ),
            name="Bands",
        )
        self.choices = [
            LabelledChoice(theme, "", name=f"Band shown as {colour}", tip=f"Band shown as {colour}")
            for colour in ("red", "green", "blue")
        ]
        self._letters = [label(letter, "muted") for letter in "RGB"]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label("Bands", "muted"))
        row.addWidget(self.mode)
        for letter, choice in zip(self._letters, self.choices, strict=True):
            row.addWidget(letter)
            row.addWidget(choice)
            choice.currentChanged.connect(lambda _: self.picked.emit(self._indices()))
        row.addStretch(1)
        self.mode.changed.connect(lambda _: self._change_mode())

    def set_bands(self, names: Sequence[str], picked: tuple[int, ...]) -> None:
        """Offer the bands by name and show which are picked, without a signal."""
        options = [(str(i), name) for i, name in enumerate(names)]
        for i, choice in enumerate(self.choices):
            choice.set_options(options)
            choice.set_current(str(picked[i] if i < len(picked) else i % len(names)))
        self.mode.set_current("colour" if len(picked) == 3 else "grey")
        self._show_mode()

    def _change_mode(self) -> None:
        self._show_mode()
        self.picked.emit(self._indices())

    def _show_mode(self) -> None:
        colour = self.mode.current() == "colour"
        self._letters[0].setVisible(colour)
        for part in (*self._letters[1:], *self.choices[1:]):
            part.setVisible(colour)

    def _indices(self) -> tuple[int, ...]:
        used = self.choices if self.mode.current() == "colour" else self.choices[:1]
        return tuple(int(choice.current()) for choice in used)
