"""What a filter makes of a picture, and how that is painted.

No widget and no thread here: `resolve` is a pure function of the settings and the image.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from visualizer.core.convolution import (
    Cell,
    FeatureMap,
    Samples,
    activate,
    cell,
    convolve_region,
    sample,
)
from visualizer.core.display import (
    Mode,
    finite_extremes,
    shown_range,
    usual_largest,
)
from visualizer.core.geometry import Axis, Border, Geometry
from visualizer.core.image import Image, Pixels
from visualizer.core.windows import Windows, gather_windows
from visualizer.state.applied import applied_bands, applied_key, applied_pixels
from visualizer.state.filter_settings import FilterSettings
from visualizer.state.painted_map import FinishedMap, PaintedMap

_NEVER_NEGATIVE = ("ReLU", "ReLU6", "sigmoid", "absolute")
_SCALE_ROWS, _SCALE_COLUMNS = 16, 480  # at most, of the cells the colour scale is taken from


@dataclass(frozen=True, eq=False)
class LaidFilter(PaintedMap):
    """A filter laid on a picture: where its windows are, and the arithmetic of each cell.

    Attributes:
        settings, image: what it was made from.
        pixels: (H, W, C), what the filter is laid on; float32, or the image's own type.
        geometry: where the windows are.
    """

    settings: FilterSettings
    image: Image
    pixels: Pixels
    geometry: Geometry

    @property
    def bands(self) -> tuple[str, ...]:
        """The names of the channels in `pixels`."""
        return applied_bands(self.settings, self.image)

    @property
    def applied(self) -> str:
        """What the filter is laid on, as one word."""
        return applied_key(self.settings, self.image)

    @property
    def border(self) -> Border:
        """What the padding contains."""
        return self.settings.border

    @property
    def maps(self) -> int:
        """How many feature maps there are, K."""
        return 1 if self.settings.applied_to == "across" else self.pixels.shape[2]

    @property
    def map_looked_at(self) -> int:
        """Which of them the arithmetic is shown for."""
        return min(self.settings.plane, self.maps - 1)

    def formula(self, axis: Axis) -> str:
        """Return the size formula with the numbers put in."""
        return self.geometry.formula(axis)

    def cell(self, row: int, column: int) -> Cell:
        """Return the arithmetic behind one cell of the map that is looked at."""
        settings = self.settings
        return cell(
            self.pixels,
            settings.kernel,
            self.geometry,
            row,
            column,
            bias=settings.bias,
            activation=settings.activation,
            across=settings.applied_to == "across",
            flip=settings.flip,
            channel=self.map_looked_at,
        )

    def cells(
        self, rows: range, columns: range, check: Callable[[], None] | None = None
    ) -> FeatureMap:
        """Return the feature maps' cells at `rows` and `columns`, (len(rows), len(columns), K)."""
        settings = self.settings
        sums = convolve_region(
            self.pixels,
            settings.kernel,
            self.geometry,
            rows,
            columns,
            bias=settings.bias,
            across=settings.applied_to == "across",
            flip=settings.flip,
            finite=self.image.invalid == 0,
            check=check,
        )
        return np.asarray(activate(sums, settings.activation))

    def sampled(self, rows: range, columns: range, pixels: Pixels | None = None) -> Samples:
        """Gather what the cells at `rows` and `columns` read, for all kernels of this size.

        `pixels` may stand in for the picture's own.
        """
        pixels = self.pixels if pixels is None else pixels
        finite = self.image.invalid == 0
        return sample(pixels, self.geometry, rows, columns, finite=finite)

    def windows(self, rows: range, columns: range) -> Windows:
        """Gather the windows of a few cells, for all kernels of this size."""
        return gather_windows(self.pixels, self.geometry, rows, columns)

    def cells_of(self, samples: Samples | Windows) -> FeatureMap:
        """Return the cells (len(rows), len(columns), K) that were sampled for this geometry."""
        settings = self.settings
        sums = samples.convolve(
            settings.kernel,
            bias=settings.bias,
            across=settings.applied_to == "across",
            flip=settings.flip,
        )
        return np.asarray(activate(sums, settings.activation))

    def filtered(self, check: Callable[[], None] | None = None) -> "FilterFrame":
        """Return it with its whole feature map. What `check`, called now and then, raises ends it.

        The work may be done in any thread.
        """
        rows, columns = range(self.geometry.out_height), range(self.geometry.out_width)
        return self.with_feature(self.cells(rows, columns, check))

    def with_feature(self, feature: FeatureMap) -> "FilterFrame":
        """Return it with a feature map that is known already."""
        return FilterFrame(self.settings, self.image, self.pixels, self.geometry, feature)

    def touched(self, row: int, column: int) -> tuple[range, range]:
        """Return the rows and columns of the input that a weight, as it lies on it, multiplies."""
        rows, columns = self.geometry.touched(row, column)
        return _range(rows), _range(columns)

    @cached_property
    def mode(self) -> Mode:
        """How numbers are painted; "auto" goes by what the kernel does.

        One whose weights sum to 1 keeps brightness: the picture's own range, so that a sharpened
        picture is a picture. Otherwise, signed colours where there are negative numbers, as with
        a sum of 0, which answers to changes; else from 0 to the largest.
        """
        settings, weights = self.settings, self.settings.kernel.weights
        if settings.display != "auto":
            return settings.display
        keeps = abs(weights.sum() - 1) < 0.01 and settings.bias == 0
        if keeps and settings.activation in ("none", "ReLU"):
            return "clamp"
        if settings.activation in _NEVER_NEGATIVE:
            return "rescale"
        changes = abs(weights.sum()) <= 1e-6 * np.abs(weights).sum()
        return "diverging" if changes or self.negative else "rescale"

    def judge(self, cells: FeatureMap) -> None:
        """Take `negative` from cells that are known, to spare computing them."""
        self.__dict__.setdefault("negative", bool((cells < 0).any()))

    @cached_property
    def negative(self) -> bool:
        """Whether there are negative numbers among the results, judged by some of the cells."""
        settings, weights = self.settings, self.settings.kernel.weights
        low, high = self.image.value_range
        least = np.minimum(weights * min(low, 0.0), weights * high).sum() + settings.bias
        return least < 0 and bool((self.cells(*self.scale_cells) < 0).any())

    @property
    def scale_cells(self) -> tuple[range, range]:
        """The rows and columns of the map that its colour scale is taken from."""
        rows, columns = self.geometry.out_height, self.geometry.out_width
        return _spaced(rows, _SCALE_ROWS), _spaced(columns, _SCALE_COLUMNS)

    def ends(self, sample: FeatureMap) -> tuple[float, float]:
        """Return the numbers painted as the two ends of the scale, from the `scale_cells`."""
        painted = self.painted(sample)
        extremes = finite_extremes(painted)
        if self.settings.display == "auto" and self.mode == "rescale":
            return 0.0, extremes[1]
        if self.mode != "diverging":
            return shown_range(self.mode, self.image.value_range, extremes)
        largest = usual_largest(painted)
        return -largest, largest


