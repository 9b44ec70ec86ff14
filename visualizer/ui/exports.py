"""What leaves the Filters page: the feature map, the film of the stepping, the script."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from visualizer.core import saving
from visualizer.core.as_python import MAX_INLINE, filter_script
from visualizer.core.display import Rgb8
from visualizer.paths import user_data
from visualizer.state.filters import FilterFrame
from visualizer.ui.background import Background
from visualizer.ui.context import Context
from visualizer.ui.errors import unexpected
from visualizer.ui.saver import Saver

GIF_FPS, VIDEO_FPS = 10.0, 20.0

Tick = Callable[[float], None]
# Returns the frame on show, or None while there is none yet.
Frames = Callable[[], FilterFrame | None]
# Returns a frame's input and feature map as they are shown, each (H, W, 3).
Painted = Callable[[FilterFrame], tuple[Rgb8, Rgb8]]


class FilterExports(QObject):
    """Registers the Export menu of the Filters page, and does what it says."""

    def __init__(self, context: Context, page: QWidget, frames: Frames, painted: Painted) -> None:
        super().__init__(page)
        self._context = context
        self._frames = frames
        self._painted = painted
        self._saver = Saver(context, page)
        self._copying = Background("copying", self)
        self._copying.done.connect(self._put_on_clipboard)
        self._copying.failed.connect(self._copy_failed)
        for key, text, run, keys in (
            ("png", "Save feature map as PNG…", self.save_png, "Ctrl+S"),
            ("npy", "Save numbers as NumPy…", self.save_npy, ""),
            ("csv", "Save numbers as CSV…", self.save_csv, "Ctrl+Shift+S"),
            ("copy", "Copy feature map", self.copy, "Ctrl+Shift+C"),
            ("python", "Copy as Python", self.copy_script, "Ctrl+Alt+C"),
            ("gif", "Save stepping as GIF…", self.save_gif, ""),
            ("video", "Save stepping as video…", self.save_video, ""),
        ):
            context.actions.add(
                f"export.{key}", text, run, menu="Export", page="Filters", shortcuts=keys or ()
            )

    def close_work(self) -> None:
        """End the threads; a file half written goes."""
        self._saver.close()
        self._copying.close()

    def save_png(self) -> None:
        """Save the feature map as it is shown."""
        if frame := self._frame():
            self._saver.ask(
                "Save feature map", _name(frame, "png"), "PNG picture (*.png)",
                lambda path, tick: saving.write_png(path, self._painted(frame)[1]),
            )  # fmt: skip

    def save_npy(self) -> None:
        """Save the raw numbers for NumPy."""
        if frame := self._frame():
            self._saver.ask(
                "Save numbers", _name(frame, "npy"), "NumPy array (*.npy)",
                lambda path, tick: saving.write_npy(path, frame.feature),
            )  # fmt: skip

    def save_csv(self) -> None:
        """Save the raw numbers as text."""
        if frame := self._frame():
            self._saver.ask(
                "Save numbers", _name(frame, "csv"), "Comma-separated values (*.csv)",
                lambda path, tick: saving.write_csv(path, frame.feature, frame.bands),
            )  # fmt: skip

    def save_gif(self) -> None:
        """Save the stepping as an animated GIF."""
        self._film("GIF animation (*.gif)", "gif", GIF_FPS)

    def save_video(self) -> None:
        """Save the stepping as WebM or MP4, by the name's ending."""
        self._film("WebM video (*.webm);;MP4 video (*.mp4)", "webm", VIDEO_FPS)

    def copy(self) -> None:
        """Put the feature map on the clipboard as a picture."""
        if frame := self._frame():
            self._copying.submit(lambda job: _bitmap(self._painted(frame)[1]))

    def copy_script(self) -> None:
        """Put a torch script on the clipboard that makes the same feature map."""
        if frame := self._frame():
            self._copying.submit(lambda job: _script(frame))

    def _frame(self) -> FilterFrame | None:
        frame = self._frames()
        if frame is None:
            self._context.tell("The feature map is still being computed: try again in a moment.")
        return frame

    def _film(self, kinds: str, ending: str, fps: float) -> None:
        from visualizer.core import film  # the drawing tools are loaded when they are needed

        if not (frame := self._frame()):
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

        self._saver.ask("Save stepping", _name(frame, ending), kinds, write)

    def _put_on_clipboard(self, made: QImage | str) -> None:
        clipboard = QGuiApplication.clipboard()
        if isinstance(made, str):
            clipboard.setText(made)
            self._context.done("Copied a script for torch that makes this feature map.")
        else:
            clipboard.setImage(made)
            self._context.done(f"Copied the feature map, {made.height()} × {made.width()} cells.")

    def _copy_failed(self, error: Exception) -> None:
        if isinstance(error, OSError):
            self._context.tell(
                f"The picture's numbers could not be saved for the script: {error.strerror}. "
                f"Make room in {user_data()}."
            )
        else:
            unexpected(error)


def _bitmap(pixels: Rgb8) -> QImage:
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def _script(frame: FilterFrame) -> str:
    """Return the script; a picture too large to be written into it is saved for it."""
    image, settings = frame.image, frame.settings
    saved = None
    if max(image.height, image.width) > MAX_INLINE:
        folder = user_data() / "scripts"
        folder.mkdir(exist_ok=True)
        saved = folder / f"{_safe(Path(image.name).stem)}.npy"
        with saving.whole(saved) as part, part.open("wb") as file:
            np.save(file, image.pixels)
    return filter_script(
        image, settings.kernel, frame.geometry, applied_to=settings.applied_to,
        channel=settings.channel, bias=settings.bias, activation=settings.activation,
        flip=settings.flip, saved=saved,
    )  # fmt: skip


def _name(frame: FilterFrame, ending: str) -> str:
    return f"{_safe(f'{Path(frame.image.name).stem}-{frame.settings.kernel.name}')}.{ending}"


def _safe(text: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in text)
