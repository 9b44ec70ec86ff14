"""Getting at data that do not come along: a folder of images, or a download with consent."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QWidget

from visualizer.state.training import CLASSICS, TrainingModel
from visualizer.ui.pages.train_progress import ProgressLine
from visualizer.ui.preferences import Preferences

if TYPE_CHECKING:
    from visualizer.learning.progress import Progress

_DEFAULT = ("digits",)
STALLED_MS = 3000  # without a byte: the speed told last is no longer true


class DataSeeker:
    """Asks what is to be done about data that are not there.

    `fetch` downloads what is chosen; `drop` ends the reading of it, and the start of a run that
    reads it too.
    """

    def __init__(
        self,
        page: QWidget,
        model: TrainingModel,
        preferences: Preferences,
        line: ProgressLine,
        fetch: Callable[[], object],
        drop: Callable[[], object],
        refresh: Callable[[], object],
    ) -> None:
        self._page, self._model, self._line = page, model, line
        self._preferences = preferences
        self._fetch, self._drop, self._refresh = fetch, drop, refresh
        self._tells = False  # whether the line is taken up by progress
        self._last: Progress | None = None  # of a download
        self._silence = QTimer(page, singleShot=True, interval=STALLED_MS)
        self._silence.timeout.connect(self._show_stalled)
        self._asked = ""  # the question on the line

    def choose(self, words: tuple[str, ...]) -> None:
        """Learn from these data; a classic data set from where it was found before."""
        folder = self._preferences.data_folder(words[0]) if len(words) == 1 else ""
        self._model.choose_data((*words, folder) if folder else words)
        self._refresh()

    def choose_folder(self) -> None:
        """Let the user choose a folder of images to learn from."""
        folder = QFileDialog.getExistingDirectory(
            self._page, "A folder with a folder for each class"
        )
        if folder:
            self._model.choose_data(("folder", folder))
        self._refresh()

    def offer(self, reason: str) -> bool:
        """Ask what to do about a classic data set that is not there, saying why.

        Return False when there is nothing to be offered.
        """
        name, *place = self._model.settings.data
        if name not in CLASSICS:
            return False
        from visualizer.learning import classics  # imported already: it has not found them

        beside = map(Path, filter(None, map(self._preferences.data_folder, CLASSICS)))
        if not place and (near := classics.home_of(name, *beside)):
            self._choose_in(str(near))
            return True
        answers = [
            (f"Download {classics.CLASSICS[name].megabytes} MB", self._download),
            ("Use data in…", self._choose_place),
            ("Digits instead", self._give_up),
        ]
        self._line.ask(reason, answers)
        self._asked = reason
        return True

    def take_back(self) -> None:
        """Put the question about missing data away, while others are looked at."""
        if self._asked and self._line.sentence == self._asked:
            self._line.withdraw()
        self._asked = ""

    def show(self, progress: "Progress") -> None:
        """Show how far a download or the reading of a folder is."""
        if not self._line.sentence:
            self._line.ask(progress.doing, [("Cancel", self._cancel)])
            self._tells = True
        if self._tells:
            self._line.say(in_words(progress))
        if progress.unit == "bytes":
            self._last = progress
            self._silence.start()

    def settle(self) -> None:
        """Put the progress away: it has come to its end."""
        self._silence.stop()
        if self._tells:
            self._tells = False
            self._line.withdraw()

    def _choose_place(self) -> None:
        name = self._model.settings.data[0]
        title = f"The folder that holds {CLASSICS[name]}"
        folder = QFileDialog.getExistingDirectory(self._page, title)
        if folder:
            self._choose_in(folder)
        else:
            self._give_up()

    def _choose_in(self, folder: str) -> None:
        """Take the data set from this folder, now and at the next start."""
        name = self._model.settings.data[0]
        self._preferences.keep_data_folder(name, folder)
        self._model.choose_data((name, folder))

    def _download(self) -> None:
        """Fetch what is missing: to the usual place when the one chosen is gone, as a stick is."""
        name, *place = self._model.settings.data
        if place and not Path(*place).is_dir():
            self._preferences.keep_data_folder(name, "")
            self._model.choose_data((name,))
        self._fetch()

    def _show_stalled(self) -> None:
        """Say that nothing has come for a while, until something does."""
        if self._tells and self._last is not None:
            self._line.say(f"{in_words(replace(self._last, speed=0.0))}, waiting for the server")

    def _cancel(self) -> None:
        self._silence.stop()
        self._tells = False
        self._drop()
        self._give_up()

    def _give_up(self) -> None:
        self._model.choose_data(_DEFAULT)


def in_words(progress: "Progress") -> str:
    """Return how far some work is: "Downloading MNIST: 3.1 of 11.6 MB, 2.0 MB/s"."""
    scale, unit = (1e6, "MB") if progress.unit == "bytes" else (1, progress.unit)
    digits = 1 if scale > 1 else 0
    text = f"{progress.doing}: {progress.done / scale:,.{digits}f}"
    if progress.total:
        text += f" of {progress.total / scale:,.{digits}f}"
    text += f" {unit}"
    if progress.speed:
        text += f", {progress.speed / scale:,.{digits}f} {unit}/s"
    return text
