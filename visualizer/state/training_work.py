"""The work of the training thread, from an experiment to its last event. Starts no thread.

Torch is imported only inside the functions: the import takes seconds, and the window is not to
wait for it.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from visualizer.learning.corrections import FILE, Corrections, corrected, data_key, load
from visualizer.learning.networks import dropout_of, table
from visualizer.learning.pipeline import OWN, Pipeline
from visualizer.paths import user_data
from visualizer.state import cores
from visualizer.state.loading import load_learning
from visualizer.state.mailbox import Mailbox
from visualizer.state.runs import Run, write_curves
from visualizer.state.training import SHARED, Experiment, with_network
from visualizer.state.training_news import (
    SNAPSHOT,
    STEP,
    Failed,
    InForce,
    Order,
    Prepared,
    Ready,
    Trained,
)
from visualizer.state.training_probe import Probe

if TYPE_CHECKING:
    from visualizer.learning.controls import Controls
    from visualizer.learning.datasets import DataSet
    from visualizer.learning.evaluation import Score
    from visualizer.learning.events import Event
    from visualizer.learning.history import History
    from visualizer.learning.progress import Progress
    from visualizer.learning.run_state import RunState
    from visualizer.learning.snapshot import Snapshot
    from visualizer.learning.trainer import Trainer


class _GivenUp(Exception):
    """Raised where a run is no longer wanted before it has begun."""


class Remote:
    """Commands to a trainer that may still be on its way: they wait until it is there.

    Attributes:
        discard: nothing more is to be saved; a run that has not begun does not begin.
    """

    def __init__(self) -> None:
        self.discard = False
        self._lock = threading.Lock()
        self._controls: Controls | None = None
        self._dataset: DataSet | None = None
        self._waiting: list[Callable[[Controls], Any]] = []

    def send(self, command: "Callable[[Controls], Any]") -> None:
        """Call `command` with the trainer's controls, now or as soon as there are any."""
        with self._lock:
            if self._controls is None:
                self._waiting.append(command)
                return
        command(self._controls)

    def change(self, changes: dict[str, Any]) -> None:
        """Put new values of live settings of the experiment in force."""

        def command(controls: "Controls") -> None:
            given = dict(changes)
            if "augmentation" in changes:
                assert self._dataset is not None
                given["augmentation"] = augmentation(changes["augmentation"], self._dataset)
            controls.change(**given)

        self.send(command)

    def check(self) -> None:
        """Raise _GivenUp when the run is no longer wanted."""
        if self.discard:
            raise _GivenUp

    def bind(self, controls: "Controls", dataset: "DataSet") -> None:
        """Carry out what has waited, and from now on everything at once."""
        with self._lock:
            self._controls, self._dataset = controls, dataset
            waiting, self._waiting = self._waiting, []
        for command in waiting:
            command(controls)


def prepare(
    experiment: Experiment,
    known: "DataSet | None" = None,
    *,
    download: bool = False,
    tell: "Callable[[Progress], object] | None" = None,
    corrections: Corrections | None = None,
) -> Prepared:
    """Open the data of an experiment (or take them as `known`) and look at its network.

    The user's own corrections are made to the data: those given, else all there are now.
    `download` says that the user agrees to fetch what is missing; `tell` hears of the progress.
    Raises BadData.
    """
    load_learning()
    from visualizer.learning.card import card
    from visualizer.learning.checks import CannotTrain, check
    from visualizer.learning.layers import BadNetwork
    from visualizer.learning.sources import open_data

    dataset = known or open_data(list(experiment.data), experiment.seed, download, tell)
    mine = load(user_data() / FILE) if corrections is None else corrections
    dataset = corrected(dataset, mine, data_key(experiment.data))
    spec = experiment.spec()
    known_card = card(dataset)
    try:
        rows = table(spec, (dataset.channels, dataset.height, dataset.width), dataset.classes)
    except BadNetwork as error:
        return Prepared(experiment, dataset, known_card, (), error.reason)
    try:
        check(dataset, spec, experiment.settings())
    except CannotTrain as error:
        return Prepared(experiment, dataset, known_card, rows, error.reason)
    return Prepared(experiment, dataset, known_card, rows)


def look(prepared: Prepared, probe: Probe, trained: Trained | None) -> "Snapshot":
    """Return what a network makes of the probe: the trained one, or the one a run begins with."""
    import torch

    from visualizer.learning import snapshot
    from visualizer.learning.modules import build

    dataset, experiment = prepared.dataset, prepared.experiment
    if trained is not None:
        network, step = trained.network, trained.step
    else:
        shape = (dataset.channels, dataset.height, dataset.width)
        network, step = (
            build(
                experiment.spec(),
                shape,
                dataset.classes,
                dataset.mean,
                dataset.std,
                experiment.seed,
            ),
            0,
        )
    return snapshot.take(network, step, torch.from_numpy(probe.pixels), None)


def stored(run: Run) -> Trained:
    """Return the network in the newest checkpoint of a run. Raises BadCheckpoint."""
    load_learning()
    from visualizer.learning.checkpoint import Ring
    from visualizer.learning.modules import build

    state, _ = Ring(run.folder).newest()
    network = build(state.spec, state.shape, len(state.class_names))
    network.load_state_dict(state.weights)
    return Trained(with_network(run.experiment, state.spec), network, state.position.step)


def score(prepared: Prepared, trained: Trained) -> "Score":
    """Try a network on the validation images of its data."""
    from visualizer.learning.evaluation import evaluate

    part = prepared.dataset.validation
    return evaluate(trained.network, part.images, part.labels)


