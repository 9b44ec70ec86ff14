"""Worked examples on the Filters page, and where its window stands at first."""

from typing import Protocol

import numpy as np

from visualizer.core.examples import Example
from visualizer.core.image import Image
from visualizer.state.filters import LaidFilter
from visualizer.state.filters_model import FiltersModel
from visualizer.state.matrix import MatrixDraft
from visualizer.state.stepper import Stepper
from visualizer.ui.context import Context

_SMALL = 32 * 32  # cells: a map up to here is read from its first cell on
_TELLING = (0.4, 0.47)  # of height and width: an eye's corner in the first picture


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


def telling_place(laid: LaidFilter) -> int:
    """Return the cell at which a picture's window stands before anyone has moved it."""
    rows, columns = laid.geometry.out_height, laid.geometry.out_width
    if rows * columns <= _SMALL:
        return 0
    return int(rows * _TELLING[0]) * columns + int(columns * _TELLING[1])
