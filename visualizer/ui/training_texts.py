"""What the line at the foot of the Train page says about a run: its state, progress and place."""

import time
from typing import TYPE_CHECKING, Literal

from visualizer.core.numbers import format_share
from visualizer.state.loading import loaded_share
from visualizer.state.memory import gpu_memory_in_use, memory_in_use
from visualizer.state.runs import Run
from visualizer.state.training import Experiment
from visualizer.state.training_news import Prepared

if TYPE_CHECKING:
    from visualizer.learning.events import Started, StepDone

State = Literal["idle", "starting", "training", "paused", "stopping"]

GETTING_READY = "getting ready"

_STATES: dict[State, str] = {
    "idle": "ready",
    "starting": "starting",
    "training": "training",
    "paused": "paused",
    "stopping": "stopping",
}


def state_text(state: State, hint: str) -> str:
    """Return the state in one word, or what else goes on."""
    share = loaded_share()
    if share < 1 and (state == "starting" or hint == GETTING_READY):
        return f"loading torch, {100 * share:.0f} %"
    return hint if hint and state == "idle" else _STATES[state]


def progress_text(run: Run, last: "StepDone", epochs: float, state: State) -> str:
    """Return how far a run is after its `last` step, of so many epochs."""
    left = "" if state == "paused" else f" · {_duration(last.seconds_left)} left"
    return (
        f"step {last.step:,} of {run.steps:,} · epoch {last.epoch:.1f} of {epochs:g} · "
        f"{last.images_per_second:,.0f} images/s{left}"
    )


def ended_text(run: Run) -> str:
    """Return how a run has ended, and how good its network was when it was last tried.

    Only one that has finished was tried on all validation images after its last step.
    """
    ended = "was cut short" if run.status == "running" else run.status
    right = "" if run.accuracy is None else f", {format_share(run.accuracy)} right"
    when = " when last validated" if right and run.status != "finished" else ""
    return f"{run.name} {ended} at step {run.step:,}{right}{when}"


def outlook_text(prepared: Prepared | None, experiment: Experiment) -> str:
    """Return what a run of `experiment` would come to, once that is known."""
    if prepared is None or prepared.experiment.data != experiment.data:
        return ""
    counts = [len(getattr(prepared.dataset, p)) for p in ("train", "validation", "test")]
    images = " / ".join(f"{count:,}" for count in counts)
    return f"{images} images to train, validate, test · {prepared.parameters:,} parameters"


def place_text(started: "Started | None") -> str:
    """Return where a run computes, and the memory that is in use."""
    used = memory_in_use()
    parts = [] if used is None else [f"{used / 2**20:,.0f} MiB"]
    if started is None:
        return " · ".join(parts)
    if started.device == "cuda":
        parts.append(f"GPU {gpu_memory_in_use() / 2**20:,.0f} MiB")
    count = started.threads
    threads = f"{count} thread{'s' * (count != 1)}" if started.device == "cpu" else ""
    return " · ".join(filter(None, (started.device.upper(), threads, started.precision, *parts)))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return time.strftime("%H:%M:%S" if seconds >= 3600 else "%M:%S", time.gmtime(seconds))
