"""What pooling makes of a picture, and how that is painted. No widget and no thread here."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from visualizer.core.convolution import Cell, cell, convolve
from visualizer.core.correlation import FeatureMap
from visualizer.core.display import Mode, finite_extremes, usual_largest
from visualizer.core.geometry import Axis, Border, Geometry
from visualizer.core.image import Image, Pixels
from visualizer.core.kernels import Kernel
from visualizer.core.pool_gradient import gradient
from visualizer.core.pooled_cell import PooledCell, pooled_cell
from visualizer.core.pooling import NOWHERE, pool, winners
from visualizer.state.applied import applied_bands, applied_key, applied_pixels
from visualizer.state.painted_map import FinishedMap, PaintedMap
from visualizer.state.pooling_settings import Kind, PoolingSettings, SentMap

Check = Callable[[], None]
Part = Literal["feature", "winners", "gradient"]


@dataclass(frozen=True, eq=False)
class Pooled:
    """The numbers of one pooling, each part worked out when it is first asked for, and kept.

    Attributes:
        pixels: (H, W, C), what is pooled.
        kind: what is done to each window.
        geometry: where the windows are.
        count_padding, seed: as for `core.pooling.pool`.
        kernel: of a convolution.
    """

    pixels: Pixels
    kind: Kind
    geometry: Geometry
    count_padding: bool
    seed: int
    kernel: Kernel
    _kept: dict[str, npt.NDArray] = field(default_factory=dict, init=False)

    @property
    def feature(self) -> FeatureMap:
        """The pooled map (out_height, out_width, C)."""
        return self.part("feature")

    @property
    def winners(self) -> npt.NDArray[np.bool_]:
        """Which pixels win a window, (H, W, C)."""
        return self.part("winners")

    @property
    def gradient(self) -> FeatureMap:
        """What reaches each pixel when every cell is sent 1, (H, W, C) float32."""
        return self.part("gradient")

    def part(self, name: Part, check: Check | None = None) -> npt.NDArray:
        """Return one part. What `check`, called now and then, raises ends the work."""
        if name not in self._kept:
            work = {
                "feature": self._pool, "winners": self._find_winners, "gradient": self._send_back,
            }[name]  # fmt: skip
            self._kept[name] = work(check or (lambda: None))
        return self._kept[name]

    def has(self, name: Part) -> bool:
        """Tell whether a part has been worked out."""
        return name in self._kept

    def _pool(self, check: Check) -> npt.NDArray:
        if self.kind == "convolution":
            return convolve(self.pixels, self.kernel, self.geometry, check=check)
        return pool(
            self.pixels, self.kind, self.geometry, count_padding=self.count_padding,
            seed=self.seed, check=check,
        )  # fmt: skip

    def _find_winners(self, check: Check) -> npt.NDArray:
        height, width, channels = self.pixels.shape
        won = np.zeros((height * width, channels), bool)
        if self.kind == "max" or self.kind == "stochastic":
            where = winners(self.pixels, self.kind, self.geometry, seed=self.seed, check=check)
            for channel in range(channels):
                places = where[:, :, channel]
                won[places[places != NOWHERE], channel] = True
        return won.reshape(self.pixels.shape)

    def _send_back(self, check: Check) -> npt.NDArray:
        if self.kind == "convolution":
            return _sent_back(self.kernel, self.geometry, self.pixels.shape)
        return gradient(
            self.pixels, self.kind, self.geometry, count_padding=self.count_padding,
            seed=self.seed, check=check,
        ).astype(np.float32)  # fmt: skip

    def cell(self, row: int, column: int, channel: int) -> PooledCell | Cell:
        """Return the arithmetic behind one cell."""
        if self.kind == "convolution":
            return cell(self.pixels, self.kernel, self.geometry, row, column, channel=channel)
        return pooled_cell(
            self.pixels, self.kind, self.geometry, row, column, channel,
            count_padding=self.count_padding, seed=self.seed,
        )  # fmt: skip

    def serves(self, other: "Pooled") -> bool:
        """Tell whether its numbers are those of another one."""
        return (
            self.pixels is other.pixels
            and (self.kind, self.geometry) == (other.kind, other.geometry)
            and (self.kind != "average" or self.count_padding == other.count_padding)
            and (self.kind != "stochastic" or self.seed == other.seed)
            and (self.kind != "convolution" or self.kernel == other.kernel)
        )


@dataclass(frozen=True, eq=False)
class PoolFrame(FinishedMap):
    """Pooling laid on a picture: where its windows are, its numbers, and their colours.

    Attributes:
        settings, image: what it was made from; `image` is the picture on show.
        source: what is pooled: that picture, or the map sent here.
        pixels: (H, W, C) of it, float32 or its own type.
        pooled: the numbers.
    """

    settings: PoolingSettings
    image: Image
    source: Image
    pixels: Pixels
    pooled: Pooled

    @property
    def geometry(self) -> Geometry:
        """Where the windows are."""
        return self.pooled.geometry

    @property
    def feature(self) -> FeatureMap:
        """The pooled map (out_height, out_width, C)."""
        return self.pooled.feature

    def finished(self) -> FeatureMap:
        """Return the pooled map."""
        return self.pooled.feature

    @property
    def bands(self) -> tuple[str, ...]:
        """The names of the channels in `pixels`."""
        return applied_bands(self.settings, self.source)

    @property
    def applied(self) -> str:
        """What is pooled, as one word."""
        if self.settings.uses_map(self.image):
            return "map"
        return applied_key(self.settings, self.source)

    @property
    def border(self) -> Border:
        """What the padding contains."""
        return "zero"

    @property
    def maps(self) -> int:
        """How many pooled maps there are, C."""
        return int(self.pixels.shape[2])

    @property
    def map_looked_at(self) -> int:
        """Which of them the arithmetic is shown for."""
        return min(self.settings.plane, self.maps - 1)

    @property
    def remaining(self) -> tuple[int, int]:
        """How many numbers remain, of how many."""
        geometry = self.geometry
        return geometry.out_height * geometry.out_width, geometry.height * geometry.width

    def formula(self, axis: Axis) -> str:
        """Return the size formula with the numbers put in."""
        size = self.source.height if axis == "rows" else self.source.width
        if self.settings.kind == "global":
            return f"{size} {axis} → 1 = 1"
        if self.settings.kind == "convolution":
            return self.geometry.formula(axis)
        return self.settings.window.formula(axis, size)

    def cell(self, row: int, column: int) -> PooledCell | Cell:
        """Return the arithmetic behind one cell of the map that is looked at."""
        key = (row, column, self.map_looked_at)
        kept = self.__dict__.get("_cell")
        if kept is None or kept[0] != key:
            kept = self.__dict__["_cell"] = key, self.pooled.cell(*key)
        return kept[1]

    @cached_property
    def winners_looked_at(self) -> npt.NDArray[np.bool_]:
        """Which pixels win a window of the map looked at, (H, W)."""
        return np.ascontiguousarray(self.pooled.winners[:, :, self.map_looked_at])

    def arriving(self, row: int, column: int) -> FeatureMap:
        """Return what reaches each pixel from one cell of the map looked at, (H, W, 1)."""
        result = np.zeros((*self.pixels.shape[:2], 1), np.float32)
        cell, sent = self.cell(row, column), np.float32(self.settings.gradient)
        if isinstance(cell, Cell):
            rows, columns, slopes = cell.source_rows, cell.source_columns, cell.weights[0]
        elif cell.kind == "global":
            result[:] = sent / cell.divisor
            return result
        else:
            rows, columns, slopes = cell.rows, cell.columns, cell.slopes
        for (i, j), slope in np.ndenumerate(slopes):
            if cell.inside[i, j]:
                result[rows[i], columns[j], 0] += slope * sent
        return result

    @property
    def input(self) -> "InputColours":
        """How the input is painted."""
        return InputColours(self)

    @property
    def own_scale(self) -> bool:
        """Whether the pooled numbers are on another scale than those of the input."""
        return self.settings.kind in ("L2", "convolution")

    @cached_property
    def mode(self) -> Mode:
        """How the pooled numbers are painted."""
        if not self.own_scale:
            return self.input.mode
        return "diverging" if finite_extremes(self.feature)[0] < 0 else "rescale"

    @cached_property
    def scale(self) -> tuple[float, float]:
        """The numbers painted as the two ends of the scale: those of the input, if possible."""
        if not self.own_scale:
            return self.input.scale
        painted = self.painted(self.feature)
        if self.mode == "diverging":
            largest = usual_largest(painted)
            return -largest, largest
        return 0.0, finite_extremes(painted)[1]


@dataclass(frozen=True, eq=False)
class InputColours(PaintedMap):
    """How what is pooled is painted: a picture as it is, a feature map in colours of its own."""

    frame: PoolFrame

    @property
    def maps(self) -> int:
        """How many channels there are."""
        return self.frame.maps

    @property
    def map_looked_at(self) -> int:
        """Which of them the arithmetic is shown for."""
        return self.frame.map_looked_at

    @property
    def mode(self) -> Mode:
        """Signed where a map has negative numbers."""
        sent = self._sent
        return "diverging" if sent is not None and sent.signed else "clamp"

    @property
    def scale(self) -> tuple[float, float]:
        """The numbers painted as the two ends of the scale."""
        sent = self._sent
        if sent is None:
            return self.frame.source.value_range
        return (-sent.largest if sent.signed else 0.0), sent.largest

    @property
    def _sent(self) -> SentMap | None:
        frame = self.frame
        return frame.settings.sent if frame.settings.uses_map(frame.image) else None


def pooled_pixels(settings: PoolingSettings, image: Image) -> Pixels:
    """Return what is pooled, (H, W, C), in its own type."""
    return applied_pixels(settings.for_picture(image), settings.source(image))


def lay(
    settings: PoolingSettings,
    image: Image,
    pixels: Pixels | None = None,
    known: Pooled | None = None,
) -> PoolFrame:
    """Return what `settings` make of `image`, the picture on show.

    Args:
        settings: what is chosen.
        image: the picture on show.
        pixels: what `pooled_pixels` returned earlier, as it is or as float32.
        known: numbers that are taken over when they serve.

    Raises GeometryError when there is no output.
    """
    settings = settings.for_picture(image)
    source = settings.source(image)
    pixels = pooled_pixels(settings, image) if pixels is None else pixels
    wanted = Pooled(
        pixels, settings.kind, settings.geometry(source.height, source.width),
        settings.count_padding, settings.seed, settings.convolved_with(),
    )  # fmt: skip
    pooled = known if known is not None and known.serves(wanted) else wanted
    return PoolFrame(settings, image, source, pixels, pooled)


def with_kind(frame: PoolFrame, kind: Kind, pixels: Pixels) -> Pooled:
    """Return other pixels of the same size pooled in another way, with the window in force."""
    height, width, _ = pixels.shape
    geometry = frame.settings.geometry(height, width, kind)
    return replace(frame.pooled, pixels=pixels, kind=kind, geometry=geometry)


def _sent_back(kernel: Kernel, geometry: Geometry, shape: tuple[int, ...]) -> FeatureMap:
    """Return what reaches each pixel from all cells of a convolution: its weights, added up."""
    result = np.zeros(shape, np.float32)
    for (row, column), weight in np.ndenumerate(kernel.weights[0]):
        result[geometry.touched(row, column)] += weight
    return result
