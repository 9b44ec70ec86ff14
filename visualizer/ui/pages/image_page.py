"""The Image page: a picture as numbers, its planes, and how they make up the picture."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

import numpy.typing as npt
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFocusEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from visualizer.core.channels import SPACES
from visualizer.core.image import Image, Pixels
from visualizer.core.saving import write_png
from visualizer.state.image_page import ImageFrame, ImagePageModel, ImageSettings, facts, resolve
from visualizer.ui.context import Context
from visualizer.ui.errors import unexpected
from visualizer.ui.pages.image_counting import Counting
from visualizer.ui.pages.image_panels import (
    DenseCard,
    HistogramCard,
    PlaneCard,
    RecomposeCard,
    TableCard,
)
from visualizer.ui.pages.image_picture import PictureCard
from visualizer.ui.saver import Saver
from visualizer.ui.widgets.image_view import ImageView
from visualizer.ui.widgets.picture import Paint
from visualizer.ui.widgets.viewport import Viewport


class ImagePage(QWidget):
    """Puts the panels together: their wishes go to `model`, its changes are shown in them."""

    title = "Image"
    icon = "mdi6.image-outline"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("page")
        self.model = ImagePageModel()
        self._context = context
        theme = context.theme
        self._viewport = Viewport(self)
        self._view = ImageView(theme, self._viewport)
        self._plane_views = [ImageView(theme, self._viewport) for _ in range(3)]
        self._counting = Counting(self)
        self._saver = Saver(context, self)
        self._frame: ImageFrame | None = None
        self._add_commands()
        zoom = {key: context.actions[f"image.{key}"] for key in ("zoom_out", "zoom_in", "fit")}
        self._picture_card = PictureCard(theme, self._view, zoom)
        self._plane_cards = [PlaneCard(view) for view in self._plane_views]
        self._table = TableCard(theme)
        self._histogram = HistogramCard(theme)
        self._dense = DenseCard(theme)
        self._recompose = RecomposeCard(theme)
        self._lay_out()
        self._connect()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Hand the keyboard to the picture. A focus proxy would hide what Tab meets before it."""
        super().focusInEvent(event)
        self._view.setFocus(event.reason())

    def tour(self, shot: Callable[[str], None]) -> None:
        """Show a pinned pixel, numbers in the pixels, another colour space, and recomposing."""
        before = self.model.settings
        image = self._context.session.image
        row, column = int(image.height * 0.4), int(image.width * 0.47)
        self._viewport.fit()
        self.model.pin((row, column))
        shot("picture")
        self._viewport.set_zoom(44.0)
        self._view.ensure_visible(row - 5, column - 5, 11, 11)
        shot("values")
        self._viewport.fit()
        self.model.restore(replace(before, space="Lab", log_scale=True))
        shot("lab")
        self.model.restore(before)
        self.model.restore(replace(before, weights=(1.0, 1.25, 0.4), order=(2, 1, 0)))
        shot("recomposed")
        self.model.restore(before)
        self.model.release()

    def may_close(self) -> bool:
        """Nothing here is worth waiting for."""
        return True

    def close_work(self) -> None:
        """End the threads."""
        self._counting.close()
        self._saver.close()

    def save(self) -> None:
        """Ask where to save the picture as it is shown, one pixel a pixel."""
        if (frame := self._frame) is not None:
            paint = self._painter(frame)
            self._saver.ask(
                "Save picture", f"{Path(frame.image.name).stem}.png", "PNG picture (*.png)",
                lambda path, tick: write_png(path, paint(frame.image.pixels)),
            )  # fmt: skip

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with a picture that was changed while another page was on show."""
        super().showEvent(event)
        self._show_image(self._context.session.image)
        QTimer.singleShot(0, self, self._show_status)

    def _lay_out(self) -> None:
        scroll = QScrollArea()  # for large type on a small screen
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        content = QWidget()
        scroll.setWidget(content)  # while it is empty: what it holds is styled anew
        planes = QHBoxLayout()
        planes.setSpacing(12)
        for card in self._plane_cards:
            # Statistics of another colour space shall not move the panels.
            card.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            planes.addWidget(card, 1)
        counts = QVBoxLayout()
        counts.setSpacing(12)
        counts.addWidget(self._histogram, 1)
        counts.addWidget(self._dense)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self._table, 1)
        middle.addLayout(counts, 1)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addLayout(planes, 3)
        right.addLayout(middle, 5)
        right.addWidget(self._recompose)
        columns = QHBoxLayout(content)
        columns.setContentsMargins(14, 14, 14, 14)
        columns.setSpacing(12)
        columns.addWidget(self._picture_card, 45)
        columns.addLayout(right, 55)

    def _connect(self) -> None:
        self._context.session.image_changed.connect(self._image_changed)
        self._context.theme.changed.connect(self._repaint)
        self.model.changed.connect(self._settings_changed)
        self.model.cursor_moved.connect(self._cursor_moved)
        self._viewport.changed.connect(self._show_status)
        for view in (self._view, *self._plane_views):
            view.hovered.connect(lambda row, column: self.model.point((row, column)))
            view.clicked.connect(lambda row, column: self.model.click((row, column)))
        panels = (self._picture_card, self._table, self._histogram, self._recompose, self._dense)
        for panel in panels:
            panel.edited.connect(self._edit)
        self._table.picked.connect(self._nudge)
        self._counting.prepared.connect(self._repaint)
        self._counting.counted.connect(self._show_counts)
        self._counting.progressed.connect(self._histogram.show_progress)
        self._counting.failed.connect(self._tell_failure)

    def _add_commands(self) -> None:
        add = partial(self._context.actions.add, page=self.title)
        viewport = self._viewport
        add("image.save", "Save picture as PNG…", self.save, menu="Export", shortcuts="Ctrl+S")
        add("image.fit", "Fit", viewport.fit, menu="View", shortcuts="0", tip="Show all of it")
        add(
            "image.actual",
            "100 %",
            viewport.hundred,
            menu="View",
            shortcuts="1",
            tip="One pixel of the picture for one of the screen",
        )
        add(
            "image.zoom_in",
            "Zoom in",
            lambda: viewport.zoom_by(1.25),
            menu="View",
            shortcuts=("+", "="),
            tip="Zoom in; the wheel zooms at the pointer",
        )
        add("image.zoom_out", "Zoom out", lambda: viewport.zoom_by(0.8), menu="View",
            shortcuts="-", tip="Zoom out")  # fmt: skip
        for space in SPACES:
            add(f"image.{space}", f"Planes of {space}", partial(self._edit, "colour space", "",
                {"space": space}), menu="View")  # fmt: skip
        for key, text, field, shortcut in (
            ("tint", "Tint planes", "tinted", "T"),
            ("values", "Values on zoom", "values_on_zoom", "V"),
            ("log", "Logarithmic histogram", "log_scale", "L"),
        ):
            add(f"image.{key}", text, partial(self._toggle, field), menu="View", shortcuts=shortcut)
        for key, down, right in (("Up", -1, 0), ("Down", 1, 0), ("Left", 0, -1), ("Right", 0, 1)):
            add(f"image.{key.lower()}", f"Cursor {key.lower()}", partial(self._nudge, down, right),
                menu="Step", shortcuts=key, tip="Move the cursor by a pixel")  # fmt: skip
        add("image.release", "Release the cursor", self.model.release, menu="Step",
            shortcuts="Esc", tip="Let the cursor follow the pointer again")  # fmt: skip

    def _edit(self, label: str, merge: str, changes: dict[str, object]) -> None:
        self.model.edit(label, merge, **changes)

    def _toggle(self, field: str) -> None:
        changes: dict[str, object] = {field: not getattr(self.model.settings, field)}
        self._edit(field.replace("_", " "), "", changes)

    def _nudge(self, down: int, right: int) -> None:
        image = self._context.session.image
        self.model.nudge(down, right, image.height, image.width)
        if self.model.cursor:
            self._view.ensure_visible(*self.model.cursor)

    def _image_changed(self, image: Image) -> None:
        if self.isVisible():
            self._show_image(image)

    def _settings_changed(self, before: ImageSettings, after: ImageSettings) -> None:
        if self._frame is not None:
            self._render(resolve(after, self._frame.image))

    def _show_image(self, image: Image) -> None:
        if self._frame is not None and self._frame.image is image:
            return
        self._frame = None
        self.model.fit_to(image)
        frame = resolve(self.model.settings, image)
        self._counting.show(image, self._painter(frame))
        self._viewport.fit()
        self._render(frame)

    def _render(self, frame: ImageFrame) -> None:
        """Show a frame, touching only what differs from the one before."""
        before, self._frame = self._frame, frame
        if before is None or before.picture_look != frame.picture_look:
            self._paint_picture(frame)
        if before is None or before.plane_look != frame.plane_look:
            self._paint_planes(frame)
        shown = frame.settings.values_on_zoom
        if before is None or before.settings.values_on_zoom != shown:
            for view in (self._view, *self._plane_views):
                view.set_values_shown(shown)
        self._picture_card.show_frame(frame)
        self._table.show_frame(frame)
        self._recompose.show_frame(frame)
        self._dense.show_frame(frame)
        self._counting.want("RGB", frame.space)
        self._show_counts()

    def _paint_picture(self, frame: ImageFrame) -> None:
        assert self._counting.picture is not None
        pixels = frame.image.pixels
        values = _derived(pixels, frame.composed) if frame.is_recomposed else pixels
        self._view.set_picture(self._counting.picture.repainted(self._painter(frame)), values)

    def _paint_planes(self, frame: ImageFrame) -> None:
        assert self._counting.picture is not None
        invalid, pixels = self._invalid(), frame.image.pixels
        for i, (view, card) in enumerate(zip(self._plane_views, self._plane_cards, strict=True)):
            card.setVisible(i < len(frame.planes))
            if i < len(frame.planes):
                paint = partial(frame.paint_plane, i, invalid)
                view.set_value_format(frame.text)
                view.set_picture(
                    self._counting.picture.repainted(paint),
                    _derived(pixels, partial(frame.plane, i)),
                )
                card.show_plane(frame.planes[i])

    def _painter(self, frame: ImageFrame) -> Paint:
        return partial(frame.paint_picture, self._invalid())

    def _invalid(self) -> tuple[int, int, int]:
        color = self._context.theme.color("invalid")
        return color.red(), color.green(), color.blue()

    def _repaint(self) -> None:
        """Paint all again: the theme decides what an invalid value looks like."""
        if self._frame is not None:
            frame, self._frame = self._frame, None
            self._render(frame)

    def _show_counts(self) -> None:
        """Show what has been counted so far, and the cursor in it."""
        frame = self._frame
        if frame is None:
            return
        whole, summaries = self._counting.summaries("RGB"), self._counting.summaries(frame.space)
        lowest = min((summary.minimum for summary in whole), default=None)
        highest = max((summary.maximum for summary in whole), default=None)
        self._picture_card.show_facts(facts(frame.image, lowest, highest))
        for i, plane in enumerate(frame.planes):
            summary = summaries[i] if summaries else None
            self._plane_cards[i].show_summary(frame, plane, summary)
        self._histogram.show_frame(frame, summaries)
        self._cursor_moved(self.model.cursor)

    def _tell_failure(self, error: Exception) -> None:
        unexpected(error)

    def _cursor_moved(self, cursor: tuple[int, int] | None) -> None:
        frame = self._frame
        if frame is None:
            return
        row, column = cursor or (None, 0)
        for view in (self._view, *self._plane_views):
            view.set_crosshair(row, column)
            view.set_pin(row if self.model.pinned else None, column)
        self._picture_card.show_cursor(cursor, self.model.pinned)
        self._table.show_cursor(frame, cursor)
        self._histogram.show_cursor(cursor)
        self._show_status()

    def _show_status(self) -> None:
        """Tell the status bar the pixel under the cursor, the planes' last time, and the zoom."""
        frame, cursor = self._frame, self.model.cursor
        if frame is None or not self.isVisible():
            return
        left = ""
        if cursor is not None:
            values = zip(frame.planes, frame.values_at(*cursor), strict=True)
            numbers = "  ".join(f"{p.letter} {frame.text(v)}{p.unit}" for p, v in values)
            left = f"row {cursor[0]}  column {cursor[1]}   {numbers}"
        took, zoom = self._counting.milliseconds, f"zoom {self._viewport.zoom * 100:.0f} %"
        self._context.status(left, zoom if took is None else f"planes {took:.0f} ms   {zoom}")


class _Derived:
    """Values worked out from pixels only where asked for."""

    ndim = 3

    def __init__(self, pixels: Pixels, work: Callable[[Pixels], Pixels]) -> None:
        self._pixels, self._work = pixels, work
        self.shape = (*pixels.shape[:2], work(pixels[:1, :1]).shape[2])

    def __getitem__(self, rows: slice) -> Pixels:
        return self._work(self._pixels[rows])


def _derived(pixels: Pixels, work: Callable[[Pixels], Pixels]) -> npt.NDArray:
    """Return what stands in for the array `work(pixels)` where a view takes rows of it."""
    return cast(npt.NDArray, _Derived(pixels, work))
