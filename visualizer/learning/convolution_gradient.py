"""The gradient of a convolution is itself a convolution: an example small enough for a board.

For an output O = X ∗ F (valid, stride 1, the kernel laid on as it is) and a given ∂L/∂O,

    ∂L/∂F = X ∗ ∂L/∂O
    ∂L/∂X = ∂L/∂O, padded on every side by k − 1, ∗ F turned by 180°

as in Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.5.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from visualizer.core.convolution import convolve
from visualizer.core.geometry import Geometry, PaddingMode
from visualizer.core.kernels import Kernel

Grid = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GradientExample:
    """A small convolution and the gradient that arrives at its output.

    Attributes:
        inputs: X (H, W).
        kernel: F (k, k).
        arriving: ∂L/∂O (H − k + 1, W − k + 1).
    """

    inputs: Grid
    kernel: Grid
    arriving: Grid

    @property
    def output(self) -> Grid:
        """O = X ∗ F."""
        return _slide(self.inputs, self.kernel, "valid")

    @property
    def kernel_gradient(self) -> Grid:
        """∂L/∂F = X ∗ ∂L/∂O (k, k)."""
        return _slide(self.inputs, self.arriving, "valid")

    @property
    def turned(self) -> Grid:
        """F turned by 180°."""
        return self.kernel[::-1, ::-1]

    @property
    def input_gradient(self) -> Grid:
        """∂L/∂X = ∂L/∂O ∗ F turned, with full padding (H, W)."""
        return _slide(self.arriving, self.turned, "full")

    def by_autograd(self) -> tuple[Grid, Grid]:
        """Return ∂L/∂F and ∂L/∂X as torch gives them."""
        inputs, kernel = (_leaf(grid) for grid in (self.inputs, self.kernel))
        with torch.enable_grad():
            output = functional.conv2d(inputs, kernel)
            output.backward(torch.from_numpy(self.arriving.copy())[None, None])
        assert inputs.grad is not None and kernel.grad is not None
        return kernel.grad[0, 0].numpy(), inputs.grad[0, 0].numpy()


def example(seed: int, size: int = 5, kernel: int = 3) -> GradientExample:
    """Return an example of small whole numbers; another one for each seed."""
    draw = np.random.default_rng(seed)
    out = size - kernel + 1
    return GradientExample(
        inputs=draw.integers(0, 4, (size, size)).astype(float),
        kernel=draw.integers(-2, 3, (kernel, kernel)).astype(float),
        arriving=draw.integers(-2, 3, (out, out)).astype(float),
    )


def _slide(pixels: Grid, kernel: Grid, padding: PaddingMode) -> Grid:
    geometry = Geometry.of(*pixels.shape, *kernel.shape, padding=padding)
    slid = convolve(pixels[:, :, np.newaxis].astype(np.float32), Kernel(kernel), geometry)
    return slid[:, :, 0].astype(np.float64)


def _leaf(grid: Grid) -> Tensor:
    return torch.from_numpy(grid.copy())[None, None].requires_grad_()
