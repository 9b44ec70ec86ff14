"""Where one number of a network comes from: its arithmetic, what it sees, the way back to it."""

from collections.abc import Callable, Sequence
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from visualizer.learning.arithmetic import chain
from visualizer.learning.cells import Cell, ConvolutionCell, PixelCell, Place, WindowCell
from visualizer.learning.frozen import Frozen
from visualizer.learning.receptive_field import Field, receptive_fields
from visualizer.learning.wiring import INPUT
from visualizer.ui.pages.cell_lines import Writer, coloured, place_of, weight_of
from visualizer.ui.pages.cell_strips import (
    Strip,
    channels_of,
    channels_shown,
    shades,
    strip_of,
)
from visualizer.ui.pages.train_inside import Box
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card, label, scrolled
from visualizer.ui.widgets.channel_list import ChannelList
from visualizer.ui.widgets.wrapped_label import WrappedLabel
from visualizer.ui.widgets.wrapping_strip import WrappingStrip

_MOST_CRUMBS = 4


class ArithmeticPanel(Card):
    """Shows the arithmetic of a number of a frozen network, and the numbers it was reached by.

    Signals:
        moved(): another number is shown, or none any more.
        weightWanted(str, tuple): a gradient step is wanted of this layer's weight, or bias, there.
        closed(): the user wants to see no more.

    Attributes:
        frozen: the network, or None.
        fields: the receptive fields of the number shown.
    """

    moved = Signal()
    weightWanted = Signal(str, tuple)
    closed = Signal()

    def __init__(self, theme: Theme, *, offers_steps: bool = True) -> None:
        """`offers_steps`: whether one gradient step of its weights can be asked for."""
        super().__init__("How this number came about")
        self._theme = theme
        self._trail: list[Place] = []
        self._classes: tuple[str, ...] = ()
        self._strip_shown: Strip | None = None
        self._exact, self._channel = False, 0
        self._offers_steps = offers_steps
        self.frozen: Frozen | None = None
        self.fields: tuple[Field, ...] = ()
        self.note.hide()
        self._back = self._tool("← Back", "To the number before (Backspace)", self.back)
        self._exact_button = self._tool(
            "Exact", "Up to nine digits, or rounded", self._toggle_exact
        )
        self._exact_button.setCheckable(True)
        close = self._tool("Close", "Back to all layers (Esc)", self.closed.emit)
        for button in (self._back, self._exact_button, close):
            self.top.addWidget(button)
        self._crumbs = WrappedLabel("muted")
        self._crumbs.setTextFormat(Qt.TextFormat.RichText)
        self._crumbs.linkActivated.connect(self._go_back_to)
        self._title = WrappedLabel("here")
        self.channels = ChannelList(theme)
        self.channels.chosen.connect(self._choose_channel)
        self.strip = WrappingStrip(theme)
        self.strip.cellClicked.connect(self._step_into)
        self.strip.setToolTip("Click a number under the window to see how it came about")
        self.text = label("", "number")
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.text.linkActivated.connect(self._follow)
        self._sees = WrappedLabel("muted")
        self._check = WrappedLabel("muted")
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.text)
        column.addWidget(self._sees)
        column.addStretch(1)
        scroll = scrolled(inner, "The arithmetic in numbers")
        self._scroll = scroll
        self.body.addWidget(self._crumbs)
        self.body.addWidget(self._title)
        self.body.addWidget(self._check)  # in sight whatever follows
        self.body.addWidget(self.channels)
        self.body.addWidget(self.strip, 3)
        self.body.addWidget(scroll, 1)
        self.setAccessibleName("How this number came about")
        theme.changed.connect(self._show)

    @property
    def place(self) -> Place | None:
        """The number on show."""
        return self._trail[-1] if self._trail else None

    @property
    def trail(self) -> Sequence[Place]:
        """The numbers on the way to the one on show, itself included."""
        return tuple(self._trail)

    def show_place(self, frozen: Frozen, classes: tuple[str, ...], place: Place) -> None:
        """Show a number that was clicked among the maps.

        It is a step on the way if the number on show depends on it; else a new way begins.
        """
        is_on_the_way = place != self.place and any(
            field.layer == place.layer and field.mask[place.at] for field in self.fields
        )
        self.frozen, self._classes = frozen, classes
        self._trail = [*self._trail, place] if is_on_the_way else [place]
        self._channel = 0
        self._show()

    def show_frozen(self, frozen: Frozen) -> None:
        """Show the same number at another moment, or of another image."""
        self.frozen = frozen
        if self._trail:
            self._show()

    def follow(self, place: Place) -> None:
        """Go on to a number that feeds the one on show."""
        self._trail.append(place)
        self._channel = 0
        self._show()

    def back(self) -> None:
        """Go back by one number."""
        if len(self._trail) > 1:
            self._trail.pop()
            self._show()

    def clear(self) -> None:
        """Show nothing any more."""
        self._trail.clear()
        self.fields = ()
        self.moved.emit()

    def marks(self) -> dict[str, Box]:
        """Return where the number on show is among the maps, and what it depends on."""
        place = self.place
        if place is None:
            return {}
        boxes: dict[str, Box] = {}
        for field in self.fields[1:]:
            is_whole = field.mask.ndim == 1 or bool(field.mask.all())
            if not is_whole or field.layer == INPUT:
                boxes[field.layer] = (field.channel, field.box)
        if len(place.at) == 3:
            boxes[place.layer] = (place.at[0], (*place.at[1:], 1, 1))
        elif len(place.at) == 1:
            boxes[place.layer] = (0, (0, place.at[0], 1, 1))
        return boxes

    def _toggle_exact(self) -> None:
        self._exact = not self._exact
        self._show()

    def _follow(self, link: str) -> None:
        weight = weight_of(link)
        if weight is None:
            self.follow(place_of(link))
        else:
            self.weightWanted.emit(*weight)

    def _go_back_to(self, link: str) -> None:
        del self._trail[int(link) + 1 :]
        self._show()

    def _step_into(self, _plane: int, row: int, column: int) -> None:
        shown = self._strip_shown
        if shown is None or self.frozen is None or not self._trail:
            return
        cell = chain(self.frozen, self._trail[-1])[0]
        assert isinstance(cell, WindowCell)
        at_row, at_column = int(shown.rows[row]), int(shown.columns[column])
        if at_row >= 0 and at_column >= 0:
            self.follow(Place(cell.before[0], (shown.channel, at_row, at_column)))

    def _show(self) -> None:
        frozen, place = self.frozen, self.place
        if frozen is None or place is None:
            return
        last = next(reversed(frozen.nodes))
        writer = Writer(self._classes, self._exact, last, self._offers_steps)
        cells = chain(frozen, place)
        self.fields = receptive_fields(frozen, place)
        self._show_window(cells[0], frozen)
        lines = writer.all_lines(cells)
        if isinstance(cells[0], PixelCell):
            lines.append(writer.channels(place, frozen.probe))
        lines += filter(None, [writer.step(cells[0])])
        self.text.setText(coloured("".join(f"<p>{line}</p>" for line in lines), self._theme))
        self.text.setVisible(bool(lines))
        self._title.set_text(
            f"{writer.name(place)}:  {writer.number(cells[-1].output)}   at step {frozen.step:,}"
        )
        self._check.set_text(writer.check(cells))
        self._sees.set_text(_sees(self.fields))
        self._crumbs.set_text(self._crumb_text(writer))
        self._back.setEnabled(len(self._trail) > 1)
        self.moved.emit()

    def _show_window(self, cell: Cell, frozen: Frozen) -> None:
        """Show the window the number is made from; of a filter with many channels, one channel."""
        plane = 0
        many = isinstance(cell, ConvolutionCell) and len(cell.channels) > 1
        self.channels.setVisible(many)
        if isinstance(cell, ConvolutionCell) and many:
            planes = channels_shown(cell)
            self._channel = min(self._channel, len(planes) - 1)
            plane = planes[self._channel]
            tones = shades(cell, frozen)
            listed = channels_of(cell, self._exact)
            self.channels.show_channels(listed, self._channel, tones.low, tones.high)
        self._strip_shown = strip_of(cell, frozen, plane)
        self.strip.setVisible(self._strip_shown is not None)
        if self._strip_shown is not None:
            self.strip.set_exact(self._exact)
            self.strip.show_arithmetic(self._strip_shown.content)

    def _choose_channel(self, index: int) -> None:
        self._channel = index
        self._show()

    def _crumb_text(self, writer: Writer) -> str:
        first = max(0, len(self._trail) - _MOST_CRUMBS)
        crumbs = [
            f'<a href="{i}">{escape(writer.short_name(place))}</a>'
            for i, place in enumerate(self._trail[first:-1], first)
        ]
        dots = ["…"] if first else []
        if crumbs:
            return " › ".join([*dots, *crumbs, "here"])
        if self._strip_shown is not None:
            return "Click a number under the window to see where it comes from in turn."
        return "Click an underlined number to see where it comes from in turn."

    def _tool(self, text: str, tip: str, run: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.clicked.connect(lambda _checked=False: run())
        return button


def _sees(fields: tuple[Field, ...]) -> str:
    """Return how much of each layer before it a number depends on."""
    parts: list[str] = []
    before = ""
    for field in reversed(fields[1:]):
        _, _, rows, columns = field.box
        size = f"{rows} × {columns}" if field.mask.ndim == 3 else f"{field.mask.sum():,}"
        # What only changes numbers in place says nothing new, nor does a single number.
        if size != before and field.mask.sum() > 1:
            name = "the image" if field.layer == INPUT else field.layer
            parts.append(f"{size} of {name}")
        before = size
    return f"Its receptive field: {', '.join(parts)}." if parts else ""
