"""What excites a filter: the images that do, the patch in them, and an image made to."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from visualizer.learning.cells import Place
from visualizer.learning.evaluation import as_evaluated, as_input
from visualizer.learning.frozen import freeze
from visualizer.learning.modules import Network
from visualizer.learning.receptive_field import receptive_fields

TOP = 9
_AT_ONCE = 250
_STEPS, _TELL_EVERY, _RATE = 120, 10, 0.03


@dataclass(frozen=True)
class Excited:
    """An image that excites a filter.

    Attributes:
        index: of the image.
        value: the filter's largest number for it.
        box: top, left, height and width of the patch that made it.
    """

    index: int
    value: float
    box: tuple[int, int, int, int]


def most_excited(
    network: Network, images: Tensor, layer: str, channel: int
) -> Iterator[float | tuple[Excited, ...]]:
    """Yield the share done, then the TOP of uint8 `images` (N, C, H, W), the strongest first."""
    device = next(network.parameters()).device
    peaks, places = [], []
    for some in images.split(_AT_ONCE):
        with as_evaluated(network):
            maps = _maps(network, as_input(some.to(device)), layer)[:, channel]
        peak, place = maps.flatten(1).max(1)
        peaks.append(peak.cpu())
        places.append(place.cpu())
        yield min(0.95, len(peaks) * _AT_ONCE / len(images))
    values, at, wide = torch.cat(peaks), torch.cat(places), maps.shape[2]
    order = values.argsort(descending=True)[:TOP].tolist()
    found = []
    for i in order:
        cell = divmod(int(at[i]), wide)
        box = patch(network, images[i], layer, (channel, *cell))
        found.append(Excited(i, float(values[i]), box))
    yield tuple(found)


def patch(
    network: Network, image: Tensor, layer: str, cell: tuple[int, int, int]
) -> tuple[int, int, int, int]:
    """Return top, left, height and width of what one number of a layer sees of the image."""
    place = Place(layer, cell)
    return receptive_fields(freeze(network, 0, image), place)[-1].box


def dream(network: Network, layer: str, channel: int, seed: int = 0) -> Iterator[Tensor]:
    """Yield images (C, H, W) in 0–1 that excite a filter ever more, by gradient ascent.

    It begins with grey noise, and raises the number in the middle of the filter's map; a slight
    blur of the gradient keeps it from becoming mere noise of another kind (after Mordvintsev et
    al., "Inceptionism", 2015).
    """
    device = next(network.parameters()).device
    generator = torch.Generator().manual_seed(seed)
    start = 0.5 + 0.05 * torch.randn(1, *network.shape, generator=generator)
    image = start.clamp(0, 1).to(device)
    for step in range(1, _STEPS + 1):
        with torch.enable_grad():
            image = image.detach().requires_grad_()
            maps = _maps(network, image, layer)[0, channel]
            middle = maps[maps.shape[0] // 2, maps.shape[1] // 2]
            (slope,) = torch.autograd.grad(middle, image)
        slope = functional.avg_pool2d(slope, 3, 1, 1)
        image = (image + _RATE * slope / (slope.std() + 1e-8)).clamp(0, 1)
        if step % _TELL_EVERY == 0:
            yield image[0].detach().cpu().clone()


def channels_of(network: Network, layer: str) -> int:
    """Return how many filters a layer has."""
    with as_evaluated(network):
        device = next(network.parameters()).device
        return int(_maps(network, torch.zeros(1, *network.shape, device=device), layer).shape[1])


def as_pictures(images: Tensor, found: tuple[Excited, ...]) -> npt.NDArray[np.uint8]:
    """Return the images that were found, uint8 (n, C, H, W)."""
    return np.ascontiguousarray(images[[excited.index for excited in found]].numpy())


def _maps(network: Network, images: Tensor, layer: str) -> Tensor:
    for name, output in network.activations(images):
        if name == layer:
            return output
    raise KeyError(layer)
