"""One output cell's arithmetic written out, number by number, from the window to the result."""

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QToolButton

from visualizer.ui.theme import Theme
from visualizer.ui.widgets.strip_canvas import StripCanvas
from visualizer.ui.widgets.strip_parts import Arithmetic

_WIDE = 760  # px: in less room folded numbers reach into the corner with the button


class ArithmeticStrip(QScrollArea):
    """Shows the arithmetic of one output cell; windows larger than the room fold, or scroll.

    Signals:
        weightHovered(int, int): the pointer is on this row and column of the window.
        weightLeft(): it is on none.
        cellClicked(int, int, int): this plane, row and column of a grid was clicked.
    """

    weightHovered = Signal(int, int)
    weightLeft = Signal()
    cellClicked = Signal(int, int, int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._canvas = StripCanvas(theme, self)
        self.setWidget(self._canvas)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Arithmetic of one output cell")
        self._unfold = QToolButton(self)
        self._unfold.setCheckable(True)
        self._unfold.hide()
        self._unfold.toggled.connect(self._canvas.set_unfolded)
        self._canvas.hovered.connect(self.weightHovered)
        self._canvas.left.connect(self.weightLeft)
        self._canvas.clicked.connect(self.cellClicked)
        self._canvas.planned.connect(self._planned)
        self.verticalScrollBar().rangeChanged.connect(lambda *_: self._place_button())
        theme.changed.connect(self._theme_changed)

    def show_arithmetic(self, content: Arithmetic) -> None:
        """Show one cell's arithmetic."""
        self._canvas.show_cell(content)

    def set_exact(self, exact: bool) -> None:
        """Show up to nine digits, or few."""
        self._canvas.set_exact(exact)

    def hide_output(self, hidden: bool) -> None:
        """Show "?" for the sums and the output, to let the class predict them."""
        self._canvas.set_hidden(hidden)

    def set_highlight(self, row: int | None, column: int = 0) -> None:
        """Outline one weight, its pixel and its product, or none."""
        self._canvas.set_highlight(None if row is None else (row, column))

    def is_rounded(self) -> bool:
        """Tell whether the strip says that what it shows is rounded."""
        return self._canvas.is_rounded()

    def sizeHint(self) -> QSize:
        """Room for three rows of full-size cells, or for all the planes."""
        return self._canvas.wanted_size().boundedTo(QSize(self._theme.px(1150), 10_000))

    def spare_height(self) -> int:
        """Return how much less height makes no digit smaller, only the cells closer."""
        return self._canvas.spare_height()

    def minimumSizeHint(self) -> QSize:
        """Return room for the smallest cells of three rows."""
        px = self._theme.px
        return QSize(px(480), px(120))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the arithmetic out anew."""
        super().resizeEvent(event)
        bar = self.horizontalScrollBar().sizeHint().height()
        room = self.maximumViewportSize() + QSize(0, self.viewportMargins().top())
        self._canvas.set_room(room, bar, self._head())
        self._place_button()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Outline what the keyboard scrolls; the numbers lie on top."""
        super().paintEvent(event)
        if self.hasFocus():
            with QPainter(self.viewport()) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(self._theme.color("accent"), 2))
                room = QRectF(self.viewport().rect()).adjusted(1, 1, -1, -1)
                painter.drawRoundedRect(room, self._theme.px(6), self._theme.px(6))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the outline."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the outline."""
        super().focusOutEvent(event)
        self.viewport().update()

    def _planned(self, foldable: bool, words: str) -> None:
        self.updateGeometry()
        self._unfold.setVisible(foldable)
        self._unfold.setText(words)
        self._unfold.setAccessibleName(words)
        self._unfold.setToolTip("Show every number, scrolling, or fold the middle of the window")
        self._place_button()

    def _place_button(self) -> None:
        """Put the button in the corner; numbers that would reach there begin below it."""
        self._unfold.adjustSize()
        top = self._head() if self._unfold.isVisibleTo(self) else 0
        if self.viewportMargins().top() != top:
            self.setViewportMargins(0, top, 0, 0)
        bar = self.verticalScrollBar()
        beside = bar.width() if bar.isVisible() else 0
        right = self.width() - self._theme.px(6) - beside
        self._unfold.move(right - self._unfold.width(), 0)
        self._unfold.raise_()

    def _head(self) -> int:
        """Return how high the button is that numbers have to begin below, where it is on show."""
        is_free = self.width() >= self._theme.px(_WIDE) and not self._unfold.isChecked()
        return 0 if is_free else self._unfold.sizeHint().height()

    def _theme_changed(self) -> None:
        self._canvas.restyle()
        self.updateGeometry()
