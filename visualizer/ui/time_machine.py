"""Looks at a network as it was at a moment of its run, while the training goes on."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from visualizer.state.training_news import Prepared
from visualizer.state.training_probe import Probe
from visualizer.state.training_work import read_history
from visualizer.ui.background import Background, Job
from visualizer.ui.errors import unexpected
from visualizer.ui.training import Training

if TYPE_CHECKING:
    from visualizer.learning.history import History, Moment
    from visualizer.learning.replay import Replay

IMAGES_SCORED = 500
_REST_S = 0.15


class TimeMachine(QObject):
    """Live, or at a moment: then all that is shown is recomputed from the weights kept of it.

    Signals:
        changed(): live or not, another moment.
        shown(Frozen, Snapshot): what the network made of the probe at the moment.
        stepped(WeightStep): one step of one weight.
        scored(Score): how good it was, on some validation images.

    Attributes:
        moment: what is looked at, or None while live.
        frozen: what the network made of the probe then, once it has been computed.
    """

    changed = Signal()
    shown = Signal(object, object)
    scored = Signal(object)
    stepped = Signal(object)

    def __init__(self, training: Training, parent: QObject) -> None:
        super().__init__(parent)
        self._training = training
        self._probe: Probe | None = None
        self._work = Background("time machine", self)
        self._work.reported.connect(self._show)
        self._work.done.connect(self._end)
        self._work.failed.connect(unexpected)
        self._is_awaited = False  # the moment that was asked for
        self._reading = Background("history", self)
        self._reading.done.connect(self._take_history)
        self._reading.failed.connect(unexpected)
        self._read: tuple[Path, History | None] | None = None
        # Used by the worker only.
        self._replay: tuple[Prepared, Replay] | None = None
        self.moment: Moment | None = None
        self.frozen: Any = None
        training.froze.connect(self._take)

    @property
    def is_live(self) -> bool:
        """Whether what is shown goes on with the training."""
        return self.moment is None

    @property
    def busy(self) -> bool:
        """Whether a moment is being computed."""
        return self._work.busy or self._is_awaited or self._reading.busy

    @property
    def history(self) -> "History | None":
        """The moments there are to go to."""
        return self._training.history if self._read is None else self._read[1]

    def open(self, folder: Path | None) -> None:
        """Take the history of the run in `folder`; None: of the run that goes on, or was last."""
        if folder == (self._read[0] if self._read is not None else None):
            return
        self.live()
        self._reading.cancel()
        self._read = None if folder is None else (folder, None)
        if folder is not None:
            self._reading.submit(lambda _job: (folder, read_history(folder)))

    def steps(self) -> tuple[int, ...]:
        """Return the steps that can be gone to."""
        return () if self.history is None else self.history.steps()

    def go_to(self, step: int) -> None:
        """Show the kept moment at `step`, or the last before it."""
        if self.steps() and self.history is not None:
            moment = self.history.at(step)
            if moment is not self.moment:
                self._look(moment)

    def freeze(self, is_trained: bool) -> None:
        """Hold still what is shown now; `is_trained` tells whether a run has made it."""
        if self.moment is not None:
            return
        if self._training.run is not None and self._training.state in ("training", "paused"):
            self._is_awaited = True
            self._training.request_moment()
        elif is_trained and self.steps() and self.history is not None:
            self._look(self.history.moments()[-1])
        else:
            self._look(None)

    def step_by_hand(self, layer: str, at: tuple[int, ...], rule: str) -> None:
        """Take one step of one weight with the probe alone; `stepped` brings it."""
        prepared, probe, frozen, moment = (
            self._training.known,
            self._probe,
            self.frozen,
            self.moment,
        )
        if prepared is None or probe is None or frozen is None or moment is None:
            return
        rate = self._training.model.settings.learning_rate

        def work(_job: Job) -> Any:
            import torch

            from visualizer.learning.settings import TrainingSettings

            assert self._replay is not None
            settings = TrainingSettings(
                optimizer=rule,  # type: ignore[arg-type]
                momentum=0.0,
                label_smoothing=0.0,
            )
            images = torch.from_numpy(probe.pixels)[None] / 255
            labels = torch.tensor([frozen.target])
            step = self._replay[1].step(moment, images, labels, layer, at, settings, rate)
            return self.stepped, step

        self._work.submit(work)

    def maps_of(self, layer: str) -> "Callable[[Moment], Any] | None":
        """Return what computes the maps (C, h, w) of a layer for the probe at a moment.

        It has a network of its own, so it may be called on any one thread.
        """
        prepared, probe = self._training.known, self._probe
        if prepared is None or probe is None:
            return None
        made: list[Replay] = []

        def maps(moment: "Moment") -> Any:
            import torch

            from visualizer.learning.replay import Replay

            if not made:
                made.append(Replay.of(prepared.experiment.spec(), prepared.dataset, 0))
            return made[0].freeze(moment, torch.from_numpy(probe.pixels)).values[layer]

        return maps

    def live(self) -> None:
        """Go on with the training."""
        self._work.cancel()
        self._is_awaited = False
        if self.moment is not None:
            self.moment = self.frozen = None
            self.changed.emit()

    def show_probe(self, probe: Probe) -> None:
        """Look at another image."""
        self._probe = probe
        if self.moment is not None:
            self._look(self.moment)

    def close(self) -> None:
        """End the threads."""
        self._work.close()
        self._reading.close()

    def _take_history(self, read: "tuple[Path, History | None]") -> None:
        self._read = read
        self.changed.emit()

    def _take(self, moment: "Moment") -> None:
        if self._is_awaited:
            self._is_awaited = False
            self._look(moment)

    def _look(self, moment: "Moment | None") -> None:
        """Compute what there is to see at a moment; None: of the network a run begins with."""
        prepared, probe = self._training.known, self._probe
        if prepared is None or probe is None or prepared.refusal:
            return
        if moment is not None:
            self.moment = moment
            self.changed.emit()

        def work(job: Job) -> Any:
            return self._compute(job, prepared, probe, moment)

        self._work.submit(work)

    def _compute(self, job: Job, prepared: Prepared, probe: Probe, moment: "Moment | None") -> Any:
        """Report what was made of the probe, and return the score. On the worker's thread."""
        import torch

        from visualizer.learning.evaluation import some_of
        from visualizer.learning.history import Moment
        from visualizer.learning.replay import Replay, snapshot_of

        if self._replay is None or self._replay[0] is not prepared:
            self._replay = (
                prepared,
                Replay.of(prepared.experiment.spec(), prepared.dataset, prepared.experiment.seed),
            )
        replay = self._replay[1]
        if moment is None:
            moment = Moment.of(0, replay.beginning)
        frozen = replay.freeze(moment, torch.from_numpy(probe.pixels), probe.label)
        job.report((moment, frozen, snapshot_of(frozen)))
        part = prepared.dataset.validation
        job.pause(_REST_S)  # scoring takes longer than a jump, which is not to wait for it
        some = some_of(part.images, part.labels, IMAGES_SCORED)
        return self.scored, replay.score(moment, *some)

    def _show(self, found: tuple[Any, Any, Any]) -> None:
        moment, frozen, snapshot = found
        is_new = moment is not self.moment
        self.moment, self.frozen = moment, frozen
        if is_new:
            self.changed.emit()
        self.shown.emit(frozen, snapshot)

    def _end(self, found: tuple[Any, Any]) -> None:
        signal, value = found
        signal.emit(value)
