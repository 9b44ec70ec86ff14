"""A heat map over a picture, and alone beside it."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.ui.theme import Theme

_SMALLEST, _GAP = 70, 10  # px at scale 1
_SMALL = 96  # pictures of fewer pixels are enlarged in squares

Rgb = npt.NDArray[np.uint8]


class HeatView(QWidget):
    """Paints both, or the picture and a sentence in place of the map."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._picture: Rgb | None = None
        self._heat: npt.NDArray[np.float32] | None = None
        self._strength = 0.6
        self._sentence = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Heat map")
        theme.changed.connect(self.update)

    def set_picture(self, picture: Rgb) -> None:
        """Show another picture, uint8 (H, W, 3). A map of another size goes, others stay."""
        self._picture = picture
        if self._heat is not None and self._heat.shape != picture.shape[:2]:
            self._heat = None
        self.update()

    def set_heat(self, heat: npt.NDArray[np.float32] | None, sentence: str = "") -> None:
        """Show numbers (H, W): the largest in full colour, those below zero in blue.

        With None `sentence` is shown in the place of the map.
        """
        self._heat, self._sentence = heat, sentence
        self.setAccessibleDescription(sentence)
        self.update()

    def set_strength(self, share: float) -> None:
        """Let so much of the map cover the picture, 0 to 1."""
        self._strength = share
        self.update()

    def over(self) -> Rgb | None:
        """Return the map over the picture, uint8 (H, W, 3)."""
        if self._picture is None or self._heat is None:
            return self._picture
        return self._mixed(self._picture.astype(np.float32), self._strength)

    def alone(self) -> Rgb | None:
        """Return the map alone, uint8 (H, W, 3)."""
        if self._heat is None:
            return None
        ground = np.array(self._theme.rgb("neutral"), np.float32)
        return self._mixed(np.broadcast_to(ground, (*self._heat.shape, 3)), 1.0)

    def sizeHint(self) -> QSize:
        """Two squares."""
        return self.minimumSizeHint() * 2

    def minimumSizeHint(self) -> QSize:
        """Two small squares."""
        side = self._theme.px(_SMALLEST)
        return QSize(2 * side + _GAP, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint both."""
        with QPainter(self) as painter:
            for i, picture in enumerate((self.over(), self.alone())):
                room = self._room(i)
                painter.fillRect(room, self._theme.color("blank"))
                if picture is not None:
                    self._paint(painter, room, picture)
                elif i and self._sentence:
                    painter.setPen(self._theme.color("muted"))
                    painter.setFont(self._theme.font("body"))
                    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                    painter.drawText(room.adjusted(6, 6, -6, -6), flags, self._sentence)

    def _room(self, index: int) -> QRectF:
        """Return the square of a picture: both side by side, or one above the other."""
        gap, width, height = self._theme.px(_GAP), self.width(), self.height()
        beside, below = min((width - gap) / 2, height), min(width, (height - gap) / 2)
        side = max(beside, below, 1.0)
        step = index * (side + gap)
        if beside >= below:
            return QRectF((width - 2 * side - gap) / 2 + step, 0, side, side)
        return QRectF((width - side) / 2, step, side, side)

    def _paint(self, painter: QPainter, room: QRectF, picture: Rgb) -> None:
        rgb = np.ascontiguousarray(picture)
        height, width = rgb.shape[:2]
        image = QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, width > _SMALL)
        scale = min(room.width() / width, room.height() / height)
        place = QRectF(0, 0, width * scale, height * scale)
        place.moveCenter(room.center())
        painter.drawImage(place, image)

    def _mixed(self, ground: npt.NDArray[np.float32], strength: float) -> Rgb:
        assert self._heat is not None
        most = float(np.abs(self._heat).max()) or 1.0
        share = (np.abs(self._heat) / most * strength)[:, :, np.newaxis]
        warm, cold = (np.array(self._theme.rgb(role)) for role in ("positive", "negative"))
        color = np.where((self._heat > 0)[:, :, np.newaxis], warm, cold)
        return np.rint(ground * (1 - share) + color * share).astype(np.uint8)
