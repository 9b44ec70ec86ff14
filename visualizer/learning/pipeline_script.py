"""A pipeline as a Python script: transforms of torchvision that do what the pipeline does."""

from collections.abc import Iterator
from math import ceil, hypot

from visualizer.learning.operations import KINDS, Operation
from visualizer.learning.pipeline import Pipeline

# Steps in this order are one affine transform of torchvision, interpolated once.
_AFFINE = ("shear", "zoom", "rotation", "shift_x", "shift_y")
_MOVING = (*_AFFINE, "perspective", "elastic")  # they need a fill
_ANEW = "# torchvision interpolates once more here; the app moves the image once for all."

_DRAWN = '''
class Drawn(v2.Transform):
    """Hands `function` an image and numbers, each drawn evenly from a range.

    `shares` are their probabilities: else a number is `neutral`, which changes nothing.
    """

    def __init__(self, function, ranges, neutral, shares):
        super().__init__()
        self.function, self.ranges, self.neutral, self.shares = function, ranges, neutral, shares

    def forward(self, image):
        drawn = [
            low + (high - low) * float(torch.rand(())) if float(torch.rand(())) < share else fixed
            for (low, high), fixed, share in zip(self.ranges, self.neutral, self.shares)
        ]
        return image if drawn == self.neutral else self.function(image, *drawn)
'''
_TILTED = '''
def tilted(image, share):
    """Bring each corner inwards by up to `share` of the half side."""
    x, y = (image.shape[-1] - {w}) / 2, (image.shape[-2] - {h}) / 2
    starts = [[x, y], [x + {w}, y], [x + {w}, y + {h}], [x, y + {h}]]
    signs = [[1, 1], [-1, 1], [-1, -1], [1, -1]]
    half = torch.tensor([{w} / 2, {h} / 2])
    ends = torch.tensor(starts) + share * torch.rand(4, 2) * half * torch.tensor(signs)
    return F.perspective(image, starts, ends.tolist(), BILINEAR, fill={fill})
'''
_SALTED = '''
def salted(image, share):
    """Make a share of the pixels white or black; torchvision has no such operation."""
    where = torch.rand(image.shape[-2:])
    return image.masked_fill(where > 1 - share / 2, 1.0).masked_fill(where < share / 2, 0.0)
'''

_WHOLE = {"mirror": "RandomHorizontalFlip", "upend": "RandomVerticalFlip",
          "grey": "RandomGrayscale", "invert": "RandomInvert"}  # fmt: skip
_JITTERS = ("brightness", "contrast", "saturation", "hue")
_MODES = {"constant": "constant", "nearest": "edge", "reflect": "symmetric"}
# What is done to x with the number drawn.
_CALLS = {
    "gamma": "F.adjust_gamma(x, gamma)",
    "sharpen": "F.adjust_sharpness(x, sharpen)",
    "noise": "F.gaussian_noise(x, sigma=noise)",
    "salt": "salted(x, salt)",
    "perspective": "tilted(x, perspective)",
    "elastic": "v2.ElasticTransform(elastic * {alpha:.5g}, {sigma:.3g}, fill={fill})(x)",
    "erasing": "v2.RandomErasing(1, (erasing, erasing), value=x.mean((-2, -1)).tolist())(x)",
}
_REMARKS = {
    "elastic": "# torchvision draws its shifts in another way: alike, not the same.",
    "erasing": "# torchvision draws the sides from a slightly wider range of shapes.",
}


def pipeline_script(pipeline: Pipeline, height: int, width: int, channels: int) -> str:
    """Return a script that leaves a `v2.Compose` in `transform`, for images of this size.

    It takes float32 images (channels, height, width) in 0–1. Where torchvision has an operation,
    the same numbers give the same pixels; comments say where it has none, or does it otherwise.
    """
    lines = [f"        {line}" for line in _lines(pipeline, height, width)]
    text = "\n".join(lines or ["        v2.Identity(),"])
    tilted = _TILTED.format(h=height, w=width, fill=_fill(pipeline))
    parts = (("Drawn(", _DRAWN), ("tilted(", tilted), ("salted(", _SALTED))
    helpers = [f"\n{part}" for name, part in parts if name in text]
    return f"""\
# Augmentation of training images, {channels} × {height} × {width}, written by CNN Visualizer.
# Needs: pip install torch torchvision

import torch
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

BILINEAR = v2.InterpolationMode.BILINEAR
{"".join(helpers)}

# Takes a float32 image (channels, height, width) from 0 to 1. For training images only: those that
# a network is checked with stay as they are.
transform = v2.Compose(
    [
{text}
    ]
)

if __name__ == "__main__":
    image = torch.rand({channels}, {height}, {width})
    print("augmented, channels × height × width:", tuple(transform(image).shape))
"""


