"""The layers of a network one by one: what each is called, and which outputs it takes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from visualizer.learning.layers import Layer, Plain, Skip

INPUT = "input"  # what the first layer takes: the images, normalised

# Where a layer stands: (index,) in the network, or inside the skip connection at that index
# (index, BLOCK or SHORTCUT, index there).
Path = tuple[int, ...]
BLOCK, SHORTCUT = 0, 1


@dataclass(frozen=True)
class Node:
    """A layer in its place.

    Attributes:
        name: its kind and a number that counts this kind, such as "conv2".
        layer: what it is; of a skip connection the addition at its end.
        sources: the names of the nodes whose output it takes, or INPUT. An addition takes two:
            what the layers gave, and what came around them.
        path: where it stands.
    """

    name: str
    layer: Layer
    sources: tuple[str, ...]
    path: Path


def wire(layers: Iterable[Layer]) -> tuple[Node, ...]:
    """Return a node for each layer in the order of computation, those inside a skip before it."""
    seen: Counter[str] = Counter()
    nodes: list[Node] = []

    def add(layer: Layer, sources: tuple[str, ...], path: Path) -> str:
        seen[layer.kind] += 1
        name = f"{layer.kind}{seen[layer.kind]}"
        nodes.append(Node(name, layer, sources, path))
        return name

    def chain(some: Iterable[Plain], source: str, path: Path) -> str:
        for j, layer in enumerate(some):
            source = add(layer, (source,), (*path, j))
        return source

    last = INPUT
    for i, layer in enumerate(layers):
        if isinstance(layer, Skip):
            block = chain(layer.block, last, (i, BLOCK))
            around = chain(layer.shortcut, last, (i, SHORTCUT))
            last = add(layer, (block, around), (i,))
        else:
            last = add(layer, (last,), (i,))
    return tuple(nodes)
