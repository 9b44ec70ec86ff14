"""Where pixels go: known points, torchvision's geometry, steps put together, what fills gaps."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.transforms.v2 import InterpolationMode
from torchvision.transforms.v2 import functional as tv

from visualizer.learning import geometry
from visualizer.learning.geometry import warp, way_back
from visualizer.learning.operations import KINDS

BILINEAR = InterpolationMode.BILINEAR
SIZES = [(28, 28), (20, 32), (9, 5)]


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def moved(images, steps, fill="constant", seed=0):
    """Move all images by the same amounts: kind → numbers."""
    drawn = [(kind, torch.tensor([row] * len(images)).float()) for kind, row in steps]
    return warp(images, way_back(drawn, *images.shape[2:]), fill, generator=seeded(seed))


def close(one, other, atol=2e-4):
    torch.testing.assert_close(one, other, rtol=0, atol=atol)


def image_with_point(row, column, size=(21, 21)):
    image = torch.zeros(1, 1, *size)
    image[0, 0, row, column] = 1
    return image


@pytest.mark.parametrize(
    ("kind", "amounts", "start", "end"),
    [
        ("rotation", [90.0], (5, 10), (10, 15)),  # above the middle → to its right: clockwise
        ("rotation", [-90.0], (5, 10), (10, 5)),
        ("shift_x", [3 / 21], (5, 10), (5, 13)),
        ("shift_y", [3 / 21], (5, 10), (8, 10)),
        ("zoom", [2.0], (8, 12), (6, 14)),
        ("shear", [45.0], (14, 10), (14, 6)),  # four below the middle → four to the left
        ("mirror", [1.0], (5, 3), (5, 17)),
        ("upend", [1.0], (5, 3), (15, 3)),
        ("padded_crop", [4.0, 0.0, 0.999], (10, 10), (14, 6)),  # out of the upper right corner
    ],
)
def test_a_known_point_lands_where_it_must(kind, amounts, start, end):
    result = moved(image_with_point(*start), [(kind, amounts), ("rotation", [0.0])])
    assert divmod(int(result.argmax()), 21) == end
    assert float(result[0, 0, end[0], end[1]]) > 0.99


def test_a_crop_brings_its_corner_to_the_corner():
    # Half of the side, from the lower left: rows 10 to 19, columns 0 to 9 of twenty.
    image = image_with_point(10, 0, (20, 20))
    result = moved(image, [("crop", [0.25, 0.999, 0.0])])
    assert torch.equal(geometry.cropped(torch.tensor([[0.25, 0.999, 0.0]]), 20, 20),
                       torch.tensor([[10.0, 0.0, 10.0, 10.0]]))  # fmt: skip
    assert float(result[0, 0, 0, 0]) > 0.999
    assert int((result > 0.5).sum()) == 4


def test_a_perspective_brings_the_corners_where_they_were_drawn_to():
    size = 101
    values = torch.tensor([[0.4, *torch.rand(8, generator=seeded(2)).tolist()]])
    ends = geometry.corners(values, size, size)[0] + size / 2  # x, y from the upper left corner
    ramp = torch.linspace(0, 1, size)
    places = torch.stack([ramp.expand(size, size), ramp[:, None].expand(size, size)])[None]
    result = moved(places, [("perspective", values[0].tolist())], "constant")[0]
    for (x, y), seen in zip(ends.tolist(), [(0, 0), (1, 0), (1, 1), (0, 1)], strict=True):
        # Just inside the corner, seen from the middle.
        column, row = (int(v + 1.5 * math.copysign(1, size / 2 - v)) for v in (x, y))
        assert result[:, row, column].tolist() == pytest.approx(seen, abs=0.07)


finite = {"allow_nan": False, "allow_infinity": False, "width": 32}


@settings(max_examples=40, deadline=None)
@given(
    size=st.sampled_from(SIZES),
    shear=st.floats(-50, 50, **finite),
    zoom=st.floats(0.5, 2, **finite),
    angle=st.floats(-180, 180, **finite),
    across=st.floats(-0.5, 0.5, **finite),
    down=st.floats(-0.5, 0.5, **finite),
    flips=st.tuples(st.booleans(), st.booleans()),
)
def test_steps_in_torchvisions_order_are_its_affine(size, shear, zoom, angle, across, down, flips):
    images = torch.rand(2, 3, *size, generator=seeded(7))
    mirror, upend = flips
    steps = [("mirror", [float(mirror)]), ("upend", [float(upend)]), ("shear", [shear]),
             ("zoom", [zoom]), ("rotation", [angle]), ("shift_x", [across]),
             ("shift_y", [down])]  # fmt: skip
    expected = tv.horizontal_flip(images) if mirror else images
    expected = tv.vertical_flip(expected) if upend else expected
    height, width = size
    expected = tv.affine(
        expected, angle, [across * width, down * height], zoom, [shear, 0.0], BILINEAR
    )
    close(moved(images, steps), expected)


@pytest.mark.parametrize("size", SIZES)
def test_a_perspective_is_torchvisions(size):
    height, width = size
    images = torch.rand(2, 3, *size, generator=seeded(7))
    for seed in range(5):
        values = torch.cat([torch.tensor([0.6]), torch.rand(8, generator=seeded(seed))])
        half = torch.tensor([width / 2, height / 2])
        ends = (geometry.corners(values[None], height, width)[0] + half).tolist()
        starts = [[0, 0], [width, 0], [width, height], [0, height]]
        expected = tv.perspective(images, starts, ends, BILINEAR)
        close(moved(images, [("perspective", values.tolist())]), expected, 1e-3)


@pytest.mark.parametrize("size", SIZES)
def test_a_crop_is_torchvisions_resized_crop(size):
    images = torch.rand(2, 3, *size, generator=seeded(7))
    for place in ((0.3, 0.0, 0.99), (0.05, 0.5, 0.5), (1.0, 0.4, 0.4), (0.7, 0.99, 0.1)):
        top, left, rows, columns = map(int, geometry.cropped(torch.tensor([place]), *size)[0])
        assert 0 <= top <= size[0] - rows and 0 <= left <= size[1] - columns
        expected = tv.resized_crop(images, top, left, rows, columns, list(size), BILINEAR)
        close(moved(images, [("crop", place)]), expected)


def test_a_padded_crop_is_torchvisions_and_anywhere_in_the_padding():
    images = torch.rand(1, 3, 32, 32, generator=seeded(7))
    padded = tv.pad(images, [4])
    tops = set()
    for place in torch.linspace(0, 0.999, 40).tolist():
        top, left = int(place * 9), int((1 - place) * 9)
        tops.add(top)
        expected = tv.crop(padded, top, left, 32, 32)
        close(moved(images, [("padded_crop", [4.0, place, 1 - place])]), expected, 1e-5)
    assert tops == set(range(9))


@pytest.mark.parametrize("size", SIZES)
def test_elastic_shifts_are_torchvisions_elastic_and_as_large_as_asked_for(size):
    height, width = size
    images = torch.rand(2, 3, *size, generator=seeded(7))
    values = torch.tensor([[0.05]])
    shifts = geometry.elastic_shifts(values, height, width, seeded(3))  # (1, 2, H, W)
    shares = shifts.permute(0, 2, 3, 1) * 2 / torch.tensor([width, height])
    expected = torch.cat([tv.elastic(image[None], shares, BILINEAR) for image in images[:1]])
    close(moved(images[:1], [("elastic", [0.05])], seed=3), expected)
    many = geometry.elastic_shifts(values.expand(500, 1), 60, 60, seeded(1))
    assert float(many[:, :, 0, 0].std()) == pytest.approx(3, rel=0.1)
    smooth = (many[..., 1:] - many[..., :-1]).abs().mean()
    assert float(smooth) < 0.15 * float(many.abs().mean())


def test_steps_together_interpolate_once_and_forget_nothing():
    images = torch.rand(1, 1, 15, 15, generator=seeded(7))
    shift, turn = ("shift_x", [0.4]), ("rotation", [33.0])
    back = [("rotation", [-33.0]), ("shift_x", [-0.4])]
    close(moved(images, [shift, turn, *back]), images, 1e-4)
    # A different order is another map.
    one, other = [shift, ("rotation", [90.0])], [("rotation", [90.0]), shift]
    assert float((moved(images, one) - moved(images, other)).abs().max()) > 0.1


def test_elastic_shifts_come_last_and_follow_the_steps_before():
    # Straight on, a shift of the result is one of the source; after a turn by 90° it is turned.
    images = torch.rand(1, 1, 31, 31, generator=seeded(7))
    once = moved(moved(images, [("rotation", [90.0])]), [("elastic", [0.03])], seed=5)
    together = moved(images, [("rotation", [90.0]), ("elastic", [0.03])], seed=5)
    close(together, once, 1e-3)


@pytest.mark.parametrize(
    ("fill", "first"),
    [
        ("constant", [0.0, 0.0, 0.1]),
        ("nearest", [0.1, 0.1, 0.1]),
        ("reflect", [0.2, 0.1, 0.1]),
        ("wrap", [0.7, 0.8, 0.1]),
    ],
)
def test_what_lies_outside_the_image(fill, first):
    ramp = torch.arange(1, 9).float().div(10).expand(1, 1, 8, 8)
    close(moved(ramp, [("shift_x", [0.25])], fill)[0, 0, 0, :3], torch.tensor(first))
    half = moved(ramp, [("shift_x", [1 / 16])], fill)[0, 0, 0, 0]  # half a pixel to the right
    beyond = {"constant": 0.0, "nearest": 0.1, "reflect": 0.1, "wrap": 0.8}[fill]
    assert float(half) == pytest.approx((0.1 + beyond) / 2, abs=1e-5)


def test_a_constant_can_be_any_grey():
    image = torch.full((1, 1, 8, 8), 0.25)
    way = way_back([("shift_x", torch.tensor([[0.5]]))], 8, 8)
    result = warp(image, way, "constant", 0.75)
    close(result[0, 0, 0], torch.tensor([0.75] * 4 + [0.25] * 4))


@pytest.mark.parametrize("fill", ["constant", "nearest", "reflect", "wrap"])
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (2, 1)])
def test_the_smallest_images_can_be_moved_in_every_way(fill, size):
    images = torch.rand(3, 1, *size, generator=seeded(7))
    for kind, known in KINDS.items():
        if known.group == "Geometry":
            for amount in {known.low, known.neutral, known.high}:
                result = moved(images, [(kind, [amount, *[0.5] * known.places])], fill)
                assert result.shape == images.shape and bool(result.isfinite().all()), kind
                assert float(result.min()) >= -1e-5 and float(result.max()) <= 1 + 1e-5
