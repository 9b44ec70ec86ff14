"""Channels and colour spaces: what the planes of a picture are, and how to put them together.

Every conversion works on each pixel by itself, so it may be asked for a part of a picture, or for
a smaller version of it. RGB is what the file holds. The other spaces are computed from the values
scaled to 0–1 by the picture's value range and read as sRGB:

* HSV: hue 0–360 degrees, saturation and value 0–100 % (Smith, 1978, the hexcone model).
* YCbCr: 0–255 each, full range, ITU-R BT.601 weights, as JPEG has it (ITU-T T.871).
* Lab: CIE 1976 for the white D65 and the 2-degree observer; L* 0–100, a* and b* −128 to 127.
"""

from dataclasses import dataclass
from typing import Literal, cast

import cv2
import numpy as np
import numpy.typing as npt

from visualizer.core.image import Image, Pixels

Space = Literal["RGB", "HSV", "YCbCr", "Lab"]
SPACES: tuple[Space, ...] = ("RGB", "HSV", "YCbCr", "Lab")

ORDERS: tuple[tuple[int, int, int], ...] = (
    (0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0),
)  # fmt: skip

_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
_YCBCR = np.array([
    _LUMA,
    (np.array([0, 0, 1]) - _LUMA) / (2 * (1 - _LUMA[2])),
    (np.array([1, 0, 0]) - _LUMA) / (2 * (1 - _LUMA[0])),
])  # fmt: skip
_XYZ = np.array([  # linear sRGB to XYZ, IEC 61966-2-1
    [0.412453, 0.357580, 0.180423],
    [0.212671, 0.715160, 0.072169],
    [0.019334, 0.119193, 0.950227],
])  # fmt: skip
_WHITE = np.array([0.95047, 1.0, 1.08883])  # D65


@dataclass(frozen=True)
class Plane:
    """What one plane of a picture means.

    Attributes:
        name: on screen, such as "Red" or "Hue".
        letter: short for it, such as "R" or "H".
        value_range: the values painted darkest and brightest.
        unit: "", "°" or " %".
        role: which colour tells it apart in a plot: "red", "green", "blue" or "text".
        tint: the key of its colours when painted tinted, see `tints`.
    """

    name: str
    letter: str
    value_range: tuple[float, float]
    unit: str
    role: str
    tint: str


def luma(pixels: Pixels) -> Pixels:
    """Return the (H, W) luma 0.299 R + 0.587 G + 0.114 B of (H, W, 3) pixels, in their type.

    Integers are rounded as `cv2.cvtColor` rounds them. A single channel is returned as it is.
    """
    if pixels.shape[2] == 1:
        return pixels[:, :, 0]
    return cast(Pixels, cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))


def planes(image: Image, space: Space) -> tuple[Plane, ...]:
    """Describe the planes of `image` in a colour space, in order.

    A one-channel picture has one plane in every space.
    """
    if image.channels == 1:
        name = image.bands[0]
        return (Plane(name[:1].upper() + name[1:], name, image.value_range, "", "text", "grey"),)
    if space == "RGB":
        roles = ("red", "green", "blue")
        known = image.bands == ("R", "G", "B")
        return tuple(
            Plane(role.capitalize() if known else band, band, image.value_range, "", role, role)
            for role, band in zip(roles, image.bands, strict=True)
        )
    return _PLANES[space]


_PLANES: dict[Space, tuple[Plane, ...]] = {
    "HSV": (
        Plane("Hue", "H", (0.0, 360.0), "°", "red", "hue"),
        Plane("Saturation", "S", (0.0, 100.0), " %", "green", "saturation"),
        Plane("Value", "V", (0.0, 100.0), " %", "blue", "grey"),
    ),
    "YCbCr": (
        Plane("Y luma", "Y", (0.0, 255.0), "", "text", "grey"),
        Plane("Cb blue", "Cb", (0.0, 255.0), "", "blue", "Cb"),
        Plane("Cr red", "Cr", (0.0, 255.0), "", "red", "Cr"),
    ),
    "Lab": (
        Plane("L* lightness", "L*", (0.0, 100.0), "", "text", "grey"),
        Plane("a* green–red", "a*", (-128.0, 127.0), "", "red", "a*"),
        Plane("b* blue–yellow", "b*", (-128.0, 127.0), "", "blue", "b*"),
    ),
}


