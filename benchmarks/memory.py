"""How much the process grows while it trains for long, and while training is begun and ended often.

    python benchmarks/memory.py [--minutes 30] [--cycles 200]

The real window with its Train page open, on Digits. Memory is what the process holds, and what it
holds once the C library has given back what is free (Linux only). Prints Markdown.
"""

import argparse
import ctypes
import gc
import sys
import threading

from training_window import Window

from visualizer.state.memory import memory_in_use

MIB = 2**20
MOST_MIB = 20
STEPS_A_CYCLE = 20
SETTLED_S = 75  # after the first checkpoint of a minute, with all that is made only once


def start(window: Window) -> None:
    """Begin a run and wait for its first steps."""
    window.start()
    window.wait_until(lambda: len(window.page.training.run.log.steps) >= STEPS_A_CYCLE)


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
    start(window)
    training = window.page.training
    steps, history = training.run.log.steps, training.history
    measured = []
    for part in range(11):
        window.run(minutes * 6 if part else SETTLED_S)
        kept = history.size / MIB
        what = f"{part * minutes / 10:g} min, {len(steps):,} steps, history {kept:,.0f} MiB"
        measured.append(tell(what) - kept)
    window.stop()
    grown = measured[-1] - measured[0]
    print(f"\nGrown by {grown:.1f} MiB besides the history, which is bounded (aim: {MOST_MIB})\n")


def many_runs(window: Window, cycles: int) -> None:
    """Begin and end so many runs and tell ten times of the memory."""
    for _ in range(10):  # as many curves as are drawn, and all that is made only once
        start(window)
        window.stop()
    first = tell("10 runs begun and ended")
    for cycle in range(1, cycles + 1):
        start(window)
        window.stop()
        if cycle % max(cycles // 10, 1) == 0:
            last = tell(f"{cycle} more")
    print(f"\nGrown by {last - first:.1f} MiB over {cycles} runs (aim: under {MOST_MIB})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--cycles", type=int, default=200)
    options = parser.parse_args()
    window = Window(("digits",))
    for work, amount in ((long_run, options.minutes), (many_runs, options.cycles)):
        if amount:
            print("| what | MiB | MiB with nothing free | threads |\n| --- | ---: | ---: | ---: |")
            work(window, amount)
    window.window.close()


if __name__ == "__main__":
    main()
