"""Where everything of the arithmetic strip stands, worked out once for a shape and a size."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSizeF

from visualizer.ui.widgets.cells import Lattice

_ADVANCE = 0.6  # of the monospaced digits, in em
# Pixels at scale 1.
_CELL, _SMALLEST_CELL = 42, 15
_TYPE, _SMALLEST_TYPE = 13, 9
_BOX_WIDTH, _BOX_HEIGHT, _BOX_TYPE, _SMALLEST_BOX_TYPE = 92, 60, 26, 15
_SUM_TYPE = 15
_SIGN = 38
_CAPTION = 20
_MARGIN = 6


@dataclass(frozen=True)
class Wanted:
    """What decides the layout: shape, and the longest texts in letters.

    Attributes:
        planes, rows, columns: of the grids, as shown.
        patch, weight, product, total, plane_sum: longest text of each kind.
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
    names: list[QRectF]
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
    height = _cell_height(wanted, room.height(), px)
    for type_size in range(px(_TYPE), px(_SMALLEST_TYPE) - 1, -1):
        if type_size > max(px(_SMALLEST_TYPE), height * 0.66):
            continue
        made = _laid_out(wanted, room, px, height, type_size)
        if made.size.width() <= room.width():
            break
    return made


def _cell_height(wanted: Wanted, height: float, px: Callable[[float], int]) -> int:
    free = height - px(_CAPTION) - 2 * px(_MARGIN) - (wanted.planes - 1) * px(8)
    pitch = free / (wanted.planes * wanted.rows)
    return max(px(_SMALLEST_CELL), min(px(_CELL), int(pitch - _gap(pitch, px))))


def _gap(pitch: float, px: Callable[[float], int]) -> int:
    return px(4) if pitch >= px(32) else px(2)


def _laid_out(
    wanted: Wanted, room: QSizeF, px: Callable[[float], int], height: int, type_size: float
) -> Plan:
    gap = _gap(height + px(4), px)
    block = wanted.rows * (height + gap) - gap
    content = wanted.planes * block + (wanted.planes - 1) * px(8)
    many = wanted.planes > 1
    box_type, box_width = _box(wanted.total, px)
    sum_type = min(px(_SUM_TYPE), max(type_size, height * 0.6))
    widths = [
        wanted.columns * (_cell_width(letters, height, type_size, px) + gap) - gap
        for letters in (wanted.patch, wanted.weight, wanted.product)
    ]
    sign = px(_SIGN)
    steps = [
        wanted.name + px(8) if wanted.name else 0,
        widths[0], sign, widths[1], sign, widths[2],
        max(sign, wanted.rounded + px(8)),
        wanted.plane_sum * _ADVANCE * sum_type + px(16) if many else 0,
        sign if many else 0,
        max(box_width, wanted.notes[0]),
        max(sign, wanted.notes[1] + px(10)),
        max(box_width, wanted.notes[2]),
    ]  # fmt: skip
    size = QSizeF(
        sum(steps) + 2 * px(_MARGIN),
        max(content, px(_BOX_HEIGHT) + px(24)) + px(_CAPTION) + 2 * px(_MARGIN),
    )
    x = max(px(_MARGIN), (room.width() - sum(steps)) / 2)
    edges = []
    for step in steps:
        edges.append(round(x))
        x += step
    free = max(room.height(), size.height()) - px(_CAPTION) - content
    top = round(max(px(_MARGIN), free / 2))
    tops = [top + i * (block + px(8)) for i in range(wanted.planes)]

    def grids(step: int) -> list[Lattice]:
        cell = (widths[(step - 1) // 2] + gap) / wanted.columns - gap
        return [
            Lattice(wanted.rows, wanted.columns, edges[step], y, cell, height, gap) for y in tops
        ]

    def slots(step: int) -> list[QRectF]:
        return [QRectF(edges[step], y, steps[step], block) for y in tops]

    middle = top + content / 2

    def box(step: int) -> QRectF:
        left = edges[step] + (steps[step] - box_width) / 2
        return QRectF(left, middle - px(_BOX_HEIGHT) / 2, box_width, px(_BOX_HEIGHT))

    line = QRectF(0, middle - px(_BOX_HEIGHT) / 2, 0, px(_BOX_HEIGHT))
    return Plan(
        size=size,
        type_size=type_size,
        box_type=box_type,
        sum_type=sum_type,
        names=slots(0),
        patches=grids(1),
        times=slots(2),
        weights=grids(3),
        equals=slots(4),
        products=grids(5),
        sigmas=slots(6),
        sums=slots(7) if many else [],
        total_sign=QRectF(edges[8], line.top(), steps[8], line.height()),
        total=box(9),
        arrow=QRectF(edges[10], line.top(), steps[10], line.height()),
        output=box(11),
        captions_top=top + content + px(5),
    )


def _cell_width(letters: int, height: float, type_size: float, px: Callable[[float], int]) -> float:
    return round(max(height, letters * _ADVANCE * type_size + px(6)))


def _box(letters: int, px: Callable[[float], int]) -> tuple[float, float]:
    """Return type size and width of a result's box: the type shrinks before the box grows."""
    room = px(_BOX_WIDTH) - px(14)
    size = min(px(_BOX_TYPE), room / (_ADVANCE * max(letters, 1)))
    size = max(size, px(_SMALLEST_BOX_TYPE))
    return size, max(px(_BOX_WIDTH), letters * _ADVANCE * size + px(14))
