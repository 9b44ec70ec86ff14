"""The legend of a plot that is its readout too: a colour, a name and a number for each curve."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.ui.theme import Theme
from visualizer.ui.widgets.alone import paint_alone

_DOT, _SPACE, _GAP = 7, 6, 12  # px at scale 1
_HEIGHT = 30  # px at scale 1: two rows


@dataclass(frozen=True)
class Entry:
    """What a curve is called, its colour's role, and the number to read."""

    name: str
    role: str
    number: str


class CurveLegend(QWidget):
    """Paints entries from the right, in one row or two, and never asks for more room.

    The first two are those that matter: others are painted where there is room for them whole.

    The whole text is its accessible name and its tooltip.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._lead = ""
        self._entries: tuple[Entry, ...] = ()
        paint_alone(self)
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
        """Two lines of text high, also while one is enough: the plot below stays where it is."""
        return QSize(0, self._theme.px(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the entries; where there is no room, names are cut, and never numbers. The card's
        colour lies below, as in a `MapMosaic`.
        """
        font = self._theme.font("caption")
        metrics = QFontMetricsF(font)
        rows = self._rows(metrics)
        height = metrics.height()
        top = (self.height() - height * len(rows)) / 2
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), self._theme.color("card"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font)
            for i, entries in enumerate(rows):
                rect = QRectF(0, top + i * height, self.width(), height)
                self._paint_row(painter, rect, entries, self._lead if i == 0 else "")

    def _paint_row(
        self, painter: QPainter, rect: QRectF, entries: tuple[Entry, ...], lead: str
    ) -> None:
        theme, px = self._theme, self._theme.px
        metrics = QFontMetricsF(painter.font())
        before = metrics.horizontalAdvance(lead) + px(_GAP) if lead else 0.0
        entries, room = self._fitting(metrics, entries)
        names = _cut(metrics, entries, room - before)
        # The step gives way before the numbers do: the crosshair shows it too.
        parts: list[tuple[str, QColor | None]] = [(lead, None)] if lead and room >= before else []
        for name, entry in zip(names, entries, strict=True):
            parts.append((f"{name} {entry.number}".strip(), theme.color(entry.role)))
        dot, gap = px(_DOT), px(_GAP)
        widths = [metrics.horizontalAdvance(text) + (px(_SPACE) + dot if color else 0)
                  for text, color in parts]  # fmt: skip
        x = max(rect.right() - sum(widths) - gap * max(len(widths) - 1, 0), 0.0)
        for (text, color), width in zip(parts, widths, strict=True):
            left = x
            if color is not None:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color)
                painter.drawEllipse(QRectF(x, rect.center().y() - dot / 2, dot, dot))
                left += dot + px(_SPACE)
            painter.setPen(theme.color("muted" if color else "text"))
            rect.setLeft(left)
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, text)
            x += width + gap

    def _rows(self, metrics: QFontMetricsF) -> tuple[tuple[Entry, ...], ...]:
        """As many entries as there is room for, in one row or in two."""
        for count in range(len(self._entries), 2, -1):
            rows, width = self._split(metrics, self._entries[:count])
            if width <= self.width() + self._theme.px(_GAP):
                return rows
        return self._split(metrics, self._entries[:2])[0]

    def _split(
        self, metrics: QFontMetricsF, entries: tuple[Entry, ...]
    ) -> tuple[tuple[tuple[Entry, ...], ...], float]:
        """Entries in one row where they fit, else in two of which the longer is shortest.

        Also returns how wide the longer one is, with a gap at its end.
        """
        px = self._theme.px
        around = px(_DOT) + px(_SPACE) + px(_GAP)
        widths = [metrics.horizontalAdvance(f"{e.name} {e.number}") + around for e in entries]
        lead = metrics.horizontalAdvance(self._lead) + px(_GAP) if self._lead else 0.0
        if len(entries) < 2 or lead + sum(widths) <= self.width() + px(_GAP):
            return (entries,), lead + sum(widths)
        width, split = min(
            (max(lead + sum(widths[:i]), sum(widths[i:])), i) for i in range(1, len(entries))
        )
        return (entries[:split], entries[split:]), width

    def _fitting(
        self, metrics: QFontMetricsF, entries: tuple[Entry, ...]
    ) -> tuple[tuple[Entry, ...], float]:
        """The first entries whose numbers fit, and the room that is left for their names."""
        px = self._theme.px
        room = float(self.width()) + px(_GAP)  # the last has none after it
        for count, entry in enumerate(entries):
            number = metrics.horizontalAdvance(f" {entry.number}")
            needed = number + px(_DOT) + px(_SPACE) + px(_GAP)
            if needed > room:
                return entries[:count], room
            room -= needed
        return entries, room


def _cut(metrics: QFontMetricsF, entries: tuple[Entry, ...], room: float) -> list[str]:
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
