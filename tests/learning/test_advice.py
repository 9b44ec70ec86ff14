"""What is wrong with a network is said at the layer, and every button helps."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualizer.learning.advice import check, training_bytes
from visualizer.learning.layers import (
    CLASSES,
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Dropout,
    FixedFilter,
    Flatten,
    GlobalAverage,
    Pool,
    Skip,
)
from visualizer.learning.networks import PRESETS, NetworkSpec, table
from visualizer.learning.practice import hints

IMAGE = (1, 28, 28)
END = (Flatten(), Dense(CLASSES))
SOBEL = FixedFilter(0, (((1, 0, -1),) * 3,))


def net(*layers) -> NetworkSpec:
    return NetworkSpec("test", layers)


@pytest.mark.parametrize("key", PRESETS)
def test_the_presets_have_no_problem(key):
    checked = check(PRESETS[key], IMAGE, 10)
    assert checked.problem is None
    assert checked.rows == table(PRESETS[key], IMAGE, 10)


@pytest.mark.parametrize(
    ("spec", "layer", "buttons"),
    [
        (net(*[Pool()] * 5, *END), "pool5", ["Remove pool5"]),
        (net(Pool(7, 7), Convolution(4, 5), *END), "conv1", ["Padding “same”", "Kernel 3×3"]),
        (
            net(Pool(7, 7), Convolution(4, 5, stride=2), *END),
            *("conv1", ["Padding 2", "Kernel 3×3", "Remove pool1"]),
        ),
        (
            net(Convolution(4), Dense(CLASSES)),
            *("dense1", ["Put a flatten before it", "Put a global average before it"]),
        ),
        (net(Flatten(), Convolution(4), Dense(CLASSES)), "conv1", ["Put it before flatten1"]),
        (net(GlobalAverage(), Pool(), Dense(CLASSES)), "pool1", ["Put it before mean1"]),
        (net(Convolution(4), Convolution(6, groups=3), *END), "conv2", ["Use one group"]),
        (net(Convolution(4), Convolution(6, groups=4), *END), "conv2", ["Use 2 groups"]),
        (net(Convolution(4, 5, fixed=(SOBEL,)), *END), "conv1", ["Let its fixed filters go"]),
        (
            net(Convolution(4), Skip((Convolution(4),)), *END),
            *("add1", ["Padding “same” inside"]),
        ),
        (
            net(Convolution(4), Skip((Convolution(8, padding=1),)), *END),
            *("add1", ["Use 4 filters", "Add a 1×1 projection"]),
        ),
        (
            net(Convolution(4), Skip((Convolution(8, stride=2, padding=1),)), *END),
            *("add1", ["Add a 1×1 projection, stride 2", "Take the skip away"]),
        ),
        (
            net(Convolution(4), Skip((Convolution(8, 5),)), *END),
            *("add1", ["Padding “same” and 4 filters", "Padding “same” and a 1×1 projection"]),
        ),
        (net(Flatten(), Dense(7)), "dense1", ["Give it 10 units"]),
        (net(Flatten()), "flatten1", ["Add a dense layer for the classes"]),
        (net(Convolution(4)), "conv1", ["Add a flatten and a dense layer"]),
        (net(Convolution(10, 1)), "conv1", ["Add a global average"]),
        (net(), "", ["Add a dense layer"]),
        (
            net(Convolution(64), Flatten(), Dense(60_000), Dense(CLASSES)),
            *("dense1", ["Global average instead of flatten"]),
        ),
        (net(Flatten(), Dense(60_000), Dense(60_000), Dense(CLASSES)), "dense2", ["Use 15,000"]),
    ],
)
def test_a_problem_names_the_layer_and_offers_what_helps(spec, layer, buttons):
    checked = check(spec, IMAGE, 10)
    assert checked.problem.layer == layer
    offered = [remedy.text for remedy in checked.problem.remedies]
    for text in buttons:
        assert any(button.startswith(text) for button in offered), offered
    fitting = len(spec.nodes()) - len(checked.rows)
    for remedy in checked.problem.remedies:
        after = check(remedy.spec, IMAGE, 10)
        left = len(remedy.spec.nodes()) - len(after.rows)
        lighter = training_bytes(after.rows, 1) < training_bytes(checked.rows, 1)
        assert after.problem is None or left < fitting or lighter, remedy.text


def test_only_the_last_layer_is_offered_as_many_units_as_there_are_classes():
    spec = net(Convolution(64), Flatten(), Dense(60_000), Dense(CLASSES))
    problem = check(spec, IMAGE, 10).problem
    assert problem.layer == "dense1"
    assert not any("10 units" in remedy.text for remedy in problem.remedies)


def test_too_many_parameters_can_be_mended_where_the_maps_take_most_of_the_memory():
    layers = [Convolution(64, padding="same"), Activation()] * 40
    spec = net(*layers, *END)
    problem = check(spec, (3, 224, 224), 1000, 100).problem
    assert "more than the 200,000,000" in problem.sentence
    assert [r.text for r in problem.remedies] == ["Global average instead of flatten"]


def test_what_does_not_fit_into_the_memory_is_said_with_the_layer_that_takes_most():
    spec = PRESETS["textbook"]
    rows = table(spec, IMAGE, 10)
    needed = training_bytes(rows, 100)
    weights = sum(row.parameters for row in rows)
    assert needed == 4 * (7 * weights + 2 * 100 * sum(row.size for row in rows))
    assert check(spec, IMAGE, 10, 100, needed).problem is None
    problem = check(spec, IMAGE, 10, 100, needed - 1).problem
    assert "0.2 GB" in problem.sentence and problem.layer == "dense1" and problem.remedies


@given(data=st.data())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_layers_in_any_order_can_be_mended_by_pressing_buttons(data):
    layers = st.sampled_from(
        [
            Convolution(4), Convolution(6, 4, groups=2), Pool(), Pool(3, 3), Flatten(), Dense(9),
            GlobalAverage(), Activation(), BatchNorm(), Dropout(0.5), Skip((Convolution(5),)),
        ]
    )  # fmt: skip
    spec = net(*data.draw(st.lists(layers, max_size=7)))
    for _ in range(30):
        problem = check(spec, (1, 20, 20), 5).problem
        if problem is None:
            break
        assert problem.remedies, problem.sentence
        spec = problem.remedies[0].spec
    assert table(spec, (1, 20, 20), 5)[-1].output == (5,)


@pytest.mark.parametrize(
    ("spec", "layer", "words"),
    [
        (net(Convolution(4, 4), *END), "conv1", "odd"),
        (net(Convolution(8), Activation(), Convolution(4), *END), "conv2", "fewer filters"),
        (net(Convolution(8), Activation(), Dropout(0.5), Pool(), *END), "dropout1", "after"),
        (net(Convolution(8), Convolution(8), Activation(), *END), "conv2", "bends"),
        (net(Flatten(), Dense(9), BatchNorm(), Dense(CLASSES)), "dense2", "bends"),
        (net(*END, Activation()), "relu1", "softmax"),
        (net(Convolution(64), Activation(), Flatten(), Dense(500), Activation(), Dense(CLASSES)),
         "dense1", "parameters"),
    ],
)  # fmt: skip
def test_good_practice_is_hinted_at_and_the_button_does_it(spec, layer, words):
    found = hints(spec, table(spec, IMAGE, 10))
    (hint,) = [finding for finding in found if finding.layer == layer]
    assert words in hint.sentence
    for remedy in hint.remedies:
        before, after = (table(s, IMAGE, 10) for s in (spec, remedy.spec))
        lighter = training_bytes(after, 1) < 0.5 * training_bytes(before, 1)
        left = [finding.sentence for finding in hints(remedy.spec, after)]
        assert hint.sentence not in left or lighter


def test_a_usual_network_needs_no_hint():
    assert hints(PRESETS["quick"], table(PRESETS["quick"], IMAGE, 10)) == ()
    textbook = PRESETS["textbook"]
    assert [finding.layer for finding in hints(textbook, table(textbook, IMAGE, 10))] == [
        *("dense1", "dense2"),
    ]
