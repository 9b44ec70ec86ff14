"""The Image page's smaller panels: planes, numbers, histogram, recomposing, counting weights.

They show what they are given and emit what the user asks for; none writes a model.
"""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QWidget,
)

from visualizer.core.channels import ORDERS, Plane
from visualizer.core.image import Image, short
from visualizer.core.summary import Summary
from visualizer.state.image_page import (
    FILTER_SIDE,
    FILTERS,
    HIDDEN_UNITS,
    LUMA,
    TABLE_SIDE,
    ImageFrame,
    count_weights,
    write,
)
from visualizer.ui import icons
from visualizer.ui.theme import Theme
from visualizer.ui.tooltips import plain
from visualizer.ui.widgets.card import Card, label
from visualizer.ui.widgets.elided_label import ElidedLabel
from visualizer.ui.widgets.fields import LabelledChoice, LabelledSlider
from visualizer.ui.widgets.histogram import Curve, Histogram
from visualizer.ui.widgets.image_view import ImageView
from visualizer.ui.widgets.number_grid import NumberGrid
from visualizer.ui.widgets.wrapped_label import WrappedLabel

_SIDES = (TABLE_SIDE, 7, 5)  # numbers in a row of the table; fewer where they are long

_REST_AS_READ = "planes, table and histogram stay as read"
_LEAST_PLANE = 76  # px: a strip of files over the page takes its room from the planes


class PlaneCard(Card):
    """One plane of the picture with its mean, minimum and maximum."""

    def __init__(self, view: ImageView) -> None:
        super().__init__("")
        self._name = ElidedLabel(role="heading")
        self.heading.hide()
        self.top.insertWidget(0, self._name, 1)
        self.top.setStretch(2, 0)
        self._ends = WrappedLabel("caption")
        self.body.setSpacing(4)
        view.setMinimumHeight(_LEAST_PLANE)
        self.body.addWidget(view, 1)
        self.body.addWidget(self._ends)
        self._view = view

    def show_plane(self, plane: Plane) -> None:
        """Name the plane."""
        self._name.set_text(plane.name)
        self._view.setAccessibleName(f"{plane.name} plane")

    def show_summary(self, frame: ImageFrame, plane: Plane, summary: Summary | None) -> None:
        """Write the statistics, or nothing before they have been counted."""
        if summary is None:
            self.note.setText("")
            self._ends.set_text("")
            return
        mean = write(summary.mean, max(frame.decimals(frame.space), 1))
        self.note.setText(f"mean {mean}{plane.unit}")
        low, high = (frame.text(v) + plane.unit for v in (summary.minimum, summary.maximum))
        invalid = f" · {summary.invalid:,}\u00a0invalid" if summary.invalid else ""
        self._ends.set_text(f"min {low} · max {high}{invalid}")


