"""The Inspect page in the real window, with a network that has really learned to read digits."""

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QScrollArea

from visualizer.core.image import Image
from visualizer.core.numbers import format_number
from visualizer.core.strokes import Stroke
from visualizer.learning.evaluation import as_input
from visualizer.paths import user_data
from visualizer.state.training import Experiment
from visualizer.ui.messages import MessageBar
from visualizer.ui.pages.inspect_networks import QUICK

PATIENCE = 20_000
ONE = Stroke(((0.5, 0.15), (0.5, 0.85)), (0.09, 0.09))
SEVEN = Stroke(((0.28, 0.2), (0.7, 0.2), (0.45, 0.85)), (0.09, 0.09, 0.09))


@pytest.fixture
def page(qtbot, make_inspect_page, put_run):
    """The page with one trained network opened."""
    put_run(user_data() / "runs")
    page = make_inspect_page()
    qtbot.waitUntil(lambda: page.networks.examined is not None, timeout=PATIENCE)
    return page


def shown(page):
    """What the bars say: class by name to probability."""
    return {name: value for name, value, _ in page.answer.bars.rows()}


def draw(qtbot, page, *strokes):
    for stroke in strokes:
        page.model.draw(stroke)
    wait_for_answer(qtbot, page)


def wait_for_answer(qtbot, page):
    qtbot.waitUntil(lambda: not page.is_busy, timeout=PATIENCE)


def test_every_move_of_a_stroke_changes_the_bars(qtbot, page) -> None:
    pad = page.draw.pad
    square = pad.square()

    def at(x, y):
        return QPoint(round(square.x() + x * square.width()), round(y * square.height()))

    told = []
    qtbot.mousePress(pad, Qt.MouseButton.LeftButton, pos=at(0.28, 0.2))
    for point in ((0.5, 0.2), (0.7, 0.2), (0.58, 0.5), (0.45, 0.85)):
        qtbot.mouseMove(pad, at(*point))
        wait_for_answer(qtbot, page)
        told.append(shown(page))
    qtbot.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=at(0.45, 0.85))
    for before, after in pairwise(told):
        assert before != after
        assert sum(after.values()) == pytest.approx(1)
    assert page.answer.verdict.text() == "7" == max(told[-1], key=told[-1].get)
    assert f"sure: {100 * told[-1]['7']:.1f} %" == page.answer.sure.text()


def test_the_bars_are_what_the_network_says_about_the_last_picture_of_the_strip(
    qtbot, page
) -> None:
    draw(qtbot, page, SEVEN)
    answer = page.last_answer
    network = answer.examined.network
    fed = torch.from_numpy(answer.seen.stages[-1].pixels.transpose(2, 0, 1))[None]
    x = fed
    with torch.no_grad():
        for layer in network.layers.values():
            x = layer(x)
        whole = network(as_input(torch.from_numpy(answer.seen.pixels)[None]))
    expected = x[0].softmax(0).numpy()
    np.testing.assert_allclose(list(shown(page).values()), expected, atol=1e-5)
    np.testing.assert_allclose(whole.numpy(), x.numpy(), atol=1e-4)


def test_a_step_can_be_left_out_and_taken_again(qtbot, page, context) -> None:
    draw(qtbot, page, SEVEN.moved(-0.3, -0.25, 0.35))
    assert page.answer.verdict.text() == "7"
    with_steps = shown(page)
    qtbot.mouseClick(page.sees.strip.button("crop"), Qt.MouseButton.LeftButton)
    wait_for_answer(qtbot, page)
    assert shown(page)["7"] < 0.5 * with_steps["7"]
    page.sees.strip.button("crop").setFocus()
    qtbot.keyClick(page.sees.strip.button("crop"), Qt.Key.Key_Space)
    wait_for_answer(qtbot, page)
    assert shown(page) == with_steps


def test_without_normalising_the_network_is_given_other_numbers(qtbot, page) -> None:
    draw(qtbot, page, SEVEN)
    before = shown(page)
    page.model.switch("normalise")
    wait_for_answer(qtbot, page)
    assert shown(page) != before
    assert page.last_answer.seen.stages[-1].pixels.min() == 0


def test_strokes_are_undone_one_by_one_and_so_is_clearing(qtbot, page) -> None:
    undo = page.window().context.actions["edit.undo"]
    draw(qtbot, page, ONE, ONE.moved(0.2, 0))
    page.draw.cleared.emit()
    assert page.draw.pad.picture.max() == 0
    undo.trigger()
    assert len(page.model.settings.strokes) == 2
    undo.trigger()
    assert page.model.settings.strokes == (ONE,)
    page.window().show_page("Image")
    page.window().context.actions["edit.redo"].trigger()
    assert page.isVisible() and len(page.model.settings.strokes) == 2


