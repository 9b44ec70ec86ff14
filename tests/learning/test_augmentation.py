"""Augmentation, image by image against torchvision where both have the operation."""

import math
from dataclasses import replace

import pytest
import torch
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as tv

from visualizer.learning import geometry, pixelwise
from visualizer.learning.augmentation import (
    KINDS,
    PRESETS,
    Augmentation,
    Operation,
    apply,
    augment,
    draw,
)
from visualizer.learning.events import Validated
from visualizer.learning.settings import TrainingSettings
from visualizer.learning.trainer import train

GEOMETRIC = (
    Operation("mirror", 1, 1, probability=0.5),
    Operation("upend", 1, 1, probability=0.5),
    Operation("rotation", -180, 180, probability=0.8),
    Operation("zoom", 0.5, 2.0),
    Operation("shear", -30, 30),
    Operation("shift", -0.3, 0.3),
)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(params=[(1, 28, 28), (3, 20, 32)], ids=["grey", "colour"])
def images(request):
    return torch.rand(12, *request.param, generator=seeded(7))


@pytest.fixture
def colour():
    return torch.rand(12, 3, 20, 32, generator=seeded(7))


def one_by_one(change, images, amounts):
    return torch.stack([change(x, *row) for x, row in zip(images, amounts.tolist(), strict=True)])


def close(one, other):
    torch.testing.assert_close(one, other, rtol=0, atol=2e-4)


def test_the_affine_grid_is_torchvisions_affine_for_each_image(images):
    drawn = draw(Augmentation("own", GEOMETRIC, border="zeros"), len(images), seeded())
    height, width = images.shape[2:]

    def by_torchvision(index):
        done = drawn.of(index)
        image = images[index : index + 1]
        image = tv.horizontal_flip(image) if "mirror" in done else image
        image = tv.vertical_flip(image) if "upend" in done else image
        down, across = done["shift"]
        return tv.affine(
            image,
            angle=done.get("rotation", (0.0,))[0],
            translate=[across * width, down * height],
            scale=done["zoom"][0],
            shear=[done["shear"][0], 0.0],
            interpolation=InterpolationMode.BILINEAR,
        )

    expected = torch.cat([by_torchvision(i) for i in range(len(images))])
    close(apply(images, drawn, seeded()), expected)


def test_mirroring_alone_moves_whole_pixels(images):
    flips = (Operation("mirror", 1, 1, 0.5), Operation("upend", 1, 1, 0.5))
    drawn = draw(Augmentation("own", flips), len(images), seeded(1))
    result = apply(images, drawn, seeded())
    seen = set()
    for i, image in enumerate(images):
        done = drawn.of(i)
        image = tv.horizontal_flip(image) if "mirror" in done else image
        image = tv.vertical_flip(image) if "upend" in done else image
        assert torch.equal(result[i], image)
        seen.add(tuple(done))
    assert len(seen) == 4


def test_cropping_keeps_a_part_and_makes_it_as_large_as_the_whole(images):
    height, width = images.shape[2:]
    places = torch.tensor([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.5, 0.5]])
    crop = torch.cat([torch.full((4, 1), 0.5), places], dim=1)
    result = geometry.warp(images[:4], {"crop": crop}, "border")
    for image, (down, across), own in zip(images, places.tolist(), result, strict=False):
        top, left = round(down * height / 2), round(across * width / 2)
        expected = tv.resized_crop(
            image, top, left, height // 2, width // 2, [height, width], antialias=False
        )
        close(own[:, 2:-2, 2:-2], expected[:, 2:-2, 2:-2])  # the edge knows its neighbours here


def test_brightness_and_contrast_are_torchvisions(images):
    amounts = torch.linspace(0, 2.5, len(images))[:, None]
    for ours, theirs in (
        (pixelwise.brighten, tv.adjust_brightness),
        (pixelwise.contrast, tv.adjust_contrast),
    ):
        close(ours(images, amounts), one_by_one(theirs, images, amounts))


def test_saturation_and_hue_are_torchvisions(colour):
    colour[0, :, :3] = 0.4  # grey has no hue
    colour[1, 1:, 3:] = 0.0
    saturation, hue = torch.linspace(0, 3, 12)[:, None], torch.linspace(-0.5, 0.5, 12)[:, None]
    expected = one_by_one(tv.adjust_saturation, colour, saturation)
    close(pixelwise.saturate(colour, saturation), expected)
    close(pixelwise.turn_hue(colour, hue), one_by_one(tv.adjust_hue, colour, hue))


def test_blur_is_torchvisions_gaussian(images):
    sigma = torch.tensor([[0.0], [0.3], [0.7], [1.0], [1.5], [2.0]])
    result = pixelwise.blur(images[:6], sigma)
    assert torch.equal(result[0], images[0])
    for image, (deviation,), own in zip(images[1:], sigma[1:].tolist(), result[1:], strict=False):
        close(own, tv.gaussian_blur(image, [13, 13], [deviation, deviation]))


