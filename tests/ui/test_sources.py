"""Getting a picture in: files, drops, the clipboard, frames and bands."""

import threading
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
)
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QToolButton, QVBoxLayout

from visualizer.core import samples
from visualizer.core.image import Image
from visualizer.ui import loader
from visualizer.ui.dialogs.gallery import GalleryDialog
from visualizer.ui.dialogs.matrix import MatrixDialog
from visualizer.ui.dialogs.webcam import WebcamDialog
from visualizer.ui.sources import Sources
from visualizer.ui.widgets.drop_overlay import DropOverlay


@pytest.fixture
def sources(context, window, qtbot):
    sources = Sources(context, window)
    QVBoxLayout(window).addWidget(sources.bar)
    window.show()
    qtbot.waitExposed(window)
    yield sources
    sources.close_work()
    window.close()


@pytest.fixture
def picture(tmp_path):
    """Return a function that writes a grey PNG of one level and returns its path."""

    def write(name, level=100):
        path = tmp_path / name
        Pillow.fromarray(np.full((6, 8), level, np.uint8)).save(path)
        return path

    return write


@pytest.fixture
def animation(tmp_path):
    path = tmp_path / "moving.gif"
    frames = [Pillow.fromarray(np.full((5, 5, 3), 40 * i, np.uint8)) for i in range(6)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=50)
    return path


def files_mime(*paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drag(widget, mime):
    event = QDragEnterEvent(
        QPoint(50, 50), Qt.DropAction.CopyAction | Qt.DropAction.MoveAction, mime,
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)
    return event


def drop(widget, mime):
    drag(widget, mime)
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction | Qt.DropAction.MoveAction, mime,
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)
    return event


def button(widget, name):
    return next(b for b in widget.findChildren(QToolButton) if b.accessibleName() == name)


def shown(context, qtbot, name):
    qtbot.waitUntil(lambda: context.session.source.name == name, timeout=5000)
    return context.session.source


def level(context):
    return int(context.session.image.pixels[0, 0, 0])


# Files


def test_opening_a_file_puts_it_on_show_and_remembers_it(sources, context, qtbot, picture):
    path = picture("grey.png", 77)
    sources.open_path(path)
    assert shown(context, qtbot, "grey.png").path == path
    assert level(context) == 77
    assert sources.recent == [str(path)]


def test_recent_files_are_newest_first_and_not_listed_twice(sources, context, qtbot, picture):
    paths = [picture(name) for name in ("a.png", "b.png")]
    for path in (*paths, paths[0]):
        sources.open_path(path)
        shown(context, qtbot, path.name)
    assert sources.recent == [str(path) for path in paths]


def test_a_bad_file_is_told_and_the_picture_stays(sources, context, qtbot, said, tmp_path):
    bad = tmp_path / "broken.png"
    bad.write_text("this is no picture")
    before = context.session.source
    sources.open_path(bad)
    qtbot.waitUntil(lambda: len(said.sentences) == 1)
    assert "broken.png" in said.sentences[0]
    assert context.session.source is before
    assert sources.recent == []


def test_the_last_of_several_requests_wins(sources, context, qtbot, picture):
    for number in range(5):
        sources.open_path(picture(f"{number}.png", number))
    shown(context, qtbot, "4.png")
    qtbot.wait(50)
    assert context.session.source.name == "4.png"


def test_the_dialog_opens_several_files(sources, context, window, qtbot, picture):
    paths = [picture("a.png", 1), picture("b.png", 2)]
    context.actions["file.open"].trigger()
    dialog = window.findChild(QFileDialog)
    assert dialog.fileMode() == QFileDialog.FileMode.ExistingFiles
    dialog.filesSelected.emit([str(path) for path in paths])
    dialog.close()
    shown(context, qtbot, "a.png")
    assert sources.bar.strip.isVisible()


def test_a_slow_file_says_what_is_read_and_can_be_cancelled(
    request, context, qtbot, monkeypatch, said
):
    monkeypatch.setattr(loader, "PATIENCE_MS", 1)
    sources = request.getfixturevalue("sources")
    gate = threading.Event()

    def slow(path, frame=0):
        gate.wait(10)
        return Image.from_array(np.zeros((2, 2), np.uint8), "slow")

    monkeypatch.setattr("visualizer.core.reader.read", slow)
    before = context.session.source
    sources.open_path(Path("photo.jpg"))
    cancel = button(sources.bar, "Cancel reading")
    qtbot.waitUntil(cancel.isVisible)
    cancel.click()
    assert sources.bar.isHidden()
    gate.set()
    qtbot.wait(50)
    assert context.session.source is before and said.sentences == []


