"""The legend of a plot that is its readout too: a colour, a name and a number for each curve."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.ui.theme import Theme

_DOT, _SPACE = 7, 6  # px at scale 1


@dataclass(frozen=True)
class Entry:
    """What a curve is called, its colour's role, and the number to read."""

    name: str
    role: str
    number: str


class CurveLegend(QWidget):
    """Paints entries from the right; what does not fit is cut, and the width never asks for room.

    The whole text is its accessible name and its tooltip.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._lead = ""
        self._entries: tuple[Entry, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def set_entries(self, entries: tuple[Entry, ...], lead: str = "") -> None:
        """Show these, after `lead` such as "step 12"."""
        if (entries, lead) != (self._entries, self._lead):
            self._entries, self._lead = entries, lead
            self.setToolTip(self.text())
            self.update()

    def text(self) -> str:
        """Return everything in one line."""
        parts = [f"{entry.name} {entry.number}".strip() for entry in self._entries]
        return " · ".join([self._lead, *parts] if self._lead else parts)

    def sizeHint(self) -> QSize:
        """A line of text high."""
        height = QFontMetricsF(self._theme.font("caption")).height()
        return QSize(0, round(height))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the entries."""
        px, theme = self._theme.px, self._theme
        font = theme.font("caption")
        metrics = QFontMetricsF(font)
        texts = [f"{entry.name} {entry.number}".strip() for entry in self._entries]
        if self._lead:
            texts = [self._lead, *texts]
        colors = [None] * bool(self._lead) + [theme.color(entry.role) for entry in self._entries]
        before = [0 if color is None else px(_DOT + _SPACE) for color in colors]
        widths = [metrics.horizontalAdvance(t) + b for t, b in zip(texts, before, strict=True)]
        gap = 2 * px(_SPACE)
        x = max(self.width() - sum(widths) - gap * max(len(widths) - 1, 0), 0.0)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font)
            for text, color, dot, width in zip(texts, colors, before, widths, strict=True):
                if color is not None:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(color)
                    top = (self.height() - px(_DOT)) / 2
                    painter.drawEllipse(QRectF(x, top, px(_DOT), px(_DOT)))
                painter.setPen(theme.color("muted" if color else "text"))
                room = max(self.width() - x - dot, 0)
                shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room + 1)
                rect = QRectF(x + dot, 0, room + 1, self.height())
                painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, shown)
                x += width + gap
