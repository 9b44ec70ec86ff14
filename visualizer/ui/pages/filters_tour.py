"""The Filters page's best scenes, for the pictures in the documentation."""

from collections.abc import Callable
from typing import Protocol

from visualizer.core.examples import EXAMPLES
from visualizer.core.image import Image
from visualizer.core.kernels import Kernel
from visualizer.state.filter_settings import FilterSettings
from visualizer.state.filters_model import FiltersModel
from visualizer.state.stepper import Stepper
from visualizer.ui.context import Context
from visualizer.ui.pages.filters_examples import show_example
from visualizer.ui.widgets.viewport import Viewport


class Page(Protocol):
    """What the tour drives."""

    model: FiltersModel
    stepper: Stepper
    viewport: Viewport

    def light(self, row: int | None, column: int = 0) -> None:
        """Light every pixel that a weight touches."""

    def caption(self, image: Image, text: str) -> None:
        """Say what a picture shows."""


def run(page: Page, context: Context, shot: Callable[[str], None]) -> None:
    """Show the scenes one after another; picture and settings are put back at the end."""
    model, stepper, session = page.model, page.stepper, context.session
    picture, settings = session.settings, model.settings
    model.restore(FilterSettings())
    stepper.seek(int(stepper.count * 0.4) + int(stepper.columns * 0.47))
    shot("sobel-stepping")
    stepper.show_all()
    shot("sobel")
    model.choose_preset("gaussian", (("size", 9.0), ("sigma", 2.0)))
    model.edit("tour", applied_to="each", display="clamp")
    shot("blur")
    model.restore(FilterSettings())
    model.edit("tour", applied_to="across", activation="ReLU", bias=20.0, kernel=_three(model))
    shot("across")
    model.restore(FilterSettings())
    model.choose_preset("gabor", (("size", 15.0), ("angle", 45.0), ("wavelength", 6.0)))
    shot("gabor-15")
    by_key = {example.key: example for example in EXAMPLES}
    show_example(page, context, by_key["first-steps"])
    stepper.seek(5)
    shot("example")
    page.light(0, 1)
    shot("weight-sharing")
    page.light(None)
    stepper.predict(True)
    stepper.seek(6)
    shot("predict")
    stepper.predict(False)
    show_example(page, context, by_key["rgb"])
    shot("example-rgb")
    show_example(page, context, by_key["stride"])
    shot("example-stride")
    show_example(page, context, by_key["curve"])
    shot("example-curve")
    session.restore(picture)
    model.restore(settings)
    stepper.show_all()


def _three(model: FiltersModel) -> Kernel:
    return model.settings.kernel.with_planes(3)
