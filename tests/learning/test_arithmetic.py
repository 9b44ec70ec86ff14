"""The arithmetic of one number: equal to what torch computes, for every kind of layer."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from visualizer.learning.arithmetic import chain, explain
from visualizer.learning.cells import (
    LOSS,
    SOFTMAX,
    ActivationCell,
    AddCell,
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
    Flatten,
    GlobalAverage,
    Pool,
    Resize,
    Skip,
)
from visualizer.learning.modules import build
from visualizer.learning.networks import NetworkSpec
from visualizer.learning.receptive_field import receptive_fields
from visualizer.learning.wiring import INPUT

FEW = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
CLASSES_DRAWN = 4


def lively(spec, shape, seed, classes=CLASSES_DRAWN):
    """Return a network of `spec` whose every number is another, running figures included."""
    generator = torch.Generator().manual_seed(seed)
    mean, std = torch.rand(2, shape[0], generator=generator) / 2 + 0.1
    network = build(spec, shape, classes, mean, std, seed).eval()
    for name, x in network.state_dict().items():
        if name.endswith("running_var"):
            x.uniform_(0.3, 2, generator=generator)
        elif name.endswith("running_mean") or (".norm" in name and x.ndim):
            x.uniform_(-1, 1, generator=generator)
    return network


def smooth(spec):
    """Return `spec` without what has no slope for some numbers: winners, kinks, saturation."""

    def changed(layer):
        if isinstance(layer, Skip):
            return Skip(tuple(map(changed, layer.block)), tuple(map(changed, layer.shortcut)))
        if isinstance(layer, Pool):
            return replace(layer, pooling="average")
        return Activation("identity") if isinstance(layer, Activation) else layer

    return replace(spec, layers=tuple(map(changed, spec.layers)))


def frozen_of(spec, shape, seed, label=1, classes=CLASSES_DRAWN):
    return freeze(lively(spec, shape, seed, classes), 3, probe_of(shape, seed), label)


def probe_of(shape, seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, shape, generator=generator).to(torch.uint8)


def value_at(frozen, place):
    known = frozen.probabilities if place.layer == SOFTMAX else frozen.values[place.layer]
    return float(known[place.at])


def draw_place(data, frozen, name):
    sizes = frozen.probabilities.shape if name == SOFTMAX else frozen.values[name].shape
    return Place(name, tuple(data.draw(st.integers(0, size - 1)) for size in sizes))


@FEW
@given(st.data(), st.integers(0, 999))
def test_every_layers_arithmetic_equals_the_tensors(any_network, data, seed):
    case = data.draw(any_network)
    frozen = frozen_of(case.spec, case.shape, seed, classes=case.classes)
    for name in (*frozen.values, SOFTMAX):
        place = draw_place(data, frozen, name)
        cell = explain(frozen, place)
        assert cell.place == place
        assert cell.agrees, (cell, cell.output - cell.tensor)
        assert cell.slack < 1e-3 * max(1, abs(cell.output))
        for source in cell.sources():
            assert source.layer in cell.before
            value_at(frozen, source)  # it is there
    loss = explain(frozen, Place(LOSS, ()))
    assert loss.agrees and loss.sources() == (Place(SOFTMAX, (1,)),)


@FEW
@given(st.data(), st.integers(0, 999))
def test_receptive_fields_are_where_the_gradient_is_not_zero(any_network, data, seed):
    case = data.draw(any_network)
    network = lively(smooth(case.spec), case.shape, seed, case.classes).double()
    for parameter in network.parameters():  # all weights positive: nothing cancels out
        parameter.data.abs_().add_(0.01)
    probe = probe_of(case.shape, seed)
    frozen = freeze(network, 0, probe)
    place = draw_place(data, frozen, data.draw(st.sampled_from([*frozen.values])))
    image = (probe[None].double() / 255).requires_grad_()
    values = {INPUT: network.normalise(image), **dict(network.activations(image))}
    (slopes,) = torch.autograd.grad(values[place.layer][0][place.at], image)
    support = slopes[0].abs() > 1e-12 * slopes.abs().max()  # a resize leaves crumbs at its edge
    fields = receptive_fields(frozen, place)
    assert fields[0].layer == place.layer and fields[-1].layer == INPUT
    np.testing.assert_array_equal(fields[-1].mask, support.numpy())


def test_a_chain_tells_convolution_norm_and_activation_as_one():
    layers = (Convolution(3, 3), BatchNorm(), Activation("relu"), Flatten(), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (2, 6, 6), 0)
    conv, norm, relu = chain(frozen, Place("relu1", (1, 2, 3)))
    assert isinstance(conv, ConvolutionCell) and isinstance(norm, NormCell)
    assert isinstance(relu, ActivationCell)
    assert conv.sum.patches.shape == (2, 3, 3)
    assert conv.sum.plane_sums.sum() + conv.sum.bias == pytest.approx(conv.output)
    assert norm.x == conv.tensor and relu.x == norm.tensor
    assert norm.normalised * norm.scale + norm.shift == pytest.approx(norm.output)
    assert len(conv.sources()) == 18 and conv.sources()[0] == Place(INPUT, (0, 2, 3))


def test_padding_feeds_no_cell():
    layers = (Convolution(1, 3, padding=1), Flatten(), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (1, 5, 5), 0)
    corner = explain(frozen, Place("conv1", (0, 0, 0)))
    assert isinstance(corner, ConvolutionCell)
    assert {p.at for p in corner.sources()} == {(0, i, j) for i in (0, 1) for j in (0, 1)}
    assert (corner.sum.patches[0, 0] == 0).all() and not corner.sum.inside[0].any()


def test_a_pooling_window_names_its_winner():
    layers = (Pool(2, 2), Flatten(), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (1, 6, 6), 5)
    pool = explain(frozen, Place("pool1", (0, 1, 2)))
    assert isinstance(pool, PoolCell) and pool.winner is not None
    assert pool.window[pool.winner] == pool.window.max() == pool.tensor
    row, column = pool.winner
    assert frozen.values[INPUT][0, pool.rows[row], pool.columns[column]] == pool.tensor


def test_a_padded_maximum_never_takes_the_padding():
    frozen = frozen_of(NetworkSpec("n", (Pool(3, 1, padding=1), Flatten(), Dense(CLASSES))),
                       (1, 5, 5), 5)  # fmt: skip
    pool = explain(frozen, Place("pool1", (0, 0, 0)))
    assert pool.agrees and pool.rows.tolist() == [-1, 0, 1] and pool.window[0, 0] == -math.inf
    assert len(pool.sources()) == 4 and 0 not in pool.winner


def test_a_skip_connection_adds_two_numbers_of_one_place():
    skip = Skip((Convolution(2, 3, padding=1), Activation()))
    layers = (Convolution(2, 3), skip, Flatten(), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (1, 8, 8), 0)
    add = explain(frozen, Place("add1", (1, 2, 3)))
    assert isinstance(add, AddCell) and add.x + add.around == add.output and add.agrees
    assert add.sources() == (Place("relu1", (1, 2, 3)), Place("conv1", (1, 2, 3)))
    fields = {field.layer: field for field in receptive_fields(frozen, add.place)}
    assert fields["conv1"].box == (1, 2, 3, 3) and fields[INPUT].box == (1, 2, 5, 5)


def test_a_filter_of_a_group_sees_only_its_own_channels():
    layers = (Convolution(6, 1), Convolution(4, 3, groups=2), Flatten(), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (1, 6, 6), 0)
    conv = explain(frozen, Place("conv2", (2, 0, 0)))
    assert conv.channels.tolist() == [3, 4, 5] and conv.agrees
    (_, before, _) = receptive_fields(frozen, conv.place)
    assert before.mask.any((1, 2)).tolist() == [False] * 3 + [True] * 3


def test_a_flattened_number_and_the_largest_terms_of_a_unit_can_be_followed():
    layers = (Convolution(3, 2), Flatten(), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (1, 5, 5), 0)
    dense = explain(frozen, Place("dense1", (3,)))
    assert isinstance(dense, DenseCell)
    sizes = np.abs(dense.products[dense.order])
    assert (np.diff(sizes) <= 0).all()
    assert dense.total + dense.bias == pytest.approx(dense.tensor, abs=1e-5)
    flat = explain(frozen, dense.sources()[dense.order[0]])
    assert isinstance(flat, FlattenCell) and flat.shape == (3, 4, 4)
    assert flat.sources()[0].layer == "conv1"


def test_softmax_adds_its_exponentials_and_the_loss_is_minus_the_logarithm():
    layers = (Flatten(), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (1, 4, 4), 0, label=2)
    softmax = explain(frozen, Place(SOFTMAX, (2,)))
    assert softmax.shift == 0
    assert softmax.exponentials[2] / softmax.total == softmax.output
    loss = explain(frozen, Place(LOSS, ()))
    assert loss.output == pytest.approx(-math.log(softmax.output))
    assert loss.sources() == (Place(SOFTMAX, (2,)),)


def test_logits_too_large_for_an_exponential_are_shifted_first():
    network = lively(NetworkSpec("n", (Flatten(), Dense(CLASSES))), (1, 4, 4), 0)
    with torch.no_grad():
        network.layers["dense1"].bias.copy_(torch.tensor([0.0, 900.0, 902.0, -900.0]))
    frozen = freeze(network, 0, torch.zeros(1, 4, 4, dtype=torch.uint8), 3)
    softmax = explain(frozen, Place(SOFTMAX, (1,)))
    assert softmax.shift > 0 and softmax.agrees
    loss = explain(frozen, Place(LOSS, ()))
    assert loss.probability == 0 and loss.agrees and loss.output > 1700


def test_a_diverged_network_is_explained_too():
    network = lively(NetworkSpec("n", (Flatten(), Dense(CLASSES))), (1, 4, 4), 0)
    with torch.no_grad():
        network.layers["dense1"].weight.fill_(math.nan)
    frozen = freeze(network, 0, torch.ones(1, 4, 4, dtype=torch.uint8), 3)
    for place in (Place("dense1", (0,)), Place(SOFTMAX, (1,)), Place(LOSS, ())):
        cell = explain(frozen, place)
        assert math.isnan(cell.output) and cell.agrees


def test_without_a_label_the_most_likely_class_is_told():
    frozen = frozen_of(NetworkSpec("n", (Flatten(), Dense(CLASSES))), (1, 4, 4), 0, label=None)
    loss = explain(frozen, Place(LOSS, ()))
    assert loss.target == int(frozen.probabilities.argmax()) and loss.agrees


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_receptive_field_covers_the_whole_window_of_any_pooling(pooling):
    layers = (Convolution(2, 3), Pool(2, 2, pooling), Flatten(), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (1, 8, 8), 0)
    own, conv, image = receptive_fields(frozen, Place("pool1", (1, 0, 2)))
    assert own.box == (0, 2, 1, 1) and conv.box == (0, 4, 2, 2) and image.box == (0, 4, 4, 4)
    assert not conv.mask[0].any()  # a pool looks at its own channel only


def test_everything_is_seen_by_the_answer():
    layers = (Resize(9, 4), Convolution(2, 3), GlobalAverage(), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (1, 8, 8), 0)
    for layer, at in (("dense1", (0,)), (SOFTMAX, (0,)), (LOSS, ())):
        fields = receptive_fields(frozen, Place(layer, at))
        assert fields[-1].layer == INPUT and fields[-1].box == (0, 0, 8, 8)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_torchs_own(name):
    layers = (Flatten(), Activation(name), Dense(CLASSES))
    frozen = frozen_of(NetworkSpec("n", layers), (1, 4, 4), 1)
    for i in range(16):
        cell = explain(frozen, Place(f"{name}1", (i,)))
        assert cell.agrees and cell.output == pytest.approx(cell.tensor, abs=1e-6)


def test_there_are_as_many_classes_as_drawn():
    frozen = frozen_of(NetworkSpec("n", (Flatten(), Dense(CLASSES))), (1, 4, 4), 0)
    assert len(frozen.probabilities) == CLASSES_DRAWN
