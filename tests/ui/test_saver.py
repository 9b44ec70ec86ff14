import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QProgressDialog, QPushButton

from visualizer.core.saving import CannotSave
from visualizer.ui.saver import Saver


@pytest.fixture
def told(said) -> list[str]:
    return said.sentences


@pytest.fixture
def saver(context, window):
    saver = Saver(context, window)
    yield saver
    saver.close()


def test_asks_for_a_place_and_says_where_the_file_is(qtbot, saver, told, tmp_path, monkeypatch):
    monkeypatch.setattr(saver, "_folder", str(tmp_path))
    saver.ask("Save", "map", "Text (*.txt)", lambda path, tick: path.write_text("1"))
    dialog = saver.parent().findChild(QFileDialog)
    dialog.findChild(QLineEdit).setText("numbers")
    dialog.accept()
    qtbot.waitUntil(lambda: bool(told))
    assert (tmp_path / "numbers.txt").read_text() == "1"
    assert told == [f"Saved numbers.txt in {tmp_path}."]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (CannotSave("No encoder: save a GIF."), "No encoder"),
        (OSError(28, "No space left"), "space"),
    ],
)
def test_a_failure_is_one_sentence(qtbot, saver, told, tmp_path, error, words):
    def write(path: Path, tick) -> None:
        raise error

    saver.save(tmp_path / "map.npy", write)
    qtbot.waitUntil(lambda: bool(told))
    assert words in told[0]
    assert not saver.busy


def test_cancel_ends_the_writing(qtbot, saver, told, tmp_path):
    ended = threading.Event()

    def write(path: Path, tick) -> None:
        try:
            for i in range(10_000):
                tick(i / 10_000)
                ended.wait(0.002)
        finally:
            ended.set()

    saver.save(tmp_path / "film.gif", write)
    progress = saver.parent().findChild(QProgressDialog)
    qtbot.waitUntil(lambda: progress.value() > 0)
    progress.findChild(QPushButton).click()
    qtbot.waitUntil(ended.is_set)
    assert told == ["Saving film.gif was cancelled; nothing was written."]
    assert not saver.busy


def test_a_second_file_waits_for_the_first(qtbot, saver, told, tmp_path):
    go_on = threading.Event()
    saver.save(tmp_path / "a.gif", lambda path, tick: go_on.wait(5))
    saver.save(tmp_path / "b.gif", lambda path, tick: path.write_text("b"))
    assert "a.gif is still being saved" in told[0]
    go_on.set()
    qtbot.waitUntil(lambda: len(told) == 2)
    assert not (tmp_path / "b.gif").exists()


@pytest.mark.parametrize("name", ["x.gif", "Run-1.2", "x.PNG", "x.jpeg"])
def test_a_name_never_promises_another_format(qtbot, saver, told, tmp_path, monkeypatch, name):
    monkeypatch.setattr(saver, "_folder", str(tmp_path))

    def save() -> None:
        told.clear()
        kinds = "PNG picture (*.png);;JPEG picture (*.jpg *.jpeg)"
        saver.ask("Save", "map", kinds, lambda path, tick: path.write_text("1"))
        dialog = saver.parent().findChildren(QFileDialog)[-1]
        dialog.fileSelected.emit(str(tmp_path / name))
        dialog.close()
        qtbot.waitUntil(lambda: bool(told))

    save()
    whole = name if name in ("x.PNG", "x.jpeg") else f"{name}.png"
    assert [path.name for path in tmp_path.iterdir()] == [whole]
    if whole != name:
        save()
        assert told == [f"{whole} is in {tmp_path} already: choose another name."]