def convert(pixels: Pixels, value_range: tuple[float, float], space: Space) -> Pixels:
    """Return the planes of (H, W, 3) or (H, W, 1) pixels as (H, W, 3) or (H, W, 1).

    RGB and single channels come back as they are; everything else is float32 in the ranges the
    module names. A pixel with a NaN or infinite channel is NaN in every plane.
    """
    if space == "RGB" or pixels.shape[2] == 1:
        return pixels
    unit = _unit(pixels, value_range)
    if space == "HSV":
        converted = cv2.cvtColor(unit, cv2.COLOR_RGB2HSV)
        converted[:, :, 1:] *= 100
    elif space == "YCbCr":
        converted = cv2.transform(unit, np.c_[_YCBCR * 255, [0, 128, 128]])
        np.clip(converted, 0, 255, out=converted)
    else:
        converted = _lab(unit)
    if pixels.dtype == np.float32:
        converted[~np.isfinite(pixels).all(axis=2)] = np.nan
    return cast(Pixels, converted)


def _unit(pixels: Pixels, value_range: tuple[float, float]) -> npt.NDArray[np.float32]:
    low, high = value_range
    unit = pixels.astype(np.float32)
    if pixels.dtype == np.float32:
        unit[~np.isfinite(unit)] = 0
    if low:
        unit -= np.float32(low)
    unit *= np.float32(1 / (high - low))
    return unit


