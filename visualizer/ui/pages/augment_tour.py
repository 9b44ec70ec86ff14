"""The Augment page's best scenes, for the pictures in the documentation."""

from collections.abc import Callable
from typing import Any, Protocol

from visualizer.learning.pipeline import PRESETS
from visualizer.state.augment import AugmentModel, AugmentSettings
from visualizer.ui.context import Context
from visualizer.ui.pages.augment_engine import Made
from visualizer.ui.pages.train_tour import wait


class Page(Protocol):
    """What the tour drives."""

    model: AugmentModel
    made: Made | None


def run(page: Page, context: Context, shot: Callable[[str], None]) -> None:
    """Show the scenes one after another; the settings are put back at the end."""
    model, settings = page.model, page.model.settings

    def show(scene: str, **changes: Any) -> None:
        before = page.made
        model.edit("tour", **changes)
        wait(lambda: page.made is not before and page.made is not None)
        shot(scene)

    model.restore(AugmentSettings(seed=2))
    show("gentle", pipeline=PRESETS["gentle"], seed=3)
    show("strong", pipeline=PRESETS["strong"], count=25)
    show("digit", source="class", class_index=6, pipeline=PRESETS["generator"], count=36)
    context.actions["augment.same"].setChecked(True)
    show("same", seed=11)
    context.actions["augment.same"].setChecked(False)
    model.restore(settings)
