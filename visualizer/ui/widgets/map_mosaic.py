"""Many feature maps, kernels or pictures as one mosaic that can be redrawn many times a second.

All tiles are one QImage, coloured and laid out by numpy at the very size it is painted at, which
takes a third of the time that QPainter needs for an indexed image. Where they stand depends on
their number and shape and on the room, never on the numbers: nothing moves while they change.
What is not visible costs nothing, because colours are worked out while painting.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.core.numbers import format_number
from visualizer.ui.theme import Theme
from visualizer.ui.widgets import map_scale, mosaic_overlays, tiling
from visualizer.ui.widgets.alone import paint_alone
from visualizer.ui.widgets.map_scale import Scale, Style
from visualizer.ui.widgets.mosaic_colors import MosaicColors
from visualizer.ui.widgets.mosaic_overlays import LINE, Mark, Role
from visualizer.ui.widgets.slider import ARROWS, keep_keys, paint_focus_ring

_GAP, _SPACE = 3, 4  # px at scale 1: between tiles, above the lines of text
_BAND = 18  # height of a dense layer's band
_SMALLEST = 56
_FEW = 64  # above, the gaps are narrow


class MapMosaic(QWidget):
    """Shows (C, h, w) numbers as C tiles, with a title, their shape and their scale below.

    A click enlarges one tile to the whole room, another click or Escape shows all again; while
    single numbers can be picked, a click picks one and a double click enlarges. Arrow keys point
    at a tile, Enter clicks it.

    Signals:
        clicked(int): this tile was clicked.
        picked(int, int, int): the number at this tile, row and column was clicked.
        hovered(int, int, int, float): the pointer is on this tile, row, column and number (of a
            colour tile: the mean of its planes).
        left(): it is on none.
        enlargedChanged(): another tile has the whole room now, or all are shown again.
    """

    clicked = Signal(int)
    picked = Signal(int, int, int)
    hovered = Signal(int, int, int, float)
    left = Signal()
    enlargedChanged = Signal()

    def __init__(
        self,
        theme: Theme,
        title: str = "",
        *,
        noun: str = "map",
        largest: int = 240,
        enlarges: bool = True,
        captioned: bool = True,
    ) -> None:
        """Build it empty. A tile is called `noun`; none grows beyond `largest` px at scale 1.

        Without `enlarges` a click only tells which tile was clicked; without a caption there is
        no line below the tiles, nor a readout.
        """
        super().__init__()
        self._theme, self._title, self._noun, self._largest = theme, title, noun, largest
        self._enlarges, self._captioned = enlarges, captioned
        self._maps: npt.NDArray = np.zeros((0, 1, 1), np.float32)
        self._style: Style = "activation"
        self._shape_text = ""
        self._ends: tuple[float, float] | None = None
        self._shared, self._group = True, 1
        self._is_band = self._are_pictures = False
        self._labels: tuple[str, ...] = ()
        self._roles: tuple[Role, ...] = ()
        self._pointed: int | None = None
        self._cell: tuple[int, int] | None = None  # row and column in the pointed tile
        self._enlarged: int | None = None
        self._selected: int | None = None
        self._picking = False
        self._tabbed_to = False
        self._marks: tuple[Mark, ...] = ()
        self._scale: Scale | None = None
        self._tiles: tuple[tuple[int, int, float], tiling.Tiling] | None = None
        self._pixels: map_scale.Argb = np.zeros((0, 0), np.uint32)
        self._image: QImage | None = None
        self._colors = MosaicColors(theme)
        paint_alone(self)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title or "Maps")
        self.setToolTip(self._how_to_enlarge() if enlarges else "")
        keep_keys(self, *ARROWS, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        theme.changed.connect(self._theme_changed)

    def set_title(self, title: str) -> None:
        """Name what is shown; its shape follows it."""
        if title != self._title:
            self._title = title
            self.setAccessibleName(title or "Maps")
            self._refresh()

    def set_maps(
        self,
        maps: npt.NDArray,
        *,
        signed: bool = False,
        ends: tuple[float, float] | None = None,
        group: int = 1,
    ) -> None:
        """Show (C, h, w) numbers. The array is kept: do not change it afterwards.

        Args:
            maps: NaN and infinity are painted in a colour of their own.
            signed: orange above and blue below zero, instead of dark to bright.
            ends: lock the colours to these numbers (signed: to ± the second).
            group: a row holds whole groups of so many tiles, or a group whole rows.
        """
        style: Style = "signed" if signed else "activation"
        self._show(maps, style, " × ".join(map(str, maps.shape)), ends, group)

    def set_units(
        self,
        values: npt.NDArray,
        *,
        signed: bool = False,
        ends: tuple[float, float] | None = None,
    ) -> None:
        """Show the (N,) outputs of a dense layer as one band, low to high as in `set_maps`."""
        style: Style = "signed" if signed else "activation"
        band = values[None, None] if len(values) else np.zeros((0, 1, 1), np.float32)
        self._show(band, style, f"{len(values)}", ends, is_band=True)

    def set_images(
        self,
        images: npt.NDArray,
        labels: Sequence[str] = (),
        roles: Sequence[Role] = (),
        *,
        group: int = 1,
    ) -> None:
        """Show pictures (N, C, h, w): uint8, or float from 0 to 1. One plane is grey, three RGB.

        Labels stand below them, in the colours of their roles. `group` is that of `set_maps`.
        """
        planes = images.shape[1]
        ends = (0.0, 255.0) if images.dtype == np.uint8 else (0.0, 1.0)
        shape = " × ".join(map(str, images.shape if len(images) > 1 else images.shape[1:]))
        if planes >= 3:
            tiles = images[:, :3].transpose(0, 2, 3, 1)
            self._show(tiles, "colour", shape, ends, group, are_pictures=True)
        else:
            self._show(images[:, 0], "grey", shape, ends, group, are_pictures=True)
        self._labels, self._roles = tuple(labels), tuple(roles)

    def clear(self) -> None:
        """Show no tiles."""
        self.set_images(np.zeros((0, 1, 1, 1), np.uint8))

    def set_kernels(self, kernels: npt.NDArray, ends: tuple[float, float] | None = None) -> None:
        """Show learned kernels (filters, planes, rows, columns), `ends` as for `set_maps`.

        Three planes are shown as colour, middle grey being zero; else each plane is a tile, the
        planes of a filter side by side.
        """
        filters, planes = kernels.shape[:2]
        shape = " × ".join(map(str, kernels.shape))
        if planes == 3:
            self._show(kernels.transpose(0, 2, 3, 1), "colour", shape, ends)
        else:
            tiles = kernels.reshape(filters * planes, *kernels.shape[2:])
            self._show(tiles, "signed", shape, ends, group=planes)

    def set_shared(self, shared: bool) -> None:
        """Give all tiles one scale, or each a scale of its own."""
        if shared != self._shared:
            self._shared = shared
            self._refresh()

    def set_selected(self, index: int | None) -> None:
        """Outline a tile in the colour of "here", or none."""
        if index != self._selected:
            self._selected = index
            self.update()

    def set_picking(self, picking: bool) -> None:
        """Let a click pick a single number."""
        self._picking = picking
        tip = f"Click a number to see how it came about; double-click to enlarge its {self._noun}"
        self.setToolTip(tip if picking else self._how_to_enlarge())

    def _how_to_enlarge(self) -> str:
        article = "an" if self._noun[0] in "aeiou" else "a"
        return f"Click {article} {self._noun} to enlarge it, again to see all"

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Outline cells in the colour of "here"."""
        if tuple(marks) != self._marks:
            self._marks = tuple(marks)
            self.update()

    def set_enlarged(self, index: int | None) -> None:
        """Give one tile the whole room, or show all."""
        if index != self._enlarged:
            self._enlarged = index
            self._point_at(None)
            self._refresh()
            self.enlargedChanged.emit()

    def enlarged(self) -> int | None:
        """Return the tile that has the whole room."""
        return self._enlarged

    def count(self) -> int:
        """Return how many tiles there are."""
        return len(self._maps)

    def shrinks(self) -> bool:
        """Return whether a tile has fewer screen pixels than what it shows has numbers."""
        return self.count() > 0 and self._tiling().width < self._maps.shape[2]

    def tile_rect(self, index: int) -> QRectF:
        """Return where a tile is painted, in this widget's coordinates."""
        tiles = self._tiling()
        ratio = self.devicePixelRatioF()
        place = 0 if self._enlarged == index else index
        x, y = tiles.place(place)
        return QRectF(x / ratio, y / ratio, tiles.width / ratio, tiles.height / ratio)

    def caption(self) -> str:
        """Return the lines below the tiles."""
        return "\n".join(self._lines())

    def sizeHint(self) -> QSize:
        """Tiles of a readable size."""
        return self.minimumSizeHint() if self._is_band else self.minimumSizeHint() * 3

    def minimumSizeHint(self) -> QSize:
        """As small as tiles can be told apart at."""
        side = self._theme.px(_BAND if self._is_band else _SMALLEST)
        return QSize(self._theme.px(_SMALLEST), side + self._caption_height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the tiles out anew."""
        self._refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint tiles, labels, outlines and caption, on the colour of the card they stand on: what
        lies behind, up to the window, then need not be painted with every picture.
        """
        ratio = self.devicePixelRatioF()
        if self.count() and (self._image is None or self._image.devicePixelRatio() != ratio):
            self._image = self._draw(ratio)
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), self._theme.color("card"))
            if self._image is not None:
                self._paint_tiles(painter, self._image)
        if not self.count():
            paint_focus_ring(self)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a tile and read its number."""
        self._read(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        """Point at no tile."""
        self._point_at(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell what was clicked; unless numbers are picked, enlarge the tile or show all."""
        found = self._at(event.position())
        if found is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if self._picking:
            self.picked.emit(*found)
        else:
            self._click(found[0])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Enlarge a tile, or show all, where a click picks a number."""
        found = self._at(event.position())
        if not self._picking:
            self.mousePressEvent(event)
        elif found is not None:
            self._click(found[0])

    def event(self, event: QEvent) -> bool:
        """Keep Escape from the window while it has something to do here."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Escape
            and self._enlarged is not None
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Point by arrow keys, click by Enter, show all by Escape."""
        key = Qt.Key(event.key())
        if key in ARROWS and self.count() and self._enlarged is None:
            across = self._tiling().columns
            moves = dict(zip(ARROWS, (-1, 1, -across, across), strict=True))
            here = 0 if self._pointed is None else self._pointed + moves[key]
            if 0 <= here < self.count():
                self._point_at(here)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._pointed is not None:
            self._click(self._pointed)
        elif key == Qt.Key.Key_Escape and self._enlarged is not None:
            self.set_enlarged(None)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard has come to."""
        super().focusInEvent(event)
        self._tabbed_to = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        )

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at no tile."""
        super().focusOutEvent(event)
        self._tabbed_to = False
        self._point_at(None)

    def _show(
        self,
        maps: npt.NDArray,
        style: Style,
        shape_text: str,
        ends: tuple[float, float] | None = None,
        group: int = 1,
        is_band: bool = False,
        are_pictures: bool = False,
    ) -> None:
        alike = maps.shape == self._maps.shape and is_band == self._is_band
        is_bytes = maps.dtype == np.uint8 and are_pictures  # they stay a quarter as large
        if not is_bytes and not np.issubdtype(maps.dtype, np.floating):
            maps = maps.astype(np.float32)
        self._maps, self._style, self._ends, self._group = maps, style, ends, group
        self._are_pictures = are_pictures
        self._shape_text, self._labels, self._roles = shape_text, (), ()
        if not alike:
            self._is_band = is_band
            if is_band:
                self.setToolTip("")
            self._selected = None
            self.set_enlarged(None)
            self._point_at(None)
            self.updateGeometry()
        self._refresh()

    def _refresh(self) -> None:
        self._image = self._scale = self._tiles = None
        self.update()

    def _tiling(self) -> tiling.Tiling:
        """Where the tiles stand; it is worked out once after each change of them or the room."""
        room = self.width(), self.height(), self.devicePixelRatioF()
        if self._tiles is None or self._tiles[0] != room:
            self._tiles = room, self._fit_tiles()
        return self._tiles[1]

    def _fit_tiles(self) -> tiling.Tiling:
        ratio, px = self.devicePixelRatioF(), self._theme.px
        width = max(int(self.width() * ratio), 1)
        height = max(int((self.height() - self._caption_height()) * ratio), 1)
        if self._is_band:
            return tiling.Tiling(1, 1, width, min(height, int(px(_BAND) * ratio)), 0)
        shape = self._maps.shape[1], self._maps.shape[2]
        if self._enlarged is not None:
            return tiling.fit(1, shape, (height, width), gap=0)
        return tiling.fit(
            self.count(),
            shape,
            (height, width),
            gap=max(1, round(px(_GAP if self.count() <= _FEW else 1) * ratio)),
            below=round(px(LINE) * ratio) if self._labels else 0,
            largest=int(px(self._largest) * ratio),
            group=self._group,
        )

    def _scale_now(self) -> Scale:
        """The scale of all maps; it is worked out once after each change."""
        if self._scale is None:
            signed = self._style == "signed" or (self._style == "colour" and not self._are_pictures)
            dimensions = self._maps.ndim
            if self._ends is None:
                self._scale = map_scale.scale_of(self._maps, signed=signed, shared=self._shared)
            else:
                low, high = self._ends
                low = -high if signed else low
                self._scale = map_scale.locked_scale(low, high, dimensions, signed=signed)
        return self._scale

    def _draw(self, ratio: float) -> QImage:
        tiles, scale, maps = self._tiling(), self._scale_now(), self._maps
        if self._enlarged is not None:
            maps, scale = maps[self._enlarged][np.newaxis], scale.of(self._enlarged)
        maps = tiling.shrink(maps, tiles.height, tiles.width)
        colors = self._colors.of(maps, scale, self._style)
        self._pixels = tiles.lay_out(colors)
        height, width = self._pixels.shape
        kind = QImage.Format.Format_ARGB32_Premultiplied
        image = QImage(self._pixels.data, width, height, 4 * width, kind)
        image.setDevicePixelRatio(ratio)
        return image

    def _is_row_of_pictures(self) -> bool:
        return self._are_pictures and self.count() != 1

    def _caption_height(self) -> int:
        if not self._captioned:
            return 0
        lines = 1 if self._is_band or self._is_row_of_pictures() else 2
        return self._theme.px(_SPACE + lines * LINE)

    def _lines(self) -> list[str]:
        """One line, or what it is above its shape and scale; a readout takes the place of these."""
        readout = self._readout()
        if self._is_row_of_pictures():
            return [readout or f"{self._title}  {self._shape_text}".strip()]
        if self._are_pictures:
            return [self._title, readout or self._shape_text]
        scale = self._scale_now()
        shape, ends = self._shape_text, scale.text
        close = shape.replace(" × ", "×")
        facts = self._fitting(f"{shape}  {ends}", f"{close}  {ends}", ends)
        if self._is_band:
            return [f"{self._title}  {readout or facts}".strip()]
        if self._enlarged is not None:
            one = f"{self._noun} {self._enlarged + 1} of {self.count()}"
            facts = f"{one}  {scale.of(self._enlarged).text}"
        return [self._title or self._shape_text, readout or (facts if self._title else ends)]

    def _fitting(self, *texts: str) -> str:
        """Return the first of these that has room in a line, or else the last."""
        width, room = self._theme.text_width, self.width()
        return next((text for text in texts if width("caption", text) <= room), texts[-1])

    def _readout(self) -> str:
        """The number that is pointed at, as it is now."""
        if self._pointed is None or self._cell is None:
            return ""
        row, column = self._cell
        number = format_number(self._value(self._pointed, row, column), 4)
        if self._is_band:
            return f"number {column + 1}: {number}"
        short = name = f"{self._noun} {self._pointed + 1}"
        if self._pointed < len(self._labels):
            name = f"{self._labels[self._pointed]} ({name})"
        return self._fitting(
            f"{name}, row {row}, column {column}: {number}",
            f"{short}, row {row}, column {column}: {number}",
            f"{short} [{row}, {column}]: {number}",
            f"[{row}, {column}]: {number}",
        )

    def _value(self, index: int, row: int, column: int) -> float:
        return float(np.mean(self._maps[index, row, column]))

    def _paint_tiles(self, painter: QPainter, image: QImage) -> None:
        painter.drawImage(0, 0, image)
        if self._enlarged is None:
            self._paint_labels(painter)
        self._paint_outlines(painter)
        self._paint_marks(painter)
        if self._captioned:
            self._paint_caption(painter)

    def _paint_labels(self, painter: QPainter) -> None:
        for i, text in enumerate(self._labels[: self.count()]):
            role = self._roles[i] if i < len(self._roles) else "muted"
            mosaic_overlays.paint_label(painter, self._theme, self.tile_rect(i), text, role)

    def _paint_marks(self, painter: QPainter) -> None:
        height, width = self._maps.shape[1:3]
        for mark in self._marks:
            for tile in range(self.count()) if mark.tile is None else [mark.tile]:
                if tile < self.count() and self._enlarged in (None, tile):
                    room = self.tile_rect(tile)
                    mosaic_overlays.paint_mark(painter, self._theme, room, (height, width), mark)

    def _paint_outlines(self, painter: QPainter) -> None:
        if self._tabbed_to and (self._pointed is None or self._enlarged is not None):
            ratio = self.devicePixelRatioF()
            height, width = self._tiling().size
            tiles = QRectF(0, 0, width / ratio, height / ratio)
            mosaic_overlays.paint_outline(painter, self._theme, tiles, "accent")
        if self._enlarged is not None:
            return
        for index in (self._selected, self._pointed):
            if index is not None and index < self.count():
                by_keyboard = self.hasFocus() and index == self._pointed
                role = "accent" if by_keyboard else "mark"
                mosaic_overlays.paint_outline(painter, self._theme, self.tile_rect(index), role)

    def _paint_caption(self, painter: QPainter) -> None:
        top = self._tiling().size[0] / self.devicePixelRatioF() + self._theme.px(_SPACE)
        mosaic_overlays.paint_lines(painter, self._theme, top, self.width(), self._lines())

    def _at(self, point: QPointF) -> tuple[int, int, int] | None:
        ratio = self.devicePixelRatioF()
        found = self._tiling().at(point.x() * ratio, point.y() * ratio)
        if found is None:
            return None
        index, down, across = found
        height, width = self._maps.shape[1:3]
        index = index if self._enlarged is None else self._enlarged
        return index, int(down * height), int(across * width)

    def _read(self, point: QPointF) -> None:
        found = self._at(point)
        if found is None:
            self._point_at(None)
            return
        index, row, column = found
        self._point_at(index, (row, column))
        self.hovered.emit(index, row, column, self._value(*found))

    def _point_at(self, index: int | None, cell: tuple[int, int] | None = None) -> None:
        if (index, cell) == (self._pointed, self._cell):
            return
        was = self._pointed
        self._pointed, self._cell = index, cell
        self.update()
        if index is None and was is not None:
            self.left.emit()

    def _click(self, index: int) -> None:
        self.clicked.emit(index)
        if self._enlarges and not self._is_band and self.count() > 1:
            self.set_enlarged(None if self._enlarged is not None else index)

    def _theme_changed(self) -> None:
        self._colors.forget()
        self.updateGeometry()
        self._refresh()
