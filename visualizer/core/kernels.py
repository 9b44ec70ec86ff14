"""Kernels: the small grids of numbers that slide over an image, and what can be done to them.

A kernel knows nothing of images; `convolution` applies it. Presets live in `presets`.
"""

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visualizer.core.numbers import format_number, parse_grid

Weights = npt.NDArray[np.float64]

MAX_SIDE = 15
_FORMAT = "cnn-visualizer kernel"
_VERSION = 1


@dataclass(frozen=True, eq=False)
class Kernel:
    """Weights that slide over an image; one plane a channel when a filter spans channels.

    Equal when names and weights are equal, so a kernel can be part of observable settings.

    Attributes:
        weights: (planes, height, width) float64, finite, read-only; (height, width) is accepted
            and becomes one plane. Sides from 1 to 15.
        name: what to call it on screen.

    Raises ValueError, with a sentence, for anything else.
    """

    weights: Weights
    name: str = "own kernel"

    def __post_init__(self) -> None:
        weights = np.array(self.weights, dtype=np.float64, order="C")
        if weights.ndim == 2:
            weights = weights[np.newaxis]
        if weights.ndim != 3 or 0 in weights.shape:
            raise ValueError("A kernel is a grid of numbers with rows and columns.")
        if max(weights.shape[1:]) > MAX_SIDE:
            size = f"{weights.shape[1]}×{weights.shape[2]}"
            raise ValueError(
                f"A {size} kernel is too large: use at most {MAX_SIDE} rows and columns."
            )
        if not np.isfinite(weights).all():
            raise ValueError("A kernel weight is not a finite number: use ordinary numbers.")
        weights.setflags(write=False)
        object.__setattr__(self, "weights", weights)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Kernel):
            return NotImplemented
        return self.name == other.name and np.array_equal(self.weights, other.weights)

    def __hash__(self) -> int:
        return hash((self.name, self.weights.shape, (self.weights + 0.0).tobytes()))

    @property
    def planes(self) -> int:
        """How many planes: 1, or one a channel."""
        return int(self.weights.shape[0])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.weights.shape[1])

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.weights.shape[2])

    @property
    def sum(self) -> float:
        """Sum of all weights: what a uniform image of ones gives."""
        return float(self.weights.sum())

    def renamed(self, name: str) -> "Kernel":
        """Return the same weights under another name."""
        return Kernel(self.weights, name)

    def with_plane(self, plane: int, weights: npt.ArrayLike) -> "Kernel":
        """Return the kernel with one plane (height, width) replaced; the size must stay."""
        changed = self.weights.copy()
        changed[plane] = weights
        return Kernel(changed, self.name)

    def with_planes(self, count: int) -> "Kernel":
        """Return a kernel of `count` planes: the first repeated, or the surplus left out."""
        kept = self.weights[:count]
        missing = np.repeat(self.weights[:1], count - len(kept), axis=0)
        return Kernel(np.concatenate([kept, missing]), self.name)


def flip(kernel: Kernel) -> Kernel:
    """Return the kernel turned by 180°: what makes a correlation a true convolution."""
    return Kernel(kernel.weights[:, ::-1, ::-1], kernel.name)


def mirror(kernel: Kernel) -> Kernel:
    """Return the kernel with left and right exchanged."""
    return Kernel(kernel.weights[:, :, ::-1], kernel.name)


def rotate(kernel: Kernel) -> Kernel:
    """Return the kernel turned by 90° clockwise."""
    return Kernel(np.rot90(kernel.weights, -1, axes=(1, 2)), kernel.name)


def transpose(kernel: Kernel) -> Kernel:
    """Return the kernel with rows and columns exchanged."""
    return Kernel(kernel.weights.transpose(0, 2, 1), kernel.name)


def negate(kernel: Kernel) -> Kernel:
    """Return the kernel with every sign changed."""
    return Kernel(0.0 - kernel.weights, kernel.name)


def normalise(kernel: Kernel) -> Kernel:
    """Return the kernel divided by its sum; ValueError, with a sentence, when the sum is 0."""
    total = kernel.sum
    if abs(total) <= 1e-12 * np.abs(kernel.weights).sum():
        raise ValueError(
            "The weights sum to 0, so they cannot be divided by their sum: "
            "such a kernel answers to changes and keeps no brightness."
        )
    return Kernel(kernel.weights / total + 0.0, kernel.name)  # no -0


def clear(kernel: Kernel) -> Kernel:
    """Return a kernel of the same size with all weights 0."""
    return Kernel(np.zeros_like(kernel.weights), kernel.name)


