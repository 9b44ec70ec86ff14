"""The scale of a painted map: its colours from the lowest number to the highest."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.ui.theme import Theme
from visualizer.ui.widgets import cells

_HEIGHT, _BAR, _TYPE = 18.0, 8.0, 11.5  # px at scale 1


class ColorBar(QWidget):
    """Paints a strip of colours between the numbers at its ends."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._ramp = np.zeros((1, 1, 3), np.uint8)
        self._ends = "", ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def set_scale(self, ramp: npt.NDArray[np.uint8], low: str, high: str) -> None:
        """Show colours (1, n, 3) from the number `low` to the number `high`."""
        self._ramp = np.ascontiguousarray(ramp)
        self._ends = low, high
        self.setAccessibleName(f"Colours from {low} to {high}" if low else "")
        self.update()

    def sizeHint(self) -> QSize:
        """A line of text high."""
        return QSize(0, self._theme.px(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint number, colours, number."""
        low, high = self._ends
        if not low:
            return
        px = self._theme.px
        font = cells.digits_font(self._theme, px(_TYPE))
        metrics = QFontMetricsF(font)
        left = metrics.horizontalAdvance(low) + px(6)
        right = self.width() - metrics.horizontalAdvance(high) - px(6)
        top = (self.height() - px(_BAR)) / 2
        ramp = self._ramp
        image = QImage(ramp.data, ramp.shape[1], 1, 3 * ramp.shape[1], QImage.Format.Format_RGB888)
        with QPainter(self) as painter:
            painter.setFont(font)
            painter.setPen(self._theme.color("muted"))
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(self.rect(), middle | Qt.AlignmentFlag.AlignLeft, low)
            painter.drawText(self.rect(), middle | Qt.AlignmentFlag.AlignRight, high)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(left, top, right - left, px(_BAR)), image)
