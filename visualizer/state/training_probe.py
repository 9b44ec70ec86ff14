"""The probe image: what is sent through the network to be looked at."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from visualizer.core.channels import luma
from visualizer.core.image import Image

if TYPE_CHECKING:
    from visualizer.learning.datasets import DataSet


@dataclass(frozen=True, eq=False)
class Probe:
    """An image of the size and the channels that a network takes.

    Attributes:
        pixels: uint8 (C, H, W).
        caption: where it comes from.
        label: index of its class, or None when nobody knows.
    """

    pixels: npt.NDArray[np.uint8]
    caption: str
    label: int | None


def from_validation(dataset: "DataSet", index: int) -> Probe:
    """Return a validation image, which the network never learns from; indices wrap around."""
    part = dataset.validation
    index %= len(part)
    label = int(part.labels[index])
    name = dataset.class_names[label]
    return Probe(part.images[index].numpy(), f"label {name}, validation #{index}", label)


def from_picture(image: Image, dataset: "DataSet") -> Probe:
    """Return the middle square of any picture, shrunk to the size the network takes."""
    side = min(image.height, image.width)
    top, left = (image.height - side) // 2, (image.width - side) // 2
    low, high = image.value_range
    part = image.pixels[top : top + side, left : left + side].astype(np.float32)
    square: npt.NDArray = np.nan_to_num((part - low) / (high - low)) * 255
    if square.shape[2] == 3 and dataset.channels == 1:
        square = luma(square)[..., np.newaxis]
    elif square.shape[2] == 1 and dataset.channels == 3:
        square = np.repeat(square, 3, axis=2)
    small = cv2.resize(square, (dataset.width, dataset.height), interpolation=cv2.INTER_AREA)
    pixels = np.clip(np.rint(small), 0, 255).astype(np.uint8)
    pixels = pixels.reshape(dataset.height, dataset.width, dataset.channels)
    return Probe(np.ascontiguousarray(pixels.transpose(2, 0, 1)), image.name, None)
