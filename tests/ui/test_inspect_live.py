"""The camera on the Inspect page, with a film in its place and a network that reads digits."""

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt

from visualizer.paths import user_data

PATIENCE = 20_000
FRAMES = 1200
SEVEN, ONE = ((0.3, 0.2), (0.7, 0.2), (0.45, 0.8)), ((0.5, 0.2), (0.5, 0.8))


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A film that shows a seven for a while, then a one, white on black, at the right."""
    path = tmp_path_factory.mktemp("film") / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 30, (640, 480))
    for points in (SEVEN, ONE):
        frame = np.zeros((480, 640, 3), np.uint8)
        line = np.array([(240 + 400 * x, 40 + 400 * y) for x, y in points], np.int32)
        cv2.polylines(frame, [line], False, (255, 255, 255), 40)
        for _ in range(FRAMES // 2):
            writer.write(frame)
    writer.release()
    return str(path)


@pytest.fixture
def page(qtbot, make_inspect_page, put_run):
    put_run(user_data() / "runs")
    made = make_inspect_page()
    qtbot.waitUntil(lambda: made.networks.examined is not None, timeout=PATIENCE)
    made.model.edit("picture", shows="picture")
    yield made
    made.live.stop()
    assert made.live.wait(5)


def test_the_bars_follow_the_camera_until_it_is_frozen(qtbot, page, film) -> None:
    seen, answered = [], []
    page.live.seen.connect(seen.append)
    page._asker.answered.connect(answered.append)
    page.live.start(film)
    qtbot.waitUntil(lambda: page.answer.verdict.text() == "7", timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.answer.verdict.text() == "1", timeout=PATIENCE)
    assert page.why.sentence.accessibleName().startswith("what speaks for")
    live = [answer for answer in answered if answer.subject.caption == "live"]
    assert len(live) <= len(seen) < FRAMES / 2, "frames are dropped, never queued"
    assert page.last_answer.subject.pixels.shape == (360, 480, 3)
    qtbot.mouseClick(page.draw.freeze, Qt.MouseButton.LeftButton)
    assert not page.live.is_on and page.draw.look.isVisible()
    image = page.window().context.session.image
    assert image.name.startswith("webcam") and image.pixels.shape[:2] == (480, 640)
    qtbot.waitUntil(lambda: page.last_answer.subject.caption == image.name, timeout=PATIENCE)
    assert page.answer.verdict.text() == "1"


def test_a_mirror_turns_what_is_asked_about(qtbot, page, film) -> None:
    page.live.start(film)
    qtbot.waitUntil(lambda: page.live.subject is not None, timeout=PATIENCE)
    assert page.live.subject.pixels[:, :100].max() < 50  # the digit is at the right
    page.draw.mirror.click()
    before = page.live.subject
    qtbot.waitUntil(lambda: page.live.subject is not before, timeout=PATIENCE)
    assert page.live.subject.pixels[:, -100:].max() < 50
    page.model.edit("picture", shows="drawing")
    assert not page.live.is_on, "nobody looks any more"


def test_no_camera_is_said_and_the_picture_comes_back(qtbot, page, tmp_path, capfd) -> None:
    page.live.start(str(tmp_path / "missing.avi"))
    qtbot.waitUntil(page.draw.again.isVisible, timeout=PATIENCE)
    assert "No camera answered" in page.draw.sentence.text() and page.draw.sentence.isVisible()
    assert page.draw.freeze.text() == "Stop"
    page.draw.freeze.click()
    assert not page.draw.sentence.isVisible()
    name = page.window().context.session.image.name
    qtbot.waitUntil(lambda: page.last_answer is not None
                    and page.last_answer.subject.caption == name, timeout=PATIENCE)  # fmt: skip
    assert capfd.readouterr().err == ""
