"""The Train page: one button, and a network learns before everyone's eyes."""

import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from visualizer.core.bad_image import BadImage
from visualizer.learning.networks import PRESETS
from visualizer.state.loading import loaded_share
from visualizer.state.runs import Run
from visualizer.state.training import Experiment
from visualizer.state.training_news import Prepared
from visualizer.state.training_probe import Probe
from visualizer.ui.background import Background
from visualizer.ui.context import Context
from visualizer.ui.errors import unexpected
from visualizer.ui.incoming import Incoming, picture_of
from visualizer.ui.pages import train_commands, train_layout, train_tour
from visualizer.ui.pages.train_batch import BatchCard, KernelsCard
from visualizer.ui.pages.train_classes import ClassesView
from visualizer.ui.pages.train_curves import Curves
from visualizer.ui.pages.train_data import DataSeeker
from visualizer.ui.pages.train_dataset import DataView
from visualizer.ui.pages.train_experiment import ExperimentCard
from visualizer.ui.pages.train_exports import TrainExports
from visualizer.ui.pages.train_films import TrainFilms
from visualizer.ui.pages.train_inside import InsideView
from visualizer.ui.pages.train_insight import Insight
from visualizer.ui.pages.train_look import Look
from visualizer.ui.pages.train_open import RunOpener
from visualizer.ui.pages.train_progress import ProgressLine
from visualizer.ui.pages.train_runs import LayersView, RunList
from visualizer.ui.widgets.network_table import NetworkTable

if TYPE_CHECKING:
    from visualizer.learning.evaluation import Score
    from visualizer.learning.events import Validated
    from visualizer.learning.snapshot import Snapshot

_IDLE_MS = 150
_LOADING_MS = 200
_SECONDS_BETWEEN_SLOW = 0.3
_PART_MS, _PARTS_AT_ONCE = 6, 4


