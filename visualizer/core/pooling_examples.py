"""Worked examples of pooling: small inputs whose results can be checked by hand.

The numbers are documents in `resources/examples/`, tested against the pooling here and against
torch. Fractions are written as such: "15/9".
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from visualizer.core.examples import Landmark
from visualizer.core.geometry import Geometry
from visualizer.core.numbers import parse_number
from visualizer.core.pool_window import PoolWindow
from visualizer.core.pooling import Pooling
from visualizer.paths import resource

_ORDER = ("average", "maximum", "plain", "norm", "stochastic", "shift")


@dataclass(frozen=True, eq=False)
class PoolingExample:
    """An input and a window with a known result.

    Attributes:
        key: what it is called in files.
        title: what to call it on screen.
        caption: one to three sentences: what it shows.
        pixels: (H, W) float32, read-only.
        kind: what is done to each window.
        window: and how it moves.
        seed: of the draws.
        view: what the page shows it in.
        expected: (out_height, out_width) float64, read-only.
        landmarks: cells worth a look.
    """

    key: str
    title: str
    caption: str
    pixels: npt.NDArray[np.float32]
    kind: Pooling
    window: PoolWindow
    seed: int
    view: str
    expected: npt.NDArray[np.float64]
    landmarks: tuple[Landmark, ...]

    @property
    def geometry(self) -> Geometry:
        """Where the windows are."""
        return self.window.geometry(*self.pixels.shape)


def _load(path: Path) -> PoolingExample:
    document = json.loads(path.read_text(encoding="utf-8"))
    return PoolingExample(
        key=path.stem.removeprefix("pooling-"),
        title=document["title"],
        caption=document["caption"],
        pixels=_grid(document["pixels"]).astype(np.float32),
        kind=document["kind"],
        window=PoolWindow(**document["window"]),
        seed=document.get("seed", 0),
        view=document.get("view", "forwards"),
        expected=_grid(document["expected"]),
        landmarks=tuple(
            Landmark(**{**mark, "value": parse_number(str(mark["value"]))})
            for mark in document["landmarks"]
        ),
    )


def _grid(rows: list[list[Any]]) -> npt.NDArray[np.float64]:
    grid = np.array([[parse_number(str(number)) for number in row] for row in rows])
    grid.setflags(write=False)
    return grid


POOLING_EXAMPLES: tuple[PoolingExample, ...] = tuple(
    _load(resource("examples", f"pooling-{key}.json")) for key in _ORDER
)
