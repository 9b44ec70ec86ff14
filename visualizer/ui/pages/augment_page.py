"""The Augment page: what is done to training images, composed and seen, image by image."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from visualizer.core.image import Image
from visualizer.state.augment import AugmentModel, AugmentSettings
from visualizer.state.augment_work import (
    Floats,
    Material,
    NoImages,
    of_class,
    of_folder,
    of_picture,
    shows_middle,
)
from visualizer.state.training import Experiment
from visualizer.state.training_work import prepare
from visualizer.ui.background import Job
from visualizer.ui.context import Context
from visualizer.ui.errors import unexpected
from visualizer.ui.pages import augment_tour
from visualizer.ui.pages.augment_engine import AugmentEngine, Made
from visualizer.ui.pages.augment_files import AugmentFiles
from visualizer.ui.pages.augment_pipeline import PipelineCard
from visualizer.ui.pages.augment_results import ResultsCard
from visualizer.ui.pages.augment_source import OriginalCard, ValidationCard
from visualizer.ui.pages.train_data import in_words
from visualizer.ui.pages.train_experiment import set_icon

if TYPE_CHECKING:
    from visualizer.learning.datasets import DataSet

_USUAL_RATE = 3  # draws a second
_ABOVE = 214  # px at scale 1: the height of original and validation
_GREY = "image is grey"
_MIDDLE = "middle only"  # what its steps show of the image


class AugmentPage(QWidget):
    """Puts the cards together: their wishes go to `model`, its changes are shown in them.

    Attributes:
        model: what is chosen.
        material: what the source holds, once that is known.
        dataset: what classes were last taken from.
        made: the results on show.
        engine: what works off the GUI thread.
    """

    title = "Augment"
    icon = "mdi6.auto-fix"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("page")
        self._context = context
        self._training = context.training()
        self.model: AugmentModel = self._training.model.augment
        self.material: Material | None = None
        self.made: Made | None = None
        self.dataset: DataSet | None = None
        self._plays = 0
        self.engine = AugmentEngine(self)
        self._play_timer = QTimer(self, interval=1000 // _USUAL_RATE)
        self._play_timer.timeout.connect(self._play_on)
        theme = context.theme
        self._add_commands()
        actions = context.actions
        self.files = AugmentFiles(context, self, self)
        self.pipeline = PipelineCard(theme, self.files.actions)
        self.original = OriginalCard(theme)
        self.validation = ValidationCard(theme)
        self.results = ResultsCard(
            theme, {name: actions[f"augment.{name}"] for name in ("play", "shuffle", "same")}
        )
        self._lay_out()
        self._connect()
        self._restyle()
        self._show_settings(self.model.settings)

    def tour(self, shot: Callable[[str], None]) -> None:
        """Show the best there is to see."""
        augment_tour.run(self, self._context, shot)

    def may_close(self) -> bool:
        """Nothing here is worth waiting for."""
        return True

    def close_work(self) -> None:
        """End the threads, and the playing."""
        self._play_timer.stop()
        self.files.close_work()
        self.engine.close()

    @property
    def pixels(self) -> Floats | None:
        """The image that is augmented, float32 (C, H, W) in 0–1."""
        return None if self.material is None else self.material.at(self.model.settings.index)[0]

    def showEvent(self, event: QShowEvent) -> None:
        """Follow what was changed elsewhere; torch is imported only after the page is painted."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self._read_if_seen)

    def hasHeightForWidth(self) -> bool:
        """Let the cards share what height there is: no text that wraps may make it more."""
        return False

    # Building

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.setSpacing(10)
        above.addWidget(self.original, 5)
        above.addWidget(self.validation, 4)
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addLayout(above)
        right.addWidget(self.results, 1)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(14, 12, 14, 10)
        outer.setSpacing(10)
        outer.addWidget(self.pipeline, 1)
        outer.addLayout(right, 1)

    def _add_commands(self) -> None:
        add = partial(self._context.actions.add, menu="Step", page=self.title)
        add("augment.shuffle", "Shuffle", self._shuffle, shortcuts="Right",
            tip="Draw anew, from the next seed")  # fmt: skip
        add("augment.play", "Play", self._play, shortcuts="Space", checkable=True,
            tip="Draw anew, again and again")  # fmt: skip
        add("augment.same", "Is it still the same?", self._ask, shortcuts="Q", checkable=True,
            tip="One result and its label, large, to ask the class")  # fmt: skip

    def _connect(self) -> None:
        model, card, engine = self.model, self.pipeline, self.engine
        model.changed.connect(self._changed)
        self._context.theme.changed.connect(self._restyle)
        self._context.session.image_changed.connect(self._picture_changed)
        self._training.model.changed.connect(self._experiment_changed)
        attempt = self._attempt
        card.changed.connect(
            lambda i, fields, merge: attempt(partial(model.change, i, merge, **fields))
        )
        card.added.connect(lambda kind: attempt(partial(model.add, kind)))
        card.removed.connect(lambda i: attempt(partial(model.remove, i)))
        card.moved.connect(lambda i, to: attempt(partial(model.move, i, to)))
        card.presetChosen.connect(lambda name: attempt(partial(model.choose_preset, name)))
        card.fillChosen.connect(lambda fill: attempt(partial(model.fill_with, fill)))
        card.levelChosen.connect(lambda level, merge: attempt(
            partial(model.fill_with, "constant", level, merge)))  # fmt: skip
        card.problem.connect(card.refuse)
        self.original.sourceChosen.connect(self._choose_source)
        self.original.classChosen.connect(lambda i: model.edit("class", class_index=i, index=0))
        self.original.indexWanted.connect(self._move_index)
        self.results.countChosen.connect(lambda n: model.edit("number of images", count=n))
        self.results.seedChosen.connect(lambda seed: model.edit("seed", "seed", seed=seed))
        self.results.rateChosen.connect(lambda rate: self._play_timer.setInterval(1000 // rate))
        self.results.question.classWanted.connect(self._move_class)
        engine.found.connect(self._found)
        engine.reading.connect(self._tell_reading)
        engine.missing.connect(self._missing)
        engine.made.connect(self._show_made)
        engine.stepped.connect(self.pipeline.show_steps)
        engine.failed.connect(unexpected)

    # Wishes

    def _attempt(self, change: Callable[[], object]) -> None:
        """Do what the user asks for; a refusal is said in place, and changes nothing."""
        self.pipeline.refuse("")
        try:
            change()
        except ValueError as error:
            self.pipeline.show_pipeline(self.model.settings.pipeline)
            self.pipeline.refuse(str(error))

    def _choose_source(self, source: str) -> None:
        if source == "folder":
            folder = QFileDialog.getExistingDirectory(self, "A folder of pictures")
            if folder:
                self.model.edit("source", source=source, folder=folder, index=0)
            else:
                self.original.show_settings(self.model.settings)
        else:
            self.model.edit("source", source=source, index=0)

    def _move_index(self, by: int) -> None:
        if self.material is not None:
            index = (self.model.settings.index + by) % len(self.material.images)
            self.model.edit("image", "image", index=index)

    def _move_class(self, by: int) -> None:
        count = max(1, len(self._class_names()))
        index = (self.model.settings.class_index + by) % count
        self.model.edit("class", "class", class_index=index, index=0)

    def _shuffle(self) -> None:
        self.model.shuffle()

    def _play(self, on: bool) -> None:
        self._plays += 1
        if on:
            self._play_timer.start()
        else:
            self._play_timer.stop()
        self._restyle()

    def _play_on(self) -> None:
        if self.isVisible():
            self.model.shuffle(f"play{self._plays}")

    def _ask(self, on: bool) -> None:
        self.results.ask_question(on)

    # What is on show

    def _changed(self, before: AugmentSettings, after: AugmentSettings) -> None:
        self._show_settings(after)
        if self.isVisible():
            self._read()

    def _picture_changed(self, image: Image) -> None:
        if self.isVisible():
            self._read()

    def _experiment_changed(self, before: Experiment, after: Experiment) -> None:
        if self.isVisible() and (before.data, before.seed) != (after.data, after.seed):
            self._read()

    def _show_settings(self, settings: AugmentSettings) -> None:
        self.pipeline.show_pipeline(settings.pipeline)
        self.original.show_settings(settings)
        self.results.show_settings(settings)

    def _read_if_seen(self) -> None:
        """Spare those who only pass by the import of torch."""
        if self.isVisible():
            self._read()

    def _read(self) -> None:
        """Find out what the source holds where that is not known, and augment."""
        settings, experiment = self.model.settings, self._training.model.settings
        image = self._context.session.image
        if settings.source == "picture":
            key: object = image
            make: Callable[[Job], Material] = partial(_picture, image)
        elif settings.source == "class":
            known = self._training.known_for(experiment)
            key = ("class", experiment.data, experiment.seed, settings.class_index)
            make = partial(self._read_class, experiment, known, settings.class_index)
        else:
            key = ("folder", settings.folder)
            make = partial(_folder, Path(settings.folder))
        if key != self.engine.key:
            self.original.say("Reading…")
            self.engine.read(key, make)
        else:
            self._demand()

    def _read_class(self, experiment: Experiment, known: object, label: int, job: Job) -> Material:
        prepared = prepare(experiment, known, tell=job.report)  # type: ignore[arg-type]
        job.check()
        self.dataset = prepared.dataset
        return of_class(prepared.dataset, label)

    def _class_names(self) -> tuple[str, ...]:
        return () if self.dataset is None else self.dataset.class_names

    def _found(self, material: Material) -> None:
        self.material = material
        self.original.show_classes(self._class_names())
        self.original.show_settings(self.model.settings)
        self.validation.show_material(material)
        self.results.question.show_label(material.label)
        self._demand()

    def _tell_reading(self, progress: object) -> None:
        text = f"{progress:.0%} read" if isinstance(progress, float) else in_words(progress)  # type: ignore[arg-type]
        self.original.say(text)

    def _missing(self, error: Exception) -> None:
        reason = getattr(error, "reason", "")
        self.material = self.made = None
        for card in (self.original, self.results):
            card.clear()
        self.validation.show_material(None)
        self.pipeline.clear_steps()
        self.original.say(reason or "This source could not be read.")
        if not reason:
            unexpected(error)

    def _demand(self) -> None:
        settings, material = self.model.settings, self.material
        if material is None:
            return
        pixels, name = material.at(settings.index)
        self.original.show_image(pixels, name, material)
        for index, operation in enumerate(settings.pipeline.operations):
            remark = _MIDDLE if shows_middle(operation, pixels) else ""
            suits = operation.suits(len(pixels), may_mirror=True)
            self.pipeline.remark(index, remark if suits else _GREY)
        self.engine.demand(pixels, settings.pipeline, settings.count, settings.seed)

    def _show_made(self, made: Made) -> None:
        self.made = made
        self.results.show_results(made.results)
        if self.isVisible():
            words = f"{len(made.results.images)} images from seed {made.seed}"
            self._context.status(words, f"augment {made.took:.1f} ms")

    def _restyle(self) -> None:
        actions, theme = self._context.actions, self._context.theme
        is_playing = self._play_timer.isActive()
        set_icon(actions["augment.play"], "pause" if is_playing else "play", theme, primary=True)
        actions["augment.play"].setText("Pause" if is_playing else "Play")
        set_icon(actions["augment.shuffle"], "shuffle-variant", theme)
        set_icon(actions["augment.same"], "help-circle-outline", theme)
        for card in (self.original, self.validation):
            card.setFixedHeight(theme.px(_ABOVE))


def _picture(image: Image, job: Job) -> Material:
    return of_picture(image)


def _folder(folder: Path, job: Job) -> Material:
    for news in of_folder(folder):
        if isinstance(news, Material):
            return news
        job.report(news)
    raise NoImages(f"{folder} has no picture that can be shown.")
