"""What of a picture an operation is applied to: its luma, one channel, or all of them."""

from typing import Protocol, cast

import numpy as np

from visualizer.core.channels import luma
from visualizer.core.image import Image, Pixels


class Applied(Protocol):
    """The settings that say so: "luma", "channel" (then which one), or anything else for all."""

    @property
    def applied_to(self) -> str:
        """What is taken."""

    @property
    def channel(self) -> int:
        """The channel meant by "channel"."""


def applied_pixels(settings: Applied, image: Image) -> Pixels:
    """Return the pixels that are taken, (H, W, C), in the image's own type."""
    if settings.applied_to == "luma":
        grey = luma(image.pixels)[:, :, np.newaxis]
        return cast(Pixels, np.ascontiguousarray(grey))
    if settings.applied_to == "channel":
        return cast(Pixels, np.ascontiguousarray(image.pixels[:, :, [settings.channel]]))
    return image.pixels


def applied_bands(settings: Applied, image: Image) -> tuple[str, ...]:
    """Return the names of the channels that are taken."""
    if settings.applied_to == "luma":
        return ("luma",) if image.channels > 1 else image.bands
    if settings.applied_to == "channel":
        return (image.bands[settings.channel],)
    return image.bands


def applied_key(settings: Applied, image: Image) -> str:
    """Return what is taken as one word, "channel 2" for a channel."""
    if image.channels == 1:
        return "luma"
    if settings.applied_to == "channel":
        return f"channel {settings.channel}"
    return settings.applied_to