# Several files


def test_several_files_make_a_strip_and_the_first_is_shown(sources, context, qtbot, picture):
    paths = [picture(f"{i}.png", i) for i in range(3)]
    sources.open_paths(paths)
    shown(context, qtbot, "0.png")
    strip = sources.bar.strip.thumbnails
    qtbot.waitUntil(lambda: all(strip.has_picture(i) for i in range(3)))
    assert strip.currentRow() == 0 and sources.bar.isVisible()
    assert QApplication.focusWidget() is strip, "arrow keys go from file to file at once"
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    shown(context, qtbot, "1.png")
    assert level(context) == 1


def test_bad_files_among_several_are_told_together(
    sources, context, qtbot, said, picture, tmp_path
):
    for name in ("bad1.png", "bad2.png"):
        (tmp_path / name).write_text("no picture")
    paths = [tmp_path / "bad1.png", picture("a.png"), tmp_path / "bad2.png", picture("b.png")]
    sources.open_paths(paths)
    qtbot.waitUntil(lambda: len(said.sentences) == 1)
    lines = said.sentences[0].splitlines()
    assert len(lines) == 2 and "bad1.png" in lines[0] and "bad2.png" in lines[1]
    shown(context, qtbot, "a.png")
    strip = sources.bar.strip.thumbnails
    assert strip.item(0).flags() == Qt.ItemFlag.NoItemFlags
    assert "bad1.png" in strip.item(0).toolTip()


def test_many_bad_files_are_counted(sources, context, qtbot, said, tmp_path):
    for i in range(7):
        (tmp_path / f"bad{i}.png").write_text("no picture")
    before = context.session.source
    sources.open_paths(sorted(tmp_path.glob("bad*.png")))
    qtbot.waitUntil(lambda: len(said.sentences) == 1)
    assert len(said.sentences[0].splitlines()) == 5
    assert "3 more" in said.sentences[0]
    assert context.session.source is before
    assert sources.bar.isHidden(), "there is nothing to choose from"


def test_closing_the_strip_keeps_the_picture(sources, context, qtbot, picture):
    sources.open_paths([picture("a.png"), picture("b.png")])
    shown(context, qtbot, "a.png")
    button(sources.bar, "Close the strip of files").click()
    assert sources.bar.isHidden() and context.session.source.name == "a.png"


def test_the_strip_follows_undo_and_goes_with_another_picture(sources, context, qtbot, picture):
    edits = []
    context.session.edited.connect(edits.append)
    sources.open_paths([picture("a.png"), picture("b.png")])
    shown(context, qtbot, "a.png")
    strip = sources.bar.strip.thumbnails
    strip.setCurrentRow(1)
    shown(context, qtbot, "b.png")
    context.session.restore(edits[-1].before)
    assert strip.currentRow() == 0
    sources.open_path(picture("else.png"))
    shown(context, qtbot, "else.png")
    assert not sources.bar.strip.isVisible()


# Drops


def test_a_dragged_file_covers_the_window_until_it_leaves(sources, window, qtbot, tmp_path):
    overlay = window.findChild(DropOverlay)
    assert drag(window, files_mime(tmp_path / "a.png")).isAccepted()
    assert overlay.isVisible() and overlay.size() == window.size()
    QApplication.sendEvent(window, QDragLeaveEvent())
    qtbot.waitUntil(overlay.isHidden)


def test_the_cover_takes_the_drag_over_from_the_window(sources, context, window, qtbot, picture):
    overlay = window.findChild(DropOverlay)
    mime = files_mime(picture("a.png"))
    drag(window, mime)
    QApplication.sendEvent(window, QDragLeaveEvent())
    drag(overlay, mime)
    qtbot.wait(150)
    assert overlay.isVisible()
    drop(overlay, mime)
    assert not overlay.isVisible()
    shown(context, qtbot, "a.png")
    drag(window, mime)
    drag(overlay, mime)
    QApplication.sendEvent(overlay, QDragLeaveEvent())
    assert not overlay.isVisible()


def test_a_drag_of_something_else_is_not_accepted(sources, window):
    mime = QMimeData()
    mime.setData("application/x-colour", b"red")
    assert not drag(window, mime).isAccepted()
    assert not window.findChild(DropOverlay).isVisible()


def test_a_dropped_file_is_opened_and_never_moved(sources, context, window, qtbot, picture):
    mime = files_mime(picture("dropped.png", 5))
    event = drop(window, mime)
    assert event.isAccepted() and event.dropAction() == Qt.DropAction.CopyAction
    assert not window.findChild(DropOverlay).isVisible()
    shown(context, qtbot, "dropped.png")


