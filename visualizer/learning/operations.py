"""The operations that augmentation is made of, as plain values. Needs no torch.

What they do to images is in `geometry.py` and `pixelwise.py`.
"""

import sys
from dataclasses import dataclass
from typing import Any, Literal, get_args

Group = Literal["Geometry", "Colour", "Pixels"]
GROUPS: tuple[Group, ...] = get_args(Group)


@dataclass(frozen=True)
class Kind:
    """What an operation does, and with which numbers.

    Attributes:
        title, hint, unit: on screen.
        group: geometric operations move pixels, the others change their values.
        neutral: the amount that changes nothing, which images that are spared get.
        low, high: the widest range that makes sense; equal for a switch, which has no amount.
        usual: the range that it begins with.
        decimals: of an amount as it is written.
        places: further numbers an image, from 0 to 1, for where or in which proportions.
        measure: what the amount is, in a word.
    """

    title: str
    hint: str
    group: Group
    unit: str
    neutral: float
    low: float
    high: float
    usual: tuple[float, float]
    decimals: int = 2
    places: int = 0
    measure: str = "share"

    @property
    def is_switch(self) -> bool:
        """Whether it is either done or not."""
        return self.low == self.high

    def written(self, amount: float) -> str:
        """Return an amount as text: "−12.0°", "× 1.20", "0.05"."""
        text = f"{amount:.{self.decimals}f}".replace("-", "−")
        if float(f"{amount:.{self.decimals}f}") == 0:
            text = text.removeprefix("−")
        if self.unit == "×":
            return f"× {text}"
        return f"{text}{self.unit}" if self.unit == "°" else f"{text} {self.unit}".rstrip()


def _switch(title: str, hint: str, group: Group) -> Kind:
    return Kind(title, hint, group, "", 0.0, 1.0, 1.0, (1.0, 1.0))


KINDS: dict[str, Kind] = {
    "mirror": _switch("Flip left–right", "The mirror image", "Geometry"),
    "upend": _switch("Flip up–down", "Upside down, and mirrored", "Geometry"),
    "rotation": Kind("Rotation", "Turned about the middle, clockwise", "Geometry", "°",
                     0.0, -180.0, 180.0, (-20.0, 20.0), decimals=1, measure="degrees"),
    "shift_x": Kind("Shift left–right", "As a share of the width; above 0 to the right",
                    "Geometry", "", 0.0, -0.5, 0.5, (-0.2, 0.2)),
    "shift_y": Kind("Shift up–down", "As a share of the height; above 0 downwards", "Geometry",
                    "", 0.0, -0.5, 0.5, (-0.2, 0.2)),
    "zoom": Kind("Zoom", "Larger above 1, smaller below", "Geometry", "×",
                 1.0, 0.2, 2.0, (0.8, 1.2), measure="factor"),
    "shear": Kind("Shear", "Columns lean; above 0 to the left at the foot", "Geometry", "°",
                  0.0, -45.0, 45.0, (-15.0, 15.0), decimals=1, measure="degrees"),
    "perspective": Kind("Perspective", "Each corner comes inwards by up to this share of the "
                        "half side", "Geometry", "", 0.0, 0.0, 0.9, (0.0, 0.5), places=8),
    "crop": Kind("Crop and resize", "A part of this share of the area, made as large as the whole",
                 "Geometry", "", 1.0, 0.05, 1.0, (0.5, 1.0), places=2),
    "padded_crop": Kind("Pad and crop", "So many pixels around, then the old size out of it, "
                        "anywhere", "Geometry", "px", 0.0, 0.0, 32.0, (4.0, 4.0), decimals=0,
                        places=2, measure="pixels"),
    "elastic": Kind("Elastic", "As if on rubber: random shifts of this share of the side, smooth "
                    "from place to place", "Geometry", "", 0.0, 0.0, 0.1, (0.01, 0.04),
                    decimals=3),
    "brightness": Kind("Brightness", "Every value times this", "Colour", "×",
                       1.0, 0.0, 3.0, (0.7, 1.3), measure="factor"),
    "contrast": Kind("Contrast", "The distance from the mean grey, times this", "Colour", "×",
                     1.0, 0.0, 3.0, (0.6, 1.4), measure="factor"),
    "saturation": Kind("Saturation", "The distance from the pixel's own grey, times this",
                       "Colour", "×", 1.0, 0.0, 3.0, (0.4, 1.6), measure="factor"),
    "hue": Kind("Hue", "Turned by a share of the colour circle", "Colour", "",
                0.0, -0.5, 0.5, (-0.1, 0.1), measure="turns"),
    "grey": _switch("Grey", "Without colour", "Colour"),
    "gamma": Kind("Gamma", "Every value to this power: above 1 darker, below brighter", "Colour",
                  "", 1.0, 0.2, 5.0, (0.6, 1.6), measure="power"),
    "invert": _switch("Invert", "1 − value: a negative", "Colour"),
    "noise": Kind("Gaussian noise", "Added to every value; σ on the scale from 0 to 1", "Pixels",
                  "", 0.0, 0.0, 0.5, (0.05, 0.15), decimals=3, measure="σ"),
    "salt": Kind("Salt and pepper", "This share of the pixels is white or black", "Pixels", "",
                 0.0, 0.0, 0.5, (0.02, 0.1), decimals=3),
    "blur": Kind("Gaussian blur", "σ in pixels", "Pixels", "px", 0.0, 0.0, 5.0, (0.5, 1.5),
                 measure="σ, pixels"),
    "sharpen": Kind("Sharpen", "0 is smoothed, 1 as it is, 2 and more sharper", "Pixels", "×",
                    1.0, 0.0, 8.0, (2.0, 4.0), measure="factor"),
    "erasing": Kind("Random erasing", "A rectangle of this share of the area, in the mean colour",
                    "Pixels", "", 0.0, 0.0, 0.9, (0.05, 0.2), places=3),
}  # fmt: skip

