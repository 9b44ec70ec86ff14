"""A network with all that changes it: optimizer, images, position. One step at a time."""

import hashlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Generator, Tensor
from torch.nn import functional

from visualizer.learning.checks import CannotTrain, check, choose_device, choose_precision
from visualizer.learning.datasets import DataSet
from visualizer.learning.evaluation import as_input
from visualizer.learning.log import Log
from visualizer.learning.modules import build
from visualizer.learning.networks import NetworkSpec, dropout_of, table, with_dropout
from visualizer.learning.optimizers import make_optimizer, moments_of, set_moments
from visualizer.learning.pipeline import Pipeline
from visualizer.learning.run_state import Position, RunState, fingerprint
from visualizer.learning.settings import Device, TrainingSettings, rate_at
from visualizer.learning.snapshot import Batch

# Float images (N, C, H, W) in 0–1 and a seeded generator on their device → the same shape.
Augment = Callable[[Tensor, Generator], Tensor]


@dataclass(frozen=True, eq=False)
class Outcome:
    """One step taken. Loss and the count of right answers are still on the device.

    Attributes:
        position: after the step.
        rate: the learning rate it used.
        loss: cross-entropy of the batch before the update, without label smoothing, a scalar.
        right: how many of the batch were classified correctly, a scalar.
        count: images of the batch.
    """

    position: Position
    rate: float
    loss: Tensor
    right: Tensor
    count: int


