"""Adding, removing, moving layers, also into and out of skip connections."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualizer.learning import editing
from visualizer.learning.layers import Activation, Convolution, Dense, Flatten, Pool, Skip
from visualizer.learning.networks import NetworkSpec

A, B, C, D = (Dense(i) for i in (1, 2, 3, 4))
SKIP = Skip((B, C), (D,))


def net(*layers) -> NetworkSpec:
    return NetworkSpec("test", layers)


def test_slots_come_in_the_order_of_the_list():
    assert editing.slots(net(A, Skip((B,)), C)) == ((0,), (1,), (1, 0, 0), (1, 0, 1), (2,), (3,))
    assert editing.slots(net(SKIP)) == (
        *((0,), (0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 1, 0), (0, 1, 1), (1,)),
    )


def test_layers_come_and_go_and_are_replaced():
    spec = net(A, SKIP)
    assert editing.inserted(spec, (1,), B) == net(A, B, SKIP)
    assert editing.inserted(spec, (1, 0, 2), A) == net(A, Skip((B, C, A), (D,)))
    assert editing.replaced(spec, (1, 1, 0), A) == net(A, Skip((B, C), (A,)))
    assert editing.layer_at(spec, (1, 0, 1)) == C and editing.layer_at(spec, (1,)) == SKIP
    assert editing.removed(spec, (1, 1, 0)) == net(A, Skip((B, C)))
    assert editing.removed(spec, (0,)) == net(SKIP)
    with pytest.raises(IndexError):
        editing.layer_at(spec, (0, 0, 0))


def test_a_skip_goes_with_the_last_layer_it_goes_around():
    assert editing.removed(net(A, Skip((B,), (C,))), (1, 0, 0)) == net(A)


def test_moving_within_a_row_into_a_skip_and_out_of_it():
    assert editing.moved(net(A, B, C), (0,), (3,)) == (net(B, C, A), (2,))
    assert editing.moved(net(A, B, C), (2,), (0,)) == (net(C, A, B), (0,))
    assert editing.moved(net(A, B, C), (1,), (1,)) == (net(A, B, C), (1,))
    assert editing.moved(net(A, SKIP), (0,), (1, 0, 1)) == (net(Skip((B, A, C), (D,))), (0, 0, 1))
    assert editing.moved(net(A, SKIP), (1, 0, 0), (0,)) == (net(B, A, Skip((C,), (D,))), (0,))
    assert editing.moved(net(Skip((B,)), A), (0, 0, 0), (2,)) == (net(A, B), (1,))
    assert editing.moved(net(A, SKIP, B), (1,), (0,)) == (net(SKIP, A, B), (0,))
    assert editing.moved(net(SKIP), (0, 0, 0), (0, 1, 1)) == (net(Skip((C,), (D, B))), (0, 1, 1))


@pytest.mark.parametrize(
    ("path", "slot"), [((1,), (0, 0, 0)), ((0,), (0, 0, 1)), ((0, 0, 0), (0, 1, 0))]
)
def test_what_cannot_be_moved_is_refused(path, slot):
    spec = net(Skip((A,), (B,)), Skip((C,)))
    with pytest.raises(ValueError, match="skip connection"):
        editing.moved(spec, path, slot)


def test_step_by_step_through_a_skip_and_back():
    spec, path = net(A, Skip((B,), (C,)), D), (0,)
    passed = []
    for _ in range(7):
        spec, path = editing.moved_by(spec, path, 1)
        passed.append(path)
    assert passed == [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (1,), (2,), (2,)]
    assert spec == net(Skip((B,), (C,)), D, A)
    for _ in range(7):
        spec, path = editing.moved_by(spec, path, -1)
    assert (spec, path) == (net(A, Skip((B,), (C,)), D), (0,))


def test_a_skip_is_put_around_layers_and_taken_away():
    spec = editing.skip_around(net(A, B, C, D), (1,), 2)
    assert spec == net(A, Skip((B, C)), D)
    assert editing.dissolved(spec, (1,)) == net(A, B, C, D)
    for path in ((1,), (1, 0, 0)):
        with pytest.raises(ValueError, match="inside another"):
            editing.skip_around(spec, path)


LAYERS = st.sampled_from([A, B, Convolution(4), Pool(), Activation(), Flatten()])
ROWS = st.lists(LAYERS, min_size=1, max_size=3).map(tuple)
SPECS = st.lists(st.one_of(LAYERS, st.builds(Skip, ROWS, st.one_of(st.just(()), ROWS))), min_size=1,
                 max_size=4).map(lambda layers: net(*layers))  # fmt: skip


@given(SPECS, st.data())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_moving_loses_and_doubles_nothing(spec, data):
    node = data.draw(st.sampled_from(spec.nodes()))
    slot = data.draw(st.sampled_from(editing.slots(spec)))
    try:
        changed, path = editing.moved(spec, node.path, slot)
    except ValueError:
        return
    assert editing.layer_at(changed, path) == node.layer
    before, after = (sorted(repr(x.layer) for x in s.nodes() if not isinstance(x.layer, Skip))
                     for s in (spec, changed))  # fmt: skip
    alone = len(node.path) == 3 and node.path[1] == 0 and len(spec.layers[node.path[0]].block) == 1
    if not alone or len(before) == len(after):  # else the way around went with the skip
        assert before == after
