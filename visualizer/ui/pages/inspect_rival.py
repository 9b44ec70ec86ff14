"""The second network on the Inspect page: another run, or an MLP trained for the purpose."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from visualizer.state.runs import Run
from visualizer.ui.pages.inspect_move import MLP, NOBODY, MoveCard
from visualizer.ui.pages.inspect_networks import Networks, as_mlp
from visualizer.ui.training import Training

if TYPE_CHECKING:
    from visualizer.learning.examined import Examined

BUSY = "A network is being trained: wait for its end, or stop it first."


class Rival(QObject):
    """Opens whom the network is compared with.

    Signals:
        chosen(str): compare with this run from now on.
        held(str): go on asking this network, whatever is trained.
        changed(): another is open, or none.
        refused(str): why there is none.
    """

    chosen = Signal(str)
    held = Signal(str)
    changed = Signal()
    refused = Signal(str)

    def __init__(
        self, training: Training, asked: Networks, card: MoveCard, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._training, self._asked, self._card = training, asked, card
        self._wanted = NOBODY
        self._run: Run | None = None  # an MLP that is being trained
        self._has_learned_on = False  # the run that is open, since it was opened
        self._networks = Networks(training, self)
        self._networks.opened.connect(lambda _examined: self.changed.emit())
        self._networks.refused.connect(self.refused)
        card.rivalChosen.connect(self._choose)
        training.changed.connect(self.follow)
        training.progressed.connect(lambda _event: self.follow())

    @property
    def busy(self) -> bool:
        """Whether a network is being opened."""
        return self._networks.busy

    @property
    def examined(self) -> "Examined | None":
        """The second network, when there is one."""
        return self._networks.examined if self._wanted != NOBODY else None

    def show(self, key: str) -> None:
        """Compare with the network of this key, or with nobody."""
        if key != self._wanted:
            self._wanted = key
            if key == NOBODY:
                self.changed.emit()
            else:
                self._networks.choose(key)
        self.follow()

    def learned_on(self, run: Run) -> bool:
        """Know that there is a newer checkpoint of a run, and tell whether it is the one open."""
        source = self._networks.source
        is_open = self._wanted != NOBODY and source is not None and source.path == run.folder
        self._has_learned_on |= is_open
        return is_open

    def look_again(self) -> None:
        """Open the run that has learned on as it is now."""
        again, self._has_learned_on = self._has_learned_on, False
        if again and self._wanted != NOBODY:
            self._networks.choose(self._wanted, again=True)

    def follow(self) -> None:
        """Offer what there is, and tell how far an MLP is."""
        run, progress = self._training.run, ""
        if self._run is not None and run is self._run:
            progress = f"an MLP learns: step {run.step:,} of {run.steps:,}"
        elif self._run is not None:
            done, self._run = self._run, None
            if done.can_be_asked():
                self.chosen.emit(done.folder.name)
        own = self._asked.source.key if self._asked.source is not None else ""
        others = [source for source in self._asked.sources() if source.key != own]
        self._card.show_rivals(others, self._wanted, progress)

    def close(self) -> None:
        """End the thread."""
        self._networks.close()

    def _choose(self, key: str) -> None:
        if key != MLP:
            self.chosen.emit(key)
            return
        source = self._asked.source
        if self._training.busy:
            self.refused.emit(BUSY)
        elif source is None or source.experiment is None:
            self.refused.emit("It is not known which data this network has learned from.")
        else:
            # The network that is asked stays the one it is, though a newer run begins.
            self.held.emit(source.key)
            self._training.start(other=as_mlp(source.experiment))
            self._run = self._training.run
        self.follow()
