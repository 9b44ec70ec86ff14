import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from visualizer.ui.actions import Actions


@pytest.fixture
def window(qtbot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    qtbot.waitActive(window)
    return window


def test_a_key_runs_its_command_only_on_its_page(qtbot, window) -> None:
    actions, ran = Actions(window), []
    actions.add("a.step", "Step", lambda: ran.append("a"), menu="Step", shortcuts="S", page="A")
    actions.add("b.step", "Step", lambda: ran.append("b"), menu="Step", shortcuts="S", page="B")
    for page in ("A", "B", "C"):
        actions.set_page(page)
        qtbot.keyClick(window, Qt.Key.Key_S)
    assert ran == ["a", "b"]
    assert [a.text() for a in actions.menu("Step")] == []


def test_a_key_is_given_once_among_commands_that_can_be_live_together(window) -> None:
    actions = Actions(window)
    actions.add("file.open", "Open", lambda: None, menu="File", shortcuts="Ctrl+O")
    with pytest.raises(ValueError, match=r"Ctrl\+O is taken by 'file.open'"):
        actions.add("x.o", "O", lambda: None, menu="View", shortcuts=("F2", "Ctrl+O"), page="X")
    with pytest.raises(ValueError, match="no menu 'Flowers'"):
        actions.add("x.f", "F", lambda: None, menu="Flowers")
    with pytest.raises(ValueError, match="registered twice"):
        actions.add("file.open", "Open", lambda: None, menu="File")


def test_the_tooltip_names_the_key_and_a_switch_hands_over_its_state(window) -> None:
    actions, states = Actions(window), []
    action = actions.add("v.x", "&Exact", states.append, menu="View", shortcuts="E",
                         checkable=True)  # fmt: skip
    assert action.toolTip() == "Exact (E)"
    action.trigger()
    action.trigger()
    assert states == [True, False]
