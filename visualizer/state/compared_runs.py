"""Whether two runs can be compared step by step, and in which settings they differ."""

from dataclasses import dataclass, fields
from typing import Any

from visualizer.learning.pipeline import OWN
from visualizer.state.training import AS_DESIGNED, Experiment

# What decides which images a step learns from. All that is random else comes from the seed too.
_ORDER = ("data", "seed", "batch_size")
_ONE = {"network": ("custom",), "augmentation": ("pipeline",)}  # told together with these
_WITH = {name for names in _ONE.values() for name in names}
# What is kept of a run, not what it comes to.
_NO_MATTER = ("history_mb",)


@dataclass(frozen=True)
class Differences:
    """What two runs do not have in common, each in words: "seed 0 / 1".

    Attributes:
        of_order: the settings that give their steps other images.
        others: the settings that are compared.
    """

    of_order: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def same_order(self) -> bool:
        """Whether the same step of both has learned from the same images."""
        return not self.of_order

    def sentence(self) -> str:
        """Return it for the user."""
        others = ", ".join(self.others)
        if self.same_order:
            return f"Same seed, same order of images. Different: {others or 'nothing'}."
        order = ", ".join(self.of_order)
        also = f" Also different: {others}." if others else ""
        return f"Not the same images at the same step: {order}.{also}"


def differences(one: Experiment, other: Experiment) -> Differences:
    """Return in what `one` and `other` differ, the value of `one` first."""
    found: dict[bool, list[str]] = {True: [], False: []}
    for field in fields(Experiment):
        name = field.name
        if name in _WITH or name in _NO_MATTER:
            continue
        whole = (name, *_ONE.get(name, ()))
        if any(getattr(one, part) != getattr(other, part) for part in whole):
            values = " / ".join(_in_words(experiment, name) for experiment in (one, other))
            found[name in _ORDER].append(f"{name.replace('_', ' ')} {values}")
    return Differences(tuple(found[True]), tuple(found[False]))


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