class TableCard(Card):
    """The numbers around the cursor.

    Signals:
        edited(label, merge key, changes): the user asks for another plane.
        picked(int, int): a cell was clicked; its offset from the cursor, rows down and columns
            right.
    """

    edited = Signal(str, str, dict)
    picked = Signal(int, int)

    def __init__(self, theme: Theme) -> None:
        super().__init__("Pixels under the cursor")
        self._grid = NumberGrid(theme, preferred=44, smallest=18)
        self._grid.setToolTip("Click a number to go to its pixel")
        self._choice = LabelledChoice(theme, "", name="Plane in the table", tip="What to show")
        self.top.addWidget(self._choice)
        self.body.addWidget(self._grid, 1)
        self._choice.currentChanged.connect(
            lambda key: self.edited.emit("table", "", {"table": key})
        )
        self._side = TABLE_SIDE
        self._shown: tuple[ImageFrame, tuple[int, int] | None] | None = None
        self._grid.clicked.connect(self._pick)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many numbers as there is room for."""
        super().resizeEvent(event)
        if self._shown is not None:
            self.show_cursor(*self._shown)

    def show_frame(self, frame: ImageFrame) -> None:
        """Offer the planes there are."""
        options = [(str(i), plane.name) for i, plane in enumerate(frame.planes)]
        if len(options) > 1:
            options.insert(0, (LUMA, "Luma"))
        self._choice.set_options(options)
        self._choice.set_current(frame.table)

    def show_cursor(self, frame: ImageFrame, cursor: tuple[int, int] | None) -> None:
        """Show the numbers around a pixel; without one, around the middle, unmarked."""
        self._shown = (frame, cursor)
        image = frame.image
        row, column = cursor or (image.height // 2, image.width // 2)
        table = frame.table_at(row, column)
        labels = [
            [write(v, table.decimals) if known else "" for v, known in zip(*line, strict=True)]
            for line in zip(table.values.tolist(), table.inside.tolist(), strict=True)
        ]
        letters = max(table.letters, *(len(text) for line in labels for text in line))
        self._side = next((s for s in _SIDES if self._grid.has_room(s, letters)), _SIDES[-1])
        half, cut = self._side // 2, (TABLE_SIDE - self._side) // 2
        kept = slice(cut, TABLE_SIDE - cut)
        low, high = table.value_range
        self._grid.set_values(
            table.values[kept, kept], low=low, high=high, inside=table.inside[kept, kept],
            labels=[line[kept] for line in labels[kept]], letters=letters,
        )  # fmt: skip
        self._grid.set_highlight(half if cursor else None, half)
        rows = _span(row - half, row + half, image.height)
        columns = _span(column - half, column + half, image.width)
        self._grid.set_caption(f"rows {rows}, columns {columns}")

    def _pick(self, row: int, column: int) -> None:
        half = self._side // 2
        self.picked.emit(row - half, column - half)


class HistogramCard(Card):
    """How often each value occurs, and where the pixel under the cursor stands.

    Signals:
        edited(label, merge key, changes): the user asks for the other scale.
    """

    edited = Signal(str, str, dict)

    def __init__(self, theme: Theme) -> None:
        super().__init__("Histogram")
        self._said = ElidedLabel(role="muted")
        self.note.hide()
        self.top.insertWidget(2, self._said)
        self._histogram = Histogram(theme)
        self._log = QCheckBox("log scale")
        self._log.setToolTip("Count on a logarithmic scale: rare values become visible")
        self.top.addWidget(self._log)
        self.body.addWidget(self._histogram, 1)
        self._frame: ImageFrame | None = None
        self._summaries: Sequence[Summary] = ()
        self._log.clicked.connect(lambda on: self.edited.emit("log scale", "", {"log_scale": on}))

    def show_frame(self, frame: ImageFrame, summaries: Sequence[Summary]) -> None:
        """Draw the planes that have been counted."""
        self._log.setChecked(frame.settings.log_scale)
        self._histogram.set_logarithmic(frame.settings.log_scale)
        known = self._frame is not None and self._frame.planes == frame.planes
        self._frame = frame
        if known and summaries is self._summaries:
            return
        self._summaries = summaries
        self._histogram.set_curves(
            [
                Curve(plane.letter, plane.role, summary.counts, *plane.value_range, plane.unit)
                for plane, summary in zip(frame.planes, summaries, strict=False)
            ],
            same_scale=frame.space == "RGB",
        )  # fmt: skip

    def show_cursor(self, cursor: tuple[int, int] | None) -> None:
        """Mark the pixel's values."""
        frame = self._frame
        if frame is None or cursor is None:
            self._histogram.set_markers(())
            return
        values = zip(frame.planes, frame.values_at(*cursor), strict=True)
        self._histogram.set_markers([_share(value, plane.value_range) for plane, value in values])

    def show_progress(self, text: str) -> None:
        """Say how far the counting has come."""
        self._said.set_text(text)


