"""The views of the Inspect page: which cards stand where, and the line that chooses among them."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from visualizer.state.inspect_work import Source
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.board import Plan, columns, rows
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.fields import LabelledChoice, SegmentedButtons

OPEN = "open a file"
VIEWS = (
    ("draw", "Draw", "Draw something, and see what the network makes of it"),
    ("why", "Why", "What speaks for the answer, and what it takes to change it"),
    ("errors", "Errors", "Where it fails: which classes it confuses, and which images"),
    ("map", "Map", "Which images are alike to the network, and how far it can be trusted"),
    ("layers", "Layers", "What every layer makes of it, and what excites a filter"),
)
_CHOOSER = 260  # px at scale 1


def plan(view: str, c: Mapping[str, QWidget]) -> Plan:
    """Return where the cards of a view stand."""
    asked = rows((c["draw"], 4), (c["answer"], 5))
    plans: dict[str, Plan] = {
        "draw": rows(
            (
                columns(
                    (c["draw"], 9), (c["answer"], 7), (rows((c["sees"], 0), (c["move"], 1)), 18)
                ),
                11,
            ),
            (columns((c["why"], 11), (c["confusion"], 10), (c["errors"], 14)), 9),
        ),
        "why": columns(
            (asked, 8),
            (c["why"], 10),
            (c["fool"], 12),
        ),
        "errors": columns(
            (rows((c["confusion"], 3), (c["classes"], 2)), 10),
            (rows((c["errors"], 3), (c["correct"], 2)), 14),
            (rows((c["answer"], 5), (c["why"], 4)), 9),
        ),
        "map": columns(
            (c["map"], 15),
            (rows((c["errors"], 3), (c["quality"], 2)), 14),
            (c["answer"], 7),
        ),
        "layers": columns((asked, 8), (c["layers"], 15), (c["filters"], 10)),
    }
    return plans[view]


class ViewBar(QWidget):
    """The line on top of the page.

    Signals:
        viewChosen(str): one of VIEWS.
        networkChosen(str): ask this one: the key of a source, or OPEN.
    """

    viewChosen = Signal(str)
    networkChosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.views = SegmentedButtons(theme, VIEWS, name="View")
        for key, _, _ in VIEWS:
            leave_focus(self.views.button(key))
        self.views.changed.connect(self.viewChosen)
        self.chooser = LabelledChoice(
            theme, "", name="Network", tip="Which run or checkpoint is asked"
        )
        self.chooser.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        leave_focus(self.chooser)
        self.chooser.currentChanged.connect(self.networkChosen)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.views)
        row.addStretch(1)
        row.addWidget(label("Network", "muted"))
        row.addWidget(self.chooser)
        theme.changed.connect(self._fit)
        self._fit()

    def show_sources(self, sources: Sequence[Source], current: str) -> None:
        """Offer these networks, and a file."""
        options = [(source.key, source.title) for source in sources]
        none = [("", "none yet")] if not options else []
        self.chooser.set_options([*none, *options, None, (OPEN, "Open checkpoint…")])
        keys = [key for key, _ in options] or [""]
        self.chooser.set_current(current if current in keys else keys[0])

    def _fit(self) -> None:
        self.chooser.setFixedWidth(self._theme.px(_CHOOSER))
