"""Time and arithmetic on the Train page: a click holds the network still, the slider goes back."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from visualizer.state.runs import Run
from visualizer.ui.pages.train_beside import Beside
from visualizer.ui.pages.train_inside import InsideView
from visualizer.ui.pages.train_look import Look
from visualizer.ui.theme import Theme
from visualizer.ui.time_machine import TimeMachine
from visualizer.ui.training import Training
from visualizer.ui.widgets.time_bar import TimeBar

if TYPE_CHECKING:
    from visualizer.ui.pages.arithmetic_panel import ArithmeticPanel
    from visualizer.ui.pages.gradient_panel import GradientPanel

_REFRESH_MS = 500


class Insight(QObject):
    """Keeps slider, arithmetic panel and marks together; the page shows the pictures.

    Signals:
        shown(Snapshot): what the network made of the probe at the moment looked at.
        wentLive(): the newest is to be shown again.
        said(str): one sentence for the user.
        compared(str): what to call what is on show while something is beside it; "": nothing is.

    Attributes:
        time: the moment looked at.
        bar: the time slider.
        panel: the arithmetic of a number, once there has been one: it needs torch.
        gradient: one gradient step of a weight, likewise.
        beside: the moment looked at, with the present at its right, or another run.
    """

    shown = Signal(object)
    wentLive = Signal()
    said = Signal(str)
    compared = Signal(str)

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
        self._then: Any = None  # the snapshot of the moment looked at, once it has been computed
        self._newest_step = 0
        self._boundless = inside.maximumSize()  # with nothing beside it
        self.time = TimeMachine(training, self)
        self.bar = TimeBar(theme)
        self.panel: ArithmeticPanel | None = None
        self.gradient: GradientPanel | None = None
        self.beside = Beside(theme, training, parent)
        self.beside.view.colour_as(inside)
        self.beside.closed.connect(self._put_beside_away)
        self.beside.said.connect(self.said)
        self.beside.view.numberPicked.connect(self._pick_beside)
        self.beside.kernels.weightPicked.connect(self._take_weight)
        self._timer = QTimer(self, interval=_REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        self._timer.start()
        self.bar.stepWanted.connect(self.time.go_to)
        self.bar.liveWanted.connect(self.go_live)
        self.bar.sideWanted.connect(self._want_beside)
        self.time.changed.connect(self._refresh)
        self.time.shown.connect(self._show)
        self.time.stepped.connect(self._show_step)
        look.probed.connect(self.time.show_probe)
        look.probed.connect(self.beside.show_probe)
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
        self.beside.show_network(spec, classes)

    def pick_weight(self, layer: str, at: tuple[int, ...]) -> None:
        """Take one gradient step of a weight by hand."""
        self._leave_then()
        self._take_weight(layer, at)

    def _take_weight(self, layer: str, at: tuple[int, ...]) -> None:
        self._weight = (layer, at)
        if self.time.frozen is not None:
            self._step()
        else:
            self.time.freeze(self._look.shows_trained)

    def is_now_on_show(self) -> bool:
        """Tell whether the large view shows the present: live, or at the right of a moment."""
        return self.time.is_live or self._is_then_beside()

    def know_newest(self, step: int) -> None:
        """Know which step is the newest."""
        self._newest_step = step
        if self._is_then_beside():
            self._say_when()

    def shown_together(self, view: QWidget) -> Sequence[QWidget]:
        """Return `view` with what stands at its left before it."""
        return (view,) if self.beside.isHidden() else (self.beside, view)

    def compare(self, run: Run) -> None:
        """Put another run beside the one on show: its maps at the same step, and the curves."""
        here = self._run_on_show()
        if here is None or here is run:
            self.said.emit(
                f"Compare {run.name} with which run? Click another one in the list to show it, "
                f"then compare {run.name} with it."
            )
            return
        self._put_beside_away()
        self.beside.show_run(run, here)
        self._put_beside()
        self._look_at_other()

    def _run_on_show(self) -> Run | None:
        """Return the run whose network is on show, if it is that of a run that is kept."""
        run = self._training.on_show
        is_shown = run is not None and run in self._training.runs and self._look.shows_trained
        return run if is_shown else None

    def _look_at_other(self) -> None:
        moment = self.time.moment
        self.beside.look_at(None if moment is None else moment.step)

    def go_live(self) -> None:
        """Let go of the moment, and show the newest."""
        was_live = self.time.is_live
        self._close_panels()
        self.time.live()
        self._then = None
        self._put_beside_away()
        if not was_live:
            self.wentLive.emit()

    def back(self) -> None:
        """Go back by one number."""
        panel, gradient = self.panel, self.gradient
        if panel is None or panel.place is None:
            return
        if gradient is not None and gradient.isVisible():
            self._weight = None
            gradient.hide()
            panel.show()
            panel.show_frozen(self.time.frozen)
        else:
            panel.back()

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
        if self.beside.isHidden():
            self._inside.setMaximumSize(self._boundless)
        else:
            self.beside.fit_view(self._inside)

    def close(self) -> None:
        """End the threads."""
        self.time.close()
        self.beside.close_work()

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
        self._leave_then()
        self._wanted = (layer, at)
        if self.time.frozen is not None:
            self._open()
        else:
            self.time.freeze(self._look.shows_trained)

    def _pick_beside(self, layer: str, at: tuple[int, ...]) -> None:
        """Open the arithmetic of a number of the moment that stands at the left."""
        run = self.beside.run
        if run is not None:
            first = "stop the training, " if self._training.busy else ""
            self.said.emit(
                f"How a number of {run.name} came about is seen where it is on show alone: "
                f"{first}close the comparison and click {run.name} in the list of runs."
            )
        elif self.time.frozen is not None:
            self._wanted = (layer, at)
            self._open()

    def _leave_then(self) -> None:
        """Go on with the present alone, where it stands at the right of a moment."""
        if self._is_then_beside():
            self.go_live()

    def _is_then_beside(self) -> bool:
        return not self.beside.isHidden() and self.beside.run is None

    def _show(self, frozen: Any, snapshot: Any) -> None:
        self._then = snapshot
        if self._is_then_beside():
            self.beside.show_then(snapshot)
        else:
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
            self.panel.weightWanted.connect(self.pick_weight)
            self.panel.closed.connect(self.go_live)
        (layer, at), self._wanted = self._wanted, None
        self._put_beside_away()
        if self.gradient is not None:
            self.gradient.hide()
        self._weight = None
        self._uncover(False)
        self.fit()
        self.panel.show()
        self.panel.raise_()
        place = Place(layer, at)
        self.panel.show_place(self.time.frozen, self._classes, place)

    def _step(self) -> None:
        """Ask for the step of the weight that was clicked."""
        from visualizer.ui.pages.gradient_panel import GradientPanel

        if self.gradient is None:
            self.gradient = GradientPanel(self._theme)
            self.gradient.setParent(self._page)
            self.gradient.ruleChosen.connect(lambda _rule: self._step())
            self.gradient.weightChosen.connect(self._choose_weight)
            self.gradient.wentBack.connect(self.back)
            self.gradient.closed.connect(self.go_live)
        layer, at = self._weight
        self.time.step_by_hand(layer, at, self.gradient.rule())

    def _choose_weight(self, at: tuple[int, ...]) -> None:
        """Take a step of another weight of the same layer."""
        if self._weight is not None:
            self.pick_weight(self._weight[0], at)

    def _show_step(self, step: Any) -> None:
        frozen = self.time.frozen
        if self.gradient is None or self._weight is None or frozen is None:
            return
        has_way_back = self.panel is not None and self.panel.place is not None
        self.gradient.show_step(step, frozen, self._classes[frozen.target], has_way_back)
        if not self.gradient.isVisible():
            self._put_beside_away()
            if self.panel is not None:
                self.panel.hide()
            self._inside.set_marks({})
            self._uncover(False)
            self.fit()
            self.gradient.show()
            self.gradient.raise_()

    def _close_panels(self) -> None:
        """Put away the arithmetic, and the step by hand."""
        panels = (self.panel, self.gradient)
        was_open = any(over is not None and over.isVisible() for over in panels)
        for over in panels:
            if over is not None:
                over.hide()
        if self.panel is not None:
            self.panel.clear()
        self._weight = self._wanted = None
        if was_open:
            self._uncover(True)
        self._inside.set_marks({})

    def _want_beside(self, on: bool) -> None:
        """Show then and now side by side, or no longer."""
        self._put_beside_away()
        if on:
            self.beside.show_past()
            self.bar.side.setChecked(True)
            self._put_beside()
            if self._then is not None:
                self.beside.show_then(self._then)
            self.wentLive.emit()

    def _put_beside(self) -> None:
        self._close_panels()
        self._uncover(False)
        self.beside.show()
        self.beside.raise_()
        self.fit()
        self._refresh()

    def _put_beside_away(self) -> None:
        self.bar.side.setChecked(False)
        if not self.beside.isHidden():
            was_then = self._is_then_beside()
            self.beside.run = None
            self.beside.hide()
            self.fit()
            self._uncover(True)
            if was_then and self._then is not None:
                self.shown.emit(self._then)
        self._refresh()

    def _uncover(self, on: bool) -> None:
        for widget in self._covered:
            widget.setVisible(on)

    def _mark(self) -> None:
        """Outline on the maps what the number on show is, and what it sees."""
        self._inside.set_marks({} if self.panel is None else self.panel.marks())

    def _say_when(self) -> None:
        """Say what is on show where it is not the present, in a title where it is compared."""
        moment = self.time.moment
        step = "" if moment is None else f"step {moment.step:,}"
        title = ""
        if not self.beside.isHidden():
            here = self._run_on_show()
            name = "Now" if self.beside.run is None or here is None else here.name
            is_now = self.is_now_on_show()
            title = f"{name}: {f'step {self._newest_step:,}' if is_now else step}"
        self.compared.emit(title)
        self._inside.set_heading("" if title else step)

    def _refresh(self) -> None:
        self._say_when()
        moment = self.time.moment
        if self._page.isVisible() or moment is not None:
            history = self.time.history if self._look.shows_trained else None
            is_full = history is not None and history.capacity == 0
            self.bar.show_steps(
                () if history is None else history.steps(),
                None if moment is None else moment.step,
                "too little memory" if is_full else "no steps yet",
            )