class RecomposeCard(Card):
    """Weights, muting and order of the channels the large picture is put together from.

    Signals:
        edited(label, merge key, changes): the user asks for other settings.
    """

    edited = Signal(str, str, dict)

    def __init__(self, theme: Theme) -> None:
        super().__init__("Recompose")
        self._theme = theme
        self._frame: ImageFrame | None = None
        self._sliders = [
            LabelledSlider(theme, letter, 0, 2, step=0.05, decimals=2, value=1,
                           tip="Weight of this channel in the picture, 0 to 2")
            for letter in "RGB"
        ]  # fmt: skip
        self._mutes = [QToolButton() for _ in "RGB"]
        self._order = LabelledChoice(theme, "Shown as", tip="Which channel is shown as which")
        self._reset = QPushButton("Reset")
        self._reset.setToolTip("Weights 1, nothing left out, channels in their own order")
        self._problem = label("", "error")
        self._problem.hide()
        self.top.addWidget(self._problem)
        self.top.addWidget(self._reset)
        self._fields = self._lay_out()
        for i, (slider, mute) in enumerate(zip(self._sliders, self._mutes, strict=True)):
            mute.setCheckable(True)
            slider.valueChanged.connect(lambda value, i=i: self._weigh(i, value))
            slider.problem.connect(self._refuse)
            mute.clicked.connect(lambda on, i=i: self._mute(i, on))
        self._order.currentChanged.connect(self._reorder)
        self._reset.clicked.connect(self._undo_all)
        theme.changed.connect(self._restyle)

    def show_frame(self, frame: ImageFrame) -> None:
        """Show what is chosen; a single channel only has a weight."""
        self._frame = frame
        settings, bands = frame.settings, frame.image.bands
        letters = bands if len(bands) == 3 else (bands[0], "", "")
        for i, field in enumerate(self._fields):
            field.setVisible(i < len(bands))
            self._sliders[i].set_title(letters[i])
            self._sliders[i].set_value(settings.weights[i])
            self._sliders[i].setEnabled(not settings.muted[i])
            self._mutes[i].setChecked(settings.muted[i])
        self._order.setVisible(len(bands) == 3)
        if len(bands) == 3:
            self._order.set_options(
                [(_key(order), " ".join(short(bands)[k] for k in order)) for order in ORDERS]
            )
            self._order.set_current(_key(settings.order))
        self._reset.setEnabled(frame.is_recomposed)
        self.note.setText(_REST_AS_READ if frame.is_recomposed else "the picture as it was read")
        self._restyle()

    def _lay_out(self) -> list[QWidget]:
        row = QHBoxLayout()
        row.setSpacing(16)
        fields = []
        for slider, mute in zip(self._sliders, self._mutes, strict=True):
            field = QWidget()
            inner = QHBoxLayout(field)
            inner.setContentsMargins(0, 0, 0, 0)
            inner.setSpacing(8)
            inner.addWidget(mute)
            inner.addWidget(slider, 1)
            row.addWidget(field, 1)
            fields.append(field)
        row.addWidget(self._order)
        self.body.addLayout(row)
        return fields

    def _weigh(self, index: int, value: float) -> None:
        assert self._frame is not None
        weights = list(self._frame.settings.weights)
        weights[index] = value
        self.edited.emit("weight", self._sliders[index].merge_key, {"weights": tuple(weights)})

    def _mute(self, index: int, on: bool) -> None:
        assert self._frame is not None
        muted = list(self._frame.settings.muted)
        muted[index] = on
        self.edited.emit("mute", "", {"muted": tuple(muted)})

    def _reorder(self, key: str) -> None:
        self.edited.emit("order of channels", "", {"order": tuple(int(digit) for digit in key)})

    def _refuse(self, sentence: str) -> None:
        """Say why a typed weight cannot be used; "" when it can."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))
        self.note.setVisible(not sentence)

    def _undo_all(self) -> None:
        changes = {"weights": (1.0,) * 3, "muted": (False,) * 3, "order": (0, 1, 2)}
        self.edited.emit("reset channels", "", changes)

    def _restyle(self) -> None:
        bands = self._frame.image.bands if self._frame else ()
        icons.fit(self._theme, *self._mutes, side=18)
        for mute, band in zip(self._mutes, bands, strict=False):
            off = mute.isChecked()
            name = "mdi6.eye-off-outline" if off else "mdi6.eye-outline"
            role = "accent" if off else "text"
            mute.setIcon(icons.icon(name, color=getattr(self._theme.colors, role)))
            mute.setToolTip(plain(f"Show {band} again" if off else f"Leave {band} out"))
            mute.setAccessibleName(f"Mute {band}")


class DenseCard(Card):
    """Counts what a dense layer on the whole picture would need, against a convolution.

    Signals:
        edited(label, merge key, changes): the user asks for another number of units.
    """

    edited = Signal(str, str, dict)

    def __init__(self, theme: Theme) -> None:
        super().__init__("Why not a dense layer?")
        self._choice = LabelledChoice(
            theme,
            "",
            [(str(count), f"{count:,} units") for count in HIDDEN_UNITS],
            name="Hidden units",
            tip="How many units the dense layer has",
        )
        self.top.addWidget(self._choice)
        self._dense, self._convolution = label("", "here"), label("", "number")
        self._dense_why, self._convolution_why = WrappedLabel("caption"), WrappedLabel("caption")
        grid = QGridLayout()
        grid.setVerticalSpacing(0)
        grid.setHorizontalSpacing(8)
        grid.setColumnStretch(0, 1)
        for row, (title, number, why) in enumerate(
            (("Dense", self._dense, self._dense_why),
             ("Convolution", self._convolution, self._convolution_why))
        ):  # fmt: skip
            grid.addWidget(label(title, ""), 2 * row, 0)
            grid.addWidget(number, 2 * row, 1, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(why, 2 * row + 1, 0, 1, 2)
        self.body.addLayout(grid)
        self._choice.currentChanged.connect(
            lambda key: self.edited.emit("hidden units", "", {"hidden_units": int(key)})
        )

    def show_frame(self, frame: ImageFrame) -> None:
        """Count for the picture on show."""
        image, units = frame.image, frame.settings.hidden_units
        count = count_weights(image, units)
        self._choice.set_current(str(units))
        self._dense.setText(f"{count.dense:,} weights")
        self._dense_why.set_text(f"{_shape(image)} = {count.inputs:,} inputs × {units:,} units")
        self._convolution.setText(f"{count.convolution:,} weights")
        side = f"{FILTER_SIDE} × {FILTER_SIDE}"
        self._convolution_why.set_text(
            f"{FILTERS} filters of {image.channels} × {side}, a bias each, for any size"
        )


def _shape(image: Image) -> str:
    return f"{image.channels} × {image.height} × {image.width}"


def _span(first: int, last: int, count: int) -> str:
    return f"{max(first, 0)}–{min(last, count - 1)}"


def _share(value: float, value_range: tuple[float, float]) -> float | None:
    low, high = value_range
    return (value - low) / (high - low) if np.isfinite(value) else None


def _key(order: Sequence[int]) -> str:
    return "".join(str(index) for index in order)
