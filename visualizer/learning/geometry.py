"""Moving the pixels of a batch of images, each in its own way: steps put together, sampled once.

The conventions are torchvision's: the centre of the image stays, angles turn clockwise, shear leans
the columns, values between pixels are interpolated linearly. Places are (x, y) in pixels from the
centre. A step is known by its way back, from a place of the result to the place before the step.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional

from visualizer.learning.pipeline import Fill

Steps = list[tuple[str, Tensor]]  # kinds with what was drawn for them, (N, 1 + places)
# The columns of a matrix for each image, (3, N) each: what x, y and 1 add to x, y and the depth.
Matrix = tuple[Tensor, Tensor, Tensor]

_LATTICE = 6  # elastic shifts are drawn at so many places along each side, smooth between them
_NEAREST_HORIZON = 1e-3  # where a tilted plane is cut off, as a share of the distance to the image
_MODES: dict[Fill, str] = {"constant": "zeros", "nearest": "border", "reflect": "reflection",
                           "wrap": "border"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Way:
    """The way back through some steps.

    It leads from a row and a column to the sum of their parts; a place is one complex number, from
    −1 to 1 across the image: one complex sum is a quarter of the work of two sums in turn.

    Attributes:
        columns, rows: complex64 (N, 1, W) and (N, H, 1).
        depths: of a tilted plane, by which places are divided: float32, as columns and rows.
        shifts: of elastic shifts at the end, (N, 1); see `elastic_shifts`.
        by_shift: float32 (N, 3, 2): what a shift by x and y adds to place and depth.
    """

    columns: Tensor
    rows: Tensor
    depths: tuple[Tensor, Tensor] | None
    shifts: Tensor | None
    by_shift: Tensor

    def part(self, part: slice) -> "Way":
        """Return the way of some of the images."""
        return Way(
            self.columns[part],
            self.rows[part],
            None if self.depths is None else (self.depths[0][part], self.depths[1][part]),
            None if self.shifts is None else self.shifts[part],
            self.by_shift[part],
        )


def way_back(steps: Steps, height: int, width: int) -> Way:
    """Return the way back through `steps`, at least one, of which only the last may be elastic.

    A crop at the end knows nothing of what lies beyond it; before other steps, it does.
    """
    last, values = steps[-1]
    x, y = (torch.arange(1 - n, n, 2, device=values.device) / 2 for n in (width, height))
    x, y = x.view(1, 1, width), y.view(1, height, 1)
    if last == "crop":
        x, y = _inside(x, y, cropped(values, height, width))
    rest = steps[:-1] if last in ("crop", "elastic") else steps
    scales = torch.diag(values.new_tensor([2 / width, 2 / height, 1]))
    first, second, third = scales.unsqueeze(-1).expand(3, 3, len(values)).unbind()
    matrix: Matrix = first, second, third
    for kind, drawn in rest:
        matrix = STEPS[kind](matrix, drawn, height, width)
    by_x, by_y, fixed = (column.view(3, -1, 1, 1) for column in matrix)
    columns, rows = by_x * x + fixed, by_y * y  # (3, N, 1, W), (3, N, H, 1)
    is_tilted = any(kind == "perspective" for kind, _ in rest)
    return Way(
        columns=torch.complex(columns[0], columns[1]),
        rows=torch.complex(rows[0], rows[1]),
        depths=(columns[2], rows[2]) if is_tilted else None,
        shifts=values if last == "elastic" else None,
        by_shift=torch.stack(matrix[:2], dim=2).transpose(0, 1),
    )


def warp(
    images: Tensor,
    way: Way,
    fill: Fill = "nearest",
    level: float = 0.0,
    generator: Generator | None = None,
) -> Tensor:
    """Return float32 `images` (N, C, H, W), each pixel from where its way leads to.

    `level` is the grey of the fill "constant"; `generator` draws elastic shifts.
    """
    places = way.columns + way.rows  # (N, H, W)
    depths = None if way.depths is None else way.depths[0] + way.depths[1]
    if way.shifts is not None:
        height, width = images.shape[2:]
        shifts = elastic_shifts(way.shifts, height, width, generator)
        added = (way.by_shift @ shifts.flatten(2)).view(-1, 3, height, width)
        places = places + torch.complex(added[:, 0], added[:, 1])
        depths = None if depths is None else depths + added[:, 2]
    grid = torch.view_as_real(places)
    if depths is not None:
        grid = grid / depths.clamp_min_(_NEAREST_HORIZON)[..., None]
    return _sampled(images, grid, fill, level)


def cropped(values: Tensor, height: int, width: int) -> Tensor:
    """Return the boxes of crops (N, 4): top, left, height, width, whole numbers as float32.

    `values` (N, 3): share of the area, then the place by rows and by columns.
    """
    share, down, across = values.unbind(1)
    rows, columns = ((n * share.sqrt()).round().clamp(1, n) for n in (height, width))
    top, left = (down * (height - rows + 1)).floor(), (across * (width - columns + 1)).floor()
    return torch.stack([top, left, rows, columns], dim=1)


def corners(values: Tensor, height: int, width: int) -> Tensor:
    """Return where a perspective puts the corners (N, 4, 2): x and y in pixels from the centre.

    Upper left, upper right, lower right, lower left. `values` (N, 9): a share, and for each corner
    how much of it to come inwards by.
    """
    share, inwards = values[:, :1], values[:, 1:].view(-1, 4, 2)
    half = inwards.new_tensor([width / 2, height / 2])
    signs = inwards.new_tensor([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    return signs * half * (1 - share[..., None] * inwards)


def elastic_shifts(
    values: Tensor, height: int, width: int, generator: Generator | None = None
) -> Tensor:
    """Return from how far away each pixel comes, (N, 2, H, W): x and y in pixels.

    Normally distributed at a coarse lattice, with `values` (N, 1), a share of the side, as the
    standard deviation; between its places by bicubic interpolation (as in Ronneberger et al.,
    "U-Net", 2015).
    """
    shape = len(values), 2, _LATTICE, _LATTICE
    coarse = torch.randn(shape, generator=generator, device=values.device)
    sides = values.new_tensor([width, height]).view(1, 2, 1, 1)
    coarse *= values.view(-1, 1, 1, 1) * sides
    return functional.interpolate(coarse, (height, width), mode="bicubic", align_corners=True)


def _inside(x: Tensor, y: Tensor, boxes: Tensor) -> tuple[Tensor, Tensor]:
    """Return where in the boxes the places are, not beyond the middle of their outer pixels."""
    height, width = y.shape[1], x.shape[2]
    top, left, rows, columns = boxes.view(-1, 4, 1, 1).unbind(1)
    x0, y0 = left - width / 2, top - height / 2
    x = (x + width / 2) * (columns / width) + x0
    y = (y + height / 2) * (rows / height) + y0
    return (
        torch.clamp(x, x0 + 0.5, x0 + columns - 0.5),
        torch.clamp(y, y0 + 0.5, y0 + rows - 0.5),
    )


def _sampled(images: Tensor, grid: Tensor, fill: Fill, level: float) -> Tensor:
    if fill == "wrap":  # one more pixel on each side, for what lies between the last and the first
        size = grid.new_tensor(images.shape[:1:-1])
        grid = ((grid + 1) % 2 - 1) * (size / (size + 2))
        images = functional.pad(images, (1, 1, 1, 1), mode="circular")
    is_lifted = fill == "constant" and level != 0
    result = functional.grid_sample(
        images - level if is_lifted else images,
        grid,
        mode="bilinear",
        padding_mode=_MODES[fill],
        align_corners=False,
    )
    return result.add_(level) if is_lifted else result


# The way back of each step, put behind a matrix


def _mirror(matrix: Matrix, values: Tensor, height: int, width: int) -> Matrix:
    x, y, fixed = matrix
    return x * (1 - 2 * values[:, 0]), y, fixed


def _upend(matrix: Matrix, values: Tensor, height: int, width: int) -> Matrix:
    x, y, fixed = matrix
    return x, y * (1 - 2 * values[:, 0]), fixed


def _rotation(matrix: Matrix, values: Tensor, height: int, width: int) -> Matrix:
    x, y, fixed = matrix
    angle = values[:, 0].deg2rad()
    cos, sin = angle.cos(), angle.sin()
    return x * cos - y * sin, x * sin + y * cos, fixed


def _shift_x(matrix: Matrix, values: Tensor, height: int, width: int) -> Matrix:
    x, y, fixed = matrix
    return x, y, torch.addcmul(fixed, x, values[:, 0], value=-width)


def _shift_y(matrix: Matrix, values: Tensor, height: int, width: int) -> Matrix:
    x, y, fixed = matrix
    return x, y, torch.addcmul(fixed, y, values[:, 0], value=-height)


def _zoom(matrix: Matrix, values: Tensor, height: int, width: int) -> Matrix:
    x, y, fixed = matrix
    return x / values[:, 0], y / values[:, 0], fixed


def _shear(matrix: Matrix, values: Tensor, height: int, width: int) -> Matrix:
    x, y, fixed = matrix
    return x, torch.addcmul(y, x, values[:, 0].deg2rad().tan()), fixed


def _perspective(matrix: Matrix, values: Tensor, height: int, width: int) -> Matrix:
    """From the corners' new places to the unit square (Heckbert, 1989), and on to the old ones."""
    a, b, c, d = corners(values, height, width).unbind(1)  # (N, 2) each
    bend = a - b + c - d
    area = _cross(b - c, d - c)
    g, h = _cross(bend, d - c) / area, _cross(b - c, bend) / area
    square = values.new_ones(len(values), 3, 3)
    square[:, :2, 0], square[:, 2, 0] = b - a + g[:, None] * b, g
    square[:, :2, 1], square[:, 2, 1] = d - a + h[:, None] * d, h
    square[:, :2, 2] = a
    old = values.new_tensor([[width, 0, -width / 2], [0, height, -height / 2], [0, 0, 1]])
    step = old @ torch.linalg.inv(square)
    x, y, fixed = torch.einsum("cin,nck->kin", torch.stack(matrix), step)
    return x, y, fixed


def _cross(a: Tensor, b: Tensor) -> Tensor:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


def _crop(matrix: Matrix, values: Tensor, height: int, width: int) -> Matrix:
    x, y, fixed = matrix
    top, left, rows, columns = cropped(values, height, width).unbind(1)
    x0, y0 = left + (columns - width) / 2, top + (rows - height) / 2
    return x * (columns / width), y * (rows / height), fixed + x * x0 + y * y0


def _padded_crop(matrix: Matrix, values: Tensor, height: int, width: int) -> Matrix:
    x, y, fixed = matrix
    padding, down, across = values.unbind(1)
    padding = padding.round()
    x0, y0 = ((place * (2 * padding + 1)).floor() - padding for place in (across, down))
    return x, y, fixed + x * x0 + y * y0


STEPS: dict[str, Callable[[Matrix, Tensor, int, int], Matrix]] = {
    "mirror": _mirror,
    "upend": _upend,
    "rotation": _rotation,
    "shift_x": _shift_x,
    "shift_y": _shift_y,
    "zoom": _zoom,
    "shear": _shear,
    "perspective": _perspective,
    "crop": _crop,
    "padded_crop": _padded_crop,
}
