"""The kernels that come along, grouped: fixed ones as numbers, parametric ones by formula.

What they are called, what they do and the fixed weights are data, in
`resources/kernels/presets.json`; the formulas are here.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from visualizer.core.kernels import MAX_SIDE, Kernel, Weights
from visualizer.core.numbers import format_number, parse_number
from visualizer.paths import resource

Parameters = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Parameter:
    """One number of a parametric preset, as a slider needs it.

    Attributes:
        name: the formula's argument.
        title: what to call it on screen.
        minimum, maximum, step, default: its values; whole steps mean whole numbers.
    """

    name: str
    title: str
    minimum: float
    maximum: float
    step: float
    default: float


@dataclass(frozen=True)
class Preset:
    """A kernel that comes along.

    Attributes:
        key: what settings remember.
        title: what to call it.
        group: the heading it stands under.
        about: one sentence: what it does and what to look for.
        weights: rows of numbers as text, such as "1/9"; empty when a formula makes them.
        formula: the name in FORMULAS that makes them.
        parameters: of the formula; they may be empty.
    """

    key: str
    title: str
    group: str
    about: str
    weights: tuple[tuple[str, ...], ...] = ()
    formula: str = ""
    parameters: tuple[Parameter, ...] = ()

    @property
    def defaults(self) -> Parameters:
        """The parameters' first values, as (name, value) pairs."""
        return tuple((p.name, p.default) for p in self.parameters)

    def kernel(self, parameters: Parameters = ()) -> Kernel:
        """Return the kernel; of the parameters, those not given have their defaults.

        Raises ValueError, with a sentence, for an unknown one or a value out of range.
        """
        if self.weights:
            rows = [[parse_number(number) for number in row] for row in self.weights]
            return Kernel(np.array(rows), self.title)
        values = dict(self.defaults)
        for name, value in parameters:
            self._check(name, value)
            values[name] = value
        words = ", ".join(f"{p.title} {format_number(values[p.name])}" for p in self.parameters)
        return Kernel(FORMULAS[self.formula](**values), f"{self.title} ({words})")

    def _check(self, name: str, value: float) -> None:
        known = {p.name: p for p in self.parameters}
        if name not in known:
            raise ValueError(f"{self.title} has no parameter {name}.")
        low, high = known[name].minimum, known[name].maximum
        if not low <= value <= high:
            raise ValueError(
                f"The {known[name].title} of {self.title} must lie between "
                f"{format_number(low)} and {format_number(high)}, not {format_number(value)}."
            )


def box(size: float) -> Weights:
    """Return the mean over size × size pixels."""
    side = _side(size)
    return np.full((side, side), 1 / side**2)


def gaussian(size: float, sigma: float) -> Weights:
    """Return exp(−(x² + y²) / 2σ²) over size × size pixels, divided by its sum."""
    x, y = _grid(size)
    weights = np.exp(-(x**2 + y**2) / (2 * sigma**2))
    return weights / weights.sum()


def motion(size: float, angle: float) -> Weights:
    """Return a line through the centre, `size` pixels long, dividing the light evenly along it.

    The angle is in degrees, anticlockwise from horizontal. Points on the line share their weight
    among the four pixels around them by distance, as bilinear interpolation does.
    """
    side = _side(size)
    middle = (side - 1) / 2
    along = np.linspace(-middle, middle, 16 * side + 1)
    turn = np.deg2rad(angle)
    rows = middle - along * _clean(np.sin(turn))
    columns = middle + along * _clean(np.cos(turn))
    places = np.arange(side)
    near_row = np.clip(1 - np.abs(rows - places[:, np.newaxis]), 0, None)  # (side, points)
    near_column = np.clip(1 - np.abs(columns - places[:, np.newaxis]), 0, None)
    weights = near_row @ near_column.T
    return weights / weights.sum()


def laplacian_of_gaussian(size: float, sigma: float) -> Weights:
    """Return the Laplacian of a Gaussian (Marr and Hildreth, 1980), made to sum to 0.

    (r² − 2σ²) / σ⁴ · exp(−r² / 2σ²), scaled so that the positive weights sum to 1.
    """
    x, y = _grid(size)
    squared = x**2 + y**2
    return _balanced((squared - 2 * sigma**2) * np.exp(-squared / (2 * sigma**2)))


def gabor(size: float, angle: float, wavelength: float) -> Weights:
    """Return a wave under a Gaussian (Daugman, 1985), made to sum to 0.

    The wave runs along `angle`, in degrees anticlockwise from horizontal, so that 0 answers to
    vertical stripes; `wavelength` is in pixels. The Gaussian has σ = 0.56 · wavelength along the
    wave and twice that across, about one octave of bandwidth. Positive weights sum to 1.
    """
    x, y = _grid(size)
    turn = np.deg2rad(angle)
    along, across = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
    sigma = 0.56 * wavelength
    hill = np.exp(-(along**2 + across**2 / 4) / (2 * sigma**2))
    return _balanced(hill * np.cos(2 * np.pi * along / wavelength))


FORMULAS: dict[str, Callable[..., Weights]] = {
    "box": box,
    "gaussian": gaussian,
    "motion": motion,
    "laplacian_of_gaussian": laplacian_of_gaussian,
    "gabor": gabor,
}


def _side(size: float) -> int:
    side = round(size)
    if not 1 <= side <= MAX_SIDE:
        raise ValueError(f"A kernel has 1 to {MAX_SIDE} rows and columns, not {side}.")
    return side


def _grid(size: float) -> tuple[Weights, Weights]:
    """Return x (to the right) and y (downwards) of every weight, 0 at the centre."""
    places = np.arange(_side(size)) - (_side(size) - 1) / 2
    x, y = np.meshgrid(places, places)
    return x, y


def _clean(value: float) -> float:
    """Return a sine or cosine with 0 where it is 0 but for rounding."""
    return 0.0 if abs(value) < 1e-12 else value


def _balanced(weights: Weights) -> Weights:
    """Return weights shifted to sum to 0 and scaled so that the positive ones sum to 1."""
    weights = weights - weights.mean()
    total = weights[weights > 0].sum()
    return weights / total if total > 1e-12 else np.zeros_like(weights)


@cache
def presets() -> tuple[Preset, ...]:
    """Return all presets, group by group."""
    document = json.loads(resource("kernels", "presets.json").read_text(encoding="utf-8"))
    return tuple(
        _preset(group["title"], entry) for group in document["groups"] for entry in group["presets"]
    )


def _preset(group: str, entry: dict) -> Preset:
    rows: Sequence[Sequence[float | str]] = entry.get("weights", ())
    return Preset(
        key=entry["key"],
        title=entry["title"],
        group=group,
        about=entry["about"],
        weights=tuple(tuple(str(number) for number in row) for row in rows),
        formula=entry.get("formula", ""),
        parameters=tuple(Parameter(**p) for p in entry.get("parameters", ())),
    )


def groups() -> dict[str, tuple[Preset, ...]]:
    """Return the presets under their headings, in order."""
    headings = dict.fromkeys(preset.group for preset in presets())
    return {h: tuple(p for p in presets() if p.group == h) for h in headings}


def find(key: str) -> Preset:
    """Return the preset called `key`; KeyError when there is none."""
    for preset in presets():
        if preset.key == key:
            return preset
    raise KeyError(key)


def build(key: str, parameters: Parameters = ()) -> Kernel:
    """Return the kernel of the preset called `key`. Raises as `find` and `Preset.kernel` do."""
    return find(key).kernel(parameters)
