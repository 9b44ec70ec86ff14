"""A small picture while it is being typed: the texts of its cells, valid or not yet."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from visualizer.core.image import Image
from visualizer.core.numbers import parse_number

SIDE_LIMIT = 32  # rows and columns
_DIGITS = 15.0  # numbers up to here are digits rather than brightnesses
_LARGEST = float(np.finfo(np.float32).max)
_EXACT = 2.0**53  # whole numbers up to here have a float64 each

Rows = tuple[tuple[str, ...], ...]
Cell = tuple[int, int, int]  # channel, row, column


@dataclass(frozen=True)
class MatrixDraft:
    """The texts of one or three planes of at most SIDE_LIMIT × SIDE_LIMIT cells.

    What is typed stays as it was typed ("1/9"); a text that is no number is kept, and named in
    `problems`. Every change makes a new draft.
    """

    planes: tuple[Rows, ...]

    def __post_init__(self) -> None:
        if len(self.planes) not in (1, 3):
            raise ValueError(f"A matrix has 1 or 3 channels, not {len(self.planes)}.")
        _check_size(self.height, self.width)

    @classmethod
    def from_array(cls, array: npt.NDArray) -> "MatrixDraft":
        """Return the draft of a (H, W) or (H, W, C) array, each number written in full."""
        planes = array[:, :, np.newaxis] if array.ndim == 2 else array
        return cls(
            tuple(
                tuple(tuple(_write(value) for value in row) for row in planes[:, :, channel])
                for channel in range(planes.shape[2])
            )
        )

    @property
    def height(self) -> int:
        """Rows."""
        return len(self.planes[0])

    @property
    def width(self) -> int:
        """Columns."""
        return len(self.planes[0][0]) if self.planes[0] else 0

    @property
    def channels(self) -> int:
        """1 or 3."""
        return len(self.planes)

    @cached_property
    def values(self) -> npt.NDArray[np.float64]:
        """The numbers, (H, W, C); NaN where a cell is no number."""
        return self._parsed[0]

    @property
    def problems(self) -> dict[Cell, str]:
        """Why a cell cannot be used, one sentence each, in reading order."""
        return self._parsed[1]

    def with_text(self, cell: Cell, text: str) -> "MatrixDraft":
        """Return the draft with another text in one cell."""
        channel, row, column = cell
        rows = [list(texts) for texts in self.planes[channel]]
        rows[row][column] = text.strip()
        return self._with_plane(channel, rows)

    def with_block(self, cell: Cell, block: npt.NDArray, resize: bool = False) -> "MatrixDraft":
        """Return the draft with numbers (H, W) put in, the first one at `cell`.

        A block that reaches beyond the edge makes the matrix larger. With `resize` it starts in
        the corner instead, and the matrix takes its size. Raises ValueError when it is too large.
        """
        channel, top, left = (cell[0], 0, 0) if resize else cell
        height, width = top + block.shape[0], left + block.shape[1]
        if not resize:
            height, width = max(height, self.height), max(width, self.width)
        larger = self.resized(height, width)
        rows = [list(texts) for texts in larger.planes[channel]]
        for i, values in enumerate(block):
            rows[top + i][left : left + len(values)] = [_write(value) for value in values]
        return larger._with_plane(channel, rows)

    def with_channels(self, channels: int, keep: int = 0) -> "MatrixDraft":
        """Return the draft with 1 or 3 planes: copies of plane `keep`, or it alone."""
        return self if channels == self.channels else MatrixDraft((self.planes[keep],) * channels)

    def resized(self, height: int, width: int) -> "MatrixDraft":
        """Return the draft cut, or filled with zeros, to another size.

        Raises ValueError when that is none, or too large.
        """
        _check_size(height, width)
        blank = ("0",) * width
        planes = []
        for rows in self.planes:
            kept = tuple((texts + blank)[:width] for texts in rows[:height])
            planes.append(kept + (blank,) * (height - len(kept)))
        return MatrixDraft(tuple(planes))

    @cached_property
    def value_range(self) -> tuple[float, float]:
        """What is black and what is white: 0 and 255 for numbers between them.

        Small numbers go up to 1, or to the largest: digits would be all black on 0–255. Others
        go from the smallest to the largest.
        """
        values = self.values[np.isfinite(self.values)]
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
        if low < 0 or high > 255:
            return (low, high) if low < high else (low, low + 1.0)
        if high == 0 or high > _DIGITS:
            return (0.0, 255.0)
        return (0.0, max(high, 1.0))

    def image(self, name: str) -> Image:
        """Return the picture: uint8 when every number is a whole one in 0–255, else float32.

        Raises ValueError with the first cell's sentence when a cell cannot be used.
        """
        for reason in self.problems.values():
            raise ValueError(reason)
        values = self.values.astype(np.uint8 if _fits_uint8(self.values) else np.float32)
        return Image.from_array(values, name, value_range=self.value_range)

    def _with_plane(self, channel: int, rows: list[list[str]]) -> "MatrixDraft":
        plane = tuple(tuple(texts) for texts in rows)
        return MatrixDraft((*self.planes[:channel], plane, *self.planes[channel + 1 :]))

    @cached_property
    def _parsed(self) -> tuple[npt.NDArray[np.float64], dict[Cell, str]]:
        values = np.full((self.height, self.width, self.channels), np.nan)
        problems: dict[Cell, str] = {}
        for channel, rows in enumerate(self.planes):
            for i, texts in enumerate(rows):
                for j, text in enumerate(texts):
                    try:
                        values[i, j, channel] = _number(text)
                    except ValueError as error:
                        problems[channel, i, j] = f"Row {i}, column {j}: {error}"
        return values, problems


@lru_cache(maxsize=3 * SIDE_LIMIT * SIDE_LIMIT)  # an edit changes one text among thousands
def _number(text: str) -> float:
    value = parse_number(text)
    if abs(value) > _LARGEST:
        raise ValueError(f"{text} is too large for a picture: type a smaller number.")
    return value


def _fits_uint8(values: npt.NDArray[np.float64]) -> bool:
    return bool((values == np.round(values)).all() and values.min() >= 0 and values.max() <= 255)


def _check_size(height: int, width: int) -> None:
    if not (1 <= height <= SIDE_LIMIT and 1 <= width <= SIDE_LIMIT):
        raise ValueError(
            f"{height} × {width} numbers do not fit: a matrix has 1 to {SIDE_LIMIT} rows and "
            "columns. Take a smaller block."
        )


def _write(value: np.generic) -> str:
    """Write a number so that reading it gives the same one, whole numbers without a point."""
    number = float(value)
    if number.is_integer() and abs(number) < _EXACT:
        return str(int(number))
    return str(value)  # the shortest text of its own type: 0.1 for a float32
