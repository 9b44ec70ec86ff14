"""Runs from elsewhere: the folder of a run, or one checkpoint, with another network or not."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from visualizer.state.opening import Opened, open_checkpoint
from visualizer.ui.background import Background
from visualizer.ui.errors import unexpected
from visualizer.ui.training import Training

_MOST_LINES = 8


class RunOpener(QObject):
    """Asks for what is to be opened, and what to do about another network than the present.

    Signals:
        opened(Run): a checkpoint has become a run.
        refused(str): why nothing is opened.
    """

    opened = Signal(object)
    refused = Signal(str)

    def __init__(self, training: Training, page: QWidget) -> None:
        super().__init__(page)
        self._training, self._page = training, page
        self._work = Background("checkpoint", self)
        self._work.done.connect(self._compare)
        self._work.failed.connect(self._failed)

    def choose_folder(self) -> None:
        """Go on with a copy of a run."""
        if self._is_held_up():
            return
        folder = QFileDialog.getExistingDirectory(self._page, "The folder of a run")
        if folder:
            self._training.open_run(Path(folder))

    def choose_file(self) -> None:
        """Show the network of a checkpoint."""
        if self._is_held_up():
            return
        file, _ = QFileDialog.getOpenFileName(
            self._page, "A checkpoint", "", "Checkpoints (*.cnnv)"
        )
        if file:
            self.open_file(Path(file))

    def open_file(self, file: Path) -> None:
        """Read a checkpoint, and ask before the present network is left for the stored one."""
        training = self._training
        settings, known = training.model.settings, training.known
        self._work.submit(lambda job: open_checkpoint(file, settings, known))

    def close(self) -> None:
        """End the thread."""
        self._work.close()

    def _compare(self, opened: Opened) -> None:
        if not opened.differences:
            self._adopt(opened)
            return
        box = QMessageBox(self._page)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("Another network")
        box.setTextFormat(Qt.TextFormat.PlainText)  # a file's name may hold anything
        box.setText(f"{opened.file.name} holds another network than the one chosen now.")
        lines = list(opened.differences[:_MOST_LINES])
        more = len(opened.differences) - len(lines)
        box.setInformativeText("\n".join([*lines, *([f"and {more} more"] if more else [])]))
        build = box.addButton("Build the stored network", QMessageBox.ButtonRole.AcceptRole)
        cancel = box.addButton("Keep mine", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(build)
        box.setEscapeButton(cancel)
        build.clicked.connect(lambda: self._adopt(opened))
        box.open()

    def _adopt(self, opened: Opened) -> None:
        training = self._training
        if self._is_held_up():
            return
        try:
            run = training.runs.adopt_file(opened.file, opened.experiment, opened.log, opened.step)
        except OSError as error:
            training.said.emit(f"{opened.file} cannot be taken over: {error}.")
            return
        training.model.edit("open checkpoint", **vars(opened.experiment))
        self.opened.emit(run)

    def _is_held_up(self) -> bool:
        if self._training.busy:
            self.refused.emit("A network is being trained: stop it before opening another.")
        return self._training.busy

    def _failed(self, error: Exception) -> None:
        reason = getattr(error, "reason", "")
        if reason:
            self.refused.emit(reason)
        else:
            unexpected(error)
