"""Runs the trainer in a thread of its own and brings what it tells to the GUI, many times a second.

The training thread owns the network. What reaches the GUI are copies, through a mailbox: of
pictures only the newest, of news everything.
"""

import gc
import threading
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from visualizer.state.mailbox import Mailbox
from visualizer.state.training_news import SNAPSHOT, STEP, Order, Ready
from visualizer.state.training_probe import Probe
from visualizer.state.training_work import Remote, work

if TYPE_CHECKING:
    from visualizer.learning.controls import Controls

# The training waits for the window: where it computes on all cores because it wants that one, and
# with a GPU because both run Python. So the window looks for news only so often, and asks for the
# next picture when the last one's work is this share of a core, or after the longest time: four a
# second look live.
DRAIN_MS = 63
SHARE_OF_A_CORE = 0.05
MOST_SECONDS_BETWEEN_PICTURES = 0.25
_SECONDS_BETWEEN_COLLECTIONS = 1.0


class TrainingThread(QObject):
    """At most one training at a time.

    Signals:
        told(object): an event of `learning.events`, or Ready or Failed; none is ever dropped.
        progressed(object): the newest StepDone.
        pictured(object): the newest Snapshot.
        ended(): the thread has ended, after everything it told.
    """

    told = Signal(object)
    progressed = Signal(object)
    pictured = Signal(object)
    ended = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mailbox = Mailbox()
        self._thread: threading.Thread | None = None
        self._watching = False
        self._fresh = False  # whether a snapshot would show something new
        self._asked_at = 0.0
        self._worked = 0.0  # this thread's processor time when it last asked
        self._collector = _Collector()
        self._timer = QTimer(self, interval=DRAIN_MS)
        self._timer.timeout.connect(self._drain)
        self.remote = Remote()

    @property
    def busy(self) -> bool:
        """Whether a training goes on, paused or not."""
        return self._thread is not None

    def start(self, order: Order, *, paused: bool = False) -> None:
        """Begin. Raises RuntimeError while another training goes on."""
        if self._thread is not None:
            raise RuntimeError("a training goes on already")
        self._mailbox, self.remote = Mailbox(), Remote()
        if paused:
            self.remote.send(lambda controls: controls.pause())
        self._thread = threading.Thread(
            target=work, args=(order, self.remote, self._mailbox), name="training", daemon=True
        )
        self._fresh = True
        self._collector.hold()
        self._thread.start()
        self._timer.start()

    def watch(self, on: bool) -> None:
        """Ask for pictures while somebody looks."""
        self._watching = on
        self._fresh = True

    def show_probe(self, probe: Probe) -> None:
        """Send this image through the network from now on."""

        def ask(controls: "Controls") -> None:
            import torch

            controls.request_snapshot(torch.from_numpy(probe.pixels))

        self.remote.send(ask)

    def close(self) -> None:
        """Stop and wait for the end; what it still tells arrives before this returns."""
        if self._thread is not None:
            self.remote.send(lambda controls: controls.stop())
            self._thread.join()
            self._drain()

    def _drain(self) -> None:
        thread = self._thread
        is_over = thread is not None and not thread.is_alive()
        post = self._mailbox.take()
        for news in post.news:
            if isinstance(news, Ready):
                self._collector.hold()  # torch has been imported in the meantime
            self.told.emit(news)
        if STEP in post.latest:
            self._fresh = True
            self.progressed.emit(post.latest[STEP])
        if SNAPSHOT in post.latest:
            self.pictured.emit(post.latest[SNAPSHOT])
        else:  # what the last picture has cost is known only when it has been painted
            self._ask()
        self._collector.collect()
        if is_over:
            self._timer.stop()
            self._thread = None
            self._collector.release()
            self.ended.emit()

    def _ask(self) -> None:
        if not (self._watching and self._fresh):
            return
        now, worked = time.monotonic(), time.thread_time()
        enough = (worked - self._worked) / SHARE_OF_A_CORE
        if now - self._asked_at >= min(enough, MOST_SECONDS_BETWEEN_PICTURES):
            self._asked_at, self._worked, self._fresh = now, worked, False
            self.remote.send(lambda controls: controls.request_snapshot())


class _Collector:
    """Keeps the cyclic garbage collector on the GUI thread while another thread trains.

    Run by the training thread it could destroy widgets there, which Qt forbids.
    """

    def __init__(self) -> None:
        self._held = self._froze = False
        self._at = 0.0

    def hold(self) -> None:
        """From now on nothing is collected but by `collect`."""
        if not self._held:
            self._froze = not gc.get_freeze_count()  # what others froze, they let go of
        self._held = True
        gc.disable()
        if self._froze:
            gc.freeze()  # what is there already need not be looked through each time

    def collect(self) -> None:
        """Collect if it is time; to be called on the GUI thread."""
        now = time.monotonic()
        if self._held and now - self._at >= _SECONDS_BETWEEN_COLLECTIONS:
            self._at = now
            gc.collect()

    def release(self) -> None:
        """Leave it to Python again."""
        self._held = False
        if self._froze:
            gc.unfreeze()
        gc.enable()
