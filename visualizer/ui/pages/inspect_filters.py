"""What excites a filter most: nine validation images with the patch that did it, and a dream."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from visualizer.core.numbers import format_number
from visualizer.ui.background import Background, Job
from visualizer.ui.errors import unexpected
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.fields import LabelledChoice, LabelledSlider
from visualizer.ui.widgets.map_mosaic import MapMosaic
from visualizer.ui.widgets.wrapped_label import WrappedLabel

if TYPE_CHECKING:
    from visualizer.learning.examined import Examined
    from visualizer.learning.excite import Excited

_COLUMNS, _GAP, _LINE, _LEAST = 3, 6, 16, 40  # px at scale 1


class FiltersCard(Card):
    """Shows one filter of one layer.

    Signals:
        imageChosen(int): look at this validation image.
    """

    imageChosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__("What excites a filter")
        self._examined: Examined | None = None
        self._drawn: tuple[Any, str, int] | None = None
        self.note.hide()
        self.layer = LabelledChoice(theme, "", name="Layer", tip="Whose filters")
        self.filter = LabelledSlider(theme, "Filter", 1, 16, value=1, tip="Which filter")
        self.nine = PatchGrid(theme)
        self.dream = MapMosaic(theme, "made by gradient ascent", noun="image", largest=400)
        self.make = QPushButton("Make an image for it")
        self.make.setToolTip("Change grey noise, step by step, so that the filter is excited more")
        self.sentence = WrappedLabel("muted")
        self._search = Background("exciting images", self)
        self._ascent = Background("gradient ascent", self)
        for work in (self._search, self._ascent):
            work.failed.connect(unexpected)
        self._search.reported.connect(self._show_share)
        self._search.done.connect(self._show_found)
        self._ascent.reported.connect(lambda pixels: self.dream.set_images(pixels[np.newaxis]))
        self._ascent.done.connect(lambda _none: self.make.setText("Make an image for it"))
        self.layer.currentChanged.connect(lambda _key: self._layer_chosen())
        self.filter.valueChanged.connect(lambda _value: self.draw())
        self.make.clicked.connect(self._dream)
        self.nine.clicked.connect(self.imageChosen)
        for widget in (self.layer, self.filter, self.make):
            leave_focus(widget)
        self.top.addWidget(self.layer)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.filter, 1)
        row.addWidget(self.make)
        self.body.setSpacing(6)
        self.body.addLayout(row)
        self.body.addWidget(self.sentence)
        self.body.addWidget(self.nine, 3)
        self.body.addWidget(self.dream, 2)

    @property
    def busy(self) -> bool:
        """Whether images are being looked for, or made."""
        return self._search.busy or self._ascent.busy

    def close_work(self) -> None:
        """End the threads."""
        self._search.close()
        self._ascent.close()

    def show_network(self, examined: "Examined", layers: tuple[str, ...]) -> None:
        """Offer the filters of these layers."""
        self._examined, self._drawn = examined, None
        self.layer.set_options([(name, name) for name in layers] or [("", "no maps")])
        if layers:
            self._layer_chosen()

    def look_at(self, examined: "Examined") -> None:
        """Look for the images among the data as they are now, with the user's own drawings."""
        if examined is not self._examined:
            self._examined = examined
            self.draw()

    def draw(self) -> None:
        """Look for the images, unless they are there."""
        examined, layer = self._examined, self.layer.current()
        wanted = (examined, layer, int(self.filter.value()) - 1)
        if examined is None or not layer or not self.isVisible() or self._drawn == wanted:
            return
        self._drawn = wanted
        self._ascent.cancel()
        self.make.setText("Make an image for it")
        self.dream.clear()
        if examined.dataset is None or not len(examined.dataset.validation):
            self.sentence.set_text("without validation images none can be looked for")
            self.nine.set_images(np.zeros((0, 1, 1, 3), np.uint8), ())
            return
        images = examined.dataset.validation.images

        def task(job: Job) -> Any:
            from visualizer.learning.excite import as_pictures, most_excited

            for news in most_excited(examined.network, images, layer, wanted[2]):
                if isinstance(news, tuple):
                    return news, as_pictures(images, news)
                job.report(news)
            raise AssertionError("it ends with the images")

        self._search.submit(task)

    def _layer_chosen(self) -> None:
        from visualizer.learning.excite import channels_of

        if self._examined is not None and self.layer.current():
            count = channels_of(self._examined.network, self.layer.current())
            self.filter.set_range(1, count)
            self.draw()

    def _show_share(self, share: float) -> None:
        self.sentence.set_text(f"looking: {share:.0%}")

    def _show_found(self, found: "tuple[tuple[Excited, ...], npt.NDArray[np.uint8]]") -> None:
        excited, pictures = found
        rgb = pictures.transpose(0, 2, 3, 1)
        self.nine.set_images(np.repeat(rgb, 3, 3) if rgb.shape[3] == 1 else rgb, excited)
        strongest = format_number(excited[0].value, 3) if excited else ""
        self.sentence.set_text(
            f"the validation images that excite it most, up to {strongest}; framed: what it saw"
        )

    def _dream(self) -> None:
        examined, layer = self._examined, self.layer.current()
        if examined is None or not layer:
            return
        channel = int(self.filter.value()) - 1
        self.make.setText("Making it…")

        def task(job: Job) -> None:
            from visualizer.learning.excite import dream

            for image in dream(examined.network, layer, channel):
                job.report(image.numpy())

        self._ascent.submit(task)


