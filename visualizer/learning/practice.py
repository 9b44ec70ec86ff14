"""What experience says about a network that could be built, but would not be built so."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from visualizer.learning import editing
from visualizer.learning.advice import Finding, Remedy
from visualizer.learning.layers import (
    CLASSES,
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAverage,
    Pool,
    Resize,
    Skip,
)
from visualizer.learning.networks import NetworkSpec, Row
from visualizer.learning.wiring import Node

_LARGE, _MOST_OF_ALL = 100_000, 0.8  # parameters of a dense layer, and its share of them all

# What leaves a weighted sum a weighted sum.
_LINEAR = (BatchNorm, Dropout, Flatten, GlobalAverage, Resize)


def hints(spec: NetworkSpec, rows: tuple[Row, ...]) -> tuple[Finding, ...]:
    """Return what could be better about a network whose table is `rows`, in the order of layers."""
    nodes = spec.nodes()
    found = (
        *_even_kernels(spec, nodes),
        *_shrinking(spec, nodes),
        *_dropout_before_pooling(spec, nodes),
        *_linear(spec, nodes),
        *_ending(spec, nodes),
        *_heavy(spec, nodes, rows),
    )
    places = {node.name: i for i, node in enumerate(nodes)}
    return tuple(sorted(found, key=lambda finding: places[finding.layer]))


def _even_kernels(spec: NetworkSpec, nodes: tuple[Node, ...]) -> Iterator[Finding]:
    for node in nodes:
        layer = node.layer
        if not isinstance(layer, Convolution) or all(side % 2 for side in layer.sides):
            continue
        rows, columns = (side + 1 - side % 2 for side in layer.sides)
        odd = replace(layer, kernel=(rows, columns), fixed=())
        yield Finding(
            node.name,
            f"The kernel of {node.name} has an even side, so no pixel is its middle and the "
            "padding cannot be the same all around; odd kernels are usual.",
            (Remedy(f"Kernel {rows}×{columns}", editing.replaced(spec, node.path, odd)),),
        )


def _shrinking(spec: NetworkSpec, nodes: tuple[Node, ...]) -> Iterator[Finding]:
    before: Node | None = None
    for node in nodes:
        layer = node.layer
        if not isinstance(layer, Convolution) or layer.channels == CLASSES or layer.sides == (1, 1):
            continue
        if before is not None and isinstance(before.layer, Convolution):
            more = before.layer.channels
            if layer.channels < more and len(node.path) == len(before.path) == 1:
                wider = replace(layer, channels=more)
                yield Finding(
                    node.name,
                    f"{node.name} has fewer filters ({layer.channels}) than {before.name} "
                    f"({more}): as maps become smaller, there are usually more of them.",
                    (Remedy(f"Use {more} filters", editing.replaced(spec, node.path, wider)),),
                )
        before = node


def _dropout_before_pooling(spec: NetworkSpec, nodes: tuple[Node, ...]) -> Iterator[Finding]:
    for node, after in pairwise(nodes):
        is_pair = isinstance(node.layer, Dropout) and isinstance(after.layer, Pool)
        if is_pair and after.path[:-1] == node.path[:-1]:
            behind = (*after.path[:-1], after.path[-1] + 1)
            yield Finding(
                node.name,
                f"{node.name} stands before {after.name}, which then takes many of the zeros away "
                "again; dropout is put after pooling.",
                (Remedy("Put it after", editing.moved(spec, node.path, behind)[0]),),
            )


def _linear(spec: NetworkSpec, nodes: tuple[Node, ...]) -> Iterator[Finding]:
    last: Node | None = None  # the last layer with weights, while nothing bends its sums
    for node in nodes:
        layer = node.layer
        if last is not None and node.path[:-1] != last.path[:-1]:
            last = None
        if isinstance(layer, Convolution | Dense):
            if last is not None:
                behind = (*last.path[:-1], last.path[-1] + 1)
                bent = editing.inserted(spec, behind, Activation())
                yield Finding(
                    node.name,
                    f"Nothing bends the sums between {last.name} and {node.name}, so the two do no "
                    "more than one layer could; put an activation between them.",
                    (Remedy(f"Put a ReLU after {last.name}", bent),),
                )
            last = node
        elif not isinstance(layer, _LINEAR) and not _is_mean(layer):
            last = None


def _is_mean(layer: object) -> bool:
    if isinstance(layer, Pool):
        return layer.pooling == "average"
    return isinstance(layer, Activation) and layer.name == "identity"


def _ending(spec: NetworkSpec, nodes: tuple[Node, ...]) -> Iterator[Finding]:
    for node in reversed(nodes):
        if isinstance(node.layer, Convolution | Dense | Skip):
            return
        if isinstance(node.layer, Activation) and node.layer.name != "identity":
            yield Finding(
                node.name,
                f"{node.name} comes after the last layer with weights and limits its answers; "
                "the softmax that follows takes any number.",
                (Remedy(f"Remove {node.name}", editing.removed(spec, node.path)),),
            )


def _heavy(spec: NetworkSpec, nodes: tuple[Node, ...], rows: tuple[Row, ...]) -> Iterator[Finding]:
    total = sum(row.parameters for row in rows)
    by_name = {node.name: node for node in nodes}
    for node, row in zip(nodes, rows, strict=True):
        source = by_name.get(node.sources[0])
        is_first_dense = source is not None and isinstance(source.layer, Flatten | Dropout)
        if not isinstance(node.layer, Dense) or not is_first_dense or row.parameters < _LARGE:
            continue
        has_maps = any(isinstance(other.layer, Convolution) for other in nodes)
        flat = next((other for other in nodes if isinstance(other.layer, Flatten)), None)
        if has_maps and flat is not None and row.parameters > _MOST_OF_ALL * total:
            yield Finding(
                node.name,
                f"{node.name} holds {row.parameters / total:.0%} of all parameters. A "
                f"pooling before {flat.name}, or a global average in its place, saves most.",
                (
                    Remedy(f"Pool before {flat.name}", editing.inserted(spec, flat.path, Pool())),
                    Remedy(
                        "Use a global average",
                        editing.replaced(spec, flat.path, GlobalAverage()),
                    ),
                ),
            )
