"""The camera on the Inspect page: its newest frame is asked about, older ones are dropped."""

import time
from collections.abc import Callable
from datetime import datetime

import cv2
import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QTimer, Signal

from visualizer.core.image import Image
from visualizer.state.inspect_work import Subject
from visualizer.ui.camera import SENTENCES, Camera
from visualizer.ui.pages.inspect_draw import DrawCard

_TICK_MS = 33
_LONGEST = 480  # pixels along the longer side of a frame that is asked about
_PATIENCE_S = 0.15  # heat maps and curves of a frame may take so long before the next one comes


class Live(QObject):
    """Does what a card asks of a camera, and hands out a frame whenever one can be answered.

    Signals:
        seen(Subject): the newest frame.
        frozen(Image): the frame to be kept, as it came.
        ended(): no camera is looked through any more.

    Attributes:
        mirrored: whether frames are turned as in a mirror.
        subject: the newest frame, or None.
    """

    seen = Signal(object)
    frozen = Signal(object)
    ended = Signal()

    def __init__(self, card: DrawCard, is_answering: Callable[[], bool], parent: QObject) -> None:
        """`is_answering` tells whether there is still work to do about the frame before."""
        super().__init__(parent)
        self._card = card
        self._is_answering = is_answering
        self._camera: Camera | None = None
        self._last: Camera | None = None
        self._source: int | str = 0
        self._number, self._asked_at = 0, 0.0
        self._frame: npt.NDArray[np.uint8] | None = None
        self._said = ""
        self.mirrored = False
        self.subject: Subject | None = None
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._tick)
        card.cameraWanted.connect(self.start)
        card.mirrorWanted.connect(self._mirror)
        card.freezeWanted.connect(self._freeze)

    @property
    def is_on(self) -> bool:
        """Whether a camera is read, or waited for."""
        return self._camera is not None

    @property
    def source(self) -> int | str:
        """The number of the camera that was used last, or the path of a film."""
        return self._source

    @property
    def sentence(self) -> str:
        """Why there is no picture, or ""."""
        return SENTENCES[self._camera.state] if self._camera is not None else ""

    @property
    def has_failed(self) -> bool:
        """Whether the camera does not answer, or no longer."""
        return self._camera is not None and self._camera.state in ("silent", "lost")

    def start(self, source: int | str) -> None:
        """Read a camera, by its number, or a film, by its path."""
        self.stop()
        self._source, self._number = source, 0
        self._camera = self._last = Camera(source)
        self._timer.start()
        self._show()

    def stop(self) -> None:
        """Let go of the camera, without waiting for it."""
        if self._camera is not None:
            self._camera.stop()
            self._timer.stop()
            self._camera = self._frame = self.subject = None
            self._show()
            self.ended.emit()

    def wait(self, timeout: float) -> bool:
        """Return whether the camera used last is let go of, after `timeout` seconds at most."""
        return self._last is None or self._last.wait(timeout)

    def _freeze(self) -> None:
        frame = self._frame
        self.stop()
        if frame is not None:
            name = f"webcam {datetime.now():%H:%M:%S}"
            self.frozen.emit(Image.from_array(self._turned(frame), name))

    def _mirror(self, on: bool) -> None:
        self.mirrored = on

    def _show(self) -> None:
        self._said = self.sentence
        self._card.show_live(self)

    def _tick(self) -> None:
        if self._camera is None:
            return
        if self.sentence != self._said:
            self._show()
        newest = self._camera.newest(self._number)
        waited = time.monotonic() - self._asked_at
        if newest is None or (self._is_answering() and waited < _PATIENCE_S):
            return
        self._number, self._frame = newest
        self._asked_at = time.monotonic()
        was_dark = self.subject is None
        self.subject = Subject(_reduced(self._turned(self._frame)), "picture", "live")
        if was_dark:
            self._show()
        self.seen.emit(self.subject)

    def _turned(self, frame: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        return np.ascontiguousarray(frame[:, ::-1]) if self.mirrored else frame


def _reduced(frame: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return (H, W, 3) no longer than `_LONGEST`."""
    height, width = frame.shape[:2]
    scale = _LONGEST / max(height, width)
    if scale >= 1:
        return frame
    size = round(width * scale), round(height * scale)
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)
