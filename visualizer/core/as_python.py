"""A filter as a script: what the Filters page computes, written with torch to run anywhere."""

from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from visualizer.core.convolution import LEAK, Activation
from visualizer.core.geometry import Border, Geometry
from visualizer.core.image import Image
from visualizer.core.kernels import Kernel

AppliedTo = Literal["each", "luma", "channel", "across"]

MAX_INLINE = 32

_PAD_MODES: dict[Border, str] = {
    "zero": "constant",
    "replicate": "replicate",
    "reflect": "reflect",
    "wrap": "circular",
}
_ACTIVATIONS: dict[Activation, str] = {
    "ReLU": "F.relu(y)",
    "ReLU6": "F.relu6(y)",
    "leaky ReLU": f"F.leaky_relu(y.float(), {LEAK})",  # the float32 product, as here
    "sigmoid": "torch.sigmoid(y)",
    "tanh": "torch.tanh(y)",
    "absolute": "y.abs()",
}
TENSOR = (
    "# (batch, channels, height, width), in double precision so that no rounding shows.",
    "x = torch.tensor(pixels.astype(np.float64)).permute(2, 0, 1)[None]",
)
PRINTING = (
    "",
    "output = y[0].permute(1, 2, 0).numpy().astype(np.float32)  # (height, width, maps)",
    'print("output, rows × columns × maps:", output.shape)',
    'print("smallest and largest:", output.min(), output.max())',
    'print("first map, upper left:")',
    "print(output[:4, :4, 0])",
)
# The whole-number weights with which OpenCV rounds the luma, in 32768ths.
_LUMA_WHOLE = (9798, 19235, 3735)


def filter_script(
    image: Image,
    kernel: Kernel,
    geometry: Geometry,
    *,
    applied_to: AppliedTo = "each",
    channel: int = 0,
    bias: float = 0.0,
    activation: Activation = "none",
    flip: bool = False,
    saved: Path | None = None,
) -> str:
    """Return a Python script that computes a feature map with torch and numpy.

    It leaves the map in `output`, (out_height, out_width, maps) float32, and prints its shape and
    some of its numbers. They equal those on screen exactly where pixels, weights and bias are
    whole numbers, but for sigmoid and tanh, and otherwise within 1e-4 of the largest.
    Pictures up to 32 × 32 are written into the script; larger ones are loaded
    from `saved` (an .npy file of the pixels) when given, else from the picture's own file when
    that is a plain 8-bit one, else from "picture.npy", which the reader of the script is asked
    to provide.
    """
    imports, reading = loading(image, saved)
    body = [
        *heading(image, f"filter “{' '.join(kernel.name.split())}”"),
        *imports,
        "",
        *reading,
        "",
        *TENSOR,
        *chosen_channels(image, applied_to, channel),
        "",
        *kernel_lines(kernel, flip),
        "",
        *padding_lines(geometry),
        *convolution_lines(geometry, applied_to == "across"),
        f"y = y + {bias!r}  # bias" if bias else "",
        f"y = {_ACTIVATIONS[activation]}  # activation" if activation != "none" else "",
        *PRINTING,
    ]
    return tidy(body)


def heading(image: Image, what: str) -> list[str]:
    """Return the lines that say what a script does to a picture, and what it needs."""
    picture = " ".join(image.name.split())
    return [
        f"# The {what} on “{picture}”, written by CNN Visualizer.",
        "# Needs: pip install torch numpy" + (" pillow" if _is_plain_file(image) else ""),
        "",
    ]


def _is_plain_file(image: Image) -> bool:
    """Return whether Pillow alone reads the same pixels from the picture's file."""
    small = max(image.height, image.width) <= MAX_INLINE
    plain = image.pixels.dtype == np.uint8 and image.channels in (1, 3)
    return image.path is not None and plain and not small


def loading(image: Image, saved: Path | None) -> tuple[list[str], list[str]]:
    """Return the import lines and the lines that make `pixels`, (height, width, channels)."""
    usual = ["import numpy as np", "import torch", "import torch.nn.functional as F"]
    height, width, channels = image.pixels.shape
    shape = f"({height}, {width}, {channels})"
    if max(height, width) <= MAX_INLINE:
        special = ["from numpy import inf, nan"] if image.invalid else []
        return usual + special, [
            f"# The picture's own numbers, {shape}: height, width, channels.",
            f"pixels = np.array({_listed(image.pixels, 1)}, dtype=np.{image.pixels.dtype})",
        ]
    if saved is None and _is_plain_file(image):
        mode = "RGB" if channels == 3 else "L"
        lines = [
            "# The picture is too large to be written here, so it is read from its file.",
            f"with Image.open({str(image.path)!r}) as picture:",
            *([f"    picture.seek({image.frame})"] if image.frame else []),
            f'    pixels = np.asarray(ImageOps.exif_transpose(picture).convert("{mode}"))',
            f"pixels = pixels.reshape(*pixels.shape[:2], {channels})",
        ]
        usual = [*usual, "from PIL import Image, ImageOps"]
    elif saved is not None:
        lines = [
            "# The picture is too large to be written here: its numbers are in this file.",
            f"pixels = np.load({str(saved)!r})",
        ]
    else:
        lines = [
            "# The picture is too large to be written here: save its numbers as this file,",
            f"# an array {shape} of {image.pixels.dtype}.",
            'pixels = np.load("picture.npy")',
        ]
    return usual, lines + _fingerprint(image)


