"""Sliding a kernel over an image: whole feature maps, fast, and single cells, exactly.

Like `torch.nn.functional.conv2d`, the kernel is laid on the image as it is (a correlation); with
`flip` it is turned by 180° first (a true convolution). Results are float32. They are exact where
all numbers are whole and small (8-bit images, whole weights), and otherwise within float32
rounding of the exact sum. As in torch, 0 × NaN is NaN, so a NaN or infinite pixel shows in every
cell whose window has a weight on it, and in no other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from visualizer.core.correlation import FeatureMap, as_float
from visualizer.core.filtering import Filter
from visualizer.core.geometry import Geometry, sources
from visualizer.core.kernels import Kernel, Weights
from visualizer.core.phases import Part, combine, gather

Activation = Literal["none", "ReLU", "ReLU6", "leaky ReLU", "sigmoid", "tanh", "absolute"]
ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
LEAK = 0.01

__all__ = [
    "ACTIVATIONS",
    "LEAK",
    "Activation",
    "Cell",
    "FeatureMap",
    "Samples",
    "activate",
    "applied_weights",
    "as_float",
    "cell",
    "convolve",
    "convolve_region",
    "laid_cell",
    "sample",
]


def convolve(
    pixels: npt.NDArray,
    kernel: Kernel,
    geometry: Geometry,
    *,
    bias: float = 0.0,
    across: bool = False,
    flip: bool = False,
    finite: bool = False,
    check: Callable[[], None] | None = None,
) -> FeatureMap:
    """Return the feature map (out_height, out_width, K) of an image (H, W, C).

    Each channel alone gives K = C: one kernel plane for all channels, or one for each. `across`
    gives K = 1: every plane on its channel (or the one plane on all), summed.

    Args:
        pixels: uint8, uint16 or float32; float32 saves the conversion at each call.
        kernel: of 1 or C planes.
        geometry: made for this image's and this kernel's size.
        bias: added to every cell.
        across: one filter over all channels.
        flip: true convolution.
        finite: known to hold no NaN or infinite value, which saves float32 pixels a look.
        check: called between bands of rows; what it raises ends the work.

    Raises ValueError when shapes do not fit together.
    """
    return convolve_region(
        pixels,
        kernel,
        geometry,
        range(geometry.out_height),
        range(geometry.out_width),
        bias=bias,
        across=across,
        flip=flip,
        finite=finite,
        check=check,
    )


def convolve_region(
    pixels: npt.NDArray,
    kernel: Kernel,
    geometry: Geometry,
    rows: range,
    columns: range,
    *,
    bias: float = 0.0,
    across: bool = False,
    flip: bool = False,
    finite: bool = False,
    check: Callable[[], None] | None = None,
) -> FeatureMap:
    """Return the cells (len(rows), len(columns), K) of the feature map at `rows` and `columns`.

    Arguments as for `convolve`. With steps of 1 the numbers equal the same slice of the whole
    map, bit by bit. Larger steps compute no cell between, for a look at a large map at the
    resolution of the screen; those numbers are the same up to the order of additions in float32.
    """
    _check_cells(pixels, geometry, rows, columns)
    _check_kernel(kernel, geometry, pixels.shape[2])
    weights = applied_weights(kernel, flip)
    finite = finite or pixels.dtype.kind == "u"
    work = Filter(pixels, weights, geometry, across, finite, check or (lambda: None))
    result = work.cells(rows, columns)
    if bias:
        result += np.float32(bias)
    return result


@dataclass(frozen=True, eq=False)
class Samples:
    """The pixels that some output cells read, gathered once for many kernels of one size.

    Made by `sample`. It holds up to kh·kw float32 numbers a cell and channel, and never many
    more than the image: worth it for a preview, while only weights change.
    """

    geometry: Geometry
    rows: range
    columns: range
    channels: int
    parts: tuple[Part, ...]

    def convolve(
        self, kernel: Kernel, *, bias: float = 0.0, across: bool = False, flip: bool = False
    ) -> FeatureMap:
        """Return the cells (len(rows), len(columns), K), as `convolve_region` gives them."""
        _check_kernel(kernel, self.geometry, self.channels)
        shape = (len(self.rows), len(self.columns), 1 if across else self.channels)
        result = combine(self.parts, applied_weights(kernel, flip), shape, across)
        return result + np.float32(bias)


def sample(
    pixels: npt.NDArray,
    geometry: Geometry,
    rows: range,
    columns: range,
    *,
    finite: bool = False,
) -> Samples:
    """Gather what the output cells at `rows` and `columns` read from an image (H, W, C)."""
    _check_cells(pixels, geometry, rows, columns)
    parts = tuple(gather(pixels, geometry, rows, columns, finite or pixels.dtype.kind == "u"))
    return Samples(geometry, rows, columns, pixels.shape[2], parts)


def applied_weights(kernel: Kernel, flip: bool) -> Weights:
    """Return the weights (planes, kh, kw) as they lie on the image."""
    return kernel.weights[:, ::-1, ::-1] if flip else kernel.weights


def _check_cells(pixels: npt.NDArray, geometry: Geometry, rows: range, columns: range) -> None:
    if pixels.ndim != 3 or pixels.shape[:2] != (geometry.height, geometry.width):
        raise ValueError(
            f"pixels are {pixels.shape}, the geometry is for "
            f"({geometry.height}, {geometry.width}, channels)"
        )
    for cells, count in ((rows, geometry.out_height), (columns, geometry.out_width)):
        if not cells or cells.step < 1 or cells[0] < 0 or cells[-1] >= count:
            raise ValueError(f"cells {cells} are not among the {count} of the feature map")


def _check_kernel(kernel: Kernel, geometry: Geometry, channels: int) -> None:
    if (kernel.height, kernel.width) != (geometry.kernel_height, geometry.kernel_width):
        raise ValueError(
            f"the kernel is {kernel.height}×{kernel.width}, the geometry is for "
            f"{geometry.kernel_height}×{geometry.kernel_width}"
        )
    if kernel.planes not in (1, channels):
        raise ValueError(f"the kernel has {kernel.planes} planes, the image {channels} channels")


def activate(values: npt.NDArray, name: Activation) -> npt.NDArray:
    """Return the values after an activation, in their own type; NaN stays NaN.

    The functions are those of `torch.nn.functional`; leaky ReLU keeps 0.01 of what is negative.
    """
    if name == "ReLU":
        return np.maximum(values, 0)
    if name == "ReLU6":
        return np.clip(values, 0, 6)
    if name == "leaky ReLU":
        return np.maximum(values, values * values.dtype.type(LEAK))
    if name == "sigmoid":
        # exp overflows to infinity for very negative values, and 1 / infinity is the right 0.
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-values))
    if name == "tanh":
        return np.tanh(values)
    if name == "absolute":
        return np.abs(values)
    return values


@dataclass(frozen=True, eq=False)
class Cell:
    """The arithmetic of one output cell in float64, ready to be written down.

    Attributes:
        patches: (P, kh, kw), the input values under the weights, one plane a channel involved;
            in the padding the value that the border gives.
        weights: (P, kh, kw) as they lie on the patch (turned when `flip`).
        products: (P, kh, kw).
        inside: (kh, kw), False where the weight lies on padding.
        source_rows, source_columns: (kh,), (kw,), the input pixel each place shows; −1 for the
            zeros of padding.
        plane_sums: (P,) sums of the products.
        total: their sum; `pre_activation` is total + bias; `output` is that activated.
    """

    patches: Weights
    weights: Weights
    products: Weights
    inside: npt.NDArray[np.bool_]
    source_rows: npt.NDArray[np.intp]
    source_columns: npt.NDArray[np.intp]
    plane_sums: Weights
    total: float
    bias: float
    pre_activation: float
    output: float


def cell(
    pixels: npt.NDArray,
    kernel: Kernel,
    geometry: Geometry,
    row: int,
    column: int,
    *,
    bias: float = 0.0,
    activation: Activation = "none",
    across: bool = False,
    flip: bool = False,
    channel: int = 0,
) -> Cell:
    """Return the arithmetic behind output cell (row, column).

    `channel` says which input channel, unless the filter goes `across` all of them.
    """
    weights = np.broadcast_to(
        applied_weights(kernel, flip), (pixels.shape[2], *kernel.weights.shape[1:])
    )
    if not across:
        only = slice(channel, channel + 1)  # a view: the picture may be large
        pixels, weights = pixels[:, :, only], weights[only]
    return laid_cell(pixels, weights, geometry, row, column, bias=bias, activation=activation)


def laid_cell(
    pixels: npt.NDArray,
    weights: Weights,
    geometry: Geometry,
    row: int,
    column: int,
    *,
    bias: float = 0.0,
    activation: Activation = "none",
) -> Cell:
    """Return the arithmetic of weights (P, kh, kw) of any size, as they lie on pixels (H, W, P)."""
    rows, columns = geometry.taps(row, column)
    row_sources = sources(rows, geometry.height, geometry.border)
    column_sources = sources(columns, geometry.width, geometry.border)
    known = (row_sources >= 0)[:, np.newaxis] & (column_sources >= 0)
    patches = pixels[np.ix_(row_sources, column_sources)].astype(np.float64)  # (kh, kw, P)
    patches = np.where(known, patches.transpose(2, 0, 1), 0.0)
    with np.errstate(invalid="ignore"):
        products = patches * weights
        plane_sums = products.sum(axis=(1, 2))
        total = float(plane_sums.sum())
    inside = ((rows >= 0) & (rows < geometry.height))[:, np.newaxis] & (
        (columns >= 0) & (columns < geometry.width)
    )
    before = total + bias
    return Cell(
        patches=patches,
        weights=weights,
        products=products,
        inside=inside,
        source_rows=row_sources,
        source_columns=column_sources,
        plane_sums=plane_sums,
        total=total,
        bias=bias,
        pre_activation=before,
        output=float(activate(np.asarray(before), activation)),
    )
