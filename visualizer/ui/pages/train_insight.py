"""Time and arithmetic on the Train page: a click holds the network still, the slider goes back."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from visualizer.learning.wiring import INPUT
from visualizer.state.runs import Run
from visualizer.state.training_work import Prepared
from visualizer.ui.other_run import OtherRun
from visualizer.ui.pages.train_curves import Curves
from visualizer.ui.pages.train_inside import InsideView
from visualizer.ui.pages.train_look import Look
from visualizer.ui.theme import Theme
from visualizer.ui.time_machine import TimeMachine
from visualizer.ui.training import Training
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.time_bar import TimeBar

if TYPE_CHECKING:
    from visualizer.ui.pages.arithmetic_panel import ArithmeticPanel
    from visualizer.ui.pages.gradient_panel import GradientPanel

_REFRESH_MS = 500
_CURVES_HEIGHT = 120  # px at scale 1


class Insight(QObject):
    """Keeps slider, arithmetic panel and marks together; the page shows the pictures.

    Signals:
        shown(Snapshot): what the network made of the probe at the moment looked at.
        wentLive(): the newest is to be shown again.
        said(str): one sentence for the user.

    Attributes:
        time: the moment looked at.
        bar: the time slider.
        panel: the arithmetic of a number, once there has been one: it needs torch.
        gradient: one gradient step of a weight, likewise.
        beside: the present, beside the moment looked at.
    """

    shown = Signal(object)
    wentLive = Signal()
    said = Signal(str)

    def __init__(
        self, theme: Theme, training: Training, look: Look, inside: InsideView, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._theme, self._training, self._look, self._inside = theme, training, look, inside
        self._page = parent
        self._covered: Sequence[QWidget] = ()
        self._folder: Path | None = None
        self._spec: Any = None
        self._classes: tuple[str, ...] = ()
        self._weight: Any = None  # (layer, place) of the weight that was clicked
        self._wanted: Any = None  # the address of a number that was clicked
        self.time = TimeMachine(training, self)
        self.bar = TimeBar(theme)
        self.panel: ArithmeticPanel | None = None
        self.gradient: GradientPanel | None = None
        self.beside = Card("Now", parent)
        self.now = InsideView(theme)
        self.now.tools.hide()
        self.beside.body.addWidget(self.now, 1)
        self.beside.hide()
        self.curves = Curves(theme)
        self.curves.loss.hide()
        self.curves.accuracy.hide()
        self.beside.body.addWidget(self.curves.loss, 0)
        self.beside.body.addWidget(self.curves.accuracy, 0)
        self.other = OtherRun(training, self)
        self.other.opened.connect(self._show_other_network)
        self.other.shown.connect(self._show_other)
        self.other.failed.connect(self._give_up_other)
        self._compared: Run | None = None
        self._timer = QTimer(self, interval=_REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        self._timer.start()
        self.bar.stepWanted.connect(self.time.go_to)
        self.bar.liveWanted.connect(self.go_live)
        self.bar.sideWanted.connect(self._show_beside)
        self.time.changed.connect(self._refresh)
        self.time.shown.connect(self._show)
        self.time.stepped.connect(self._show_step)
        look.probed.connect(self.time.show_probe)
        look.probed.connect(lambda _probe: self._look_at_other())
        self.time.changed.connect(self._look_at_other)
        inside.numberPicked.connect(self._pick)
        training.prepared.connect(lambda _prepared: self._open_folder(None))
        training.prepared.connect(self.go_live)
        training.renewed.connect(self.go_live)
        look.prepared.connect(lambda _prepared: self._open_history())

    def cover(self, widgets: Sequence[QWidget]) -> None:
        """Say what the panel takes the place of."""
        self._covered = widgets
        for widget in widgets:
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)  # so that nothing else moves
            widget.setSizePolicy(policy)

    def show_network(self, spec: Any, classes: tuple[str, ...]) -> None:
        """Another network is on show: nothing of the one before is to be seen any more."""
        if (spec, classes) != (self._spec, self._classes):
            self.go_live()
        self._spec, self._classes = spec, classes
        if self._compared is None:
            self.now.show_network(spec, classes)

    def pick_weight(self, layer: str, at: tuple[int, ...]) -> None:
        """Take one gradient step of a weight by hand."""
        self._weight = (layer, at)
        if self.time.frozen is not None:
            self._step()
        else:
            self.time.freeze(self._look.shows_trained)

    def show_now(self, snapshot: Any) -> None:
        """Show the present beside the past, where that is wanted."""
        if self.beside.isVisible() and self._compared is None:
            for part in self.now.parts(snapshot):
                part()

    def compare(self, run: Run) -> None:
        """Put another run beside the one on show: its maps at the same step, and the curves."""
        self._show_beside(False)
        self._compared = run
        self.beside.heading.setText(run.name)
        self._show_beside(True)
        runs = self._training.runs
        here = self._training.run or self._look.picked or next(
            (one for one in reversed(list(runs)) if one is not run), run
        )  # fmt: skip
        for plot in (self.curves.loss, self.curves.accuracy):
            plot.setVisible(True)
            plot.setFixedHeight(self._theme.px(_CURVES_HEIGHT))
        self.curves.show_runs([one for one in runs if one in (run, here)], here)
        self._look_at_other()

    def _look_at_other(self) -> None:
        probe, run = self._look.probe, self._compared
        if run is not None and probe is not None:
            moment = self.time.moment
            self.other.show(run, None if moment is None else moment.step, probe)

    def _show_other_network(self, prepared: Prepared) -> None:
        if self._compared is not None:
            self.now.show_network(prepared.experiment.spec(), prepared.dataset.class_names)

    def _show_other(self, snapshot: Any) -> None:
        run, probe = self._compared, self._look.probe
        if run is not None and probe is not None:
            self.now.show_probe(probe.pixels, probe.caption, probe.label)
            self.beside.heading.setText(f"{run.name} at step {snapshot.step:,}")
            for part in self.now.parts(snapshot):
                part()

    def _give_up_other(self, sentence: str) -> None:
        self._show_beside(False)
        self.said.emit(sentence)

    def go_live(self) -> None:
        """Let go of the moment, and show the newest."""
        was_live = self.time.is_live
        self._close_panel()
        self._show_beside(False)
        self.time.live()
        if not was_live:
            self.wentLive.emit()

    def back(self) -> None:
        """Go back by one number."""
        if self.panel is not None and self.panel.isVisible():
            self.panel.back()

    def fit(self) -> None:
        """Put what lies over the page where it belongs."""
        if not self._covered:
            return
        area = self._covered[0].geometry()
        for widget in self._covered[1:]:
            area = area.united(widget.geometry())
        for over in (self.panel, self.gradient, self.beside):
            if over is not None:
                over.setGeometry(area)

    def close(self) -> None:
        """End the threads."""
        self.time.close()
        self.other.close()

    def _open_history(self) -> None:
        """Offer the moments of the run whose network is on show."""
        picked = self._look.picked
        self._open_folder(None if picked is None else picked.folder)

    def _open_folder(self, folder: Path | None) -> None:
        if folder != self._folder:
            self._folder = folder
            self.go_live()
            self.time.open(folder)

    def _pick(self, layer: str, at: tuple[int, ...]) -> None:
        self._wanted = (layer, at)
        if self.time.frozen is not None:
            self._open()
        else:
            self.time.freeze(self._look.shows_trained)

    def _show(self, frozen: Any, snapshot: Any) -> None:
        self.shown.emit(snapshot)
        if self._weight is not None:
            self._step()
        elif self._wanted is not None:
            self._open()
        elif self.panel is not None:
            self.panel.show_frozen(frozen)

    def _open(self) -> None:
        """Show the arithmetic of the number that was clicked."""
        from visualizer.learning.cells import Place
        from visualizer.ui.pages.arithmetic_panel import ArithmeticPanel

        if self.panel is None:
            self.panel = ArithmeticPanel(self._theme)
            self.panel.setParent(self._page)
            self.panel.moved.connect(self._mark)
            self.panel.closed.connect(self.go_live)
        (layer, at), self._wanted = self._wanted, None
        self._show_beside(False)
        if self.gradient is not None:
            self.gradient.hide()
        self._weight = None
        self._uncover(False)
        self.fit()
        self.panel.show()
        self.panel.raise_()
        place = Place(layer, at)
        if self.panel.place is None:
            self.panel.show_place(self.time.frozen, self._classes, place)
        else:
            self.panel.frozen = self.time.frozen
            self.panel.follow(place)

    def _step(self) -> None:
        """Ask for the step of the weight that was clicked."""
        from visualizer.ui.pages.gradient_panel import GradientPanel

        if self.gradient is None:
            self.gradient = GradientPanel(self._theme)
            self.gradient.setParent(self._page)
            self.gradient.ruleChosen.connect(lambda _rule: self._step())
            self.gradient.closed.connect(self.go_live)
        layer, at = self._weight
        self.time.step_by_hand(layer, at, self.gradient.rule())

    def _show_step(self, step: Any) -> None:
        frozen = self.time.frozen
        if self.gradient is None or self._weight is None or frozen is None:
            return
        filter_, plane, row, column = step.at
        what = f"{step.name}, filter {filter_ + 1}, channel {plane + 1}, row {row}, column {column}"
        self.gradient.show_step(
            step, f"{what} at step {frozen.step:,}", self._classes[frozen.target]
        )
        if not self.gradient.isVisible():
            self._show_beside(False)
            self._hide_arithmetic()
            self._uncover(False)
            self.fit()
            self.gradient.show()
            self.gradient.raise_()

    def _hide_arithmetic(self) -> None:
        if self.panel is not None and self.panel.isVisible():
            self.panel.hide()
        self._inside.set_marks({})

    def _close_panel(self) -> None:
        if self.gradient is not None and self.gradient.isVisible():
            self.gradient.hide()
            self._uncover(True)
        self._weight = None
        if self.panel is not None and self.panel.isVisible():
            self.panel.hide()
            if self.panel.place is not None:
                self.panel.close_panel()
            self._uncover(True)
        self._inside.set_marks({})

    def _show_beside(self, on: bool) -> None:
        self.bar.side.setChecked(on)
        if not on and self._compared is not None:
            self._compared = None
            self.beside.heading.setText("Now")
            self.curves.loss.hide()
            self.curves.accuracy.hide()
            if self._spec is not None:
                self.now.show_network(self._spec, self._classes)
        if on == self.beside.isVisible():
            return
        if on:
            self._close_panel()
            self.fit()
            probe = self._look.probe
            if probe is not None:
                self.now.show_probe(probe.pixels, probe.caption, probe.label)
        self._uncover(not on)
        self.beside.setVisible(on)
        self.beside.raise_()
        if on:
            self.wentLive.emit()

    def _uncover(self, on: bool) -> None:
        for widget in self._covered:
            widget.setVisible(on)

    def _mark(self) -> None:
        """Outline on the maps what the number on show is, and what it sees."""
        panel = self.panel
        if panel is None or panel.place is None:
            self._inside.set_marks({})
            return
        place = panel.place
        boxes: dict[str, tuple[int | None, tuple[int, int, int, int]]] = {}
        for field in panel.fields[1:]:
            tile = field.channel
            is_whole = field.mask.ndim == 1 or bool(field.mask.all())
            if not is_whole or field.layer == INPUT:
                boxes[field.layer] = (tile, field.box)
        if len(place.at) == 3:
            boxes[place.layer] = (place.at[0], (*place.at[1:], 1, 1))
        elif len(place.at) == 1:
            boxes[place.layer] = (0, (0, place.at[0], 1, 1))
        self._inside.set_marks(boxes)

    def _refresh(self) -> None:
        moment = self.time.moment
        if self._page.isVisible() or moment is not None:
            self.bar.show_steps(
                self.time.steps() if self._look.shows_trained else (),
                None if moment is None else moment.step,
            )
