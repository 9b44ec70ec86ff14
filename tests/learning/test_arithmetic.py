"""The arithmetic of one number: equal to what torch computes, for every kind of layer."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visualizer.learning.arithmetic import chain, explain
from visualizer.learning.cells import (
    IMAGE,
    ActivationCell,
    ConvolutionCell,
    DenseCell,
    FlattenCell,
    NormCell,
    Place,
    PoolCell,
)
from visualizer.learning.frozen import freeze
from visualizer.learning.layers import (
    ACTIVATIONS,
    CLASSES,
    POOLINGS,
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAverage,
    Pool,
    Resize,
)
from visualizer.learning.modules import build
from visualizer.learning.networks import NetworkSpec
from visualizer.learning.receptive import receptive_fields

# torch says once that an even kernel with padding “same” costs a copy.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same':UserWarning")

FEW = settings(max_examples=60, deadline=None, database=None)
CLASSES_DRAWN = 4


@st.composite
def specs(draw, poolings=POOLINGS, activations=ACTIVATIONS):
    """Return (spec, shape): a network of every kind of layer that fits an image of `shape`."""
    whole = st.integers
    shape = (draw(whole(1, 3)), draw(whole(5, 11)), draw(whole(5, 11)))
    layers, current = [], shape
    if draw(st.booleans()):
        layers.append(Resize(draw(whole(4, 13)), draw(whole(4, 13))))
        current = layers[-1].output(current, CLASSES_DRAWN)
    pointwise = st.one_of(
        st.just(BatchNorm()), st.sampled_from(activations).map(Activation), st.just(Dropout(0.3))
    )
    for _ in range(draw(whole(0, 3))):
        convolutions = st.builds(
            Convolution, whole(1, 9), whole(1, 4), whole(1, 2), whole(0, 3), whole(1, 2)
        )
        same = st.builds(
            Convolution, whole(1, 5), whole(1, 4), st.just(1), st.just("same"), whole(1, 2)
        )
        pools = st.builds(Pool, whole(1, 3), whole(1, 3), st.sampled_from(poolings))
        for layer in [
            draw(st.one_of(convolutions, same, pools)),
            *draw(st.lists(pointwise, max_size=2)),
        ]:
            try:
                current = layer.output(current, CLASSES_DRAWN)
            except ValueError:
                continue
            layers.append(layer)
    layers.append(draw(st.sampled_from((Flatten(), GlobalAverage()))))
    for _ in range(draw(whole(0, 1))):
        layers += [Dense(draw(whole(1, 12))), *draw(st.lists(pointwise, max_size=2))]
    return NetworkSpec("drawn", (*layers, Dense(CLASSES))), shape


def lively(spec, shape, seed):
    """Return a network of `spec` whose every number is another, running figures included."""
    generator = torch.Generator().manual_seed(seed)
    mean, std = torch.rand(2, shape[0], generator=generator) / 2 + 0.1
    network = build(spec, shape, CLASSES_DRAWN, mean, std, seed).eval()
    for name, x in network.state_dict().items():
        if name.endswith("running_var"):
            x.uniform_(0.3, 2, generator=generator)
        elif name.endswith("running_mean") or (".norm" in name and x.ndim):
            x.uniform_(-1, 1, generator=generator)
    return network


def frozen_of(spec, shape, seed, label=1):
    probe = torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(seed))
    return freeze(lively(spec, shape, seed), 3, probe.to(torch.uint8), label)


def shapes_of(frozen):
    """Return the shape of every layer's output, by the index of the layer."""
    found = {i - 1: x.shape for i, x in enumerate(frozen.values)}
    last = len(frozen.spec.layers)
    return found | {last: frozen.probabilities.shape, last + 1: ()}


def value_at(frozen, place):
    if place.layer < len(frozen.spec.layers):
        return float(frozen.values[place.layer + 1][place.at])
    return float(frozen.probabilities[place.at])


