"""The Network page's best scenes, for the pictures in the documentation."""

from collections.abc import Callable
from typing import Protocol

from visualizer.core.presets import find
from visualizer.learning.layers import Activation, BatchNorm, Convolution, Skip
from visualizer.learning.networks import PRESETS, NetworkSpec
from visualizer.state.network_design import DesignModel
from visualizer.ui.pages.network_filters import FiltersView
from visualizer.ui.pages.train_tour import wait
from visualizer.ui.training import Training
from visualizer.ui.widgets.sides_card import SidesCard


class Page(Protocol):
    """What the tour drives."""

    model: DesignModel
    sides: SidesCard
    filters: FiltersView
    training: Training


def run(page: Page, shot: Callable[[str], None]) -> None:
    """Show boxes, skip connections, a mismatch, a comparison, and a kernel in a trained network."""
    model, settings = page.model, page.model.settings
    model.select((4,))
    shot("boxes")
    model.take(residual(), "tour")
    model.select((3, 0, 0))
    shot("skip")
    model.select((5, 1, 0))
    model.remove()
    shot("mismatch")
    model.take(PRESETS["textbook"], "tour")
    page.sides.show_side("compare")
    shot("compare")
    page.sides.show_side("filters")
    model.restore(settings)
    _hand_made(page, shot)
    page.sides.show_side("layer")
    model.restore(settings)


def _hand_made(page: Page, shot: Callable[[str], None]) -> None:
    """Train for a moment and put a Sobel kernel into a learned filter; the run is deleted again."""
    training, filters = page.training, page.filters
    experiment, runs = training.model.settings, set(training.runs)
    training.model.train_design()
    training.model.edit("tour", epochs=6.0)
    training.start()
    wait(lambda: training.run is None)
    filters.select(3)
    filters.put(find("sobel-x").kernel())
    wait(lambda: bool(filters.score.text()))
    shot("filters")
    for run in set(training.runs) - runs:
        training.runs.delete(run)
    training.reset()
    training.model.restore(experiment)


def residual() -> NetworkSpec:
    """Return a small residual network: one block that keeps the shape, one that halves it."""
    conv, norm, relu = Convolution, BatchNorm(), Activation()
    same = conv(16, 3, padding="same")
    end = PRESETS["all-convolutional"].layers[-1]
    halving = (conv(32, 3, stride=2, padding=1), norm, relu, conv(32, 3, padding="same"), norm)
    return NetworkSpec(
        "Residual",
        (
            *(same, norm, relu, Skip((same, norm, relu, same, norm)), relu),
            *(Skip(halving, (conv(32, 1, stride=2),)), relu, conv(0, 1), end),
        ),
    )
