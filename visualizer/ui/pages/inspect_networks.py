"""Which network is asked: that of the run on show on the Train page, of another, or of a file."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from visualizer.learning.corrections import Own, with_own
from visualizer.state.inspect import ON_SHOW
from visualizer.state.inspect_work import Source, open_network
from visualizer.state.runs import Run
from visualizer.state.training import Experiment
from visualizer.ui.background import Background
from visualizer.ui.errors import unexpected
from visualizer.ui.training import Training

if TYPE_CHECKING:
    from visualizer.learning.examined import Examined

# Quickly learned, and no longer put off by a hand that places and turns digits in its own way.
QUICK = Experiment(augmentation="gentle")


def as_mlp(experiment: Experiment) -> Experiment:
    """Return the same experiment with a network that has no convolution."""
    return replace(
        experiment, network="mlp", custom=None, activation="", pooling="", batch_norm=None,
        width=1.0,
    )  # fmt: skip


class Networks(QObject):
    """Offers the networks there are, opens one off the GUI thread, and follows a run that goes on.

    Signals:
        listed(): there are others to choose from.
        opened(Examined): this one is to be asked from now on.
        refused(str): why one cannot be opened.
        grown(): the drawings of `add_own` are among the data of `examined`.

    Attributes:
        examined: what was opened last, or None.
    """

    listed = Signal()
    opened = Signal(object)
    refused = Signal(str)
    grown = Signal()

    def __init__(self, training: Training, parent: QObject) -> None:
        super().__init__(parent)
        self._training = training
        self._opened: Examined | None = None  # with the data as they were read
        self._opened_from: Source | None = None
        self._own: tuple[Own, ...] = ()  # that are among the data of `examined`, or soon will be
        self._files: dict[str, Source] = {}
        self._ready: set[Run] = set()
        self._shown: list[tuple[str, str]] = []
        self._source: Source | None = None
        self.examined: Examined | None = None
        self._work = Background("opening a network", self)
        self._work.done.connect(self._take)
        self._work.failed.connect(self._fail)
        self._growing = Background("adding drawings", self)
        self._growing.done.connect(self._grow)
        self._growing.failed.connect(unexpected)
        training.changed.connect(self._list)
        training.scored.connect(self._list)

    @property
    def busy(self) -> bool:
        """Whether a network is being opened."""
        return self._work.busy or self._growing.busy

    @property
    def source(self) -> Source | None:
        """Where the network comes from that is asked, or is being opened."""
        return self._source

    def sources(self) -> list[Source]:
        """Return what can be asked: files that were opened, then runs, the newest first."""
        runs = [run for run in self._training.runs if run in self._ready or run.can_be_asked()]
        self._ready |= set(runs)
        return [*self._files.values(), *(Source.of_run(run) for run in reversed(runs))]

    def add_file(self, path: Path) -> Source:
        """Offer a file or a folder too."""
        source = Source.of_file(path)
        self._files[source.key] = source
        self._list()
        return source

    def choose(self, key: str, *, again: bool = False) -> None:
        """Open a network: that of the run on show when there is no such key, or of the newest run.

        One that is open already is opened once more only `again`: it has learned on.
        """
        sources = self.sources()
        runs = [source for source in sources if source.key not in self._files]
        usual = next(iter(runs or sources), None)
        training = self._training  # a run that begins has no network yet
        for run in (training.left_by, training.picked_run, training.run):
            if run is not None:
                usual = next((s for s in runs if s.path == run.folder), usual)
        source = next((s for s in sources if s.key == key), usual)
        if source is None and key != ON_SHOW and Path(key).exists():
            source = self.add_file(Path(key))  # undone to a file of an earlier day
        if source is None:
            self._source = self.examined = self._opened = None
        elif again or self._source is None or source.key != self._source.key:
            self._open(source)

    def add_own(self, own: tuple[Own, ...]) -> None:
        """Count these drawings among the images of the data, and no others."""
        opened = self._opened
        if opened is None or opened.dataset is None or own == self._own:
            return
        self._own = own
        dataset = opened.dataset
        self._growing.submit(lambda job: replace(opened, dataset=with_own(dataset, own)))

    def close(self) -> None:
        """End the threads."""
        self._work.close()
        self._growing.close()

    def _open(self, source: Source) -> None:
        before = self._opened_from  # not `_source`: that may still be being opened
        was = before.experiment if before is not None else None
        dataset = self._opened.dataset if self._opened is not None else None
        if dataset is None and source.experiment is not None:
            dataset = self._training.known_for(source.experiment)
            was = source.experiment if dataset is not None else None
        self._source = source
        known_as = was if dataset is not None else None
        self._work.submit(lambda job: (source, open_network(source, dataset, known_as)))

    def _take(self, opened: "tuple[Source, Examined]") -> None:
        self._growing.cancel()
        self._opened_from, examined = opened
        self.examined, self._opened, self._own = examined, examined, ()
        self.opened.emit(examined)

    def _grow(self, examined: "Examined") -> None:
        self.examined = examined
        self.grown.emit()

    def _fail(self, error: Exception) -> None:
        reason = getattr(error, "reason", "")
        self._source = self.examined = self._opened = None
        self.refused.emit(reason or "This network could not be opened.")
        if not reason:
            unexpected(error)

    def _list(self, *_: Any) -> None:
        """Tell when the list reads otherwise."""
        shown = [(source.key, source.title) for source in self.sources()]
        if shown != self._shown:
            self._shown = shown
            self.listed.emit()
