"""The lesson, by mouse and keyboard on a real display: run by test_click_through.py.

`python click_through.py PICTURE CSV` starts the real `main()`; a thread plays the teacher with
xdotool and asks the GUI thread where things are and what has become of them.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QApplication, QFileDialog, QToolButton, QWidget

from visualizer import app as application
from visualizer.ui.main_window import MainWindow
from visualizer.ui.messages import MessageBar
from visualizer.ui.widgets.image_view import ImageView
from visualizer.ui.widgets.kernel_editor import KernelEditor

PATIENCE_S = 15.0


class Gui(QObject):
    """Lets the teacher's thread look into the GUI thread."""

    _asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._asked.connect(lambda call: call(), Qt.ConnectionType.QueuedConnection)

    def ask(self, question: Callable[[], Any]) -> Any:
        """Return what `question()` gives in the GUI thread."""
        answer: list[Any] = []
        done = threading.Event()

        def call() -> None:
            try:
                answer.append(question())
            finally:
                done.set()

        self._asked.emit(call)
        assert done.wait(PATIENCE_S), "the window does not answer"
        return answer[0]

    def wait(self, what: str, question: Callable[[], bool], patience: float = PATIENCE_S) -> None:
        """Wait until `question()` is true."""
        end = time.monotonic() + patience
        while not self.ask(question):
            assert time.monotonic() < end, f"it never came to this: {what}"
            time.sleep(0.05)


def xdotool(*arguments: object) -> None:
    subprocess.run(["xdotool", *map(str, arguments)], check=True, timeout=PATIENCE_S)


def click(point: QPoint, times: int = 1) -> None:
    xdotool("mousemove", point.x(), point.y(), "click", "--repeat", times, "--delay", 60, 1)


def window() -> MainWindow:
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))


def activate(gui: Gui, which: Callable[[], QWidget]) -> None:
    """Give a window of ours the keyboard.

    By its number: a search by name walks the windows of the whole display, and fails when one of
    them closes on its way.
    """
    xdotool("windowactivate", "--sync", gui.ask(lambda: int(which().winId())))


def visible(kind: type[QWidget]) -> Any:
    return next((w for w in window().findChildren(kind) if w.isVisible()), None)


def on_show(title: str) -> bool:
    return bool(window().context.actions[f"page.{title}"].isChecked())


