"""Where a pooling window falls: its size, stride and padding, and which combinations are possible.

The conventions are those of `torch.nn.MaxPool2d` and `AvgPool2d`: padding is the same on every
side and at most half of the window; in ceil mode a last window may reach over the edge, but one
that would begin in the padding behind the picture is left out. A geometry made here has that
overhang as additional padding at the bottom and at the right.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from visualizer.core.geometry import Axis, Geometry, GeometryError, Padding

Field = Literal["height", "width", "stride", "padding"]
RANGES: dict[Field, tuple[int, int]] = {
    "height": (1, 8),
    "width": (1, 8),
    "stride": (1, 8),
    "padding": (0, 4),
}


@dataclass(frozen=True)
class PoolWindow:
    """A window and how it moves. Whether it fits a picture, `geometry` tells.

    Attributes:
        height, width: of the window, in pixels.
        stride: pixels from one window to the next, along both axes.
        padding: cells added on every side, which are never a maximum and count as 0 in a sum.
        ceil: whether a last window may reach over the edge rather than be left out.
    """

    height: int = 2
    width: int = 2
    stride: int = 2
    padding: int = 0
    ceil: bool = False

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                what = f"window's {name}" if name in ("height", "width") else name
                raise GeometryError(f"The {what} must lie between {low} and {high}, not {value}.")

    def geometry(self, rows: int, columns: int) -> Geometry:
        """Return where the windows are on a picture. GeometryError when there is none."""
        most = min(self.height, self.width) // 2
        if self.padding > most:
            raise GeometryError(
                f"A padding of {self.padding} is more than half of a {self.height}×{self.width} "
                f"window, which could then lie on padding alone: use at most {most}, or a larger "
                "window."
            )
        down, along = self._count("rows", rows), self._count("columns", columns)
        for count, size, side, axis in (
            (down, rows, self.height, "row"),
            (along, columns, self.width, "column"),
        ):
            if count < 1:
                raise GeometryError(self._too_large(size, side, axis))
        return Geometry(
            rows,
            columns,
            self.height,
            self.width,
            self.stride,
            padding=Padding(
                self.padding,
                self.padding + self._overhang(down, rows, self.height),
                self.padding,
                self.padding + self._overhang(along, columns, self.width),
            ),
        )

    def formula(self, axis: Axis, size: int) -> str:
        """Return the size formula with the numbers put in, for "rows" or "columns"."""
        side = self.height if axis == "rows" else self.width
        count = self._count(axis, size)
        left, right = ("⌈", "⌉") if self.ceil else ("⌊", "⌋")
        left_out = " − 1" if self._unlimited(size, side) > count else ""
        return (
            f"{left}({size} + 2·{self.padding} − {side}) / {self.stride}{right} + 1{left_out}"
            f" = {count}"
        )

    def _count(self, axis: Axis, size: int) -> int:
        count = self._unlimited(size, self.height if axis == "rows" else self.width)
        if self.ceil and (count - 1) * self.stride >= size + self.padding:
            count -= 1  # it would begin in the padding behind the picture
        return count

    def _unlimited(self, size: int, side: int) -> int:
        free = size + 2 * self.padding - side
        return (-(-free // self.stride) if self.ceil else free // self.stride) + 1

    def _overhang(self, count: int, size: int, side: int) -> int:
        return max(0, (count - 1) * self.stride + side - size - 2 * self.padding)

    def _too_large(self, size: int, side: int, axis: str) -> str:
        has = f"1 {axis}" if size == 1 else f"{size} {axis}s"
        padded = f" and {2 * self.padding} of padding" if self.padding else ""
        return (
            f"The {self.height}×{self.width} window spans {side} {axis}s, but the picture has only "
            f"{has}{padded}: use a smaller window."
        )


def whole_window(rows: int, columns: int) -> Geometry:
    """Return the one window of global pooling."""
    return Geometry(rows, columns, rows, columns, max(rows, columns))


def numbers_counted(geometry: Geometry, padding: bool) -> npt.NDArray[np.float64]:
    """Return how many numbers each window is divided by, (out_height, out_width).

    With `padding` the cells of the padding count, but never those of ceil mode's overhang; without
    it only those inside the picture: torch's `count_include_pad`.
    """
    return np.outer(*numbers_along(geometry, padding))


def numbers_along(
    geometry: Geometry, padding: bool
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return how many rows, and columns, each window counts: (out_height,) and (out_width,)."""
    pad, stride = geometry.padding, geometry.stride
    return (
        _counted(geometry.height, geometry.kernel_height, pad.top, stride, geometry.out_height,
                 padding),
        _counted(geometry.width, geometry.kernel_width, pad.left, stride, geometry.out_width,
                 padding),
    )  # fmt: skip


def _counted(
    size: int, side: int, before: int, stride: int, count: int, padding: bool
) -> npt.NDArray[np.float64]:
    starts = np.arange(count) * stride - before
    margin = before if padding else 0
    ends = np.minimum(starts + side, size + margin)
    return (ends - np.maximum(starts, -margin)).astype(np.float64)
