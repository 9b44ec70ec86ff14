"""Everything that brings a picture in, or takes it out through the clipboard, and its commands."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QStandardPaths, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QDialog, QFileDialog, QMenu, QWidget

from visualizer.core import reader, samples
from visualizer.core.image import Image
from visualizer.core.thumbnail import rgb8
from visualizer.state.matrix import SIDE_LIMIT, MatrixDraft
from visualizer.state.session import Shown
from visualizer.ui.background import Background
from visualizer.ui.context import Context
from visualizer.ui.drop_target import DropTarget
from visualizer.ui.errors import unexpected
from visualizer.ui.file_strip import FileStrip
from visualizer.ui.incoming import (
    Bitmap,
    Encoded,
    Files,
    Grid,
    Incoming,
    LongText,
    from_bitmap,
    picture_of,
    unpack,
)
from visualizer.ui.loader import Loader
from visualizer.ui.preferences import RECENT_LIMIT
from visualizer.ui.source_bar import SourceBar
from visualizer.ui.tooltips import plain


class Sources(QObject):
    """Opens, drops, pastes, copies; recent files, samples, webcam, matrices, frames and bands.

    Reading happens off the GUI thread. What cannot be shown is told in a sentence, and the
    picture on show stays. `bar` belongs under the window's header. Dialogs are imported when they
    are opened, which need not be.
    """

    def __init__(self, context: Context, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._session = context.session
        self._window = window
        self._recent: list[str] = []
        self._encoded: WeakKeyDictionary[Image, Encoded] = WeakKeyDictionary()
        self._thumbnails: dict[str, npt.NDArray[np.uint8]] = {}
        self._wanted_frame: int | None = None
        self._reader = Loader("picture reader", self)
        self._derived = Loader("frames and bands", self)
        self._copying = Background("copy", self)
        self._samples_menu = QMenu("Samples", window)
        self.bar = SourceBar(context.theme, context.session)
        self._strip = FileStrip(context.theme, context.session, self.bar.strip, self)
        self._drops = DropTarget(context.theme, window)
        self._connect()
        self._add_commands()

    @property
    def recent(self) -> list[str]:
        """Paths of the files opened last, newest first."""
        return list(self._recent)

    def set_recent(self, paths: list[str]) -> None:
        """Replace the recent files, as remembered from an earlier start."""
        self._recent = paths[:RECENT_LIMIT]

    def open_path(self, path: Path) -> None:
        """Read a file and put it on show."""
        self._load(path.name, lambda: reader.read(path))

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open one file, or list several in the strip and show the first good one."""
        if len(paths) == 1:
            self.open_path(paths[0])
        elif paths:
            self._reader.cancel()
            self._strip.open(paths)

    def open_sample(self, key: str) -> None:
        """Put one of the bundled photographs on show."""
        self._load(key, lambda: samples.load(key))

    def take(self, incoming: Incoming) -> None:
        """Open what was dropped or pasted."""
        if isinstance(incoming, Files):
            self.open_paths(incoming.paths)
        elif isinstance(incoming, Encoded):
            self._load(incoming.name, lambda: self._decode(incoming))
        elif isinstance(incoming, Bitmap):
            self._load(incoming.name, lambda: from_bitmap(incoming.image, incoming.name))
        elif isinstance(incoming, Grid):
            self._take_numbers(incoming.values)
        elif isinstance(incoming, LongText):
            self._load("numbers", lambda: picture_of(incoming))
        else:
            self._context.tell(incoming.reason)

    def paste(self) -> None:
        """Open what is on the clipboard."""
        self.take(unpack(QGuiApplication.clipboard().mimeData(), "pasted"))

    def copy(self) -> None:
        """Put the picture on show on the clipboard."""
        image, color = self._session.image, self._context.theme.rgb("invalid")
        self._copying.submit(lambda job: (_bitmap(rgb8(image, color)), image.name))

    def choose_files(self) -> None:
        """Ask for files."""
        dialog = QFileDialog(self._window, "Open pictures", self._folder())
        dialog.setNameFilter(reader.FILE_DIALOG_FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.open_paths([Path(n) for n in names]))
        dialog.open()

    def choose_sample(self) -> None:
        """Show the gallery."""
        from visualizer.ui.dialogs.gallery import GalleryDialog

        dialog = GalleryDialog(self._context.theme, self._thumbnails, self._window)
        dialog.chosen.connect(self.open_sample)
        dialog.open()

    def open_webcam(self, source: int | str = 0) -> None:
        """Show the camera's picture; `source` is its number, or the path of a film."""
        from visualizer.ui.dialogs.webcam import WebcamDialog

        dialog = WebcamDialog(self._context.theme, source, self._window)
        dialog.frozen.connect(self._take_frame)
        dialog.open()

    def new_matrix(self) -> None:
        """Ask for a small grid of numbers."""
        self._type_matrix(MatrixDraft.from_array(np.zeros((5, 5), np.uint8)), "")

    def edit_matrix(self) -> None:
        """Edit the numbers of the picture on show, which must be a small one."""
        image = self._session.image
        self._type_matrix(MatrixDraft.from_array(image.pixels), image.name)

    def fill_menu(self, menu: QMenu) -> None:
        """Put into `menu` every way to another picture; recent files first."""
        for text in self._recent:
            path = Path(text)
            action = menu.addAction(path.name.replace("&", "&&"))
            action.setToolTip(plain(text))
            action.triggered.connect(lambda _, p=path: self.open_path(p))
        menu.setToolTipsVisible(True)
        menu.addSeparator()
        menu.addMenu(self._samples_menu)
        for group in (
            ("file.gallery", "file.webcam"),
            ("file.matrix", "file.edit_matrix"),
            ("file.open", "edit.paste"),
        ):
            menu.addActions([self._context.actions[key] for key in group])
            menu.addSeparator()

    def close_work(self) -> None:
        """Close what asks for a picture; end every thread and wait for it."""
        for dialog in self._window.findChildren(QDialog):
            dialog.reject()
        for work in (self._reader, self._derived, self._copying):
            work.close()
        self._strip.close_work()

    def _connect(self) -> None:
        tell = self._context.tell
        self._reader.refused.connect(tell)
        self._reader.busy_changed.connect(self.bar.show_busy)
        self._derived.refused.connect(self._refuse_frame)
        self._copying.done.connect(self._put_on_clipboard)
        self._copying.failed.connect(unexpected)
        self._strip.needed.connect(self.bar.show_strip)
        self._strip.ready.connect(self._show_first)
        self._strip.wanted.connect(self._show_of_strip)
        self._strip.refused.connect(tell)
        self._drops.received.connect(self.take)
        self.bar.cancelled.connect(self._reader.cancel)
        self.bar.frames.frameChosen.connect(self._choose_frame)
        self.bar.bands.picked.connect(self._choose_bands)
        self._session.image_changed.connect(self._follow)
        for sample in samples.SAMPLES:
            action = self._samples_menu.addAction(sample.title)
            action.triggered.connect(lambda _, k=sample.key: self.open_sample(k))

    def _add_commands(self) -> None:
        small = f"{SIDE_LIMIT} × {SIDE_LIMIT}"
        for key, text, run, keys, tip in (
            ("file.open", "&Open…", self.choose_files, "Ctrl+O",
             "Open one or several picture files"),
            ("file.gallery", "&Gallery", self.choose_sample, "Ctrl+G",
             "Choose one of the pictures that come along"),
            ("file.webcam", "&Webcam", self.open_webcam, "Ctrl+Shift+W",
             "Take a picture with a camera"),
            ("file.matrix", "&New matrix…", self.new_matrix, "Ctrl+N",
             "Type or paste a small grid of numbers"),
            ("file.edit_matrix", "&Edit this matrix…", self.edit_matrix, "Ctrl+Shift+N",
             f"Change the numbers of a picture of at most {small}"),
            ("edit.copy", "&Copy input picture", self.copy, "Ctrl+C",
             "Copy the picture that was opened, as it was read"),
            ("edit.paste", "&Paste", self.paste, "Ctrl+V",
             "Open the picture, the file or the numbers on the clipboard"),
        ):  # fmt: skip
            menu = "File" if key.startswith("file.") else "Edit"
            self._context.actions.add(key, text, run, menu=menu, shortcuts=keys, tip=tip)
        self._follow(self._session.image)

    def _load(self, what: str, make: Callable[[], Image]) -> None:
        self._strip.settle()
        self._reader.load(what, lambda: Shown.of(make()), self._show_other)

    def _show_other(self, shown: Shown) -> None:
        self._strip.clear()
        self._show(shown)

    def _show_first(self, shown: Shown) -> None:
        self._show(shown)
        self.bar.strip.thumbnails.setFocus()

    def _show_of_strip(self, path: Path) -> None:
        self._reader.load(path.name, lambda: Shown.of(reader.read(path)), self._show)

    def _show(self, shown: Shown) -> None:
        self._derived.cancel()
        self._session.put(shown, f"open {shown.source.name}")
        if shown.source.path is not None:
            text = str(shown.source.path.absolute())
            self._recent = [text, *(p for p in self._recent if p != text)][:RECENT_LIMIT]

    def _decode(self, encoded: Encoded, frame: int = 0) -> Image:
        image = reader.read_bytes(encoded.data, encoded.name, frame)
        if image.frame_count > 1:
            self._encoded[image] = encoded
        return image

    def _take_numbers(self, values: npt.NDArray[np.float64]) -> None:
        if max(values.shape) <= SIDE_LIMIT:
            self._type_matrix(MatrixDraft.from_array(values), "")
        else:
            self._load("numbers", lambda: picture_of(Grid(values)))

    def _take_frame(self, rgb: npt.NDArray[np.uint8]) -> None:
        name = f"webcam {datetime.now():%H:%M:%S}"
        self._load(name, lambda: Image.from_array(rgb, name))

    def _type_matrix(self, draft: MatrixDraft, name: str) -> None:
        from visualizer.ui.dialogs.matrix import MatrixDialog

        dialog = MatrixDialog(self._context.theme, draft, name, self._window)
        dialog.made.connect(lambda image: self._load(image.name, lambda: image))
        dialog.open()

    def _choose_frame(self, frame: int) -> None:
        """Remember the frame asked for: the newest is read as soon as the one before is there."""
        self._wanted_frame = frame
        if not self._derived.busy:
            self._read_frame()

    def _read_frame(self) -> None:
        source, frame, picked = self._session.source, self._wanted_frame, self._session.picked
        self._wanted_frame = None
        if frame is None or frame == source.frame:
            return
        encoded, path = self._encoded.get(source), source.path

        def make() -> Shown:
            if encoded is not None:
                return Shown.of(self._decode(encoded, frame), picked)
            assert path is not None, "a picture of several frames is a file or has its bytes kept"
            return Shown.of(reader.read(path, frame), picked)

        self._derived.load(source.name, make, lambda shown: self._show_frame(source, shown))

    def _show_frame(self, source: Image, shown: Shown) -> None:
        if self._session.source is source:
            self._session.put(shown, "choose frame", merge="frame")
            self._read_frame()

    def _refuse_frame(self, reason: str) -> None:
        self._wanted_frame = None
        self.bar.follow()
        self._context.tell(reason)

    def _choose_bands(self, indices: tuple[int, ...]) -> None:
        source = self._session.source
        self._derived.load(
            source.name,
            lambda: Shown.of(source, indices),
            lambda shown: self._session.put(shown, "choose bands"),
        )

    def _follow(self, image: Image) -> None:
        small = max(image.height, image.width) <= SIDE_LIMIT
        self._context.actions["file.edit_matrix"].setEnabled(small)

    def _put_on_clipboard(self, copied: tuple[QImage, str]) -> None:
        bitmap, name = copied
        QGuiApplication.clipboard().setImage(bitmap)
        self._context.done(f"{name} is on the clipboard.")

    def _folder(self) -> str:
        pictures = QStandardPaths.StandardLocation.PicturesLocation
        likely = [Path(text).parent for text in self._recent[:1]]
        likely.append(Path(QStandardPaths.writableLocation(pictures)))
        return str(next((folder for folder in likely if folder.is_dir()), Path.home()))


def _bitmap(rgb: npt.NDArray[np.uint8]) -> QImage:
    """Return a QImage with its own copy of (H, W, 3) uint8."""
    height, width = rgb.shape[:2]
    return QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