def test_a_dropped_folder_is_told(sources, context, window, qtbot, said, tmp_path):
    folder = tmp_path / "holidays"
    folder.mkdir()
    drop(window, files_mime(folder))
    qtbot.waitUntil(lambda: len(said.sentences) == 1)
    assert "holidays" in said.sentences[0] and "folder" in said.sentences[0]


def test_picture_data_from_a_browser_is_opened(sources, context, window, qtbot, picture):
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/cat.png")])
    mime.setData("image/png", picture("x.png", 123).read_bytes())
    drop(window, mime)
    shown(context, qtbot, "cat.png")
    assert level(context) == 123 and sources.recent == []


def test_an_address_is_told_and_not_fetched(sources, context, window, said):
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/cat.png")])
    drop(window, mime)
    assert "nothing is fetched" in said.sentences[0]
    assert context.session.source.name == "first"


def test_damaged_picture_data_is_told(sources, window, qtbot, said):
    mime = QMimeData()
    mime.setData("image/png", b"\x89PNG\r\n\x1a\n and no more")
    drop(window, mime)
    qtbot.waitUntil(lambda: len(said.sentences) == 1)
    assert "dropped picture" in said.sentences[0]


def test_dropped_numbers_are_offered_as_a_matrix(sources, context, window, qtbot):
    mime = QMimeData()
    mime.setText("1\t2\t3\n4\t5\t6")
    drop(window, mime)
    dialog = window.findChild(MatrixDialog)
    assert dialog.draft.values[:, :, 0].tolist() == [[1, 2, 3], [4, 5, 6]]
    dialog.show_button.click()
    source = shown(context, qtbot, "matrix 2 × 3")
    assert source.pixels[:, :, 0].tolist() == [[1, 2, 3], [4, 5, 6]]


# The clipboard


def test_a_copied_picture_is_pasted_as_it_was(sources, context, qtbot, said):
    before = context.session.image.pixels
    context.actions["edit.copy"].trigger()
    qtbot.waitUntil(lambda: said.sentences == ["first is on the clipboard."])
    context.actions["edit.paste"].trigger()
    pasted = shown(context, qtbot, "pasted picture")
    assert (pasted.pixels == before).all()


