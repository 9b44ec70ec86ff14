"""The two pictures of a page that explains an operation: what goes in, and the map that comes out.

Shared by the Filters and the Pooling page.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from visualizer.core.correlation import FeatureMap
from visualizer.core.display import Palette, Rgb8
from visualizer.core.geometry import Axis, Border, Geometry
from visualizer.core.numbers import format_number
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.choices import Option
from visualizer.ui.widgets.color_bar import ColorBar
from visualizer.ui.widgets.fields import LabelledChoice, SegmentedButtons
from visualizer.ui.widgets.image_view import ImageView
from visualizer.ui.widgets.number_line import NumberLine
from visualizer.ui.widgets.viewport import Viewport

_ONE_CHANNEL = ("luma", "The one channel", "There is but one")
_BEYOND = "Cells whose number lies outside the scale look like the nearer of its ends,"
_NARROWEST = 96  # px at scale 1: a choice in a narrow card
FIRST_ROW = 30  # px at scale 1: the height of a card's first row, also without a control in it
_NAMES = {"R": "Red", "G": "Green", "B": "Blue"}


class Laid(Protocol):
    """An operation laid on a picture, as far as the cards show it."""

    @property
    def geometry(self) -> Geometry:
        """Where the windows are."""

    @property
    def bands(self) -> tuple[str, ...]:
        """The names of the channels that are taken."""

    @property
    def maps(self) -> int:
        """How many maps come out."""

    @property
    def map_looked_at(self) -> int:
        """Which of them the arithmetic is shown for."""

    @property
    def applied(self) -> str:
        """What the operation is applied to, as one word."""

    @property
    def border(self) -> Border:
        """What the padding contains."""

    def formula(self, axis: Axis) -> str:
        """Return the size formula with the numbers put in."""


class Numbers(Laid, Protocol):
    """The same with all numbers known, and their colours."""

    @property
    def scale(self) -> tuple[float, float]:
        """The numbers painted as the two ends of the scale."""

    @property
    def extremes(self) -> tuple[float, float]:
        """The smallest and the largest finite number."""

    @property
    def beyond_and_invalid(self) -> tuple[int, int]:
        """How many numbers lie beyond the ends of the scale; how many are not finite."""

    def paint(self, block: FeatureMap, ends: tuple[float, float], palette: Palette) -> Rgb8:
        """Return any block (h, w, K) of the maps as RGB (h, w, 3)."""


class PictureCard(Card):
    """A picture between a row of controls and lines of numbers."""

    def __init__(self, theme: Theme, title: str, viewport: Viewport, name: str) -> None:
        super().__init__(title)
        self._theme = theme
        self.view = ImageView(theme, viewport)
        self.view.setAccessibleName(name)
        self.lines = tuple(NumberLine(theme) for _ in range(4))
        self._below = QVBoxLayout()
        self._below.setSpacing(0)
        for line in self.lines:
            self._below.addWidget(line)
        self.body.setSpacing(6)
        self.body.addWidget(self.view, 1)
        self.body.addLayout(self._below)

    def show_laid(self, laid: Laid) -> None:
        """Keep room for as many lines as the size formula takes: both pictures align."""
        self.lines[3].setVisible(laid.formula("rows") != laid.formula("columns"))

    def height_around(self) -> int:
        """Return how much higher this is than its picture, which gives way to the last line."""
        for layout in (self._below, self.body):
            layout.invalidate()  # what was shown or hidden just now counts at once
        last = 0 if self.lines[3].isHidden() else self.lines[3].sizeHint().height()
        return self.sizeHint().height() - self.view.sizeHint().height() - last

    def _choice(self, options: object, name: str, tip: str) -> LabelledChoice:
        choice = LabelledChoice(self._theme, "", options, name=name, tip=tip)  # type: ignore[arg-type]
        leave_focus(choice)
        box = choice.findChild(QComboBox)
        assert isinstance(box, QComboBox)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for part in (choice, box):
            part.setMinimumWidth(self._theme.px(_NARROWEST))
        return choice

    def _put_controls(self, *controls: QWidget) -> None:
        """Put controls between the heading and the note."""
        row = QHBoxLayout()
        row.setSpacing(6)
        for control in controls:
            row.addWidget(control)
        self.top.insertLayout(1, row)


class InputCard(PictureCard):
    """Shows what an operation is laid on, and asks for something else.

    Signals:
        appliedTo(kind, channel): what the user wants the operation applied to.
    """

    appliedTo = Signal(str, int)

    def __init__(self, theme: Theme, viewport: Viewport, kinds: Sequence[Option]) -> None:
        """Build it. `kinds` is what a colour picture offers besides its channels."""
        super().__init__(theme, "Input", viewport, "Input picture")
        self._kinds = tuple(kinds)
        self._extra: tuple[Option, ...] = ()
        self._bands: tuple[str, ...] = ()
        self._applied = self._choice((), "Applied to", "What it is applied to")
        self._put_controls(self._applied)
        self._applied.currentChanged.connect(self._chosen)

    def control_height(self) -> int:
        """Return how high the first row is."""
        return self._applied.sizeHint().height()

    def offer(self, bands: tuple[str, ...], extra: tuple[Option, ...] = ()) -> None:
        """Offer a picture's channels, and other inputs beside it."""
        if (bands, extra) != (self._bands, self._extra):
            self._bands, self._extra = bands, extra
            several = len(bands) > 1
            channels = [
                (f"channel {i}", f"{_NAMES.get(band, band)} only", f"The channel {band} alone")
                for i, band in enumerate(bands)
            ]
            options = (*self._kinds, *channels) if several else (_ONE_CHANNEL,)
            self._applied.set_options((*options, *extra))
            self._applied.setEnabled(several or bool(extra))

    def show_laid(self, laid: Laid) -> None:
        """Show what an operation is laid on, but for the picture itself."""
        super().show_laid(laid)
        geometry = laid.geometry
        self._applied.set_current(laid.applied)
        self.note.setText(f"{geometry.height} × {geometry.width}")
        self.view.set_padding(geometry.padding, laid.border)

    def show_window(
        self, laid: Laid, row: int, column: int, pinned: bool, origin: str = ""
    ) -> None:
        """Say where the window of an output cell is, and where the input comes from."""
        top, left, height, width = laid.geometry.window(row, column)
        at = laid.geometry.centre(row, column)
        middle = ("centre " + ", ".join(format_number(x) for x in at), "muted")
        self.lines[0].show_parts(
            ("window at row ", "muted"), (str(top), "here"), (", column ", "muted"),
            (str(left), "here"),
        )  # fmt: skip
        self.lines[1].show_parts(middle, (f" · {height} × {width} pixels", "muted"))
        note = ("pinned: Esc or another click lets it go", "here") if pinned else (origin, "text")
        self.lines[2].show_parts(note)

    def _chosen(self, key: str) -> None:
        kind, _, channel = key.partition(" ")
        self.appliedTo.emit(kind, int(channel or 0))


