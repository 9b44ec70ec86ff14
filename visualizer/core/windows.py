"""The whole windows of a few cells, laid side by side: any kernel of their size is one product.

For cells that lie far apart, such as those a colour scale is taken from. `Samples` of
`convolution` are for many cells close together, whose windows share most of their pixels.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from visualizer.core.convolution import FeatureMap, applied_weights
from visualizer.core.geometry import Geometry, sources
from visualizer.core.kernels import Kernel


@dataclass(frozen=True, eq=False)
class Windows:
    """What some output cells read.

    Attributes:
        rows, columns: which cells.
        numbers: (C, kh·kw, cells) float32, the cells row by row.
    """

    rows: range
    columns: range
    numbers: npt.NDArray[np.float32]

    def convolve(
        self, kernel: Kernel, *, bias: float = 0.0, across: bool = False, flip: bool = False
    ) -> FeatureMap:
        """Return the cells (len(rows), len(columns), K), as `convolve_region` gives them.

        The same numbers up to the order of additions in float32. `kernel` is of the size that
        the windows were gathered for.
        """
        weights = applied_weights(kernel, flip).astype(np.float32).reshape(kernel.planes, 1, -1)
        with np.errstate(invalid="ignore"):
            sums = (weights @ self.numbers)[:, 0]
            if across:
                sums = sums.sum(axis=0, keepdims=True)
            sums += np.float32(bias)
        cells = sums.reshape(-1, len(self.rows), len(self.columns))
        return np.ascontiguousarray(cells.transpose(1, 2, 0))


def gather_windows(pixels: npt.NDArray, geometry: Geometry, rows: range, columns: range) -> Windows:
    """Gather what the output cells at `rows` and `columns` read from an image (H, W, C)."""
    top, left, _, _ = geometry.window(0, 0)
    down = _taps(rows, top, geometry.kernel_height, geometry)
    along = _taps(columns, left, geometry.kernel_width, geometry)
    row_sources = sources(down, geometry.height, geometry.border)
    column_sources = sources(along, geometry.width, geometry.border)
    numbers = pixels[np.ix_(row_sources, column_sources)].astype(np.float32)
    numbers[row_sources < 0] = 0
    numbers[:, column_sources < 0] = 0
    shape = (geometry.kernel_height, len(rows), geometry.kernel_width, len(columns), -1)
    laid = numbers.reshape(shape).transpose(4, 0, 2, 1, 3)  # (C, kh, kw, rows, columns)
    count = geometry.kernel_height * geometry.kernel_width, len(rows) * len(columns)
    return Windows(rows, columns, np.ascontiguousarray(laid).reshape(-1, *count))


def _taps(cells: range, first: int, count: int, geometry: Geometry) -> npt.NDArray[np.intp]:
    """Return the places along an axis that `cells` read (count · len(cells),), tap by tap."""
    taps = geometry.dilation * np.arange(count)
    return (first + taps[:, np.newaxis] + geometry.stride * np.asarray(cells)).reshape(-1)
