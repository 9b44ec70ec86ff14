"""Generated pictures of six shapes, as many as wanted: in colour, and easily understood."""

from math import cos, pi, sin

import torch
from torch import Generator, Tensor

from visualizer.learning.datasets import BadData, DataSet
from visualizer.learning.splits import SHARES_IN_WORDS, three_parts

SHAPES = ("circle", "square", "triangle", "star", "cross", "ring")
FEWEST, MOST, DEFAULT_COUNT = 1_000, 20_000, 4_000

_SIDE = 32
_AT_ONCE = 1_000
_SMALLEST, _LARGEST = 7.0, 13.0  # from the centre to the outermost point, in pixels
_LEAST_CONTRAST = 0.45  # distance of the two colours in the RGB cube of side 1
_SHADE, _NOISE = 0.15, 0.08  # at most: half the change of the background, deviation of the noise


def shapes(count: int = DEFAULT_COUNT, seed: int = 0) -> DataSet:
    """Return `count` pictures of shapes, 32×32 RGB, in equal numbers; the same for the same seed.

    Size, angle, place, colour, background and noise are drawn for each picture. Raises BadData for
    a count outside FEWEST to MOST.
    """
    if not FEWEST <= count <= MOST:
        raise BadData(f"Choose from {FEWEST:,} to {MOST:,} pictures of shapes, not {count:,}.")
    generator = Generator().manual_seed(seed)
    labels = torch.arange(count) % len(SHAPES)
    images = torch.cat([_draw(some, generator) for some in labels.split(_AT_ONCE)])
    train, validation, test = three_parts(images, labels, seed)
    return DataSet(
        name="shapes",
        title="Shapes",
        class_names=SHAPES,
        train=train,
        validation=validation,
        test=test,
        split=SHARES_IN_WORDS,
        notes=(f"Generated from the seed {seed}; another seed gives other pictures.",),
    )


def _draw(labels: Tensor, generator: Generator) -> Tensor:
    """Return one picture for each label, uint8 (N, 3, 32, 32)."""
    count = len(labels)

    def drawn(low: float, high: float, *sizes: int) -> Tensor:
        return low + (high - low) * torch.rand(count, *sizes, generator=generator)

    radius = drawn(_SMALLEST, _LARGEST, 1, 1)
    room = _SIDE / 2 - radius  # the whole shape stays inside
    centre_row, centre_column = drawn(-1, 1, 1, 1) * room, drawn(-1, 1, 1, 1) * room
    angle = drawn(0, 2 * pi, 1, 1)
    place = torch.arange(_SIDE) - (_SIDE - 1) / 2
    row, column = place[:, None] - centre_row, place - centre_column
    x = column * angle.cos() + row * angle.sin()
    y = row * angle.cos() - column * angle.sin()
    distance = torch.empty(count, _SIDE, _SIDE)
    for i, name in enumerate(SHAPES):
        mine = labels == i
        distance[mine] = _distance(name, x[mine], y[mine], radius[mine])
    covered = (0.5 - distance).clamp(0, 1)[:, None]  # of each pixel's square, nearly

    front, back = drawn(0, 1, 3, 1, 1), drawn(0, 1, 3, 1, 1)
    is_close = (front - back).norm(dim=1, keepdim=True) < _LEAST_CONTRAST
    back = torch.where(is_close, (back + 0.5) % 1, back)
    direction, strength = drawn(0, 2 * pi, 1, 1, 1), drawn(0, _SHADE, 1, 1, 1)
    ramp = (place[:, None] * direction.sin() + place * direction.cos()) / (_SIDE / 2)
    picture = covered * front + (1 - covered) * (back + strength * ramp)
    noise = torch.randn(count, 3, _SIDE, _SIDE, generator=generator)
    picture += drawn(0, _NOISE, 1, 1, 1) * noise
    return (picture.clamp(0, 1) * 255).round().to(torch.uint8)


def _distance(name: str, x: Tensor, y: Tensor, radius: Tensor) -> Tensor:
    """Return how far the points (x, y) lie outside the edge of a shape, in pixels.

    Negative inside; exact near the edge, which is all that is looked at. `radius` reaches from the
    centre to the outermost point.
    """
    if name == "circle":
        return torch.hypot(x, y) - radius
    if name == "ring":
        return (torch.hypot(x, y) - 0.78 * radius).abs() - 0.22 * radius
    if name == "cross":
        arm, half = 0.94 * radius, 0.33 * radius
        across = torch.maximum(x.abs() - arm, y.abs() - half)
        return torch.minimum(across, torch.maximum(x.abs() - half, y.abs() - arm))
    tips, waist = {"triangle": (3, 1 / 2), "square": (4, cos(pi / 4)), "star": (5, 0.42)}[name]
    return _star_distance(x, y, radius, tips, waist)


def _star_distance(x: Tensor, y: Tensor, radius: Tensor, tips: int, waist: float) -> Tensor:
    """Return the distance outside a star, by folding the plane into half of one of its tips.

    `waist` is the distance of the notches from the centre as a share of the radius; at cos(π/tips)
    the star is a regular polygon.
    """
    half = pi / tips
    angle = (torch.atan2(y, x) % (2 * half) - half).abs()  # 0 at a notch, `half` at a tip
    length = torch.hypot(x, y)
    along, aside = length * angle.cos(), length * angle.sin()
    # The edge runs from the notch (waist, 0) to the tip (cos half, sin half), times the radius.
    edge_along, edge_aside = cos(half) - waist, sin(half)
    cross = edge_aside * (along - waist * radius) - edge_along * aside
    return cross / (edge_along**2 + edge_aside**2) ** 0.5
