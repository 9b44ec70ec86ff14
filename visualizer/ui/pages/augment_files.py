"""What comes in and goes out on the Augment page: pipelines, their script, images."""

from collections.abc import Callable, Iterator
from functools import partial
from math import ceil, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

from visualizer.core import saving
from visualizer.learning import pipeline as pipelines
from visualizer.learning.pipeline_script import pipeline_script
from visualizer.state import augment_export
from visualizer.state.augment import AugmentModel
from visualizer.state.augment_work import Floats, Material, of_class
from visualizer.ui.context import Context
from visualizer.ui.pages.augment_engine import Made
from visualizer.ui.saver import Saver

if TYPE_CHECKING:
    from visualizer.learning.datasets import DataSet

_KIND = "Pipeline (*.json)"
MOST_EACH = 10_000


class Shown(Protocol):
    """What there is to save."""

    model: AugmentModel
    material: Material | None
    made: Made | None
    dataset: "DataSet | None"

    @property
    def pixels(self) -> Floats | None:
        """The image that is augmented."""


class AugmentFiles:
    """Registers the commands, and does what they say.

    Attributes:
        actions: those about the pipeline, for a menu.
    """

    def __init__(self, context: Context, page: QWidget, shown: Shown) -> None:
        self._context, self._page, self._shown = context, page, shown
        self._saver = Saver(context, page)
        self._folder = QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.DocumentsLocation
        )
        add = partial(context.actions.add, menu="Export", page="Augment")
        self.actions: list[QAction] = [
            add("augment.open", "Open pipeline…", self.ask_open,
                tip="Take a pipeline out of a JSON file"),
            add("augment.save", "Save pipeline…", self.ask_save, shortcuts="Ctrl+Shift+S",
                tip="Write the pipeline to a JSON file"),
            add("augment.copy", "Copy as Python", self.copy_script, shortcuts="Ctrl+Alt+C",
                tip="A script with torchvision's transforms that does the same"),
        ]  # fmt: skip
        add("augment.png", "Save grid as PNG…", self.save_grid, shortcuts="Ctrl+S",
            tip="The results on show as one picture")  # fmt: skip
        add("augment.images", "Save augmented images…", self.ask_images,
            tip="So many images of each class, into a new folder")  # fmt: skip

    def close_work(self) -> None:
        """End the thread; what is half written goes."""
        self._saver.close()

    def ask_open(self) -> None:
        """Ask which pipeline to open."""
        dialog = self._dialog("Open a pipeline", self.open)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.open()

    def ask_save(self) -> None:
        """Ask where to save the pipeline."""
        dialog = self._dialog("Save the pipeline", self.save)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.selectFile(f"{self._shown.model.settings.pipeline.name}.json")
        dialog.open()

    def open(self, file: Path) -> None:
        """Take the pipeline in a file, or say why not."""
        try:
            pipeline = pipelines.load(file)
        except ValueError as error:
            self._context.tell(str(error))
            return
        self._shown.model.put("open pipeline", pipeline)
        self._context.done(f"Opened {file.name}.")

    def save(self, file: Path) -> None:
        """Write the pipeline."""
        try:
            pipelines.save(self._shown.model.settings.pipeline, file)
        except OSError as error:
            why = error.strerror or error
            self._context.tell(f"{file.name} could not be saved: {why}. Choose another folder.")
            return
        self._context.done(f"Saved {file.name} in {file.parent}.")

    def copy_script(self) -> None:
        """Put a script on the clipboard, for images like the one on show."""
        pixels = self._shown.pixels
        channels, height, width = (3, 224, 224) if pixels is None else pixels.shape
        script = pipeline_script(self._shown.model.settings.pipeline, height, width, channels)
        QGuiApplication.clipboard().setText(script)
        self._context.done(
            f"Copied a script for torchvision, for images of {channels} × {height} × {width}."
        )

    def save_grid(self) -> None:
        """Ask where to save the results, as one picture."""
        made = self._shown.made
        if made is None:
            self._context.tell("The results are still being made: try again in a moment.")
            return
        images = made.results.images
        columns = ceil(sqrt(len(images)))
        self._saver.ask(
            "Save the grid", f"augmented-{made.pipeline.name}.png", "PNG picture (*.png)",
            lambda path, tick: saving.write_png(path, augment_export.grid(images, columns)),
        )  # fmt: skip

    def ask_images(self) -> None:
        """Ask how many images, and where to."""
        if self._shown.material is None:
            self._context.tell("There is no image to augment yet: choose a source first.")
            return
        has_classes = self._shown.model.settings.source == "class"
        question = f"How many images{' of each class' if has_classes else ' to save'}?"
        each, agreed = QInputDialog.getInt(
            self._page, "Save augmented images", question, 20, 1, MOST_EACH
        )
        if agreed:
            folder = QFileDialog.getExistingDirectory(
                self._page, "Where to put a new folder of images", self._folder
            )
            if folder:
                self.save_images(Path(folder), each)

    def save_images(self, parent: Path, each: int) -> None:
        """Write images into a new folder in `parent`, where nothing is overwritten."""
        settings, shown = self._shown.model.settings, self._shown
        assert shown.material is not None
        material, dataset = shown.material, shown.dataset
        is_data = settings.source == "class" and dataset is not None
        title = dataset.title if is_data and dataset is not None else material.names[0]
        folder = augment_export.fresh_folder(
            parent, augment_export.safe(f"{Path(title).stem} augmented")
        )

        def classes() -> Iterator[tuple[str, Material]]:
            if is_data and dataset is not None:
                for label, name in enumerate(dataset.class_names):
                    yield name, of_class(dataset, label)
            else:
                yield Path(settings.folder or title).stem, material

        self._saver.save(
            folder,
            lambda path, tick: augment_export.write_images(
                path, classes(), settings.pipeline, each, settings.seed, tick
            ),
        )

    def _dialog(self, title: str, take: Callable[[Path], None]) -> QFileDialog:
        dialog = QFileDialog(self._page, title, self._folder)
        dialog.setNameFilter(_KIND)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def chosen(text: str) -> None:
            self._folder = str(Path(text).parent)
            take(Path(text))

        dialog.fileSelected.connect(chosen)
        return dialog
