"""The rules that change the weights, and their memory as plain named tensors."""

import torch
from torch import Tensor
from torch.optim import SGD, Adam, AdamW, Optimizer

from visualizer.learning.modules import Network
from visualizer.learning.settings import TrainingSettings

MOMENT_NAMES = ("step", "exp_avg", "exp_avg_sq", "momentum_buffer")


def make_optimizer(network: Network, settings: TrainingSettings) -> Optimizer:
    """Return the optimizer of `settings` for all weights of `network`, fused: one kernel for all.

    The learning rate is set before each step.
    """
    weights, decay = network.parameters(), settings.weight_decay
    match settings.optimizer:
        case "sgd":
            momentum = settings.momentum
            return SGD(weights, lr=0.0, momentum=momentum, weight_decay=decay, fused=True)
        case "adam":
            return Adam(weights, lr=0.0, weight_decay=decay, fused=True)
        case "adamw":
            return AdamW(weights, lr=0.0, weight_decay=decay, fused=True)


def moments_of(optimizer: Optimizer) -> dict[str, Tensor]:
    """Return what the optimizer remembers, named "parameter index.moment name"."""
    state = optimizer.state_dict()["state"]
    return {
        f"{index}.{name}": value
        for index, moments in state.items()
        for name, value in moments.items()
        if value is not None
    }


def set_moments(optimizer: Optimizer, moments: dict[str, Tensor]) -> None:
    """Give a fresh optimizer the memory that `moments_of` returned.

    Raises ValueError when a name or a shape does not belong to its weights.
    """
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    for key, value in moments.items():
        index, _, name = key.partition(".")
        if not index.isdecimal() or int(index) >= len(weights) or name not in MOMENT_NAMES:
            raise ValueError(f"There is no place for {key[:40]!r} in the optimizer.")
        weight = weights[int(index)]
        # The fused kernels walk the memory: a moment must lie as its weight does.
        moment = weight.new_zeros(()) if name == "step" else torch.empty_like(weight)
        if moment.shape != value.shape:
            raise ValueError(f"The optimizer's {key[:40]!r} does not fit its weights.")
        optimizer.state[weight][name] = moment.detach().copy_(value)
