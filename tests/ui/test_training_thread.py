"""How often the window asks for pictures of a training: as often as their cost allows."""

import gc
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from visualizer.state.mailbox import Mailbox
from visualizer.state.training import Experiment
from visualizer.state.training_news import SNAPSHOT, STEP, Order
from visualizer.ui import training_thread
from visualizer.ui.training_thread import DRAIN_MS, TrainingThread


@dataclass
class Clock:
    """A time that passes only when told to, and the work that was done in it, in seconds."""

    now: float = 100.0
    worked: float = 0.0

    def monotonic(self) -> float:
        return self.now

    def thread_time(self) -> float:
        return self.worked


@dataclass
class Trainer:
    """Answers each order for a picture before the window looks again."""

    mailbox: Mailbox
    orders: list[float] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)

    def send(self, _command) -> None:
        self.orders.append(self.clock.now)
        self.mailbox.show(SNAPSHOT, "a picture")


@pytest.mark.parametrize(("cost", "rate"), [(0.020, 4.0), (0.014, 4.0), (0.006, 7.9), (0.001, 7.9)])
def test_pictures_come_as_often_as_their_work_allows(qapp, monkeypatch, cost, rate):
    clock = Clock()
    fake = SimpleNamespace(monotonic=clock.monotonic, thread_time=clock.thread_time)
    monkeypatch.setattr(training_thread, "time", fake)
    thread = TrainingThread()
    trainer = Trainer(thread._mailbox, clock=clock)
    thread.remote = trainer
    thread.watch(True)
    shown = []

    def paint(picture) -> None:
        shown.append(picture)
        clock.worked += cost

    thread.pictured.connect(paint)
    times = 1000
    for _ in range(times):
        trainer.mailbox.show(STEP, "a step")
        clock.now += DRAIN_MS / 1000
        thread._drain()
    assert len(shown) / (times * DRAIN_MS / 1000) == pytest.approx(rate, abs=0.1)
    assert len(shown) == pytest.approx(len(trainer.orders), abs=1)
    thread.watch(False)
    before = len(trainer.orders)
    thread._drain()
    thread._drain()
    assert len(trainer.orders) == before  # nobody looks
    thread.deleteLater()


@pytest.mark.parametrize("frozen", [False, True])
def test_what_was_frozen_before_a_training_is_so_after_it(qtbot, tmp_path, torch_is_there, frozen):
    (gc.freeze if frozen else gc.unfreeze)()
    before = gc.get_freeze_count()
    thread = TrainingThread()
    seen = []
    thread.told.connect(lambda _: seen.append((gc.isenabled(), gc.get_freeze_count())))
    with qtbot.waitSignal(thread.ended, timeout=20_000):
        thread.start(Order(Experiment(epochs=0.1, device="cpu"), tmp_path))
    assert seen and not any(enabled for enabled, _ in seen) and all(count for _, count in seen)
    assert gc.isenabled() and gc.get_freeze_count() == pytest.approx(before, rel=0.1)
    thread.deleteLater()
