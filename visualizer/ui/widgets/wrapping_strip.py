"""The arithmetic strip for a panel that is narrow but high."""

from PySide6.QtGui import QResizeEvent

from visualizer.ui.theme import Theme
from visualizer.ui.widgets.strip import ArithmeticStrip
from visualizer.ui.widgets.strip_numbers import NEVER_FOLDED
from visualizer.ui.widgets.strip_parts import Arithmetic

_HEIGHT = 190  # px at scale 1
_LEAST_OF_TWO, _MOST_OF_TWO = 222, 340  # of two lines: five rows of the smallest cells, and roomy


class WrappingStrip(ArithmeticStrip):
    """Shows the arithmetic in two lines where one is too wide, and is higher then."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._has_button = False
        self._canvas.set_most_lines(2)
        self._fit_height()
        theme.changed.connect(self._fit_height)

    def show_arithmetic(self, content: Arithmetic) -> None:
        """Show one cell's arithmetic."""
        super().show_arithmetic(content)
        self._has_button = max(content.shape[1:]) > NEVER_FOLDED
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
        px = self._theme.px
        if self._canvas.fits_one_line(self.maximumViewportSize().width()):
            self.setFixedHeight(px(_HEIGHT))
        else:
            button = self._head() if self._has_button else 0
            self.setMinimumHeight(px(_LEAST_OF_TWO) + button)
            self.setMaximumHeight(px(_MOST_OF_TWO))
