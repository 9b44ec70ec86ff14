"""What holds for every test: an isolated home, and no widget or thread left behind."""

import gc
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def isolated_home(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Give every test its own home, so that nothing of the user's is read or written."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CNN_VISUALIZER_HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves a thread running or a visible top-level widget."""
    threads = set(threading.enumerate())
    yield
    left = [t for t in threading.enumerate() if t not in threads and t.is_alive()]
    assert not left, f"threads left running: {left}"
    from PySide6.QtCore import QEvent
    from PySide6.QtWidgets import QApplication

    if QApplication.instance() is not None:
        gc.collect()
        QApplication.processEvents()
        # deleteLater waits for an event loop; without this widgets pile up from test to test
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        visible = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        assert not visible, f"widgets left visible: {visible}"


@pytest.fixture
def theme(qapp):  # type: ignore[no-untyped-def]
    """The theme, on the test application."""
    from visualizer.ui.theme import Theme

    theme = Theme(qapp)
    yield theme
    theme.deleteLater()
