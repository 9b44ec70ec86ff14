"""Networks as data: the table against torch, the choices, the presets, files, and refusals."""

import json

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from visualizer.learning.differences import differences
from visualizer.learning.layers import (
    ACTIVATIONS,
    CLASSES,
    POOLINGS,
    Activation,
    BadNetwork,
    BatchNorm,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    Pool,
    Skip,
)
from visualizer.learning.modules import build
from visualizer.learning.networks import (
    PRESETS,
    QUICK,
    TEXTBOOK,
    NetworkSpec,
    dropout_of,
    from_plain,
    has_batch_norm,
    table,
    to_plain,
    with_activation,
    with_batch_norm,
    with_dropout,
    with_pooling,
    with_width,
)

SHAPES = [(1, 28, 28, 10), (3, 32, 32, 6), (3, 64, 48, 2)]


@pytest.mark.parametrize("key", PRESETS)
@pytest.mark.parametrize("size", SHAPES)
def test_the_table_says_what_torch_builds(key, size):
    *shape, classes = size
    rows = table(PRESETS[key], tuple(shape), classes)
    network = build(PRESETS[key], tuple(shape), classes).eval()
    image = torch.rand(1, *shape)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        outputs = dict(network.activations(image))
    assert tuple(outputs) == tuple(row.name for row in rows)
    for row in rows:
        assert row.output == tuple(outputs[row.name].shape[1:]), row.name
        assert row.size == outputs[row.name].numel()
        learned = sum(p.numel() for p in network.layers[row.name].parameters())
        assert row.parameters == learned, row.name
    # torch counts a multiply-add as two operations.
    assert sum(row.multiply_adds for row in rows) * 2 == counter.get_total_flops()


def test_the_textbook_network_has_the_parameters_the_textbook_counts():
    total = sum(row.parameters for row in table(TEXTBOOK, (1, 28, 28), 10))
    by_hand = (25 + 1) * 32 + (32 * 25 + 1) * 64 + (7 * 7 * 64 + 1) * 1000 + 1001 * 10
    assert total == by_hand


def test_the_rows_say_kernel_stride_and_padding():
    conv, relu, pool, *_ = table(PRESETS["lecture"], (1, 28, 28), 10)
    assert (conv.name, conv.kernel, conv.stride, conv.padding) == ("conv1", "3×3", "1", "same")
    assert (conv.output, conv.parameters, conv.multiply_adds) == ((8, 28, 28), 80, 8 * 784 * 9)
    assert (relu.name, relu.kernel, relu.parameters) == ("relu1", "", 0)
    assert (pool.name, pool.kernel, pool.output) == ("pool1", "2×2", (8, 14, 14))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_any_activation_can_be_chosen(activation):
    spec = with_activation(QUICK, activation)
    assert {x.name for x in spec.layers if isinstance(x, Activation)} == {activation}
    assert build(spec, (1, 28, 28), 10)(torch.rand(2, 1, 28, 28)).shape == (2, 10)


def test_batch_norm_comes_and_goes_before_each_activation_of_a_convolution():
    bare = with_batch_norm(QUICK, False)
    assert not has_batch_norm(bare)
    assert with_batch_norm(bare, True) == QUICK
    lenet = with_batch_norm(PRESETS["lenet-5"], True)
    assert lenet.names()[:4] == ("resize1", "conv1", "norm1", "tanh1")
    dense = with_batch_norm(PRESETS["mlp"], True)
    assert [type(x) for x in dense.layers[1:4]] == [Dense, BatchNorm, Activation]
    assert build(dense, (1, 8, 8), 3)(torch.rand(4, 1, 8, 8)).shape == (4, 3)


def test_dropout_is_set_or_put_before_the_last_weights():
    assert dropout_of(with_dropout(QUICK, 0.25)) == 0.25
    without = NetworkSpec("x", (Flatten(), Dense(5), Activation(), Dense(CLASSES)))
    assert dropout_of(without) is None
    assert with_dropout(without, 0.5).layers[-2:] == (Dropout(0.5), Dense(CLASSES))


def test_width_leaves_the_last_layer_alone():
    half = with_width(QUICK, 0.5)
    assert [x.channels for x in half.layers if isinstance(x, Convolution)] == [8, 16]
    assert [x.units for x in half.layers if isinstance(x, Dense)] == [64, CLASSES]
    assert table(half, (1, 28, 28), 7)[-1].output == (7,)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_every_pooling_trains_in_any_preset(pooling):
    network = build(with_pooling(QUICK, pooling), (1, 28, 28), 10)
    network.reseed(1)
    network(torch.zeros(2, 1, 28, 28)).sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad.isfinite().all(), name


