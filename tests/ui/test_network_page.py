"""The Network page: boxes, table and settings of one network, built and mended by hand."""

import json

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from visualizer.core.presets import find
from visualizer.learning import surgery
from visualizer.learning.layers import (
    CLASSES,
    Activation,
    Convolution,
    Dense,
    Flatten,
    Pool,
    Skip,
)
from visualizer.learning.learner import Learner
from visualizer.learning.modules import build
from visualizer.learning.networks import PRESETS, NetworkSpec
from visualizer.learning.settings import TrainingSettings
from visualizer.state.network_design import AS_DATA
from visualizer.state.training import CUSTOM, Experiment
from visualizer.state.training_news import Trained
from visualizer.state.training_work import prepare
from visualizer.ui import undo
from visualizer.ui.pages.network_page import NetworkPage
from visualizer.ui.pages.network_tour import residual

PATIENCE = 20_000
pytestmark = pytest.mark.usefixtures("torch_is_there")
SMALL = NetworkSpec(
    "Small", (Convolution(4, 3), Activation(), Pool(), Flatten(), Dense(8), Activation(),
              Dense(CLASSES)),
)  # fmt: skip


@pytest.fixture
def page(qtbot, context, window):
    page = NetworkPage(context)
    qtbot.addWidget(page, before_close_func=lambda page: page.close_work())
    page.model.edited.connect(lambda edit: undo.record(context.undo, edit, lambda: None))
    page.resize(1180, 640)
    context.actions.set_page("Network")
    page.model.take(SMALL, "test")
    page.model.select((0,))
    page.show()
    return page


def layers(page) -> str:
    return " ".join(page.model.spec.names())


def selected(page) -> tuple[str, str, str]:
    """What is selected in the diagram, the list and the form."""
    row = page.list.currentRow()
    listed = page.list.texts()[row][0].split()[-1] if row >= 0 else ""
    return page.diagram._look.selected, listed, page.form._title.text()


def test_selecting_anywhere_selects_everywhere(qtbot, page):
    assert selected(page) == ("conv1",) * 3
    place = page.diagram.place_of("pool1").toPoint()
    qtbot.mouseClick(page.diagram, Qt.MouseButton.LeftButton, pos=place)
    assert selected(page) == ("pool1",) * 3
    page.list.setCurrentCell(4, 0)
    assert selected(page) == ("dense1",) * 3
    page.diagram.setFocus()
    QTest.keyClick(page.diagram, Qt.Key.Key_Left)
    assert selected(page) == ("flatten1",) * 3
    QTest.keyClick(page.diagram, Qt.Key.Key_End)
    assert selected(page) == ("dense2",) * 3


def test_the_table_has_the_figures_and_their_sums(page):
    rows, total = page.list.texts(), page.list.sums.texts()
    assert rows[0][:5] == ("conv1", "3×3", "1", "0", "4×26×26") and rows[0][8] == "3×3"
    network = build(SMALL, (1, 28, 28), 10)
    assert total[6] == f"{sum(p.numel() for p in network.parameters()):,}"
    assert int(total[7].replace(",", "")) == sum(int(r[7].replace(",", "") or 0) for r in rows)


def test_building_by_buttons_keys_and_undo(page, context):
    act = context.actions
    act["network.add_norm"].trigger()
    assert layers(page) == "conv1 norm1 relu1 pool1 flatten1 dense1 relu2 dense2"
    act["network.down"].trigger()
    assert layers(page).startswith("conv1 relu1 norm1") and page.model.selected == (2,)
    act["network.duplicate"].trigger()
    act["network.remove"].trigger()
    act["network.add_skip"].trigger()
    for _ in range(5):
        context.undo.undo()
    assert page.model.spec == SMALL
    for _ in range(3):
        context.undo.redo()
    assert layers(page).startswith("conv1 relu1 norm1 norm2")


def test_dragging_a_row_moves_the_layer(qtbot, page):
    view = page.list.viewport()
    middle = page.list.visualItemRect(page.list.item(2, 0)).center()
    top = page.list.visualItemRect(page.list.item(0, 0)).topLeft() + QPoint(20, 2)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=middle)
    for point in (middle - QPoint(0, 15), top):
        QTest.mouseMove(view, point)
        QApplication.processEvents()
    page.grab()
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=top)
    assert layers(page).startswith("pool1 conv1 relu1") and selected(page) == ("pool1",) * 3


def test_dragging_into_a_skip_and_an_impossible_drag(page):
    page.model.take(NetworkSpec("x", (Activation(), Skip((Convolution(4, 3),)), Skip((Pool(),)),
                                      *SMALL.layers)), "test")  # fmt: skip
    assert page.list.slot_above(1) == (1, 0, 0) and page.list.slot_above(2) == (1, 0, 1)
    page.model.select((0,))
    page.list.dropped.emit((1, 0, 1))
    assert page.model.spec.layers[0] == Skip((Convolution(4, 3), Activation()))
    page.model.select((1,))
    page.list.dropped.emit((0, 0, 0))
    assert "inside another" in page.form._refusal.text()


