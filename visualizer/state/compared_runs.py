"""Whether two runs can be compared step by step, and in which settings they differ."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from visualizer.learning.pipeline import OWN
from visualizer.state.training import AS_DESIGNED, Experiment

# What decides which images a step learns from. All that is random else comes from the seed too.
_ORDER = ("data", "seed", "batch_size")
_ONE = {"network": ("custom",), "augmentation": ("pipeline",)}  # told together with these
_WITH = {name for names in _ONE.values() for name in names}
_NO_MATTER = {"history_mb"}  # what is kept of a run, not what it comes to
_SHORT = {"batch_size": "batch", "learning_rate": "rate"}  # there is little room beside a run


@dataclass(frozen=True)
class Differences:
    """What two runs do not have in common.

    Attributes:
        settings: the settings that differ, in words: "batch 100 → 32".
        same_order: whether they have learned from the same images at the same step.
    """

    settings: tuple[str, ...]
    same_order: bool

    def words(self) -> str:
        """Return the settings in one line."""
        return ", ".join(self.settings) or "same settings"

    def about_order(self) -> str:
        """Return a sentence on the images of a step."""
        if self.same_order:
            return "Same seed, same order of images."
        return "At the same step they have not learned from the same images."


def differences(one: Experiment, other: Experiment) -> Differences:
    """Return in what `one` and `other` differ, the value of `one` first."""
    names = _unlike((one, other))
    settings = tuple(
        f"{_name(name)} {_in_words(one, name)} → {_in_words(other, name)}" for name in names
    )
    return Differences(settings, not any(name in _ORDER for name in names))


def told_apart(experiments: Sequence[Experiment]) -> tuple[str, ...]:
    """Return for each its own values, in words, of the settings that are not the same in all."""
    names = _unlike(experiments)
    return tuple(
        ", ".join(f"{_name(name)} {_in_words(one, name)}" for name in names) for one in experiments
    )


def _unlike(experiments: Sequence[Experiment]) -> tuple[str, ...]:
    """Return the names of the settings that are not the same in all of some experiments."""
    return tuple(
        field.name
        for field in fields(Experiment)
        if field.name not in _WITH | _NO_MATTER
        and any(
            getattr(one, part) != getattr(experiments[0], part)
            for part in (field.name, *_ONE.get(field.name, ()))
            for one in experiments[1:]
        )
    )


def _name(setting: str) -> str:
    return _SHORT.get(setting, setting.replace("_", " "))


def _in_words(experiment: Experiment, name: str) -> str:
    value: Any = getattr(experiment, name)
    if name == "network":
        return experiment.design().name
    if name == "augmentation" and value == OWN:
        return experiment.augment().label
    if value is None or value == AS_DESIGNED:
        return "as designed"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return " ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
