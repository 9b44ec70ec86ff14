"""Why a network gives an answer: heat maps over the image, by four ways of asking.

All take a network that is not being trained, an image and a class, and leave the network as it is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from visualizer.learning.evaluation import as_input
from visualizer.learning.modules import Network
from visualizer.learning.networks import NetworkSpec, table

Floats = npt.NDArray[np.float32]
Method = Literal["grad-cam", "occlusion", "saliency", "integrated"]
METHODS: tuple[Method, ...] = get_args(Method)

IG_STEPS = 32
_AT_ONCE = 64
_SQUARE = 5  # the grey square's side is the image's divided by this
_FINEST = 1200  # places of the square at most
_NOTHING = 1e-6


@dataclass(frozen=True, eq=False)
class Heat:
    """What speaks for a class, and where.

    Attributes:
        method, layer: how it was found; the layer is "" where none is involved.
        target: index of the class.
        values: (H, W), not scaled.
        signed: whether numbers below zero mean something: what speaks against the class.
        done: the share of the work that is in it, 0 to 1.
    """

    method: Method
    layer: str
    target: int
    values: Floats
    signed: bool
    done: float = 1.0

    @property
    def is_nothing(self) -> bool:
        """Whether nothing speaks for the class: what is left is noise."""
        return not bool(self.values.max() > _NOTHING)


def map_layers(spec: NetworkSpec, shape: tuple[int, ...], classes: int) -> tuple[str, ...]:
    """Return the layers whose output still has rows and columns, in order."""
    rows = table(spec, shape, classes)
    return tuple(r.name for r in rows if len(r.output) == 3 and r.output[1] * r.output[2] > 1)


def sensible_layer(spec: NetworkSpec, shape: tuple[int, ...], classes: int) -> str:
    """Return the last layer with maps, which knows most while it still knows where; or ""."""
    return (map_layers(spec, shape, classes) or ("",))[-1]


def explain(
    network: Network, pixels: npt.NDArray[np.uint8], target: int, method: Method, layer: str = ""
) -> Iterator[Heat]:
    """Yield heat maps of the class `target`, each better than the one before.

    `pixels` is uint8 (C, H, W); `layer` is for Grad-CAM, "" for the sensible one.
    """
    image = input_of(network, pixels)
    if method == "occlusion":
        yield from occlusion(network, image, target)
    elif method == "saliency":
        yield Heat(method, "", target, saliency(network, image, target), False)
    elif method == "integrated":
        heat = integrated_gradients(network, image, target)
        yield Heat(method, "", target, heat, True)
    else:
        layer = layer or sensible_layer(network.spec, network.shape, network.classes)
        if layer:
            heat = grad_cam(network, image, target, layer)
        else:
            heat = np.zeros(image.shape[2:], np.float32)
        yield Heat(method, layer, target, heat, False)


def input_of(network: Network, pixels: npt.NDArray[np.uint8]) -> Tensor:
    """Return uint8 (C, H, W) as the network takes it, float32 (1, C, H, W), where it lies."""
    device = next(network.parameters()).device
    return as_input(torch.from_numpy(np.array(pixels))[None].to(device))


def saliency(network: Network, image: Tensor, target: int) -> Floats:
    """Return how much each pixel of (1, C, H, W) would move the class's score, (H, W).

    The largest size of the gradient over the channels (Simonyan, Vedaldi, Zisserman, 2013).
    """
    slope = _slope(network, image, lambda logits: logits[:, target].sum())
    return _plain(slope[0].abs().amax(0))


def integrated_gradients(
    network: Network, image: Tensor, target: int, steps: int = IG_STEPS
) -> Floats:
    """Return what each pixel adds to the class's score on the way from black, (H, W).

    They sum up to the difference of the two scores, but for the error of the sum over `steps`
    (Sundararajan, Taly, Yan, 2017).
    """
    shares = (torch.arange(steps, device=image.device) + 0.5) / steps
    way = shares.view(-1, 1, 1, 1) * image
    slope = _slope(network, way, lambda logits: logits[:, target].sum())
    return _plain((slope.mean(0) * image[0]).sum(0))


def grad_cam(network: Network, image: Tensor, target: int, layer: str) -> Floats:
    """Return where the maps of `layer` speak for the class, (H, W), 0 where they do not.

    Each map counts as much as the score rises with its mean (Selvaraju et al., 2017).
    """
    with torch.enable_grad():
        outputs = dict(network.activations(image.detach().requires_grad_()))
        maps, logits = outputs[layer], list(outputs.values())[-1]
        (slope,) = torch.autograd.grad(logits[0, target], maps)
    weights = slope.mean((2, 3), keepdim=True)
    heat = (weights * maps.detach()).sum(1, keepdim=True).clamp(min=0)
    large = functional.interpolate(heat, image.shape[2:], mode="bilinear", align_corners=False)
    return _plain(large[0, 0])


def occlusion(network: Network, image: Tensor, target: int) -> Iterator[Heat]:
    """Yield how far the class's probability falls when a grey square covers a pixel.

    The mean over the squares that cover it (after Zeiler, Fergus, 2013). The squares lie far
    apart at first, then ever closer.
    """
    height, width = image.shape[2:]
    side = max(2, round(min(height, width) / _SQUARE))
    places = _places(height, width, side)
    grey = network.normalise.mean.to(image)[0]  # (C, 1, 1): 0 after normalising
    total, count = np.zeros((height, width)), np.zeros((height, width))
    with torch.no_grad():
        whole = float(network(image).softmax(1)[0, target])
        for start in range(0, len(places), _AT_ONCE):
            some = places[start : start + _AT_ONCE]
            covered = image.repeat(len(some), 1, 1, 1)
            windows = [_window(place, side) for place in some]
            for i, window in enumerate(windows):
                covered[i][:, *window] = grey
            left = network(covered).softmax(1)[:, target].cpu().numpy()
            for window, probability in zip(windows, left, strict=True):
                total[window] += whole - probability
                count[window] += 1
            values = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
            done = min(1.0, (start + len(some)) / len(places))
            yield Heat("occlusion", "", target, values.astype(np.float32), True, done)


def _places(height: int, width: int, side: int) -> list[tuple[int, int]]:
    """Return where the square's corner goes, from far apart to close together."""
    step = 1
    while (height + side) * (width + side) / step**2 > _FINEST:
        step += 1
    rows, columns = (range(1 - side, size, step) for size in (height, width))
    every = [(row, column) for row in rows for column in columns]

    def coarseness(place: tuple[int, int]) -> int:
        """How many times both positions can be halved."""
        i, j = (place[0] + side - 1) // step, (place[1] + side - 1) // step
        return -min((n & -n) if n else 64 for n in (i, j))

    return sorted(every, key=coarseness)


def _window(place: tuple[int, int], side: int) -> tuple[slice, slice]:
    top, left = place
    return slice(max(top, 0), top + side), slice(max(left, 0), left + side)


def _slope(network: Network, images: Tensor, score: Callable[[Tensor], Tensor]) -> Tensor:
    """Return the gradient of `score(logits)` with respect to `images`, of the same shape."""
    with torch.enable_grad():
        images = images.detach().requires_grad_()
        return torch.autograd.grad(score(network(images)), images)[0]


def _plain(heat: Tensor) -> Floats:
    return np.array(heat.detach().cpu().numpy(), np.float32)
