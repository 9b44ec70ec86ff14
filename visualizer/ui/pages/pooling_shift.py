"""Does it matter where? The shifted picture and what becomes of it, side by side, with counts."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from visualizer.core.display import Palette, Rgb8, signed, to_rgb8
from visualizer.core.numbers import format_number, format_share
from visualizer.state.filters import map_region
from visualizer.state.pooling_settings import THRESHOLDS
from visualizer.state.pooling_shift import COMPARED, Shifted, ShiftFrame
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.pages.pooling_controls import KINDS, share
from visualizer.ui.pages.stepping import examples_button
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card, label
from visualizer.ui.widgets.elided_label import ElidedLabel
from visualizer.ui.widgets.fields import LabelledChoice
from visualizer.ui.widgets.image_view import ImageView
from visualizer.ui.widgets.picture import Picture
from visualizer.ui.widgets.viewport import Viewport

_EVEN = 8  # px: columns a pixel wider than others have their words at the same height
_COLOURS = (
    "Orange: more than before the shift, blue: less. The differences of input, maximum and average "
    "share one scale."
)


class ShiftCard(Card):
    """Compares the input, and three ways of making it smaller, before and after a shift.

    Signals:
        thresholdChosen(float): from which share of the range on a change counts.
    """

    thresholdChosen = Signal(float)

    def __init__(self, theme: Theme, viewport: Viewport, examples: Sequence[QAction]) -> None:
        super().__init__("Does it matter where?")
        self._pointed = ElidedLabel(role="small_number")
        self._examples = examples_button(examples)
        self._threshold = LabelledChoice(
            theme, "", [(str(t), _counts(t)) for t in THRESHOLDS], name="A change counts",
            tip="From which share of the range of the numbers before the shift a change counts",
        )  # fmt: skip
        leave_focus(self._threshold)
        self._threshold.currentChanged.connect(lambda key: self.thresholdChosen.emit(float(key)))
        self.input = Compared(theme, viewport, "Input")
        self.pooled = [Compared(theme, viewport, "") for _ in COMPARED]
        self._lay_out()

    def show_comparison(self, frame: ShiftFrame, palette: Palette) -> None:
        """Show what a shift changes."""
        settings = frame.frame.settings
        self._threshold.set_current(str(settings.threshold))
        self.input.show_shifted(frame.input, "Input", palette, settings.threshold)
        titles = {key: title for key, title, _ in KINDS}
        for column, kind, made in zip(self.pooled, COMPARED, frame.pooled, strict=True):
            title = titles[kind]
            if kind == "convolution":
                title = "Convolution"
            column.show_shifted(made, title, palette, settings.threshold)

    def _lay_out(self) -> None:
        for place, widget in ((1, self._pointed), (3, self._examples), (4, self._threshold)):
            self.top.insertWidget(place, widget)
        self.note.hide()
        columns = QHBoxLayout()
        columns.setSpacing(14)
        for column in (self.input, *self.pooled):
            columns.addWidget(column, 1)
            column.pointed.connect(self._pointed.set_text)
        self.body.addLayout(columns, 1)


class Compared(QWidget):
    """One way of making a picture smaller: its map after the shift, the changes, their number.

    Signals:
        pointed(str): what is under the pointer, before the shift and after it.
    """

    pointed = Signal(str)

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
        self._shifted: Shifted | None = None
        for view in (self.after, self.difference):
            view.hovered.connect(self._point)
            view.left.connect(lambda: self.pointed.emit(""))
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
        column.addStretch(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let each picture's words stand right below it."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._shifted is not None:
            height, width, _ = self._shifted.after.shape
            across = self.width() - self.width() % _EVEN
            for view in (self.after, self.difference):
                view.setMaximumHeight(max(across * height // width, view.minimumHeight()) + _EVEN)

    def show_shifted(
        self, shifted: Shifted, title: str, palette: Palette, threshold: float
    ) -> None:
        """Show one comparison. `threshold` is what its changes were counted from."""
        self._shifted = shifted
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
        how = f"by over {format_share(threshold, 0)}" if threshold else "changed"
        self.count.setText(f"{shifted.changed:,} of {shifted.count:,} {how}")
        self._bar.setValue(round(1000 * shifted.share))
        self._fit()

    def _point(self, row: int, column: int) -> None:
        assert self._shifted is not None
        at = row, column, 0
        after, difference = self._shifted.after[at], self._shifted.difference[at]
        before, now, more = (
            format_number(float(x)) for x in (after - difference, after, difference)
        )
        self.pointed.emit(f"[{row}, {column}] before {before}, after {now}: {more}")


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
    return f"Changes over {format_share(threshold, 0)} count"
