"""The experiment, the mailbox, the kept runs and the work of the training thread."""

import shutil
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from visualizer.core.image import Image
from visualizer.learning import events, report
from visualizer.learning.checkpoint import Ring
from visualizer.learning.networks import PRESETS, dropout_of
from visualizer.learning.pipeline import PRESETS as PIPELINES
from visualizer.learning.trainer import Trainer
from visualizer.state.compared_runs import differences, told_apart
from visualizer.state.inspect_work import Source
from visualizer.state.mailbox import Mailbox
from visualizer.state.runs import Run, Runs, experiment_of
from visualizer.state.training import Experiment, TrainingModel
from visualizer.state.training_news import SNAPSHOT, STEP, Failed, Order, Ready, Trained
from visualizer.state.training_probe import from_picture, from_validation
from visualizer.state.training_work import Remote, look, prepare, read_history, stored, work

SHORT = Experiment(epochs=0.3, device="cpu")


@pytest.fixture(scope="module")
def prepared():
    return prepare(SHORT)


def test_of_pictures_the_newest_wins_and_news_all_arrive() -> None:
    mailbox = Mailbox()
    for i in range(3):
        mailbox.tell(i)
        mailbox.show("picture", i)
    post = mailbox.take()
    assert post.news == (0, 1, 2)
    assert post.latest == {"picture": 2}
    assert mailbox.take().news == () and mailbox.take().latest == {}


def test_an_experiment_survives_a_file_and_refuses_nonsense() -> None:
    made = Experiment(data=("shapes", "1000"), network="lenet-5", batch_norm=True, width=2.0)
    assert Experiment.from_plain(made.to_plain()) == made
    for bad in ({"network": "none such"}, {"learning_rate": -1.0}, {"surprise": 1}, [], None):
        with pytest.raises(ValueError):
            Experiment.from_plain(bad)


def test_the_choices_reach_the_network() -> None:
    spec = Experiment(activation="tanh", pooling="average", dropout=0.25, width=0.5).spec()
    names = spec.names()
    assert "tanh1" in names and not any(name.startswith("relu") for name in names)
    assert dropout_of(spec) == 0.25
    assert spec.layers[0].channels == PRESETS["quick"].layers[0].channels // 2


def test_live_changes_are_passed_on_and_others_are_not() -> None:
    model, heard = TrainingModel(), []
    model.live = lambda name, value: heard.append((name, value))
    model.edit("rate", learning_rate=0.5)
    model.edit("seed", seed=3)
    model.edit("augmentation", augmentation="gentle")
    assert heard == [("learning_rate", 0.5), ("augmentation", PIPELINES["gentle"])]


def test_what_is_seldom_changed_reaches_the_trainer_and_comes_back(tmp_path) -> None:
    chosen = replace(SHORT, weight_decay=0.01, label_smoothing=0.0, precision="bfloat16",
                     deterministic=False)  # fmt: skip
    mailbox = Mailbox()
    work(Order(chosen, tmp_path), Remote(), mailbox)
    state, _ = Ring(tmp_path).newest()
    settings = state.settings
    assert (settings.weight_decay, settings.label_smoothing) == (0.01, 0.0)
    assert (settings.precision, settings.deterministic) == ("bfloat16", False)
    ready, started = mailbox.take().news[:2]
    assert ready.prepared.experiment == chosen and started.precision == "bfloat16"


def test_how_a_folder_is_read_is_chosen_and_kept() -> None:
    model = TrainingModel()
    model.choose_data(("folder", "/a/folder of 32 grey"))
    assert model.settings.folder_reading == ("", "")
    model.read_folder("48", "grey")
    assert model.settings.data == ("folder", "/a/folder of 32 grey", "48", "grey")
    model.read_folder("", "grey")
    assert model.settings.folder_reading == ("", "grey")
    assert Experiment.from_plain(model.settings.to_plain()) == model.settings


def test_another_network_brings_its_own_dropout() -> None:
    model = TrainingModel()
    model.choose_network("textbook")
    assert model.settings.dropout == 0.5


