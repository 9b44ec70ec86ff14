"""Fool it: noise made to measure, and the parts in the wrong places."""

import random
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from visualizer.state.inspect import InspectSettings
from visualizer.state.inspect_work import Answer
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.fields import LabelledChoice, LabelledSlider, SegmentedButtons
from visualizer.ui.widgets.map_mosaic import MapMosaic
from visualizer.ui.widgets.probability_bars import ProbabilityBars
from visualizer.ui.widgets.slider import ARROWS, keep_keys
from visualizer.ui.widgets.wrapped_label import WrappedLabel

if TYPE_CHECKING:
    from visualizer.learning.fooling import Fooled

WAYS = (
    ("noise", "Noise", "The fast gradient sign method: a little added where it hurts most"),
    ("tiles", "Tiles", "The image cut up, with its parts in the wrong places"),
)
SIDES = (2, 3, 4)


class FoolCard(Card):
    """Shows a changed input and what the network says to it.

    Signals:
        edited(label, merge key, changes): other settings are wanted.
    """

    edited = Signal(str, str, dict)

    def __init__(self, theme: Theme) -> None:
        super().__init__("Fool it")
        self._theme = theme
        self.note.hide()
        self.way = SegmentedButtons(theme, WAYS, name="Way of fooling")
        for key, _, _ in WAYS:
            leave_focus(self.way.button(key))
        self.way.changed.connect(lambda key: self.edited.emit("way of fooling", "", {"fool": key}))
        self.epsilon = LabelledSlider(
            theme, "ε, percent of white", 0, 40, step=0.5, decimals=1, trimmed=True,
            tip="The most that any pixel is changed",
        )  # fmt: skip
        self.epsilon.valueChanged.connect(
            lambda v: self.edited.emit("ε", self.epsilon.merge_key, {"epsilon": v / 100})
        )
        self.changed = MapMosaic(theme, "changed", noun="image", largest=400)
        self.difference = MapMosaic(theme, "difference, amplified", noun="difference", largest=400)
        self.tiles = TileBoard(theme)
        self.tiles.swapped.connect(
            lambda order: self.edited.emit("move tiles", "", {"tiles": order})
        )
        self.bars = ProbabilityBars(theme)
        self.sentence = WrappedLabel("muted")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._noise())
        self._stack.addWidget(self._tiled())
        self.top.addWidget(self.way)
        self.body.addWidget(self._stack, 3)
        self.body.addWidget(self.sentence)
        self.body.addWidget(self.bars, 2)

    def show_settings(self, settings: InspectSettings) -> None:
        """Show what is chosen."""
        self.way.set_current(settings.fool)
        self._stack.setCurrentIndex(settings.fool == "tiles")
        self.epsilon.set_value(round(100 * settings.epsilon, 1))
        self.side.set_current(str(round(len(settings.tiles) ** 0.5)))
        self.tiles.set_order(settings.tiles)

    def show_answer(self, answer: Answer) -> None:
        """Show the input before it is changed; nothing else while nothing can be asked."""
        pixels = answer.seen.pixels.transpose(1, 2, 0)
        self.tiles.set_picture(np.repeat(pixels, 3, 2) if pixels.shape[2] == 1 else pixels)
        if answer.best is None:
            self.changed.clear()
            self.difference.clear()
            self.sentence.set_text("")
            self.bars.set_names(())
        self.bars.set_names(answer.examined.class_names)

    def show_fooled(self, fooled: "Fooled", answer: Answer) -> None:
        """Show what the network says to the changed input."""
        names, label = answer.examined.class_names, answer.subject.label
        best, was = int(fooled.probabilities.argmax()), answer.best
        self.bars.set_names(names)
        self.bars.set_probabilities(fooled.probabilities, was if label is None else label)
        self.changed.set_images(np.clip(fooled.pixels, 0, 1)[np.newaxis])
        most = float(np.abs(fooled.change).max())
        grey = fooled.change.mean(0) if fooled.change.shape[0] > 1 else fooled.change[0]
        self.difference.set_maps(np.ascontiguousarray(grey)[np.newaxis], signed=True)
        self.difference.set_title(f"difference × {1 / most:.0f}" if most else "no difference yet")
        if was is not None and best != was:
            self.sentence.set_text(f"No longer {names[was]}: now it is called {names[best]}.")
        else:
            self.sentence.set_text(f"Still called {names[best]}.")

    def _noise(self) -> QWidget:
        page, column = _page()
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.changed, 1)
        row.addWidget(self.difference, 1)
        leave_focus(self.epsilon)
        column.addLayout(row, 1)
        column.addWidget(self.epsilon)
        return page

    def _tiled(self) -> QWidget:
        page, column = _page()
        self.side = LabelledChoice(self._theme, "", [(str(n), f"{n} × {n}") for n in SIDES],
                                   name="Tiles", tip="How many tiles")  # fmt: skip
        self.side.currentChanged.connect(
            lambda key: self.edited.emit("tiles", "", {"tiles": tuple(range(int(key) ** 2))})
        )
        shuffle, reset = QPushButton("Shuffle"), QPushButton("Put back")
        shuffle.clicked.connect(lambda: self._order(mixed=True))
        reset.clicked.connect(lambda: self._order(mixed=False))
        row = QHBoxLayout()
        row.setSpacing(6)
        for widget in (self.side, shuffle, reset):
            leave_focus(widget)
            row.addWidget(widget)
        row.addStretch(1)
        column.addWidget(self.tiles, 1)
        column.addLayout(row)
        return page

    def _order(self, *, mixed: bool) -> None:
        order = list(range(len(self.tiles.order)))
        if mixed:
            random.shuffle(order)
        self.edited.emit("move tiles", "", {"tiles": tuple(order)})


