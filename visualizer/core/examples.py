"""Worked examples: small inputs and kernels whose results can be checked by hand.

The numbers are documents in `resources/examples/`, tested against the convolution here and
against torch.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from visualizer.core.geometry import Geometry
from visualizer.core.kernels import Kernel
from visualizer.paths import resource

_ORDER = ("first-steps", "binary", "curve", "rgb", "stride")


@dataclass(frozen=True)
class Landmark:
    """An output cell worth a look: its value, and why."""

    row: int
    column: int
    value: float
    about: str


@dataclass(frozen=True, eq=False)
class Example:
    """An input and a filter with a known result.

    Attributes:
        key: what it is called in files.
        title: what to call it on screen.
        caption: one or two sentences: what it shows.
        pixels: (H, W, C) float32, read-only; 1 or 3 channels.
        kernel: one plane, or with `across` one a channel.
        stride, padding, bias: of the filter; padding with zeros on every side.
        across: one filter over all channels.
        expected: (out_height, out_width) float64, read-only.
        landmarks: cells worth a look.
    """

    key: str
    title: str
    caption: str
    pixels: npt.NDArray[np.float32]
    kernel: Kernel
    stride: int
    padding: int
    bias: float
    across: bool
    expected: npt.NDArray[np.float64]
    landmarks: tuple[Landmark, ...]

    @property
    def geometry(self) -> Geometry:
        """Where the kernel falls on the input."""
        return Geometry.of(
            self.pixels.shape[0],
            self.pixels.shape[1],
            self.kernel.height,
            self.kernel.width,
            stride=self.stride,
            padding=self.padding,
        )


def _load(path: Path) -> Example:
    document = json.loads(path.read_text(encoding="utf-8"))
    pixels = np.ascontiguousarray(
        np.array(document["channels"], dtype=np.float32).transpose(1, 2, 0)
    )
    expected = np.array(document["expected"], dtype=np.float64)
    pixels.setflags(write=False)
    expected.setflags(write=False)
    return Example(
        key=path.stem,
        title=document["title"],
        caption=document["caption"],
        pixels=pixels,
        kernel=Kernel(np.array(document["kernel"]), document["title"]),
        stride=document["stride"],
        padding=document["padding"],
        bias=float(document["bias"]),
        across=document["across"],
        expected=expected,
        landmarks=tuple(Landmark(**landmark) for landmark in document["landmarks"]),
    )


EXAMPLES: tuple[Example, ...] = tuple(_load(resource("examples", f"{key}.json")) for key in _ORDER)
