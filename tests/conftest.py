"""What holds for every test: an isolated home, and no widget or thread left behind."""

import gc
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from visualizer.state.runs import Run

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Several test processes, and those they start, that each compute on all cores only wait for each
# other. To be said before torch and numpy are imported.
os.environ["OMP_NUM_THREADS"] = "1"

MANY_OBJECTS = 50_000


def pytest_collection_finish() -> None:
    """Leave what has been imported out of the garbage collection that follows every test.

    It never becomes garbage, and to look through it took 0.1 to 0.2 s a test.
    """
    gc.collect()
    gc.freeze()


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
    from PySide6.QtCore import QEvent
    from PySide6.QtWidgets import QApplication

    threads = set(threading.enumerate())
    if QApplication.instance() is not None and len(gc.get_objects()) > MANY_OBJECTS:
        gc.collect()
        gc.freeze()  # what has been imported since, now that the last test has let go of its own
    yield
    left = [t for t in threading.enumerate() if t not in threads and t.is_alive()]
    assert not left, f"threads left running: {left}"
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


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> "tuple[Run, Any]":
    """A run that has really learned to read digits, in a second or two, and its last validation."""
    from visualizer.learning.events import Validated
    from visualizer.state.mailbox import Mailbox
    from visualizer.state.runs import Runs
    from visualizer.state.training import Experiment
    from visualizer.state.training_news import Failed, Order
    from visualizer.state.training_work import Remote, work

    experiment = Experiment(epochs=8.0, device="cpu", augmentation="gentle")
    run = Runs(tmp_path_factory.mktemp("trained")).begin(experiment)
    mailbox = Mailbox()
    with pytest.MonkeyPatch.context() as home:  # without corrections of the user's
        home.setenv("CNN_VISUALIZER_HOME", str(tmp_path_factory.mktemp("home")))
        work(Order(experiment, run.folder), Remote(), mailbox)
    news = mailbox.take().news
    assert not [n for n in news if isinstance(n, Failed)]
    validations = [n for n in news if isinstance(n, Validated) and n.whole]
    run.status, run.step = "finished", validations[-1].step
    run.steps, run.accuracy = run.step, validations[-1].score.accuracy
    return run, validations[-1].score


@pytest.fixture
def put_run(trained: "tuple[Run, Any]") -> "Callable[..., Run]":
    """Put a copy of the trained run into a folder of runs."""

    def put(folder: Path, name: str = "Run 1") -> "Run":
        from visualizer.state.runs import Runs

        original, _ = trained
        run = Runs(folder).begin(original.experiment)
        shutil.copytree(original.folder, run.folder, dirs_exist_ok=True)
        run.name, run.status, run.accuracy = name, original.status, original.accuracy
        run.step = run.steps = original.step
        run.save()
        return run

    return put