def test_erasing_is_torchvisions_and_of_the_area_asked_for(images):
    count, (height, width) = len(images), images.shape[2:]
    amounts = torch.rand(count, 4, generator=seeded(3)) * torch.tensor([0.3, 1, 1, 1])
    amounts[0, 0] = 0
    result, boxes = pixelwise.erase(images, amounts), pixelwise.erased(amounts, height, width)
    assert torch.equal(result[0], images[0])
    for image, box, (share, *_), own in zip(
        images, boxes.tolist(), amounts.tolist(), result, strict=True
    ):
        top, left, rows, columns = box
        assert 0 <= top <= height - rows and 0 <= left <= width - columns
        assert abs(rows * columns - share * height * width) <= (rows + columns) / 2 + 1
        mean = image.mean((1, 2), keepdim=True)
        assert torch.equal(own, tv.erase(image, top, left, rows, columns, mean))


def test_noise_has_the_deviation_of_each_image():
    grey = torch.full((3, 1, 200, 200), 0.5)
    noisy = pixelwise.add_noise(grey, torch.tensor([[0.0], [0.02], [0.1]]), seeded())
    assert torch.equal(noisy[0], grey[0])
    assert float(noisy[1].std()) == pytest.approx(0.02, rel=0.05)
    assert float(noisy[2].std()) == pytest.approx(0.1, rel=0.05)
    assert float(noisy[2].mean()) == pytest.approx(0.5, abs=0.003)


@pytest.mark.parametrize("name", PRESETS)
def test_presets_repeat_themselves_and_stay_in_range(images, name):
    before = images.clone()
    preset = PRESETS[name].for_images(images.shape[1], may_mirror=True)
    one, same, other = (augment(images, preset, seeded(seed)) for seed in (1, 1, 2))
    assert one.shape == images.shape and one.dtype == torch.float32
    assert torch.equal(one, same) and torch.equal(images, before)
    assert float(one.min()) >= 0 and float(one.max()) <= 1
    assert torch.equal(one, other) == (name == "none")


def test_every_kind_alone_changes_some_images_and_spares_the_others(colour):
    for name, kind in KINDS.items():
        low = kind.low + 0.6 * (kind.high - kind.low)
        operation = Operation(name, low, low, probability=0.5)
        drawn = draw(Augmentation("own", (operation,)), 12, seeded(4))
        result = apply(colour, drawn, seeded())
        hit = [bool(drawn.of(i)) for i in range(12)]
        assert any(hit) and not all(hit), name
        for before, after, is_hit in zip(colour, result, hit, strict=True):
            change = float((before - after).abs().max())
            assert change > 1e-2 if is_hit else change < 1e-4, name
        never = Augmentation("own", (replace(operation, probability=0.0),))
        close(augment(colour, never, seeded()), colour)


def test_the_amounts_are_spread_over_their_range():
    drawn = draw(Augmentation("own", (Operation("rotation", -20, 40, 0.75),)), 4000, seeded())
    turned = drawn.values["rotation"][:, 0]
    turned = turned[turned != 0]
    assert len(turned) == pytest.approx(3000, abs=120)
    assert -20 <= float(turned.min()) < -19 and 39 < float(turned.max()) <= 40
    assert float(turned.mean()) == pytest.approx(10, abs=1)
    assert float(turned.std()) == pytest.approx(60 / math.sqrt(12), abs=1)


def test_what_lies_outside_the_image_can_be_black_its_edge_or_its_mirror_image():
    ramp = torch.arange(1, 9).float().div(10).expand(1, 1, 8, 8)
    shift = {"shift": torch.tensor([[0.0, 0.25]])}  # two columns to the right
    first = {
        border: geometry.warp(ramp, shift, border)[0, 0, 0, :3]
        for border in ("zeros", "border", "reflection")
    }
    close(first["zeros"], torch.tensor([0.0, 0.0, 0.1]))
    close(first["border"], torch.tensor([0.1, 0.1, 0.1]))
    close(first["reflection"], torch.tensor([0.2, 0.1, 0.1]))


def test_digits_are_not_mirrored_and_grey_images_keep_their_colour_operations_out():
    strong = PRESETS["strong"]
    kinds = {operation.kind for operation in strong.for_images(1, may_mirror=False).operations}
    assert kinds == {o.kind for o in strong.operations} - {"mirror", "saturation", "hue"}
    assert strong.for_images(3, may_mirror=True) == strong


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Operation("twirl", 0, 1), "no augmentation called 'twirl'"),
        (lambda: Operation("zoom", 1.2, 0.8), "smaller value first"),
        (lambda: Operation("hue", -1, 1), "from -0.5 to 0.5"),
        (lambda: Operation("zoom", 1, math.nan), "Zoom must range"),
        (lambda: Operation("noise", 0, 0.1, probability=2), "from 0 to 1, not 2"),
        (lambda: Augmentation("own", (Operation("noise", 0, 0.1),) * 2), "once"),
        (lambda: Augmentation("own", border="wrap"), "zeros, border, reflection"),
    ],
)
def test_settings_that_cannot_be_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_a_network_learns_from_augmented_images(bars, small):
    settings = TrainingSettings(batch_size=20, epochs=4, device="cpu", precision="float32")
    shaken = Augmentation("own", (Operation("shift", -0.1, 0.1), Operation("noise", 0, 0.05)))
    runs = [list(train(bars, small, settings, augment=shaken)) for _ in range(2)]
    scores = [[e.score for e in run if isinstance(e, Validated)][-1] for run in runs]
    assert scores[0].accuracy > 0.9
    assert scores[0].loss == scores[1].loss
