"""One gradient step by hand: the sum over positions is autograd's, the step the optimizer's."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from visualizer.learning.by_hand import step_by_hand
from visualizer.learning.convolution_gradient import GradientExample, example
from visualizer.learning.layers import (
    CLASSES,
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    Dropout,
    FixedFilter,
    Flatten,
    Pool,
)
from visualizer.learning.modules import build
from visualizer.learning.networks import NetworkSpec
from visualizer.learning.optimizers import make_optimizer, moments_of
from visualizer.learning.settings import TrainingSettings

FEW = settings(max_examples=40, deadline=None, database=None)

NETWORK = NetworkSpec(
    "n",
    (
        *(Convolution(3, 3, padding=1), BatchNorm(), Activation("tanh"), Dropout(0.3), Pool()),
        *(Convolution(4, 2, stride=2, dilation=2), Activation("silu")),
        *(Convolution(4, 2, padding="same", groups=2), Activation(), Flatten()),
        *(Dense(5), Activation(), Dense(CLASSES)),
    ),
)
SHAPE = (2, 9, 8)
CHOICES = {
    "sgd": {"momentum": 0.0},
    "sgd with momentum and decay": {"optimizer": "sgd", "weight_decay": 0.01},
    "adam": {"weight_decay": 0.02},
    "adamw": {"weight_decay": 0.02, "label_smoothing": 0.1},
}


def choice(key):
    chosen = {"optimizer": key.split()[0], "label_smoothing": 0.0, **CHOICES[key]}
    return TrainingSettings(**chosen)


def batch(count, seed):
    generator = torch.Generator().manual_seed(seed)
    images = torch.rand(count, *SHAPE, generator=generator, dtype=torch.float64)
    return images, torch.randint(0, 3, (count,), generator=generator)


def optimizer_step(network, optimizer, images, labels, chosen, rate):
    network.reseed(chosen.seed)
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad()
    smoothing = chosen.label_smoothing
    functional.cross_entropy(network(images), labels, label_smoothing=smoothing).backward()
    optimizer.step()


@FEW
@given(st.data(), st.sampled_from(sorted(CHOICES)), st.booleans(), st.integers(0, 2))
def test_the_step_by_hand_is_the_optimizers(data, key, training, steps_before):
    chosen, rate = choice(key), 0.05
    network = build(NETWORK, SHAPE, 3, seed=1).double().train(training)
    optimizer = make_optimizer(network, chosen)
    for step in range(steps_before):
        optimizer_step(network, optimizer, *batch(6, step), chosen, rate)
    images, labels = batch(data.draw(st.integers(2, 5)), 9)
    name = data.draw(st.sampled_from(["conv1", "conv2", "conv3", "dense1", "dense2"]))
    sizes = network.layers[name].weight.shape
    at = tuple(data.draw(st.integers(0, size - 1)) for size in sizes)
    is_bias = data.draw(st.booleans())
    at, kind = (at[:1], "bias") if is_bias else (at, "weight")
    before = getattr(network.layers[name], kind)[at].item()
    made = step_by_hand(
        network, images, labels, name, at, chosen, rate, moments_of(optimizer)
    )  # fmt: skip
    assert getattr(network.layers[name], kind)[at].item() == before == made.update.weight
    assert made.is_bias == is_bias and made.products.shape == made.deltas.shape
    assert made.gradient == pytest.approx(made.tensor, rel=1e-9, abs=1e-12)
    optimizer_step(network, optimizer, images, labels, chosen, rate)
    after = getattr(network.layers[name], kind)[at].item()
    assert made.update.result == pytest.approx(after, rel=1e-9)
    network.reseed(chosen.seed)
    after = functional.cross_entropy(
        network(images), labels, label_smoothing=chosen.label_smoothing
    )
    assert made.loss_after == pytest.approx(after.item(), rel=1e-9)


def test_one_weight_alone_changes_the_loss_by_about_its_gradient():
    network, rate = build(NETWORK, SHAPE, 3, seed=1).eval(), 1e-4
    images, labels = batch(1, 0)
    made = step_by_hand(network, images, labels, "conv1", (1, 0, 2, 1), choice("sgd"), rate)
    assert made.inputs.shape == made.deltas.shape == (1, 9, 8)
    assert made.loss_alone - made.loss == pytest.approx(-rate * made.gradient**2, rel=0.01)
    assert made.loss_after < made.loss_alone < made.loss
    dense = step_by_hand(network, images, labels, "dense2", (1, 3), choice("adam"), rate)
    assert dense.inputs.shape == (1, 1, 1)
    assert abs(dense.update.result - dense.update.weight) == pytest.approx(rate, rel=1e-3)


def test_nothing_is_multiplied_where_the_weight_lies_on_padding():
    network = build(NETWORK, SHAPE, 3, seed=1).eval()
    images, labels = batch(2, 0)
    made = step_by_hand(network, images, labels, "conv1", (0, 1, 0, 0), choice("sgd"), 0.1)
    assert (made.inputs[:, 0] == 0).all() and (made.inputs[:, :, 0] == 0).all()
    np.testing.assert_allclose(made.inputs[:, 1:, 1:], images[:, 1, :-1, :-1].numpy(), rtol=1e-6)


def test_a_frozen_filter_takes_no_step():
    kernel = tuple(((0.5, -1.0), (0.25, 0.0)) for _ in range(2))
    layers = (Convolution(3, 2, fixed=(FixedFilter(1, kernel, 0.1),)), Flatten(), Dense(CLASSES))
    network = build(NetworkSpec("n", layers), SHAPE, 3, seed=1).eval()
    images, labels = batch(2, 0)
    held = step_by_hand(network, images, labels, "conv1", (1, 0, 0, 1), choice("sgd"), 0.1)
    free = step_by_hand(network, images, labels, "conv1", (0, 0, 0, 1), choice("sgd"), 0.1)
    assert held.is_fixed and held.loss_alone == held.loss and held.gradient != 0
    assert not free.is_fixed and free.loss_alone != free.loss
    assert held.loss_after == pytest.approx(free.loss_after)


@FEW
@given(st.integers(0, 10**6), st.integers(1, 6), st.data())
def test_the_gradient_of_a_convolution_is_a_convolution(seed, size, data):
    made = example(seed, size, data.draw(st.integers(1, size)))
    for ours, theirs in zip(
        (made.kernel_gradient, made.input_gradient), made.by_autograd(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    forwards = functional.conv2d(
        torch.from_numpy(made.inputs)[None, None], torch.from_numpy(made.kernel)[None, None]
    )
    np.testing.assert_array_equal(made.output, forwards[0, 0].numpy())


def test_the_kernel_is_turned_by_180_degrees_for_the_input():
    kernel = np.arange(9.0).reshape(3, 3)
    arriving = np.zeros((3, 3))
    arriving[1, 1] = 1.0
    made = GradientExample(np.zeros((5, 5)), kernel, arriving)
    # One output cell's gradient hands its kernel, as it lay, back to its window.
    np.testing.assert_array_equal(made.input_gradient[1:4, 1:4], kernel)
    np.testing.assert_array_equal(made.turned, np.rot90(kernel, 2))
