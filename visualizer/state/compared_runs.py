"""Whether two runs can be compared step by step, and in which settings they differ."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from visualizer.learning.pipeline import OWN
from visualizer.state.runs import Run
from visualizer.state.training import AS_DESIGNED, Experiment

# What decides which images a step learns from. All that is random else comes from the seed too.
_ORDER = ("data", "seed", "batch_size")
_ONE = {"network": ("custom",), "augmentation": ("pipeline",)}  # told together with these
_WITH = {name for names in _ONE.values() for name in names}
_NO_MATTER = {"history_mb"}  # what is kept of a run, not what it comes to
# There is little room below a run and in a plot.
_SHORT = {"batch_size": "batch", "learning_rate": "rate"}
_MOST_VALUES = 3  # of a setting that was changed


@dataclass(frozen=True)
class Differences:
    """What two runs do not have in common.

    Attributes:
        settings: the settings that differ, in words: "batch 100 vs 32".
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


def differences(one: Run, other: Run) -> Differences:
    """Return in what `one` and `other` differ, what `one` has first."""
    names = _unlike((one, other))
    settings = tuple(
        f"{short_name(name)} {_in_words(one, name)} vs {_in_words(other, name)}" for name in names
    )
    return Differences(settings, not any(name in _ORDER for name in names))


def told_apart(runs: Sequence[Run]) -> tuple[str, ...]:
    """Return for each its own values, in words, of the settings that are not the same in all.

    Of a setting changed while the run went on: "rate 0.01 → 0.001".
    """
    names = _unlike(runs)
    return tuple(
        ", ".join(f"{short_name(name)} {_in_words(run, name)}" for name in names) for run in runs
    )


def _unlike(runs: Sequence[Run]) -> list[str]:
    """Return the names of the settings that are not the same in all runs, the data last."""
    names = [
        field.name
        for field in fields(Experiment)
        if field.name not in _WITH | _NO_MATTER
        and _differ([_values(run, field.name) for run in runs])
    ]
    return sorted(names, key=lambda name: name == "data")


def _differ(values: Sequence[Any]) -> bool:
    return any(value != values[0] for value in values[1:])


def _values(run: Run, name: str) -> list[Any]:
    """Return what a setting was in the course of a run."""
    parts = (name, *_ONE.get(name, ()))
    return _course(run, name) or [getattr(run.experiment, part) for part in parts]


def _course(run: Run, name: str) -> list[str]:
    """Return what a setting was at first and each time it was changed; [] if it never was.

    The experiment does not say: that of a run that was resumed has what was in force then.
    """
    changes = [mark for mark in run.log.marks if mark["name"] == name]
    return [mark["before"] for mark in changes[:1]] + [mark["after"] for mark in changes]


def short_name(setting: str) -> str:
    """Return what a setting is called where there is little room."""
    return _SHORT.get(setting, setting.replace("_", " "))


def _in_words(run: Run, name: str) -> str:
    course = _course(run, name) or [_planned(run.experiment, name)]
    if len(course) > _MOST_VALUES:
        course[1:-1] = ["…"]
    return " → ".join(course)


def _planned(experiment: Experiment, name: str) -> str:
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
        return " ".join(Path(word).name or word for word in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
