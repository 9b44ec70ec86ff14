"""How fast the Filters page answers, in the real window, beside the bare OpenCV call.

Each figure is measured in one run, the ways taking turns; median and 95th percentile are shown.

    python benchmarks/filters.py [--quick] [--only edit|open|step|memory]

Without a display the window is painted off screen, by the same code into the same pixels.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from visualizer.display import why_no_display

if why_no_display():
    os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication

from visualizer.core import samples
from visualizer.core.image import Image
from visualizer.core.kernels import Kernel
from visualizer.ui.background import Background
from visualizer.ui.main_window import MainWindow
from visualizer.ui.pages.filters_page import FiltersPage
from visualizer.ui.preferences import Preferences
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.image_view import ImageView
from visualizer.ui.widgets.picture import Picture

WINDOW = 1440, 900
LIMITS_MS = {(1080, 1920): 16, (3000, 4000): 33}
PATIENCE_S = 30
# A loop that asks again and again would take the interpreter from the page's own thread.
WAITING = QEventLoop.ProcessEventsFlag.WaitForMoreEvents


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repeats, for a first look")
    parser.add_argument("--only", choices=("edit", "open", "step", "memory"))
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        measure_memory()
        return
    print(machine())
    repeats = 8 if options.quick else 30
    parts: dict[str, Callable[[], None]] = {
        "edit": lambda: edits(repeats),
        "open": opening,
        "step": lambda: stepping(2 if options.quick else 5),
        "memory": memory,
    }
    with tempfile.TemporaryDirectory() as home:
        os.environ["CNN_VISUALIZER_HOME"] = home
        os.environ["XDG_CONFIG_HOME"] = home
        for name, part in parts.items():
            if options.only in (None, name):
                part()


def machine() -> str:
    """Return what kind of machine this is."""
    name = platform.processor() or platform.machine()
    cpu = Path("/proc/cpuinfo")
    if cpu.exists():
        lines = [x for x in cpu.read_text().splitlines() if x.startswith("model name")]
        name = lines[0].partition(": ")[2] if lines else name
    platform_name = os.environ.get("QT_QPA_PLATFORM", "on screen")
    return (
        f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"OpenCV {cv2.__version__} with {cv2.getNumThreads()} threads, window {platform_name}"
    )


@contextmanager
def window() -> Iterator[tuple[MainWindow, FiltersPage]]:
    """Show the real window on its Filters page."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme = Theme(app)
    shown = MainWindow(theme, Preferences(), samples.load(samples.DEFAULT))
    page = shown.show_page("Filters")
    assert isinstance(page, FiltersPage)
    shown.resize(*WINDOW)
    shown.show()
    settle(shown)
    try:
        yield shown, page
    finally:
        shown.close()
        shown.deleteLater()
        theme.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def settle(shown: MainWindow) -> None:
    """Process events until nothing is left to do."""
    quiet, end = 0, time.monotonic() + PATIENCE_S
    while quiet < 3 and time.monotonic() < end:
        QApplication.processEvents()
        quiet = 0 if any(w.busy for w in shown.findChildren(Background)) else quiet + 1
        time.sleep(0.005)


