"""A small picture shown large, every pixel a square."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from visualizer.ui.theme import Theme


class PixelPreview(QWidget):
    """Shows (H, W, 3) uint8 as large as fits in a square of `side` (at scale 1)."""

    def __init__(self, theme: Theme, side: int, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._side = side
        self._image = QImage()
        self.setAccessibleName(name)
        theme.changed.connect(self._fit)
        self._fit()

    def set_picture(self, rgb: npt.NDArray[np.uint8]) -> None:
        """Show another picture."""
        height, width = rgb.shape[:2]
        pixels = np.ascontiguousarray(rgb)
        self._image = QImage(
            pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888
        ).copy()
        self.update()

    def clear(self) -> None:
        """Show no picture."""
        self._image = QImage()
        self.update()

    def sizeHint(self) -> QSize:
        """A square."""
        side = self._theme.px(self._side)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture at the top, in the middle."""
        painter = QPainter(self)
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left = (self.width() - size.width()) // 2
        target = QRect(left, 0, size.width(), size.height())
        painter.fillRect(target, self._theme.color("blank"))
        painter.drawImage(target, self._image)

    def _fit(self) -> None:
        self.setFixedSize(self.sizeHint())
        self.update()
