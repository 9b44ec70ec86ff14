"""The Filters page's two pictures: what goes in, and the feature map that comes out."""

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from visualizer.core.display import Palette
from visualizer.core.numbers import format_number
from visualizer.state.filters import FilterFrame, LaidFilter
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.color_bar import ColorBar
from visualizer.ui.widgets.fields import LabelledChoice, SegmentedButtons
from visualizer.ui.widgets.image_view import ImageView
from visualizer.ui.widgets.number_line import NumberLine
from visualizer.ui.widgets.viewport import Viewport

_APPLIED_TO = (
    ("luma", "Luma", "The grey of the picture: 0.299 R + 0.587 G + 0.114 B"),
    ("each", "Each channel", "The same kernel on every channel, a feature map for each"),
    ("across", "Across channels", "One filter: a kernel plane for each channel, summed"),
)
_DISPLAYS = (
    ("auto", "Automatic", "Signed colours where numbers are negative, else grey from 0"),
    ("diverging", "Signed colours", "0 neutral, positive orange, negative blue"),
    ("clamp", "Clamp", "The picture's own range from black to white; what lies beyond is cut"),
    ("absolute", "Absolute", "The size without the sign, on the picture's own range"),
    ("offset", "Plus 128", "128 grey levels are added, so that 0 is middle grey"),
    ("rescale", "Rescale", "The smallest number black, the largest white"),
)
_BEYOND = "Cells whose number lies outside the scale look like the nearer of its ends,"
_NARROWEST = 96  # px at scale 1: a choice in a narrow card
_NAMES = {"R": "Red", "G": "Green", "B": "Blue"}


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

    def show_laid(self, laid: LaidFilter) -> None:
        """Keep room for as many lines as the size formula takes: both pictures align."""
        geometry = laid.geometry
        self.lines[3].setVisible(geometry.formula("rows") != geometry.formula("columns"))

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
    """Shows what the filter is laid on, and asks for something else.

    Signals:
        appliedTo(kind, channel): what the user wants the filter applied to.
    """

    appliedTo = Signal(str, int)

    def __init__(self, theme: Theme, viewport: Viewport) -> None:
        super().__init__(theme, "Input", viewport, "Input picture")
        self._bands: tuple[str, ...] = ()
        self._applied = self._choice((), "Applied to", "What the filter is applied to")
        self._put_controls(self._applied)
        self._applied.currentChanged.connect(self._chosen)

    def show_laid(self, laid: LaidFilter) -> None:
        """Show what a filter is laid on, but for the picture itself."""
        super().show_laid(laid)
        settings, image = laid.settings, laid.image
        if image.bands != self._bands:
            self._bands = image.bands
            self._offer()
        key = settings.applied_to if image.channels > 1 else "luma"
        self._applied.set_current(f"channel {settings.channel}" if key == "channel" else key)
        self.note.setText(f"{image.height} × {image.width}")
        self.view.set_padding(laid.geometry.padding, settings.border)

    def show_window(self, laid: LaidFilter, row: int, column: int, pinned: bool) -> None:
        """Say where the window of an output cell is."""
        top, left, height, width = laid.geometry.window(row, column)
        at = laid.geometry.centre(row, column)
        middle = ("centre " + ", ".join(format_number(x) for x in at), "muted")
        self.lines[0].show_parts(
            ("window at row ", "muted"), (str(top), "here"), (", column ", "muted"),
            (str(left), "here"),
        )  # fmt: skip
        self.lines[1].show_parts(middle, (f" · {height} × {width} pixels", "muted"))
        note = "pinned: Esc or another click lets it go" if pinned else ""
        self.lines[2].show_parts((note, "here"))

    def _offer(self) -> None:
        several = len(self._bands) > 1
        channels = [
            (f"channel {i}", f"{_NAMES.get(band, band)} only", f"The channel {band} alone")
            for i, band in enumerate(self._bands)
        ]
        options = _APPLIED_TO if several else (("luma", "The one channel", "There is but one"),)
        self._applied.set_options([*options, *(channels if several else ())])
        self._applied.setEnabled(several)

    def _chosen(self, key: str) -> None:
        kind, _, channel = key.partition(" ")
        self.appliedTo.emit(kind, int(channel or 0))


