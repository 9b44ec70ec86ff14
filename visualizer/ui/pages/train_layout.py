"""How the Train page is laid out, and what its empty cards say."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from visualizer.ui.pages.train_classes import ClassesView
from visualizer.ui.pages.train_dataset import DataView
from visualizer.ui.pages.train_hints import Hints
from visualizer.ui.pages.train_inside import InsideView
from visualizer.ui.pages.train_runs import LayersView, RunList
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.network_table import NetworkTable
from visualizer.ui.widgets.sides_card import Side, SidesCard

if TYPE_CHECKING:
    from visualizer.ui.pages.train_page import TrainPage


def views(
    theme: Theme,
    inside: InsideView,
    dataset: DataView,
    table: NetworkTable,
    classes: ClassesView,
) -> SidesCard:
    """Return the large card, which is turned to what there is to look at."""
    return SidesCard(
        theme,
        [
            Side("image", "One image", "One image through the network: every layer's maps",
                 inside, inside.tools),
            Side("data", "Data", "How many images of which class, and what they look like",
                 dataset, dataset.tools),
            Side("network", "Network", "Every layer with its shape and what it costs",
                 table.above_sums()),
            Side("classes", "Classes", "Accuracy of each class, and which is taken for which",
                 classes),
        ],
        name="What to look at",
    )  # fmt: skip


def lists(theme: Theme, runs: RunList, layers: LayersView) -> SidesCard:
    """Return the card with the runs on one side and the layers on the other."""
    return SidesCard(
        theme,
        [
            Side("runs", "Runs", "Every run with its settings and curves", runs),
            Side("layers", "Layers",
                 "Sizes of weights and gradients, and ReLUs that never fire", layers),
        ],
        name="Runs or layers",
    )  # fmt: skip


def lay_out(page: "TrainPage") -> None:
    """Put the cards of `page` in their places."""
    middle = QVBoxLayout()
    middle.setSpacing(10)
    middle.addWidget(page.curves.loss, 4)
    middle.addWidget(page.curves.accuracy, 4)
    middle.addWidget(page.lists, 3)
    lower = QHBoxLayout()
    lower.setSpacing(10)
    lower.addWidget(page.kernels, 2)
    lower.addWidget(page.batch, 5)
    right = QVBoxLayout()
    right.setSpacing(10)
    right.addWidget(page.views, 2)
    right.addLayout(lower, 1)
    cards = QHBoxLayout()
    cards.setSpacing(10)
    cards.addWidget(page.experiment)
    cards.addLayout(middle, 5)
    cards.addLayout(right, 9)
    outer = QVBoxLayout(page)
    outer.setContentsMargins(14, 12, 14, 6)
    outer.setSpacing(6)
    outer.addLayout(cards, 1)
    outer.addWidget(page.insight.bar)
    outer.addWidget(page.progress)
    page.insight.cover([page.experiment, page.curves.loss, page.curves.accuracy, page.lists])


def hints(page: "TrainPage", theme: Theme) -> Hints:
    """Return what to do for something to appear in the empty cards of `page`."""
    found, press = Hints(theme, page), "Press Start or Space:"
    for over, what in (
        (page.curves.loss, "the loss of each step is drawn here."),
        (page.curves.accuracy, "the share that is right is drawn here."),
        (page.runs, "every run is listed here, to be compared with others."),
    ):
        found.add(over, f"{press} {what}", lambda: not len(page.training.runs))
    found.add(
        page.inside,
        "As soon as there are data, an image goes through the network here.",
        lambda: page.inside.input.count() == 0,
    )
    found.add(
        page.batch,
        f"{press} the images of a step appear here, as they are fed.",
        lambda: page.batch.fed.count() == 0,
    )
    return found
