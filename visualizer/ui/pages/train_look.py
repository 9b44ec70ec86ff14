"""What the Train page shows while no run goes on: an experiment, looked at off the GUI thread."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from visualizer.core.image import Image
from visualizer.state.training import Experiment
from visualizer.state.training_probe import Probe, from_picture, from_validation
from visualizer.state.training_work import Prepared, look, prepare
from visualizer.ui.background import Background, Job
from visualizer.ui.training import Training

if TYPE_CHECKING:
    from visualizer.learning.snapshot import Snapshot

_MADE_OF = ("data", "network", "custom", "activation", "pooling", "batch_norm", "width", "seed")


class Look(QObject):
    """Opens the data, and sends the probe image through the network.

    Signals:
        began(): a look that may take long.
        reported(Progress): how far it is.
        prepared(Prepared): what the experiment comes to.
        failed(Exception): why it cannot be looked at.
        probed(Probe): another image is sent through.
        pictured(Snapshot): what the network makes of it.

    Attributes:
        probe: what is sent through the network, once there is something.
    """

    began = Signal()
    reported = Signal(object)
    prepared = Signal(object)
    failed = Signal(object)
    probed = Signal(object)
    pictured = Signal(object)

    def __init__(self, training: Training, parent: QObject) -> None:
        super().__init__(parent)
        self._training = training
        self._index = 0  # of the validation image
        self._is_picture = False  # the probe is one of the user's
        self._work = Background("train preview", self)
        self._work.reported.connect(self.reported)
        self._work.done.connect(self._done)
        self._work.failed.connect(self._failed)
        self.probe: Probe | None = None

    def submit(self, *, download: bool = False) -> None:
        """Look at the experiment; the first time this imports torch.

        `download` says that the user agrees to fetch what is missing.
        """
        training = self._training
        if training.busy:
            return
        experiment, index = training.model.settings, self._index
        known = training.known_for(experiment)
        trained = training.left if self._still_fits(experiment) else None
        picture = self.probe if self._is_picture else None

        def survey(job: Job) -> tuple[Prepared, Probe, Any]:
            prepared = prepare(experiment, known, download=download, tell=job.report)
            probe = picture
            if probe is None or probe.pixels.shape != prepared.dataset.train.images.shape[1:]:
                probe = from_validation(prepared.dataset, index)
            job.check()
            shown = None if prepared.refusal else look(prepared, probe, trained)
            return prepared, probe, shown

        if training.known is None:
            training.hint = "getting ready: loading torch"
        elif known is None:
            training.hint = "reading the data"
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
        """Send the probe through the network of a run that begins, or one that fits its data."""
        probe, dataset = self.probe, prepared.dataset
        if probe is None or probe.pixels.shape != dataset.train.images.shape[1:]:
            probe = from_validation(dataset, self._index)
        self._take(probe)

    def close(self) -> None:
        """End the thread."""
        self._work.close()

    def _still_fits(self, experiment: Experiment) -> bool:
        """Whether the trained network is the one this experiment would make."""
        if self._training.left is None:
            return False
        made = self._training.left.experiment
        return all(getattr(made, name) == getattr(experiment, name) for name in _MADE_OF)

    def _choose(self, probe: Probe) -> None:
        self._take(probe)
        self.submit()

    def _take(self, probe: Probe) -> None:
        self.probe = probe
        self.probed.emit(probe)
        self._training.show_probe(probe)

    def _done(self, found: "tuple[Prepared, Probe, Snapshot | None]") -> None:
        prepared, probe, snapshot = found
        training = self._training
        if training.busy:
            training.known = training.known or prepared
            return
        training.known = prepared
        training.hint = "not ready" if prepared.refusal else ""
        self.prepared.emit(prepared)
        self._take(probe)
        if snapshot is not None:
            self.pictured.emit(snapshot)

    def _failed(self, error: Exception) -> None:
        self._training.hint = "not ready"
        self.failed.emit(error)
