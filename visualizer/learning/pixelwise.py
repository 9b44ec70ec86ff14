"""Changing the values of a batch of images, each image by its own amount.

Everything takes and gives float32 (N, C, H, W) in 0–1, and may write into what it is given: fresh
memory takes longer than most of the arithmetic. The definitions are torchvision's, so that names
and numbers mean what they mean there. What is drawn anew for each pixel is in `speckle.py`.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

_LUMA = (0.2989, 0.587, 0.114)  # ITU-R BT.601, rounded as torchvision rounds it
_SMALLEST_SIGMA = 1e-3  # below it a Gaussian on whole pixels is one pixel
_ASPECT = 0.3, 1 / 0.3  # of what is erased (Zhong et al., "Random erasing", 2017)


def mirror(images: Tensor, amounts: Tensor) -> Tensor:
    """Turn left to right; `amounts` (N, 1) says nothing more."""
    return images.flip(3)


def upend(images: Tensor, amounts: Tensor) -> Tensor:
    """Turn top to bottom; `amounts` (N, 1) says nothing more."""
    return images.flip(2)


def brighten(images: Tensor, amounts: Tensor) -> Tensor:
    """Multiply by a factor, (N, 1)."""
    return images.mul_(_each(amounts)).clamp_(0, 1)


def contrast(images: Tensor, amounts: Tensor) -> Tensor:
    """Multiply the distance from the mean grey of the image by a factor, (N, 1)."""
    mean, factor = _grey(images.mean((2, 3), keepdim=True)), _each(amounts)
    return images.mul_(factor).add_(mean * (1 - factor)).clamp_(0, 1)


def saturate(images: Tensor, amounts: Tensor) -> Tensor:
    """Multiply the distance from each pixel's own grey by a factor, (N, 1)."""
    if images.shape[1] != 3:
        return images
    return images.lerp_(_grey(images), 1 - _each(amounts)).clamp_(0, 1)


def turn_hue(images: Tensor, amounts: Tensor) -> Tensor:
    """Turn the hue by a share of the colour circle, (N, 1), in −0.5 to 0.5; grey has none.

    In the hexcone model (Smith, 1978) the channel at angle n (red 5, green 3, blue 1) is
    V − V·S·max(0, min(k, 4 − k, 1)) with k = (n + hue · 6) mod 6: the nearer k is to 2 on the
    circle of 6, the less is left of it.
    """
    if images.shape[1] != 3:
        return images
    red, green, blue = images.split(1, 1)
    highest = torch.maximum(torch.maximum(red, green), blue)
    chroma = highest - torch.minimum(torch.minimum(red, green), blue)
    # As numbers, 1 where it is so: choosing by them takes a tenth of the time of torch.where.
    is_red, is_green = (channel.clone().eq_(highest) for channel in (red, green))
    hue = torch.add(red - green, chroma, alpha=4)
    hue = hue.lerp_(torch.add(blue - red, chroma, alpha=2), is_green).lerp_(green - blue, is_red)
    hue = hue.div_(chroma.clamp_min(1e-12)).add_(_each(amounts), alpha=6)
    apart = hue + hue.new_tensor([5 - 2, 3 - 2, 1 - 2]).view(1, 3, 1, 1)
    apart.sub_((apart / 6).round_(), alpha=6).abs_()
    return torch.addcmul(highest - 2 * chroma, chroma, apart.clamp_(1, 2))


def turn_grey(images: Tensor, amounts: Tensor) -> Tensor:
    """Give every channel the luma; `amounts` (N, 1) says nothing more."""
    return images.copy_(_grey(images))


def gamma(images: Tensor, amounts: Tensor) -> Tensor:
    """Raise to a power, (N, 1)."""
    return images.pow_(_each(amounts)).clamp_(0, 1)


def invert(images: Tensor, amounts: Tensor) -> Tensor:
    """Return 1 − value; `amounts` (N, 1) says nothing more."""
    return images.neg_().add_(1)


