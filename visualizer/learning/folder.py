"""Pictures in folders, one folder a class: looked through first, then read at one size."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import numpy.typing as npt
import torch

from visualizer.core import reader
from visualizer.core.channels import luma
from visualizer.core.thumbnail import rgb8
from visualizer.learning.datasets import BadData, DataSet, Part
from visualizer.learning.progress import Progress, Working, finish
from visualizer.learning.splits import SHARES_IN_WORDS, three_parts, two_parts

SIDES = (28, 32, 48, 64)  # proposed; larger pictures are made as small as the last
SMALLEST_SIDE, LARGEST_SIDE = 8, 512
MOST_BYTES = 2 * 2**30
FEWEST = 2  # pictures of a class

_PARTS = {
    "train": ("train", "training"),
    "validation": ("val", "valid", "validation"),
    "test": ("test", "testing"),
}
_SHARE = 0.15  # for validation, where the folder has none
_NOT_MEANT = ("thumbs.db", "desktop.ini")  # put there by file managers
_BLACK = (0, 0, 0)

Files = tuple[tuple[Path, ...], ...]


_MOST_LISTED = 30
Skipped = tuple[str, str]


@dataclass(frozen=True)
class Listing:
    """What a folder holds.

    Attributes:
        root: the folder.
        class_names: the names of the classes' folders, in alphabetical order.
        parts: for "train" and, where the folder has them, "validation" and "test": the files of
            each class. Only "train" means that all has to be divided.
        skipped: for each file that cannot be read where it is, and why in one sentence.
        side: the proposed height and width.
        is_grey: whether all pictures are grey.
    """

    root: Path
    class_names: tuple[str, ...]
    parts: dict[str, Files]
    skipped: tuple[Skipped, ...]
    side: int
    is_grey: bool

    @property
    def count(self) -> int:
        """How many pictures can be read."""
        return sum(len(files) for classes in self.parts.values() for files in classes)


def folder(path: Path, side: int | None = None, grey: bool | None = None, seed: int = 0) -> DataSet:
    """Look through a folder and read it, see `scan` and `load`. Raises BadData."""
    return finish(load(finish(scan(path)), side, grey, seed))


@dataclass
class _Seen:
    """What is learned about the pictures while looking through them."""

    sides: list[int] = field(default_factory=list)
    is_grey: bool = True
    skipped: list[Skipped] = field(default_factory=list)


def scan(root: Path) -> Working[Listing]:
    """Look through `root`: `train/<class>`, `val/<class>`, `test/<class>`, or just `<class>`.

    Every file is decoded, for only then it is known whether it can be. Raises BadData with the
    reason when there is nothing to learn from.
    """
    places = _places(root)
    names = tuple(place.name for place in _folders(places["train"]))
    found = {part: _files(place, names) for part, place in places.items()}
    total = sum(len(files) for classes in found.values() for files in classes)
    seen, parts, done = _Seen(), {}, 0
    for part, classes in found.items():
        readable: list[tuple[Path, ...]] = []
        for files in classes:
            good = []
            for file in files:
                yield Progress("Looking through the pictures", done, total)
                done += 1
                if _look(file, root, seen):
                    good.append(file)
            readable.append(tuple(good))
        parts[part] = tuple(readable)
    yield Progress("Looking through the pictures", total, total)
    _check_classes(root, names, parts["train"], seen)
    used = {part: classes for part, classes in parts.items() if any(classes)}
    middle = median(seen.sides)
    side = next((side for side in SIDES if side >= middle), SIDES[-1])
    return Listing(root, names, used, tuple(seen.skipped), side, seen.is_grey)


def load(
    listing: Listing, side: int | None = None, grey: bool | None = None, seed: int = 0
) -> Working[DataSet]:
    """Read the pictures: the middle square of each, made `side` × `side`, in grey or RGB.

    What is not given is taken from the listing's proposal. A file that has become unreadable since
    is skipped. Raises BadData when it would not fit into memory.
    """
    side = listing.side if side is None else side
    grey = listing.is_grey if grey is None else grey
    _check_size(listing.count, side, 1 if grey else 3)
    skipped, read, done = list(listing.skipped), {}, 0
    for part, classes in listing.parts.items():
        count = sum(len(files) for files in classes)
        images = torch.empty(count, 1 if grey else 3, side, side, dtype=torch.uint8)
        labels: list[int] = []
        for label, file in _labelled(classes):
            yield Progress("Reading the pictures", done, listing.count)
            done += 1
            try:
                pixels = _squared(rgb8(reader.read(file), _BLACK), side, grey)
            except reader.BadImage as error:
                skipped.append(_said(file, listing.root, error))
                continue
            images[len(labels)] = torch.from_numpy(pixels).permute(2, 0, 1)
            labels.append(label)
        read[part] = Part(images[: len(labels)], torch.tensor(labels, dtype=torch.int64))
    yield Progress("Reading the pictures", listing.count, listing.count)
    (train, validation, test), split = _divided(read, seed)
    notes = [f"The middle square of each picture, at {side}×{side}."]
    notes += _about(skipped)
    return DataSet(
        name="folder",
        title=listing.root.resolve().name,
        class_names=listing.class_names,
        train=train,
        validation=validation,
        test=test,
        split=split,
        notes=tuple(notes),
    )


def _places(root: Path) -> dict[str, Path]:
    """Return where the training, validation and test images are."""
    if not root.exists():
        raise BadData(f"{root} does not exist; choose a folder of pictures.")
    if not root.is_dir():
        raise BadData(f"{root} is not a folder; choose the folder that holds the classes.")
    inside = {place.name.lower(): place for place in _folders(root)}
    places = {
        part: inside[name] for part, names in _PARTS.items() for name in names if name in inside
    }
    if "train" not in places or not _folders(places["train"]):
        places = {"train": root}
    if not _folders(places["train"]):
        raise BadData(
            f"{root} has no folders in it; put the pictures of each class into a folder of their "
            "own, named after the class."
        )
    return places


def _folders(place: Path) -> list[Path]:
    try:
        inside = sorted(place.iterdir())
    except OSError as error:
        raise BadData(f"{place} cannot be opened ({error.strerror}); ask its owner.") from error
    return [one for one in inside if one.is_dir() and not one.name.startswith(".")]


def _files(place: Path, names: tuple[str, ...]) -> Files:
    """Return the files of each class in `place`, at any depth."""
    strangers = {folder.name for folder in _folders(place)} - set(names)
    if strangers:
        raise BadData(
            f"{place.name} has a class {min(strangers)!r} that there is nothing to learn about: "
            "give it a folder among the training images too, or remove it."
        )
    return tuple(
        tuple(file for file in sorted((place / name).rglob("*")) if _is_meant(file, place))
        for name in names
    )


def _is_meant(file: Path, place: Path) -> bool:
    hidden = any(step.startswith(".") for step in file.relative_to(place).parts)
    return not hidden and file.name.lower() not in _NOT_MEANT and not file.is_dir()


def _look(file: Path, root: Path, seen: _Seen) -> bool:
    """Return whether a picture can be read, and take in what it is like."""
    try:
        image = reader.read(file)
    except reader.BadImage as error:
        seen.skipped.append(_said(file, root, error))
        return False
    seen.sides.append(min(image.height, image.width))
    if seen.is_grey and image.channels >= 3:
        red, green, blue = (image.pixels[:, :, i] for i in range(3))
        seen.is_grey = np.array_equal(red, green) and np.array_equal(green, blue)
    return True


def _said(file: Path, root: Path, error: reader.BadImage) -> Skipped:
    return file.relative_to(root).as_posix(), error.reason


def _about(skipped: list[Skipped]) -> list[str]:
    """Return what to say of the files that cannot be read: why of the first, and all by name."""
    if not skipped:
        return []
    are = "is" if len(skipped) == 1 else "are"
    count = f"{len(skipped):,} of the files cannot be read and {are} left out"
    said = [f"{count}: {_why(skipped[0])}"]
    names = [file for file, _ in skipped[1 : 1 + _MOST_LISTED]]
    if more := len(skipped) - 1 - len(names):
        names.append(f"{more:,} more")
    if names:
        said.append(f"Left out as well: {', '.join(names)}.")
    return said


def _why(skipped: Skipped) -> str:
    file, reason = skipped
    return f"{file.rpartition('/')[0]}: {reason}"


def _check_classes(root: Path, names: tuple[str, ...], classes: Files, seen: _Seen) -> None:
    """Raise BadData unless there are two classes, each with enough pictures."""
    why = f" ({_why(seen.skipped[0])})" if seen.skipped else ""
    if len(names) < 2:
        raise BadData(
            f"{root} has only one class, {names[0]!r}, so there is nothing to tell apart; add a "
            "folder for each further class."
        )
    for name, files in zip(names, classes, strict=True):
        if not files:
            raise BadData(
                f"The class {name!r} has no picture that can be read{why}; put pictures into its "
                "folder, or remove it."
            )
        if len(files) < FEWEST:
            raise BadData(
                f"The class {name!r} has only one picture that can be read, and at least {FEWEST} "
                "are needed: one to learn from, and one to check with."
            )


def _check_size(count: int, side: int, channels: int) -> None:
    if not SMALLEST_SIDE <= side <= LARGEST_SIDE:
        raise BadData(
            f"Choose an image size from {SMALLEST_SIDE} to {LARGEST_SIDE} pixels, not {side}."
        )
    if count * channels * side * side > MOST_BYTES:
        largest = int((MOST_BYTES / count / channels) ** 0.5)
        raise BadData(
            f"{count:,} pictures of {side}×{side} pixels do not fit into memory; choose a size of "
            f"at most {largest} pixels."
        )


def _labelled(classes: Files) -> Iterator[tuple[int, Path]]:
    return ((label, file) for label, files in enumerate(classes) for file in files)


def _squared(pixels: npt.NDArray[np.uint8], side: int, grey: bool) -> npt.NDArray[np.uint8]:
    """Return the middle square of (H, W, 3) pixels as (side, side, 1 or 3)."""
    height, width = pixels.shape[:2]
    own = min(height, width)
    top, left = (height - own) // 2, (width - own) // 2
    square: npt.NDArray[np.uint8] = pixels[top : top + own, left : left + own]
    if own != side:
        way = cv2.INTER_AREA if own > side else cv2.INTER_LINEAR
        square = cv2.resize(square, (side, side), interpolation=way).astype(np.uint8, copy=False)
    return luma(square)[:, :, np.newaxis].astype(np.uint8, copy=False) if grey else square


def _divided(read: dict[str, Part], seed: int) -> tuple[tuple[Part, Part, Part], str]:
    """Return the three parts, and in one sentence how they came about."""
    train, validation, test = (read.get(part) for part in _PARTS)
    assert train is not None
    if validation and test:
        return (train, validation, test), "The folder says which images are for what."
    if validation:
        first, second = two_parts(validation, 0.5, seed)
        parts, split = (
            (train, first, second),
            "The folder's validation images are shared out: half of each class for validation, "
            "half for the test.",
        )
    elif test:
        first, second = two_parts(train, _SHARE, seed)
        return (first, second, test), (
            f"The test images are the folder's own; of its training images {100 * _SHARE:g} % of "
            "each class are for validation."
        )
    else:
        parts, split = three_parts(train.images, train.labels, seed), SHARES_IN_WORDS
    if not len(parts[2]):
        parts = (parts[0], parts[1], parts[1])
        split = (
            "There are too few images for a test of their own: validation and test are the same."
        )
    return parts, split
