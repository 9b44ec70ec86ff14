"""What can be chosen about a training run: frozen, validated, plain values."""

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

Optimizer = Literal["sgd", "adam", "adamw"]
Schedule = Literal["constant", "cosine", "one-cycle"]
Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["auto", "float32", "bfloat16"]

OPTIMIZERS: tuple[Optimizer, ...] = get_args(Optimizer)
SCHEDULES: tuple[Schedule, ...] = get_args(Schedule)
DEVICES: tuple[Device, ...] = get_args(Device)
PRECISIONS: tuple[Precision, ...] = get_args(Precision)

QUICK_STEPS = 300
LARGEST_BATCH = 65_536
LARGEST_SEED = 2**63 - 1

# The shape of one cycle, in shares of the run and of the learning rate at its peak.
_RISE, _START, _END = 0.2, 1 / 5, 1 / 100


@dataclass(frozen=True)
class TrainingSettings:
    """How to train. The defaults are the recipe that learns handwritten digits fastest.

    Attributes:
        optimizer: plain gradient descent with momentum, Adam, or AdamW.
        learning_rate: the rate at the peak of the schedule.
        momentum: for "sgd" only.
        weight_decay: L2 penalty ("adamw" applies it apart from the gradient).
        label_smoothing: share of the target spread evenly over the classes, 0 to below 1.
        schedule: how the learning rate moves over the run, see `rate_at`.
        batch_size: images a step.
        epochs: passes over the training images; a half is allowed.
        seed: of the weights, the order of the images, dropout and augmentation.
        device: where to compute; "auto" takes cuda, then mps, then cpu.
        precision: "auto" takes bfloat16 where it pays.
        deterministic: the same seed gives the same curve; may be slower on a GPU.
        validate_every: steps between validations on a fixed subset; 0 for each epoch only.
        validation_images: the size of that subset.
    """

    optimizer: Optimizer = "adam"
    learning_rate: float = 0.01
    momentum: float = 0.9
    weight_decay: float = 0.0
    label_smoothing: float = 0.1
    schedule: Schedule = "one-cycle"
    batch_size: int = 100
    epochs: float = 3.0
    seed: int = 0
    device: Device = "auto"
    precision: Precision = "auto"
    deterministic: bool = True
    validate_every: int = 50
    validation_images: int = 500

    def __post_init__(self) -> None:
        """Raise ValueError with one sentence for the first value that cannot be."""
        _one_of("optimizer", self.optimizer, OPTIMIZERS)
        _one_of("schedule", self.schedule, SCHEDULES)
        _one_of("device", self.device, DEVICES)
        _one_of("precision", self.precision, PRECISIONS)
        _number("learning rate", self.learning_rate, 0, math.inf, above=True)
        _number("momentum", self.momentum, 0, 1, below=True)
        _number("weight decay", self.weight_decay, 0, 1)
        _number("label smoothing", self.label_smoothing, 0, 1, below=True)
        _whole("batch size", self.batch_size, 1, LARGEST_BATCH)
        _number("number of epochs", self.epochs, 0, 100_000, above=True)
        _whole("seed", self.seed, 0, LARGEST_SEED)
        _whole("number of steps between validations", self.validate_every, 0, 10**9)
        _whole("number of validation images", self.validation_images, 1, 10**9)
        if not isinstance(self.deterministic, bool):
            raise ValueError("The deterministic switch must be on or off.")


def recommended(images: int, **choices: Any) -> TrainingSettings:
    """Return the default recipe for `images` training images: about 300 steps of any data."""
    choices.setdefault("batch_size", min(TrainingSettings.batch_size, images))
    choices.setdefault("epochs", QUICK_STEPS * choices["batch_size"] / images)
    return TrainingSettings(**choices)


def rate_at(settings: TrainingSettings, progress: float) -> float:
    """Return the learning rate when `progress` (0 to 1) of the run is done.

    "one-cycle" rises in a straight line from 1/5 of the rate to the whole of it during the first
    fifth and falls in a straight line to 1/100 (after Smith, "Super-convergence", 2018, without
    its change of momentum); "cosine" falls along half a cosine to 0.
    """
    peak = settings.learning_rate
    if settings.schedule == "constant":
        return peak
    if settings.schedule == "cosine":
        return peak * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
    if progress < _RISE:
        return peak * (_START + (1 - _START) * progress / _RISE)
    return peak * (1 + (_END - 1) * (min(progress, 1.0) - _RISE) / (1 - _RISE))


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"The {name} must be one of {', '.join(allowed)}, not {value!r}.")


def _number(
    name: str, value: object, low: float, high: float, above: bool = False, below: bool = False
) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):  # type: ignore[arg-type]
        raise ValueError(f"The {name} must be a number, not {value!r}.")
    if value < low or value > high or (above and value == low) or (below and value == high):  # type: ignore[operator]
        start = f"above {low:g}" if above else f"at least {low:g}"
        end = "" if high == math.inf else f" and {'below' if below else 'at most'} {high:g}"
        raise ValueError(f"The {name} must be {start}{end}, not {value:g}.")


def _whole(name: str, value: object, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"The {name} must be a whole number, not {value!r}.")
    if not low <= value <= high:
        raise ValueError(f"The {name} must be from {low:,} to {high:,}, not {value:,}.")
