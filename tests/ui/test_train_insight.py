"""Click any number of the Train page, follow it back to the image, go back in time."""

import re
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from visualizer.core.numbers import format_number
from visualizer.learning.layers import (
    CLASSES,
    Activation,
    BatchNorm,
    Convolution,
    Dense,
    GlobalAverage,
    Pool,
    Resize,
    Skip,
)
from visualizer.learning.networks import NetworkSpec
from visualizer.learning.wiring import INPUT
from visualizer.ui.widgets.strip_numbers import Folding

PATIENCE = 20_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(qtbot, train_page):
    page = train_page
    page.model.edit("test", epochs=1.0)
    qtbot.waitUntil(lambda: page.inside._snapshot is not None, timeout=PATIENCE)
    return page


@pytest.fixture
def trained(qtbot, page):
    page.training.start()
    qtbot.waitUntil(lambda: page.training.state == "idle", timeout=PATIENCE)
    return page


def test_a_double_click_gives_a_map_the_whole_view_and_escape_shows_all_again(qtbot, trained):
    inside = trained.inside
    maps = inside._mosaics["conv1"]
    at = maps.tile_rect(3).center().toPoint()
    small = maps.tile_rect(3).width()
    qtbot.mouseDClick(maps, LEFT, pos=at)
    qtbot.waitUntil(lambda: maps.size() == inside.contentsRect().size())
    assert maps.tile_rect(3).width() > 2.5 * small
    assert not inside.input.isVisible() and not inside.bars.isVisible()
    qtbot.keyClick(maps, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: inside.bars.isVisible() and inside.input.isVisible())
    assert all(m.count() for m in inside._mosaics.values() if m.isVisible())
    assert maps.tile_rect(3).width() == small


def click(qtbot, page, layer, tile, down=0.5, across=0.5):
    mosaic = page.inside.input if layer == INPUT else page.inside._mosaics[layer]
    rect = mosaic.tile_rect(tile)
    point = QPointF(rect.left() + across * rect.width(), rect.top() + down * rect.height())
    qtbot.mouseClick(mosaic, LEFT, pos=point.toPoint())
    settle(qtbot, page)
    qtbot.waitUntil(lambda: page.insight.panel is not None, timeout=PATIENCE)
    qtbot.waitUntil(page.insight.panel.isVisible, timeout=PATIENCE)
    return page.insight.panel


def settle(qtbot, page):
    qtbot.waitUntil(lambda: not page.insight.time.busy, timeout=PATIENCE)


def geometries(page):
    widgets = (page.experiment, page.curves.loss, page.views, page.kernels, page.insight.bar)
    return [widget.geometry() for widget in widgets]


def test_a_click_into_the_second_convolution_leads_back_to_the_image(qtbot, page, context):
    before = geometries(page)
    panel = click(qtbot, page, "conv2", 5, 0.1, 0.9)
    assert panel.place.layer == "conv2" and panel.place.at[0] == 5
    value = page.inside._snapshot.activations["conv2"][panel.place.at]
    assert panel.frozen.values["conv2"][panel.place.at] == value
    assert "✓" in panel._check.text() and f"{value:.9g}" in panel._check.text()
    assert panel._check.visibleRegion().boundingRect() == panel._check.rect()  # all in sight
    assert panel.channels.isVisible() and "the other 8 channels" in panel.text.text()
    assert geometries(page) == before and not page.experiment.isVisible()
    qtbot.mouseClick(panel.channels, LEFT, pos=panel.channels.row_rect(2).center().toPoint())
    assert panel.channels.current() == 2
    assert "Click a number under the window" in panel._crumbs.text()
    numbers = panel._strip_shown.content.parts(Folding.to(5, None), Folding.to(5, None), False)
    assert numbers[0].caption == f"relu1, map {panel._strip_shown.channel + 1}"
    panel.strip.cellClicked.emit(0, 1, 1)
    assert panel.place.layer == "relu1"
    row, column = panel.place.at[1:]
    said = panel.text.text()
    assert f"pool1: the largest number of conv1, map {panel.place.at[0] + 1}" in said
    assert f"rows {2 * row}–{2 * row + 1}, columns {2 * column}–{2 * column + 1}" in said
    assert "norm1: batch norm" in said and "relu1: ReLU" in said
    assert f'<b style="color: {context.theme.colors.here}">' in said  # bold is not seen
    assert ">conv2, map 6 [" in panel._crumbs.text()
    assert panel.place.at[0] == panel._strip_shown.channel  # a pool looks at its own channel
    panel.strip.cellClicked.emit(0, 0, 1)
    assert panel.place.layer == "conv1"
    panel.strip.cellClicked.emit(0, 2, 3)
    assert panel.place.layer == INPUT and "the image begins" in panel.text.text()
    marks = page.inside.input._marks
    assert [(mark.row, mark.column) for mark in marks] == [panel.place.at[1:]]
    context.actions["train.back"].trigger()
    assert panel.place.layer == "conv1" and "5 × 5 of the image" in panel._sees.text()
    panel._go_back_to("0")
    assert panel.place.layer == "conv2" and len(panel.trail) == 1
    context.actions["train.live"].trigger()
    assert not panel.isVisible() and page.experiment.isVisible() and page.insight.time.is_live
    assert geometries(page) == before and not page.inside.input._marks


