"""A sentence in the height of a row: smaller, and over two lines, where one does not hold it."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.ui.theme import Theme
from visualizer.ui.tooltips import plain

_WORDS = Qt.TextFlag.TextWordWrap
_FULL = 0.9  # of two lines: words end before the edge


class TwoLines(QWidget):
    """Asks for no width; what two lines do not hold is cut with "…", and whole in its tooltip."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._whole = self._shown = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self._fit)
        self._fit()

    def set_text(self, text: str) -> None:
        """Show another text."""
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self._fit()

    def is_whole(self) -> bool:
        """Tell whether nothing is cut."""
        return not self.toolTip()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the line anew."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what there is room for."""
        with QPainter(self) as painter:
            painter.setFont(self._font)
            painter.setPen(self._theme.color("text"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | _WORDS, self._shown)

    def _fit(self) -> None:
        room = max(self.width(), 1)
        self._font, self._shown = self._theme.font("body"), self._whole
        tip = ""
        if QFontMetrics(self._font).horizontalAdvance(self._whole) > room:
            self._font = self._theme.font("caption")
            metrics = QFontMetrics(self._font)
            self._shown = _breakable(self._whole)
            height = metrics.boundingRect(QRect(0, 0, room, 1), _WORDS, self._shown).height()
            if height > metrics.height() + metrics.lineSpacing():
                middle = Qt.TextElideMode.ElideMiddle
                cut = metrics.elidedText(self._whole, middle, int(2 * _FULL * room))
                self._shown, tip = _breakable(cut), plain(self._whole)
        self.setToolTip(tip)
        self.update()


def _breakable(text: str) -> str:
    """Let a long path be broken after each folder."""
    return text.replace("/", "/\u200b")
