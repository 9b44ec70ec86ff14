"""What tests of the ui floor share."""

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, SignalInstance
from PySide6.QtGui import QUndoStack, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from visualizer.core import samples
from visualizer.core.image import Image
from visualizer.paths import user_data
from visualizer.state.session import Session
from visualizer.state.training import Experiment, TrainingModel
from visualizer.state.training_work import prepare
from visualizer.ui.actions import Actions
from visualizer.ui.context import Context
from visualizer.ui.main_window import MainWindow
from visualizer.ui.preferences import Preferences
from visualizer.ui.training import Training


@dataclass
class Said:
    """What was told to the user, newest last."""

    sentences: list[str] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    right: list[str | None] = field(default_factory=list)  # of the status bar
    standing: str = ""  # what was told last, until it is no longer true

    def tell(self, sentence: str, until: SignalInstance | None = None) -> None:
        self.sentences.append(sentence)
        self.standing = sentence
        if until is not None:
            until.connect(self.withdraw)

    def withdraw(self) -> None:
        self.standing = ""


@pytest.fixture
def said():
    return Said()


@pytest.fixture
def open_page(qtbot, context):
    """Show a page of a kind that has work of its own, as wide as a small laptop's window."""

    def show(kind):
        page = kind(context)
        qtbot.addWidget(page, before_close_func=lambda page: page.close_work())
        context.actions.set_page(page.title)
        page.resize(1180, 640)
        page.show()
        return page

    return show


@pytest.fixture
def make_inspect_page(qtbot, theme):
    """Open the real window on its Inspect page."""

    def make():
        window = MainWindow(theme, Preferences(), samples.load(samples.DEFAULT))
        window.remembers = False
        qtbot.addWidget(window, before_close_func=lambda w: w.close())
        window.open_at((1280, 720), None)
        page = window.show_page("Inspect")
        window.show()
        qtbot.waitExposed(window)
        return page

    return make


@pytest.fixture
def window(qtbot):
    """A plain window for what needs one."""
    window = QWidget()
    window.resize(900, 600)
    qtbot.addWidget(window)
    return window


@pytest.fixture
def context(theme, window, said):
    """A context with a small colour picture on show."""
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype(np.uint8)
    return Context(
        theme=theme,
        session=Session(Image.from_array(pixels, "first")),
        actions=Actions(window),
        undo=QUndoStack(window),
        preferences=Preferences(),
        training=cache(lambda: Training(TrainingModel(), user_data() / "runs", window)),
        tell=said.tell,
        done=said.sentences.append,
        status=lambda left, right: (said.status.append(left), said.right.append(right)),
    )


@pytest.fixture(scope="session")
def torch_is_there():
    """Import what a page computes with before the first test that waits for it."""
    prepare(Experiment())


@pytest.fixture
def train_page(qtbot, context, theme, torch_is_there):
    """The Train page, which has looked at its data."""
    from visualizer.ui.pages.train_page import TrainPage

    with theme.unstyled():
        page = TrainPage(context)
    qtbot.addWidget(page, before_close_func=lambda page: page.close_work())
    page.resize(1180, 640)
    context.actions.set_page("Train")
    page.model.edit("test", device="cpu")
    page.show()
    qtbot.waitUntil(lambda: page.prepared is not None, timeout=20_000)
    return page


@pytest.fixture
def wheel():
    """Turn the wheel over a point of a widget (its centre by default)."""

    def turn(widget, delta, at=None, modifiers=Qt.KeyboardModifier.NoModifier):
        place = QPointF(widget.rect().center() if at is None else at)
        event = QWheelEvent(
            place,
            QPointF(widget.mapToGlobal(place.toPoint())),
            QPoint(0, 0),
            QPoint(0, delta),
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(widget, event)

    return turn
