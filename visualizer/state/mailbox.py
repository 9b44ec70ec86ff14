"""Between a thread that works and one that shows: newest picture wins, news is never dropped."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class Post:
    """What was in a mailbox when it was emptied.

    Attributes:
        news: everything told since the last time, in order.
        latest: by kind, the newest of what was shown since the last time.
    """

    news: tuple[Any, ...]
    latest: dict[str, Any]


class Mailbox:
    """Filled by one thread, emptied by another; neither ever waits for the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._news: deque[Any] = deque()
        self._latest: dict[str, Any] = {}

    def tell(self, news: Any) -> None:
        """Leave something that must arrive."""
        with self._lock:
            self._news.append(news)

    def show(self, kind: str, value: Any) -> None:
        """Leave something that replaces what was left of this kind before."""
        with self._lock:
            self._latest[kind] = value

    def take(self) -> Post:
        """Empty it."""
        with self._lock:
            post = Post(tuple(self._news), self._latest)
            self._news.clear()
            self._latest = {}
        return post
