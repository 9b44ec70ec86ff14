"""What else is found out about an answer, for those cards of the Inspect page that are on show."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol, cast

from visualizer.state.inspect import InspectModel
from visualizer.state.inspect_work import Answer, fooled_by, heat_of, layers_of, sweep_of
from visualizer.ui.background import Job
from visualizer.ui.pages.inspect_fool import FoolCard
from visualizer.ui.pages.inspect_move import MoveCard
from visualizer.ui.pages.inspect_number import NumberReader, frozen_of
from visualizer.ui.pages.inspect_rival import Rival
from visualizer.ui.pages.inspect_why import WhyCard
from visualizer.ui.pages.train_inside import InsideView

if TYPE_CHECKING:
    from visualizer.learning.snapshot import Snapshot

Find = Callable[[Answer, Job], Iterator[object]]


class Cards(Protocol):
    """Those that show more than the answer."""

    inside: InsideView
    numbers: NumberReader
    why: WhyCard
    fool: FoolCard
    move_it: MoveCard
    rival: Rival


class More:
    """Says what is to be found out, and hands it to the cards."""

    def __init__(self, cards: Cards, model: InspectModel) -> None:
        self._cards, self._model = cards, model

    def wanted(self) -> tuple[Find, ...]:
        """Return what is to be found out, in this order."""
        cards, settings = self._cards, self._model.settings
        more: list[Find] = []
        if cards.inside.isVisible():
            more.append(_layers)
        if cards.numbers.is_wanted:
            more.append(frozen_of)
        if cards.why.isVisible():
            how = settings.method, settings.layer, settings.target
            more.append(lambda answer, job: heat_of(answer, *how))
        if cards.fool.isVisible():
            changes = settings.fool, settings.epsilon, settings.tiles
            more.append(lambda answer, job: fooled_by(answer, *changes))
        if cards.move_it.isVisible():
            rival = cards.rival.examined
            more.append(lambda answer, job: sweep_of(answer, rival))
        return tuple(more)

    def show(self, found: object, answer: Answer) -> None:
        """Show something that was found out about an answer."""
        from visualizer.learning.explain import Heat  # imported already, by the thread that found
        from visualizer.learning.fooling import Fooled
        from visualizer.learning.frozen import Frozen

        cards = self._cards
        if isinstance(found, Heat):
            cards.why.show_heat(found)
        elif isinstance(found, Fooled):
            cards.fool.show_fooled(found, answer)
        elif isinstance(found, Frozen):
            cards.numbers.show_frozen(found, answer.examined.class_names)
        elif isinstance(found, tuple):
            which, swept = found
            examined = cards.rival.examined if which else answer.examined
            if examined is not None:
                target = answer.examined.class_names[swept.target]
                name = f"{examined.kind}, {examined.title.partition(' · ')[0]}"
                cards.move_it.show_sweep(which, name, target, swept)
        else:
            for part in cards.inside.parts(cast("Snapshot", found)):
                part()


def _layers(answer: Answer, job: Job) -> "Iterator[Snapshot]":
    """Yield what every layer makes of the input."""
    yield layers_of(answer)