def test_the_oldest_curves_make_room_but_the_run_stays(tmp_path) -> None:
    runs = Runs(tmp_path)
    for _ in range(10):
        runs.begin(SHORT)
    assert [run.shown for run in runs] == [False] * 2 + [True] * 8
    runs.show(next(iter(runs)), True)
    runs.begin(SHORT)
    assert [run.shown for run in Runs(tmp_path)] == [False] * 3 + [True] * 8


def test_runs_are_kept_with_their_curves(tmp_path) -> None:
    runs = Runs(tmp_path)
    run = runs.begin(SHORT)
    run.log.steps.append(1, 2.3, 0.1, 0.01)
    run.log.validations.append(1, 2.2, 0.2, 1)
    run.log.marks.append({"step": 1, "name": "dropout", "before": "0", "after": "0.5"})
    run.status = "finished"
    run.save_curves()
    runs.rename(run, "  the \n first ")
    runs.show(run, False)
    again = next(iter(Runs(tmp_path)))
    assert (again.name, again.shown, again.status) == ("the first", False, "finished")
    assert again.experiment == SHORT and again.log.marks == run.log.marks
    np.testing.assert_array_equal(again.log.steps.since(0), run.log.steps.since(0))
    assert runs.begin(SHORT).number == 2
    runs.delete(run)
    assert not run.folder.exists() and [r.number for r in runs] == [2]


def test_a_lesson_opened_elsewhere_brings_history_and_corrections(tmp_path) -> None:
    ran, there = tmp_path / "ran", tmp_path / "lesson"
    work(Order(SHORT, ran), Remote(), Mailbox())
    shutil.copytree(ran, there)
    kept = read_history(ran)
    assert kept is not None and kept.steps() == (0, 1, 2, 3, 4)
    runs = Runs(tmp_path / "elsewhere")
    from_folder = runs.adopt(there)
    file = there / "checkpoint-a.cnnv"
    from_file = runs.adopt_file(file, SHORT, Ring(there).newest()[0].log, 4)
    assert from_folder.name == from_file.name == "lesson" and from_file.accuracy is not None
    for run in (from_folder, from_file):
        assert read_history(run.folder).steps() == kept.steps()
        assert (run.folder / "corrections.json").exists()


def test_the_history_keeps_to_the_memory_it_is_given(tmp_path, prepared) -> None:
    histories = {}
    for size in (0, 2, 64):
        mailbox = Mailbox()
        folder = tmp_path / str(size)
        work(Order(replace(SHORT, epochs=1.0, history_mb=size), folder), Remote(), mailbox)
        histories[size] = mailbox.take().news[0].history
        assert histories[size].size <= size * 2**20
    assert len(histories[0]) == 0 and histories[0].capacity == 0
    assert 2 <= len(histories[2]) < len(histories[64]) == 14
    assert len(read_history(tmp_path / "64")) == 14
    with pytest.raises(ValueError, match="memory of the history"):
        Experiment(history_mb=-1)


@pytest.mark.parametrize(
    ("changes", "same", "words"),
    [
        ({}, True, "same settings"),
        ({"augmentation": "gentle", "history_mb": 1}, True, "augmentation none vs gentle"),
        (
            {"pooling": "average", "batch_norm": False},
            True,
            "pooling as designed vs average, batch norm as designed vs off",
        ),
        ({"network": "lenet-5"}, True, "network Quick vs LeNet-5"),
        ({"seed": 3}, False, "seed 0 vs 3"),
        ({"batch_size": 32, "learning_rate": 0.001}, False, "rate 0.01 vs 0.001, batch 100 vs 32"),
        ({"data": ("shapes",)}, False, "data digits vs shapes"),
    ],
)
def test_what_two_runs_have_in_common_is_said(changes, same, words) -> None:
    found = differences(_run(SHORT), _run(replace(SHORT, **changes)))
    assert found.same_order is same and found.words() == words
    assert ("Same seed, same order of images" in found.about_order()) is same


def _run(experiment: Experiment, *changes: tuple[int, str, str, str]) -> Run:
    run = Run(Path(), 1, "Run 1", experiment)
    for step, name, before, after in changes:
        run.log.marks.append({"step": step, "name": name, "before": before, "after": after})
    return run