def test_a_bitmap_of_another_program_is_pasted(sources, context, qtbot):
    image = QImage(4, 3, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(image)
    sources.paste()
    assert shown(context, qtbot, "pasted picture").pixels[0, 0].tolist() == [255, 0, 0]


def test_copied_files_are_pasted(sources, context, qtbot, picture):
    QGuiApplication.clipboard().setMimeData(files_mime(picture("copied.png")))
    sources.paste()
    shown(context, qtbot, "copied.png")


def test_a_clipboard_without_a_picture_is_told(sources, said):
    QGuiApplication.clipboard().setText("good morning")
    sources.paste()
    assert "not a grid of numbers" in said.sentences[0]


def test_more_numbers_than_fit_a_matrix_become_a_picture_at_once(sources, context, qtbot):
    block = np.arange(40 * 50).reshape(40, 50)
    QGuiApplication.clipboard().setText("\n".join("\t".join(map(str, r)) for r in block))
    sources.paste()
    assert (shown(context, qtbot, "numbers 40 × 50").pixels[:, :, 0] == block).all()


def test_a_long_text_of_numbers_is_read_in_the_background(sources, context, qtbot, said):
    block = "\n".join(" ".join(["1"] * 200) for _ in range(100))
    QGuiApplication.clipboard().setText(block)
    sources.paste()
    shown(context, qtbot, "numbers 100 × 200")
    QGuiApplication.clipboard().setText(block + " 1")
    sources.paste()
    qtbot.waitUntil(lambda: len(said.sentences) == 1)
    assert "not a grid of numbers" in said.sentences[0]


# Frames and bands


def test_frames_of_an_animation_are_chosen_by_the_slider(sources, context, qtbot, animation):
    sources.open_path(animation)
    assert shown(context, qtbot, "moving.gif").frame_count == 6
    assert sources.bar.frames.isVisible()
    sources.bar.frames.frameChosen.emit(3)
    qtbot.waitUntil(lambda: context.session.source.frame == 3)
    assert abs(level(context) - 120) < 10


def test_dragging_over_frames_ends_at_the_last_one(sources, context, qtbot, animation):
    sources.open_path(animation)
    shown(context, qtbot, "moving.gif")
    edits = []
    context.session.edited.connect(edits.append)
    for frame in (1, 2, 3, 4, 5):
        sources.bar.frames.frameChosen.emit(frame)
    qtbot.waitUntil(lambda: context.session.source.frame == 5)
    assert {edit.merge for edit in edits} == {"frame"}, "one step of undo"


def test_frames_of_dropped_data_can_be_chosen_too(sources, context, window, qtbot, animation):
    mime = QMimeData()
    mime.setData("image/gif", animation.read_bytes())
    drop(window, mime)
    shown(context, qtbot, "dropped picture")
    for frame in (4, 2):
        sources.bar.frames.frameChosen.emit(frame)
        qtbot.waitUntil(lambda f=frame: context.session.source.frame == f)


def test_a_frame_that_cannot_be_read_any_more_is_told(sources, context, qtbot, said, animation):
    sources.open_path(animation)
    shown(context, qtbot, "moving.gif")
    animation.unlink()
    button(sources.bar, "Next frame").click()
    qtbot.waitUntil(lambda: len(said.sentences) == 1)
    assert "moving.gif" in said.sentences[0]
    assert context.session.source.frame == 0
    assert not button(sources.bar, "Previous frame").isEnabled(), "the slider is back at 0"


def test_bands_are_chosen_for_red_green_and_blue(sources, context, qtbot, tmp_path):
    path = tmp_path / "satellite.tif"
    pixels = np.broadcast_to(np.arange(5, dtype=np.uint8) * 10, (9, 9, 5))
    tifffile.imwrite(path, pixels, photometric="minisblack", planarconfig="contig")
    sources.open_path(path)
    assert shown(context, qtbot, "satellite.tif").channels == 5
    assert sources.bar.bands.isVisible()
    sources.bar.bands.picked.emit((4, 2, 0))
    qtbot.waitUntil(lambda: context.session.picked == (4, 2, 0))
    assert context.session.image.pixels[0, 0].tolist() == [40, 20, 0]
    sources.bar.bands.picked.emit((3,))
    qtbot.waitUntil(lambda: context.session.picked == (3,))
    assert context.session.image.channels == 1


def test_the_bar_is_hidden_for_an_ordinary_picture(sources, context, qtbot, picture):
    assert sources.bar.isHidden()
    sources.open_path(picture("a.png"))
    shown(context, qtbot, "a.png")
    assert sources.bar.isHidden()


# Samples, matrices and the menu


def test_the_gallery_puts_a_sample_on_show(sources, context, window, qtbot):
    context.actions["file.gallery"].trigger()
    dialog = window.findChild(GalleryDialog)
    before = context.session.source
    dialog.chosen.emit(samples.SAMPLES[1].key)
    dialog.reject()
    qtbot.waitUntil(lambda: context.session.source is not before)


def test_a_frozen_frame_of_the_webcam_is_put_on_show(sources, context, window, qtbot, tmp_path):
    sources.open_webcam(str(tmp_path / "no-camera.avi"))
    dialog = window.findChild(WebcamDialog)
    dialog.frozen.emit(np.full((4, 5, 3), 50, np.uint8))
    qtbot.waitUntil(lambda: context.session.source.name.startswith("webcam "))
    assert level(context) == 50
    sources.close_work()
    assert not dialog.isVisible() and dialog.camera.wait(5)


def test_a_small_picture_can_be_edited_as_numbers(sources, context, window, qtbot, picture):
    assert not context.actions["file.edit_matrix"].isEnabled(), "60 columns are too many"
    sources.open_path(picture("tiny.png", 9))
    shown(context, qtbot, "tiny.png")
    context.actions["file.edit_matrix"].trigger()
    dialog = window.findChild(MatrixDialog)
    dialog.table.typed.emit((0, 0, 0), "200")
    dialog.show_button.click()
    qtbot.waitUntil(lambda: level(context) == 200)
    assert context.session.source.name == "tiny.png"


def test_a_new_matrix_starts_with_zeros(sources, context, window, qtbot):
    context.actions["file.matrix"].trigger()
    dialog = window.findChild(MatrixDialog)
    assert dialog.draft.values.shape == (5, 5, 1) and not dialog.draft.values.any()
    dialog.reject()


def test_the_menu_lists_every_way_to_another_picture(sources, context, qtbot, picture):
    path = picture("black & white.png")
    sources.set_recent([str(path)])
    menu = QMenu()
    sources.fill_menu(menu)
    texts = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert texts[0] == "black && white.png" and menu.actions()[0].toolTip() == str(path)
    assert {"Samples", "&Gallery", "&New matrix…", "&Open…", "&Paste"} <= set(texts)
    menu.actions()[0].trigger()
    shown(context, qtbot, path.name)
    menu.deleteLater()
