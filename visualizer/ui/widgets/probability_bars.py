"""How sure the network is of each class: names, bars and percents."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from visualizer.core.numbers import format_share
from visualizer.ui.theme import Theme
from visualizer.ui.tooltips import plain
from visualizer.ui.widgets.alone import paint_alone

_ROW, _SMALLEST_ROW, _BAR, _DOT, _SPACE = 20, 13, 9, 5, 6  # px at scale 1
_WIDEST_NAME = 0.4  # of the whole width
_NARROW = 190  # px at scale 1; below, whole percents leave more room for the bars


class ProbabilityBars(QWidget):
    """Paints a row for each class: green where the most probable class is the right one, red
    where it is not; a dot stands before the right one.

    Signals:
        picked(int): the row of this class was clicked.

    Where there is no room for all, the most probable are shown, and the last row sums the rest.
    """

    picked = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._names: tuple[str, ...] = ()
        self._values: npt.NDArray[np.float64] = np.zeros(0)
        self._truth: int | None = None
        self._measured: tuple[float, float] | None = None  # widths; it is painted often
        paint_alone(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Probability of each class")
        self._picture: tuple[tuple, QPixmap] | None = None  # what it was painted for, and it
        theme.changed.connect(self._theme_changed)

    def set_names(self, names: Sequence[str]) -> None:
        """Name the classes; their probabilities are unknown until they are set."""
        if tuple(names) != self._names:
            self._names = tuple(names)
            self._values, self._truth = np.zeros(0), None
            self._measured = None
            self.updateGeometry()
            self.update()

    def set_probabilities(self, values: npt.ArrayLike, truth: int | None = None) -> None:
        """Show one number from 0 to 1 for each name, and which class is right, if that is known."""
        self._values, self._truth = np.array(values, np.float64), truth
        best = int(np.nan_to_num(self._values).argmax())
        self.setAccessibleDescription(f"{self._names[best]} {format_share(self._values[best])}")
        self.update()

    def rows(self) -> list[tuple[str, float, int]]:
        """Return what is painted from top to bottom: name, probability, index (-1 for the rest)."""
        values = self._values if self._values.size else np.zeros(len(self._names))
        fitting = self._fitting()
        if len(self._names) <= fitting:
            return [(name, float(values[i]), i) for i, name in enumerate(self._names)]
        order = np.argsort(-np.nan_to_num(values), kind="stable")
        kept, rest = order[: fitting - 1], order[fitting - 1 :]
        if self._truth is not None and self._truth in rest:
            kept = np.append(order[: fitting - 2], self._truth)
            rest = order[~np.isin(order, kept)]
        rows = [(self._names[i], float(values[i]), int(i)) for i in kept]
        return [*rows, (f"{len(rest)} others", float(values[rest].sum()), -1)]

    def row_rect(self, row: int) -> QRectF:
        """Return where a row is painted."""
        high = self._row_height()
        return QRectF(0, row * high, self.width(), high)

    def bar_rect(self, row: int) -> QRectF:
        """Return where the full bar of a row would reach."""
        px = self._theme.px
        left = px(_DOT + _SPACE) + self._name_width() + px(_SPACE)
        right = self.width() - self._number_width() - px(_SPACE)
        middle = self.row_rect(row).center().y()
        return QRectF(left, middle - px(_BAR) / 2, max(right - left, 1), px(_BAR))

    def sizeHint(self) -> QSize:
        """Every row at its full height."""
        rows = max(len(self._names), 1)
        return QSize(self._theme.px(220), rows * self._theme.px(_ROW))

    def minimumSizeHint(self) -> QSize:
        """As many rows as make sense, ten at most, close together."""
        rows = max(min(len(self._names), 10), 3)
        return QSize(self._theme.px(140), rows * self._theme.px(_SMALLEST_ROW))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell which class was clicked."""
        for row, (_, _, index) in enumerate(self.rows()):
            if index >= 0 and self.row_rect(row).contains(event.position()):
                self.picked.emit(index)

    def event(self, event: QEvent) -> bool:
        """Say as a tooltip what is below the pointer, with the whole name."""
        if event.type() == QEvent.Type.ToolTip:
            help_event = cast(QHelpEvent, event)
            tip = plain(self.tip_at(help_event.pos()))
            QToolTip.showText(help_event.globalPos(), tip, self)
            return True
        return super().event(event)

    def tip_at(self, point: QPoint) -> str:
        """Return the name and the probability of the row that is there, or ""."""
        for row, (name, value, _) in enumerate(self.rows()):
            if self.row_rect(row).contains(point):
                return f"{name}: {format_share(value)}" if self._values.size else name
        return ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the names their share of the new width."""
        self._measured = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows: what seldom changes from a picture of it, which takes a third of the
        time, then the bars and the numbers. The card's colour lies below, as in a `MapMosaic`.
        """
        rows, theme = self.rows(), self._theme
        best = int(np.nan_to_num(self._values).argmax()) if self._values.size else -1
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), theme.color("card"))
            painter.drawPixmap(0, 0, self._still(rows, best))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            for i, (_, value, index) in enumerate(rows):
                if np.isfinite(value) and value > 0:
                    painter.setBrush(theme.color(self._bar_role(index, best)))
                    bar = self.bar_rect(i)
                    bar.setWidth(bar.width() * min(value, 1))
                    painter.drawRoundedRect(bar, theme.px(2), theme.px(2))
            if self._values.size:
                self._paint_numbers(painter, rows, best)

    def _paint_numbers(
        self, painter: QPainter, rows: list[tuple[str, float, int]], best: int
    ) -> None:
        theme = self._theme
        font = theme.font("small_number")
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        below = (metrics.ascent() - metrics.descent()) / 2
        for i, (_, value, index) in enumerate(rows):
            painter.setPen(theme.color(self._text_role(index, best)))
            text = self._number(value)
            left = self.width() - theme.text_width("small_number", text)
            painter.drawText(QPointF(left, self.row_rect(i).center().y() + below), text)

    def _still(self, rows: list[tuple[str, float, int]], best: int) -> QPixmap:
        """Return the names, the dot and the empty bars, painted when they change."""
        ratio = self.devicePixelRatioF()
        shown = tuple((name, index) for name, _, index in rows)
        key = self.size(), ratio, shown, best, self._truth
        if self._picture is None or self._picture[0] != key:
            picture = QPixmap(self.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            with QPainter(picture) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                for i, (name, index) in enumerate(shown):
                    self._paint_row(painter, i, name, index, best)
            self._picture = key, picture
        return self._picture[1]

    def _paint_row(self, painter: QPainter, row: int, name: str, index: int, best: int) -> None:
        theme, rect = self._theme, self.row_rect(row)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._is_truth(index):
            dot = theme.px(_DOT)
            painter.setBrush(theme.color("good"))
            painter.drawEllipse(QRectF(0, rect.center().y() - dot / 2, dot, dot))
        painter.setBrush(theme.color("field"))
        painter.drawRoundedRect(self.bar_rect(row), theme.px(2), theme.px(2))
        painter.setPen(theme.color(self._text_role(index, best)))
        font, width = theme.font("caption"), self._name_width()
        painter.setFont(font)
        name = QFontMetricsF(font).elidedText(name, Qt.TextElideMode.ElideMiddle, width)
        place = QRectF(theme.px(_DOT + _SPACE), rect.top(), width + 1, rect.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, name)

    def _is_truth(self, index: int) -> bool:
        return index >= 0 and index == self._truth

    def _bar_role(self, index: int, best: int) -> str:
        if index != best:
            return "faint"
        return "accent" if self._truth is None else "good" if self._is_truth(index) else "bad"

    def _text_role(self, index: int, best: int) -> str:
        return "text" if index == best >= 0 or self._is_truth(index) else "muted"

    def _number(self, value: float) -> str:
        return format_share(value, 0 if self.width() < self._theme.px(_NARROW) else 1)

    def _fitting(self) -> int:
        """How many rows there is room for."""
        return max(int(self.height() // self._theme.px(_SMALLEST_ROW)), 2)

    def _row_height(self) -> float:
        fair = self.height() / max(min(len(self._names), self._fitting()), 1)
        return min(max(fair, self._theme.px(_SMALLEST_ROW)), self._theme.px(_ROW))

    def _name_width(self) -> float:
        if self._measured is None:
            self._measured = self._widest_name(), self._widest_number()
        return self._measured[0]

    def _number_width(self) -> float:
        if self._measured is None:
            self._measured = self._widest_name(), self._widest_number()
        return self._measured[1]

    def _widest_name(self) -> float:
        metrics = QFontMetricsF(self._theme.font("caption"))
        names = self._names
        if len(names) > self._fitting():
            names = (*names, f"{len(names)} others")  # the last row is called like this
        widest = max((metrics.horizontalAdvance(name) for name in names), default=0.0)
        return min(widest, self.width() * _WIDEST_NAME)

    def _widest_number(self) -> float:
        return QFontMetricsF(self._theme.font("small_number")).horizontalAdvance(self._number(1.0))

    def _theme_changed(self) -> None:
        self._measured = self._picture = None
        self.updateGeometry()
        self.update()
