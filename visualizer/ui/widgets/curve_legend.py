"""The legends of a plot that are its readout too: a colour, a name and a number for each curve.

One stands above the plot, for the run in focus; one lies over a corner of it, for the others.
"""

from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.ui.theme import Theme
from visualizer.ui.widgets.alone import paint_alone

_DOT, _SPACE, _GAP = 7, 6, 12  # px at scale 1
_HEIGHT = 30  # px at scale 1: two rows
_AROUND = 4  # px at scale 1, of the rows in a corner
_VEIL = 0.8


@dataclass(frozen=True)
class Entry:
    """What a curve is called, its colour's role, and the number to read.

    `short` is what it is called where there is little room.
    """

    name: str
    role: str
    number: str
    short: str = ""

    def text(self) -> str:
        """Return name and number."""
        return f"{self.name} {self.number}".strip()


class CurveLegend(QWidget):
    """Paints entries from the right, in one row or two, and never asks for more room.

    The tooltip is all that is read, `others` too, which are painted elsewhere.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._lead = self._short_lead = ""
        self._entries: tuple[Entry, ...] = ()
        self._others: tuple[Entry, ...] = ()
        paint_alone(self)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def set_entries(
        self,
        entries: tuple[Entry, ...],
        lead: str = "",
        short_lead: str = "",
        others: tuple[Entry, ...] = (),
    ) -> None:
        """Show these, after `lead` such as "step 12", or "12" where there is little room."""
        if (entries, lead, others) != (self._entries, self._lead, self._others):
            self._entries, self._lead, self._others = entries, lead, others
            self._short_lead = short_lead
            self.setToolTip(self.text())
            self.update()

    def text(self) -> str:
        """Return everything in one line."""
        parts = [entry.text() for entry in (*self._entries, *self._others)]
        return " · ".join([self._lead, *parts] if self._lead else parts)

    def sizeHint(self) -> QSize:
        """Two lines of text high, also while one is enough: the plot below stays where it is."""
        return QSize(0, self._theme.px(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the entries, and the card's colour below, as in a `MapMosaic`."""
        font = self._theme.font("caption")
        metrics = QFontMetricsF(font)
        lead, rows = self._words()
        height = metrics.height()
        top = (self.height() - height * len(rows)) / 2
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), self._theme.color("card"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(font)
            for i, entries in enumerate(rows):
                rect = QRectF(0, top + i * height, self.width(), height)
                self._paint_row(painter, rect, entries, lead if i == 0 else "")

    def _paint_row(
        self, painter: QPainter, rect: QRectF, entries: tuple[Entry, ...], lead: str
    ) -> None:
        theme, px = self._theme, self._theme.px
        metrics = QFontMetricsF(painter.font())
        entries, room = self._fitting(metrics, entries)
        names = [entry.name for entry in entries] if lead else _cut(metrics, entries, room)
        parts: list[tuple[str, QColor | None]] = [(lead, None)] if lead else []
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

    def _words(self) -> tuple[str, tuple[tuple[Entry, ...], ...]]:
        """The lead, and the entries in rows, in the longest words there is room for.

        The lead gives way first, as the crosshair shows the step too; then names, which are cut
        when they are too long even when short; numbers never.
        """
        full = self._entries
        short = tuple(replace(entry, name=entry.short or entry.name) for entry in full)
        room = self.width() + self._theme.px(_GAP)
        leads = (self._lead, self._short_lead, "") if self._lead else ("",)
        for lead, entries in (*((lead, full) for lead in leads), ("", short)):
            rows = self._rows(lead, entries)
            if max(self._width(lead, rows[0]), self._width("", rows[-1])) <= room:
                break
        return lead, rows

    def _rows(self, lead: str, entries: tuple[Entry, ...]) -> tuple[tuple[Entry, ...], ...]:
        """The entries in one row where they fit, else in two of which the longer is shortest."""
        if len(entries) < 2 or self._width(lead, entries) <= self.width() + self._theme.px(_GAP):
            return (entries,)
        split = min(
            range(1, len(entries)),
            key=lambda i: max(self._width(lead, entries[:i]), self._width("", entries[i:])),
        )
        return entries[:split], entries[split:]

    def _width(self, lead: str, entries: tuple[Entry, ...]) -> float:
        """How wide a row is, with a gap at its end."""
        px, theme = self._theme.px, self._theme
        dot = px(_DOT) + px(_SPACE)
        widths = [dot + theme.text_width("caption", entry.text()) for entry in entries]
        widths += [theme.text_width("caption", lead)] if lead else []
        return sum(widths) + px(_GAP) * len(widths)

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


class CornerLegend(QWidget):
    """Paints entries one below the other in a corner of a plot, on a veil of the card's colour."""

    def __init__(self, theme: Theme, plot: QWidget) -> None:
        super().__init__(plot)
        self._theme = theme
        self._rows: list[tuple[str, str]] = []  # text and colour's role
        self._laid_out: tuple[tuple[Entry, ...], QRectF, bool, float] | None = None
        theme.changed.connect(self.update)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def set_entries(self, entries: tuple[Entry, ...], area: QRectF, *, at_top: bool) -> None:
        """Show these at the right of `area`: all, or those there is room for and how many more."""
        px, metrics = self._theme.px, QFontMetricsF(self._theme.font("caption"))
        wanted = entries, area, at_top, metrics.height()
        if wanted == self._laid_out:  # most that is added to the curves is not told here
            return
        self._laid_out = wanted
        most = max(int((area.height() - 2 * px(_AROUND)) / metrics.height()), 1)
        rows = [(entry.text(), entry.role) for entry in entries]
        if len(rows) > most:
            rows = [*rows[: most - 1], (f"and {len(rows) - most + 1} more", "")]
        self.setVisible(bool(rows))
        if not rows:
            return
        self._rows = rows
        longest = max(metrics.horizontalAdvance(text) for text, _ in rows)
        width = min(longest + px(_DOT) + px(_SPACE) + 2 * px(_AROUND), area.width())
        height = len(rows) * metrics.height() + 2 * px(_AROUND)
        top = area.top() if at_top else area.bottom() - height
        self.setGeometry(QRectF(area.right() - width, top, width, height).toRect())
        self.update()

    def shown(self) -> list[str]:
        """Return the rows that are painted."""
        return [text for text, _ in self._rows] if not self.isHidden() else []

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the veil, and a row for each curve."""
        theme, px = self._theme, self._theme.px
        metrics, dot = QFontMetricsF(theme.font("caption")), px(_DOT)
        veil = theme.color("card")
        veil.setAlphaF(_VEIL)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), veil)
            painter.setFont(theme.font("caption"))
            room = QRectF(self.rect()).adjusted(px(_AROUND), px(_AROUND), -px(_AROUND), 0)
            room.setHeight(metrics.height())
            for text, role in self._rows:
                if role:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(theme.color(role))
                    at = QRectF(room.left(), room.center().y() - dot / 2, dot, dot)
                    painter.drawEllipse(at)
                painter.setPen(theme.color("muted"))
                beside = room.adjusted(dot + px(_SPACE), 0, 0, 0)
                cut = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, beside.width() + 1)
                painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter, cut)
                room.translate(0, metrics.height())


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
