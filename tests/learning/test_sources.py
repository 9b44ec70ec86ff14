"""From words to data, and what a data card says of them."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from visualizer.learning import sources
from visualizer.learning.card import card, samples
from visualizer.learning.command_line import main
from visualizer.learning.datasets import BadData, Part
from visualizer.learning.digits import digits
from visualizer.learning.shapes import shapes


@pytest.fixture
def pictures(tmp_path):
    """Dark and bright pictures, 20 of each, in folders."""
    for name, low in (("bright", 128), ("dark", 0)):
        place = tmp_path / "pictures" / name
        place.mkdir(parents=True)
        for i in range(20):
            pixels = np.random.default_rng(i).integers(low, low + 128, (30, 30), np.uint8)
            Image.fromarray(pixels).save(place / f"{i}.png")
    return tmp_path / "pictures"


def test_words_name_the_data(pictures):
    assert sources.open_data(["digits"], 0).name == "digits"
    assert len(sources.open_data(["shapes", "1000"], 0).train) == 700
    told = []
    assert sources.open_data(["folder", str(pictures)], 0, tell=told.append).height == 32
    assert len(told) == 2 * 41


def test_a_folder_is_read_at_the_size_and_in_the_colours_asked_for(pictures):
    proposed = sources.open_data(["folder", str(pictures)], 0)
    assert (proposed.channels, proposed.height) == (1, 32)
    asked = sources.open_data(["folder", str(pictures), "48", "rgb"], 0)
    assert (asked.channels, asked.height, asked.width) == (3, 48, 48)
    assert sources.open_data(["folder", str(pictures), "grey"], 0).channels == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["folder", ".", "huge"], "size of the images"),
        (["folder", ".", "32", "48"], "size of the images"),
        (["letters"], "no data called 'letters'"),
        (["shapes", "many"], "choose digits"),
        (["shapes", "10"], "from 1,000 to 20,000"),
        (["folder"], "no data called"),
        (["folder", "nowhere"], "nowhere does not exist"),
        (["mnist", "nowhere"], "nowhere does not hold MNIST"),
        (["kmnist"], "does not hold KMNIST"),
    ],
)
def test_words_that_name_nothing_are_refused(words, said):
    with pytest.raises(BadData, match=said):
        sources.open_data(words, 0)


def test_paths_are_kept_whole(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert sources.lasting(["folder", "cats"]) == ["folder", str(tmp_path / "cats")]
    assert sources.lasting(["folder", "cats", "32"])[2:] == ["32"]
    assert sources.lasting(["mnist", "../x"]) == ["mnist", str(tmp_path.parent / "x")]
    assert sources.lasting(["shapes", "2000"]) == ["shapes", "2000"]


def test_augmentation_suits_the_data(bars):
    assert sources.augmentation("none", bars) is None
    for name in ("gentle", "strong"):
        kinds = {o.kind for o in sources.augmentation(name, digits()).operations}
        assert "rotation" in kinds and not kinds & {"mirror", "hue", "saturation"}
    with pytest.raises(ValueError, match="no augmentation 'wild'"):
        sources.augmentation("wild", bars)


def test_ones_own_pictures_are_learned_from_a_terminal(pictures, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    chosen = ["--network", "mlp", "--epochs", "6", "--augment", "gentle"]
    speed = ["--batch-size", "7", "--learning-rate", "0.003", "--threads", "1", "--device", "cpu"]
    command = ["train", "--data", "folder", "pictures", *chosen, *speed, "--out", "run"]
    assert main(command) == 0
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert result["data"] == ["folder", str(pictures)] and result["test_accuracy"] == 1.0
    monkeypatch.chdir("/")
    assert main(["evaluate", str(tmp_path / "run")]) == 0
    assert "Accuracy 100.00%" in capsys.readouterr().out


def test_the_card_counts_and_explains():
    data = shapes(1_000, seed=2)
    this = card(data)
    for counts, part in ((this.train, data.train), (this.test, data.test)):
        assert list(counts) == [int((part.labels == i).sum()) for i in range(6)]
    assert sum(this.train) + sum(this.validation) + sum(this.test) == 1_000
    assert this.image == "32 × 32, RGB" and card(digits()).image == "28 × 28, grey"
    values = data.train.images.double() / 255
    assert this.mean == pytest.approx(values.mean((0, 2, 3)).tolist(), abs=1e-6)
    assert this.std == pytest.approx(values.std((0, 2, 3), correction=0).tolist(), abs=1e-6)
    text = " ".join(this.sentences)
    assert text.startswith("700 images to learn from") and "never augmented" in text
    assert all(sentence.endswith(".") for sentence in this.sentences)


def test_samples_are_of_each_class_and_do_not_repeat(bars):
    chosen = samples(bars, 5, seed=1)
    assert chosen.shape == (3, 5) and torch.equal(chosen, samples(bars, 5, seed=1))
    for label, row in enumerate(chosen):
        assert (bars.train.labels[row] == label).all() and len(set(row.tolist())) == 5
    few = bars.train
    few = type(bars)("few", "Few", bars.class_names, Part(few.images[:4], few.labels[:4]), few, few)
    assert samples(few, 3)[1].tolist() == [1, -1, -1]
