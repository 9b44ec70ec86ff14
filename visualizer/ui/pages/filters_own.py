"""Kernels of the user's own: kept by name, imported from files and exported to them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QWidget

from visualizer import paths
from visualizer.core.kernels import Kernel, from_json, from_text, to_json, to_text
from visualizer.core.saving import whole
from visualizer.state.own_kernels import OwnKernels

_LARGEST_FILE = 1 << 20  # bytes; 3 planes of 15×15 numbers need some 20 KB
_OPEN_FILTER = "Kernels (*.json *.txt *.csv);;All files (*)"
_SAVE_FILTER = "Kernel as JSON (*.json);;Plain text (*.txt)"


class OwnKernelsMenu(QMenu):
    """Save, delete, import and export.

    Signals:
        imported(Kernel): a kernel was read from a file.
        saved(Kernel): the kernel on show is now kept under its new name.
        namesChanged(): there are other names.
    """

    imported = Signal(object)
    saved = Signal(object)
    namesChanged = Signal()

    def __init__(
        self, parent: QWidget, current: Callable[[], Kernel], tell: Callable[[str], None]
    ) -> None:
        """Build it. `current` returns the kernel on show, `tell` shows a sentence."""
        super().__init__(parent)
        self._current, self._tell = current, tell
        self.kernels = OwnKernels(paths.user_data() / "kernels.json")
        self.addAction("Save kernel as…", self._ask_name)
        self._delete = self.addMenu("Delete")
        self.addSeparator()
        self.addAction("Import from a file…", self._ask_import)
        self.addAction("Export to a file…", self._ask_export)
        self._fill()

    def tell_problem(self) -> None:
        """Say what was wrong with the kernels saved earlier, if anything."""
        if self.kernels.problem:
            self._tell(self.kernels.problem)

    def save(self, name: str) -> None:
        """Keep the kernel on show under `name`."""
        try:
            kernel = self.kernels.save(self._current(), name)
        except (ValueError, OSError) as error:
            self._tell(f"The kernel was not saved: {_reason(error)}")
            return
        self._changed()
        self.saved.emit(kernel)

    def delete(self, name: str) -> None:
        """Forget the kernel called `name`."""
        try:
            self.kernels.delete(name)
        except OSError as error:
            self._tell(f"The kernel {name} was not deleted: {_reason(error)}")
            return
        self._changed()

    def import_from(self, path: Path) -> None:
        """Read a kernel from JSON or plain text."""
        try:
            if path.stat().st_size > _LARGEST_FILE:
                raise ValueError("it is larger than any kernel.")
            text = path.read_text(encoding="utf-8-sig")
            is_json = text.lstrip().startswith("{")
            kernel = from_json(text) if is_json else from_text(text, path.stem)
        except UnicodeDecodeError:
            self._tell(f"{path.name} holds no kernel: it is no text file.")
        except (ValueError, OSError) as error:
            self._tell(f"{path.name} holds no kernel that can be used: {_reason(error)}")
        else:
            self.imported.emit(kernel)

    def export_to(self, path: Path) -> None:
        """Write the kernel on show as JSON or, by the name's ending, as plain text."""
        kernel = self._current()
        text = to_json(kernel) if path.suffix.lower() == ".json" else to_text(kernel)
        try:
            with whole(path) as part:
                part.write_text(text, encoding="utf-8")
        except OSError as error:
            self._tell(f"{path.name} was not written: {_reason(error)}")
        else:
            self._tell(f"Saved the kernel as {path}.")

    def _changed(self) -> None:
        self._fill()
        self.namesChanged.emit()

    def _fill(self) -> None:
        self._delete.clear()
        for name in self.kernels.names:
            self._delete.addAction(name, partial(self.delete, name))
        self._delete.setEnabled(bool(self.kernels.names))

    def _ask_name(self) -> None:
        dialog = QInputDialog(self.parentWidget())
        dialog.setWindowTitle("Save kernel")
        dialog.setLabelText("Name of the kernel:")
        dialog.setTextValue(self._current().name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.textValueSelected.connect(self.save)
        dialog.open()

    def _ask_import(self) -> None:
        dialog = self._file_dialog("Import a kernel", _OPEN_FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda text: self.import_from(Path(text)))
        dialog.open()

    def _ask_export(self) -> None:
        dialog = self._file_dialog("Export the kernel", _SAVE_FILTER)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix("txt" if "*.txt" in chosen else "json")
        )
        safe = "".join(c if c.isalnum() or c in "-_ ." else "-" for c in self._current().name)
        dialog.selectFile(f"{safe}.json")
        dialog.fileSelected.connect(lambda text: self.export_to(Path(text)))
        dialog.open()

    def _file_dialog(self, title: str, kinds: str) -> QFileDialog:
        dialog = QFileDialog(self.parentWidget(), title)
        dialog.setNameFilters(kinds.split(";;"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog


def _reason(error: Exception) -> str:
    """Return what an exception says, without the number and path of an OSError."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return said if said.endswith(".") else f"{said}."
