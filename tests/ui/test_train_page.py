"""The Train page with real training on the digits."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import PIL.Image
import pytest
import torch
from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QStyleOptionViewItem,
    QWidget,
)

from visualizer.learning import classics, command_line, learner
from visualizer.learning.layers import CLASSES, Activation, Convolution, Dense, Flatten, Pool, Skip
from visualizer.learning.networks import PRESETS, NetworkSpec
from visualizer.learning.progress import Progress
from visualizer.paths import user_data
from visualizer.state import training_work
from visualizer.state.runs import Run, Runs
from visualizer.state.training import CLASSICS, CUSTOM, Experiment, TrainingModel
from visualizer.ui.actions import Actions
from visualizer.ui.keyboard import ControlKeys
from visualizer.ui.pages import train_look, train_progress
from visualizer.ui.pages.train_curves import Curves
from visualizer.ui.pages.train_data import in_words
from visualizer.ui.pages.train_inside import InsideView, stages
from visualizer.ui.pages.train_page import TrainPage
from visualizer.ui.pages.train_progress import ProgressLine
from visualizer.ui.pages.train_runs import RunList, describe, run_role
from visualizer.ui.preferences import Preferences
from visualizer.ui.training import Training
from visualizer.ui.training_texts import ended_text
from visualizer.ui.widgets.two_lines import TwoLines
from visualizer.ui.widgets.value_edit import ValueEdit

PATIENCE = 20_000


@pytest.fixture(name="page")
def _page(train_page):
    return train_page


def wait_for(qtbot, page, state: str) -> None:
    qtbot.waitUntil(lambda: page.training.state == state, timeout=PATIENCE)


def answer(page, text: str) -> None:
    button = next(b for b in page.progress.answers() if b.text().startswith(text))
    button.click()


def test_before_the_start_the_untrained_network_is_shown(page) -> None:
    assert page.inside.input.count() == 1
    assert page.kernels.mosaic.count() == 16
    assert sum(value for _, value, _ in page.inside.bars.rows()) == pytest.approx(1, abs=1e-4)
    assert "80,298 parameters" in page.training.progress_text(page.prepared)


def test_tools_that_are_placed_nowhere_go_with_their_view(qtbot, theme) -> None:
    view = InsideView(theme)
    with qtbot.waitSignal(view.tools.destroyed):
        view.deleteLater()


def test_one_button_and_the_digits_are_learned(qtbot, page, context) -> None:
    page.model.edit("test", epochs=6.0)
    context.actions["train.start"].trigger()
    wait_for(qtbot, page, "training")
    assert context.actions["train.start"].text() == "Pause"
    wait_for(qtbot, page, "idle")
    (run,) = page.training.runs
    assert run.status == "finished" and run.step == run.steps == 78
    assert run.accuracy > 0.9
    ended = f"Run 1 finished at step 78, {100 * run.accuracy:.1f} % right"
    assert page.training.progress_text(page.prepared) == ended
    (steps, losses), _ = page.curves.loss.drawn("1/train")
    assert len(steps) == 78 and losses[0] > losses[-1]
    assert page.batch.fed.count() == 12
    layers = page.layers.text()
    assert all(words in layers for words in ("after step", "gradients", "conv2", "never fire"))
    assert page.runs.topLevelItem(0).text(1) == f"{100 * run.accuracy:.1f} %"
    assert (run.folder / "curves.npz").exists() and (run.folder / "weights.safetensors").exists()


def test_step_by_step(qtbot, page, context) -> None:
    context.actions["train.step"].trigger()
    qtbot.waitUntil(lambda: page.training.run.step == 1, timeout=PATIENCE)
    wait_for(qtbot, page, "paused")
    context.actions["train.step"].trigger()
    qtbot.waitUntil(lambda: page.training.run.step == 2, timeout=PATIENCE)
    assert page.training.state == "paused"
    qtbot.waitUntil(lambda: page.batch.fed.count() == 12, timeout=PATIENCE)
    page.model.edit("test", learning_rate=0.002)  # changed while it learns, it says so no less
    context.actions["train.stop"].trigger()
    wait_for(qtbot, page, "idle")
    assert next(iter(page.training.runs)).status == "stopped"
    assert page.training.progress_text(page.prepared) == "Run 1 stopped at step 2"
    page.model.edit("test", epochs=7.0)
    qtbot.waitUntil(
        lambda: "80,298 parameters" in page.training.progress_text(page.prepared), timeout=PATIENCE
    )


def test_what_changes_live_is_marked_and_the_rest_is_locked(qtbot, page) -> None:
    page.training.start(paused=True)
    wait_for(qtbot, page, "paused")
    run = page.training.run
    page.model.edit("dropout", dropout=0.5)
    page.model.edit("augmentation", augmentation="gentle")
    qtbot.waitUntil(lambda: len(run.log.marks) == 2, timeout=PATIENCE)
    assert [mark["after"] for mark in run.log.marks] == ["0.5", "gentle"]
    enabled = {name: c.isEnabled() for name, c in page.experiment.form._controls.items()}
    assert enabled["dropout"] and enabled["learning_rate"] and not enabled["network"]
    page.training.reset()
    wait_for(qtbot, page, "idle")
    assert len(page.training.runs) == 0 and not run.folder.exists()


def test_leaving_the_page_stops_the_pictures_but_not_the_training(qtbot, page) -> None:
    page.model.edit("test", epochs=40.0)
    page.training.start()
    wait_for(qtbot, page, "training")
    page.hide()
    step = page.training.run.step
    qtbot.waitUntil(lambda: page.training.run.step > step + 10, timeout=PATIENCE)
    with qtbot.assertNotEmitted(page.training.pictured, wait=300):
        pass
    with qtbot.waitSignal(page.training.pictured, timeout=PATIENCE):
        page.show()
    page.training.stop()
    wait_for(qtbot, page, "idle")


def test_divergence_is_explained_and_the_way_back_taken(qtbot, page) -> None:
    page.model.edit("test", learning_rate=1e9, optimizer="sgd")
    page.training.start()
    qtbot.waitUntil(lambda: bool(page.progress.sentence), timeout=PATIENCE)
    assert "learning rate is probably too high" in page.progress.sentence
    assert page.training.state == "paused"
    answer(page, "Back to step 0")
    qtbot.waitUntil(lambda: page.model.settings.learning_rate == 1e8, timeout=PATIENCE)
    page.training.stop()
    wait_for(qtbot, page, "idle")


def test_after_the_way_back_the_page_shows_what_is_in_force(qtbot, page) -> None:
    page.model.edit("test", optimizer="sgd", network="textbook", dropout=0.5)
    page.training.start(paused=True)
    wait_for(qtbot, page, "paused")
    page.model.edit("test", batch_size=50, learning_rate=1e9, augmentation="gentle", dropout=0.1)
    page.training.toggle()
    qtbot.waitUntil(lambda: bool(page.progress.sentence), timeout=PATIENCE)
    assert page.model.settings.batch_size == 50
    answer(page, "Back to step 0")
    qtbot.waitUntil(lambda: page.model.settings.learning_rate == 1e8, timeout=PATIENCE)
    settings = page.model.settings
    in_force = settings.batch_size, settings.dropout, settings.augmentation
    assert in_force == (100, 0.5, "none")
    page.training.stop()
    wait_for(qtbot, page, "idle")


def test_out_of_memory_is_offered_a_smaller_batch_and_nothing_is_lost(
    qtbot, page, monkeypatch
) -> None:
    update = learner.Learner._update

    def hungry(self, fed, labels, rate):
        if len(fed) > 50:
            torch.empty(2**55)  # torch itself finds that there is not so much memory
        return update(self, fed, labels, rate)

    monkeypatch.setattr(learner.Learner, "_update", hungry)
    page.model.edit("test", epochs=1.0)
    page.training.start()
    qtbot.waitUntil(lambda: bool(page.progress.sentence), timeout=PATIENCE)
    assert "100 images does not fit into the memory of the computer" in page.progress.sentence
    assert [b.text() for b in page.progress.answers()] == ["Batch size 50", "Stop"]
    assert page.training.state == "paused"
    answer(page, "Batch size 50")
    with qtbot.waitSignal(page.look.scored, timeout=PATIENCE):
        pass
    (run,) = page.training.runs
    assert page.model.settings.batch_size == 50
    assert run.status == "finished" and run.step == 26


def test_what_is_chosen_before_the_trainer_is_there_is_not_lost(qtbot, page) -> None:
    page.training.start(paused=True)
    page.model.edit("test", augmentation="gentle")
    page.training.step()  # sends it at once
    wait_for(qtbot, page, "paused")
    qtbot.waitUntil(lambda: len(page.training.run.log.marks) == 1, timeout=PATIENCE)
    page.training.stop()
    wait_for(qtbot, page, "idle")


def test_what_cannot_be_trained_is_said_in_place(qtbot, page) -> None:
    page.model.edit("test", batch_size=4000)
    qtbot.waitUntil(lambda: "4000" in page.experiment.refusal.text(), timeout=PATIENCE)
    page.model.edit("test", batch_size=100)
    qtbot.waitUntil(lambda: not page.experiment.refusal.text(), timeout=PATIENCE)


def test_what_is_typed_wrong_is_said_until_it_is_right(qtbot, page) -> None:
    field = page.experiment.form.control("learning_rate").findChild(ValueEdit)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "10")  # the 1 can be used, and is looked at
    assert page.model.settings.learning_rate == 1
    with qtbot.waitSignal(page.look.prepared, timeout=PATIENCE):
        pass
    assert page.experiment.refusal.text() == "Learning rate must lie between 0.00001 and 1."
    qtbot.keyClick(field, Qt.Key.Key_End)
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert not page.experiment.refusal.text()


def test_what_was_typed_wrong_is_not_shown_while_something_else_trains(qtbot, page) -> None:
    field = page.experiment.form.control("batch_size").findChild(ValueEdit)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "4000")
    page.training.start(paused=True)
    wait_for(qtbot, page, "paused")
    assert page.training.run.experiment.batch_size == 400
    assert field.text() == "400" and not page.experiment.refusal.text()
    page.training.stop()
    wait_for(qtbot, page, "idle")


def test_the_probe_is_of_the_data_that_a_run_learns_from(qtbot, page) -> None:
    other = replace(page.model.settings, seed=3)  # the images are divided in another way
    page.training.start(paused=True, other=other)
    wait_for(qtbot, page, "paused")
    first = page.prepared.dataset.validation.images[0].numpy()
    assert np.array_equal(page.look.probe.pixels, first)
    page.training.stop()
    wait_for(qtbot, page, "idle")


def test_the_probe_can_be_another_image_or_the_picture_on_show(qtbot, page) -> None:
    page.inside.probeWanted.emit(1)
    assert "validation #1\n" in page.inside.input.caption()
    with qtbot.waitSignal(page.look.pictured, timeout=PATIENCE):
        page.inside.pictureWanted.emit()
    assert page.inside.input.caption().startswith("first")


def test_other_data_and_another_network(qtbot, page) -> None:
    page.model.choose_data(("shapes", "1000"))
    page.model.choose_network("all-convolutional")
    qtbot.waitUntil(
        lambda: page.prepared.dataset.name == "shapes" and page.kernels.mosaic.count() == 16,
        timeout=PATIENCE,
    )
    assert [name for name, _, _ in page.inside.bars.rows()][:2] == ["circle", "square"]


def test_a_killed_run_is_offered_and_goes_on(qtbot, context, page) -> None:
    folder = user_data() / "runs"
    script = (
        "import sys; from pathlib import Path\n"
        "from PySide6.QtCore import QLockFile\n"
        "from visualizer.state.mailbox import Mailbox\n"
        "from visualizer.state.runs import Runs\n"
        "from visualizer.state.training import Experiment\n"
        "from visualizer.state.training_news import Order\n"
        "from visualizer.state.training_work import Remote, work\n"
        "run = Runs(Path(sys.argv[1])).begin(Experiment(epochs=5000.0, device='cpu'))\n"
        "lock = QLockFile(str(run.folder / 'lock')); lock.tryLock(0)\n"
        "work(Order(run.experiment, run.folder), Remote(), Mailbox())\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(folder)], env=os.environ.copy())
    end = time.monotonic() + 40
    while not list(folder.glob("*/curves.npz")) and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    page.training.keeper.runs = Runs(folder)
    (run,) = page.training.runs
    assert run.step == len(run.log.steps) >= 13 and run.accuracy is not None  # if it never goes on
    page.training.offer_unfinished()
    assert page.progress.sentence.startswith("Run 1 was cut short")
    answer(page, "Go on")
    wait_for(qtbot, page, "training")
    qtbot.waitUntil(lambda: page.training.run.step > 13, timeout=PATIENCE)
    assert page.training.run.log.steps.since(0)[0, 0] == 1  # the curve has its beginning
    assert page.training.run.accuracy is not None  # known before the next validation
    page.training.stop()
    wait_for(qtbot, page, "idle")


def test_a_run_whose_end_cannot_be_saved_has_not_failed(qtbot, page, said, monkeypatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "weights.safetensors")

    monkeypatch.setattr("visualizer.learning.checkpoint.write_weights", refuse)
    finish_a_run(qtbot, page, epochs=0.5)
    (run,) = page.training.runs
    assert run.status == "finished" and run.can_be_asked()
    (sentence,) = said.sentences
    assert sentence.startswith("The run could not be saved: No space left on device; check")


def test_a_run_that_goes_on_is_offered_again_after_a_kill(qtbot, page) -> None:
    page.training.start(paused=True)
    wait_for(qtbot, page, "paused")
    page.training.stop()
    wait_for(qtbot, page, "idle")
    (run,) = page.training.runs
    page.training.resume(run)
    assert [kept.status for kept in Runs(page.training.runs.folder)] == ["running"]
    page.training.stop()
    wait_for(qtbot, page, "idle")
    assert [kept.status for kept in Runs(page.training.runs.folder)] == ["stopped"]


@pytest.mark.parametrize(
    ("text", "closes", "saved"),
    [
        ("Save and close", True, True),
        ("Keep training", False, True),
        ("Close without saving", True, False),
    ],
)
def test_closing_asks_while_training(qtbot, page, text, closes, saved) -> None:
    page.training.start(paused=True)
    wait_for(qtbot, page, "paused")

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        next(b for b in box.buttons() if b.text().replace("&", "") == text).click()

    QTimer.singleShot(50, press)
    assert page.may_close() is closes
    run = page.training.run
    page.close_work()
    assert page.training.state == "idle"
    assert bool(list(run.folder.glob("checkpoint-*"))) is saved
    assert page.may_close()


def test_handles_and_icons_grow_with_the_type(page, theme) -> None:
    theme.set_scale(1.5)
    page.resize(1770, 960)
    QApplication.processEvents()
    assert page.insight.bar.slider.height() >= theme.px(14), "of the handle"
    start = next(b for b in page.findChildren(QPushButton) if b.text() == "Start")
    assert start.iconSize().height() == theme.px(16)


def test_runs_are_renamed_hidden_and_deleted(qtbot, page) -> None:
    page.training.start(paused=True)
    wait_for(qtbot, page, "paused")
    page.training.stop()
    wait_for(qtbot, page, "idle")
    item = page.runs.topLevelItem(0)
    page.runs.editItem(item, 0)
    field = page.runs.findChild(QLineEdit)
    line = QStyleOptionFrame()
    field.initStyleOption(line)
    room = field.style().subElementRect(QStyle.SubElement.SE_LineEditContents, line, field)
    assert room.height() >= field.fontMetrics().height()
    field.setText("slow start")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    (run,) = page.training.runs
    qtbot.waitUntil(lambda: run.name == "slow start")
    item.setCheckState(0, Qt.CheckState.Unchecked)
    assert not run.shown and page.curves.loss.keys() == ()
    page.runs.setCurrentItem(page.runs.topLevelItem(0))
    page.runs.deleteWanted.emit(run)
    answer(page, "Delete")
    assert len(page.training.runs) == 0 and not run.folder.exists()


def test_what_tells_the_runs_apart_that_are_drawn_stands_below_them(qtbot, page) -> None:
    for rate in (0.01, 0.001):
        finish_a_run(qtbot, page, epochs=0.5, learning_rate=rate)
    second, first = (page.runs.topLevelItem(row) for row in (0, 1))
    assert [item.child(0).text(0) for item in (first, second)] == ["rate 0.01", "rate 0.001"]
    rect = page.runs.visualItemRect(second.child(0))
    assert rect.width() > 0.8 * page.runs.viewport().width()  # over all columns
    assert rect.top() > page.runs.visualItemRect(second).top()
    page.runs.setCurrentItem(second)
    qtbot.keyClick(page.runs, Qt.Key.Key_Down)
    assert page.runs.currentItem() is first
    page.runs.setCurrentItem(second)
    place = page.runs.visualItemRect(first.child(0)).center()
    qtbot.mouseClick(page.runs.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert page.look.picked is next(iter(page.training.runs))
    assert page.runs.currentItem() is first
    second.setCheckState(0, Qt.CheckState.Unchecked)
    assert not first.childCount() and not second.childCount()


def test_a_list_with_a_scroll_bar_is_filled_anew_while_one_of_it_is_on_show(qtbot, page) -> None:
    finish_a_run(qtbot, page, epochs=0.5)
    runs = page.training.runs
    for _ in range(12):
        runs.adopt(next(iter(runs)).folder)
    page.runs.show_runs()
    qtbot.waitUntil(page.runs.verticalScrollBar().isVisible)
    page.runs.setCurrentItem(page.runs.topLevelItem(12))
    page.runs.show_runs(picked=next(iter(runs)))
    runs.adopt(next(iter(runs)).folder)
    page.runs.show_runs(picked=next(iter(runs)))
    names = [page.runs.topLevelItem(row).text(0) for row in range(page.runs.topLevelItemCount())]
    assert names == [run.name for run in runs][::-1] and len(names) == 14


@pytest.mark.parametrize("width", [200, 500])  # without and with room for numbers of steps
def test_runs_that_have_not_changed_are_not_painted_anew(qtbot, page, width) -> None:
    finish_a_run(qtbot, page, epochs=0.5)
    page.runs.setFixedWidth(width)
    qtbot.waitUntil(lambda: page.runs.width() == width)
    page.runs.show_runs()
    has_steps = page.runs.topLevelItem(0).text(2) == "7 steps"
    assert has_steps == (width == 500)
    changes = []
    page.runs.model().dataChanged.connect(lambda *_: changes.append(1))
    page.runs.show_runs()
    assert not changes


def test_the_result_of_a_run_stands_beside_its_own_settings_only(
    qtbot, page, said, monkeypatch
) -> None:
    def fail(*_):
        raise OSError("the disk is gone")

    finish_a_run(qtbot, page, epochs=0.5)
    assert page.training.progress_text(page.prepared).startswith("Run 1 finished")
    monkeypatch.setattr("visualizer.learning.report.write_result", fail)
    page.model.edit("test", learning_rate=0.002)
    page.training.start()
    qtbot.waitUntil(lambda: bool(said.sentences), timeout=PATIENCE)
    wait_for(qtbot, page, "idle")
    assert "the disk is gone" in said.sentences[-1]
    assert "Run 1" not in page.training.progress_text(page.prepared)


def test_the_network_of_a_run_stands_behind_its_name(qtbot, page) -> None:
    page.training.start(paused=True)
    wait_for(qtbot, page, "paused")
    page.training.stop()
    wait_for(qtbot, page, "idle")
    index, painted = page.runs.model().index(0, 0), QStyleOptionViewItem()
    page.runs.itemDelegateForIndex(index).initStyleOption(painted, index)
    assert painted.text == f"Run 1 · {page.model.settings.design().name}"
    painted.widget, painted.rect = page.runs, QRect(0, 0, 90, 26)  # too narrow for both
    page.runs.itemDelegateForIndex(index).initStyleOption(painted, index)
    assert painted.text == "Run 1"
    page.runs.editItem(page.runs.topLevelItem(0), 0)
    assert page.runs.findChild(QLineEdit).text() == "Run 1"


def test_a_narrow_list_of_runs_spares_the_steps_and_not_the_names(qtbot, theme, tmp_path) -> None:
    runs = Runs(tmp_path)
    run = runs.begin(Experiment())
    run.status, run.step, run.accuracy = "finished", 156, 0.996
    listed = RunList(theme, runs)
    qtbot.addWidget(listed)
    listed.resize(400, 100)
    listed.show()
    assert listed.topLevelItem(0).text(2) == "156 steps"
    listed.resize(236, 100)  # in a window of 1280 × 720
    assert listed.topLevelItem(0).text(2) == "" and listed.columnWidth(2) < 20
    assert listed.sizeHintForColumn(0) <= listed.columnWidth(0)
    listed.resize(400, 100)
    assert listed.topLevelItem(0).text(2) == "156 steps"


def test_one_long_name_leaves_all_runs_their_steps(qtbot, theme, tmp_path) -> None:
    runs = Runs(tmp_path)
    for step in (156, 78):
        run = runs.begin(Experiment())
        run.status, run.step, run.accuracy = "finished", step, 0.996
    listed = RunList(theme, runs)
    qtbot.addWidget(listed)
    listed.resize(330, 140)
    listed.show()
    runs.rename(run, "the run with the slow start and the small batch")
    listed.show_runs()
    assert [listed.topLevelItem(row).text(2) for row in (0, 1)] == ["78 steps", "156 steps"]
    assert listed.header().length() <= listed.viewport().width(), "the name is cut"
    assert listed.topLevelItem(0).toolTip(0).startswith(run.name)


def test_a_run_that_is_no_longer_drawn_is_told_of(qtbot, page, said) -> None:
    for _ in range(8):
        page.training.runs.begin(Experiment())
    page.training.start(paused=True)
    first = next(iter(page.training.runs))
    assert not first.shown and said.sentences[-1].startswith("Run 1 is no longer drawn")
    wait_for(qtbot, page, "paused")
    page.training.stop()
    wait_for(qtbot, page, "idle")
    for run in page.training.runs:
        page.training.keeper.show(run, True)
    page.training.runs.begin(Experiment())
    assert said.sentences[-1].startswith("2 runs are no longer drawn")


def test_the_mark_of_a_selected_run_has_the_colour_of_its_curves(qtbot, theme, tmp_path) -> None:
    runs = Runs(tmp_path)
    run = runs.begin(Experiment())
    listed = RunList(theme, runs)
    qtbot.addWidget(listed)
    for choice in ("dark", "light"):
        theme.set_choice(choice)
        mark = listed.topLevelItem(0).icon(0).pixmap(QSize(10, 10), QIcon.Mode.Selected)
        assert mark.toImage().pixelColor(5, 5) == theme.color(run_role(run))


def test_two_runs_of_one_colour_are_told_apart(qtbot, theme, tmp_path) -> None:
    runs, curves = Runs(tmp_path), Curves(theme)
    for plot in (curves.loss, curves.accuracy):
        qtbot.addWidget(plot)
    for _ in range(8):
        run = runs.begin(Experiment())
        run.log.steps.append(1, 2.0, 0.1, 0.01)
        run.log.validations.append(1, 2.0, 0.1, 1)
    curves.show_runs(runs, None)
    listed = RunList(theme, runs)
    qtbot.addWidget(listed)
    marks = [listed.topLevelItem(7 - n).icon(0).pixmap(QSize(10, 10)).toImage() for n in range(8)]
    assert all(one != other for i, one in enumerate(marks) for other in marks[:i])
    lines = [curves.loss._curves[f"{n}/validation"].strong.opts["pen"] for n in range(1, 8)]
    looks = {(line.color().name(), line.style()) for line in lines}
    assert len(looks) == 7, "of all but that in focus"


def test_ends_of_epochs_that_going_back_has_undone_are_not_marked(qtbot, theme, tmp_path) -> None:
    run, curves = Runs(tmp_path).begin(Experiment()), Curves(theme)
    for plot in (curves.loss, curves.accuracy):
        qtbot.addWidget(plot)
    for step in (10, 20, 30, 40):
        run.log.steps.append(step, 1.0, 0.5, 0.01)
        run.log.validations.append(step, 1.0, 0.5, 1)
    curves.show_runs([run], run)
    assert list(curves.loss._epochs) == [10, 20, 30, 40]
    run.log.steps.append(25, 1.0, 0.5, 0.001)
    curves.update(run)
    assert list(curves.loss._epochs) == [10, 20]


def test_whether_all_of_the_validation_images_are_tried_each_time_is_known(qtbot, page) -> None:
    for data, samples in ((("shapes",), True), (("shapes", "1000"), False)):
        page.model.choose_data(data)
        page.training.start(paused=True)
        wait_for(qtbot, page, "paused")
        assert page.training.run.samples_validation is samples
        page.training.reset()
        wait_for(qtbot, page, "idle")


def test_a_validation_on_some_of_the_images_is_read_as_one(qtbot, theme, tmp_path) -> None:
    run, curves = Runs(tmp_path).begin(Experiment()), Curves(theme)
    for plot in (curves.loss, curves.accuracy):
        qtbot.addWidget(plot)
    run.log.steps.append(1, 2.0, 0.1, 0.01)
    run.log.validations.append(50, 0.2, 0.97, 0)
    run.samples_validation = True
    run.save()
    run.save_curves()
    (again,) = Runs(tmp_path)
    curves.show_runs([again], None)
    assert curves.accuracy.readout().endswith("validation ≈ 97.0 %")
    again.log.validations.append(63, 0.2, 0.96, 1)
    curves.update(again)
    assert curves.accuracy.readout().endswith("validation 96.0 %")


def test_data_that_are_not_there_are_asked_about(qtbot, page) -> None:
    page.model.choose_data(("mnist",))
    qtbot.waitUntil(lambda: bool(page.progress.sentence), timeout=PATIENCE)
    assert "MNIST" in page.progress.sentence
    assert not page.experiment.refusal.text()  # once
    texts = [button.text() for button in page.progress.answers()]
    assert texts == ["Download 12 MB", "Use data in…", "Digits instead"]
    answer(page, "Digits")
    assert page.model.settings.data == ("digits",)


def test_a_network_takes_no_more_room_while_nothing_is_known_of_its_maps(qtbot, page) -> None:
    page.model.choose_network("lenet-5")
    qtbot.waitUntil(lambda: page.inside._spec == PRESETS["lenet-5"], timeout=PATIENCE)
    qtbot.waitUntil(lambda: all(m.count() for m in page.inside._mosaics.values()), timeout=PATIENCE)
    needed = page.inside.minimumSizeHint().height()
    page.inside.show_nothing()
    assert not any(mosaic.count() for mosaic in page.inside._mosaics.values())
    assert page.inside.minimumSizeHint().height() == needed
    page.inside.show_network(PRESETS["quick"], page.inside._classes)
    page.inside.show_network(PRESETS["lenet-5"], page.inside._classes)
    assert page.inside.minimumSizeHint().height() == needed


def test_a_long_question_is_whole_over_two_lines_and_moves_nothing(qtbot, theme) -> None:
    line = ProgressLine(theme)
    qtbot.addWidget(line)
    line.resize(1150, line.height())
    line.show()
    why = (
        "/home/teacher/Documents/lessons/data/classic does not hold Fashion-MNIST, which would "
        "be in FashionMNIST/raw; choose the folder that holds it, or download it."
    )
    texts = ("Download 31 MB", "Use data in…", "Digits instead")
    line.ask(why, [(text, line.withdraw) for text in texts])
    sentence = line.findChild(TwoLines)
    qtbot.waitUntil(lambda: 600 < sentence.width() < line.width() - 300, timeout=PATIENCE)
    assert sentence.is_whole() and line.sentence == why
    assert line.height() == theme.px(train_progress.HEIGHT)
    line.say(why + " and so on" * 40)
    assert not sentence.is_whole() and "and so on" in sentence.toolTip()


def test_tab_leads_to_the_answers_of_a_question_which_takes_no_focus(qtbot, page) -> None:
    field = page.experiment.form.control("learning_rate").findChild(QLineEdit)
    for start in (page, field):
        start.setFocus()
        page.progress.ask("Go on?", [("Go on", page.close), ("Not now", page.close)])
        assert page.focusWidget() is start
        for button in page.progress.answers():
            qtbot.keyClick(page.focusWidget(), Qt.Key.Key_Tab)
            assert page.focusWidget() is button


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_a_question_is_answered_by_keyboard(qtbot, page, key) -> None:
    keys = ControlKeys(QApplication.instance())
    answered = []
    page.progress.ask("Go on?", [("Go on", lambda: answered.append("on"))])
    (button,) = page.progress.answers()
    button.setFocus()
    qtbot.keyClick(button, key)
    assert answered == ["on"]
    keys.deleteLater()


def test_the_folder_of_a_classic_data_set_is_found_again_at_the_next_start(
    qtbot, context, monkeypatch, tmp_path, torch_is_there
) -> None:
    place = classics.CLASSICS["mnist"].place
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / classics.CLASSICS["kmnist"].place).mkdir(parents=True)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))

    def start() -> TrainPage:
        training = Training(TrainingModel(), user_data() / "runs", context.undo)
        again = replace(context, actions=Actions(QWidget()), preferences=Preferences(),
                        training=lambda: training)  # fmt: skip
        page = TrainPage(again)
        qtbot.addWidget(page, before_close_func=lambda page: page.close_work())
        page.show()
        return page

    def choose(page: TrainPage, name: str) -> None:
        page.experiment.form.control("data").currentChanged.emit(name)

    page = start()
    choose(page, "mnist")
    qtbot.waitUntil(lambda: len(page.progress.answers()) == 3, timeout=PATIENCE)
    answer(page, "Use data in")
    page = start()
    choose(page, "mnist")
    assert page.model.settings.data == ("mnist", str(tmp_path))
    assert page.experiment.form.control("data").current() == f"mnist\n{tmp_path}"
    choose(page, "kmnist")  # which lies beside it
    qtbot.waitUntil(lambda: page.model.settings.data[1:] == (str(tmp_path),), timeout=PATIENCE)
    shutil.rmtree(tmp_path / "MNIST")
    choose(page, "mnist")
    gone = f"{tmp_path} does not hold MNIST"
    qtbot.waitUntil(lambda: page.progress.sentence.startswith(gone), timeout=PATIENCE)


def test_nothing_of_other_data_is_shown_for_data_that_are_refused(qtbot, page, tmp_path) -> None:
    assert page.inside.input.count() and page.dataset.bars.rows() and page.kernels.mosaic.count()
    page.model.choose_data(("folder", str(tmp_path)))
    qtbot.waitUntil(lambda: page.dataset.facts.text() == "No data", timeout=PATIENCE)
    assert page.dataset.moments.text() == page.experiment.refusal.toolTip() != ""
    shown = (page.inside.input, page.dataset.samples, page.kernels.mosaic, page.batch.fed)
    assert not any(mosaic.count() for mosaic in shown) and not page.dataset.bars.rows()
    assert not page.table.rowCount() and not page.inside.bars.rows()
    page.inside.probeWanted.emit(1)  # of no data
    assert page.inside.input.count() == 0 and page.hints.shown()
    page.model.choose_data(("digits",))
    qtbot.waitUntil(lambda: page.kernels.mosaic.count() > 0, timeout=PATIENCE)
    assert page.dataset.facts.text().startswith("Digits") and page.dataset.samples.count()
    # Classes are shown as far as there is room, of which only the layout that follows tells.
    qtbot.waitUntil(lambda: len(page.inside.bars.rows()) == 10, timeout=PATIENCE)


def test_a_folder_of_images_is_looked_through_and_learned_from(
    qtbot, page, tmp_path, monkeypatch
) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (2, 12, 24, 24, 3)).astype(np.uint8)
    for name, some in zip(("dark side", "light"), pixels // [[[[[2]]]], [[[[1]]]]], strict=True):
        (tmp_path / "my pictures" / name).mkdir(parents=True)
        for i, image in enumerate(some.astype(np.uint8)):
            PIL.Image.fromarray(image).save(tmp_path / "my pictures" / name / f"{i}.png")
    monkeypatch.setattr(
        QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "my pictures")
    )
    page.experiment.form.folderWanted.emit()
    qtbot.waitUntil(lambda: page.prepared.dataset.name == "folder", timeout=PATIENCE)
    assert page.prepared.dataset.class_names == ("dark side", "light")
    assert not page.progress.sentence
    form = page.experiment.form
    assert "my pictures" in form.control("data").current()
    side = form.control("side")
    assert side.isVisible() and (page.prepared.dataset.height, side.current()) == (28, "")
    form.folderRead.emit("32", "rgb")
    qtbot.waitUntil(lambda: page.prepared.dataset.height == 32, timeout=PATIENCE)
    assert page.prepared.dataset.channels == 3 and side.current() == "32"
    assert page.inside.input.caption().endswith("3 × 32 × 32")
    page.model.choose_data(("digits",))
    assert not side.isVisible()


def test_progress_is_told_in_words() -> None:
    told = in_words(Progress("Downloading MNIST", 3_100_000, 11_600_000, "bytes", 2e6))
    assert told == "Downloading MNIST: 3.1 of 11.6 MB, 2.0 MB/s"
    assert in_words(Progress("Looking", 1200, None)) == "Looking: 1,200 files"


def test_a_download_on_which_nothing_comes_tells_no_speed(qtbot, page, monkeypatch) -> None:
    may_go_on, may_end = threading.Event(), threading.Event()
    real = train_look.prepare

    def slow(experiment, known, *, tell, **how):
        if experiment.data == ("mnist",):
            tell(Progress("Downloading MNIST", 3_100_000, 11_600_000, "bytes", 2e6))
            may_go_on.wait(30)
            tell(Progress("Downloading MNIST", 3_200_000, 11_600_000, "bytes", 1e6))
            may_end.wait(30)
        return real(experiment, known, tell=tell, **how)

    monkeypatch.setattr(train_look, "prepare", slow)
    page.model.choose_data(("mnist",))
    waits = "Downloading MNIST: 3.1 of 11.6 MB, waiting for the server"
    try:
        qtbot.waitUntil(lambda: page.progress.sentence == waits, timeout=PATIENCE)
        may_go_on.set()
        qtbot.waitUntil(lambda: page.progress.sentence.endswith("1.0 MB/s"), timeout=PATIENCE)
        answer(page, "Cancel")
    finally:
        may_go_on.set()
        may_end.set()
    assert page.model.settings.data == ("digits",)


def test_the_right_button_selects_no_run(qtbot, theme, tmp_path) -> None:
    runs = Runs(tmp_path)
    first, _ = runs.begin(Experiment()), runs.begin(Experiment())
    listed = RunList(theme, runs)
    qtbot.addWidget(listed)
    listed.show()
    listed.show_runs(picked=first)
    newer, older = listed.topLevelItem(0), listed.topLevelItem(1)
    place = listed.visualItemRect(newer).center()
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.RightButton, pos=place)
    assert listed.currentItem() is older and listed.selectedItems() == [older]
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert listed.selectedItems() == [newer]


def test_every_classic_is_offered() -> None:
    assert {key: this.title for key, this in classics.CLASSICS.items()} == CLASSICS


def test_a_run_of_the_command_line_is_opened(qtbot, page, said, tmp_path) -> None:
    arguments = ["train", "--epochs", "1", "--device", "cpu", "--out", str(tmp_path / "out")]
    assert command_line.main([*arguments, "--network", "lecture", "--learning-rate", "0.003"]) == 0
    page.training.open_run(tmp_path)
    assert "there is no checkpoint" in said.sentences[-1]
    page.training.open_run(tmp_path / "out")
    wait_for(qtbot, page, "idle")
    (run,) = page.training.runs
    assert (run.name, run.experiment.network, run.step) == ("out", "lecture", 13)
    settings = page.model.settings
    assert (settings.learning_rate, settings.epochs) == (0.003, 1.0)
    assert len(run.log.steps) == 13 and run.status == "finished"


def test_the_colour_scale_can_be_shared_own_or_locked(page) -> None:
    mosaic = page.inside._mosaics["relu1"]
    page.inside._set_scale("each")
    assert "own scales" in mosaic.caption()
    page.inside._set_scale("locked")
    assert "locked" in mosaic.caption()
    snapshot, spec = page.inside._snapshot, page.inside._spec
    page.inside.show_network(replace(spec, name="another"), page.inside._classes)
    for part in page.inside.parts(snapshot):
        part()
    mosaic = page.inside._mosaics["relu1"]
    assert "locked" in mosaic.caption()
    page.inside._set_scale("shared")
    assert "  0 to" in mosaic.caption().splitlines()[1]


def test_larger_type_leaves_the_running_run_alone(qtbot, page, theme) -> None:
    page.training.start(paused=True)
    wait_for(qtbot, page, "paused")
    theme.set_scale(1.5)
    assert page.runs.topLevelItem(0).text(2) == "paused"
    theme.set_scale(1.0)
    page.training.reset()
    wait_for(qtbot, page, "idle")


def test_a_network_without_convolutions_has_no_kernels(qtbot, page) -> None:
    page.model.choose_network("mlp")
    qtbot.waitUntil(lambda: page.prepared.experiment.network == "mlp", timeout=PATIENCE)
    assert page.kernels.mosaic.count() == 0
    assert page.inside._mosaics["relu2"].count() == 1


def test_a_run_that_cannot_go_on_is_kept(qtbot, page, said) -> None:
    page.training.start(paused=True)
    wait_for(qtbot, page, "paused")
    page.training.stop()
    wait_for(qtbot, page, "idle")
    (run,) = page.training.runs
    for checkpoint in run.folder.glob("checkpoint-*.cnnv"):
        checkpoint.write_bytes(b"damaged")
    page.training.resume(run)
    wait_for(qtbot, page, "idle")
    assert list(page.training.runs) == [run] and run.status == "stopped"
    assert list(run.folder.glob("checkpoint-*.cnnv"))
    assert said.sentences[-1].startswith("Run 1 could not go on, and is kept as it is: ")
    assert [kept.status for kept in Runs(page.training.runs.folder)] == ["stopped"]


def test_a_refusal_leaves_the_page_as_high_as_it_is_and_goes_for_the_next(
    qtbot, page, tmp_path
) -> None:
    room = page.height()
    page.model.choose_data(("folder", str(tmp_path / ("a long name " * 9))))
    qtbot.waitUntil(lambda: bool(page.experiment.refusal.text()), timeout=PATIENCE)
    assert page.height() == room and not page.hasHeightForWidth()
    assert page.experiment.refusal.height() > 0
    assert page.training.state_text == "not ready"
    assert not page.training.progress_text(page.prepared)
    page.model.choose_data(("digits",))
    assert not page.experiment.refusal.text()
    qtbot.waitUntil(lambda: page.training.state_text == "ready", timeout=PATIENCE)


def test_data_are_read_once_while_other_settings_are_chosen(qtbot, page, monkeypatch) -> None:
    read, may_end, real = [], threading.Event(), train_look.prepare

    def slow(experiment, known, **how):
        if known is None:
            read.append(experiment)
            may_end.wait(10)
        return real(experiment, known, **how)

    monkeypatch.setattr(train_look, "prepare", slow)
    page.model.choose_data(("shapes", "1000"))
    qtbot.waitUntil(lambda: bool(read), timeout=PATIENCE)
    page.model.choose_network("lecture")
    may_end.set()
    qtbot.waitUntil(lambda: page.prepared.experiment == page.model.settings, timeout=PATIENCE)
    assert len(read) == 1 and page.kernels.mosaic.count() == 8


def test_the_question_about_missing_data_goes_when_others_are_chosen(qtbot, page) -> None:
    page.model.choose_data(("mnist",))
    qtbot.waitUntil(lambda: bool(page.progress.sentence), timeout=PATIENCE)
    page.model.choose_data(("digits",))
    assert not page.progress.sentence


def test_the_question_about_missing_data_comes_back_when_a_run_has_failed_for_them(
    qtbot, page, said
) -> None:
    page.model.choose_data(("mnist",))
    qtbot.waitUntil(lambda: bool(page.progress.sentence), timeout=PATIENCE)
    page.training.start()
    assert not page.progress.sentence
    wait_for(qtbot, page, "idle")
    assert "MNIST" in said.standing and not list(page.training.runs)
    qtbot.waitUntil(lambda: len(page.progress.answers()) == 3, timeout=PATIENCE)
    answer(page, "Digits")
    assert page.model.settings.data == ("digits",)
    assert not said.standing


@pytest.mark.parametrize("resumed", [False, True])
def test_cancel_while_a_run_starts_gives_it_up(qtbot, page, monkeypatch, resumed) -> None:
    may_end, shapes = threading.Event(), ("shapes", "1000")
    if resumed:
        page.model.choose_data(shapes)
        finish_a_run(qtbot, page, epochs=0.5)
        page.model.choose_data(("digits",))
        qtbot.waitUntil(lambda: page.prepared.dataset.name == "digits", timeout=PATIENCE)
    real = training_work.prepare

    def slow(experiment, known, *, tell, **how):
        while experiment.data == shapes and not may_end.wait(0.01):
            tell(Progress("Reading the pictures", 20, 7500))
        return real(experiment, known, tell=tell, **how)

    monkeypatch.setattr(train_look, "prepare", slow)
    monkeypatch.setattr(training_work, "prepare", slow)
    before = list(page.training.runs)
    if resumed:
        page.training.resume(before[0])
    else:
        page.model.choose_data(shapes)
        page.training.start()
    qtbot.waitUntil(lambda: bool(page.progress.sentence), timeout=PATIENCE)
    assert page.training.state == "starting"
    answer(page, "Cancel")
    try:
        wait_for(qtbot, page, "idle")
    finally:
        may_end.set()
    assert list(page.training.runs) == before and not page.progress.sentence
    assert [run.status for run in Runs(page.training.runs.folder)] == ["finished"] * resumed
    qtbot.waitUntil(lambda: page.training.state_text == "ready", timeout=PATIENCE)
    assert page.prepared.dataset.name == "digits" and not page.progress.sentence


def test_reading_that_a_run_has_overtaken_is_told_of_no_longer(qtbot, page, monkeypatch) -> None:
    may_end, real = threading.Event(), train_look.prepare

    def slow(experiment, known, *, tell, **how):
        while known is None and not may_end.wait(0.01):
            tell(Progress("Reading the pictures", 7500, 7500))
        return real(experiment, known, tell=tell, **how)

    monkeypatch.setattr(train_look, "prepare", slow)
    page.model.choose_data(("shapes", "1000"))
    qtbot.waitUntil(lambda: bool(page.progress.sentence), timeout=PATIENCE)
    page.training.start()
    wait_for(qtbot, page, "training")
    qtbot.wait(100)  # for what may still be on its way
    may_end.set()
    assert not page.progress.sentence
    page.training.stop()
    wait_for(qtbot, page, "idle")


def test_what_is_no_longer_true_is_no_longer_said(qtbot, page, context, said) -> None:
    context.actions["train.save"].trigger()
    assert said.standing == "There is no checkpoint yet: train a network first."
    context.actions["train.start"].trigger()
    assert not said.standing
    wait_for(qtbot, page, "training")
    context.actions["train.open"].trigger()
    assert said.standing == "A network is being trained: stop it before opening another."
    context.actions["train.stop"].trigger()
    wait_for(qtbot, page, "idle")
    assert not said.standing


def test_a_drag_changes_the_run_once_and_a_refused_change_is_taken_back(qtbot, page, said) -> None:
    page.model.edit("test", batch_norm=True, epochs=2.0)
    page.training.start(paused=True)
    wait_for(qtbot, page, "paused")
    run = page.training.run
    assert run.steps == 26
    for size in (99, 80, 60, 50):
        page.model.edit("batch size", "drag", batch_size=size)
    page.training.step()
    qtbot.waitUntil(lambda: run.step == 1, timeout=PATIENCE)
    assert [mark["after"] for mark in run.log.marks] == ["50"]
    qtbot.waitUntil(lambda: run.steps == 52, timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.curves.loss.view_range()[0][1] == 52, timeout=PATIENCE)
    page.model.edit("batch size", batch_size=1)
    qtbot.waitUntil(lambda: page.model.settings.batch_size == 50, timeout=PATIENCE)
    assert said.sentences
    page.training.reset()
    wait_for(qtbot, page, "idle")
    assert list(page.training.runs) == [run]


def test_reset_keeps_the_run_and_shows_an_untrained_network(qtbot, page, context) -> None:
    untrained = page.inside.bars.rows()
    page.training.step()
    qtbot.waitUntil(lambda: page.training.run.step == 1, timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.batch.fed.count() == 12, timeout=PATIENCE)
    context.actions["train.stop"].trigger()
    wait_for(qtbot, page, "idle")
    assert page.inside.bars.rows() != untrained
    context.actions["train.reset"].trigger()
    qtbot.waitUntil(lambda: page.inside.bars.rows() == untrained, timeout=PATIENCE)
    assert page.batch.fed.count() == 0 and len(page.training.runs) == 1
    assert not context.actions["train.reset"].isEnabled()


def test_the_button_says_that_a_run_is_starting(qtbot, page, context, monkeypatch) -> None:
    page.training.start(paused=True)
    assert context.actions["train.start"].text() == "Starting…"
    assert context.actions["train.stop"].isEnabled()
    monkeypatch.delitem(sys.modules, "visualizer.learning.trainer")
    assert page.training.state_text.startswith("loading torch, ")
    monkeypatch.undo()
    wait_for(qtbot, page, "paused")
    page.training.reset()
    wait_for(qtbot, page, "idle")


def test_a_run_cut_short_is_told_of_on_any_page(qtbot, context, said) -> None:
    run = Runs(user_data() / "runs").begin(Experiment())
    (run.folder / "checkpoint-a.cnnv").write_bytes(b"")
    hidden = TrainPage(context)
    qtbot.addWidget(hidden, before_close_func=lambda page: page.close_work())
    qtbot.waitUntil(lambda: bool(said.sentences), timeout=PATIENCE)
    assert said.sentences == ["A training run was cut short: open the Train page to go on."]


def test_empty_cards_say_what_will_appear(qtbot, page) -> None:
    assert len(page.hints.shown()) == 4  # torch is loaded
    assert all(text.startswith("Press Start or Space: ") for text in page.hints.shown())
    page.training.step()
    qtbot.waitUntil(lambda: not page.hints.shown(), timeout=PATIENCE)
    page.training.stop()
    wait_for(qtbot, page, "idle")


def test_choices_are_whole_beside_the_scroll_bar_of_the_panel(qtbot, page) -> None:
    page.resize(1180, 600)
    panel = page.experiment.findChild(QScrollArea)
    qtbot.waitUntil(lambda: panel.verticalScrollBar().maximum() > 0)
    form = page.experiment.form
    form.fold.button.click()
    folded = ("activation", "pooling", "batch_norm", "width", "precision", "deterministic")
    for choice in form.findChildren(QComboBox):
        is_folded = any(form.control(name).isAncestorOf(choice) for name in folded)
        if choice.isVisible():
            option = QStyleOptionComboBox()
            choice.initStyleOption(option)
            field = QStyle.SubControl.SC_ComboBoxEditField
            kind = QStyle.ComplexControl.CC_ComboBox
            room = choice.style().subControlRect(kind, option, field, choice).width()
            texts = [choice.itemText(i) for i in range(choice.count())]
            for text in texts if is_folded else [choice.currentText()]:
                assert choice.fontMetrics().horizontalAdvance(text) <= room, text


def test_what_is_seldom_changed_is_folded_away(qtbot, page) -> None:
    form = page.experiment.form
    decay, smoothing = form.control("weight_decay"), form.control("label_smoothing")
    assert not decay.isVisible() and smoothing.value() == 0.1
    qtbot.mouseClick(form.fold.button, Qt.MouseButton.LeftButton)
    assert decay.isVisible()
    decay.valueChanged.emit(0.02)
    form.control("deterministic").currentChanged.emit("off")
    form.control("precision").currentChanged.emit("float32")
    settings = page.model.settings
    assert (settings.weight_decay, settings.deterministic) == (0.02, False)
    assert settings.precision == "float32"


def finish_a_run(qtbot, page, **settings) -> None:
    page.model.edit("test", **settings)
    page.training.start()
    with qtbot.waitSignal(page.look.scored, timeout=PATIENCE):  # the network it leaves is shown
        pass
    assert page.training.state == "idle"


def click_run(qtbot, page, row: int) -> None:
    rect = page.runs.visualItemRect(page.runs.topLevelItem(row))
    place = rect.center()
    qtbot.mouseClick(page.runs.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_click_shows_the_network_a_run_has_left(qtbot, page) -> None:
    finish_a_run(qtbot, page, epochs=2.0, network="lecture")
    (run,) = page.training.runs
    learned = page.inside.bars.rows()
    page.model.choose_network("quick")
    qtbot.waitUntil(lambda: page.kernels.mosaic.count() == 16, timeout=PATIENCE)
    assert page.classes.headline.accessibleName().startswith("Press Start")
    assert page.batch.fed.count() == 0
    with qtbot.waitSignal(page.look.scored, timeout=PATIENCE) as told:
        click_run(qtbot, page, 0)
    assert page.kernels.mosaic.count() == 8 and page.model.settings.network == "quick"
    assert [value for _, value, _ in page.inside.bars.rows()] == pytest.approx(
        [value for _, value, _ in learned], abs=1e-5
    )
    score, step = told.args
    assert step == run.step and score.accuracy == pytest.approx(run.accuracy)
    assert page.classes.headline.accessibleName().startswith(f"Step {step}: ")
    assert page.training.state_text == "showing Run 1"
    assert page.training.progress_text(page.prepared).startswith("Run 1 finished at step ")
    page.inside.probeWanted.emit(1)  # goes through the network of the run
    assert "validation #1\n" in page.inside.input.caption()
    with qtbot.waitSignal(page.look.scored, timeout=PATIENCE):
        pass
    assert page.look.picked is run and page.kernels.mosaic.count() == 8
    page.model.edit("seed", seed=1)
    qtbot.waitUntil(lambda: page.kernels.mosaic.count() == 16, timeout=PATIENCE)
    assert page.look.picked is None and not page.runs.selectedItems()
    assert "parameters" in page.training.progress_text(page.prepared)


def test_of_a_run_on_show_is_told_and_of_a_deleted_one_no_longer(qtbot, page) -> None:
    for _ in range(2):
        finish_a_run(qtbot, page, epochs=0.5)

    def told() -> str:
        return page.training.progress_text(page.prepared)

    assert told().startswith("Run 2 finished")
    with qtbot.waitSignal(page.look.scored, timeout=PATIENCE):
        click_run(qtbot, page, 1)
    assert told().startswith("Run 1 finished")
    for run in list(page.training.runs):
        page.training.keeper.forget(run)
    assert "80,298 parameters" in told()


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("finished", "Run 1 finished at step 1,600, 98.1 % right"),
        ("stopped", "Run 1 stopped at step 1,600, 98.1 % right when last validated"),
        ("running", "Run 1 was cut short at step 1,600, 98.1 % right when last validated"),
    ],
)
def test_how_a_run_has_ended_and_when_it_was_tried_is_told(tmp_path, status, told) -> None:
    run = Run(tmp_path, 1, "Run 1", Experiment(), status, step=1600, accuracy=0.981)
    assert ended_text(run) == told
    assert describe(run).endswith("step 1,600")  # a checkpoint does not tell how many were planned


def test_the_name_of_a_run_is_shown_as_it_is(qtbot, page) -> None:
    finish_a_run(qtbot, page, epochs=0.5)
    (run,) = page.training.runs
    page.training.keeper.rename(run, "<b>x</b>")
    with qtbot.waitSignal(page.look.scored, timeout=PATIENCE):
        click_run(qtbot, page, 0)
    naming = [shown for shown in page.findChildren(QLabel) if "<b>x</b>" in shown.text()]
    assert naming and all(shown.textFormat() is Qt.TextFormat.PlainText for shown in naming)


def test_a_deleted_run_is_no_longer_on_show(qtbot, page, said) -> None:
    finish_a_run(qtbot, page, epochs=0.5)
    page.model.choose_network("lecture")
    qtbot.waitUntil(lambda: page.kernels.mosaic.count() == 8, timeout=PATIENCE)
    click_run(qtbot, page, 0)
    qtbot.waitUntil(lambda: page.kernels.mosaic.count() == 16, timeout=PATIENCE)
    (run,) = page.training.runs
    page.training.keeper.forget(run)
    qtbot.waitUntil(lambda: page.kernels.mosaic.count() == 8, timeout=PATIENCE)
    assert page.look.picked is None and page.training.state_text == "ready"
    page.model.choose_network("quick")
    qtbot.waitUntil(lambda: page.look.shows_trained, timeout=PATIENCE)
    page.insight.compare(run)  # the network it left is still there, the run is not
    assert said.sentences[-1].startswith("Compare Run 1 with which run?")


def test_ticking_a_run_does_not_show_its_network(qtbot, page) -> None:
    finish_a_run(qtbot, page, epochs=0.5)
    page.runs.topLevelItem(0).setCheckState(0, Qt.CheckState.Unchecked)
    with qtbot.assertNotEmitted(page.runs.pickWanted):
        page.runs.itemClicked.emit(page.runs.topLevelItem(0), 0)


def test_a_run_without_a_network_says_so(qtbot, page, said) -> None:
    finish_a_run(qtbot, page, epochs=0.5)
    (run,) = page.training.runs
    for checkpoint in run.folder.glob("checkpoint-*"):
        checkpoint.write_bytes(b"damaged")
    click_run(qtbot, page, 0)
    qtbot.waitUntil(lambda: bool(said.sentences), timeout=PATIENCE)
    assert said.sentences[-1].startswith("Run 1 cannot be shown: checkpoint-")
    assert page.look.picked is None


def test_the_data_card_counts_and_shows_the_data(qtbot, page) -> None:
    page.views.show_side("data")
    dataset, view = page.prepared.dataset, page.dataset
    assert "28 × 28, grey, 10 classes" in view.facts.accessibleName()
    mean, std = float(dataset.mean), float(dataset.std)
    assert f"mean {mean:.3f}; standard deviation {std:.3f}" in view.moments.text()
    rows = view.bars.rows()
    counts = dataset.train.labels.bincount(), dataset.test.labels.bincount()
    assert rows[3].name == "3"
    assert rows[3].text.startswith(f"{counts[0][3]} + ")
    assert rows[3].text.endswith(f" + {counts[1][3]}")
    sentences = view.sentences.text()
    assert "15 % for validation" in sentences and "never augmented" in sentences
    assert view.samples.count() == 40
    before = view.samples._maps
    qtbot.mouseClick(view._more, Qt.MouseButton.LeftButton)
    assert view.samples.count() == 40 and not np.array_equal(before, view.samples._maps)


def test_the_classes_follow_each_validation(qtbot, page) -> None:
    page.views.show_side("classes")
    assert page.classes.headline.accessibleName().startswith("Press Start")
    page.model.edit("test", epochs=2.0)
    heard = []
    page.training.validated.connect(heard.append)
    page.training.start()
    qtbot.waitUntil(lambda: len(heard) >= 1, timeout=PATIENCE)
    wait_for(qtbot, page, "idle")
    score, step = heard[-1].score, heard[-1].step
    right = int(np.trace(score.confusion))
    said = page.classes.headline.accessibleName()
    assert said.startswith(f"Step {step}: {right} of {score.count} validation images right")
    rows = page.classes.bars.rows()
    assert [row.parts[0][0] for row in rows] == pytest.approx(score.recall)
    np.testing.assert_array_equal(page.classes.grid._counts, score.confusion)
    page.training.reset()
    assert page.classes.headline.accessibleName().startswith("Press Start")


def test_the_table_is_that_of_the_network(qtbot, page) -> None:
    page.views.show_side("network")
    assert page.table.sums.texts()[6] == "80,298"
    page.model.choose_network("lecture")
    qtbot.waitUntil(lambda: page.table.texts()[0][:2] == ("conv1", "3×3"), timeout=PATIENCE)


def geometry(page) -> dict[str, tuple[int, int, int, int]]:
    """Where everything that is visible stands, but for what a fold or a question brings."""
    cards = {
        "experiment": page.experiment, "loss": page.curves.loss, "accuracy": page.curves.accuracy,
        "lists": page.lists, "views": page.views, "kernels": page.kernels, "batch": page.batch,
        "progress": page.progress, "input": page.inside.input, "bars": page.inside.bars,
        "plot": page.curves.loss._plot, "mosaic": page.kernels.mosaic, "fed": page.batch.fed,
    }  # fmt: skip
    cards |= page.inside._mosaics
    return {name: w.geometry().getRect() for name, w in cards.items()}


def test_nothing_moves_while_numbers_come_in(qtbot, page) -> None:
    tiles = page.inside._mosaics["conv1"]
    before, tile = geometry(page), tiles.tile_rect(3)
    page.model.edit("test", epochs=8.0)
    page.training.start()
    seen = []
    page.training.pictured.connect(lambda _: seen.append((geometry(page), tiles.tile_rect(3))))
    with qtbot.waitSignal(page.look.scored, timeout=PATIENCE):
        pass
    assert len(seen) > 3 and all(place == (before, tile) for place in seen)
    for side in ("data", "network", "classes", "image"):
        page.views.show_side(side)
        page.lists.show_side("layers" if side == "data" else "runs")
        QApplication.processEvents()
        assert geometry(page) == before
    page.training.asked.emit("a question " * 40, [("Yes", lambda: None), ("No", lambda: None)])
    QApplication.processEvents()
    assert geometry(page) == before
    page.progress.withdraw()


def test_cards_stay_where_they_are_with_other_data(qtbot, page) -> None:
    cards = [page.curves.loss, page.lists, page.views, page.kernels, page.batch]
    before = [card.geometry() for card in cards]
    page.model.choose_data(("shapes", "1000"))
    qtbot.waitUntil(lambda: page.prepared.dataset.name == "shapes", timeout=PATIENCE)
    for side in ("data", "network", "classes", "image"):
        page.views.show_side(side)
        QApplication.processEvents()
        assert [card.geometry() for card in cards] == before


def test_maps_are_called_what_they_are() -> None:
    titles = [stage.title for stage in stages(Experiment(batch_norm=True).spec())]
    assert titles[:3] == ["conv1", "max-pool 1", "pool 1 → norm → ReLU"]
    titles = [stage.title for stage in stages(Experiment(network="textbook").spec())]
    assert titles[:2] == ["conv1 + ReLU", "max-pool 1"]
    quick = stages(Experiment().spec())
    assert [s.signed for s in quick[:3]] == [True, True, False]
    last = stages(Experiment(network="all-convolutional").spec())[-1]
    assert (last.title, last.signed) == ("conv5", True)


def test_a_network_of_ones_own_is_offered_trained_kept_and_gone_on_with(qtbot, page) -> None:
    skip = Skip((Convolution(4, 3, padding=1), Activation()))
    layers = (Convolution(4, 3), skip, Pool(), Flatten(), Dense(CLASSES))
    page.model.design.take(NetworkSpec("Ours", layers), "test")
    network = page.experiment.form.control("network")
    network.set_current(CUSTOM)  # it is among the choices
    page.model.choose_network(CUSTOM)
    page.model.edit("test", epochs=3.0)
    page.training.start(paused=True)
    wait_for(qtbot, page, "paused")
    page.training.stop()
    wait_for(qtbot, page, "idle")
    (run,) = page.training.runs
    assert run.experiment.spec().layers == layers and "Ours" in describe(run)
    assert "Adam, learning rate" in describe(run)
    page.model.choose_network("mlp")
    (again,) = Runs(user_data() / "runs")
    page.training.resume(again)
    wait_for(qtbot, page, "idle")
    assert page.training.left.network.spec.layers == layers and page.training.left.step == 39
    assert network.current() == CUSTOM


def test_choices_that_change_nothing_in_a_network_say_so(page) -> None:
    pooling = page.experiment.form.control("pooling")
    assert pooling.isEnabled()
    page.model.choose_network("mlp")
    assert not pooling.isEnabled() and "no pooling" in pooling.focusProxy().toolTip()
