"""How much the process grows while it trains for long, and while training is begun and ended often.

    python benchmarks/memory.py [--minutes 30] [--cycles 200]

The real window with its Train page open, on Digits. Memory is what the process holds, and what it
holds once the C library has given back what is free (Linux only). Prints Markdown.
"""

import argparse
import ctypes
import gc
import os
import sys
import threading
import time
from collections.abc import Callable

from visualizer.display import why_no_display

if why_no_display():
    os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from visualizer.core import samples
from visualizer.state.training_work import memory_in_use
from visualizer.ui.main_window import MainWindow
from visualizer.ui.pages.train_page import TrainPage
from visualizer.ui.preferences import Preferences
from visualizer.ui.theme import Theme

MIB = 2**20
PATIENCE_S = 120
MOST_MIB = 20
STEPS_A_CYCLE = 20


class Window:
    """The real window on its Train page."""

    def __init__(self) -> None:
        self.app = QApplication(sys.argv[:1])
        self.window = MainWindow(Theme(self.app), Preferences(), samples.load(samples.DEFAULT))
        self.window.remembers = False
        self.window.resize(1440, 900)
        page = self.window.show_page("Train")
        assert isinstance(page, TrainPage)
        self.training, self.page = page.training, page
        self.window.show()
        self.wait_until(lambda: page.prepared is not None)
        page.model.edit("benchmark", epochs=100_000.0, schedule="constant")

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Let the window work until something is so."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            self.work(0.02)
            if time.monotonic() > end:
                raise TimeoutError("the window did not get there")

    def work(self, seconds: float) -> None:
        """Let the window work for so long."""
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def start(self) -> None:
        """Begin a run and wait for its first steps."""
        self.training.start()
        self.wait_until(lambda: self.training.state == "training")
        self.wait_until(lambda: len(self.training.run.log.steps) >= STEPS_A_CYCLE)

    def stop(self) -> None:
        """End the run and wait for the end."""
        self.training.stop()
        self.wait_until(lambda: not self.training.busy)


def held() -> tuple[float, float]:
    """Return the MiB of this process: as it is, and with nothing free in it."""
    as_it_is = (memory_in_use() or 0) / MIB
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    return as_it_is, (memory_in_use() or 0) / MIB


def tell(what: str) -> float:
    """Print one line of the table and return the MiB with nothing free."""
    as_it_is, trimmed = held()
    print(f"| {what} | {as_it_is:,.0f} | {trimmed:,.0f} | {threading.active_count()} |", flush=True)
    return trimmed


def long_run(window: Window, minutes: float) -> None:
    """Train for so long and tell ten times of the memory."""
    window.start()
    steps, history = window.training.run.log.steps, window.training.history
    measured = []
    for part in range(11):
        window.work(minutes * 6 if part else 20)
        kept = history.size / MIB
        what = f"{part * minutes / 10:g} min, {len(steps):,} steps, history {kept:,.0f} MiB"
        measured.append(tell(what) - kept)
    window.stop()
    grown = measured[-1] - measured[0]
    print(f"\nGrown by {grown:.1f} MiB besides the history, which is bounded (aim: {MOST_MIB})\n")


def many_runs(window: Window, cycles: int) -> None:
    """Begin and end so many runs and tell ten times of the memory."""
    for _ in range(10):  # as many curves as are drawn, and all that is made only once
        window.start()
        window.stop()
    first = tell("10 runs begun and ended")
    for cycle in range(1, cycles + 1):
        window.start()
        window.stop()
        if cycle % max(cycles // 10, 1) == 0:
            last = tell(f"{cycle} more")
    print(f"\nGrown by {last - first:.1f} MiB over {cycles} runs (aim: under {MOST_MIB})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--cycles", type=int, default=200)
    options = parser.parse_args()
    window = Window()
    for work, amount in ((long_run, options.minutes), (many_runs, options.cycles)):
        if amount:
            print("| what | MiB | MiB with nothing free | threads |\n| --- | ---: | ---: | ---: |")
            work(window, amount)
    window.window.close()


if __name__ == "__main__":
    main()
