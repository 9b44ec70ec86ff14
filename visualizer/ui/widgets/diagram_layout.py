"""Where the layers of a network stand in its diagram, and how large they are drawn.

Lengths are in units of the drawing: x to the right, y downwards, the main line of layers at y = 0.
Maps are boxes seen at an angle: channels along x, rows along y, columns into the depth, which is
drawn towards the upper right. Nothing here paints.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Literal

from visualizer.learning.layers import Activation, BatchNorm, Dropout, Layer, Shape, Skip
from visualizer.learning.networks import Row
from visualizer.learning.wiring import BLOCK, INPUT, SHORTCUT, Node

Kind = Literal["volume", "plate", "list", "unknown"]
Point = tuple[float, float]

ACROSS, UP = 0.36, 0.26  # what a unit of depth is drawn as
_SIDES = (7.0, 150.0)  # the smallest and the largest side of a map
_CHANNELS = (5.0, 64.0)
_LISTS = (14.0, 150.0)
_MOST_A_CHANNEL = 9.0
_PLATE, _LIST, _UNKNOWN = 3.0, 9.0, 34.0  # thickness; of what is unknown also the height
_GAP, _PLATE_GAP, _PLATE_LEAST, _LIST_GAP, _LANE = 26.0, 0.42, 12.0, 20.0, 26.0
_NAME = 32.0  # above what stands on the way around, which has its name there
_WIDEST = 5.0  # times as wide as they must be, gaps can be


@dataclass(frozen=True)
class Law:
    """A number n is drawn as factor · n^power: to scale at 1, compressed below."""

    factor: float
    power: float

    @classmethod
    def of(cls, values: Iterable[int], ends: tuple[float, float], most: float = 1e9) -> "Law":
        """Let the largest be as long as it may, and no other shorter than it must be."""
        shortest, longest = ends
        low, high = min(values := [*values]), max(values)
        power = 1.0
        if high > low:
            power = min(1.0, log(longest / shortest) / log(high / low))
        factor = longest / high**power
        return cls(min(factor, most) if power == 1 else factor, power)

    def __call__(self, n: int) -> float:
        """Return how long `n` is drawn."""
        return self.factor * float(n) ** self.power


@dataclass(frozen=True)
class Body:
    """A layer as it is drawn.

    Attributes:
        name: of the layer, or INPUT.
        kind: maps; a thin plate for what changes maps or lists number by number; a list of units;
            or of unknown size, behind a layer that does not fit.
        shape: of its output; () when unknown.
        x, y: the left end of its axis, which goes through its middle.
        thickness: along x.
        height: of its front.
        depth: of its end; 0 for a list.
    """

    name: str
    kind: Kind
    shape: Shape
    thickness: float
    height: float
    depth: float
    x: float = 0.0
    y: float = 0.0

    @property
    def across(self) -> float:
        """How far the depth reaches to the right."""
        return self.depth * ACROSS

    @property
    def up(self) -> float:
        """How far the depth reaches up."""
        return self.depth * UP

    @property
    def right(self) -> float:
        """Its rightmost x."""
        return self.x + self.thickness + self.across

    @property
    def top(self) -> float:
        """Its uppermost y."""
        return self.y - (self.height + self.up) / 2

    @property
    def bottom(self) -> float:
        """Its lowest y."""
        return self.y + (self.height + self.up) / 2

    @property
    def leaves(self) -> Point:
        """The middle of its end, where what it gives leaves."""
        return self.x + self.thickness + self.across / 2, self.y


@dataclass(frozen=True)
class Link:
    """What one layer gives to another: a line through points, the last at the one that takes it."""

    source: str
    target: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Diagram:
    """A whole diagram.

    Attributes:
        bodies: in the order in which they are painted.
        links: between them.
        left, top, width, height: the room they take.
        scale: one sentence on what is drawn to scale.
    """

    bodies: tuple[Body, ...]
    links: tuple[Link, ...]
    left: float
    top: float
    width: float
    height: float
    scale: str

    def body(self, name: str) -> Body | None:
        """Return the body of a layer."""
        return next((body for body in self.bodies if body.name == name), None)


def lay_out(
    nodes: Sequence[Node], rows: Sequence[Row], shape: Shape, aspect: float = 0.0
) -> Diagram:
    """Return the diagram of a network fed with images of `shape`; `rows` as far as layers fit.

    The gaps are widened, within reason, until it is `aspect` times as wide as high.
    """
    shapes = {INPUT: shape} | {row.name: row.output for row in rows}
    sizer = _Sizer(shapes)
    sized = [sizer.body(INPUT, None), *(sizer.body(n.name, n.layer) for n in nodes)]
    narrow = _spread(nodes, sized, sizer, 1.0)
    missing = aspect * narrow.height - narrow.width
    if missing <= 0:
        return narrow
    wide = _spread(nodes, sized, sizer, 2.0)
    spread = 1 + missing / max(1e-6, wide.width - narrow.width)
    return _spread(nodes, sized, sizer, min(spread, _WIDEST))


def _spread(nodes: Sequence[Node], sized: list[Body], sizer: "_Sizer", spread: float) -> Diagram:
    """Return the diagram with gaps `spread` times as wide as they must be."""
    bodies = _placed(spread, sized, nodes)
    by_name = {body.name: body for body in bodies}
    links = tuple(_links(nodes, by_name))
    points = [point for link in links for point in link.points]
    left, right = min(b.x for b in bodies), max(b.right for b in bodies)
    top = min([b.top - (_NAME if b.y else 0) for b in bodies] + [y for _, y in points])
    bottom = max(b.bottom for b in bodies)
    return Diagram(bodies, links, left, top, right - left, bottom - top, sizer.sentence())


class _Sizer:
    """Knows how large each number is drawn, from all the shapes of the network."""

    def __init__(self, shapes: dict[str, Shape]) -> None:
        self._shapes = shapes
        maps = [shape for shape in shapes.values() if len(shape) == 3]
        lists = [shape[0] for shape in shapes.values() if len(shape) == 1]
        self.side = Law.of([side for shape in maps for side in shape[1:]], _SIDES)
        self.channels = Law.of([shape[0] for shape in maps], _CHANNELS, _MOST_A_CHANNEL)
        self.units = Law.of(lists or [1], _LISTS)
        self._has_lists = bool(lists)

    def body(self, name: str, layer: Layer | None) -> Body:
        shape = self._shapes.get(name)
        is_plate = isinstance(layer, BatchNorm | Activation | Dropout | Skip)
        if shape is None:
            width = _PLATE if is_plate else _UNKNOWN / 2
            return Body(name, "unknown", (), width, _UNKNOWN, _UNKNOWN)
        if len(shape) == 1:
            thickness = _PLATE if is_plate else _LIST
            return Body(
                name, "plate" if is_plate else "list", shape, thickness, self.units(shape[0]), 0
            )
        thickness = _PLATE if is_plate else self.channels(shape[0])
        kind: Kind = "plate" if is_plate else "volume"
        return Body(name, kind, shape, thickness, self.side(shape[1]), self.side(shape[2]))

    def sentence(self) -> str:
        """Say what is to scale, and how the rest is compressed."""
        laws = [("rows, columns", self.side), ("channels", self.channels)]
        laws += [("lists", self.units)] if self._has_lists else []
        exact = [what for what, law in laws if law.power == 1]
        parts = [f"to scale: {', '.join(exact)}"] if exact else []
        parts += [f"{what} as n^{law.power:.2f}" for what, law in laws if law.power < 1]
        return " · ".join(parts)


def _placed(spread: float, bodies: list[Body], nodes: Sequence[Node]) -> tuple[Body, ...]:
    """Return the bodies one behind the other, those on the way around a skip above it."""
    placed = [bodies[0]]
    around: list[Body] = []
    block: list[Body] = []
    for node, body in zip(nodes, bodies[1:], strict=True):
        if node.path[1:2] == (SHORTCUT,):
            around.append(body)
            continue
        if isinstance(node.layer, Skip):
            placed += _above(spread, around, block)
            around, block = [], []
            last = next(b for b in reversed(placed) if b.y == 0)
        else:
            last = placed[-1]
        body = replace(body, x=_behind(spread, last, body))
        placed.append(body)
        if node.path[1:2] == (BLOCK,):
            block.append(body)
    return tuple(placed)


def _behind(spread: float, last: Body, body: Body) -> float:
    end = last.x + last.thickness
    if body.kind == "plate":
        return end + spread * max(_PLATE_LEAST, _PLATE_GAP * last.across)
    return end + last.across + spread * (_LIST_GAP if body.kind == "list" else _GAP)


def _above(spread: float, around: list[Body], block: list[Body]) -> list[Body]:
    """Return the bodies on the way around, in a row above the block."""
    if not around:
        return []
    row = [around[0]]
    for body in around[1:]:
        row.append(replace(body, x=_behind(spread, row[-1], body)))
    shift = (block[0].x + block[-1].right) / 2 - row[-1].right / 2
    y = min(b.top for b in block) - _LANE - max(b.bottom for b in row)
    return [replace(body, x=body.x + shift, y=y) for body in row]


def _links(nodes: Sequence[Node], bodies: dict[str, Body]) -> Iterable[Link]:
    for node in nodes:
        target = bodies[node.name]
        for i, name in enumerate(node.sources):
            source = bodies[name]
            start = source.leaves
            end = (target.x + target.across / 2, target.y)
            if source.y == target.y == 0 and i == 1:
                lane = _free_above(node, nodes, bodies)
                middle = target.x + target.across / 2 + target.thickness / 2
                points: tuple[Point, ...] = (start, (start[0], lane), (middle, lane),
                                             (middle, target.top))  # fmt: skip
            elif source.y > target.y:  # up to the way around
                points = (start, (start[0], target.y), end)
            elif source.y < target.y:  # down from it
                middle = target.x + target.across / 2 + target.thickness / 2
                points = (start, (middle, source.y), (middle, target.top))
            else:
                points = (start, end)
            yield Link(name, node.name, points)


def _free_above(node: Node, nodes: Sequence[Node], bodies: dict[str, Body]) -> float:
    """Return a y above everything between the two ends of a skip without layers around it."""
    inside = [bodies[n.name] for n in nodes if n.path[0] == node.path[0]]
    return min(b.top for b in (*inside, bodies[node.sources[1]])) - _LANE
