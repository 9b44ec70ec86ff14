"""The run that goes on: begins it, follows what it tells, asks when it is in trouble."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from visualizer.state.runs import Run, Runs, Status
from visualizer.state.training import Experiment, TrainingModel
from visualizer.state.training_news import Failed, InForce, Order, Prepared, Ready, Trained
from visualizer.state.training_probe import Probe
from visualizer.ui import training_texts
from visualizer.ui.dialogs import closing
from visualizer.ui.errors import unexpected
from visualizer.ui.live_settings import LiveSettings
from visualizer.ui.run_keeper import RunKeeper
from visualizer.ui.training_texts import State
from visualizer.ui.training_thread import TrainingThread

if TYPE_CHECKING:
    from visualizer.learning.history import History


class Training(QObject):
    """What the Train page does, without its looks.

    Signals:
        changed(): state, run or list of runs is another.
        scored(): the run has another accuracy, or another mark on its curves.
        validated(Validated): it was tried on validation images.
        prepared(Prepared): a run has looked at its data.
        trained(Trained): a run has left its network.
        progressed(StepDone), pictured(Snapshot): the newest.
        froze(Moment): the weights that were asked for.
        saved(Run): the run has left a checkpoint.
        picked(Run): the network that this run has left is to be on show.
        renewed(): what was learned is no longer to be shown; the next run begins anew.
        said(str): one sentence for the user; outdated(): it may no longer be true, as a run has
            begun, or the next one is to be another.
        asked(str, list of (text, answer)): a question; withdrawn(): it is settled.

    Attributes:
        keeper: the runs on disk.
        dead: for each ReLU layer its name, how many never fire, of how many.
        known: what was looked at last, to be used again where it fits.
        left: the network that the last run left, until it is put away.
        left_by: that run.
        picked_run: the run whose network was asked for, or None for that of the settings.
        last_validated: how the newest run did on validation images, until it is put away.
        probe: the image sent through the network, once there is one.
        history: the weights at some steps of that run, or of the one that goes on.
        hint: what else is going on, in a few words.
    """

    changed = Signal()
    scored = Signal()
    validated = Signal(object)
    prepared = Signal(object)
    trained = Signal(object)
    progressed = Signal(object)
    pictured = Signal(object)
    froze = Signal(object)
    saved = Signal(object)
    picked = Signal(object)
    renewed = Signal()
    said = Signal(str)
    outdated = Signal()
    asked = Signal(str, list)
    withdrawn = Signal()

    def __init__(self, model: TrainingModel, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._thread = TrainingThread(self)
        self._live = LiveSettings(model, lambda changes: self._thread.remote.change(changes), self)
        self._tempo: float | None = None
        self._state: State = "idle"
        self._last: Any = None  # StepDone
        self._started: Any = None  # Started
        self._forget = self._is_reset = False
        self._put_back: Experiment | None = None  # the experiment to show at the end
        self._left_with: Experiment | None = None  # the experiment as the last run ended
        self._resumed: Status | None = None  # what a run was before it was to go on
        self.keeper = RunKeeper(folder, self)
        self.dead: tuple[tuple[str, int, int], ...] = ()
        self.known: Prepared | None = None
        self.left: Trained | None = None
        self.left_by: Run | None = None
        self.picked_run: Run | None = None
        self.last_validated: Any = None  # Validated
        self.probe: Probe | None = None
        self.history: History | None = None
        self.hint = ""
        for signal in ("changed", "said", "asked"):
            getattr(self.keeper, signal).connect(getattr(self, signal))
        model.changed.connect(self._chosen)
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

    @property
    def run(self) -> Run | None:
        """The run that goes on."""
        return self.keeper.active

    @property
    def on_show(self) -> Run | None:
        """The run that goes on, or was picked, or was the last."""
        return self.run or self.picked_run or self.left_by

    @property
    def runs(self) -> Runs:
        """All there are."""
        return self.keeper.runs

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

    def start(self, *, paused: bool = False, other: Experiment | None = None) -> None:
        """Begin a run of the experiment, or of another: the user's own comes back at its end."""
        self._put_back = self._model.settings if other is not None else None
        try:
            run = self.runs.begin(other or self._model.settings)
        except OSError as error:
            why = error.strerror or error
            self.said.emit(f"No run can be kept in {self.runs.folder}: {why}; check that folder.")
            return
        self._resumed = None
        self._begin(run, paused=paused)

    def resume(self, run: Run) -> None:
        """Go on with a run where its last checkpoint was made."""
        if not self.busy:
            self._model.restore(run.experiment)
            self._resumed, self._put_back = run.status, None
            run.status = "running"
            self._begin(run, resume=True)

    def open_run(self, folder: Path) -> None:
        """Take over a copy of a run from a folder, such as the command line leaves, and go on."""
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

    def cancel_start(self) -> None:
        """Give up a run that has not begun yet, while its data are read; nothing is kept of it."""
        if self._state == "starting":
            self._put_back = None  # nothing else is on show yet
            self._forget = self._thread.remote.discard = True
            self.stop()

    def show_network_of(self, run: Run | None) -> None:
        """Let the network that this run has left be on show; None: that of the settings."""
        self.picked_run = run
        if run is not None:
            self.picked.emit(run)

    def reset(self) -> None:
        """End the run, which stays in the list if it has taken a step, and begin anew."""
        if self.run is not None:
            self._is_reset = True
            if self.run.is_empty():
                self._forget = self._thread.remote.discard = True
            self.stop()
        else:
            self.dead, self.left, self.last_validated = (), None, None
            self.left_by = None
            self.history = None
            self.renewed.emit()

    def save_now(self) -> None:
        """Have the run that goes on leave a checkpoint at once; `saved` tells when it is there."""
        self._send(lambda controls: controls.save())

    def set_tempo(self, tempo: float | None) -> None:
        """Take at most so many steps a second; None for as fast as possible."""
        self._tempo = tempo
        self._send(lambda controls: controls.set_tempo(tempo))

    def hold(self, on: bool) -> None:
        """Take no step for a moment: the window needs the interpreter to itself."""
        self._thread.remote.send(lambda controls: controls.hold(on))

    def watch(self, on: bool) -> None:
        """Ask for pictures, or not."""
        self._thread.watch(on)

    def show_probe(self, probe: Probe) -> None:
        """Send this image through the network from now on."""
        self.probe = probe
        if self.busy:
            self._thread.show_probe(probe)

    def request_moment(self) -> None:
        """Ask the run that goes on for its weights as they are now: `froze` brings them."""
        self._send(lambda controls: controls.request_moment())

    def offer_unfinished(self) -> None:
        """Ask about a run that was cut short, by a crash or a kill."""
        run = self.keeper.unfinished()
        if run is not None:
            self.asked.emit(
                f"{run.name} was cut short. Go on with it from its last checkpoint?",
                [
                    ("Go on", lambda: self.resume(run)),
                    ("Not now", lambda: self.keeper.settle(run, "stopped")),
                ],
            )

    def ask_before_closing(self, window: QWidget) -> bool:
        """Ask what is to become of a run that goes on; return whether the window may close."""
        if not self.busy:
            return True
        answer = closing.ask(window)
        if answer == "discard":
            self._thread.remote.discard = True
        return answer != "keep"

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
        return training_texts.state_text(self._state, self.hint)

    def progress_text(self, prepared: Prepared | None) -> str:
        """How far the run is; else how the one on show ended, or what other settings come to."""
        settings = self._model.settings
        if self.run is not None and self._last is not None:
            return training_texts.progress_text(self.run, self._last, settings.epochs, self._state)
        ended = self.picked_run or (self.left_by if self._left_with == settings else None)
        if ended is not None and ended in self.runs:  # it may have been deleted
            return training_texts.ended_text(ended)
        return training_texts.outlook_text(prepared, settings)

    def device_text(self) -> str:
        """Where it computes, and the memory it takes."""
        return training_texts.place_text(self._started)

    # The run

    def _begin(self, run: Run, *, paused: bool = False, resume: bool = False) -> None:
        self.withdrawn.emit()
        self._last, self.dead, self.last_validated = None, (), None
        self._forget = self._is_reset = False
        self.keeper.hold(run)
        if resume:  # what a kill leaves is offered at the next start
            self.keeper.save(run)
        self._thread.start(
            Order(run.experiment, run.folder, resume, self.known_for(run.experiment)), paused=paused
        )
        self._send(lambda controls: controls.set_tempo(self._tempo))
        self._live.begin()
        self._set_state("starting")

    def _send(self, command: Callable[[Any], object]) -> None:
        if self.busy:
            self._live.flush()
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
            self.history = news.history
            run.go_on(news.log)
            run.experiment, images = news.prepared.experiment, news.prepared.dataset.validation
            run.samples_validation = len(images) > run.experiment.settings().validation_images
            self._resumed = None
            self._live.take_on(news.prepared.experiment)
            self._live.restore(news.prepared.experiment)
            self._set_state("training")
            self.prepared.emit(news.prepared)
            self.outdated.emit()
        elif isinstance(news, InForce):
            self._live.take_on(news.experiment)
        elif isinstance(news, Trained):
            self.left, self.left_by = news, run
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
                self._started = event
                self.keeper.save(run)
            case events.Validated():
                self.dead = event.dead
                self.last_validated = event
                self.validated.emit(event)
                if event.whole:
                    run.accuracy = event.score.accuracy
                    self.scored.emit()
            case events.Paused() if self._state != "stopping":
                self._set_state("paused")
            case events.Resumed() if self._state != "stopping":
                self._set_state("training")
            case events.Changed():
                self.scored.emit()
            case events.ChangeRefused():
                self._live.take_back(event.name)
                self.said.emit(event.reason)
            case events.Saved():
                self.saved.emit(run)
            case events.NotSaved():
                self.said.emit(event.reason)
            case events.MomentTaken():
                self.froze.emit(event.moment)
            case events.WentBack():
                self._live.show()
                self.changed.emit()
            case events.Diverged():
                self._offer_to_go_back(event)
            case events.OutOfMemory():
                self._offer_less(event)
            case events.Finished():
                run.step = event.step
                run.status = "stopped" if event.stopped else "finished"

    def _offer_to_go_back(self, event: Any) -> None:
        back = f"Back to step {event.good_step:,} at rate {event.learning_rate:.2g}"
        answers = [
            (back, lambda: self._send(lambda controls: controls.go_back())),
            ("Stop", self.stop),
        ]
        self.asked.emit(event.reason, answers)

    def _offer_less(self, event: Any) -> None:
        def take(**changes: Any) -> None:
            self._live.restore(replace(self._model.settings, **changes))
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
        if self._resumed is not None:  # nothing of it may be lost: what is wrong may be mended
            run.status = "failed" if self._resumed == "running" else self._resumed
            reason = f"{run.name} could not go on, and is kept as it is: {reason}"
        elif run.status == "running":  # otherwise only its end could not be saved
            run.status = "failed"
            self._forget = run.is_empty()
        self.said.emit(reason)
        if news.error is not None:
            unexpected(news.error)

    def _ended(self) -> None:
        run = self.run
        assert run is not None
        self._live.end()
        self.keeper.release()
        if run.status == "running":  # given up before it began
            run.status, self._forget = self._resumed or "stopped", True
        if self._forget and run.is_empty():
            self.keeper.forget(run)
        else:  # a run that could not be resumed has nothing new
            self.keeper.save(run, curves=self._resumed is None)
        put_back, self._put_back = self._put_back, None
        if self.left_by is run:
            self._left_with = self._model.settings
        if put_back is not None:
            self._model.restore(put_back)
        self._set_state("idle")
        if self._is_reset:
            self.reset()

    def _chosen(self, before: Experiment, after: Experiment) -> None:
        if self._state == "idle":
            self.outdated.emit()

    def _set_state(self, state: State) -> None:
        self._state = state
        self.changed.emit()
