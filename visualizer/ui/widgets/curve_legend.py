"""The legends of a plot that are its readout too: a colour, a name and a number for each curve.

One stands above the plot, for the run in focus; one lies over a corner of it, for the others.
"""

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.ui.theme import Theme
from visualizer.ui.tooltips import plain
from visualizer.ui.widgets.alone import paint_alone
from visualizer.ui.widgets.curve_trace import Numbers

ROUGH = "≈"  # before a number
_ABOUT_ROUGH = f"{ROUGH} tried on some of the validation images, not on all"
_DOT, _SPACE, _GAP = 7, 6, 12  # px at scale 1
_HEIGHT = 30  # px at scale 1: two rows
_AROUND = 4  # px at scale 1, of the rows in a corner
_VEIL = 0.8
_WIDEST = 0.6  # of the plot that a legend in its corner may be
_FEWEST = 3  # rows that it is not shortened to fewer than
_ENOUGH = 0.5  # of a curve that may be covered


@dataclass(frozen=True)
class Entry:
    """What a curve is called, its colour's role, and the number to read.

    `short` is what it is called where there is little room; `dashed` is how its curve is drawn.
    """

    name: str
    role: str
    number: str
    short: str = ""
    dashed: bool = False

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
            text = self.text()
            self.setToolTip(plain(f"{text}\n{_ABOUT_ROUGH}" if ROUGH in text else text))
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
        parts: list[tuple[str, Entry | None]] = [(lead, None)] if lead else []
        for name, entry in zip(names, entries, strict=True):
            parts.append((f"{name} {entry.number}".strip(), entry))
        dot, gap = px(_DOT), px(_GAP)
        widths = [metrics.horizontalAdvance(text) + (px(_SPACE) + dot if of else 0)
                  for text, of in parts]  # fmt: skip
        x = max(rect.right() - sum(widths) - gap * max(len(widths) - 1, 0), 0.0)
        for (text, of), width in zip(parts, widths, strict=True):
            left = x
            if of is not None:
                _paint_dot(painter, theme, of, QRectF(x, rect.center().y() - dot / 2, dot, dot))
                left += dot + px(_SPACE)
            painter.setPen(theme.color("muted" if of else "text"))
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
        self._rows: list[Entry] = []
        self._corner = 0
        self._most = 0  # rows there may be
        self._laid_out: tuple[tuple[str, ...], QRectF] | None = None
        theme.changed.connect(self.update)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def set_entries(
        self,
        entries: tuple[Entry, ...],
        area: QRectF,
        taken: tuple[Numbers, Numbers],
        *,
        at_top: bool,
    ) -> None:
        """Show these in a corner of `area`: all, or some and how many more.

        In the right one, at the top or below, unless another covers much less of what is there,
        `taken`: x (n,) and y (curves, n) of places on it. Where fewer rows cover much less, there
        are fewer. It neither moves nor grows while curves only become a little longer.
        """
        self.setVisible(bool(entries))
        if not entries:
            return
        wanted = tuple(entry.name for entry in entries), area
        if wanted != self._laid_out:
            self._laid_out, self._corner = wanted, 0
            self._most = self._rows_in(area.height())

        def lie(most: int) -> tuple[list[Entry], list[QRectF], list[int]]:
            rows = _shortened(entries, most)
            corners = _corners(area, *self._size(rows, area), at_top=at_top)
            return rows, corners, [_covered(corner, *taken) for corner in corners]

        rows, corners, covered = lie(self._most)
        few = _ENOUGH * len(taken[0])
        if min(covered) > few and len(rows) > _FEWEST:
            enough = max(few, 2 * min(lie(_FEWEST)[2]))
            while min(covered) > enough:
                self._most = len(rows) - 1
                rows, corners, covered = lie(self._most)
        if 2 * min(covered) < covered[self._corner]:
            self._corner = covered.index(min(covered))
        if rows != self._rows:
            self._rows = rows
            self.update()
        place = corners[self._corner].toRect()
        if place != self.geometry():
            self.setGeometry(place)

    def shown(self) -> list[str]:
        """Return the rows that are painted."""
        return [row.text() for row in self._rows] if not self.isHidden() else []

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the veil, and a row for each curve; names are cut where numbers would be."""
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
            for row in self._rows:
                if row.role:
                    at = QRectF(room.left(), room.center().y() - dot / 2, dot, dot)
                    _paint_dot(painter, theme, row, at)
                painter.setPen(theme.color("muted"))
                beside = room.adjusted(dot + px(_SPACE), 0, 0, 0)
                left = self.width() + 1 - self._beside()
                left -= metrics.horizontalAdvance(f" {row.number}".rstrip())
                name = metrics.elidedText(row.name, Qt.TextElideMode.ElideMiddle, left)
                text = f"{name} {row.number}".strip()
                painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter, text)
                room.translate(0, metrics.height())

    def _rows_in(self, height: float) -> int:
        room = height - 2 * self._theme.px(_AROUND)
        return max(int(room / QFontMetricsF(self._theme.font("caption")).height()), 1)

    def _size(self, rows: list[Entry], area: QRectF) -> tuple[float, float]:
        """How large some rows are; names give way where there is too little room."""
        metrics = QFontMetricsF(self._theme.font("caption"))
        longest = max(self._theme.text_width("caption", row.text()) for row in rows)
        height = len(rows) * metrics.height() + 2 * self._theme.px(_AROUND)
        return min(self._beside() + longest, _WIDEST * area.width()), height

    def _beside(self) -> float:
        """How much of the width is not for text."""
        px = self._theme.px
        return px(_DOT) + px(_SPACE) + 2 * px(_AROUND)


def _shortened(entries: tuple[Entry, ...], most: int) -> list[Entry]:
    """As many rows as there may be: the last tells how many more there are."""
    if len(entries) <= most:
        return list(entries)
    return [*entries[: most - 1], Entry(f"and {len(entries) - most + 1} more", "", "")]


def _corners(area: QRectF, width: float, height: float, *, at_top: bool) -> list[QRectF]:
    """The corners of `area` for something of this size, the best first where nothing is there."""
    left, right = area.left(), area.right() - width
    top, bottom = area.top(), area.bottom() - height
    first, second = (top, bottom) if at_top else (bottom, top)
    places = ((right, first), (left, first), (right, second), (left, second))
    return [QRectF(x, y, width, height) for x, y in places]


def _covered(corner: QRectF, x: Numbers, y: Numbers) -> int:
    """How many places of curves lie in a corner."""
    across = (x > corner.left()) & (x < corner.right())
    return int(np.sum(across & (y > corner.top()) & (y < corner.bottom())))


def _paint_dot(painter: QPainter, theme: Theme, entry: Entry, rect: QRectF) -> None:
    """Paint a dot of a curve's colour; a ring where it is dashed."""
    color = theme.color(entry.role)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    if entry.dashed:
        line = max(theme.px(2), 1)
        painter.setPen(QPen(color, line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        rect = rect.adjusted(line / 2, line / 2, -line / 2, -line / 2)
    painter.drawEllipse(rect)


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
