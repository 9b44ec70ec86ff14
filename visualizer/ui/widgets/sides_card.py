"""A card with several sides, of which a row of buttons in place of the heading shows one."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.choices import SegmentedButtons

_NARROWEST = 160  # px at scale 1


@dataclass(frozen=True, eq=False)
class Side:
    """One side of a card.

    Attributes:
        key: its stable name.
        text: on its button.
        tip: the button's tooltip.
        body: what it shows.
        tools: what stands at the right of the buttons meanwhile, or None.
    """

    key: str
    text: str
    tip: str
    body: QWidget
    tools: QWidget | None = None


class SidesCard(Card):
    """Shows one side at a time. All of them have the same room, so nothing else moves.

    Signals:
        turned(str): another side is on show.
    """

    turned = Signal(str)

    def __init__(self, theme: Theme, sides: Sequence[Side], *, name: str) -> None:
        """Build it; the first side is on show. `name` is what assistive technology calls it."""
        super().__init__("")
        self._keys = [side.key for side in sides]
        self.note.hide()
        self._buttons = SegmentedButtons(theme, [(s.key, s.text, s.tip) for s in sides], name=name)
        self._bodies, self._tools = QStackedWidget(), QStackedWidget()
        for side in sides:
            button = self._buttons.button(side.key)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._bodies.addWidget(side.body)
            self._tools.addWidget(side.tools or QWidget())
        # What a side has to say does not decide how wide the card is.
        self._bodies.setMinimumWidth(theme.px(_NARROWEST))
        self._names = QStackedWidget()
        for widget in (self._buttons, self.heading):
            self._names.addWidget(widget)
        self.top.insertWidget(0, self._names)
        self.top.addWidget(self._tools)
        self.body.addWidget(self._bodies, 1)
        self._buttons.changed.connect(self._turn)

    def side(self) -> str:
        """Return the key of the side on show."""
        return self._buttons.current()

    def show_side(self, key: str) -> None:
        """Turn to a side. Raises KeyError when there is none such."""
        if key != self.side():
            self._buttons.set_current(key)
            self._turn(key)

    def set_title(self, text: str) -> None:
        """Show a heading in place of the buttons, in the same room; "": the buttons again."""
        self.heading.setText(text)
        self._names.setCurrentWidget(self.heading if text else self._buttons)

    def _turn(self, key: str) -> None:
        place = self._keys.index(key)
        self._bodies.setCurrentIndex(place)
        self._tools.setCurrentIndex(place)
        self.turned.emit(key)
