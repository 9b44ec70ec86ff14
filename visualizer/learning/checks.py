"""What is looked at before the first step, and while the loss may be running away."""

import math
from collections import deque

import torch
from torch import Tensor

from visualizer.core.numbers import format_number
from visualizer.learning.datasets import DataSet
from visualizer.learning.networks import NetworkSpec, has_batch_norm, table
from visualizer.learning.settings import Device, TrainingSettings

# A mean loss above this many times that of guessing, over some steps, is no longer learning.
_FAR, _VERY_FAR, _STEPS = 3.0, 100.0, 10
# One that overfits is wrong with conviction on other images, but right on those it learns from.
_FAR_ON_OTHERS = 10.0
# What had been learned, at less than half the loss of guessing, is gone when the loss then stays
# at that of guessing: for so many steps, each one below it counting back three.
_LEARNED, _GUESSING, _STUCK, _COUNT_BACK = 0.5, 0.95, 30, 3
_STEPS_OF_LEVEL = 20
# A sound loss lies no more than this share of the loss of guessing above the level reached, which
# is itself forgotten slowly: the loss of small batches comes close to nothing by chance.
_NEAR, _FORGETTING = 0.25, 1 / 1000
# Of torch's own allocator; the second on Windows.
_WORDS_OF_SHORTAGE = "allocate memory", "not enough memory"
# Of oneDNN, which has no words of its own for a shortage.
_WORDS_OF_ONEDNN = "could not create a primitive"
# Multiply-adds for an image: on an H100 networks of 1 to 14 million lost a tenth of their speed
# with bfloat16, one of 79 million won a quarter.
_WORTH_CHANGING_TYPES_ON_GPU = 50_000_000
_ADVICE = "The learning rate is probably too high."


