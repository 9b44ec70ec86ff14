"""Dividing images into what is learned from and what is kept apart."""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from visualizer.learning.datasets import Part

SHARES = (0.7, 0.15, 0.15)
SHARES_IN_WORDS = "Of each class 70 % are for training, 15 % for validation and 15 % for the test."


def three_parts(images: Tensor, labels: Tensor, seed: int) -> tuple[Part, Part, Part]:
    """Divide uint8 `images` (N, C, H, W) into training, validation and test by `SHARES`."""
    train, validation, test = stratified(labels, SHARES, seed)
    return (
        Part(images[train], labels[train]),
        Part(images[validation], labels[validation]),
        Part(images[test], labels[test]),
    )


def two_parts(part: Part, share: float, seed: int) -> tuple[Part, Part]:
    """Take `share` (0 to 1) of each class out of `part`; return the rest and what was taken."""
    rest, taken = stratified(part.labels, (1 - share, share), seed)
    return Part(part.images[rest], part.labels[rest]), Part(part.images[taken], part.labels[taken])


def stratified(labels: Tensor, shares: Sequence[float], seed: int) -> list[Tensor]:
    """Return shuffled indices (int64) for each share, every class in the same proportions.

    The shares add up to 1. A class of few images gives one to each part, in order, before it gives
    a second to any.
    """
    generator = Generator().manual_seed(seed)
    parts: list[list[Tensor]] = [[] for _ in shares]
    wanted = [0.0 for _ in shares]
    for label in labels.unique():
        members = (labels == label).nonzero().flatten()
        members = members[torch.randperm(len(members), generator=generator)]
        # What rounding left over at one class is made up for at the next, so the sums are right.
        wanted = [left + share * len(members) for left, share in zip(wanted, shares, strict=True)]
        sizes = _rounded(wanted, len(members))
        wanted = [number - size for number, size in zip(wanted, sizes, strict=True)]
        for part, some in zip(parts, members.split(sizes), strict=True):
            part.append(some)
    joined = [torch.cat(part) for part in parts]
    return [part[torch.randperm(len(part), generator=generator)] for part in joined]


def _rounded(wanted: Sequence[float], total: int) -> list[int]:
    """Return whole numbers near those wanted that add up to `total`, at first one for each."""
    sizes = [int(i < total) for i in range(len(wanted))]
    for _ in range(total - sum(sizes)):
        lacking = [number - size for number, size in zip(wanted, sizes, strict=True)]
        sizes[lacking.index(max(lacking))] += 1
    return sizes
