"""Where a kernel falls: output size, padding, windows, and which combinations are possible.

Everything here is whole numbers about shapes; no pixel is read. The conventions are those of
`torch.nn.Conv2d`, whose documentation gives the size formula
⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

Border = Literal["zero", "replicate", "reflect", "wrap"]
BORDERS: tuple[Border, ...] = get_args(Border)
PaddingMode = int | Literal["valid", "same", "full"]
Axis = Literal["rows", "columns"]
Field = Literal["stride", "dilation", "padding", "kernel_height", "kernel_width"]

# The ranges the controls offer; a geometry itself may go beyond those of stride and padding.
RANGES: dict[Field, tuple[int, int]] = {
    "stride": (1, 8),
    "dilation": (1, 4),
    "padding": (0, 7),
    "kernel_height": (1, 15),
    "kernel_width": (1, 15),
}


class GeometryError(ValueError):
    """A combination that yields no output; its text is one sentence for the user."""


@dataclass(frozen=True)
class Padding:
    """Pixels added on each side of the input."""

    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0


def padding_for(
    mode: PaddingMode, kernel_height: int, kernel_width: int, dilation: int = 1
) -> Padding:
    """Return the padding that `mode` means for a kernel.

    "valid" adds nothing; "full" adds d(k − 1) on each side, so that every overlap counts; "same"
    adds d(k − 1) in all, half of it (rounded down) at the top and left and the rest at the bottom
    and right, as torch does, which gives ⌈n / s⌉ cells at any stride s. A number is added on
    every side.
    """
    if isinstance(mode, int):
        return Padding(mode, mode, mode, mode)
    rows, columns = dilation * (kernel_height - 1), dilation * (kernel_width - 1)
    if mode == "valid":
        return Padding()
    if mode == "full":
        return Padding(rows, rows, columns, columns)
    if mode == "same":
        return Padding(rows // 2, rows - rows // 2, columns // 2, columns - columns // 2)
    raise GeometryError(f"'{mode}' is no padding: use a whole number, valid, same or full.")


@dataclass(frozen=True)
class Geometry:
    """How a kernel steps over an input. Impossible combinations raise GeometryError.

    Attributes:
        height, width: of the input, in pixels.
        kernel_height, kernel_width: of the kernel, in weights.
        stride: pixels from one window to the next, along both axes.
        dilation: pixels from one weight to the next.
        padding: pixels added around the input.
        border: what the added pixels contain.
    """

    height: int
    width: int
    kernel_height: int
    kernel_width: int
    stride: int = 1
    dilation: int = 1
    padding: Padding = Padding()
    border: Border = "zero"

    @classmethod
    def of(
        cls,
        height: int,
        width: int,
        kernel_height: int,
        kernel_width: int,
        *,
        stride: int = 1,
        dilation: int = 1,
        padding: PaddingMode = 0,
        border: Border = "zero",
    ) -> "Geometry":
        """Make a geometry with the padding given as the user chooses it: a number or a mode."""
        amounts = padding_for(padding, kernel_height, kernel_width, dilation)
        return cls(height, width, kernel_height, kernel_width, stride, dilation, amounts, border)

    def __post_init__(self) -> None:
        for name in ("height", "width", "kernel_height", "kernel_width", "stride", "dilation"):
            if getattr(self, name) < 1:
                words = name.replace("_", " ")
                raise GeometryError(f"The {words} is {getattr(self, name)}: it must be 1 or more.")
        pad = self.padding
        if min(pad.top, pad.bottom, pad.left, pad.right) < 0:
            raise GeometryError("Padding cannot be negative: use 0 or more.")
        if self.border not in BORDERS:
            raise GeometryError(f"'{self.border}' is no border: use one of {', '.join(BORDERS)}.")
        for axis in get_args(Axis):
            self._check_border(axis)
            self._check_span(axis)

    def _check_border(self, axis: Axis) -> None:
        size, _, before, after = self._along(axis)
        amount = max(before, after)
        if self.border == "reflect" and amount >= size:
            raise GeometryError(
                f"Reflecting copies at most {size - 1} of the input's {size} {axis}, but the "
                f"padding is {amount}: use less padding or another border."
            )
        if self.border == "wrap" and amount > size:
            raise GeometryError(
                f"Wrapping copies at most all of the input's {size} {axis}, but the padding is "
                f"{amount}: use less padding or another border."
            )

    def _check_span(self, axis: Axis) -> None:
        size, taps, before, after = self._along(axis)
        span, room = self.dilation * (taps - 1) + 1, size + before + after
        if span > room:
            kernel = f"{self.kernel_height}×{self.kernel_width}"
            dilated = f" with dilation {self.dilation}" if self.dilation > 1 else ""
            less = "a smaller kernel, less dilation" if dilated else "a smaller kernel"
            given = f"{axis} + padding give only {room}"
            if before + after == 0:
                given = (
                    f"there is only 1 {axis[:-1]}" if room == 1 else f"there are only {room} {axis}"
                )
            raise GeometryError(
                f"The {kernel} kernel{dilated} spans {span} pixels, but {given}: "
                f"use {less} or more padding."
            )

    def _along(self, axis: Axis) -> tuple[int, int, int, int]:
        """Return size, taps, padding before and padding after along one axis."""
        if axis == "rows":
            return self.height, self.kernel_height, self.padding.top, self.padding.bottom
        return self.width, self.kernel_width, self.padding.left, self.padding.right

    def _count(self, axis: Axis) -> int:
        size, taps, before, after = self._along(axis)
        return (size + before + after - self.dilation * (taps - 1) - 1) // self.stride + 1

    @cached_property
    def out_height(self) -> int:
        """Rows of the feature map."""
        return self._count("rows")

    @cached_property
    def out_width(self) -> int:
        """Columns of the feature map."""
        return self._count("columns")

    @property
    def span(self) -> tuple[int, int]:
        """Rows and columns a window covers, d(k − 1) + 1."""
        return (
            self.dilation * (self.kernel_height - 1) + 1,
            self.dilation * (self.kernel_width - 1) + 1,
        )

    def window(self, row: int, column: int) -> tuple[int, int, int, int]:
        """Return top, left, height, width of the window behind output cell (row, column).

        In input coordinates: it may begin before 0 and end after the input, in the padding.
        """
        return (
            row * self.stride - self.padding.top,
            column * self.stride - self.padding.left,
            *self.span,
        )

    def centre(self, row: int, column: int) -> tuple[float, float]:
        """Return the row and column of the input in the middle of a cell's window."""
        top, left, height, width = self.window(row, column)
        return top + (height - 1) / 2, left + (width - 1) / 2

    def cell_over(self, row: float, column: float) -> tuple[int, int]:
        """Return the cell whose window has its middle nearest to an input pixel."""
        (tall, wide), pad = self.span, self.padding
        over = round((row + pad.top - (tall - 1) / 2) / self.stride)
        beside = round((column + pad.left - (wide - 1) / 2) / self.stride)
        return (
            min(max(over, 0), self.out_height - 1),
            min(max(beside, 0), self.out_width - 1),
        )

    def taps(self, row: int, column: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Return the rows (kh,) and columns (kw,) an output cell reads; padding lies outside."""
        top, left, _, _ = self.window(row, column)
        rows = top + self.dilation * np.arange(self.kernel_height)
        columns = left + self.dilation * np.arange(self.kernel_width)
        return rows, columns

    def touched(self, weight_row: int, weight_column: int) -> tuple[slice, slice]:
        """Return the slices of input rows and columns that one kernel weight multiplies.

        The input itself only: what falls into the padding is left out, so a slice may be empty.
        For a true convolution, pass the place of the weight after the flip.
        """
        return self._touched("rows", weight_row), self._touched("columns", weight_column)

    def _touched(self, axis: Axis, tap: int) -> slice:
        size, _, before, _ = self._along(axis)
        first = tap * self.dilation - before
        last = first + (self._count(axis) - 1) * self.stride
        start = first if first >= 0 else first % self.stride
        return slice(start, max(start, min(last + 1, size)), self.stride)

    def reached(self, row: int, column: int) -> tuple[slice, slice]:
        """Return the slices of output cells whose window covers input pixel (row, column).

        With dilation a window covers also the pixels between its weights.
        """
        return self._reached("rows", row), self._reached("columns", column)

    def _reached(self, axis: Axis, position: int) -> slice:
        _, taps, before, _ = self._along(axis)
        at = position + before
        first = -((self.dilation * (taps - 1) - at) // self.stride)
        start = max(0, first)
        return slice(start, max(start, min(at // self.stride + 1, self._count(axis))))

    def formula(self, axis: Axis) -> str:
        """Return the size formula with the numbers put in, for "rows" or "columns"."""
        size, taps, before, after = self._along(axis)
        padding = f"2·{before}" if before == after else f"{before} + {after}"
        return (
            f"⌊({size} + {padding} − {self.dilation}·({taps} − 1) − 1) / {self.stride}⌋ + 1"
            f" = {self._count(axis)}"
        )


def sources(positions: npt.ArrayLike, size: int, border: Border) -> npt.NDArray[np.intp]:
    """Return the input index that each position along an axis of `size` pixels shows.

    Positions inside are their own source. Outside, replicate gives the nearest edge pixel,
    reflect mirrors without repeating the edge, wrap starts again at the other end, and zero gives
    −1: nothing is copied.
    """
    at = np.asarray(positions, dtype=np.intp)
    if border == "replicate":
        return np.clip(at, 0, size - 1)
    if border == "reflect":
        period = max(1, 2 * (size - 1))
        return (size - 1) - np.abs((size - 1) - at % period)
    if border == "wrap":
        return at % size
    return np.where((at >= 0) & (at < size), at, -1)


def problem(height: int, width: int, kernel_height: int, kernel_width: int, **rest: Any) -> str:
    """Return why `Geometry.of` refuses a combination, as one sentence, or "" when it is fine."""
    try:
        Geometry.of(height, width, kernel_height, kernel_width, **rest)
    except GeometryError as error:
        return str(error)
    return ""


def allowed(
    field: Field,
    height: int,
    width: int,
    kernel_height: int,
    kernel_width: int,
    *,
    stride: int = 1,
    dilation: int = 1,
    padding: PaddingMode = 0,
    border: Border = "zero",
) -> tuple[int, int]:
    """Return the least and the largest value of `field`, within RANGES, that yields an output.

    All other settings stay as given; every value between the two is possible as well. So a
    slider with these limits cannot reach an impossible combination. Raises GeometryError, with
    the reason for the value in force, when no value is possible.
    """
    settings: dict[str, Any] = {
        "height": height,
        "width": width,
        "kernel_height": kernel_height,
        "kernel_width": kernel_width,
        "stride": stride,
        "dilation": dilation,
        "padding": padding,
        "border": border,
    }
    low, high = RANGES[field]
    fine = [v for v in range(low, high + 1) if not problem(**{**settings, field: v})]
    if not fine:
        Geometry.of(**settings)
        raise GeometryError(f"No {field.replace('_', ' ')} from {low} to {high} gives an output.")
    return fine[0], fine[-1]
