"""The script of a pipeline: it runs, and at the same numbers gives the same pixels."""

import subprocess
import sys

import pytest
import torch

from visualizer.learning.augmentation import augment
from visualizer.learning.operations import KINDS, Operation
from visualizer.learning.pipeline import FILLS, OWN, PRESETS, Pipeline
from visualizer.learning.pipeline_script import pipeline_script

# At one number each, these leave nothing to chance.
CERTAIN = {
    "mirror": 1, "upend": 1, "rotation": -33.0, "shift_x": 0.2, "shift_y": -0.3, "zoom": 0.7,
    "shear": 21.0, "brightness": 1.3, "contrast": 0.5, "saturation": 1.7, "hue": 0.15, "grey": 1,
    "gamma": 1.7, "invert": 1, "blur": 1.0, "sharpen": 3.0,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _same_chance():
    """Scripts draw from torch's own generator: one time in 162 a crop with a flip does nothing."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def transform_of(pipeline, shape):
    channels, height, width = shape
    script = {"__name__": "script"}
    exec(compile(pipeline_script(pipeline, height, width, channels), "script", "exec"), script)
    return script["transform"]


def both(pipeline, shape=(3, 20, 28)):
    """Return the same image augmented here and by the script."""
    image = torch.rand(shape, generator=seeded(7))
    return augment(image[None], pipeline, seeded())[0], transform_of(pipeline, shape)(image)


def close(one, other, atol=1e-3):
    torch.testing.assert_close(one, other, rtol=0, atol=atol)


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("kind", CERTAIN)
def test_one_operation_at_one_number_gives_the_same_pixels(kind, fill):
    amount = CERTAIN[kind]
    if KINDS[kind].group != "Geometry" and fill != "nearest":
        pytest.skip("a fill is for what moves")
    close(*both(Pipeline(OWN, (Operation(kind, amount, amount),), fill)))


@pytest.mark.parametrize("fill", FILLS)
def test_an_affine_map_in_torchvisions_order_gives_the_same_pixels(fill):
    moves = [Operation(kind, CERTAIN[kind], CERTAIN[kind]) for kind in
             ("mirror", "upend", "shear", "zoom", "rotation", "shift_y", "shift_x")]  # fmt: skip
    then = [Operation("brightness", 0.8, 0.8), Operation("contrast", 1.4, 1.4)]
    pipeline = Pipeline(OWN, (*moves, *then), fill)
    close(*both(pipeline))
    close(*both(pipeline, (1, 28, 28)))


def test_another_order_is_close_and_says_why():
    pipeline = Pipeline(OWN, (Operation("shift_x", 0.1, 0.1), Operation("rotation", 9, 9)))
    ours, theirs = both(pipeline)
    assert "interpolates once more" in pipeline_script(pipeline, 20, 28, 3)
    assert float((ours - theirs).abs().mean()) < 0.1


def test_a_grey_fill_is_the_same_but_at_the_very_edge():
    pipeline = Pipeline(OWN, (Operation("rotation", 45, 45),), "constant", 0.5)
    ours, theirs = both(pipeline)
    assert float(ours[0, 0, 0]) == float(theirs[0, 0, 0]) == 0.5
    assert float(((ours - theirs).abs() > 1e-3).float().mean()) < 0.15


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_operation_runs_and_stays_in_range(kind, fill):
    known = KINDS[kind]
    for operation in (Operation.usual(kind), Operation(kind, known.low, known.high, 0.5)):
        for shape in ((1, 28, 28), (3, 20, 28)):
            result = transform_of(Pipeline(OWN, (operation,), fill), shape)(torch.rand(shape))
            assert result.shape == shape and bool(result.isfinite().all())
            assert float(result.min()) >= -1e-4 and float(result.max()) <= 1 + 1e-4


def test_what_is_left_to_chance_is_spread_as_in_the_app():
    grey = torch.full((3, 60, 60), 0.5)
    noisy = transform_of(Pipeline(OWN, (Operation("noise", 0.1, 0.1),)), grey.shape)(grey)
    assert float(noisy.std()) == pytest.approx(0.1, rel=0.1)
    salted = transform_of(Pipeline(OWN, (Operation("salt", 0.4, 0.4),)), grey.shape)(grey)
    assert float((salted == 1).float().mean()) == pytest.approx(0.2, abs=0.03)
    ramp = torch.rand(3, 60, 60, generator=seeded(3))
    erased = transform_of(Pipeline(OWN, (Operation("erasing", 0.2, 0.2),)), ramp.shape)(ramp)
    assert float((erased != ramp).any(0).float().mean()) == pytest.approx(0.2, abs=0.03)
    half = transform_of(Pipeline(OWN, (Operation("invert", 1, 1, 0.5),)), (1, 1, 1))
    flips = sum(float(half(torch.zeros(1, 1, 1))) for _ in range(200))
    assert 60 < flips < 140


def test_a_padded_crop_is_one_of_all_there_are():
    image = torch.rand(1, 6, 6, generator=seeded(7))
    transform = transform_of(Pipeline(OWN, (Operation("padded_crop", 2, 2),), "nearest"), (1, 6, 6))
    padded = torch.nn.functional.pad(image[None], (2,) * 4, mode="replicate")[0]
    crops = [padded[:, y : y + 6, x : x + 6] for y in range(5) for x in range(5)]
    found = {i for _ in range(200) for i, c in enumerate(crops) if torch.equal(transform(image), c)}
    assert len(found) > 15


@pytest.mark.parametrize("name", PRESETS)
def test_the_script_of_every_preset_runs(name):
    image = torch.rand(3, 32, 32, generator=seeded(7))
    result = transform_of(PRESETS[name], (3, 32, 32))(image)
    assert result.shape == image.shape
    assert torch.equal(result, image) == (name == "none")


def test_a_script_runs_on_its_own(tmp_path):
    file = tmp_path / "augment.py"
    file.write_text(pipeline_script(PRESETS["strong"], 32, 32, 3), encoding="utf-8")
    run = subprocess.run([sys.executable, file], capture_output=True, text=True, timeout=50)
    assert run.stdout.endswith("(3, 32, 32)\n"), run.stderr
