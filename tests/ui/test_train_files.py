"""What goes out of the Train page and comes back: checkpoints, curves, pictures, dropped images."""

import csv

import numpy as np
import PIL.Image
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from visualizer.learning import checkpoint, history_file
from visualizer.learning.digits import digits
from visualizer.learning.networks import PRESETS
from visualizer.learning.settings import TrainingSettings
from visualizer.learning.shapes import shapes
from visualizer.learning.trainer import Trainer
from visualizer.ui.drop_target import DropTarget

PATIENCE = 20_000


@pytest.fixture(name="page")
def _page(train_page):
    return train_page


@pytest.fixture
def answered(monkeypatch):
    """Let every question for a file be answered with a path, which is set here."""
    chosen = {}

    def answer(dialog: QFileDialog) -> None:
        assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
        chosen["suggested"] = dialog.selectedFiles()[0]
        dialog.fileSelected.emit(str(chosen["path"]))
        dialog.close()

    monkeypatch.setattr(QFileDialog, "open", answer)
    return chosen


def saved(qtbot, said, path) -> None:
    qtbot.waitUntil(lambda: any(s.startswith("Saved ") for s in said.sentences), timeout=PATIENCE)
    assert path.exists()
    said.sentences.clear()


def test_a_checkpoint_is_saved_while_training_and_opened_again(
    qtbot, page, context, said, answered, tmp_path
) -> None:
    page.model.choose_network("lecture")
    page.training.step()
    qtbot.waitUntil(lambda: page.training.run.step == 1, timeout=PATIENCE)
    answered["path"] = tmp_path / "kept.cnnv"
    context.actions["train.save"].trigger()
    saved(qtbot, said, answered["path"])
    assert answered["suggested"].endswith("Run-1-step-1.cnnv")
    assert checkpoint.read(answered["path"]).position.step == 1
    page.training.stop()
    qtbot.waitUntil(lambda: page.training.state == "idle", timeout=PATIENCE)
    with qtbot.waitSignal(page.look.scored, timeout=PATIENCE):
        page.opener.open_file(answered["path"])  # the same network: no question
        qtbot.waitUntil(lambda: page.look.picked is not None, timeout=PATIENCE)
    run = page.look.picked
    assert (run.name, run.step, run.experiment.network) == ("kept", 1, "lecture")
    page.training.resume(run)
    qtbot.waitUntil(lambda: page.training.state == "training", timeout=PATIENCE)
    qtbot.waitUntil(lambda: run.step > 3, timeout=PATIENCE)
    page.training.stop()
    qtbot.waitUntil(lambda: page.training.state == "idle", timeout=PATIENCE)


def written(path, network: str, dataset) -> None:
    settings = TrainingSettings(device="cpu", precision="float32", epochs=1)
    trainer = Trainer(dataset, PRESETS[network], settings)
    checkpoint.write(path, trainer.state())


def test_another_network_is_shown_as_a_difference_with_the_offer_to_build_it(
    qtbot, page, tmp_path
) -> None:
    file = tmp_path / "foreign.cnnv"
    written(file, "tiny-vgg", digits())
    page.opener.open_file(file)
    qtbot.waitUntil(lambda: bool(page.findChildren(QMessageBox)), timeout=PATIENCE)
    (box,) = page.findChildren(QMessageBox)
    assert "foreign.cnnv holds another network" in box.text()
    first = box.informativeText().splitlines()[0]
    assert first == "layer 1: the file has 10 filters 3×3, this network 16 filters 5×5"
    build = next(b for b in box.buttons() if "Build" in b.text())
    with qtbot.waitSignal(page.look.scored, timeout=PATIENCE):
        qtbot.mouseClick(build, Qt.MouseButton.LeftButton)
    assert page.model.settings.spec().layers[0] == PRESETS["tiny-vgg"].layers[0]
    assert page.kernels.mosaic.count() == 10 and page.look.picked.name == "foreign"


def test_keeping_ones_own_network_changes_nothing(qtbot, page, tmp_path) -> None:
    file = tmp_path / "foreign.cnnv"
    written(file, "mlp", digits())
    before = page.model.settings
    page.opener.open_file(file)
    qtbot.waitUntil(lambda: bool(page.findChildren(QMessageBox)), timeout=PATIENCE)
    (box,) = page.findChildren(QMessageBox)
    keep = next(b for b in box.buttons() if "Keep" in b.text())
    qtbot.mouseClick(keep, Qt.MouseButton.LeftButton)
    assert page.model.settings == before and len(page.training.runs) == 0


