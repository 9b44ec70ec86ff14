"""Several files at once: makes their thumbnails in the background and follows the choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from visualizer.core.image import Image
from visualizer.core.reader import BadImage, read
from visualizer.core.thumbnail import thumbnail
from visualizer.state.session import Session, Shown
from visualizer.ui.background import Background, Job
from visualizer.ui.errors import unexpected
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.film_strip import FilmStrip

FILE_LIMIT = 100
_SENTENCES = 4  # reasons told in full; the rest is counted
_SIZE = (144, 228)  # height, width of a thumbnail in pixels: sharp at three times the usual size


@dataclass(frozen=True, eq=False)
class _Scanned:
    """One file of the strip: its thumbnail (H, W, 3), or why it has none."""

    row: int
    rgb: npt.NDArray[np.uint8] | None = None
    reason: str = ""
    first: Shown | None = None  # ready to be shown, of the first file that can be


class FileStrip(QObject):
    """Fills a FilmStrip with files.

    Signals:
        needed(bool): whether there is something to choose from.
        ready(object): the first file that can be shown, as Shown.
        wanted(object): the Path of the file that the user went to.
        refused(str): which files cannot be shown, and why.
    """

    needed = Signal(bool)
    ready = Signal(object)
    wanted = Signal(object)
    refused = Signal(str)

    def __init__(self, theme: Theme, session: Session, strip: FilmStrip, parent: QObject) -> None:
        super().__init__(parent)
        self._theme, self._session, self._strip = theme, session, strip
        self._paths: list[Path] = []
        self._reasons: list[str] = []
        self._undecided = False
        self._work = Background("thumbnails of files", self)
        self._work.reported.connect(self._scanned)
        self._work.done.connect(lambda _: self._finish())
        self._work.failed.connect(unexpected)
        strip.chosen.connect(self._choose)
        strip.closed.connect(self.clear)
        session.image_changed.connect(self._follow)

    def open(self, paths: Sequence[Path]) -> None:
        """List these files, and show the first one that can be."""
        self._paths, self._reasons = list(paths[:FILE_LIMIT]), []
        if len(paths) > FILE_LIMIT:
            self._reasons.append(f"Only the first {FILE_LIMIT} of {len(paths)} files are listed.")
        self._undecided = True
        self._strip.set_files([path.name for path in self._paths])
        self.needed.emit(True)
        color = self._theme.rgb("invalid")
        listed = tuple(self._paths)
        self._work.submit(lambda job: _scan(listed, color, job))

    def settle(self) -> None:
        """Leave the picture on show alone from now on, until the user chooses."""
        self._undecided = False

    def clear(self) -> None:
        """Forget the files; the picture on show stays."""
        self._work.cancel()
        self._paths = []
        self._strip.set_files([])
        self.needed.emit(False)

    def close_work(self) -> None:
        """End the thread and wait for it."""
        self._work.close()

    def _choose(self, row: int) -> None:
        self._undecided = False
        self.wanted.emit(self._paths[row])

    def _scanned(self, file: _Scanned) -> None:
        if file.rgb is None:
            self._strip.set_problem(file.row, file.reason)
            self._reasons.append(file.reason)
            return
        self._strip.set_picture(file.row, file.rgb)
        if file.first is not None and self._undecided:
            self._undecided = False
            self.ready.emit(file.first)

    def _finish(self) -> None:
        shown, more = self._reasons[:_SENTENCES], len(self._reasons) - _SENTENCES
        if more > 0:
            shown.append(f"And {more} more cannot be shown: point at them in the strip to see why.")
        if len(self._paths) - len(self._reasons) < 2:
            self.clear()
        if shown:
            self.refused.emit("\n".join(shown))

    def _follow(self, image: Image) -> None:
        path = self._session.source.path
        self._strip.set_current(self._paths.index(path) if path in self._paths else -1)


def _scan(paths: Sequence[Path], color: tuple[int, int, int], job: Job) -> None:
    found = False
    for row, path in enumerate(paths):
        job.check()
        try:
            image = read(path)
        except BadImage as bad:
            job.report(_Scanned(row, reason=bad.reason))
            continue
        first = None if found else Shown.of(image)
        found = True
        job.report(_Scanned(row, rgb=thumbnail(image, *_SIZE, color), first=first))
