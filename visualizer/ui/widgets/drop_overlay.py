"""What covers the window while something is dragged over it."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from visualizer.ui import icons
from visualizer.ui.theme import Theme

# Where something else becomes of what is dropped, what that is, and whether the pointer is there.
Place = tuple[QRect, str, bool]


class DropOverlay(QWidget):
    """Dims its parent and says that it can be dropped here."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._covered = parent
        self._places: list[Place] = []
        self.setAccessibleName("Drop to open")
        theme.changed.connect(self.update)
        self.hide()

    def cover(self, places: Sequence[Place] = ()) -> None:
        """Lie over the whole parent; say what becomes of it at some places."""
        if list(places) != self._places:
            self._places = list(places)
            self.update()
        self.setGeometry(self._covered.rect())
        self.raise_()
        self.show()

    def sizeHint(self) -> QSize:
        """As large as what it covers."""
        return self._covered.size()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the veil, the outline and the words."""
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = theme.color("window")
        veil.setAlphaF(0.9)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(theme.color("here"), px(2), Qt.PenStyle.DashLine))
        frame = QRectF(self.rect()).adjusted(px(18), px(18), -px(18), -px(18))
        painter.drawRoundedRect(frame, px(16), px(16))
        for place in self._places:
            self._paint_place(painter, place)
        free = self.rect()  # of the window, beside the places
        if self._places:
            free.setRight(min(place.left() for place, _, _ in self._places))
        middle, side = free.center(), px(56)
        icon = icons.icon("mdi6.tray-arrow-down", color=theme.colors.here)
        icon.paint(painter, QRect(middle.x() - side // 2, middle.y() - px(72), side, side))
        painter.setFont(theme.font("title"))
        painter.setPen(theme.color("text"))
        line = QRect(0, middle.y(), free.width(), px(26))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, "Drop to open")
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("muted"))
        painter.drawText(
            line.translated(0, px(28)),
            Qt.AlignmentFlag.AlignCenter,
            "Picture files, a picture out of a browser, or a grid of numbers",
        )

    def _paint_place(self, painter: QPainter, place: Place) -> None:
        rect, text, is_here = place
        theme = self._theme
        role = "here" if is_here else "muted"
        fill = theme.color("here_tint" if is_here else "card")
        painter.setPen(QPen(theme.color(role), theme.px(2)))
        painter.setBrush(fill)
        painter.drawRoundedRect(QRectF(rect), theme.px(8), theme.px(8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setFont(theme.font("title"))
        painter.setPen(theme.color("text" if is_here else "muted"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
