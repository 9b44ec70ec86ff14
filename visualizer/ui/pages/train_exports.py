"""The Export menu of the Train page: checkpoint, curves, and pictures of what is on show."""

import csv
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QObject, QPoint, QRect, QSize
from PySide6.QtGui import QImage, QPaintDevice, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QWidget

from visualizer.core.saving import CannotSave, whole
from visualizer.state.runs import Run
from visualizer.ui.context import Context
from visualizer.ui.saver import Saver
from visualizer.ui.theme import MONO, SANS

_SHARPNESS = 2  # pixels of a PNG for each on the screen

# Returns the widgets to save below one another.
Parts = Callable[[], Sequence[QWidget]]
_COMMANDS = (
    ("curves", "Save curves as picture…", "curves", "PNG picture (*.png);;SVG drawing (*.svg)"),
    ("image", "Save what is on show as PNG…", "train", "PNG picture (*.png)"),
    ("kernels", "Save kernels as PNG…", "kernels", "PNG picture (*.png)"),
    ("batch", "Save batch as PNG…", "batch", "PNG picture (*.png)"),
    ("page", "Save the page as PNG…", "page", "PNG picture (*.png)"),
)


class TrainExports(QObject):
    """Registers the commands and does what they say.

    The pictures are drawn at once, and written off the GUI thread.
    """

    def __init__(
        self,
        context: Context,
        page: QWidget,
        parts: dict[str, Parts],
        picked: Callable[[], Run | None],
    ) -> None:
        """`parts` has what to save for "curves", "image", "kernels", "batch" and "page".

        `picked` returns the run whose network is on show, if it is not the last one.
        """
        super().__init__(page)
        self._context, self._training, self._picked = context, context.training(), picked
        self._saver = Saver(context, page)
        self._page = page
        self._wanted: Callable[[Run], None] | None = None  # to be done with what is being saved
        add = context.actions.add
        add("train.save", "Save checkpoint…", self.save_checkpoint, menu="Export", page="Train",
            in_header=True, shortcuts="Ctrl+S",
            tip="A file to go on from, elsewhere too")  # fmt: skip
        add("train.save_run", "Save run with its history…", self.save_run, menu="Export",
            page="Train", tip="A folder that “Open run…” opens elsewhere, to go back in time there "
            "too")  # fmt: skip
        for key, text, name, kinds in _COMMANDS:
            run = self._saving(parts[key], text.removesuffix("…"), name, kinds)
            add(f"train.{key}", text, run, menu="Export", page="Train")
        add("train.csv", "Save curves as CSV…", self.save_csv, menu="Export", page="Train")
        self._training.saved.connect(self._saved)
        self._training.said.connect(self._give_up)  # it may not have been possible

    def close_work(self) -> None:
        """End the thread."""
        self._saver.close()

    def save_checkpoint(self) -> None:
        """Save the run that goes on as it stands, or the one whose network is on show."""
        self._save(self._copy)

    def save_run(self) -> None:
        """Save the run with all its moments and curves."""
        self._save(self._copy_all)

    def _save(self, copy: Callable[[Run], None]) -> None:
        if self._training.busy:
            self._wanted = copy
            self._training.save_now()
            return
        run = self._picked() or _newest(self._training.runs)
        if run is None or run.newest_checkpoint() is None:
            self._context.tell(
                "There is no checkpoint yet: train a network first.", until=self._training.changed
            )
        else:
            copy(run)

    def save_csv(self) -> None:
        """Save the numbers of the curves that are shown."""
        runs = [run for run in self._training.runs if run.shown and len(run.log.steps)]
        if not runs:
            self._context.tell(
                "There are no curves to save: train a network, or tick a run.",
                until=self._training.changed,
            )
            return
        self._saver.ask(
            "Save curves", "curves.csv", "Comma-separated values (*.csv)",
            lambda path, tick: write_curves(path, runs),
        )  # fmt: skip

    def _saved(self, run: Run) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            wanted(run)

    def _give_up(self) -> None:
        self._wanted = None

    def _copy(self, run: Run) -> None:
        def write(path: Path, tick: Callable[[float], None]) -> None:
            newest = run.newest_checkpoint()
            if newest is None:
                raise CannotSave(f"{run.name} has no checkpoint any more.")
            with whole(path) as part:
                shutil.copyfile(newest, part)

        name = f"{_safe(run.name)}-step-{run.step}.cnnv"
        self._saver.ask("Save checkpoint", name, "Checkpoint (*.cnnv)", write)

    def _copy_all(self, run: Run) -> None:
        chosen = QFileDialog.getExistingDirectory(self._page, "The folder to save the run in")
        if not chosen:
            return

        def write(path: Path, tick: Callable[[float], None]) -> None:
            if path.exists():
                raise CannotSave(
                    f"There is a {path.name} in {path.parent} already: rename the run, or choose "
                    "another folder."
                )
            run.copy_to(path, tick)

        self._saver.save(Path(chosen) / f"{_safe(run.name)}-step-{run.step}", write)

    def _saving(self, parts: Parts, title: str, name: str, kinds: str) -> Callable[[], None]:
        def ask() -> None:
            widgets = parts()
            image = as_image(widgets)
            drawing = as_svg(widgets) if "svg" in kinds else b""

            def write(path: Path, tick: Callable[[float], None]) -> None:
                with whole(path) as part:
                    if path.suffix.lower() == ".svg":
                        part.write_bytes(drawing)
                    elif not image.save(str(part), "PNG"):  # type: ignore[call-overload]
                        raise CannotSave(f"{path} cannot be written: choose another folder.")

            self._saver.ask(title, f"{name}.{kinds.partition('(*.')[2][:3]}", kinds, write)

        return ask