class Learner:
    """Takes steps.

    All that is random in a step is drawn from the seed and the step's number, so the position
    alone says how a run goes on.

    Attributes:
        network, settings, spec: as they are now, live changes included.
        augment: what is done to the training images, or None.
        position: where the run stands.
        batch: the images of the last step, or None before the first.
        device, precision: where and in what type it computes.
    """

    def __init__(
        self,
        dataset: DataSet,
        spec: NetworkSpec,
        settings: TrainingSettings,
        augment: Augment | None = None,
    ) -> None:
        """Raise CannotTrain or BadNetwork, with one sentence, when these do not go together."""
        check(dataset, spec, settings)
        self.dataset, self.spec, self.settings, self.augment = dataset, spec, settings, augment
        self.shape = (dataset.channels, dataset.height, dataset.width)
        self.network = build(
            spec, self.shape, dataset.classes, dataset.mean, dataset.std, settings.seed
        )
        self.position = Position()
        self.batch: Batch | None = None
        self._data, self._size = fingerprint(dataset), len(dataset.train)
        self._optimizer = make_optimizer(self.network, settings)
        self.move(settings.device)

    def move(self, choice: Device) -> None:
        """Compute on another device from now on. Raises CannotTrain when it is not there."""
        self.device = choose_device(choice)
        rows = table(self.spec, self.shape, self.dataset.classes)
        work = sum(row.multiply_adds for row in rows)
        self.precision = choose_precision(self.settings, self.device, work)
        moments = moments_of(self._optimizer)
        # Channels last is the layout in which convolutions are fastest, on the CPU too.
        self.network.to(self.device).to(memory_format=torch.channels_last)
        self._optimizer = make_optimizer(self.network, self.settings)
        set_moments(self._optimizer, moments)
        self._images = self.dataset.train.images.to(self.device)
        self._labels = self.dataset.train.labels.to(self.device)
        self._generator = Generator(self.device)
        self._order, self._order_of = torch.empty(0), -1

    @property
    def epoch(self) -> float:
        """Epochs done, with the part of the present one."""
        return self.epoch_at(self.position)

    def epoch_at(self, position: Position) -> float:
        """Epochs done at `position`, with the part of its epoch."""
        return position.epoch + position.offset / self._size

    def images_left(self, position: Position) -> int:
        """Images still to learn from after `position`."""
        in_all = max(1, round(self.settings.epochs * self._size))
        return max(0, in_all - position.epoch * self._size - position.offset)

    @property
    def steps(self) -> int:
        """The step at which the run will end, with the batch size now in force."""
        batch, size = self.settings.batch_size, self._size
        epochs, rest = divmod(self.images_left(self.position), size)
        return self.position.step + epochs * -(-size // batch) + -(-rest // batch)

    @property
    def is_done(self) -> bool:
        """Whether all epochs are over."""
        return self.images_left(self.position) == 0

    def step(self) -> Outcome:
        """Update the weights once. A RuntimeError on the way leaves weights and position."""
        started = time.perf_counter()
        settings, where = self.settings, self.position
        index = self._order_now()[where.offset : where.offset + settings.batch_size]
        originals, labels = self._images[index], self._labels[index]
        fed = as_input(originals)
        if self.augment is not None:
            self._generator.manual_seed(mix(settings.seed, "augmentation", where.step))
            fed = self.augment(fed, self._generator)
            fed = fed.contiguous(memory_format=torch.channels_last)
        left = self.images_left(where)
        done = where.epoch * self._size + where.offset
        rate = rate_at(settings, done / (done + left))
        logits, loss = self._update(fed, labels, rate)
        with torch.no_grad():
            if settings.label_smoothing:
                loss = functional.cross_entropy(logits, labels)
            right = (logits.argmax(1) == labels).sum()
        self.batch = Batch(originals, fed, labels)
        self._move_on(len(index), time.perf_counter() - started)
        return Outcome(self.position, rate, loss.detach(), right, len(index))

    def _update(self, fed: Tensor, labels: Tensor, rate: float) -> tuple[Tensor, Tensor]:
        """Return the logits before the update (N, classes) and the loss that was minimised."""
        self.network.reseed(mix(self.settings.seed, "dropout", self.position.step))
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.zero_grad()
        mixed = self.precision != torch.float32
        with self._exactness():
            with torch.autocast(self.device.type, self.precision, enabled=mixed):
                logits = self.network(fed).float()
            smoothing = self.settings.label_smoothing
            loss = functional.cross_entropy(logits, labels, label_smoothing=smoothing)
            loss.backward()
            self._optimizer.step()
            self.network.hold()
        return logits, loss

    def add_seconds(self, seconds: float) -> None:
        """Count time in which the device still worked on the last steps."""
        self.position = replace(self.position, seconds=self.position.seconds + seconds)

    def release(self) -> None:
        """Let go of gradients and of what the device keeps for reuse, after running short."""
        self._optimizer.zero_grad()
        for moments in self._optimizer.state.values():
            if "step" in moments and not moments["step"]:
                moments.clear()  # it ran short while they were made
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def change(self, name: str, value: Any) -> None:
        """Put a new value of `Controls.change` in force; raise CannotTrain if it does not suit."""
        if name == "augmentation":
            self.augment = value
        elif name == "dropout":
            if dropout_of(self.spec) is None:
                raise CannotTrain("This network has no dropout layer, so there is none to change.")
            self.spec = with_dropout(self.spec, value)
            self.network.set_dropout(self.spec)
        else:
            settings = replace(self.settings, **{name: value})
            check(self.dataset, self.spec, settings)
            if name == "device":
                self.move(value)
            self.settings = settings

    def value(self, name: str) -> str:
        """Return the present value of what `change` can change, as text."""
        if name == "augmentation":
            if isinstance(self.augment, Pipeline):
                return self.augment.label
            return "on" if self.augment else "none"
        value = dropout_of(self.spec) if name == "dropout" else getattr(self.settings, name)
        return f"{value:g}" if isinstance(value, float) else f"{value}"

    def state(self, log: Log, copy: bool = False) -> RunState:
        """Return the run as it stands; without `copy` its tensors go on changing."""
        weights = {name: x.detach() for name, x in self.network.state_dict().items()}
        moments = moments_of(self._optimizer)
        if copy:
            weights = {name: x.clone() for name, x in weights.items()}
            moments = {name: x.clone() for name, x in moments.items()}
        return RunState(
            spec=self.spec,
            shape=self.shape,
            class_names=self.dataset.class_names,
            settings=self.settings,
            augmentation=self.augment if isinstance(self.augment, Pipeline) else None,
            data=self._data,
            position=self.position,
            weights=weights,
            moments=moments,
            log=log,
        )

    def restore(self, state: RunState) -> None:
        """Stand where `state` was taken, on the present device.

        Raises CannotTrain when the data are others.
        """
        if state.data != self._data or state.position.offset >= self._size:
            raise CannotTrain(
                "The checkpoint was made with other data; choose the same data to go on with it."
            )
        self.settings = replace(state.settings, device=self.settings.device)
        self.spec, self.position = state.spec, state.position
        # That there was none is kept too. Only a bare function, which no state holds, stays.
        if state.augmentation is not None or isinstance(self.augment, Pipeline):
            self.augment = state.augmentation
        self.network.load_state_dict(state.weights)
        self.network.set_dropout(state.spec)
        self._optimizer = make_optimizer(self.network, self.settings)
        set_moments(self._optimizer, state.moments)

    def _order_now(self) -> Tensor:
        """The order of the images in this epoch, int64 (N,)."""
        epoch = self.position.epoch
        if self._order_of != epoch:
            generator = Generator().manual_seed(mix(self.settings.seed, "order", epoch))
            order = torch.randperm(self._size, generator=generator)
            self._order, self._order_of = order.to(self.device), epoch
        return self._order

    def _move_on(self, count: int, seconds: float) -> None:
        where, size = self.position, self._size
        offset = where.offset + count
        # A last batch of one image has no deviation for batch norm to divide by.
        is_over = offset >= size or (offset == size - 1 and self.settings.batch_size > 1)
        self.position = Position(
            step=where.step + 1,
            epoch=where.epoch + is_over,
            offset=0 if is_over else offset,
            seconds=where.seconds + seconds,
            images=where.images + count,
        )

    def _exactness(self) -> AbstractContextManager[None]:
        """Fix cuDNN's choice of algorithms; the processor repeats itself as it is."""
        if self.device.type != "cuda":
            return nullcontext()
        exact = self.settings.deterministic
        return torch.backends.cudnn.flags(enabled=True, benchmark=not exact, deterministic=exact)


def mix(seed: int, purpose: str, number: int) -> int:
    """Return a seed of its own for each `purpose` and `number`, so that nothing is correlated."""
    digest = hashlib.blake2b(f"{seed}/{purpose}/{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1
