"""A camera read in a thread of its own; whoever shows it asks for the newest frame.

The thread knows nothing of Qt and is never waited for by a window: opening a camera may take
seconds, and a driver may not answer at all.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

State = Literal["opening", "live", "silent", "lost"]

CAMERAS = 6  # numbers offered
SENTENCES: dict[State, str] = {
    "opening": "Waiting for the camera to answer…",
    "live": "",
    "silent": "No camera answered. Plug one in or close the program that uses it, then press "
    "Try again.",
    "lost": "The camera stopped answering. Plug it in again, then press Try again.",
}

_WIDTH, _HEIGHT = 1280, 720  # asked for; the driver gives what it has
_PAUSE_S = 0.01  # after each frame: a film is not read faster than anyone can see
_taken: defaultdict[int | str, threading.Lock] = defaultdict(threading.Lock)  # one reader a camera


class Camera:
    """Reads `source`: a camera's number, or the path of a film.

    Attributes:
        state: "opening", then "live"; "silent" when none answered, "lost" when it stopped.
    """

    def __init__(self, source: int | str) -> None:
        self._source = source
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._state: State = "opening"
        self._frame: npt.NDArray[np.uint8] | None = None
        self._count = 0
        self._thread = threading.Thread(target=self._run, name=f"camera {source}", daemon=True)
        self._thread.start()

    @property
    def state(self) -> State:
        """What the camera is doing."""
        return self._state

    def newest(self, after: int = 0) -> tuple[int, npt.NDArray[np.uint8]] | None:
        """Return (number, (H, W, 3) RGB) of the newest frame, or None when it is not after `after`.

        Frames are numbered from 1. Nobody writes into a frame that was handed out.
        """
        with self._lock:
            if self._frame is None or self._count <= after:
                return None
            return self._count, self._frame

    def stop(self) -> None:
        """Let go of the camera as soon as it answers; returns at once."""
        self._stop.set()

    def wait(self, timeout: float) -> bool:
        """Return whether the thread has ended, waiting up to `timeout` seconds for it."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        with _taken[self._source]:
            if self._stop.is_set():
                return
            with _quiet():
                capture = cv2.VideoCapture(self._source)
            try:
                self._read(capture)
            finally:
                capture.release()

    def _read(self, capture: cv2.VideoCapture) -> None:
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, _WIDTH)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, _HEIGHT)
        while not self._stop.wait(_PAUSE_S):
            answered, frame = capture.read()
            if not answered:
                self._state = "lost" if self._count else "silent"
                return
            rgb = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
            with self._lock:
                self._frame = rgb  # type: ignore[assignment]
                self._count += 1
            self._state = "live"


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep OpenCV from writing to the terminal that a camera number is not taken."""
    log = cv2.utils.logging
    before = log.getLogLevel()
    log.setLogLevel(log.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        log.setLogLevel(before)