def test_a_click_among_the_maps_is_a_step_on_the_way_only_where_the_number_comes_from(qtbot, page):
    panel = click(qtbot, page, "conv2", 5, 0.1, 0.1)
    assert click(qtbot, page, "relu1", 2, 0.1, 0.1).trail[0].layer == "conv2"
    assert len(panel.trail) == 2
    click(qtbot, page, "relu1", 2, 0.9, 0.9)  # out of the window of that number
    assert [place.layer for place in panel.trail] == ["relu1"]
    click(qtbot, page, "conv2", 5)  # comes later in the network
    assert [place.layer for place in panel.trail] == ["conv2"]


def test_the_answer_is_followed_to_its_terms(qtbot, page):
    bars = page.inside.bars
    qtbot.mouseClick(bars, LEFT, pos=bars.row_rect(3).center().toPoint())
    settle(qtbot, page)
    panel = page.insight.panel
    assert panel.place.layer == "softmax" and "e^score" in panel.text.text()
    panel.text.linkActivated.emit("loss:")
    assert "−ln" in panel.text.text() and panel.place.layer == "loss"
    panel.back()
    panel.text.linkActivated.emit("dense2:3")
    assert "the other 120 terms" in panel.text.text()
    before = panel.text.text()
    panel._exact_button.click()
    assert len(panel.text.text()) > len(before)
    panel.text.linkActivated.emit("relu3:7")
    assert panel.place.at == (7,) and "ReLU: max(0," in panel.text.text()


def test_training_goes_on_while_a_number_is_looked_at(qtbot, page):
    page.model.edit("test", epochs=30.0)
    page.training.start()
    qtbot.waitUntil(lambda: page.training.run and page.training.run.step >= 5, timeout=PATIENCE)
    panel = click(qtbot, page, "relu2", 3)
    step = panel.frozen.step
    shown = page.inside._snapshot
    qtbot.waitUntil(lambda: page.training.run.step >= step + 5, timeout=PATIENCE)
    assert page.inside._snapshot is shown and shown.step == step == page.insight.time.moment.step
    page.insight.go_live()
    qtbot.waitUntil(lambda: page.inside._snapshot.step > step, timeout=PATIENCE)
    page.training.stop()
    qtbot.waitUntil(lambda: page.training.state == "idle", timeout=PATIENCE)


def test_time_goes_back_to_the_beginning_and_forth(qtbot, trained):
    page, bar = trained, trained.insight.bar
    page.insight._refresh()
    last = len(page.training.history) - 1
    assert bar.slider.maximum() == last and bar.text.text() == f"live · {last + 1} steps kept"
    qtbot.waitUntil(lambda: not page.look._work.busy, timeout=PATIENCE)
    newest = page.inside._snapshot
    kernels = page.kernels._snapshot.kernels["conv1"]
    bar.slider.setValue(0)
    settle(qtbot, page)
    first = page.inside._snapshot
    moment = page.training.history.at(0)
    np.testing.assert_array_equal(first.kernels["conv1"], moment.weights["layers.conv1.weight"])
    assert first.step == 0 and not np.array_equal(first.kernels["conv1"], kernels)
    assert first.probabilities.max() < newest.probabilities.max()
    assert "step 0 of" in bar.text.text() and page.kernels._snapshot is first
    layers = page.layers.text()
    assert layers.startswith("RMS after step 0\n") and "gradients" not in layers
    bar.slider.setValue(2)
    for plot in (page.curves.loss, page.curves.accuracy):
        assert plot.readout().startswith("step 2 · train ") and plot._cross_line.isVisible()
    settle(qtbot, page)
    bar.slider.setValue(last)
    settle(qtbot, page)
    np.testing.assert_allclose(page.inside._snapshot.probabilities, newest.probabilities, atol=1e-5)
    bar.now.click()
    assert page.insight.time.is_live and page.inside._snapshot is newest
    for plot in (page.curves.loss, page.curves.accuracy):
        assert plot.readout().startswith("train ") and not plot._cross_line.isVisible()