def _lines(pipeline: Pipeline, height: int, width: int) -> Iterator[str]:
    operations = list(pipeline.active)
    is_moved = False  # whether the step before interpolated
    while operations:
        run = _affine_run(operations) or operations[:1]
        del operations[: len(run)]
        if run[0].kind in _MOVING and is_moved:
            yield _ANEW
        is_moved = run[0].kind in (*_MOVING, "crop")
        if run[0].kind in _MOVING:
            affine = run[0].kind in _AFFINE
            line = _affine(run, pipeline, height, width) if affine else None
            remark, call = ([], line) if line else _call(run[0], pipeline, height, width)
            yield from remark
            yield from _padded(call, run, pipeline, height, width)
        else:
            yield from _single(run[0], pipeline, height, width)


def _affine_run(operations: list[Operation]) -> list[Operation]:
    """Return the first operations that torchvision's affine transform does in this order."""
    run: list[Operation] = []
    for operation in operations:
        kinds = [o.kind for o in run]
        if operation.kind not in _AFFINE or operation.kind in kinds:
            break
        shifts = ("shift_x", "shift_y")  # in either order
        last = "shift_x" if operation.kind in shifts else operation.kind
        if any(_AFFINE.index(kind) > _AFFINE.index(last) for kind in kinds if kind not in shifts):
            break
        if operation.kind not in shifts and set(kinds) & set(shifts):
            break
        run.append(operation)
    return run


def _affine(run: list[Operation], pipeline: Pipeline, height: int, width: int) -> str:
    """Return one affine transform; RandomAffine where it draws as the pipeline does."""
    known = {operation.kind: operation for operation in run}
    fill = _fill(pipeline)
    if all(o.probability == 1 for o in run) and not known.keys() & {"shift_x", "shift_y"}:
        parts = [f"degrees={_range(known['rotation'])}" if "rotation" in known else "degrees=0"]
        parts += [f"scale={_range(known['zoom'])}"] if "zoom" in known else []
        parts += [f"shear={_range(known['shear'])}"] if "shear" in known else []
        return f"v2.RandomAffine({', '.join(parts)}, interpolation=BILINEAR, fill={fill}),"
    x, y = (
        f"{kind} * {side}" if kind in known else "0.0"
        for kind, side in (("shift_x", width), ("shift_y", height))
    )
    angle, zoom, shear = (
        kind if kind in known else neutral
        for kind, neutral in (("rotation", "0.0"), ("zoom", "1.0"), ("shear", "0.0"))
    )
    call = f"F.affine(x, {angle}, [{x}, {y}], {zoom}, [{shear}, 0.0], BILINEAR, fill={fill})"
    return _drawn(run, call)


def _single(operation: Operation, pipeline: Pipeline, height: int, width: int) -> Iterator[str]:
    kind, p = operation.kind, operation.probability
    if kind in _WHOLE:
        yield f"v2.{_WHOLE[kind]}(p={p!r}),"
    elif kind in _JITTERS:
        yield _sometimes(f"v2.ColorJitter({kind}={_range(operation)})", p)
    elif kind == "blur":
        across = 2 * min(ceil(3 * operation.high), min(height, width) - 1) + 1
        low, high = (max(end, 1e-3) for end in (operation.low, operation.high))
        yield _sometimes(f"v2.GaussianBlur({across}, sigma=({low!r}, {high!r}))", p)
    elif kind == "crop":
        ratio = f"({width / height!r}, {width / height!r})"
        size, scale = f"({height}, {width})", _range(operation)
        yield _sometimes(f"v2.RandomResizedCrop({size}, scale={scale}, ratio={ratio})", p)
    elif kind == "padded_crop":
        yield _padded_crop(operation, pipeline, height, width)
    else:
        remark, call = _call(operation, pipeline, height, width)
        yield from remark
        yield call


