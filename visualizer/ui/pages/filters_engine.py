"""The Filters page's work off the GUI thread: what is visible first, the whole map behind it."""

import time
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QObject, QPointF, Signal

from visualizer.core.convolution import FeatureMap, as_float
from visualizer.core.display import Palette, Rgb8, finite_extremes, to_rgb8
from visualizer.core.image import Image, Pixels
from visualizer.state.filters import (
    FilterFrame,
    FilterSettings,
    LaidFilter,
    applied_pixels,
    lay,
    sample_step,
)
from visualizer.ui.background import Background, Job
from visualizer.ui.widgets.picture import Paint, Picture
from visualizer.ui.widgets.viewport import Frame

_AT_ONCE_MS = 4.0  # what may be done on the GUI thread
_AT_ONCE_PIXELS = 300_000
_WITHOUT_PREVIEW_MS = 10.0  # a whole map that is quicker than this needs none
_FLOAT_PIXELS = 4_000_000  # larger pictures stay in their own type: it saves memory


@dataclass(frozen=True)
class Seen:
    """What of the feature map is on the screen.

    Attributes:
        scale: screen pixels a cell.
        rows, columns: the cells to be seen.
    """

    scale: float
    rows: range
    columns: range

    @classmethod
    def of(cls, frame: Frame) -> "Seen":
        """Return what is to be seen of the picture in a view."""
        first = frame.to_image(QPointF(0, 0))
        last = frame.to_image(QPointF(frame.size.width(), frame.size.height()))
        return cls(
            frame.scale * frame.ratio,
            _within(first.y(), last.y(), frame.rows),
            _within(first.x(), last.x(), frame.columns),
        )


@dataclass(frozen=True, eq=False)
class Source:
    """What filters are laid on: pixels (H, W, C), as read or as float32, ready to be painted."""

    pixels: Pixels
    picture: Picture


@dataclass(frozen=True, eq=False)
class Preview:
    """What is visible of a map, before the whole of it is known.

    Attributes:
        laid: the filter.
        picture: of cells that stand for the whole map.
        values: the map with only the visible cells filled in, where cells are that large.
    """

    laid: LaidFilter
    picture: Picture
    values: FeatureMap | None


@dataclass(frozen=True, eq=False)
class Result:
    """A finished map.

    Attributes:
        frame: the map and what it was made from.
        picture: of the map, its halves made when it is large.
        milliseconds: how long filtering took.
    """

    frame: FilterFrame
    picture: Picture
    milliseconds: float


class FilterEngine(QObject):
    """Filters on demand; the newest demand wins.

    Signals:
        sourced(Source): the pixels that filters are laid on are another, now on show.
        previewed(Preview): what is visible of the map demanded last.
        finished(Result): the whole of it.
        failed(object): the exception that ended the work.
    """

    sourced = Signal(object)
    previewed = Signal(object)
    finished = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._key: object = None
        self._source: Source | None = None
        self._result: Result | None = None
        self._ms_per_million = 4.0  # products; measured anew at every map
        self._work = Background("filter", self)
        self._work.reported.connect(self._take)
        self._work.done.connect(self._finish)
        self._work.failed.connect(self.failed)

    @property
    def source(self) -> Source | None:
        """The pixels that filters are laid on, once they are known."""
        return self._source

    def close(self) -> None:
        """End the thread."""
        self._work.close()

    def demand(self, settings: FilterSettings, image: Image, seen: Seen, palette: Palette) -> None:
        """Filter `image`, or paint anew what is known; the signals follow, at once when quick.

        Raises GeometryError when there is no output.
        """
        key = (image, settings.applied_to, settings.channel)
        if key != self._key:
            self._key, self._source, self._result = key, None, None
        small = image.height * image.width <= _AT_ONCE_PIXELS
        if self._source is None and small:
            self._take(_source(settings, image, palette))
        expected = self._expected(settings, image)
        if self._source is not None and small and expected < _AT_ONCE_MS:
            self._work.cancel()
            laid = lay(settings, image, self._source.pixels)
            self._finish(_whole(laid, self._result, palette))
            return
        source, known = self._source, self._result

        def run(job: Job) -> Result:
            ready = source or _source(settings, image, palette)
            if source is None:
                job.report(ready)
            laid = lay(settings, image, ready.pixels)
            if expected > _WITHOUT_PREVIEW_MS and not _only_looks(known, laid):
                job.report(preview(laid, seen, palette, job))
            return _whole(laid, known, palette, job)

        self._work.submit(run)

    def _expected(self, settings: FilterSettings, image: Image) -> float:
        geometry = settings.geometry(image)
        maps = image.channels if settings.applied_to in ("each", "across") else 1
        products = geometry.out_height * geometry.out_width * maps * settings.kernel.weights[0].size
        return products / 1e6 * self._ms_per_million

    def _take(self, news: Source | Preview) -> None:
        if isinstance(news, Source):
            self._source = news
            self.sourced.emit(news)
        else:
            self.previewed.emit(news)

    def _finish(self, result: Result) -> None:
        self._result = result
        feature, kernel = result.frame.feature, result.frame.settings.kernel
        million = max(feature.size * kernel.weights[0].size / 1e6, 0.1)
        self._ms_per_million = result.milliseconds / million
        self.finished.emit(result)


