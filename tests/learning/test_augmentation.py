"""Augmentation: what is drawn, what it does to values, and that it repeats itself."""

import math
from dataclasses import replace

import pytest
import torch
from torchvision.transforms.v2 import functional as tv

from visualizer.learning import pixelwise, speckle
from visualizer.learning.augmentation import apply, augment, draw
from visualizer.learning.events import Validated
from visualizer.learning.operations import KINDS, Operation
from visualizer.learning.pipeline import PRESETS, Pipeline
from visualizer.learning.settings import TrainingSettings
from visualizer.learning.trainer import train


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def own(*operations, **fill):
    return Pipeline("custom", operations, **fill)


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


@pytest.mark.parametrize(
    ("ours", "theirs", "low", "high"),
    [
        (pixelwise.brighten, tv.adjust_brightness, 0, 2.5),
        (pixelwise.contrast, tv.adjust_contrast, 0, 2.5),
        (pixelwise.gamma, tv.adjust_gamma, 0.3, 4),
        (pixelwise.sharpen, tv.adjust_sharpness, 0, 5),
        (pixelwise.invert, lambda x, _: tv.invert(x), 1, 1),
        (pixelwise.mirror, lambda x, _: tv.horizontal_flip(x), 1, 1),
        (pixelwise.upend, lambda x, _: tv.vertical_flip(x), 1, 1),
    ],
)
def test_changes_of_values_are_torchvisions(images, ours, theirs, low, high):
    amounts = torch.linspace(low, high, len(images))[:, None]
    close(ours(images.clone(), amounts), one_by_one(theirs, images, amounts))


def test_changes_of_colour_are_torchvisions(colour):
    colour[0, :, :3] = 0.4  # grey has no hue
    colour[1, 1:, 3:] = 0.0
    for ours, theirs, low, high in (
        (pixelwise.saturate, tv.adjust_saturation, 0, 3),
        (pixelwise.turn_hue, tv.adjust_hue, -0.5, 0.5),
        (pixelwise.turn_grey, lambda x, _: tv.rgb_to_grayscale(x, 3), 1, 1),
    ):
        amounts = torch.linspace(low, high, 12)[:, None]
        close(ours(colour.clone(), amounts), one_by_one(theirs, colour, amounts))


def test_blur_is_torchvisions_gaussian(images):
    sigma = torch.tensor([[0.0], [0.3], [0.7], [1.0], [1.5], [2.0]])
    result = pixelwise.blur(images[:6].clone(), sigma, 6)
    assert torch.equal(result[0], images[0])
    for image, (deviation,), own in zip(images[1:], sigma[1:].tolist(), result[1:], strict=False):
        close(own, tv.gaussian_blur(image, [13, 13], [deviation, deviation]))


def test_an_image_is_blurred_alike_whatever_its_neighbours_get(colour):
    pipeline = own(Operation("blur", 0.2, 2.0))
    whole = apply(colour, draw(pipeline, 12, seeded()), seeded())
    close(whole[:4], apply(colour[:4], draw(pipeline, 4, seeded()), seeded()))


def test_erasing_is_torchvisions_and_of_the_area_asked_for(images):
    count, (height, width) = len(images), images.shape[2:]
    amounts = torch.rand(count, 4, generator=seeded(3)) * torch.tensor([0.3, 1, 1, 1])
    amounts[0, 0] = 0
    result = pixelwise.erase(images.clone(), amounts)
    boxes = pixelwise.erased(amounts, height, width)
    assert torch.equal(result[0], images[0])
    for image, box, (share, *_), own in zip(
        images, boxes.tolist(), amounts.tolist(), result, strict=True
    ):
        top, left, rows, columns = box
        assert 0 <= top <= height - rows and 0 <= left <= width - columns
        assert abs(rows * columns - share * height * width) <= (rows + columns) / 2 + 1
        mean = image.mean((1, 2), keepdim=True)
        assert torch.equal(own, tv.erase(image, top, left, rows, columns, mean))


def test_noise_is_normal_with_the_deviation_of_each_image():
    grey = torch.full((3, 1, 200, 200), 0.5)
    noisy = speckle.add_noise(grey.clone(), torch.tensor([[0.0], [0.02], [0.1]]), seeded())
    assert torch.equal(noisy[0], grey[0])
    assert float(noisy[1].std()) == pytest.approx(0.02, rel=0.02)
    assert float(noisy[2].mean()) == pytest.approx(0.5, abs=0.002)
    shares = (noisy[2] - 0.5) / 0.1
    for limit in (1, 2, 3):
        expected = math.erf(limit / math.sqrt(2))
        assert float((shares.abs() < limit).float().mean()) == pytest.approx(expected, abs=0.006)
    neighbours = (shares[0, :, 1:] * shares[0, :, :-1]).mean()
    assert abs(float(neighbours)) < 0.02  # nothing to do with each other


def test_salt_and_pepper_strikes_the_share_asked_for_in_all_channels():
    grey = torch.full((3, 3, 100, 100), 0.5)
    result = speckle.salt_and_pepper(grey.clone(), torch.tensor([[0.0], [0.1], [0.5]]), seeded())
    assert torch.equal(result[0], grey[0])
    for image, share in zip(result[1:], (0.1, 0.5), strict=True):
        for value in (0.0, 1.0):
            struck = image == value
            assert float(struck.float().mean()) == pytest.approx(share / 2, rel=0.1)
            assert bool((struck.all(0) == struck.any(0)).all())