class Paints(QObject):
    """Notes when a widget has been painted."""

    def __init__(self, watched: ImageView) -> None:
        super().__init__(watched)
        self.times: list[float] = []
        self._view = watched
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Paint the widget, and note when that is done."""
        if not isinstance(event, QPaintEvent):
            return False
        self._view.paintEvent(event)
        self.times.append(time.perf_counter())
        return True


def photograph(height: int, width: int) -> Image:
    """Return a picture of that size with detail at every scale."""
    small = samples.load(samples.DEFAULT).pixels
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).integers(-9, 10, large.shape, dtype=np.int16)
    return Image.from_array(np.clip(large + noise, 0, 255).astype(np.uint8), f"{width}×{height}")


def edits(repeats: int) -> None:
    """A kernel cell is changed: how long until the feature map is painted."""
    heading("kernel edit → painted feature map, RGB, each channel", "ms")
    with window() as (shown, page):
        for size, limit in LIMITS_MS.items():
            image = photograph(*size)
            shown.context.session.show(image)
            settle(shown)
            page.model.edit("benchmark", applied_to="each", padding="same")
            settle(shown)
            for side in (3, 7):
                for zoom in ("fitted", "100 %"):
                    page.viewport.fit() if zoom == "fitted" else page.viewport.hundred()
                    settle(shown)
                    what = f"{image.name} {side}×{side} {zoom}"
                    compare(shown, page, image, side, what, repeats, limit)


def compare(
    shown: MainWindow,
    page: FiltersPage,
    image: Image,
    side: int,
    what: str,
    repeats: int,
    limit: float,
) -> None:
    """Measure the page and the bare call in turns."""
    rng = np.random.default_rng(side)
    source = page.frame.pixels.astype(np.float32) if page.frame else image.pixels
    first: list[float] = []
    whole: list[float] = []
    bare: list[float] = []
    for _ in range(repeats + 1):
        weights = rng.integers(-5, 6, (side, side)).astype(float)
        painted, finished = edited(shown, page, Kernel(weights))
        first.append(painted)
        whole.append(finished)
        bare.append(bare_call(page, source, weights))
        settle(shown)
    median = np.median(first[1:])
    row(f"{what}: visible", first[1:], f"limit {limit}")
    row(f"{what}: whole map", whole[1:])
    row(f"{what}: bare filter2D + paint", bare[1:], f"ratio {median / np.median(bare[1:]):.2f}")


def edited(shown: MainWindow, page: FiltersPage, kernel: Kernel) -> tuple[float, float]:
    """Change the kernel; return milliseconds until something, and all of it, is painted."""
    arrived: dict[str, float] = {}
    preview = page._engine.previewed.connect(lambda _: _note(arrived, "preview"))
    whole = page._engine.finished.connect(lambda _: _note(arrived, "whole"))
    paints = Paints(page.map.view)
    start = time.perf_counter()
    first = 0.0
    page.model.set_kernel(kernel, "benchmark")
    while "whole" not in arrived or paints.times[-1:] < [arrived["whole"]]:
        QApplication.processEvents(WAITING)
        if arrived and not first:
            since = [paint for paint in paints.times if paint > min(arrived.values())]
            first = 1e3 * (since[0] - start) if since else 0.0
    now = 1e3 * (paints.times[-1] - start)
    page.map.view.removeEventFilter(paints)
    page._engine.previewed.disconnect(preview)
    page._engine.finished.disconnect(whole)
    return first, now


def _note(arrived: dict[str, float], what: str) -> None:
    """Note when something arrived."""
    arrived[what] = time.perf_counter()


def bare_call(page: FiltersPage, source: np.ndarray, weights: np.ndarray) -> float:
    """Return the milliseconds of one cv2.filter2D on the visible pixels, and painting them."""
    view, frame = page.map.view, page.frame
    assert frame is not None
    seen = page._seen(frame.image)
    height, width = source.shape[:2]
    paints = Paints(view)
    start = time.perf_counter()
    if seen.scale < 1:
        filtered = cv2.filter2D(source, -1, weights)
    else:
        filtered = np.zeros(source.shape, np.float32)
        part = np.s_[seen.rows.start : seen.rows.stop, seen.columns.start : seen.columns.stop]
        filtered[part] = cv2.filter2D(source[part], -1, weights)
    low, high = -2000.0, 2000.0

    def paint(block: np.ndarray) -> np.ndarray:
        return frame.paint(block, (low, high), page._palette())

    view.set_picture(Picture(filtered, height, width, paint))
    while not paints.times:
        QApplication.processEvents()
    elapsed = 1e3 * (paints.times[-1] - start)
    view.removeEventFilter(paints)
    return elapsed


def opening() -> None:
    """A JPEG of 48 megapixels is opened: how long the event loop stands still."""
    heading("opening a 48-megapixel JPEG", "ms")
    with tempfile.TemporaryDirectory() as folder, window() as (shown, _):
        path = Path(folder) / "large.jpg"
        cv2.imwrite(str(path), photograph(6000, 8000).pixels[:, :, ::-1])
        ticks = [time.perf_counter()]
        timer = QTimer(interval=1)
        timer.timeout.connect(lambda: ticks.append(time.perf_counter()))
        timer.start()
        start = time.perf_counter()
        shown.sources.open_path(path)
        while shown.context.session.image.width != 8000 and time.perf_counter() - start < 60:
            QApplication.processEvents(WAITING)
        opened = time.perf_counter() - start
        end = time.perf_counter() + 3
        while time.perf_counter() < end:
            QApplication.processEvents(WAITING)
        timer.stop()
        gaps = 1e3 * np.diff(ticks)
        row("gaps between ticks", list(gaps), "limit 33")
        print(f"  longest stall {gaps.max():.1f} ms (limit 33), opened after {opened:.2f} s")


def stepping(seconds: float) -> None:
    """The window steps 10,000 times a second: how often it is painted."""
    heading("stepping at 10,000 steps/s, 1920×1080 RGB", "ms between paints")
    with window() as (shown, page):
        shown.context.session.show(photograph(1080, 1920))
        settle(shown)
        for applied_to in ("luma", "across"):
            page.model.apply_to(applied_to)
            settle(shown)
            page.stepper.first()
            page.stepper.set_speed(10_000)
            paints = Paints(page.map.view)
            page.stepper.play()
            start, cells = time.perf_counter(), page.stepper.position
            while time.perf_counter() - start < seconds:
                QApplication.processEvents(WAITING)
            elapsed = time.perf_counter() - start
            cells = page.stepper.position - cells
            page.stepper.pause()
            page.map.view.removeEventFilter(paints)
            row(applied_to, list(1e3 * np.diff(paints.times)), "aim 16.7")
            print(f"  {len(paints.times) / elapsed:.1f} frames/s, {cells / elapsed:,.0f} steps/s")


def memory() -> None:
    """A photograph of 12 megapixels is on show: what it takes, in a process of its own."""
    heading("memory for a 12-megapixel photograph", "MB")
    command = [sys.executable, __file__, "--inside"]
    print(subprocess.run(command, check=True, capture_output=True, text=True).stdout, end="")


def measure_memory() -> None:
    """Print how far the memory in use has grown, and its highest."""
    unit = 3000 * 4000 * 3 * 4 / 1e6
    with window() as (shown, page):
        before = resident()
        image = photograph(3000, 4000)
        made = resident() - before - image.pixels.nbytes / 1e6
        shown.context.session.show(image)
        settle(shown)
        page.model.apply_to("each")
        settle(shown)
        grown = resident() - before - max(made, 0)
        print(f"  on show: {grown:.0f} MB = {grown / unit:.2f} × its float32 size (limit 4)")
        highest = grown
        for stride in (1, 2, 1):
            page.model.edit("benchmark", stride=stride, bias=float(stride))
            end = time.monotonic() + 2
            while time.monotonic() < end:
                QApplication.processEvents()
                highest = max(highest, resident() - before - max(made, 0))
        print(f"  highest while editing: {highest:.0f} MB = {highest / unit:.2f} ×")


def resident() -> float:
    """Return the megabytes of memory this process has in use."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def heading(text: str, unit: str) -> None:
    """Print the head of a table."""
    print(f"\n{text}\n  {'':42}{'median':>9}{'p95':>9}  {unit}")


def row(what: str, values: list[float], note: str = "") -> None:
    """Print median and 95th percentile."""
    print(
        f"  {what:42}{np.median(values):9.2f}{np.percentile(values, 95):9.2f}  {note}", flush=True
    )


if __name__ == "__main__":
    main()
