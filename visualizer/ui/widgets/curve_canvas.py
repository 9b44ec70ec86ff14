"""The drawing area of a plot of curves: it tells where the pointer or the arrow keys point."""

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent

from visualizer.ui.widgets.alone import paint_alone
from visualizer.ui.widgets.slider import keep_keys

_MOVES = {Qt.Key.Key_Left: -0.01, Qt.Key.Key_Right: 0.01}


class CurveCanvas(pg.PlotWidget):
    """Has no menu and no zoom, and tells where it is pointed at.

    Signals:
        pointed(object): a step, or None when the pointer has left.
        moved(float): an arrow key asks for the crosshair to go by this share of the width.
    """

    pointed = Signal(object)
    moved = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.accent = QColor()
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setMouseEnabled(False, False)
        self.getViewBox().disableAutoRange()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 80)
        paint_alone(self.viewport())
        self.setToolTip("Point at a step to read its numbers; arrow keys do the same")
        keep_keys(self, *_MOVES, Qt.Key.Key_Escape)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a step."""
        super().mouseMoveEvent(event)
        self.pointed.emit(self._step_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at none."""
        super().leaveEvent(event)
        self.pointed.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the crosshair, or hide it."""
        key = Qt.Key(event.key())
        if key in _MOVES:
            self.moved.emit(_MOVES[key])
        elif key == Qt.Key.Key_Escape:
            self.pointed.emit(None)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus by a frame."""
        super().focusInEvent(event)
        self.getViewBox().setBorder(pg.mkPen(self.accent, width=2))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the frame and the crosshair away."""
        super().focusOutEvent(event)
        self.getViewBox().setBorder(None)
        self.pointed.emit(None)

    def _step_at(self, point: QPointF) -> float | None:
        view = self.getViewBox()
        place = self.mapToScene(point.toPoint())
        if not view.sceneBoundingRect().contains(place):
            return None
        return float(view.mapSceneToView(place).x())