def drop(gui: Gui, picture: str) -> None:
    corner = gui.ask(lambda: window().mapToGlobal(QPoint(window().width(), 0)))
    middle = gui.ask(lambda: window().mapToGlobal(window().rect().center()))
    x, y = corner.x() + 60, 200
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("drag_source.py")), picture, str(x), str(y)],
        stdout=subprocess.PIPE,
    ) as source:
        assert source.stdout is not None and source.stdout.readline() == b"shown\n"
        time.sleep(0.5)
        xdotool("mousemove", x + 60, y + 30, "mousedown", 1)
        for step in range(1, 11):
            xdotool("mousemove", x + 60 + (middle.x() - x - 60) * step // 10,
                    y + 30 + (middle.y() - y - 30) * step // 10)  # fmt: skip
            time.sleep(0.05)
        time.sleep(0.3)
        xdotool("mouseup", 1)
        name = Path(picture).name
        gui.wait("dropped", lambda: window().context.session.image.name == name)
        source.terminate()


def play(gui: Gui, picture: str, csv: str) -> None:
    gui.wait("on show", lambda: window().isVisible())
    activate(gui, window)
    drop(gui, picture)
    activate(gui, window)

    xdotool("key", "ctrl+2")
    gui.wait("filters on show", lambda: visible(KernelEditor) is not None)
    page = gui.ask(lambda: window().show_page("Filters"))
    gui.wait("filtered", lambda: page.frame is not None and page.frame.image.name == "cells.png")

    editor = gui.ask(lambda: page.findChild(KernelEditor))
    cell = gui.ask(lambda: editor.mapToGlobal(editor.cell_rect(1, 1).center().toPoint()))
    click(cell, times=2)
    xdotool("type", "1/2")
    xdotool("key", "Return")
    gui.wait("cell changed", lambda: page.model.settings.kernel.weights[0, 1, 1] == 0.5)
    gui.wait("filtered anew", lambda: page.frame.settings.kernel.weights[0, 1, 1] == 0.5)

    view = gui.ask(lambda: page.map.findChild(ImageView))
    click(gui.ask(lambda: view.mapToGlobal(view.rect().center())))
    gui.wait("pinned", lambda: page.stepper.pinned is not None)
    xdotool("key", "Escape")
    gui.wait("unpinned", lambda: page.stepper.pinned is None)
    xdotool("mousemove", 2, 2)
    xdotool("key", "Home")
    gui.wait("first cell", lambda: page.stepper.position == 0)
    xdotool("key", "Right", "Right", "Right")
    gui.wait("stepped", lambda: page.stepper.position == 3 and page.stepper.computed == 4)

    xdotool("key", "ctrl+z")
    gui.wait("undone", lambda: page.model.settings.kernel.weights[0, 1, 1] == 0)
    xdotool("key", "ctrl+shift+z")
    gui.wait("done again", lambda: page.frame.settings.kernel.weights[0, 1, 1] == 0.5)

    xdotool("key", "ctrl+shift+s")
    gui.wait("asked where to save", lambda: visible(QFileDialog) is not None)
    activate(gui, lambda: visible(QFileDialog).window())
    xdotool("key", "ctrl+a")
    xdotool("type", csv)
    xdotool("key", "Return")
    gui.wait("saved", Path(csv).exists)
    saved = np.loadtxt(csv, delimiter=",", dtype=np.float32)
    assert np.array_equal(saved, gui.ask(lambda: page.frame.feature[:, :, 0]))
    pool(gui)
    compose(gui)
    build_network(gui)
    learn(gui)


def pool(gui: Gui) -> None:
    """Go on with the feature map: pool it, walk it, send a gradient back, shift it."""
    xdotool("key", "ctrl+shift+Return")
    gui.wait("pooling on show", lambda: on_show("Pooling"))
    page = gui.ask(lambda: window().show_page("Pooling"))
    gui.wait("pooled", lambda: page.frame is not None and page.frame.applied == "map")
    assert gui.ask(lambda: page.frame.feature.shape) == (3, 4, 1)
    click(gui.ask(lambda: page.map.view.mapToGlobal(page.map.view.rect().center())))
    gui.wait("pinned", lambda: page.stepper.pinned is not None)
    xdotool("key", "Escape", "Home", "Right", "Right")
    gui.wait("stepped", lambda: page.stepper.position == 2 and page.stepper.computed == 3)
    if (message := gui.ask(lambda: visible(MessageBar))) is not None:  # it floats over the tabs
        close = message.findChild(QToolButton)
        click(gui.ask(lambda: close.mapToGlobal(close.rect().center())))
    gui.wait("message gone", lambda: visible(MessageBar) is None)
    for view, name in (("backwards", "View: Backwards"), ("shift", "View: Shift")):
        tab = gui.ask(lambda name=name: next(
            b for b in page.findChildren(QToolButton) if b.accessibleName() == name
        ))  # fmt: skip
        click(gui.ask(lambda tab=tab: tab.mapToGlobal(tab.rect().center())))
        gui.wait(view, lambda view=view: page.frame.settings.view == view)
    xdotool("mousemove", 2, 2, "key", "Left", "Down")
    gui.wait("shifted", lambda: page.model.settings.shift == (1, 0))
    xdotool("key", "ctrl+z")
    gui.wait("put back", lambda: page.model.settings.shift == (0, 1))


def compose(gui: Gui) -> None:
    """Compose an augmentation: draw anew, drag an operation, switch it off, ask the class."""
    page = gui.ask(lambda: window().show_page("Augment"))
    gui.wait("augmented", lambda: page.made is not None and not page.engine.busy, 60)
    xdotool("mousemove", 2, 2, "key", "Right")
    gui.wait("drawn anew", lambda: page.made.seed == 1)
    rows = page.pipeline.rows.rows
    handle, below = (gui.ask(lambda i=i: rows[i]._handle.mapToGlobal(QPoint(6, 10)))
                     for i in (0, 2))  # fmt: skip
    xdotool("mousemove", handle.x(), handle.y(), "mousedown", 1)
    for y in range(handle.y(), below.y() + 60, 20):
        xdotool("mousemove", handle.x(), y)
        time.sleep(0.03)
    xdotool("mouseup", 1)
    gui.wait("dragged", lambda: page.model.settings.pipeline.operations[2].kind == "mirror")
    xdotool("key", "space")
    gui.wait("off", lambda: not page.model.settings.pipeline.operations[2].on)
    xdotool("key", "ctrl+z", "ctrl+z")
    gui.wait("as before", lambda: page.model.settings.pipeline.name == "gentle")
    xdotool("mousemove", 2, 2, "key", "q")
    gui.wait("asked", page.results.question.isVisible)
    xdotool("key", "q")
    gui.wait("the grid again", page.results.mosaic.isVisible)


def build_network(gui: Gui) -> None:
    """Select a box, put a pooling behind it, drag it away, break the network and mend it."""
    page = gui.ask(lambda: window().show_page("Network"))
    gui.wait("maps in the boxes", lambda: bool(page.diagram.shows_maps), 60)
    box = gui.ask(lambda: page.diagram.mapToGlobal(page.diagram.place_of("conv2").toPoint()))
    click(box)
    gui.wait("selected", lambda: page.model.selected == (4,))
    assert gui.ask(lambda: page.list.currentRow()) == 4
    xdotool("key", "ctrl+d")
    gui.wait("duplicated", lambda: page.model.spec.names()[5] == "conv3")
    xdotool("key", "ctrl+d")
    gui.wait("too small", lambda: page.frame.problem is not None)
    assert gui.ask(lambda: page.frame.problem.layer) == "conv4"
    button = gui.ask(lambda: page.form.buttons()[0])
    click(gui.ask(lambda: button.mapToGlobal(button.rect().center())))
    gui.wait("mended", lambda: page.frame.is_sound or page.frame.problem.layer != "conv4")
    xdotool("key", "Delete")
    xdotool("key", "ctrl+z", "ctrl+z", "ctrl+z", "ctrl+z")
    gui.wait("as before", lambda: page.model.spec.names()[5] == "pool2" and page.frame.is_sound)
    rows = [gui.ask(lambda i=i: page.list.viewport().mapToGlobal(
        page.list.visualItemRect(page.list.item(i, 0)).center())) for i in (4, 2, 0)]  # fmt: skip
    xdotool("mousemove", rows[0].x(), rows[0].y(), "mousedown", 1)
    for row in rows[1:]:
        xdotool("mousemove", row.x(), row.y() - 6)
        time.sleep(0.1)
    xdotool("mouseup", 1)
    gui.wait("dragged", lambda: page.model.selected == (0,))
    xdotool("key", "alt+Down")
    gui.wait("moved by key", lambda: page.model.selected == (1,))
    xdotool("key", "ctrl+z", "ctrl+z")
    gui.wait("put back again", lambda: page.model.spec.names()[4] == "conv2")


def learn(gui: Gui) -> None:
    """Train on the digits, follow a number back to the image, take time to step 0 and forth."""
    page = gui.ask(lambda: window().show_page("Train"))
    insight = page.insight
    gui.wait("data read", lambda: page.prepared is not None)
    gui.ask(lambda: page.model.edit("short", epochs=2.0))
    gui.wait("looked at", lambda: page.prepared.experiment.epochs == 2.0)
    xdotool("mousemove", 2, 2, "key", "space")
    gui.wait("trained", lambda: len(page.training.runs) == 1 and page.training.state == "idle")
    last = gui.ask(lambda: next(iter(page.training.runs)).step)
    gui.wait("kept", lambda: insight.bar.slider.maximum() == len(page.training.history) - 1 > 20)

    maps = gui.ask(lambda: page.inside._mosaics["conv2"])
    click(gui.ask(lambda: maps.mapToGlobal(maps.tile_rect(5).center().toPoint())))
    gui.wait("explained", lambda: insight.panel is not None and insight.panel.isVisible())
    panel = insight.panel
    for layer in ("relu1", "conv1", "input"):
        grid = gui.ask(lambda: panel.strip._canvas._grids[0][0][0].bounds.topLeft().toPoint())
        inside_first = grid + QPoint(12, 12)
        click(gui.ask(lambda at=inside_first: panel.strip._canvas.mapToGlobal(at)))
        gui.wait(f"at {layer}", lambda layer=layer: panel.place.layer == layer)
    xdotool("key", "BackSpace")
    gui.wait("one back", lambda: panel.place.layer == "conv1")
    xdotool("key", "alt+Left")
    gui.wait("two back", lambda: panel.place.layer == "relu1")
    xdotool("key", "Escape")
    gui.wait("live", lambda: insight.time.is_live and not panel.isVisible())

    slider = insight.bar.slider
    left = gui.ask(lambda: slider.mapToGlobal(QPoint(2, slider.height() // 2)))
    click(left)
    gui.wait("step 0", lambda: page.inside._snapshot.step == 0)
    click(left + QPoint(gui.ask(slider.width) // 2, 0))
    gui.wait("half way", lambda: 5 < page.inside._snapshot.step < last)
    click(gui.ask(lambda: insight.bar.now.mapToGlobal(insight.bar.now.rect().center())))
    gui.wait("now", lambda: insight.time.is_live and page.inside._snapshot.step == last)


def run(lesson: Callable[[Gui], None], page: str) -> int:
    """Start the application at a page, give the lesson beside it, and close it."""
    qt = QApplication(sys.argv[:1])
    gui = Gui()
    failed: list[BaseException] = []

    def teacher() -> None:
        try:
            lesson(gui)
        except BaseException as error:
            failed.append(error)
            xdotool_shot = os.environ.get("CLICK_THROUGH_SHOT")
            if xdotool_shot:
                gui.ask(lambda: window().grab().save(xdotool_shot))
        finally:
            gui.ask(lambda: window().close())

    thread = threading.Thread(target=teacher)
    thread.start()
    try:
        application.main(["--page", page, "--size", "1280x720", "--theme", "dark"])
    except SystemExit as end:
        assert end.code == 0
    thread.join()
    qt.quit()
    if failed:
        raise failed[0]
    print("clicked through")
    return 0


if __name__ == "__main__":
    raise SystemExit(run(lambda gui: play(gui, *sys.argv[1:3]), "image"))
