"""From a drawing or a picture to what a network takes: step by step, each of which can be left out.

How large, how soft and around which middle the ink comes out is what the network is used to: it is
measured on the images it has learned from.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt

from visualizer.core.channels import luma

Bytes = npt.NDArray[np.uint8]
Step = Literal["invert", "crop", "centre", "resize", "grey", "normalise"]
STEPS: tuple[Step, ...] = get_args(Step)
Kind = Literal["drawing", "picture", "image"]

_INK = 0.25  # of the strongest difference from the background: what counts as ink
_LEAST_INK = 16  # levels of 0–255; less than this is paper
_EVEN = 26  # levels; a border that differs less from its median is an even background
_MOST_MEASURED = 500
_USUAL_EXTENT = 0.7
_BLUR_STEP, _MOST_BLUR = 0.02, 2.0  # σ in pixels of the network's image


@dataclass(frozen=True)
class Habits:
    """What the images are like that a network has learned from.

    Attributes:
        shape: (C, H, W) of its input.
        background: the usual level at the border, 0–255.
        is_ink: whether they show something on an even background.
        extent: the longer side of the ink as a share of the image's.
        by_mass: whether the ink's centre of mass is in the middle, rather than its box.
        sharpness: see `sharpness`.
        mean, std: of each channel on the 0–1 scale, as the network normalises.
    """

    shape: tuple[int, int, int]
    background: float
    is_ink: bool
    extent: float
    by_mass: bool
    sharpness: float
    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Stage:
    """What has become of a picture after one step.

    Attributes:
        step: the step, or "" for the picture as it came.
        title: what it is called.
        pixels: uint8 (h, w, 1 or 3); after "normalise" float32 (h, w, C).
        on: whether the step was taken; else the picture is as before it.
    """

    step: Step | Literal[""]
    title: str
    pixels: npt.NDArray
    on: bool = True


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture as a network is given it.

    Attributes:
        stages: the picture, and what each step has made of it.
        pixels: what the network takes, before it is normalised: uint8 (C, H, W).
        is_empty: whether there is nothing on the background.
        is_even: whether the background is even, as it is around a drawing.
    """

    stages: tuple[Stage, ...]
    pixels: Bytes
    is_empty: bool
    is_even: bool


