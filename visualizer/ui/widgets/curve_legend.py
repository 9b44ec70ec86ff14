"""The legend of a plot that is its readout too: a colour, a name and a number for each curve."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.ui.theme import Theme

_DOT, _SPACE, _GAP, _HEIGHT = 7, 6, 12, 20  # px at scale 1


@dataclass(frozen=True)
class Entry:
    """What a curve is called, its colour's role, and the number to read."""

    name: str
    role: str
    number: str


class CurveLegend(QWidget):
    """Paints entries from the right, and never asks for more room.

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
        return QSize(0, self._theme.px(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the entries; where there is no room, names are cut, and never numbers."""
        theme, px = self._theme, self._theme.px
        font = theme.font("caption")
        metrics = QFontMetricsF(font)
        lead = metrics.horizontalAdvance(self._lead) + px(_GAP) if self._lead else 0.0
        entries, room = self._fitting(metrics)
        names = self._cut(metrics, entries, room - lead)
        # The step gives way before the numbers do: the crosshair shows it too.
        fits = self._lead and room >= lead
        parts: list[tuple[str, QColor | None]] = [(self._lead, None)] if fits else []
        for name, entry in zip(names, entries, strict=True):
            parts.append((f"{name} {entry.number}".strip(), theme.color(entry.role)))
        dot, gap = px(_DOT), px(_GAP)
        widths = [metrics.horizontalAdvance(text) + (px(_SPACE) + dot if color else 0)
                  for text, color in parts]  # fmt: skip
        x = max(self.width() - sum(widths) - gap * max(len(widths) - 1, 0), 0.0)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font)
            for (text, color), width in zip(parts, widths, strict=True):
                left = x
                if color is not None:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(color)
                    painter.drawEllipse(QRectF(x, (self.height() - dot) / 2, dot, dot))
                    left += dot + px(_SPACE)
                painter.setPen(theme.color("muted" if color else "text"))
                rect = QRectF(left, 0, self.width(), self.height())
                painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, text)
                x += width + gap

    def _fitting(self, metrics: QFontMetricsF) -> tuple[tuple[Entry, ...], float]:
        """The first entries whose numbers fit, and the room that is left for their names."""
        px = self._theme.px
        room = float(self.width())
        for count, entry in enumerate(self._entries):
            number = metrics.horizontalAdvance(f" {entry.number}")
            needed = number + px(_DOT) + px(_SPACE) + px(_GAP)
            if needed > room + px(_GAP):
                return self._entries[:count], room
            room -= needed
        return self._entries, room

    def _cut(self, metrics: QFontMetricsF, entries: tuple[Entry, ...], room: float) -> list[str]:
        """The names, the longest cut until all fit; what short ones leave is for long ones."""
        names = [entry.name for entry in entries]
        widths = [metrics.horizontalAdvance(name) for name in names]
        if sum(widths) <= room:
            return names
        share = 1.0
        for i, width in enumerate(sorted(widths)):
            share = max(room / (len(widths) - i), 1.0)
            if width > share:
                break
            room -= width
        return [metrics.elidedText(name, Qt.TextElideMode.ElideRight, share) for name in names]
