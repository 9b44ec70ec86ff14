"""Rows of a name, a bar of one or several parts, and a text: counts or shares of classes."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from visualizer.ui.theme import Theme

_ROW, _SMALLEST_ROW, _BAR, _SPACE = 28, 14, 9, 8  # px at scale 1
_WIDEST_NAME = 0.35  # of the whole width


@dataclass(frozen=True)
class BarRow:
    """One row.

    Attributes:
        name: at the left.
        parts: length from 0 to 1 and colour's role of each part of the bar, from left to right;
            together at most 1.
        text: at the right.
    """

    name: str
    parts: tuple[tuple[float, str], ...]
    text: str


class BarRows(QWidget):
    """Paints rows below each other, as high as there is room for; put many into a scroll area."""

    def __init__(self, theme: Theme, name: str) -> None:
        """Build it empty. `name` is what assistive technology calls it."""
        super().__init__()
        self._theme = theme
        self._rows: tuple[BarRow, ...] = ()
        self._widths: tuple[float, float] | None = None  # of names and of texts
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)
        theme.changed.connect(self._restyle)

    def set_rows(self, rows: Sequence[BarRow]) -> None:
        """Show these."""
        rows = tuple(rows)
        if rows == self._rows:
            return
        is_as_many = len(rows) == len(self._rows)
        self._rows, self._widths = rows, None
        self.setAccessibleDescription(", ".join(f"{row.name} {row.text}" for row in rows))
        if not is_as_many:
            self.setMinimumHeight(self.minimumSizeHint().height())
            self.updateGeometry()
        self.update()

    def rows(self) -> tuple[BarRow, ...]:
        """Return what is shown."""
        return self._rows

    def bar_rect(self, row: int) -> QRectF:
        """Return where the full bar of a row would reach."""
        names, texts = self._measure()
        px, high = self._theme.px, self._row_height()
        left = names + px(_SPACE)
        right = self.width() - texts - px(_SPACE)
        middle = (row + 0.5) * high
        return QRectF(left, middle - px(_BAR) / 2, max(right - left, 1), px(_BAR))

    def sizeHint(self) -> QSize:
        """Every row at its full height."""
        return QSize(self._theme.px(220), len(self._rows) * self._theme.px(_ROW))

    def minimumSizeHint(self) -> QSize:
        """The rows close together."""
        return QSize(self._theme.px(140), len(self._rows) * self._theme.px(_SMALLEST_ROW))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the names their share of the new width."""
        self._widths = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows that are in sight."""
        high = self._row_height()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            first = int(event.rect().top() // high)
            for i in range(first, min(int(event.rect().bottom() // high) + 1, len(self._rows))):
                self._paint_row(painter, i, self._rows[i])

    def _paint_row(self, painter: QPainter, index: int, row: BarRow) -> None:
        theme, bar, high = self._theme, self.bar_rect(index), self._row_height()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("field"))
        painter.drawRoundedRect(bar, theme.px(2), theme.px(2))
        left = bar.left()
        for share, role in row.parts:
            width = bar.width() * share
            painter.setBrush(theme.color(role))
            painter.drawRect(QRectF(left, bar.top(), width, bar.height()))
            left += width
        names, texts = self._measure()
        font = theme.font("caption")
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        name = QFontMetricsF(font).elidedText(row.name, Qt.TextElideMode.ElideRight, names)
        line, middle = QRectF(0, index * high, names + 1, high), Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, middle, name)
        painter.setFont(theme.font("small_number"))
        painter.setPen(theme.color("muted"))
        line = QRectF(self.width() - texts, index * high, texts, high)
        painter.drawText(line, middle | Qt.AlignmentFlag.AlignRight, row.text)

    def _row_height(self) -> float:
        fair = self.height() / max(len(self._rows), 1)
        return min(max(fair, self._theme.px(_SMALLEST_ROW)), self._theme.px(_ROW))

    def _measure(self) -> tuple[float, float]:
        if self._widths is None:
            theme = self._theme
            names, texts = (QFontMetricsF(theme.font(r)) for r in ("caption", "small_number"))
            widest = max((names.horizontalAdvance(row.name) for row in self._rows), default=0.0)
            self._widths = (
                min(widest, self.width() * _WIDEST_NAME),
                max((texts.horizontalAdvance(row.text) for row in self._rows), default=0.0),
            )
        return self._widths

    def _restyle(self) -> None:
        self._widths = None
        self.setMinimumHeight(self.minimumSizeHint().height())
        self.updateGeometry()
        self.update()
