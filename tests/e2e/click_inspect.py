"""A drawing lesson by mouse and keyboard on a real display: run by test_click_through.py.

`python click_inspect.py` starts the real `main()` at the Inspect page, without any network yet.
"""

import time
from typing import Any

from click_through import Gui, activate, click, run, window, xdotool
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

LEARNED_S, ENOUGH = 60.0, 110  # steps
SEVEN = (0.3, 0.22), (0.5, 0.2), (0.7, 0.2), (0.62, 0.38), (0.54, 0.58), (0.46, 0.82)
CROSSBAR = (0.38, 0.52), (0.56, 0.52), (0.72, 0.52)


def middle(gui: Gui, widget: QWidget) -> QPoint:
    """Return where a widget can be clicked."""
    point: QPoint = gui.ask(lambda: widget.mapToGlobal(widget.rect().center()))
    return point


def stroke(gui: Gui, page: Any, *points: tuple[float, float]) -> list[list[float]]:
    """Draw a line through shares of the pad; return what the bars said on the way."""
    pad, square = page.draw.pad, gui.ask(page.draw.pad.square)
    places = [
        gui.ask(lambda x=x, y=y: pad.mapToGlobal(
            QPoint(round(square.x() + x * square.width()), round(square.y() + y * square.height()))
        )) for x, y in points
    ]  # fmt: skip
    said = []
    xdotool("mousemove", places[0].x(), places[0].y(), "mousedown", 1)
    for place in places[1:]:
        xdotool("mousemove", place.x(), place.y())
        time.sleep(0.15)
        said.append(gui.ask(lambda: bars(page)))
    xdotool("mouseup", 1)
    return said


def bars(page: Any) -> list[float]:
    """Return the probabilities that are painted."""
    return [value for _, value, _ in page.answer.bars.rows()]


def draw(gui: Gui) -> None:
    gui.wait("on show", lambda: window().isVisible())
    activate(gui, window)
    page = gui.ask(lambda: window().show_page("Inspect"))
    gui.wait("a network offered", lambda: page.answer.quick.isVisible())
    click(middle(gui, page.answer.quick))
    training = page._training
    gui.wait("learned enough", lambda: training.run and training.run.step > ENOUGH, LEARNED_S)
    gui.ask(training.stop)
    gui.wait("opened", lambda: training.state == "idle" and not page.is_busy
             and page.networks.examined is not None)  # fmt: skip
    assert gui.ask(lambda: page.answer.verdict.text()) == "?"

    on_the_way = stroke(gui, page, *SEVEN)
    gui.wait("drawn", lambda: len(page.model.settings.strokes) == 1 and not page.is_busy)
    assert len({tuple(said) for said in on_the_way}) > 2, "the bars stood still during the stroke"
    gui.wait("a seven", lambda: page.answer.verdict.text() == "7")
    seven = gui.ask(lambda: bars(page))
    stroke(gui, page, *CROSSBAR)
    gui.wait("two strokes", lambda: len(page.model.settings.strokes) == 2)
    gui.wait("changed", lambda: bars(page) != seven)
    xdotool("key", "ctrl+z")
    gui.wait("as before", lambda: bars(page) == seven)

    click(middle(gui, page.bar.views.button("why")))
    gui.wait("asked why", lambda: page.why.isVisible() and not page.is_busy)
    click(middle(gui, page.bar.views.button("draw")))
    click(middle(gui, page.draw.shows.button("image")))
    gui.wait("validation image", lambda: page.last_answer.subject.kind == "image")
    xdotool("key", "ctrl+z")
    gui.wait("the drawing again", lambda: page.answer.verdict.text() == "7")
    xdotool("key", "ctrl+z")
    gui.wait("nothing drawn", lambda: page.answer.verdict.text() == "?")


if __name__ == "__main__":
    raise SystemExit(run(draw, "inspect"))
