"""What a training run tells while it goes: frozen events, safe to hand to another thread."""

from dataclasses import dataclass

from visualizer.learning.evaluation import Score
from visualizer.learning.history import History, Moment
from visualizer.learning.run_state import RunState
from visualizer.learning.snapshot import Snapshot


@dataclass(frozen=True)
class Started:
    """The first event.

    Attributes:
        step, steps: where the run stands (more than 0 when resumed) and where it will end.
        device: "cpu", "cuda" or "mps".
        precision: "float32" or "bfloat16".
        threads: processor threads torch computes with.
        parameters: how many numbers are learned.
    """

    step: int
    steps: int
    device: str
    precision: str
    threads: int
    parameters: int


@dataclass(frozen=True)
class StepDone:
    """One update of the weights.

    Attributes:
        step: how many updates there have been.
        steps: where the run will end, with the batch size now in force.
        epoch: epochs done, with the part of the present one.
        loss: cross-entropy of the batch, without label smoothing, before the update.
        accuracy: share of the batch that was right, before the update.
        learning_rate: of this update.
        images_per_second: over the last second or so of computing, or what the tempo lets
            through; pauses do not count.
        seconds_left: at that speed.
    """

    step: int
    steps: int
    epoch: float
    loss: float
    accuracy: float
    learning_rate: float
    images_per_second: float
    seconds_left: float


@dataclass(frozen=True)
class Validated:
    """The network was tried on images it does not learn from.

    Attributes:
        whole: all the validation images, at the end of an epoch; else the fixed subset.
        score: loss, accuracy, accuracy of each class, confusion counts.
        dead: for each ReLU layer its name, how many of its units or maps never fire, and of how
            many.
    """

    step: int
    epoch: float
    whole: bool
    score: Score
    dead: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Changed:
    """A setting was changed from the next step on; to be marked on the curves."""

    step: int
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangeRefused:
    """A change of `name` that cannot be; `reason` is one sentence. The old value stays."""

    step: int
    name: str
    reason: str


@dataclass(frozen=True)
class Paused:
    """The run waits; snapshots and changes are still served."""

    step: int


@dataclass(frozen=True)
class Resumed:
    """The run goes on."""

    step: int


@dataclass(frozen=True)
class SnapshotTaken:
    """The pictures that were asked for."""

    snapshot: Snapshot


@dataclass(frozen=True, eq=False)
class MomentTaken:
    """The weights that were asked for."""

    moment: Moment


@dataclass(frozen=True)
class Diverged:
    """The loss has run away; the run is paused. `Controls.go_back` takes the offer.

    Attributes:
        reason: what happened and why, for the user.
        good_step: the step of the last good state.
        learning_rate: the rate offered from there, a tenth of the present one.
    """

    step: int
    reason: str
    good_step: int
    learning_rate: float


@dataclass(frozen=True)
class WentBack:
    """The last good state is in force again."""

    step: int
    from_step: int


@dataclass(frozen=True)
class OutOfMemory:
    """A step did not fit into the memory; nothing is lost and the run is paused.

    Take an offer with `Controls.change(batch_size=…)` or `change(device="cpu")`, then resume.

    Attributes:
        reason: what happened, for the user.
        batch_size: half the present one, or None when it is 1 already.
        to_cpu: whether moving to the processor is possible.
    """

    step: int
    reason: str
    batch_size: int | None
    to_cpu: bool


@dataclass(frozen=True, eq=False)
class CheckpointDue:
    """A good moment to save. `state` holds until the next event is asked for."""

    state: RunState


@dataclass(frozen=True, eq=False)
class HistoryDue:
    """A good moment to save the history; `state` says which network it is of."""

    state: RunState
    history: History


@dataclass(frozen=True)
class Saved:
    """A checkpoint was written."""

    step: int
    path: str


@dataclass(frozen=True)
class NotSaved:
    """A checkpoint could not be written; said once until one succeeds. The old one stays."""

    step: int
    reason: str


@dataclass(frozen=True)
class Finished:
    """The last event.

    Attributes:
        stopped: ended by a command rather than by reaching the last step.
        seconds: spent computing, pauses and validation left out, resumed parts included.
        images: that were learned from.
    """

    step: int
    stopped: bool
    seconds: float
    images: int


Event = (
    Started
    | StepDone
    | Validated
    | Changed
    | ChangeRefused
    | Paused
    | Resumed
    | SnapshotTaken
    | MomentTaken
    | Diverged
    | WentBack
    | OutOfMemory
    | CheckpointDue
    | HistoryDue
    | Saved
    | NotSaved
    | Finished
)