def test_l2_pooling_is_torchs_norm_pooling():
    spec = NetworkSpec("l2", (Pool(3, 2, "l2"), Flatten(), Dense(CLASSES)))
    layer = build(spec, (2, 9, 9), 2).layers["pool1"]
    maps = torch.randn(4, 2, 9, 9)
    torch.testing.assert_close(layer(maps), nn.LPPool2d(2, 3, 2)(maps))


def test_stochastic_pooling_draws_in_proportion_and_averages_so_too():
    spec = NetworkSpec("s", (Pool(2, 2, "stochastic"), Flatten(), Dense(CLASSES)))
    network = build(spec, (1, 2, 2), 2)
    layer = network.layers["pool1"]
    maps = torch.tensor([[1.0, 3.0], [0.0, -5.0]]).expand(4000, 1, 2, 2)
    network.reseed(0)
    drawn = layer(maps)
    assert set(drawn.unique().tolist()) == {1.0, 3.0}
    assert (drawn == 3).float().mean().item() == pytest.approx(0.75, abs=0.03)
    layer.eval()
    assert layer(maps[:1]).item() == pytest.approx(1 * 0.25 + 3 * 0.75)
    assert layer(torch.full((1, 1, 2, 2), -1.0)).item() == 0


def test_dropout_keeps_the_mean_repeats_with_its_seed_and_leaves_torchs_generator_alone():
    spec = NetworkSpec("d", (Flatten(), Dropout(0.4), Dense(CLASSES)))
    network = build(spec, (1, 100, 100), 2)
    layer = network.layers["dropout1"]
    before = torch.get_rng_state()
    network.reseed(7)
    first = layer(torch.ones(10_000))
    network.reseed(7)
    assert torch.equal(first, layer(torch.ones(10_000)))
    assert torch.equal(before, torch.get_rng_state())
    assert first.mean().item() == pytest.approx(1, abs=0.03)
    assert (first == 0).float().mean().item() == pytest.approx(0.4, abs=0.03)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_dropout_drops_every_number_as_often(rate, kind):
    layer = build(NetworkSpec("d", (Flatten(), Dropout(rate), Dense(CLASSES))), (1, 9, 9), 2)
    layer.reseed(3)
    drop = layer.layers["dropout1"]
    shape = (2, 3, 5, 7)
    images = torch.ones(shape, dtype=kind).contiguous(memory_format=torch.channels_last)
    dropped = sum((drop(images) == 0).float() for _ in range(2000)) / 2000
    deviation = (rate * (1 - rate) / 2000) ** 0.5
    assert (dropped - rate).abs().max() < 5 * deviation
    assert dropped.mean().item() == pytest.approx(rate, abs=5 * deviation / dropped.numel() ** 0.5)
    kept = drop(images).unique().tolist()
    assert kept == pytest.approx([0, 1 / (1 - rate)], rel=0.01)


_RELU = Activation("relu")


@pytest.mark.parametrize(
    "layers",
    [
        (Convolution(3, 3), _RELU, Convolution(3, 3), BatchNorm(), _RELU, Pool()),
        (Convolution(3, 3), Activation("tanh"), _RELU, Pool(pooling="l2"), _RELU),
        (Skip((Convolution(2, 3, padding=1), _RELU)), _RELU, Convolution(2, 3)),
        (Convolution(2, 3), Skip((_RELU, Convolution(2, 3, padding=1))), _RELU),
        (_RELU, Dropout(0.5), _RELU, Activation("sigmoid"), _RELU),
        (Convolution(3, 3), _RELU, Pool(3, 2, padding=1), Convolution(2, 3), _RELU, Pool()),
        (Skip((Convolution(2, 3, padding=1), _RELU, Pool(3, 1, padding=1))), _RELU, Pool()),
        (Convolution(2, 3), _RELU, Skip((Pool(3, 1, padding=1),))),
    ],
)
def test_what_saves_work_at_a_relu_changes_no_gradient(layers):
    spec = NetworkSpec("r", (*layers, Flatten(), Dense(6), _RELU, Dense(CLASSES)))
    images = torch.rand(5, 2, 12, 12)
    gradients = []
    for saves in (True, False):
        network = build(spec, (2, 12, 12), 3)
        network.reseed(1)
        if not saves:
            network.keep_outputs()
        network(images).square().sum().backward()
        gradients.append([p.grad for p in network.parameters()])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_a_pooling_does_the_work_of_the_relu_before_it_only_while_training():
    network = build(QUICK, (1, 28, 28), 10)
    images = torch.rand(2, 1, 28, 28)
    training = {name: x.clone() for name, x in network.activations(images)}
    network.keep_outputs()
    plain = {name: x.clone() for name, x in network.activations(images)}
    pooled = [name for name in plain if name.startswith("pool")]
    assert pooled and all(torch.equal(training[name], plain[name]) for name in pooled)


