"""What an open Train page costs the training, and what the training costs the window.

The run in the window and a run without one, in a process of its own, take turns of some seconds,
so that both meet the same machine. Part of `python benchmarks/training.py --window`.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from visualizer.display import why_no_display

if why_no_display():
    os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QElapsedTimer, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from visualizer.core import samples
from visualizer.ui.main_window import MainWindow
from visualizer.ui.pages.train_page import TrainPage
from visualizer.ui.preferences import Preferences
from visualizer.ui.theme import Theme

SIZE = 1440, 900
PERIOD_MS, PATIENCE_S, SETTLE_S = 16, 60, 5
MOST_COST, P99_MS, LONGEST_MS = 0.10, 16, 100

# Trains as the window does; for each line it reads, the seconds to train, it writes images/s.
ALONE = """
import sys, time
import torch
from visualizer.learning.events import StepDone
from visualizer.learning.trainer import Trainer
from visualizer.state.training import Experiment
from visualizer.state.training_work import prepare
data, device, threads = tuple(sys.argv[1].split("|")), sys.argv[2], int(sys.argv[3])
experiment = Experiment(data=data, epochs=100_000.0, schedule="constant", device=device)
prepared = prepare(experiment)
torch.set_num_threads(threads)
run = Trainer(prepared.dataset, experiment.spec(), experiment.settings()).run()
def train(seconds):
    images, started = 0, time.perf_counter()
    for event in run:
        if isinstance(event, StepDone):
            images += experiment.batch_size
            passed = time.perf_counter() - started
            if passed > seconds:
                return images / passed
train(2)
for line in sys.stdin:
    print(train(float(line)), flush=True)
"""


class Lateness:
    """How much later than due a timer of 16 ms is answered, in ms."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._clock = QElapsedTimer()
        self._timer = QTimer(interval=PERIOD_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def watch(self, on: bool) -> None:
        """Measure, or not."""
        if on:
            self._clock.start()
            self._timer.start()
        else:
            self._timer.stop()

    def _tick(self) -> None:
        self.late.append(max(0.0, self._clock.nsecsElapsed() / 1e6 - PERIOD_MS))
        self._clock.start()

    def quantile(self, share: float) -> float:
        """Return the lateness that this share of the answers does not exceed."""
        return sorted(self.late)[min(int(share * len(self.late)), len(self.late) - 1)]


class Alone:
    """The same trainer without a window."""

    def __init__(self, data: tuple[str, ...], device: str, threads: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", ALONE, "|".join(data), device, str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def images_per_second(self, seconds: float) -> float:
        """Train for so long."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


class Window:
    """The real window with its Train page, ready to train without an end."""

    def __init__(self, data: tuple[str, ...], device: str = "cpu") -> None:
        self.app = QApplication.instance() or QApplication(sys.argv[:1])
        theme = Theme(self.app)
        self.window = MainWindow(theme, Preferences(), samples.load(samples.DEFAULT))
        self.window.remembers = False
        self.window.resize(*SIZE)
        self.page = self.window.show_page("Train")
        assert isinstance(self.page, TrainPage)
        self.window.show()
        self.wait_until(lambda: self.page.prepared is not None)
        choice = {"data": data, "epochs": 100_000.0, "schedule": "constant", "device": device}
        self.page.model.edit("benchmark", **choice)
        self.wait_until(lambda: self.page.prepared.experiment.data == data)
        self.lateness = Lateness()

    def start(self) -> None:
        """Begin a run."""
        self.page.training.start()
        self.wait_until(lambda: self.page.training.state == "training")

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Let the window work until something is so."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if time.monotonic() > end:
                raise TimeoutError("the window did not get ready")

    def run(self, seconds: float) -> None:
        """Let the window work for so long."""
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def images_per_second(self, seconds: float) -> float:
        """Train for so long, and note the lateness."""
        steps = self.page.training.run.log.steps
        self.lateness.watch(True)
        before, started = len(steps), time.perf_counter()
        self.run(seconds)
        done, passed = len(steps) - before, time.perf_counter() - started
        self.lateness.watch(False)
        return done * self.page.model.settings.batch_size / passed

    def rest(self, on: bool) -> None:
        """Pause, or go on."""
        state = "paused" if on else "training"
        if self.page.training.state != state:
            self.page.training.toggle()
            self.wait_until(lambda: self.page.training.state == state)

    def stop(self) -> None:
        """End the run and wait for its end."""
        self.page.training.stop()
        self.wait_until(lambda: not self.page.training.busy)


def compare(folder: Path, device: str, rounds: int = 15, seconds: float = 4.0) -> None:
    """Print what the page costs over `rounds` turns, and how late the window's timer is.

    The turns are short: a shared machine changes its speed within a minute.
    """
    data = ("mnist", str(folder.resolve())) if (folder / "MNIST").exists() else ("digits",)
    threads, other = best_alone(data, device, seconds)
    window = Window(data, device)
    window.start()
    window.run(SETTLE_S)
    window.lateness.late.clear()
    with_page: list[float] = []
    without: list[float] = []
    for _ in range(rounds):
        window.rest(True)
        without.append(other.images_per_second(seconds))
        window.rest(False)
        window.run(0.5)
        with_page.append(window.images_per_second(seconds))
    late = window.lateness
    platform = window.app.platformName()
    window.stop()
    window.window.close()
    other.close()
    report(f"{platform}, {device}", data[0], threads, with_page, without, late)


def best_alone(data: tuple[str, ...], device: str, seconds: float) -> tuple[int, Alone]:
    """Return the thread count with which the trainer alone is fastest, and that trainer."""
    cores = os.cpu_count() or 1
    counts = sorted({1, cores // 2 or 1, cores})
    others = {count: Alone(data, device, count) for count in counts}
    speeds = {count: other.images_per_second(seconds) for count, other in others.items()}
    best = max(speeds, key=lambda count: speeds[count])
    for count, other in others.items():
        if count != best:
            other.close()
    return best, others[best]


def report(
    platform: str,
    data: str,
    threads: int,
    with_page: list[float],
    without: list[float],
    late: Lateness,
) -> None:
    """Print the medians; the cost is that of pairs of turns next to each other."""
    costs = sorted(1 - a / b for a, b in zip(with_page, without, strict=True))
    cost, quarter = statistics.median(costs), len(costs) // 4
    print(f"\n| {data}, page open at {SIZE[0]}×{SIZE[1]}, {platform} | measured | aim |")
    print("| --- | ---: | ---: |")
    speed = statistics.median(without)
    print(f"| images/s without a window, threads: {threads} | {speed:,.0f} | |")
    print(f"| images/s with the page | {statistics.median(with_page):,.0f} | |")
    print(f"| fewer than without, median of {len(costs)} | {cost:.1%} | ≤ {MOST_COST:.0%} |")
    print(f"| the middle half of them | {costs[quarter]:.1%} to {costs[-1 - quarter]:.1%} | |")
    print(f"| lateness of a 16 ms timer, median | {late.quantile(0.5):.1f} ms | |")
    print(f"| 99th percentile | {late.quantile(0.99):.1f} ms | ≤ {P99_MS} ms |")
    print(f"| longest of {len(late.late):,} | {late.quantile(1):.1f} ms | ≤ {LONGEST_MS} ms |")


if __name__ == "__main__":
    compare(Path(sys.argv[1]), sys.argv[2])
