"""Worked examples on the Pooling page."""

from typing import Protocol

from visualizer.core.image import Image
from visualizer.core.pooling_examples import PoolingExample
from visualizer.state.matrix import MatrixDraft
from visualizer.state.pooling_model import PoolingModel
from visualizer.state.stepper import Stepper
from visualizer.ui.context import Context


class Page(Protocol):
    """What an example needs of the page."""

    model: PoolingModel
    stepper: Stepper

    def caption(self, image: Image, text: str) -> None:
        """Say what a picture shows."""


def show_example(page: Page, context: Context, example: PoolingExample) -> None:
    """Put an example's matrix and window on show, as one step of undo."""
    image = MatrixDraft.from_array(example.pixels).image(example.title)
    context.undo.beginMacro(f"example {example.title}")
    context.session.show(image)
    page.model.edit(
        "example",
        applied_to="luma",
        channel=0,
        plane=0,
        kind=example.kind,
        window=example.window,
        square=True,
        count_padding=True,
        seed=example.seed,
        view=example.view,
        shift=(0, 1),
        threshold=0.0,
    )
    context.undo.endMacro()
    page.caption(image, example.caption)
    if example.landmarks:
        first = example.landmarks[0]
        page.stepper.point(page.stepper.index(first.row, first.column))
