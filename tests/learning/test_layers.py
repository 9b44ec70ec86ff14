"""What the layers can be told: rectangular kernels, groups, padding, skips, fixed filters."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from visualizer.learning.checkpoint import read, write
from visualizer.learning.layers import (
    CLASSES,
    POOLINGS,
    Activation,
    BadNetwork,
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
from visualizer.learning.learner import Learner
from visualizer.learning.log import Log
from visualizer.learning.modules import build
from visualizer.learning.networks import (
    NetworkSpec,
    from_plain,
    table,
    to_plain,
    with_dropout,
    with_width,
)
from visualizer.learning.settings import OPTIMIZERS, TrainingSettings

END = (Flatten(), Dense(CLASSES))
EDGE = FixedFilter(2, (((1, 0, -1), (2, 0, -2), (1, 0, -1)),), 0.25, "Sobel x")


def net(*layers) -> NetworkSpec:
    return NetworkSpec("test", (*layers, *END))


def test_what_was_written_before_there_were_groups_skips_and_padded_pools_is_still_read():
    old = [
        {"type": "Convolution", "channels": 8, "kernel": 5, "stride": 1, "padding": 2,
         "dilation": 1},
        {"type": "Pool", "window": 2, "stride": 2, "pooling": "max"},
        {"type": "Flatten"},
        {"type": "Dense", "units": 0},
    ]  # fmt: skip
    spec = from_plain({"name": "old", "layers": old})
    assert spec == NetworkSpec("old", (Convolution(8, 5, padding=2), Pool(), *END))


def test_a_square_kernel_is_one_number_however_it_was_said():
    assert Convolution(4, (3, 3)) == Convolution(4, 3)
    assert Convolution(4, [3, 5]).kernel == (3, 5)
    (row, *_) = table(net(Convolution(4, (3, 5), padding="same")), (2, 9, 9), 3)
    assert (row.kernel, row.output, row.parameters) == ("3×5", (4, 9, 9), 4 * (2 * 15 + 1))
    assert row.field == (3, 5)


def test_depthwise_convolution_has_one_plane_for_each_filter():
    rows = table(net(Convolution(6, 3, groups=6)), (6, 9, 9), 3)
    assert rows[0].parameters == 6 * (9 + 1)
    assert rows[0].multiply_adds == 6 * 49 * 9


@pytest.mark.parametrize("pooling", POOLINGS)
def test_padded_pooling_is_torchs(pooling):
    layer = build(net(Pool(3, 2, pooling, 1)), (2, 9, 8), 3).eval().layers["pool1"]
    maps = torch.randn(2, 2, 9, 8)
    padded = nn.functional.pad(maps, (1,) * 4)
    expected = {
        "max": nn.MaxPool2d(3, 2, 1)(maps),
        "average": nn.AvgPool2d(3, 2, 1)(maps),
        "l2": nn.LPPool2d(2, 3, 2)(padded),
        "stochastic": _weighted_mean(padded.clamp(min=0), 3, 2),
    }
    torch.testing.assert_close(layer(maps), expected[pooling])


def _weighted_mean(maps, window, stride):
    squares, plain = (
        nn.functional.avg_pool2d(x, window, stride) * window**2 for x in (maps**2, maps)
    )
    return squares / plain.clamp(min=1e-12)


def test_an_uneven_same_padding_is_torchs_without_its_warning():
    network = build(net(Convolution(3, (4, 3), padding="same", dilation=1)), (2, 7, 7), 2)
    ours = network.layers["conv1"]
    theirs = nn.Conv2d(2, 3, (4, 3))
    theirs.load_state_dict(ours.state_dict())
    maps = torch.randn(1, 2, 7, 7)
    torch.testing.assert_close(ours(maps), theirs(nn.functional.pad(maps, (1, 1, 1, 2))))


def test_a_skip_adds_what_goes_around():
    block = (Convolution(4, 3, padding="same"), BatchNorm(), Activation(), Convolution(4, 1))
    spec = net(Convolution(4, 3), Skip(block), Activation())
    assert spec.names() == (
        *("conv1", "conv2", "norm1", "relu1", "conv3", "add1", "relu2", "flatten1", "dense1"),
    )
    network = build(spec, (1, 8, 8), 3).eval()
    image = torch.rand(1, 1, 8, 8)
    outputs = dict(network.activations(image))
    torch.testing.assert_close(outputs["add1"], outputs["conv3"] + outputs["conv1"])
    torch.testing.assert_close(network(image), outputs["dense1"])
    assert [node.sources for node in spec.nodes()][5] == ("conv3", "conv1")


def test_a_projection_makes_the_shapes_agree():
    block = (Convolution(8, 3, stride=2, padding=1),)
    with pytest.raises(BadNetwork) as error:
        table(net(Convolution(4, 3), Skip(block)), (1, 8, 8), 3)
    assert error.value.layer == "add1"
    assert "8×3×3" in error.value.reason and "4×6×6" in error.value.reason
    projected = Skip(block, (Convolution(8, 1, stride=2),))
    spec = net(Convolution(4, 3), projected)
    assert spec.names()[:4] == ("conv1", "conv2", "conv3", "add1")
    assert build(spec, (1, 8, 8), 3)(torch.rand(2, 1, 8, 8)).shape == (2, 3)


@pytest.mark.parametrize(
    ("layer", "shape", "words"),
    [
        (Convolution(4, 3, groups=2), (3, 8, 8), ["conv1", "2 groups", "3 channels"]),
        (Convolution(3, 3, groups=2), (2, 8, 8), ["conv1", "3 filters"]),
        (Convolution(2, 3, fixed=(EDGE,)), (1, 8, 8), ["filter 3", "only 2"]),
        (Convolution(4, 3, fixed=(EDGE,)), (3, 8, 8), ["filter 3", "1×3×3", "3×3×3"]),
        (Convolution(4, 5, fixed=(EDGE,)), (1, 8, 8), ["1×3×3", "1×5×5"]),
    ],
)
def test_what_does_not_go_together_names_the_layer(layer, shape, words):
    with pytest.raises(BadNetwork) as error:
        table(net(layer), shape, 3)
    assert error.value.layer == "conv1"
    for word in words:
        assert word in error.value.reason


@pytest.mark.parametrize(
    "make",
    [
        lambda: Skip(()),
        lambda: Skip((Skip((Activation(),)),)),
        lambda: Pool(2, 2, "max", 2),
        lambda: Convolution(4, (3, 3, 3)),
        lambda: Convolution(4, groups=0),
        lambda: Convolution(4, fixed=(EDGE, EDGE)),
        lambda: FixedFilter(0, ()),
        lambda: FixedFilter(0, (((1, 2), (3,)),)),
        lambda: FixedFilter(0, (((float("nan"),),),)),
        lambda: FixedFilter(0, (((1.0,),), ((1.0, 2.0),))),
    ],
)
def test_a_layer_that_cannot_be_is_refused_with_a_sentence(make):
    with pytest.raises(ValueError, match=r"\.$"):
        make()


def test_a_description_with_a_skip_inside_a_skip_is_refused():
    plain = to_plain(net(Skip((Convolution(4, 3, padding=1),), (Convolution(4, 1),))))
    assert from_plain(json.loads(json.dumps(plain))).layers[0].shortcut == (Convolution(4, 1),)
    plain["layers"][0]["block"] = [plain["layers"][0]]
    with pytest.raises(BadNetwork):
        from_plain(plain)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_fixed_filter_keeps_its_numbers_while_the_others_learn(bars, optimizer, tmp_path):
    spec = net(Convolution(6, 3, fixed=(EDGE,)), Activation(), GlobalAverage())
    spec = replace(spec, layers=(*spec.layers[:3], Dense(CLASSES)))
    settings = TrainingSettings(
        optimizer=optimizer, batch_size=30, weight_decay=0.1, device="cpu", precision="float32"
    )
    learner = Learner(bars, spec, settings)
    layer = learner.network.layers["conv1"]
    before = layer.weight.detach().clone()
    for _ in range(4):
        learner.step()
    assert np.array_equal(layer.weight[2].detach().numpy(), np.float32(EDGE.weights))
    assert layer.bias[2].item() == 0.25
    moved = (layer.weight.detach() - before).abs().flatten(1).amax(1)
    assert (moved > 0).tolist() == [i != 2 for i in range(6)]
    write(tmp_path / "run.cnnv", learner.state(Log()))
    assert read(tmp_path / "run.cnnv").spec == spec


def test_narrower_networks_let_go_of_filters_that_are_no_longer_there():
    spec = net(Convolution(4, 3, fixed=(EDGE,)), Convolution(6, 3, groups=2))
    half = with_width(spec, 0.5)
    assert half.layers[0] == Convolution(2, 3) and half.layers[1].channels == 4
    assert with_width(spec, 2).layers[0].fixed == (EDGE,)


def test_every_dropout_keeps_its_own_rate_until_one_is_chosen_for_all(bars):
    spec = net(Convolution(4, 3), Dropout(0.1), Flatten(), Dropout(0.5))
    network = build(spec, (1, 12, 12), 3)
    network.set_dropout(spec)
    assert [network.layers[name].rate for name in ("dropout1", "dropout2")] == [0.1, 0.5]
    network.set_dropout(with_dropout(spec, 0.3))
    assert [network.layers[name].rate for name in ("dropout1", "dropout2")] == [0.3, 0.3]
