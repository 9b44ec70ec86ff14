"""The Pooling page's work: at once where that is quick, else off the GUI thread."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal

from visualizer.core.correlation import FeatureMap, as_float
from visualizer.core.display import Palette, Rgb8, signed, usual_largest
from visualizer.core.image import Image, Pixels
from visualizer.state.pooling import Check, PoolFrame, lay, pooled_pixels
from visualizer.state.pooling_settings import PoolingSettings
from visualizer.state.pooling_shift import ShiftFrame, compare
from visualizer.ui.background import Background, Job
from visualizer.ui.widgets.picture import Picture

_AT_ONCE_PIXELS = 300_000
_AT_ONCE_MS = 4.0  # what may be done on the GUI thread
_FLOAT_PIXELS = 4_000_000  # larger pictures stay in their own type: it saves memory


@dataclass(frozen=True, eq=False)
class Result:
    """Everything that is shown of one pooling.

    Attributes:
        frame: the settings, what they were laid on, and the numbers.
        input: what is pooled, or backwards the gradient that reaches it; ready to be painted.
        input_values: the numbers behind it, (H, W, C).
        map: the pooled map.
        shift: the comparison, where that is on show.
        took: milliseconds on the clock.
    """

    frame: PoolFrame
    input: Picture
    input_values: FeatureMap | Pixels
    map: Picture
    shift: ShiftFrame | None
    took: float


class PoolingEngine(QObject):
    """Pools on demand; the newest demand wins.

    Signals:
        finished(Result): what was demanded last.
        failed(object): the exception that ended the work.
    """

    finished = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._key: object = None
        self._known: Result | None = None
        self._ms_per_million = 8.0  # numbers combined; measured anew every time
        self._work = Background("pooling", self)
        self._work.done.connect(self._finish)
        self._work.failed.connect(self.failed)

    def close(self) -> None:
        """End the thread."""
        self._work.close()

    def demand(self, settings: PoolingSettings, image: Image, palette: Palette) -> None:
        """Pool `image`, or paint anew what is known; `finished` follows, at once when quick.

        Raises GeometryError when there is no output.
        """
        settings = settings.for_picture(image)
        source = settings.source(image)
        key = (source, settings.applied_to, settings.channel)
        if key != self._key:
            self._key, self._known = key, None
        task = partial(_result, settings, image, palette, self._known)
        small = source.height * source.width <= _AT_ONCE_PIXELS
        if small and _million(settings, source) * self._ms_per_million < _AT_ONCE_MS:
            self._work.cancel()
            self._finish(task(_never))
        else:
            settings.geometry(source.height, source.width)  # what is impossible is said at once
            self._work.submit(lambda job: _prepared(task, job))

    def _finish(self, result: Result) -> None:
        if self._known is None or not result.frame.pooled.serves(self._known.frame.pooled):
            million = _million(result.frame.settings, result.frame.source)
            self._ms_per_million = result.took / max(million, 0.05)
        self._known = result
        self.finished.emit(result)


def _prepared(task: Callable[[Check], Result], job: Job) -> Result:
    """Return a result with all that painting it needs, found ready by the GUI thread."""
    result = task(job.check)
    for picture in (result.input, result.map):
        picture.prepare()
    _ = result.frame.extremes, result.frame.beyond_and_invalid
    return result


def _result(
    settings: PoolingSettings, image: Image, palette: Palette, known: Result | None, check: Check
) -> Result:
    """Do the work of one demand; numbers and halved pictures that are known are used again."""
    started = time.perf_counter()
    if known is None:
        pixels = pooled_pixels(settings, image)
        if pixels.shape[0] * pixels.shape[1] <= _FLOAT_PIXELS:
            pixels = as_float(pixels)
    else:
        pixels = known.frame.pixels
    frame = lay(settings, image, pixels, None if known is None else known.frame.pooled)
    feature = frame.pooled.part("feature", check)
    if settings.winners:
        frame.pooled.part("winners", check)
    frame.cell(0, 0)  # of a global window it takes a while
    backwards = settings.view == "backwards" and settings.all_cells
    values = pixels
    if backwards:
        values = frame.pooled.part("gradient", check) * np.float32(settings.gradient)
    paint = (
        _gradient_painter(frame, values, palette) if backwards else _input_painter(frame, palette)
    )
    shift = compare(frame, check) if settings.view == "shift" else None
    took = 1e3 * (time.perf_counter() - started)
    return Result(
        frame,
        _picture(values, paint, known.input if known else None),
        values,
        _picture(feature, _map_painter(frame, palette), known.map if known else None),
        shift,
        took,
    )


def _picture(
    values: FeatureMap | Pixels, paint: Callable[[FeatureMap], Rgb8], known: Picture | None
) -> Picture:
    if known is not None and known.pixels is values:
        return known.repainted(paint)
    return Picture.of(values, paint)


def _input_painter(frame: PoolFrame, palette: Palette) -> Callable[[FeatureMap], Rgb8]:
    return lambda block: frame.input.paint(block, frame.input.scale, palette)


def _map_painter(frame: PoolFrame, palette: Palette) -> Callable[[FeatureMap], Rgb8]:
    return lambda block: frame.paint(block, frame.scale, palette)


def _gradient_painter(
    frame: PoolFrame, values: FeatureMap | Pixels, palette: Palette
) -> Callable[[FeatureMap], Rgb8]:
    plane = frame.map_looked_at
    largest = usual_largest(np.ascontiguousarray(values[:, :, plane]))
    return lambda block: signed(np.ascontiguousarray(block[:, :, plane]), largest, palette)


def _million(settings: PoolingSettings, source: Image) -> float:
    """Return about how many million numbers are combined."""
    numbers = source.height * source.width * source.channels / 1e6
    if settings.kind == "global":
        return numbers
    window = settings.window
    taps = (window.height + window.width) / window.stride
    if settings.kind == "stochastic" or settings.winners:
        taps += window.height * window.width / window.stride**2
    return numbers * taps * (8 if settings.view == "shift" else 1)


def _never() -> None:
    """Check nothing: the work is too short to be ended."""