@pytest.mark.parametrize("name", PRESETS)
def test_presets_repeat_themselves_and_stay_in_range(images, name):
    before = images.clone()
    preset = PRESETS[name].suited(images.shape[1], may_mirror=True)
    one, same, other = (augment(images, preset, seeded(seed)) for seed in (1, 1, 2))
    assert one.shape == images.shape and one.dtype == torch.float32
    assert torch.equal(one, same) and torch.equal(images, before)
    assert float(one.min()) >= 0 and float(one.max()) <= 1
    assert torch.equal(one, other) == (name == "none")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_alone_changes_some_images_and_spares_the_others(colour, kind):
    known, before = KINDS[kind], colour.clone()
    amount = known.low + 0.6 * (known.high - known.low)
    operation = Operation(kind, amount, amount, probability=0.5)
    drawn = draw(own(operation), 12, seeded(4))
    result = apply(colour, drawn, seeded())
    assert torch.equal(colour, before), "what is given stays as it is"
    hit = [bool(drawn.of(i)) for i in range(12)]
    assert any(hit) and not all(hit)
    for image, after, is_hit in zip(colour, result, hit, strict=True):
        change = float((image - after).abs().max())
        assert change > 1e-2 if is_hit else change < 1e-4
    close(augment(colour, own(replace(operation, probability=0.0)), seeded()), colour)
    assert torch.equal(augment(colour, own(replace(operation, on=False)), seeded()), colour)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 1, 2), (1, 2, 3)])
def test_every_kind_bears_the_smallest_images_at_both_ends_of_its_range(kind, shape):
    images = torch.rand(3, *shape, generator=seeded(7))
    for amount in {KINDS[kind].low, KINDS[kind].high}:
        result = augment(images, own(Operation(kind, amount, amount)), seeded())
        assert result.shape == images.shape and bool(result.isfinite().all())
        assert float(result.min()) >= -1e-5 and float(result.max()) <= 1 + 1e-5


@pytest.mark.parametrize("first", KINDS)
def test_every_kind_can_follow_every_other(colour, first):
    for second in KINDS:
        pair = own(*(replace(Operation.usual(k), probability=1.0) for k in (first, second)))
        assert bool(augment(colour, pair, seeded()).isfinite().all())


def test_colour_operations_leave_grey_images_as_they_are():
    grey = torch.rand(4, 1, 9, 9, generator=seeded(7))
    colourful = own(*(Operation.usual(kind) for kind in ("saturation", "hue", "grey")))
    close(augment(grey, colourful, seeded()), grey)


def test_the_amounts_are_spread_over_their_range():
    drawn = draw(own(Operation("rotation", -20, 40, 0.75)), 4000, seeded())
    turned = drawn.drawn[0].values[:, 0]
    turned = turned[turned != 0]
    assert len(turned) == pytest.approx(3000, abs=120)
    assert -20 <= float(turned.min()) < -19 and 39 < float(turned.max()) <= 40
    assert float(turned.mean()) == pytest.approx(10, abs=1)
    assert float(turned.std()) == pytest.approx(60 / math.sqrt(12), abs=1)


def test_what_is_drawn_for_an_operation_does_not_depend_on_the_others():
    first, second = Operation("rotation", -20, 20), Operation("zoom", 0.5, 2, 0.5)
    again = Operation("rotation", -5, 5)

    def drawn(*operations):
        return [one.values for one in draw(own(*operations), 5, seeded(3)).drawn]

    alone, zoom = drawn(first)[0], drawn(second)[0]
    assert torch.equal(drawn(second, first)[1], alone)
    assert torch.equal(drawn(replace(first, on=False), second)[0], zoom)
    twice = drawn(first, second, again)
    assert torch.equal(twice[0], alone) and torch.equal(twice[1], zoom)
    assert not torch.equal(twice[2], alone / 4)  # a second time, other numbers


def test_order_matters_where_values_meet_geometry(colour):
    turn, noise = Operation("rotation", 30, 30), Operation("noise", 0.2, 0.2)
    one, other = (augment(colour, own(*pair), seeded()) for pair in ((turn, noise), (noise, turn)))
    assert float((one - other).abs().max()) > 0.1


def test_many_images_are_done_in_parts_that_do_not_show():
    pipeline = own(Operation.usual("rotation"), Operation.usual("crop"), Operation.usual("gamma"),
                   Operation.usual("perspective"))  # fmt: skip
    large = torch.rand(5, 3, 256, 256, generator=seeded(7))
    drawn = draw(pipeline, 5, seeded())
    result = apply(large, drawn, seeded())
    whole = replace(drawn, drawn=tuple(replace(d, values=d.values[3:4]) for d in drawn.drawn))
    close(result[3:4], apply(large[3:4], whole, seeded()))


def test_a_network_learns_from_augmented_images(bars, small):
    settings = TrainingSettings(batch_size=20, epochs=4, device="cpu", precision="float32")
    shaken = own(Operation("shift_x", -0.1, 0.1), Operation("noise", 0, 0.05))
    runs = [list(train(bars, small, settings, augment=shaken)) for _ in range(2)]
    scores = [[e.score for e in run if isinstance(e, Validated)][-1] for run in runs]
    assert scores[0].accuracy > 0.9
    assert scores[0].loss == scores[1].loss
