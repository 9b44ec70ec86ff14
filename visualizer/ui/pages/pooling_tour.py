"""The Pooling page's best scenes, for the pictures in the documentation."""

from collections.abc import Callable
from typing import Protocol

from visualizer.core.image import Image
from visualizer.core.pool_window import PoolWindow
from visualizer.core.pooling_examples import POOLING_EXAMPLES
from visualizer.state.filter_settings import FilterSettings
from visualizer.state.filters import resolve
from visualizer.state.pooling_model import PoolingModel
from visualizer.state.pooling_settings import PoolingSettings
from visualizer.state.stepper import Stepper
from visualizer.ui.context import Context
from visualizer.ui.pages.pooling_examples import show_example


class Page(Protocol):
    """What the tour drives."""

    model: PoolingModel
    stepper: Stepper

    def caption(self, image: Image, text: str) -> None:
        """Say what a picture shows."""


def run(page: Page, context: Context, shot: Callable[[str], None]) -> None:
    """Show the scenes one after another; picture and settings are put back at the end."""
    model, stepper, session = page.model, page.stepper, context.session
    picture, settings = session.settings, model.settings
    model.restore(PoolingSettings())
    shot("max")
    model.restore(PoolingSettings(kind="average", window=PoolWindow(8, 8, 8)))
    stepper.seek(int(stepper.count * 0.45))
    shot("average-stepping")
    stepper.show_all()
    model.restore(PoolingSettings(kind="stochastic", window=PoolWindow(3, 3, 2)))
    shot("stochastic")
    model.restore(PoolingSettings(kind="global"))
    shot("global")
    model.restore(PoolingSettings())
    model.send(resolve(FilterSettings(activation="ReLU"), session.image))
    shot("chain")
    model.edit("tour", view="shift")
    shot("shift")
    model.edit("tour", view="backwards", all_cells=True, window=PoolWindow(3, 3, 2))
    shot("backwards-all")
    for example in POOLING_EXAMPLES:
        show_example(page, context, example)
        shot(f"example-{example.key}")
    by_key = {example.key: example for example in POOLING_EXAMPLES}
    show_example(page, context, by_key["average"])
    model.edit("tour", view="backwards")
    shot("backwards")
    show_example(page, context, by_key["plain"])
    model.edit("tour", winners=True)
    stepper.predict(True)
    stepper.seek(1)
    shot("predict")
    stepper.predict(False)
    session.restore(picture)
    model.restore(settings)
    stepper.show_all()
