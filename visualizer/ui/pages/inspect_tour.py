"""The Inspect page's best scenes, for the pictures in the documentation."""

from collections.abc import Callable
from math import cos, sin
from typing import Protocol

from visualizer.core.strokes import Stroke
from visualizer.state.inspect import InspectModel, InspectSettings
from visualizer.ui.pages.inspect_failures import Failures
from visualizer.ui.pages.inspect_networks import QUICK, Networks
from visualizer.ui.pages.train_tour import wait
from visualizer.ui.training import Training

_WIDTH = 0.08


class Page(Protocol):
    """What the tour drives."""

    model: InspectModel
    networks: Networks
    failures: Failures

    @property
    def is_busy(self) -> bool:
        """Whether something is still being found out."""

    def show_view(self, view: str) -> None:
        """Show the cards of a view."""


def run(page: Page, training: Training, shot: Callable[[str], None]) -> None:
    """Let a quick network learn, and ask it; it is deleted at the end, and the drawing put back."""
    settings, model = page.model.settings, page.model
    kept, runs = settings.corrections, set(training.runs)
    training.start(other=QUICK)
    wait(lambda: training.state == "idle" and page.networks.examined is not None)
    model.restore(InspectSettings(strokes=(three(),), corrections=kept))
    _scene(page, shot, "draw", "drawing")
    model.move(-0.25, 0.25, 0.4, 1)
    model.switch("crop")
    _scene(page, shot, "draw", "corner")
    model.restore(InspectSettings(strokes=(three(),), corrections=kept, method="occlusion"))
    _scene(page, shot, "why", "why")
    model.restore(InspectSettings(shows="image", image=4, corrections=kept))
    page.failures.errors.questions.button("loss").click()  # a good network makes no errors
    for view in ("errors", "map", "layers"):
        _scene(page, shot, view, view)
    page.show_view("draw")
    for made in set(training.runs) - runs:
        training.keeper.forget(made)
    model.restore(settings)


def _scene(page: Page, shot: Callable[[str], None], view: str, name: str) -> None:
    page.show_view(view)
    wait(lambda: not page.is_busy)
    shot(name)


def three() -> Stroke:
    """Return a handwritten 3, as if by a steady hand."""
    points = []
    for middle, radius, first, last in ((0.31, 0.16, -2.4, 1.5), (0.65, 0.19, -1.5, 2.5)):
        for i in range(24):
            angle = first + (last - first) * i / 23
            points.append((0.48 + radius * 1.1 * cos(angle), middle + radius * sin(angle)))
    return Stroke(tuple(points), (_WIDTH,) * len(points))
