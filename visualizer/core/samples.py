"""The gallery: photographs that come with scikit-image, and pictures made by a formula.

Nothing is fetched: only files that lie inside the installed package are used.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from visualizer.core import reader
from visualizer.core.image import Image

DEFAULT = "cat"

_SIDE = 256  # of the generated pictures
_CAT_SIDE = 300
_SQUARE = 32  # pixels a side, on the chessboard
_SEED = 0

Pixels8 = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Sample:
    """One picture of the gallery.

    Attributes:
        key: its stable name, as `load` takes it.
        title: what to call it on screen.
        caption: one short sentence on what filters make of it.
        file: the photograph's file in scikit-image's data folder; "" for a generated picture.
    """

    key: str
    title: str
    caption: str
    file: str = ""


def load(key: str) -> Image:
    """Return a picture of the gallery. Raises KeyError when there is none of that name."""
    sample = {sample.key: sample for sample in SAMPLES}[key]
    if not sample.file:
        return Image.from_array(_GENERATED[key](), sample.title)
    image = reader.read(_photographs() / sample.file)
    if key == DEFAULT:
        top, left = (image.height - _CAT_SIDE) // 2, (image.width - _CAT_SIDE) // 2
        face = image.pixels[top : top + _CAT_SIDE, left : left + _CAT_SIDE]
        return Image.from_array(face, image.name)
    return Image.from_array(image.pixels, image.name, notes=image.notes)


def _photographs() -> Path:
    """Return scikit-image's data folder, without importing what could fetch more of it."""
    package = find_spec("skimage")
    assert package is not None and package.origin is not None
    return Path(package.origin).parent / "data"


def _grid() -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    rows, columns = np.indices((_SIDE, _SIDE))
    return rows, columns


def _chessboard() -> Pixels8:
    rows, columns = _grid()
    return ((rows // _SQUARE + columns // _SQUARE) % 2 * 255).astype(np.uint8)


def _ramp() -> Pixels8:
    return _grid()[1].astype(np.uint8)


def _colour_ramp() -> Pixels8:
    rows, columns = _grid()
    return np.stack([columns, rows, 255 - (rows + columns) // 2], axis=-1).astype(np.uint8)


def _disc() -> Pixels8:
    rows, columns = _grid()
    middle = (_SIDE - 1) / 2
    return (np.hypot(rows - middle, columns - middle) < _SIDE / 3).astype(np.uint8) * np.uint8(255)


def _zone_plate() -> Pixels8:
    """Return rings whose frequency grows from 0 in the middle to 0.5 a pixel at the sides."""
    rows, columns = _grid()
    squared = (rows - _SIDE / 2) ** 2 + (columns - _SIDE / 2) ** 2
    return np.round(127.5 * (1 + np.cos(np.pi * squared / _SIDE))).astype(np.uint8)


def _stripes() -> Pixels8:
    """Return stripes whose frequency grows from 0 at the left to 0.5 a pixel at the right."""
    phase = np.pi * np.arange(_SIDE) ** 2 / (2 * _SIDE)
    return np.tile(np.round(127.5 * (1 + np.cos(phase))).astype(np.uint8), (_SIDE, 1))


def _impulse() -> Pixels8:
    pixels = np.zeros((33, 33), np.uint8)
    pixels[16, 16] = 255
    return pixels


def _noise() -> Pixels8:
    return np.random.default_rng(_SEED).integers(0, 256, (_SIDE, _SIDE), dtype=np.uint8)


_GENERATED: dict[str, Callable[[], Pixels8]] = {
    "chessboard": _chessboard,
    "ramp": _ramp,
    "colour_ramp": _colour_ramp,
    "disc": _disc,
    "zone_plate": _zone_plate,
    "stripes": _stripes,
    "impulse": _impulse,
    "noise": _noise,
}

_ALL = (
    Sample(DEFAULT, "Cat", "Whiskers and fur: fine edges in every direction.", "chelsea.png"),
    Sample("astronaut", "Astronaut", "Skin, cloth and metal, smooth and sharp.", "astronaut.png"),
    Sample("coffee", "Coffee", "A round rim: each edge filter finds a part of it.", "coffee.png"),
    Sample("rocket", "Rocket", "Thin upright lines on a dark sky.", "rocket.jpg"),
    Sample(
        "hubble",
        "Hubble deep field",
        "Bright spots of all sizes: a Laplacian finds the small ones.",
        "hubble_deep_field.jpg",
    ),
    Sample("camera", "Camera", "Grey only, with strong outlines on a soft sky.", "camera.png"),
    Sample("coins", "Coins", "Uneven light: brightness drifts, edges stay.", "coins.png"),
    Sample("text", "Handwriting", "Dark strokes on ruled paper, slanted.", "text.png"),
    Sample("page", "Printed page", "Letters in a shadow that only a wide blur keeps.", "page.png"),
    Sample(
        "motorcycle",
        "Motorcycle",
        "Spokes, tubes and shelves: edges everywhere.",
        "motorcycle_left.png",
    ),
    Sample("moon", "Moon", "Hardly any contrast: filters amplify what is there.", "moon.png"),
    Sample("cell", "Cell", "One bright blob in a noisy picture.", "cell.png"),
    Sample("tissue", "Tissue", "Two dyes: the colour planes tell them apart.", "ihc.png"),
    Sample("retina", "Retina", "Branching vessels, clearest in the green plane.", "retina.jpg"),
    Sample(
        "phantom", "Head phantom", "Flat areas: edge filters leave only outlines.", "phantom.png"
    ),
    Sample("brick", "Bricks", "A texture of joints along two directions.", "brick.png"),
    Sample("grass", "Grass", "A fine texture without a direction.", "grass.png"),
    Sample("gravel", "Gravel", "A coarser texture: compare it with the grass.", "gravel.png"),
    Sample("horse", "Horse", "Black on white: there is nothing but outline.", "horse.png"),
    Sample(
        "colours", "Colour wheel", "Every hue once: see where each plane is bright.", "color.png"
    ),
    Sample("chessboard", "Chessboard", "Edges in two directions, and the corners between."),
    Sample("ramp", "Grey gradient", "One more in each column: its slope is the same everywhere."),
    Sample("colour_ramp", "Colour gradient", "Each channel rises in a direction of its own."),
    Sample("disc", "Disc", "One edge that takes every direction."),
    Sample("zone_plate", "Zone plate", "Ever finer rings: a blur removes them from the outside."),
    Sample("stripes", "Rising stripes", "Ever finer stripes: see which a filter lets pass."),
    Sample("impulse", "Single white pixel", "A filter paints its own kernel here, turned by 180°."),
    Sample("noise", "Noise", "Every value as likely: averaging draws it to the middle."),
)


def _offline() -> tuple[Sample, ...]:
    """Return what is there: a version of scikit-image may leave a photograph out."""
    files = {path.name for path in _photographs().iterdir()}
    return tuple(sample for sample in _ALL if not sample.file or sample.file in files)


SAMPLES = _offline()
