"""Augmentation as it is composed: operations in order, what fills the gaps, presets, files.

Plain values that need no torch; calling a pipeline with images does.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args
from zlib import crc32

from visualizer.learning.files import brief, write_atomically
from visualizer.learning.operations import Operation

if TYPE_CHECKING:
    from torch import Generator, Tensor

Fill = Literal["constant", "nearest", "reflect", "wrap"]
FILLS: tuple[Fill, ...] = get_args(Fill)
OWN = "custom"
MOST_OPERATIONS = 40

_FORMAT, _VERSION = "cnn-visualizer pipeline", 1
_LARGEST_FILE = 1 << 20  # bytes
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Pipeline:
    """What is done to training images, one operation after the other.

    Geometric operations that follow one another move the image as a whole, once: it is
    interpolated once, and what one of them pushes out another can bring back.

    Attributes:
        name: a key of `PRESETS`, or OWN.
        operations: what is done, in order; a kind may come again.
        fill: what lies outside the image: one grey, its edge repeated, its mirror image with the
            edge repeated, or the image again.
        level: the grey of "constant", 0 to 1.
    """

    name: str = OWN
    operations: tuple[Operation, ...] = ()
    fill: Fill = "nearest"
    level: float = 0.0

    def __post_init__(self) -> None:
        """Raise ValueError with one sentence for what cannot be."""
        if not isinstance(self.name, str) or not 0 < len(self.name) <= _LONGEST_NAME:
            raise ValueError(f"A pipeline needs a name of at most {_LONGEST_NAME} letters.")
        if len(self.operations) > MOST_OPERATIONS:
            raise ValueError(
                f"A pipeline holds at most {MOST_OPERATIONS} operations; remove one first."
            )
        if self.fill not in FILLS:
            raise ValueError(f"The fill must be one of {', '.join(FILLS)}, not {self.fill!r}.")
        is_number = isinstance(self.level, int | float) and not isinstance(self.level, bool)
        if not is_number or not 0 <= self.level <= 1:
            raise ValueError(f"The grey level of the fill must be from 0 to 1, not {self.level!r}.")

    def __call__(self, images: "Tensor", generator: "Generator") -> "Tensor":
        """Do it to a batch, see `augmentation.augment`."""
        from visualizer.learning.augmentation import augment

        return augment(images, self, generator)

    @property
    def active(self) -> tuple[Operation, ...]:
        """The operations that are switched on."""
        return tuple(operation for operation in self.operations if operation.on)

    def suited(self, channels: int, may_mirror: bool) -> "Pipeline":
        """Leave out what would change nothing, or the class."""
        fit = tuple(o for o in self.operations if o.suits(channels, may_mirror))
        return replace(self, operations=fit)

    @property
    def label(self) -> str:
        """A short text that tells it from others: its name, or one's own with a number."""
        return self.name if self.name != OWN else f"own {crc32(repr(self).encode()) & 0xFFFF:04x}"

    def in_words(self) -> str:
        """Return it in one line, such as "rotation −10.0° to 10.0°, invert for 50 %"."""
        return ", ".join(operation.in_words() for operation in self.active) or "nothing"


_PLACES = ("shear", "zoom", "rotation", "shift_x", "shift_y")
_FLIP = Operation("mirror", 1, 1, probability=0.5)


def _moved(shear: float, zoom: float, rotation: float, shift: float) -> tuple[Operation, ...]:
    """Return the moves that presets have in common, by up to so much to either side."""
    ranges = ((-shear, shear), (1 - zoom, 1 + zoom), (-rotation, rotation), *[(-shift, shift)] * 2)
    return tuple(Operation(kind, *ends) for kind, ends in zip(_PLACES, ranges, strict=True))


_GENTLE = (
    _FLIP,
    *_moved(shear=5, zoom=0.1, rotation=10, shift=0.07),
    Operation("brightness", 0.85, 1.15),
    Operation("noise", 0.0, 0.05),
)
_STRONG = (
    Operation("crop", 0.56, 1.0, probability=0.5),
    _FLIP,
    *_moved(shear=15, zoom=0.2, rotation=20, shift=0.12),
    Operation("brightness", 0.7, 1.3),
    Operation("contrast", 0.6, 1.4),
    Operation("saturation", 0.4, 1.6, probability=0.8),
    Operation("hue", -0.06, 0.06, probability=0.5),
    Operation("blur", 0.3, 1.0, probability=0.2),
    Operation("noise", 0.0, 0.06),
    Operation("erasing", 0.05, 0.2, probability=0.4),
)
# rotation_range=20, shifts, shear and zoom 0.2, both flips, fill_mode="nearest". The shear is 0.2
# radians, as Keras read it when those numbers became a custom; since version 2.2 it takes degrees,
# and 0.2 of them cannot be seen.
_AS_IN_KERAS = (
    _FLIP,
    Operation("upend", 1, 1, probability=0.5),
    *_moved(shear=11.5, zoom=0.2, rotation=20, shift=0.2),
)

