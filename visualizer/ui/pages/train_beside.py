"""What stands at the left of the large view: the moment looked at, or another run at a step."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from visualizer.state.compared_runs import differences
from visualizer.state.runs import Run
from visualizer.state.training_news import Prepared
from visualizer.state.training_probe import Probe
from visualizer.ui.other_run import OtherRun
from visualizer.ui.pages.train_batch import KernelsCard
from visualizer.ui.pages.train_curves import Curves
from visualizer.ui.pages.train_inside import InsideView
from visualizer.ui.pages.train_runs import run_mark
from visualizer.ui.theme import Theme
from visualizer.ui.training import Training
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from visualizer.learning.snapshot import Snapshot


class Beside(Card):
    """Shows what another network, or the same one at another moment, makes of the probe.

    Signals:
        closed(): the user wants it away.
        said(str): why a run cannot be shown.

    Attributes:
        run: the run that stands here, or None: the moment looked at.
        mark: in the colour of its curves.
        view: its maps.
        kernels: of the moment; a run has its curves there.
        curves: of the two runs, which differ in what stands beside the heading.
    """

    closed = Signal()
    said = Signal(str)

    def __init__(self, theme: Theme, training: Training, parent: QWidget) -> None:
        super().__init__("Then", parent)
        self._theme, self._training = theme, training
        self._own: tuple[Any, tuple[str, ...]] | None = None  # the network on show beside this
        self._probe: Probe | None = None
        self.run: Run | None = None
        self._here: Run | None = None  # what it is compared with
        self.note.hide()
        self.mark = QLabel()
        self.top.insertWidget(0, self.mark)
        self._differences = ElidedLabel("", "body")
        self.top.insertWidget(2, self._differences)
        close = QToolButton()
        close.setText("Close")
        close.setAccessibleName("Close")
        close.setToolTip("Show the experiment and its curves again (Esc)")
        close.clicked.connect(self.closed)
        self.top.addWidget(close)
        self._order = ElidedLabel("", "caption")
        self.view = InsideView(theme)
        self.view.tools.hide()
        self.curves = Curves(theme)
        self.body.addWidget(self.view)
        self.body.addWidget(self._order)
        self.kernels = KernelsCard(theme)
        self.body.addWidget(self.kernels, 1)
        self._plots = QWidget()
        plots = QHBoxLayout(self._plots)
        plots.setContentsMargins(0, 0, 0, 0)
        plots.setSpacing(10)
        for plot in (self.curves.loss, self.curves.accuracy):
            plots.addWidget(plot)
        self.body.addWidget(self._plots, 1)
        training.scored.connect(self._compare)
        training.changed.connect(self._compare)
        self._other = OtherRun(training, self)
        self._other.opened.connect(self._show_network_of)
        self._other.shown.connect(self._show_other)
        self._other.failed.connect(self._give_up)
        self._of_run(False)
        self.hide()

    def show_network(self, spec: Any, classes: tuple[str, ...]) -> None:
        """Know the network on show beside this, whose past may be asked for."""
        self._own = spec, classes
        if self.run is None:
            self._show_own()

    def show_probe(self, probe: Probe | None) -> None:
        """Know what is sent through the network."""
        self._probe = probe
        if probe is not None and self.run is None:
            self.view.show_probe(probe.pixels, probe.caption, probe.label)

    def show_past(self) -> None:
        """Get ready for a moment of the network on show."""
        self.run = None
        self.heading.setText("Then")
        self._of_run(False)
        self._show_own()
        self.show_probe(self._probe)

    def show_then(self, snapshot: "Snapshot") -> None:
        """Show a moment."""
        self.heading.setText(f"Then: step {snapshot.step:,}")
        self._show(snapshot)
        self.kernels.show_snapshot(snapshot)

    def show_run(self, run: Run, here: Run) -> None:
        """Put `run` beside `here`, the one on show: say in what they differ, draw both curves."""
        self.run, self._here = run, here
        self.heading.setText(run.name)
        self.mark.setPixmap(run_mark(self._theme, run))
        self._of_run(True)
        self._compare()

    def fit_view(self, other: InsideView) -> None:
        """Give both views the size that both have room for: their maps are then laid out alike."""
        around = other.parentWidget()
        assert around is not None
        self.body.activate()
        room = around.size()
        room.setWidth(min(room.width(), self.body.geometry().width()))
        self.view.setFixedSize(room)
        other.setMaximumSize(room)
        self.kernels.fit()

    def look_at(self, step: int | None) -> None:
        """Show the run that stands here at a step; None: at its last."""
        self.curves.set_moment(step)
        if self.run is not None and self._probe is not None:
            self._other.show(self.run, step, self._probe)

    def close_work(self) -> None:
        """End the thread."""
        self._other.close()

    def _compare(self) -> None:
        """Say in what the two runs differ by now, and draw their curves."""
        run, here = self.run, self._here
        if run is None or here is None:
            return
        found = differences(run, here)
        self._differences.set_text(found.words())
        self._order.set_text(found.about_order())
        both = [one for one in self._training.runs if one in (run, here)]
        self.curves.show_runs(both, here, hidden_too=True)

    def _of_run(self, on: bool) -> None:
        for widget in (self.mark, self._differences, self._order, self._plots):
            widget.setVisible(on)
        self.kernels.setVisible(not on)

    def _show_own(self) -> None:
        if self._own is not None:
            self.view.show_network(*self._own)
            self.kernels.show_network(self._own[0])

    def _show_network_of(self, prepared: Prepared) -> None:
        if self.run is not None:
            self.view.show_network(prepared.experiment.spec(), prepared.dataset.class_names)

    def _show_other(self, snapshot: "Snapshot") -> None:
        probe = self._probe
        if self.run is not None and probe is not None:
            self.view.show_probe(probe.pixels, probe.caption, probe.label)
            self.heading.setText(f"{self.run.name}: step {snapshot.step:,}")
            self._show(snapshot)

    def _show(self, snapshot: "Snapshot") -> None:
        for part in self.view.parts(snapshot):
            part()

    def _give_up(self, sentence: str) -> None:
        self.closed.emit()
        self.said.emit(sentence)
