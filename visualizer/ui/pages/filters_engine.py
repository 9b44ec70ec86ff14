"""The Filters page's work off the GUI thread: what is visible first, the whole map behind it."""

import time
from dataclasses import dataclass, replace
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from visualizer.core.convolution import as_float
from visualizer.core.display import Palette, Rgb8, to_rgb8
from visualizer.core.image import Image, Pixels
from visualizer.state.applied import applied_pixels
from visualizer.state.filter_settings import FilterSettings
from visualizer.state.filters import (
    FilterFrame,
    LaidFilter,
    lay,
)
from visualizer.ui.background import Background, Job
from visualizer.ui.pages.filters_preview import (
    AT_ONCE_MS,
    Preview,
    Previewer,
    Seen,
    painter,
    products,
    reduced,
)
from visualizer.ui.widgets.picture import Picture

_AT_ONCE_PIXELS = 300_000
_PAINTING_S = 0.008  # the map is left alone while a look at it is painted: both would take longer
_FLOAT_PIXELS = 4_000_000  # larger pictures stay in their own type: it saves memory


@dataclass(frozen=True, eq=False)
class Source:
    """What filters are laid on: pixels (H, W, C), as read or as float32, ready to be painted."""

    pixels: Pixels
    picture: Picture


class Took(NamedTuple):
    """Milliseconds on the clock, and of processor time: the latter whatever else is running."""

    clock: float
    work: float


@dataclass(frozen=True, eq=False)
class Result:
    """A finished map.

    Attributes:
        frame: the map and what it was made from.
        picture: of the map, its halves made when it is large.
        took: how long filtering took.
    """

    frame: FilterFrame
    picture: Picture
    took: Took


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
        self._previewer = Previewer()
        self._ms_per_million = 4.0  # products; measured anew at every map
        self._work = Background("filter", self)
        self._work.reported.connect(self._take)
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
        laid = None if self._source is None else lay(settings, image, self._source.pixels)
        known = self._result
        if laid is not None and small and self._is_quick(laid):
            self._work.cancel()
            self._finish(_result(*_filtered(laid, known), known, palette))
            return
        look = None
        if laid is not None and not _only_looks(known, laid):
            look = self._previewer.at_once(laid, seen, palette)
        task = _Task(settings, image, seen, palette, laid, known, look is not None, self._previewer)
        self._work.submit(task.run)
        if look is not None:
            self.previewed.emit(look)

    def _is_quick(self, laid: LaidFilter) -> bool:
        return products(laid) / 1e6 * self._ms_per_million < AT_ONCE_MS

    def _take(self, news: Source | Preview | Result) -> None:
        if isinstance(news, Source):
            self._source = news
            self.sourced.emit(news)
        elif isinstance(news, Preview):
            self.previewed.emit(news)
        else:
            self._finish(news)

    def _finish(self, result: Result) -> None:
        self._result = result
        self._ms_per_million = result.took.work / max(products(result.frame) / 1e6, 0.1)
        self.finished.emit(result)


@dataclass(frozen=True, eq=False)
class _Task:
    """One demand, as it is met in the thread. Reports a Source, a Preview and a Result."""

    settings: FilterSettings
    image: Image
    seen: Seen
    palette: Palette
    laid: LaidFilter | None
    known: Result | None
    looked_at: bool
    previewer: Previewer

    def run(self, job: Job) -> None:
        """Do the work."""
        if self.looked_at:
            time.sleep(_PAINTING_S)
            job.check()
        laid = self.laid or self._lay(job)
        unseen = not self.looked_at and not _only_looks(self.known, laid)
        early = unseen and self.previewer.wanted(laid, self.seen)
        if early:
            job.report(self.previewer.look(laid, self.seen, self.palette, job.check))
        frame, took = _filtered(laid, self.known, job)
        if unseen and not early:
            job.report(reduced(frame, self.seen, self.palette))
        result = _result(frame, took, self.known, self.palette)
        _ = frame.extremes, frame.beyond_and_invalid  # the GUI thread finds them ready
        result.picture.prepare()
        job.report(result)
        self.previewer.keep(laid, self.seen, job.check)

    def _lay(self, job: Job) -> LaidFilter:
        self.previewer.forget()
        source = _source(self.settings, self.image, self.palette)
        job.report(source)
        return lay(self.settings, self.image, source.pixels)


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


def _only_looks(known: Result | None, laid: LaidFilter) -> bool:
    """Tell whether the numbers of a result serve `laid` as well."""
    if known is None or known.frame.pixels is not laid.pixels:
        return False
    looks = ("display", "plane", "exact", "preset", "parameters")
    unlike = {name: getattr(laid.settings, name) for name in looks}
    return replace(known.frame.settings, **unlike) == laid.settings


def _filtered(
    laid: LaidFilter, known: Result | None, job: Job | None = None
) -> tuple[FilterFrame, Took]:
    """Return the whole map, and how long it took when it was computed."""
    if known is not None and _only_looks(known, laid):
        return laid.with_feature(known.frame.feature), known.took
    clock, work = time.perf_counter(), time.thread_time()
    frame = laid.filtered(job.check if job else None)
    return frame, Took(1e3 * (time.perf_counter() - clock), 1e3 * (time.thread_time() - work))


def _result(frame: FilterFrame, took: Took, known: Result | None, palette: Palette) -> Result:
    paint = painter(frame, frame.scale, palette)
    if known is not None and known.frame.feature is frame.feature:
        return Result(frame, known.picture.repainted(paint), took)
    height, width, _ = frame.feature.shape
    return Result(frame, Picture(frame.feature, height, width, paint), took)
