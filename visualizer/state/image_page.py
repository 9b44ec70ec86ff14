"""What the Image page shows: the picture, its planes, and what is said about them. No widget."""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from psygnal import Signal

from visualizer.core.channels import (
    Plane,
    Space,
    convert,
    invalid_mask,
    levels,
    luma,
    planes,
    recompose,
    tints,
)
from visualizer.core.image import Image, Pixels
from visualizer.core.numbers import format_number
from visualizer.state.model import Model

LUMA = "luma"
TABLE_SIDE = 9
HIDDEN_UNITS = (100, 1000)
FILTERS, FILTER_SIDE = 8, 3  # the small convolution layer that is held against the dense one
_AUTO_CUT = 0.35  # per cent of the values left to black, and to white
_AUTO_SAMPLE = 256  # rows and columns looked at

Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class ImageSettings:
    """What the user has chosen on the Image page.

    Attributes:
        space: the colour space whose planes are shown.
        tinted: whether planes are painted in their colour instead of grey.
        values_on_zoom: whether numbers are written into large pixels.
        table: which plane the table of numbers shows, "0", "1", "2", or "luma".
        log_scale: whether the histogram counts on a logarithmic scale.
        weights: the factor on each channel in the recomposed picture, 0–2.
        order: which channel is shown as red, green and blue.
        muted: which channels are left out of the recomposed picture.
        window: the values shown as black and white; None for the picture's own range.
        hidden_units: units of the dense layer that the weights are counted for.
    """

    space: Space = "RGB"
    tinted: bool = True
    values_on_zoom: bool = True
    table: str = LUMA
    log_scale: bool = False
    weights: tuple[float, float, float] = (1.0, 1.0, 1.0)
    order: tuple[int, int, int] = (0, 1, 2)
    muted: tuple[bool, bool, bool] = (False, False, False)
    window: tuple[float, float] | None = None
    hidden_units: int = 1000

    def __post_init__(self) -> None:
        if not all(0 <= weight <= 2 for weight in self.weights):
            raise ValueError("A channel's weight must lie between 0 and 2.")
        if sorted(self.order) != [0, 1, 2]:
            raise ValueError("Each channel must be shown exactly once.")
        if self.window is not None and not self.window[0] < self.window[1]:
            raise ValueError("The value shown as black must lie below the one shown as white.")