def test_then_and_now_stand_side_by_side(qtbot, trained):
    page, bar = trained, trained.insight.bar
    page.insight._refresh()
    before = geometries(page)
    assert not bar.side.isEnabled()
    bar.slider.setValue(2)
    settle(qtbot, page)
    page.views.show_side("data")
    bar.side.click()
    assert page.insight.beside.isVisible() and geometries(page) == before
    beside, last = page.insight.beside, page.training.history.steps()[-1]
    assert beside.view._snapshot.step == 2 and beside.heading.text() == "Then: step 2"
    assert page.inside._snapshot.step == page.kernels._snapshot.step == last
    assert page.views.heading.text() == f"Now: step {last}"
    assert beside.mapTo(page, QPoint(0, 0)).x() < page.views.mapTo(page, QPoint(0, 0)).x()
    assert page.insight.shown_together(page.views) == (beside, page.views)
    pairs = [(beside.kernels.mosaic, page.kernels.mosaic), (beside.view.bars, page.inside.bars)]
    pairs += [
        (beside.view._mosaics[name], page.inside._mosaics[name]) for name in ("pool1", "pool2")
    ]
    qtbot.waitUntil(lambda: all(then.size() == now.size() for then, now in pairs))
    for then, now in pairs[2:]:  # to be compared map by map
        assert then.geometry() == now.geometry() and then.tile_rect(31) == now.tile_rect(31)
    page.kernels._layer.currentChanged.emit("conv2")
    assert beside.kernels.layer() == "conv2" and beside.kernels._snapshot.step == 2
    page.kernels._layer.currentChanged.emit("conv1")
    assert page.views.heading.isVisible() and page.views.side() == "image"
    assert not page.inside.heading() and not page.views._buttons.isVisible()
    page.inside.scales.currentChanged.emit("locked")
    for name in ("conv2", "relu3"):  # maps, and a list of units
        then, now = (view._mosaics[name] for view in (beside.view, page.inside))
        assert "locked" in then.caption() and then._scale_now().text == now._scale_now().text
        assert now._scale_now().high.item() == pytest.approx(np.abs(now._maps).max())
    kernels = page.kernels.mosaic
    locked = kernels._scale_now().text
    assert "locked" in locked and beside.kernels.mosaic._scale_now().text == locked
    bar.slider.setValue(1)
    settle(qtbot, page)
    assert kernels._scale_now().text == locked
    assert beside.heading.text() == "Then: step 1" and page.inside._snapshot.step == last
    bar.side.click()
    assert page.inside._snapshot.step == page.kernels._snapshot.step == 1
    assert not page.views.heading.isVisible() and page.inside.heading() == "step 1"
    assert page.views._buttons.isVisible()
    assert not page.insight.beside.isVisible() and page.experiment.isVisible()
    qtbot.waitUntil(lambda: page.inside.size() == page.inside.parentWidget().size())


@pytest.mark.parametrize(("side", "step"), [("then", 2), ("now", None)])
def test_a_number_of_then_or_of_now_is_clicked(qtbot, trained, side, step):
    page, insight = trained, trained.insight
    insight._refresh()
    insight.bar.slider.setValue(2)
    settle(qtbot, page)
    insight.bar.side.click()
    view = insight.beside.view if side == "then" else page.inside
    maps = view._mosaics["relu1"]
    qtbot.waitUntil(lambda: maps.count() > 0)
    qtbot.mouseClick(maps, LEFT, pos=maps.tile_rect(4).center().toPoint())
    settle(qtbot, page)
    qtbot.waitUntil(lambda: insight.panel is not None and insight.panel.isVisible())
    step = page.training.history.steps()[-1] if step is None else step
    assert f"at step {step}" in insight.panel._title.text()
    assert page.inside._snapshot.step == step and not insight.beside.isVisible()


