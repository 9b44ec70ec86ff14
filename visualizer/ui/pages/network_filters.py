"""Hand-made meets learned: kernels of the Filters page in the first convolution, muted, frozen."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from visualizer.core.kernels import Kernel
from visualizer.core.presets import Preset, groups
from visualizer.learning.layers import FixedFilter
from visualizer.state.network_design import MUTED, OWN, Design, fitted, muted
from visualizer.ui.pages.network_look import Seen
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.choices import LabelledChoice
from visualizer.ui.widgets.elided_label import ElidedLabel
from visualizer.ui.widgets.kernel_editor import KernelEditor
from visualizer.ui.widgets.map_mosaic import MapMosaic
from visualizer.ui.widgets.menu_button import give_menu
from visualizer.ui.widgets.wrapped_label import WrappedLabel

_NOTHING = np.zeros((0, 1, 1, 1), np.float32)


class FiltersView(QWidget):
    """Shows the filters of the first convolution; one of them is selected. Writes no model.

    Signals:
        putWanted(FixedFilter, str, str): give a filter these numbers; what to call it, a merge key.
        freezeWanted(FixedFilter, bool): keep a filter at these numbers while training, or not.
        resetWanted(int): give a filter back what it has learned.
        said(str): what happened to a kernel on its way into a filter.
    """

    putWanted = Signal(object, str, str)
    freezeWanted = Signal(object, bool)
    resetWanted = Signal(int)
    said = Signal(str)

    def __init__(self, theme: Theme, kernels: Callable[[], Sequence[Kernel]]) -> None:
        """Build it. `kernels` returns the one on the Filters page and the user's own."""
        super().__init__()
        self._own = kernels
        self._design = Design()
        self._weights: npt.NDArray = _NOTHING
        self._biases: npt.NDArray = np.zeros(0, np.float32)
        self._learned: npt.NDArray = _NOTHING
        self._index = 0
        self.mosaic = MapMosaic(theme, "", noun="filter", largest=56, enlarges=False)
        self.mosaic.setAccessibleName("Filters of the first convolution")
        self.mosaic.setToolTip("Click a filter to change it")
        self.mosaic.set_shared(False)
        self.editor = KernelEditor(theme)
        self._plane = LabelledChoice(theme, "", [("0", "Plane 1")], name="Plane of the filter")
        self._title = ElidedLabel("", "heading")
        self._words = WrappedLabel("caption")
        self.score = label("", "number")
        self._refusal = WrappedLabel("error")
        self._refusal.hide()
        self._lay_out()
        self.mosaic.clicked.connect(self._clicked)
        self.editor.valueEdited.connect(self._edited)
        self.editor.problem.connect(self._refuse)
        self.editor.sizeWanted.connect(self._too_large)
        self._plane.currentChanged.connect(lambda _: self._show_filter())

    def show_design(self, design: Design) -> None:
        """Show which filters are by hand, and which frozen."""
        self._design = design
        self._show_filter()

    def show_filters(self, seen: Seen) -> None:
        """Show the numbers of all filters, and what they do."""
        weights, learned, scores = seen.kernels, seen.learned, seen.scores
        if weights.shape != self._weights.shape:
            planes = weights.shape[1]
            self._plane.set_options([(str(i), f"Plane {i + 1} of {planes}") for i in range(planes)])
            self._plane.setVisible(planes > 1)
        self._weights, self._biases, self._learned = weights, seen.biases, seen.as_learned
        self._index = min(self._index, max(0, len(weights) - 1))
        if len(weights):
            self.mosaic.set_kernels(weights)
        else:
            self.mosaic.set_maps(_NOTHING[:, 0])
        self.score.setText(_score(scores))
        self._words.set_text(_words(len(weights), learned, bool(self._design.by_hand)))
        self._show_filter()

    def select(self, index: int) -> None:
        """Select a filter."""
        self._index = index
        self._show_filter()

    def put(self, kernel: Kernel) -> None:
        """Put a kernel into the selected filter, cropped or filled up to its size."""
        if not len(self._weights):
            return
        _, planes, rows, columns = self._weights.shape
        if kernel.height > rows or kernel.width > columns:
            self.said.emit(
                f"{kernel.name} is {kernel.height}×{kernel.width}, the filter {rows}×{columns}: "
                "the rim of the kernel was left out."
            )
        given = fitted(kernel, self._index, planes, (rows, columns))
        self.putWanted.emit(given, f"put {kernel.name} in", "")

    # Building

    def _lay_out(self) -> None:
        self._put_button = QToolButton()
        self._put_button.setText("Put in…")
        self._put_button.setAccessibleName("Put a kernel into the filter")
        self._put_button.setToolTip("A kernel of the Filters page")
        self._menu = QMenu(self._put_button)
        self._menu.aboutToShow.connect(self._fill_menu)
        give_menu(self._put_button, self._menu)
        self.mute = self._button("Mute", "Its map becomes 0 everywhere", self._mute)
        self.freeze = self._button(
            "Freeze", "Training leaves its numbers as they are", self._freeze
        )
        self.freeze.setCheckable(True)
        tip = "The same strength (root mean square) as the filter it replaces"
        self.scale = self._button("Scale", tip, self._scale)
        self.reset = self._button("Reset", "Give it back what it has learned", self._reset)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self._put_button, self.scale, self.mute, self.freeze, self.reset):
            buttons.addWidget(button)
        buttons.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addWidget(self._title)
        right.addWidget(self._plane)
        right.addWidget(self.editor, 1)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.mosaic, 1)
        middle.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(middle, 1)
        column.addWidget(self._refusal)
        column.addLayout(buttons)
        column.addWidget(self.score)
        column.addWidget(self._words)

    def _button(self, text: str, tip: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAccessibleName(f"{text} the filter")
        button.clicked.connect(lambda: act())
        return button

    def _fill_menu(self) -> None:
        menu = self._menu
        menu.clear()
        for kernel in self._own():
            menu.addAction(kernel.name, partial(self.put, kernel))
        menu.addSeparator()
        for heading, presets in groups().items():
            group = menu.addMenu(heading)
            for preset in presets:
                group.addAction(preset.title, partial(self._put_preset, preset))

    def _put_preset(self, preset: Preset) -> None:
        self.put(preset.kernel())

    # What is shown

    def _show_filter(self) -> None:
        has_some = bool(len(self._weights))
        for widget in (self._put_button, self.mute, self.freeze, self.editor):
            widget.setEnabled(has_some)
        if not has_some:
            self._title.set_text("No convolution")
            self.scale.setEnabled(False)
            self.reset.setEnabled(False)
            return
        planes = self._weights.shape[1]
        plane = min(int(self._plane.current()), planes - 1)
        given = self._design.by_hand.get(self._index)
        weights = given.weights if given and given.shape == self._weights.shape[1:] else None
        weights = weights or self._weights[self._index].astype(float).tolist()
        self.editor.set_value(weights[plane])
        is_frozen = any(x.index == self._index for x in self._design.frozen)
        state = given.name if given else "as it is"
        self._title.set_text(
            f"Filter {self._index + 1} of {len(self._weights)} · {state}"
            + (" · frozen" if is_frozen else "")
        )
        self.freeze.setChecked(is_frozen)
        self.mute.setEnabled(given is None or given.name != MUTED)
        self.reset.setEnabled(given is not None)
        self.scale.setEnabled(given is not None and given.name != MUTED)
        self.mosaic.set_selected(self._index * (1 if planes == 3 else planes))

    # What the user asks for

    def _clicked(self, tile: int) -> None:
        planes = self._weights.shape[1]
        if planes in (1, 3):
            self.select(tile)
        else:
            self._plane.set_current(str(tile % planes))
            self.select(tile // planes)

    def _now(self, name: str) -> FixedFilter:
        """Return the selected filter with the numbers it has."""
        given = self._design.by_hand.get(self._index)
        if given is not None:
            return replace(given, name=name or given.name)
        weights = self._weights[self._index].astype(float).tolist()
        return FixedFilter(self._index, weights, float(self._biases[self._index]), name)

    def _edited(self, weights: npt.NDArray, merge: str) -> None:
        now = self._now(OWN)
        planes = [[list(row) for row in plane] for plane in now.weights]
        planes[int(self._plane.current())] = weights.tolist()
        changed = tuple(tuple(tuple(row) for row in plane) for plane in planes)
        self.putWanted.emit(replace(now, weights=changed), "filter by hand", merge)

    def _mute(self) -> None:
        _, planes, rows, columns = self._weights.shape
        self.putWanted.emit(muted(self._index, planes, (rows, columns)), "mute filter", "")

    def _scale(self) -> None:
        """Give a filter by hand the strength of the learned one."""
        given = self._now("")
        weights = np.array(given.weights)
        now, wanted = (np.sqrt(np.mean(x**2)) for x in (weights, self._learned[self._index]))
        if now > 0 and wanted > 0:
            scaled = np.round(weights * (wanted / now), 6) + 0.0
            self.putWanted.emit(replace(given, weights=scaled.tolist()), "scale filter", "")

    def _freeze(self) -> None:
        given = self._design.by_hand.get(self._index)
        name = given.name if given else "as learned"
        self.freezeWanted.emit(self._now(name), self.freeze.isChecked())

    def _reset(self) -> None:
        self.resetWanted.emit(self._index)

    def _refuse(self, sentence: str) -> None:
        self._refusal.set_text(sentence)
        self._refusal.setVisible(bool(sentence))

    def _too_large(self, rows: int, columns: int) -> None:
        _, _, height, width = self._weights.shape
        self._refuse(
            f"The block is {rows}×{columns}, the filter {height}×{width}: set the kernel's size "
            "of the layer first."
        )


def _score(scores: tuple[float, float] | None) -> str:
    if scores is None:
        return ""
    before, after = (round(100 * score, 1) for score in scores)
    change = f"{after - before:+.1f}".replace("-", "−")
    return f"validation {before:.1f} % → {after:.1f} %  ({change} points)"


def _words(count: int, learned: bool, by_hand: bool) -> str:
    if not count:
        return "This network has no convolution."
    if not learned:
        return (
            "Not trained yet, so there is no accuracy to compare. What is frozen now keeps its "
            "numbers while the network learns."
        )
    if not by_hand:
        return "Put a kernel in, mute a filter or change a number: the accuracy is told at once."
    return "Left: as it was learned. Right: with the filters by hand."
