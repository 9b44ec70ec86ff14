"""What a filter makes of a picture, and how that is painted.

No widget and no thread here: `resolve` is a pure function of the settings and the image.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from visualizer.core.channels import luma
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
    Palette,
    Rgb8,
    beyond,
    finite_extremes,
    shown_range,
    signed,
    to_rgb8,
)
from visualizer.core.geometry import Geometry
from visualizer.core.image import Image, Pixels
from visualizer.state.filter_settings import FilterSettings

_BAND = 512  # rows of a large map that are counted in one go
_SMALL = 4096  # cells; a smaller map is coloured up to its largest number
_USUAL = 0.99
_NEVER_NEGATIVE = ("ReLU", "ReLU6", "sigmoid", "absolute")
_SCALE_ROWS = 24  # whole rows, which are quick to filter, that the colour scale is taken from
_SCALE_NUMBERS = 20_000  # of them, to find the usual largest


def applied_pixels(settings: FilterSettings, image: Image) -> Pixels:
    """Return the pixels the filter is laid on, (H, W, C), in the image's own type."""
    if settings.applied_to == "luma":
        grey = luma(image.pixels)[:, :, np.newaxis]
        return cast(Pixels, np.ascontiguousarray(grey))
    if settings.applied_to == "channel":
        return cast(Pixels, np.ascontiguousarray(image.pixels[:, :, [settings.channel]]))
    return image.pixels


@dataclass(frozen=True, eq=False)
class LaidFilter:
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
        if self.settings.applied_to == "luma":
            return ("luma",) if self.image.channels > 1 else self.image.bands
        if self.settings.applied_to == "channel":
            return (self.image.bands[self.settings.channel],)
        return self.image.bands

    @property
    def maps(self) -> int:
        """How many feature maps there are, K."""
        return 1 if self.settings.applied_to == "across" else self.pixels.shape[2]

    @property
    def map_looked_at(self) -> int:
        """Which of them the arithmetic is shown for."""
        return min(self.settings.plane, self.maps - 1)

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

    def cells_of(self, samples: Samples) -> FeatureMap:
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

    @property
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

    def painted(self, block: FeatureMap) -> FeatureMap:
        """Return the maps of a block (h, w, K) that are painted: diverging shows but one."""
        if self.mode != "diverging" or self.maps == 1:
            return block
        return np.ascontiguousarray(block[:, :, [self.map_looked_at]])

    @property
    def scale_cells(self) -> tuple[range, range]:
        """The rows and columns of the map that its colour scale is taken from."""
        rows, columns = self.geometry.out_height, self.geometry.out_width
        step = -(-rows // _SCALE_ROWS)
        return range((step - 1) // 2, rows, step), range(columns)

    def ends(self, sample: FeatureMap) -> tuple[float, float]:
        """Return the numbers painted as the two ends of the scale, from the `scale_cells`.

        Signed colours of a large map are full at the 99th percentile of the sizes: a few extreme
        cells, such as those at the border, would leave all others without colour.
        """
        painted = self.painted(sample)
        extremes = finite_extremes(painted)
        if self.settings.display == "auto" and self.mode == "rescale":
            return 0.0, extremes[1]
        if self.mode != "diverging" or painted.size <= _SMALL:
            return shown_range(self.mode, self.image.value_range, extremes)
        sizes = np.abs(painted.reshape(-1)[:: 1 + painted.size // _SCALE_NUMBERS])
        sizes = sizes[np.isfinite(sizes)]
        usual = float(f"{np.quantile(sizes, _USUAL):.2g}") if sizes.size else 0.0
        largest = usual or max(abs(extremes[0]), abs(extremes[1]))
        return -largest, largest

    def paint(self, block: FeatureMap, ends: tuple[float, float], palette: Palette) -> Rgb8:
        """Return any block (h, w, K) of the feature maps as RGB (h, w, 3)."""
        values = self.painted(block)
        if self.mode == "diverging":
            return signed(values[:, :, 0], ends[1], palette)
        if self.mode == "absolute":
            values = np.abs(values)
        return to_rgb8(values, *ends, palette.invalid)


@dataclass(frozen=True, eq=False)
class FilterFrame(LaidFilter):
    """Everything a finished filtering shows.

    Attributes:
        feature: (out_height, out_width, K) float32, the raw feature maps after the activation.
    """

    feature: FeatureMap

    @cached_property
    def negative(self) -> bool:
        """Whether there are negative numbers among the results."""
        return finite_extremes(self.feature)[0] < 0

    @cached_property
    def extremes(self) -> tuple[float, float]:
        """The smallest and the largest finite number of what is painted; 0, 0 without any."""
        return finite_extremes(self.painted(self.feature))

    @cached_property
    def scale(self) -> tuple[float, float]:
        """The numbers painted as the two ends of the scale."""
        rows, _ = self.scale_cells
        return self.ends(self.feature[rows.start :: rows.step])

    @cached_property
    def beyond_and_invalid(self) -> tuple[int, int]:
        """How many painted numbers lie beyond the ends of the scale; how many are not finite."""
        low, high = self.scale
        if self.mode == "absolute":
            low = -high
        values = self.painted(self.feature)
        counts = [
            beyond(values[row : row + _BAND], low, high) for row in range(0, len(values), _BAND)
        ]
        return sum(count for count, _ in counts), sum(count for _, count in counts)


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


def _range(places: slice) -> range:
    return range(places.start, places.stop, places.step)
