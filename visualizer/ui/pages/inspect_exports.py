"""What leaves the Inspect page: pictures, predictions, corrections, a report, the network."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from visualizer.core.saving import CannotSave, whole
from visualizer.learning.corrections import as_csv, data_key
from visualizer.learning.files import write_atomically
from visualizer.state.inspect import InspectModel
from visualizer.state.training import Experiment
from visualizer.ui.context import Context
from visualizer.ui.pages.inspect_failures import Failures
from visualizer.ui.pages.inspect_networks import Networks
from visualizer.ui.pages.train_exports import as_svg
from visualizer.ui.saver import Saver

if TYPE_CHECKING:
    from visualizer.learning.examined import Examined

_SCALE = 2  # of pictures of the page
Tick = Callable[[float], None]


class InspectExports(QObject):
    """Registers the Export menu of the Inspect page, and does what it says."""

    def __init__(
        self,
        context: Context,
        board: QWidget,
        networks: Networks,
        failures: Failures,
        model: InspectModel,
    ) -> None:
        """`board` holds the cards of a view."""
        super().__init__(board)
        self._context, self._networks, self._failures = context, networks, failures
        self._model = model
        self._saver = Saver(context, board)
        for key, text, run in (
            ("png", "Save view as PNG at 2×…", lambda: self.save_picture(board, "inspect")),
            ("csv", "Save predictions as CSV…", self.save_predictions),
            ("corrections", "Save corrections as CSV…", self.save_corrections),
            ("report", "Save report as HTML…", self.save_report),
            ("python", "Save network as Python…", self.save_source),
            ("onnx", "Save network as ONNX…", self.save_onnx),
        ):
            context.actions.add(f"inspect.{key}", text, run, menu="Export", page="Inspect")

    @property
    def saver(self) -> Saver:
        """What asks for files and writes them."""
        return self._saver

    def offer_card(self, card: QWidget, name: str) -> None:
        """Let a card be saved by its context menu."""
        card.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        card.customContextMenuRequested.connect(lambda at: self._open_menu(card, name, at))

    def close(self) -> None:
        """End the thread."""
        self._saver.close()

    def save_picture(self, widget: QWidget, name: str) -> None:
        """Save what a widget shows, twice as fine as on the screen."""
        picture = QPixmap(widget.size() * _SCALE)
        picture.setDevicePixelRatio(_SCALE)
        picture.fill(self._context.theme.color("window"))
        widget.render(picture)
        image = picture.toImage()

        def write(path: Path, tick: Tick) -> None:
            with whole(path) as part:
                if not image.save(str(part)):
                    raise CannotSave(f"{path.name} could not be written; choose another folder.")

        self._saver.ask("Save picture", f"{name}.png", "PNG picture (*.png)", write)

    def save_svg(self, widget: QWidget, name: str) -> None:
        """Save what a widget shows as lines and letters that stay sharp."""
        data = as_svg([widget])
        self._saver.ask("Save picture", f"{name}.svg", "SVG drawing (*.svg)",
                        lambda path, tick: write_atomically(path, data))  # fmt: skip

    def save_predictions(self) -> None:
        """Save what the network says to every image."""
        examined, verdicts = self._networks.examined, self._failures.verdicts
        if examined is None or verdicts is None:
            self._context.tell("There are no predictions yet: the network has to be tried first.")
            return

        def write(path: Path, tick: Tick) -> None:
            from visualizer.learning.take_out import predictions_csv

            write_atomically(path, predictions_csv(verdicts, examined.class_names).encode())

        name = f"predictions-{self._failures.part}.csv"
        self._saver.ask("Save predictions", name, "CSV table (*.csv)", write)

    def save_corrections(self) -> None:
        """Save the list of corrections."""
        corrections, names = self._model.settings.corrections, {}
        examined, source = self._networks.examined, self._networks.source
        if examined is not None and source is not None and source.experiment is not None:
            names[data_key(source.experiment.data)] = examined.class_names
        text = as_csv(corrections, names)
        self._saver.ask("Save corrections", "corrections.csv", "CSV table (*.csv)",
                        lambda path, tick: write_atomically(path, text.encode()))  # fmt: skip

    def save_report(self) -> None:
        """Save one page about the run."""
        if (examined := self._network()) is None:
            return
        verdicts, source = self._failures.verdicts, self._networks.source
        runs = self._context.training().runs
        run = next((r for r in runs if source is not None and r.folder == source.path), None)
        experiment = source.experiment if source is not None else None
        settings = _settings(experiment) if experiment is not None else []
        part = self._failures.part

        def write(path: Path, tick: Tick) -> None:
            from visualizer.learning.run_report import report

            log = run.log if run is not None else None
            text = report(examined.title, settings, log, examined, verdicts, part)
            write_atomically(path, text.encode())

        self._saver.ask("Save report", "report.html", "HTML page (*.html)", write)

    def save_source(self) -> None:
        """Save the network as Python with its weights beside it."""
        if (examined := self._network()) is None:
            return

        def write(path: Path, tick: Tick) -> str:
            from visualizer.learning.take_out import write_source

            return f"Its weights are beside it, in {write_source(path, examined).name}."

        self._saver.ask("Save network", "network.py", "Python source (*.py)", write)

    def save_onnx(self) -> None:
        """Save the network for other programs."""
        if (examined := self._network()) is None:
            return

        def write(path: Path, tick: Tick) -> str:
            from visualizer.learning.take_out import write_onnx

            return write_onnx(path, examined)

        self._saver.ask("Save network", "network.onnx", "ONNX network (*.onnx)", write)

    def _network(self) -> "Examined | None":
        examined = self._networks.examined
        if examined is None:
            self._context.tell("There is no network yet: train one, or open a checkpoint.")
        return examined

    def _open_menu(self, card: QWidget, name: str, at: QPoint) -> None:
        menu = QMenu(card)
        menu.addAction("Save as PNG at 2×…", lambda: self.save_picture(card, name))
        menu.addAction("Save as SVG…", lambda: self.save_svg(card, name))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(card.mapToGlobal(at))


def _settings(experiment: Experiment) -> list[tuple[str, str]]:
    """Return what a run was set to, in words; what was not set is as the network has it."""
    words = []
    for name, value in asdict(experiment).items():
        if name in ("custom", "pipeline") and value is None:
            continue
        text = "as designed" if value in ("", None) else str(value)
        if isinstance(value, bool):
            text = "yes" if value else "no"
        elif name == "data":
            text = " ".join(value)
        elif name in ("custom", "pipeline"):
            text = "of one's own"
        words.append((name.replace("_", " "), text))
    return words
