"""Curves of a training run: the raw numbers faint, their mean strong, marks where things changed.

Every item is created once and given new numbers; no curve has more than 1,000 points. Ranges grow
in leaps, so that a curve does not move with every number that is added.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox

from visualizer.core.numbers import format_number, format_share
from visualizer.ui.theme import Theme
from visualizer.ui.widgets import curve_flags, curve_ticks
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.curve_canvas import CurveCanvas
from visualizer.ui.widgets.curve_legend import ROUGH, CornerLegend, CurveLegend, Entry
from visualizer.ui.widgets.curve_trace import Numbers, Trace

_LEAP = 1.5  # how far ahead the axis of steps grows when the end is unknown or far
_NEAR_STEPS, _NEAR = 600.0, 4.0  # an end is near: that many steps, or so many times as far
_FEWEST_STEPS = 20.0
_TICKS = 5
_EPOCH_GAP = 5  # px: closer together their ends would be a grey patch, and are not drawn
_MOST_NAMED_CHANGES = 4  # one above the other
_AT_TOP = 2  # curves that the legend at the top reads
_LOOKS = 48  # places across the plot at which the legend in its corner asks for the curves
_ACROSS_A_NAME = (0.1, 0.3, 0.5, 0.7, 0.9)  # a name counts as so many curves
_ACCURATE = 0.8  # where the axis of a share begins when looked at closely

Points = tuple[Numbers, Numbers]


@dataclass(eq=False)
class _Curve:
    """One row of numbers and the items that draw it."""

    name: str
    role: str
    noisy: bool
    raw: pg.PlotCurveItem
    strong: pg.PlotCurveItem
    trace: Trace = field(default_factory=Trace)
    all_points: Points = (np.zeros(0), np.zeros(0))
    points: Points = (np.zeros(0), np.zeros(0))  # what is drawn strong, and read
    short: str = ""  # what it is called where there is little room
    dashed: bool = False
    leads: bool = False
    rough: set[float] = field(default_factory=set)  # steps

    def append(self, steps: npt.ArrayLike, values: npt.ArrayLike) -> None:
        """Add numbers and work out the points."""
        self.trace.append(steps, values)
        self.all_points = self.trace.envelope()
        self.points = self.trace.smoothed() if self.noisy else self.all_points


class CurvePlot(Card):
    """A card with curves over the steps of a run.

    A crosshair follows the pointer, or the arrow keys while the plot has the focus; else it stands
    at the moment looked at, if any. The legend at the top reads the first curves there, or at their
    ends; the others are read in that corner of the plot where they cover the least.
    """

    def __init__(self, theme: Theme, title: str, *, share: bool = False) -> None:
        """Build it empty. `share`: the numbers are from 0 to 1 and read as percents."""
        super().__init__(title)
        self._theme, self._share = theme, share
        self._curves: dict[str, _Curve] = {}
        self._span: float | None = None
        self._right, self._top, self._bottom = _FEWEST_STEPS, 1.0, 0.0
        self._logarithmic = self._close = False
        self._pointed: float | None = None
        self._moment: float | None = None
        self._epochs: Numbers = np.zeros(0)
        self._changes: tuple[tuple[float, str], ...] = ()
        self._names: list[pg.TextItem] = []
        self._legend = CurveLegend(theme)
        self._switch = QCheckBox("zoom" if share else "log", self)
        self._build_top()
        self._plot = CurveCanvas()
        self._plot.setAccessibleName(f"{title} over the steps")
        self._plot.pointed.connect(self.set_crosshair)
        self._plot.moved.connect(self._move_crosshair)
        self._grid_lines = self._add(pg.PlotCurveItem(connect="pairs"))
        self._epoch_lines = self._add(pg.PlotCurveItem(connect="pairs"))
        self._change_lines = self._add(pg.PlotCurveItem(connect="pairs"))
        self._cross_line = self._add(pg.InfiniteLine(angle=90, movable=False))
        self._cross_line.hide()
        self._corner = CornerLegend(theme, self._plot)
        self._plot.getViewBox().sigResized.connect(self._draw_marks)
        self._plot.getViewBox().sigResized.connect(self._read)
        self.body.addWidget(self._plot, 1)
        theme.changed.connect(self._restyle)
        self._restyle()
        self._fit()

    def add_curve(
        self,
        key: str,
        name: str,
        role: str,
        *,
        noisy: bool = True,
        short: str = "",
        dashed: bool = False,
        leads: bool = False,
    ) -> None:
        """Begin a curve, called `name`, in the colour of `role`; one of that key is replaced.

        It is called `short` where there is little room.
        A noisy one is drawn faint, with its mean strong above it; another as it is.
        The plot is as high as those that lead need; the others may leave it at the top.
        """
        self.remove_curve(key)
        raw, strong = pg.PlotCurveItem(), pg.PlotCurveItem(antialias=True)
        if noisy:
            self._add(raw)
        self._add(strong)
        strong.setZValue(2)
        self._curves[key] = _Curve(
            name, role, noisy, raw, strong, short=short, dashed=dashed, leads=leads
        )
        self._pens(self._curves[key])
        self._read()

    def remove_curve(self, key: str) -> None:
        """Take a curve away, if it is there."""
        curve = self._curves.pop(key, None)
        if curve is not None:
            self._plot.removeItem(curve.strong)
            if curve.noisy:
                self._plot.removeItem(curve.raw)
            self._fit()
            self._read()

    def append(
        self,
        key: str,
        steps: npt.ArrayLike,
        values: npt.ArrayLike,
        rough: npt.ArrayLike = (),
    ) -> None:
        """Add the numbers that are new to a curve; see `Trace.append`.

        At the steps in `rough` only some images were tried: what is read there is marked.
        """
        curve = self._curves[key]
        curve.append(steps, values)
        curve.rough.difference_update(np.ravel(steps).tolist())
        curve.rough.update(np.ravel(rough).tolist())
        self._draw(curve)
        self._fit()
        self._read()

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
        """Let the axis reach to this step once it is near; till then, and with None, it grows.

        Of a long run all that has been learned would else stand in a few pixels.
        """
        if steps != self._span:
            self._span = steps
            self._fit()
            self._read()

    def set_epochs(self, steps: npt.ArrayLike) -> None:
        """Mark the ends of epochs with faint lines."""
        wanted = np.asarray(steps, np.float64)
        if not np.array_equal(wanted, self._epochs):
            self._epochs = wanted
            self._draw_marks()

    def set_changes(self, changes: Sequence[tuple[float, str]]) -> None:
        """Mark where settings were changed: (step, text). The newest are named in the plot."""
        if tuple(changes) != self._changes:
            self._changes = tuple(changes)
            self._name_changes()
            self._draw_marks()
            self._read()

    def set_switch(self, on: bool) -> None:
        """Turn the switch at the top: a logarithmic axis, or, of a share, only its upper end.

        On a logarithmic axis numbers not above zero are left out.
        """
        self._switch.setChecked(on)

    def set_crosshair(self, step: float | None) -> None:
        """Read the curves at a step, or again at the moment looked at."""
        self._pointed = None if step is None else round(min(max(step, 0), self._right))
        self._place_crosshair()

    def set_moment(self, step: float | None) -> None:
        """Read the curves at the moment looked at while none is pointed at; None: at their ends."""
        self._moment = step
        self._place_crosshair()

    def readout(self) -> str:
        """Return what the legend says."""
        return self._legend.text()

    def view_range(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the least and greatest step, and the least and greatest number, on show."""
        return (0.0, self._right), (self._bottom, self._top)

    def drawn(self, key: str) -> tuple[Points, Points]:
        """Return the points of the raw and of the strong curve as they are drawn."""
        curve = self._curves[key]
        return curve.raw.getData(), curve.strong.getData()

    @property
    def _crosshair(self) -> float | None:
        return self._moment if self._pointed is None else self._pointed

    def _place_crosshair(self) -> None:
        step = self._crosshair
        self._cross_line.setVisible(step is not None)
        if step is not None:
            self._cross_line.setValue(step)
        # All of it: where a legend is painted first, Qt forgets where the line was before.
        self._plot.viewport().update()
        self._read()

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

    def _add(self, item: pg.GraphicsObject) -> pg.GraphicsObject:
        self._plot.addItem(item, ignoreBounds=True)
        return item

    def _switched(self, on: bool) -> None:
        self._logarithmic, self._close = on and not self._share, on and self._share
        self._top, self._bottom = 1.0, 0.0
        for curve in self._curves.values():
            self._draw(curve)
        self._fit()
        self._read()

    def _draw(self, curve: _Curve) -> None:
        if curve.noisy:
            curve.raw.setData(*self._placed(*curve.all_points))
        # An SVG drawing of the plot does not cut it off.
        curve.strong.setData(*_up_to(self._top, *self._placed(*curve.points)), connect="finite")

    def _placed(self, steps: Numbers, values: Numbers) -> Points:
        if not self._logarithmic:
            return steps, values
        above = values > 0
        return steps[above], np.log10(values[above])

    def _fit(self) -> None:
        """Widen the ranges where the curves leave them, or narrow them where most is unused."""
        shown = [curve for curve in self._curves.values() if len(curve.trace)]
        last = max((curve.trace.last_step for curve in shown), default=0.0)
        if self._span is not None and self._span <= max(_NEAR * last, _NEAR_STEPS):
            right = max(self._span, last, 1.0)
        elif not last * 0.4 <= self._right >= last or last < self._right / 4:
            right = max(last * _LEAP, _FEWEST_STEPS)
        else:
            right = self._right
        bottom, top = self._heights(shown)
        if (right, bottom, top) != (self._right, self._bottom, self._top) or not shown:
            is_cut_anew = top != self._top
            self._right, self._bottom, self._top = right, bottom, top
            self._plot.setRange(xRange=(0, right), yRange=(bottom, top), padding=0)
            for curve in shown if is_cut_anew else ():
                self._draw(curve)
            self._draw_marks()
            self._draw_ticks()

    def _heights(self, shown: list[_Curve]) -> tuple[float, float]:
        if self._share:  # a little above 100 %, so that a curve that reaches it is whole
            bottom = _ACCURATE if self._close else 0.0
            return bottom, 1 + 0.04 * (1 - bottom)
        # A run that has diverged would flatten the one in focus.
        if not self._logarithmic:
            shown = [curve for curve in shown if curve.leads] or shown
        drawn = [self._placed(*c.all_points)[1] for c in shown]
        values = np.concatenate(drawn) if drawn else np.zeros(0)
        if not values.size:
            return self._bottom, self._top
        # Single spikes may leave the plot: they would flatten everything else.
        means = [self._placed(*c.points)[1].max(initial=-np.inf) for c in shown]
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

    def _draw_marks(self) -> None:
        least = _EPOCH_GAP * self._right / max(self._plot.getViewBox().width(), 1)
        are_apart = len(self._epochs) and np.ptp(self._epochs) >= least * (len(self._epochs) - 1)
        epochs = self._epochs if are_apart else np.zeros(0)
        # No further than the plot: an SVG drawing of it does not cut them off.
        ends = np.tile([self._bottom, self._top], len(epochs))
        self._epoch_lines.setData(np.repeat(epochs, 2), ends)
        self._draw_changes()

    def _draw_changes(self) -> None:
        """Draw a line as high as the name at its end, and below all names where it has none.

        Names stand where the curves seldom are: the loss falls, and a share rises to 100 %.
        """
        view, named = self._plot.getViewBox(), self._named()
        width, height = max(view.width(), 1), max(view.height(), 1)
        across, up = self._right / width, (self._top - self._bottom) / height
        boxes = [label.boundingRect() for label in self._names]
        places = [step / across for step, _ in named]
        flags = curve_flags.arrange(places, [box.width() for box in boxes], width)
        start, end = (self._bottom, self._top) if self._share else (self._top, self._bottom)
        for label, (step, _), (row, at_left) in zip(self._names, named, flags, strict=True):
            label.setAnchor((int(at_left), 1 + row if self._share else -row))
            label.setPos(step, start)
        rows = [len(flags)] * (len(self._changes) - len(flags)) + [row for row, _ in flags]
        steps = [step for step, _ in self._changes]
        # One line a step, as high as the highest: dashes above dashes make a solid one.
        lines = dict(sorted(zip(steps, rows, strict=True), key=lambda line: -line[1]))
        row_height = np.sign(end - start) * up * max((box.height() for box in boxes), default=0)
        heights = [(start + row * row_height, end) for row in lines.values()]
        inside = np.clip(np.ravel(heights), self._bottom, self._top)
        self._change_lines.setData(np.repeat(np.array(list(lines), np.float64), 2), inside)

    def _draw_ticks(self) -> None:
        """Label round numbers, and draw lines across at those of the height.

        The grid of pyqtgraph itself costs ten times as much to paint as the curves.
        """
        across = curve_ticks.linear(0, self._right, _TICKS)
        if self._logarithmic:
            up = curve_ticks.logarithmic(self._bottom, self._top, _TICKS)
        else:
            up = curve_ticks.linear(self._bottom, self._top, _TICKS, percent=self._share)
        self._plot.getAxis("bottom").setTicks([across])
        self._plot.getAxis("left").setTicks([up])
        heights = np.repeat([place for place, _ in up], 2)
        self._grid_lines.setData(np.tile([0, self._right], len(up)), heights)

    def _named(self) -> tuple[tuple[float, str], ...]:
        return self._changes[-_MOST_NAMED_CHANGES:]

    def _name_changes(self) -> None:
        for label in self._names:
            self._plot.removeItem(label)
        self._names = [
            self._add(pg.TextItem(text, color=self._theme.color("here")))
            for _, text in self._named()
        ]
        for label in self._names:
            label.setFont(self._theme.font("caption"))

    def _read(self) -> None:
        entries = tuple(
            Entry(curve.name, curve.role, self._number(curve), curve.short, curve.dashed)
            for curve in self._curves.values()
        )
        number = "" if self._crosshair is None else f"{self._crosshair:,.0f}"
        lead = f"step {number}" if number else ""
        first, others = entries[:_AT_TOP], entries[_AT_TOP:]
        self._legend.set_entries(first, lead, number, others)
        room = self._plot.getViewBox().sceneBoundingRect()
        taken = self._taken(room) if others else (np.zeros(0), np.zeros((0, 0)))
        self._corner.set_entries(others, room, taken, at_top=not self._share)

    def _taken(self, area: QRectF) -> Points:
        """Return where curves and names are, in px: x (n,) and y (rows, n), NaN where is none."""
        steps = np.linspace(0, self._right, _LOOKS)
        across, up = area.width() / self._right, area.height() / (self._top - self._bottom)
        x = area.left() + across * steps
        drawn = [self._placed(*curve.points) for curve in self._curves.values()]
        rows = [
            area.bottom() - up * (np.interp(steps, *curve, np.nan, np.nan) - self._bottom)
            for curve in drawn
            if len(curve[0])
        ]
        for label in self._names:
            at, size, anchor = label.pos(), label.boundingRect(), label.anchor
            left = area.left() + across * at.x() - anchor.x() * size.width()
            top = area.bottom() - up * (at.y() - self._bottom) - anchor.y() * size.height()
            is_there = (x > left) & (x < left + size.width())
            rows += [
                np.where(is_there, top + share * size.height(), np.nan) for share in _ACROSS_A_NAME
            ]
        return x, np.reshape(rows, (-1, _LOOKS))

    def _number(self, curve: _Curve) -> str:
        steps, values = curve.points
        if not len(steps):
            return ""
        step = steps[-1] if self._crosshair is None else self._crosshair
        if not steps[0] <= step <= steps[-1]:
            return ""
        value = float(np.interp(step, steps, values))
        between = steps[np.searchsorted(steps, step, "right") - 1 :][:2]
        read = between[:1] if between[0] == step else between
        about = f"{ROUGH} " if curve.rough.intersection(read.tolist()) else ""
        if self._share:
            return about + format_share(value)
        return about + (f"{value:.3f}" if abs(value) < 100 else format_number(value, 3))

    def _move_crosshair(self, by: float) -> None:
        here = self._right / 2 if self._crosshair is None else self._crosshair
        shift = by * self._right
        self.set_crosshair(here + (np.sign(by) * max(abs(shift), 1)))

    def _pens(self, curve: _Curve) -> None:
        color = self._theme.color(curve.role)
        faint = QColor(color)
        faint.setAlphaF(0.3)
        curve.raw.setPen(pg.mkPen(faint, width=1))
        style = Qt.PenStyle.DashLine if curve.dashed else Qt.PenStyle.SolidLine
        curve.strong.setPen(pg.mkPen(color, width=self._theme.px(2), style=style))

    def _restyle(self) -> None:
        theme = self._theme
        self._plot.setBackground(theme.color("card"))
        self._plot.accent = theme.color("accent")
        for side in ("left", "bottom"):
            axis = self._plot.getAxis(side)
            axis.setPen(pg.mkPen(theme.color("border")))
            axis.setTextPen(pg.mkPen(theme.color("muted")))
            axis.setStyle(tickFont=theme.font("caption"), tickTextOffset=theme.px(4))
        # Room for the upper half of a label at the very top.
        self._plot.getPlotItem().layout.setContentsMargins(0, theme.px(5), 0, 0)
        # Fixed, or the plot would move when a label grows longer.
        self._plot.getAxis("left").setWidth(theme.px(46))
        self._plot.getAxis("bottom").setHeight(theme.px(22))
        self._grid_lines.setPen(pg.mkPen(theme.color("field"), width=1))
        self._epoch_lines.setPen(pg.mkPen(theme.color("border"), width=1))
        self._change_lines.setPen(
            pg.mkPen(theme.color("here"), width=1, style=Qt.PenStyle.DashLine)
        )
        self._cross_line.setPen(pg.mkPen(theme.color("here"), width=1))
        for curve in self._curves.values():
            self._pens(curve)
        self._name_changes()
        self._draw_marks()
        self._read()


def _up_to(top: float, steps: Numbers, values: Numbers) -> Points:
    """Return a curve up to where it leaves the plot at the top, with NaN for what is above."""
    before = np.flatnonzero(np.diff(values > top))
    share = (top - values[before]) / (values[before + 1] - values[before])
    leaves = steps[before] + share * (steps[before + 1] - steps[before])
    above = np.where(values > top, np.nan, values)
    return np.insert(steps, before + 1, leaves), np.insert(above, before + 1, top)
