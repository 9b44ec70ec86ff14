"""What is to be trained, and how: the settings of the Train page. Needs no torch."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from visualizer.learning import pipeline as pipelines
from visualizer.learning.layers import ACTIVATIONS, POOLINGS, BadNetwork, Dropout
from visualizer.learning.networks import (
    PRESETS,
    NetworkSpec,
    dropout_of,
    from_plain,
    to_plain,
    with_activation,
    with_batch_norm,
    with_dropout,
    with_pooling,
    with_width,
)
from visualizer.learning.pipeline import OWN, Pipeline
from visualizer.learning.pipeline import PRESETS as PIPELINES
from visualizer.learning.settings import TrainingSettings
from visualizer.state.augment import AugmentModel, AugmentSettings
from visualizer.state.model import Model
from visualizer.state.network_design import Design, DesignModel

AS_DESIGNED = ""
CUSTOM = "custom"  # in place of a preset's key: the network that comes with the experiment
AUGMENTATIONS = (*PIPELINES, OWN)
WIDTHS = (0.5, 1.0, 1.5, 2.0)
SIDES = ("16", "28", "32", "48", "64", "96", "128")  # of the pictures of a folder, offered
COLOURS = ("grey", "rgb")
MOST_HISTORY_MB = 8192
LIVE = ("learning_rate", "batch_size", "dropout", "augmentation")

CLASSICS = {  # as `learning.classics` calls them, which needs torch
    "mnist": "MNIST",
    "fashion-mnist": "Fashion-MNIST",
    "kmnist": "KMNIST",
    "cifar10": "CIFAR-10",
    "svhn": "SVHN",
}

# Where data come along, what makes about 300 steps of 100; else what takes a class a while.
_EPOCHS = {"digits": 24.0, "shapes": 11.0, "mnist": 1.0, "fashion-mnist": 3.0, "kmnist": 3.0,
           "cifar10": 10.0, "svhn": 5.0, "folder": 20.0}  # fmt: skip


@dataclass(frozen=True)
class Experiment:
    """Everything a run is made from; the same experiment gives the same curves on a processor.

    Attributes:
        data: the words that name the data, as on the command line.
        network: a key of the network presets, or CUSTOM.
        custom: the network when it is the user's own, else None.
        activation, pooling: replace those of the preset; "" leaves them as designed.
        batch_norm: on, off, or None as designed.
        width: factor on the filters and units of the preset.
        dropout: share of numbers set to 0 while training.
        augmentation: a preset's name, or OWN.
        pipeline: the augmentation when it is the user's own, else None.
        optimizer, learning_rate, schedule, batch_size, epochs, weight_decay, label_smoothing,
            device, precision, deterministic, seed: as in TrainingSettings.
        history_mb: how much memory the weights of earlier steps may take, in 2²⁰ bytes.
    """

    data: tuple[str, ...] = ("digits",)
    network: str = "quick"
    activation: str = AS_DESIGNED
    pooling: str = AS_DESIGNED
    batch_norm: bool | None = None
    width: float = 1.0
    dropout: float = 0.0
    augmentation: str = "none"
    optimizer: str = "adam"
    learning_rate: float = 0.01
    schedule: str = "one-cycle"
    batch_size: int = 100
    epochs: float = _EPOCHS["digits"]
    weight_decay: float = TrainingSettings.weight_decay
    label_smoothing: float = TrainingSettings.label_smoothing
    device: str = "auto"
    precision: str = "auto"
    deterministic: bool = True
    seed: int = 0
    custom: NetworkSpec | None = None
    pipeline: Pipeline | None = None
    history_mb: int = 256

    def __post_init__(self) -> None:
        """Raise ValueError with one sentence for what cannot be."""
        if not self.data or not all(isinstance(word, str) for word in self.data):
            raise ValueError("Choose the data to learn from.")
        for name, value, allowed in (
            ("network", self.network, (*PRESETS, *([CUSTOM] if self.custom else []))),
            ("activation", self.activation, (AS_DESIGNED, *ACTIVATIONS)),
            ("pooling", self.pooling, (AS_DESIGNED, *POOLINGS)),
            ("augmentation", self.augmentation, (*PIPELINES, *([OWN] if self.pipeline else []))),
            ("batch norm", self.batch_norm, (None, True, False)),
        ):
            if value not in allowed:
                raise ValueError(f"There is no {name} {value!r}.")
        if not isinstance(self.width, int | float) or not 0 < self.width <= 4:
            raise ValueError(f"The width must be above 0 and at most 4, not {self.width!r}.")
        size = self.history_mb
        if not isinstance(size, int) or not 0 <= size <= MOST_HISTORY_MB:
            raise ValueError(
                f"The memory of the history must be from 0 to {MOST_HISTORY_MB:,} MB, not {size!r}."
            )
        Dropout(self.dropout)
        self.settings()

    @property
    def folder_reading(self) -> tuple[str, str]:
        """The side of the images and "grey" or "rgb" as chosen for a folder; "" as proposed."""
        how = self.data[2:] if self.data[0] == "folder" else ()
        side = next((word for word in how if word.isdecimal()), "")
        return side, next((word for word in how if word in COLOURS), "")

    def settings(self) -> TrainingSettings:
        """Return what the trainer is told."""
        return TrainingSettings(**{name: getattr(self, name) for name in SHARED})

    def spec(self) -> NetworkSpec:
        """Return the network with the choices made about it."""
        spec = self.design()
        if self.activation:
            spec = with_activation(spec, self.activation)  # type: ignore[arg-type]
        if self.pooling:
            spec = with_pooling(spec, self.pooling)  # type: ignore[arg-type]
        if self.batch_norm is not None:
            spec = with_batch_norm(spec, self.batch_norm)
        if self.width != 1:
            spec = with_width(spec, self.width)
        # Several dropouts keep their own rates as long as the first keeps its.
        return (
            spec if (dropout_of(spec) or 0.0) == self.dropout else with_dropout(spec, self.dropout)
        )

    def design(self) -> NetworkSpec:
        """Return the network as it was designed."""
        if self.network == CUSTOM and self.custom is not None:
            return self.custom
        return PRESETS[self.network]

    def augment(self) -> Pipeline:
        """Return what is done to training images."""
        if self.augmentation == OWN and self.pipeline is not None:
            return self.pipeline
        return PIPELINES[self.augmentation]

    def to_plain(self) -> dict[str, Any]:
        """Return it as plain values, for a file."""
        custom = None if self.custom is None else to_plain(self.custom)
        return {**asdict(replace(self, custom=None, network="quick")), "network": self.network,
                "data": list(self.data), "custom": custom}  # fmt: skip

    @classmethod
    def from_plain(cls, plain: object) -> "Experiment":
        """Return what `to_plain` gave. Raises ValueError when it is anything else."""
        names = {field.name for field in fields(cls)}
        if not isinstance(plain, dict) or not plain.keys() <= names:
            raise ValueError("This is not the description of an experiment.")
        try:
            custom = plain.get("custom") and from_plain(plain["custom"])
            own = plain.get("pipeline") and pipelines.from_plain(plain["pipeline"])
            data = tuple(plain.get("data", ()))
            return cls(**{**plain, "data": data, "custom": custom, "pipeline": own})
        except BadNetwork as error:
            raise ValueError(error.reason) from None
        except TypeError as error:
            raise ValueError(f"This is not the description of an experiment: {error}.") from None


# What an experiment has in common with the settings of the trainer.
SHARED = tuple(
    field.name for field in fields(TrainingSettings) if field.name in Experiment.__annotations__
)


class TrainingModel(Model[Experiment]):
    """The experiment to start next; while a run goes on, its live settings.

    `live` is called with the name and the value of a setting that a run can take on.

    Attributes:
        design: the network of the Network page. An experiment with it follows its changes, unless
            a run goes on.
        augment: the Augment page's choices. An experiment with its pipeline follows its changes,
            also during a run.
    """

    def __init__(self) -> None:
        super().__init__(Experiment())
        self.live: Callable[[str, Any], None] | None = None
        self.design = DesignModel()
        self.augment = AugmentModel()
        self.changed.connect(self._pass_on)
        self.augment.changed.connect(self._follow_pipeline)
        self.design.changed.connect(self._follow_design)

    def choose_data(self, words: tuple[str, ...]) -> None:
        """Learn from other data, for as long as suits them."""
        epochs = _EPOCHS.get(words[0], self.settings.epochs)
        self.edit("data", data=words, epochs=epochs)

    def read_folder(self, side: str, colour: str) -> None:
        """Make the images of the folder this large, in "grey" or "rgb"; "" as proposed."""
        words = (*self.settings.data[:2], *filter(None, (side, colour)))
        self.edit("reading of the folder", data=words)

    def choose_network(self, key: str) -> None:
        """Take another network, with its own dropout; CUSTOM is the one of the Network page."""
        if key == CUSTOM:
            self.train_design()
        else:
            rate = dropout_of(PRESETS[key]) or 0.0
            self.edit("network", network=key, dropout=rate, custom=None)

    def train_design(self) -> None:
        """Take the network of the Network page exactly as it is there."""
        self.edit("network", **_exactly(self.design.spec))

    def choose_augmentation(self, name: str) -> None:
        """Take a preset, or OWN: the pipeline of the Augment page, whose changes follow."""
        own = self.augment.settings.own if name == OWN else None
        self.edit("augmentation", augmentation=name, pipeline=own)

    def _follow_pipeline(self, before: AugmentSettings, after: AugmentSettings) -> None:
        if self.settings.augmentation == OWN and self.settings.pipeline == before.own:
            self.restore(replace(self.settings, pipeline=after.own))

    def _follow_design(self, before: Design, after: Design) -> None:
        if self.live is None and self.settings.custom == before.spec:
            self.restore(replace(self.settings, **_as_designed(after.spec)))

    def _pass_on(self, before: Experiment, after: Experiment) -> None:
        for name in LIVE:
            value = _live_value(after, name)
            if self.live is not None and value != _live_value(before, name):
                self.live(name, value)


def _live_value(experiment: Experiment, name: str) -> Any:
    return experiment.augment() if name == "augmentation" else getattr(experiment, name)


def with_network(experiment: Experiment, spec: NetworkSpec) -> Experiment:
    """Return `experiment` with the layers of `spec`, unchanged when it makes them already."""
    if experiment.spec().layers == spec.layers:
        return experiment
    return replace(experiment, **_exactly(spec))


def _exactly(spec: NetworkSpec) -> dict[str, Any]:
    return {**_as_designed(spec), "activation": AS_DESIGNED, "pooling": AS_DESIGNED,
            "batch_norm": None, "width": 1.0}  # fmt: skip


def _as_designed(spec: NetworkSpec) -> dict[str, Any]:
    return {"network": CUSTOM, "custom": spec, "dropout": dropout_of(spec) or 0.0}
