"""One gradient step by hand: how one weight's gradient is summed up, and where the step leads."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from visualizer.learning.modules import Filters, Network
from visualizer.learning.optimizers import make_optimizer, set_moments
from visualizer.learning.settings import TrainingSettings
from visualizer.learning.updates import AdamUpdate, SgdUpdate, update_of

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WeightStep:
    """How one weight, or one bias, learns from a batch.

    Attributes:
        name: of its layer.
        at: its place in the layer's weight, (filter, channel, row, column) or (unit, input); of a
            bias (filter,) or (unit,).
        inputs: (N, OH, OW) the number it is multiplied with, for every output of its filter; 0
            where it lies on padding, 1 of a bias. OH = OW = 1 in a dense layer.
        deltas: (N, OH, OW) δ, the gradient of the loss for every output of its filter.
        tensor: ∂L/∂w as autograd gives it.
        update: the step of this weight.
        loss: the batch's, before.
        loss_alone: when only this weight takes its step.
        loss_after: when all weights take theirs.
        is_fixed: it belongs to a filter that training leaves as it is: it takes no step.
    """

    name: str
    at: tuple[int, ...]
    inputs: Floats
    deltas: Floats
    tensor: float
    update: SgdUpdate | AdamUpdate
    loss: float
    loss_alone: float
    loss_after: float
    is_fixed: bool = False

    @property
    def is_bias(self) -> bool:
        """Whether it is added rather than multiplied with."""
        return len(self.at) == 1

    @property
    def products(self) -> Floats:
        """(N, OH, OW) input × δ at every position."""
        return self.inputs * self.deltas

    @property
    def gradient(self) -> float:
        """∂L/∂w: the sum of the products."""
        return float(self.products.sum())


def step_by_hand(
    network: Network,
    images: Tensor,
    labels: Tensor,
    name: str,
    at: tuple[int, ...],
    settings: TrainingSettings,
    rate: float,
    moments: Mapping[str, Tensor] | None = None,
) -> WeightStep:
    """Return one step of one weight. `network` stays as it is, and counts as it is switched.

    Args:
        network: with batch norm and dropout as training or evaluation has them.
        images: float (N, C, H, W) in 0–1.
        labels: int64 (N,).
        name: a convolution or a dense layer.
        at: the place of the weight in it, or of the bias.
        settings: the optimizer and the label smoothing.
        rate: the learning rate.
        moments: what the optimizer remembers, as `moments_of` gives it; None: nothing yet.
    """
    network = deepcopy(network).cpu().double()
    network.keep_outputs()
    images, labels, moments = images.cpu().double(), labels.cpu(), moments or {}
    layer = network.layers[name]
    assert isinstance(layer, nn.Conv2d | nn.Linear)
    kept: list[Tensor] = []
    with torch.enable_grad():
        hook = layer.register_forward_hook(
            lambda _module, args, output: kept.extend((*args, output))
        )
        loss = _loss(network, images, labels, settings)
        hook.remove()
        entering, leaving = kept
        weights = list(network.parameters())
        *gradients, delta = torch.autograd.grad(loss, [*weights, leaving], allow_unused=True)
    parameter = layer.bias if len(at) == 1 else layer.weight
    index = next(i for i, weight in enumerate(weights) if weight is parameter)
    weight, gradient = weights[index][at].item(), gradients[index][at].item()
    update = update_of(settings, rate, weight, gradient, _of_one(moments, index, at))
    deltas = delta[:, at[0]].reshape(len(images), *(delta.shape[2:] or (1, 1)))
    inputs = torch.ones_like(deltas) if len(at) == 1 else _inputs(layer, entering.detach(), at)
    is_fixed = isinstance(layer, Filters) and at[0] in layer.held
    with torch.no_grad():
        weights[index][at] = weight if is_fixed else update.result
        alone = _loss(network, images, labels, settings).item()
        weights[index][at] = weight
    _take_step(network, gradients, settings, rate, moments)
    return WeightStep(
        name=name,
        at=at,
        inputs=inputs.numpy(),
        deltas=deltas.numpy(),
        tensor=gradient,
        update=update,
        loss=loss.item(),
        loss_alone=alone,
        loss_after=_loss(network, images, labels, settings).item(),
        is_fixed=is_fixed,
    )


def _loss(network: Network, images: Tensor, labels: Tensor, settings: TrainingSettings) -> Tensor:
    network.reseed(settings.seed)  # the same numbers are dropped each time
    smoothing = settings.label_smoothing
    return functional.cross_entropy(network(images), labels, label_smoothing=smoothing)


def _inputs(layer: nn.Conv2d | nn.Linear, entering: Tensor, at: tuple[int, ...]) -> Tensor:
    """Return (N, OH, OW): what the weight is multiplied with, wherever the window stands."""
    if isinstance(layer, nn.Linear):
        return entering[:, at[1], None, None]
    filter_, channel, row, column = at
    group = filter_ * layer.groups // layer.out_channels
    # A filter that is 1 there and 0 elsewhere passes on just that number.
    probe = torch.zeros(1, 1, *layer.kernel_size, dtype=entering.dtype)
    probe[0, 0, row, column] = 1
    plane = entering[:, [group * layer.weight.shape[1] + channel]]
    if isinstance(layer, Filters) and layer.frame is not None:
        plane = functional.pad(plane, layer.frame)
    return functional.conv2d(
        plane, probe, None, layer.stride, layer.padding, layer.dilation
    )[:, 0]  # fmt: skip


def _of_one(moments: Mapping[str, Tensor], index: int, at: tuple[int, ...]) -> dict[str, float]:
    """Return what is remembered of one weight."""
    prefix = f"{index}."
    return {
        key.removeprefix(prefix): float(x[at]) if x.ndim else float(x)
        for key, x in moments.items()
        if key.startswith(prefix)
    }


def _take_step(
    network: Network,
    gradients: list[Tensor],
    settings: TrainingSettings,
    rate: float,
    moments: Mapping[str, Tensor],
) -> None:
    """Let torch's own optimizer move all weights."""
    optimizer = make_optimizer(network, settings)
    set_moments(optimizer, dict(moments))
    for group in optimizer.param_groups:
        group["lr"] = rate
    for weight, gradient in zip(network.parameters(), gradients, strict=True):
        weight.grad = gradient
    optimizer.step()
    network.hold()
