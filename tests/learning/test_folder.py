"""Pictures in folders: every layout, what is wrong in them, and what is refused."""

import itertools
import os
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from visualizer.learning import folder as folders
from visualizer.learning.datasets import BadData
from visualizer.learning.folder import folder, load, scan
from visualizer.learning.progress import finish
from visualizer.paths import resource

numbers = itertools.count()


def put(place, count, height=20, width=24, mode="RGB", suffix=".png"):
    """Save `count` pictures, no two alike, in `place`."""
    place.mkdir(parents=True, exist_ok=True)
    for _ in range(count):
        i = next(numbers)
        shape = (height, width, 3) if mode == "RGB" else (height, width)
        pixels = np.random.default_rng(i).integers(0, 256, shape, np.uint8)
        Image.fromarray(pixels, mode).save(place / f"{i:04d}{suffix}")


def reason(root, **options):
    with pytest.raises(BadData) as caught:
        folder(root, **options)
    said = caught.value.reason
    assert said.endswith(".") and "\n" not in said
    return said


def sizes(data):
    return [len(data.train), len(data.validation), len(data.test)]


def test_a_folder_for_each_class_is_divided_with_a_seed(tmp_path):
    put(tmp_path / "pears", 20)
    put(tmp_path / "apples", 10)
    data = folder(tmp_path, seed=1)
    assert data.class_names == ("apples", "pears") and data.title == tmp_path.name
    assert (data.channels, data.height, data.width) == (3, 28, 28)
    assert sum(sizes(data)) == 30 and data.train.labels.bincount().tolist() == [7, 14]
    assert torch.equal(folder(tmp_path, seed=1).train.images, data.train.images)
    assert not torch.equal(folder(tmp_path, seed=2).train.images, data.train.images)
    assert "70 %" in data.split


@pytest.mark.parametrize(
    ("inside", "expected", "words"),
    [
        ({"train": 10, "val": 4, "test": 6}, [20, 8, 12], "says which"),
        ({"Training": 10, "valid": 4}, [20, 4, 4], "half of each class"),
        ({"train": 20, "test": 5}, [34, 6, 10], "15 % of each"),
        ({"train": 10}, [14, 3, 3], "70 %"),
        ({"train": 10, "validation": 1}, [20, 2, 2], "too few images"),
    ],
)
def test_ready_made_parts_are_kept(tmp_path, inside, expected, words):
    for part, count in inside.items():
        for name in ("a", "b"):
            put(tmp_path / part / name, count)
    data = folder(tmp_path)
    assert sizes(data) == expected and words in data.split
    assert all(set(part.labels.tolist()) == {0, 1} for part in (data.train, data.validation))


def test_the_pixels_are_those_of_the_middle_square(tmp_path):
    put(tmp_path / "a", 2, 28, 40)
    put(tmp_path / "b", 2, 56, 56)
    data = folder(tmp_path, side=28)
    file = sorted((tmp_path / "a").iterdir())[0]
    original = np.asarray(Image.open(file))[:, 6:34]
    images = torch.cat([data.train.images, data.validation.images]).permute(0, 2, 3, 1)
    assert any(np.array_equal(image, original) for image in images.numpy())
    large = np.asarray(Image.open(sorted((tmp_path / "b").iterdir())[0])).astype(float)
    halved = large.reshape(28, 2, 28, 2, 3).mean((1, 3))
    assert min(np.abs(image - halved).max() for image in images.numpy()) <= 0.5


def test_size_and_colour_are_proposed_and_can_be_changed(tmp_path):
    for name in ("a", "b"):
        put(tmp_path / name, 4, 40, 50, mode="L")
    listing = finish(scan(tmp_path))
    assert (listing.side, listing.is_grey, listing.count) == (48, True, 8)
    assert finish(load(listing)).channels == 1
    changed = finish(load(listing, side=33, grey=False))
    assert (changed.channels, changed.height, changed.width) == (3, 33, 33)
    put(tmp_path / "a", 1, 300, 400)
    listing = finish(scan(tmp_path))
    assert (listing.side, listing.is_grey) == (48, False)
    grey = finish(load(listing, grey=True))
    assert grey.channels == 1 and int(grey.train.images.max()) > 100


def test_every_kind_of_picture_becomes_eight_bits(tmp_path):
    put(tmp_path / "a", 2)
    put(tmp_path / "b", 1, suffix=".jpg")
    put(tmp_path / "b", 1, suffix=".gif")
    deep = (np.arange(400, dtype=np.uint16) * 160).reshape(20, 20)
    Image.fromarray(deep).save(tmp_path / "a" / "deep.png")
    seen = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    seen.save(tmp_path / "b" / "clear.png")
    data = folder(tmp_path, side=20, grey=True)
    images = torch.cat([data.train.images, data.validation.images, data.test.images])[:, 0]
    assert any(np.abs(image - deep / 257).max() <= 1 for image in images.numpy())
    assert any((image == 255).all() for image in images)  # on white, as everywhere in the house


