"""Training as a generator of events. Starts no thread, writes no file, keeps no global state."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace

import torch

from visualizer.learning import events, snapshot
from visualizer.learning.checks import (
    CannotTrain,
    DivergenceWatch,
    can_go_on_after,
    device_or_auto,
)
from visualizer.learning.controls import Controls, Orders
from visualizer.learning.datasets import DataSet
from visualizer.learning.evaluation import dead_units, evaluate, some_of
from visualizer.learning.history import History, Moment
from visualizer.learning.layers import BadNetwork
from visualizer.learning.learner import Augment, Learner, Outcome
from visualizer.learning.log import Log
from visualizer.learning.modules import Network
from visualizer.learning.networks import NetworkSpec
from visualizer.learning.run_state import RunState
from visualizer.learning.settings import TrainingSettings

SECONDS_BETWEEN_CHECKPOINTS = 60.0
SECONDS_BETWEEN_HISTORIES = 15.0  # at least: they are saved with a checkpoint
# An epoch of a small data set takes a tenth of a second, and a disk no less to make sure of a file.
SECONDS_BETWEEN_EPOCH_CHECKPOINTS = 1.0
STEPS_BETWEEN_GOOD_STATES = 50
# What a change leads to shows within so many steps; until then no state counts as good.
STEPS_TO_PROVE_A_CHANGE = 40
_UNREAD_STEPS_ON_GPU = 20
_STEPS_OF_SPEED = 100
_IMAGES_FOR_DEAD_UNITS = 100


def train(
    dataset: DataSet,
    spec: NetworkSpec,
    settings: TrainingSettings,
    controls: Controls | None = None,
    *,
    augment: Augment | None = None,
    resume: RunState | None = None,
    history: History | None = None,
) -> Iterator[events.Event]:
    """Train a network and yield what happens, ending with Finished. See `Trainer`."""
    return Trainer(dataset, spec, settings, controls, augment, resume, history).run()


class Trainer:
    """One run. Only the thread that iterates `run` may touch the network.

    `log` and `history` any may read.

    Attributes:
        dataset: what is learned from.
        controls: takes commands from any thread.
        log: the numbers of the curves.
        history: the weights at some of the steps so far.
    """

    def __init__(
        self,
        dataset: DataSet,
        spec: NetworkSpec,
        settings: TrainingSettings,
        controls: Controls | None = None,
        augment: Augment | None = None,
        resume: RunState | None = None,
        history: History | None = None,
    ) -> None:
        """Prepare a run, or with `resume` the rest of one: the other choices then come from it.

        `history` is what is to be added to: the one of the run that goes on, or an empty one.

        So does the augmentation, unless it is a bare function, which no checkpoint can hold.
        Raises CannotTrain or BadNetwork with one sentence when it cannot start.
        """
        if resume is not None:
            device = device_or_auto(resume.settings.device)
            spec, settings = resume.spec, replace(resume.settings, device=device)
        self._learner = Learner(dataset, spec, settings, augment)
        if resume is not None:
            self._learner.restore(resume)
        self.controls = controls or Controls()
        self.log = resume.log if resume else Log()
        self.history = History() if history is None else history
        self.history.drop_after(self._learner.position.step)
        self.dataset = dataset
        self._watch = DivergenceWatch(dataset.classes)
        self._has_diverged = self._is_paused = False
        self._unread: list[Outcome] = []
        self._passed = deque([self._learner.position], maxlen=_STEPS_OF_SPEED)
        self._saved_at, self._saved_step = time.monotonic(), -1
        self._history_saved_at = self._saved_at
        self._validated_at = -1
        self._changed_at = -STEPS_TO_PROVE_A_CHANGE
        self._keep_good()

    @property
    def network(self) -> Network:
        """What is being trained."""
        return self._learner.network

    def state(self) -> RunState:
        """Return the run as it stands, or its last good state while it is diverged."""
        return self._good if self._has_diverged else self._learner.state(self.log)

    def run(self) -> Iterator[events.Event]:
        """Yield the events of the run to its end."""
        learner = self._learner
        yield events.Started(
            step=learner.position.step,
            steps=learner.steps,
            device=learner.device.type,
            precision=str(learner.precision).removeprefix("torch."),
            threads=torch.get_num_threads(),
            parameters=sum(p.numel() for p in learner.network.parameters()),
        )
        self._remember()
        stopped = False
        while not stopped and not (learner.is_done and not self._has_diverged):
            orders = self.controls.take()
            yield from self._obey(orders)
            stopped = orders.stop
            if orders.go and not learner.is_done:
                yield from self._advance()
            if learner.is_done:
                yield from self._report()
                # Here, as long as the offer to go back can still be taken.
                yield from self._validate(whole=True)
        yield from self._report()
        if not stopped:
            yield from self._validate(whole=True)
        where = learner.position
        if self._has_diverged or self._saved_step != where.step:
            yield from self._checkpoint()
        self._remember(always=True)
        yield events.HistoryDue(self.state(), self.history)
        yield events.Finished(where.step, stopped, where.seconds, where.images)

    def _advance(self) -> Iterator[events.Event]:
        """Take one step, and do what is due after it."""
        learner = self._learner
        epoch = learner.position.epoch
        outcome = self._step()
        if outcome is None:
            yield self._out_of_memory()
            return
        self._unread.append(outcome)
        self._remember()
        step, is_epoch = learner.position.step, learner.position.epoch > epoch
        every = self._learner.settings.validate_every
        is_validation = is_epoch or (every and step % every == 0)
        is_checkpoint = self._is_checkpoint_due(is_epoch)
        is_cheap = learner.device.type == "cpu" or len(self._unread) >= _UNREAD_STEPS_ON_GPU
        if is_cheap or is_validation or is_checkpoint or step % STEPS_BETWEEN_GOOD_STATES == 0:
            yield from self._report()
        if is_validation and not self._has_diverged:
            yield from self._validate(whole=is_epoch)
        if self._has_diverged:
            return
        if is_checkpoint:
            yield from self._checkpoint()
        if self._is_good_due():
            with self._if_it_fits():
                self._keep_good()

    def _step(self) -> Outcome | None:
        """Take one step; None when it does not fit into the memory.

        What the failed step still held is let go of with the exception, when this returns.
        """
        try:
            return self._learner.step()
        except (RuntimeError, MemoryError) as error:
            if not can_go_on_after(error):
                raise
            return None

    def _is_good_due(self) -> bool:
        """Whether to keep the present state: some steps after the last, once all looks sound."""
        every, step = STEPS_BETWEEN_GOOD_STATES, self._learner.position.step
        is_new = step // every > self._good.position.step // every
        is_proved = step - self._changed_at >= STEPS_TO_PROVE_A_CHANGE
        return is_new and is_proved and not self._unread and self._watch.is_sound

    def _keep_good(self) -> None:
        """Keep the state to go back to, with what was known of its loss and the changes so far."""
        self._good = self._learner.state(self.log, copy=True)
        self._good_watch = deepcopy(self._watch)
        self._good_marks = self.log.marks

    def _report(self) -> Iterator[events.Event]:
        """Tell of the steps not told yet. Reading a loss waits for the GPU, so not at each."""
        unread, self._unread = self._unread, []
        if not unread:
            return
        started = time.perf_counter()
        losses = torch.stack([outcome.loss for outcome in unread]).tolist()
        right = torch.stack([outcome.right for outcome in unread]).tolist()
        self._learner.add_seconds(time.perf_counter() - started)
        self._passed.append(self._learner.position)
        for outcome, loss, count in zip(unread, losses, right, strict=True):
            yield self._step_done(outcome, loss, count / outcome.count)
            yield from self._judge(outcome.position.step, self._watch.look(loss))

    def _judge(self, step: int, trouble: str | None) -> Iterator[events.Event]:
        """Pause and offer the last good state when there is `trouble`; say so once."""
        if trouble and not self._has_diverged:
            self._has_diverged = True
            self.controls.pause()
            rate = self._learner.settings.learning_rate / 10
            yield events.Diverged(step, trouble, self._good.position.step, rate)

    def _step_done(self, outcome: Outcome, loss: float, accuracy: float) -> events.StepDone:
        where, learner = outcome.position, self._learner
        self.log.steps.append(where.step, loss, accuracy, outcome.rate)
        first, last = self._passed[0], self._passed[-1]
        speed = (last.images - first.images) / max(last.seconds - first.seconds, 1e-9)
        if self.controls.tempo is not None:
            speed = min(speed, self.controls.tempo * learner.settings.batch_size)
        return events.StepDone(
            step=where.step,
            steps=learner.steps,
            epoch=learner.epoch_at(where),
            loss=loss,
            accuracy=accuracy,
            learning_rate=outcome.rate,
            images_per_second=speed,
            seconds_left=learner.images_left(where) / speed,
        )

    def _validate(self, whole: bool) -> Iterator[events.Event]:
        step = self._learner.position.step
        if self._validated_at == step:
            return
        self._validated_at = step
        part = self.dataset.validation
        images, labels = part.images, part.labels
        if not whole:
            count = self._learner.settings.validation_images
            images, labels = some_of(images, labels, count)
        try:
            score = evaluate(self.network, images, labels)
            dead = dead_units(self.network, images[:_IMAGES_FOR_DEAD_UNITS])
        except (RuntimeError, MemoryError) as error:
            if not can_go_on_after(error):
                raise
            yield self._out_of_memory()
            return
        self.log.validations.append(step, score.loss, score.accuracy, whole)
        yield events.Validated(step, self._learner.epoch, whole, score, dead)
        yield from self._judge(step, self._watch.look_at_validation(score.loss))

    def _is_checkpoint_due(self, is_epoch: bool) -> bool:
        passed = time.monotonic() - self._saved_at
        if is_epoch:
            return self._saved_step < 0 or passed >= SECONDS_BETWEEN_EPOCH_CHECKPOINTS
        return passed >= SECONDS_BETWEEN_CHECKPOINTS

    def _checkpoint(self) -> Iterator[events.Event]:
        yield events.CheckpointDue(self.state())
        now = time.monotonic()
        self._saved_at, self._saved_step = now, self._learner.position.step
        if now - self._history_saved_at >= SECONDS_BETWEEN_HISTORIES:
            yield events.HistoryDue(self.state(), self.history)
            self._history_saved_at = time.monotonic()

    def _remember(self, always: bool = False) -> None:
        """Keep the weights for the history, where it wants them or it is their last chance."""
        step = self._learner.position.step
        if always or self.history.wants(step):
            with self._if_it_fits():
                self.history.keep(step, self._learner.network.state_dict())

    @contextmanager
    def _if_it_fits(self) -> Iterator[None]:
        """Do without a copy that the memory has no room for: an older one is there."""
        try:
            yield
        except (RuntimeError, MemoryError) as error:
            if not can_go_on_after(error):
                raise

    def _out_of_memory(self) -> events.OutOfMemory:
        learner = self._learner
        learner.release()
        self.controls.pause()
        batch, is_cpu = learner.settings.batch_size, learner.device.type == "cpu"
        return events.OutOfMemory(
            step=learner.position.step,
            reason=f"A batch of {batch} images does not fit into the memory of the "
            f"{'computer' if is_cpu else 'GPU'}; make the batch or the network smaller.",
            batch_size=batch // 2 or None,
            to_cpu=not is_cpu,
        )

    def _obey(self, orders: Orders) -> Iterator[events.Event]:
        """Carry out everything but the step."""
        if orders.go_back:
            yield from self._go_back()
        for name, value in orders.changes.items():
            yield from self._change(name, value)
        if orders.paused != self._is_paused:
            self._is_paused = orders.paused
            yield from self._report()
            step = self._learner.position.step
            yield events.Paused(step) if orders.paused else events.Resumed(step)
        if self._has_diverged and not orders.paused:
            self._has_diverged = False
            self._watch.bear_with()
        if orders.checkpoint:
            yield from self._report()
            yield from self._checkpoint()
        if orders.moment:
            yield from self._report()
            step = self._learner.position.step
            yield events.MomentTaken(Moment.of(step, self.network.state_dict()))
        if orders.snapshot:
            yield from self._report()
            probe = self.controls.probe
            probe = self.dataset.validation.images[0] if probe is None else probe
            step, batch = self._learner.position.step, self._learner.batch
            yield events.SnapshotTaken(snapshot.take(self.network, step, probe, batch))

    def _change(self, name: str, value: object) -> Iterator[events.Event]:
        """Put a new value in force and mark it, or say why not."""
        step, before = self._learner.position.step, self._learner.value(name)
        try:
            self._learner.change(name, value)
        except (CannotTrain, BadNetwork) as error:
            yield events.ChangeRefused(step, name, error.reason)
            return
        after = self._learner.value(name)
        if after != before:
            self._changed_at = step
            if name in ("augmentation", "dropout"):
                self._watch.expect_another_level()
            self.log.mark(step, name, before, after)
            yield events.Changed(step, name, before, after)

    def _go_back(self) -> Iterator[events.Event]:
        """Stand at the last good state again, with a tenth of the learning rate in force now.

        WentBack is told when all that is in force then is.
        """
        left, rate = self._learner.position.step, self._learner.settings.learning_rate / 10
        self._unread.clear()
        self._learner.restore(self._good)
        self.history.drop_after(self._learner.position.step)
        self.log.put_marks_back(self._good_marks)
        self._watch = deepcopy(self._good_watch)
        self._has_diverged, self._validated_at = False, -1
        self._passed = deque([self._learner.position], maxlen=_STEPS_OF_SPEED)
        changed = list(self._change("learning_rate", rate))
        self._keep_good()
        yield events.WentBack(self._learner.position.step, left)
        yield from changed
