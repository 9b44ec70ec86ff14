"""The Filters page's work off the GUI thread: what is visible first, the whole map behind it."""

import time
from dataclasses import dataclass, replace

import cv2
import numpy as np
from PySide6.QtCore import QObject, QPointF, Signal

from visualizer.core.convolution import FeatureMap, Samples, as_float
from visualizer.core.display import Palette, Rgb8, to_rgb8
from visualizer.core.image import Image, Pixels
from visualizer.state.filters import (
    FilterFrame,
    FilterSettings,
    LaidFilter,
    applied_pixels,
    lay,
)
from visualizer.ui.background import Background, Job
from visualizer.ui.widgets.picture import Paint, Picture
from visualizer.ui.widgets.viewport import Frame

_AT_ONCE_MS = 4.0  # what may be done on the GUI thread
_AT_ONCE_PIXELS = 300_000
# Multiplications. A whole map of more follows what is visible of it. To take every n-th cell of
# a fitted one pays when n is large, to take the few cells in sight of an enlarged one always.
_WHOLE_FITTED, _WHOLE_SMALL, _WHOLE_ENLARGED = 350e6, 40e6, 20e6
_MOST_KEPT = 25e6  # numbers of a large picture kept for the next look at it
_LEAST_STEP = 6  # below it, whole rows are quicker to filter than every n-th cell of them
_SMALL_SCALE = 0.5  # screen pixels a cell: below it, not every cell is to be seen
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
        self._samples: tuple[tuple[object, ...], Samples] | None = None
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
        products = _products(settings, image)
        quick = products / 1e6 * self._ms_per_million < _AT_ONCE_MS
        if self._source is not None and small and quick:
            self._work.cancel()
            laid = lay(settings, image, self._source.pixels)
            frame, milliseconds = _filtered(laid, self._result)
            self._finish(_result(frame, milliseconds, self._result, palette))
            return
        source, known = self._source, self._result

        def run(job: Job) -> Result:
            ready = source or _source(settings, image, palette)
            if source is None:
                job.report(ready)
            laid = lay(settings, image, ready.pixels)
            slow = products > _whole_first(seen) and not _only_looks(known, laid)
            if slow:
                job.report(self._visible(laid, seen, palette, job))
            frame, milliseconds = _filtered(laid, known, job)
            if not slow:
                job.report(_reduced(frame, seen, palette))
            result = _result(frame, milliseconds, known, palette)
            _ = frame.extremes, frame.beyond_and_invalid  # the GUI thread finds them ready
            result.picture.prepare()
            return result

        self._work.submit(run)

    def _visible(self, laid: LaidFilter, seen: Seen, palette: Palette, job: Job) -> Preview:
        """Return what is visible of a map: every cell in sight, or as many as the screen shows.

        This runs in the thread.
        """
        height, width = laid.geometry.out_height, laid.geometry.out_width
        sample = laid.cells(laid.sampled_rows, range(width), job.check)
        paint = _painter(laid, laid.ends(sample), palette)
        if seen.scale <= _SMALL_SCALE:
            step = int(1 / seen.scale)
            cells = self._every(step, laid) if step >= _LEAST_STEP else _lines(laid, step, job)
            return Preview(laid, Picture(cells, height, width, paint), None)
        # Pages of this array that are never written to are never given memory.
        values = np.zeros((height, width, laid.maps), np.float32)
        place = np.s_[seen.rows.start : seen.rows.stop, seen.columns.start : seen.columns.stop]
        values[place] = laid.cells(seen.rows, seen.columns, job.check)
        return Preview(laid, Picture(values, height, width, paint), values)

    def _every(self, step: int, laid: LaidFilter) -> FeatureMap:
        """Return every `step`-th cell along both axes; what they read is kept for the next time."""
        rows = range(0, laid.geometry.out_height, step)
        columns = range(0, laid.geometry.out_width, step)
        numbers = len(rows) * len(columns) * laid.settings.kernel.weights[0].size
        if numbers * laid.pixels.shape[2] > _MOST_KEPT:
            return laid.cells(rows, columns)
        key = (laid.pixels, laid.geometry, step)
        if self._samples is None or not _same(self._samples[0], key):
            self._samples = None  # the former ones go before there are others
            self._samples = key, laid.sampled(rows, columns)
        return laid.cells_of(self._samples[1])

    def _take(self, news: Source | Preview) -> None:
        if isinstance(news, Source):
            self._source = news
            self.sourced.emit(news)
        else:
            self.previewed.emit(news)

    def _finish(self, result: Result) -> None:
        self._result = result
        products = _products(result.frame.settings, result.frame.image)
        self._ms_per_million = result.milliseconds / max(products / 1e6, 0.1)
        self.finished.emit(result)


