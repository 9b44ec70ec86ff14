"""Where everything of the arithmetic strip stands, worked out once for a shape and a size."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Literal

from PySide6.QtCore import QRectF, QSizeF

from visualizer.ui.widgets.cells import Lattice

_ADVANCE = 0.6  # of the monospaced digits, in em
# Pixels at scale 1.
_CELL, _SMALLEST_CELL = 42, 15
_TYPE, _SMALLEST_TYPE = 13, 9
_FILLED = 0.8  # of a cell's height, by its digits' line
_BOX_WIDTH, _BOX_HEIGHT, _BOX_TYPE, _SMALLEST_BOX_TYPE = 92, 60, 26, 15
_SUM_TYPE = 15
_SIGN, _SMALLEST_SIGN = 38, 26
_CAPTION = 20
_MARGIN = 6
_BETWEEN = 8  # planes

Kind = Literal["grid", "sign", "sums", "box"]


@dataclass(frozen=True)
class WantedPart:
    """What one part needs.

    Attributes:
        kind: which part.
        letters: of its longest text.
        least: its least width in px, for what stands above and below it.
    """

    kind: Kind
    letters: int = 0
    least: float = 0.0


@dataclass(frozen=True)
class Wanted:
    """What decides the layout.

    Attributes:
        planes, rows, columns: of the grids, as shown.
        parts: from left to right.
        name: width of the longest plane name in px, 0 for none.
        second: the part that begins a second line, 0 for none.
    """

    planes: int
    rows: int
    columns: int
    parts: Sequence[WantedPart]
    name: float = 0.0
    second: int = 0

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return 2 if self.second else 1


@dataclass(frozen=True)
class Column:
    """Where one part stands: in every plane, over all of them, its grids, and its caption's top."""

    slots: list[QRectF]
    box: QRectF
    below: float
    grids: list[Lattice] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """The layout: type sizes, and where the parts stand, in px."""

    size: QSizeF
    type_size: float
    box_type: float
    sum_type: float
    columns: list[Column]


def plan(wanted: Wanted, room: QSizeF, px: Callable[[float], int]) -> Plan:
    """Return the largest layout that fits into `room`, or the smallest there is."""
    grids = wanted.lines * wanted.planes  # above each other
    free = room.height() - wanted.lines * px(_CAPTION) - 2 * px(_MARGIN)
    pitch = (free - (grids - 1) * px(_BETWEEN)) / (grids * wanted.rows)
    gap = px(4) if pitch >= px(32) else px(2) if pitch >= px(_SMALLEST_CELL + 2) else px(1)
    height = max(px(_SMALLEST_CELL), min(px(_CELL), int(pitch - gap)))
    largest = max(px(_SMALLEST_TYPE), min(px(_TYPE), int(height * _FILLED)))
    roomy = _Measures(largest, height, height, gap, px(6), px(_SIGN))
    sizes = range(largest, px(_SMALLEST_TYPE) - 1, -1)
    smaller = [replace(roomy, type_size=size, sign=px(_SMALLEST_SIGN)) for size in sizes]
    # At last the cells are no longer as wide as they are high, but as their digits.
    tight = replace(
        smaller[-1], narrowest=px(_SMALLEST_CELL), gap=min(gap, px(2)), around=px(4), sign=px(20)
    )
    for measures in (roomy, *smaller, tight):
        made = _plan(wanted, room, px, measures)
        if made.size.width() <= room.width():
            break
    return made


@dataclass(frozen=True)
class _Measures:
    """What a layout is tried with, in px.

    Attributes:
        type_size: of the digits in the cells.
        height, narrowest: of a cell, and its least width.
        gap, around: between cells, and around the digits in them.
        sign: the width of × and =.
    """

    type_size: int
    height: int
    narrowest: int
    gap: int
    around: int
    sign: int


