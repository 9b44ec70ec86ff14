"""Overlaid histograms: how often each value occurs in each plane, and where one pixel stands."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.ui.theme import Theme


@dataclass(frozen=True, eq=False)
class Curve:
    """One plane's histogram.

    Attributes:
        letter: what the legend calls it, such as "R".
        role: its colour in the theme.
        counts: (bins,) how many values are in each.
        low, high: the ends of the horizontal axis in this plane's own values.
        unit: what follows its values, such as " %".
    """

    letter: str
    role: str
    counts: npt.NDArray[np.int64]
    low: float
    high: float
    unit: str = ""

    def text_at(self, share: float) -> str:
        """Write the value this share of the way along the axis."""
        value = self.low + (self.high - self.low) * share
        return (f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}") + self.unit


class Histogram(QWidget):
    """Paints curves over one axis: left the lowest value of each plane, right the highest.

    The legend below names them; under the pointer it tells the counts of one bin.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._curves: tuple[Curve, ...] = ()
        self._heights: list[npt.NDArray[np.float64]] = []
        self._markers: tuple[float | None, ...] = ()
        self._logarithmic = False
        self._same_scale = True
        self._bin: int | None = None
        self._drawn: QPixmap | None = None  # the curves, which change less often than the markers
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Histogram")
        theme.changed.connect(self._restyle)

    def set_curves(self, curves: Sequence[Curve], same_scale: bool = True) -> None:
        """Show these curves; none leaves the axis.

        On the same scale the highest of all curves fills the height, else each of them does.
        """
        self._curves, self._same_scale = tuple(curves), same_scale
        self._markers = ()
        self._measure()

    def set_logarithmic(self, on: bool) -> None:
        """Draw log(1 + count) instead of the count."""
        if on != self._logarithmic:
            self._logarithmic = on
            self._measure()

    def set_markers(self, shares: Sequence[float | None]) -> None:
        """Mark a place on each curve: 0 at its low end, 1 at its high end, None for nowhere."""
        if tuple(shares) != self._markers:
            self._markers = tuple(shares)
            self.update()

    def sizeHint(self) -> QSize:
        """Twice the smallest size."""
        return self.minimumSizeHint() * 2

    def minimumSizeHint(self) -> QSize:
        """As small as the shape of a curve can be read at."""
        return QSize(self._theme.px(140), self._theme.px(76))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint curves, markers, and the bin that is pointed at."""
        if self._drawn is None or self._drawn.devicePixelRatio() != self.devicePixelRatioF():
            self._drawn = self._draw()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._drawn)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot = self._plot()
        for i, share in enumerate(self._markers[: len(self._curves)]):
            if share is not None:
                self._paint_marker(painter, plot, i, share)
        if self._bin is not None:
            x = plot.left() + plot.width() * (self._bin + 0.5) / self._bins
            painter.setPen(QPen(self._theme.color("here"), 1))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        self._paint_legend(painter, plot)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw the curves anew at the next painting."""
        self._drawn = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a bin."""
        plot = self._plot()
        share = (event.position().x() - plot.left()) / max(plot.width(), 1)
        self._point_at(int(share * self._bins) if self._curves and 0 <= share < 1 else None)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at none."""
        self._point_at(None)

    @property
    def _bins(self) -> int:
        return len(self._curves[0].counts) if self._curves else 1

    def _point_at(self, index: int | None) -> None:
        if index != self._bin:
            self._bin = index
            self.update()

    def _plot(self) -> QRectF:
        px = self._theme.px
        below = px(20)
        return QRectF(px(2), px(4), self.width() - px(4), max(self.height() - px(4) - below, 1))

    def _measure(self) -> None:
        """Scale the curves to 0–1."""
        scaled = [c.counts.astype(float) for c in self._curves]
        if self._logarithmic:
            scaled = [np.log1p(counts) for counts in scaled]
        highest = [counts.max(initial=0) for counts in scaled]
        if self._same_scale:
            highest = [max(highest, default=0)] * len(scaled)
        self._heights = [counts / (top or 1.0) for counts, top in zip(scaled, highest, strict=True)]
        if self._bin is not None and self._bin >= self._bins:
            self._bin = None
        self._drawn = None
        self.update()

    def _draw(self) -> QPixmap:
        """Draw axis and curves."""
        ratio = self.devicePixelRatioF()
        drawn = QPixmap(self.size() * ratio)
        drawn.setDevicePixelRatio(ratio)
        drawn.fill(Qt.GlobalColor.transparent)
        plot = self._plot()
        with QPainter(drawn) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._theme.color("border"), 1))
            painter.drawLine(plot.bottomLeft(), plot.bottomRight())
            for curve, heights in zip(self._curves, self._heights, strict=True):
                self._paint_curve(painter, plot, curve, heights)
        return drawn

    def _paint_curve(
        self, painter: QPainter, plot: QRectF, curve: Curve, heights: npt.NDArray[np.float64]
    ) -> None:
        steps = plot.left() + plot.width() * (np.arange(heights.size) + 0.5) / heights.size
        tops = plot.bottom() - plot.height() * heights
        line = [QPointF(x, y) for x, y in zip(steps.tolist(), tops.tolist(), strict=True)]
        fill = self._theme.color(curve.role)
        fill.setAlphaF(0.22)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        ends = QPointF(line[0].x(), plot.bottom()), QPointF(line[-1].x(), plot.bottom())
        painter.drawPolygon(QPolygonF([ends[0], *line, ends[1]]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.color(curve.role), self._theme.px(1.5)))
        painter.drawPolyline(QPolygonF(line))

    def _paint_marker(self, painter: QPainter, plot: QRectF, index: int, share: float) -> None:
        heights = self._heights[index]
        step = min(max(int(share * heights.size), 0), heights.size - 1)
        x = plot.left() + plot.width() * (step + 0.5) / heights.size
        y = plot.bottom() - plot.height() * heights[step]
        color = self._theme.color(self._curves[index].role)
        painter.setPen(QPen(color, self._theme.px(1), Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        painter.setPen(QPen(self._theme.color("card"), self._theme.px(1.5)))
        painter.setBrush(color)
        painter.drawEllipse(QPointF(x, y), self._theme.px(4), self._theme.px(4))

    def _paint_legend(self, painter: QPainter, plot: QRectF) -> None:
        """Write the axis' ends, or where the pointer is, and the curves' names in the middle."""
        painter.setFont(self._theme.font("caption"))
        below = QRectF(plot.left(), plot.bottom() + 2, plot.width(), self._theme.px(18))
        left, right, texts = self._legend()
        role = "muted" if self._bin is None else "here"
        self._write(painter, below, Qt.AlignmentFlag.AlignLeft, left, self._theme.color(role))
        self._write(painter, below, Qt.AlignmentFlag.AlignRight, right, self._theme.color("muted"))
        gap = self._theme.px(12)
        widths = [painter.fontMetrics().horizontalAdvance(text) for text in texts]
        x = plot.center().x() - (sum(widths) + gap * (len(texts) - 1)) / 2
        for curve, text, width in zip(self._curves, texts, widths, strict=True):
            place = QRectF(x, below.top(), width + 2, below.height())
            color = self._theme.color(curve.role)
            self._write(painter, place, Qt.AlignmentFlag.AlignLeft, text, color)
            x += width + gap

    def _legend(self) -> tuple[str, str, list[str]]:
        """Return the texts at the left, at the right, and one a curve.

        Where the planes' values differ, each curve's text has its own.
        """
        curves = self._curves
        one_range = len({(c.low, c.high, c.unit) for c in curves}) == 1
        if self._bin is not None:
            share = self._bin / max(self._bins - 1, 1)
            counts = [f"{c.counts[self._bin]:,}" for c in curves]
            if one_range:
                named = [f"{c.letter} {n}" for c, n in zip(curves, counts, strict=True)]
                return f"at {curves[0].text_at(share)}", "", named
            pairs = zip(curves, counts, strict=True)
            return "", "", [f"{c.letter} {c.text_at(share)}: {n}" for c, n in pairs]
        if one_range:
            return curves[0].text_at(0), curves[0].text_at(1), [c.letter for c in curves]
        return "", "", [f"{c.letter} {c.text_at(0)} to {c.text_at(1)}" for c in curves]

    @staticmethod
    def _write(
        painter: QPainter, rect: QRectF, side: Qt.AlignmentFlag, text: str, color: QColor
    ) -> None:
        painter.setPen(color)
        painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, text)

    def _restyle(self) -> None:
        self._drawn = None
        self.updateGeometry()
        self.update()
