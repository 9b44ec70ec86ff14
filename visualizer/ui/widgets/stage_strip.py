"""A row of small pictures, one made from the other; each step between can be switched off."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from visualizer.ui import icons
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.slider import keep_keys

_SIDE, _LEAST, _ARROW, _CAPTION, _TICK = 84, 40, 14, 20, 13  # px at scale 1
_SMALL = 64  # pictures of fewer pixels are enlarged in squares
_FADED = 0.35


@dataclass(frozen=True, eq=False)
class Tile:
    """One picture of the strip.

    Attributes:
        key: of the step that made it, "" for one that cannot be switched off.
        title: below it.
        rgb: uint8 (h, w, 3).
        on: whether the step is taken.
        tip: what the step does.
    """

    key: str
    title: str
    rgb: npt.NDArray[np.uint8]
    on: bool = True
    tip: str = ""


class StageStrip(QWidget):
    """Shows tiles with arrows between them. A click on one asks for its step to be switched.

    Signals:
        switched(str): the step of this key, on or off.
    """

    switched = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._buttons: list[_TileButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def set_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show these, in order."""
        while len(self._buttons) > len(tiles):
            button = self._buttons.pop()
            button.hide()
            button.deleteLater()
        while len(self._buttons) < len(tiles):
            button = _TileButton(self._theme, first=not self._buttons)
            button.clicked.connect(lambda _=False, b=button: self.switched.emit(b.tile.key))
            self._buttons.append(button)
            self._row.addWidget(button)
        for button, tile in zip(self._buttons, tiles, strict=True):
            button.set_tile(tile)

    def button(self, key: str) -> QAbstractButton:
        """Return the button of a step. Raises KeyError when it is not shown."""
        for button in self._buttons:
            if button.tile.key == key:
                return button
        raise KeyError(key)


class _TileButton(QAbstractButton):
    """Paints the arrow before a picture, the picture, a tick and the title."""

    def __init__(self, theme: Theme, *, first: bool) -> None:
        super().__init__()
        self._theme, self._first = theme, first
        self.tile = Tile("", "", np.zeros((1, 1, 3), np.uint8))
        self._image = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        keep_keys(self, Qt.Key.Key_Space)
        theme.changed.connect(self.updateGeometry)

    def set_tile(self, tile: Tile) -> None:
        """Show another picture."""
        self.tile = tile
        rgb = np.ascontiguousarray(tile.rgb)
        height, width = rgb.shape[:2]
        kind = QImage.Format.Format_RGB888
        self._image = QImage(rgb.data, width, height, 3 * width, kind).copy()
        able = bool(tile.key)
        self.setEnabled(able)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if able else Qt.FocusPolicy.NoFocus)
        shape = Qt.CursorShape.PointingHandCursor if able else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)
        state = f", {'on' if tile.on else 'off'}" if able else ""
        self.setAccessibleName(tile.title + state)
        self.setToolTip(tile.tip)
        self.update()

    def sizeHint(self) -> QSize:
        """Room for picture and title."""
        px = self._theme.px
        return QSize(px(_SIDE + _ARROW), px(_SIDE + _CAPTION))

    def minimumSizeHint(self) -> QSize:
        """A picture that can just be made out."""
        px = self._theme.px
        return QSize(px(_LEAST + _ARROW), px(_SIDE + _CAPTION))

    def picture_rect(self) -> QRectF:
        """Return where the picture is painted."""
        px = self._theme.px
        side = min(self.width() - px(_ARROW) - 1, px(_SIDE))
        return QRectF(0 if self._first else px(_ARROW), px(_SIDE) - side, side, side)

    def title_place(self) -> tuple[float, str]:
        """Return where tick and title begin, and the title, cut where there is too little room.

        A long one begins below the arrow.
        """
        metrics, tick = QFontMetricsF(self._theme.font("caption")), self._tick()
        spare = self.width() - tick - metrics.horizontalAdvance(self.tile.title) - 1
        left = max(min(self.picture_rect().left(), spare), 0.0)
        right = Qt.TextElideMode.ElideRight
        return left, metrics.elidedText(self.tile.title, right, self.width() - tick - left)

    def _tick(self) -> int:
        """Return how much room the tick takes, if there is one."""
        return self._theme.px(_TICK + 3) if self.tile.key else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it; faded where the step is left out."""
        theme, px, rect = self._theme, self._theme.px, self.picture_rect()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if not self._first:
                self._paint_arrow(painter, rect)
            outline = QPainterPath()
            outline.addRoundedRect(rect, px(4), px(4))
            painter.save()
            painter.setClipPath(outline)
            painter.fillRect(rect, theme.color("blank"))
            painter.setOpacity(1 if self.tile.on else _FADED)
            smooth = self._image.width() > _SMALL
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
            painter.drawImage(_fitted(self._image.size(), rect), self._image)
            painter.restore()
            strong = self.hasFocus() or (self.underMouse() and self.isEnabled())
            painter.setPen(QPen(theme.color("accent" if strong else "border"), 2 if strong else 1))
            painter.drawPath(outline)
            self._paint_title(painter)

    def _paint_arrow(self, painter: QPainter, rect: QRectF) -> None:
        px, y = self._theme.px, rect.center().y()
        painter.setPen(QPen(self._theme.color("faint"), px(1.5)))
        right, size = rect.left() - px(4), px(4)
        tips = ((right - size, y - size), (right, y), (right - size, y + size))
        painter.drawPolyline([QPointF(*tip) for tip in tips])

    def _paint_title(self, painter: QPainter) -> None:
        theme, px = self._theme, self._theme.px
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.color("muted" if self.tile.on else "faint"))
        left, text = self.title_place()
        if self.tile.key:
            name = "checkbox-marked" if self.tile.on else "checkbox-blank-outline"
            color = theme.colors.accent if self.tile.on else theme.colors.faint
            side = px(_TICK)
            icon = icons.icon(f"mdi6.{name}", color=color)
            top = px(_SIDE) + px(_CAPTION - _TICK) // 2
            icon.paint(painter, QRect(round(left), top, side, side))
        left += self._tick()
        room = QRectF(left, px(_SIDE), self.width() - left, px(_CAPTION))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)


def _fitted(size: QSize, rect: QRectF) -> QRectF:
    """Return the middle of `rect` that has the shape of `size`."""
    scale = min(rect.width() / size.width(), rect.height() / size.height())
    place = QRectF(0, 0, size.width() * scale, size.height() * scale)
    place.moveCenter(rect.center())
    return place
