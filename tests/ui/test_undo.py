from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtGui import QUndoStack

from visualizer.core.image import Image
from visualizer.state.filter_settings import FilterSettings
from visualizer.state.filters import resolve
from visualizer.state.model import Model
from visualizer.state.pooling_model import PoolingModel
from visualizer.state.session import Session
from visualizer.ui import undo


@dataclass(frozen=True)
class Numbers:
    stride: int = 1
    bias: float = 0.0


def picture(name: str, side: int = 4) -> Image:
    return Image.from_array(np.zeros((side, side), np.uint8), name)


@pytest.fixture
def stack(qapp):
    stack = QUndoStack()
    yield stack
    stack.clear()


def recorded(model: Model, stack: QUndoStack, revealed: list | None = None) -> None:
    pages = [] if revealed is None else revealed
    model.edited.connect(lambda edit: undo.record(stack, edit, lambda: pages.append("page")))


def test_undo_and_redo_restore_the_settings(stack) -> None:
    model: Model[Numbers] = Model(Numbers())
    revealed: list[str] = []
    recorded(model, stack, revealed)
    model.edit("stride", stride=2)
    model.edit("bias", bias=5.0)
    assert revealed == []
    stack.undo()
    assert model.settings == Numbers(stride=2)
    assert revealed == ["page"]
    stack.undo()
    assert model.settings == Numbers()
    stack.redo()
    stack.redo()
    assert model.settings == Numbers(2, 5.0)
    assert stack.undoText() == "bias"


def test_one_drag_is_one_step(stack) -> None:
    model: Model[Numbers] = Model(Numbers())
    recorded(model, stack)
    for value in (1.0, 2.0, 3.0):
        model.edit("bias", merge="drag 1", bias=value)
    model.edit("bias", merge="drag 2", bias=9.0)
    assert stack.count() == 2
    stack.undo()
    assert model.settings.bias == 3.0
    stack.undo()
    assert model.settings.bias == 0.0


def test_an_edit_that_changes_nothing_is_no_step(stack) -> None:
    model: Model[Numbers] = Model(Numbers())
    recorded(model, stack)
    model.edit("stride", stride=1)
    assert stack.count() == 0


def test_opening_a_picture_can_be_undone(stack) -> None:
    first, second = picture("first"), picture("second")
    session = Session(first)
    recorded(session, stack)
    session.show(second)
    stack.undo()
    assert session.image is first
    stack.redo()
    assert session.image is second


def test_the_oldest_pictures_are_let_go(stack, monkeypatch) -> None:
    monkeypatch.setattr(undo, "PICTURE_BUDGET", 250)
    session = Session(picture("0", 10))
    recorded(session, stack)
    for number in range(1, 6):
        session.show(picture(str(number), 10))
    while stack.canUndo():
        stack.undo()
    assert session.image.name == "3"


def test_maps_that_were_sent_count_as_pictures(stack, monkeypatch) -> None:
    monkeypatch.setattr(undo, "PICTURE_BUDGET", 900)
    shown = picture("shown", 10)
    model = PoolingModel(shown)
    recorded(model, stack)
    for bias in range(1, 6):  # each map is 400 bytes
        model.send(resolve(FilterSettings(applied_to="each", bias=float(bias)), shown))
    held = [stack.command(i).held for i in range(5)]
    assert held == [0, 0, 0, 400, 400]