def test_a_number_is_followed_through_time(qtbot, trained):
    page = trained
    page.insight._refresh()
    page.insight.bar.slider.setValue(5)
    settle(qtbot, page)
    panel = click(qtbot, page, "relu1", 4)
    assert "at step 5" in panel._title.text()
    page.insight.bar.slider.setValue(1)
    settle(qtbot, page)
    assert "at step 1" in panel._title.text() and panel.frozen.step == 1


def test_another_probe_is_looked_at_at_the_same_moment(qtbot, trained):
    page = trained
    page.insight._refresh()
    page.insight.bar.slider.setValue(1)
    settle(qtbot, page)
    before = page.inside._snapshot
    page.look.move_probe(1)
    settle(qtbot, page)
    assert page.inside._snapshot.step == before.step == 1
    assert not np.array_equal(page.inside._snapshot.probe, before.probe)


def test_the_confusion_of_then_is_shown(qtbot, trained):
    page = trained
    page.insight._refresh()
    page.insight.bar.slider.setValue(0)
    settle(qtbot, page)
    qtbot.waitUntil(lambda: "0" in page.classes.headline.accessibleName(), timeout=PATIENCE)
    early = page.classes.headline.accessibleName()
    page.insight.go_live()
    assert page.classes.headline.accessibleName() != early


def test_a_new_network_lets_the_old_one_go(qtbot, trained):
    page = trained
    page.insight._refresh()
    page.insight.bar.slider.setValue(0)
    settle(qtbot, page)
    page.model.choose_network("lenet-5")
    qtbot.waitUntil(lambda: page.insight.time.is_live, timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.insight.bar.slider.maximum() == 0, timeout=PATIENCE)


def test_a_run_from_the_list_brings_its_own_history(qtbot, trained):
    page = trained
    kept = page.training.history
    page.model.edit("test", network="lenet-5")
    qtbot.waitUntil(lambda: page.prepared.experiment.network == "lenet-5", timeout=PATIENCE)
    page.look.pick(next(iter(page.training.runs)))
    time = page.insight.time
    qtbot.waitUntil(lambda: time.history not in (kept, None), timeout=PATIENCE)
    assert time.steps() == kept.steps()
    qtbot.waitUntil(lambda: page.insight.bar.slider.maximum() > 0, timeout=PATIENCE)
    page.insight.bar.slider.setValue(1)
    settle(qtbot, page)
    kernels = kept.at(1).weights["layers.conv1.weight"]
    np.testing.assert_array_equal(page.inside._snapshot.kernels["conv1"], kernels)


def test_a_weight_takes_a_step_by_hand(qtbot, page):
    mosaic = page.kernels.mosaic
    before = geometries(page)
    point = mosaic.tile_rect(2).center().toPoint()
    qtbot.mouseClick(mosaic, LEFT, pos=point)
    qtbot.waitUntil(lambda: page.insight.gradient is not None, timeout=PATIENCE)
    panel = page.insight.gradient
    qtbot.waitUntil(panel.isVisible, timeout=PATIENCE)
    assert geometries(page) == before and not page.experiment.isVisible()
    step = panel._step
    assert step.name == "conv1" and step.at == (2, 0, 2, 2)
    weight = float(page.inside._snapshot.kernels["conv1"][2, 0, 2, 2])
    assert step.update.weight == pytest.approx(weight)
    assert step.gradient == pytest.approx(step.tensor, rel=1e-6)
    assert "∂L/∂w = sum over 576 positions" in panel.text.text()
    assert "w − η · ∂L/∂w" in panel.text.text() and step.loss_after < step.loss
    assert "for this image alone" in panel._title.text()
    assert "the mean over a batch" in panel.text.text()
    assert f"{format_number(step.update.weight, 6)} − " in panel.text.text()  # the step is seen
    assert "✓ autograd" in panel.text.text()
    panel.show_step(replace(step, tensor=1.01 * step.tensor), page.insight.time.frozen, "0", True)
    assert "✓" not in panel.text.text() and "more apart" in panel.text.text()
    panel.rules.button("adam").click()
    qtbot.waitUntil(lambda: "m = 0.9 · 0" in panel.text.text(), timeout=PATIENCE)
    panel.rules.button("example").click()
    assert "autograd gives the same numbers" in panel.text.text() and not panel.strip.isVisible()
    before_text = panel.text.text()
    panel._other.click()
    assert panel.text.text() != before_text
    page.insight.go_live()
    assert not panel.isVisible() and page.experiment.isVisible()


