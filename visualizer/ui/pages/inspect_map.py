"""The map of the images as the network sees them, how far it can be trusted, and its losses."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton

from visualizer.core.numbers import format_share
from visualizer.ui.background import Background, Job
from visualizer.ui.errors import unexpected
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.fields import SegmentedButtons
from visualizer.ui.widgets.line_plot import Line, LinePlot
from visualizer.ui.widgets.pixel_preview import PixelPreview
from visualizer.ui.widgets.point_cloud import PointCloud
from visualizer.ui.widgets.wrapped_label import WrappedLabel

if TYPE_CHECKING:
    from visualizer.learning.examined import Examined
    from visualizer.learning.verdicts import Verdicts

WAYS = (
    ("pca", "PCA", "The two directions in which the last hidden layer spreads most"),
    ("tsne", "t-SNE", "A map in which neighbours stay neighbours; it takes some seconds"),
)
_PREVIEW = 64
_HINT = "Point at one to see it; circle some to open them"


class MapCard(Card):
    """Shows a point for each validation image.

    Signals:
        imageChosen(int): look at this image.
        lassoed(list): these images were circled.
    """

    imageChosen = Signal(int)
    lassoed = Signal(list)

    def __init__(self, theme: Theme) -> None:
        super().__init__("Map")
        self._examined: Examined | None = None
        self._verdicts: Verdicts | None = None
        self._found: tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]] | None = None
        self._chosen: npt.NDArray[np.int64] = np.zeros(0, np.int64)  # of the images, those shown
        self._drawn: tuple[object, str] | None = None
        self._whole = ""  # the kind of the map on show, once it is finished
        self.way = SegmentedButtons(theme, WAYS, name="Kind of map")
        for key, _, _ in WAYS:
            leave_focus(self.way.button(key))
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("Keep the map as it is")
        self.cancel.hide()
        self.cloud = PointCloud(theme)
        self.preview = PixelPreview(theme, _PREVIEW, "Image under the pointer")
        self.line = WrappedLabel("muted")
        self.line.set_text(_HINT)
        self._work = Background("map", self)
        self._work.reported.connect(self._take)
        self._work.done.connect(lambda _nothing: self._finish())
        self._work.failed.connect(unexpected)
        self.way.changed.connect(lambda _key: self.draw())
        self.cancel.clicked.connect(self._stop)
        self.cloud.hovered.connect(self._show_image)
        self.cloud.clicked.connect(lambda i: self.imageChosen.emit(int(self._chosen[i])))
        self.cloud.lassoed.connect(
            lambda found: self.lassoed.emit([int(self._chosen[i]) for i in found])
        )
        leave_focus(self.cancel)
        self.top.addWidget(self.cancel)
        self.top.addWidget(self.way)
        below = QHBoxLayout()
        below.addWidget(self.preview)
        below.addWidget(self.line, 1)
        self.body.addWidget(self.cloud, 1)
        self.body.addLayout(below)

    @property
    def busy(self) -> bool:
        """Whether a map is being made."""
        return self._work.busy

    def close_work(self) -> None:
        """End the thread."""
        self._work.close()

    def show_verdicts(self, examined: "Examined", verdicts: "Verdicts") -> None:
        """Make a map of the validation images of this network, when it is looked at.

        `verdicts` say which of them count, and of which class they are.
        """
        if examined is not self._examined:
            self._found, self._whole = None, ""
            self.preview.clear()
            if not self.way.current():
                self.way.set_current(WAYS[0][0])
        self._examined, self._verdicts = examined, verdicts
        self._show()
        if self.isVisible():
            self.draw()

    def show_nothing(self) -> None:
        """Show no points: there are no images to show."""
        self._work.cancel()
        self._end()
        self._examined = self._verdicts = self._found = self._drawn = None
        self._chosen = np.zeros(0, np.int64)
        self.cloud.set_points(np.zeros((0, 2), np.float32), self._chosen, ())
        self.preview.clear()
        self.note.setText("no validation images")

    def draw(self) -> None:
        """Make the map, unless it is there."""
        examined, way = self._examined, self.way.current()
        if examined is None or examined.dataset is None or not way:
            return
        if self._drawn == (examined, way):
            return
        self._drawn = (examined, way)
        self.note.setText("making the map…")
        self.cancel.show()
        images = examined.dataset.validation.images

        def task(job: Job) -> None:
            from visualizer.learning import embedding

            count = min(len(images), embedding.MOST)
            chosen = np.linspace(0, len(images) - 1, count).astype(np.int64)
            features = None
            for news in embedding.hidden(examined.network, images[chosen]):
                job.check()
                features = news
            assert isinstance(features, np.ndarray)
            if way == "pca":
                job.report((chosen, embedding.pca(features)))
                return
            for points in embedding.tsne(features):
                job.report((chosen, points))

        self._work.submit(task)

    def _take(self, found: Any) -> None:
        self._found, self._whole = found, ""
        self._show()

    def _finish(self) -> None:
        self._whole = self.way.current()
        self._end()

    def _show(self) -> None:
        """Show the points of the images that count."""
        if self._found is None or self._verdicts is None or self._examined is None:
            return
        chosen, points = self._found
        kept = self._verdicts.kept[chosen]
        self._chosen = chosen[kept]
        labels = self._verdicts.labels[self._chosen]
        self.cloud.set_points(points[kept], labels, self._examined.class_names)
        if not self.busy:
            self._say()

    def _say(self) -> None:
        count = int(self._verdicts.kept.sum()) if self._verdicts is not None else 0
        some = len(self._chosen)
        of_all = f"{some:,} of " if some < count else ""
        self.note.setText(f"{of_all}{count:,} validation images" if self._found else "")

    def _end(self) -> None:
        self.cancel.hide()
        self._say()

    def _stop(self) -> None:
        """Make no other map: press the button of the one on show, or none of a half-made one."""
        self._work.cancel()
        if self._whole:
            self.way.set_current(self._whole)
            self._drawn = (self._examined, self._whole)
        else:
            self.way.release()
            self._drawn = None
        self._end()

    def _show_image(self, point: int) -> None:
        if point < 0 or self._examined is None or self._examined.dataset is None:
            self.line.set_text(_HINT)
            return
        index = int(self._chosen[point])
        part = self._examined.dataset.validation
        pixels = part.images[index].numpy().transpose(1, 2, 0)
        self.preview.set_picture(np.repeat(pixels, 3, 2) if pixels.shape[2] == 1 else pixels)
        assert self._verdicts is not None
        name = self._examined.class_names[int(self._verdicts.labels[index])]
        self.line.set_text(f"#{index}, label {name}; click to look at it")


class QualityCard(Card):
    """How often right it is when it is so sure, and the losses of all images in order."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("Can it be trusted?")
        self.calibration = LinePlot(theme, "how sure", (0, 100), " %")
        self.losses = LinePlot(theme, "images by loss", (1, 2))
        self.sentence = WrappedLabel("caption")
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.calibration, 1)
        row.addWidget(self.losses, 1)
        self.body.addLayout(row, 1)
        self.body.addWidget(self.sentence)

    def show_nothing(self) -> None:
        """Show no curves."""
        self.calibration.set_lines(())
        self.losses.set_lines(())
        self.sentence.set_text("")
        self.note.setText("")

    def show_verdicts(self, verdicts: "Verdicts") -> None:
        """Show both curves."""
        sure, right, counts = verdicts.calibration()
        ideal = np.array([0.0, 100.0])
        self.calibration.set_lines(
            (Line(ideal, ideal / 100, "faint"),
             Line(100 * sure, right, "accent", dots=True, weights=counts))
        )  # fmt: skip
        self._explain(sure, right, counts)
        losses = verdicts.losses[verdicts.by_loss()]
        if len(losses):
            places = np.arange(1, len(losses) + 1)
            few = np.unique(np.linspace(0, len(losses) - 1, 300).astype(int))
            curve = Line(places[few], losses[few], "accent")
            ends = (1, max(len(losses), 2))
            self.losses.set_lines((curve,), ends, max(float(losses[0]), 1e-9))
        off = np.nansum(np.abs(sure - right) * counts) / max(counts.sum(), 1)
        self.note.setText(f"calibration error {format_share(off)}")

    def _explain(self, sure: npt.NDArray, right: npt.NDArray, counts: npt.NDArray) -> None:
        """Say how the dots are to be read and what the smallest stands for; list all."""
        self.sentence.set_text("")
        self.calibration.setToolTip("")
        filled = np.flatnonzero(counts)
        if not len(filled):
            return
        least = filled[counts[filled].argmin()]
        low, high = (f"{100 * (least + i) / len(counts):.0f}" for i in (0, 1))
        self.sentence.set_text(
            f"The larger a dot, the more images: that of {low}–{high} % stands for "
            f"{_images(counts[least])}. On the line it is right as often as it is sure; "
            "above it is too modest, below too sure."
        )
        lines = (
            f"{format_share(sure[i], 0)} sure: right {format_share(right[i], 0)}, "
            f"{_images(counts[i])}"
            for i in filled
        )
        self.calibration.setToolTip("\n".join(lines))


def _images(count: int) -> str:
    return f"{count:,} image" if count == 1 else f"{count:,} images"
