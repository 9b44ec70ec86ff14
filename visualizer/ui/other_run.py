"""Another run beside the one on show: the same image, at the same step, through its network."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from visualizer.state.runs import Run
from visualizer.state.training_news import Prepared
from visualizer.state.training_probe import Probe
from visualizer.state.training_work import prepare, read_history
from visualizer.ui.background import Background, Job
from visualizer.ui.training import Training

if TYPE_CHECKING:
    from visualizer.learning.history import History
    from visualizer.learning.replay import Replay


class OtherRun(QObject):
    """Recomputes what the network of another run made of the probe, off the GUI thread.

    Signals:
        opened(Prepared): its network is known.
        shown(Snapshot): what it made of the probe.
        failed(str): why it cannot be shown, in one sentence.

    Attributes:
        run: the run, or None.
    """

    opened = Signal(object)
    shown = Signal(object)
    failed = Signal(str)

    def __init__(self, training: Training, parent: QObject) -> None:
        super().__init__(parent)
        self._training = training
        self._work = Background("other run", self)
        self._work.reported.connect(self.opened)
        self._work.done.connect(self.shown)
        self._work.failed.connect(self._fail)
        self._found: tuple[Run, Prepared, History, Replay] | None = None  # the worker's own
        self.run: Run | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being computed."""
        return self._work.busy

    def show(self, run: Run, step: int | None, probe: Probe) -> None:
        """Show `run` at the kept step nearest before `step`; None: at its last."""
        self.run = run
        known = self._training.known_for(run.experiment)

        def work(job: Job) -> Any:
            import torch

            from visualizer.learning.replay import snapshot_of

            if self._found is None or self._found[0] is not run:
                self._found = self._open(run, known)
            _, prepared, history, replay = self._found
            job.report(prepared)
            moment = history.at(history.steps()[-1] if step is None else step)
            frozen = replay.freeze(moment, torch.from_numpy(probe.pixels), probe.label)
            return snapshot_of(frozen)

        self._work.submit(work)

    def close(self) -> None:
        """End the thread."""
        self._work.close()

    def _open(self, run: Run, known: Any) -> "tuple[Run, Prepared, History, Replay]":
        """Read its history and build its network. On the worker's thread."""
        from visualizer.learning.replay import Replay

        history = read_history(run.folder)
        if history is None or len(history) == 0:
            raise LookupError("no history of it was kept")
        prepared = prepare(run.experiment, known)
        return run, prepared, history, Replay.of(prepared.experiment.spec(), prepared.dataset, 0)

    def _fail(self, error: Exception) -> None:
        name = "The run" if self.run is None else self.run.name
        reason = getattr(error, "reason", "") or str(error)
        self.failed.emit(f"{name} cannot be put beside this one: {reason}.")
