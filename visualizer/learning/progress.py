"""How work that takes a while tells where it stands: as a generator that returns its result."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Progress:
    """Where the work stands.

    Attributes:
        doing: what is going on, a phrase for the user.
        done, total: in `unit`; the total is None while it is not known.
        unit: "files" or "bytes".
        speed: units a second lately, or 0 while it is not known.
    """

    doing: str
    done: int
    total: int | None
    unit: str = "files"
    speed: float = 0.0


Working = Generator[Progress, None, T]


def finish(work: Generator[Any, None, T], tell: Callable[[Any], object] | None = None) -> T:
    """Run `work` to its end and return its result; `tell` hears of each step on the way."""
    while True:
        try:
            step = next(work)
        except StopIteration as end:
            result: T = end.value
            return result
        if tell is not None:
            tell(step)
