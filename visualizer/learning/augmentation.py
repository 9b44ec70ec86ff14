"""Augmentation: every training image a little different each time, for a whole batch at once.

A `Draw` holds what was drawn for each image, so that it can be shown; `apply` is then the same
whatever was drawn. All geometric operations together are one affine grid, sampled once.
"""

from dataclasses import dataclass, replace
from typing import Literal, get_args

import torch
from torch import Generator, Tensor

from visualizer.learning import geometry, pixelwise

Border = Literal["zeros", "border", "reflection"]
BORDERS: tuple[Border, ...] = get_args(Border)


@dataclass(frozen=True)
class Kind:
    """What an operation does with the numbers drawn for it.

    Attributes:
        title, unit: on screen.
        neutral: the value that changes nothing, which images that are spared get.
        low, high: the widest range that makes sense.
        values: numbers an image, all from the same range.
        places: numbers an image from 0 to 1, for where or in which proportions.
    """

    title: str
    unit: str
    neutral: float
    low: float
    high: float
    values: int = 1
    places: int = 0


# In the order they are applied. Angles turn clockwise, as seen with row 0 at the top.
KINDS: dict[str, Kind] = {
    "crop": Kind("Crop", "of the side", 1.0, 0.1, 1.0, places=2),
    "mirror": Kind("Mirror left and right", "", 0.0, 1.0, 1.0),
    "upend": Kind("Mirror top and bottom", "", 0.0, 1.0, 1.0),
    "shear": Kind("Shear", "°", 0.0, -60.0, 60.0),
    "zoom": Kind("Zoom", "×", 1.0, 0.2, 5.0),
    "rotation": Kind("Rotation", "°", 0.0, -180.0, 180.0),
    "shift": Kind("Shift", "of the side", 0.0, -1.0, 1.0, values=2),
    "brightness": Kind("Brightness", "×", 1.0, 0.0, 5.0),
    "contrast": Kind("Contrast", "×", 1.0, 0.0, 5.0),
    "saturation": Kind("Saturation", "×", 1.0, 0.0, 5.0),
    "hue": Kind("Hue", "of a turn", 0.0, -0.5, 0.5),
    "blur": Kind("Blur", "px", 0.0, 0.0, 10.0),
    "noise": Kind("Noise", "", 0.0, 0.0, 1.0),
    "erasing": Kind("Erasing", "of the area", 0.0, 0.0, 1.0, places=3),
}
_GEOMETRIC = ("crop", "mirror", "upend", "shear", "zoom", "rotation", "shift")
_MIRRORING = ("mirror", "upend")
_OF_COLOUR = ("saturation", "hue")


@dataclass(frozen=True)
class Operation:
    """One kind of change, how often, and how much.

    Attributes:
        kind: a key of `KINDS`.
        low, high: the range the amount is drawn from, evenly.
        probability: the share of the images it is done to.
    """

    kind: str
    low: float
    high: float
    probability: float = 1.0

    def __post_init__(self) -> None:
        """Raise ValueError with one sentence for what cannot be."""
        if self.kind not in KINDS:
            raise ValueError(f"There is no augmentation called {self.kind!r}.")
        kind = KINDS[self.kind]
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


@dataclass(frozen=True)
class Augmentation:
    """What is done to training images. Each kind at most once; their order does not matter.

    Attributes:
        name: "none", "gentle", "strong" or the user's own.
        operations: what is done.
        border: what lies outside the image: black, its edge repeated, or its mirror image.
    """

    name: str
    operations: tuple[Operation, ...] = ()
    border: Border = "border"

    def __post_init__(self) -> None:
        """Raise ValueError when a kind is there twice, or the border is none."""
        kinds = [operation.kind for operation in self.operations]
        if len(set(kinds)) < len(kinds):
            raise ValueError("Each kind of augmentation can be there once.")
        if self.border not in BORDERS:
            raise ValueError(f"The border must be one of {', '.join(BORDERS)}.")

    def __call__(self, images: Tensor, generator: Generator) -> Tensor:
        """Do it to a batch, see `augment`: this is what the trainer wants to be given."""
        return augment(images, self, generator)

    def for_images(self, channels: int, may_mirror: bool) -> "Augmentation":
        """Leave out what changes nothing (colour of grey images) or would change the class."""
        unfit = (() if may_mirror else _MIRRORING) + (_OF_COLOUR if channels != 3 else ())
        fit = tuple(operation for operation in self.operations if operation.kind not in unfit)
        return replace(self, operations=fit)