def test_the_sums_of_the_default_network_are_in_sight_in_a_small_window(qtbot, page):
    page.model.take(PRESETS["quick"], "test")
    page.resize(1185, 647)  # what a window of 1280 × 720 leaves for a page
    qtbot.waitUntil(lambda: page.list.verticalScrollBar().maximum() == 0)


def test_the_settings_of_a_layer_change_it(page):
    form = page.form
    form.control("channels").valueChanged.emit(9)
    form.control("rows").valueChanged.emit(5)
    assert page.model.layer == Convolution(9, (5, 3))
    form.control("mode").currentChanged.emit("same")
    assert page.model.layer.padding == "same" and not form.control("padding").isEnabled()
    assert form.control("padding").isHidden()  # two rows on each side, but one column
    form.control("rows").valueChanged.emit(3)
    assert not form.control("padding").isHidden() and form.control("padding").value() == 1
    form.control("rows").valueChanged.emit(5)
    form.control("stride").valueChanged.emit(2)
    assert "stride of 1" in form._refusal.text() and form.control("stride").value() == 1
    form.control("mode").currentChanged.emit("set")
    assert page.model.layer.padding == 2
    form.control("channels").setFocus()
    page.model.select((6,))
    assert page.window().focusWidget() is page.list  # what had the keyboard is gone
    form.control("many").currentChanged.emit("set")
    assert page.model.layer == Dense(64)
    form.control("many").currentChanged.emit("classes")
    assert page.model.layer == Dense(CLASSES)
    units = form.control("units")
    assert units.value() == page.frame.classes == 10 and not units.isEnabled()


def test_a_problem_is_marked_said_and_mended_by_a_button(page):
    page.model.take(residual(), "test")
    page.model.select((5, 1, 0))
    page.model.remove()
    assert page.frame.problem.layer == "add2"
    assert page.diagram._look.broken == "add2"
    assert any("16×28×28" in sentence for sentence in page.form.sentences)
    assert page.list.texts()[-2][8] == "?"
    page.sides.show_side("compare")
    assert "Mend the network" in page.compare.texts()[0]
    page.sides.show_side("layer")
    button = next(b for b in page.form.buttons() if "projection" in b.text())
    button.setFocus()
    button.click()
    assert page.frame.is_sound
    assert page.window().focusWidget() is page.list
    assert page.model.spec.layers[5].shortcut == (Convolution(32, 1, stride=2),)


def test_the_rows_are_coloured_by_what_is_known_of_them(page, context):
    def colours() -> list[str]:
        listed = page.list
        return [listed.item(row, 1).foreground().color().name() for row in range(listed.rowCount())]

    text, faint, bad = (context.theme.color(role).name() for role in ("text", "faint", "bad"))
    page.model.take(SMALL, "test")
    assert colours() == [text] * 7
    page.model.select((3,))
    page.model.remove()  # the flatten: what follows does not fit
    assert colours() == [text] * 3 + [bad] + [faint] * 2
    context.undo.undo()
    page.model.duplicate()
    assert colours() == [text] * 8


def test_an_edit_of_a_deep_network_works_out_anew_only_what_is_new(monkeypatch, page):
    block = (Convolution(16, 3, padding="same"), Activation())
    page.model.take(NetworkSpec("deep", (*(block * 90), Flatten(), Dense(CLASSES))), "test")
    page.model.select((80,))
    asked = []
    output = Convolution.output
    monkeypatch.setattr(
        Convolution, "output", lambda self, *a: asked.append(self) or output(self, *a)
    )
    page.model.change(channels=23)
    assert 0 < len(asked) <= 4  # the layer itself and the one behind it, not the other 88


def test_an_empty_network_can_be_begun_anew(page):
    while page.model.selected:
        page.model.remove()
    page.grab()
    assert page.frame.problem is not None
    page.form.buttons()[0].click()
    assert page.frame.is_sound


def test_hints_come_with_the_button_that_follows_them(page):
    page.form.control("rows").valueChanged.emit(4)
    assert any("odd kernels" in sentence for sentence in page.form.sentences)
    page.form.buttons()[0].click()
    assert page.model.layer.kernel == (5, 3)


def test_the_maps_stand_in_the_boxes_when_wanted(qtbot, page, context):
    qtbot.waitUntil(lambda: bool(page.diagram._look.maps), timeout=PATIENCE)
    maps = page.diagram._look.maps
    assert set(maps) == {"input", *page.model.spec.names()}
    assert maps["conv1"].shape == (4, 26, 26) and maps["input"].dtype == np.uint8
    assert "untrained" in page._caption.accessibleName()
    page.grab()
    context.actions["network.maps"].trigger()
    assert not page.diagram._look.maps
    context.actions["network.maps"].trigger()
    qtbot.waitUntil(lambda: bool(page.diagram._look.maps), timeout=PATIENCE)


