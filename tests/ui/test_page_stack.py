"""Pages in a scroll area, of which only the one on show asks for room."""

from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from visualizer.ui.widgets.page_stack import PageStack


def page_of(height: int) -> QWidget:
    page, inner = QWidget(), QWidget()
    inner.setMinimumHeight(height)
    QVBoxLayout(page).addWidget(inner)
    return page


def test_a_tall_page_makes_only_itself_scroll(qtbot) -> None:
    room, stack = QScrollArea(), PageStack()
    assert stack.minimumSizeHint().isEmpty()
    room.setWidget(stack)
    room.setWidgetResizable(True)
    qtbot.addWidget(room)
    stack.addWidget(page_of(100))
    stack.addWidget(page_of(900))
    room.resize(300, 300)
    room.show()
    bar = room.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() == 0)
    stack.setCurrentIndex(1)
    qtbot.waitUntil(lambda: bar.maximum() > 500)
    stack.setCurrentIndex(0)
    qtbot.waitUntil(lambda: bar.maximum() == 0)
