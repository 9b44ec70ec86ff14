"""The boxes of a diagram are drawn to scale, do not stand in each other, and are connected."""

from itertools import pairwise

import pytest

from visualizer.learning.layers import (
    CLASSES,
    Activation,
    Convolution,
    Dense,
    Flatten,
    GlobalAverage,
    Pool,
    Skip,
)
from visualizer.learning.networks import PRESETS, NetworkSpec, rows_of, table
from visualizer.learning.wiring import INPUT
from visualizer.ui.widgets.diagram_layout import Law, lay_out

SHAPE = (1, 28, 28)
SKIP = NetworkSpec(
    "skip",
    (
        Convolution(8, 3, padding=1),
        Skip((Convolution(8, 3, padding=1), Activation())),
        Skip((Convolution(16, 3, stride=2, padding=1),), (Convolution(16, 1, stride=2),)),
        *(GlobalAverage(), Dense(CLASSES)),
    ),
)


def drawn(spec, aspect=0.0):
    return lay_out(spec.nodes(), table(spec, SHAPE, 10), SHAPE, aspect)


@pytest.mark.parametrize("key", PRESETS)
def test_rows_and_columns_are_to_scale(key):
    diagram = drawn(PRESETS[key])
    per_pixel = {
        round(side / n, 6)
        for body in diagram.bodies
        if len(body.shape) == 3
        for side, n in zip((body.height, body.depth), body.shape[1:], strict=True)
    }
    assert len(per_pixel) == 1 and "to scale: rows, columns" in diagram.scale


def test_what_is_compressed_keeps_its_order_and_says_so():
    spec = NetworkSpec("x", (Convolution(512, 3), Pool(26), Flatten(), Dense(CLASSES)))
    diagram = drawn(spec)
    image, conv, pool = (diagram.body(name) for name in (INPUT, "conv1", "pool1"))
    assert image.thickness < conv.thickness == pool.thickness <= 64.01
    assert pool.height >= 6.99 and "channels as n^" in diagram.scale
    assert "rows, columns as n^" in diagram.scale


def test_a_law_is_to_scale_where_it_can_be():
    law = Law.of([4, 28], (7, 150))
    assert law.power == 1 and law(28) == 150 and law(14) == 75
    squeezed = Law.of([1, 1000], (5, 64))
    assert squeezed.power < 1 and squeezed(1) == pytest.approx(5)
    assert squeezed(1000) == pytest.approx(64)
    assert Law.of([3, 3], (5, 64), most=9)(3) == 27


@pytest.mark.parametrize("spec", [*PRESETS.values(), SKIP], ids=lambda spec: spec.name)
@pytest.mark.parametrize("aspect", [0.0, 12.0])
def test_layers_stand_in_order_and_every_one_is_connected(spec, aspect):
    diagram = drawn(spec, aspect)
    line = [body for body in diagram.bodies if body.y == 0]
    for before, after in pairwise(line):
        assert after.x >= before.x + before.thickness
    nodes = spec.nodes()
    assert [body.name for body in line if body.name != INPUT] == [
        node.name for node in nodes if node.path[1:2] != (1,)
    ]
    pairs = {(link.source, link.target) for link in diagram.links}
    assert pairs == {(source, node.name) for node in nodes for source in node.sources}


def test_what_is_on_the_way_around_stands_above_the_rest():
    diagram = drawn(SKIP)
    around, block = diagram.body("conv4"), diagram.body("conv3")
    assert around.bottom < block.top
    (over,) = [x for x in diagram.links if (x.source, x.target) == ("conv1", "add1")]
    assert min(y for _, y in over.points) < min(diagram.body(n).top for n in ("conv2", "relu1"))
    assert diagram.top <= min(body.top for body in diagram.bodies)


def test_gaps_widen_until_the_room_is_used():
    narrow, wide = drawn(PRESETS["quick"]), drawn(PRESETS["quick"], 5.5)
    assert wide.width / wide.height == pytest.approx(5.5, rel=0.01) and narrow.width < wide.width


def test_behind_a_layer_that_does_not_fit_the_size_is_unknown():
    spec = NetworkSpec("x", (Pool(9, 9), Convolution(4, 9), Flatten(), Dense(CLASSES)))
    rows = [next(rows_of(spec, SHAPE, 10))]
    diagram = lay_out(spec.nodes(), rows, SHAPE)
    kinds = {body.name: body.kind for body in diagram.bodies}
    assert kinds["pool1"] == "volume"
    assert {kinds[name] for name in ("conv1", "flatten1", "dense1")} == {"unknown"}
