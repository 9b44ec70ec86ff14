"""Work that may take longer than a frame, off the GUI thread; newer work replaces older."""

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

PATIENCE_S = 5.0
PASS_BY_MS = 2000

Task = Callable[["Job"], Any]


class Cancelled(Exception):
    """Raised inside a task by `Job.check` once a newer task or `close` has replaced it."""


class Job:
    """What a running task sees of its own run."""

    def __init__(self, report: Callable[[Any], None]) -> None:
        self._withdrawn = threading.Event()
        self._report = report

    @property
    def cancelled(self) -> bool:
        """Whether the result is no longer wanted."""
        return self._withdrawn.is_set()

    def cancel(self) -> None:
        """Let the task know that its result is no longer wanted."""
        self._withdrawn.set()

    def check(self) -> None:
        """Raise Cancelled when the result is no longer wanted. Call it now and then."""
        if self.cancelled:
            raise Cancelled

    def pause(self, seconds: float) -> None:
        """Wait, and raise Cancelled as soon as the result is no longer wanted."""
        self._withdrawn.wait(seconds)
        self.check()

    def report(self, value: Any) -> None:
        """Hand something to the GUI before the end: a preview, or a share done in 0–1."""
        self.check()
        self._report(value)


class Background(QObject):
    """Runs one task at a time in a thread of its own; the newest submitted wins.

    Submitting cancels the running task and drops the waiting one. Signals reach the GUI thread
    and come from the newest task only. With `passes_by` a cancelled task that does not end, stuck
    in the system (a download on which nothing comes), is passed by after a while: another thread
    takes over. Two may then run at once, so such tasks change nothing that they share.

    Signals:
        reported(object): what the task handed to `Job.report`.
        done(object): what the task returned.
        failed(object): the exception it raised.
    """

    reported = Signal(object)
    done = Signal(object)
    failed = Signal(object)
    _delivered = Signal(object, object, object)  # (job, name of a signal, value)

    def __init__(
        self, name: str, parent: QObject | None = None, *, passes_by: bool = False
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._passes_by = passes_by
        self._condition = threading.Condition()
        self._waiting: tuple[Task, Job] | None = None
        self._newest: Job | None = None
        self._running: Job | None = None
        self._overdue: Job | None = None  # was running when something newer came
        self._watch = QTimer(self, interval=PASS_BY_MS, singleShot=True)
        self._watch.timeout.connect(self._pass_by)
        self._thread: threading.Thread | None = None
        self._closing = False
        self._delivered.connect(self._deliver)
        self.destroyed.connect(self._stop)

    @property
    def busy(self) -> bool:
        """Whether the newest task has not ended yet."""
        return self._newest is not None

    def submit(self, task: Task) -> None:
        """Run `task(job)` next in place of what runs or waits; nothing once closed."""
        if self._closing:
            return
        job = Job(lambda value: self._delivered.emit(job, "reported", value))
        with self._condition:
            if self._newest is not None:
                self._newest.cancel()
            self._newest = job
            self._waiting = (task, job)
            self._condition.notify()
            if self._passes_by:
                self._watch_for_delay()
        if self._thread is None:
            self._start_thread()

    def cancel(self) -> None:
        """Drop the running and the waiting task; nothing more is heard of them."""
        with self._condition:
            if self._newest is not None:
                self._newest.cancel()
            self._newest = None
            self._waiting = None

    def close(self) -> None:
        """Cancel, end the thread and wait for it. Call it before the owner is destroyed.

        A task stuck in the system (a file on a server that is gone) is not waited for beyond
        PATIENCE_S: its thread ends with the process.
        """
        self._stop()
        if self._thread is not None:
            self._thread.join(PATIENCE_S)
            self._thread = None

    def _start_thread(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def _watch_for_delay(self) -> None:
        if self._running is not None and not self._watch.isActive():
            self._overdue = self._running
            self._watch.start()

    def _pass_by(self) -> None:
        """Let another thread do what still waits for the same task to end."""
        with self._condition:
            if self._waiting is None or self._closing:
                return
            if self._running is not self._overdue:
                self._watch_for_delay()
                return
            self._running = None
            self._start_thread()

    def _stop(self) -> None:
        self.cancel()
        with self._condition:
            self._closing = True
            self._condition.notify()

    def _run(self) -> None:
        me = threading.current_thread()
        while True:
            with self._condition:
                if me is not self._thread:  # passed by
                    return
                self._running = None
                self._condition.wait_for(lambda: self._waiting is not None or self._closing)
                if self._closing:
                    return
                assert self._waiting is not None
                task, job = self._waiting
                self._waiting, self._running = None, job
            try:
                result = task(job)
            except Cancelled:
                continue
            except Exception as error:  # the thread's edge: it becomes `failed`
                self._send(job, "failed", error)
            else:
                self._send(job, "done", result)

    def _send(self, job: Job, signal: str, value: Any) -> None:
        if not job.cancelled:
            self._delivered.emit(job, signal, value)

    def _deliver(self, job: Job, signal: str, value: Any) -> None:
        if job is not self._newest:
            return
        if signal != "reported":
            self._newest = None
        getattr(self, signal).emit(value)
