"""Stepping a window over a picture: the clock, the keys, the marks, the strip, the transport bar.

Shared by the pages that explain a map cell by cell.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QSizePolicy, QToolButton

from visualizer.core.geometry import Geometry
from visualizer.core.image import Image
from visualizer.core.numbers import format_number
from visualizer.state.stepper import Stepper
from visualizer.ui.actions import Actions
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card, label
from visualizer.ui.widgets.image_view import ImageView
from visualizer.ui.widgets.menu_button import give_menu
from visualizer.ui.widgets.strip import ArithmeticStrip
from visualizer.ui.widgets.strip_parts import Arithmetic
from visualizer.ui.widgets.transport_bar import TransportBar
from visualizer.ui.widgets.viewport import Viewport

_TICK_MS = 16
_SLACK = 12  # px: the card's own spacing around the strip
_BUTTONS_SLACK = 16  # px: above and below the buttons
_SMALL = 32 * 32  # cells: a map up to here is read from its first cell on
_BLANK = "\u00a0"  # as high as a line of text
_TELLING = (0.4, 0.47)  # of height and width: an eye's corner in the first picture

Arrow = Callable[[int, int], None]


class Clock(QObject):
    """Lets a stepper advance while it plays."""

    def __init__(self, stepper: Stepper, parent: QObject) -> None:
        super().__init__(parent)
        self._stepper = stepper
        self._last = 0.0
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        stepper.changed.connect(self._follow)

    def _follow(self) -> None:
        if self._stepper.playing and not self._timer.isActive():
            self._last = time.perf_counter()
            self._timer.start()
        elif not self._stepper.playing:
            self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        self._last, seconds = now, now - self._last
        self._stepper.advance(seconds)


class Walk:
    """Keeps the window in the input and the cell in the map where a stepper is.

    Pointing at either picture moves the stepper, a click pins.

    Attributes:
        geometry: where the windows are, once that is known.
    """

    def __init__(
        self, stepper: Stepper, input_view: ImageView, map_view: ImageView, bar: TransportBar
    ) -> None:
        self.geometry: Geometry | None = None
        self._stepper, self._bar = stepper, bar
        self._input, self._map = input_view, map_view
        input_view.hovered.connect(lambda *at: stepper.point(self._over(*at)))
        input_view.clicked.connect(lambda *at: stepper.toggle_pin(self._over(*at)))
        map_view.hovered.connect(lambda *at: stepper.point(stepper.index(*at)))
        map_view.clicked.connect(lambda *at: stepper.toggle_pin(stepper.index(*at)))
        for view in (input_view, map_view):
            view.left.connect(stepper.leave)

    @property
    def viewport(self) -> Viewport:
        """What both pictures are seen through."""
        return self._input.viewport

    def take(self, geometry: Geometry, *, anew: bool) -> None:
        """Step over another grid: of another picture, or the same place of the same one."""
        before, self.geometry = self.geometry, geometry
        stepper, columns = self._stepper, geometry.out_width
        with stepper.moved.blocked(), stepper.changed.blocked():
            if anew or before is None:
                stepper.restart(geometry.out_height, columns, telling_place(geometry))
                self.viewport.fit()
            else:
                at = before.centre(*stepper.row_column(stepper.position))
                row, column = geometry.cell_over(*at)
                stepper.resize(geometry.out_height, columns, row * columns + column)

    def show(self) -> None:
        """Show the window, the cell, what is computed, and how far the stepping is."""
        if self.geometry is None:
            return
        stepper, view = self._stepper, self._map
        row, column = stepper.row_column(stepper.position)
        window = self.geometry.window(row, column)
        self._input.set_window(*window, step=self.geometry.dilation)
        view.set_cell(row, column)
        view.set_pin(*_cell(stepper, stepper.pinned))
        view.set_hidden_cell(*_cell(stepper, stepper.shown if stepper.hidden else None))
        view.set_revealed(None if stepper.complete else stepper.computed)
        self._bar.set_state(stepper.position, stepper.count, stepper.playing, stepper.speed)
        pointing = self._input.underMouse() or view.underMouse()
        if not self.viewport.fitted and not pointing:
            self._input.ensure_visible(*window)

    def status(self, image: Image) -> str:
        """Return which pixel of the input is in the middle of the window, and its values."""
        if self.geometry is None:
            return ""
        at = self.geometry.centre(*self._stepper.row_column(self._stepper.position))
        row, column = (int(x + 0.5) for x in at)
        text = f"row {row}  column {column}"
        if 0 <= row < image.height and 0 <= column < image.width:
            values = zip(image.bands, image.pixels[row, column], strict=True)
            text += "   " + "  ".join(f"{band} {format_number(value)}" for band, value in values)
        return text

    def _over(self, row: int, column: int) -> int:
        """Return the cell whose window is centred on an input pixel."""
        if self.geometry is None:
            return 0
        return self._stepper.index(*self.geometry.cell_over(row, column))


def telling_place(geometry: Geometry) -> int:
    """Return the cell at which a picture's window stands before anyone has moved it."""
    rows, columns = geometry.out_height, geometry.out_width
    if rows * columns <= _SMALL:
        return 0
    return int(rows * _TELLING[0]) * columns + int(columns * _TELLING[1])