def test_the_gradient_of_maps_is_laid_out_as_they_are():
    network = build(TEXTBOOK, (1, 28, 28), 10).to(memory_format=torch.channels_last)
    layouts = []
    network.layers["pool2"].register_full_backward_hook(
        lambda _pool, _entering, leaving: layouts.append(leaving[0])
    )
    images = torch.rand(2, 1, 28, 28).contiguous(memory_format=torch.channels_last)
    network(images).sum().backward()
    assert layouts[0].is_contiguous(memory_format=torch.channels_last)


def test_outside_of_training_every_output_stays_as_it_was():
    network = build(QUICK, (1, 28, 28), 10).eval()
    outputs = dict(network.activations(torch.rand(2, 1, 28, 28)))
    assert outputs["norm1"].min() < 0 and torch.equal(outputs["norm1"].relu(), outputs["relu1"])


def test_weights_come_from_the_seed_and_are_distributed_as_torchs():
    one, same, other = (build(TEXTBOOK, (1, 28, 28), 10, seed=seed) for seed in (3, 3, 4))
    weights = [network.layers["dense1"].weight for network in (one, same, other)]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])
    reference = nn.Linear(3136, 1000)
    assert weights[0].std().item() == pytest.approx(reference.weight.std().item(), rel=0.02)
    assert weights[0].abs().max().item() == pytest.approx(3136**-0.5, rel=1e-3)


def test_images_are_normalised_inside_the_network():
    mean, std = torch.tensor([0.5, 0.2, 0.1]), torch.tensor([0.25, 0.5, 1.0])
    network = build(QUICK, (3, 20, 20), 2, mean, std)
    images = torch.rand(2, 3, 20, 20)
    expected = (images - mean.view(1, 3, 1, 1)) / std.view(1, 3, 1, 1)
    torch.testing.assert_close(network.normalise(images), expected)


def test_lenet_frames_small_images_and_shrinks_large_ones():
    for size in ((28, 28), (31, 30), (64, 20)):
        network = build(PRESETS["lenet-5"], (1, *size), 10).eval()
        outputs = dict(network.activations(torch.rand(1, 1, *size)))
        assert outputs["resize1"].shape == (1, 1, 32, 32)


@pytest.mark.parametrize(
    ("layers", "shape", "words"),
    [
        (QUICK.layers, (1, 8, 8), ["conv2", "5", "larger images"]),
        ((*[Pool()] * 4, Flatten(), Dense(CLASSES)), (1, 8, 8), ["pool4", "2"]),
        ((Dense(CLASSES),), (1, 8, 8), ["dense1", "flatten"]),
        ((Flatten(), Convolution(4)), (1, 8, 8), ["conv1", "maps"]),
        ((Flatten(), Dense(11)), (1, 8, 8), ["dense1", "10 classes"]),
        ((Flatten(), Dense(60_000), Dense(60_000), Dense(CLASSES)), (1, 8, 8), ["parameters"]),
        ((), (1, 8, 8), ["layers"]),
    ],
)
def test_what_cannot_fit_is_refused_naming_the_layer(layers, shape, words):
    with pytest.raises(BadNetwork) as error:
        build(NetworkSpec("bad", tuple(layers)), shape, 10)
    for word in words:
        assert word in error.value.reason


@pytest.mark.parametrize("key", PRESETS)
def test_a_spec_goes_through_json_and_back(key):
    spec = with_dropout(with_width(PRESETS[key], 2), 0.5)
    assert from_plain(json.loads(json.dumps(to_plain(spec)))) == spec


@pytest.mark.parametrize(
    "plain",
    [
        None,
        [],
        {"name": "x"},
        {"name": 3, "layers": []},
        {"name": "x", "layers": [{"type": "Eval"}]},
        {"name": "x", "layers": [{"type": "Dense", "units": 10**12}]},
        {"name": "x", "layers": [{"type": "Dense", "units": 3, "extra": 1}]},
        {"name": "x", "layers": [{"type": "Convolution", "channels": "8"}]},
        {"name": "x", "layers": ["Dense"]},
        {"name": "x", "layers": [{"type": "Flatten"}] * 100_000},
        {"name": "x", "layers": [{"type": "Activation", "name": ["relu"]}]},
    ],
)
def test_a_description_that_is_none_is_refused(plain):
    with pytest.raises(BadNetwork):
        from_plain(plain)


def test_differences_name_the_layers():
    assert differences(QUICK, QUICK) == ()
    lines = differences(QUICK, with_activation(QUICK, "tanh"))
    assert len(lines) == 3 and "layer 4" in lines[0] and "tanh" in lines[0]
