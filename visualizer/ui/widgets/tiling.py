"""Many small maps laid side by side in one picture: how large, how many in a row, and where."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

_WHOLE_FROM = 8  # from this many screen pixels a map pixel on, every one is equally large


@dataclass(frozen=True)
class Tiling:
    """`count` tiles of equal size in rows, in device pixels.

    Attributes:
        below: room under each tile, for its label.
    """

    count: int
    columns: int
    width: int
    height: int
    gap: int
    below: int = 0

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return -(-self.count // self.columns) if self.columns else 0

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the whole picture."""
        if not self.count:
            return 0, 0
        height = self.rows * (self.height + self.below + self.gap) - self.gap
        return height, self.columns * (self.width + self.gap) - self.gap

    def place(self, index: int) -> tuple[int, int]:
        """Return left and top of a tile."""
        row, column = divmod(index, self.columns)
        return column * (self.width + self.gap), row * (self.height + self.below + self.gap)

    def at(self, x: float, y: float) -> tuple[int, float, float] | None:
        """Return the tile at a point and how far down and across in it (0–1), or None."""
        if x < 0 or y < 0 or not self.count:
            return None
        column, across = divmod(x, self.width + self.gap)
        row, down = divmod(y, self.height + self.below + self.gap)
        index = int(row * self.columns + column)
        inside = across < self.width and down < self.height
        if not inside or column >= self.columns or index >= self.count:
            return None
        return index, down / self.height, across / self.width

    def lay_out(self, maps: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
        """Return one picture of (count, h, w) colours, 0 (transparent) between the tiles.

        Every pixel is repeated until its map fills a tile.
        """
        _, h, w = maps.shape
        spare = self.rows * self.columns - self.count
        if spare:
            maps = np.concatenate([maps, np.zeros((spare, h, w), np.uint32)])
        side_by_side = maps.reshape(self.rows, self.columns, h, w).swapaxes(1, 2)
        # The last row and column are what lies between.
        small = np.zeros((self.rows * h + 1, self.columns * w + 1), np.uint32)
        small[:-1, :-1] = side_by_side.reshape(self.rows * h, self.columns * w)
        height, width = self.size
        down = _sources(height, self.height, self.below + self.gap, h)
        across = _sources(width, self.width, self.gap, w)
        # In this order most of the picture is copied row by row.
        return small.take(across, axis=1).take(down, axis=0)


@lru_cache(maxsize=64)
def _sources(length: int, tile: int, between: int, pixels: int) -> npt.NDArray[np.intp]:
    """Return which pixel each of `length` screen pixels shows: `pixels` a tile, -1 between them."""
    number, place = np.divmod(np.arange(length), tile + between)
    return np.where(place < tile, number * pixels + place * pixels // tile, -1)


@lru_cache(maxsize=64)
def fit(
    count: int,
    shape: tuple[int, int],
    room: tuple[int, int],
    *,
    gap: int,
    below: int = 0,
    largest: int = 10_000,
    group: int = 1,
) -> Tiling:
    """Return the tiling with the largest tiles of `shape` (height, width) for `room` (the same).

    No tile is higher than `largest`. A row holds whole groups of tiles, or a group whole rows.
    """
    height, width = shape
    best, columns = 0.0, 1
    for wanted in range(1, count + 1):
        if group > 1 and wanted % group and group % wanted:
            continue
        rows = -(-count // wanted)
        across = (room[1] - (wanted - 1) * gap) / (wanted * width)
        down = (room[0] - (rows - 1) * gap - rows * below) / (rows * height)
        if min(across, down, largest / height) > best:
            best, columns = min(across, down, largest / height), wanted
    if best >= _WHOLE_FROM:
        best = int(best)
    return Tiling(count, columns, max(1, int(width * best)), max(1, int(height * best)), gap, below)


def shrink(maps: npt.NDArray, height: int, width: int) -> npt.NDArray:
    """Return (C, h, w) or (C, h, w, 3) averaged down to at most this size; what is smaller stays.

    Bytes stay bytes. They are averaged over whole pixels first and interpolated from there, which
    looks the same and takes a fraction of the time.
    """
    size = min(height, maps.shape[1]), min(width, maps.shape[2])
    if size == maps.shape[1:3]:
        return maps
    if maps.dtype != np.uint8:
        floats = np.asarray(maps, np.float32)
        return np.stack([cv2.resize(m, size[::-1], interpolation=cv2.INTER_AREA) for m in floats])
    planes = maps[..., None] if maps.ndim == 3 else maps
    small = [[_shrunk(m[..., i], *size) for i in range(m.shape[2])] for m in planes]
    return np.moveaxis(np.array(small), 1, -1).reshape(len(maps), *size, *maps.shape[3:])


def _shrunk(plane: npt.NDArray, height: int, width: int) -> npt.NDArray:
    by = max(1, min(plane.shape[0] // height, plane.shape[1] // width))
    if by > 1:
        whole = plane.shape[1] // by, plane.shape[0] // by
        plane = cv2.resize(plane, whole, interpolation=cv2.INTER_AREA)
    return cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR)