def _source(settings: FilterSettings, image: Image, palette: Palette) -> Source:
    pixels = applied_pixels(settings, image)
    if image.height * image.width <= _FLOAT_PIXELS:
        pixels = as_float(pixels)
    low, high = image.value_range

    def paint(block: Pixels) -> Rgb8:
        return to_rgb8(block, low, high, palette.invalid)

    picture = Picture(pixels, image.height, image.width, paint)
    picture.prepare()
    return Source(pixels, picture)


def _painter(laid: LaidFilter, ends: tuple[float, float], palette: Palette) -> Paint:
    return lambda block: laid.paint(block, ends, palette)


def preview(laid: LaidFilter, seen: Seen, palette: Palette, job: Job) -> Preview:
    """Return what is visible of a map: every cell in sight, or as many as the screen has pixels."""
    height, width = laid.geometry.out_height, laid.geometry.out_width
    rows, columns = range(height), range(width)
    step = int(1 / seen.scale) if seen.scale <= 0.5 else sample_step(laid.geometry)
    sample = laid.cells(rows[::step], columns[::step], job.check)
    ends = laid.ends(sample, finite_extremes(laid.painted(sample)))
    paint = _painter(laid, ends, palette)
    if seen.scale <= 0.5:
        return Preview(laid, Picture(sample, height, width, paint), None)
    # Pages of this array that are never written to are never given memory.
    values = np.zeros((height, width, laid.maps), np.float32)
    place = np.s_[seen.rows.start : seen.rows.stop, seen.columns.start : seen.columns.stop]
    values[place] = laid.cells(seen.rows, seen.columns, job.check)
    return Preview(laid, Picture(values, height, width, paint), values)


def _only_looks(known: Result | None, laid: LaidFilter) -> bool:
    """Tell whether the numbers of a result serve `laid` as well."""
    if known is None or known.frame.pixels is not laid.pixels:
        return False
    looks = ("display", "plane", "exact", "preset", "parameters")
    unlike = {name: getattr(laid.settings, name) for name in looks}
    return replace(known.frame.settings, **unlike) == laid.settings


def _whole(
    laid: LaidFilter, known: Result | None, palette: Palette, job: Job | None = None
) -> Result:
    if known is not None and _only_looks(known, laid):
        frame = FilterFrame(**vars(laid), feature=known.frame.feature)
        milliseconds = known.milliseconds
    else:
        started = time.perf_counter()
        frame = laid.filtered(job.check if job else None)
        milliseconds = 1e3 * (time.perf_counter() - started)
        known = None
    if job is not None:  # asked for on the GUI thread later, when they are known
        _ = frame.beyond_and_invalid
    paint = _painter(frame, frame.scale, palette)
    if known is not None:
        return Result(frame, known.picture.repainted(paint), milliseconds)
    height, width, _ = frame.feature.shape
    picture = Picture(frame.feature, height, width, paint)
    if job is not None:
        picture.prepare()
    return Result(frame, picture, milliseconds)


def _within(first: float, last: float, count: int) -> range:
    return range(max(0, int(first)), min(count, int(last) + 1))