def test_an_empty_pad_asks_nothing(qtbot, page) -> None:
    wait_for_answer(qtbot, page)
    assert page.answer.verdict.text() == "?"
    assert page.answer.sure.text() == "nothing to ask about yet"
    assert "Draw" in page.draw.pad.accessibleDescription()
    draw(qtbot, page, ONE)
    assert page.answer.verdict.text() == "1"
    page.model.clear()
    wait_for_answer(qtbot, page)
    assert page.answer.verdict.text() == "?"


def test_nothing_of_a_drawing_stays_when_it_is_cleared(qtbot, page) -> None:
    for view in ("draw", "why", "layers"):
        page.show_view(view)
        draw(qtbot, page, SEVEN)
        page.model.clear()
        wait_for_answer(qtbot, page)
    assert not any(value for _, value, _ in page.fool.bars.rows())
    assert page.fool.changed.count() == page.fool.difference.count() == 0
    assert not any(value for _, value, _ in page.inside.bars.rows())
    assert all(maps.count() == 0 for maps in page.inside._mosaics.values())
    assert not page.move_it.what.accessibleName() and page.move_it.maps[0].is_empty()
    for view in ("draw", "why", "layers"):
        page.show_view(view)
        page.grab()
    draw(qtbot, page, SEVEN)
    assert all(maps.count() for maps in page.inside._mosaics.values())


def test_validation_images_are_shown_with_their_truth(qtbot, page) -> None:
    page.draw.shows.button("image").click()
    wait_for_answer(qtbot, page)
    answer, validation = page.last_answer, page.networks.examined.dataset.validation
    assert answer.subject.label == int(validation.labels[0])
    np.testing.assert_array_equal(answer.seen.pixels, validation.images[0].numpy())
    page.draw.imageWanted.emit(-1)
    wait_for_answer(qtbot, page)
    assert page.last_answer.subject.label == int(validation.labels[-1])
    assert "validation #269" in page.draw.picture.caption()


def test_a_photo_is_said_to_be_nothing_the_network_knows(qtbot, page) -> None:
    page.draw.shows.button("picture").click()
    qtbot.waitUntil(lambda: "photo" in page.answer.sentence.text(), timeout=PATIENCE)
    assert page.answer.verdict.text() in page.networks.examined.class_names


def test_a_picture_that_comes_in_is_looked_at(qtbot, page) -> None:
    paper = 255 - page_of(SEVEN)
    page.window().context.session.show(Image.from_array(paper, "paper"))
    qtbot.waitUntil(lambda: page.answer.verdict.text() == "7", timeout=PATIENCE)
    assert page.model.settings.shows == "picture" and not page.answer.sentence.isVisible()


def page_of(*strokes):
    from visualizer.core.strokes import picture

    return picture(strokes) // 2


def test_the_maps_of_every_layer_follow(qtbot, page) -> None:
    page.show_view("layers")
    draw(qtbot, page, SEVEN)
    qtbot.waitUntil(lambda: page.inside.bars.rows()[7][1] > 0, timeout=PATIENCE)
    assert [value for _, value, _ in page.inside.bars.rows()] == pytest.approx(
        list(shown(page).values()), abs=1e-5
    )


def test_a_newcomer_trains_a_quick_one_with_one_click(qtbot, make_inspect_page) -> None:
    page = make_inspect_page()
    training = page.window().context.training()
    chosen = training.model.settings
    assert page.answer.quick.isVisible() and "No network" in page.answer.sentence.text()
    draw_before = SEVEN
    page.model.draw(draw_before)
    page.answer.quick.click()
    qtbot.waitUntil(lambda: page.networks.examined is not None, timeout=PATIENCE)
    assert "Learning" in page.answer.quick.text()  # asked while it learns
    training.stop()
    qtbot.waitUntil(lambda: training.state == "idle", timeout=PATIENCE)
    wait_for_answer(qtbot, page)
    assert page.answer.verdict.text() in set("0123456789")
    assert not page.answer.quick.isVisible() and training.model.settings == chosen


