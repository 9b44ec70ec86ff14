"""The Image page's work off the GUI thread: halving large pictures, and counting values."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from visualizer.core.channels import Space
from visualizer.core.image import Image
from visualizer.core.summary import Summary, summarise
from visualizer.ui.background import Background, Job
from visualizer.ui.widgets.picture import Paint, Picture

PREPARED_AT_ONCE = 4_000_000  # pixels; the halves of larger pictures are made in the thread
_COARSE = 1_000_000  # pixels of what is shown of them until then
_PATIENCE_S = 1.0  # work that takes longer says how far it has come


class Counting(QObject):
    """Holds the picture on show, ready for painting, and its summaries, once counted.

    Signals:
        prepared(): `picture` has become sharp.
        counted(): there are more summaries.
        progressed(str): how far a long count has come; "" at its end.
        failed(object): the exception that ended the work.
    """

    prepared = Signal()
    counted = Signal()
    progressed = Signal(str)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.picture: Picture | None = None
        self._image: Image | None = None
        self._paint: Paint | None = None
        self._sharp = False
        self._summaries: dict[Space, tuple[Summary, ...]] = {}
        self._milliseconds: float | None = None
        self._pending: set[Space] = set()
        self._started = 0.0
        self._work = Background("picture statistics", self)
        self._work.reported.connect(self._take)
        self._work.done.connect(lambda _: self._end())
        self._work.failed.connect(self._fail)

    def close(self) -> None:
        """End the thread."""
        self._work.close()

    def show(self, image: Image, paint: Paint) -> None:
        """Start with another picture; a large one is coarse until `prepared`."""
        self._work.cancel()
        self._summaries, self._pending = {}, set()
        self._image, self._paint = image, paint
        size = image.height * image.width
        self._sharp = size <= PREPARED_AT_ONCE
        step = 1 if self._sharp else int((size / _COARSE) ** 0.5)
        pixels = image.pixels[::step, ::step]
        self.picture = Picture(pixels, image.height, image.width, paint)

    def summaries(self, space: Space) -> tuple[Summary, ...]:
        """Return the summary of each plane, or nothing before it has been counted."""
        return self._summaries.get(space, ())

    @property
    def milliseconds(self) -> float | None:
        """How long it took to work out and count the planes last; None before the first time."""
        return self._milliseconds

    def want(self, *spaces: Space) -> None:
        """Count these colour spaces, in this order, unless that is done or being done."""
        assert self._image is not None
        wanted = {space for space in spaces if space not in self._summaries}
        if wanted <= self._pending and (self._sharp or self._work.busy):
            return
        missing = [space for space in dict.fromkeys(spaces) if space in wanted]
        self._pending = wanted
        self._started = time.monotonic()
        self._work.submit(self._task(self._image, missing))

    def _task(self, image: Image, spaces: list[Space]) -> Callable[[Job], None]:
        sharp, paint = self._sharp, self._paint

        def run(job: Job) -> None:
            if not sharp:
                picture = Picture(image.pixels, image.height, image.width, paint)
                picture.prepare()
                job.report(picture)
            for space in spaces:
                started = time.perf_counter()
                summaries = summarise(image, space, job.report)
                job.report((space, summaries, 1000 * (time.perf_counter() - started)))

        return run

    def _take(self, news: object) -> None:
        if isinstance(news, Picture):
            self.picture, self._sharp = news, True
            self.prepared.emit()
        elif isinstance(news, float):
            if time.monotonic() - self._started > _PATIENCE_S:
                self.progressed.emit(f"counting, {news * 100:.0f} %")
        elif isinstance(news, tuple):
            space, summaries, self._milliseconds = news
            self._summaries[space] = summaries
            self._pending.discard(space)
            self.counted.emit()

    def _end(self) -> None:
        self._pending = set()
        self.progressed.emit("")

    def _fail(self, error: Exception) -> None:
        self._end()
        self.failed.emit(error)
