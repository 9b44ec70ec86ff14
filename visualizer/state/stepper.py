"""Walking the cells of an output grid one after another, in reading order.

The map is computed up to the window: stepping fills it in, stepping back empties it again.
Pointing at a cell only looks there. Convolution and pooling share this model; it knows neither
pixels nor a clock: a timer calls `advance` with the seconds that have passed.
"""

from psygnal import Signal

SLOWEST, FASTEST = 1.0, 10_000.0
_LONGEST_TICK = 0.25  # seconds; a machine that slept does not leap through the picture


class Stepper:
    """The place of the window among `rows` × `columns` cells, numbered in reading order.

    `complete` means that the whole map is on show, whatever the place. It is so at the start,
    and again once the last cell has been reached.

    Signals:
        moved: the place, or how much of the map is on show, is another one.
        changed: playing, speed, the pin, predicting or the grid's size is another one.
    """

    moved = Signal()
    changed = Signal()

    def __init__(self, rows: int = 1, columns: int = 1, place: int = 0) -> None:
        self._rows, self._columns = rows, columns
        self._place = place
        self._looking: int | None = None
        self._pinned: int | None = None
        self._complete = True
        self._playing = False
        self._elapsed = 0.0
        self._speed = 30.0
        self._predicting = False
        self._revealed = False
        self._was_complete = True

    # What is on show

    @property
    def rows(self) -> int:
        """Rows of the grid."""
        return self._rows

    @property
    def columns(self) -> int:
        """Columns of the grid."""
        return self._columns

    @property
    def count(self) -> int:
        """How many cells there are."""
        return self._rows * self._columns

    @property
    def position(self) -> int:
        """The cell the window is at: where it was stepped to, or the one pointed at."""
        return self._place if self._looking is None else self._looking

    @property
    def pinned(self) -> int | None:
        """The cell whose arithmetic stays on show, if one is pinned."""
        return self._pinned

    @property
    def shown(self) -> int:
        """The cell whose arithmetic is on show."""
        return self.position if self._pinned is None else self._pinned

    @property
    def computed(self) -> int:
        """How many cells of the map are on show, from the first one on."""
        if self._complete:
            return self.count
        return self._place + (0 if self.hidden else 1)

    @property
    def complete(self) -> bool:
        """Whether the whole map is on show."""
        return self._complete

    @property
    def playing(self) -> bool:
        """Whether `advance` moves."""
        return self._playing

    @property
    def speed(self) -> float:
        """Steps a second, 1 to 10,000."""
        return self._speed

    @property
    def predicting(self) -> bool:
        """Whether each cell's output stays hidden until `reveal`."""
        return self._predicting

    @property
    def hidden(self) -> bool:
        """Whether the output of the shown cell is being kept back."""
        return self._predicting and not self._revealed

    def row_column(self, index: int) -> tuple[int, int]:
        """Return the row and column of a cell."""
        return divmod(index, self._columns)

    def index(self, row: int, column: int) -> int:
        """Return the number of a cell; one outside the grid gives the nearest inside."""
        row = min(max(row, 0), self._rows - 1)
        return row * self._columns + min(max(column, 0), self._columns - 1)

    # Another grid

    def restart(self, rows: int, columns: int, place: int) -> None:
        """Take another picture's grid: everything on show, the window at `place`."""
        self._rows, self._columns = rows, columns
        self._place = self._inside(place)
        self._looking = self._pinned = None
        self._complete = not self._predicting
        self._playing = self._revealed = False
        self.changed.emit()
        self.moved.emit()

    def resize(self, rows: int, columns: int, place: int) -> None:
        """Take a grid of another size for the same picture, the window now at `place`."""
        if (rows, columns) == (self._rows, self._columns):
            return
        self._rows, self._columns = rows, columns
        self._place = self._inside(place)
        self._looking = None
        self._pinned = None
        self.changed.emit()
        self.moved.emit()

    # Stepping

    def seek(self, index: int) -> None:
        """Go to a cell, letting a pinned one go; the map is on show up to it."""
        self._pause()
        self._let_go()
        self._go(index)

    def step(self, cells: int = 1) -> None:
        """Go on, or back, by so many cells."""
        self.seek(self._place + cells)

    def next_row(self, rows: int = 1) -> None:
        """Go to the first cell of the row so many rows on, or back."""
        row = min(max(self._place // self._columns + rows, 0), self._rows - 1)
        self.seek(row * self._columns)

    def first(self) -> None:
        """Go to the first cell."""
        self.seek(0)

    def last(self) -> None:
        """Go to the last cell, everything computed."""
        self.seek(self.count - 1)

    def show_all(self) -> None:
        """End the stepping: the whole map on show, the window where it is."""
        self._pause()
        self._place = self.position
        self._looking = None
        if self._predicting:
            self.predict(False)
        if not self._complete:
            self._complete = True
            self.moved.emit()

    def play(self) -> None:
        """Go on by itself; from the first cell when the whole map is on show.

        While predicting it stops at the next cell, which is hidden.
        """
        if self._playing:
            return
        at_end = self._place == self.count - 1
        if self._predicting:
            self.seek(0 if at_end else self._place + 1)
            return
        self._playing = True
        self._elapsed = 0.0
        self._pinned = None
        self.changed.emit()
        self._go(0 if self._complete or at_end else self._place)

    def pause(self) -> None:
        """Stop going on by itself."""
        self._pause()

    def toggle(self) -> None:
        """Play or pause."""
        if self._playing:
            self._pause()
        else:
            self.play()

    def set_speed(self, steps_per_second: float) -> None:
        """Set the tempo, kept within 1 to 10,000 steps a second."""
        speed = min(max(steps_per_second, SLOWEST), FASTEST)
        if speed != self._speed:
            self._speed = speed
            self.changed.emit()

    def advance(self, seconds: float) -> None:
        """Let time pass: move by as many cells as were due. At the last one playing ends."""
        if not self._playing:
            return
        self._elapsed += min(seconds, _LONGEST_TICK) * self._speed
        cells = int(self._elapsed)
        if cells == 0:
            return
        self._elapsed -= cells
        self._go(self._place + cells)
        if self._place == self.count - 1:
            self._pause()

    # Looking

    def point(self, index: int) -> None:
        """Look at a cell while the pointer is over it; playing pauses, a pin stays."""
        self._pause()
        if self._pinned is not None or index == self.position:
            return
        if self._complete or self._predicting:
            self._go(index, complete=self._complete)
        else:
            self._looking = index
            self.moved.emit()

    def leave(self) -> None:
        """Look again where the stepping is."""
        if self._looking is not None:
            self._looking = None
            self.moved.emit()

    def toggle_pin(self, index: int) -> None:
        """Go to a cell and keep it on show, or let it go when it is the pinned one."""
        self._pause()
        if self._pinned == index:
            self.unpin()
            return
        self._pinned = index
        self._go(index, complete=self._complete)
        self.changed.emit()

    def unpin(self) -> None:
        """Let the pinned cell go."""
        if self._pinned is not None:
            self._let_go()
            self.moved.emit()

    # Asking the class

    def predict(self, on: bool) -> None:
        """Hide each cell's output until it is revealed, or stop hiding."""
        if on == self._predicting:
            return
        self._pause()
        self._predicting = on
        self._revealed = False
        if on:
            self._place, self._looking = self.position, None  # what is asked for is what is seen
            self._was_complete = self._complete
            self._complete = False
        else:
            self._complete = self._was_complete
        self.changed.emit()
        self.moved.emit()

    def reveal(self) -> None:
        """Show the output that was kept back."""
        if self.hidden:
            self._revealed = True
            self.moved.emit()

    def _inside(self, index: int) -> int:
        return min(max(index, 0), self.count - 1)

    def _go(self, index: int, *, complete: bool = False) -> None:
        index = self._inside(index)
        self._revealed = self._revealed and index == self._place
        self._place = index
        self._looking = None
        self._complete = complete or (index == self.count - 1 and not self._predicting)
        self.moved.emit()

    def _let_go(self) -> None:
        if self._pinned is not None:
            self._pinned = None
            self.changed.emit()

    def _pause(self) -> None:
        if self._playing:
            self._playing = False
            self.changed.emit()
