"""What is wrong with a network, what would help, and what is good practice.

A remedy is a changed network that has been tried: it is offered only where it gets further.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from math import gcd

from visualizer.learning import editing
from visualizer.learning.layers import (
    CLASSES,
    BadNetwork,
    Convolution,
    Dense,
    Flatten,
    GlobalAverage,
    Layer,
    Plain,
    Pool,
    Shape,
    Skip,
)
from visualizer.learning.networks import NetworkSpec, Row, check_end, rows_of
from visualizer.learning.wiring import INPUT, Node, Path

MOST_REMEDIES = 3
# Weights, gradients, Adam's two averages, and what is kept to go back to after a divergence.
_COPIES_OF_WEIGHTS = 7
_COPIES_OF_OUTPUTS = 2  # each output and its gradient
_BYTES = 4
_LESS = 0.75  # a smaller network is offered where it takes less than this share


@dataclass(frozen=True)
class Remedy:
    """A way out.

    Attributes:
        text: on its button, such as "Put a flatten before it".
        spec: the network with it.
    """

    text: str
    spec: NetworkSpec


@dataclass(frozen=True)
class Finding:
    """Something to say about one layer.

    Attributes:
        layer: its name, or "" for the whole network.
        sentence: what, why, and what to do.
        remedies: of which each can be had by pressing a button.
    """

    layer: str
    sentence: str
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True)
class Checked:
    """A network that was looked at with images and classes in mind.

    Attributes:
        rows: of its table, as far as the layers fit.
        problem: why it cannot be built or trained, or None.
    """

    rows: tuple[Row, ...]
    problem: Finding | None


def check(
    spec: NetworkSpec, shape: Shape, classes: int, batch: int = 1, memory: int | None = None
) -> Checked:
    """Return the rows of `spec` as far as they go, and what is wrong with it.

    Args:
        spec: the network.
        shape: (C, H, W) of the images.
        classes: how many numbers are to come out.
        batch: images a step.
        memory: bytes there are for training; None: not looked at.
    """
    rows, fault = _rows(spec, shape, classes)
    if fault is not None:
        reason, layer = fault.reason, fault.layer
    else:
        needed = training_bytes(rows, batch)
        if memory is None or needed <= memory:
            return Checked(rows, None)
        layer = max(rows, key=lambda row: training_bytes((row,), batch)).name
        reason = (
            f"Training would take about {needed / 1e9:.1f} GB with {batch} images a step, more "
            f"than the {memory / 1e9:.1f} GB of this computer; {layer} takes most."
        )
    tried = _tried(spec, layer, rows, fault is not None, shape, classes, batch)
    remedies = islice(tried, MOST_REMEDIES)
    return Checked(rows, Finding(layer, reason, tuple(remedies)))


def training_bytes(rows: tuple[Row, ...], batch: int) -> int:
    """Return about how many bytes a step of training needs with Adam."""
    parameters, outputs = (sum(getattr(r, name) for r in rows) for name in ("parameters", "size"))
    return _BYTES * (_COPIES_OF_WEIGHTS * parameters + _COPIES_OF_OUTPUTS * batch * outputs)


def _rows(
    spec: NetworkSpec, shape: Shape, classes: int, *, fields: bool = True
) -> tuple[tuple[Row, ...], BadNetwork | None]:
    """Return the rows as far as they go, and why they do not go further or are no network."""
    rows: list[Row] = []
    try:
        for row in rows_of(spec, shape, classes, fields=fields):
            rows.append(row)
        check_end(tuple(rows), classes)
    except BadNetwork as fault:
        return tuple(rows), fault
    return tuple(rows), None


def _tried(
    spec: NetworkSpec,
    layer: str,
    rows: tuple[Row, ...],
    is_faulty: bool,
    shape: Shape,
    classes: int,
    batch: int,
) -> Iterator[Remedy]:
    """Yield the candidates that get further, and make nothing larger that is too large."""
    nodes = spec.nodes()
    node = next((node for node in nodes if node.name == layer), None)
    missing, size = len(nodes) - len(rows), training_bytes(rows, batch)
    shapes = {INPUT: shape} | {row.name: row.output for row in rows}
    for remedy in _candidates(spec, node, shapes, classes):
        found, fault = _rows(remedy.spec, shape, classes, fields=False)
        left = len(remedy.spec.nodes()) - len(found)
        if missing:
            is_better = left < missing
        elif rows and rows[-1].output == (classes,):  # it fits, but is too large
            is_mended = is_faulty and fault is None
            is_better = not left and (is_mended or training_bytes(found, batch) < _LESS * size)
        else:
            is_better = not left and found[-1].output == (classes,)
        if is_better:
            yield remedy


def _candidates(
    spec: NetworkSpec, node: Node | None, shapes: dict[str, Shape], classes: int
) -> Iterator[Remedy]:
    """Yield what might help, the most usual first."""
    if node is None:
        yield Remedy("Add a dense layer", replace(spec, layers=(Flatten(), Dense(CLASSES))))
        return
    entering = shapes[node.sources[0]]
    if node.name not in shapes:
        yield from _fitting(spec, node, entering, shapes)
    else:
        if node == spec.nodes()[-1]:
            yield from _ending(spec, node, shapes[node.name], classes)
        yield from _smaller(spec, node)


def _fitting(
    spec: NetworkSpec, node: Node, entering: Shape, shapes: dict[str, Shape]
) -> Iterator[Remedy]:
    """Yield what lets a layer fit what enters it."""
    layer, path = node.layer, node.path
    if isinstance(layer, Skip):
        yield from _addable(spec, layer, path, *(shapes[source] for source in node.sources))
        return
    if isinstance(layer, Dense) and len(entering) == 3:
        for added, name in ((Flatten(), "flatten"), (GlobalAverage(), "global average")):
            yield Remedy(f"Put a {name} before it", editing.inserted(spec, path, added))
    if len(entering) == 1:
        for other in reversed(spec.nodes()):
            if isinstance(other.layer, Flatten | GlobalAverage) and other.name in shapes:
                changed = _moved(spec, path, other.path)
                if changed is not None:
                    yield Remedy(f"Put it before {other.name}", changed)
                yield Remedy(f"Remove {other.name}", editing.removed(spec, other.path))
                break
    if isinstance(layer, Convolution):
        yield from _other_convolutions(spec, layer, path, entering)
    for other in reversed(spec.nodes()):
        if isinstance(other.layer, Pool) and (other.name in shapes or other.name == node.name):
            yield Remedy(f"Remove {other.name}", editing.removed(spec, other.path))
            break
    if not isinstance(layer, Dense | Pool):
        yield Remedy(f"Remove {node.name}", editing.removed(spec, path))


def _other_convolutions(
    spec: NetworkSpec, layer: Convolution, path: Path, entering: Shape
) -> Iterator[Remedy]:
    reach = max(layer.dilation * (side - 1) + 1 for side in layer.sides)
    changes: list[tuple[str, dict[str, object]]] = []
    if layer.fixed:
        changes.append(("Let its fixed filters go", {"fixed": ()}))
    if layer.groups > 1:
        groups = gcd(layer.groups, entering[0], layer.channels or layer.groups)
        changes += [(f"Use {groups} groups", {"groups": groups})] if groups > 1 else []
        changes.append(("Use one group", {"groups": 1}))
    if layer.stride == 1:
        changes.append(("Padding “same”", {"padding": "same"}))
    else:
        changes.append((f"Padding {reach // 2}", {"padding": min(63, reach // 2)}))
    if len(entering) == 3:
        room = min(entering[1:])
        side = max(1, min(*layer.sides, room) - (min(room, *layer.sides) + 1) % 2)
        changes.append((f"Kernel {side}×{side}", {"kernel": side, "dilation": 1}))
    half = layer.channels // 2
    if half:
        changes.append((f"Use {half:,} filters", {"channels": half}))
    for text, change in changes:
        changed = replace(layer, **change)  # type: ignore[arg-type]
        if changed != layer:
            yield Remedy(text, editing.replaced(spec, path, changed))


def _addable(
    spec: NetworkSpec, skip: Skip, path: Path, block: Shape, around: Shape
) -> Iterator[Remedy]:
    """Yield what makes the two branches of a skip connection alike."""
    same = tuple(
        replace(layer, padding="same") if isinstance(layer, Convolution) and layer.stride == 1
        else layer
        for layer in skip.block
    )  # fmt: skip
    differ = len(block) == len(around) == 3 and block[0] != around[0]
    kept = [("Padding “same” inside", same)] if same != skip.block else []
    if differ:
        kept.append((f"Use {around[0]} filters", _as_many(skip.block, around[0])))
    if differ and same != skip.block:
        text = f"Padding “same” and {around[0]} filters"
        kept.append((text, _as_many(same, around[0])))
    for text, row in kept:
        yield Remedy(text, editing.replaced(spec, path, replace(skip, block=row)))
    if len(block) == len(around) == 3:
        for stride in range(1, 9):
            projected = replace(skip, shortcut=(Convolution(block[0], 1, stride),))
            if _strided(around, stride) == block[1:]:
                text = "Add a 1×1 projection" + (f", stride {stride}" if stride > 1 else "")
                yield Remedy(text, editing.replaced(spec, path, projected))
                break
        else:
            projected = Skip(same, (Convolution(block[0], 1),))
            text = "Padding “same” and a 1×1 projection"
            yield Remedy(text, editing.replaced(spec, path, projected))
    yield Remedy("Take the skip away", editing.dissolved(spec, path))


def _as_many(block: tuple[Plain, ...], channels: int) -> tuple[Plain, ...]:
    """Return a block whose last convolution has so many filters."""
    for i in range(len(block) - 1, -1, -1):
        layer = block[i]
        if isinstance(layer, Convolution):
            changed = replace(layer, channels=channels, groups=1, fixed=())
            return (*block[:i], changed, *block[i + 1 :])
    return block


def _strided(shape: Shape, stride: int) -> Shape:
    return tuple(-(-size // stride) for size in shape[1:])


def _ending(spec: NetworkSpec, node: Node, output: Shape, classes: int) -> Iterator[Remedy]:
    """Yield what makes the network end with a number for each class."""
    if output == (classes,):
        return
    end, layer = (len(spec.layers),), node.layer
    if isinstance(layer, Dense):
        yield Remedy(f"Give it {classes} units", editing.replaced(spec, node.path, Dense(CLASSES)))
    if len(output) == 3:
        if output[0] == classes:
            yield Remedy("Add a global average", editing.inserted(spec, end, GlobalAverage()))
        added: tuple[Layer, ...] = (Flatten(), Dense(CLASSES))
        yield Remedy("Add a flatten and a dense layer", editing.inserted(spec, end, *added))
        added = (GlobalAverage(), Dense(CLASSES))
        yield Remedy("Add a global average and a dense layer", editing.inserted(spec, end, *added))
    else:
        yield Remedy(
            "Add a dense layer for the classes", editing.inserted(spec, end, Dense(CLASSES))
        )


def _smaller(spec: NetworkSpec, node: Node) -> Iterator[Remedy]:
    """Yield what makes the largest layer smaller."""
    layer, path = node.layer, node.path
    flat = next((n for n in spec.nodes() if n.name == node.sources[0]), None)
    if isinstance(layer, Dense):
        if flat is not None and isinstance(flat.layer, Flatten):
            yield Remedy(
                "Global average instead of flatten",
                editing.replaced(spec, flat.path, GlobalAverage()),
            )
            yield Remedy("Pool before the flatten", editing.inserted(spec, flat.path, Pool()))
        if layer.units >= 8:
            less = layer.units // 4
            yield Remedy(f"Use {less:,} units", editing.replaced(spec, path, Dense(less)))
    if isinstance(layer, Convolution) and layer.channels >= 4 and not layer.fixed:
        less = max(1, layer.channels // 4)
        changed = replace(layer, channels=less, groups=1)
        yield Remedy(f"Use {less:,} filters", editing.replaced(spec, path, changed))


def _moved(spec: NetworkSpec, path: Path, slot: Path) -> NetworkSpec | None:
    try:
        return editing.moved(spec, path, slot)[0]
    except ValueError:
        return None