def _padded_crop(operation: Operation, pipeline: Pipeline, height: int, width: int) -> str:
    size, amount = f"({height}, {width})", "round(padded_crop)"
    if pipeline.fill in ("reflect", "wrap"):  # no more than there is
        amount = f"min({amount}, {min(height, width)})"
    if pipeline.fill == "wrap":
        padded = f'torch.nn.functional.pad(x[None], ({amount},) * 4, mode="circular")[0]'
        return _drawn([operation], f"v2.RandomCrop({size})({padded})")
    how = f'fill={pipeline.level!r}, padding_mode="{_MODES[pipeline.fill]}"'
    if operation.fixed and operation.high <= min(height, width):
        line = f"v2.RandomCrop({size}, padding={round(operation.low)}, {how})"
        return _sometimes(line, operation.probability)
    return _drawn([operation], f"v2.RandomCrop({size}, padding={amount}, {how})(x)")


def _call(
    operation: Operation, pipeline: Pipeline, height: int, width: int
) -> tuple[list[str], str]:
    """Return a remark, where there is one, and the line of an operation that is called."""
    # Shifts as large and as smooth: the smoothing leaves 0.0814 / σ of alpha, in pixels.
    sigma = width / 10
    call = _CALLS[operation.kind].format(
        alpha=width * sigma / 0.0814, sigma=sigma, fill=_fill(pipeline)
    )
    remark = _REMARKS.get(operation.kind)
    return [remark] if remark else [], _drawn([operation], call)


def _padded(
    line: str, run: list[Operation], pipeline: Pipeline, height: int, width: int
) -> Iterator[str]:
    """Yield a line between a padding and its removal: torchvision fills with a constant only."""
    if pipeline.fill == "constant":
        yield line
        return
    missing, rows, columns = _reach(run, height, width), height, width
    yield f"# torchvision fills with a constant only; {pipeline.fill!r} is put around before."
    # A mirror image, or a copy, is no larger than what there is: then that is put around first.
    while pipeline.fill != "nearest" and missing > min(rows, columns):
        yield _padding(columns, rows, pipeline)
        missing, rows, columns = missing - min(rows, columns), 3 * rows, 3 * columns
    yield _padding(missing, missing, pipeline)
    yield line
    yield f"v2.CenterCrop(({height}, {width})),"


def _padding(across: int, down: int, pipeline: Pipeline) -> str:
    if pipeline.fill == "wrap":
        sides = f"({across}, {across}, {down}, {down})"
        pad = f'torch.nn.functional.pad(x[None], {sides}, mode="circular")[0]'
        return f"v2.Lambda(lambda x: {pad}),"
    return f'v2.Pad(({across}, {down}), padding_mode="{_MODES[pipeline.fill]}"),'


def _reach(run: list[Operation], height: int, width: int) -> int:
    """Return how many pixels beyond the image its corners may come from, at the most."""
    reach = hypot(height, width) / 2
    for operation in reversed(run):
        largest = max(abs(operation.low), abs(operation.high))
        if operation.kind in ("shift_x", "shift_y"):
            reach += largest * max(height, width)
        elif operation.kind == "zoom":
            reach /= min(operation.low, 1.0)
        elif operation.kind == "shear":
            reach *= 1 + largest / 45  # more than the tangent, up to 45°
        elif operation.kind == "perspective":
            reach *= 2
        elif operation.kind == "elastic":
            reach += 4 * largest * max(height, width)
    return ceil(reach - min(height, width) / 2) + 1


def _drawn(operations: list[Operation], call: str) -> str:
    names = ", ".join(o.kind for o in operations)
    ranges = ", ".join(_range(o) for o in operations)
    neutral = ", ".join(f"{KINDS[o.kind].neutral!r}" for o in operations)
    shares = ", ".join(f"{o.probability!r}" for o in operations)
    return f"Drawn(lambda x, {names}: {call}, [{ranges}], [{neutral}], [{shares}]),"


def _sometimes(transform: str, share: float) -> str:
    return f"{transform}," if share == 1 else f"v2.RandomApply([{transform}], p={share!r}),"


def _range(operation: Operation) -> str:
    return f"({operation.low!r}, {operation.high!r})"


def _fill(pipeline: Pipeline) -> str:
    """Return torchvision's fill; None fills with black, and blends at the edge as the app does."""
    return repr(pipeline.level) if pipeline.fill == "constant" and pipeline.level else "None"