@dataclass(frozen=True)
class _Frame:
    """Rows of planes, which columns are put side by side into."""

    tops: Sequence[float]
    block: float  # height of a plane
    below: float  # the top of the captions

    @property
    def middle(self) -> float:
        return (self.tops[0] + self.tops[-1] + self.block) / 2

    def column(self, edge: float, width: float, box: QSizeF, grid: Lattice | None) -> Column:
        """Return a column with a box, and grids, in its middle."""
        slots = [QRectF(edge, y, width, self.block) for y in self.tops]
        left = edge + (width - box.width()) / 2
        placed = QRectF(left, self.middle - box.height() / 2, box.width(), box.height())
        if grid is None:
            return Column(slots, placed, self.below)
        left = edge + round((width - grid.bounds.width()) / 2)
        grids = [replace(grid, left=left, top=top) for top in self.tops]
        return Column(slots, placed, self.below, grids)


def _plan(
    wanted: Wanted,
    room: QSizeF,
    px: Callable[[float], int],
    measures: _Measures,
) -> Plan:
    height, gap = measures.height, measures.gap
    letters = max((part.letters for part in wanted.parts if part.kind == "box"), default=1)
    box_type, box_width = _box(letters, px)
    sum_type = min(px(_SUM_TYPE), max(px(_TYPE), height * 0.6))
    grids = [
        _grid(wanted, part, measures) if part.kind == "grid" else None for part in wanted.parts
    ]
    widths = [
        _width(part, grid, px, box_width, sum_type, measures.sign)
        for part, grid in zip(wanted.parts, grids, strict=True)
    ]
    name = ceil(wanted.name + px(8)) if wanted.name else 0
    lines = [line for line in (widths[: wanted.second], widths[wanted.second :]) if line]
    wholes = [name + sum(line) for line in lines]
    block = wanted.rows * (height + gap) - gap
    content = wanted.planes * (block + px(_BETWEEN)) - px(_BETWEEN)
    has_box = any(part.kind == "box" for part in wanted.parts)
    line = max(content, px(_BOX_HEIGHT) + px(24) if has_box else 0) + px(_CAPTION)
    further = (wanted.lines - 1) * (line + px(_BETWEEN))
    size = QSizeF(max(wholes) + 2 * px(_MARGIN), further + line + 2 * px(_MARGIN))
    top = round((max(room.height(), size.height()) - px(_CAPTION) - content - further) / 2)
    columns: list[Column] = []
    for widths_of_line, whole in zip(lines, wholes, strict=True):
        left = round(max(px(_MARGIN), (room.width() - whole) / 2)) + name
        tops = [top + i * (block + px(_BETWEEN)) for i in range(wanted.planes)]
        frame = _Frame(tops, block, tops[-1] + block + px(5))
        for width in widths_of_line:
            part, grid = wanted.parts[len(columns)], grids[len(columns)]
            box = QSizeF(box_width if part.kind == "box" else width, px(_BOX_HEIGHT))
            columns.append(frame.column(left, width, box, grid))
            left += width
        top += line + px(_BETWEEN)
    return Plan(size, measures.type_size, box_type, sum_type, columns)


def _grid(wanted: Wanted, part: WantedPart, measures: _Measures) -> Lattice:
    digits = part.letters * _ADVANCE * measures.type_size
    width = max(measures.narrowest, ceil(digits + measures.around))
    return Lattice(wanted.rows, wanted.columns, 0, 0, width, measures.height, measures.gap)


def _width(
    part: WantedPart,
    grid: Lattice | None,
    px: Callable[[float], int],
    box: float,
    sum_type: float,
    sign: int,
) -> int:
    """Return a column's width in whole px."""
    if grid is not None:
        return ceil(max(grid.bounds.width(), part.least))
    if part.kind == "sums":
        return ceil(max(part.letters * _ADVANCE * sum_type + px(16), part.least))
    return ceil(max(sign if part.kind == "sign" else box, part.least))


def _box(letters: int, px: Callable[[float], int]) -> tuple[float, float]:
    """Return type size and width of a result's box: the type shrinks before the box grows."""
    room = px(_BOX_WIDTH) - px(14)
    size = min(px(_BOX_TYPE), room / (_ADVANCE * max(letters, 1)))
    size = max(size, px(_SMALLEST_BOX_TYPE))
    return size, ceil(max(px(_BOX_WIDTH), letters * _ADVANCE * size + px(14)))