@dataclass(frozen=True, eq=False)
class Draw:
    """What was drawn for a batch.

    Attributes:
        values: for each kind float32 (N, values + places), neutral where an image is spared.
        border: as in `Augmentation`.
    """

    values: dict[str, Tensor]
    border: Border

    def of(self, index: int) -> dict[str, tuple[float, ...]]:
        """Return what happens to one image: kind → its amounts. Kinds that spare it are absent."""
        rows = {kind: values[index].tolist() for kind, values in self.values.items()}
        return {
            kind: tuple(row[: KINDS[kind].values])
            for kind, row in rows.items()
            if any(value != KINDS[kind].neutral for value in row[: KINDS[kind].values])
        }


PRESETS: dict[str, Augmentation] = {
    "none": Augmentation("none"),
    "gentle": Augmentation(
        "gentle",
        (
            Operation("mirror", 1, 1, probability=0.5),
            Operation("rotation", -10, 10),
            Operation("zoom", 0.9, 1.1),
            Operation("shear", -5, 5),
            Operation("shift", -0.07, 0.07),
            Operation("brightness", 0.85, 1.15),
            Operation("noise", 0.0, 0.05),
        ),
    ),
    "strong": Augmentation(
        "strong",
        (
            Operation("crop", 0.75, 1.0, probability=0.5),
            Operation("mirror", 1, 1, probability=0.5),
            Operation("rotation", -20, 20),
            Operation("zoom", 0.8, 1.2),
            Operation("shear", -15, 15),
            Operation("shift", -0.12, 0.12),
            Operation("brightness", 0.7, 1.3),
            Operation("contrast", 0.6, 1.4),
            Operation("saturation", 0.4, 1.6, probability=0.8),
            Operation("hue", -0.06, 0.06, probability=0.5),
            Operation("blur", 0.3, 1.0, probability=0.2),
            Operation("noise", 0.0, 0.06),
            Operation("erasing", 0.05, 0.2, probability=0.4),
        ),
    ),
}


def augment(images: Tensor, augmentation: Augmentation, generator: Generator) -> Tensor:
    """Return a changed copy of float32 `images` (N, C, H, W) in 0–1, on their own device.

    `generator` must be on that device; from the same state it gives the same result.
    """
    if not augmentation.operations:
        return images
    return apply(images, draw(augmentation, len(images), generator), generator)


def draw(augmentation: Augmentation, count: int, generator: Generator) -> Draw:
    """Draw the amounts for `count` images, each image its own."""
    operations = sorted(augmentation.operations, key=lambda o: list(KINDS).index(o.kind))
    kinds = [KINDS[operation.kind] for operation in operations]
    # For each kind a number against its probability, its amounts, and its places.
    lows: list[float] = []
    highs: list[float] = []
    for operation, kind in zip(operations, kinds, strict=True):
        lows += [0.0, *[operation.low] * kind.values, *[0.0] * kind.places]
        highs += [1.0, *[operation.high] * kind.values, *[1.0] * kind.places]
    device = generator.device
    uniform = torch.rand(count, len(lows), generator=generator, device=device)
    low, high = torch.tensor(lows, device=device), torch.tensor(highs, device=device)
    drawn = torch.lerp(low, high, uniform).split([1 + k.values + k.places for k in kinds], dim=1)
    values = {}
    for operation, kind, own in zip(operations, kinds, drawn, strict=True):
        is_hit = own[:, :1] < operation.probability
        values[operation.kind] = own[:, 1:].where(is_hit, kind.neutral)
    return Draw(values, augmentation.border)


def apply(images: Tensor, drawn: Draw, generator: Generator) -> Tensor:
    """Do to float32 `images` (N, C, H, W) in 0–1 what was drawn. The noise is drawn here."""
    values = drawn.values
    geometric = {kind: values[kind] for kind in _GEOMETRIC if kind in values}
    if geometric:
        images = geometry.warp(images, geometric, drawn.border)
    for kind, change in pixelwise.CHANGES.items():
        if kind in values:
            hit = (values[kind][:, 0] != KINDS[kind].neutral).nonzero().flatten()
            if len(hit) == len(images):
                images = change(images, values[kind])
            elif len(hit):  # the spared ones cost nothing
                images = images.index_copy(0, hit, change(images[hit], values[kind][hit]))
    if "noise" in values:
        images = pixelwise.add_noise(images, values["noise"], generator)
    if "erasing" in values:
        images = pixelwise.erase(images, values["erasing"])
    return images
