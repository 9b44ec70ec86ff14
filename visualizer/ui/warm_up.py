"""Imports torch before it is needed: once nobody has touched the window for a while."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer

from visualizer.ui.background import Background, Job

IDLE_MS = 2000

_INPUT = {
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
    QEvent.Type.DragMove,
}


class WarmUp(QObject):
    """Imports in a thread, which holds the window up in pieces: not while it is being used."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._has_begun = False
        self._work = Background("torch", self)
        self._idle = QTimer(self, interval=IDLE_MS, singleShot=True)
        self._idle.timeout.connect(self.begin)

    def wait_for_rest(self) -> None:
        """Begin once there has been no input for IDLE_MS."""
        application = QCoreApplication.instance()
        assert application is not None
        application.installEventFilter(self)
        self._idle.start()

    def begin(self) -> None:
        """Begin at once, unless it has begun: what needs torch is about to be used."""
        self._stop_waiting()
        if not self._has_begun:
            self._has_begun = True
            self._work.submit(_import)

    def close(self) -> None:
        """End the thread; an import that goes on ends with the process."""
        self._stop_waiting()
        self._work.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait anew after each input."""
        if event.type() in _INPUT:
            self._idle.start()
        return False

    def _stop_waiting(self) -> None:
        self._idle.stop()
        application = QCoreApplication.instance()
        if application is not None:
            application.removeEventFilter(self)


def _import(job: Job) -> None:
    from visualizer.state.loading import warm_up  # not before the first paint either

    warm_up()
