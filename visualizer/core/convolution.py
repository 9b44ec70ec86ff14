"""Sliding a kernel over an image: whole feature maps, fast, and single cells, exactly.

Like `torch.nn.functional.conv2d`, the kernel is laid on the image as it is (a correlation); with
`flip` it is turned by 180° first (a true convolution). Results are float32. They are exact where
all numbers are whole and small (8-bit images, whole weights), and otherwise within float32
rounding of the exact sum. As in torch, 0 × NaN is NaN, so a NaN or infinite pixel shows in every
cell whose window has a weight on it, and in no other.

The work goes in bands of rows that fit into the processor's cache: a band is copied with its
padding as float32 and filtered by OpenCV. A stride s is taken apart into its phases: the pixels
s apart that meet the same weights form a smaller image, filtered without a stride, so no cell is
computed only to be dropped.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt

from visualizer.core.geometry import Border, Geometry, sources
from visualizer.core.kernels import Kernel, Weights, separated

FeatureMap = npt.NDArray[np.float32]
Activation = Literal["none", "ReLU", "ReLU6", "leaky ReLU", "sigmoid", "tanh", "absolute"]
ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)
LEAK = 0.01

# OpenCV filters by Fourier transform from 130 weights on, which is slower here, inexact for
# whole numbers, and spreads one NaN over everything: larger kernels go in strips of rows.
_MOST_WEIGHTS = 121
# From here on two one-dimensional passes beat one two-dimensional pass.
_LEAST_SEPARABLE = 49
_BAND_VALUES = 1 << 18
# OpenCV rounds differently in the last few columns, which do not fill a vector register. Spare
# columns keep those out of the result, so that a region equals the whole bit by bit.
_SPARE = 32


def as_float(pixels: npt.NDArray) -> FeatureMap:
    """Return pixels as contiguous float32, themselves when they are that already."""
    return np.ascontiguousarray(pixels, dtype=np.float32)


def convolve(
    pixels: npt.NDArray,
    kernel: Kernel,
    geometry: Geometry,
    *,
    bias: float = 0.0,
    across: bool = False,
    flip: bool = False,
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
        check=check,
    )


def convolve_sampled(
    pixels: npt.NDArray,
    kernel: Kernel,
    geometry: Geometry,
    step: int,
    *,
    bias: float = 0.0,
    across: bool = False,
    flip: bool = False,
    check: Callable[[], None] | None = None,
) -> FeatureMap:
    """Return the cells [::step, ::step] of the feature map, computing no others.

    For a look at a large map at the resolution of the screen. Arguments as for `convolve`; the
    numbers are the same up to the order of additions in float32.
    """
    return convolve_region(
        pixels,
        kernel,
        geometry,
        range(0, geometry.out_height, step),
        range(0, geometry.out_width, step),
        bias=bias,
        across=across,
        flip=flip,
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
    check: Callable[[], None] | None = None,
) -> FeatureMap:
    """Return the cells (len(rows), len(columns), K) of the feature map at `rows` and `columns`.

    Arguments as for `convolve`. With steps of 1 the numbers equal the same slice of the whole
    map, bit by bit.
    """
    weights = applied_weights(kernel, flip)
    _check_shapes(pixels, kernel, geometry, rows, columns)
    channels = pixels.shape[2]
    result = np.empty((len(rows), len(columns), 1 if across else channels), np.float32)
    for band in _bands(len(rows), len(columns) * channels * columns.step, geometry.span[0]):
        if check is not None:
            check()
        _fill(result[band], pixels, weights, geometry, rows[band], columns, across)
    if bias:
        result += np.float32(bias)
    return result


def applied_weights(kernel: Kernel, flip: bool) -> Weights:
    """Return the weights (planes, kh, kw) as they lie on the image."""
    return kernel.weights[:, ::-1, ::-1] if flip else kernel.weights


def _check_shapes(
    pixels: npt.NDArray, kernel: Kernel, geometry: Geometry, rows: range, columns: range
) -> None:
    if pixels.ndim != 3 or pixels.shape[:2] != (geometry.height, geometry.width):
        raise ValueError(
            f"pixels are {pixels.shape}, the geometry is for "
            f"({geometry.height}, {geometry.width}, channels)"
        )
    if kernel.weights.shape[1:] != (geometry.kernel_height, geometry.kernel_width):
        raise ValueError(
            f"the kernel is {kernel.height}×{kernel.width}, the geometry is for "
            f"{geometry.kernel_height}×{geometry.kernel_width}"
        )
    if kernel.planes not in (1, pixels.shape[2]):
        raise ValueError(
            f"the kernel has {kernel.planes} planes, the image {pixels.shape[2]} channels"
        )
    for cells, count in ((rows, geometry.out_height), (columns, geometry.out_width)):
        if cells.step < 1 or (cells and (cells[0] < 0 or cells[-1] >= count)):
            raise ValueError(f"cells {cells} lie outside the {count} of the feature map")


def _bands(count: int, row_values: int, span: int) -> Iterator[slice]:
    height = max(_BAND_VALUES // max(row_values, 1), span, 8)
    for start in range(0, count, height):
        yield slice(start, min(start + height, count))


@dataclass(frozen=True)
class _Phase:
    """The weights of one axis that meet every `stride`-th pixel, beginning at `first`.

    `taps` are their places in the kernel, `offsets` their places among those pixels.
    """

    first: int
    taps: list[int]
    offsets: list[int]


def _phases(taps: int, dilation: int, stride: int) -> list[_Phase]:
    groups: dict[int, _Phase] = {}
    for tap in range(taps):
        offset, first = divmod(tap * dilation, stride)
        phase = groups.setdefault(first, _Phase(first, [], []))
        phase.taps.append(tap)
        phase.offsets.append(offset)
    return list(groups.values())


def _fill(
    result: FeatureMap,
    pixels: npt.NDArray,
    weights: Weights,
    geometry: Geometry,
    rows: range,
    columns: range,
    across: bool,
) -> None:
    """Write the cells at `rows` and `columns` into `result` (rows, columns, K)."""
    top, left, _, _ = geometry.window(rows.start, columns.start)
    down, along = rows.step * geometry.stride, columns.step * geometry.stride
    parts = []
    for vertical in _phases(geometry.kernel_height, geometry.dilation, down):
        for horizontal in _phases(geometry.kernel_width, geometry.dilation, along):
            part = _gather(
                pixels,
                _every(top + vertical.first, down, len(rows) + vertical.offsets[-1]),
                _every(left + horizontal.first, along, len(columns) + horizontal.offsets[-1]),
                geometry.border,
            )
            parts.append((part, *_spread(weights, vertical, horizontal)))
    for index, (part, spread, taps) in enumerate(parts):
        filtered = _filter(part, spread, taps, across)
        if index == 0:
            result[...] = filtered
        else:
            result += filtered


def _every(start: int, step: int, count: int) -> range:
    return range(start, start + step * count, step)


def _spread(
    weights: Weights, vertical: _Phase, horizontal: _Phase
) -> tuple[Weights, npt.NDArray[np.bool_]]:
    """Return the weights of a phase with zeros between them, and where the weights are."""
    shape = (vertical.offsets[-1] + 1, horizontal.offsets[-1] + 1)
    places = np.ix_(vertical.offsets, horizontal.offsets)
    spread, taps = np.zeros((len(weights), *shape)), np.zeros(shape, bool)
    taps[places] = True
    for plane, source in zip(spread, weights, strict=True):
        plane[places] = source[np.ix_(vertical.taps, horizontal.taps)]
    return spread, taps


def _gather(pixels: npt.NDArray, rows: range, columns: range, border: Border) -> FeatureMap:
    """Return the pixels at `rows` and `columns` as float32; outside, what the border gives.

    Shape (len(rows), len(columns) + _SPARE, C), the spare columns being 0.
    """
    height, width, channels = pixels.shape
    down, along = _inside(rows, height), _inside(columns, width)
    part = np.zeros((len(rows), len(columns) + _SPARE, channels), np.float32)
    inner = pixels[_slice(rows[down]), _slice(columns[along])]
    part[down, along] = inner
    row_sources, column_sources = (
        sources(list(rows), height, border),
        sources(list(columns), width, border),
    )
    if border == "zero":
        return part
    for side in (slice(0, along.start), slice(along.stop, len(columns))):
        part[down, side] = pixels[_slice(rows[down])][:, column_sources[side]]
    for row in (*range(down.start), *range(down.stop, len(rows))):
        part[row, : len(columns)] = pixels[row_sources[row], column_sources]
    return part


def _inside(positions: range, size: int) -> slice:
    """Return which of the positions lie within 0 … size − 1."""
    first = max(0, -(positions.start // positions.step))
    stop = max(first, -((positions.start - size) // positions.step))
    return slice(min(first, len(positions)), min(stop, len(positions)))


def _slice(positions: range) -> slice:
    return slice(positions.start, max(positions.stop, 0), positions.step)


def _filter(
    part: FeatureMap, weights: Weights, taps: npt.NDArray[np.bool_], across: bool
) -> FeatureMap:
    """Return the correlation (h, w, K) of a part (h + kh − 1, w + kw − 1 + _SPARE, C)."""
    with np.errstate(invalid="ignore", over="ignore"):
        sound = bool(np.isfinite(part.sum(dtype=np.float32)))
    if sound or bool(np.isfinite(part).all()):
        return _filter_planes(part, weights, across)
    finite = np.isfinite(part)
    result = _filter_planes(np.where(finite, part, np.float32(0)), weights, across)
    return result + _spoilt(part, finite, weights, taps, across)


def _filter_planes(part: FeatureMap, weights: Weights, across: bool) -> FeatureMap:
    if len(weights) == 1:
        return _filter_plane(part.sum(axis=2, keepdims=True) if across else part, weights[0])
    planes = [
        _filter_plane(np.ascontiguousarray(part[:, :, [channel]]), plane)
        for channel, plane in enumerate(weights)
    ]
    if not across:
        return np.concatenate(planes, axis=2)
    return np.sum(planes, axis=0, dtype=np.float32)


def _filter_plane(part: FeatureMap, plane: Weights) -> FeatureMap:
    """Return every channel of `part` (h, w, C) correlated with `plane`, without padding."""
    height, width = _filtered_size(part, plane)
    factors = separated(plane) if plane.size >= _LEAST_SEPARABLE else None
    if factors is not None:
        column, row = factors
        filtered = cv2.sepFilter2D(part, -1, row, column, anchor=(0, 0))[:height, :width]
        return filtered.reshape(height, width, part.shape[2])
    strip = max(1, _MOST_WEIGHTS // plane.shape[1])
    result = np.zeros((height, width, part.shape[2]), np.float32)
    for top in range(0, plane.shape[0], strip):
        weights = plane[top : top + strip]
        if not weights.any():
            continue
        under = part[top : top + height + len(weights) - 1]
        filtered = cv2.filter2D(under, -1, weights, anchor=(0, 0))[:height, :width]
        result += filtered.reshape(result.shape)
    return result


def _filtered_size(part: FeatureMap, plane: npt.NDArray) -> tuple[int, int]:
    return part.shape[0] - plane.shape[0] + 1, part.shape[1] - plane.shape[1] + 1 - _SPARE


def _spoilt(
    part: FeatureMap,
    finite: npt.NDArray[np.bool_],
    weights: Weights,
    taps: npt.NDArray[np.bool_],
    across: bool,
) -> FeatureMap:
    """Return what the NaN and infinite values add: 0 where no weight meets one.

    One shifted copy of the part for each weight: slow and plain, for the rare damaged image.
    """
    bad = np.where(finite, np.float32(0), part)
    height, width = _filtered_size(part, taps)
    added = np.zeros((height, width, part.shape[2]), np.float32)
    with np.errstate(invalid="ignore"):
        for i, j in np.argwhere(taps):
            under = bad[i : i + height, j : j + width]
            touched = ~finite[i : i + height, j : j + width]
            added += np.where(touched, under * weights[:, i, j].astype(np.float32), 0)
        return np.asarray(added.sum(axis=2, keepdims=True) if across else added)


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
    rows, columns = geometry.taps(row, column)
    row_sources = sources(rows, geometry.height, geometry.border)
    column_sources = sources(columns, geometry.width, geometry.border)
    known = (row_sources >= 0)[:, np.newaxis] & (column_sources >= 0)
    patches = pixels[np.ix_(row_sources, column_sources)].astype(np.float64)  # (kh, kw, C)
    patches = np.where(known, patches.transpose(2, 0, 1), 0.0)
    weights = applied_weights(kernel, flip)
    weights = np.broadcast_to(weights, patches.shape)
    if not across:
        patches, weights = patches[[channel]], weights[[channel]]
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
