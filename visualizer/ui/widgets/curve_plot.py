"""Curves of a training run: the raw numbers faint, their mean strong, marks where things changed.

No curve has more than 800 points. Ranges grow in leaps, so that a curve does not move with
every number that is added.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox

from visualizer.core.numbers import format_number
from visualizer.ui.theme import Theme
from visualizer.ui.widgets import curve_ticks
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.curve_canvas import CurveCanvas, Stroke, axes
from visualizer.ui.widgets.curve_legend import CurveLegend, Entry
from visualizer.ui.widgets.curve_trace import Numbers, Trace

_LEAP = 1.5  # how far ahead the axis of steps grows when the end is unknown
_FEWEST_STEPS = 20.0
_TICKS = 5
_FAINT = 0.3  # opacity of raw numbers
_ACCURATE = 0.8  # where the axis of a share begins when looked at closely

Points = tuple[Numbers, Numbers]


@dataclass(eq=False)
class _Curve:
    """One row of numbers, and the points that are left of it for drawing."""

    name: str
    role: str
    noisy: bool
    trace: Trace = field(default_factory=Trace)
    shown: bool = True
    raw: Points = (np.zeros(0), np.zeros(0))
    strong: Points = (np.zeros(0), np.zeros(0))  # what is read, too

    def append(self, steps: npt.ArrayLike, values: npt.ArrayLike) -> None:
        """Add numbers and work out the points."""
        self.trace.append(steps, values)
        self.raw = self.trace.envelope()
        self.strong = self.trace.smoothed() if self.noisy else self.raw


class CurvePlot(Card):
    """A card with curves over the steps of a run.

    A crosshair follows the pointer, or the arrow keys while the plot has the focus; the legend at
    the top then reads the curves there, else at their ends.
    """

    def __init__(self, theme: Theme, title: str, *, share: bool = False) -> None:
        """Build it empty. `share`: the numbers are from 0 to 1 and read as percents."""
        super().__init__(title)
        self._theme, self._share = theme, share
        self._curves: dict[str, _Curve] = {}
        self._span: float | None = None
        self._right, self._top, self._bottom = _FEWEST_STEPS, 1.0, 0.0
        self._logarithmic = self._close = False
        self._crosshair: float | None = None
        self._legend = CurveLegend(theme)
        self._switch = QCheckBox("zoom" if share else "log", self)
        self._build_top()
        self._canvas = CurveCanvas(theme)
        self._canvas.setAccessibleName(f"{title} over the steps")
        self._canvas.pointed.connect(self.set_crosshair)
        self._canvas.moved.connect(self._move_crosshair)
        self.body.addWidget(self._canvas, 1)
        theme.changed.connect(self._draw)
        self._fit()

    def add_curve(self, key: str, name: str, role: str, *, noisy: bool = True) -> None:
        """Begin a curve, called `name`, in the colour of `role`; one of that key is replaced.

        A noisy one is drawn faint, with its mean strong above it; another as it is.
        """
        self.remove_curve(key)
        self._curves[key] = _Curve(name, role, noisy)
        self._read()

    def remove_curve(self, key: str) -> None:
        """Take a curve away, if it is there."""
        if self._curves.pop(key, None) is not None:
            self._refresh()

    def append(self, key: str, steps: npt.ArrayLike, values: npt.ArrayLike) -> None:
        """Add the numbers that are new to a curve; see `Trace.append`."""
        curve = self._curves[key]
        curve.append(steps, values)
        if curve.shown:
            self._refresh()

    def set_shown(self, key: str, shown: bool) -> None:
        """Show or hide a curve; it keeps its numbers."""
        curve = self._curves[key]
        if shown != curve.shown:
            curve.shown = shown
            self._refresh()

    def rename(self, key: str, name: str) -> None:
        """Call a curve something else."""
        self._curves[key].name = name
        self._read()

    def keys(self) -> tuple[str, ...]:
        """Return the curves there are."""
        return tuple(self._curves)

    def clear(self) -> None:
        """Take all curves and marks away."""
        for key in self.keys():
            self.remove_curve(key)
        self.set_epochs(())
        self.set_changes(())

    def set_span(self, steps: float | None) -> None:
        """Let the axis reach to this step, or, with None, grow with the curves."""
        if steps != self._span:
            self._span = steps
            self._fit()

    def set_epochs(self, steps: npt.ArrayLike) -> None:
        """Mark the ends of epochs with faint lines."""
        self._canvas.set_epochs(steps)

    def set_changes(self, changes: Sequence[tuple[float, str]]) -> None:
        """Mark where settings were changed: (step, text). The newest are named in the plot."""
        self._canvas.set_changes(changes)

    def set_switch(self, on: bool) -> None:
        """Turn the switch at the top: a logarithmic axis, or, of a share, only its upper end.

        On a logarithmic axis numbers not above zero are left out.
        """
        self._switch.setChecked(on)

    def set_crosshair(self, step: float | None) -> None:
        """Read the curves at a step, or at their ends."""
        if step is not None:
            step = round(min(max(step, 0), self._right))
        if step != self._crosshair:
            self._crosshair = step
            self._canvas.set_crosshair(step)
            self._read()

    def readout(self) -> str:
        """Return what the legend says."""
        return self._legend.text()

    def view_range(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the least and greatest step, and the least and greatest number, on show."""
        return (0.0, self._right), (self._bottom, self._top)

    def drawn(self, key: str) -> tuple[Points, Points]:
        """Return the points of the raw and of the strong curve as they are drawn."""
        curve = self._curves[key]
        return self._placed(*curve.raw), self._placed(*curve.strong)

    def _build_top(self) -> None:
        self.top.replaceWidget(self.note, self._legend)
        self.note.hide()
        self.top.setStretch(0, 0)
        self.top.setStretch(1, 0)
        self.top.setStretch(2, 1)
        switch = self._switch
        if self._share:
            switch.setToolTip(f"Only from {100 * _ACCURATE:.0f} % on, to see small gains")
        else:
            switch.setToolTip("Powers of ten at equal distances")
        switch.setAccessibleName(f"{self.heading.text()}: {switch.toolTip()}")
        switch.toggled.connect(self._switched)
        self.top.addWidget(switch)

    def _switched(self, on: bool) -> None:
        self._logarithmic, self._close = on and not self._share, on and self._share
        self._top, self._bottom = 1.0, 0.0
        self._refresh()

    def _refresh(self) -> None:
        self._fit()
        self._draw()
        self._read()

    def _draw(self) -> None:
        """Hand the shown curves to the canvas, the strong ones above all others."""
        faint, strong = [], []
        for curve in self._curves.values():
            if curve.shown and len(curve.trace):
                color = self._theme.color(curve.role)
                strong.append(Stroke(*self._placed(*curve.strong), color, True))
                if curve.noisy:
                    pale = QColor(color)
                    pale.setAlphaF(_FAINT)
                    faint.append(Stroke(*self._placed(*curve.raw), pale, False))
        # The first curve is the one looked at most.
        self._canvas.set_strokes([*faint, *reversed(strong)])

    def _placed(self, steps: Numbers, values: Numbers) -> Points:
        if not self._logarithmic:
            return steps, values
        above = values > 0
        return steps[above], np.log10(values[above])

    def _fit(self) -> None:
        """Widen the ranges where the curves leave them, or narrow them where most is unused."""
        shown = [curve for curve in self._curves.values() if curve.shown and len(curve.trace)]
        last = max((curve.trace.last_step for curve in shown), default=0.0)
        if self._span is not None:
            right = max(self._span, last, 1.0)
        elif not last <= self._right <= max(4 * last, _FEWEST_STEPS):
            right = max(last * _LEAP, _FEWEST_STEPS)
        else:
            right = self._right
        bottom, top = self._heights(shown)
        self._right, self._bottom, self._top = right, bottom, top
        across = curve_ticks.linear(0, right, _TICKS)
        if self._logarithmic:
            up = curve_ticks.logarithmic(bottom, top, _TICKS)
        else:
            up = curve_ticks.linear(bottom, top, _TICKS, percent=self._share)
        self._canvas.set_axes(axes(right, bottom, top, across, up))

    def _heights(self, shown: list[_Curve]) -> tuple[float, float]:
        if self._share:  # a little above 100 %, so that a curve that reaches it is whole
            bottom = _ACCURATE if self._close else 0.0
            return bottom, 1 + 0.04 * (1 - bottom)
        drawn = [self._placed(*c.raw)[1] for c in shown]
        values = np.concatenate(drawn) if drawn else np.zeros(0)
        if not values.size:
            return self._bottom, self._top
        # Single spikes may leave the plot: they would flatten everything else.
        means = [self._placed(*c.strong)[1].max(initial=-np.inf) for c in shown]
        top = max(float(np.quantile(values, 0.98)), max(means))
        if not self._logarithmic:
            fits = top <= self._top <= 2.5 * top
            return 0.0, self._top if fits or top <= 0 else 1.15 * top
        bottom = float(values.min())
        if (
            self._bottom <= bottom
            and top <= self._top
            and self._top - self._bottom < 2 * (top - bottom + 0.5)
        ):
            return self._bottom, self._top
        return bottom - 0.15, top + 0.15

    def _read(self) -> None:
        entries = []
        for curve in self._curves.values():
            if curve.shown:
                entries.append(Entry(curve.name, curve.role, self._number(*curve.strong)))
        lead = "" if self._crosshair is None else f"step {self._crosshair:,.0f}"
        self._legend.set_entries(tuple(entries), lead)

    def _number(self, steps: Numbers, values: Numbers) -> str:
        if not len(steps):
            return ""
        if self._crosshair is None:
            value = float(values[-1])
        elif steps[0] <= self._crosshair <= steps[-1]:
            value = float(np.interp(self._crosshair, steps, values))
        else:
            return ""
        if self._share:
            return f"{100 * value:.1f} %"
        return f"{value:.3f}" if abs(value) < 100 else format_number(value, 3)

    def _move_crosshair(self, by: float) -> None:
        here = self._right / 2 if self._crosshair is None else self._crosshair
        shift = by * self._right
        self.set_crosshair(here + (np.sign(by) * max(abs(shift), 1)))
