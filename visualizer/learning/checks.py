"""What is looked at before the first step, and while the loss may be running away."""

import math
from collections import deque

import torch
from torch import Tensor

from visualizer.learning.datasets import DataSet
from visualizer.learning.networks import NetworkSpec, has_batch_norm, table
from visualizer.learning.settings import Device, TrainingSettings

# A mean loss above this many times that of guessing, over some steps, is no longer learning.
_FAR, _VERY_FAR, _STEPS = 3.0, 100.0, 10


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


def choose_precision(settings: TrainingSettings, device: torch.device) -> torch.dtype:
    """Return the type to multiply in: bfloat16 if chosen, or if the processor is built for it."""
    if settings.precision == "auto":
        if device.type == "cuda":
            fast = torch.cuda.is_bf16_supported(including_emulation=False)
        else:
            able = torch.cpu.get_capabilities() if device.type == "cpu" else {}
            fast = bool(able.get("avx512_bf16") or able.get("amx_bf16"))
        return torch.bfloat16 if fast else torch.float32
    return torch.bfloat16 if settings.precision == "bfloat16" else torch.float32


def is_out_of_memory(error: RuntimeError) -> bool:
    """Return whether torch failed for want of memory, on a GPU or on the processor."""
    return isinstance(error, torch.OutOfMemoryError) or "allocate memory" in str(error)


def all_finite(tensors: dict[str, Tensor]) -> bool:
    """Return whether no tensor holds NaN or infinity."""
    return all(bool(x.isfinite().all()) for x in tensors.values() if x.is_floating_point())


class DivergenceWatch:
    """Tells when a loss has run away. Too high a rate gives large numbers more often than NaN."""

    def __init__(self, classes: int) -> None:
        self._guessing = math.log(classes)
        self._recent: deque[float] = deque(maxlen=_STEPS)

    def look(self, loss: float) -> str | None:
        """Take in the loss of one more step; return what is wrong in one sentence, or None."""
        self._recent.append(loss)
        advice = "The learning rate is probably too high."
        if not math.isfinite(loss):
            return f"The loss is no longer a number: the weights have grown without bound. {advice}"
        mean = sum(self._recent) / len(self._recent)
        lasting = len(self._recent) == _STEPS and mean > _FAR * self._guessing
        if lasting or loss > _VERY_FAR * self._guessing:
            return (
                f"The loss is {max(mean, loss):.3g}, far above the {self._guessing:.2f} of mere "
                f"guessing. {advice}"
            )
        return None