def resized(kernel: Kernel, height: int, width: int) -> Kernel:
    """Return the kernel cropped or filled up with zeros around its centre.

    Where the change is odd, the extra row or column goes to (or from) the bottom and right.
    """
    if not (1 <= height <= MAX_SIDE and 1 <= width <= MAX_SIDE):
        raise ValueError(f"A kernel has 1 to {MAX_SIDE} rows and columns, not {height}×{width}.")
    changed = np.zeros((kernel.planes, height, width))
    (top, down), (left, across) = (
        _centred(kernel.height, height),
        _centred(kernel.width, width),
    )
    changed[:, down, across] = kernel.weights[:, top, left]
    return Kernel(changed, kernel.name)


def _centred(old: int, new: int) -> tuple[slice, slice]:
    """Return which of `old` places are kept, and where among `new` they land."""
    kept = min(old, new)
    take, put = (old - kept) // 2, (new - kept) // 2
    return slice(take, take + kept), slice(put, put + kept)


def rank(kernel: Kernel) -> int:
    """Return the largest matrix rank among the planes; 1 means separable."""
    return int(max(np.linalg.matrix_rank(plane) for plane in kernel.weights))


def separated(plane: Weights) -> tuple[Weights, Weights] | None:
    """Return (column (kh,), row (kw,)) whose outer product is `plane`, or None.

    Rows are taken as they are and divided by one weight, so that whole numbers stay whole where
    that is possible; a plane of whole numbers is separated only into whole numbers, which keeps
    its results exact.
    """
    largest = np.abs(plane).max()
    if largest == 0 or np.linalg.matrix_rank(plane) != 1:
        return None
    whole = bool((plane == np.rint(plane)).all())
    candidates = [np.unravel_index(np.abs(plane).argmax(), plane.shape)]
    if whole:
        candidates = [tuple(at) for at in np.argwhere(plane)]
    for i, j in candidates:
        column, row = plane[:, j] / plane[i, j], plane[i]
        if whole and (column != np.rint(column)).any():
            continue
        if np.abs(np.outer(column, row) - plane).max() <= 1e-13 * largest:
            return column, row
    return None


def describe(kernel: Kernel) -> str:
    """Return what the numbers say: "sum 0 · rank 1: separable" (no word for a rank above 1)."""
    order = rank(kernel)
    note = {0: "all weights are 0", 1: "rank 1: separable"}.get(order, f"rank {order}")
    total = kernel.sum
    if abs(total) <= 1e-12 * np.abs(kernel.weights).sum():
        total = 0.0
    return f"sum {format_number(total)} · {note}"


def to_text(kernel: Kernel) -> str:
    """Return the weights as lines of numbers, exactly; a blank line between planes."""
    planes = ("\n".join(" ".join(map(_exact, row)) for row in plane) for plane in kernel.weights)
    return "\n\n".join(planes) + "\n"


def from_text(text: str, name: str = "own kernel") -> Kernel:
    """Return the kernel written as lines of numbers (fractions too), blank lines between planes.

    Raises ValueError with one sentence saying what cannot be read.
    """
    blocks: list[list[str]] = [[]]
    for line in text.strip().splitlines():
        if line.strip():
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    planes = [parse_grid("\n".join(block)) for block in blocks]
    if len({plane.shape for plane in planes}) > 1:
        raise ValueError(
            "The planes of a kernel differ in size: give each as many rows and columns."
        )
    return Kernel(np.stack(planes), name)


def to_json(kernel: Kernel) -> str:
    """Return the kernel as a versioned JSON document."""
    document = {
        "format": _FORMAT,
        "version": _VERSION,
        "name": kernel.name,
        "weights": kernel.weights.tolist(),
    }
    return json.dumps(document, ensure_ascii=False)


def from_json(text: str) -> Kernel:
    """Return the kernel in a document made by `to_json`.

    Raises ValueError with one sentence saying what is wrong with the document.
    """
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"This is no JSON (line {error.lineno}): {error.msg}.") from error
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise ValueError("This JSON is no kernel exported by this application.")
    if document.get("version") != _VERSION:
        raise ValueError(
            f"This kernel has format version {document.get('version')}, this application reads "
            f"{_VERSION}: export it again with the same version."
        )
    try:
        weights = np.array(document["weights"], dtype=np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            "The weights in this JSON are no grid of numbers: planes of equal rows are needed."
        ) from error
    return Kernel(weights, str(document.get("name", "own kernel")))


def _exact(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
