"""The work behind the Inspect page: opening a network, asking it. Torch is imported only inside."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from visualizer.core.ink import Kind, Seen, Step, see, usual_steps
from visualizer.core.numbers import format_share
from visualizer.learning.corrections import Corrections, digest
from visualizer.state.loading import load_learning
from visualizer.state.runs import Run, experiment_of
from visualizer.state.training import CLASSICS, Experiment

if TYPE_CHECKING:
    from visualizer.learning.datasets import DataSet
    from visualizer.learning.examined import Examined
    from visualizer.learning.explain import Heat
    from visualizer.learning.fooling import Fooled
    from visualizer.learning.modules import Network
    from visualizer.learning.moving import Sweep
    from visualizer.learning.snapshot import Snapshot

Bytes = npt.NDArray[np.uint8]

PARTS = {"train": "training", "validation": "validation", "test": "test"}

_NO_DATA = (
    "This file does not say which images its network has learned from: draw, or open a picture; "
    "there are no validation images to try it on."
)


@dataclass(frozen=True, eq=False)
class Source:
    """Where a network comes from.

    Attributes:
        key: as in `InspectSettings.network`.
        title: what to call it.
        path: of the folder or the file.
        experiment: what it was made from, or None when nothing tells.
    """

    key: str
    title: str
    path: Path
    experiment: Experiment | None = None

    @classmethod
    def of_run(cls, run: Run) -> "Source":
        """A run is called by its name, its data and its accuracy."""
        data = run.experiment.data[0]
        parts = [run.name, CLASSICS.get(data, data.capitalize())]
        if run.accuracy is not None:
            parts.append(format_share(run.accuracy))
        return cls(run.folder.name, " · ".join(parts), run.folder, run.experiment)

    @classmethod
    def of_file(cls, path: Path) -> "Source":
        """A file may lie beside the description of its run."""
        return cls(str(path), path.name, path, experiment_of(path))


@dataclass(frozen=True, eq=False)
class Subject:
    """The picture that a network is asked about.

    Attributes:
        pixels: uint8 (H, W, 1 or 3).
        kind: where it comes from: that decides which steps are usual.
        caption: what to call it.
        label: index of its class, or None when nobody knows.
        in_data: the same as the data have it, without corrections.
    """

    pixels: Bytes
    kind: Kind
    caption: str = ""
    label: int | None = None
    in_data: int | None = None


@dataclass(frozen=True, eq=False)
class Answer:
    """What a network says.

    Attributes:
        examined: who was asked.
        subject: about what.
        steps: those that were taken.
        seen: the subject as the network was given it.
        probabilities: of each class; empty when there is nothing to ask about.
        milliseconds: that the steps and the network took.
    """

    examined: "Examined"
    subject: Subject
    steps: frozenset[Step]
    seen: Seen
    probabilities: npt.NDArray[np.float64]
    milliseconds: float

    @property
    def best(self) -> int | None:
        """Index of the most probable class."""
        return int(self.probabilities.argmax()) if self.probabilities.size else None

    @property
    def network(self) -> "Network":
        """The network as it was asked."""
        return self.examined.asked("normalise" in self.steps)

    @property
    def is_photo(self) -> bool:
        """Whether this is nothing like what the network has learned from."""
        is_picture = self.subject.kind == "picture"
        return is_picture and self.examined.known.is_ink and not self.seen.is_even


def open_network(
    source: Source, known: "DataSet | None", known_as: Experiment | None
) -> "Examined":
    """Read a network and the data it has learned from.

    `known` are the data of the experiment `known_as`: they are used again where they fit. Data
    that cannot be opened are no reason not to ask the network. Raises BadCheckpoint.
    """
    load_learning()
    from visualizer.learning.examined import examine, read

    stored = read(source.path)
    experiment, dataset, why = source.experiment, None, _NO_DATA
    if experiment is not None:
        if known_as is not None and _same_data(known_as, experiment):
            dataset, why = known, ""
        else:
            dataset, why = _data(experiment)
    if dataset is not None:
        dataset = dataset.raw or dataset
    return examine(stored, source.title, dataset, why)


def ask(examined: "Examined", subject: Subject, switched: frozenset[Step]) -> Answer:
    """Prepare the subject and ask about it. `switched` are the steps that are not as is usual."""
    from visualizer.learning.examined import probabilities

    started = time.perf_counter()
    steps = usual_steps(subject.kind, examined.known, subject.pixels) ^ switched
    seen = see(subject.pixels, subject.kind, steps, examined.known)
    found = np.zeros(0)
    if not seen.is_empty:
        found = probabilities(examined.asked("normalise" in steps), seen.pixels)
    took = 1000 * (time.perf_counter() - started)
    return Answer(examined, subject, steps, seen, found, took)


def heat_of(answer: Answer, method: str, layer: str, target: int) -> "Iterator[Heat]":
    """Yield heat maps of a class, or of the answer, each better than the one before."""
    from visualizer.learning.explain import METHODS, explain, map_layers

    network, best = answer.network, answer.best
    assert best is not None
    way = next(name for name in METHODS if name == method)
    known = map_layers(network.spec, network.shape, network.classes)
    chosen = target if 0 <= target < network.classes else best
    yield from explain(network, answer.seen.pixels, chosen, way, layer if layer in known else "")


def why_not_comparable(one: "Examined", other: "Examined") -> str:
    """Return why two networks cannot be asked about the same input, "" when they can."""
    if one.network.shape != other.network.shape:
        return "The two networks take different images, and cannot be compared."
    if one.class_names != other.class_names:
        return "The two networks know different classes, and cannot be compared."
    return ""


def sweep_of(answer: Answer, rival: "Examined | None") -> "Iterator[tuple[int, Sweep]]":
    """Yield how the probability of the true class, or of the answer, bears moving the input.

    0 stands for the network that was asked, 1 for its rival, which must be comparable.
    """
    from visualizer.learning.moving import sweep

    target = answer.best if answer.subject.label is None else answer.subject.label
    assert target is not None
    yield from ((0, swept) for swept in sweep(answer.network, answer.seen.pixels, target))
    if rival is not None and not why_not_comparable(answer.examined, rival):
        network = rival.asked("normalise" in answer.steps)
        yield from ((1, swept) for swept in sweep(network, answer.seen.pixels, target))


def fooled_by(
    answer: Answer, way: str, epsilon: float, tiles: tuple[int, ...]
) -> "Iterator[Fooled]":
    """Yield the input made to fool the network, and what it says."""
    from visualizer.learning.fooling import with_noise, with_tiles

    label = answer.best if answer.subject.label is None else answer.subject.label
    assert label is not None
    if way == "tiles":
        yield with_tiles(answer.network, answer.seen.pixels, tiles)
    else:
        yield with_noise(answer.network, answer.seen.pixels, label, epsilon)


def layers_of(answer: Answer) -> "Snapshot":
    """Return what every layer makes of the input."""
    import torch

    from visualizer.learning import snapshot

    step = answer.examined.step or 0
    return snapshot.take(answer.network, step, torch.from_numpy(answer.seen.pixels), None)


def image_of(dataset: "DataSet", name: str, index: int, corrections: Corrections) -> Subject:
    """Return an image of a part, with its right label; indices wrap around."""
    part = dataset.train if name == "train" else dataset.validation
    index %= len(part)
    image, label = part.images[index].numpy(), int(part.labels[index])
    names, in_data = dataset.class_names, label
    caption = f"{PARTS[name]} #{index}, label {names[label]}"
    raw = dataset.raw or dataset
    if index >= len(raw.train if name == "train" else raw.validation):
        caption += ", your drawing"
    key = digest(image)
    change = next((c for c in corrections.changes if c.image == key), None)
    if change is not None and change.label is None:
        caption += ", left out"
    elif change is not None and change.label is not None and change.label < len(names):
        label = change.label
        caption += f", corrected to {names[label]}"
    pixels = np.ascontiguousarray(image.transpose(1, 2, 0))
    return Subject(pixels, "image", caption, label, in_data)


def _same_data(one: Experiment, other: Experiment) -> bool:
    return (one.data, one.seed) == (other.data, other.seed)


def _data(experiment: Experiment) -> "tuple[DataSet | None, str]":
    from visualizer.learning.datasets import BadData
    from visualizer.learning.sources import open_data

    try:
        return open_data(list(experiment.data), experiment.seed), ""
    except BadData as error:
        return None, error.reason
