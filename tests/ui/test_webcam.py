"""The webcam dialog, with a film in place of a camera."""

import threading

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QPushButton
from shiboken6 import isValid

from visualizer.ui import camera as cameras
from visualizer.ui.camera import Camera
from visualizer.ui.dialogs.webcam import WebcamDialog


@pytest.fixture
def film(tmp_path):
    """A film whose frames are red at the left and dark at the right; 400 of them."""
    path = str(tmp_path / "film.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"MJPG"), 30, (64, 48))
    frame = np.zeros((48, 64, 3), np.uint8)
    frame[:, :32] = (0, 0, 255)  # BGR
    for _ in range(400):
        writer.write(frame)
    writer.release()
    return path


@pytest.fixture
def opened(theme, qtbot):
    """Return a function that opens the dialog on a source; it is closed at the end."""
    dialogs = []

    def make(source):
        dialog = WebcamDialog(theme, source)
        dialogs.append((dialog, dialog.camera))
        dialog.show()
        dialog.activateWindow()
        qtbot.waitUntil(dialog.isActiveWindow)
        return dialog

    yield make
    for dialog, camera in dialogs:
        if isValid(dialog) and not dialog.isHidden():
            dialog.reject()
        assert camera.wait(5)


def live(dialog, qtbot):
    qtbot.waitUntil(lambda: dialog.view.frame is not None, timeout=5000)


def press(dialog, text):
    next(b for b in dialog.findChildren(QPushButton) if b.text() == text).click()


def is_red(pixel):
    return pixel[0] > 200 and pixel[1] < 60 and pixel[2] < 60


def test_space_freezes_what_is_seen(opened, film, qtbot):
    dialog = opened(film)
    frozen = []
    dialog.frozen.connect(frozen.append)
    live(dialog, qtbot)
    qtbot.keyClick(dialog, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(frozen) == 1)
    assert frozen[0].shape == (48, 64, 3) and frozen[0].dtype == np.uint8
    assert is_red(frozen[0][20, 60]), "mirrored, as it is shown"


def test_the_mirror_can_be_switched_off(opened, film, qtbot):
    dialog = opened(film)
    frozen = []
    dialog.frozen.connect(frozen.append)
    live(dialog, qtbot)
    shot = dialog.view.grab().toImage()
    assert is_red(shot.pixelColor(shot.width() * 3 // 4, shot.height() // 2).getRgb())
    qtbot.keyClick(dialog, Qt.Key.Key_M)
    qtbot.waitUntil(lambda: not dialog.findChild(QCheckBox).isChecked())
    shot = dialog.view.grab().toImage()
    assert is_red(shot.pixelColor(shot.width() // 4, shot.height() // 2).getRgb())
    press(dialog, "Freeze")
    assert is_red(frozen[0][20, 5])


def test_no_camera_is_said_and_can_be_tried_again(opened, qtbot, capfd, tmp_path):
    dialog = opened(str(tmp_path / "missing.avi"))
    first = dialog.camera
    again = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Try again")
    qtbot.waitUntil(again.isVisible, timeout=5000)
    assert "No camera answered" in dialog.view.accessibleDescription()
    assert not next(b for b in dialog.findChildren(QPushButton) if b.text() == "Freeze").isEnabled()
    again.click()
    assert dialog.camera is not first and first.wait(5)
    qtbot.waitUntil(again.isVisible, timeout=5000)
    dialog.reject()
    assert dialog.camera.wait(5)
    assert capfd.readouterr().err == "", "OpenCV is quiet"


def test_opencv_may_speak_again_afterwards(film):
    before = cv2.utils.logging.getLogLevel()
    camera = Camera(film)
    camera.stop()
    assert camera.wait(5)
    assert cv2.utils.logging.getLogLevel() == before


def test_a_camera_that_stops_is_said_and_its_last_frame_stays(opened, qtbot, tmp_path):
    path = str(tmp_path / "short.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"MJPG"), 30, (16, 16))
    for _ in range(2):
        writer.write(np.full((16, 16, 3), 200, np.uint8))
    writer.release()
    dialog = opened(path)
    qtbot.waitUntil(lambda: "stopped" in dialog.view.accessibleDescription(), timeout=5000)
    frozen = []
    dialog.frozen.connect(frozen.append)
    press(dialog, "Freeze")
    assert frozen[0].shape == (16, 16, 3)


def test_a_camera_that_does_not_answer_does_not_hold_the_window(opened, qtbot, monkeypatch):
    entered, gate = threading.Event(), threading.Event()

    class Stuck:
        def __init__(self, source):
            entered.set()
            gate.wait(20)

        def set(self, key, value):
            return False

        def read(self):
            return False, None

        def release(self):
            pass

    monkeypatch.setattr(cameras.cv2, "VideoCapture", Stuck)
    dialog = opened("stuck")
    assert entered.wait(5)
    assert "Waiting" in dialog.view.accessibleDescription()
    dialog.reject()
    assert dialog.isHidden() and not dialog.camera.wait(0), "closed while the driver hangs"
    gate.set()


def test_one_reader_a_camera(film):
    first = Camera(film)
    second = Camera(film)
    first.stop()
    second.stop()
    assert first.wait(5) and second.wait(5)


def test_only_the_newest_frame_is_handed_out(film, qtbot):
    camera = Camera(film)
    qtbot.waitUntil(lambda: camera.newest() is not None, timeout=5000)
    number, frame = camera.newest()
    copy = frame.copy()
    qtbot.waitUntil(lambda: camera.newest(number) is not None, timeout=5000)
    assert camera.newest()[0] > number and (frame == copy).all()
    assert camera.newest(10**9) is None
    camera.stop()
    assert camera.wait(5)