def _fingerprint(image: Image) -> list[str]:
    """Return lines that stop the script when the file holds other pixels than are on show."""
    same = f"pixels.shape == {image.pixels.shape}"
    if image.pixels.dtype.kind == "u":
        same += f" and int(pixels.sum(dtype=np.int64)) == {int(image.pixels.sum(dtype=np.int64))}"
    return [
        f"if not ({same}):",
        '    raise SystemExit("The file holds other pixels than those on show in the app.")',
    ]


def chosen_channels(image: Image, applied_to: AppliedTo, channel: int) -> list[str]:
    """Return the lines that take the luma or one channel."""
    if applied_to == "channel":
        return [f"x = x[:, {channel}:{channel + 1}]  # one channel: {image.bands[channel]}"]
    if applied_to != "luma" or image.channels == 1:
        return []
    if image.pixels.dtype.kind == "u":
        red, green, blue = _LUMA_WHOLE
        return [
            "# Luma (Rec. 601), 0.299 R + 0.587 G + 0.114 B, rounded to a whole number.",
            f"luma = x[:, 0] * {red} + x[:, 1] * {green} + x[:, 2] * {blue}",
            "x = ((luma + 16384) / 32768).floor()[:, None]",
        ]
    return [
        "# Luma (Rec. 601).",
        "x = (0.299 * x[:, 0] + 0.587 * x[:, 1] + 0.114 * x[:, 2])[:, None]",
    ]


def kernel_lines(kernel: Kernel, flip: bool) -> list[str]:
    """Return the lines that write the weights down."""
    lines = [
        "# The kernel: planes, rows, columns.",
        f"kernel = torch.tensor({_listed(kernel.weights, 2)}, dtype=torch.float64)",
    ]
    if flip:
        lines += [
            "# torch correlates; turned by 180°, the kernel makes it a true convolution.",
            "kernel = kernel.flip(-2, -1)",
        ]
    return lines


def padding_lines(geometry: Geometry) -> list[str]:
    """Return the lines that pad the picture, if it is padded."""
    pad = geometry.padding
    amounts = (pad.left, pad.right, pad.top, pad.bottom)
    if not any(amounts):
        return []
    return [
        "# Padding: left, right, top, bottom.",
        f'x = F.pad(x, {amounts}, mode="{_PAD_MODES[geometry.border]}")',
    ]


def convolution_lines(geometry: Geometry, across: bool) -> list[str]:
    """Return the lines that convolve the padded picture."""
    steps = f"stride={geometry.stride}, dilation={geometry.dilation}"
    if across:
        return [
            "# One filter over all channels: each plane on its channel, then summed.",
            "weight = kernel.expand(x.shape[1], -1, -1)[None]",
            f"y = F.conv2d(x, weight, {steps})",
        ]
    return [
        "# Each channel alone: as many groups as channels.",
        "weight = kernel.expand(x.shape[1], -1, -1)[:, None]",
        f"y = F.conv2d(x, weight, {steps}, groups=x.shape[1])",
    ]


def _listed(values: npt.NDArray, lines: int, indent: str = "") -> str:
    """Return an array as nested lists that read back exactly, its first `lines` axes on lines."""
    if values.ndim == 0:
        return _number(values)
    if lines == 0:
        return "[" + ", ".join(_listed(part, 0) for part in values) + "]"
    deeper = indent + "    "
    inner = (f"{deeper}{_listed(part, lines - 1, deeper)},\n" for part in values)
    return f"[\n{''.join(inner)}{indent}]"


def _number(value: npt.NDArray) -> str:
    """Return the shortest text that reads back as the same number of its type."""
    number = float(value)
    return str(int(number)) if number.is_integer() else str(value)


def tidy(lines: list[str]) -> str:
    """Return the lines as text, without empty lines in a row."""
    kept = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    return "\n".join(kept) + "\n"
