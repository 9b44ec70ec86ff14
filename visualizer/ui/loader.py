"""Makes one picture at a time ready off the GUI thread; the newest request wins."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from visualizer.core.reader import BadImage
from visualizer.state.session import Shown
from visualizer.ui.background import Background
from visualizer.ui.errors import unexpected

PATIENCE_MS = 1000


class Loader(QObject):
    """Runs functions that make what will be on show.

    Signals:
        refused(str): why a picture cannot be shown, one sentence.
        busy_changed(str): what is being read, once it takes longer than PATIENCE_MS; "" at the
            end.
    """

    refused = Signal(str)
    busy_changed = Signal(str)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = Background(name, self, passes_by=True)
        self._work.done.connect(self._finish)
        self._work.failed.connect(self._fail)
        self._then: Callable[[Shown], object] = lambda shown: None
        self._what = ""
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(lambda: self.busy_changed.emit(f"Reading {self._what}…"))

    @property
    def busy(self) -> bool:
        """Whether a picture is being read."""
        return self._work.busy

    def load(self, what: str, make: Callable[[], Shown], then: Callable[[Shown], object]) -> None:
        """Call `make()` in a thread, then `then(shown)` here; what was being read is dropped.

        `make` raises BadImage for a picture that cannot be shown.
        """
        self._what, self._then = what, then
        if not self._patience.isActive():
            self._patience.start()
        self._work.submit(lambda job: make())

    def cancel(self) -> None:
        """Drop what is being read; the picture on show stays."""
        self._work.cancel()
        self._rest()

    def close(self) -> None:
        """End the thread and wait for it."""
        self._rest()
        self._work.close()

    def _finish(self, shown: Shown) -> None:
        self._rest()
        self._then(shown)

    def _fail(self, error: Exception) -> None:
        self._rest()
        if isinstance(error, BadImage):
            self.refused.emit(error.reason)
        else:
            unexpected(error)

    def _rest(self) -> None:
        self._patience.stop()
        self.busy_changed.emit("")