def habits(images: Bytes, mean: tuple[float, ...], std: tuple[float, ...]) -> Habits:
    """Measure images (N, C, H, W); `mean` and `std` are on the 0–1 scale, one a channel."""
    some = images[:: max(1, len(images) // _MOST_MEASURED)].transpose(0, 2, 3, 1)
    extents = [place for image in some if (place := _places(image)) is not None]
    is_ink = bool(np.mean([_is_even(image) for image in some]) > 0.5 and extents)
    extent, by_mass = _USUAL_EXTENT, False
    if is_ink:
        numbers = np.array(extents)  # (n, 5): extent; mass and box, rows and columns
        extent = min(float(np.median(numbers[:, 0])), 1.0)
        spread = numbers[:, 1:].var(0)
        by_mass = bool(spread[:2].sum() < spread[2:].sum())
    return Habits(
        shape=(images.shape[1], images.shape[2], images.shape[3]),
        background=float(np.median([_background(image).mean() for image in some])),
        is_ink=is_ink,
        extent=extent,
        by_mass=by_mass,
        sharpness=float(np.median([sharpness(image) for image in some])),
        mean=mean,
        std=std,
    )


def usual_steps(kind: Kind, known: Habits, picture: Bytes) -> frozenset[Step]:
    """Return the steps that make a picture most like what the network is used to."""
    steps: set[Step] = {"normalise"}
    if kind == "image":
        return frozenset(steps)
    steps.add("resize")
    if known.shape[0] == 1:
        steps.add("grey")
    if known.is_ink or kind == "drawing":
        steps |= {"crop", "centre"} if known.by_mass else {"crop"}
    is_light, is_usual = float(_background(picture).mean()) > 127, known.background > 127
    if known.is_ink and is_light != is_usual:
        steps.add("invert")
    return frozenset(steps)


def see(picture: Bytes, kind: Kind, steps: frozenset[Step], known: Habits) -> Seen:
    """Take a picture, uint8 (h, w, 1 or 3), through `steps`.

    An "image" has been through all of them already but the last.
    """
    channels, height, width = known.shape
    is_empty = kind == "drawing" and float(_strength(picture).max()) < _LEAST_INK
    stages = [Stage("", "as drawn" if kind == "drawing" else "as it is", picture)]

    def step(name: Step, title: str, change: Callable[[Bytes], Bytes]) -> None:
        before, on = stages[-1].pixels, name in steps
        stages.append(Stage(name, title, change(before) if on else before, on))

    if kind == "picture":
        step("invert", "negative", lambda x: 255 - x)
    if kind != "image":
        step("crop", "crop to ink", lambda x: _cropped(x, known.extent))
        step("centre", "centre by mass", _centred)
        before, on = stages[-1].pixels, "resize" in steps
        resized = _resized(before, known) if on else _cut_out(before, height, width)
        stages.append(Stage("resize", f"{height} × {width}", resized, on))
        step("grey", "grey", _grey)
    fed = _with_channels(stages[-1].pixels, channels)
    values = fed.astype(np.float32) / 255
    if "normalise" in steps:
        values = (values - np.array(known.mean, np.float32)) / np.array(known.std, np.float32)
    stages.append(Stage("normalise", "normalised", values, "normalise" in steps))
    pixels = np.ascontiguousarray(fed.transpose(2, 0, 1))
    return Seen(tuple(stages), pixels, is_empty, _is_even(picture))


def sharpness(picture: Bytes) -> float:
    """Return the sum of squared differences of neighbours of (h, w, C) as a share of that of
    squares, both measured from the background; 0 for an even picture.
    """
    values = picture.astype(np.float32) - _background(picture)
    total = float((values**2).sum())
    down, across = np.diff(values, axis=0), np.diff(values, axis=1)
    return float((down**2).sum() + (across**2).sum()) / total if total else 0.0


def _background(picture: Bytes) -> npt.NDArray[np.float32]:
    """Return the median of the border, (C,)."""
    return np.median(_border(picture), axis=0).astype(np.float32)


def _border(picture: Bytes) -> Bytes:
    return np.concatenate([picture[0], picture[-1], picture[1:-1, 0], picture[1:-1, -1]])


def _is_even(picture: Bytes) -> bool:
    """Return whether nine tenths of the border are about as bright as its median."""
    off = np.abs(_border(picture) - _background(picture)).max(axis=1)
    return bool(np.mean(off < _EVEN) >= 0.9)


def _strength(picture: Bytes) -> npt.NDArray[np.float32]:
    """Return how far each pixel is from the background in any channel, (h, w)."""
    off = np.abs(picture.astype(np.float32) - _background(picture))
    return np.asarray(off.max(axis=2), np.float32)


def _ink(picture: Bytes) -> npt.NDArray[np.float32]:
    """Return the strength of what counts as ink, 0 elsewhere, (h, w)."""
    strength = _strength(picture)
    least = max(_INK * float(strength.max()), _LEAST_INK)
    return np.where(strength >= least, strength, np.float32(0))


def _box(ink: npt.NDArray[np.float32]) -> tuple[int, int, int, int] | None:
    """Return the first and last row and column with ink, or None without any."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return None
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def _mass(ink: npt.NDArray[np.float32]) -> tuple[float, float]:
    total = float(ink.sum())
    row = float(ink.sum(axis=1) @ np.arange(ink.shape[0])) / total
    return row, float(ink.sum(axis=0) @ np.arange(ink.shape[1])) / total


def _places(image: Bytes) -> tuple[float, float, float, float, float] | None:
    """Return extent, centre of mass and centre of the box, as shares of the sides."""
    ink = _ink(image)
    box = _box(ink)
    if box is None:
        return None
    top, bottom, left, right = box
    height, width = ink.shape
    row, column = _mass(ink)
    extent = max((bottom - top + 1) / height, (right - left + 1) / width)
    middle = (top + bottom) / 2 / height, (left + right) / 2 / width
    return extent, row / height, column / width, *middle


def _cropped(picture: Bytes, extent: float) -> Bytes:
    """Return a square around the ink, whose longer side becomes `extent` of it."""
    box = _box(_ink(picture))
    if box is None:
        return picture
    top, bottom, left, right = box
    height, width = bottom - top + 1, right - left + 1
    side = max(round(max(height, width) / extent), 1)
    return _window(picture, top - (side - height) // 2, left - (side - width) // 2, side, side)


def _centred(picture: Bytes) -> Bytes:
    """Move the picture so that its ink has its centre of mass in the middle."""
    ink = _ink(picture)
    if not ink.any():
        return picture
    height, width = ink.shape
    row, column = _mass(ink)
    top, left = round(row - (height - 1) / 2), round(column - (width - 1) / 2)
    return _window(picture, top, left, height, width)


def _window(picture: Bytes, top: int, left: int, height: int, width: int) -> Bytes:
    """Return this part of the picture, which may reach beyond it: there is background."""
    rows, columns = picture.shape[:2]
    made = np.empty((height, width, picture.shape[2]), np.uint8)
    made[:] = np.rint(_background(picture)).astype(np.uint8)
    first, last = max(top, 0), min(top + height, rows)
    start, end = max(left, 0), min(left + width, columns)
    if first < last and start < end:
        part = picture[first:last, start:end]
        made[first - top : last - top, start - left : end - left] = part
    return made


def _cut_out(picture: Bytes, height: int, width: int) -> Bytes:
    """Return the middle at its own size."""
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return _window(picture, top, left, height, width)


def _resized(picture: Bytes, known: Habits) -> Bytes:
    """Return the middle in the network's size, as soft as the images it is used to."""
    _, height, width = known.shape
    rows, columns = picture.shape[:2]
    part = min(rows / height, columns / width)
    middle = _cut_out(picture, max(1, round(height * part)), max(1, round(width * part)))
    way = cv2.INTER_AREA if part > 1 else cv2.INTER_LINEAR
    small = cv2.resize(middle, (width, height), interpolation=way).reshape(height, width, -1)
    if known.is_ink and _is_even(picture):
        return _softened(np.asarray(small, np.uint8), known.sharpness)
    return np.asarray(small, np.uint8)


def _softened(picture: Bytes, wanted: float) -> Bytes:
    """Blur until the picture is no sharper than wanted: by halving the range of σ."""
    if sharpness(picture) <= wanted:
        return picture
    low, high = 0.0, _MOST_BLUR
    while high - low > _BLUR_STEP:
        middle = (low + high) / 2
        if sharpness(_blurred(picture, middle)) > wanted:
            low = middle
        else:
            high = middle
    return _blurred(picture, high)


def _blurred(picture: Bytes, sigma: float) -> Bytes:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma).reshape(picture.shape), np.uint8)


def _grey(picture: Bytes) -> Bytes:
    return np.asarray(luma(picture), np.uint8)[:, :, np.newaxis]


def _with_channels(picture: Bytes, channels: int) -> Bytes:
    """Grey in every channel, or, where only one is taken, the first alone."""
    if picture.shape[2] == channels:
        return picture
    return np.repeat(picture[:, :, :1], channels, axis=2)
