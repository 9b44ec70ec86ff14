"""The bounded memory of a run: its weights at every early step, and ever more rarely later."""

import threading
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isqrt

import torch
from torch import Tensor

MOST_MOMENTS = 300
MEMORY = 256 * 2**20
EVERY_STEP_UNTIL = 20


@dataclass(frozen=True, eq=False)
class Moment:
    """A network's parameters and buffers after so many steps, by name, on the processor."""

    step: int
    weights: Mapping[str, Tensor]

    @classmethod
    def of(cls, step: int, weights: Mapping[str, Tensor]) -> "Moment":
        """Copy `weights`, which go on changing."""
        rows = torch.contiguous_format  # copied once, from whatever layout it is trained in
        copies = {name: x.detach().cpu().clone(memory_format=rows) for name, x in weights.items()}
        return cls(step, copies)

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(x.nbytes for x in self.weights.values())


class History:
    """Keeps moments of one run: never more than `most`, nor than fit into `memory` bytes.

    All of the first 20 steps stay, where there is room for twice as many. After them a step stays
    when it is a multiple of a distance, a power of two that grows with the step; each time the
    bound is met, the distances grow and the moments that no longer fit are let go. The newest
    moment always stays.

    One thread keeps; any may read.
    """

    def __init__(self, most: int = MOST_MOMENTS, memory: int = MEMORY) -> None:
        self._most, self._memory = most, memory
        self._lock = threading.Lock()
        self._moments: list[Moment] = []
        self._thinnings = 0
        self._capacity = most

    def __len__(self) -> int:
        return len(self._moments)

    @property
    def size(self) -> int:
        """Bytes kept."""
        return sum(moment.size for moment in self.moments())

    @property
    def capacity(self) -> int:
        """How many moments are kept at most; 0 when not even two fit into the memory."""
        return self._capacity if self._capacity > 1 else 0

    def moments(self) -> tuple[Moment, ...]:
        """Return what is kept, in the order of steps."""
        with self._lock:
            return tuple(self._moments)

    def steps(self) -> tuple[int, ...]:
        """Return the steps that are kept, in order."""
        return tuple(moment.step for moment in self.moments())

    def at(self, step: int) -> Moment:
        """Return the last moment not after `step`, or the first. Raises LookupError when empty."""
        moments = self.moments()
        if not moments:
            raise LookupError("nothing has been kept yet")
        return moments[max(0, bisect_right(moments, step, key=lambda moment: moment.step) - 1)]

    def wants(self, step: int) -> bool:
        """Whether the weights after so many steps would be kept."""
        return self._capacity > 1 and step % self._distance(step) == 0

    def keep(self, step: int, weights: Mapping[str, Tensor]) -> None:
        """Copy the weights after `step`, which is the newest; what is over the bound goes."""
        self.extend([Moment.of(step, weights)])

    def extend(self, moments: Iterable[Moment]) -> None:
        """Take over moments, in the order of steps and not before those that are here."""
        with self._lock:
            for moment in moments:
                self._capacity = min(self._most, self._memory // max(1, moment.size))
                if self._capacity < 2:
                    self._moments.clear()
                    return
                if self._moments and self._moments[-1].step == moment.step:
                    self._moments.pop()
                self._moments.append(moment)
                self._thin()

    def drop_after(self, step: int) -> None:
        """Forget what came after `step`: the run goes on from there."""
        with self._lock:
            self._moments = [moment for moment in self._moments if moment.step <= step]

    def _thin(self) -> None:
        """Let moments go that are not to stay, the newest excepted, until the bound is kept."""
        before = self._moments[-2:-1]  # was the newest, and stayed for that
        if before and before[0].step % self._distance(before[0].step):
            del self._moments[-2]
        while len(self._moments) > self._capacity:
            self._thinnings += 1
            *old, newest = self._moments
            self._moments = [m for m in old if m.step % self._distance(m.step) == 0] + [newest]

    def _distance(self, step: int) -> int:
        """Return the distance of kept steps near `step`, a power of two."""
        if step <= EVERY_STEP_UNTIL and self._capacity >= 2 * (EVERY_STEP_UNTIL + 1):
            return 1
        # √step · 2^(thinnings / 4), and down to a power of two; all in whole numbers.
        squared = step << self._thinnings // 2
        if self._thinnings % 2:
            squared = squared * 181 // 128  # √2
        return 1 << (max(1, isqrt(squared)).bit_length() - 1)
