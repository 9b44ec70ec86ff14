"""Where everything of the arithmetic strip stands, worked out once for a shape and a size."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

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


@dataclass(frozen=True)
class Wanted:
    """What decides the layout: shape, and the longest texts in letters.

    Attributes:
        planes, rows, columns: of the grids, as shown.
        patch, weight, product, total, plane_sum: longest text of each kind.
        captions: widths in px of what stands under the three grids.
        name: width of the longest plane name in px, 0 for none.
        notes: width in px under the total, over the arrow and under the output.
        rounded: width in px of the word under Σ.
    """

    planes: int
    rows: int
    columns: int
    patch: int
    weight: int
    product: int
    plane_sum: int
    total: int
    captions: tuple[float, float, float]
    name: float
    notes: tuple[float, float, float]
    rounded: float


@dataclass(frozen=True)
class Plan:
    """The layout: rectangles and lattices in px."""

    size: QSizeF
    type_size: float
    box_type: float
    sum_type: float
    patches: list[Lattice]
    times: list[QRectF]
    weights: list[Lattice]
    equals: list[QRectF]
    products: list[Lattice]
    sigmas: list[QRectF]
    sums: list[QRectF]
    total_sign: QRectF
    total: QRectF
    arrow: QRectF
    output: QRectF
    captions_top: float


def plan(wanted: Wanted, room: QSizeF, px: Callable[[float], int]) -> Plan:
    """Return the largest layout that fits into `room`, or the smallest there is."""
    free = room.height() - px(_CAPTION) - 2 * px(_MARGIN) - (wanted.planes - 1) * px(_BETWEEN)
    pitch = free / (wanted.planes * wanted.rows)
    gap = px(4) if pitch >= px(32) else px(2) if pitch >= px(_SMALLEST_CELL + 2) else px(1)
    height = max(px(_SMALLEST_CELL), min(px(_CELL), int(pitch - gap)))
    largest = max(px(_SMALLEST_TYPE), min(px(_TYPE), int(height * _FILLED)))
    sizes = range(largest, px(_SMALLEST_TYPE) - 1, -1)
    for type_size, sign in ((largest, _SIGN), *((size, _SMALLEST_SIGN) for size in sizes)):
        made = _plan(wanted, room, px, height, gap, type_size, px(sign))
        if made.size.width() <= room.width():
            break
    return made


@dataclass(frozen=True)
class _Frame:
    """Columns side by side, each with a left edge and a width, over rows of planes."""

    edges: list[float]
    widths: list[float]
    tops: list[float]
    block: float  # height of a plane

    @property
    def middle(self) -> float:
        return (self.tops[0] + self.tops[-1] + self.block) / 2

    def slots(self, column: int) -> list[QRectF]:
        """Return the column's place in every plane."""
        return [QRectF(self.edges[column], y, self.widths[column], self.block) for y in self.tops]

    def box(self, column: int, width: float, height: float) -> QRectF:
        """Return a box in the middle of the column, over all planes."""
        left = self.edges[column] + (self.widths[column] - width) / 2
        return QRectF(left, self.middle - height / 2, width, height)

    def grids(self, column: int, like: Lattice) -> list[Lattice]:
        """Return a grid in the middle of the column in every plane."""
        left = self.edges[column] + round((self.widths[column] - like.bounds.width()) / 2)
        return [replace(like, left=left, top=top) for top in self.tops]


def _plan(
    wanted: Wanted,
    room: QSizeF,
    px: Callable[[float], int],
    height: int,
    gap: int,
    type_size: int,
    sign: int,
) -> Plan:
    box_type, box_width = _box(wanted.total, px)
    sum_type = min(px(_SUM_TYPE), max(px(_TYPE), height * 0.6))
    grids = [
        Lattice(
            wanted.rows,
            wanted.columns,
            0,
            0,
            max(height, ceil(letters * _ADVANCE * type_size + px(6))),
            height,
            gap,
        )
        for letters in (wanted.patch, wanted.weight, wanted.product)
    ]
    widths = _widths(wanted, px, [grid.bounds.width() for grid in grids], box_width, sum_type, sign)
    block = grids[0].bounds.height()
    content = wanted.planes * (block + px(_BETWEEN)) - px(_BETWEEN)
    size = QSizeF(
        sum(widths) + 2 * px(_MARGIN),
        max(content, px(_BOX_HEIGHT) + px(24)) + px(_CAPTION) + 2 * px(_MARGIN),
    )
    left = round(max(px(_MARGIN), (room.width() - sum(widths)) / 2))
    top = max(room.height(), size.height()) - px(_CAPTION) - content
    frame = _Frame(
        [left + sum(widths[:i]) for i in range(len(widths))],
        widths,
        [round(top / 2) + i * (block + px(_BETWEEN)) for i in range(wanted.planes)],
        block,
    )
    return Plan(
        size=size,
        type_size=type_size,
        box_type=box_type,
        sum_type=sum_type,
        patches=frame.grids(1, grids[0]),
        times=frame.slots(2),
        weights=frame.grids(3, grids[1]),
        equals=frame.slots(4),
        products=frame.grids(5, grids[2]),
        sigmas=frame.slots(6),
        sums=frame.slots(7) if wanted.planes > 1 else [],
        total_sign=frame.box(8, widths[8], px(_BOX_HEIGHT)),
        total=frame.box(9, box_width, px(_BOX_HEIGHT)),
        arrow=frame.box(10, widths[10], px(_BOX_HEIGHT)),
        output=frame.box(11, box_width, px(_BOX_HEIGHT)),
        captions_top=frame.tops[-1] + block + px(5),
    )


def _widths(
    wanted: Wanted,
    px: Callable[[float], int],
    grids: list[float],
    box: float,
    sum_type: float,
    sign: int,
) -> list[float]:
    """Return the columns' widths in whole px, from the planes' names to the output."""
    many = wanted.planes > 1
    patch, weight, product = (
        max(grid, caption) for grid, caption in zip(grids, wanted.captions, strict=True)
    )
    total_note, arrow_note, output_note = wanted.notes
    widths = [
        wanted.name + px(8) if wanted.name else 0,
        patch,
        sign,
        weight,
        sign,
        product,
        max(sign, wanted.rounded + px(16)),
        wanted.plane_sum * _ADVANCE * sum_type + px(16) if many else 0,
        sign if many else 0,
        max(box, total_note),
        max(sign, arrow_note + px(10)),
        max(box, output_note),
    ]
    return [ceil(width) for width in widths]


def _box(letters: int, px: Callable[[float], int]) -> tuple[float, float]:
    """Return type size and width of a result's box: the type shrinks before the box grows."""
    room = px(_BOX_WIDTH) - px(14)
    size = min(px(_BOX_TYPE), room / (_ADVANCE * max(letters, 1)))
    size = max(size, px(_SMALLEST_BOX_TYPE))
    return size, ceil(max(px(_BOX_WIDTH), letters * _ADVANCE * size + px(14)))