def test_other_runs_and_files_can_be_asked(qtbot, page, put_run, monkeypatch, tmp_path) -> None:
    other = put_run(tmp_path / "elsewhere", "Run 9")
    lonely = tmp_path / "lonely.safetensors"
    lonely.write_bytes((other.folder / "weights.safetensors").read_bytes())
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: (str(lonely), ""))
    page.bar.networkChosen.emit("open a file")
    qtbot.waitUntil(lambda: page.networks.examined.title == lonely.name, timeout=PATIENCE)
    assert page.networks.examined.dataset is None
    assert not page.draw.shows.button("image").isEnabled()
    draw(qtbot, page, SEVEN)
    assert page.answer.verdict.text() == "7"
    assert "no validation images" in page.answer.sentence.text()
    assert page.failures.classes.table.text() == ""
    assert page.map.note.text() == "no validation images"
    assert "not known" in page.correct.again.toolTip() and not page.correct.again.isEnabled()
    page.window().context.actions["edit.undo"].trigger()
    page.window().context.actions["edit.undo"].trigger()
    qtbot.waitUntil(lambda: page.networks.examined.title.startswith("Run 1"), timeout=PATIENCE)
    assert page.bar.chooser.current() == next(iter(page._training.runs)).folder.name


def test_a_checkpoint_beside_its_description_is_corrected_and_trained_again(
    qtbot, page, put_run, monkeypatch, tmp_path
) -> None:
    other = put_run(tmp_path / "elsewhere")
    file = str(next(other.folder.glob("checkpoint-*.cnnv")))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: (file, ""))
    page.bar.networkChosen.emit("open a file")
    qtbot.waitUntil(lambda: page.networks.examined.title.endswith(".cnnv"), timeout=PATIENCE)
    wait_for_answer(qtbot, page)
    assert page.networks.source.experiment == other.experiment
    assert page.correct.again.isEnabled() and "same settings" in page.correct.again.toolTip()
    draw(qtbot, page, SEVEN)
    page.correct.train.click()
    assert [own.data for own in page.model.settings.corrections.own] == ["digits"]


def test_a_file_that_is_no_network_is_refused_in_one_sentence(
    qtbot, page, monkeypatch, tmp_path
) -> None:
    bad = tmp_path / "bad.cnnv"
    bad.write_bytes(b"nothing of the kind")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: (str(bad), ""))
    page.bar.networkChosen.emit("open a file")
    message = page.window().findChild(MessageBar)
    qtbot.waitUntil(lambda: "bad.cnnv is not a checkpoint" in message.text, timeout=3000)


def wait_for_verdicts(qtbot, page):
    qtbot.waitUntil(lambda: page.failures.verdicts is not None, timeout=PATIENCE)
    wait_for_answer(qtbot, page)


def test_the_matrix_counts_what_the_training_counted(qtbot, page, trained) -> None:
    page.show_view("errors")
    wait_for_verdicts(qtbot, page)
    counts = page.failures.verdicts.score.confusion
    np.testing.assert_array_equal(counts, trained[1].confusion)
    for row, column in np.ndindex(counts.shape):
        text = page.failures.confusion.matrix.text(row, column)
        assert text == (str(counts[row, column]) if counts[row, column] else "")
    listed = page.failures.classes.findChild(QScrollArea)
    assert listed.verticalScrollBar().maximum() == 0, "all ten are seen at once"
    page.failures.confusion.unit.button("shares").click()
    share = 100 * counts[3, 3] / counts[3].sum()
    assert page.failures.confusion.matrix.text(3, 3) == f"{share:.0f}"


def test_a_cell_opens_its_images_and_an_image_its_probabilities_and_heat(qtbot, page) -> None:
    page.show_view("errors")
    wait_for_verdicts(qtbot, page)
    matrix, errors = page.failures.confusion.matrix, page.failures.errors
    place = matrix.cell_rect(4, 4).center().toPoint()
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=place)
    verdicts = page.failures.verdicts
    assert errors.images.count() == verdicts.score.confusion[4, 4]
    errors.images.setCurrentRow(2)
    errors.images.itemActivated.emit(errors.images.item(2))
    wait_for_answer(qtbot, page)
    index = page.model.settings.image
    assert index == verdicts.cell(4, 4)[2] and page.last_answer.subject.label == 4
    np.testing.assert_allclose(list(shown(page).values()), verdicts.probabilities[index], atol=1e-4)
    assert page.why.view.over() is not None and "speaks for 4" in page.why.sentence.text()


def test_a_cell_without_images_gives_way_to_the_question_when_others_are_tried(qtbot, page):
    page.show_view("errors")
    wait_for_verdicts(qtbot, page)
    errors = page.failures.errors
    page.failures.confusion.cellChosen.emit(0, 1)
    assert "there are none" in errors.sentence.text() and errors.questions.current() == ""
    errors.partChosen.emit("train")
    wait_for_verdicts(qtbot, page)
    assert errors.questions.current() == "wrong"
    assert len(page.failures.verdicts.cell(0, 1)) == 0