class MapCard(PictureCard):
    """Shows the feature map and what is true of its numbers; asks for other colours.

    Signals:
        edited(label, merge key, changes): other settings are wanted.
        mapChosen(index): which of several feature maps is to be looked at.
    """

    edited = Signal(str, str, dict)
    mapChosen = Signal(int)

    def __init__(self, theme: Theme, viewport: Viewport) -> None:
        super().__init__(theme, "Feature map", viewport, "Feature map")
        self._display = self._choice(_DISPLAYS, "Display", "How signed numbers are shown")
        self._bar = ColorBar(theme)
        self._below.removeWidget(self.lines[0])
        self.lines[0].deleteLater()
        self._scale = QHBoxLayout()
        self._scale.setSpacing(8)
        self._scale.addWidget(self._bar, 1)
        self._below.insertLayout(0, self._scale)
        self._tabs: SegmentedButtons | None = None
        self._bands: tuple[str, ...] = ()
        self._put_controls(self._display)
        self._display.currentChanged.connect(
            lambda mode: self.edited.emit("display", "", {"display": mode})
        )
        theme.changed.connect(self._fit_tabs)
        self.view.set_placeholder("Filtering…")

    def show_laid(self, laid: LaidFilter) -> None:
        """Show what is known before the numbers are."""
        super().show_laid(laid)
        geometry = laid.geometry
        self._display.set_current(laid.settings.display)
        self.note.setText(f"{geometry.out_height} × {geometry.out_width}")
        self._show_tabs(laid)
        down, along = geometry.formula("rows"), geometry.formula("columns")
        self.lines[2].show_parts(*_formula("" if down == along else "H ", down))
        self.lines[3].show_parts(*_formula("W ", along))

    def show_numbers(self, frame: FilterFrame, palette: Palette) -> None:
        """Print the extremes, the scale, and what the colours cannot show."""
        low, high = frame.scale
        ramp = np.linspace(low, high, 256, dtype=np.float32)[np.newaxis, :, np.newaxis]
        colors = frame.paint(np.repeat(ramp, frame.maps, axis=2), frame.scale, palette)
        self._bar.set_scale(colors, format_number(low), format_number(high))
        smallest, largest = (format_number(value) for value in frame.extremes)
        beyond, invalid = frame.beyond_and_invalid
        parts = [("min ", "muted"), (smallest, "text"), (" max ", "muted"), (largest, "text")]
        short: list[tuple[str, str]] = []
        if beyond:
            cells = "1 cell" if beyond == 1 else f"{beyond:,} cells"
            short = [*parts, (f" · {cells} beyond", "here")]
            parts += [(f" · {cells} beyond the scale", "here")]
        if invalid:
            bad = (f" · {invalid:,} not finite", "invalid")
            parts, short = [*parts, bad], [*short, bad] if short else []
        tip = f"{_BEYOND} {format_number(low)} or {format_number(high)}." if beyond else ""
        self.lines[1].show_parts(*parts, short=tuple(short), tip=tip)

    def _fit_tabs(self) -> None:
        """Keep the tabs as low as the scale beside them: what is under both stays in place."""
        if self._tabs is not None:
            px = self._theme.px
            self._tabs.setStyleSheet(f"QToolButton {{ padding: 0 {px(7)}px; }}")
            self._tabs.setFixedHeight(self._bar.sizeHint().height())

    def _show_tabs(self, laid: LaidFilter) -> None:
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


def _formula(prefix: str, formula: str) -> list[tuple[str, str]]:
    """Return the parts of a size formula, the result in the colour of "here"."""
    left, _, result = formula.rpartition(" = ")
    return [(prefix, "muted"), (f"{left} = ", "muted"), (result, "here")]
