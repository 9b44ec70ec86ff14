"""The arithmetic strip for a panel that is narrow but high."""

from PySide6.QtGui import QResizeEvent

from visualizer.ui.theme import Theme
from visualizer.ui.widgets.strip import ArithmeticStrip
from visualizer.ui.widgets.strip_parts import Arithmetic

_HEIGHT = 190  # px at scale 1
_MOST = 340  # of two lines


class WrappingStrip(ArithmeticStrip):
    """Is higher, and shows the arithmetic in two lines, where that makes folding needless."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._canvas.set_most_lines(2)
        self._fit_height()
        theme.changed.connect(self._fit_height)

    def show_arithmetic(self, content: Arithmetic) -> None:
        """Show one cell's arithmetic."""
        super().show_arithmetic(content)
        self._fit_height()

    def set_exact(self, exact: bool) -> None:
        """Show up to nine digits, or few."""
        super().set_exact(exact)
        self._fit_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the arithmetic out anew, in two lines if need be."""
        super().resizeEvent(event)
        self._fit_height()

    def _fit_height(self) -> None:
        usual, most = self._theme.px(_HEIGHT), self._theme.px(_MOST)
        least = self._canvas.height_of_two_lines(self.maximumViewportSize().width())
        if 0 < least <= most:
            self.setMinimumHeight(max(usual, least))
            self.setMaximumHeight(most)
        else:
            self.setFixedHeight(usual)
