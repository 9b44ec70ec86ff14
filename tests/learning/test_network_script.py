"""The script of a network gives the numbers that the network gives, with the same weights."""

from dataclasses import replace

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from visualizer.learning.layers import CLASSES, Convolution, Dense, FixedFilter, Flatten, Skip
from visualizer.learning.modules import build
from visualizer.learning.network_script import script
from visualizer.learning.networks import PRESETS, NetworkSpec


def run(source: str) -> dict:
    made: dict = {"__name__": "written"}
    exec(compile(source, "written.py", "exec"), made)
    return made


def check(spec, shape, classes, path) -> None:
    """Build the network both ways, give both the same weights, and compare all they say."""
    mean, std = tuple(0.1 * (i + 1) for i in range(shape[0])), (0.5,) * shape[0]
    ours = build(spec, shape, classes, torch.tensor(mean), torch.tensor(std), seed=1).eval()
    for name, x in ours.named_buffers():  # batch norm that has seen something
        if name.endswith(("running_mean", "running_var")):
            x.uniform_(0.5, 1.5)
    save_file(dict(ours.state_dict()), path)
    theirs = run(script(spec, shape, classes, mean, std))["load"](path)
    images = torch.rand(3, *shape)
    with torch.no_grad():
        torch.testing.assert_close(theirs(images), ours(images), rtol=0, atol=0)
    assert not theirs.training


@pytest.mark.parametrize("key", PRESETS)
def test_the_presets_as_scripts(key, tmp_path):
    check(PRESETS[key], (3, 36, 30), 7, tmp_path / "weights.safetensors")


@given(data=st.data())
@settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_any_network_as_a_script(any_network, data, tmp_path):
    case = data.draw(any_network)
    check(case.spec, case.shape, case.classes, tmp_path / "weights.safetensors")


def test_a_fresh_one_has_torchs_own_random_weights_and_trains():
    made = run(script(PRESETS["quick"], (1, 28, 28), 10))
    network = made["Quick"]()
    network(torch.rand(4, 1, 28, 28)).sum().backward()
    assert all(p.grad.isfinite().all() for p in network.parameters())


@pytest.mark.parametrize(
    "name",
    [
        "",
        "3 layers",
        "class",
        "F",
        "Normalise",
        'a"""b',
        "back\\slash",
        "zwei\nZeilen",
        "Ω — Ω",
        "x",
    ],
)
def test_any_name_makes_a_script_that_runs(name):
    made = run(script(replace(PRESETS["mlp"], name=name), (1, 4, 4), 2))
    (network,) = [x for x in made.values() if isinstance(x, type) and x.__name__ != "Normalise"]
    assert network()(torch.rand(1, 1, 4, 4)).shape == (1, 2)


def test_it_says_what_was_fixed_and_what_goes_around():
    fixed = FixedFilter(1, (((0, 1), (1, 0)),), name="Diagonal")
    spec = NetworkSpec(
        "x",
        (Convolution(2, 2, fixed=(fixed,)), Skip((Convolution(2, 1),)), Flatten(), Dense(CLASSES)),
    )
    source = script(spec, (1, 4, 4), 2)
    assert "# Its filter 1 was fixed: Diagonal." in source
    assert "x = x + around  # add1: (N, 2, 3, 3)" in source
