"""What is drawn anew for each pixel of a batch of images: noise, salt and pepper.

As in `pixelwise.py`, images are float32 (N, C, H, W) in 0–1 and may be overwritten.
"""

from collections.abc import Callable
from functools import cache
from math import ceil

import torch
from torch import Generator, Tensor

_BITS = 16
_LEVELS = 1 << _BITS


def add_noise(images: Tensor, amounts: Tensor, generator: Generator) -> Tensor:
    """Add Gaussian noise of standard deviation (N, 1).

    Another in every pixel and channel. Two numbers at a time are looked up, which takes a third of
    the time of `torch.randn` on a processor.
    """
    count = images.numel()
    pairs = _normal_pairs(images.device).index_select(0, _random_levels(ceil(count / 2), generator))
    noise = torch.view_as_real(pairs).flatten()[:count].view(images.shape)
    return images.addcmul_(noise, amounts.view(-1, 1, 1, 1)).clamp_(0, 1)


def salt_and_pepper(images: Tensor, amounts: Tensor, generator: Generator) -> Tensor:
    """Make a share (N, 1) of the pixels white or black, as often each."""
    count, _, height, width = images.shape
    levels = _random_levels(count * height * width, generator).view(count, 1, height, width)
    share = (amounts.view(-1, 1, 1, 1) * _LEVELS / 2).round()
    return images.masked_fill_(levels >= _LEVELS - share, 1.0).masked_fill_(levels < share, 0.0)


RANDOM: dict[str, Callable[[Tensor, Tensor, Generator], Tensor]] = {
    "noise": add_noise,
    "salt": salt_and_pepper,
}


def _random_levels(count: int, generator: Generator) -> Tensor:
    """Return int32 (count,), each of 0 … 65,535 equally likely."""
    words = torch.empty(-(-count // 4), dtype=torch.int64, device=generator.device)
    words.random_(-(2**63), None, generator=generator)  # 64 bits: four levels each
    return words.view(torch.uint16)[:count].to(torch.int32)


@cache
def _normal_pairs(device: torch.device) -> Tensor:
    """Return complex64 (65,536,): as many pairs of normal numbers, each pair as likely.

    Each half takes every quantile at the middle of a level once. Which meet is a matter of their
    bits in opposite order (the Hammersley set): every part of the plane then has its due share of
    the pairs, as if the halves had nothing to do with each other.
    """
    levels = torch.arange(_LEVELS)
    opposite = sum((levels >> i & 1) << (_BITS - 1 - i) for i in range(_BITS))
    quantiles = torch.special.ndtri((levels.double() + 0.5) / _LEVELS)
    quantiles = (quantiles / quantiles.std(correction=0)).float()
    return torch.complex(quantiles, quantiles[opposite]).to(device)
