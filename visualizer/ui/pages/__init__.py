"""The pages, in the order of the rail. Each is imported and built when it is first needed.

This module itself imports no Qt, so that the command line can name the pages at once.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from visualizer.state.model import Model
    from visualizer.ui.context import Context


class Page(Protocol):
    """What the window asks of a page, which is also a QWidget."""

    title: str
    icon: str
    model: "Model[Any]"

    def tour(self, shot: Callable[[str], None]) -> None:
        """Drive the page through its best scenes, calling `shot(name)` at each."""

    def may_close(self) -> bool:
        """Ask, where work is going on, whether the window may close."""

    def close_work(self) -> None:
        """End the page's threads and wait for them."""


def _image(context: "Context") -> "QWidget":
    from visualizer.ui.pages.image_page import ImagePage

    return ImagePage(context)


def _filters(context: "Context") -> "QWidget":
    from visualizer.ui.pages.filters_page import FiltersPage

    return FiltersPage(context)


def _pooling(context: "Context") -> "QWidget":
    from visualizer.ui.pages.pooling_page import PoolingPage

    return PoolingPage(context)


def _augment(context: "Context") -> "QWidget":
    from visualizer.ui.pages.augment_page import AugmentPage

    return AugmentPage(context)


def _network(context: "Context") -> "QWidget":
    from visualizer.ui.pages.network_page import NetworkPage

    return NetworkPage(context)


def _train(context: "Context") -> "QWidget":
    from visualizer.ui.pages.train_page import TrainPage

    return TrainPage(context)


def _inspect(context: "Context") -> "QWidget":
    from visualizer.ui.pages.inspect_page import InspectPage

    return InspectPage(context)


# Title: (icon on the rail, what builds the page).
PAGES: dict[str, tuple[str, "Callable[[Context], QWidget]"]] = {
    "Image": ("mdi6.image-outline", _image),
    "Filters": ("mdi6.grid", _filters),
    "Pooling": ("mdi6.arrow-collapse-all", _pooling),
    "Augment": ("mdi6.auto-fix", _augment),
    "Network": ("mdi6.cube-outline", _network),
    "Train": ("mdi6.chart-line", _train),
    "Inspect": ("mdi6.bullseye-arrow", _inspect),
}
WITHOUT_STATUS = ("Network", "Train")  # they have nothing for the status bar, and need its room