def test_every_weight_of_a_layer_and_its_bias_can_be_chosen(qtbot, page):
    bars = page.inside.bars
    qtbot.mouseClick(bars, LEFT, pos=bars.row_rect(3).center().toPoint())
    settle(qtbot, page)
    panel = page.insight.panel
    panel.text.linkActivated.emit("dense2:3")
    links = re.findall(r'href="(weight/dense2:3,\d+)"', panel.text.text())
    assert len(links) == 8 + 1  # the largest terms, and one below them
    panel.text.linkActivated.emit(links[2])
    qtbot.waitUntil(lambda: page.insight.gradient is not None, timeout=PATIENCE)
    gradient = page.insight.gradient
    qtbot.waitUntil(gradient.isVisible, timeout=PATIENCE)
    step = gradient._step
    assert (step.name, step.at[0]) == ("dense2", 3) and links[2].endswith(f":3,{step.at[1]}")
    frozen = page.insight.time.frozen
    delta = frozen.probabilities[3] - (frozen.target == 3)  # of the cross-entropy, at a score
    assert step.gradient == pytest.approx(frozen.values["dropout1"][step.at[1]] * delta, rel=1e-3)
    assert "∂L/∂w = input × δ" in gradient.text.text() and not panel.isVisible()
    where = gradient.where
    assert [spin.value() for spin in where.spins[:2]] == [4, step.at[1] + 1]
    where.spins[1].setValue(6)
    qtbot.waitUntil(lambda: gradient._step.at == (3, 5), timeout=PATIENCE)
    where.bias.click()
    qtbot.waitUntil(lambda: gradient._step.at == (3,), timeout=PATIENCE)
    assert gradient._step.gradient == pytest.approx(delta, rel=1e-3)
    assert "∂L/∂b = δ" in gradient.text.text() and where.spins[1].isHidden()
    where.bias.click()
    qtbot.waitUntil(lambda: gradient._step.at == (3, 5), timeout=PATIENCE)
    gradient._back.click()
    assert panel.isVisible() and not gradient.isVisible() and panel.place.at == (3,)
    panel.back()
    assert panel.place.layer == "softmax"
    page.insight.go_live()
    assert panel.place is None and page.experiment.isVisible()


def test_then_and_now_closes_the_arithmetic_and_stays_at_the_moment(qtbot, trained):
    page, bar = trained, trained.insight.bar
    page.insight._refresh()
    bar.slider.setValue(2)
    settle(qtbot, page)
    panel = click(qtbot, page, "relu1", 4)
    bar.side.click()
    assert not panel.isVisible() and page.insight.beside.isVisible()
    assert bar.side.isChecked() and page.insight.time.moment.step == 2
    page.insight.beside.closed.emit()
    assert not bar.side.isChecked() and page.experiment.isVisible()


UNUSUAL = NetworkSpec(
    "Unusual",
    (
        *(Resize(20, 20), Convolution(4, 3, padding="same"), Activation()),
        Skip((Convolution(4, 2, padding="same", dilation=2, groups=2), BatchNorm(), Activation())),
        *(Pool(2, 2, "l2"), Convolution(6, (3, 5)), Activation(), GlobalAverage()),
        *(Dense(8), Activation(), Dense(CLASSES)),
    ),
)


