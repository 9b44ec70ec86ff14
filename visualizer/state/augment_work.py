"""What the Augment page shows, computed: originals, five steps of each operation, results.

Torch is imported only inside the functions: the import takes seconds, and the window is not to
wait for it.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from visualizer.core import reader
from visualizer.core.image import Image
from visualizer.learning.operations import KINDS, Operation
from visualizer.learning.pipeline import Pipeline
from visualizer.state.loading import load_learning

if TYPE_CHECKING:
    from visualizer.learning.datasets import DataSet

LARGEST_SIDE = 224  # of what is shown; larger pictures are made as small
MOST_IMAGES = 500  # of a class or a folder
STEPS = 5
MIDDLE = 48  # pixels a side: of larger images, what steps of an operation on single pixels show
WHY_UNTOUCHED = (
    "Validation and test images are never changed: they stand for what the network will meet, and "
    "a score on images that were made harder, or easier, would say nothing about it."
)

_OF_SINGLE_PIXELS = ("noise", "salt", "blur", "sharpen")

Floats = npt.NDArray[np.float32]
Levels = npt.NDArray[np.uint8]


class NoImages(Exception):
    """A source without an image that can be shown; `reason` is one sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, eq=False)
class Material:
    """What a source holds.

    Attributes:
        images: float32 (C, H, W) in 0–1 each, C being 1 or 3; at least one.
        names: one for each image.
        label: the class they all belong to, or "" when nobody knows.
        untouched: what validation looks at, uint8 (N, C, H, W).
        notes: sentences on what is left out or was made smaller.
    """

    images: tuple[Floats, ...]
    names: tuple[str, ...]
    label: str
    untouched: Levels
    notes: tuple[str, ...] = ()

    def at(self, index: int) -> tuple[Floats, str]:
        """Return an image and its name; indices wrap around."""
        index %= len(self.images)
        return self.images[index], self.names[index]


def of_picture(image: Image) -> Material:
    """Return the picture on show, no larger than LARGEST_SIDE."""
    pixels, notes = _shrunk(image)
    return Material((pixels,), (image.name,), "", to_levels(pixels[None]), notes)


def of_class(dataset: "DataSet", label: int) -> Material:
    """Return training images of one class, and validation images of it."""
    label = min(label, dataset.classes - 1)
    name = dataset.class_names[label]
    train, validation = (
        part.images[(part.labels == label).nonzero().flatten()[:most]].numpy()
        for part, most in ((dataset.train, MOST_IMAGES), (dataset.validation, 8))
    )
    if not len(train):
        raise NoImages(f"{dataset.title} has no training image of {name}; choose another class.")
    images = tuple(image.astype(np.float32) / np.float32(255) for image in train)
    names = tuple(f"{i + 1} of {len(images)}" for i in range(len(images)))
    return Material(images, names, name, validation)


def of_folder(folder: Path) -> Iterator[float | Material]:
    """Yield the share that is read, and at the end what the pictures in `folder` are.

    Raises NoImages with a sentence when there are none.
    """
    try:
        files = sorted(file for file in folder.iterdir() if file.is_file())
    except OSError as error:
        raise NoImages(f"{folder} cannot be opened ({error.strerror}); choose another.") from None
    files = [file for file in files if not file.name.startswith(".")]
    images, names, reasons = [], [], []
    for i, file in enumerate(files[:MOST_IMAGES]):
        yield i / min(len(files), MOST_IMAGES)
        try:
            images.append(_shrunk(usual_bands(reader.read(file)))[0])
            names.append(file.name)
        except reader.BadImage as error:
            reasons.append(error.reason)
    if not images:
        why = reasons[0] if reasons else "it holds no files"
        raise NoImages(f"{folder} has no picture that can be shown: {why}")
    notes = [f"The first {MOST_IMAGES} of {len(files)} files."] * (len(files) > MOST_IMAGES)
    if reasons:
        notes.append(f"{len(reasons)} of the files cannot be read: {reasons[0]}")
    first = to_levels(images[0][None])
    yield Material(tuple(images), tuple(names), "", first, tuple(notes))


def usual_bands(image: Image) -> Image:
    """Return a picture of one or three bands."""
    if image.channels in (1, 3):
        return image
    return image.picked((0,) if image.channels < 3 else (0, 1, 2))


def to_levels(images: Floats) -> Levels:
    """Return float32 images (N, ...) in 0–1 as uint8."""
    flat = cv2.convertScaleAbs(images.reshape(len(images), -1), alpha=255)
    return np.asarray(flat, np.uint8).reshape(images.shape)


