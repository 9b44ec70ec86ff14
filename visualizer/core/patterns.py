"""Small grids of numbers to start a matrix from: ramps, checkers, a plus sign, random digits."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Grid = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pattern:
    """One way to fill a grid of any size.

    Attributes:
        key: its stable name.
        title: what to call it on screen.
        fill: (height, width) → whole numbers 0–255 as float64, (height, width).
    """

    key: str
    title: str
    fill: Callable[[int, int], Grid]


def gradient(height: int, width: int) -> Grid:
    """Return a ramp from 0 at the left to 255 at the right, rounded to whole numbers."""
    grid = np.zeros((height, width))
    grid[:] = np.round(np.linspace(0.0, 255.0, width))
    return grid


def checkerboard(height: int, width: int) -> Grid:
    """Return 0 and 255 in turn, 0 in the corner."""
    rows, columns = np.indices((height, width))
    return np.where((rows + columns) % 2, 255.0, 0.0)


def plus(height: int, width: int) -> Grid:
    """Return 255 on the middle row and column, two of either where the side is even."""
    grid = np.zeros((height, width))
    grid[(height - 1) // 2 : height // 2 + 1, :] = 255.0
    grid[:, (width - 1) // 2 : width // 2 + 1] = 255.0
    return grid


def edge(height: int, width: int) -> Grid:
    """Return a dark left half and a bright right one: the input of every edge detector."""
    grid = np.zeros((height, width))
    grid[:, width // 2 :] = 255.0
    return grid


def random_digits(height: int, width: int, seed: int = 0) -> Grid:
    """Return digits 0–9; the same seed gives the same digits."""
    return np.random.default_rng(seed).integers(0, 10, (height, width)).astype(np.float64)


PATTERNS = (
    Pattern("gradient", "Gradient", gradient),
    Pattern("checkerboard", "Checkerboard", checkerboard),
    Pattern("edge", "Vertical edge", edge),
    Pattern("plus", "Plus sign", plus),
)
