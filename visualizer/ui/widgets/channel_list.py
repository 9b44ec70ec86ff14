"""The channels of a filter at one place, small: patch × kernel = sum; one of them is chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.ui.theme import Theme, blend
from visualizer.ui.widgets.slider import keep_keys, paint_focus_ring

_ROW, _TILE, _GAP = 30, 25, 8  # px at scale 1
_COLUMN = 240
_MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


@dataclass(frozen=True, eq=False)
class Channel:
    """One channel: its name, what is under the window, its kernel, and the sum as text."""

    name: str
    patch: npt.NDArray[np.float64]
    kernel: npt.NDArray[np.float64]
    total: str


class ChannelList(QWidget):
    """Shows channels in columns. A click, or the arrow keys, choose one.

    Signals:
        chosen(int): this channel, counted from the first shown.
    """

    chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._channels: tuple[Channel, ...] = ()
        self._low, self._high, self._current = 0.0, 1.0, 0
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Channels of this filter")
        self.setToolTip("Each channel's patch × kernel = sum; click one to see its numbers")
        keep_keys(self, *_MOVES)
        theme.changed.connect(self.updateGeometry)

    def show_channels(
        self, channels: Sequence[Channel], current: int, low: float, high: float
    ) -> None:
        """Show channels; the numbers under the windows go from `low`, dark, to `high`, bright."""
        self._channels, self._current = tuple(channels), current
        self._low, self._high = low, high
        self.setFixedHeight(self.sizeHint().height())
        one = self._channels[current]
        self.setAccessibleDescription(f"{one.name}: {one.total}")
        self.update()

    def current(self) -> int:
        """Return the channel that is chosen."""
        return self._current

    def row_rect(self, index: int) -> QRectF:
        """Return where a channel is painted."""
        rows = self._rows()
        width = self.width() / self._columns()
        height = self._theme.px(_ROW)
        return QRectF(index // rows * width, index % rows * height, width - 4, height - 2)

    def sizeHint(self) -> QSize:
        """Every channel at its full height."""
        return QSize(self._theme.px(_COLUMN), self._rows() * self._theme.px(_ROW))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height that the columns at this width need."""
        self.setFixedHeight(self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the channels."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for index, channel in enumerate(self._channels):
                self._paint_row(painter, self.row_rect(index), channel, index == self._current)
        paint_focus_ring(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the channel under the pointer."""
        for index in range(len(self._channels)):
            if self.row_rect(index).contains(event.position()):
                self._choose(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the next channel, or the one before."""
        move = _MOVES.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
        elif 0 <= self._current + move < len(self._channels):
            self._choose(self._current + move)

    def _choose(self, index: int) -> None:
        if index != self._current:
            self.chosen.emit(index)

    def _columns(self) -> int:
        fitting = max(1, self.width() // self._theme.px(_COLUMN))
        return min(fitting, 2 if len(self._channels) > 3 else 1)

    def _rows(self) -> int:
        return -(-max(1, len(self._channels)) // self._columns())

    def _paint_row(
        self, painter: QPainter, rect: QRectF, channel: Channel, is_current: bool
    ) -> None:
        theme, px = self._theme, self._theme.px
        if is_current:
            painter.setPen(QPen(theme.color("here"), 1))
            painter.setBrush(theme.color("here_tint"))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), px(4), px(4))
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.color("muted"))
        metrics = QFontMetricsF(theme.font("caption"))
        x = rect.left() + px(_GAP)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(x, rect.top(), px(60), rect.height()), middle, channel.name)
        x += max(px(52), metrics.horizontalAdvance(channel.name) + px(_GAP))
        side, top = px(_TILE), rect.center().y() - px(_TILE) / 2
        largest = float(np.abs(channel.kernel).max())
        self._paint_tile(painter, QRectF(x, top, side, side), channel.patch, self._grey)
        x = self._paint_sign(painter, x + side, rect, "×")
        self._paint_tile(
            painter,
            QRectF(x, top, side, side),
            channel.kernel,
            lambda value: theme.signed_color(value, largest),
        )
        x = self._paint_sign(painter, x + side, rect, "=")
        painter.setFont(theme.font("number"))
        painter.setPen(theme.color("here" if is_current else "text"))
        room = QRectF(x, rect.top(), rect.right() - x, rect.height())
        painter.drawText(room, middle, channel.total)

    def _paint_sign(self, painter: QPainter, x: float, rect: QRectF, sign: str) -> float:
        width = self._theme.px(20)
        painter.setFont(self._theme.font("body"))
        painter.setPen(self._theme.color("muted"))
        room = QRectF(x, rect.top(), width, rect.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, sign)
        return x + width

    def _paint_tile(
        self,
        painter: QPainter,
        room: QRectF,
        values: npt.NDArray[np.float64],
        color: Callable[[float], QColor],
    ) -> None:
        height, width = values.shape
        across, down = room.width() / width, room.height() / height
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for (row, column), value in np.ndenumerate(values):
            cell = QRectF(room.left() + column * across, room.top() + row * down, across, down)
            painter.fillRect(cell.toAlignedRect(), color(float(value)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _grey(self, value: float) -> QColor:
        span = self._high - self._low
        if not np.isfinite(value):
            return self._theme.color("invalid")
        share = (value - self._low) / span if span > 0 else 0.0
        return blend(QColor("#000000"), QColor("#ffffff"), min(max(share, 0.0), 1.0))
