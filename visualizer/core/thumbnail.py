"""A small picture of a picture."""

import cv2

from visualizer.core.display import Rgb, Rgb8, to_rgb8
from visualizer.core.image import Image


def rgb8(image: Image, invalid_color: Rgb) -> Rgb8:
    """Return what `image` looks like, (H, W, 3) uint8: its value range from black to white.

    Of two bands the first is shown, of more than three the first three.
    """
    shown = image.pixels[:, :, : 3 if image.channels >= 3 else 1]
    return to_rgb8(shown, *image.value_range, invalid_color)


def thumbnail(image: Image, height: int, width: int, invalid_color: Rgb) -> Rgb8:
    """Return `image` made just small enough to cover height × width, as (H, W, 3) uint8.

    Each pixel is the mean of those it stands for. A picture that is smaller stays as it is.
    """
    share = max(height / image.height, width / image.width)
    if share >= 1:
        return rgb8(image, invalid_color)
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    pixels = image.pixels[:, :, : 3 if image.channels >= 3 else 1]
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    known = {"bands": image.bands[: pixels.shape[2]], "value_range": image.value_range}
    return rgb8(Image.from_array(small, image.name, **known), invalid_color)
