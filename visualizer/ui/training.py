"""The run that goes on: begins it, follows what it tells, asks when it is in trouble, keeps it."""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from visualizer.state.runs import Run, Runs, Status
from visualizer.state.training import LIVE, Experiment, TrainingModel
from visualizer.state.training_probe import Probe
from visualizer.state.training_work import (
    Failed,
    Order,
    Prepared,
    Ready,
    Trained,
    augmentation,
    gpu_memory_in_use,
    memory_in_use,
)
from visualizer.ui.errors import unexpected
from visualizer.ui.training_thread import TrainingThread

State = Literal["idle", "starting", "training", "paused", "stopping"]

_LOCK = "lock"
# A slider that is dragged changes the run once, where it comes to rest, and leaves one mark.
REST_MS = 300
_TEXTS: dict[State, str] = {
    "idle": "ready",
    "starting": "starting",
    "training": "training",
    "paused": "paused",
    "stopping": "stopping",
}


class Training(QObject):
    """What the Train page does, without its looks.

    Signals:
        changed(): state, run or list of runs is another.
        scored(): the run has another accuracy, or another mark on its curves.
        prepared(Prepared): a run has looked at its data.
        trained(Trained): a run has left its network.
        progressed(StepDone), pictured(Snapshot): the newest.
        renewed(): what was learned is no longer to be shown; the next run begins anew.
        said(str): one sentence for the user.
        asked(str, list of (text, answer)): a question; withdrawn(): it is settled.

    Attributes:
        run: that goes on, or None.
        runs: all there are.
        dead: for each ReLU layer its name, how many never fire, of how many.
        known: what was looked at last, to be used again where it fits.
        hint: what else is going on, in a few words.
    """

    changed = Signal()
    scored = Signal()
    prepared = Signal(object)
    trained = Signal(object)
    progressed = Signal(object)
    pictured = Signal(object)
    renewed = Signal()
    said = Signal(str)
    asked = Signal(str, list)
    withdrawn = Signal()

    def __init__(self, model: TrainingModel, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._thread = TrainingThread(self)
        self._tempo: float | None = None
        self._state: State = "idle"
        self._lock: QLockFile | None = None
        self._dataset: Any = None
        self._last: Any = None
        self._device = ""
        self._forget = self._is_reset = False
        self._in_force: Experiment | None = None
        self._changes: dict[str, Any] = {}  # to be sent once the user's hand rests
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(self._send_changes)
        self._resumed: Status | None = None  # what a run was before it was to go on
        self.run: Run | None = None
        self.runs = Runs(folder)
        self.dead: tuple[tuple[str, int, int], ...] = ()
        self.known: Prepared | None = None
        self.hint = ""
        thread = self._thread
        thread.told.connect(self._hear)
        thread.progressed.connect(self._step_done)
        thread.pictured.connect(self.pictured)
        thread.ended.connect(self._ended)

    @property
    def model(self) -> TrainingModel:
        """The experiment to start next; while a run goes on, its live settings."""
        return self._model

    @property
    def busy(self) -> bool:
        """Whether a run goes on, paused or not."""
        return self._thread.busy

    @property
    def state(self) -> State:
        """What is going on."""
        return self._state

    # Commands

    def toggle(self) -> None:
        """Start, pause or go on."""
        if self._state == "idle":
            self.start()
        elif self._state == "paused":
            self.withdrawn.emit()
            self._send(lambda controls: controls.resume())
        elif self._state in ("training", "starting"):
            self._send(lambda controls: controls.pause())

    def start(self, *, paused: bool = False) -> None:
        """Begin a run of the experiment."""
        try:
            run = self.runs.begin(self._model.settings)
        except OSError as error:
            self.said.emit(f"No run can be kept in {self.runs.folder}: {error}.")
            return
        self._resumed = None
        self._begin(run, paused=paused)

    def resume(self, run: Run) -> None:
        """Go on with a run where its last checkpoint was made."""
        if not self.busy:
            self._model.restore(run.experiment)
            self._resumed = run.status
            run.status = "running"
            self._begin(run, resume=True)

    def open_run(self, folder: Path) -> None:
        """Take over a copy of a run from a folder, such as the command line leaves, and go on."""
        if self.busy:
            self.said.emit("A network is being trained; stop it before opening another run.")
            return
        try:
            run = self.runs.adopt(folder)
        except (OSError, ValueError) as error:
            self.said.emit(f"{folder} holds no run that can be opened: {error}")
            return
        self.resume(run)

    def step(self) -> None:
        """Take one step and wait."""
        if self._state == "idle":
            self.start(paused=True)
        if self.busy:
            self._send(lambda controls: controls.step())

    def stop(self) -> None:
        """End the run and save it."""
        if self.busy:
            self._set_state("stopping")
            self.withdrawn.emit()
            self._send(lambda controls: controls.stop())

    def reset(self) -> None:
        """End the run, which stays in the list if it has taken a step, and begin anew."""
        if self.busy:
            assert self.run is not None
            self._is_reset = True
            if self.run.is_empty():
                self._forget = self._thread.remote.discard = True
            self.stop()
        else:
            self.dead = ()
            self.renewed.emit()

    def set_tempo(self, tempo: float | None) -> None:
        """Take at most so many steps a second; None for flat out."""
        self._tempo = tempo
        self._send(lambda controls: controls.set_tempo(tempo))

    def watch(self, on: bool) -> None:
        """Ask for pictures, or not."""
        self._thread.watch(on)

    def show_probe(self, probe: Probe) -> None:
        """Send this image through the network from now on."""
        if self.busy:
            self._thread.show_probe(probe)

    def show(self, run: Run, shown: bool) -> None:
        """Draw the curves of a run, or not."""
        self._keep(lambda: self.runs.show(run, shown))

    def rename(self, run: Run, name: str) -> None:
        """Give a run another name."""
        self._keep(lambda: self.runs.rename(run, name))

    def delete(self, run: Run) -> None:
        """Delete a run that does not go on, once that has been confirmed."""

        def really() -> None:
            self._keep(lambda: self.runs.delete(run))

        if run is not self.run:
            question = f"Delete {run.name} with its curves and checkpoints? It cannot be undone."
            self.asked.emit(question, [("Keep it", self.changed.emit), ("Delete", really)])

    def offer_unfinished(self) -> None:
        """Ask about a run that was cut short, by a crash or a kill."""
        run = self.unfinished()
        if run is not None:
            self.asked.emit(
                f"{run.name} was cut short. Go on with it from its last checkpoint?",
                [
                    ("Go on", lambda: self.resume(run)),
                    ("Not now", lambda: self._settle(run, "stopped")),
                ],
            )

    def unfinished(self) -> Run | None:
        """Return a run that was cut short and can go on."""
        for run in self.runs:
            if run.status != "running" or run is self.run or self.busy:
                continue
            lock = QLockFile(str(run.folder / _LOCK))
            lock.setStaleLockTime(0)
            if not lock.tryLock(0):
                continue  # it goes on in another window
            lock.unlock()
            if any(run.folder.glob("checkpoint-*")):
                return run
            self._settle(run, "failed")
        return None

    def ask_before_closing(self, window: QWidget) -> bool:
        """Ask what is to become of a run that goes on; return whether the window may close."""
        if not self.busy:
            return True
        box = QMessageBox(window)
        box.setWindowTitle("A network is being trained")
        box.setText("A network is being trained. What is to become of it?")
        save = box.addButton("Save and stop", QMessageBox.ButtonRole.AcceptRole)
        keep = box.addButton("Keep running", QMessageBox.ButtonRole.RejectRole)
        stop = box.addButton("Stop", QMessageBox.ButtonRole.DestructiveRole)
        stop.setToolTip("Without saving what it has learned since its last checkpoint")
        box.setDefaultButton(save)
        box.setEscapeButton(keep)
        box.exec()
        answer = box.clickedButton()
        box.deleteLater()
        if answer is stop:
            self._thread.remote.discard = True
        return answer in (save, stop)

    def known_for(self, experiment: Experiment) -> Any:
        """Return the data of an experiment if they are the ones opened last."""
        if self.known is None:
            return None
        made = self.known.experiment
        same = (made.data, made.seed) == (experiment.data, experiment.seed)
        return self.known.dataset if same else None

    def close(self) -> None:
        """Stop, save, and wait for the end."""
        self._thread.close()

    # What is told

    @property
    def state_text(self) -> str:
        """The state in one word, or what else goes on."""
        if self._state == "starting" and "visualizer.learning.trainer" not in sys.modules:
            return "loading torch…"
        return self.hint if self.hint and self._state == "idle" else _TEXTS[self._state]

    def progress_text(self, prepared: Prepared | None) -> str:
        """How far the run is, or what it would come to."""
        last, run = self._last, self.run
        if run is not None and last is not None:
            left = "" if self._state == "paused" else f" · {_duration(last.seconds_left)} left"
            return (
                f"step {last.step:,} of {run.steps:,} · epoch {last.epoch:.1f} of "
                f"{self._model.settings.epochs:g} · {last.images_per_second:,.0f} images/s{left}"
            )
        if prepared is None or prepared.experiment.data != self._model.settings.data:
            return ""
        counts = [len(getattr(prepared.dataset, p)) for p in ("train", "validation", "test")]
        images = " / ".join(f"{count:,}" for count in counts)
        return f"{images} images to train, validate, test · {prepared.parameters:,} parameters"

    def device_text(self) -> str:
        """Where it computes, and the memory it takes."""
        used = memory_in_use()
        memory = "" if used is None else f"{used / 2**20:,.0f} MiB"
        if self._device.startswith("CUDA"):
            memory += f", GPU {gpu_memory_in_use() / 2**20:,.0f} MiB"
        return " · ".join(part for part in (self._device, memory) if part)

    # The run

    def _begin(self, run: Run, *, paused: bool = False, resume: bool = False) -> None:
        self.withdrawn.emit()
        self.run, self._last, self.dead = run, None, ()
        self._forget = self._is_reset = False
        lock = QLockFile(str(run.folder / _LOCK))
        lock.setStaleLockTime(0)
        lock.tryLock(0)
        self._lock = lock
        self._thread.start(
            Order(run.experiment, run.folder, resume, self.known_for(run.experiment)), paused=paused
        )
        self._send(lambda controls: controls.set_tempo(self._tempo))
        self._model.live = self._change
        self._set_state("starting")

    def _change(self, name: str, value: Any) -> None:
        """Let the run take on a setting, as soon as it is no longer being moved."""
        self._changes[name] = value
        self._rest.start()

    def _send_changes(self) -> None:
        self._rest.stop()
        changes, self._changes = self._changes, {}

        def change(controls: Any) -> None:
            for name, value in changes.items():
                given = augmentation(value, self._dataset) if name == "augmentation" else value
                controls.change(**{name: given})

        if changes:
            self._send(change)

    def _send(self, command: Callable[[Any], object]) -> None:
        self._send_changes()
        if self.busy:
            self._thread.remote.send(command)

    def _step_done(self, event: Any) -> None:
        self._last = event
        if self.run is not None:
            self.run.step, self.run.steps = event.step, event.steps
        self.progressed.emit(event)

    def _hear(self, news: Any) -> None:
        """Take in what must not be missed."""
        run = self.run
        assert run is not None
        if isinstance(news, Ready):
            self._dataset = news.prepared.dataset
            run.log, run.experiment = news.log, news.prepared.experiment
            self._resumed = None
            self._in_force = news.prepared.experiment
            self._restore(news.prepared.experiment)
            self._set_state("training")
            self.prepared.emit(news.prepared)
        elif isinstance(news, Trained):
            self.trained.emit(news)
        elif isinstance(news, Failed):
            self._failed(run, news)
        else:
            self._hear_event(run, news)

    def _hear_event(self, run: Run, event: Any) -> None:
        from visualizer.learning import events  # imported already, by the thread that told it

        match event:
            case events.Started():
                run.step, run.steps = event.step, event.steps
                threads = f"{event.threads} threads" if event.device == "cpu" else ""
                parts = (event.device.upper(), threads, event.precision)
                self._device = " · ".join(part for part in parts if part)
                self.changed.emit()
            case events.Validated():
                self.dead = event.dead
                if event.whole:
                    run.accuracy = event.score.accuracy
                    self.scored.emit()
            case events.Paused() if self._state != "stopping":
                self._set_state("paused")
            case events.Resumed() if self._state != "stopping":
                self._set_state("training")
            case events.Changed():
                self._take_on(event.name, event.after)
                self.scored.emit()
            case events.ChangeRefused():
                self._take_back(event.name)
                self.said.emit(event.reason)
            case events.NotSaved():
                self.said.emit(event.reason)
            case events.WentBack():
                rate = self._model.settings.learning_rate / 10
                self._restore(replace(self._model.settings, learning_rate=rate))
                self.changed.emit()
            case events.Diverged():
                back = f"Back to step {event.good_step:,} at rate {event.learning_rate:.2g}"
                answers = [
                    (back, lambda: self._send(lambda controls: controls.go_back())),
                    ("Stop", self.stop),
                ]
                self.asked.emit(event.reason, answers)
            case events.OutOfMemory():
                self._offer_less(event)
            case events.Finished():
                run.step = event.step
                run.status = "stopped" if event.stopped else "finished"

    def _take_on(self, name: str, after: str) -> None:
        """Remember what is in force now."""
        if self._in_force is not None and name in LIVE:
            before = getattr(self._in_force, name)
            self._in_force = replace(self._in_force, **{name: type(before)(after)})

    def _take_back(self, name: str) -> None:
        """Show what stays in force instead of what was refused."""
        if self._in_force is not None and name in LIVE:
            value = getattr(self._in_force, name)
            self._restore(replace(self._model.settings, **{name: value}))

    def _offer_less(self, event: Any) -> None:
        def take(**changes: Any) -> None:
            self._restore(replace(self._model.settings, **changes))
            self._send(lambda controls: controls.change(**changes))
            self._send(lambda controls: controls.resume())

        answers: list[tuple[str, Callable[[], object]]] = []
        if event.batch_size is not None:
            size = event.batch_size
            answers.append((f"Batch size {size}", lambda: take(batch_size=size)))
        if event.to_cpu:
            answers.append(("Go on with the processor", lambda: take(device="cpu")))
        self.asked.emit(event.reason, [*answers, ("Stop", self.stop)])

    def _failed(self, run: Run, news: Failed) -> None:
        reason = news.reason
        if self._resumed is None:
            run.status = "failed"
            self._forget = run.is_empty()
        else:  # nothing of it may be lost: what is wrong may be mended, such as a missing folder
            run.status = "failed" if self._resumed == "running" else self._resumed
            reason = f"{run.name} could not go on, and is kept as it is: {reason}"
        self.said.emit(reason)
        if news.error is not None:
            unexpected(news.error)

    def _ended(self) -> None:
        run, self.run, self._dataset = self.run, None, None
        self._model.live = None
        self._rest.stop()
        self._changes.clear()
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None
        assert run is not None
        forget = self._forget and run.is_empty()
        self._keep(lambda: self.runs.delete(run) if forget else self._keep_run(run))
        self._set_state("idle")
        if self._is_reset:
            self.reset()

    def _keep_run(self, run: Run) -> None:
        if self._resumed is None:  # else the run never began, and has nothing new
            run.save_curves()
        self.runs.keep(run)

    def _settle(self, run: Run, status: Literal["stopped", "failed"]) -> None:
        run.status = status
        self._keep(lambda: self.runs.keep(run))

    def _keep(self, write: Callable[[], object]) -> None:
        try:
            write()
        except OSError as error:
            self.said.emit(f"The list of runs could not be written: {error}.")
        self.changed.emit()

    def _restore(self, experiment: Experiment) -> None:
        """Show what is in force, which the run knows already."""
        live, self._model.live = self._model.live, None
        self._model.restore(experiment)
        self._model.live = live

    def _set_state(self, state: State) -> None:
        self._state = state
        self.changed.emit()


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return time.strftime("%H:%M:%S" if seconds >= 3600 else "%M:%S", time.gmtime(seconds))
