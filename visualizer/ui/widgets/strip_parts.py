"""What an arithmetic strip is made of: grids of numbers, signs between them, results in boxes.

Whoever explains a cell says it in these parts, from left to right; the strip lays them out and
paints them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from visualizer.ui.widgets.cells import Style
from visualizer.ui.widgets.strip_numbers import Folding, Texts

ROUNDED = "rounded"
OUTPUT_ROOM = "output [0000, 0000]"  # the longest caption of a result


@dataclass(frozen=True, eq=False)
class Numbers:
    """Grids of numbers, one a plane.

    Attributes:
        values: (P, R, C), for the colours; R and C are places, after folding.
        texts: how they are written.
        caption: stands below.
        style, low, high: as for `cells.number_cell`.
        inside: (R, C), False on padding.
        folded: (R, C), True where a place stands for several cells and has no colour.
        marked: the place of the winner, if there is one.
        secret: whether the numbers are what the class is asked for.
    """

    values: npt.NDArray[np.float64]
    texts: list[Texts]
    caption: str
    style: Style = "grey"
    low: float = 0.0
    high: float = 0.0
    inside: npt.NDArray[np.bool_] | None = None
    folded: npt.NDArray[np.bool_] | None = None
    marked: tuple[int, int] | None = None
    secret: bool = False


@dataclass(frozen=True)
class Sign:
    """A sign between two parts.

    Attributes:
        text: "×" and the like.
        above: stands over it.
        below: under it, in the colour of "here"; hidden with the results.
        reserved: texts that may stand there, and room beside the longest in px at scale 1.
        each: what stands below in each plane, when it differs; then there is a sign a plane.
        once: whether one sign serves all planes.
        breaks: whether a second line may begin with it, where one is too wide.
    """

    text: str
    above: str = ""
    below: str = ""
    reserved: str = ""
    margin: float = 10
    each: tuple[str, ...] = ()
    once: bool = False
    breaks: bool = False


@dataclass(frozen=True)
class Sums:
    """One result a plane.

    Attributes:
        texts: the results.
        caption: stands below.
    """

    texts: tuple[str, ...]
    caption: str = "sums"


@dataclass(frozen=True)
class Box:
    """A result.

    Attributes:
        text: the number.
        caption: stands below.
        here: whether it has the colour of "here", or that of a plain field.
        above: over it, in the colour of "here"; hidden with the results.
        below: the terms it is made of; hidden with the results.
        reserved: a caption, and digits, for which there must be room.
        given: whether it is known before, so that it is shown while results are hidden.
    """

    text: str
    caption: str
    here: bool = False
    above: str = ""
    below: str = ""
    reserved: tuple[str, str] = ("", "")
    given: bool = False


Part = Numbers | Sign | Sums | Box


class Arithmetic(Protocol):
    """One cell's arithmetic.

    `shape` is (planes, rows, columns) of its grids; `names` are the planes', when there are
    several.
    """

    @property
    def shape(self) -> tuple[int, int, int]:
        """Planes, rows and columns of the grids."""

    @property
    def names(self) -> tuple[str, ...]:
        """The planes' names, when there are several."""

    def parts(self, rows: Folding, columns: Folding, exact: bool) -> Sequence[Part]:
        """Return it in parts, from left to right, written with up to nine digits or few."""

    def laid_out_like(self, other: object) -> bool:
        """Tell whether the layout made for `other` serves."""

    def spoken(self, parts: Sequence[Part], hidden: bool) -> str:
        """Return the result in words, for assistive technology."""

    def tip(self, row: int, column: int) -> str:
        """Return what is to be said of one place of the grids, with full precision."""


def says_rounded(part: Part) -> bool:
    """Tell whether the word "rounded" stands at a part."""
    if isinstance(part, Sign):
        return ROUNDED in (part.below, *part.each)
    return isinstance(part, Box) and part.above == ROUNDED