def test_the_three_questions_of_every_class(qtbot, page) -> None:
    page.show_view("errors")
    wait_for_verdicts(qtbot, page)
    errors, verdicts = page.failures.errors, page.failures.verdicts
    for question in ("sure", "unsure", "wrong"):
        errors.questions.button(question).click()
        assert errors.images.count() == min(120, len(verdicts.asked(question, None)))
    errors.label.set_current("7")
    errors.label.currentChanged.emit("7")
    errors.questions.button("unsure").click()
    assert errors.note.text().startswith(f"{(verdicts.labels == 7).sum()} of")
    errors.questions.button("loss").click()
    first = verdicts.losses[verdicts.labels == 7].max()
    assert f"loss {format_number(first, 3)}" in errors.images.item(0).toolTip()


def test_every_way_of_asking_why_gives_a_map_for_any_class(qtbot, page) -> None:
    draw(qtbot, page, SEVEN)
    maps = {}
    for method in ("grad-cam", "occlusion", "saliency", "integrated"):
        page.why.method.currentChanged.emit(method)
        wait_for_answer(qtbot, page)
        maps[method] = page.why.view.alone().copy()
        assert "speaks for 7" in page.why.sentence.text()
    assert len({m.tobytes() for m in maps.values()}) == 4
    page.why.target.currentChanged.emit("1")
    wait_for_answer(qtbot, page)
    assert "speaks for 1" in page.why.sentence.text()
    page.window().context.actions["edit.undo"].trigger()
    wait_for_answer(qtbot, page)
    assert "speaks for 7" in page.why.sentence.text()


def test_moving_the_input_is_swept_and_compared_with_an_mlp(qtbot, page) -> None:
    training = page.window().context.training()
    draw(qtbot, page, SEVEN)
    said = page.move_it.sentence
    qtbot.waitUntil(lambda: "CNN, Run 1: above ½ in" in said.text(), timeout=PATIENCE)
    page.move_it.rivalChosen.emit("train an MLP")
    assert training.busy
    training.stop()
    qtbot.waitUntil(lambda: page.rival.examined is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: "MLP, Run 2: above ½" in page.move_it.sentence.text(), timeout=PATIENCE)
    assert page.rival.examined.network.spec.name.startswith("MLP")
    assert page.networks.examined.title.startswith("Run 1")  # the one that is asked stays
    assert page.move_it.maps[1].isVisible()
    page.move_it.rivalChosen.emit("")
    wait_for_answer(qtbot, page)
    assert not page.move_it.maps[1].isVisible()


def test_a_rival_that_learns_on_is_opened_anew(qtbot, page) -> None:
    training = page.window().context.training()
    asked = page.networks.source.key
    training.start(other=replace(QUICK, epochs=60.0))
    run = training.run
    saved: list[object] = []
    training.saved.connect(saved.append)

    def save() -> None:
        count = len(saved)
        training.save_now()
        qtbot.waitUntil(lambda: len(saved) > count, timeout=PATIENCE)

    qtbot.waitUntil(lambda: run.step > 5, timeout=PATIENCE)
    save()
    page.model.edit("network", network=asked)
    page.move_it.rivalChosen.emit(run.folder.name)
    qtbot.waitUntil(lambda: page.rival.examined is not None, timeout=PATIENCE)
    first, step = page.rival.examined, run.step
    qtbot.waitUntil(lambda: run.step > step, timeout=PATIENCE)
    save()
    qtbot.waitUntil(lambda: page.rival.examined is not first, timeout=PATIENCE)
    assert page.networks.source.key == asked
    training.stop()
    qtbot.waitUntil(lambda: not training.busy and not page.is_busy, timeout=PATIENCE)