@FEW
@given(st.data(), specs(), st.integers(0, 999))
def test_every_layers_arithmetic_equals_the_tensors(data, drawn, seed):
    spec, shape = drawn
    frozen = frozen_of(spec, shape, seed)
    for layer, sizes in shapes_of(frozen).items():
        at = tuple(data.draw(st.integers(0, size - 1)) for size in sizes)
        cell = explain(frozen, Place(layer, at))
        assert cell.agrees, (cell, cell.output - cell.tensor)
        assert cell.slack < 1e-3 * max(1, abs(cell.output))
        for source in cell.sources():
            assert source.layer == layer - 1
            value_at(frozen, source)  # it is there


@FEW
@given(st.data(), specs(("average",), ("tanh", "identity")), st.integers(0, 999))
def test_receptive_fields_are_where_the_gradient_is_not_zero(data, drawn, seed):
    spec, shape = drawn
    network = lively(spec, shape, seed)
    frozen = frozen_of(spec, shape, seed)
    probe = torch.from_numpy(frozen.probe)
    layer = data.draw(st.integers(IMAGE, len(spec.layers) - 1))
    sizes = frozen.values[layer + 1].shape
    place = Place(layer, tuple(data.draw(st.integers(0, size - 1)) for size in sizes))
    fields = receptive_fields(frozen, place)
    assert [f.layer for f in fields] == list(range(place.layer, IMAGE - 1, -1))
    network = network.double()  # tiny slopes must not vanish
    values = [network.normalise(probe[None].double() / 255).requires_grad_()]
    for layer in network.layers.values():
        values.append(layer(values[-1]))
    wanted = values[: place.layer + 2]
    gradients = torch.autograd.grad(wanted[-1][0][place.at], wanted, allow_unused=True)
    for field, gradient in zip(fields, reversed(gradients), strict=True):
        np.testing.assert_array_equal(field.mask, gradient[0].numpy() != 0)


def test_a_chain_tells_convolution_norm_and_activation_as_one():
    layers = (Convolution(3, 3), BatchNorm(), Activation("relu"), Flatten(), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (2, 6, 6), 0)
    conv, norm, relu = chain(frozen, Place(2, (1, 2, 3)))
    assert isinstance(conv, ConvolutionCell) and isinstance(norm, NormCell)
    assert isinstance(relu, ActivationCell)
    assert conv.sum.patches.shape == (2, 3, 3)
    assert conv.sum.plane_sums.sum() + conv.sum.bias == pytest.approx(conv.output)
    assert norm.x == conv.tensor and relu.x == norm.tensor
    assert norm.normalised * norm.scale + norm.shift == pytest.approx(norm.output)
    assert len(conv.sources()) == 18 and conv.sources()[0] == Place(IMAGE, (0, 2, 3))


def test_padding_feeds_no_cell():
    layers = (Convolution(1, 3, padding=1), Flatten(), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (1, 5, 5), 0)
    corner = explain(frozen, Place(0, (0, 0, 0)))
    assert isinstance(corner, ConvolutionCell)
    assert {p.at for p in corner.sources()} == {(0, i, j) for i in (0, 1) for j in (0, 1)}
    assert (corner.sum.patches[0, 0] == 0).all() and not corner.sum.inside[0].any()


def test_a_pooling_window_names_its_winner():
    layers = (Pool(2, 2), Flatten(), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (1, 6, 6), 5)
    pool = explain(frozen, Place(0, (0, 1, 2)))
    assert isinstance(pool, PoolCell) and pool.winner is not None
    assert pool.window[pool.winner] == pool.window.max() == pool.tensor
    row, column = pool.winner
    assert frozen.values[0][0, pool.rows[row], pool.columns[column]] == pool.tensor


