"""How to fool a network: a little noise made to measure, or the parts in the wrong places."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from visualizer.learning.explain import input_of
from visualizer.learning.modules import Network

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Fooled:
    """A changed input and what the network says to it.

    Attributes:
        pixels: (C, H, W) from 0 to 1.
        change: (C, H, W), what was added.
        probabilities: (classes,).
    """

    pixels: Floats
    change: Floats
    probabilities: npt.NDArray[np.float64]


def signs(network: Network, image: Tensor, label: int) -> Tensor:
    """Return for each number of (N, C, H, W) which way makes `label` less probable: ±1 or 0."""
    with torch.enable_grad():
        image = image.detach().requires_grad_()
        labels = torch.full((len(image),), label, device=image.device)
        loss = functional.cross_entropy(network(image), labels, reduction="sum")
        return torch.autograd.grad(loss, image)[0].sign()


def with_noise(
    network: Network, pixels: npt.NDArray[np.uint8], label: int, epsilon: float
) -> Fooled:
    """Add ±`epsilon` to every number, the way that hurts most, and stay within 0 to 1.

    The fast gradient sign method (Goodfellow, Shlens, Szegedy, 2015). `pixels` is uint8 (C, H, W).
    """
    image = input_of(network, pixels)
    changed = (image + epsilon * signs(network, image, label)).clamp(0, 1)
    return _asked(network, image, changed)


def with_tiles(network: Network, pixels: npt.NDArray[np.uint8], order: tuple[int, ...]) -> Fooled:
    """Cut the image into √n × √n tiles and put tile `order[i]` into place i, row by row."""
    image = input_of(network, pixels)
    return _asked(network, image, tiled(image, order))


def tiled(image: Tensor, order: tuple[int, ...]) -> Tensor:
    """Return (N, C, H, W) with its tiles in another order; what no whole tile covers stays."""
    side = round(len(order) ** 0.5)
    high, wide = image.shape[2] // side, image.shape[3] // side
    made = image.clone()
    for place, tile in enumerate(order):
        (row, column), (from_row, from_column) = divmod(place, side), divmod(tile, side)
        made[:, :, row * high : (row + 1) * high, column * wide : (column + 1) * wide] = image[
            :, :, from_row * high : (from_row + 1) * high,
            from_column * wide : (from_column + 1) * wide,
        ]  # fmt: skip
    return made


def _asked(network: Network, image: Tensor, changed: Tensor) -> Fooled:
    with torch.no_grad():
        found = network(changed)[0].double().softmax(0)
    return Fooled(
        np.array(changed[0].cpu().numpy()),
        np.array((changed - image)[0].cpu().numpy()),
        np.array(found.cpu().numpy()),
    )
