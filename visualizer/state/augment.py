"""What is chosen on the Augment page: the pipeline, and what it is shown with. Needs no torch."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from visualizer.learning.operations import Operation
from visualizer.learning.pipeline import OWN, PRESETS, Fill, Pipeline, named
from visualizer.state.model import Model

SourceKind = Literal["class", "picture", "folder"]
SOURCES: tuple[SourceKind, ...] = get_args(SourceKind)
COUNTS = (16, 25, 36, 49, 64)
LARGEST_SEED = 9999


@dataclass(frozen=True)
class AugmentSettings:
    """What the user has chosen.

    Attributes:
        pipeline: under the name of a preset while it equals one.
        source: a class of the data that the Train page learns from, the picture on show, or a
            folder of pictures.
        class_index: which class.
        folder: where the pictures are.
        index: which image of the source is on show; it wraps around.
        count: how many results are shown, one of COUNTS.
        seed: of the results.
    """

    pipeline: Pipeline = field(default_factory=lambda: PRESETS["gentle"])
    source: SourceKind = "picture"
    class_index: int = 0
    folder: str = ""
    index: int = 0
    count: int = 16
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise ValueError for what cannot be."""
        if self.source not in SOURCES or self.count not in COUNTS:
            raise ValueError("There is no such source, or no such number of results.")
        if not 0 <= self.seed <= LARGEST_SEED:
            raise ValueError(f"The seed must be from 0 to {LARGEST_SEED}, not {self.seed}.")

    @property
    def own(self) -> Pipeline:
        """The pipeline as training takes it: exactly as it is, whatever preset it equals."""
        return replace(self.pipeline, name=OWN)


class AugmentModel(Model[AugmentSettings]):
    """The Augment page's settings, with the intents that change its pipeline."""

    def __init__(self) -> None:
        super().__init__(AugmentSettings())

    def compose(self, label: str, operations: tuple[Operation, ...], merge: str = "") -> None:
        """Take other operations; ValueError with a sentence when there are too many."""
        self.put(label, replace(self.settings.pipeline, operations=operations), merge)

    def put(self, label: str, pipeline: Pipeline, merge: str = "") -> None:
        """Take another pipeline, as one undoable step."""
        self.edit(label, merge, pipeline=named(pipeline))

    def add(self, kind: str) -> None:
        """Put an operation at the end."""
        self.compose("add operation", (*self.settings.pipeline.operations, Operation.usual(kind)))

    def remove(self, index: int) -> None:
        """Take an operation out."""
        operations = self.settings.pipeline.operations
        self.compose("remove operation", operations[:index] + operations[index + 1 :])

    def move(self, index: int, to: int) -> None:
        """Put an operation at another place, `to` being its place afterwards."""
        operations = list(self.settings.pipeline.operations)
        if 0 <= to < len(operations):
            operations.insert(to, operations.pop(index))
            self.compose("move operation", tuple(operations))

    def change(self, index: int, merge: str = "", **changes: Any) -> None:
        """Give an operation another range or probability, or switch it on or off."""
        operations = list(self.settings.pipeline.operations)
        operations[index] = replace(operations[index], **changes)
        self.compose("operation", tuple(operations), merge)

    def choose_preset(self, name: str) -> None:
        """Take a preset."""
        self.put("preset", PRESETS[name])

    def fill_with(self, fill: Fill, level: float | None = None, merge: str = "") -> None:
        """Choose what lies outside the image, and the grey of a constant."""
        pipeline = self.settings.pipeline
        level = pipeline.level if level is None else level
        self.put("fill", replace(pipeline, fill=fill, level=level), merge)

    def shuffle(self, merge: str = "") -> None:
        """Draw anew: take the next seed."""
        self.edit("shuffle", merge, seed=(self.settings.seed + 1) % (LARGEST_SEED + 1))