class TileBoard(QWidget):
    """A picture cut into tiles; a drag, or two clicks, swaps two of them.

    Signals:
        swapped(tuple): the order that is wanted, see `fooling.tiled`.
    """

    swapped = Signal(tuple)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._picture: npt.NDArray[np.uint8] = np.zeros((4, 4, 3), np.uint8)
        self._held: int | None = None
        self._here = 0
        self.order: tuple[int, ...] = (0, 1, 2, 3)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Tiles")
        self.setToolTip("Drag a tile onto another, or click two: they change places")
        keep_keys(self, *ARROWS, Qt.Key.Key_Space)
        theme.changed.connect(self.update)

    def set_picture(self, picture: npt.NDArray[np.uint8]) -> None:
        """Cut up another picture, uint8 (H, W, 3)."""
        self._picture = np.ascontiguousarray(picture)
        self.update()

    def set_order(self, order: tuple[int, ...]) -> None:
        """Show the tiles in this order."""
        if len(order) != len(self.order):
            self._held, self._here = None, 0
        self.order = order
        self.update()

    def tile_rect(self, place: int) -> QRectF:
        """Return where a place is."""
        count = round(len(self.order) ** 0.5)
        whole = min(self.width(), self.height())
        row, column = divmod(place, count)
        left = (self.width() - whole) / 2
        side = whole / count
        return QRectF(left + column * side, row * side, side, side).adjusted(1, 1, -1, -1)

    def sizeHint(self) -> QSize:
        """A square."""
        return self.minimumSizeHint() * 2

    def minimumSizeHint(self) -> QSize:
        """A small square."""
        side = self._theme.px(80)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tiles, a gap between them."""
        count = round(len(self.order) ** 0.5)
        height, width = self._picture.shape[:2]
        high, wide = height // count, width // count
        image = QImage(self._picture.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        with QPainter(self) as painter:
            for place, tile in enumerate(self.order):
                row, column = divmod(tile, count)
                source = QRectF(column * wide, row * high, wide, high)
                painter.drawImage(self.tile_rect(place), image, source)
                pointed = self.hasFocus() and place == self._here
                if place == self._held or pointed:
                    role = "here" if place == self._held else "accent"
                    painter.setPen(QPen(self._theme.color(role), 2))
                    painter.drawRect(self.tile_rect(place))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a tile, or put the one that was taken here."""
        place = self._at(event)
        if place is not None:
            self._touch(place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Put a tile down that was dragged."""
        place = self._at(event)
        if place is not None and self._held is not None and place != self._held:
            self._touch(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go by arrow keys, take and put by Space."""
        count = round(len(self.order) ** 0.5)
        moves = dict(zip(ARROWS, (-1, 1, -count, count), strict=True))
        key = Qt.Key(event.key())
        if key in moves:
            self._here = (self._here + moves[key]) % len(self.order)
            self.update()
        elif key == Qt.Key.Key_Space:
            self._touch(self._here)
        else:
            super().keyPressEvent(event)

    def _at(self, event: QMouseEvent) -> int | None:
        places = range(len(self.order))
        return next((p for p in places if self.tile_rect(p).contains(event.position())), None)

    def _touch(self, place: int) -> None:
        held, self._held = self._held, None
        self._here = place
        if held is None:
            self._held = place
        elif held != place:
            order = list(self.order)
            order[held], order[place] = order[place], order[held]
            self.swapped.emit(tuple(order))
        self.update()


def _page() -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    return page, column