def _lab(unit: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    # cv2.COLOR_RGB2Lab interpolates in a table and is off by up to half a unit.
    linear = cv2.pow((unit + np.float32(0.055)) * np.float32(1 / 1.055), 2.4)
    dark = unit <= 0.04045
    linear[dark] = unit[dark] * np.float32(1 / 12.92)
    xyz = cv2.transform(linear, _XYZ / _WHITE[:, np.newaxis])
    root = cv2.pow(xyz, 1 / 3)
    dark = xyz <= (6 / 29) ** 3
    root[dark] = xyz[dark] * np.float32((29 / 6) ** 2 / 3) + np.float32(4 / 29)
    opponents = np.array([[0, 116, 0, -16], [500, -500, 0, 0], [0, 200, -200, 0]])
    return cast(npt.NDArray[np.float32], cv2.transform(root, opponents))


def split(image: Image, space: Space) -> list[tuple[Plane, Pixels]]:
    """Return each plane of `image` with its (H, W) values."""
    values = convert(image.pixels, image.value_range, space)
    return [(plane, values[:, :, i]) for i, plane in enumerate(planes(image, space))]


def recompose(
    pixels: Pixels,
    weights: tuple[float, ...],
    order: tuple[int, ...],
    muted: tuple[bool, ...],
) -> Pixels:
    """Put channels together again, in the type of `pixels`.

    Output channel k is input channel `order[k]`, times that input channel's weight, or zero when
    it is muted. Integers are rounded and saturate at 0 and their type's largest value; floats do
    not saturate. Returned unchanged (not copied) when there is nothing to do.

    Args:
        pixels: (H, W, C).
        weights: one factor an input channel, C of them.
        order: a permutation of 0 … C−1.
        muted: one flag an input channel, C of them.
    """
    factors = [0.0 if off else float(w) for w, off in zip(weights, muted, strict=True)]
    if sorted(order) != list(range(pixels.shape[2])) or len(factors) != pixels.shape[2]:
        raise ValueError(f"{pixels.shape[2]} channels do not match {order} and {weights}")
    if order == tuple(range(pixels.shape[2])) and all(f == 1 for f in factors):
        return pixels
    scaled = _scaled(pixels, factors)
    if order == tuple(range(pixels.shape[2])):
        return scaled
    channels = cv2.split(scaled)
    return cast(Pixels, cv2.merge([channels[source] for source in order]))


def _scaled(pixels: Pixels, factors: list[float]) -> Pixels:
    """Multiply each channel of (H, W, C) pixels, keeping their type."""
    if pixels.dtype == np.float32:
        scaled = pixels * np.array(factors, np.float32)
        for i, factor in enumerate(factors):
            if factor == 0:
                scaled[:, :, i] = 0  # 0 × NaN would stay NaN
        return scaled
    if pixels.dtype == np.uint8:
        products = np.rint(np.outer(np.arange(256), factors))
        table = np.minimum(products, 255).astype(np.uint8)
        looked_up = cv2.LUT(np.ascontiguousarray(pixels), table[np.newaxis])
        return cast(Pixels, looked_up.reshape(pixels.shape))
    products = np.rint(pixels * np.array(factors, np.float32))
    return np.minimum(products, 65535).astype(np.uint16)


def levels(values: Pixels, value_range: tuple[float, float]) -> npt.NDArray[np.uint8]:
    """Return (H, W) or (H, W, C ≤ 3) values as 0–255: low to high, rounded, cut off beyond.

    What NaN and infinities become is not defined; use `invalid_mask` to paint them apart.
    """
    low, high = value_range
    scale = 255 / (high - low)
    if values.dtype == np.uint8:
        if value_range == (0.0, 255.0):
            return cast(npt.NDArray[np.uint8], values)
        table = np.clip(np.rint((np.arange(256) - low) * scale), 0, 255).astype(np.uint8)
        return cast(npt.NDArray[np.uint8], cv2.LUT(values, table).reshape(values.shape))
    above = cv2.subtract(values, np.full(4, low), dtype=cv2.CV_32F)
    above = np.clip(above, 0, high - low)  # a large float would wrap round in the next line
    shades = cv2.multiply(above, np.full(4, scale), dtype=cv2.CV_8U)
    return cast(npt.NDArray[np.uint8], shades.reshape(values.shape))


def invalid_mask(pixels: Pixels) -> npt.NDArray[np.bool_] | None:
    """Return which pixels of (H, W, C) or (H, W) have a NaN or infinite value; None for none."""
    if pixels.dtype != np.float32:
        return None
    finite = np.isfinite(pixels)
    if finite.all():
        return None
    if pixels.ndim == 3:
        finite = np.logical_and.reduce(finite, axis=2)
    return np.logical_not(finite)


def tints(key: str) -> npt.NDArray[np.uint8]:
    """Return the 256 colours, darkest value first, a plane is painted in when tinted: (256, 3).

    "red", "green", "blue": black to the pure colour. "hue": the colour circle. "saturation": grey
    to vivid at one hue. "Cb", "Cr", "a*", "b*": from the one colour through grey to the other.
    "grey": black to white.
    """
    steps = np.arange(256, dtype=np.float32)
    ramp = np.repeat(steps[:, np.newaxis], 3, axis=1)
    if key == "grey":
        return ramp.astype(np.uint8)
    if key in ("red", "green", "blue"):
        return (ramp * np.eye(3)[("red", "green", "blue").index(key)]).astype(np.uint8)
    if key in ("hue", "saturation"):
        hsv = np.full((256, 1, 3), (30.0, 1.0, 1.0), np.float32)
        hsv[:, 0, 0 if key == "hue" else 1] = steps * 360 / 255 if key == "hue" else steps / 255
        if key == "saturation":
            hsv[:, 0, 2] = 0.5 + 0.5 * steps / 255
        return np.rint(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[:, 0] * 255).astype(np.uint8)
    low, high = _OPPONENTS[key]
    share = np.abs(steps - 127.5)[:, np.newaxis] / 127.5
    ends = np.where((steps < 127.5)[:, np.newaxis], low, high)
    return np.rint(127 + (ends - 127) * share).astype(np.uint8)


_OPPONENTS: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    "Cb": ((170, 150, 0), (60, 90, 255)),
    "Cr": ((0, 170, 150), (255, 60, 60)),
    "a*": ((0, 165, 90), (235, 30, 120)),
    "b*": ((40, 90, 245), (235, 190, 20)),
}
