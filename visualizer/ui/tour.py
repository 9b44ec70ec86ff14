"""Drives the real window through every page and saves what it shows, as numbered pictures."""

import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication, QWidget

from visualizer.ui.background import Background
from visualizer.ui.command_palette import CommandPalette, ShortcutSheet
from visualizer.ui.main_window import MainWindow

PATIENCE_S = 20.0


def settle(window: QWidget) -> None:
    """Process events until no background work of the window is left.

    Raises TimeoutError after PATIENCE_S seconds: a picture of half a page would be a lie.
    """
    end = time.monotonic() + PATIENCE_S
    quiet = 0
    while quiet < 3:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
        busy = any(work.busy for work in window.findChildren(Background))
        quiet = 0 if busy else quiet + 1
        if time.monotonic() > end:
            raise TimeoutError("The window is still busy.")
        time.sleep(0.01)


def save(window: QWidget, file: Path) -> None:
    """Save what `window` shows now as a PNG. Raises OSError when it cannot be written."""
    settle(window)
    if not window.grab().save(str(file)):
        raise OSError(f"{file} could not be written: check that the folder exists and has room.")


def run(window: MainWindow, folder: Path) -> list[Path]:
    """Take the tour and return the files it wrote, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    taken: list[Path] = []

    def shot(about: str, name: str, widget: QWidget = window) -> None:
        file = folder / f"{len(taken) + 1:02d}-{about}-{name}.png"
        settle(window)
        save(widget, file)
        taken.append(file)

    for title in window.page_titles:
        page = window.show_page(title)
        settle(window)
        page.tour(partial(shot, title.lower()))
    for name, kind in (("commands", CommandPalette), ("shortcuts", ShortcutSheet)):
        dialog = kind(window.context.actions, window)
        dialog.show()
        shot("help", name, dialog)
        dialog.close()
        dialog.deleteLater()
    return taken
