"""What the Network page shows of a design: table, problem, hints, and an MLP to compare with."""

from dataclasses import dataclass

from visualizer.learning.advice import Finding, check
from visualizer.learning.comparison import dense_instead, equal_mlp
from visualizer.learning.layers import Shape
from visualizer.learning.networks import NetworkSpec, Row, table
from visualizer.learning.practice import hints
from visualizer.learning.wiring import Node, Path
from visualizer.state.memory import memory_of_computer
from visualizer.state.network_design import AS_DATA, IMAGES, Design, held_by
from visualizer.state.training import Experiment
from visualizer.state.training_news import Prepared

_FALLBACK: tuple[Shape, int] = ((1, 28, 28), 10)


@dataclass(frozen=True, eq=False)
class NetworkFrame:
    """A design, looked at with its images in mind.

    Attributes:
        design: what was looked at.
        shape, classes: (C, H, W) of the images, and how many numbers come out.
        nodes: every layer.
        rows: of the table, as far as the layers fit.
        problem: why it cannot be trained, or None.
        hints: what could be better.
    """

    design: Design
    shape: Shape
    classes: int
    nodes: tuple[Node, ...]
    rows: tuple[Row, ...]
    problem: Finding | None
    hints: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether it can be trained."""
        return self.problem is None

    def name_at(self, path: Path) -> str:
        """Return the name of the layer at a path, or ""."""
        return next((node.name for node in self.nodes if node.path == path), "")

    def path_of(self, name: str) -> Path:
        """Return where a layer stands; () where there is none of this name."""
        return next((node.path for node in self.nodes if node.name == name), ())


@dataclass(frozen=True)
class Compared:
    """One network among those compared.

    Attributes:
        title: what it is.
        parameters, multiply_adds: in all.
        spec: to be taken, or None.
    """

    title: str
    parameters: int
    multiply_adds: int | None
    spec: NetworkSpec | None = None


def resolve(design: Design, experiment: Experiment, known: Prepared | None) -> NetworkFrame:
    """Look at a design with the images of the experiment in mind, or with those it names itself."""
    shape, classes = _images(design, experiment, known)
    checked = check(design.spec, shape, classes, experiment.batch_size, memory_of_computer())
    return NetworkFrame(
        design=design,
        shape=shape,
        classes=classes,
        nodes=design.spec.nodes(),
        rows=checked.rows,
        problem=checked.problem,
        hints=() if checked.problem else hints(design.spec, checked.rows),
    )


def compare(frame: NetworkFrame) -> tuple[Compared, ...]:
    """Return the design, an MLP of equal size, and dense layers in place of its convolutions."""
    if not frame.is_sound:
        return ()
    spec, shape = frame.design.spec, frame.shape
    parameters, multiply_adds = (
        sum(getattr(row, name) for row in frame.rows) for name in ("parameters", "multiply_adds")
    )
    mlp = equal_mlp(parameters, shape, frame.classes)
    rows = table(mlp, shape, frame.classes)
    return (
        Compared(spec.name, parameters, multiply_adds),
        Compared(
            mlp.name,
            sum(row.parameters for row in rows),
            sum(row.multiply_adds for row in rows),
            mlp,
        ),
        Compared(
            "Dense layers instead of convolutions", dense_instead(spec, frame.rows, shape), None
        ),
    )


def _images(design: Design, experiment: Experiment, known: Prepared | None) -> tuple[Shape, int]:
    if design.images != AS_DATA:
        return IMAGES[design.images]
    if known is not None and known.experiment.data == experiment.data:
        dataset = known.dataset
        return (dataset.channels, dataset.height, dataset.width), dataset.classes
    return held_by(experiment.data) or _FALLBACK
