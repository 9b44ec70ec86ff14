"""The table and the receptive fields of random networks, against torch."""

import json
from dataclasses import replace

import numpy as np
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from visualizer.learning.layers import Activation, BatchNorm, Convolution, Dropout, Pool, Skip
from visualizer.learning.modules import build
from visualizer.learning.networks import (
    NetworkSpec,
    from_plain,
    has_batch_norm,
    table,
    to_plain,
    with_batch_norm,
)

calm = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@given(data=st.data())
@calm
def test_the_table_of_any_network_says_what_torch_builds(any_network, data):
    case = data.draw(any_network)
    rows = table(case.spec, case.shape, case.classes)
    network = build(case.spec, case.shape, case.classes).eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        outputs = dict(network.activations(torch.rand(1, *case.shape)))
    assert tuple(outputs) == tuple(row.name for row in rows) == case.spec.names()
    for row in rows:
        assert row.output == tuple(outputs[row.name].shape[1:]), row.name
        learned = sum(p.numel() for p in network.layers[row.name].parameters())
        assert row.parameters == learned, row.name
    assert sum(row.multiply_adds for row in rows) * 2 == counter.get_total_flops()


@given(data=st.data())
@calm
def test_the_receptive_field_is_as_large_as_the_largest_support_of_a_gradient(any_network, data):
    case = data.draw(any_network)
    spec = smooth(case.spec)
    rows = table(spec, case.shape, case.classes)
    network = build(spec, case.shape, case.classes).double().eval()
    for parameter in network.parameters():  # all weights positive: nothing cancels out
        parameter.data.abs_().add_(0.01)
    image = torch.rand(1, *case.shape, dtype=torch.float64, requires_grad=True)
    outputs = dict(network.activations(image))
    row = data.draw(st.sampled_from(rows))
    numbers = outputs[row.name][0]
    numbers = numbers.sum(0).flatten() if numbers.ndim == 3 else numbers
    each = torch.eye(len(numbers), dtype=torch.float64)
    (gradients,) = torch.autograd.grad(numbers, image, each, is_grads_batched=True)
    support = (gradients[:, 0].abs().sum(1) > 1e-12).numpy()  # (numbers, H, W)
    spans = [[extent(mask.any(axis)) for axis in (1, 0)] for mask in support]
    assert tuple(np.max(spans, axis=0)) == row.field


def extent(line) -> int:
    hit = np.flatnonzero(line)
    return int(hit[-1] - hit[0]) + 1 if len(hit) else 0


@given(data=st.data())
@calm
def test_any_network_goes_through_json_and_back_and_takes_the_choices(any_network, data):
    case = data.draw(any_network)
    spec = case.spec
    assert from_plain(json.loads(json.dumps(to_plain(spec)))) == spec
    assert not has_batch_norm(with_batch_norm(spec, False)) or _only_norms(spec)
    normed = with_batch_norm(spec, True)
    table(normed, case.shape, case.classes)


@given(data=st.data())
@calm
def test_any_network_learns_and_repeats_itself(any_network, data):
    case = data.draw(any_network)
    network = build(case.spec, case.shape, case.classes)
    images, losses = torch.rand(4, *case.shape), []
    for _ in range(2):
        network.reseed(3)
        losses.append(network(images).square().sum())
    assert torch.equal(losses[0], losses[1])
    losses[0].backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad.isfinite().all(), name


def smooth(spec: NetworkSpec) -> NetworkSpec:
    """The same network without what stops gradients for some images: winners and kinks."""

    def changed(layer):
        if isinstance(layer, Skip):
            return Skip(tuple(map(changed, layer.block)), tuple(map(changed, layer.shortcut)))
        if isinstance(layer, Activation | BatchNorm | Dropout):
            return Activation("identity")
        if isinstance(layer, Pool):
            return replace(layer, pooling="average")
        return replace(layer, groups=1) if isinstance(layer, Convolution) else layer

    return replace(spec, layers=tuple(map(changed, spec.layers)))


def _only_norms(spec: NetworkSpec) -> bool:
    """Whether a skip goes around nothing but batch norm, which then stays."""
    return any(
        isinstance(layer, Skip) and all(isinstance(x, BatchNorm) for x in layer.block)
        for layer in spec.layers
    )