def test_the_run_on_show_on_the_train_page_is_asked(qtbot, page, put_run) -> None:
    window = page.window()
    training = window.context.training()
    newest = training.runs.adopt(next(iter(training.runs)).folder)
    train = window.show_page("Train")
    qtbot.waitUntil(lambda: train.prepared is not None, timeout=PATIENCE)
    window.show_page("Inspect")
    qtbot.waitUntil(lambda: page.networks.source.path == newest.folder, timeout=PATIENCE)
    first = next(iter(training.runs))
    for run in (first, newest, first):
        window.show_page("Train")
        train.runs.pickWanted.emit(run)
        page.show_view("draw")
        window.show_page("Inspect")
        qtbot.waitUntil(lambda: page.networks.source.path == run.folder, timeout=PATIENCE)  # noqa: B023
        assert page.bar.chooser.current() == run.folder.name
        page.model.edit("network", network=newest.folder.name)  # until one is picked there again
        assert page.networks.source.path == newest.folder
    page.model.edit("draw", strokes=(SEVEN,))
    window.show_page("Train")
    train.runs.pickWanted.emit(first)
    window.show_page("Inspect")
    qtbot.waitUntil(lambda: page.networks.source.path == first.folder, timeout=PATIENCE)
    window.context.actions["edit.undo"].trigger()  # of what was picked, not of the stroke before
    assert page.model.settings.strokes and page.networks.source.path == newest.folder
    wait_for_answer(qtbot, page)
    qtbot.waitUntil(lambda: not train.look._work.busy, timeout=PATIENCE)


def test_networks_of_other_classes_are_not_compared(qtbot, page, monkeypatch) -> None:
    draw(qtbot, page, SEVEN)
    two = replace(page.networks.examined, class_names=("cross", "square"))
    monkeypatch.setattr(type(page.rival), "examined", two)
    page.rival.changed.emit()
    wait_for_answer(qtbot, page)
    told = page.window().findChild(MessageBar)
    assert told.text == "The two networks know different classes, and cannot be compared."
    assert not page.move_it.maps[1].isVisible() and "CNN, Run 1" in page.move_it.sentence.text()
    told.tell("")
    page.networks.opened.emit(page.networks.examined)  # it has learned on
    wait_for_answer(qtbot, page)
    assert told.text == "", "said already"


def test_noise_fools_it_and_its_size_is_in_hand(qtbot, page) -> None:
    page.show_view("why")
    draw(qtbot, page, SEVEN)
    told = []
    for epsilon in (0.0, 0.1, 0.4):
        page.model.edit("ε", epsilon=epsilon)
        wait_for_answer(qtbot, page)
        told.append({n: v for n, v, _ in page.fool.bars.rows()}["7"])
    assert told[0] == pytest.approx(shown(page)["7"], abs=1e-4)
    assert told[0] > told[1] > told[2]
    assert "No longer 7" in page.fool.sentence.text()


def test_tiles_are_swapped_by_hand_and_put_back(qtbot, page) -> None:
    page.show_view("why")
    draw(qtbot, page, SEVEN)
    page.fool.way.button("tiles").click()
    board = page.fool.tiles
    first, last = (board.tile_rect(i).center().toPoint() for i in (0, 8))
    qtbot.mousePress(board, Qt.MouseButton.LeftButton, pos=first)
    qtbot.mouseRelease(board, Qt.MouseButton.LeftButton, pos=last)
    assert page.model.settings.tiles == (8, 1, 2, 3, 4, 5, 6, 7, 0)
    wait_for_answer(qtbot, page)
    assert {n: v for n, v, _ in page.fool.bars.rows()}["7"] != pytest.approx(
        shown(page)["7"], abs=1e-6
    )
    page.window().context.actions["edit.undo"].trigger()
    wait_for_answer(qtbot, page)
    assert board.order == tuple(range(9))
    assert "Still called 7" in page.fool.sentence.text()


def test_a_change_of_view_gives_the_keyboard_to_no_other_control(qtbot, page) -> None:
    page.draw.pad.setFocus()
    page.show_view("why")
    assert page.draw.pad.hasFocus()
    page.show_view("map")
    assert page.window().focusWidget() is page


def test_every_view_fits_into_a_small_window(qtbot, page) -> None:
    page.window().resize(1280, 720)
    for view in page.bar.views._buttons:
        page.show_view(view)
        wait_for_answer(qtbot, page)
        hint = page.minimumSizeHint()
        assert hint.height() <= 648 and hint.width() <= 1196, (view, hint)


