"""The widget that shows a picture on every page: zoom, values in the pixels, marks on top."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from visualizer.core.geometry import Border, Padding
from visualizer.core.numbers import format_number
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.alone import paint_alone
from visualizer.ui.widgets.dots import draw_dots
from visualizer.ui.widgets.overlays import (
    Overlays,
    cell_rect,
    edge_around,
    paint_padding,
    round_corners,
    screen_rect,
)
from visualizer.ui.widgets.picture import Canvas, Picture, Rgb, taken
from visualizer.ui.widgets.value_text import VALUES_FROM, Format, paint_values
from visualizer.ui.widgets.viewport import Frame, Viewport

_STEP = 1.25  # zoom of one notch of the wheel or one press of a key
_KEY_PAN = 60.0  # screen lengths
_REMEMBERED = 16384  # numbers whose text is kept, for the next painting


class ImageView(QWidget):
    """Shows one picture; several views are linked by sharing a `Viewport`.

    Emits what the user points at; never changes what it was given to show. The wheel and + and −
    zoom, dragging and Shift with the arrow keys pan, a double click fits. All other keys are left
    to the page.

    Signals:
        hovered(row, column): the pointer reached another cell of the picture.
        left(): the pointer is on no cell any more.
        clicked(row, column): a left click without movement.
        dragged(row, column): moving with the left button down while there is nothing to pan.
    """

    hovered = Signal(int, int)
    left = Signal()
    clicked = Signal(int, int)
    dragged = Signal(int, int)

    def __init__(self, theme: Theme, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewport = viewport
        self.frame = Frame(viewport)
        self._theme = theme
        self._picture: Picture | None = None
        self._values: npt.NDArray | None = None
        self._border: Border = "zero"
        self._values_shown = True
        self._write: Format = lru_cache(_REMEMBERED)(format_number)
        self._marks = Overlays()
        self._dots: npt.NDArray[np.bool_] | None = None
        self._placeholder = ""
        self._canvas = Canvas()
        self._drawn = False
        self._under: tuple[int, int] | None = None
        self._pressed: QPointF | None = None
        self._last: QPointF | None = None
        self._panning = False
        paint_alone(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Picture")
        viewport.changed.connect(self._moved)
        theme.changed.connect(self._theme_changed)

    def set_picture(
        self,
        rgb: Rgb | Picture | None,
        values: npt.NDArray | None = None,
        size: tuple[int, int] | None = None,
    ) -> None:
        """Show `rgb`, uint8 (H, W, 3); the array is kept, so do not write into it afterwards.

        `values` are the numbers behind it, (H, W) or (H, W, C). `size` is the (H, W) it stands
        for when `rgb` is at a smaller resolution and to be stretched. A `Picture` knows its size,
        and may be painted from other pixels than RGB. None shows the placeholder.
        Raises ValueError for other types and shapes.
        """
        if rgb is None:
            self._picture = self._values = None
            self.frame.place(rows=0, columns=0)
        else:
            picture = rgb if isinstance(rgb, Picture) else Picture(rgb, *(size or rgb.shape[:2]))
            rows, columns = picture.rows, picture.columns
            if values is not None and values.shape[:2] != (rows, columns):
                raise ValueError(f"{values.shape} values for a picture of {rows} × {columns}")
            self._picture = picture
            self._values = (
                values[:, :, np.newaxis] if values is not None and values.ndim == 2 else values
            )
            self.frame.place(rows=rows, columns=columns)
        self._restyle()
        self._describe()

    def set_padding(self, padding: Padding, border: Border = "zero") -> None:
        """Show a frame of hatched cells around the picture, with what `border` puts there."""
        if (padding, border) != (self.frame.padding, self._border):
            self._border = border
            self.frame.place(padding=padding)
            self._restyle()

    def set_values_shown(self, shown: bool) -> None:
        """Choose whether enlarged pixels have their numbers written into them."""
        self._values_shown = shown
        self._restyle()

    def set_value_format(self, write: Format = format_number) -> None:
        """Choose how a number is written into its pixel."""
        self._write = lru_cache(_REMEMBERED)(write)
        self._restyle()

    def set_placeholder(self, text: str) -> None:
        """Set the text shown while there is no picture."""
        self._placeholder = text
        self._describe()
        self.update()

    def set_window(
        self, top: int | None, left: int = 0, height: int = 1, width: int = 1, *, step: int = 1
    ) -> None:
        """Outline a rectangle of cells, which may reach into the padding; None removes it.

        Of a dilated window every `step`-th cell is lit, along both axes.
        """
        self._mark(window=None if top is None else (top, left, height, width), step=step)

    def set_cell(self, row: int | None, column: int = 0) -> None:
        """Outline one cell; None removes it."""
        self._mark(cell=_cell(row, column))

    def set_pin(self, row: int | None, column: int = 0) -> None:
        """Mark one cell as pinned; None removes it."""
        self._mark(pin=_cell(row, column))

    def set_crosshair(self, row: int | None, column: int = 0) -> None:
        """Draw thin lines through a cell; None removes them."""
        self._mark(crosshair=_cell(row, column))

    def set_hidden_cell(self, row: int | None, column: int = 0) -> None:
        """Cover a cell with a question mark; None uncovers it."""
        self._mark(hidden=_cell(row, column))

    def set_highlights(self, rows: range = range(0), columns: range = range(0)) -> None:
        """Light every cell where one of `rows` meets one of `columns` (step ≥ 1); default none."""
        self._mark(lit_rows=rows, lit_columns=columns)

    def set_dots(self, dots: npt.NDArray[np.bool_] | None) -> None:
        """Put a dot into every pixel where (H, W) `dots` is true; None takes them away."""
        if dots is not self._dots:
            self._dots = dots
            self._restyle()

    def set_revealed(self, count: int | None) -> None:
        """Leave cells from the `count`-th on, row by row, blank; None shows all."""
        self._mark(revealed=count)

    def value_at(self, row: int, column: int) -> npt.NDArray | None:
        """Return the (C,) values of a cell; None outside the picture or without values."""
        if self._values is None or not self._holds(row, column):
            return None
        return self._values[row, column]

    def ensure_visible(self, row: int, column: int, height: int = 1, width: int = 1) -> None:
        """Pan by as little as brings these cells into sight."""
        self.viewport.reveal(QRectF(column, row, width, height), self.frame)

    def sizeHint(self) -> QSize:  # noqa: D102
        return QSize(self._theme.px(320), self._theme.px(320))

    def minimumSizeHint(self) -> QSize:  # noqa: D102
        return QSize(120, 120)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102
        with QPainter(self) as painter:
            if self._picture is None:
                self._paint_placeholder(painter)
            else:
                self._paint_picture(painter, self._picture)
            if self.hasFocus():
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(self._theme.color("accent"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def _paint_picture(self, painter: QPainter, picture: Picture) -> None:
        if not self._drawn:
            self._draw(picture)
            self._drawn = True
        painter.drawImage(0, 0, self._canvas.image)
        self._marks.paint_contents(painter, self._theme, self.frame)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not 1.0 <= self.frame.scale < 2.0:  # there, corners would take whole pixels away
            round_corners(painter, self._whole(), self._theme)
        if self.frame.scale >= VALUES_FROM:  # else cells as bright as the card had no edge there
            edge_around(painter, self._whole(), self._theme)
        self._marks.paint_marks(painter, self._theme, self.frame)

    def _draw(self, picture: Picture) -> None:
        """Draw what only changes with the picture or the viewport, at the screen's resolution."""
        frame, ratio = self.frame, self.frame.ratio
        corner, scale = (frame.origin * ratio).toPoint(), frame.scale * ratio
        self._canvas.pixels.fill(self._theme.color("card").rgb())
        if picture.is_smooth_at(scale):
            picture.draw_smooth(self._canvas, corner, scale)
            with QPainter(self._canvas.surface) as painter:
                painter.translate(corner)
                paint_padding(painter, self._theme, frame)
        else:
            self._draw_squares(picture, corner, scale)
        if self._dots is not None and self._dots.shape == (picture.rows, picture.columns):
            draw_dots(self._canvas.pixels, self._dots, corner, scale, self._theme)

    def _draw_squares(self, picture: Picture, corner: QPoint, scale: float) -> None:
        theme, ratio = self._theme, self.frame.ratio
        seen = screen_rect(self._whole(), ratio).intersected(self._canvas.rect)
        if seen.isEmpty():
            return
        enlarged = scale >= VALUES_FROM * ratio
        card = theme.color("card")
        cells = picture.squares(scale, seen.translated(-corner), self._border, card)
        cells.draw(self._canvas.part(seen), (card, theme.color("muted")) if enlarged else None)
        with QPainter(self._canvas.surface) as painter:
            painter.setClipRect(seen)
            painter.translate(corner)
            paint_padding(painter, theme, self.frame)
            if enlarged and self._values is not None and self._values_shown:
                side = round(scale)
                first = QPoint(int(cells.columns[0]) * side, int(cells.rows[0]) * side)
                values = taken(self._values, cells.row_sources, cells.column_sources)
                paint_values(painter, first, side, cells.rgb, values, theme, ratio, self._write)

    def _whole(self) -> QRectF:
        """Return where the picture and its padding are in the view."""
        bounds = self.frame.bounds
        return cell_rect(self.frame, bounds.top(), bounds.left(), bounds.height(), bounds.width())

    def _paint_placeholder(self, painter: QPainter) -> None:
        theme, room = self._theme, QRectF(self.rect()).adjusted(6, 6, -6, -6)
        painter.fillRect(self.rect(), theme.color("card"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("border"), theme.px(2), Qt.PenStyle.DashLine))
        painter.drawRoundedRect(room, theme.px(8), theme.px(8))
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("muted"))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room.adjusted(12, 12, -12, -12), flags, self._placeholder)

    # What happens to the widget

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        self._resize_canvas()

    def event(self, event: QEvent) -> bool:  # noqa: D102
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._resize_canvas()
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.viewport.zoom_by(1 + event.value(), event.position(), self.frame)
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: D102
        event.setAccepted(self._picture is not None)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            delta = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta()
            self.viewport.pan(delta.x(), delta.y(), self.frame)
        elif event.angleDelta().y():
            notches = event.angleDelta().y() / 120
            self.viewport.zoom_by(_STEP**notches, event.position(), self.frame)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed = self._last = event.position()
            self._panning = event.button() == Qt.MouseButton.MiddleButton
            self._choose_cursor()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        at, last = event.position(), self._last
        moved = self._pressed is not None and not self._is_click(at)
        if moved and self.frame.larger_than_view:
            self._panning = True
            self._choose_cursor()
        if self._panning and last is not None:
            self.viewport.pan(at.x() - last.x(), at.y() - last.y(), self.frame)
        self._point_at(at)
        if moved and not self._panning and self._under:
            self.dragged.emit(*self._under)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        clicked = self._is_click(event.position()) and not self._panning
        self._pressed, self._panning = None, False
        self._choose_cursor()
        self._point_at(event.position())
        if clicked and event.button() == Qt.MouseButton.LeftButton and self._under:
            self.clicked.emit(*self._under)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        if event.button() == Qt.MouseButton.LeftButton:
            self.viewport.fit()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: D102
        self._last = None
        self._set_under(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        key, shift = event.key(), event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        pans = {
            Qt.Key.Key_Left: (1, 0), Qt.Key.Key_Right: (-1, 0),
            Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1),
        }  # fmt: skip
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.viewport.zoom_by(_STEP, None, self.frame)
        elif key == Qt.Key.Key_Minus:
            self.viewport.zoom_by(1 / _STEP, None, self.frame)
        elif shift and key in pans:
            dx, dy = pans[Qt.Key(key)]
            self.viewport.pan(dx * _KEY_PAN, dy * _KEY_PAN, self.frame)
        else:
            super().keyPressEvent(event)

    def _resize_canvas(self) -> None:
        ratio = self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        self._canvas.resize(max(width, 1), max(height, 1), ratio)
        self.frame.place(size=QSizeF(self.size()), ratio=ratio)
        self._restyle()

    def _moved(self) -> None:
        """Follow the viewport."""
        self._restyle()
        self._describe()
        if self._last is not None and not self._panning:
            self._point_at(self._last)

    def _theme_changed(self) -> None:
        self.updateGeometry()
        self._restyle()

    def _restyle(self) -> None:
        self._drawn = False
        self.update()

    def _mark(self, **marks: object) -> None:
        if any(getattr(self._marks, name) != value for name, value in marks.items()):
            for name, value in marks.items():
                setattr(self._marks, name, value)
            self.update()

    def _is_click(self, at: QPointF) -> bool:
        """Whether the pointer is still where a button was pressed."""
        if self._pressed is None:
            return False
        return (at - self._pressed).manhattanLength() < QApplication.startDragDistance()

    def _point_at(self, position: QPointF) -> None:
        self._last = position
        at = self.frame.to_image(position)
        row, column = int(at.y() // 1), int(at.x() // 1)
        self._set_under((row, column) if self._holds(row, column) else None)

    def _set_under(self, cell: tuple[int, int] | None) -> None:
        if cell == self._under:
            return
        self._under = cell
        self._choose_cursor()
        if cell is None:
            self.left.emit()
        else:
            self.hovered.emit(*cell)

    def _choose_cursor(self) -> None:
        if self._panning:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._under is not None:
            self.setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.unsetCursor()

    def _holds(self, row: int, column: int) -> bool:
        return 0 <= row < self.frame.rows and 0 <= column < self.frame.columns

    def _describe(self) -> None:
        """Keep the description for screen readers current."""
        frame = self.frame
        text = self._placeholder
        if self._picture is not None:
            percent = round(frame.scale * frame.ratio * 100)
            text = f"{frame.rows} × {frame.columns} pixels, zoom {percent} %"
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)


def _cell(row: int | None, column: int) -> tuple[int, int] | None:
    return None if row is None else (row, column)