def test_a_trained_network_is_shown_with_its_weights(qtbot, page):
    network = build(SMALL, (1, 28, 28), 10, seed=7).eval()
    training = page.training
    training.left = Trained(Experiment(network=CUSTOM, custom=SMALL), network, 42)
    training.trained.emit(training.left)
    qtbot.waitUntil(lambda: "step 42" in page._caption.accessibleName(), timeout=PATIENCE)
    probe = torch.from_numpy(page.diagram._look.maps["input"])[None] / 255
    with torch.no_grad():
        expected = dict(network.activations(probe))["conv1"][0].numpy()
    np.testing.assert_allclose(page.diagram._look.maps["conv1"], expected, atol=1e-6)


def test_other_images_change_the_figures_and_need_no_data(qtbot, page):
    page.model.edit("images", images="large")
    assert page.list.texts()[0][4] == "4×222×222" and page.frame.classes == 1000
    qtbot.waitUntil(lambda: bool(page.diagram._look.maps), timeout=PATIENCE)
    assert page.diagram._look.maps["input"].shape == (3, 224, 224)
    page.model.edit("images", images=AS_DATA)
    assert page.frame.shape == (1, 28, 28)


def test_beside_an_mlp_of_equal_size(page):
    page.sides.show_side("compare")
    page.model.take(PRESETS["quick"], "test")
    texts = page.compare.texts()
    assert "80,298" in texts and "1,116,416" in texts
    page.compare.wanted.emit(NetworkSpec("MLP of equal size", PRESETS["mlp"].layers))
    assert page.model.spec.name == "MLP of equal size"


@pytest.fixture
def gone(context):
    """The pages that were gone to."""
    gone = []
    context.actions.add("page.Train", "Train", lambda: gone.append("Train"), menu="View")
    return gone


def test_training_takes_the_network_as_it_is_and_shows_it(page, context, said, gone):
    page.model.change(channels=6)
    context.actions["network.train"].trigger()
    model = page.training.model
    assert model.settings.network == CUSTOM and model.settings.spec() == page.model.spec
    assert gone == ["Train"]
    page.model.change(channels=7)
    assert model.settings.spec() == page.model.spec
    model.choose_network("mlp")
    page.model.take(NetworkSpec("bad", (Flatten(),)), "test")
    context.actions["network.train"].trigger()
    assert "cannot be trained" in said.sentences[-1] and gone == ["Train"]


def test_files_and_the_script(page, context, said, tmp_path):
    file = tmp_path / "mine.json"
    page.files.save(file)
    page.model.take(PRESETS["mlp"], "test")
    page.files.open(file)
    assert page.model.spec == SMALL
    file.write_text(json.dumps({"format": "other"}))
    page.files.open(file)
    assert "holds no network" in said.sentences[-1] and page.model.spec == SMALL
    page.files.open(tmp_path / "missing.json")
    assert "cannot be read" in said.sentences[-1]
    page.files.save(tmp_path / "no folder" / "x.json")
    assert "could not be saved" in said.sentences[-1]
    context.actions["network.copy"].trigger()
    made: dict = {"__name__": "copied"}
    exec(QGuiApplication.clipboard().text(), made)
    assert made["Small"]()(torch.rand(2, 1, 28, 28)).shape == (2, 10)


