"""How long the application takes from the start of its process to its first painted window.

Each start is a process of its own, with a home of its own and with compiled bytecode, as after an
installation; one start before the measured ones warms the disk. The window counts as painted once
the event loop is free again after the main window's first paint event: page and picture are then
in place. Without a display it is painted off screen.

    python benchmarks/startup.py [--starts N] [--page image|filters|train|…]
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
LATE = ("torch", "torchvision", "pyqtgraph", "qtpy", "skimage")  # what has no business so early

# Importing this main window's module is what puts the watch on; the application itself is as ever.
STARTER = f"""
import importlib.abc, importlib.machinery, sys, time

NAME = "visualizer.ui.main_window"

class Watch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != NAME:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        run = spec.loader.exec_module
        spec.loader.exec_module = lambda module: (run(module), watch(module))
        return spec

def watch(module):
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication

    class FirstPaint(QObject):
        def eventFilter(self, window, event):
            if event.type() == QEvent.Type.Paint:
                window.removeEventFilter(self)
                QTimer.singleShot(0, self.report)
            return False

        def report(self):
            elapsed = time.time() - float(sys.argv[1])
            early = [name for name in {LATE!r} if name in sys.modules]
            print(elapsed, time.process_time(), ",".join(early) or "none")
            QApplication.instance().exit()

    show = module.MainWindow.show

    def watched(window):
        window.first_paint = FirstPaint()
        window.installEventFilter(window.first_paint)
        show(window)

    module.MainWindow.show = watched

sys.meta_path.insert(0, Watch())
from visualizer.app import main
main(sys.argv[2:])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=10, metavar="N", help="how many to measure")
    parser.add_argument("--page", default="image", help="the page on show")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **os.environ,
            "CNN_VISUALIZER_HOME": home,
            "XDG_CONFIG_HOME": home,
            "PYTHONPATH": str(ROOT),
            "PYTHONPYCACHEPREFIX": str(Path(home) / "bytecode"),
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        starts = [start(options.page, environment) for _ in range(options.starts + 1)][1:]
    seconds, processor, early = zip(*starts, strict=True)
    show("start → painted window", seconds, "limit 1.0, aim 0.7")
    show("processor time of it", processor)
    print(f"  of {', '.join(LATE)} imported by then: {early[-1]}")


def start(page: str, environment: dict[str, str]) -> tuple[float, float, str]:
    """Return the seconds until the first paint, the processor's share, and what came too early."""
    command = [sys.executable, "-c", STARTER, str(time.time()), "--page", page]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    elapsed, processor, early = done.stdout.split()
    return float(elapsed), float(processor), early


def show(what: str, values: tuple[float, ...], note: str = "") -> None:
    """Print median and range in seconds."""
    print(f"  {what:26}{np.median(values):7.3f}  ({min(values):.3f} to {max(values):.3f})  {note}")


if __name__ == "__main__":
    main()
