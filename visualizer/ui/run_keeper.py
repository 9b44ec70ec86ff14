"""The runs on disk: shown, renamed, deleted, and looked through for one that was cut short."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QLockFile, QObject, Signal

from visualizer.state.runs import MOST_SHOWN, Run, Runs

_LOCK = "lock"


class RunKeeper(QObject):
    """Keeps the list of runs, and a lock on the one that goes on.

    Signals:
        changed(): the list is another.
        said(str): why something could not be written.
        noted(str): what was done without being asked for.
        asked(str, list of (text, answer)): a question.

    Attributes:
        runs: all there are.
        active: the one that goes on, or None.
    """

    changed = Signal()
    said = Signal(str)
    noted = Signal(str)
    asked = Signal(str, list)

    def __init__(self, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self.runs = Runs(folder)
        self.runs.hidden.connect(self._tell_hidden)
        self.active: Run | None = None
        self._lock: QLockFile | None = None

    def show(self, run: Run, shown: bool) -> None:
        """Draw the curves of a run, or not."""
        self._attempt(lambda: self.runs.show(run, shown))

    def rename(self, run: Run, name: str) -> None:
        """Give a run another name."""
        self._attempt(lambda: self.runs.rename(run, name))

    def delete(self, run: Run) -> None:
        """Delete a run that does not go on, once that has been confirmed."""
        if run is not self.active:
            question = f"Delete {run.name} with its curves and checkpoints? It cannot be undone."
            answers = [("Keep it", self.changed.emit), ("Delete", lambda: self.forget(run))]
            self.asked.emit(question, answers)

    def forget(self, run: Run) -> None:
        """Delete a run without asking."""
        self._attempt(lambda: self.runs.delete(run))

    def settle(self, run: Run, status: Literal["stopped", "failed"]) -> None:
        """Write down what became of a run that was cut short."""
        run.status = status
        self.save(run)

    def save(self, run: Run, *, curves: bool = False) -> None:
        """Write down what has changed about a run, with `curves` its numbers too."""

        def write() -> None:
            if curves:
                run.save_curves()
            self.runs.keep(run)

        self._attempt(write)

    def _tell_hidden(self, hidden: list[Run]) -> None:
        which = f"{hidden[0].name} is" if len(hidden) == 1 else f"{len(hidden)} runs are"
        again = "it" if len(hidden) == 1 else "one"
        self.noted.emit(
            f"{which} no longer drawn, as beside a new run only the newest {MOST_SHOWN - 1} are. "
            f"Tick {again} in the list to draw it again."
        )

    def hold(self, run: Run) -> None:
        """Let `run` be the one that goes on, also in the eyes of other windows."""
        self.active = run
        self._lock = _lock_of(run)
        self._lock.tryLock(0)

    def release(self) -> None:
        """No run goes on any more."""
        self.active = None
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    def unfinished(self) -> Run | None:
        """Return a run that was cut short and can go on."""
        if self.active is not None:
            return None
        for run in self.runs:
            if run.status != "running":
                continue
            lock = _lock_of(run)
            if not lock.tryLock(0):
                continue  # it goes on in another window
            lock.unlock()
            if any(run.folder.glob("checkpoint-*")):
                return run
            self.settle(run, "failed")
        return None

    def _attempt(self, write: Callable[[], object]) -> None:
        try:
            write()
        except OSError as error:
            why = error.strerror or error
            self.said.emit(
                f"The list of runs could not be written: {why}; check {self.runs.folder}."
            )
        self.changed.emit()


def _lock_of(run: Run) -> QLockFile:
    lock = QLockFile(str(run.folder / _LOCK))
    lock.setStaleLockTime(0)
    return lock
