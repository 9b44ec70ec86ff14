"""The Export menu on a real Filters page: files and clipboard hold what is on show."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLineEdit

from visualizer.core import samples
from visualizer.core.examples import EXAMPLES
from visualizer.core.image import Image
from visualizer.state.filter_settings import FilterSettings
from visualizer.state.filters import resolve
from visualizer.ui.pages.filters_page import FiltersPage
from visualizer.ui.pages.pooling_page import PoolingPage


@pytest.fixture
def page(qtbot, context, window):
    context.session.show(Image.from_array(EXAMPLES[0].pixels.astype(np.uint8), "matrix"))
    context.actions.set_page("Filters")
    page = FiltersPage(context)
    qtbot.addWidget(page, before_close_func=lambda page: page.close_work())
    page.resize(1196, 640)
    page.show()
    qtbot.waitUntil(lambda: page.frame is not None)
    return page


def save_as(qtbot, context, page, key: str, path: Path, said) -> None:
    told = len(said.sentences)
    context.actions[key].trigger()
    dialog = page.findChild(QFileDialog)
    dialog.findChild(QLineEdit).setText(str(path))
    dialog.accept()
    qtbot.waitUntil(lambda: len(said.sentences) > told, timeout=20_000)
    assert said.sentences[-1] == f"Saved {path.name} in {path.parent}."


def test_numbers_are_saved_exactly(qtbot, context, page, said, tmp_path) -> None:
    save_as(qtbot, context, page, "export.npy", tmp_path / "map.npy", said)
    save_as(qtbot, context, page, "export.csv", tmp_path / "map.csv", said)
    assert np.array_equal(np.load(tmp_path / "map.npy"), page.frame.feature)
    rows = np.loadtxt(tmp_path / "map.csv", delimiter=",", dtype=np.float32)
    assert np.array_equal(rows, page.frame.feature[:, :, 0])


def test_an_example_is_named_once_in_the_name_of_a_file(qtbot, context, page) -> None:
    context.actions[f"filters.example.{EXAMPLES[0].key}"].trigger()
    qtbot.waitUntil(lambda: page.frame.image is context.session.image)
    context.actions["export.csv"].trigger()
    dialog = page.findChild(QFileDialog)
    assert Path(dialog.selectedFiles()[0]).name == "First-steps-6x6-with-3x3.csv"
    dialog.reject()


def test_the_picture_is_saved_and_copied_as_it_is_shown(
    qtbot, context, page, said, tmp_path
) -> None:
    save_as(qtbot, context, page, "export.png", tmp_path / "map.png", said)
    shown = page.painted(page.frame)[1]
    saved = np.asarray(Pillow.open(tmp_path / "map.png"))
    factor = saved.shape[0] // shown.shape[0]
    assert np.array_equal(saved[::factor, ::factor], shown)
    context.actions["export.copy"].trigger()
    qtbot.waitUntil(lambda: "Copied the feature map" in said.sentences[-1])
    copied = QGuiApplication.clipboard().image()
    colour = copied.pixelColor(1, 0)
    assert [colour.red(), colour.green(), colour.blue()] == shown[0, 1].tolist()


def test_the_stepping_is_saved_as_gif(qtbot, context, page, said, tmp_path) -> None:
    save_as(qtbot, context, page, "export.gif", tmp_path / "steps.gif", said)
    with Pillow.open(tmp_path / "steps.gif") as film:
        assert film.n_frames > 1
        assert film.size == (960, 640)


@pytest.mark.parametrize("picture", ["matrix", "photograph"])
def test_the_copied_script_gives_the_same_numbers(
    qtbot, context, page, said, tmp_path, picture
) -> None:
    if picture == "photograph":
        context.session.show(samples.load(samples.DEFAULT))
        qtbot.waitUntil(lambda: page.frame.image is context.session.image)
    context.actions["export.python"].trigger()
    qtbot.waitUntil(lambda: bool(said.sentences) and "Copied a script" in said.sentences[-1])
    script = QGuiApplication.clipboard().text() + "\nnp.save('output.npy', output)\n"
    (tmp_path / "filter.py").write_text(script, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "filter.py"], cwd=tmp_path, env=dict(os.environ), capture_output=True,
        text=True, timeout=50,
    )  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    assert np.array_equal(np.load(tmp_path / "output.npy"), page.frame.feature)


@pytest.fixture
def pooling(qtbot, context, window):
    page = PoolingPage(context)
    qtbot.addWidget(page, before_close_func=lambda page: page.close_work())
    context.actions.set_page("Pooling")
    page.resize(1196, 640)
    page.show()
    qtbot.waitUntil(lambda: page.frame is not None)
    return page


def test_a_pooled_map_is_saved_and_copied(qtbot, context, pooling, said, tmp_path) -> None:
    save_as(qtbot, context, pooling, "pooling.export.npy", tmp_path / "map.npy", said)
    assert np.array_equal(np.load(tmp_path / "map.npy"), pooling.frame.feature)
    save_as(qtbot, context, pooling, "pooling.export.png", tmp_path / "map.png", said)
    saved = np.asarray(Pillow.open(tmp_path / "map.png"))[:: 512 // 30, :: 512 // 30]
    assert np.array_equal(saved[:, :, 0], pooling.frame.feature[:, :, 0])
    context.actions["pooling.export.copy"].trigger()
    qtbot.waitUntil(lambda: "Copied the pooled map, 20 × 30" in said.sentences[-1])


@pytest.mark.parametrize("kind", ["max", "stochastic", "convolution"])
def test_the_script_of_a_pooled_feature_map_gives_its_numbers(
    qtbot, context, pooling, said, kind
) -> None:
    context.session.feature_sent.emit(
        resolve(FilterSettings(applied_to="each", activation="ReLU"), context.session.image)
    )
    pooling.model.edit("pooling", kind=kind)
    qtbot.waitUntil(lambda: pooling.frame.applied == "map" and pooling.frame.settings.kind == kind)
    context.actions["pooling.export.python"].trigger()
    qtbot.waitUntil(lambda: bool(said.sentences) and "Copied a script" in said.sentences[-1])
    names: dict = {}
    exec(compile(QGuiApplication.clipboard().text(), "copied.py", "exec"), names)
    np.testing.assert_allclose(names["output"], pooling.frame.feature, rtol=1e-5, atol=1e-3)
