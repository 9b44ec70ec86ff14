"""A line of digits in several colours that fits into the room there is."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.ui.theme import Theme
from visualizer.ui.tooltips import plain
from visualizer.ui.widgets import cells

_LARGE, _HEIGHT = 13.0, 18.0  # px at scale 1
_NARROW = 0.42  # em taken from a space at most, where room is short

Parts = tuple[tuple[str, str], ...]


class NumberLine(QWidget):
    """Painted, not a label: while stepping it changes sixty times a second.

    Where room is short the type shrinks to the size of captions, then the spaces; then what is
    shorter is taken, or all but the last part is cut with "…". The tooltip has the whole.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._parts: Parts = ()
        self._shorter: tuple[Parts, ...] = ()
        self._tip = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def text(self) -> str:
        """Return what is on show."""
        return _joined(self._parts)

    def show_parts(
        self, *parts: tuple[str, str], shorter: tuple[Parts, ...] = (), tip: str = ""
    ) -> None:
        """Show (text, colour role) one after another.

        Args:
            parts: the texts.
            shorter: what is shown where there is no room for them; the first that fits.
            tip: explains them.
        """
        if (parts, shorter, tip) != (self._parts, self._shorter, self._tip):
            self._parts, self._shorter, self._tip = parts, shorter, tip
            self.setAccessibleName(self.text())
            self.setToolTip(plain("\n".join(filter(None, (self.text(), tip)))))
            self.update()

    def sizeHint(self) -> QSize:
        """A line of the largest type, so that nothing moves when it shrinks."""
        return QSize(0, self._theme.px(_HEIGHT))

    def fitted(self) -> tuple[QFont, Parts]:
        """Return the font, and the parts as they are shown in the present width."""
        for parts in (self._parts, *self._shorter):
            font = self._font(parts)
            if QFontMetricsF(font).horizontalAdvance(_joined(parts)) <= self.width():
                return font, parts
        font, parts = self._font(self._parts), self._parts
        metrics = QFontMetricsF(font)
        room = self.width() - sum(metrics.horizontalAdvance(text) for text, _ in parts[-1:])
        shown = []
        for part, role in parts[:-1]:
            cut = metrics.elidedText(part, Qt.TextElideMode.ElideRight, max(room, 0))
            room -= metrics.horizontalAdvance(cut)
            shown.append((cut, role))
        return font, (*shown, *parts[-1:])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the parts."""
        font, parts = self.fitted()
        metrics = QFontMetricsF(font)
        x = 0.0
        y = (self.height() + metrics.ascent() - metrics.descent()) / 2
        with QPainter(self) as painter:
            painter.setFont(font)
            for text, role in parts:
                painter.setPen(self._theme.color(role))
                painter.drawText(QPointF(x, y), text)
                x += metrics.horizontalAdvance(text)

    def _font(self, parts: Parts) -> QFont:
        theme, text = self._theme, _joined(parts)
        smallest = theme.font("caption").pixelSize()
        size = cells.fitting_size(len(text), self.width(), theme.px(_LARGE), smallest)
        font = cells.digits_font(theme, size)
        excess = QFontMetricsF(font).horizontalAdvance(text) - self.width()
        if excess > 0:  # a pixel more, lest rounding leave too little
            font.setWordSpacing(-min((excess + 1) / max(text.count(" "), 1), _NARROW * smallest))
        return font


def _joined(parts: Parts) -> str:
    return "".join(text for text, _ in parts)
