"""Networks out of files and into them, and as a Python script on the clipboard."""

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from visualizer.learning.network_script import script
from visualizer.state import network_design
from visualizer.state.network_design import AS_DATA, DesignModel
from visualizer.state.network_frame import NetworkFrame
from visualizer.state.training_news import Prepared
from visualizer.ui.context import Context

_KIND = "Network (*.json)"


class NetworkFiles:
    """Saves, opens and copies the design; says how it went."""

    def __init__(self, context: Context, model: DesignModel, window: QWidget) -> None:
        self._context, self._model, self._window = context, model, window
        self._folder = QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.DocumentsLocation
        )

    def ask_save(self) -> None:
        """Ask where to save."""
        dialog = self._dialog("Save the network")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        name = self._model.spec.name
        dialog.selectFile("".join(c if c.isalnum() or c in "-_ ." else "-" for c in name) + ".json")
        dialog.fileSelected.connect(lambda text: self.save(Path(text)))
        dialog.open()

    def ask_open(self) -> None:
        """Ask what to open."""
        dialog = self._dialog("Open a network")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda text: self.open(Path(text)))
        dialog.open()

    def save(self, file: Path) -> None:
        """Write the design."""
        try:
            network_design.save(file, self._model.spec)
        except OSError as error:
            self._context.tell(
                f"{file.name} could not be saved: {error.strerror or error}. Choose another folder."
            )
        else:
            self._folder = str(file.parent)
            self._context.done(f"Saved {file.name} in {file.parent}.")

    def open(self, file: Path) -> None:
        """Take the network in a file as the design."""
        try:
            spec = network_design.load(file)
        except OSError as error:
            self._context.tell(f"{file.name} cannot be read: {error.strerror or error}.")
        except ValueError as error:
            self._context.tell(f"{file.name} holds no network that can be used: {error}")
        else:
            self._folder = str(file.parent)
            self._model.take(spec, f"open {file.name}")

    def copy_script(self, frame: NetworkFrame, known: Prepared | None) -> None:
        """Put an nn.Module that gives the same numbers on the clipboard."""
        if frame.problem is not None:
            self._context.tell(f"There is no script of it yet. {frame.problem.sentence}")
            return
        mean: tuple[float, ...] = ()
        std: tuple[float, ...] = ()
        if known is not None and frame.design.images == AS_DATA:
            dataset = known.dataset
            mean, std = tuple(dataset.mean.tolist()), tuple(dataset.std.tolist())
        text = script(frame.design.spec, frame.shape, frame.classes, mean, std)
        QGuiApplication.clipboard().setText(text)
        self._context.done(
            "Copied a torch script of the network; its load() reads the weights of a run."
        )

    def _dialog(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self._window, title, self._folder)
        dialog.setNameFilter(_KIND)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog
