"""The Augment page's choices, what training makes of them, and what is computed for the page."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as Pillow

from visualizer.core.image import Image
from visualizer.learning.operations import KINDS, Operation
from visualizer.learning.pipeline import OWN, PRESETS, Pipeline
from visualizer.state import augment_export, augment_work
from visualizer.state.augment import AugmentModel
from visualizer.state.augment_work import Material, NoImages
from visualizer.state.mailbox import Mailbox
from visualizer.state.training import Experiment, TrainingModel
from visualizer.state.training_news import Order, Ready
from visualizer.state.training_work import Remote, work

SHORT = Experiment(epochs=0.4, batch_size=50, device="cpu", precision="float32")


@pytest.fixture
def model():
    return AugmentModel()


def kinds(model):
    return [operation.kind for operation in model.settings.pipeline.operations]


def test_operations_come_go_and_change_places(model):
    model.choose_preset("cifar")
    model.add("noise")
    assert kinds(model) == ["padded_crop", "mirror", "noise"]
    assert model.settings.pipeline.name == OWN
    model.move(2, 0)
    assert kinds(model) == ["noise", "padded_crop", "mirror"]
    model.move(0, 3)
    model.move(0, -1)
    assert kinds(model) == ["noise", "padded_crop", "mirror"]
    model.change(0, on=False, low=0.1, high=0.2, probability=0.3)
    assert model.settings.pipeline.operations[0] == Operation("noise", 0.1, 0.2, 0.3, False)
    model.remove(0)
    assert model.settings.pipeline == PRESETS["cifar"], "what equals a preset has its name again"
    model.fill_with("wrap")
    assert (model.settings.pipeline.fill, model.settings.pipeline.name) == ("wrap", OWN)


def test_contradictory_ranges_and_too_many_operations_are_refused(model):
    before = model.settings
    with pytest.raises(ValueError, match="smaller value first"):
        model.change(1, low=5, high=1)
    with pytest.raises(ValueError, match="at most 40"):
        model.compose("test", (Operation.usual("invert"),) * 41)
    assert model.settings is before


def test_shuffle_takes_the_next_seed_and_begins_anew_at_the_end(model):
    model.shuffle()
    assert model.settings.seed == 1
    model.edit("seed", seed=9999)
    model.shuffle()
    assert model.settings.seed == 0


def test_training_follows_the_pipeline_that_it_took():
    training = TrainingModel()
    heard = []
    training.live = lambda *change: heard.append(change)
    training.augment.add("blur")
    assert not heard and training.settings.augmentation == "none"
    training.choose_augmentation(OWN)
    training.augment.add("invert")
    training.augment.choose_preset("strong")
    assert [name for name, _ in heard] == ["augmentation"] * 3
    assert heard[-1][1] == replace(PRESETS["strong"], name=OWN) == training.settings.augment()
    training.choose_augmentation("gentle")
    training.augment.add("invert")
    assert training.settings.augment() == PRESETS["gentle"] and training.settings.pipeline is None


def test_a_run_with_another_pipeline_of_ones_own_is_left_alone():
    training = TrainingModel()
    former = Pipeline(OWN, (Operation("zoom", 0.5, 0.6),))
    training.restore(replace(training.settings, augmentation=OWN, pipeline=former))
    training.augment.add("blur")
    assert training.settings.pipeline == former


def test_an_experiment_with_a_pipeline_comes_back_from_a_file():
    pipeline = Pipeline(OWN, (Operation("zoom", 0.5, 0.6, 0.1 + 0.2),), "wrap", 0.25)
    experiment = replace(SHORT, augmentation=OWN, pipeline=pipeline)
    plain = json.loads(json.dumps(experiment.to_plain()))
    assert Experiment.from_plain(plain) == experiment
    former = {k: v for k, v in SHORT.to_plain().items() if k != "pipeline"}
    assert Experiment.from_plain(former) == SHORT
    with pytest.raises(ValueError, match="no augmentation 'custom'"):
        replace(SHORT, augmentation=OWN)
    with pytest.raises(ValueError, match="twirl"):
        Experiment.from_plain(
            {**plain, "pipeline": {"operations": [{"kind": "twirl", "low": 0, "high": 1}]}}
        )


def test_a_resumed_run_goes_on_with_the_pipeline_of_ones_own_exactly(tmp_path):
    own = Pipeline(OWN, (Operation("mirror", 1, 1, 0.5), Operation("noise", 0, 1 / 3)))
    order = Order(replace(SHORT, augmentation=OWN, pipeline=own), tmp_path)
    work(order, Remote(), Mailbox())
    mailbox = Mailbox()
    work(replace(order, experiment=SHORT, resume=True), Remote(), mailbox)
    ready = next(news for news in mailbox.take().news if isinstance(news, Ready))
    experiment = ready.prepared.experiment
    assert (experiment.augmentation, experiment.pipeline) == (OWN, own), "also for digits"


def picture(pixels):
    return augment_work.of_picture(Image.from_array(pixels, "picture"))


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        (np.array([[0, 255]], np.uint8), [0, 1]),
        (np.array([[0, 65535]], np.uint16), [0, 1]),
        (np.array([[-2.0, 2.0]], np.float32), [0, 1]),
        (np.array([[0.25, 0.5]], np.float32), [0.25, 0.5]),
        (np.array([[np.nan, 1.0, np.inf]], np.float32), [0, 1, 1]),
    ],
)
def test_pictures_of_every_depth_are_brought_to_0_to_1(pixels, expected):
    images = picture(pixels).images[0]
    assert images.dtype == np.float32 and images[0, 0].tolist() == pytest.approx(expected)


def test_a_large_picture_is_made_small_and_says_so():
    material = picture(np.zeros((1000, 500, 3), np.uint8))
    assert material.images[0].shape == (3, 224, 112)
    assert "224 × 112" in material.notes[0]
    assert picture(np.zeros((1, 5000), np.uint8)).images[0].shape == (1, 1, 224)


def test_a_folder_of_pictures(tmp_path):
    with pytest.raises(NoImages, match="holds no files"):
        list(augment_work.of_folder(tmp_path))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(NoImages, match=r"broken\.png"):
        list(augment_work.of_folder(tmp_path))
    Pillow.new("RGB", (40, 30), (255, 0, 0)).save(tmp_path / "red.png")
    Pillow.new("L", (5, 5), 128).save(tmp_path / "grey.png")
    *shares, material = augment_work.of_folder(tmp_path)
    assert isinstance(material, Material) and shares == pytest.approx([0, 1 / 3, 2 / 3])
    assert material.names == ("grey.png", "red.png")
    assert material.images[1].shape == (3, 30, 40) and material.at(3)[1] == "red.png"
    assert "1 of the files" in material.notes[0]
    with pytest.raises(NoImages, match="cannot be opened"):
        list(augment_work.of_folder(tmp_path / "gone"))


def test_results_repeat_themselves_and_say_what_was_drawn():
    image = np.random.default_rng(0).random((3, 12, 10), np.float32)
    pipeline = Pipeline(OWN, (Operation("mirror", 1, 1, 0.5), Operation("brightness", 0.5, 0.6)))
    one, same, other = (augment_work.results(image, pipeline, 16, seed) for seed in (3, 3, 4))
    assert one.images.shape == (16, 3, 12, 10) and one.images.dtype == np.uint8
    assert np.array_equal(one.images, same.images)
    assert not np.array_equal(one.images, other.images)
    for i in range(16):
        drawn = dict(one.drawn[i])
        expected = image[:, :, ::-1] if "mirror" in drawn else image
        expected = np.rint(expected * np.float32(drawn["brightness"]) * 255)
        assert np.abs(one.images[i] - expected).max() <= 1
        assert ("Flip left–right" in one.in_words(i).replace("\u00a0", " ")) == ("mirror" in drawn)
        assert f"Brightness\u00a0×\u00a0{drawn['brightness']:.2f}" in one.in_words(i)
    nothing = augment_work.results(image, Pipeline(), 16, 0)
    assert np.array_equal(nothing.images[5], augment_work.to_levels(image))
    assert nothing.in_words(0) == "unchanged: no operation was drawn"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(3, 12, 10), (1, 1, 1)])
def test_every_operation_is_shown_through_its_range(kind, shape):
    image = np.random.default_rng(0).random(shape, np.float32)
    known = KINDS[kind]
    for operation in (Operation.usual(kind), Operation(kind, known.low, known.low),
                      Operation(kind, known.low, known.high)):  # fmt: skip
        row = augment_work.row(image, operation, Pipeline())
        assert len(row.texts) == len(row.images) and row.images.shape[1:] == shape
        if not operation.fixed:
            assert len(row.images) == 5
            ends = known.written(operation.low), known.written(operation.high)
            assert (row.texts[0], row.texts[-1]) == ends


def test_noise_is_seen_in_the_steps_of_a_large_image():
    image = np.full((1, 100, 200), 0.5, np.float32)
    image[:, 26:74, 76:124] = 0.25  # the middle
    noisy = augment_work.row(image, Operation("noise", 0.0, 0.1), Pipeline()).images
    assert noisy.shape == (5, 1, 48, 48)
    spread = noisy.std(axis=(1, 2, 3))
    assert spread[0] == 0 and abs(spread[-1] - 255 * 0.1) < 2, "σ as it is, none averaged away"
    turned = augment_work.row(image, Operation("rotation", 0.0, 10.0), Pipeline()).images
    assert turned.shape[1:] == image.shape
    assert not augment_work.shows_middle(Operation.usual("noise"), image[:, :28, :28])


def test_an_export_that_is_cancelled_or_in_the_way_leaves_nothing(tmp_path):
    image = np.random.default_rng(0).random((3, 6, 5), np.float32)
    material = Material((image,), ("one",), "", augment_work.to_levels(image[None]))
    told = []

    def tick(share):
        told.append(share)
        if len(told) == 3:
            raise InterruptedError

    made = ("a/b", material), ("..", material)
    (tmp_path / ".part-new/left of a run that was killed").mkdir(parents=True)
    with pytest.raises(InterruptedError):
        augment_export.write_images(tmp_path / "new", made, PRESETS["gentle"], 2, 0, tick)
    assert told == [0, 0.25, 0.5] and not list(tmp_path.iterdir())
    augment_export.write_images(tmp_path / "new", made, PRESETS["gentle"], 2, 0, lambda share: None)
    files = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.png"))
    assert files == ["new/a-b/0001.png", "new/a-b/0002.png", "new/class/0001.png",
                     "new/class/0002.png"]  # fmt: skip
    with Pillow.open(tmp_path / "new/a-b/0001.png") as picture:
        first = augment_work.results(image, PRESETS["gentle"], 1, 0).images[0]
        assert np.array_equal(np.asarray(picture), first.transpose(1, 2, 0))
    alike = ("a/b", material), ("a:b", material)  # two classes, one name for the file system
    augment_export.write_images(
        tmp_path / "alike", alike, PRESETS["none"], 1, 0, lambda share: None
    )
    folders = {p.parent.name for p in (tmp_path / "alike").rglob("*.png")}
    assert folders == {"a-b", "a-b 2"}
    with pytest.raises(FileExistsError):
        augment_export.write_images(tmp_path / "new", made, PRESETS["gentle"], 2, 0, tick)
    assert augment_export.fresh_folder(tmp_path, "new") == tmp_path / "new 2"
