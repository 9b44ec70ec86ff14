"""Loss and accuracy over the steps: the run in focus whole, the others by their validation."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from visualizer.learning.log import Log
from visualizer.state.compared_runs import short_name
from visualizer.state.runs import Run
from visualizer.ui.pages.train_runs import run_is_dashed, run_role
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.curve_plot import CurvePlot


@dataclass(eq=False)
class _Drawn:
    """How much of a log has been drawn."""

    log: Log
    whole: bool
    name: str
    steps: int = 0
    validations: int = 0


class Curves:
    """Keeps the two plots in step with the runs. Writes no model."""

    def __init__(self, theme: Theme) -> None:
        self.loss = CurvePlot(theme, "Loss")
        self.accuracy = CurvePlot(theme, "Accuracy", share=True)
        self._drawn: dict[Run, _Drawn] = {}
        self._focus: Run | None = None

    def show_runs(
        self, runs: Iterable[Run], active: Run | None, *, hidden_too: bool = False
    ) -> None:
        """Draw the runs that are to be shown; the active one, or else the newest, whole."""
        shown = [
            run
            for run in runs
            if (run.shown or hidden_too) and (run is active or len(run.log.steps))
        ]
        before, self._focus = self._focus, active if active in shown else None
        if self._focus is None and shown:
            self._focus = shown[-1]
        shown.sort(key=lambda run: run is not self._focus)  # the legend begins with it
        gone = [
            run for run, drawn in self._drawn.items() if run not in shown or _is_old(run, drawn)
        ]
        if self._focus is not before or self._focus in gone:
            gone = list(self._drawn)
        for run in gone:
            self._remove(run)
        for run, drawn in self._drawn.items():
            if drawn.name != run.name:
                self._rename(run)
        for run in shown:
            if run not in self._drawn:
                self._add(run)
            self.update(run)
        self.fit()

    def fit(self) -> None:
        """Let the axis of steps reach to the end of the run in focus, and mark its changes."""
        focus = self._focus
        marks = [] if focus is None else focus.log.marks
        changes = [(float(m["step"]), f"{short_name(m['name'])} {m['after']}") for m in marks]
        self._set_span(focus)
        for plot in (self.loss, self.accuracy):
            plot.set_changes(changes)

    def set_moment(self, step: int | None) -> None:
        """Mark the step looked at, and read the curves there; None: the present."""
        for plot in (self.loss, self.accuracy):
            plot.set_moment(step)

    def _set_span(self, run: Run | None) -> None:
        for plot in (self.loss, self.accuracy):
            plot.set_span(run.steps if run is not None and run.steps else None)

    def update(self, run: Run) -> None:
        """Draw what is new about a run."""
        drawn = self._drawn.get(run)
        if drawn is None:
            return
        if drawn.whole:
            self._set_span(run)
            rows = run.log.steps.since(drawn.steps)
            drawn.steps += len(rows)
            if len(rows):
                self.loss.append(_key(run, "train"), rows[:, 0], rows[:, 1])
                self.accuracy.append(_key(run, "train"), rows[:, 0], rows[:, 2])
        rows = run.log.validations.since(drawn.validations)
        drawn.validations += len(rows)
        if len(rows):
            rough = rows[rows[:, 3] == 0, 0] if run.samples_validation else ()
            self.loss.append(_key(run, "validation"), rows[:, 0], rows[:, 1], rough)
            self.accuracy.append(_key(run, "validation"), rows[:, 0], rows[:, 2], rough)
        if drawn.whole:
            self._mark_epochs(run)

    def _mark_epochs(self, run: Run) -> None:
        """Mark the ends of epochs; not of those that going back has undone."""
        rows, steps = run.log.validations.since(0), run.log.steps
        here = steps.since(len(steps) - 1)[0, 0] if len(steps) else 0
        ends = np.unique(rows[(rows[:, 3] > 0) & (rows[:, 0] <= here), 0])
        for plot in (self.loss, self.accuracy):
            plot.set_epochs(ends)

    def _add(self, run: Run) -> None:
        is_focus, role, dashed = run is self._focus, run_role(run), run_is_dashed(run)
        self._drawn[run] = _Drawn(run.log, is_focus, run.name)
        for plot in (self.loss, self.accuracy):
            if is_focus:
                plot.set_epochs(())
                plot.add_curve(_key(run, "train"), "train", role, dashed=dashed, leads=True)
                plot.add_curve(
                    _key(run, "validation"), "validation", "text", noisy=False, short="val",
                    leads=True,
                )  # fmt: skip
            else:
                plot.add_curve(_key(run, "validation"), run.name, role, noisy=False, dashed=dashed)

    def _remove(self, run: Run) -> None:
        del self._drawn[run]
        for plot in (self.loss, self.accuracy):
            for part in ("train", "validation"):
                plot.remove_curve(_key(run, part))

    def _rename(self, run: Run) -> None:
        drawn = self._drawn[run]
        drawn.name = run.name
        if not drawn.whole:
            for plot in (self.loss, self.accuracy):
                plot.rename(_key(run, "validation"), run.name)


def _is_old(run: Run, drawn: _Drawn) -> bool:
    """Whether a run has another log than the one that was drawn, as when it was resumed."""
    return drawn.log is not run.log


def _key(run: Run, part: str) -> str:
    return f"{run.number}/{part}"