def test_corrections_survive_navigation_restart_and_undo(qtbot, page, make_inspect_page) -> None:
    page.show_view("errors")
    wait_for_verdicts(qtbot, page)
    before = page.failures.verdicts.score.confusion.copy()
    page.failures.imageChosen.emit(7)
    wait_for_answer(qtbot, page)
    label = page.last_answer.subject.label
    other = (label + 1) % 10
    page.correct.label.set_current(str(other))
    page.correct.relabel.click()
    wait_for_answer(qtbot, page)
    assert page.failures.verdicts.score.confusion[other].sum() == before[other].sum() + 1
    assert page.last_answer.subject.label == other
    given = page.networks.examined.class_names[label]
    qtbot.waitUntil(lambda: not page.correct.list.item(0).icon().isNull())
    words = f"validation #7, label {given}: is {page.networks.examined.class_names[other]}"
    assert page.correct.list.item(0).text() == words
    page.failures.imageChosen.emit(8)
    wait_for_answer(qtbot, page)
    page.correct.exclude.click()
    wait_for_answer(qtbot, page)
    assert page.failures.verdicts.score.count == before.sum() - 1
    window = page.window()
    window.show_page("Image")
    window.context.actions["edit.undo"].trigger()
    assert page.isVisible() and page.failures.verdicts.score.count == before.sum()
    window.context.actions["edit.redo"].trigger()
    assert page.failures.verdicts.score.count == before.sum() - 1

    again = make_inspect_page()  # as at the next start
    again.show_view("errors")
    wait_for_verdicts(qtbot, again)
    assert again.correct.list.count() == 2
    assert again.failures.verdicts.score.count == before.sum() - 1
    again.correct.list.setCurrentRow(0)
    again.correct.back.click()
    assert not again.correct.back.isEnabled(), "no line is chosen any more"
    again.correct.list.setCurrentRow(0)
    again.correct.back.click()
    np.testing.assert_array_equal(again.failures.verdicts.score.confusion, before)


def test_networks_of_other_images_follow_one_another(qtbot, page, tmp_path) -> None:
    draw(qtbot, page, SEVEN)
    noise = np.random.default_rng(0)
    for name in ("cross", "square"):
        folder = tmp_path / "shapes" / name
        folder.mkdir(parents=True)
        for i in range(8):
            cv2.imwrite(str(folder / f"{i}.png"), noise.integers(0, 255, (20, 20, 3), np.uint8))
    told = page.window().findChild(MessageBar)
    training = page.window().context.training()
    data = ("folder", str(tmp_path / "shapes"), "16", "rgb")
    training.start(other=Experiment(data=data))
    qtbot.waitUntil(lambda: "A batch of 100 is larger" in told.text, timeout=PATIENCE)
    qtbot.waitUntil(lambda: training.state == "idle", timeout=PATIENCE)
    told.tell("")
    training.start(other=Experiment(data=data, epochs=2.0, batch_size=4))
    qtbot.waitUntil(lambda: training.state == "idle", timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.networks.examined.network.shape == (3, 16, 16), timeout=PATIENCE)
    wait_for_answer(qtbot, page)
    assert told.text == "" and page.networks.examined.class_names == ("cross", "square")
    page.why.view.grab()
    page.model.edit("network", network=page.networks.sources()[-1].key)
    wait_for_answer(qtbot, page)
    page.why.view.grab()
    assert page.answer.verdict.text() == "7" and told.text == ""


def test_own_drawings_are_used_at_the_next_training(qtbot, page) -> None:
    page.show_view("errors")
    training = page.window().context.training()
    draw(qtbot, page, SEVEN)
    page.correct.label.set_current("7")
    page.correct.train.click()
    assert page.correct.list.item(0).text() == "drawing of 7, added to training"
    seen = []
    training.prepared.connect(lambda prepared: seen.append(prepared.dataset))
    training.start()
    qtbot.waitUntil(lambda: bool(seen), timeout=PATIENCE)
    training.stop()
    qtbot.waitUntil(lambda: training.state == "idle", timeout=PATIENCE)
    assert len(seen[0].train) == len(seen[0].raw.train) + 1
    assert int(seen[0].train.labels[-1]) == 7
    np.testing.assert_array_equal(
        seen[0].train.images[-1].numpy(), page.model.settings.corrections.own[0].image()
    )


def test_own_drawings_count_among_the_validation_images(qtbot, page) -> None:
    page.show_view("map")
    wait_for_verdicts(qtbot, page)
    page.show_view("errors")
    before = page.failures.verdicts.score.confusion.copy()
    draw(qtbot, page, SEVEN)
    said = page.last_answer.best
    page.correct.label.set_current("2")
    page.correct.validate.click()
    qtbot.waitUntil(lambda: page.failures.verdicts is not None
                    and page.failures.verdicts.score.count == before.sum() + 1,
                    timeout=PATIENCE)  # fmt: skip
    more = page.failures.verdicts.score.confusion - before
    assert more[2, said] == 1 and more.sum() == 1
    page.show_view("layers")
    wait_for_answer(qtbot, page)
    assert page.filters._examined is page.networks.examined, "they may excite a filter too"
    page.show_view("errors")
    page.failures.confusion.cellChosen.emit(2, said)
    page.failures.imageChosen.emit(270)
    wait_for_answer(qtbot, page)
    assert page.last_answer.subject.caption == "validation #270, label 2, your drawing"
    assert page.last_answer.subject.label == 2
    page.show_view("map")
    wait_for_answer(qtbot, page)
    assert len(page.map.cloud.places()) == before.sum() + 1
    page.window().context.actions["edit.undo"].trigger()
    page.window().context.actions["edit.undo"].trigger()
    wait_for_verdicts(qtbot, page)
    while page.model.settings.corrections.own:
        page.window().context.actions["edit.undo"].trigger()
    wait_for_answer(qtbot, page)
    np.testing.assert_array_equal(page.failures.verdicts.score.confusion, before)


