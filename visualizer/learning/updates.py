"""One update of one weight, written out as the optimizer of torch computes it.

The formulas are those of the torch documentation of SGD, Adam (Kingma and Ba, 2015) and AdamW
(Loshchilov and Hutter, 2019), with torch's default constants.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from visualizer.learning.settings import TrainingSettings

FIRST_DECAY, SECOND_DECAY, ADAM_EPSILON = 0.9, 0.999, 1e-8


@dataclass(frozen=True)
class Update:
    """What every rule has.

    Attributes:
        weight: before the step.
        gradient: ∂L/∂w.
        rate: the learning rate.
        decay: the weight decay.
    """

    weight: float
    gradient: float
    rate: float
    decay: float

    @property
    def result(self) -> float:
        """The weight after the step."""
        return self.weight - self.rate * self.gradient


@dataclass(frozen=True)
class SgdUpdate(Update):
    """Gradient descent: w − η · v, where v is the gradient, or with momentum a sum of them.

    Attributes:
        momentum: share of the old velocity that is kept.
        before: the old velocity, or None at the first step.
    """

    momentum: float
    before: float | None

    @property
    def pull(self) -> float:
        """The gradient, and the weight decay's pull to zero."""
        return self.gradient + self.decay * self.weight

    @property
    def velocity(self) -> float:
        """μ · old velocity + pull; at the first step the pull alone."""
        if not self.momentum or self.before is None:
            return self.pull
        return self.momentum * self.before + self.pull

    @property
    def result(self) -> float:
        """The weight after the step."""
        return self.weight - self.rate * self.velocity


@dataclass(frozen=True)
class AdamUpdate(Update):
    """Two averages: of the gradient and of its square. The step is their quotient.

    Attributes:
        apart: AdamW, which lets the weight decay by itself, apart from the gradient.
        first, second: the averages before the step.
        steps: how many steps there have been, this one included.
    """

    apart: bool
    first: float
    second: float
    steps: int

    @property
    def pull(self) -> float:
        """The gradient; Adam adds the weight decay's pull to it."""
        return self.gradient + (0.0 if self.apart else self.decay * self.weight)

    @property
    def mean(self) -> float:
        """m: the average of the gradients."""
        return FIRST_DECAY * self.first + (1 - FIRST_DECAY) * self.pull

    @property
    def square(self) -> float:
        """v: the average of their squares."""
        return SECOND_DECAY * self.second + (1 - SECOND_DECAY) * self.pull**2

    @property
    def corrected_mean(self) -> float:
        """m over 1 − β₁ᵗ, because it began at 0."""
        return self.mean / (1 - FIRST_DECAY**self.steps)

    @property
    def corrected_square(self) -> float:
        """v over 1 − β₂ᵗ, because it began at 0."""
        return self.square / (1 - SECOND_DECAY**self.steps)

    @property
    def decayed(self) -> float:
        """The weight, less what AdamW takes off it."""
        return self.weight * (1 - self.rate * self.decay) if self.apart else self.weight

    @property
    def result(self) -> float:
        """The weight after the step."""
        direction = self.corrected_mean / (sqrt(self.corrected_square) + ADAM_EPSILON)
        return self.decayed - self.rate * direction


def update_of(
    settings: TrainingSettings,
    rate: float,
    weight: float,
    gradient: float,
    moments: Mapping[str, float],
) -> SgdUpdate | AdamUpdate:
    """Return the update of one weight.

    Args:
        settings: which optimizer, its momentum and weight decay.
        rate: the learning rate of this step.
        weight: before it.
        gradient: ∂L/∂w.
        moments: what the optimizer remembers of this weight, by torch's names; empty: nothing yet.
    """
    if settings.optimizer == "sgd":
        before = moments.get("momentum_buffer")
        return SgdUpdate(weight, gradient, rate, settings.weight_decay, settings.momentum, before)
    return AdamUpdate(
        weight,
        gradient,
        rate,
        settings.weight_decay,
        apart=settings.optimizer == "adamw",
        first=moments.get("exp_avg", 0.0),
        second=moments.get("exp_avg_sq", 0.0),
        steps=int(moments.get("step", 0)) + 1,
    )