class ImagePageModel(Model[ImageSettings]):
    """The Image page's settings, and where its cursor is.

    The cursor is a pixel, row and column, or None. A pinned cursor stays where it is until it is
    released. It is no setting: moving it is not undone. `cursor_moved(cursor)` follows it, and
    pinning.
    """

    cursor_moved = Signal(object)

    def __init__(self) -> None:
        super().__init__(ImageSettings())
        self._cursor: tuple[int, int] | None = None
        self._pinned = False

    @property
    def cursor(self) -> tuple[int, int] | None:
        """The pixel looked at: (row, column)."""
        return self._cursor

    @property
    def pinned(self) -> bool:
        """Whether the cursor stays when the pointer moves on."""
        return self._pinned

    def point(self, cursor: tuple[int, int]) -> None:
        """Look at the pixel under the pointer, unless another is pinned."""
        if not self._pinned:
            self._move(cursor, pinned=False)

    def click(self, cursor: tuple[int, int]) -> None:
        """Pin the pixel clicked, or release it when one is pinned."""
        self._move(cursor, pinned=not self._pinned)

    def pin(self, cursor: tuple[int, int]) -> None:
        """Pin a pixel, whichever was pinned before."""
        self._move(cursor, pinned=True)

    def release(self) -> None:
        """Let the cursor follow the pointer again."""
        self._move(self._cursor, pinned=False)

    def nudge(self, down: int, right: int, height: int, width: int) -> None:
        """Move the cursor by pixels, within a picture of this size, and pin it."""
        row, column = self._cursor or (height // 2, width // 2)
        row, column = min(max(row + down, 0), height - 1), min(max(column + right, 0), width - 1)
        self._move((row, column), pinned=True)

    def fit_to(self, image: Image) -> None:
        """Drop what another picture's size and values gave a meaning: cursor, contrast window."""
        self._move(None, pinned=False)
        settings = self.settings
        low, high = image.value_range
        if settings.window and not low <= settings.window[0] < settings.window[1] <= high:
            self.restore(replace(settings, window=None))

    def _move(self, cursor: tuple[int, int] | None, pinned: bool) -> None:
        if (cursor, pinned) != (self._cursor, self._pinned):
            self._cursor, self._pinned = cursor, pinned
            self.cursor_moved.emit(cursor)


@dataclass(frozen=True, eq=False)
class Table:
    """The numbers around the cursor.

    Attributes:
        values: (TABLE_SIDE, TABLE_SIDE); 0 where the picture has ended.
        inside: where it has not.
        value_range: what is painted black and white.
        decimals: how many are worth showing.
    """

    values: npt.NDArray[np.float64]
    inside: npt.NDArray[np.bool_]
    value_range: tuple[float, float]
    decimals: int

    @property
    def letters(self) -> int:
        """How long a number between black and white may be when it is written."""
        return max(len(write(end, self.decimals)) for end in self.value_range)


@dataclass(frozen=True, eq=False)
class ImageFrame:
    """All that the page shows of one picture under some settings.

    Painting works on any part of the picture, or on a smaller version of it, so a page need not
    paint more pixels than the screen has.
    """

    image: Image
    settings: ImageSettings
    space: Space
    planes: tuple[Plane, ...]
    window: tuple[float, float]

    @property
    def weights(self) -> tuple[float, ...]:
        """The factors in force, one a channel."""
        return self.settings.weights[: self.image.channels]

    @cached_property
    def is_recomposed(self) -> bool:
        """Whether the large picture differs from the picture as it was read."""
        count = self.image.channels
        return (
            any(weight != 1 for weight in self.weights)
            or any(self.settings.muted[:count])
            or self._order != tuple(range(count))
        )

    @property
    def _order(self) -> tuple[int, ...]:
        return self.settings.order if self.image.channels == 3 else (0,)

    def composed(self, pixels: Pixels) -> Pixels:
        """Return (H, W, C) pixels of this picture as recomposed."""
        muted = self.settings.muted[: self.image.channels]
        return recompose(pixels, self.weights, self._order, muted)

    @property
    def picture_look(self) -> tuple[object, ...]:
        """All that decides how the large picture is painted."""
        settings = self.settings
        return id(self.image), settings.weights, settings.order, settings.muted, self.window

    @property
    def plane_look(self) -> tuple[object, ...]:
        """All that decides how the planes are painted."""
        return id(self.image), self.space, self.settings.tinted, self.window

    def paint_picture(self, invalid: Rgb, pixels: Pixels) -> npt.NDArray[np.uint8]:
        """Return (H, W, C) pixels of this picture as recomposed and windowed: (H, W, 3)."""
        values = self.composed(pixels)
        shades = levels(values, self.window)
        if shades.shape[2] == 1:
            shades = np.repeat(shades, 3, axis=2)
        mask = invalid_mask(values)
        if mask is not None:
            shades[mask] = invalid
        return shades

    def shown_range(self, index: int) -> tuple[float, float]:
        """Return the values a plane is painted darkest and brightest at."""
        return self.window if self.space == "RGB" else self.planes[index].value_range

    def plane(self, index: int, pixels: Pixels) -> Pixels:
        """Return the values of one plane of (H, W, C) pixels of this picture: (H, W, 1)."""
        return convert(pixels, self.image.value_range, self.space)[:, :, index : index + 1]

    def paint_plane(self, index: int, invalid: Rgb, pixels: Pixels) -> npt.NDArray[np.uint8]:
        """Return one plane of (H, W, C) pixels of this picture, painted: (H, W, 3)."""
        values = self.plane(index, pixels)[:, :, 0]
        colours = tints(self.planes[index].tint if self.settings.tinted else "grey")
        painted = colours[levels(values, self.shown_range(index))]
        mask = invalid_mask(values)
        if mask is not None:
            painted[mask] = invalid
        return painted

    def values_at(self, row: int, column: int) -> tuple[float, ...]:
        """Return the pixel's value in each plane."""
        pixel = self.image.pixels[row : row + 1, column : column + 1]
        values = convert(pixel, self.image.value_range, self.space)
        return tuple(float(value) for value in values[0, 0])

    def shown_at(self, row: int, column: int) -> list[tuple[str, str]]:
        """Return the pixel's values in the recomposed picture, each with what it is shown as."""
        values = self.composed(self.image.pixels[row : row + 1, column : column + 1])[0, 0]
        names = ("R", "G", "B") if len(values) == 3 else ("grey",)
        decimals = self.decimals("RGB")
        return [(n, write(float(v), decimals)) for n, v in zip(names, values, strict=True)]

    def hex_at(self, row: int, column: int) -> str:
        """Return the colour the pixel is painted in as "#RRGGBB", or "" for no colour."""
        pixel = self.image.pixels[row : row + 1, column : column + 1]
        if invalid_mask(self.composed(pixel)) is not None:
            return ""
        return "#{:02X}{:02X}{:02X}".format(*self.paint_picture((0, 0, 0), pixel)[0, 0])

    def table_at(self, row: int, column: int) -> Table:
        """Return the table of numbers around a pixel, of the plane chosen or of the luma."""
        half, image = TABLE_SIDE // 2, self.image
        rows = np.arange(row - half, row + half + 1)
        columns = np.arange(column - half, column + half + 1)
        inside = np.outer(
            (rows >= 0) & (rows < image.height), (columns >= 0) & (columns < image.width)
        )
        patch = image.pixels[
            np.ix_(rows.clip(0, image.height - 1), columns.clip(0, image.width - 1))
        ]
        if self.table == LUMA:
            values, value_range, decimals = luma(patch), self.window, self.decimals("RGB")
        else:
            index = int(self.table)
            values = convert(patch, image.value_range, self.space)[:, :, index]
            value_range = self.shown_range(index)
            decimals = self.decimals(self.space)
        return Table(np.where(inside, values, 0.0), inside, value_range, decimals)

    @property
    def table(self) -> str:
        """The plane the table shows: the one chosen, or the only one there is."""
        return self.settings.table if self.image.channels == 3 else "0"

    def decimals(self, space: Space) -> int:
        """Return how many decimals a value of a space is shown with."""
        if space != "RGB":
            return 1
        if self.image.pixels.dtype != np.float32:
            return 0
        low, high = self.image.value_range
        return int(np.clip(3 - np.floor(np.log10(high - low)), 0, 12))

    def text(self, value: float) -> str:
        """Write a value of one of the planes, without its unit."""
        return write(value, self.decimals(self.space))


def write(value: float, decimals: int) -> str:
    """Write a value with so many decimals; NaN and infinities as words."""
    if not math.isfinite(value):
        return format_number(value)
    return f"{round(value, decimals) + 0.0:.{decimals}f}"


def resolve(settings: ImageSettings, image: Image) -> ImageFrame:
    """Work out what is shown: a single channel has one plane, whatever the colour space."""
    space: Space = settings.space if image.channels == 3 else "RGB"
    window = settings.window or image.value_range
    return ImageFrame(image, settings, space, planes(image, space), window)


def auto_window(image: Image) -> tuple[float, float]:
    """Return a contrast window that leaves 0.35 % of the finite values black and white each.

    Judged by at most 256 × 256 pixels, evenly spread. A picture of one value keeps its range.
    """
    rows, columns = (-(-side // _AUTO_SAMPLE) for side in (image.height, image.width))
    sample = image.pixels[::rows, ::columns]
    finite = sample[np.isfinite(sample)]
    if not finite.size:
        return image.value_range
    low, high = np.percentile(finite, (_AUTO_CUT, 100 - _AUTO_CUT))
    return (float(low), float(high)) if low < high else image.value_range


def facts(image: Image, lowest: float | None, highest: float | None) -> str:
    """Return shape, type, range and size: "300 × 451 × 3, uint8, 0–231, 397 KiB".

    The range is "…" while it is not known (None).
    """
    shape = " × ".join(str(side) for side in image.pixels.shape)
    if lowest is None or highest is None:
        values = "…"
    elif not math.isfinite(lowest):
        values = "no finite value"
    else:
        between = "–" if lowest >= 0 else " to "
        values = f"{format_number(lowest)}{between}{format_number(highest)}"
    return f"{shape}, {image.pixels.dtype}, {values}, {_size(image.pixels.nbytes)}"


def remarks(image: Image) -> tuple[str, ...]:
    """Return what there is to say about the reading: its notes, and values that are no numbers."""
    if not image.invalid:
        return image.notes
    several = image.invalid != 1
    values = "values are" if several else "value is"
    count = (
        f"{image.invalid:,} {values} NaN or infinite: painted magenta, left out of "
        "statistics, histogram and scaling."
    )
    return (*image.notes, count)


def _size(count: int) -> str:
    if count < 1024:
        return f"{count} bytes"
    if count < 1024**2:
        return f"{math.ceil(count / 1024)} KiB"
    return f"{count / 1024**2:.1f} MiB"


@dataclass(frozen=True)
class WeightCount:
    """Weights of a dense layer on the whole picture against those of a small convolution.

    Attributes:
        inputs: channels × height × width.
        dense: inputs × hidden units.
        convolution: filters × side × side × channels, and one bias a filter.
    """

    inputs: int
    dense: int
    convolution: int


def count_weights(image: Image, hidden_units: int) -> WeightCount:
    """Count the weights that `image` as an input asks for (the dense layer without biases)."""
    inputs = image.pixels.size
    filters = FILTERS * (FILTER_SIDE**2 * image.channels + 1)
    return WeightCount(inputs, inputs * hidden_units, filters)
