"""The hand on a running training: plain, thread-safe, and without Qt."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from torch import Tensor

from visualizer.learning.layers import Dropout
from visualizer.learning.settings import TrainingSettings

LIVE_SETTINGS = ("learning_rate", "batch_size", "device")
LIVE = (*LIVE_SETTINGS, "dropout", "augmentation")


@dataclass(frozen=True, eq=False)
class Orders:
    """What the trainer is to do next.

    Attributes:
        go: take one step.
        stop: end the run.
        paused: whether the run is paused, whatever single steps are taken.
        go_back: return to the last good state first.
        snapshot: take a snapshot after that.
        checkpoint: save the run.
        moment: copy the weights after that.
        changes: new values by name, in force from the next step on.
    """

    go: bool
    stop: bool
    paused: bool
    go_back: bool
    snapshot: bool
    checkpoint: bool = False
    moment: bool = False
    changes: dict[str, Any] = field(default_factory=dict)


class Controls:
    """Commands from any thread to the one that trains; every method returns at once."""

    def __init__(self, paused: bool = False, tempo: float | None = None) -> None:
        self._condition = threading.Condition()
        self._paused, self._told_paused = paused, False
        self._tempo = tempo
        self._held = False
        self._steps = 0
        self._stop = self._go_back = self._snapshot = self._checkpoint = self._moment = False
        self._changes: dict[str, Any] = {}
        self._last_step = -1e9
        self._probe: Tensor | None = None

    def pause(self) -> None:
        """Wait after the present step."""
        self._set(lambda: setattr(self, "_paused", True))

    def resume(self) -> None:
        """Go on; steps that were asked for one by one are forgotten."""

        def go_on() -> None:
            self._paused = False
            self._steps = 0

        self._set(go_on)

    def hold(self, on: bool) -> None:
        """Take no step for a moment, without being paused; what else is asked for is done."""
        self._set(lambda: setattr(self, "_held", on))

    def step(self) -> None:
        """Take one step and wait."""

        def one() -> None:
            self._paused = True
            self._steps += 1

        self._set(one)

    def stop(self) -> None:
        """End the run after the present step, also when it is paused."""
        self._set(lambda: setattr(self, "_stop", True))

    def set_tempo(self, steps_per_second: float | None) -> None:
        """Take at most so many steps a second; None for as fast as possible."""
        if steps_per_second is not None and not steps_per_second > 0:
            raise ValueError("The tempo must be above 0 steps a second.")
        self._set(lambda: setattr(self, "_tempo", steps_per_second))

    def change(self, **changes: Any) -> None:
        """Change learning_rate, batch_size, dropout, augmentation or device from the next step on.

        Raises ValueError with a sentence for a value that can never be. One that does not suit
        the data is answered with the event ChangeRefused.
        """
        unknown = set(changes) - set(LIVE)
        if unknown:
            raise ValueError(f"{', '.join(sorted(unknown))} cannot be changed during a run.")
        replace(TrainingSettings(), **{k: v for k, v in changes.items() if k in LIVE_SETTINGS})
        if "dropout" in changes:
            Dropout(changes["dropout"])
        self._set(lambda: self._changes.update(changes))

    def go_back(self) -> None:
        """Take the offer after a divergence: the last good state, a tenth of the rate, go on."""

        def back() -> None:
            self._go_back = True
            self._paused = False

        self._set(back)

    def request_snapshot(self, probe: Tensor | None = None) -> None:
        """Ask for a snapshot, served also when paused; `probe` uint8 (C, H, W) stays in force."""

        def ask() -> None:
            self._snapshot = True
            if probe is not None:
                self._probe = probe

        self._set(ask)

    def save(self) -> None:
        """Ask for a checkpoint now, served also when paused."""
        self._set(lambda: setattr(self, "_checkpoint", True))

    def request_moment(self) -> None:
        """Ask for a copy of the weights, served also when paused."""
        self._set(lambda: setattr(self, "_moment", True))

    @property
    def probe(self) -> Tensor | None:
        """The probe image, or None while none was given."""
        return self._probe

    @property
    def tempo(self) -> float | None:
        """Steps a second at most, or None for as fast as possible."""
        return self._tempo

    @property
    def is_paused(self) -> bool:
        """Whether the run waits, or will after the present step."""
        return self._paused

    def take(self) -> Orders:
        """Wait until there is something to do and return it. For the training thread only."""
        with self._condition:
            while not self._is_urgent() and (wait := self._wait()) != 0:
                self._condition.wait(wait)
            go = not self._stop and self._wait() == 0 and self._paused == self._told_paused
            orders = Orders(
                go=go and not self._go_back,
                stop=self._stop,
                paused=self._paused,
                go_back=self._go_back,
                snapshot=self._snapshot,
                checkpoint=self._checkpoint,
                moment=self._moment,
                changes=self._changes,
            )
            self._told_paused = self._paused
            self._go_back = self._snapshot = self._checkpoint = self._moment = False
            self._changes = {}
            if orders.go:
                self._steps = max(0, self._steps - 1)
                self._last_step = time.monotonic()
            return orders

    def _is_urgent(self) -> bool:
        return bool(
            self._stop
            or self._go_back
            or self._snapshot
            or self._checkpoint
            or self._moment
            or self._changes
            or self._paused != self._told_paused
        )

    def _wait(self) -> float | None:
        """Seconds until the next step is due: 0 for now, None for not before a command."""
        if self._held:
            return None
        if self._paused:
            return 0 if self._steps else None
        if self._tempo is None:
            return 0
        return max(0.0, self._last_step + 1 / self._tempo - time.monotonic())

    def _set(self, change: Callable[[], object]) -> None:
        with self._condition:
            change()
            self._condition.notify_all()