class PatchGrid(QWidget):
    """Pictures in rows, each with a patch framed in yellow.

    Signals:
        clicked(int): the image of this index.
    """

    clicked = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._images: npt.NDArray[np.uint8] = np.zeros((0, 1, 1, 3), np.uint8)
        self._found: tuple[Excited, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Images that excite the filter most")
        self.setToolTip("Click an image to look at it")
        theme.changed.connect(self.update)

    def set_images(self, images: npt.NDArray[np.uint8], found: "tuple[Excited, ...]") -> None:
        """Show (n, H, W, 3) with their patches."""
        self._images, self._found = np.ascontiguousarray(images), found
        self.setAccessibleDescription(", ".join(f"#{excited.index}" for excited in found))
        self.update()

    def count(self) -> int:
        """Return how many there are."""
        return len(self._found)

    def rect_of(self, place: int) -> QRectF:
        """Return where an image is painted."""
        px = self._theme.px
        rows = max(-(-len(self._found) // _COLUMNS), 1)
        wide = (self.width() - (_COLUMNS - 1) * px(_GAP)) / _COLUMNS
        high = (self.height() - (rows - 1) * px(_GAP)) / rows - px(_LINE)
        side = max(min(wide, high), 1.0)
        row, column = divmod(place, _COLUMNS)
        return QRectF(column * (side + px(_GAP)), row * (side + px(_LINE + _GAP)), side, side)

    def minimumSizeHint(self) -> QSize:
        """Small pictures."""
        side = self._theme.px(_LEAST)
        return QSize(_COLUMNS * side, 3 * (side + self._theme.px(_LINE)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint images, frames and numbers."""
        theme = self._theme
        with QPainter(self) as painter:
            painter.setFont(theme.font("small_number"))
            for i, (picture, excited) in enumerate(zip(self._images, self._found, strict=True)):
                rect, (height, width) = self.rect_of(i), picture.shape[:2]
                kind = QImage.Format.Format_RGB888
                painter.drawImage(rect, QImage(picture.data, width, height, 3 * width, kind))
                top, left, high, wide = excited.box
                across, down = rect.width() / width, rect.height() / height
                frame = QRectF(rect.left() + left * across, rect.top() + top * down,
                               wide * across, high * down)  # fmt: skip
                painter.setPen(QPen(theme.color("mark"), 2))
                painter.drawRect(frame.adjusted(1, 1, -1, -1))
                painter.setPen(theme.color("muted"))
                below = QRectF(rect.left(), rect.bottom(), rect.width(), theme.px(_LINE))
                text = format_number(excited.value, 3)
                painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Ask for an image."""
        for i, excited in enumerate(self._found):
            if self.rect_of(i).contains(event.position()):
                self.clicked.emit(excited.index)
