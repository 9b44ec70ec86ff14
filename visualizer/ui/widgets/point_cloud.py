"""Points in a plane, coloured by class: hovered one by one, or chosen with a lasso."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.ui.theme import Theme
from visualizer.ui.widgets.slider import paint_focus_ring

_MARGIN, _LEGEND, _RADIUS, _NEAR = 14, 22, 3.5, 9  # px at scale 1
_WIDEST_NAME, _LEAST_ENTRY = 90, 24  # px at scale 1: in the map; in the legend
_MOST_NAMES = 30  # written into the map; more would cover it


def class_color(index: int, count: int, dark: bool) -> QColor:
    """Return a colour for one of `count` classes, as far from the others as can be."""
    return QColor.fromHsvF(index / max(count, 1), 0.62, 0.95 if dark else 0.72)


class PointCloud(QWidget):
    """Paints points (N, 2).

    Signals:
        hovered(int): the pointer is on this point; −1 when on none.
        clicked(int): this point was clicked.
        lassoed(list): these points were circled.
    """

    hovered = Signal(int)
    clicked = Signal(int)
    lassoed = Signal(list)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._points: npt.NDArray[np.float32] = np.zeros((0, 2), np.float32)
        self._classes: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._names: tuple[str, ...] = ()
        self._here = -1
        self._lasso: list[QPointF] = []
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Map of the images")
        self.setToolTip("Point at one to see it; draw around some to open them")
        theme.changed.connect(self.update)

    def set_points(
        self, points: npt.NDArray[np.float32], classes: npt.NDArray[np.int64], names: Sequence[str]
    ) -> None:
        """Show (N, 2) points of these classes."""
        self._points, self._classes, self._names = points, classes, tuple(names)
        self._here = -1
        self.setAccessibleDescription(f"{len(points)} images in {len(names)} classes")
        self.update()

    def sizeHint(self) -> QSize:
        """Large."""
        return self.minimumSizeHint() * 2

    def minimumSizeHint(self) -> QSize:
        """A small square."""
        side = self._theme.px(160)
        return QSize(side, side)

    def places(self) -> npt.NDArray[np.float64]:
        """Return where the points are painted, (N, 2)."""
        px = self._theme.px
        room = QRectF(self.rect()).adjusted(px(_MARGIN), px(_MARGIN), -px(_MARGIN),
                                            -px(_MARGIN + _LEGEND))  # fmt: skip
        if not len(self._points):
            return np.zeros((0, 2))
        low, high = self._points.min(0), self._points.max(0)
        span = np.maximum(high - low, 1e-9)
        scale = min(room.width() / span[0], room.height() / span[1])
        middle = np.array([room.center().x(), room.center().y()])
        return np.asarray((self._points - (low + high) / 2) * scale + middle)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint points, legend and lasso, and a ring while focused."""
        theme, px = self._theme, self._theme.px
        places = self.places()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            for index in range(len(self._names)):
                color = class_color(index, len(self._names), theme.is_dark)
                color.setAlphaF(0.85)
                painter.setBrush(color)
                for x, y in places[self._classes == index]:
                    painter.drawEllipse(QPointF(x, y), px(_RADIUS), px(_RADIUS))
            if 0 <= self._here < len(places):
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.color("here"), 2))
                painter.drawEllipse(QPointF(*places[self._here]), px(7), px(7))
            if self._lasso:
                painter.setPen(QPen(theme.color("here"), 2))
                painter.drawPolyline(QPolygonF(self._lasso))
            self._paint_legend(painter)
            self._paint_names(painter, places)
        paint_focus_ring(self)

    def _paint_legend(self, painter: QPainter) -> None:
        theme, px = self._theme, self._theme.px
        painter.setFont(theme.font("caption"))
        x, y = float(px(4)), self.height() - px(_LEGEND) / 2
        most = (self.width() - x) / max(len(self._names), 1)
        if most < px(_LEAST_ENTRY):
            return
        for index, name in enumerate(self._names):
            width = min(painter.fontMetrics().horizontalAdvance(name) + px(22), most)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(class_color(index, len(self._names), theme.is_dark))
            painter.drawEllipse(QPointF(x + px(4), y), px(4), px(4))
            painter.setPen(theme.color("muted"))
            room = QRectF(x + px(11), y - px(9), width, px(18))
            short = painter.fontMetrics().elidedText(
                name, Qt.TextElideMode.ElideMiddle, int(most) - px(18)
            )
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, short)
            x += width

    def _paint_names(self, painter: QPainter, places: npt.NDArray[np.float64]) -> None:
        """Write the name of each class into the middle of its points."""
        theme, px = self._theme, self._theme.px
        if len(self._names) > _MOST_NAMES:
            return
        painter.setFont(theme.font("caption"))
        metrics = painter.fontMetrics()
        ground = QColor(theme.color("card"))
        ground.setAlphaF(0.75)
        for index, name in enumerate(self._names):
            mine = places[self._classes == index]
            if not len(mine):
                continue
            text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, px(_WIDEST_NAME))
            room = QRectF(0, 0, metrics.horizontalAdvance(text) + px(18), px(16))
            room.moveCenter(QPointF(*np.median(mine, axis=0)))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(room, px(4), px(4))
            painter.setBrush(class_color(index, len(self._names), theme.is_dark))
            painter.drawEllipse(QPointF(room.left() + px(7), room.center().y()), px(4), px(4))
            painter.setPen(theme.color("text"))
            room.setLeft(room.left() + px(14))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a lasso."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._lasso = [event.position()]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it, or point at a point."""
        if self._lasso:
            self._lasso.append(event.position())
            self.update()
        else:
            self._point(self._at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose what is inside the lasso, or the point that was clicked."""
        lasso, self._lasso = self._lasso, []
        polygon = QPolygonF(lasso)
        if polygon.boundingRect().width() + polygon.boundingRect().height() < 10:
            here = self._at(event.position())
            if here >= 0:
                self.clicked.emit(here)
        else:
            fill = Qt.FillRule.OddEvenFill
            inside = [
                i for i, (x, y) in enumerate(self.places())
                if polygon.containsPoint(QPointF(x, y), fill)
            ]  # fmt: skip
            self.lassoed.emit(inside)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at none."""
        self._point(-1)

    def _at(self, point: QPointF) -> int:
        places = self.places()
        if not len(places):
            return -1
        off = np.hypot(places[:, 0] - point.x(), places[:, 1] - point.y())
        nearest = int(off.argmin())
        return nearest if off[nearest] <= self._theme.px(_NEAR) else -1

    def _point(self, index: int) -> None:
        if index != self._here:
            self._here = index
            self.update()
            self.hovered.emit(index)