def _shrunk(image: Image) -> tuple[Floats, tuple[str, ...]]:
    """Return a picture as float32 (C, H, W), black 0 and white 1, and what had to be changed."""
    low, high = image.value_range
    pixels: npt.NDArray = image.pixels
    notes = []
    scale = LARGEST_SIDE / max(image.height, image.width)
    if scale < 1:
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        small = cv2.resize(np.asarray(image.pixels), size, interpolation=cv2.INTER_AREA)
        pixels = small.reshape(size[1], size[0], image.channels)
        notes.append(f"Shown at {size[1]} × {size[0]}, about as small as networks want it.")
    if image.invalid:
        notes.append(f"{image.invalid:,} values that are no numbers count as black.")
    shares = (pixels.astype(np.float32) - np.float32(low)) / np.float32(high - low)
    shares = np.clip(np.nan_to_num(shares, nan=0.0, posinf=1.0, neginf=0.0), 0, 1)
    return np.ascontiguousarray(shares.transpose(2, 0, 1)), tuple(notes)


# Results


@dataclass(frozen=True, eq=False)
class Results:
    """What a pipeline makes of one image.

    Attributes:
        images: uint8 (N, C, H, W).
        drawn: for each, kinds with their amounts.
    """

    images: Levels
    drawn: tuple[tuple[tuple[str, float], ...], ...]

    @property
    def changes_single_pixels(self) -> bool:
        """Whether something was done to them that is lost where they are shown smaller."""
        return any(kind in _OF_SINGLE_PIXELS for drawn in self.drawn for kind, _ in drawn)

    def in_words(self, index: int) -> str:
        """Return what was drawn for one of them."""
        entries = (
            KINDS[kind].title
            if KINDS[kind].is_switch
            else f"{KINDS[kind].title} {KINDS[kind].written(amount)}"
            for kind, amount in self.drawn[index]
        )
        # No line shall end between a name and its number.
        return (
            " · ".join(entry.replace(" ", "\u00a0") for entry in entries)
            or "unchanged: no operation was drawn"
        )


@dataclass(frozen=True, eq=False)
class Row:
    """One operation through its range: uint8 (n, C, H, W), and a text for each image."""

    images: Levels
    texts: tuple[str, ...]


def results(pixels: Floats, pipeline: Pipeline, count: int, seed: int) -> Results:
    """Do to `pixels` (C, H, W) what training does to an image, `count` times."""
    load_learning()
    import torch

    from visualizer.learning import augmentation

    generator = torch.Generator().manual_seed(seed)
    images = torch.from_numpy(pixels).expand(count, *pixels.shape)
    draw = augmentation.draw(pipeline, count, generator)
    changed = images
    if draw.drawn:
        with ThreadPoolExecutor(min(count, os.cpu_count() or 1)) as pool:
            changed = augmentation.apply(images, draw, generator, pool.map)
    return Results(to_levels(changed.numpy()), tuple(tuple(draw.of(i)) for i in range(count)))


def row(pixels: Floats, operation: Operation, pipeline: Pipeline) -> Row:
    """Return one operation alone on `pixels` (C, H, W), in steps from the low to the high end.

    Where the range is one number, the steps differ by what else is drawn, such as the place. A
    switch is shown off and on. Of some only the middle is shown; see `shows_middle`.
    """
    load_learning()
    import torch

    from visualizer.learning import augmentation

    kind = KINDS[operation.kind]
    generator = torch.Generator().manual_seed(1)
    places = torch.rand(STEPS, kind.places, generator=generator)
    if kind.is_switch:
        amounts = torch.tensor([kind.neutral, 1.0])
    elif not operation.fixed:
        amounts, places = torch.linspace(operation.low, operation.high, STEPS), places[:1]
    elif kind.places or operation.kind in augmentation.SPECKLED:
        amounts = torch.full((STEPS,), operation.low)
    else:
        amounts = torch.tensor([kind.neutral, operation.low])
    count = len(amounts)
    values = torch.cat([amounts[:, None], places.expand(max(count, len(places)), -1)[:count]], 1)
    drawn = augmentation.Draw(pipeline, (augmentation.Drawn(operation, values),))
    images = torch.from_numpy(pixels).expand(count, *pixels.shape)
    texts = ("off", "on") if kind.is_switch else map(kind.written, amounts.tolist())
    changed = augmentation.apply(images, drawn, generator).numpy()
    if shows_middle(operation, pixels):
        top, left = ((side - min(side, MIDDLE)) // 2 for side in pixels.shape[1:])
        changed = changed[:, :, top : top + MIDDLE, left : left + MIDDLE]
    return Row(to_levels(np.ascontiguousarray(changed)), tuple(texts))


def shows_middle(operation: Operation, pixels: Floats) -> bool:
    """Whether the whole image, made as small as a step is shown, would hide what is done to it.

    Noise averages away, and a blur of a pixel or two cannot be seen.
    """
    return operation.kind in _OF_SINGLE_PIXELS and max(pixels.shape[1:]) > MIDDLE
