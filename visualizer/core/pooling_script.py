"""Pooling as a script: what the Pooling page computes, written with torch to run anywhere."""

from pathlib import Path

from visualizer.core.as_python import (
    PRINTING,
    TENSOR,
    AppliedTo,
    chosen_channels,
    convolution_lines,
    heading,
    kernel_lines,
    loading,
    padding_lines,
    tidy,
)
from visualizer.core.geometry import Geometry
from visualizer.core.image import Image
from visualizer.core.kernels import Kernel
from visualizer.core.pool_window import PoolWindow
from visualizer.core.pooling import Pooling

_NAMES: dict[Pooling, str] = {
    "max": "max pooling",
    "average": "average pooling",
    "L2": "L2-norm pooling",
    "stochastic": "stochastic pooling (training)",
    "weighted": "stochastic pooling (evaluation)",
    "global": "global average pooling",
}


def pooling_script(
    image: Image,
    kind: Pooling,
    window: PoolWindow,
    *,
    applied_to: AppliedTo = "each",
    channel: int = 0,
    count_padding: bool = True,
    seed: int = 0,
    saved: Path | None = None,
) -> str:
    """Return a Python script that pools a picture with torch and numpy.

    It leaves the map in `output`, (out_height, out_width, channels) float32, and prints its shape
    and some of its numbers. Where the picture comes from is as in `as_python.filter_script`.
    """
    lines: list[str]
    match kind:
        case "max":
            lines = [f"y = F.max_pool2d(x, {_arguments(window)})"]
        case "average":
            counted = "" if count_padding or not window.padding else ", count_include_pad=False"
            lines = [f"y = F.avg_pool2d(x, {_arguments(window)}{counted})"]
        case "global":
            lines = ["y = F.adaptive_avg_pool2d(x, 1)"]
        case "L2":
            lines = _norm(window)
        case "weighted":
            lines = _weighted(window)
        case "stochastic":
            lines = _stochastic(window, window.geometry(image.height, image.width), seed)
    return _script(image, _NAMES[kind], applied_to, channel, saved, lines)


def convolution_script(
    image: Image,
    kernel: Kernel,
    geometry: Geometry,
    *,
    applied_to: AppliedTo = "each",
    channel: int = 0,
    saved: Path | None = None,
) -> str:
    """Return a script for the strided convolution that pooling is compared with."""
    lines = [*kernel_lines(kernel, False), "", *padding_lines(geometry)]
    lines += convolution_lines(geometry, False)
    return _script(image, "strided convolution", applied_to, channel, saved, lines)


def _script(
    image: Image,
    what: str,
    applied_to: AppliedTo,
    channel: int,
    saved: Path | None,
    lines: list[str],
) -> str:
    imports, reading = loading(image, saved)
    chosen = chosen_channels(image, applied_to, channel)
    return tidy(
        [*heading(image, what), *imports, "", *reading, "", *TENSOR, *chosen, "", *lines, *PRINTING]
    )


def _arguments(window: PoolWindow) -> str:
    """Return the window as torch's functions take it."""
    pad = f", padding={window.padding}" if window.padding else ""
    ceil = ", ceil_mode=True" if window.ceil else ""
    return f"({window.height}, {window.width}), stride={window.stride}{pad}{ceil}"


def _norm(window: PoolWindow) -> list[str]:
    if not window.padding:
        return [f"y = F.lp_pool2d(x, 2, {_arguments(window)})"]
    return [
        "# F.lp_pool2d takes no padding; this is how it is defined.",
        f"mean = F.avg_pool2d(x ** 2, {_arguments(window)})",
        f"y = (mean * {window.height * window.width}).sqrt()",
    ]


def _weighted(window: PoolWindow) -> list[str]:
    return [
        "# The mean weighted by the probabilities; negative numbers count as 0.",
        "a = x.clamp(min=0)",
        f"total = F.avg_pool2d(a, {_arguments(window)})",
        f"squares = F.avg_pool2d(a ** 2, {_arguments(window)})",
        "y = torch.where(total == 0, 0.0, squares / total)",
    ]


def _stochastic(window: PoolWindow, geometry: Geometry, seed: int) -> list[str]:
    pad = geometry.padding
    return [
        "# One number of each window is drawn; negative numbers count as 0, and so does padding.",
        f"a = F.pad(x.clamp(min=0), ({pad.left}, {pad.right}, {pad.top}, {pad.bottom}))",
        f"windows = a.unfold(2, {window.height}, {window.stride})"
        f".unfold(3, {window.width}, {window.stride}).flatten(4)",
        "reached = windows.cumsum(-1)",
        "total = reached[..., -1]",
        "batch, channels, height, width = total.shape",
        f"draws = np.random.default_rng({seed}).random((height, width, channels))",
        "wanted = torch.tensor(draws).permute(2, 0, 1)[None] * total",
        "place = (reached > wanted[..., None]).to(torch.uint8).argmax(-1, keepdim=True)",
        "y = windows.gather(-1, place)[..., 0]",
        "y = torch.where(total == 0, 0.0, torch.where(total.isfinite(), y, torch.nan))",
    ]
