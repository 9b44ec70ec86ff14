"""The data that come along: digits and shapes, and how any data are divided."""

import subprocess
import sys

import pytest
import torch
from sklearn.datasets import load_digits

from visualizer.learning.datasets import BadData, Part
from visualizer.learning.digits import digits
from visualizer.learning.shapes import SHAPES, shapes
from visualizer.learning.splits import stratified, two_parts


@pytest.fixture(scope="module")
def drawn():
    return shapes(1_200, seed=3)


def parts(dataset):
    return dataset.train, dataset.validation, dataset.test


def keys(part):
    return {image.numpy().tobytes() for image in part.images}


def test_digits_are_whole_and_divided_alike():
    data = digits(seed=1)
    assert (data.channels, data.height, data.width, data.classes) == (1, 28, 28, 10)
    assert sum(len(part) for part in parts(data)) == 1797
    assert all(part.images.dtype == torch.uint8 for part in parts(data))
    originals = torch.from_numpy(load_digits().target).bincount()
    for part, share in zip(parts(data), (0.7, 0.15, 0.15), strict=True):
        assert ((part.labels.bincount() - share * originals).abs() <= 1).all()
    assert not data.may_mirror
    assert 0.1 < float(data.mean) < 0.4 and 0.2 < float(data.std) < 0.5


def test_every_original_pixel_is_the_middle_of_nine():
    large = torch.cat([part.images for part in parts(digits())])
    middles = large[:, 0, 3:26:3, 3:26:3]
    originals = (torch.from_numpy(load_digits().images) * (255 / 16)).round().to(torch.uint8)
    assert {x.numpy().tobytes() for x in middles} == {x.numpy().tobytes() for x in originals}
    assert (large[:, :, :2] == 0).all() and (large[:, :, :, -2:] == 0).all()


def test_the_same_seed_gives_the_same_digits_and_no_image_is_in_two_parts():
    one, same, other = digits(5), digits(5), digits(6)
    assert torch.equal(one.train.images, same.train.images)
    assert torch.equal(one.test.labels, same.test.labels)
    assert not torch.equal(one.train.images, other.train.images)
    train, validation, test = (keys(part) for part in parts(one))
    assert train.isdisjoint(validation) and train.isdisjoint(test)
    assert validation.isdisjoint(test)


def test_shapes_are_seeded_and_evenly_many(drawn):
    assert (drawn.channels, drawn.height, drawn.width) == (3, 32, 32)
    assert drawn.class_names == SHAPES
    counts = sum(part.labels.bincount(minlength=6) for part in parts(drawn))
    assert counts.tolist() == [200] * 6
    assert torch.equal(drawn.train.images, shapes(1_200, seed=3).train.images)
    assert not torch.equal(drawn.train.images, shapes(1_200, seed=4).train.images)


def test_shapes_stand_out_and_differ_in_area(drawn):
    """The ring has a hole, the circle fills most: seen in the pictures' own pixels."""
    images, labels = drawn.train.images.float() / 255, drawn.train.labels
    corners = images[:, :, [0, 0, -1, -1], [0, -1, 0, -1]].mean(2)
    differs = (images - corners[:, :, None, None]).norm(dim=1) > 0.3
    area = differs.float().mean((1, 2))
    mean = {name: float(area[labels == i].mean()) for i, name in enumerate(SHAPES)}
    assert (area > 0.02).float().mean() > 0.98
    assert mean["circle"] > mean["square"] > mean["triangle"] and mean["circle"] > mean["ring"]


@pytest.mark.parametrize("count", [999, 20_001, -1])
def test_too_few_or_too_many_shapes_are_refused(count):
    with pytest.raises(BadData, match="from 1,000 to 20,000"):
        shapes(count)


def test_a_class_of_few_images_gives_one_to_each_part_in_order():
    for count, sizes in ((1, [1, 0, 0]), (2, [1, 1, 0]), (3, [1, 1, 1]), (10, [7, 2, 1])):
        found = stratified(torch.zeros(count, dtype=torch.int64), (0.7, 0.15, 0.15), 0)
        assert sorted(torch.cat(found).tolist()) == list(range(count))
        assert sum(abs(len(p) - s) for p, s in zip(found, sizes, strict=True)) <= (count == 10) * 2


def test_a_share_is_taken_out_of_every_class():
    labels = torch.tensor([0] * 40 + [1] * 20)
    rest, taken = two_parts(Part(torch.arange(60).view(60, 1, 1, 1), labels), 0.25, seed=0)
    assert taken.labels.bincount().tolist() == [10, 5]
    assert rest.labels.bincount().tolist() == [30, 15]
    seen = torch.cat([rest.images, taken.images]).flatten()
    assert sorted(seen.tolist()) == list(range(60))
    assert (rest.labels == (rest.images.flatten() >= 40)).all()


def test_digits_are_there_without_what_takes_long_to_import():
    script = (
        "import sys, visualizer.learning.trainer, visualizer.learning.report\n"
        "from visualizer.learning.sources import open_data\n"
        "open_data(['digits'], 0)\n"
        "print([name for name in ('sklearn', 'scipy', 'torchvision') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
