"""The network as a diagram: layers as boxes, drawn to scale, connected, to be zoomed and panned."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from visualizer.learning.layers import Convolution, Dense, Pool, Shape, Skip
from visualizer.learning.networks import Row
from visualizer.learning.wiring import INPUT, Node
from visualizer.ui.theme import Theme
from visualizer.ui.tooltips import plain
from visualizer.ui.widgets.diagram_layout import Body, Diagram, lay_out
from visualizer.ui.widgets.diagram_painter import DiagramPainter, Look, outline
from visualizer.ui.widgets.slider import keep_keys
from visualizer.ui.widgets.viewport import Frame, Viewport

_STEP = 1.25  # zoom of one notch of the wheel
_MARGIN, _TIERS, _LINE, _SPACE = 14, 2, 14, 6  # px at scale 1
_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)
_ROLES: tuple[tuple[type, str], ...] = (
    (Convolution, "accent"),
    (Pool, "good"),
    (Dense, "positive"),
)


@dataclass(frozen=True)
class _Label:
    """What stands below a body: its name, and lines of numbers."""

    body: Body
    lines: tuple[str, ...]
    width: float


class NetworkDiagram(QWidget):
    """Shows a network. Emits what the user points at; never changes what it was given.

    A click selects a layer, so do the arrow keys; the wheel zooms, dragging pans, a double click
    shows all.

    Signals:
        chosen(str): the user selected the layer of this name.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.viewport = Viewport(self)
        self._frame = Frame(self.viewport)
        self._painter = DiagramPainter(theme)
        self._diagram: Diagram | None = None
        self._network: tuple[Sequence[Node], Sequence[Row], Shape] | None = None
        self._look = Look()
        self._labels: list[_Label] = []
        self._place = QPointF(), 1.0  # origin and scale while labels are painted
        self._names: list[str] = []
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._is_panning = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Diagram of the network")
        keep_keys(self, *_KEYS)
        self.viewport.changed.connect(self.update)
        theme.changed.connect(self._restyle)

    @property
    def diagram(self) -> Diagram | None:
        """What is drawn, in its own units."""
        return self._diagram

    def set_network(
        self,
        nodes: Sequence[Node],
        rows: Sequence[Row],
        shape: Shape,
        broken: str = "",
        hinted: frozenset[str] = frozenset(),
    ) -> None:
        """Show a network for images of `shape`; `rows` of its table as far as its layers fit.

        `broken` is the layer that does not, and there is something to say about those `hinted`.
        """
        self._network = (nodes, rows, shape)
        self._names = [node.name for node in nodes]
        roles = {
            node.name: next((r for kind, r in _ROLES if isinstance(node.layer, kind)), "muted")
            for node in nodes
        }
        windows = {
            node.name: node.layer.sides if isinstance(node.layer, Convolution)
            else (node.layer.window, node.layer.window)
            for node in nodes
            if isinstance(node.layer, Convolution | Pool)
        }  # fmt: skip
        self._look.roles = {INPUT: "text", **roles}
        self._look.windows = windows
        self._look.broken, self._look.hinted = broken, hinted
        self._look.sums = frozenset(n.name for n in nodes if isinstance(n.layer, Skip))
        self._look.hovered = ""
        self._look.maps = {}
        self._painter.forget()
        self._lay_out()
        self._describe()

    def set_maps(self, maps: dict[str, npt.NDArray]) -> None:
        """Show what each layer gives, (C, H, W) or (units,) by name; none: plain boxes.

        Under INPUT the image itself, uint8 (C, H, W).
        """
        self._look.maps = {name: np.asarray(values) for name, values in maps.items()}
        self._painter.forget()
        self.update()

    @property
    def shows_maps(self) -> bool:
        """Whether maps stand in the boxes."""
        return bool(self._look.maps)

    def set_selected(self, name: str) -> None:
        """Mark a layer, and bring it into sight."""
        if name == self._look.selected:
            return
        self._look.selected = name
        body = self._diagram.body(name) if self._diagram else None
        if body is not None and self._diagram is not None and not self.viewport.fitted:
            corner = QPointF(body.x - self._diagram.left, body.top - self._diagram.top)
            size = QSizeF(body.right - body.x, body.bottom - body.top)
            self.viewport.reveal(QRectF(corner, size), self._frame)
        self._describe()
        self.update()

    def place_of(self, name: str) -> QPointF:
        """Return where a layer can be clicked, in this widget's coordinates."""
        assert self._diagram is not None
        body = self._diagram.body(name)
        assert body is not None
        return self._to_screen(QPointF(body.x + body.thickness / 2, body.y + body.up / 2))

    def sizeHint(self) -> QSize:
        """Wide, and high enough for boxes and two rows of names."""
        return QSize(self._theme.px(900), self._theme.px(260))

    def minimumSizeHint(self) -> QSize:
        """Room for something."""
        return QSize(self._theme.px(240), self._theme.px(160))

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint boxes and links, then what they are called."""
        diagram = self._diagram
        with QPainter(self) as painter:
            if diagram is None:
                return
            painter.save()
            room = QRectF(0, 0, self.width(), self.height() - self._band())
            painter.setClipRect(room)  # zoomed in, boxes stay off the names
            painter.translate(self._frame.origin)
            painter.scale(self._frame.scale, self._frame.scale)
            painter.translate(-diagram.left, -diagram.top)
            self._painter.paint(painter, diagram, self._look)
            painter.restore()
            self._paint_labels(painter)
            if self.hasFocus():
                painter.setPen(QPen(self._theme.color("accent"), 2))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def _paint_labels(self, painter: QPainter) -> None:
        """Write below the boxes, in as many rows as there are, what has room there."""
        self._place = self._frame.origin, self._frame.scale
        px, band = self._theme.px, self.height() - self._band()
        height = px(3 * _LINE + _SPACE)
        ends = [-1e9] * _TIERS
        order = sorted(self._labels, key=lambda label: label.body.x)
        chosen = next((x for x in order if x.body.name == self._look.selected), None)
        taken = None if chosen is None else self._span(chosen)
        for label in order:
            if label.body.y != 0:
                self._write_above(painter, label)
                continue
            left, right = self._span(label)
            if right < 0 or left > self.width():
                continue
            tier = next((i for i, end in enumerate(ends) if left >= end), None)
            is_chosen = label is chosen
            if not is_chosen and taken and tier == 0 and left < taken[1] and right > taken[0]:
                tier = 1 if left >= ends[1] else None
            if is_chosen:
                tier = 0
            if tier is None:
                continue
            ends[tier] = right + px(_SPACE)
            self._write(painter, label, (left + right) / 2, band + tier * height)

    def _span(self, label: _Label) -> tuple[float, float]:
        body = label.body
        middle = self._painted(QPointF((body.x + body.right) / 2, 0)).x()
        left = min(max(middle - label.width / 2, 2.0), self.width() - label.width - 2.0)
        if not 0 <= middle <= self.width():
            left = middle - label.width / 2
        return left, left + label.width

    def _write(self, painter: QPainter, label: _Label, x: float, y: float) -> None:
        theme, body = self._theme, label.body
        foot = self._painted(QPointF((body.x + body.right) / 2, body.bottom))
        painter.setPen(QPen(theme.color("border"), 1))
        if foot.y() < y:
            painter.drawLine(foot + QPointF(0, 3), QPointF(x, y - 1))
        for i, line in enumerate(label.lines):
            painter.setFont(theme.font("strong" if i == 0 else "small_number"))
            painter.setPen(theme.color(self._text_role(body.name) if i == 0 else "muted"))
            area = QRectF(
                x - label.width, y + i * theme.px(_LINE), 2 * label.width, theme.px(_LINE)
            )
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, line)

    def _write_above(self, painter: QPainter, label: _Label) -> None:
        """Write the name of what is on the way around a skip above it."""
        head = self._painted(QPointF((label.body.x + label.body.right) / 2, label.body.top))
        painter.setFont(self._theme.font("strong"))
        painter.setPen(self._theme.color(self._text_role(label.body.name)))
        height = self._theme.px(_LINE + 2)
        area = QRectF(head.x() - 100, head.y() - height - 2, 200, height)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, label.body.name)

    def _text_role(self, name: str) -> str:
        if name == self._look.broken:
            return "bad"
        return "here" if name == self._look.selected else "text"

    def _named(self, bodies: Iterable[Body], rows: Sequence[Row]) -> list[_Label]:
        """Return what stands below, or above, each of the bodies."""
        strong, small = (
            cache(QFontMetricsF(self._theme.font(role)).horizontalAdvance)
            for role in ("strong", "small_number")
        )
        known = {row.name: row for row in rows}
        return [_label(body, known.get(body.name), strong, small) for body in bodies]

    def _band(self) -> float:
        """The height of the rows of names below."""
        return self._theme.px(_TIERS * (3 * _LINE + _SPACE))

    # What happens to the widget

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay out anew."""
        self._lay_out()

    def event(self, event: QEvent) -> bool:
        """Say what the pointer rests on."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            name = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), plain(self._about(name)), self)
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer; with Shift, pan."""
        delta = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.viewport.pan(delta.x() or delta.y(), 0, self._frame)
        elif delta.y():
            self.viewport.zoom_by(_STEP ** (delta.y() / 120), event.position(), self._frame)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click, or a pan."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed = self._last = event.position()
            self._is_panning = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, or point at a layer."""
        at = event.position()
        if self._pressed is not None:
            far = (at - self._pressed).manhattanLength() >= QApplication.startDragDistance()
            self._is_panning |= far
            if self._is_panning:
                self.viewport.pan(at.x() - self._last.x(), at.y() - self._last.y(), self._frame)
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._last = at
            return
        self._hover(self._at(at))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Select what was clicked."""
        name = "" if self._is_panning else self._at(event.position())
        self._pressed, self._is_panning = None, False
        self.unsetCursor()
        if name in self._names and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(name)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all."""
        self.viewport.fit()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._hover("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Select another layer."""
        key = Qt.Key(event.key())
        if key not in _KEYS or not self._names:
            super().keyPressEvent(event)
            return
        selected = self._look.selected
        at = self._names.index(selected) if selected in self._names else 0
        last = len(self._names) - 1
        wanted = {_KEYS[0]: at - 1, _KEYS[1]: at + 1, _KEYS[2]: 0, _KEYS[3]: last}[key]
        self.chosen.emit(self._names[min(max(wanted, 0), last)])

    def _hover(self, name: str) -> None:
        if name != self._look.hovered:
            self._look.hovered = name
            is_layer = name in self._names
            self.setCursor(Qt.CursorShape.PointingHandCursor) if is_layer else self.unsetCursor()
            self.update()

    def _at(self, position: QPointF) -> str:
        """Return the name of the layer at a place, the nearest where several are; or ""."""
        if self._diagram is None:
            return ""
        point = self._frame.to_image(position) + QPointF(self._diagram.left, self._diagram.top)
        for body in reversed(self._diagram.bodies):
            if outline(body).containsPoint(point, Qt.FillRule.WindingFill):
                return body.name
        return ""

    def _about(self, name: str) -> str:
        label = next((label for label in self._labels if label.body.name == name), None)
        if label is None:
            return ""
        shape = " × ".join(map(str, label.body.shape)) or "unknown: a layer before does not fit"
        return f"{name}: {shape}"

    def _to_screen(self, point: QPointF) -> QPointF:
        assert self._diagram is not None
        return self._frame.to_screen(point - QPointF(self._diagram.left, self._diagram.top))

    def _painted(self, point: QPointF) -> QPointF:
        """Return `_to_screen` while labels are painted, when nothing moves."""
        assert self._diagram is not None
        origin, scale = self._place
        return origin + (point - QPointF(self._diagram.left, self._diagram.top)) * scale

    def _lay_out(self) -> None:
        """Draw as wide as the room is, and put names to it."""
        if self._network is None:
            return
        width, height = self.width(), max(1.0, self.height() - self._band())
        self._diagram = lay_out(*self._network, width / height)
        self._labels = self._named(self._diagram.bodies, self._network[1])
        size = ceil(self._diagram.height), ceil(self._diagram.width)
        self._frame.place(rows=size[0], columns=size[1], size=QSizeF(width, height))
        self.update()

    def _restyle(self) -> None:
        self._painter.forget()
        self._lay_out()

    def _describe(self) -> None:
        """Keep the description for screen readers current."""
        selected = self._look.selected
        text = f"{len(self._names)} layers"
        if selected in self._names:
            text += f", selected: {self._about(selected)}"
        self.setAccessibleDescription(text)


def _label(
    body: Body, row: Row | None, strong: Callable[[str], float], small: Callable[[str], float]
) -> _Label:
    """Return what a body is called; `strong` and `small` tell how wide its lines are."""
    lines = [body.name]
    if body.shape and body.kind != "plate":
        lines.append("×".join(map(str, body.shape)))
    if row is not None and row.parameters:
        lines.append(f"{row.parameters:,}")
    return _Label(body, tuple(lines), max(strong(lines[0]), *map(small, lines[1:]), 0) + 2)
