"""What the Train page shows while no run goes on: an experiment, looked at off the GUI thread."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from visualizer.core.image import Image
from visualizer.state.runs import Run
from visualizer.state.training import Experiment
from visualizer.state.training_news import Prepared, Trained
from visualizer.state.training_probe import Probe, from_picture, from_validation
from visualizer.state.training_work import look, prepare, score, stored
from visualizer.ui.background import Background, Job
from visualizer.ui.errors import unexpected
from visualizer.ui.training import Training
from visualizer.ui.training_texts import GETTING_READY

if TYPE_CHECKING:
    from visualizer.learning.datasets import DataSet
    from visualizer.learning.snapshot import Snapshot

_SHOWING = "showing "
_MADE_OF = ("data", "network", "custom", "activation", "pooling", "batch_norm", "width", "seed")


@dataclass(frozen=True, eq=False)
class _Found:
    """What a look has found.

    Attributes:
        prepared: what the experiment comes to.
        probe: what was sent through the network.
        snapshot: what that made of it, or None where there can be no network.
        trained: the network, or None for an untrained one.
    """

    prepared: Prepared
    probe: Probe
    snapshot: "Snapshot | None"
    trained: Trained | None


def _fitting(picture: Probe | None, dataset: "DataSet", index: int) -> Probe:
    """Return the picture if it is one for these data, else a validation image of theirs."""
    if picture is not None and picture.pixels.shape == dataset.train.images.shape[1:]:
        return picture
    return from_validation(dataset, index)


class Look(QObject):
    """Opens the data, and sends the probe image through the network.

    Signals:
        began(): a look that may take long.
        reported(Progress): how far it is.
        prepared(Prepared): what the experiment comes to.
        failed(Exception): why it cannot be looked at.
        probed(Probe): another image is sent through.
        pictured(Snapshot): what the network makes of it.
        scored(Score or None, int): how the network does on validation images, at which step.

    Attributes:
        probe: what is sent through the network, once there is something.
    """

    began = Signal()
    reported = Signal(object)
    prepared = Signal(object)
    failed = Signal(object)
    probed = Signal(object)
    pictured = Signal(object)
    scored = Signal(object, int)

    def __init__(self, training: Training, parent: QObject) -> None:
        super().__init__(parent)
        self._training = training
        self._index = 0  # of the validation image
        self._is_picture = False  # the probe is one of the user's
        self._work = Background("train preview", self, passes_by=True)
        self._work.reported.connect(self.reported)
        self._work.done.connect(self._done)
        self._work.failed.connect(self._failed)
        self._scoring = Background("validation", self)
        self._scoring.done.connect(lambda found: self.scored.emit(*found))
        self._scoring.failed.connect(unexpected)
        self._loaded: tuple[Run, Trained] | None = None
        self._reading: tuple[tuple[str, ...], int] | None = None  # the data being opened, and seed
        self._is_overtaken = False  # by other settings for these data
        self._is_outrun = False  # a run has begun: what is on show may not be what it leaves
        training.changed.connect(self._catch_up)
        self.probe: Probe | None = None

    @property
    def picked(self) -> Run | None:
        """The run whose network is on show, or None for that of the settings."""
        return self._training.picked_run

    @property
    def _picture(self) -> Probe | None:
        """The user's own picture, if that is the probe."""
        return self.probe if self._is_picture else None

    def submit(self, *, download: bool = False) -> None:
        """Look at the experiment; the first time this imports torch.

        `download` says that the user agrees to fetch what is missing.
        """
        self._training.show_network_of(None)
        self._start(download)

    def pick(self, run: Run) -> None:
        """Look at the network that a run has left, whatever the settings are now."""
        if not self._training.busy:
            self._training.show_network_of(run)
            self._start()

    def _start(self, download: bool = False, known: "DataSet | None" = None) -> None:
        training, picked = self._training, self.picked
        if training.busy:
            return
        experiment = picked.experiment if picked else training.model.settings
        known, index = known or training.known_for(experiment), self._index
        read = experiment.data, experiment.seed
        if self._work.busy and self._reading == read and not download:
            self._is_overtaken = True  # a large folder, or a download, is not begun anew
            return
        self._reading, self._is_overtaken = (None if known else read), False
        trained = self._known_network(experiment)
        picture = self._picture

        def survey(job: Job) -> _Found:
            found = stored(picked) if picked and not trained else trained
            made = found.experiment if picked and found else experiment
            prepared = prepare(made, known, download=download, tell=job.report)
            probe = _fitting(picture, prepared.dataset, index)
            job.check()
            shown = None if prepared.refusal else look(prepared, probe, found)
            return _Found(prepared, probe, shown, found)

        if training.known is None:
            training.hint = GETTING_READY
        elif known is None:
            training.hint = "reading the data"
        self._scoring.cancel()
        self._work.submit(survey)
        self.began.emit()

    def move_probe(self, by: int) -> None:
        """Take the validation image so many places on, or back, as the probe."""
        if (known := self._training.known) is not None:
            self._is_picture = False
            self._index = (self._index + by) % len(known.dataset.validation)
            self._choose(from_validation(known.dataset, self._index))

    def probe_picture(self, image: Image) -> None:
        """Take a picture of the user's as the probe."""
        if (known := self._training.known) is not None:
            self._is_picture = True
            self._choose(from_picture(image, known.dataset))

    def show_probe_of(self, prepared: Prepared) -> None:
        """Send the probe through the network of a run that begins, or one that fits its data.

        The run has read the data by itself: nothing more is to be heard of a look that still does.
        """
        self._work.cancel()
        self._training.show_network_of(None)
        self._take(_fitting(self._picture, prepared.dataset, self._index))

    def cancel(self) -> None:
        """Drop the look that goes on."""
        self._work.cancel()
        self._reading = None

    def close(self) -> None:
        """End the threads."""
        self._work.close()
        self._scoring.close()

    def _catch_up(self) -> None:
        """Look again once a run has ended or could not begin; call the one on show by its name.

        When the run on show is deleted, that of the settings takes its place.
        """
        training = self._training
        if self.picked is not None and self.picked not in training.runs:
            self.submit()
        if self.picked is not None and training.hint.startswith(_SHOWING):
            training.hint = _SHOWING + self.picked.name
        if training.busy:
            self._is_outrun = True
        elif self._is_outrun:
            self._is_outrun = False
            self.submit()

    def _known_network(self, experiment: Experiment) -> Trained | None:
        """Return the trained network to show, if it has been loaded."""
        if self.picked is not None:
            return self._loaded[1] if self._loaded and self._loaded[0] is self.picked else None
        return self._training.left if self._still_fits(experiment) else None

    @property
    def shows_trained(self) -> bool:
        """Whether the network on show is the one that a run trains or has left."""
        training = self._training
        fits = self._still_fits(training.model.settings)
        return training.busy or self.picked is not None or fits

    def _still_fits(self, experiment: Experiment) -> bool:
        """Whether the trained network is the one this experiment would make."""
        if self._training.left is None:
            return False
        made = self._training.left.experiment
        return all(getattr(made, name) == getattr(experiment, name) for name in _MADE_OF)

    def _choose(self, probe: Probe) -> None:
        self._take(probe)
        self._start()

    def _take(self, probe: Probe) -> None:
        self.probe = probe
        self.probed.emit(probe)
        self._training.show_probe(probe)

    def _done(self, found: _Found) -> None:
        prepared, training, picked = found.prepared, self._training, self.picked
        self._reading = None
        if training.busy:
            training.known = training.known or prepared
            return
        if self._is_overtaken:
            self._start(known=prepared.dataset)
            return
        training.known = prepared
        training.hint = "not ready" if prepared.refusal else ""
        if picked is not None:
            training.hint = _SHOWING + picked.name
        self.prepared.emit(prepared)
        self._take(found.probe)
        if found.snapshot is not None:
            self.pictured.emit(found.snapshot)
        self._show_score(found)

    def _show_score(self, found: _Found) -> None:
        """Tell how the network does on each class: as validated last, or tried now."""
        prepared, trained, last = found.prepared, found.trained, self._training.last_validated
        if trained is None or prepared.refusal:
            self.scored.emit(None, 0)
        elif self.picked is None and last is not None:
            self.scored.emit(last.score, last.step)
        else:
            if self.picked is not None:
                self._loaded = self.picked, trained
            self._scoring.submit(lambda job: (score(prepared, trained), trained.step))

    def _failed(self, error: Exception) -> None:
        self._reading = None
        if self._training.busy:  # it meets the same fault, says so, and is followed by a new look
            return
        if self.picked is not None:
            reason = getattr(error, "reason", "") or str(error)
            self._training.said.emit(f"{self.picked.name} cannot be shown: {reason}")
            self.submit()
            return
        self._training.hint = "not ready"
        self._training.known = self.probe = None  # they are not those of the experiment
        self.failed.emit(error)
