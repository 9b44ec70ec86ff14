"""Does it matter where? The shifted picture and what becomes of it, side by side, with counts."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualizer.core.display import Palette, Rgb8, signed, to_rgb8
from visualizer.state.filters import map_region
from visualizer.state.pooling_settings import FARTHEST, THRESHOLDS
from visualizer.state.pooling_shift import COMPARED, Shifted, ShiftFrame
from visualizer.ui.icons import icon
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.pages.pooling_controls import KINDS, share
from visualizer.ui.pages.stepping import examples_button
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card, label
from visualizer.ui.widgets.fields import LabelledChoice
from visualizer.ui.widgets.image_view import ImageView
from visualizer.ui.widgets.picture import Picture
from visualizer.ui.widgets.viewport import Viewport
from visualizer.ui.widgets.wrapped_label import WrappedLabel

_MOVES = (
    ("Shift up", "mdi6.arrow-up", (-1, 0), (0, 1)),
    ("Shift left", "mdi6.arrow-left", (0, -1), (1, 0)),
    ("Shift right", "mdi6.arrow-right", (0, 1), (1, 2)),
    ("Shift down", "mdi6.arrow-down", (1, 0), (2, 1)),
)  # name, icon, by how much, place in the cross
_WHY = (
    "The picture moves by whole pixels; what comes in repeats the edge. A maximum stays the same "
    "as long as its pixel stays in the window; a mean and a filter answer to every change."
)


_COLOURS = (
    "Orange: more than before the shift, blue: less. The differences of input, maximum and average "
    "share one scale."
)


class ShiftCard(Card):
    """Compares the input, and three ways of making it smaller, before and after a shift.

    Signals:
        moved(down, right): the picture is to be shifted so much further.
        centred(): it is to be put back where it was.
        thresholdChosen(float): from which share of the range on a change counts.
    """

    moved = Signal(int, int)
    centred = Signal()
    thresholdChosen = Signal(float)

    def __init__(self, theme: Theme, viewport: Viewport, examples: Sequence[QAction]) -> None:
        super().__init__("Does it matter where?")
        self._examples = examples_button(examples)
        self._theme = theme
        self._arrows: list[tuple[QToolButton, str]] = []
        self._where = label("", "here")
        self._threshold = LabelledChoice(
            theme, "", [(str(t), _counts(t)) for t in THRESHOLDS], name="A change counts",
            tip="From which share of the range of its own numbers on a change is counted",
        )  # fmt: skip
        leave_focus(self._threshold)
        self._threshold.currentChanged.connect(lambda key: self.thresholdChosen.emit(float(key)))
        self.input = Compared(theme, viewport, "Input")
        self.pooled = [Compared(theme, viewport, "") for _ in COMPARED]
        self._why = WrappedLabel("caption")
        self._why.set_text(_WHY)
        self._lay_out()
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_comparison(self, frame: ShiftFrame, palette: Palette) -> None:
        """Show what a shift changes."""
        settings = frame.frame.settings
        self._where.setText(_described(*settings.shift))
        self._threshold.set_current(str(settings.threshold))
        self.input.show_shifted(frame.input, "Input", palette)
        titles = {key: title for key, title, _ in KINDS}
        for column, kind, made in zip(self.pooled, COMPARED, frame.pooled, strict=True):
            title = titles[kind]
            if kind == "convolution":
                title = f"Convolution, stride {settings.window.stride}"
            column.show_shifted(made, title, palette)

    @property
    def buttons(self) -> Sequence[QToolButton]:
        """The arrows, and what puts the picture back."""
        return [button for button, _ in self._arrows]

    def _lay_out(self) -> None:
        moving = QWidget()
        moving.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(moving)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addLayout(self._cross())
        beside = QVBoxLayout()
        beside.setSpacing(4)
        beside.addStretch(1)
        beside.addWidget(self._where)
        beside.addWidget(self._why)
        beside.addStretch(1)
        row.addLayout(beside, 1)
        self.top.insertWidget(2, self._examples)
        self.top.insertWidget(3, self._threshold)
        self.note.hide()
        columns = QHBoxLayout()
        columns.setSpacing(14)
        for column in (self.input, *self.pooled):
            columns.addWidget(column, 1)
        self.body.addWidget(moving)
        self.body.addLayout(columns, 1)

    def _cross(self) -> QGridLayout:
        cross = QGridLayout()
        cross.setSpacing(3)
        for name, symbol, move, place in _MOVES:
            button = self._button(name, symbol, f"{name} by one pixel; the arrow keys do it too")
            button.clicked.connect(partial(self._move, *move))
            button.setAutoRepeat(True)
            cross.addWidget(button, *place)
        back = self._button("Back in place", "mdi6.image-filter-center-focus", "No shift")
        back.clicked.connect(lambda: self.centred.emit())
        cross.addWidget(back, 1, 1)
        return cross

    def _move(self, down: int, right: int, _checked: bool = False) -> None:
        self.moved.emit(down, right)

    def _button(self, name: str, symbol: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(name)
        button.setToolTip(tip)
        leave_focus(button)
        self._arrows.append((button, symbol))
        return button

    def _restyle(self) -> None:
        px = self._theme.px
        for button, symbol in self._arrows:
            button.setIcon(icon(symbol, color=self._theme.colors.text))
            button.setIconSize(QSize(px(14), px(14)))
            button.setFixedSize(px(30), px(26))


class Compared(QWidget):
    """One way of making a picture smaller: its map after the shift, the changes, their number."""

    def __init__(self, theme: Theme, viewport: Viewport, title: str) -> None:
        super().__init__()
        self._title = label(title, "heading")
        self._size = label("", "caption")
        self.after, self.difference = ImageView(theme, viewport), ImageView(theme, viewport)
        self.share, self.count = label("", "large_number"), label("", "caption")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setFixedHeight(6)
        self._bar.setAccessibleName("Share of the numbers that changed")
        top = QHBoxLayout()
        top.addWidget(self._title)
        top.addStretch(1)
        top.addWidget(self._size)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        for view, text in (
            (self.after, "after the shift"), (self.difference, "difference: after − before"),
        ):  # fmt: skip
            caption = label(text, "caption")
            caption.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(view, 1)
            column.addWidget(caption)
        column.addWidget(self.share)
        column.addWidget(self._bar)
        column.addWidget(self.count)

    def show_shifted(self, shifted: Shifted, title: str, palette: Palette) -> None:
        """Show one comparison."""
        height, width, _ = shifted.after.shape
        self._title.setText(title)
        self._size.setText(f"{height} × {width}")
        for view, name in ((self.after, "after the shift"), (self.difference, "difference")):
            view.setAccessibleName(f"{title}: {name}")
            view.setToolTip(_COLOURS if view is self.difference else "")
            if shifted.geometry is not None:
                view.frame.place(region=map_region(shifted.geometry))
        self.after.set_picture(_picture(shifted, palette), shifted.after)
        self.difference.set_picture(
            Picture(
                shifted.difference, height, width,
                lambda block: signed(np.ascontiguousarray(block[:, :, 0]), shifted.largest,
                                     palette),
            ),
            shifted.difference,
        )  # fmt: skip
        self.share.setText(share(shifted.changed, shifted.count))
        self.count.setText(f"{shifted.changed:,} of {shifted.count:,} changed")
        self._bar.setValue(round(1000 * shifted.share))


def _picture(shifted: Shifted, palette: Palette) -> Picture:
    low, high = shifted.scale

    def paint(block: np.ndarray) -> Rgb8:
        if shifted.mode == "diverging":
            return signed(np.ascontiguousarray(block[:, :, 0]), high, palette)
        return to_rgb8(block, low, high, palette.invalid)

    return Picture.of(shifted.after, paint)


def _counts(threshold: float) -> str:
    if threshold == 0:
        return "Every change counts"
    return f"Changes over {threshold:.0%} count".replace("%", " %")


def _described(down: int, right: int) -> str:
    words = []
    for amount, names in ((down, ("up", "down")), (right, ("left", "right"))):
        if amount:
            words.append(f"{abs(amount)} {names[amount > 0]}")
    where = " and ".join(words)
    most = f" (at most {FARTHEST})" if FARTHEST in (abs(down), abs(right)) else ""
    return f"shifted {where}{most}" if where else "not shifted"