def as_image(widgets: Sequence[QWidget]) -> QImage:
    """Return the widgets below one another, twice as sharp as on the screen."""
    size = _whole_size(widgets)
    image = QImage(size * _SHARPNESS, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SHARPNESS)
    _draw(widgets, image)
    return image


def as_svg(widgets: Sequence[QWidget]) -> bytes:
    """Return the widgets below one another as an SVG drawing.

    Where its typefaces are not installed, others without serifs take their place.
    """
    buffer, generator = QBuffer(), QSvgGenerator()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator.setOutputDevice(buffer)
    generator.setSize(_whole_size(widgets))
    generator.setViewBox(QRect(QPoint(0, 0), _whole_size(widgets)))
    _draw(widgets, generator)
    drawing = bytes(buffer.data().data())
    for family, others in ((SANS, "sans-serif"), (MONO, "monospace")):
        drawing = drawing.replace(
            f'font-family="{family}"'.encode(), f'font-family="{family}, {others}"'.encode()
        )
    return drawing


def write_curves(path: Path, runs: Iterable[Run]) -> None:
    """Write the numbers of runs, a line for each step and each validation. Raises OSError."""
    with whole(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("run", "step", "part", "loss", "accuracy", "learning_rate"))
        for run in runs:
            for step, data, *numbers in run.log.lines():
                texts = ("" if x is None else f"{x:.6g}" for x in numbers)
                writer.writerow((run.name, step, data, *texts))


def _draw(widgets: Sequence[QWidget], on: QPaintDevice) -> None:
    painter, top = QPainter(on), 0
    try:
        for widget in widgets:
            painter.fillRect(0, top, widget.width(), widget.height(), widget.palette().base())
            widget.render(painter, QPoint(0, top))
            top += widget.height()
    finally:
        painter.end()


def _whole_size(widgets: Sequence[QWidget]) -> QSize:
    return QSize(max(w.width() for w in widgets), sum(w.height() for w in widgets))


def _newest(runs: Iterable[Run]) -> Run | None:
    return max(runs, key=lambda run: run.number, default=None)


def _safe(text: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in text)
