"""Augmentation: every training image a little different each time, for a whole batch at once.

A `Draw` holds what was drawn for each image, so that it can be shown; `apply` is then the same
whatever was drawn.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from math import ceil

import torch
from torch import Generator, Tensor

from visualizer.learning import geometry, pixelwise, speckle
from visualizer.learning.operations import KINDS, Operation
from visualizer.learning.pipeline import Fill, Pipeline

# So many numbers at a time stay near the processor from one operation to the next, and are enough
# for it to share each operation out among its cores: four images of 224×224 in colour.
_NUMBERS_AT_ONCE = 5 << 17

# Drawn for each pixel, so that the same amount looks different each time.
SPECKLED = (*speckle.RANDOM, "elastic")

Stage = Callable[[Tensor, slice, Generator], Tensor]
Part = tuple[slice, Generator]
Each = Callable[[Callable[[Part], Tensor], Iterable[Part]], Iterable[Tensor]]


@dataclass(frozen=True, eq=False)
class Drawn:
    """One operation with what was drawn for each image.

    Attributes:
        operation: what is done.
        values: float32 (N, 1 + places): the amount, neutral where an image is spared, and where.
    """

    operation: Operation
    values: Tensor

    @property
    def kind(self) -> str:
        """The key of `KINDS`."""
        return self.operation.kind

    @property
    def is_geometric(self) -> bool:
        """Whether it moves pixels."""
        return KINDS[self.kind].group == "Geometry"


@dataclass(frozen=True, eq=False)
class Draw:
    """What was drawn for a batch by a pipeline."""

    pipeline: Pipeline
    drawn: tuple[Drawn, ...]

    def of(self, index: int) -> list[tuple[str, float]]:
        """Return what happens to one image: kinds with their amounts, but for those sparing it."""
        amounts = [(one.kind, float(one.values[index, 0])) for one in self.drawn]
        return [(kind, amount) for kind, amount in amounts if amount != KINDS[kind].neutral]


def augment(images: Tensor, pipeline: Pipeline, generator: Generator) -> Tensor:
    """Return a changed copy of float32 `images` (N, C, H, W) in 0–1, on their own device.

    `generator` must be on that device; from the same state it gives the same result.
    """
    if not pipeline.active:
        return images
    return apply(images, draw(pipeline, len(images), generator), generator)


# Columns of random numbers: each kind has its own (one against the probability, one for the
# amount, the places), so that adding, moving or switching off an operation leaves alone what is
# drawn for the others.
_WIDTHS = {name: 2 + kind.places for name, kind in KINDS.items()}
_STARTS = dict(zip(_WIDTHS, accumulate(_WIDTHS.values(), initial=0), strict=False))
_ALL = sum(_WIDTHS.values())


def draw(pipeline: Pipeline, count: int, generator: Generator) -> Draw:
    """Draw the amounts for `count` images, each image its own."""
    turns: Counter[str] = Counter()  # how often a kind has come already
    starts = []
    for operation in pipeline.operations:
        if operation.on:
            starts.append(turns[operation.kind] * _ALL + _STARTS[operation.kind])
        turns[operation.kind] += 1
    if not starts:
        return Draw(pipeline, ())
    device = generator.device
    blocks = range(max(turns.values()))  # the first does not depend on how many follow
    uniform = torch.cat(
        [torch.rand(count, _ALL, generator=generator, device=device) for _ in blocks], dim=1
    )
    known = [(o.probability, o.low, o.high, KINDS[o.kind].neutral) for o in pipeline.active]
    share, low, high, neutral = torch.tensor(known, device=device).unbind(1)
    first = torch.tensor(starts, device=device)
    amounts = torch.lerp(low, high, uniform[:, first + 1])
    amounts = amounts.where(uniform[:, first] < share, neutral)
    drawn = []
    for operation, start, values in zip(pipeline.active, starts, amounts.split(1, 1), strict=True):
        if KINDS[operation.kind].places:
            places = uniform[:, start + 2 : start + _WIDTHS[operation.kind]]
            values = torch.cat([values, places], 1)
        drawn.append(Drawn(operation, values))
    return Draw(pipeline, tuple(drawn))


def apply(images: Tensor, drawn: Draw, generator: Generator, each: Each = map) -> Tensor:
    """Do to float32 `images` (N, C, H, W) in 0–1 what was drawn.

    What is drawn for each pixel (noise, elastic shifts) is drawn here. On a processor images are
    done in parts, each with random numbers of its own; `each` runs them, such as the map of a pool
    of threads.
    """
    stages = list(_stages(drawn, *images.shape[2:]))

    def done(part: slice, own: Generator) -> Tensor:
        some = images[part].clone()  # stages may write into it, and read places in it at random
        for stage in stages:
            some = stage(some, part, own)
        return some

    parts = list(_parts(images, generator))
    if len(parts) == 1:
        return done(*parts[0])
    result = torch.empty_like(images)
    for _ in each(lambda job: result[job[0]].copy_(done(*job)), parts):
        pass
    return result


def _parts(images: Tensor, generator: Generator) -> Iterator[Part]:
    """Yield which images are done at once, and what draws for their pixels."""
    if images.device.type != "cpu":
        yield slice(None), generator
        return
    at_once = max(1, _NUMBERS_AT_ONCE // images[0].numel())
    for start in range(0, len(images), at_once):
        seed = int(torch.randint(1 << 32, (), generator=generator))
        yield slice(start, start + at_once), Generator().manual_seed(seed)


def _stages(drawn: Draw, height: int, width: int) -> Iterator[Stage]:
    """Yield what is done to the images, or to a part of them, one after the other."""
    fill, level = drawn.pipeline.fill, drawn.pipeline.level
    for run in _runs(drawn.drawn):
        if any(one.is_geometric and one.kind not in pixelwise.CHANGES for one in run):
            way = geometry.way_back([(one.kind, one.values) for one in run], height, width)
            yield partial(_warp, way, fill, level)
        else:  # whole pixels change their values or their places
            yield from (partial(_change, one) for one in run)


def _warp(
    way: geometry.Way, fill: Fill, level: float, images: Tensor, part: slice, generator: Generator
) -> Tensor:
    return geometry.warp(images, way.part(part), fill, level, generator)


def _runs(drawn: tuple[Drawn, ...]) -> Iterator[list[Drawn]]:
    """Yield operations one by one, but geometric ones together that can move the image at once.

    Elastic shifts belong to places of their result, so nothing can join them from behind.
    """
    run: list[Drawn] = []
    for one in drawn:
        joins = run and one.is_geometric and run[-1].is_geometric and run[-1].kind != "elastic"
        if run and not joins:
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _change(one: Drawn, images: Tensor, part: slice, generator: Generator) -> Tensor:
    """Change the images that are not spared."""
    kind, values = one.kind, one.values[part]
    if kind in speckle.RANDOM:  # drawn for all, so that nothing depends on who is spared
        return speckle.RANDOM[kind](images, values, generator)
    change = pixelwise.CHANGES.get(kind) or partial(
        pixelwise.blur, reach=ceil(3 * one.operation.high)
    )
    hit = (values[:, 0] != KINDS[kind].neutral).nonzero().flatten()
    if len(hit) == len(images):
        return change(images, values)
    return images.index_copy_(0, hit, change(images[hit], values[hit])) if len(hit) else images