def test_zoom_pan_and_fit(qtbot, page, context):
    diagram = page.diagram
    scale = diagram._frame.scale
    at = diagram.place_of("pool1")
    event = QWheelEvent(at, QPointF(diagram.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, 360),
                        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
                        Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    for _ in range(3):
        QApplication.sendEvent(diagram, event)
    assert diagram._frame.scale > 2 * scale
    before = diagram.place_of("pool1")
    start = QPoint(300, 60)
    QTest.mousePress(diagram, Qt.MouseButton.LeftButton, pos=start)
    for across in (20, 40):
        QTest.mouseMove(diagram, start + QPoint(across, 0))
        QApplication.processEvents()
    QTest.mouseRelease(diagram, Qt.MouseButton.LeftButton, pos=start + QPoint(40, 0))
    assert selected(page)[0] == "conv1"  # a pan is no click
    assert diagram.place_of("pool1") != before
    page.grab()
    context.actions["network.fit"].trigger()
    assert diagram._frame.scale == pytest.approx(scale)


def test_names_presets_and_what_is_said_to_assistive_technology(page):
    page._name.setText("  Ours ")
    page._name.editingFinished.emit()
    assert page.model.spec.name == "Ours"
    page._presets.currentChanged.emit("lenet-5")
    assert page.model.spec == PRESETS["lenet-5"] and page._presets.current() == "preset"
    assert "layers, selected:" in page.diagram.accessibleDescription()


@pytest.fixture(scope="module")
def learner():
    """Has learned to read digits a little."""
    learner = Learner(prepare(Experiment()).dataset, SMALL, TrainingSettings(device="cpu"))
    for _ in range(40):
        learner.step()
    return learner


@pytest.fixture
def trained(qtbot, page, learner):
    """The page with a network that has learned."""
    training = page.training
    training.left = Trained(Experiment(network=CUSTOM, custom=SMALL), learner.network, 60)
    training.trained.emit(training.left)
    page.sides.show_side("filters")
    qtbot.waitUntil(lambda: "step 60" in page._caption.accessibleName(), timeout=PATIENCE)
    return page


def test_a_kernel_in_place_of_a_learned_filter_and_the_accuracy_at_once(qtbot, trained, context):
    page, filters = trained, trained.filters
    context.session.kernel = find("sobel-x").kernel()
    filters.select(2)
    assert filters.score.text() == "" and filters._title.accessibleName().endswith("as it is")
    filters.put(page._kernels()[0])
    qtbot.waitUntil(lambda: "→" in filters.score.text(), timeout=PATIENCE)
    part = prepare(Experiment()).dataset.validation
    network = page.training.left.network
    operated = surgery.operated(network, page.model.settings.tried)
    shares = [surgery.accuracy(x, part.images, part.labels) for x in (network, operated)]
    before, after = (round(100 * share, 1) for share in shares)
    assert filters.score.text().startswith(f"validation {before:.1f} % → {after:.1f} %")
    np.testing.assert_array_equal(filters._weights[2, 0], find("sobel-x").kernel().weights[0])
    filters.scale.click()
    given = np.array(page.model.settings.by_hand[2].weights)
    wanted = network.layers["conv1"].weight[2].detach().square().mean().sqrt().item()
    assert np.sqrt(np.mean(given**2)) == pytest.approx(wanted, rel=1e-3)
    filters.reset.click()
    qtbot.waitUntil(lambda: filters.score.text() == "", timeout=PATIENCE)
    np.testing.assert_array_equal(filters._weights, network.layers["conv1"].weight.detach().numpy())


def test_muting_editing_and_freezing_a_filter(qtbot, trained, context):
    page, filters = trained, trained.filters
    filters.mute.click()
    qtbot.waitUntil(lambda: not filters._weights[0].any(), timeout=PATIENCE)
    assert page.diagram._look.maps["conv1"][0].any() == np.False_
    context.undo.undo()
    qtbot.waitUntil(lambda: filters._weights[0].any(), timeout=PATIENCE)
    learned = filters._weights[0].copy()
    filters.freeze.click()
    assert page.model.spec.layers[0].fixed[0].name == "as learned"
    np.testing.assert_allclose(page.model.spec.layers[0].fixed[0].weights, learned)
    weights = filters.editor.value()
    weights[1, 1] = 5
    filters.editor.valueEdited.emit(weights, "k")
    assert page.model.spec.layers[0].fixed[0].weights[0][1][1] == 5
    assert "by hand · frozen" in filters._title.accessibleName()
    np.testing.assert_allclose(filters.editor.value(), weights)
    filters.freeze.click()
    assert page.model.settings.frozen == () and page.model.settings.tried


def test_a_kernel_that_is_larger_loses_its_rim_and_that_is_said(trained, said):
    trained.filters.put(find("box").kernel((("size", 7),)))
    assert "7×7" in said.sentences[-1] and "rim" in said.sentences[-1]
    trained.filters.editor.sizeWanted.emit(5, 5, np.zeros((5, 5)))
    assert "5×5" in trained.filters._refusal.text()


def test_a_frozen_filter_keeps_its_numbers_through_a_training(qtbot, trained, context, gone):
    page = trained
    page.filters.select(1)
    page.filters.put(find("sobel-x").kernel())
    page.filters.freeze.click()
    context.actions["network.train"].trigger()
    training = page.training
    training.model.edit("test", epochs=2.0, device="cpu")
    training.start()
    qtbot.waitUntil(lambda: not training.busy, timeout=PATIENCE)
    kept = training.left.network.layers["conv1"].weight[1, 0].detach().numpy()
    np.testing.assert_array_equal(kept, find("sobel-x").kernel().weights[0])


def test_without_a_convolution_there_is_nothing_to_change(qtbot, page):
    page.model.take(PRESETS["mlp"], "test")
    qtbot.waitUntil(lambda: bool(page.diagram._look.maps), timeout=PATIENCE)
    assert not page.filters.mute.isEnabled()
    assert page.filters._words.text() == "This network has no convolution."
