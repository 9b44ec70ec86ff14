"""How a network's answer changes when its input is shifted, turned and scaled."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from visualizer.learning.explain import input_of
from visualizer.learning.geometry import warp, way_back
from visualizer.learning.modules import Network

Floats = npt.NDArray[np.float32]

ANGLES = tuple(float(a) for a in range(-180, 181, 6))
ZOOMS = tuple(round(0.4 + 0.05 * i, 2) for i in range(25))
_AT_ONCE = 64


@dataclass(frozen=True, eq=False)
class Sweep:
    """The probability of one class for an input that is moved.

    Attributes:
        target: index of the class.
        reach: the farthest shift, in pixels.
        shifts: (2·reach + 1, 2·reach + 1), rows from −reach (up) to +reach (down), columns from
            left to right; NaN where not known yet.
        angles: for each of ANGLES, clockwise; zooms: for each of ZOOMS.
    """

    target: int
    reach: int
    shifts: Floats
    angles: Floats
    zooms: Floats

    @property
    def robust(self) -> float:
        """The share of the shifts at which the class is more probable than all others together."""
        return float(np.mean(self.shifts > 0.5))


def sweep(network: Network, pixels: npt.NDArray[np.uint8], target: int) -> Iterator[Sweep]:
    """Yield ever more of the probabilities of `target`; what comes in at the edge is its border.

    `pixels` is uint8 (C, H, W).
    """
    image = input_of(network, pixels)
    height, width = image.shape[2:]
    reach = max(2, round(min(height, width) * 2 / 7))  # 8 of 28
    side = 2 * reach + 1
    found = np.full(side * side + len(ANGLES) + len(ZOOMS), np.nan, np.float32)
    done = 0
    for some in _moved(image, reach):
        with torch.no_grad():
            probabilities = network(some).softmax(1)[:, target]
        found[done : done + len(some)] = probabilities.cpu().numpy()
        done += len(some)
        shifts, angles, zooms = np.split(found.copy(), (side * side, side * side + len(ANGLES)))
        yield Sweep(target, reach, shifts.reshape(side, side), angles, zooms)


def _moved(image: Tensor, reach: int) -> Iterator[Tensor]:
    """Yield batches: shifted row by row, then turned, then scaled."""
    height, width = image.shape[2:]
    framed = functional.pad(image, (reach,) * 4, mode="replicate")[0]
    places = [(y, x) for y in range(2 * reach, -1, -1) for x in range(2 * reach, -1, -1)]
    for start in range(0, len(places), _AT_ONCE):
        yield torch.stack(
            [framed[:, y : y + height, x : x + width] for y, x in places[start : start + _AT_ONCE]]
        )
    for kind, amounts in (("rotation", ANGLES), ("zoom", ZOOMS)):
        column = torch.tensor(amounts, dtype=image.dtype, device=image.device)[:, None]
        for some in column.split(_AT_ONCE):
            way = way_back([(kind, some)], height, width)
            yield warp(image.repeat(len(some), 1, 1, 1), way)