def test_an_excluded_image_is_on_the_map_no_more_and_its_label_is_no_correction(
    qtbot, page
) -> None:
    page.show_view("map")
    wait_for_verdicts(qtbot, page)
    wait_for_answer(qtbot, page)
    page.failures.imageChosen.emit(3)
    wait_for_answer(qtbot, page)
    page.show_view("errors")
    page.correct.label.set_current(str(page.last_answer.subject.in_data))
    page.correct.relabel.click()
    assert page.correct.list.count() == 0
    page.correct.exclude.click()
    page.show_view("map")
    wait_for_answer(qtbot, page)
    assert len(page.map.cloud.places()) == 269 == page.failures.verdicts.score.count
    assert page.map.note.text() == "269 validation images"
    page.show_view("errors")
    page.correct.relabel.click()  # as the data have it: it is in again
    assert page.correct.list.count() == 0
    assert len(page.map.cloud.places()) == 270


def test_training_again_asks_the_new_network(qtbot, page) -> None:
    page.show_view("errors")
    wait_for_verdicts(qtbot, page)
    first = page.networks.source.key
    page.correct.again.click()
    training = page.window().context.training()
    assert training.busy and not page.correct.again.isEnabled()
    qtbot.waitUntil(lambda: page.networks.source.key != first, timeout=PATIENCE)
    training.stop()
    qtbot.waitUntil(lambda: training.state == "idle", timeout=PATIENCE)
    wait_for_answer(qtbot, page)
    assert page.correct.again.isEnabled()


def test_a_network_that_learned_on_unseen_is_opened_anew(qtbot, page) -> None:
    training = page.window().context.training()
    page.correct.again.click()
    qtbot.waitUntil(lambda: page.networks.examined.title.startswith("Run 2"), timeout=PATIENCE)
    page.window().show_page("Image")
    step = training.run.step
    qtbot.waitUntil(lambda: training.run.step > step, timeout=PATIENCE)
    run = training.run
    training.stop()
    qtbot.waitUntil(lambda: training.state == "idle", timeout=PATIENCE)
    page.window().show_page("Inspect")
    wait_for_answer(qtbot, page)
    qtbot.waitUntil(lambda: page.networks.examined.step == run.step, timeout=PATIENCE)


def test_training_images_can_be_looked_through_too(qtbot, page) -> None:
    page.show_view("errors")
    wait_for_verdicts(qtbot, page)
    page.failures.errors.part.set_current("train")
    page.failures.errors.part.currentChanged.emit("train")
    wait_for_verdicts(qtbot, page)
    assert page.failures.verdicts.score.count == len(page.networks.examined.dataset.train)
    page.failures.imageChosen.emit(2)
    wait_for_answer(qtbot, page)
    assert "training #2" in page.draw.picture.caption()


