"""The two pictures of the Filters page: what can be chosen for them."""

from PySide6.QtCore import Signal

from visualizer.state.filters import LaidFilter
from visualizer.ui.pages.picture_cards import MapCard
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.viewport import Viewport

APPLIED_TO = (
    ("luma", "Luma", "The grey of the picture: 0.299 R + 0.587 G + 0.114 B"),
    ("each", "Each channel", "The same kernel on every channel, a feature map for each"),
    ("across", "Across channels", "One filter: a kernel plane for each channel, summed"),
)
_DISPLAYS = (
    ("auto", "Automatic", "Signed colours where numbers are negative, else grey from 0"),
    ("diverging", "Signed", "0 neutral, positive orange, negative blue"),
    ("clamp", "Clamp", "The picture's own range from black to white; what lies beyond is cut"),
    ("absolute", "Absolute", "The size without the sign, on the picture's own range"),
    ("offset", "Plus 128", "128 grey levels are added, so that 0 is middle grey"),
    ("rescale", "Rescale", "The smallest number black, the largest white"),
)


class FeatureMapCard(MapCard):
    """Shows a filter's feature map, and asks for other colours.

    Signals:
        edited(label, merge key, changes): other settings are wanted.
    """

    edited = Signal(str, str, dict)

    def __init__(self, theme: Theme, viewport: Viewport) -> None:
        super().__init__(theme, "Feature map", viewport, "Filtering…")
        self._display = self._choice(_DISPLAYS, "Display", "How signed numbers are shown")
        self._put_controls(self._display)
        self._display.currentChanged.connect(
            lambda mode: self.edited.emit("display", "", {"display": mode})
        )

    def show_filter(self, laid: LaidFilter) -> None:
        """Show what is known before the numbers are."""
        self.show_laid(laid)
        self._display.set_current(laid.settings.display)
