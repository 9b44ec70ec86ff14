"""What passes between the window and the training thread: an order, and what it is told."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from visualizer.learning.log import Log
from visualizer.learning.networks import Row
from visualizer.state.training import Experiment

if TYPE_CHECKING:
    from visualizer.learning.card import Card
    from visualizer.learning.datasets import DataSet
    from visualizer.learning.history import History
    from visualizer.learning.modules import Network

SNAPSHOT, STEP = "snapshot", "step"  # of pictures and steps only the newest counts


@dataclass(frozen=True, eq=False)
class Order:
    """What to train.

    Attributes:
        experiment: how.
        folder: where its checkpoints go.
        resume: go on with the newest checkpoint in `folder`.
        known: the data, where they have been opened already.
    """

    experiment: Experiment
    folder: Path
    resume: bool = False
    known: "DataSet | None" = None


@dataclass(frozen=True, eq=False)
class Prepared:
    """News: what an experiment comes to.

    Attributes:
        experiment: that was looked at.
        dataset: what there is to learn from.
        card: what there is to know about them.
        rows: the table of its network.
        refusal: why it cannot be trained, in one sentence, or "".
    """

    experiment: Experiment
    dataset: "DataSet"
    card: "Card"
    rows: tuple[Row, ...]
    refusal: str = ""

    @property
    def parameters(self) -> int:
        """How many numbers are learned."""
        return sum(row.parameters for row in self.rows)


@dataclass(frozen=True, eq=False)
class Ready:
    """News: the run is about to begin.

    Attributes:
        prepared: with the experiment as it is in force: a resumed run brings its live changes.
        log: will hold its curves.
        history: will hold its weights at some of the steps.
    """

    prepared: Prepared
    log: Log
    history: "History"


@dataclass(frozen=True)
class InForce:
    """News, before a change or a return is told: what the run goes on with."""

    experiment: Experiment


@dataclass(frozen=True, eq=False)
class Trained:
    """News: the network as the run leaves it. Nobody trains it any more."""

    experiment: Experiment
    network: "Network"
    step: int


@dataclass(frozen=True, eq=False)
class Failed:
    """News: the run could not begin, or broke off.

    Attributes:
        reason: one sentence for the user.
        error: the exception when nobody expected it, else None.
    """

    reason: str
    error: BaseException | None = None