def _products(settings: FilterSettings, image: Image) -> int:
    """Return how many multiplications a whole map takes."""
    geometry, kernel = settings.geometry(image), settings.kernel
    channels = image.channels if settings.applied_to in ("each", "across") else 1
    return geometry.out_height * geometry.out_width * channels * kernel.height * kernel.width


def _whole_first(seen: Seen) -> float:
    """Return up to how many multiplications the whole map comes at once."""
    if seen.scale > _SMALL_SCALE:
        return _WHOLE_ENLARGED
    return _WHOLE_FITTED if seen.scale * _LEAST_STEP > 1 else _WHOLE_SMALL


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


def _lines(laid: LaidFilter, step: int, job: Job) -> FeatureMap:
    """Return every `step`-th row of a map, as many columns of it averaged."""
    rows, columns = range(0, laid.geometry.out_height, step), range(laid.geometry.out_width)
    lines = laid.cells(rows, columns, job.check)
    size = (max(1, len(columns) // step), len(rows))
    small = cv2.resize(lines, size, interpolation=cv2.INTER_AREA)
    return as_float(small.reshape(*size[::-1], laid.maps))


def _same(a: tuple[object, ...], b: tuple[object, ...]) -> bool:
    return a[0] is b[0] and a[1:] == b[1:]


def _reduced(frame: FilterFrame, seen: Seen, palette: Palette) -> Preview:
    """Return a finished map at the resolution of the screen, before it is ready for any other."""
    height, width, maps = frame.feature.shape
    paint = _painter(frame, frame.scale, palette)
    step = min(int(1 / seen.scale), height, width)
    if seen.scale > _SMALL_SCALE or step < 2:
        return Preview(frame, Picture(frame.feature, height, width, paint), frame.feature)
    size = (width // step, height // step)
    whole = frame.feature[: size[1] * step, : size[0] * step]
    small = cv2.resize(whole, size, interpolation=cv2.INTER_AREA).reshape(*size[::-1], maps)
    return Preview(frame, Picture(small, height, width, paint), None)


def _only_looks(known: Result | None, laid: LaidFilter) -> bool:
    """Tell whether the numbers of a result serve `laid` as well."""
    if known is None or known.frame.pixels is not laid.pixels:
        return False
    looks = ("display", "plane", "exact", "preset", "parameters")
    unlike = {name: getattr(laid.settings, name) for name in looks}
    return replace(known.frame.settings, **unlike) == laid.settings


def _filtered(
    laid: LaidFilter, known: Result | None, job: Job | None = None
) -> tuple[FilterFrame, float]:
    """Return the whole map, and the milliseconds it took when it was computed."""
    if known is not None and _only_looks(known, laid):
        return laid.with_feature(known.frame.feature), known.milliseconds
    started = time.perf_counter()
    frame = laid.filtered(job.check if job else None)
    return frame, 1e3 * (time.perf_counter() - started)


def _result(
    frame: FilterFrame, milliseconds: float, known: Result | None, palette: Palette
) -> Result:
    paint = _painter(frame, frame.scale, palette)
    if known is not None and known.frame.feature is frame.feature:
        return Result(frame, known.picture.repainted(paint), milliseconds)
    height, width, _ = frame.feature.shape
    return Result(frame, Picture(frame.feature, height, width, paint), milliseconds)


def _within(first: float, last: float, count: int) -> range:
    return range(max(0, int(first)), min(count, int(last) + 1))