_OF_COLOUR = ("saturation", "hue", "grey")
_MIRRORING = ("mirror", "upend")


@dataclass(frozen=True)
class Operation:
    """One kind of change, how often, and how much.

    Attributes:
        kind: a key of `KINDS`.
        low, high: the range the amount is drawn from, evenly.
        probability: the share of the images it is done to.
        on: whether it is done at all.
    """

    kind: str
    low: float
    high: float
    probability: float = 1.0
    on: bool = True

    def __post_init__(self) -> None:
        """Raise ValueError with one sentence for what cannot be."""
        if self.kind not in KINDS:
            raise ValueError(f"There is no augmentation called {self.kind!r}.")
        kind = KINDS[self.kind]
        if not all(map(_is_number, (self.low, self.high, self.probability))):
            raise ValueError(f"{kind.title} needs numbers for its range and its probability.")
        if not kind.low <= self.low <= self.high <= kind.high:
            raise ValueError(
                f"{kind.title} must range from {kind.low:g} to {kind.high:g}, the smaller value "
                f"first, not from {self.low:g} to {self.high:g}."
            )
        if not 0 <= self.probability <= 1:
            raise ValueError(
                f"The probability of {kind.title.lower()} must be from 0 to 1, "
                f"not {self.probability:g}."
            )
        if not isinstance(self.on, bool):
            raise ValueError(f"{kind.title} must be on or off.")

    @classmethod
    def usual(cls, kind: str) -> "Operation":
        """Return it as it begins: a switch for half of the images, anything else for all."""
        known = KINDS[kind]
        return cls(kind, *known.usual, probability=0.5 if known.is_switch else 1.0)

    @property
    def fixed(self) -> bool:
        """Whether every image gets the same amount."""
        return self.low == self.high

    def in_words(self) -> str:
        """Return it as a phrase: "rotation −20.0° to 20.0°", "flip up–down for 50 %"."""
        kind = KINDS[self.kind]
        text = kind.title[0].lower() + kind.title[1:]
        if not kind.is_switch:
            text += f" {kind.written(self.low)}"
            text += "" if self.fixed else f" to {kind.written(self.high)}"
        return text if self.probability == 1 else f"{text} for {100 * self.probability:.3g} %"

    def suits(self, channels: int, may_mirror: bool) -> bool:
        """Whether it changes something (no colour of grey images) but never the class."""
        unfit = (() if may_mirror else _MIRRORING) + (_OF_COLOUR if channels != 3 else ())
        return self.kind not in unfit


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) <= sys.float_info.max  # True of no NaN, of no vast integer
