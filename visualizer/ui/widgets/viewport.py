"""Which part of a picture is on show, shared by all views that are linked."""

from typing import Any

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Signal

from visualizer.core.geometry import Padding

MAX_ZOOM = 128.0  # screen pixels per image pixel
FARTHEST = 8.0  # how many times smaller than fitted a picture can be made
MARGIN = 3.0  # free rim around a fitted picture: outlines and the focus ring need it
WHOLE_FROM = 8.0  # from this scale on, cells are a whole number of screen pixels wide


class Viewport(QObject):
    """Zoom and centre of one or several linked views.

    Linked views have different sizes on the screen (a large picture, three small planes) and may
    show pictures of different sizes (an input, and a feature map with fewer rows). They shall
    show the same *region*, so two quantities are shared that depend on neither:

    - `magnification`: how much larger than fitted a picture is; at 1 every view shows all of it;
    - `centre`: (row, column) as shares of the picture, 0–1, without its padding frame. A view
      whose picture covers another part of the shared region says so by `Frame.region`.

    Each view turns these into its own scale and position, and shows no empty rim while its
    picture is larger than the view. The first view made is the *lead*: `zoom`, in screen pixels
    per image pixel, is the lead's. It stays when the lead is resized, so that 100 % remains
    100 %. While `fitted`, every view keeps its picture fitted, whatever is resized or replaced.

    `changed` follows every change of zoom, centre, or the geometry of any linked view.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lead: Frame | None = None
        self._zoom: float | None = None  # None: fitted
        self._centre = (0.5, 0.5)

    @property
    def fitted(self) -> bool:
        """Whether the views keep their pictures fitted."""
        return self._zoom is None

    @property
    def zoom(self) -> float:
        """Screen pixels per image pixel in the lead view, as shown; 1.0 is 100 %."""
        return self.lead.scale * self.lead.ratio if self.lead else 1.0

    @property
    def magnification(self) -> float:
        """How much larger than fitted the pictures are."""
        return 1.0 if self._zoom is None else self._zoom / self._fit

    @property
    def centre(self) -> tuple[float, float]:
        """Row and column in the middle of the views, as shares (0–1) of the picture."""
        return self._centre

    @property
    def limits(self) -> tuple[float, float]:
        """The smallest and the largest zoom; fitted and 100 % always lie between them."""
        return min(self._fit / FARTHEST, 1.0), max(self._fit, MAX_ZOOM)

    def fit(self) -> None:
        """Show all of the picture, now and after every resize."""
        self._put(None, (0.5, 0.5))

    def hundred(self) -> None:
        """Show one image pixel of the lead view as one screen pixel."""
        self.set_zoom(1.0)

    def set_zoom(
        self, zoom: float, anchor: QPointF | None = None, frame: "Frame | None" = None
    ) -> None:
        """Set the lead's zoom, within the limits, holding what is under `anchor` in its place.

        `anchor` is a position in the view of `frame`: its middle and the lead's when None.
        """
        frame = frame or self.lead
        if frame is None:
            return
        low, high = self.limits
        zoom = min(max(zoom, low), high)
        held = frame.to_image(anchor or frame.middle)
        offset = frame.middle - (anchor or frame.middle)
        scale = frame.scale_at(zoom / self._fit)
        self._put(zoom, frame.to_shared(held + offset / scale, scale))

    def zoom_by(
        self, factor: float, anchor: QPointF | None = None, frame: "Frame | None" = None
    ) -> None:
        """Multiply the zoom; a step across fitted or across 100 % ends there."""
        before = self._fit if self._zoom is None else self._zoom
        after = before * factor
        near, far = min(before, after) * 1.001, max(before, after) * 0.999
        if near < self._fit < far:
            self.fit()
        else:
            self.set_zoom(1.0 if near < 1.0 < far else after, anchor, frame)

    def pan(self, dx: float, dy: float, frame: "Frame | None" = None) -> None:
        """Move the picture in the view of `frame` (the lead's when None) by screen lengths."""
        frame = frame or self.lead
        if frame is not None and self._zoom is not None:
            middle = frame.to_image(frame.middle - QPointF(dx, dy))
            self._put(self._zoom, frame.to_shared(middle, frame.scale))

    def reveal(self, area: QRectF, frame: "Frame | None" = None) -> None:
        """Pan by as little as brings `area`, in image coordinates of `frame`, into its view."""
        frame = frame or self.lead
        if frame is None:
            return
        shown = QRectF(frame.to_screen(area.topLeft()), area.size() * frame.scale)
        room = QRectF(QPointF(0, 0), frame.size).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        dx = max(room.left() - shown.left(), 0.0) or min(room.right() - shown.right(), 0.0)
        dy = max(room.top() - shown.top(), 0.0) or min(room.bottom() - shown.bottom(), 0.0)
        if dx or dy:
            self.pan(dx, dy, frame)

    @property
    def _fit(self) -> float:
        return self.lead.fit_scale * self.lead.ratio if self.lead else 1.0

    def _put(self, zoom: float | None, centre: tuple[float, float]) -> None:
        if (zoom, centre) != (self._zoom, self._centre):
            self._zoom, self._centre = zoom, centre
            self.changed.emit()


class Frame:
    """How one view lies in its viewport: the picture's size, the view's size, and the scale.

    Image coordinates are (x = column, y = row) with (0, 0) at the outer corner of the first
    pixel. Screen lengths are device-independent.

    Attributes:
        rows, columns: of the picture, without padding.
        padding: cells shown around the picture.
        region: (top, left, height, width) of the picture in the shared region, as shares; the
            feature map of a strided convolution gives the rectangle its cells stand for.
        size: of the view.
        ratio: screen pixels per device-independent pixel.
    """

    def __init__(self, viewport: Viewport) -> None:
        self.viewport = viewport
        self.rows = self.columns = 0
        self.padding = Padding()
        self.region = (0.0, 0.0, 1.0, 1.0)
        self.size = QSizeF(1, 1)
        self.ratio = 1.0
        viewport.lead = viewport.lead or self

    def place(self, **geometry: Any) -> None:
        """Set attributes; tell the viewport when one of them changed."""
        changed = [name for name, value in geometry.items() if getattr(self, name) != value]
        for name in changed:
            setattr(self, name, geometry[name])
        if changed:
            self.viewport.changed.emit()

    @property
    def middle(self) -> QPointF:
        """The middle of the view."""
        return QPointF(self.size.width() / 2, self.size.height() / 2)

    @property
    def bounds(self) -> QRectF:
        """The picture with its padding, in image coordinates."""
        pad = self.padding
        return QRectF(
            -pad.left, -pad.top, self.columns + pad.left + pad.right,
            self.rows + pad.top + pad.bottom,
        )  # fmt: skip

    @property
    def fit_scale(self) -> float:
        """Screen lengths per image pixel at which all of the picture is to be seen."""
        bounds = self.bounds
        across = (self.size.width() - 2 * MARGIN) / max(bounds.width(), 1.0)
        down = (self.size.height() - 2 * MARGIN) / max(bounds.height(), 1.0)
        return self._whole(max(min(across, down), 1e-3))

    @property
    def scale(self) -> float:
        """Screen lengths per image pixel now."""
        return self.scale_at(self.viewport.magnification)

    def scale_at(self, magnification: float) -> float:
        """Return the scale at a magnification; large cells are whole screen pixels wide."""
        return self._whole(self.fit_scale * magnification)

    @property
    def origin(self) -> QPointF:
        """Where the picture's first corner is in the view, on a whole screen pixel."""
        row, column = self.viewport.centre
        top, left, height, width = self.region
        point = QPointF((column - left) / width * self.columns, (row - top) / height * self.rows)
        scale, ratio = self.scale, self.ratio
        corner = self.middle - self._held_in(point, scale) * scale
        return QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio)

    def to_screen(self, point: QPointF) -> QPointF:
        """Return the position in the view of a point of the picture."""
        return self.origin + point * self.scale

    def to_image(self, position: QPointF) -> QPointF:
        """Return the point of the picture at a position in the view."""
        return (position - self.origin) / self.scale

    def to_shared(self, point: QPointF, scale: float) -> tuple[float, float]:
        """Return the shared centre that puts `point` of the picture into the view's middle."""
        held = self._held_in(point, scale)
        top, left, height, width = self.region
        return (
            top + held.y() / max(self.rows, 1) * height,
            left + held.x() / max(self.columns, 1) * width,
        )

    @property
    def larger_than_view(self) -> bool:
        """Whether part of the picture is out of sight."""
        content = self.bounds.size() * self.scale
        return content.width() > self.size.width() or content.height() > self.size.height()

    def _whole(self, scale: float) -> float:
        """Return a large scale rounded down to whole screen pixels: all cells look alike."""
        pixels = scale * self.ratio
        return int(pixels + 1e-6) / self.ratio if pixels >= WHOLE_FROM else scale

    def _held_in(self, point: QPointF, scale: float) -> QPointF:
        """Return the point nearest to `point` that leaves no empty rim when in the middle."""
        bounds = self.bounds

        def held(value: float, low: float, length: float, room: float) -> float:
            half = (room / 2 - MARGIN) / scale
            if length <= 2 * half + 1e-6:
                return low + length / 2
            return min(max(value, low + half), low + length - half)

        return QPointF(
            held(point.x(), bounds.left(), bounds.width(), self.size.width()),
            held(point.y(), bounds.top(), bounds.height(), self.size.height()),
        )