class CannotTrain(Exception):
    """A run that cannot start; `reason` is one sentence saying why and what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def check(dataset: DataSet, spec: NetworkSpec, settings: TrainingSettings) -> None:
    """Raise CannotTrain or BadNetwork when the three do not go together."""
    count = len(dataset.train)
    if dataset.classes < 2:
        raise CannotTrain("There is only one class, so there is nothing to tell apart; add others.")
    for name in ("train", "validation", "test"):
        part = getattr(dataset, name)
        if len(part) == 0:
            raise CannotTrain(f"The {name} part of the data holds no image; choose other data.")
        low, high = int(part.labels.min()), int(part.labels.max())
        if low < 0 or high >= dataset.classes:
            raise CannotTrain(
                f"A label of the {name} part is {low if low < 0 else high}, but the labels of "
                f"{dataset.classes} classes go from 0 to {dataset.classes - 1}; correct the data."
            )
    if settings.batch_size > count:
        raise CannotTrain(
            f"A batch of {settings.batch_size} is larger than the {count} training images; "
            f"choose a batch size of {count} or less."
        )
    if settings.batch_size == 1 and has_batch_norm(spec):
        raise CannotTrain(
            "Batch norm needs more than one image a batch to compare; choose a batch size of 2 or "
            "more, or a network without batch norm."
        )
    table(spec, (dataset.channels, dataset.height, dataset.width), dataset.classes)


def choose_device(choice: Device) -> torch.device:
    """Return the device to compute on. Raises CannotTrain when it is not there."""
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if choice == "auto":
        return torch.device(next(name for name, is_there in there.items() if is_there))
    if not there[choice]:
        raise CannotTrain(f"torch finds no {choice} device on this computer; choose cpu or auto.")
    return torch.device(choice)


def device_or_auto(choice: Device) -> Device:
    """Return `choice`, or "auto" where this computer has no such device: a run may come along."""
    try:
        choose_device(choice)
    except CannotTrain:
        return "auto"
    return choice


def choose_precision(
    settings: TrainingSettings, device: torch.device, multiply_adds: int
) -> torch.dtype:
    """Return the type to multiply in: bfloat16 if chosen, or if the device is built for it.

    On a GPU only for a network of many `multiply_adds` for one image: to change the type of every
    number takes a small one longer than it saves.
    """
    if settings.precision == "auto":
        if device.type == "cuda":
            pays = multiply_adds >= _WORTH_CHANGING_TYPES_ON_GPU
            fast = pays and torch.cuda.is_bf16_supported(including_emulation=False)
        else:
            able = torch.cpu.get_capabilities() if device.type == "cpu" else {}
            fast = bool(able.get("avx512_bf16") or able.get("amx_bf16"))
        return torch.bfloat16 if fast else torch.float32
    return torch.bfloat16 if settings.precision == "bfloat16" else torch.float32


def can_go_on_after(error: RuntimeError | MemoryError) -> bool:
    """Return whether torch failed for want of memory only, on a GPU or on the processor.

    A thread in which oneDNN once found no room for its code never gets another convolution from
    it, however much room there is. torch then computes without it, in all threads: slower.
    """
    if _WORDS_OF_ONEDNN in str(error):
        torch.backends.mkldnn.enabled = False  # type: ignore[assignment]  # a property
        return True
    is_named = isinstance(error, (torch.OutOfMemoryError, MemoryError))
    return is_named or any(words in str(error) for words in _WORDS_OF_SHORTAGE)


def all_finite(tensors: dict[str, Tensor]) -> bool:
    """Return whether no tensor holds NaN or infinity."""
    return all(bool(x.isfinite().all()) for x in tensors.values() if x.is_floating_point())


class DivergenceWatch:
    """Tells when a loss has run away. Too high a rate gives large numbers more often than NaN."""

    def __init__(self, classes: int) -> None:
        self._guessing = math.log(classes)
        self._recent: deque[float] = deque(maxlen=_STEPS_OF_LEVEL)
        self._level: float | None = None
        self._has_learned, self._stuck = False, 0

    def look(self, loss: float) -> str | None:
        """Take in the loss of one more step; return what is wrong in one sentence, or None."""
        self._recent.append(loss)
        if not math.isfinite(loss):
            return (
                f"The loss is no longer a number: the weights have grown without bound. {_ADVICE}"
            )
        last = list(self._recent)[-_STEPS:]
        mean = sum(last) / len(last)
        lasting = len(last) == _STEPS and mean > _FAR * self._guessing
        if lasting or loss > _VERY_FAR * self._guessing:
            return self._far("loss", max(mean, loss))
        self._learn()
        is_guess = loss >= _GUESSING * self._guessing
        self._stuck = self._stuck + 1 if is_guess else max(0, self._stuck - _COUNT_BACK)
        if self._has_learned and self._stuck >= _STUCK:
            return (
                f"The loss had been low and has gone back to the {self._guessing:.2f} of mere "
                f"guessing: the network has lost what it had learned. {_ADVICE}"
            )
        return None

    def look_at_validation(self, loss: float) -> str | None:
        """Return what is wrong with a loss on images that are not learned from, or None.

        A high one alone may be overfitting, unless the training loss is high as well.
        """
        if not math.isfinite(loss):
            return f"The validation loss is no longer a number. {_ADVICE}"
        last = list(self._recent)[-_STEPS:]
        is_learning = sum(last) < _LEARNED * self._guessing * len(last)
        if loss > (_VERY_FAR if is_learning else _FAR_ON_OTHERS) * self._guessing:
            return self._far("validation loss", loss)
        return None

    @property
    def is_sound(self) -> bool:
        """Whether the loss of the last steps is near the level it has reached, or below."""
        if self._level is None or len(self._recent) < _STEPS_OF_LEVEL:
            return False
        limit = self._level + _NEAR * self._guessing
        return self._mean() <= limit and sum(list(self._recent)[-_STEPS:]) <= limit * _STEPS

    def expect_another_level(self) -> None:
        """Judge by the losses to come: the task has become harder or easier."""
        self._recent.clear()
        self._level = None

    def bear_with(self) -> None:
        """Go on after what was told, and tell it again only if it happens again."""
        self._recent.clear()
        self._has_learned, self._stuck = False, 0

    def _learn(self) -> None:
        """Take in how well it goes now."""
        if len(self._recent) == _STEPS_OF_LEVEL:
            mean = self._mean()
            level = self._guessing if self._level is None else self._level
            above = min(mean, self._guessing) - level
            self._level = level + (above * _FORGETTING if above > 0 else above)
            self._has_learned |= mean < _LEARNED * self._guessing

    def _mean(self) -> float:
        return sum(self._recent) / len(self._recent)

    def _far(self, what: str, loss: float) -> str:
        return (
            f"The {what} is {format_number(loss, 2)}, far above the {self._guessing:.2f} of mere "
            f"guessing. {_ADVICE}"
        )
