"""A line of digits in several colours whose type shrinks until it fits."""

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.ui.theme import Theme
from visualizer.ui.widgets import cells

_LARGE, _SMALL, _HEIGHT = 13.0, 8.0, 18.0  # px at scale 1


class NumberLine(QWidget):
    """Painted, not a label: while stepping it changes sixty times a second."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._parts: tuple[tuple[str, str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def text(self) -> str:
        """Return what is on show."""
        return "".join(text for text, _ in self._parts)

    def show_parts(self, *parts: tuple[str, str]) -> None:
        """Show (text, colour role) one after another."""
        if parts != self._parts:
            self._parts = parts
            self.setAccessibleName(self.text())
            self.update()

    def sizeHint(self) -> QSize:
        """A line of the largest type, so that nothing moves when it shrinks."""
        return QSize(0, self._theme.px(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the parts, as large as fits."""
        theme = self._theme
        size = cells.fitting_size(
            len(self.text()), self.width(), theme.px(_LARGE), theme.px(_SMALL)
        )
        font = cells.digits_font(theme, size)
        metrics = QFontMetricsF(font)
        x = 0.0
        y = (self.height() + metrics.ascent() - metrics.descent()) / 2
        with QPainter(self) as painter:
            painter.setFont(font)
            for text, role in self._parts:
                painter.setPen(theme.color(role))
                painter.drawText(QPointF(x, y), text)
                x += metrics.horizontalAdvance(text)
