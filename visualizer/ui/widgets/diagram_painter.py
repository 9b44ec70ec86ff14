"""Paints the bodies and links of a network's diagram, with feature maps inside where wanted."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPicture,
    QPolygonF,
    QTransform,
)

from visualizer.learning.wiring import INPUT
from visualizer.ui.theme import Theme, blend
from visualizer.ui.widgets import map_scale
from visualizer.ui.widgets.diagram_layout import Body, Diagram, Link

Maps = npt.NDArray

_MOST_SLICES, _BETWEEN_SLICES = 8, 7.0  # units of the drawing between two maps in a volume
_ARROW, _ROUND, _SUM = 6.0, 12.0, 8.0  # head of an arrow, corner of a link, sign of an addition
_CONE_WIDTH = 1.2


@dataclass
class Look:
    """What is marked in a diagram.

    Attributes:
        roles: the colour of each layer, by name.
        selected, hovered: names, or "".
        broken: the layer that does not fit, or "".
        hinted: layers there is something to say about.
        sums: the additions.
        windows: rows and columns of the kernel or pooling window of a layer, by name.
        maps: what each layer gives, (C, H, W) or (units,); pictures as uint8; empty: not wanted.
    """

    roles: dict[str, str] = field(default_factory=dict)
    selected: str = ""
    hovered: str = ""
    broken: str = ""
    hinted: frozenset[str] = frozenset()
    sums: frozenset[str] = frozenset()
    windows: dict[str, tuple[int, int]] = field(default_factory=dict)
    maps: dict[str, Maps] = field(default_factory=dict)


class DiagramPainter:
    """Paints in units of the drawing; pens are as wide on the screen at any zoom."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._drawn: tuple[Diagram, QPicture] | None = None
        self._images: dict[str, list[QImage]] = {}
        self._tables: dict[str, map_scale.Argb] = {}

    def forget(self) -> None:
        """Draw anew: there are other maps, marks or colours."""
        self._drawn = None
        self._images.clear()
        self._tables.clear()

    def paint(self, painter: QPainter, diagram: Diagram, look: Look) -> None:
        """Paint bodies and links, which are kept as they were drawn, and what is pointed at."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._drawn is None or self._drawn[0] is not diagram:
            self._drawn = diagram, QPicture()
            with QPainter(self._drawn[1]) as drawing:
                self._draw(drawing, diagram, look)
        painter.drawPicture(0, 0, self._drawn[1])
        self._cone(painter, diagram, look)
        for name, role in ((look.hovered, "text"), (look.broken, "bad"), (look.selected, "here")):
            marked = diagram.body(name)
            if marked is not None:
                painter.setPen(self._pen(role, 2.0))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPolygon(outline(marked))

    def _draw(self, painter: QPainter, diagram: Diagram, look: Look) -> None:
        """Draw from left to right, so that what is nearer covers what is farther."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        arriving: dict[str, list[Link]] = {}
        for link in diagram.links:
            arriving.setdefault(link.target, []).append(link)
        for body in diagram.bodies:
            for link in arriving.get(body.name, ()):
                self._link(painter, link, body)
            self._body(painter, body, look)

    # Bodies

    def _body(self, painter: QPainter, body: Body, look: Look) -> None:
        color = self._theme.color(look.roles.get(body.name, "muted"))
        maps = look.maps.get(body.name)
        if body.kind == "unknown":
            painter.setPen(
                self._pen("bad" if body.name == look.broken else "faint", 1.2, dashed=True)
            )
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for part in _faces(body):
                painter.drawPolygon(part)
        elif len(body.shape) == 1:
            self._list(painter, body, color, maps)
        elif maps is not None and maps.ndim == 3:
            self._filled(painter, body, color, maps)
        else:
            self._solid(painter, body, color)
        if body.name in look.sums:
            self._sum(painter, body)
        if body.name in look.hinted and body.name != look.broken:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("here"))
            painter.drawEllipse(QPointF(body.right, body.top), 3.0, 3.0)

    def _solid(self, painter: QPainter, body: Body, color: QColor) -> None:
        card = self._theme.color("card")
        painter.setPen(QPen(blend(card, color, 0.95), 0))
        front, top, end = _faces(body)
        for face, share in ((front, 0.34), (top, 0.52), (end, 0.22)):
            painter.setBrush(blend(card, color, share))
            painter.drawPolygon(face)

    def _filled(self, painter: QPainter, body: Body, color: QColor, maps: Maps) -> None:
        """Paint a glass box with some of its maps standing in it, the last at its end."""
        images = self._images.get(body.name)
        if images is None:
            images = self._images[body.name] = self._pictures(body, maps)
        glass = QColor(color)
        glass.setAlpha(34)
        front, top, _ = _faces(body)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(blend(self._theme.color("card"), color, 0.16))
        painter.drawPolygon(outline(body))
        ends = np.linspace(body.x, body.x + body.thickness, len(images))
        for x, image in zip(
            ends if len(images) > 1 else ends[-1:] + body.thickness, images, strict=True
        ):
            _stand(painter, body, float(x), image)
            painter.setPen(QPen(blend(self._theme.color("card"), color, 0.7), 0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolygon(_slice(body, float(x)))
        painter.setBrush(glass)
        painter.setPen(QPen(blend(self._theme.color("card"), color, 0.95), 0))
        painter.drawPolygon(front)
        painter.drawPolygon(top)

    def _list(self, painter: QPainter, body: Body, color: QColor, maps: Maps | None) -> None:
        area = QRectF(body.x, body.y - body.height / 2, body.thickness, body.height)
        painter.setBrush(blend(self._theme.color("card"), color, 0.4))
        painter.setPen(QPen(blend(self._theme.color("card"), color, 0.95), 0))
        painter.drawRect(area)
        if maps is not None and maps.ndim == 1:
            images = self._images.get(body.name)
            if images is None:
                images = self._images[body.name] = [self._picture(maps[:, np.newaxis])]
            painter.drawImage(area, images[0])

    def _pictures(self, body: Body, maps: Maps) -> list[QImage]:
        if body.name == INPUT:
            return [_photograph(maps)]
        if body.kind == "plate":  # there is room for one: that with most to see
            chosen = np.array([maps.std((1, 2)).argmax()])
        else:
            room = int(body.thickness / _BETWEEN_SLICES) + 1
            count = max(1, min(len(maps), room, _MOST_SLICES))
            chosen = np.linspace(0, len(maps) - 1, count).round().astype(int)
        signed = bool(np.nanmin(maps) < 0)
        scale = map_scale.scale_of(maps, signed=signed, shared=True)
        return [self._colored(scale.levels(maps[i]), signed) for i in chosen]

    def _picture(self, values: Maps) -> QImage:
        signed = bool(np.nanmin(values) < 0)
        scale = map_scale.scale_of(values[np.newaxis], signed=signed, shared=True)
        return self._colored(scale.levels(values[np.newaxis])[0], signed)

    def _colored(self, levels: npt.NDArray[np.uint8], signed: bool) -> QImage:
        style: map_scale.Style = "signed" if signed else "activation"
        if style not in self._tables:
            self._tables[style] = map_scale.color_table(style, self._theme)
        levels = levels.reshape(levels.shape[-2:])
        return _image(self._tables[style].take(levels))

    # Links and marks

    def _link(self, painter: QPainter, link: Link, body: Body) -> None:
        painter.setPen(self._pen("muted", 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        points = [QPointF(*point) for point in link.points]
        is_level = points[-1].y() == points[-2].y()
        if is_level:  # up to the left of it: it stands before its own middle
            points[-1] = QPointF(body.x - 1, points[-1].y())
        if points[-1].x() - points[-2].x() < 2 and is_level:
            return
        painter.drawPath(_rounded(points))
        tip, before = points[-1], points[-2]
        way = (tip - before) / max(1e-6, (tip - before).manhattanLength())
        side = QPointF(-way.y(), way.x())
        back = tip - way * _ARROW
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("muted"))
        painter.drawPolygon([tip, back + side * _ARROW / 2, back - side * _ARROW / 2])

    def _sum(self, painter: QPainter, body: Body) -> None:
        """Put the sign of an addition on top of a body, where what came around it arrives."""
        middle = QPointF(body.x + (body.thickness + body.across) / 2, body.top)
        painter.setBrush(self._theme.color("card"))
        painter.setPen(self._pen("text", 1.4))
        painter.drawEllipse(middle, _SUM, _SUM)
        arm = _SUM * 0.5
        for along in (QPointF(arm, 0), QPointF(0, arm)):
            painter.drawLine(middle - along, middle + along)

    def _cone(self, painter: QPainter, diagram: Diagram, look: Look) -> None:
        """Show which window of the maps before feeds one number of the selected layer."""
        target = diagram.body(look.selected)
        window = look.windows.get(look.selected)
        links = [link for link in diagram.links if link.target == look.selected]
        source = diagram.body(links[0].source) if links else None
        if target is None or source is None or window is None or len(source.shape) != 3:
            return
        rows, columns = (
            min(1.0, part / whole) for part, whole in zip(window, source.shape[1:], strict=True)
        )
        corners = [_on_end(source, 0.5 + columns * u / 2, 0.5 + rows * v / 2)
                   for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1))]  # fmt: skip
        tip = QPointF(target.x + target.across / 2, target.y)
        painter.setPen(self._pen("here", _CONE_WIDTH))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(QPolygonF(corners))
        for corner in corners:
            painter.drawLine(corner, tip)

    def _pen(self, role: str, width: float, dashed: bool = False) -> QPen:
        pen = QPen(self._theme.color(role), width * self._theme.scale)
        pen.setCosmetic(True)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if dashed:
            pen.setStyle(Qt.PenStyle.DashLine)
        return pen


def outline(body: Body) -> QPolygonF:
    """Return the silhouette of a body, for pointing at it and for marking it."""
    top, bottom = _front_ends(body)
    left, end = body.x, body.x + body.thickness
    return QPolygonF(
        [
            QPointF(left, top), QPointF(left + body.across, top - body.up),
            QPointF(end + body.across, top - body.up), QPointF(end + body.across, bottom - body.up),
            QPointF(end, bottom), QPointF(left, bottom),
        ]
    )  # fmt: skip


def _front_ends(body: Body) -> tuple[float, float]:
    """Return the y of the upper and the lower edge of the front."""
    middle = body.y + body.up / 2
    return middle - body.height / 2, middle + body.height / 2


def _faces(body: Body) -> tuple[QPolygonF, QPolygonF, QPolygonF]:
    """Return front, top and end."""
    top, bottom = _front_ends(body)
    left, right = body.x, body.x + body.thickness
    back = QPointF(body.across, -body.up)
    a, b, c, d = (
        QPointF(x, y) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))
    )
    return (
        QPolygonF([a, b, c, d]),
        QPolygonF([a, a + back, b + back, b]),
        QPolygonF([b, b + back, c + back, c]),
    )