@dataclass(frozen=True, eq=False)
class FilterFrame(LaidFilter, FinishedMap):
    """Everything a finished filtering shows.

    Attributes:
        feature: (out_height, out_width, K) float32, the raw feature maps after the activation.
    """

    feature: FeatureMap

    def finished(self) -> FeatureMap:
        """Return the raw feature maps."""
        return self.feature

    @cached_property
    def negative(self) -> bool:
        """Whether there are negative numbers among the results."""
        return finite_extremes(self.feature)[0] < 0

    @cached_property
    def scale(self) -> tuple[float, float]:
        """The numbers painted as the two ends of the scale."""
        rows, columns = self.scale_cells
        sample = self.feature[rows.start :: rows.step, columns.start :: columns.step]
        return self.ends(np.ascontiguousarray(sample))


def lay(settings: FilterSettings, image: Image, pixels: Pixels | None = None) -> LaidFilter:
    """Return `settings` laid on `image`. Raises GeometryError when there is no output.

    `pixels`, when given, is what `applied_pixels` returned earlier, as it is or as float32.
    """
    pixels = applied_pixels(settings, image) if pixels is None else pixels
    return LaidFilter(settings, image, pixels, settings.geometry(image))


def resolve(settings: FilterSettings, image: Image) -> FilterFrame:
    """Return all that `settings` make of `image`. Raises GeometryError when there is no output."""
    return lay(settings, image).filtered()


def map_region(geometry: Geometry) -> tuple[float, float, float, float]:
    """Return the part of the input that the cells stand for: top, left, height, width as shares.

    Each cell stands for stride × stride pixels around the middle of its window.
    """
    top, left, tall, wide = geometry.window(0, 0)
    return (
        (top + (tall - geometry.stride) / 2) / geometry.height,
        (left + (wide - geometry.stride) / 2) / geometry.width,
        geometry.out_height * geometry.stride / geometry.height,
        geometry.out_width * geometry.stride / geometry.width,
    )


def _spaced(count: int, most: int) -> range:
    """Return at most `most` of `count` places, evenly spaced."""
    step = -(-count // most)
    return range((step - 1) // 2, count, step)


def _range(places: slice) -> range:
    return range(places.start, places.stop, places.step)
