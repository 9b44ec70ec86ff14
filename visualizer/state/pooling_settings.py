"""What the user has chosen on the Pooling page."""

from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np

from visualizer.core.geometry import Geometry, GeometryError
from visualizer.core.image import Image
from visualizer.core.kernels import Kernel
from visualizer.core.pool_window import PoolWindow, whole_window
from visualizer.core.pooling import Pooling
from visualizer.core.presets import build

AppliedTo = Literal["luma", "each", "channel", "map"]
Kind = Pooling | Literal["convolution"]
KINDS: tuple[Kind, ...] = (*get_args(Pooling), "convolution")
View = Literal["forwards", "backwards", "shift"]
THRESHOLDS = (0.0, 0.05, 0.1)
FARTHEST = 8  # pixels a picture can be shifted


@dataclass(frozen=True)
class SentMap:
    """A feature map that was sent here.

    Attributes:
        name: what made it, such as "Sobel x · ReLU".
        image: the map; its bands are the maps' names.
        of: the picture on show that it was made from.
        signed: whether there are negative numbers, which get signed colours.
        largest: the number at which the colours are full.
    """

    name: str
    image: Image
    of: Image
    signed: bool
    largest: float


@dataclass(frozen=True)
class PoolingSettings:
    """What the user has chosen on the Pooling page. Validated: ValueError with a sentence.

    Attributes:
        applied_to: the luma, each channel, one channel, or the map that was sent here.
        channel: the channel meant by "channel".
        sent: the map that was sent here; it serves while the picture it was made from is on show.
        kind: what is done to each window; "convolution" with the same stride, for comparison.
        window: the pooling window; a convolution takes its stride, global pooling nothing of it.
        square: whether height and width of the window change together.
        count_padding: whether padding counts among the numbers an average is divided by.
        seed: of the draws.
        kernel: the preset that the convolution uses.
        plane: the channel whose map is looked at.
        exact: whether numbers are written out, rather than rounded.
        winners: whether all winners are marked in the input.
        view: what the page shows.
        gradient: what arrives at the output, backwards.
        all_cells: whether every output cell sends its gradient back, rather than one.
        shift: by how many pixels the picture is moved, down and to the right.
        threshold: from which share of the range on a change counts.
    """

    applied_to: AppliedTo = "luma"
    channel: int = 0
    sent: SentMap | None = None
    kind: Kind = "max"
    window: PoolWindow = field(default_factory=PoolWindow)
    square: bool = True
    count_padding: bool = True
    seed: int = 0
    kernel: str = "sobel-x"
    plane: int = 0
    exact: bool = False
    winners: bool = False
    view: View = "forwards"
    gradient: float = 1.0
    all_cells: bool = False
    shift: tuple[int, int] = (0, 1)
    threshold: float = 0.0

    def __post_init__(self) -> None:
        for name, known in (
            ("applied_to", get_args(AppliedTo)), ("kind", KINDS), ("view", get_args(View)),
            ("threshold", THRESHOLDS),
        ):  # fmt: skip
            if getattr(self, name) not in known:
                words = ", ".join(map(str, known))
                raise ValueError(f"'{getattr(self, name)}' is none of {words}.")
        if max(map(abs, self.shift)) > FARTHEST:
            raise ValueError(f"The picture can be moved by at most {FARTHEST} pixels.")
        if not np.isfinite(self.gradient):
            raise ValueError("The gradient must be a finite number.")

    def source(self, image: Image) -> Image:
        """Return what is pooled: the map sent here while its picture is on show, or `image`."""
        return self.sent.image if self.sent is not None and self.uses_map(image) else image

    def uses_map(self, image: Image) -> bool:
        """Tell whether the map that was sent here is pooled."""
        return self.applied_to == "map" and self.has_map(image)

    def has_map(self, image: Image) -> bool:
        """Tell whether a map that was made from `image` is here."""
        return self.sent is not None and self.sent.of is image

    def for_picture(self, image: Image) -> "PoolingSettings":
        """Return them with the luma in place of a map that belongs to another picture."""
        if self.applied_to == "map" and not self.has_map(image):
            return replace(self, applied_to="luma")
        return self

    def convolved_with(self) -> Kernel:
        """Return the convolution's kernel."""
        return build(self.kernel)

    def geometry(self, height: int, width: int, kind: Kind | None = None) -> Geometry:
        """Return where the windows are on a picture; GeometryError when there is no output.

        The convolution pads by half of its kernel, so that it has a cell for each stride.
        """
        kind = kind or self.kind
        if kind == "global":
            return whole_window(height, width)
        if kind == "convolution":
            kernel = self.convolved_with()
            return Geometry.of(
                height, width, kernel.height, kernel.width, stride=self.window.stride,
                padding="same",
            )  # fmt: skip
        return self.window.geometry(height, width)

    def why_not(self, image: Image) -> str:
        """Return why these settings give no output for `image`, as one sentence, or ""."""
        source = self.source(image)
        try:
            self.geometry(source.height, source.width)
            if self.view == "shift":
                self.window.geometry(source.height, source.width)
        except GeometryError as error:
            return str(error)
        return ""