class StripCard(Card):
    """The arithmetic of the shown cell, and how it is told: exactly, or to be predicted.

    Signals:
        exactChosen(bool): numbers are to be written out, or rounded.
        weightHovered(row, column), weightLeft(): the place of the window under the pointer.
    """

    exactChosen = Signal(bool)
    weightHovered = Signal(int, int)
    weightLeft = Signal()

    def __init__(
        self, theme: Theme, examples: Sequence[QAction], commands: Sequence[QAction]
    ) -> None:
        """Build it. `examples` are in a menu; each of `commands` has a button."""
        super().__init__("")
        self.strip = ArithmeticStrip(theme)
        self._exact = QToolButton()
        self._exact.setText("Exact")
        self._exact.setCheckable(True)
        self._exact.setToolTip("Write numbers out with up to nine digits, or rounded")
        self._side = QGridLayout()
        self._side.setSpacing(6)
        driven = (_driven(command) for command in commands)
        self._buttons = [examples_button(examples), self._exact, *driven]
        for button in self._buttons:
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            leave_focus(button)
            button.setAccessibleName(button.text())
        self._columns = 0
        self._arrange()
        self.heading.hide()
        self.note.hide()
        self._caption = label("", "muted")
        self._caption.setWordWrap(True)
        self._caption.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._caption.hide()
        self._captions: WeakKeyDictionary[Image, tuple[str, object]] = WeakKeyDictionary()
        beside = QHBoxLayout()
        beside.setSpacing(10)
        beside.addWidget(self.strip, 1)
        beside.addLayout(self._side)
        self.body.setSpacing(2)
        self.body.addWidget(self._caption)
        self.body.addLayout(beside, 1)
        self._exact.clicked.connect(self.exactChosen)
        self.strip.weightHovered.connect(self.weightHovered)
        self.strip.weightLeft.connect(self.weightLeft)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons into one column, or two where there is little height."""
        super().resizeEvent(event)
        self._arrange()

    def show_cell(self, content: Arithmetic, *, exact: bool, hidden: bool) -> None:
        """Show a cell's arithmetic, written out or not, its results hidden or not."""
        self._exact.setChecked(exact)
        self.strip.set_exact(exact)
        self.strip.hide_output(hidden)
        self.strip.show_arithmetic(content)

    def keep_caption(self, image: Image, text: str, about: object) -> None:
        """Say what a worked example shows, now and whenever its picture comes back.

        `about` is what is done to the picture: while it is something else, the line is blank.
        """
        self._captions[image] = text, about
        self.show_caption(image, about)

    def show_caption(self, image: Image | None, about: object = None) -> None:
        """Say what a picture shows, if that was told of what is done to it; None says nothing."""
        told = None if image is None else self._captions.get(image)
        self._caption.setVisible(told is not None)
        if told is not None:
            self._caption.setText(told[0] if told[1] == about else _BLANK)

    def wanted_height(self) -> int:
        """Return the height at which the strip need not scroll."""
        room = self.layout()
        assert room is not None
        margins = room.contentsMargins()
        height = self.strip.sizeHint().height() + margins.top() + margins.bottom() + _SLACK
        if self._caption.isHidden():
            return height
        return height + self._caption.heightForWidth(self.width() - 2 * margins.left())

    def _arrange(self) -> None:
        side, count = self._side, len(self._buttons)
        high = self._buttons[0].sizeHint().height() + side.spacing()
        columns = 1 if self.height() >= count * high + _BUTTONS_SLACK else 2
        if columns != self._columns:
            self._columns = columns
            for i, button in enumerate(self._buttons):
                side.addWidget(button, 1 + i // columns, i % columns)
            last = 1 + (count - 1) // columns
            for row in range(count + 2):
                side.setRowStretch(row, 1 if row in (0, last + 1) else 0)

    def light(self, row: int | None, column: int = 0) -> None:
        """Outline a weight, as it lies on the picture; None: none."""
        self.strip.set_highlight(row, column)


def examples_button(examples: Sequence[QAction]) -> QToolButton:
    """Return a button with a menu of worked examples."""
    button = QToolButton()
    button.setText("Examples")
    button.setAccessibleName("Examples")
    button.setToolTip("Small inputs to check by hand")
    menu = QMenu(button)
    menu.addActions(list(examples))
    give_menu(button, menu)
    leave_focus(button)
    return button


def _driven(command: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(command)
    return button


def add_step_commands(
    actions: Actions, prefix: str, stepper: Stepper, page: str, arrow: Arrow | None = None
) -> None:
    """Register the keys of stepping as `prefix`.play and so on.

    `arrow(down, right)` is what the arrow keys do instead of stepping.
    """

    def step(down: int, right: int) -> None:
        if down:
            stepper.next_row(down)
        else:
            stepper.step(right)

    arrow = arrow or step
    add = partial(actions.add, menu="Step", page=page)
    for key, text, run, keys, tip in (
        ("play", "Play or pause", stepper.toggle, "Space",
         "Let the window go on by itself; in Predict, to the next hidden cell"),
        ("step", "Step", partial(arrow, 0, 1), ("Right", "PgDown"),
         "One cell on; a presenter's clicker works too"),
        ("back", "Step back", partial(arrow, 0, -1), ("Left", "PgUp"), "One cell back"),
        ("next_row", "Next row", partial(arrow, 1, 0), "Down",
         "To the first cell of the next row"),
        ("previous_row", "Previous row", partial(arrow, -1, 0), "Up",
         "To the first cell of the row above"),
        ("first", "First cell", stepper.first, "Home", "To the first cell"),
        ("last", "Last cell", stepper.last, "End", "To the last cell, everything computed"),
        ("predict", "Predict", stepper.predict, "P",
         "Hide each output until Reveal, for asking the class; Play stops at every cell"),
        ("reveal", "Reveal", stepper.reveal, "R", "Show the hidden output; Space goes on"),
        ("release", "Let go", partial(release, stepper), "Esc",
         "Let the pinned cell go; without one, end the stepping and show the whole map"),
    ):  # fmt: skip
        add(f"{prefix}.{key}", text, run, shortcuts=keys, tip=tip, checkable=key == "predict")
    reveal = actions[f"{prefix}.reveal"]
    reveal.setEnabled(stepper.predicting)
    stepper.changed.connect(lambda: reveal.setEnabled(stepper.predicting))


def add_zoom_commands(actions: Actions, prefix: str, viewport: Viewport, page: str) -> None:
    """Register the keys of zooming as `prefix`.fit and so on."""
    add = partial(actions.add, menu="View", page=page)
    add(f"{prefix}.fit", "Fit", viewport.fit, shortcuts="0", tip="Show all of it")
    add(f"{prefix}.actual", "100 %", viewport.hundred, shortcuts="1",
        tip="One pixel of the picture for one of the screen")  # fmt: skip
    add(f"{prefix}.zoom_in", "Zoom in", lambda: viewport.zoom_by(1.25), shortcuts=("+", "="),
        tip="Zoom in; the wheel zooms at the pointer")  # fmt: skip
    add(f"{prefix}.zoom_out", "Zoom out", lambda: viewport.zoom_by(0.8), shortcuts="-",
        tip="Zoom out")  # fmt: skip


def release(stepper: Stepper) -> None:
    """Let the pinned cell go, or else show the whole map."""
    if stepper.pinned is not None:
        stepper.unpin()
    else:
        stepper.show_all()


def transport(theme: Theme, actions: Actions, prefix: str, stepper: Stepper) -> TransportBar:
    """Return a transport bar that drives and follows a stepper."""
    bar = TransportBar(theme)
    names = ("first", "back", "play", "step", "next_row", "last")
    bar.set_actions({name: actions[f"{prefix}.{name}"] for name in names})
    bar.sought.connect(stepper.seek)
    bar.speedChanged.connect(stepper.set_speed)
    return bar


def _cell(stepper: Stepper, index: int | None) -> tuple[int | None, int]:
    return (None, 0) if index is None else stepper.row_column(index)