def sample_images(
    dataset: "DataSet", each: int, most: int, seed: int
) -> tuple[npt.NDArray[np.uint8], list[int]]:
    """Return up to `each` training images of each class, `most` in all, and their labels.

    The images are uint8 (N, C, H, W); another seed gives others.
    """
    from visualizer.learning.card import samples

    chosen = samples(dataset, each, seed).flatten()
    chosen = chosen[chosen >= 0][:most]
    return dataset.train.images[chosen].numpy(), dataset.train.labels[chosen].tolist()


def read_history(folder: Path) -> "History | None":
    """Return the history of the run in `folder`, or None where none was kept."""
    load_learning()
    from visualizer.learning import history_file

    recording = history_file.read(folder)
    return None if recording is None else recording.history


def augmentation(pipeline: Pipeline, dataset: "DataSet") -> Any:
    """Return what `pipeline` is to do to the images of `dataset`, or None for nothing."""
    from visualizer.learning import sources

    return sources.suited(pipeline, dataset)


def work(order: Order, remote: Remote, mailbox: Mailbox) -> None:
    """Train as ordered and put all that happens into the mailbox; never raises."""
    try:
        load_learning()
        cores.take_all()
        _train(order, remote, mailbox)
    except _GivenUp:
        return
    except Exception as error:  # the thread's edge: it becomes `Failed`
        reason = getattr(error, "reason", "")
        if reason or isinstance(error, OSError):
            mailbox.tell(Failed(reason or _not_saved(error)))
        else:
            mailbox.tell(Failed("The training broke off.", error))


def _not_saved(error: Exception) -> str:
    why = getattr(error, "strerror", None) or error
    return f"The run could not be saved: {why}; check the disk. What it has saved before stays."


def _train(order: Order, remote: Remote, mailbox: Mailbox) -> None:
    from visualizer.learning import report
    from visualizer.learning.checkpoint import Ring, autosaving, write_weights
    from visualizer.learning.events import Changed, Saved, WentBack
    from visualizer.learning.history_file import Archive

    own = order.folder / FILE  # a run goes on with the corrections that it began with
    corrections = load(own if order.resume else user_data() / FILE)
    prepared = prepare(
        order.experiment,
        order.known,
        tell=lambda progress: remote.check(),
        corrections=corrections,
    )
    ring = Ring(order.folder)
    trainer = _trainer(order, prepared, ring)
    archive = Archive(order.folder, trainer.history)
    remote.check()
    if not order.resume:
        corrections.of(data_key(order.experiment.data)).save(own)
    remote.bind(trainer.controls, prepared.dataset)
    experiment = _in_force(order, trainer)
    mailbox.tell(Ready(replace(prepared, experiment=experiment), trainer.log, trainer.history))
    report.write_result(order.folder, {"status": "running", **_facts(experiment)})
    for event in autosaving(_unless_discarded(trainer.run(), remote), ring, archive):
        if isinstance(event, Changed | WentBack):
            mailbox.tell(InForce(_in_force(order, trainer)))
        elif isinstance(event, Saved):  # for the list, should the run be cut short
            with suppress(OSError):  # the checkpoint that has just been saved holds them as well
                write_curves(order.folder, trainer.log)
        _deliver(event, mailbox)
    state = trainer.state()
    mailbox.tell(Trained(order.experiment, trainer.network, state.position.step))
    if not remote.discard:
        write_weights(order.folder / report.WEIGHTS, state)
        report.write_metrics(order.folder, state.log)
        ended = _facts(_in_force(order, trainer))
        report.write_result(order.folder, {"status": "ended", **ended})


def _trainer(order: Order, prepared: Prepared, ring: Any) -> "Trainer":
    from visualizer.learning import history_file
    from visualizer.learning.history import History
    from visualizer.learning.trainer import Trainer

    experiment = order.experiment
    state = ring.newest()[0] if order.resume else None
    memory = experiment.history_mb * 2**20
    return Trainer(
        prepared.dataset,
        experiment.spec(),
        experiment.settings(),
        augment=augmentation(experiment.augment(), prepared.dataset),
        resume=state,
        history=History(memory=memory)
        if state is None
        else history_file.resumed(order.folder, state, memory),
    )


def _in_force(order: Order, trainer: "Trainer") -> Experiment:
    """Return the experiment with what has been changed about it since the run began."""
    return in_force(order.experiment, trainer.state())


def in_force(experiment: Experiment, state: "RunState") -> Experiment:
    """Return the experiment with what is in force in a run, its network included."""
    # The seed of an experiment is that of its data too, which the trainer does not know.
    settings = {name: getattr(state.settings, name) for name in SHARED if name != "seed"}
    augment = state.augmentation
    experiment = replace(
        experiment,
        **settings,
        dropout=dropout_of(state.spec) or 0.0,
        augmentation=augment.name if augment else "none",
        pipeline=augment if augment and augment.name == OWN else None,
    )
    return with_network(experiment, state.spec)


def _facts(experiment: Experiment) -> dict[str, Any]:
    """What `cnn-visualizer evaluate` and `train --resume` want to know of a run."""
    return {
        "data": list(experiment.data),
        "data_seed": experiment.seed,
        "network": experiment.network,
        "augment": experiment.augmentation,
    }


def _unless_discarded(stream: "Iterable[Event]", remote: Remote) -> "Iterator[Event]":
    from visualizer.learning.events import CheckpointDue, HistoryDue

    for event in stream:
        if not (remote.discard and isinstance(event, CheckpointDue | HistoryDue)):
            yield event


def _deliver(event: "Event", mailbox: Mailbox) -> None:
    from visualizer.learning.events import SnapshotTaken, StepDone

    if isinstance(event, StepDone):
        mailbox.show(STEP, event)
    elif isinstance(event, SnapshotTaken):
        mailbox.show(SNAPSHOT, event.snapshot)
    else:
        mailbox.tell(event)