def test_checkpoints_that_cannot_be_used_are_refused_in_a_sentence(
    qtbot, page, said, tmp_path
) -> None:
    other, damaged = tmp_path / "shapes.cnnv", tmp_path / "damaged.cnnv"
    written(other, "quick", shapes(1000))
    damaged.write_bytes(b"nothing")
    for file, part in ((other, "is for images of 3 × 32 × 32"), (damaged, "is not a checkpoint")):
        page.opener.open_file(file)
        qtbot.waitUntil(lambda p=part: any(p in s for s in said.sentences), timeout=PATIENCE)
    assert len(page.training.runs) == 0
    assert said.standing
    page.model.choose_data(("shapes", "1000"))
    assert not said.standing


def test_a_run_is_saved_with_its_history_and_opened_elsewhere(
    qtbot, page, context, said, monkeypatch, tmp_path
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    page.model.edit("test", epochs=1.0)
    page.training.start()
    with qtbot.waitSignal(page.look.scored, timeout=PATIENCE):
        pass
    said.sentences.clear()
    steps = page.training.history.steps()
    context.actions["train.save_run"].trigger()
    folder = tmp_path / "Run-1-step-13"
    saved(qtbot, said, folder)
    assert history_file.read(folder).history.steps() == steps
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
    context.actions["train.save_run"].trigger()
    qtbot.waitUntil(lambda: any("already" in s for s in said.sentences), timeout=PATIENCE)
    page.training.open_run(folder)
    qtbot.waitUntil(lambda: page.training.state == "idle", timeout=PATIENCE)
    _, copy = page.training.runs
    assert (copy.name, copy.step, len(copy.log.steps)) == ("Run-1-step-13", 13, 13)
    assert history_file.read(copy.folder).history.steps() == steps


def test_curves_leave_as_picture_drawing_and_numbers(
    qtbot, page, context, said, answered, tmp_path
) -> None:
    context.actions["train.csv"].trigger()
    assert said.sentences[-1].startswith("There are no curves")
    page.model.edit("test", epochs=1.0)
    page.training.start()
    with qtbot.waitSignal(page.look.scored, timeout=PATIENCE):
        pass
    said.sentences.clear()
    answered["path"] = tmp_path / "curves.csv"
    context.actions["train.csv"].trigger()
    saved(qtbot, said, answered["path"])
    rows = list(csv.reader(answered["path"].read_text().splitlines()))
    (run,) = page.training.runs
    assert rows[0] == ["run", "step", "part", "loss", "accuracy", "learning_rate"]
    train = [row for row in rows if row[2] == "train"]
    losses = run.log.steps.since(0)[:, 1]
    assert [float(row[3]) for row in train] == pytest.approx(losses, rel=1e-5)
    answered["path"] = tmp_path / "curves.svg"
    context.actions["train.curves"].trigger()
    saved(qtbot, said, answered["path"])
    drawing = answered["path"].read_text()
    assert drawing.startswith("<?xml") and "Loss" in drawing and "polyline" in drawing


@pytest.mark.parametrize("key", ["curves", "image", "kernels", "batch", "page"])
def test_pictures_are_twice_as_sharp_as_the_screen(
    qtbot, page, context, said, answered, tmp_path, key
) -> None:
    part = {"image": page.views, "kernels": page.kernels, "batch": page.batch, "page": page}
    answered["path"] = tmp_path / f"{key}.png"
    context.actions[f"train.{key}"].trigger()
    saved(qtbot, said, answered["path"])
    image = QImage(str(answered["path"]))
    widget = part.get(key, page.curves.loss)
    assert image.width() == 2 * widget.width()
    colors = {image.pixelColor(x, y).name() for x in range(0, image.width(), 7) for y in (60, 90)}
    assert len(colors) > 1


def test_a_picture_dropped_on_the_image_becomes_the_probe(
    qtbot, page, theme, said, tmp_path
) -> None:
    pixels = np.zeros((40, 60), np.uint8)
    pixels[:, 30:] = 200
    PIL.Image.fromarray(pixels).save(tmp_path / "half.png")
    (tmp_path / "text.png").write_bytes(b"no picture")
    target = DropTarget(theme, page)
    received = []
    target.received.connect(received.append)

    def drop(name: str, on) -> None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(tmp_path / name))])
        place = QPointF(on.mapTo(page, on.rect().center()))
        how = (
            Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(page, QDragEnterEvent(place.toPoint(), *how))
        page.grab()  # the cover says what becomes of it
        QApplication.sendEvent(page, QDropEvent(place, *how))

    drop("half.png", page.inside.input)
    qtbot.waitUntil(lambda: page.inside.input.caption().startswith("half.png"), timeout=PATIENCE)
    assert not received and page.look.probe.label is None
    assert page.look.probe.pixels[0, 14, 0] == 0 and page.look.probe.pixels[0, 14, 27] == 200
    drop("text.png", page.inside.input)
    qtbot.waitUntil(lambda: bool(said.sentences), timeout=PATIENCE)
    assert "text.png" in said.sentences[-1]
    drop("half.png", page.experiment)
    assert len(received) == 1
    page.views.show_side("data")
    drop("half.png", page.dataset)
    assert len(received) == 2
