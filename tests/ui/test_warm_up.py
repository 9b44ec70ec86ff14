"""torch is imported early, but not before the first paint and not while the window is used."""

import subprocess
import sys

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from visualizer.ui import warm_up
from visualizer.ui.warm_up import WarmUp


@pytest.fixture
def begun(monkeypatch):
    begun = []
    monkeypatch.setattr(warm_up, "_import", begun.append)
    monkeypatch.setattr(warm_up, "IDLE_MS", 60)
    return begun


def test_it_waits_until_nobody_has_touched_the_window_for_a_while(qtbot, qapp, begun):
    warm = WarmUp(qapp)
    warm.wait_for_rest()
    touched = QObject()
    for _ in range(6):
        qtbot.wait(20)
        QApplication.sendEvent(touched, QEvent(QEvent.Type.MouseMove))
    assert not begun
    qtbot.waitUntil(lambda: len(begun) == 1)
    warm.begin()
    qtbot.wait(30)
    warm.close()
    assert len(begun) == 1
    warm.deleteLater()


def test_it_begins_at_once_when_torch_is_about_to_be_needed(qtbot, qapp, begun):
    warm = WarmUp(qapp)
    warm.begin()
    qtbot.waitUntil(lambda: len(begun) == 1)
    warm.close()
    warm.deleteLater()


def test_it_brings_in_no_torch_by_itself_and_tells_how_far_it_is():
    script = (
        "import sys, visualizer.ui.warm_up\n"
        "from visualizer.state.loading import loaded_share, load_learning\n"
        "assert 'torch' not in sys.modules and loaded_share() == 0\n"
        "import torch\n"
        "half = loaded_share()\n"
        "load_learning()\n"
        "print(0.5 < half < 1, loaded_share())"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["True", "1.0"]
