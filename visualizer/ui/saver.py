"""Asks where to save, writes off the GUI thread with progress and Cancel, and says how it ended."""

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QProgressDialog, QWidget

from visualizer.core.saving import CannotSave
from visualizer.ui.background import Background, Job
from visualizer.ui.context import Context
from visualizer.ui.errors import unexpected

Write = Callable[[Path, Callable[[float], None]], object]

PATIENCE_MS = 1000


class Saver(QObject):
    """Saves one file at a time, and says at the end where it is, or why there is none."""

    def __init__(self, context: Context, window: QWidget) -> None:
        super().__init__(window)
        self._tell, self._tell_done = context.tell, context.done
        self._window = window
        self._folder = QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.PicturesLocation
        )
        self._path = Path()
        self._progress: QProgressDialog | None = None
        self._work = Background("saving", self)
        self._work.reported.connect(self._show_share)
        self._work.done.connect(self._saved)
        self._work.failed.connect(self._failed)

    @property
    def busy(self) -> bool:
        """Whether a file is being written."""
        return self._work.busy

    def ask(self, title: str, name: str, kinds: str, write: Write) -> None:
        """Ask for a file, then call `write(path, tick)` in a thread.

        `tick(share)` shows the share done and raises once the user has cancelled. A sentence that
        `write` returns is said at the end. `kinds` is a file-dialog filter such as
        "PNG picture (*.png)"; its first ending is the default, and added to a name with another,
        which would promise another format.
        """
        endings = re.findall(r"\*(\.\w+)", kinds)

        def chosen(text: str) -> None:
            path = Path(text)
            if path.suffix.lower() in endings:
                self.save(path, write)
                return
            path = path.with_name(path.name + endings[0])
            if path.exists():  # nobody was asked whether it may be replaced
                self._tell(f"{path.name} is in {path.parent} already: choose another name.")
            else:
                self.save(path, write)

        dialog = QFileDialog(self._window, title, self._folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(kinds)
        dialog.setDefaultSuffix(endings[0].removeprefix("."))
        dialog.selectFile(name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(chosen)
        dialog.open()

    def save(self, path: Path, write: Write) -> None:
        """Write to `path`; one file at a time."""
        if self._work.busy:
            self._tell(f"{self._path.name} is still being saved: wait for it, or cancel it first.")
            return
        self._path, self._folder = path, str(path.parent)
        self._progress = QProgressDialog(f"Saving {path.name}…", "Cancel", 0, 100, self._window)
        self._progress.setMinimumDuration(PATIENCE_MS)
        self._progress.setValue(0)
        self._progress.canceled.connect(self._cancel)

        def task(job: Job) -> object:
            return write(path, job.report)

        self._work.submit(task)

    def close(self) -> None:
        """Cancel what is being written and wait for the thread."""
        self._end_progress()
        self._work.close()

    def _show_share(self, share: float) -> None:
        if self._progress is not None:
            self._progress.setValue(round(100 * share))

    def _saved(self, more: object) -> None:
        self._end_progress()
        sentence = f"Saved {self._path.name} in {self._path.parent}."
        self._tell_done(f"{sentence} {more}" if isinstance(more, str) else sentence)

    def _failed(self, error: Exception) -> None:
        self._end_progress()
        if isinstance(error, CannotSave):
            self._tell(str(error))
        elif isinstance(error, OSError):
            self._tell(
                f"{self._path.name} could not be saved: {error.strerror or error}. "
                "Choose another folder or name."
            )
        else:
            unexpected(error)

    def _cancel(self) -> None:
        self._work.cancel()
        self._end_progress()
        self._tell_done(f"Saving {self._path.name} was cancelled; nothing was written.")

    def _end_progress(self) -> None:
        if self._progress is not None:
            progress, self._progress = self._progress, None
            progress.canceled.disconnect(self._cancel)
            progress.close()
            progress.deleteLater()