def test_the_map_shows_opens_and_circles_images(qtbot, page) -> None:
    wait_for_verdicts(qtbot, page)
    page.show_view("map")
    wait_for_answer(qtbot, page)
    cloud, errors = page.map.cloud, page.failures.errors
    places = cloud.places()
    assert len(places) == 270
    qtbot.mouseMove(cloud, QPoint(*(round(x) for x in places[12])))
    assert page.map.line.text().startswith("#")
    cloud.clicked.emit(12)
    wait_for_answer(qtbot, page)
    assert page.model.settings.image == 12 and page.model.settings.shows == "image"
    right, bottom = cloud.width() - 3, cloud.height() - 3
    qtbot.mousePress(cloud, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    for corner in ((right - 1, 2), (right, 3), (right, bottom), (2, bottom), (2, bottom - 1)):
        qtbot.mouseMove(cloud, QPoint(*corner))
    qtbot.mouseRelease(cloud, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert errors.sentence.text() == "Circled on the map"
    circled = int(errors.note.text().split()[0])
    assert circled > 100 and errors.images.count() == min(circled, 120)
    cloud.lassoed.emit([3, 1, 4])
    assert errors.note.text().startswith("3 of 270")
    assert "calibration error" in page.quality.note.text()


def test_a_map_that_takes_long_can_be_cancelled(qtbot, page) -> None:
    wait_for_verdicts(qtbot, page)
    page.show_view("map")
    page.map.way.button("tsne").click()
    assert page.map.busy and page.map.cancel.isVisible()
    page.map.cancel.click()
    assert not page.map.busy and not page.map.cancel.isVisible()
    assert page.map.way.current() == "", "no map is on show yet"
    page.map.way.button("pca").click()
    wait_for_answer(qtbot, page)
    page.map.way.button("tsne").click()
    page.map.cancel.click()
    assert page.map.way.current() == "pca", "that map is still on show"
    page.map.way.button("tsne").click()
    assert page.map.busy
    page.map.cancel.click()


def test_what_can_be_taken_along(qtbot, page, monkeypatch, tmp_path) -> None:
    page.show_view("errors")
    wait_for_verdicts(qtbot, page)
    saver, actions = page.exports.saver, page.window().context.actions
    for key, name in (
        ("png", "view.png"), ("csv", "predictions.csv"), ("corrections", "corrections.csv"),
        ("report", "report.html"), ("python", "network.py"),
    ):  # fmt: skip
        path = tmp_path / name
        monkeypatch.setattr(saver, "ask", lambda *a, path=path: saver.save(path, a[3]))
        actions[f"inspect.{key}"].trigger()
        qtbot.waitUntil(lambda: not saver.busy, timeout=PATIENCE)
        assert path.stat().st_size > 20, name
    picture = Image.from_array(np.zeros((1, 1), np.uint8), "none")
    from visualizer.core.reader import read

    picture = read(tmp_path / "view.png")
    board = page._board.size()
    assert (picture.width, picture.height) == (2 * board.width(), 2 * board.height())
    monkeypatch.setattr(saver, "ask", lambda *a: saver.save(tmp_path / "plot.svg", a[3]))
    page.exports.save_svg(page.failures.confusion, "confusion")
    qtbot.waitUntil(lambda: not saver.busy, timeout=PATIENCE)
    text = (tmp_path / "plot.svg").read_text()
    assert "<svg" in text and "Confusion" in text
    assert 'font-family="Inter, sans-serif"' in text, "also where the typeface is not installed"


def test_a_filter_shows_what_excites_it(qtbot, page) -> None:
    page.show_view("layers")
    wait_for_answer(qtbot, page)
    qtbot.waitUntil(lambda: page.filters.nine.count() == 9, timeout=PATIENCE)
    page.filters.layer.set_current("relu2")
    page.filters.layer.currentChanged.emit("relu2")
    page.filters.filter.set_value(8)
    page.filters.filter.valueChanged.emit(8.0)
    wait_for_answer(qtbot, page)
    first = page.filters.nine.rect_of(0).center().toPoint()
    qtbot.mouseClick(page.filters.nine, Qt.MouseButton.LeftButton, pos=first)
    wait_for_answer(qtbot, page)
    assert page.model.settings.shows == "image"
    page.filters.make.click()
    qtbot.waitUntil(lambda: page.filters.dream.count() == 1, timeout=PATIENCE)
    wait_for_answer(qtbot, page)
    assert page.filters.make.text() == "Make an image for it"


def test_any_number_of_the_maps_tells_how_it_came_about(qtbot, page) -> None:
    page.show_view("layers")
    draw(qtbot, page, SEVEN)
    page.inside.numberPicked.emit("conv2", (5, 3, 4))
    qtbot.waitUntil(lambda: page.numbers.panel is not None, timeout=PATIENCE)
    wait_for_answer(qtbot, page)
    panel = page.numbers.panel
    assert panel.isVisible() and panel.place.layer == "conv2"
    before = panel.frozen
    draw(qtbot, page, ONE)
    assert panel.frozen is not before  # it follows the drawing
    assert page.inside.input._marks, "what it depends on is outlined"
    assert "gradient step" not in panel.text.text(), "there is no training here to take one in"
    panel.strip.cellClicked.emit(0, 1, 1)
    assert panel.place.layer == "relu1" and len(panel.trail) == 2
    qtbot.keyClick(page, Qt.Key.Key_Backspace)
    assert panel.place.layer == "conv2"
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert not panel.isVisible() and page.filters.isVisible() and not page.inside.input._marks
