"""What leaves a page that makes a map: the map, its numbers, a script; of a filter also a film."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from visualizer.core import saving
from visualizer.core.as_python import MAX_INLINE, filter_script
from visualizer.core.display import Rgb8
from visualizer.core.image import Image
from visualizer.paths import user_data
from visualizer.state.filters import FilterFrame
from visualizer.ui.background import Background
from visualizer.ui.context import Context
from visualizer.ui.errors import unexpected
from visualizer.ui.saver import Saver

GIF_FPS, VIDEO_FPS = 10.0, 20.0

Tick = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class ExportedMap:
    """A map as it can be taken away.

    Attributes:
        name: for its files.
        values: (H, W, K), the raw numbers.
        bands: the names of the K maps.
        painted: returns it as it is shown, (H, W, 3).
        script: returns a torch script that makes it.
    """

    name: str
    values: npt.NDArray[np.float32]
    bands: Sequence[str]
    painted: Callable[[], Rgb8]
    script: Callable[[], str]


# Returns the map on show, or None while there is none yet.
Current = Callable[[], ExportedMap | None]


class MapExports(QObject):
    """Registers the Export menu of a page, and does what it says."""

    def __init__(
        self, context: Context, page: QWidget, title: str, prefix: str, what: str, current: Current
    ) -> None:
        """Register commands called `prefix`.png and so on, for the map called `what`."""
        super().__init__(page)
        self._context = context
        self._what = what
        self._current = current
        self._saver = Saver(context, page)
        self._copying = Background("copying", self)
        self._copying.done.connect(self._put_on_clipboard)
        self._copying.failed.connect(self._copy_failed)
        self._add = partial(context.actions.add, menu="Export", page=title)
        for key, text, run, keys in (
            ("png", f"Save {what} as PNG…", self.save_png, "Ctrl+S"),
            ("npy", "Save numbers as NumPy…", self.save_npy, ""),
            ("csv", "Save numbers as CSV…", self.save_csv, "Ctrl+Shift+S"),
            ("copy", f"Copy {what}", self.copy, "Ctrl+Shift+C"),
            ("python", "Copy as Python", self.copy_script, "Ctrl+Alt+C"),
        ):
            self._add(f"{prefix}.{key}", text, run, shortcuts=keys or ())

    def close_work(self) -> None:
        """End the threads; a file half written goes."""
        self._saver.close()
        self._copying.close()

    def save_png(self) -> None:
        """Save the map as it is shown."""
        if shown := self._map():
            self._saver.ask(
                f"Save {self._what}", f"{shown.name}.png", "PNG picture (*.png)",
                lambda path, tick: saving.write_png(path, shown.painted()),
            )  # fmt: skip

    def save_npy(self) -> None:
        """Save the raw numbers for NumPy."""
        if shown := self._map():
            self._saver.ask(
                "Save numbers", f"{shown.name}.npy", "NumPy array (*.npy)",
                lambda path, tick: saving.write_npy(path, shown.values),
            )  # fmt: skip

    def save_csv(self) -> None:
        """Save the raw numbers as text."""
        if shown := self._map():
            self._saver.ask(
                "Save numbers", f"{shown.name}.csv", "Comma-separated values (*.csv)",
                lambda path, tick: saving.write_csv(path, shown.values, shown.bands),
            )  # fmt: skip

    def copy(self) -> None:
        """Put the map on the clipboard as a picture."""
        if shown := self._map():
            self._copying.submit(lambda job: _bitmap(shown.painted()))

    def copy_script(self) -> None:
        """Put a torch script on the clipboard that makes the same map."""
        if shown := self._map():
            self._copying.submit(lambda job: shown.script())

    def _map(self) -> ExportedMap | None:
        shown = self._current()
        if shown is None:
            self._context.tell(f"The {self._what} is still being computed: try again in a moment.")
        return shown

    def _put_on_clipboard(self, made: QImage | str) -> None:
        clipboard = QGuiApplication.clipboard()
        if isinstance(made, str):
            clipboard.setText(made)
            self._context.done(f"Copied a script for torch that makes this {self._what}.")
        else:
            clipboard.setImage(made)
            self._context.done(f"Copied the {self._what}, {made.height()} × {made.width()} cells.")

    def _copy_failed(self, error: Exception) -> None:
        if isinstance(error, OSError):
            self._context.tell(
                f"The picture's numbers could not be saved for the script: {error.strerror}. "
                f"Make room in {user_data()}."
            )
        else:
            unexpected(error)


# Returns the frame on show, or None while there is none yet.
Frames = Callable[[], FilterFrame | None]
# Returns a frame's input and feature map as they are shown, each (H, W, 3).
Painted = Callable[[FilterFrame], tuple[Rgb8, Rgb8]]


class FilterExports(MapExports):
    """The Export menu of the Filters page: also the stepping, as a film."""

    def __init__(self, context: Context, page: QWidget, frames: Frames, painted: Painted) -> None:
        super().__init__(context, page, "Filters", "export", "feature map", self._exported)
        self._frames = frames
        self._painted = painted
        self._add("export.gif", "Save stepping as GIF…", self.save_gif)
        self._add("export.video", "Save stepping as video…", self.save_video)

    def save_gif(self) -> None:
        """Save the stepping as an animated GIF."""
        self._film("GIF animation (*.gif)", "gif", GIF_FPS)

    def save_video(self) -> None:
        """Save the stepping as WebM or MP4, by the name's ending."""
        self._film("WebM video (*.webm);;MP4 video (*.mp4)", "webm", VIDEO_FPS)

    def _exported(self) -> ExportedMap | None:
        frame = self._frames()
        if frame is None:
            return None
        return ExportedMap(
            _name(frame), frame.feature, frame.bands, lambda: self._painted(frame)[1],
            lambda: _script(frame),
        )  # fmt: skip

    def _film(self, kinds: str, ending: str, fps: float) -> None:
        from visualizer.core import film  # the drawing tools are loaded when they are needed

        frame, shown = self._frames(), self._map()
        if frame is None or shown is None:
            return
        colors = self._context.theme.colors
        style = film.Style(
            **{name: getattr(colors, name) for name in film.Style.__dataclass_fields__}
        )

        def write(path: Path, tick: Tick) -> None:
            scene = film.Scene(*self._painted(frame), frame.geometry, frame.cell,
                               frame.settings.kernel.name, frame.image.name,
                               frame.settings.activation, frame.pixels, frame.feature)  # fmt: skip
            writer = film.write_gif if path.suffix.lower() == ".gif" else film.write_video
            writer(film.Painter(scene, style), film.plan(scene.count, fps), path, tick)

        self._saver.ask("Save stepping", f"{shown.name}.{ending}", kinds, write)


def _bitmap(pixels: Rgb8) -> QImage:
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def saved_pixels(image: Image) -> Path | None:
    """Save a picture too large to be written into a script, and return where; None if it is not.

    Raises OSError.
    """
    if max(image.height, image.width) <= MAX_INLINE:
        return None
    folder = user_data() / "scripts"
    folder.mkdir(exist_ok=True)
    saved = folder / f"{file_name(Path(image.name).stem)}.npy"
    saving.write_npy(saved, image.pixels)
    return saved


def file_name(text: str) -> str:
    """Return a text as it can be in a file's name."""
    return re.sub(r"[^\w.]+", "-", text.replace("×", "x"))


def _script(frame: FilterFrame) -> str:
    image, settings = frame.image, frame.settings
    return filter_script(
        image, settings.kernel, frame.geometry, applied_to=settings.applied_to,
        channel=settings.channel, bias=settings.bias, activation=settings.activation,
        flip=settings.flip, saved=saved_pixels(image),
    )  # fmt: skip


def _name(frame: FilterFrame) -> str:
    names = Path(frame.image.name).stem, frame.settings.kernel.name
    return file_name("-".join(dict.fromkeys(names)))  # an example gives both the same name