def test_a_flattened_number_and_the_largest_terms_of_a_unit_can_be_followed():
    layers = (Convolution(3, 2), Flatten(), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (1, 5, 5), 0)
    dense = explain(frozen, Place(2, (3,)))
    assert isinstance(dense, DenseCell)
    sizes = np.abs(dense.products[dense.order])
    assert (np.diff(sizes) <= 0).all()
    assert dense.total + dense.bias == pytest.approx(dense.tensor, abs=1e-5)
    flat = explain(frozen, dense.sources()[dense.order[0]])
    assert isinstance(flat, FlattenCell) and flat.shape == (3, 4, 4)
    assert flat.sources()[0].layer == 0


def test_softmax_adds_its_exponentials_and_the_loss_is_minus_the_logarithm():
    layers = (Flatten(), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (1, 4, 4), 0, label=2)
    softmax = explain(frozen, Place(2, (2,)))
    assert softmax.shift == 0
    assert softmax.exponentials[2] / softmax.total == softmax.output
    loss = explain(frozen, Place(3, ()))
    assert loss.output == pytest.approx(-math.log(softmax.output))
    assert loss.sources() == (Place(2, (2,)),)


def test_logits_too_large_for_an_exponential_are_shifted_first():
    network = lively(NetworkSpec("n", (Flatten(), Dense(CLASSES))), (1, 4, 4), 0)
    with torch.no_grad():
        network.layers["dense1"].bias.copy_(torch.tensor([0.0, 900.0, 902.0, -900.0]))
    frozen = freeze(network, 0, torch.zeros(1, 4, 4, dtype=torch.uint8), 3)
    softmax = explain(frozen, Place(2, (1,)))
    assert softmax.shift > 0 and softmax.agrees
    loss = explain(frozen, Place(3, ()))
    assert loss.probability == 0 and loss.agrees and loss.output > 1700


def test_a_diverged_network_is_explained_too():
    network = lively(NetworkSpec("n", (Flatten(), Dense(CLASSES))), (1, 4, 4), 0)
    with torch.no_grad():
        network.layers["dense1"].weight.fill_(math.nan)
    frozen = freeze(network, 0, torch.ones(1, 4, 4, dtype=torch.uint8), 3)
    for place in (Place(1, (0,)), Place(2, (1,)), Place(3, ())):
        cell = explain(frozen, place)
        assert math.isnan(cell.output) and cell.agrees


def test_without_a_label_the_most_likely_class_is_told():
    frozen = frozen_of(NetworkSpec("n", (Flatten(), Dense(CLASSES))), (1, 4, 4), 0, label=None)
    loss = explain(frozen, Place(3, ()))
    assert loss.target == int(frozen.probabilities.argmax()) and loss.agrees


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_receptive_field_covers_the_whole_window_of_any_pooling(pooling):
    layers = (Convolution(2, 3), Pool(2, 2, pooling), Flatten(), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (1, 8, 8), 0)
    own, conv, image = receptive_fields(frozen, Place(1, (1, 0, 2)))
    assert own.box == (0, 2, 1, 1) and conv.box == (0, 4, 2, 2) and image.box == (0, 4, 4, 4)
    assert not conv.mask[0].any()  # a pool looks at its own channel only


def test_everything_is_seen_by_the_answer():
    layers = (Resize(9, 4), Convolution(2, 3), GlobalAverage(), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (1, 8, 8), 0)
    for layer in (3, 4, 5):
        at = (0,) if layer < 5 else ()
        fields = receptive_fields(frozen, Place(layer, at))
        assert fields[-1].layer == IMAGE and fields[-1].box == (0, 0, 8, 8)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_torchs_own(name):
    layers = (Flatten(), Activation(name), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (1, 4, 4), 1)
    for i in range(16):
        cell = explain(frozen, Place(1, (i,)))
        assert cell.agrees and cell.output == pytest.approx(cell.tensor, abs=1e-6)


def test_there_are_as_many_classes_as_drawn():
    frozen = frozen_of(NetworkSpec("n", (Flatten(), Dense(CLASSES))), (1, 4, 4), 0)
    assert len(frozen.probabilities) == CLASSES_DRAWN