class MiddleCard(Card):
    """The card between the two pictures: narrow where it is tall, else wide.

    Attributes:
        tall_from: the height from which on it is tall, in px at scale 1.
        widths: how wide it is when it is tall, and when it is not.
    """

    tall_from: int
    widths: tuple[int, int]

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__(title)
        self._theme = theme

    def is_tall_at(self, height: int) -> bool:
        """Return whether everything stands in one column where it has this height."""
        return height >= self._theme.px(self.tall_from)

    def width_at(self, height: int) -> int:
        """Return how wide it is where it has this height."""
        tall, wide = self.widths
        return self._theme.px(tall if self.is_tall_at(height) else wide)


class MapCard(PictureCard):
    """Shows the map that comes out and what is true of its numbers.

    Signals:
        mapChosen(index): which of several maps is to be looked at.
    """

    mapChosen = Signal(int)

    def __init__(self, theme: Theme, title: str, viewport: Viewport, placeholder: str) -> None:
        super().__init__(theme, title, viewport, title)
        self._bar = ColorBar(theme)
        self._below.removeWidget(self.lines[0])
        self.lines[0].deleteLater()
        self._scale = QHBoxLayout()
        self._scale.setSpacing(8)
        self._scale.addWidget(self._bar, 1)
        self._below.insertLayout(0, self._scale)
        self._tabs: SegmentedButtons | None = None
        self._bands: tuple[str, ...] = ()
        theme.changed.connect(self._fit_tabs)
        self.view.set_placeholder(placeholder)

    def show_laid(self, laid: Laid) -> None:
        """Show what is known before the numbers are."""
        super().show_laid(laid)
        self.note.setText(f"{laid.geometry.out_height} × {laid.geometry.out_width}")
        self._show_tabs(laid)
        down, along = laid.formula("rows"), laid.formula("columns")
        self.lines[2].show_parts(*_formula("" if down == along else "H ", down))
        self.lines[3].show_parts(*_formula("W ", along))

    def show_numbers(self, frame: Numbers, palette: Palette) -> None:
        """Print the extremes, the scale, and what the colours cannot show."""
        low, high = frame.scale
        ramp = np.linspace(low, high, 256, dtype=np.float32)[np.newaxis, :, np.newaxis]
        colors = frame.paint(np.repeat(ramp, frame.maps, axis=2), frame.scale, palette)
        self._bar.set_scale(colors, format_number(low), format_number(high))
        smallest, largest = (format_number(value) for value in frame.extremes)
        beyond, invalid = frame.beyond_and_invalid
        extremes = (("min ", "muted"), (smallest, "text"), (" max ", "muted"), (largest, "text"))
        bad = ((f" · {invalid:,} not finite", "invalid"),) if invalid else ()
        cells = "1 cell" if beyond == 1 else f"{beyond:,} cells"
        counts = (f"{cells} beyond the scale", f"{cells} beyond", f"{beyond:,} beyond")
        lines = [(*extremes, (f" · {count}", "here"), *bad) for count in counts if beyond]
        lines = lines or [(*extremes, *bad)]
        if beyond or invalid:
            lines.append((*extremes, (" · …", "here")))
        tip = f"{_BEYOND} {format_number(low)} or {format_number(high)}." if beyond else ""
        self.lines[1].show_parts(*lines[0], shorter=tuple(lines[1:]), tip=tip)

    def _fit_tabs(self) -> None:
        """Keep the tabs as low as the scale beside them: what is under both stays in place."""
        if self._tabs is not None:
            px = self._theme.px
            self._tabs.setStyleSheet(f"QToolButton {{ padding: 0 {px(7)}px; }}")
            self._tabs.setFixedHeight(self._bar.sizeHint().height())

    def _show_tabs(self, laid: Laid) -> None:
        """Offer a tab for each feature map where there are several."""
        bands = laid.bands if laid.maps > 1 else ()
        if bands != self._bands:
            self._bands = bands
            if self._tabs is not None:
                self._tabs.hide()
                self._tabs.deleteLater()
                self._tabs = None
            if bands:
                tabs = [(str(i), b, f"Look at the map of {b}") for i, b in enumerate(bands)]
                self._tabs = SegmentedButtons(self._theme, tabs, name="Feature map")
                self._tabs.changed.connect(lambda key: self.mapChosen.emit(int(key)))
                leave_focus(self._tabs)
                self._fit_tabs()
                self._scale.addWidget(self._tabs)
        if self._tabs is not None:
            self._tabs.set_current(str(laid.map_looked_at))


def signed_palette(theme: Theme) -> Palette:
    """Return the colours of signed numbers, and of invalid ones."""
    return Palette(*(theme.rgb(name) for name in ("negative", "neutral", "positive", "invalid")))


def _formula(prefix: str, formula: str) -> list[tuple[str, str]]:
    """Return the parts of a size formula, the result in the colour of "here"."""
    left, _, result = formula.rpartition(" = ")
    return [(prefix, "muted"), (f"{left} = ", "muted"), (result, "here")]