def test_numbers_of_unusual_layers_are_followed_to_the_image(qtbot, page):
    page.model.edit("test", network="custom", custom=UNUSUAL)
    fits = lambda: "mean1" in getattr(page.inside._snapshot, "activations", {})  # noqa: E731
    qtbot.waitUntil(fits, timeout=PATIENCE)
    page.inside.numberPicked.emit("relu4", (2,))
    settle(qtbot, page)
    panel = page.insight.panel
    frozen, way = panel.frozen, []
    panel.text.linkActivated.emit("mean1:3")
    assert "✓" in panel._check.text()
    shown = panel._strip_shown
    middle = [len(x) // 2 for x in (shown.rows, shown.columns)]
    panel.strip.cellClicked.emit(0, *middle)
    assert panel.place.layer == "mean1"  # it stands for several: nowhere to go
    panel.strip.cellClicked.emit(0, len(shown.rows) - 1, 0)
    rows = frozen.values["relu3"].shape[1]
    assert panel.place.at == (3, rows - 1, 0) and "✓" in panel._check.text()
    panel.strip.cellClicked.emit(0, 1, 2)  # the convolution's patch
    assert panel.place.layer == "pool1"
    panel.strip.cellClicked.emit(0, 1, 1)
    assert panel.place.layer == "add1" and "from around them" in panel.text.text()
    while panel.place.layer != INPUT:
        way.append(panel.place.layer)
        assert "✓" in panel._check.text()
        links = re.findall(r'href="([^"/]+:[^"]*)"', panel.text.text())  # not those to weights
        if links:
            panel.text.linkActivated.emit(links[0])
        else:
            panel.strip.cellClicked.emit(0, 0, 0)
    assert way == ["add1", "relu2", "relu1", "resize1"]
    page.insight.go_live()


def test_a_colour_pixel_leads_to_its_other_channels(qtbot, page):
    page.model.choose_data(("shapes", "1000"))
    qtbot.waitUntil(lambda: page.inside.input._maps.ndim == 4, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not page.look._work.busy, timeout=PATIENCE)
    panel = click(qtbot, page, INPUT, 0)
    _, row, column = panel.place.at
    red, green, blue = panel.frozen.probe[:, row, column]
    assert f">red {red}</b>" in panel.text.text() and f">blue {blue}</a>" in panel.text.text()
    panel.text.linkActivated.emit(f"{INPUT}:1,{row},{column}")
    assert panel.place.at == (1, row, column) and f">green {green}</b>" in panel.text.text()
    point = page.kernels.mosaic.tile_rect(1).center().toPoint()
    qtbot.mouseClick(page.kernels.mosaic, LEFT, pos=point)
    qtbot.waitUntil(lambda: page.insight.gradient is not None, timeout=PATIENCE)
    gradient = page.insight.gradient
    qtbot.waitUntil(gradient.isVisible, timeout=PATIENCE)
    filter_, _, *at = gradient._step.at
    gradient.where.spins[1].setValue(3)
    qtbot.waitUntil(lambda: gradient._step.at == (filter_, 2, *at), timeout=PATIENCE)
    assert gradient._step.gradient == pytest.approx(gradient._step.tensor, rel=1e-6)
    page.insight.go_live()


def test_another_run_stands_beside_at_the_same_step(qtbot, trained, said):
    page = trained
    first = next(iter(page.training.runs))
    page.model.edit("test", batch_norm=False, augmentation="gentle")
    page.training.start()
    qtbot.waitUntil(lambda: page.training.state == "idle", timeout=PATIENCE)
    qtbot.waitUntil(lambda: not page.look._work.busy, timeout=PATIENCE)
    page.insight._refresh()
    page.insight.bar.slider.setValue(3)
    settle(qtbot, page)
    before = geometries(page)
    page.runs.compareWanted.emit(first)
    now = page.insight.beside.view
    qtbot.waitUntil(lambda: now._snapshot is not None and now._snapshot.step == 3, timeout=PATIENCE)
    assert page.insight.beside.isVisible() and geometries(page) == before
    assert "norm1" in now._snapshot.activations and page.inside._snapshot.step == 3
    assert "norm1" not in page.inside._snapshot.activations
    np.testing.assert_array_equal(now._snapshot.probe, page.inside._snapshot.probe)
    beside = page.insight.beside
    color = beside.mark.pixmap().toImage().pixelColor(0, 0)
    assert beside.mark.isVisible() and color == page._context.theme.color("accent")
    assert beside.heading.text() == "Run 1: step 3" and not page.insight.bar.side.isChecked()
    assert page.views.heading.text() == "Run 2: step 3"
    words = "batch norm as designed vs off, augmentation none vs gentle"
    assert beside._differences.accessibleName() == words
    assert beside._order.text() == "Same seed, same order of images."
    assert len(beside.curves.loss.keys()) == 3  # train and validation, and the other's
    assert beside.curves.loss.readout().startswith("step 3 · train ")
    page.insight.bar.slider.setValue(7)
    qtbot.waitUntil(lambda: now._snapshot.step == 7, timeout=PATIENCE)
    settle(qtbot, page)
    now.numberPicked.emit("conv1", (0, 1, 1))
    assert ": close the comparison and click Run 1 in the list of" in said.sentences[-1]
    assert beside.isVisible()
    page.insight.bar.side.click()  # from the comparison to then and now
    assert beside.heading.text() == "Then: step 7" and beside.view._snapshot.step == 7
    assert page.views.heading.text() == f"Now: step {page.training.history.steps()[-1]}"
    assert not beside.mark.isVisible()
    page.insight.go_live()
    assert not beside.isVisible() and page.experiment.isVisible()


def test_a_comparison_follows_the_run_that_goes_on(qtbot, trained):
    page = trained
    first = next(iter(page.training.runs))
    page.training.step()
    qtbot.waitUntil(lambda: page.training.state == "paused", timeout=PATIENCE)
    beside = page.insight.beside
    page.insight.compare(first)
    assert beside._differences.accessibleName() == "same settings"
    page.model.edit("test", learning_rate=0.002)
    words = "rate 0.01 vs 0.01 → 0.002"
    qtbot.waitUntil(lambda: beside._differences.accessibleName() == words, timeout=PATIENCE)
    page.training.step()
    qtbot.waitUntil(lambda: len(beside.curves.loss.drawn("2/train")[0][0]) == 2, timeout=PATIENCE)
    page.training.stop()
    qtbot.waitUntil(lambda: page.training.state == "idle", timeout=PATIENCE)


def test_a_run_without_history_says_so(qtbot, trained, said):
    page = trained
    run = next(iter(page.training.runs))
    page.insight.compare(run)
    assert "with which run" in said.sentences[-1]  # it is the one on show
    page.training.start()
    qtbot.waitUntil(lambda: page.training.state == "idle", timeout=PATIENCE)
    qtbot.waitUntil(lambda: not page.look._work.busy, timeout=PATIENCE)
    for file in run.folder.glob("history-*"):
        file.unlink()
    page.insight.compare(run)
    qtbot.waitUntil(lambda: any("no history" in line for line in said.sentences), timeout=PATIENCE)
    assert not page.insight.beside.isVisible() and page.experiment.isVisible()


@pytest.mark.parametrize(("maps", "ending"), [(False, "gif"), (True, "webm")])
def test_kernels_and_maps_over_time_are_filmed(qtbot, trained, tmp_path, maps, ending):
    page = trained
    moments = page.training.history.moments()[::6]
    path = tmp_path / f"film.{ending}"
    shares = []
    page._films.writer("conv1", moments, maps)(path, shares.append)
    assert shares == sorted(shares) and len(shares) > len(moments)
    video = cv2.VideoCapture(str(path))
    frames = []
    while (read := video.read())[0]:
        frames.append(read[1].astype(int))
    video.release()
    assert len(frames) >= len(moments)
    assert np.abs(frames[0] - frames[len(moments) - 1]).mean() > 0.5  # it has learned


def test_there_is_nothing_to_film_before_a_run(page, said):
    page._films.save(False)
    assert "no history" in said.sentences[-1]


def test_the_bar_plays_both_ways_and_stops_at_the_ends(qtbot, trained):
    page, bar = trained, trained.insight.bar
    page.insight._refresh()
    bar._timer.setInterval(1)
    bar.play(-1)
    page.insight._refresh()  # as happens every now and then
    assert bar.playing == -1
    qtbot.waitUntil(lambda: bar.playing == 0, timeout=PATIENCE)
    assert bar.slider.value() == 0
    settle(qtbot, page)
    bar.play(1)
    qtbot.waitUntil(lambda: bar.slider.value() > 2, timeout=PATIENCE)
    bar.play(1)
    assert bar.playing == 0
