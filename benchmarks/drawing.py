"""How long it takes from a move of the mouse on the drawing pad to the painted bars.

The real window, the default network on Digits, on the CPU; the Draw view is open, so heat map and
sweep are begun after each answer and dropped for the next move, as in a lesson. A move counts as
answered once the event loop is free again after the bars of its picture have been painted.

    python benchmarks/drawing.py [--moves N] [--view draw|why|errors|map|layers]
"""

import argparse
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np

from visualizer.display import why_no_display

if why_no_display():
    os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QEvent, QEventLoop, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from visualizer.core import samples
from visualizer.state.inspect_work import Answer
from visualizer.state.training import Experiment
from visualizer.ui.main_window import MainWindow
from visualizer.ui.pages.inspect_page import InspectPage
from visualizer.ui.pages.inspect_views import VIEWS
from visualizer.ui.preferences import Preferences
from visualizer.ui.theme import Theme

SIZE = 1440, 900
PATIENCE_S = 60
LIMIT_MS = 33
TURNS = 3  # of the line that is drawn


class Painted(QObject):
    """Notes when the bars have been painted."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0

    def eventFilter(self, bars: QObject, event: QEvent) -> bool:
        """See every paint; the note comes when the event loop is free again."""
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self._note)
        return False

    def _note(self) -> None:
        self.at = time.perf_counter()


class Lesson:
    """The window at the Inspect page, with a network that has learned for one epoch."""

    def __init__(self, view: str) -> None:
        self.app = QApplication.instance() or QApplication(sys.argv[:1])
        self.window = MainWindow(Theme(self.app), Preferences(), samples.load(samples.DEFAULT))
        self.window.remembers = False
        self.window.resize(*SIZE)
        page = self.window.show_page("Inspect")
        assert isinstance(page, InspectPage)
        self.page, self.painted, self.answered = page, Painted(), math.inf
        self.drawn = page.draw.pad.picture
        self.network_ms: list[float] = []
        page._asker.answered.connect(self._note)
        self.window.show()
        training = self.window.context.training()
        training.start(other=Experiment(epochs=1.0, device="cpu"))
        self.wait_until(lambda: training.state == "idle" and page.networks.examined is not None)
        page.show_view(view)
        page.answer.bars.installEventFilter(self.painted)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Let the window work until something is so."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 100)
            if time.monotonic() > end:
                raise TimeoutError("the window did not get ready")

    def mouse(self, kind: QEvent.Type, x: float, y: float) -> None:
        """Send a mouse event at these shares of the pad."""
        pad = self.page.draw.pad
        square = pad.square()
        at = QPointF(square.x() + x * square.width(), square.y() + y * square.height())
        left = Qt.MouseButton.LeftButton
        event = QMouseEvent(kind, at, pad.mapToGlobal(at), left, left, Qt.KeyboardModifier(0))
        self.app.sendEvent(pad, event)

    def moves(self, count: int) -> list[float]:
        """Draw a spiral; return the ms from each move to its painted bars."""
        self.mouse(QEvent.Type.MouseButtonPress, 0.5, 0.5)
        taken = [self.answer_to(turn) for turn in np.linspace(0, 1, count + 1)[1:]]
        self.mouse(QEvent.Type.MouseButtonRelease, 0.9, 0.5)
        return taken

    def answer_to(self, share: float) -> float:
        """Move so far along the spiral; return the ms until the bars tell of it."""
        turn = 2 * np.pi * TURNS * share
        began = time.perf_counter()
        self.mouse(
            QEvent.Type.MouseMove,
            0.5 + 0.4 * share * np.cos(turn),
            0.5 + 0.4 * share * np.sin(turn),
        )
        self.drawn, self.answered = self.page.draw.pad.picture, math.inf
        self.wait_until(lambda: self.painted.at > self.answered)
        return 1000 * (self.painted.at - began)

    def _note(self, answer: Answer) -> None:
        if np.array_equal(answer.subject.pixels[:, :, 0], self.drawn):
            self.answered = time.perf_counter()
            self.network_ms.append(answer.milliseconds)

    def close(self) -> None:
        """Close the window."""
        self.window.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=300, metavar="N", help="how many to measure")
    parser.add_argument("--view", default="draw", choices=[key for key, _, _ in VIEWS])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["CNN_VISUALIZER_HOME"] = home
        lesson = Lesson(options.view)
        lesson.moves(30)  # what is only slow once
        lesson.page.model.clear()
        taken = lesson.moves(options.moves)
        network = statistics.median(lesson.network_ms)
        lesson.close()
    median, p95 = np.percentile(taken, (50, 95))
    verdict = "within" if p95 <= LIMIT_MS else "OVER"
    print(f"  stroke → painted bars, {options.view} view, {len(taken)} moves")
    print(
        f"  median {median:.1f} ms, 95 % within {p95:.1f} ms, longest {max(taken):.1f} ms", end=""
    )
    print(f" (limit {LIMIT_MS} ms: {verdict}); steps and network alone {network:.1f} ms")


if __name__ == "__main__":
    main()
