"""What the user has chosen on the Filters page: the settings of one filter."""

from dataclasses import dataclass, field
from typing import Literal, cast, get_args

import numpy as np

from visualizer.core.convolution import ACTIVATIONS, Activation
from visualizer.core.display import MODES, Mode
from visualizer.core.geometry import (
    BORDERS,
    RANGES,
    Border,
    Field,
    Geometry,
    PaddingMode,
    problem,
)
from visualizer.core.image import Image
from visualizer.core.kernels import Kernel
from visualizer.core.presets import Parameters, build

AppliedTo = Literal["each", "luma", "channel", "across"]
APPLIED_TO: tuple[AppliedTo, ...] = get_args(AppliedTo)
Display = Literal["auto"] | Mode
DISPLAYS: tuple[Display, ...] = ("auto", *MODES)
FIRST = "sobel-x"  # the preset on show at first


@dataclass(frozen=True)
class FilterSettings:
    """What the user has chosen on the Filters page. Validated: ValueError with a sentence.

    Attributes:
        applied_to: each channel alone, the luma, one channel, or one filter across all channels.
        channel: the channel meant by "channel".
        kernel: of one plane, or with "across" one a channel.
        preset: the key of the preset the kernel came from, "" for a kernel of one's own.
        parameters: the parametric preset's values, as (name, value) pairs.
        stride, padding, border, dilation: see `core.geometry`.
        bias: added to every sum.
        activation: applied to every sum.
        flip: a true convolution, the kernel turned by 180°.
        display: how results are painted; "auto" goes by what the kernel does.
        plane: the filter's plane in the editor ("across"), or the channel whose map is looked
            at ("each").
        exact: whether numbers are written out, rather than rounded.
    """

    applied_to: AppliedTo = "luma"
    channel: int = 0
    kernel: Kernel = field(default_factory=lambda: build(FIRST))
    preset: str = FIRST
    parameters: Parameters = ()
    stride: int = 1
    padding: PaddingMode = 1
    border: Border = "zero"
    dilation: int = 1
    bias: float = 0.0
    activation: Activation = "none"
    flip: bool = False
    display: Display = "auto"
    plane: int = 0
    exact: bool = False

    def __post_init__(self) -> None:
        for name, known in (
            ("applied_to", APPLIED_TO), ("border", BORDERS), ("activation", ACTIVATIONS),
            ("display", DISPLAYS),
        ):  # fmt: skip
            if getattr(self, name) not in known:
                raise ValueError(f"'{getattr(self, name)}' is none of {', '.join(known)}.")
        for value, name in (
            (self.stride, "stride"), (self.dilation, "dilation"), (self.padding, "padding"),
        ):  # fmt: skip
            low, high = RANGES[cast(Field, name)]
            if isinstance(value, int) and not low <= value <= high:
                raise ValueError(f"The {name} must lie between {low} and {high}, not {value}.")
        if not np.isfinite(self.bias):
            raise ValueError("The bias must be a finite number.")
        if self.kernel.planes > 1 and self.applied_to != "across":
            raise ValueError("Only a filter across all channels has several planes.")

    def geometry(self, image: Image) -> Geometry:
        """Return where the kernel falls on `image`; GeometryError when there is no output."""
        return Geometry.of(
            image.height,
            image.width,
            self.kernel.height,
            self.kernel.width,
            stride=self.stride,
            dilation=self.dilation,
            padding=self.padding,
            border=self.border,
        )

    def why_not(self, image: Image) -> str:
        """Return why these settings give no output for `image`, as one sentence, or ""."""
        return problem(
            image.height,
            image.width,
            self.kernel.height,
            self.kernel.width,
            stride=self.stride,
            dilation=self.dilation,
            padding=self.padding,
            border=self.border,
        )