def test_runs_are_told_apart_by_the_settings_that_not_all_share() -> None:
    dropped, smaller = replace(SHORT, dropout=0.5), replace(SHORT, batch_size=32)
    assert told_apart([_run(SHORT), _run(dropped), _run(smaller)]) == (
        "dropout 0, batch 100",
        "dropout 0.5, batch 100",
        "dropout 0, batch 32",
    )
    assert told_apart([_run(SHORT), _run(SHORT)]) == ("", "") and told_apart([]) == ()


def test_runs_are_told_apart_by_what_was_changed_while_they_went_on() -> None:
    slower = (40, "learning_rate", "0.01", "0.0009")
    changed = _run(SHORT, slower)
    assert told_apart([_run(SHORT), changed]) == ("rate 0.01", "rate 0.01 → 0.0009")
    found = differences(_run(SHORT), changed)
    assert found.words() == "rate 0.01 vs 0.01 → 0.0009" and found.same_order
    assert not differences(_run(SHORT), _run(SHORT, (40, "batch_size", "100", "251"))).same_order
    resumed = _run(replace(SHORT, learning_rate=0.0009), slower)
    assert told_apart([changed, resumed]) == ("", "")
    often = _run(SHORT, slower, (50, "learning_rate", "0.0009", "0.1"),
                 (60, "learning_rate", "0.1", "0.02"))  # fmt: skip
    assert told_apart([changed, often]) == ("rate 0.01 → 0.0009", "rate 0.01 → … → 0.02")


def test_of_the_data_the_name_of_the_folder_is_told_and_after_all_else() -> None:
    mnist = replace(SHORT, data=("mnist", "/a/long way/to/data"), learning_rate=0.1)
    assert told_apart([_run(SHORT), _run(mnist)]) == (
        "rate 0.01, data digits",
        "rate 0.1, data mnist data",
    )
    assert Source.of_run(_run(mnist)).title == "Run 1 · MNIST"


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"number": 1}'])
def test_a_damaged_run_is_named_and_left_alone(tmp_path, damage) -> None:
    run = Runs(tmp_path).begin(SHORT)
    (run.folder / "run.json").write_text(damage)
    again = Runs(tmp_path)
    assert len(again) == 0 and run.folder.name in again.faults[0]
    assert run.folder.exists()


def test_the_work_tells_everything_and_leaves_files(tmp_path, prepared) -> None:
    mailbox, remote = Mailbox(), Remote()
    remote.send(lambda controls: controls.request_snapshot())
    work(Order(SHORT, tmp_path), remote, mailbox)
    post = mailbox.take()
    kinds = [type(news) for news in post.news]
    assert kinds[0] is Ready and kinds[1] is events.Started and kinds[-1] is Trained
    assert events.Finished in kinds
    ready = post.news[0]
    assert len(ready.log.steps) == post.latest[STEP].step == 4
    assert post.latest[SNAPSHOT].step == 0  # asked for before the first step
    for name in ("weights.safetensors", "metrics.csv", "result.json", "checkpoint-a.cnnv"):
        assert (tmp_path / name).exists()


def test_what_a_run_of_the_command_line_was_made_from_is_in_its_result(tmp_path) -> None:
    chosen = replace(SHORT, learning_rate=0.02, optimizer="sgd", seed=3)
    facts = {"data": ["digits"], "data_seed": 3, "network": "quick", "augment": "none"}
    report.write_result(tmp_path, {**facts, "settings": asdict(chosen.settings())})
    assert experiment_of(tmp_path / "checkpoint-a.cnnv") == chosen
    report.write_result(tmp_path, {**facts, "settings": 3})
    assert experiment_of(tmp_path) is None


def test_a_stop_before_the_trainer_is_there_is_not_lost(tmp_path) -> None:
    mailbox, remote = Mailbox(), Remote()
    remote.send(lambda controls: controls.stop())
    work(Order(SHORT, tmp_path), remote, mailbox)
    finished = [n for n in mailbox.take().news if isinstance(n, events.Finished)]
    assert finished[0].stopped and finished[0].step == 0


@pytest.mark.parametrize("late", [False, True])
def test_a_run_that_is_given_up_before_it_begins_tells_and_leaves_nothing(
    tmp_path, monkeypatch, late
) -> None:
    mailbox, remote = Mailbox(), Remote()
    remote.discard = not late
    real = Trainer.__init__

    def slow(*args, **how) -> None:  # as with a long history, which is read before
        remote.discard = True
        real(*args, **how)

    monkeypatch.setattr(Trainer, "__init__", slow)
    work(Order(SHORT, tmp_path), remote, mailbox)
    assert not mailbox.take().news and not list(tmp_path.iterdir())


