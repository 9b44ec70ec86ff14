"""What is visible of a feature map, before the whole of it is known.

A look at a fitted map takes a cell for each pixel of the screen. What these cells read is kept
after the first time, so that another weight costs a few multiplications a cell, whatever the
size of the picture. The mean over a block of cells is the same filter's answer to the mean over
a block of pixels, so the look is as smooth as the whole map made smaller.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from PySide6.QtCore import QPointF

from visualizer.core.convolution import FeatureMap, Samples, as_float
from visualizer.core.display import Palette
from visualizer.core.geometry import Geometry
from visualizer.core.image import Pixels
from visualizer.core.windows import Windows
from visualizer.state.filters import FilterFrame, LaidFilter
from visualizer.ui.widgets.picture import Paint, Picture
from visualizer.ui.widgets.viewport import Frame

AT_ONCE_MS = 4.0  # what may be done on the GUI thread
SMALL_SCALE = 0.5  # screen pixels a cell: below it, not every cell is to be seen
_LEAST_STEP = 6  # below it, whole rows are quicker to filter than every n-th cell of them
_MOST_KEPT = 25e6  # numbers
_LARGEST_MEANS = 16e6  # pixels; means of a larger picture would take too much memory
# Multiplications. A whole map of more follows a look at it. To take every n-th cell of a fitted
# one pays when n is large, to take the few cells in sight of an enlarged one always.
_WHOLE_FITTED, _WHOLE_SMALL, _WHOLE_ENLARGED = 350e6, 40e6, 20e6

Check = Callable[[], None]
Place = tuple[slice, slice]


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

    @property
    def step(self) -> int:
        """How many cells share a pixel of the screen, along either axis; 1 when enlarged."""
        return int(1 / self.scale) if self.scale <= SMALL_SCALE else 1


@dataclass(frozen=True, eq=False)
class Preview:
    """A look at a map.

    Attributes:
        laid: the filter.
        picture: of cells that stand for the whole map.
        values: the map with only the visible cells filled in, where cells are that large.
    """

    laid: LaidFilter
    picture: Picture
    values: FeatureMap | None


@dataclass(frozen=True, eq=False)
class Kept:
    """What some cells read, for all kernels of one size.

    Attributes:
        pixels, geometry, step: what it was gathered from, and for which look.
        scale: for the cells that the colour scale is taken from.
        look: for the cells of a look at the fitted map, if there are not too many.
    """

    pixels: Pixels
    geometry: Geometry
    step: int
    scale: Windows
    look: Samples | None

    def serves(self, laid: LaidFilter, seen: Seen) -> bool:
        """Tell whether a look at `laid` can be made of it."""
        same = self.pixels is laid.pixels and self.geometry == laid.geometry
        return same and self.step == seen.step and (self.look is not None or self.step == 1)


class Previewer:
    """Makes previews; `at_once` on the GUI thread, all else in one thread of its own."""

    def __init__(self) -> None:
        self._kept: Kept | None = None
        self._maps: list[tuple[FeatureMap, Place]] = []
        self._ms_per_million = 0.5  # multiplications; of processor time, measured at every look

    def forget(self) -> None:
        """Let go of what was kept of another picture."""
        self._kept, self._maps = None, []

    def at_once(self, laid: LaidFilter, seen: Seen, palette: Palette) -> Preview | None:
        """Return a look if that is quick."""
        kept = self._kept
        if kept is None or not kept.serves(laid, seen):
            return None
        if self._products(laid, seen) / 1e6 * self._ms_per_million > AT_ONCE_MS:
            return None
        return self._look(laid, seen, palette, kept, _never)

    def wanted(self, laid: LaidFilter, seen: Seen) -> bool:
        """Tell whether a look shall come before the whole map."""
        kept = self._kept
        if kept is not None and kept.serves(laid, seen):
            return self._products(laid, seen) < products(laid) / 4
        if seen.step == 1:
            return products(laid) > _WHOLE_ENLARGED
        return products(laid) > (_WHOLE_SMALL if seen.step >= _LEAST_STEP else _WHOLE_FITTED)

    def look(self, laid: LaidFilter, seen: Seen, palette: Palette, check: Check) -> Preview:
        """Return a look, however long it takes."""
        kept = self._kept
        kept = kept if kept is not None and kept.serves(laid, seen) else None
        return self._look(laid, seen, palette, kept, check)

    def keep(self, laid: LaidFilter, seen: Seen, check: Check) -> None:
        """Gather what the next look needs, if that has not been done."""
        kept = self._kept
        if kept is not None and kept.serves(laid, seen):
            return
        self._kept = None  # the former goes before there is another
        look = None
        numbers = min(self._products(laid, seen), laid.pixels.size)
        if seen.step > 1 and numbers <= _MOST_KEPT:
            check()
            look = laid.sampled(*_blocks(laid, seen.step), _means(laid, seen.step))
        check()
        scale = laid.windows(*laid.scale_cells)
        self._kept = Kept(laid.pixels, laid.geometry, seen.step, scale, look)

    def _products(self, laid: LaidFilter, seen: Seen) -> float:
        """Return how many multiplications a look takes."""
        if seen.step > 1:
            return products(laid) / seen.step**2
        share = len(seen.rows) * len(seen.columns)
        return products(laid) * share / (laid.geometry.out_height * laid.geometry.out_width)

    def _look(
        self, laid: LaidFilter, seen: Seen, palette: Palette, kept: Kept | None, check: Check
    ) -> Preview:
        height, width = laid.geometry.out_height, laid.geometry.out_width
        started = time.thread_time()
        sample = laid.cells_of(kept.scale) if kept else laid.cells(*laid.scale_cells, check)
        laid.judge(sample)
        values = None
        if kept is not None and kept.look is not None:
            cells = laid.cells_of(kept.look)
        elif seen.step >= _LEAST_STEP:
            cells = laid.cells(*_blocks(laid, seen.step), check)
        elif seen.step > 1:
            cells = _lines(laid, seen.step, check)
        else:
            place = np.s_[seen.rows.start : seen.rows.stop, seen.columns.start : seen.columns.stop]
            cells = values = self._empty_map(height, width, laid.maps, place)
            cells[place] = laid.cells(seen.rows, seen.columns, check)
        million = max(self._products(laid, seen) / 1e6, 0.1)
        if kept is not None:
            self._ms_per_million = 1e3 * (time.thread_time() - started) / million
        paint = painter(laid, laid.ends(sample), palette)
        return Preview(laid, Picture(cells, height, width, paint), values)

    def _empty_map(self, height: int, width: int, maps: int, place: Place) -> FeatureMap:
        """Return zeros of which `place` will be filled in.

        Two arrays take turns, of which only what was filled in is zeroed again; pages of them
        that were never written to were never given memory.
        """
        shape = (height, width, maps)
        if self._maps and self._maps[0][0].shape != shape:
            self._maps = []
        if len(self._maps) < 2:
            empty = np.zeros(shape, np.float32)
        else:
            empty, filled = self._maps.pop(0)
            empty[filled] = 0
        self._maps.append((empty, place))
        return empty


def reduced(frame: FilterFrame, seen: Seen, palette: Palette) -> Preview:
    """Return a finished map at the resolution of the screen, before it is ready for any other."""
    height, width, maps = frame.feature.shape
    paint = painter(frame, frame.scale, palette)
    step = min(seen.step, height, width)
    if step == 1:
        return Preview(frame, Picture(frame.feature, height, width, paint), frame.feature)
    size = (width // step, height // step)
    whole = frame.feature[: size[1] * step, : size[0] * step]
    small = cv2.resize(whole, size, interpolation=cv2.INTER_AREA).reshape(*size[::-1], maps)
    return Preview(frame, Picture(small, height, width, paint), None)


def painter(laid: LaidFilter, ends: tuple[float, float], palette: Palette) -> Paint:
    """Return what paints any block of the feature maps."""
    return lambda block: laid.paint(block, ends, palette)


def products(laid: LaidFilter) -> int:
    """Return how many multiplications the whole map takes."""
    geometry, kernel = laid.geometry, laid.settings.kernel
    cells = geometry.out_height * geometry.out_width * laid.pixels.shape[2]
    return cells * kernel.height * kernel.width


def _blocks(laid: LaidFilter, step: int) -> tuple[range, range]:
    """Return the first row of every block of cells, and the first column."""
    height, width = laid.geometry.out_height, laid.geometry.out_width
    return range(0, max(height // step, 1) * step, step), range(
        0, max(width // step, 1) * step, step
    )


def _means(laid: LaidFilter, step: int) -> Pixels:
    """Return, at each pixel, the mean of the block that begins there.

    With a stride the cells of a block read pixels apart: then, the pixels as they are.
    """
    pixels = laid.pixels
    if laid.geometry.stride > 1 or pixels.size > _LARGEST_MEANS:
        return pixels
    means = cv2.boxFilter(
        pixels, cv2.CV_32F, (step, step), anchor=(0, 0), borderType=cv2.BORDER_REPLICATE
    )
    return as_float(means.reshape(pixels.shape))


def _lines(laid: LaidFilter, step: int, check: Check) -> FeatureMap:
    """Return every `step`-th row of a map, as many columns of it averaged."""
    rows, columns = range(0, laid.geometry.out_height, step), range(laid.geometry.out_width)
    lines = laid.cells(rows, columns, check)
    size = (max(1, len(columns) // step), len(rows))
    small = cv2.resize(lines, size, interpolation=cv2.INTER_AREA)
    return as_float(small.reshape(*size[::-1], laid.maps))


def _within(first: float, last: float, count: int) -> range:
    return range(max(0, int(first)), min(count, int(last) + 1))


def _never() -> None:
    """Check nothing: the work is too short to be ended."""