def blur(images: Tensor, amounts: Tensor, reach: int) -> Tensor:
    """Blur with a Gaussian of standard deviation (N, 1), in pixels; the border is reflected.

    The kernel has `reach` pixels on each side of the middle, or as many as the image allows.
    """
    sigma = amounts.clamp_min(_SMALLEST_SIGMA)
    reach = min(reach, min(images.shape[2:]) - 1)
    distance = torch.arange(-reach, reach + 1, device=images.device)
    weights = torch.softmax(-0.5 * (distance / sigma) ** 2, dim=1)  # (N, 2 · reach + 1)
    padded = functional.pad(images, (reach,) * 4, mode="reflect")
    for dimension in (2, 3):
        size = images.shape[dimension]
        total = padded.narrow(dimension, 0, size) * _each(weights[:, 0])
        for i in range(1, 2 * reach + 1):
            total.addcmul_(padded.narrow(dimension, i, size), _each(weights[:, i]))
        padded = total
    return padded


def sharpen(images: Tensor, amounts: Tensor) -> Tensor:
    """Multiply the distance from the smoothed image by a factor, (N, 1); the edge stays.

    Smoothed means a 3×3 mean in which the middle counts five times, as in Pillow and torchvision.
    """
    height, width = images.shape[2:]
    if min(height, width) < 3:
        return images
    rows = images[..., :-2, :] + images[..., 1:-1, :] + images[..., 2:, :]
    smooth = rows[..., :-2] + rows[..., 1:-1] + rows[..., 2:]
    inner = images[..., 1:-1, 1:-1]
    smooth = smooth.add_(inner, alpha=4).div_(13)
    inner.sub_(smooth).mul_(_each(amounts)).add_(smooth).clamp_(0, 1)
    return images


def erase(images: Tensor, amounts: Tensor) -> Tensor:
    """Paint a rectangle in the image's mean colour.

    `amounts` (N, 4): share of the area, then from 0 to 1 the aspect ratio and the place by rows
    and by columns.
    """
    top, left, height, width = erased(amounts, *images.shape[2:]).unbind(1)
    rows = torch.arange(images.shape[2], device=images.device)
    columns = torch.arange(images.shape[3], device=images.device)
    in_rows = (rows >= top[:, None]) & (rows < (top + height)[:, None])
    in_columns = (columns >= left[:, None]) & (columns < (left + width)[:, None])
    inside = in_rows[:, None, :, None].float() * in_columns[:, None, None, :]
    return images.lerp_(images.mean((2, 3), keepdim=True), inside)


def erased(amounts: Tensor, height: int, width: int) -> Tensor:
    """Return the rectangles that `erase` paints over: int64 (N, 4), top, left, height, width."""
    low, high = torch.tensor(_ASPECT).log().tolist()
    share, shape, down, across = amounts.unbind(1)
    aspect = (low + (high - low) * shape).exp().sqrt()
    area = (share * height * width).sqrt()
    rows, columns = (area * aspect).round().clamp(max=height), (area / aspect).round()
    columns = columns.clamp(max=width)
    top, left = (down * (height - rows + 1)).floor(), (across * (width - columns + 1)).floor()
    return torch.stack([top, left, rows, columns], dim=1).long()


CHANGES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mirror": mirror,
    "upend": upend,
    "brightness": brighten,
    "contrast": contrast,
    "saturation": saturate,
    "hue": turn_hue,
    "grey": turn_grey,
    "gamma": gamma,
    "invert": invert,
    "sharpen": sharpen,
    "erasing": erase,
}


def _each(amounts: Tensor) -> Tensor:
    """Lay one number an image out so that it meets all its pixels."""
    return amounts.view(-1, 1, 1, 1)


def _grey(images: Tensor) -> Tensor:
    """Return the luma (N, 1, H, W) of RGB images, or grey images as they are."""
    if images.shape[1] != 3:
        return images
    red, green, blue = images.split(1, 1)
    return (red * _LUMA[0]).add_(green, alpha=_LUMA[1]).add_(blue, alpha=_LUMA[2])