def test_what_cannot_be_trained_is_said_in_a_sentence(tmp_path) -> None:
    mailbox = Mailbox()
    work(Order(replace(SHORT, batch_size=5000), tmp_path), Remote(), mailbox)
    (news,) = mailbox.take().news
    assert isinstance(news, Failed) and news.error is None and "5000" in news.reason
    assert "5000" in prepare(replace(SHORT, batch_size=5000)).refusal


def test_a_resumed_run_goes_on_from_its_checkpoint(tmp_path) -> None:
    first = Mailbox()
    work(Order(SHORT, tmp_path), Remote(), first)
    second = Mailbox()
    work(Order(replace(SHORT, learning_rate=0.5), tmp_path, resume=True), Remote(), second)
    ready, started = second.take().news[:2]
    assert started.step == 4 and len(ready.log.steps) == 4
    assert ready.prepared.experiment.learning_rate == SHORT.learning_rate


@pytest.mark.parametrize(("ran", "ordered"), [("none", "gentle"), ("gentle", "none")])
def test_a_resumed_run_keeps_its_augmentation(tmp_path, ran, ordered) -> None:
    work(Order(replace(SHORT, augmentation=ran), tmp_path), Remote(), Mailbox())
    mailbox = Mailbox()
    order = replace(SHORT, augmentation=ordered)
    work(Order(order, tmp_path, resume=True), Remote(), mailbox)
    ready = mailbox.take().news[0]
    assert ready.prepared.experiment.augmentation == ran
    state, _ = Ring(tmp_path).newest()
    assert (state.augmentation.name if state.augmentation else "none") == ran
    assert report.read_origin(tmp_path)["augment"] == ran


def test_a_run_of_another_device_goes_on_here(tmp_path) -> None:
    work(Order(SHORT, tmp_path), Remote(), Mailbox())
    ring = Ring(tmp_path)
    state, _ = ring.newest()
    missing = "mps" if torch.cuda.is_available() else "cuda"
    ring.save(replace(state, settings=replace(state.settings, device=missing)))
    mailbox = Mailbox()
    work(Order(SHORT, tmp_path, resume=True), Remote(), mailbox)
    ready, started = mailbox.take().news[:2]
    assert ready.prepared.experiment.device == "auto" and started.step == 4


def test_a_stored_network_is_what_the_run_left_whatever_its_description_says(tmp_path) -> None:
    run = Runs(tmp_path).begin(SHORT)
    mailbox = Mailbox()
    work(Order(SHORT, run.folder), Remote(), mailbox)
    left = next(news for news in mailbox.take().news if isinstance(news, Trained))
    loaded = stored(run)
    assert loaded.experiment == SHORT and loaded.step == left.step
    for name, x in left.network.state_dict().items():
        assert torch.equal(x, loaded.network.state_dict()[name])
    run.experiment = replace(SHORT, network="lecture")
    other = stored(run).experiment
    assert other.network == "custom" and other.spec().layers == SHORT.spec().layers


def test_probes_have_the_size_and_the_channels_of_the_data(prepared) -> None:
    part = prepared.dataset.validation
    probe = from_validation(prepared.dataset, len(part) + 3)
    np.testing.assert_array_equal(probe.pixels, part.images[3].numpy())
    assert probe.label == int(part.labels[3])
    photo = np.zeros((60, 100, 3), np.uint8)
    photo[:, 50:] = 255
    picture = from_picture(Image.from_array(photo, "half"), prepared.dataset)
    assert picture.pixels.shape == (1, 28, 28) and picture.label is None
    assert picture.pixels[0, :, 0].max() == 0 and picture.pixels[0, :, -1].min() == 255


def test_a_look_before_training_shows_the_network_a_run_begins_with(prepared) -> None:
    probe = from_validation(prepared.dataset, 0)
    snapshot = look(prepared, probe, None)
    assert snapshot.step == 0
    assert snapshot.activations["relu1"].shape == (16, 12, 12)
    assert snapshot.probabilities.sum() == pytest.approx(1, abs=1e-5)