def _slice(body: Body, x: float) -> QPolygonF:
    """Return the outline of a map that stands in a body."""
    top, bottom = _front_ends(body)
    back = QPointF(body.across, -body.up)
    a, b = QPointF(x, top), QPointF(x, bottom)
    return QPolygonF([a, a + back, b + back, b])


def _on_end(body: Body, u: float, v: float) -> QPointF:
    """Return a point on the end of a body: `u` of the way along columns, `v` along rows."""
    top, bottom = _front_ends(body)
    x = body.x + body.thickness + u * body.across
    return QPointF(x, top + v * (bottom - top) - u * body.up)


def _stand(painter: QPainter, body: Body, x: float, image: QImage) -> None:
    """Paint a picture as if it stood in a body, its columns going into the depth."""
    top, bottom = _front_ends(body)
    width, height = image.width(), image.height()
    painter.save()
    painter.setTransform(
        QTransform(body.across / width, -body.up / width, 0, (bottom - top) / height, x, top), True
    )
    painter.drawImage(0, 0, image)
    painter.restore()


def _rounded(points: list[QPointF]) -> QPainterPath:
    """Return a path through points, its corners rounded."""
    path = QPainterPath(points[0])
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        one, other = before - here, after - here
        radius = min(_ROUND, one.manhattanLength() / 2, other.manhattanLength() / 2)
        path.lineTo(here + one * radius / max(1e-6, one.manhattanLength()))
        path.quadTo(here, here + other * radius / max(1e-6, other.manhattanLength()))
    path.lineTo(points[-1])
    return path


def _photograph(pixels: Maps) -> QImage:
    """Return uint8 (C, H, W) as it is: in colour with three planes, else the first one grey."""
    planes = pixels if len(pixels) == 3 else np.repeat(pixels[:1], 3, axis=0)
    return _image(map_scale.packed(planes.transpose(1, 2, 0).astype(np.uint8)))


def _image(argb: map_scale.Argb) -> QImage:
    argb = np.ascontiguousarray(argb)
    height, width = argb.shape
    return QImage(argb.data, width, height, 4 * width, QImage.Format.Format_ARGB32).copy()