def test_what_cannot_be_read_is_listed_and_skipped(tmp_path):
    for name in ("a", "b"):
        put(tmp_path / name, 5)
    (tmp_path / "a" / "notes.txt").write_text("not a picture")
    whole = sorted((tmp_path / "b").iterdir())[0].read_bytes()
    (tmp_path / "b" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "b" / "empty.jpg").touch()
    (tmp_path / "a" / ".DS_Store").write_bytes(b"\0\1")
    (tmp_path / "a" / "Thumbs.db").write_bytes(b"\0\1")
    (tmp_path / "a" / "gone.png").symlink_to(tmp_path / "nowhere.png")
    os.mkfifo(tmp_path / "a" / "pipe.png")
    (tmp_path / "README.md").write_text("beside the classes")
    (tmp_path / ".git").mkdir()
    listing = finish(scan(tmp_path))
    told = {file.rpartition("/")[2] for file, _ in listing.skipped}
    assert told == {"notes.txt", "cut.png", "empty.jpg", "gone.png", "pipe.png"}
    assert listing.count == 10 and listing.class_names == ("a", "b")
    (tmp_path / "a" / listing.parts["train"][0][0].name).unlink()
    data = finish(load(listing))
    assert sum(sizes(data)) == 9 and "6 of the files cannot be read and are" in data.notes[1]
    assert all(name in " ".join(data.notes[1:]) for name in told)


def test_a_single_file_that_cannot_be_read_is_told_of_as_one(tmp_path):
    for name in ("a", "b"):
        put(tmp_path / name, 5)
    (tmp_path / "a" / "notes.txt").write_text("not a picture")
    notes = finish(load(finish(scan(tmp_path)))).notes
    assert any(note.startswith("1 of the files cannot be read and is left out: ") for note in notes)


def test_the_progress_reaches_the_end(tmp_path):
    for name in ("a", "b"):
        put(tmp_path / name, 3)
    listing, seen = None, []
    work = scan(tmp_path)
    while listing is None:
        try:
            seen.append(next(work))
        except StopIteration as end:
            listing = end.value
    assert [step.done for step in seen] == list(range(7)) and seen[0].total == 6
    read = list(load(listing))
    assert [step.done for step in read] == list(range(7)) and read[0].doing != seen[0].doing


def test_what_cannot_be_learned_from_is_refused(tmp_path):
    assert "does not exist" in reason(tmp_path / "nowhere")
    assert "no folders" in reason(tmp_path)
    put(tmp_path, 1)
    assert "not a folder" in reason(next(tmp_path.iterdir()))
    put(tmp_path / "a", 3)
    assert "only one class, 'a'" in reason(tmp_path)
    (tmp_path / "b").mkdir()
    assert "'b' has no picture" in reason(tmp_path)
    (tmp_path / "b" / "x.png").write_text("words")
    assert "'b' has no picture that can be read (b: x.png is text" in reason(tmp_path)
    put(tmp_path / "b", 1)
    assert "'b' has only one picture" in reason(tmp_path)
    put(tmp_path / "b", 1)
    assert sizes(folder(tmp_path))[0] >= 2
    assert "from 8 to 512" in reason(tmp_path, side=4)


def test_a_class_only_in_validation_is_refused(tmp_path):
    for name in ("train/a", "train/b", "val/a", "val/b", "val/zebra"):
        put(tmp_path / name, 2)
    assert "val has a class 'zebra'" in reason(tmp_path)


def test_a_class_may_be_called_train(tmp_path):
    for name in ("train", "plane"):
        put(tmp_path / name, 4)
    assert folder(tmp_path).class_names == ("plane", "train")


def test_what_would_not_fit_into_memory_is_refused_with_the_size_that_would(tmp_path, monkeypatch):
    for name in ("a", "b"):
        put(tmp_path / name, 2)
    monkeypatch.setattr(folders, "MOST_BYTES", 4 * 3 * 16 * 16)
    assert "at most 16 pixels" in reason(tmp_path, side=17)
    assert folder(tmp_path, side=16).height == 16


def test_real_photographs_are_read(tmp_path):
    """CIFAR-10 as a folder, where it is there: a few pictures of each class."""
    given = resource().parent.parent / "shared" / "data" / "cifar10" / "train"
    if not given.is_dir():
        pytest.skip("needs the CIFAR-10 images in shared/data")
    for place in given.iterdir():
        (tmp_path / place.name).mkdir()
        for file in sorted(place.iterdir())[:10]:
            shutil.copy(file, tmp_path / place.name)
    data = folder(tmp_path)
    assert (data.classes, data.channels, data.height, sum(sizes(data))) == (10, 3, 32, 100)
    assert (data.mean - torch.tensor([0.49, 0.48, 0.45])).abs().max() < 0.08
