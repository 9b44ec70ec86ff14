"""The Augment page's work off the GUI thread: the source first, then results, then the rows."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Signal

from visualizer.learning.operations import Operation
from visualizer.learning.pipeline import Pipeline
from visualizer.state import augment_work
from visualizer.state.augment_work import Floats, Material, Results, Row
from visualizer.state.loading import load_learning
from visualizer.ui.background import Background, Job

_TO_PAINT_S = 0.016  # the steps wait so long, lest they take the time that painting results needs
_MOST_ROWS = 200  # kept, since going back and forth between two ranges is usual


class Made(NamedTuple):
    """Results, the pipeline and the seed they were made with, and the milliseconds it took."""

    results: Results
    pipeline: Pipeline
    seed: int
    took: float


class _Demand(NamedTuple):
    pixels: Floats
    pipeline: Pipeline
    copies: int
    seed: int


class AugmentEngine(QObject):
    """Reads sources and augments on demand.

    What is being made is made to its end, then what was demanded last, so that something is seen
    while a slider moves without a rest; steps are put off until there is time for them.

    Signals:
        found(Material): what the source holds.
        reading(object): how much of it is read: a share, or a Progress.
        missing(object): the exception that says why there is nothing.
        made(Made): the results demanded last.
        stepped(int, Row): the steps of an operation of the pipeline demanded last.
        failed(object): the exception that ended the work.
    """

    found = Signal(object)
    reading = Signal(object)
    missing = Signal(object)
    made = Signal(object)
    stepped = Signal(int, object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._key: object = None
        self._rows: dict[object, Row] = {}
        self._pixels: Floats | None = None
        self._next: _Demand | None = None
        self._source = Background("augment source", self)
        self._source.reported.connect(self.reading)
        self._source.done.connect(self.found)
        self._source.failed.connect(self._give_up)
        self._work = Background("augment", self)
        self._work.reported.connect(self._take)
        self._work.done.connect(self._go_on)
        self._work.failed.connect(self.failed)
        self._work.failed.connect(self._go_on)

    @property
    def key(self) -> object:
        """Of the source that was asked for last."""
        return self._key

    @property
    def busy(self) -> bool:
        """Whether something is still being read or made."""
        return self._source.busy or self._work.busy

    def close(self) -> None:
        """End the threads."""
        self._source.close()
        self._work.close()

    def read(self, key: object, make: Callable[[Job], Material]) -> None:
        """Find out what a source holds; `key` tells it from others."""
        self._key = key
        self._source.submit(make)

    def demand(self, pixels: Floats, pipeline: Pipeline, count: int, seed: int) -> None:
        """Augment (C, H, W); the signals follow."""
        if pixels is not self._pixels:
            self._pixels, self._rows = pixels, {}
        self._next = _Demand(pixels, pipeline, count, seed)
        if not self._work.busy:
            self._go_on()

    def _go_on(self, _: object = None) -> None:
        """Make what was demanded last."""
        demand, self._next = self._next, None
        if demand is not None:
            self._work.submit(partial(self._make, demand, self._rows))

    def _make(self, demand: "_Demand", known: dict[object, Row], job: Job) -> None:
        load_learning()
        started = time.perf_counter()
        results = augment_work.results(*demand)
        took = 1e3 * (time.perf_counter() - started)
        if demand.pixels is not self._pixels:
            return  # another image has taken its place
        job.report(Made(results, demand.pipeline, demand.seed, took))
        time.sleep(_TO_PAINT_S)
        is_late = False
        for index, operation in enumerate(demand.pipeline.operations):
            key = _row_key(operation, demand.pipeline)
            if key not in known:
                if is_late:
                    continue
                known[key] = augment_work.row(demand.pixels, operation, demand.pipeline)
                is_late = self._next is not None
            job.report((index, known[key]))
        while len(known) > _MOST_ROWS:
            known.pop(next(iter(known)))

    def _take(self, news: Any) -> None:
        if isinstance(news, Made):
            self.made.emit(news)
        else:
            self.stepped.emit(*news)

    def _give_up(self, error: Exception) -> None:
        self._key = self._next = None
        self._work.cancel()  # what is made of the source before is not wanted any more
        self.missing.emit(error)


def _row_key(operation: Operation, pipeline: Pipeline) -> object:
    return operation.kind, operation.low, operation.high, pipeline.fill, pipeline.level
