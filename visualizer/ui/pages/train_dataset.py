"""The data card: how many images of which class, what they look like, how they are divided."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from visualizer.state.training_news import Prepared
from visualizer.state.training_work import sample_images
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.bar_rows import BarRow, BarRows
from visualizer.ui.widgets.card import scrolled
from visualizer.ui.widgets.elided_label import ElidedLabel
from visualizer.ui.widgets.map_mosaic import MapMosaic
from visualizer.ui.widgets.wrapped_label import WrappedLabel

if TYPE_CHECKING:
    from visualizer.learning.card import Card

_MOST_SAMPLES = 40  # in all
_FEWEST, _MOST = 1, 4  # of each class
_PARTS = (("train", "accent"), ("validation", "positive"), ("test", "faint"))


class DataView(QWidget):
    """Shows the data of an experiment. `tools` belong above it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._prepared: Prepared | None = None
        self._seed = 0
        self.facts, self.moments = ElidedLabel("", "body"), WrappedLabel("muted")
        self.bars = BarRows(theme, "Images of each class")
        self.samples = MapMosaic(theme, "training images", noun="image", largest=96)
        self.sentences = WrappedLabel("muted")
        self._legend = _Legend(theme)
        self._more = QPushButton("Other samples")
        self._more.setToolTip("Show other training images of each class")
        self._more.clicked.connect(self._show_others)
        leave_focus(self._more)
        self.tools = QWidget()
        row = QHBoxLayout(self.tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self._more)
        self._lay_out()

    def show_prepared(self, prepared: Prepared) -> None:
        """Show the data that were looked at."""
        before, self._prepared = self._prepared, prepared
        if before is not None and before.dataset is prepared.dataset:
            return
        card = prepared.card
        for part in (self._legend, self._more):
            part.show()
        self.facts.set_text(f"{card.title}: {card.image}, {len(card.class_names)} classes")
        self.moments.set_text(_moments(card))
        self.bars.set_rows(_rows(card))
        self.sentences.set_text(" ".join(card.sentences))
        self._show_samples()

    def show_none(self, why: str) -> None:
        """Show no data, and why there are none."""
        self._prepared = None
        self.facts.set_text("No data")
        self.moments.set_text(why)
        self.bars.set_rows(())
        self.samples.clear()
        self.sentences.set_text("")
        for part in (self._legend, self._more):
            part.hide()

    def _lay_out(self) -> None:
        scroll = scrolled(self.bars)
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self._legend)
        left.addWidget(scroll, 1)
        middle = QHBoxLayout()
        middle.setSpacing(18)
        middle.addLayout(left, 4)
        middle.addWidget(self.samples, 6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.facts)
        column.addWidget(self.moments)
        column.addLayout(middle, 1)
        column.addWidget(self.sentences)

    def _show_others(self) -> None:
        self._seed += 1
        self._show_samples()

    def _show_samples(self) -> None:
        if self._prepared is None:
            return
        names = self._prepared.card.class_names
        each = min(max(_MOST_SAMPLES // len(names), _FEWEST), _MOST)
        images, labels = sample_images(self._prepared.dataset, each, _MOST_SAMPLES, self._seed)
        group = each if len(labels) == each * len(names) else 1
        self.samples.set_images(images, [names[i] for i in labels], group=group)


class _Legend(QLabel):
    """Which colour stands for which part of the data."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("role", "caption")
        self.setTextFormat(Qt.TextFormat.RichText)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        entries = (
            f'<span style="color:{self._theme.color(role).name()}">■</span> {part}'
            for part, role in _PARTS
        )
        self.setText("&nbsp;&nbsp;&nbsp;".join(entries))


def _rows(card: "Card") -> list[BarRow]:
    """Return a row for each class; the class with the most images fills the bar."""
    counts = list(zip(card.train, card.validation, card.test, strict=True))
    most = max(max(sum(row) for row in counts), 1)
    roles = [role for _, role in _PARTS]
    return [
        BarRow(
            name,
            tuple((count / most, role) for count, role in zip(row, roles, strict=True)),
            " + ".join(f"{count:,}" for count in row),
        )
        for name, row in zip(card.class_names, counts, strict=True)
    ]


def _moments(card: "Card") -> str:
    """Return mean and deviation of each channel, on the scale from 0 to 1."""
    channels = ("",) if len(card.mean) == 1 else ("R ", "G ", "B ")

    def listed(values: tuple[float, ...]) -> str:
        return ", ".join(f"{c}{value:.3f}" for c, value in zip(channels, values, strict=True))

    return f"Values from 0 to 1: mean {listed(card.mean)}; standard deviation {listed(card.std)}"
