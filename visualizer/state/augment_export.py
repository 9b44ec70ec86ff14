"""Augmented images as files: a folder for each class, whole or not at all."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image as Pillow

from visualizer.learning.pipeline import Pipeline
from visualizer.state.augment_work import Levels, Material, results

_GAP = 2  # pixels between the images of a grid


def fresh_folder(parent: Path, name: str) -> Path:
    """Return a folder in `parent` that is not there yet: `name`, or `name` with a number."""
    folder, number = parent / name, 1
    while folder.exists():
        number += 1
        folder = parent / f"{name} {number}"
    return folder


def write_images(
    folder: Path,
    classes: Iterable[tuple[str, Material]],
    pipeline: Pipeline,
    each: int,
    seed: int,
    tick: Callable[[float], None],
) -> None:
    """Write `each` augmented images of every class as PNG files, into a folder of its own.

    They take the images of a class in turn. `tick` is told the share that is done and may raise;
    then, as after an OSError, nothing is left. Raises FileExistsError when `folder` is there.
    """
    if folder.exists():
        raise FileExistsError(f"{folder.name} is there already.")
    listed = list(classes)
    part = folder.with_name(f".part-{folder.name}")
    shutil.rmtree(part, ignore_errors=True)  # of a run that was killed
    try:
        for number, (name, material) in enumerate(listed):
            place = fresh_folder(part, safe(name))
            place.mkdir(parents=True)
            for i in range(each):
                tick((number * each + i) / (len(listed) * each))
                pixels, _ = material.at(i)
                made = results(pixels, pipeline, 1, seed + number * each + i)
                _picture(made.images[0]).save(place / f"{i + 1:04d}.png")
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def grid(images: Levels, columns: int) -> Levels:
    """Return images (N, C, H, W) side by side as one picture (rows, columns, 3)."""
    count, (height, width) = len(images), images.shape[2:]
    rows = -(-count // columns)
    pitch = height + _GAP, width + _GAP
    picture = np.zeros((rows * pitch[0] - _GAP, columns * pitch[1] - _GAP, 3), np.uint8)
    for i, image in enumerate(images):
        top, left = (i // columns) * pitch[0], (i % columns) * pitch[1]
        picture[top : top + height, left : left + width] = image.transpose(1, 2, 0)
    return picture


def safe(name: str) -> str:
    """Return a name that every file system takes."""
    text = "".join(c if c.isalnum() or c in "-_. " else "-" for c in name).strip(" .")
    return text or "class"


def _picture(image: Levels) -> Pillow.Image:
    pixels = image.transpose(1, 2, 0)
    return Pillow.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
