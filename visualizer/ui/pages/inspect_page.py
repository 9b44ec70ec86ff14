"""The Inspect page: draw a digit, see what the network sees, find where it fails."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from visualizer.state.inspect import ON_SHOW, InspectModel, InspectSettings
from visualizer.state.inspect_work import Answer, Subject, why_not_comparable
from visualizer.ui.context import Context
from visualizer.ui.pages import inspect_tour
from visualizer.ui.pages.inspect_answer import AnswerCard
from visualizer.ui.pages.inspect_asker import Asker, Question
from visualizer.ui.pages.inspect_correct import CorrectCard
from visualizer.ui.pages.inspect_correcting import Correcting, store, stored
from visualizer.ui.pages.inspect_draw import DrawCard
from visualizer.ui.pages.inspect_exports import InspectExports
from visualizer.ui.pages.inspect_failures import Failures
from visualizer.ui.pages.inspect_filters import FiltersCard
from visualizer.ui.pages.inspect_fool import FoolCard
from visualizer.ui.pages.inspect_live import Live
from visualizer.ui.pages.inspect_map import MapCard, QualityCard
from visualizer.ui.pages.inspect_more import More
from visualizer.ui.pages.inspect_move import MoveCard
from visualizer.ui.pages.inspect_networks import QUICK, Networks
from visualizer.ui.pages.inspect_number import NumberReader
from visualizer.ui.pages.inspect_rival import BUSY, Rival
from visualizer.ui.pages.inspect_sees import SeesCard
from visualizer.ui.pages.inspect_subjects import Subjects, drawing
from visualizer.ui.pages.inspect_views import OPEN, ViewBar, plan
from visualizer.ui.pages.inspect_why import WhyCard
from visualizer.ui.pages.train_inside import InsideView
from visualizer.ui.widgets.board import Board, columns
from visualizer.ui.widgets.card import Card

if TYPE_CHECKING:
    from visualizer.learning.examined import Examined
    from visualizer.learning.verdicts import Verdicts
    from visualizer.state.runs import Run

_IDLE_MS = 500
_OTHERS = ("file.open", "file.gallery")
_NO_NETWORK = (
    "No network has been trained yet. Train one on the Train page, open a checkpoint, or let a "
    "quick one learn to read digits now."
)
_NO_VALIDATION = "The data hold no validation images."
_NOT_KNOWN = "It is not known which data and settings this network has learned with."
_NOBODY = "There is no network to try yet."
_PHOTO = (
    "A photo, but the network only knows ink on an even background: it must name one of its "
    "classes."
)


class InspectPage(QWidget):
    """Puts the cards together: their wishes go to `model`, and the network's answers to them.

    Attributes:
        model: what is chosen.
        networks: those that can be asked.
        last_answer: what is on show, or None.
    """

    title = "Inspect"
    icon = "mdi6.bullseye-arrow"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("page")
        self._context = context
        self._training = context.training()
        self.model = InspectModel(stored(context.tell))
        self.networks = Networks(self._training, self)
        self._asker = Asker(self)
        self.last_answer: Answer | None = None
        self._has_learned_on = False  # the network, since it was opened
        self._not_comparable = ""  # why the rival cannot be asked about the same input
        self._awaited = ON_SHOW  # the run that is to be asked as soon as it can be
        theme, actions = context.theme, context.actions
        self.bar = ViewBar(theme)
        self.draw = DrawCard(theme, actions["edit.undo"], [actions[key] for key in _OTHERS])
        self.live = Live(self.draw, lambda: self._asker.busy, self)
        self._subjects = Subjects(context, self.live, self)
        self.answer = AnswerCard(theme)
        self.sees = SeesCard(theme)
        self.inside = InsideView(theme)
        self.why = WhyCard(theme)
        self.failures = Failures(theme, self)
        self.move_it = MoveCard(theme)
        self.rival = Rival(self._training, self.networks, self.move_it, self)
        self.fool = FoolCard(theme)
        self.numbers = NumberReader(theme, self)
        self._more = More(self, self.model)
        self.correct = CorrectCard(theme)
        self._correcting = Correcting(context, self.model, self.networks, self.correct)
        self.map = MapCard(theme)
        self.filters = FiltersCard(theme)
        self.quality = QualityCard(theme)
        layers = Card("One image through the network")
        layers.note.hide()
        layers.top.addWidget(self.inside.tools)
        layers.body.addWidget(self.inside, 1)
        self._cards: dict[str, QWidget] = {
            "draw": self.draw, "answer": self.answer, "sees": self.sees, "layers": layers,
            "why": self.why, "confusion": self.failures.confusion,
            "classes": self.failures.classes, "errors": self.failures.errors,
            "filters": self.filters, "map": self.map, "quality": self.quality,
            "correct": self.correct, "move": self.move_it, "fool": self.fool,
        }  # fmt: skip
        self._board = Board(tuple(self._cards.values()))
        self._works = (
            self._asker, self._subjects, self.networks, self.failures, self.rival,
            self._correcting,
        )  # fmt: skip
        self.exports = InspectExports(
            context, self._board, self.networks, self.failures, self.model
        )
        for name, card in self._cards.items():
            self.exports.offer_card(card, name)
        self._lay_out()
        self._connect()
        self._render(self.model.settings)

    def tour(self, shot: Callable[[str], None]) -> None:
        """Draw digits, and show the best there is to see."""
        inspect_tour.run(self, self._training, shot)

    def may_close(self) -> bool:
        """Nothing here needs to be asked about."""
        return True

    def close_work(self) -> None:
        """End the threads."""
        self.live.stop()
        for work in self._works:
            work.close()
        self.map.close_work()
        self.filters.close_work()
        self.exports.close()
        self._training.close()

    @property
    def is_busy(self) -> bool:
        """Whether something is still being found out."""
        slow = self.map.busy or self.filters.busy
        return slow or any(work.busy for work in self._works)

    def show_view(self, view: str) -> None:
        """Show the cards of a view."""
        self.bar.views.set_current(view)
        self._board.arrange(plan(view, self._cards))
        self.numbers.close()
        if view == "map":
            self.model.edit("part", part="validation")
            self.map.draw()
        self.filters.draw()
        self._look_again()

    def showEvent(self, event: QShowEvent) -> None:
        """Open the network once the page has been painted: the first time this imports torch."""
        super().showEvent(event)
        self._list_networks()
        self.rival.follow()
        QTimer.singleShot(0 if "torch" in sys.modules else _IDLE_MS, self, self._look_again)

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask nothing while nobody looks."""
        super().hideEvent(event)
        self._asker.cancel()
        self.live.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close the arithmetic by Escape; go back by one number by Backspace."""
        panel = self.numbers.panel
        is_open = panel is not None and panel.isVisible()
        if is_open and event.key() == Qt.Key.Key_Escape:
            self.show_view("layers")
        elif is_open and event.key() == Qt.Key.Key_Backspace:
            self.numbers.back()
        else:
            super().keyPressEvent(event)

    # Building

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(14, 10, 14, 12)
        outer.setSpacing(8)
        outer.addWidget(self.bar)
        outer.addWidget(self._board, 1)
        self._board.arrange(plan("draw", self._cards))
        self.draw.pad.set_hint("Draw a digit here: with the mouse, a finger or a pen")

    def _connect(self) -> None:
        model, training, networks = self.model, self._training, self.networks
        model.changed.connect(self._changed)
        self.bar.viewChosen.connect(self.show_view)
        self.bar.networkChosen.connect(self._choose_network)
        pad = self.draw.pad
        pad.changed.connect(lambda picture: self._ask_about(drawing(picture)))
        pad.drawn.connect(model.draw)
        pad.moved.connect(model.move)
        self.draw.cleared.connect(model.clear)
        self.draw.showsChosen.connect(lambda key: model.edit("picture", shows=key))
        for card in (self.draw.imageWanted, self.inside.probeWanted):
            card.connect(self._move_image)
        self.live.seen.connect(self._ask_about)
        self.live.frozen.connect(self._context.session.show)
        self.live.ended.connect(self._look_again)
        self.inside.pictureWanted.connect(lambda: model.edit("picture", shows="picture"))
        self.inside.numberPicked.connect(self._pick_number)
        self.numbers.opened.connect(self._open_panel)
        self.numbers.closed.connect(lambda: self.show_view("layers"))
        self.numbers.marked.connect(self.inside.set_marks)
        self.sees.switched.connect(model.switch)
        self.answer.quickWanted.connect(lambda: training.start(other=QUICK))
        networks.listed.connect(self._networks_listed)
        networks.grown.connect(self._look_again)
        networks.opened.connect(self._opened)
        networks.refused.connect(self._refused)
        self._asker.answered.connect(self._show_answer)
        self._asker.found.connect(self._show_found)
        for edited in (self.why.edited, self.fool.edited):
            edited.connect(lambda label, merge, changes: model.edit(label, merge, **changes))
        self.failures.errors.partChosen.connect(lambda name: model.edit("part", part=name, image=0))
        self.rival.chosen.connect(lambda key: model.edit("compare", rival=key))
        self.rival.held.connect(lambda key: model.edit("network", network=key))
        self.rival.changed.connect(self._rival_changed)
        self.rival.refused.connect(self._context.tell)
        self.failures.imageChosen.connect(
            lambda index: model.edit("image", shows="image", image=index)
        )
        self.failures.judged.connect(self._show_verdicts)
        for chosen in (self.map.imageChosen, self.filters.imageChosen):
            chosen.connect(
                lambda index: model.edit("image", shows="image", part="validation", image=index)
            )
        self.map.lassoed.connect(self._show_lassoed)
        self.correct.imageWanted.connect(
            lambda part, index: model.edit("image", shows="image", part=part, image=index)
        )
        self.correct.trainWanted.connect(self._train_again)
        self._context.session.image_changed.connect(lambda _image: self._take_picture())
        self._subjects.ready.connect(self._look_again)
        tell = self._context.tell
        training.said.connect(lambda text: tell(text, until=training.outdated))
        training.saved.connect(self._learned_on)
        training.picked.connect(self._follow_pick)
        training.changed.connect(self._follow_training)
        training.progressed.connect(lambda _event: self._follow_training())

    # What is chosen

    def _changed(self, before: InspectSettings, after: InspectSettings) -> None:
        if after.corrections != before.corrections:
            store(after.corrections, self._context.tell)
        self._render(after)

    def _render(self, settings: InspectSettings) -> None:
        if settings.shows != "picture":
            self.live.stop()
        self.draw.show_kind(settings.shows)
        self.draw.pad.set_strokes(settings.strokes)
        self.why.show_settings(settings)
        self.fool.show_settings(settings)
        self.failures.errors.part.set_current(settings.part)
        if self.isVisible():
            self.rival.show(settings.rival)
        self._look_again()

    def _look_again(self) -> None:
        """Open the network that is chosen, and ask it about what is on show."""
        if not self.isVisible():
            return
        again, self._has_learned_on = self._has_learned_on, False
        self.networks.choose(self.model.settings.network, again=again)
        self.rival.look_again()
        self._list_networks()
        mine = self._correcting.mine
        self.networks.add_own(mine.own)
        examined = self.networks.examined
        dataset = examined.dataset if examined is not None else None
        if examined is not None:
            self.failures.correct(mine)
            self._correcting.show(dataset)
            self.failures.look_at(examined, self.model.settings.part)
            self.filters.look_at(examined)
        subject = self._subjects.subject(self.model.settings, self.draw.pad.picture, dataset)
        if subject is not None:
            self._ask_about(subject)

    def _pick_number(self, layer: str, at: tuple[int, ...]) -> None:
        self.numbers.pick(layer, at)
        self._look_again()

    def _open_panel(self, panel: QWidget) -> None:
        self._board.arrange(columns((panel, 12), (self._cards["layers"], 15)))
        panel.show()

    def _show_verdicts(self, verdicts: "Verdicts") -> None:
        examined = self.networks.examined
        self.quality.show_verdicts(verdicts)
        if examined is not None and self.failures.part == "validation":
            self.map.show_verdicts(examined, verdicts)

    def _show_lassoed(self, indices: list[int]) -> None:
        if self.model.settings.part == "validation" and self.failures.verdicts is not None:
            self.failures.show_circled(indices)

    def _move_image(self, by: int) -> None:
        self.model.edit("validation image", shows="image", image=self.model.settings.image + by)

    def _take_picture(self) -> None:
        """A picture that comes in while this page is on show is what it is to look at."""
        self.live.stop()
        if self.isVisible():
            self.model.edit("picture", shows="picture")
            self._look_again()

    # The network

    def _choose_network(self, key: str) -> None:
        if key == OPEN:
            kinds = "Checkpoints and weights (*.cnnv *.safetensors)"
            name, _ = QFileDialog.getOpenFileName(self, "Open a checkpoint", "", kinds)
            key = self.networks.add_file(Path(name)).key if name else self.model.settings.network
        self.model.edit("network", network=key)
        self._list_networks()

    def _follow_pick(self, _run: "Run") -> None:
        """Ask the network that is looked at on the Train page, whatever was chosen here before."""
        self.model.edit("network", network=ON_SHOW)

    def _list_networks(self) -> None:
        source = self.networks.source
        self.bar.show_sources(self.networks.sources(), source.key if source else "")
        self._follow_training()

    def _networks_listed(self) -> None:
        """Ask the network on show as soon as it can be asked, unless another was chosen."""
        if self._awaited in {source.key for source in self.networks.sources()}:
            self._awaited = ON_SHOW
            self.model.edit("network", network=ON_SHOW)
        elif self.isVisible():
            self.networks.choose(self.model.settings.network)
        self._list_networks()

    def _train_again(self) -> None:
        """Learn anew with the corrections, and ask the new network as soon as it can be asked."""
        source = self.networks.source
        if source is not None and source.experiment is not None and not self._training.busy:
            self.model.edit("network", network=source.key)
            self._training.start(other=source.experiment)
            run = self._training.run
            self._awaited = run.folder.name if run is not None else ON_SHOW

    def _opened(self, examined: "Examined") -> None:
        dataset = examined.dataset
        from visualizer.learning.explain import map_layers  # imported already, with torch

        has_validation = dataset is not None and len(dataset.validation) > 0
        self.draw.offer_validation(has_validation, examined.why_no_data or _NO_VALIDATION)
        if not has_validation:
            self.map.show_nothing()
            self.quality.show_nothing()
        self.inside.show_network(examined.network.spec, examined.class_names)
        spec, shape = examined.network.spec, examined.network.shape
        layers = map_layers(spec, shape, len(examined.class_names))
        self.why.show_network(layers, examined.class_names)
        self.filters.show_network(examined, layers)
        self.why.show_settings(self.model.settings)
        self.correct.show_classes(examined.class_names)
        self._check_rival()
        self._look_again()

    def _refused(self, reason: str) -> None:
        self._context.tell(reason)
        self._say()

    def _learned_on(self, run: "Run") -> None:
        """Ask the run in training as it is now, or is when the page is shown again."""
        source = self.networks.source
        is_asked = source is None or source.path == run.folder
        self._has_learned_on |= is_asked
        if self.rival.learned_on(run) or is_asked:
            self._look_again()

    def _follow_training(self) -> None:
        """Tell how far a run is; offer a quick one while there is none."""
        run, progress = self._training.run, ""
        if run is not None:
            progress = f"Learning: step {run.step:,} of {run.steps:,}" if run.steps else "Starting…"
        self.answer.offer_quick(not self.networks.sources(), progress)
        source = self.networks.source
        is_known = source is not None and source.experiment is not None
        self.correct.offer_training(
            _NOT_KNOWN if not is_known else BUSY if self._training.busy else ""
        )
        self._say()

    # The answer

    def _ask_about(self, subject: Subject) -> None:
        if subject.kind != "drawing":
            self.draw.show_subject(subject)
        examined = self.networks.examined
        if examined is not None and self.isVisible():
            question = Question(
                examined, subject, self.model.settings.switched, self._more.wanted()
            )
            self._asker.ask(question)

    def _show_answer(self, answer: Answer) -> None:
        self.last_answer = answer
        self.answer.show_answer(answer)
        self.sees.show_seen(answer.seen)
        self.why.show_answer(answer)
        self.fool.show_answer(answer)
        self._correcting.show_answer(answer)
        caption = answer.subject.caption or "input"
        self.inside.show_probe(answer.seen.pixels, caption, answer.subject.label)
        if answer.best is None:
            self.inside.show_nothing()
            self.move_it.forget(0, 1)
        self._context.status("", f"predicted in {answer.milliseconds:.1f} ms")
        self._say()

    def _show_found(self, found: object) -> None:
        assert self.last_answer is not None
        self._more.show(found, self.last_answer)

    def _rival_changed(self) -> None:
        self.move_it.forget(1)
        self._check_rival()
        self._look_again()

    def _check_rival(self) -> None:
        """Say once why there is no comparison."""
        rival, asked, said = self.rival.examined, self.networks.examined, self._not_comparable
        self._not_comparable = ""
        if rival is not None and asked is not None:
            self._not_comparable = why_not_comparable(asked, rival)
        if self._not_comparable and self._not_comparable != said:
            self.move_it.forget(1)
            self._context.tell(self._not_comparable)

    def _say(self) -> None:
        """Say what there is to know about the answer, or why there is none."""
        examined, answer = self.networks.examined, self.last_answer
        if examined is None:
            is_opening = self.networks.busy
            self.failures.show_nothing("" if is_opening else _NOBODY)
            self.answer.show_nothing("opening the network…" if is_opening else "")
            self.answer.say("" if is_opening or self.networks.sources() else _NO_NETWORK)
        elif answer is not None and answer.is_photo:
            self.answer.say(_PHOTO)
        else:
            self.answer.say(examined.why_no_data)
