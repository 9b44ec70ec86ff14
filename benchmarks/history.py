"""What the history costs the training, and how long a jump in time takes to be seen.

The default experiment. Cost: a run with a history and two without take turns of some steps in one
process; the ratios of these turns count, and the share of its time that a run spends on keeping.
Jumps: the real window on the Train page; from the time slider to maps, kernels and answer painted,
at rest and while a run goes on as fast as possible.

    python benchmarks/history.py cost [--rounds N] [--turns N]
    python benchmarks/history.py jump [--jumps N]
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

from visualizer.display import why_no_display

if why_no_display():
    os.environ["QT_QPA_PLATFORM"] = "offscreen"

SIZE = 1440, 900
STEPS_A_TURN, PATIENCE_S, WARM_STEPS = 20, 240.0, 10
MOST_COST, LIMIT_MS = 0.02, 50.0
LONG = 100_000.0  # epochs of a run that does not end by itself


def cost(rounds: int, turns: int) -> None:
    """Print the slowdown over the first `turns` turns of `rounds` runs."""
    from visualizer.learning.history import History
    from visualizer.learning.trainer import Trainer
    from visualizer.state import cores
    from visualizer.state.training import Experiment
    from visualizer.state.training_work import prepare

    experiment = Experiment(device="cpu")
    prepared = prepare(experiment)
    cores.take_all()
    kept: list[float] = []  # seconds

    def made(memory: int) -> tuple[Trainer, History]:
        history = History(memory=memory)
        keep = history.keep

        def timed(*given: object) -> None:
            started = time.perf_counter()
            keep(*given)  # type: ignore[arg-type]
            kept.append(time.perf_counter() - started)

        history.keep = timed  # type: ignore[method-assign,assignment]
        dataset, spec = prepared.dataset, experiment.spec()
        return Trainer(dataset, spec, experiment.settings(), history=history), history

    ratios: dict[str, list[float]] = {"with a history": [], "without one, as a control": []}
    shares, each = [], []
    for number in range(rounds):
        # Which is made first has a say in how fast it is: memory differs from place to place.
        memories = [256 * 2**20, 0, 0]
        places = [(i + number) % 3 for i in range(3)]
        trainers = {place: made(memories[place]) for place in places}
        runs = [trainers[place][0].run() for place in range(3)]
        for run in runs:
            _seconds(run, WARM_STEPS)
        kept.clear()
        spent = 0.0
        turn = 0
        while turn < turns and (one := _turn(runs, turn)) is not None:
            spent += one[0]
            for name, seconds in zip(ratios, one[:2], strict=True):
                ratios[name].append(seconds / one[2] - 1)
            turn += 1
        shares.append(sum(kept) / spent)
        each += kept
    history = trainers[0][1]
    print(f"  {len(history)} moments, {history.size / 2**20:.0f} MiB; {rounds} runs")
    for name, found in ratios.items():
        low, middle, high = statistics.quantiles(found, n=4)
        words = f"median {middle:.2%}, the middle half {low:.2%} to {high:.2%}"
        print(f"a turn {name}, longer than one without: {words} (aim {MOST_COST:.0%})")
    share = statistics.median(shares)
    print(f"share of the time spent on keeping: {share:.2%} (aim {MOST_COST:.0%})")
    print(f"keeping one moment: median {statistics.median(each) * 1e3:.3f} ms")


def _turn(runs: list, number: int) -> list[float] | None:
    """Return the seconds that each takes for a turn, the first in turns; None at their end."""
    seconds = [0.0] * len(runs)
    for i in range(len(runs)):
        which = (i + number) % len(runs)
        taken = _seconds(runs[which], STEPS_A_TURN)
        if taken is None:
            return None
        seconds[which] = taken
    return seconds


def _seconds(run: object, steps: int) -> float | None:
    """Return how long so many steps take, validations left out; None when the run ends first."""
    from visualizer.learning.events import StepDone

    total, started = 0.0, time.perf_counter()
    for event in run:  # type: ignore[attr-defined]
        now = time.perf_counter()
        if isinstance(event, StepDone):
            total += now - started
            steps -= 1
            if not steps:
                return total
        started = time.perf_counter()
    return None


def jump(jumps: int) -> None:
    """Print how long a jump takes, at rest and while training."""
    from PySide6.QtCore import QEventLoop
    from PySide6.QtWidgets import QApplication

    from visualizer.core import samples
    from visualizer.ui.main_window import MainWindow
    from visualizer.ui.pages.train_page import TrainPage
    from visualizer.ui.preferences import Preferences
    from visualizer.ui.theme import Theme

    app = QApplication(sys.argv[:1])
    window = MainWindow(Theme(app), Preferences(), samples.load(samples.DEFAULT))
    window.remembers = False
    window.resize(*SIZE)
    page = window.show_page("Train")
    assert isinstance(page, TrainPage)
    window.show()
    painted: list[int] = []
    page.insight.shown.connect(lambda _snapshot: painted.append(0))

    def wait(condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not condition():
            app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if time.monotonic() > end:
                raise TimeoutError(f"the page did not get ready: {training.state}")

    def measure(what: str, rest_s: float) -> None:
        slider, times = page.insight.bar.slider, []
        for i in range(jumps):
            _idle(rest_s)
            painted.clear()
            place = (37 * i + 11) % slider.maximum()
            started = time.perf_counter()
            slider.setValue(place)
            wait(lambda: bool(painted))
            app.processEvents()  # what has been shown is painted
            times.append((time.perf_counter() - started) * 1e3)
        ordered = sorted(times)
        late = ordered[int(0.95 * len(ordered))]
        print(
            f"{what}: median {statistics.median(times):.1f} ms, 95th percentile {late:.1f} ms, "
            f"longest {ordered[-1]:.1f} ms (aim {LIMIT_MS:.0f} ms)",
            flush=True,
        )

    training, model = page.training, page.model
    wait(lambda: page.prepared is not None)
    model.edit("benchmark", device="cpu", epochs=8.0)
    training.start()
    wait(lambda: training.state == "idle" and training.left is not None)
    _idle(1.0)
    page.insight.bar.slider.setValue(0)  # the first builds the network
    wait(lambda: bool(painted))
    measure("at rest, one jump now and then", 0.4)
    measure("at rest, jump upon jump", 0.0)
    page.insight.go_live()
    model.edit("benchmark", epochs=LONG, schedule="constant")
    training.start()
    wait(lambda: training.run is not None and training.run.step >= 60)
    measure("while training, now and then", 0.4)
    measure("while training, jump upon jump", 0.0)
    training.stop()
    wait(lambda: not training.busy)
    window.close()


def _idle(seconds: float) -> None:
    """Let the window work for so long."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def main() -> None:
    """Measure in a home of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("what", choices=("cost", "jump"))
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--turns", type=int, default=1000, help="of a run; as it is: all")
    parser.add_argument("--jumps", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["CNN_VISUALIZER_HOME"] = home
        if options.what == "cost":
            cost(options.rounds, options.turns)
        else:
            jump(options.jumps)


if __name__ == "__main__":
    main()
