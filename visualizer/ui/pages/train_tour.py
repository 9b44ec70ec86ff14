"""The Train page's best scenes, for the pictures in the documentation."""

import time
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from visualizer.state.training import TrainingModel
from visualizer.ui.pages.train_batch import KernelsCard
from visualizer.ui.pages.train_inside import InsideView
from visualizer.ui.pages.train_insight import Insight
from visualizer.ui.training import Training
from visualizer.ui.widgets.sides_card import SidesCard

PATIENCE_S = 120.0
_STEPS_A_SECOND = 50.0  # so that no run ends before the picture of its middle is taken


class Page(Protocol):
    """What the tour drives."""

    model: TrainingModel
    training: Training
    lists: SidesCard
    views: SidesCard
    insight: Insight
    inside: InsideView
    kernels: KernelsCard

    @property
    def prepared(self) -> object:
        """Whether the data are there."""


def run(page: Page, shot: Callable[[str], None]) -> None:
    """Train for a few seconds, twice; the runs are deleted and the settings put back at the end."""
    settings, training = page.model.settings, page.training
    runs = set(training.runs)
    wait(lambda: page.prepared is not None)
    shot("before")
    page.model.edit("tour", augmentation="gentle", epochs=12.0)
    _train_until(training, 100)
    shot("learning")
    training.set_tempo(None)
    training.toggle()
    wait(lambda: training.state == "idle")
    shot("learned")
    page.lists.show_side("layers")
    for side in ("data", "network", "classes"):
        page.views.show_side(side)
        shot(side)
    page.views.show_side("image")
    page.lists.show_side("runs")
    _look_inside(page, shot)
    page.model.restore(settings)
    page.model.choose_data(("shapes", "1000"))
    _train_until(training, 60)
    shot("colour")
    training.stop()
    wait(lambda: training.state == "idle")
    training.set_tempo(None)
    for made in set(training.runs) - runs:
        training.runs.delete(made)
    page.model.restore(settings)


def _look_inside(page: Page, shot: Callable[[str], None]) -> None:
    """Follow a number of the second convolution to the image; take time to step 0 and forth."""
    insight = page.insight
    page.inside.numberPicked.emit("conv2", (5, 3, 4))
    wait(lambda: insight.panel is not None and insight.panel.isVisible())
    shot("number")
    assert insight.panel is not None
    for row, column in ((1, 1), (0, 0), (2, 2)):
        insight.panel.strip.cellClicked.emit(0, row, column)
        shot(f"number-{insight.panel.place.layer}" if insight.panel.place else "number")
    insight.back()
    insight.go_live()
    page.inside.numberPicked.emit("softmax", (0,))
    wait(lambda: not insight.time.busy)
    shot("softmax")
    insight.go_live()
    page.kernels.weightPicked.emit("conv1", (2, 0, 2, 2))
    wait(lambda: insight.gradient is not None and insight.gradient.isVisible())
    shot("gradient")
    insight.go_live()
    insight.bar.slider.setValue(0)
    wait(lambda: not insight.time.busy)
    shot("step-0")
    insight.bar.side.click()
    shot("then-and-now")
    insight.bar.slider.setValue(insight.bar.slider.maximum() // 4)
    wait(lambda: not insight.time.busy)
    shot("forth")
    insight.go_live()


def _train_until(training: Training, step: int) -> None:
    """Start a run and pause it at `step` or a little later."""
    training.set_tempo(_STEPS_A_SECOND)
    training.start()
    wait(lambda: training.run is not None and training.run.step >= step, held_s=0.0)
    training.toggle()
    wait(lambda: training.state == "paused")


def wait(condition: Callable[[], bool], held_s: float = 0.3) -> None:
    """Process events until it has held so long, a picture or two. Raises TimeoutError."""
    end = time.monotonic() + PATIENCE_S
    held = 0.0
    while held <= held_s:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.01)
        held = held + 0.02 if condition() else 0.0
        if time.monotonic() > end:
            raise TimeoutError("The training does not come to what the tour waits for.")
