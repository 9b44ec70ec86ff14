"""Worked examples on the Filters page."""

from typing import Protocol

import numpy as np

from visualizer.core.examples import Example
from visualizer.core.image import Image
from visualizer.state.filters_model import FiltersModel
from visualizer.state.matrix import MatrixDraft
from visualizer.state.stepper import Stepper
from visualizer.ui.context import Context


class Page(Protocol):
    """What an example needs of the page."""

    model: FiltersModel
    stepper: Stepper

    def caption(self, image: Image, text: str) -> None:
        """Say what a picture shows."""


def show_example(page: Page, context: Context, example: Example) -> None:
    """Put an example's matrix and filter on show, as one step of undo."""
    image = MatrixDraft.from_array(np.asarray(example.pixels)).image(example.title)
    context.undo.beginMacro(f"example {example.title}")
    context.session.show(image)
    page.model.edit(
        "example",
        applied_to="across" if example.across else "luma",
        channel=0,
        plane=0,
        kernel=example.kernel,
        preset="",
        parameters=(),
        stride=example.stride,
        padding=example.padding,
        border="zero",
        dilation=1,
        bias=example.bias,
        activation="none",
        flip=False,
        display="auto",
    )
    context.undo.endMacro()
    page.caption(image, example.caption)
    if example.landmarks:
        first = example.landmarks[0]
        page.stepper.point(page.stepper.index(first.row, first.column))