PRESETS: dict[str, Pipeline] = {
    pipeline.name: pipeline
    for pipeline in (
        Pipeline("none"),
        Pipeline("gentle", _GENTLE),
        Pipeline("strong", _STRONG),
        Pipeline("generator", _AS_IN_KERAS),
        Pipeline("cifar", (Operation("padded_crop", 4, 4), _FLIP), fill="constant"),
    )
}

# On screen: a title, and a sentence.
PRESET_TITLES = {
    "none": ("None", "Images as they are"),
    "gentle": ("Gentle", "A little of everything that seldom hurts"),
    "strong": ("Strong", "For data of which there is little"),
    "generator": (
        "As in ImageDataGenerator",
        "Rotation 20, shifts, zoom and shear 0.2 (radians), both flips, nearest",
    ),
    "cifar": ("CIFAR", "Crop out of 4 more pixels around, and flip: usual for CIFAR-10"),
}


# Files


def to_plain(pipeline: Pipeline) -> dict[str, Any]:
    """Return it as plain values, for a file."""
    return {**asdict(pipeline), "operations": [asdict(o) for o in pipeline.operations]}


def from_plain(plain: object) -> Pipeline:
    """Return what `to_plain` gave, now or in a checkpoint of before 0.1.0.

    Raises ValueError with one sentence when it is anything else.
    """
    if not isinstance(plain, dict) or not isinstance(plain.get("operations"), list | tuple):
        raise ValueError("it is not the description of a pipeline.")
    try:
        if "border" in plain:
            return _from_border(plain)
        operations = tuple(Operation(**operation) for operation in plain["operations"])
        return Pipeline(**{**plain, "operations": operations})
    except (TypeError, KeyError) as error:
        raise ValueError(f"it is not the description of a pipeline: {error}.") from None


def save(pipeline: Pipeline, path: Path) -> None:
    """Write a pipeline as JSON. Raises OSError."""
    plain = {"format": _FORMAT, "version": _VERSION, **to_plain(pipeline)}
    text = json.dumps(plain, indent=2, ensure_ascii=False)
    write_atomically(path, text.encode() + b"\n")


def load(path: Path) -> Pipeline:
    """Read what `save` wrote, under the name of a preset only if it is that preset.

    Raises ValueError with one sentence: why it cannot be used, and what to do.
    """
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ValueError("it is too large.")
        plain = json.loads(path.read_bytes())
        if not isinstance(plain, dict) or plain.pop("format", None) != _FORMAT:
            raise ValueError("it was not saved by the Augment page.")
        if plain.pop("version", None) != _VERSION:
            raise ValueError("it was saved by a newer version.")
        return named(from_plain(plain))
    except OSError as error:
        reason = error.strerror or str(error)
    except RecursionError:
        reason = "it is nested too deeply"
    except json.JSONDecodeError as error:
        reason = f"line {error.lineno} is not JSON"
    except UnicodeDecodeError:
        reason = "it is not text"
    except ValueError as error:
        reason = brief(str(error).rstrip("."))
    raise ValueError(f"{path.name} cannot be used as a pipeline: {reason}; choose another file.")


def named(pipeline: Pipeline) -> Pipeline:
    """Return it under the name of the preset that it equals, else as one's own."""
    for name, preset in PRESETS.items():
        if replace(pipeline, name=name) == preset:
            return preset
    return replace(pipeline, name=OWN)


# Kinds of before 0.1.0 whose numbers meant something else, and what they are now.
_REPLACED: dict[str, Callable[..., list[Operation]]] = {
    "shift": lambda low, high, p: [Operation(k, low, high, p) for k in ("shift_y", "shift_x")],
    "crop": lambda low, high, p: [Operation("crop", low * low, high * high, p)],
}
_FORMER_ORDER = ("crop", "mirror", "upend", "shear", "zoom", "rotation", "shift", "brightness",
                 "contrast", "saturation", "hue", "blur", "noise", "erasing")  # fmt: skip
_FORMER_BORDERS: dict[str, Fill] = {
    "zeros": "constant",
    "border": "nearest",
    "reflection": "reflect",
}


def _from_border(plain: dict[str, Any]) -> Pipeline:
    """Return what was kept when operations had no order and the fill was called border."""
    operations: list[Operation] = []
    places = {kind: place for place, kind in enumerate(_FORMER_ORDER)}
    for known in sorted(plain["operations"], key=lambda o: places.get(o["kind"], 0)):
        make = _REPLACED.get(known["kind"])
        if make is None:
            operations.append(Operation(**known))
        else:
            operations += make(known["low"], known["high"], known["probability"])
    if plain["border"] not in _FORMER_BORDERS:
        raise ValueError("its augmentation has an unknown border.")
    return Pipeline(plain["name"], tuple(operations), _FORMER_BORDERS[plain["border"]])
