"""The arithmetic of a number that is clicked among the maps of the layers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from visualizer.state.inspect_work import Answer
from visualizer.ui.background import Job
from visualizer.ui.theme import Theme

if TYPE_CHECKING:
    from visualizer.learning.frozen import Frozen
    from visualizer.ui.pages.arithmetic_panel import ArithmeticPanel


class NumberReader(QObject):
    """Opens the panel on the first click; it follows what is asked about from then on.

    Signals:
        opened(QWidget): the panel is to be shown.
        closed(): it is no longer wanted.
        marked(dict): what is to be outlined on the maps, see `ArithmeticPanel.marks`.
    """

    opened = Signal(QWidget)
    closed = Signal()
    marked = Signal(dict)

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picked: tuple[str, tuple[int, ...]] | None = None
        self.panel: ArithmeticPanel | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether a number was clicked, or is on show."""
        return self._picked is not None or (self.panel is not None and self.panel.isVisible())

    def pick(self, layer: str, at: tuple[int, ...]) -> None:
        """Show how this number comes about, as soon as the network is held still."""
        self._picked = layer, at

    def show_frozen(self, frozen: "Frozen", classes: tuple[str, ...]) -> None:
        """Show the number that was clicked, or the same number of another image."""
        from visualizer.learning.cells import Place
        from visualizer.ui.pages.arithmetic_panel import ArithmeticPanel  # needs torch

        if self.panel is None:
            self.panel = ArithmeticPanel(self._theme, offers_steps=False)
            self.panel.moved.connect(self._mark)
            self.panel.closed.connect(self.closed)
        picked, self._picked = self._picked, None
        if picked is None:
            self.panel.show_frozen(frozen)
            return
        self.panel.show_place(frozen, classes, Place(*picked))
        if not self.panel.isVisible():
            self.opened.emit(self.panel)

    def back(self) -> None:
        """Go back by one number."""
        if self.panel is not None:
            self.panel.back()

    def close(self) -> None:
        """Show no number any more."""
        if self.panel is not None:
            self.panel.hide()
            self.panel.clear()

    def _mark(self) -> None:
        assert self.panel is not None
        self.marked.emit(self.panel.marks())


def frozen_of(answer: Answer, job: Job) -> "Iterator[Any]":
    """Yield the network with all it makes of the input, held still."""
    import torch

    from visualizer.learning.frozen import freeze

    pixels = torch.from_numpy(answer.seen.pixels)
    yield freeze(answer.network, answer.examined.step or 0, pixels, answer.subject.label)