class TrainPage(QWidget):
    """Puts the cards together: their wishes go to `model` and `training`, whose news they show.

    Attributes:
        model: the experiment.
        training: the run that goes on, and all runs there were.
    """

    title = "Train"
    icon = "mdi6.chart-line"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("page")
        self._context = context
        self.training = context.training()
        self.model = self.training.model
        self.look = Look(self.training, self)
        self._newest: Snapshot | None = None
        self._score: tuple[Score, int] | None = None  # of the last validation, and its step
        self._slow_at, self._has_drawn_curves = 0.0, False
        self._parts: deque[Callable[[], object]] = deque()  # of the newest picture, not shown yet
        self._part_timer = QTimer(self, interval=_PART_MS)
        self._part_timer.timeout.connect(self._show_parts)
        self._loading = QTimer(self, interval=_LOADING_MS)  # tells how far torch is imported
        self._loading.timeout.connect(self._show_loading)
        theme = context.theme
        self._probe_reader = Background("probe reader", self)
        self.opener = RunOpener(self.training, self)
        train_commands.add(context, self)
        actions = [context.actions[name] for name in train_commands.ON_BUTTONS]
        self.experiment = ExperimentCard(theme, actions)
        self.curves = Curves(theme)
        self.inside = InsideView(theme)
        self.dataset = DataView(theme)
        self.table = NetworkTable(theme)
        self.classes = ClassesView(theme)
        self.views = train_layout.views(theme, self.inside, self.dataset, self.table, self.classes)
        self.insight = Insight(theme, self.training, self.look, self.inside, self)
        self.kernels = KernelsCard(theme)
        self.batch = BatchCard(theme)
        self.runs = RunList(theme, self.training.runs)
        self.layers = LayersView()
        self.lists = train_layout.lists(theme, self.runs, self.layers)
        self.progress = ProgressLine(theme)
        self._data = DataSeeker(
            self,
            self.model,
            context.preferences,
            self.progress,
            partial(self.look.submit, download=True),
            self._drop_data,
            self._show_all,
        )
        self._exports = TrainExports(
            context,
            self,
            {
                "curves": lambda: (self.curves.loss, self.curves.accuracy),
                "image": lambda: self.insight.shown_together(self.views),
                "kernels": lambda: (self.kernels,),
                "batch": lambda: (self.batch,),
                "page": lambda: (self,),
            },
            lambda: self.look.picked,
        )
        self._films = TrainFilms(context, self, self.insight.time, self.kernels.layer)
        self.hints = train_layout.hints(self, theme)
        train_layout.lay_out(self)
        self._connect()
        self._restyle()
        self._show_design()
        self._show_network(self.model.settings, ())
        self._show_all()
        QTimer.singleShot(_IDLE_MS, self, self._tell_unfinished)

    def tour(self, shot: Callable[[str], None]) -> None:
        """Train for real, and show the best there is to see."""
        train_tour.run(self, shot)

    def may_close(self) -> bool:
        """Ask what is to become of a training that goes on; False: the window stays."""
        return self.training.ask_before_closing(self)

    def close_work(self) -> None:
        """Stop training, save, and end the threads."""
        self.insight.close()
        self.training.close()
        self.look.close()
        self._probe_reader.close()
        self.opener.close()
        self._exports.close_work()
        self._films.close_work()

    @property
    def prepared(self) -> Prepared | None:
        """What the experiment comes to, once it has been looked at."""
        return self.training.known

    def showEvent(self, event: QShowEvent) -> None:
        """Show everything at once; torch is imported only when the page has been painted."""
        super().showEvent(event)
        self._loading.start()
        self.training.watch(True)
        self._show_all()
        if self.prepared is None or self.prepared.experiment != self.model.settings:
            QTimer.singleShot(_IDLE_MS, self, self._prepare_if_seen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what lies over the page in its place."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self.insight, self.insight.fit)

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask for no pictures while nobody looks; the training goes on."""
        super().hideEvent(event)
        self.training.watch(False)

    def _connect(self) -> None:
        model, training, card = self.model, self.training, self.experiment
        model.changed.connect(self._settings_changed)
        self._context.theme.changed.connect(self._restyle)
        form = card.form
        form.edited.connect(lambda *a: self._attempt(lambda: model.edit(a[0], a[1], **a[2])))
        form.dataChosen.connect(lambda words: self._attempt(lambda: self._data.choose(words)))
        form.folderWanted.connect(self._data.choose_folder)
        form.folderRead.connect(model.read_folder)
        form.networkChosen.connect(lambda key: self._attempt(lambda: model.choose_network(key)))
        form.augmentationChosen.connect(model.choose_augmentation)
        form.problem.connect(card.refuse_typed)
        model.design.changed.connect(self._show_design)
        card.tempoChosen.connect(training.set_tempo)
        self.inside.probeWanted.connect(self.look.move_probe)
        self.inside.dropped.connect(self._read_probe)
        self._probe_reader.done.connect(self.look.probe_picture)
        self._probe_reader.failed.connect(self._could_not_read)
        self.inside.pictureWanted.connect(
            lambda: self.look.probe_picture(self._context.session.image)
        )
        self.runs.showWanted.connect(training.keeper.show)
        self.runs.renameWanted.connect(training.keeper.rename)
        self.runs.deleteWanted.connect(training.keeper.delete)
        self.runs.resumeWanted.connect(training.resume)
        self.runs.pickWanted.connect(self._pick)
        self.opener.opened.connect(self._pick)
        self.runs.settingsWanted.connect(lambda run: model.edit("settings", **vars(run.experiment)))
        training.renewed.connect(self._begin_anew)
        tell = self._context.tell
        training.said.connect(lambda text: tell(text, until=training.outdated))
        training.keeper.noted.connect(self._context.done)
        self.opener.refused.connect(lambda text: tell(text, until=self.look.began))
        training.asked.connect(self.progress.ask)
        training.withdrawn.connect(self.progress.withdraw)
        training.changed.connect(self._show_all)
        training.scored.connect(self._show_score)
        training.validated.connect(self._show_validation)
        training.prepared.connect(self._show_run)
        training.pictured.connect(self._show_picture)
        look = self.look
        look.began.connect(self._await_look)
        look.reported.connect(self._data.show)
        look.prepared.connect(self._show_prepared)
        look.failed.connect(self._could_not_look)
        look.probed.connect(self._show_probe)
        look.pictured.connect(self._show_picture)
        look.scored.connect(self._show_looked_score)
        self.kernels.weightPicked.connect(self.insight.pick_weight)
        self.insight.beside.kernels.follow(self.kernels)
        for kernels in (self.kernels, self.insight.beside.kernels):
            self.inside.scales.currentChanged.connect(kernels.set_scale)
        self.runs.compareWanted.connect(self.insight.compare)
        self.insight.said.connect(lambda text: tell(text, until=look.began))
        self.insight.compared.connect(self._show_compared)
        self.insight.shown.connect(self._show_moment)
        self.insight.wentLive.connect(self._show_newest)
        self.insight.time.changed.connect(self._mark_moment)
        self.insight.time.scored.connect(self._show_old_score)

    # The experiment

    def _attempt(self, change: Callable[[], object]) -> None:
        self.experiment.refuse("")
        try:
            change()
        except ValueError as error:
            self.experiment.refuse(str(error))
            self.experiment.show_experiment(self.model.settings, self.training.busy)

    def _settings_changed(self, before: Experiment, after: Experiment) -> None:
        self.experiment.show_experiment(after, self.training.busy)
        self.batch.show_augmentation(after.augmentation)
        is_picked = self.look.picked is not None
        if not self.training.busy and self.isVisible():
            self.look.submit()
        if is_picked:
            self._show_all()

    def _show_design(self) -> None:
        """Offer the network of the Network page, unless it is a preset."""
        spec = self.model.design.spec
        self.experiment.form.show_design("" if spec in PRESETS.values() else spec.name)

    def _prepare_if_seen(self) -> None:
        """Spare those who only pass by the import of torch."""
        if self.isVisible():
            self.look.submit()
            self.training.offer_unfinished()

    def _tell_unfinished(self) -> None:
        """Say on whatever page is shown that a run waits here."""
        if not self.isVisible() and self.training.keeper.unfinished() is not None:
            self._context.tell(
                "A training run was cut short: open the Train page to go on.",
                until=self.training.asked,
            )

    def _drop_data(self) -> None:
        """Read no more, and do not start the run that was to learn from it."""
        self.look.cancel()
        self.training.cancel_start()

    def _await_look(self) -> None:
        self.experiment.refuse("")
        self._data.take_back()
        self._show_progress()

    def _could_not_look(self, error: Exception) -> None:
        reason = getattr(error, "reason", "")
        self._data.settle()
        why = reason or "This experiment could not be looked at."
        self._show_no_data(why)
        # Once: where the buttons are that help.
        self.experiment.refuse("" if reason and self._data.offer(reason) else why)
        if not reason:
            unexpected(error)
        self._show_progress()

    def _show_no_data(self, why: str) -> None:
        """Take away what was made of other data, which is not what is chosen."""
        self._parts.clear()
        self._newest = self._score = None
        self.insight.go_live()
        self.dataset.show_none(why)
        self.inside.clear()
        self.table.set_rows(())
        self.kernels.show_network(self.model.settings.spec())
        self.classes.clear()
        self.batch.clear()
        self.hints.refresh()

    def _show_prepared(self, prepared: Prepared) -> None:
        self._data.settle()
        self.experiment.refuse(prepared.refusal)
        self.dataset.show_prepared(prepared)
        self.table.set_rows(prepared.rows)
        self._show_network(prepared.experiment, prepared.dataset.class_names)
        self._show_progress()

    def _pick(self, run: Run) -> None:
        """Show the network that a run has left, and its curves before the others."""
        self.look.pick(run)
        self._show_all()

    def _show_looked_score(self, score: "Score | None", step: int) -> None:
        """Show how the network on show does on each class; an untrained one has no batch either."""
        self._score = None if score is None else (score, step)
        if score is None:
            self.classes.clear()
        else:
            self.classes.show_score(score, step)
        if score is None or self.look.picked is not None:
            self.batch.clear()
            self.hints.refresh()

    def _show_run(self, prepared: Prepared) -> None:
        """Show the network of a run that begins."""
        self.training.known = prepared
        self.training.hint = ""
        self._show_prepared(prepared)
        self.look.show_probe_of(prepared)

    def _show_network(self, experiment: Experiment, classes: tuple[str, ...]) -> None:
        spec = experiment.spec()
        self.inside.show_network(spec, classes)
        self.insight.show_network(spec, classes)
        self.kernels.show_network(spec)
        self.batch.show_classes(classes)
        self.classes.show_classes(classes)
        self.batch.show_augmentation(experiment.augmentation)

    def _show_probe(self, probe: Probe) -> None:
        self.inside.show_probe(probe.pixels, probe.caption, probe.label)
        self.hints.refresh()

    def _read_probe(self, incoming: Incoming) -> None:
        """Take a dropped picture as the probe image."""
        self._probe_reader.submit(lambda job: picture_of(incoming))

    def _could_not_read(self, error: Exception) -> None:
        if isinstance(error, BadImage):
            self._context.tell(error.reason, until=self.look.probed)
        else:
            unexpected(error)

    # What goes on

    def _begin_anew(self) -> None:
        """Put away what a run has learned: show the network that the next one begins with."""
        self._parts.clear()
        self.batch.clear()
        self.classes.clear()
        self.look.submit()
        self._show_all()

    def _show_all(self) -> None:
        """Show the state of everything but pictures."""
        training = self.training
        self.experiment.show_experiment(self.model.settings, training.busy)
        self.runs.show_runs(training.run, self.look.picked, training.state)
        self.curves.show_runs(training.runs, training.run or self.look.picked)
        self._show_progress()
        self._show_device()
        self._restyle()
        self.hints.refresh()

    def _show_score(self) -> None:
        self.runs.show_runs(self.training.run, self.look.picked, self.training.state)
        self.curves.fit()

    def _show_progress(self) -> None:
        training = self.training
        self.progress.show_state(training.state_text, training.progress_text(self.prepared))

    def _show_loading(self) -> None:
        if loaded_share() == 1:
            self._loading.stop()
        self._show_progress()

    def _show_device(self) -> None:
        self.progress.show_device(self.training.device_text())

    def _show_picture(self, snapshot: "Snapshot") -> None:
        """Show a snapshot, and at every second one what is new on the curves and how far it is.

        While training, some parts after others: all at once would hold the event loop up for
        longer than a frame, and each alone costs a look at all that is to be painted. A snapshot
        that comes before the last one is shown is passed over, but the one of a run that rests or
        has ended never is: no other follows it.
        """
        training, now = self.training, time.monotonic()
        self._newest = snapshot
        if self._parts and training.state == "training":
            return
        self._parts.clear()
        probe, is_now = self.look.probe, self.insight.is_now_on_show()
        if is_now and (probe is None or snapshot.probe.shape == probe.pixels.shape):
            self._parts += self.inside.parts(snapshot)
        self.insight.know_newest(snapshot.step)
        self._has_drawn_curves = not self._has_drawn_curves or training.state != "training"
        if self._has_drawn_curves:
            self._parts.append(self._show_progress)
            if training.run is not None:
                self._parts.append(partial(self.curves.update, training.run))
                if self.insight.beside.run is not None:  # compared with the one on show
                    self._parts.append(partial(self.insight.beside.curves.update, training.run))
        # A batch that changes faster cannot be looked at.
        if now - self._slow_at >= _SECONDS_BETWEEN_SLOW or training.state != "training":
            self._slow_at = now
            self._parts.append(self._show_device)
            if is_now:
                self._parts.append(partial(self.kernels.show_snapshot, snapshot))
                self._parts.append(partial(self.layers.show_layers, snapshot, training.dead))
            self._parts.append(partial(self.batch.show_snapshot, snapshot))
            self._parts.append(self.hints.refresh)
        if training.state == "training":
            self._part_timer.start()
        else:
            while self._parts:
                self._show_parts()

    def _show_compared(self, title: str) -> None:
        """Show the image alone, under a title, while something is beside it; "": nothing is."""
        if title:
            self.views.show_side("image")
        self.views.set_title(title)

    def _mark_moment(self) -> None:
        """Mark the moment looked at on the curves, where they are those of its run."""
        moment = self.insight.time.moment if self.look.shows_trained else None
        self.curves.set_moment(None if moment is None else moment.step)

    def _show_moment(self, snapshot: "Snapshot") -> None:
        """Show the network as it was, all at once."""
        self._parts.clear()
        for part in self.inside.parts(snapshot):
            part()
        self.kernels.show_snapshot(snapshot)
        self.layers.show_layers(snapshot, ())

    def _show_newest(self) -> None:
        """Show the network as it is now."""
        if self._newest is not None:
            self._parts.clear()
            self._slow_at = 0.0
            self._show_picture(self._newest)
        if self._score is not None and self.insight.time.is_live:
            self.classes.show_score(*self._score)

    def _show_validation(self, event: "Validated") -> None:
        self._score = event.score, event.step
        if self.insight.time.is_live:
            self.classes.show_score(*self._score)

    def _show_old_score(self, score: "Score") -> None:
        moment = self.insight.time.moment
        if moment is not None:
            self.classes.show_score(score, moment.step)

    def _show_parts(self) -> None:
        for _ in range(min(len(self._parts), _PARTS_AT_ONCE)):
            self._parts.popleft()()
        if not self._parts:
            self._part_timer.stop()

    def _restyle(self) -> None:
        train_commands.show_state(self._context, self.training)
