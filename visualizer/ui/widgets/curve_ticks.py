"""Round numbers for the axes of a plot, few enough that their labels never touch."""

import math

from visualizer.core.numbers import format_number

_STEPS = 1, 2, 5, 10

Ticks = list[tuple[float, str]]


def linear(low: float, high: float, most: int, *, percent: bool = False) -> Ticks:
    """Return (place, label) for at most `most` + 1 round numbers from `low` to `high`."""
    step = _round_up((high - low) / most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(i * step, _label(i * step, percent)) for i in range(first, last + 1)]


def logarithmic(low: float, high: float, most: int) -> Ticks:
    """Return (place, label) from 10^`low` to 10^`high`; a place is a power of ten too.

    With room for it a power of ten is followed by twice and five times itself; without, only every
    second, third… power has a label.
    """
    decades = high - low
    factors = (1, 2, 5) if 3 * decades <= most else (1, 3) if 2 * decades <= most + 1 else (1,)
    every = max(1, math.ceil(decades / most))
    places = [
        power + math.log10(factor)
        for power in range(math.floor(low), math.ceil(high) + 1)
        if power % every == 0
        for factor in factors
    ]
    return [(place, _power_label(place)) for place in places if low <= place <= high]


def _round_up(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in _STEPS if factor * power >= step * (1 - 1e-9))


def _label(value: float, percent: bool) -> str:
    if percent:
        return f"{100 * value:.3g} %"
    if abs(value) >= 10_000 and value % 100 == 0:
        return f"{value / 1000:.10g}k"
    return format_number(value, 3)


def _power_label(place: float) -> str:
    value = 10.0**place
    if not 1e-3 <= value < 1e5:
        digit, power = f"{value:.0e}".split("e")
        return f"{digit}e{int(power)}"
    return f"{value:.1g}" if value < 1 else f"{value:.0f}"
