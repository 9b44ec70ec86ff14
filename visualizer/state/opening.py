"""A checkpoint from a file: what run it is, and how its network differs from the present one."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from visualizer.learning.log import Log
from visualizer.state.loading import load_learning
from visualizer.state.runs import experiment_of
from visualizer.state.training import Experiment
from visualizer.state.training_news import Prepared
from visualizer.state.training_work import in_force

if TYPE_CHECKING:
    from visualizer.learning.run_state import RunState


@dataclass(frozen=True, eq=False)
class Opened:
    """A checkpoint that can become a run.

    Attributes:
        file: where it is.
        experiment: what goes on when it is resumed, with the network that is stored.
        differences: a line for each layer in which that differs from the present network.
        log, step: its curves, and where it stands.
    """

    file: Path
    experiment: Experiment
    differences: tuple[str, ...]
    log: Log
    step: int


def open_checkpoint(file: Path, settings: Experiment, known: Prepared | None) -> Opened:
    """Read a checkpoint and compare it with the present experiment.

    What it was made with is told by the description beside it, or else taken to be the present
    data. Raises BadCheckpoint when it cannot be used.
    """
    load_learning()
    from visualizer.learning import checkpoint
    from visualizer.learning.differences import differences

    state = checkpoint.read(file)
    origin = experiment_of(file)
    if origin is None:
        _check_data(file, state, settings, known)
    experiment = in_force(replace(origin or settings, seed=state.settings.seed), state)
    return Opened(
        file, experiment, differences(state.spec, settings.spec()), state.log, state.position.step
    )


def _check_data(
    file: Path, state: "RunState", settings: Experiment, known: Prepared | None
) -> None:
    """Raise BadCheckpoint unless the present data are like those of the checkpoint."""
    from visualizer.learning.network_file import BadCheckpoint

    if known is None or known.experiment.data != settings.data:
        return  # not known yet; going on compares them
    dataset = known.dataset
    found = (dataset.channels, dataset.height, dataset.width)
    if found != state.shape or dataset.class_names != state.class_names:
        wanted, here = (" × ".join(map(str, shape)) for shape in (state.shape, found))
        raise BadCheckpoint(
            f"{file.name} is for images of {wanted} in the classes "
            f"{', '.join(state.class_names[:4])}…, and the present data have {here}; choose its "
            "data first, then open it."
        )
