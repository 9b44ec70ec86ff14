"""A small whole number with a chevron up and one down."""

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QSpinBox

from visualizer.ui.theme import Theme
from visualizer.ui.widgets.slider import keep_keys

_ARROWS = 16  # px at scale 1, at the right edge


class Spin(QSpinBox):
    """A spin box whose arrows are painted in the theme's colours: a style sheet cannot."""

    def __init__(self, theme: Theme, name: str, minimum: int, maximum: int) -> None:
        super().__init__()
        self._theme = theme
        self.setRange(minimum, maximum)
        self.setAccessibleName(name)
        self.setToolTip(f"{name}, {minimum} to {maximum}")
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)  # the 1 of a typed 15 is no wish
        self.lineEdit().installEventFilter(self)
        keep_keys(self, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        theme.changed.connect(self._fit)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the arrows beside the number."""
        super().paintEvent(event)
        px = self._theme.px
        middle, half, rise = self._arrows().center(), px(3.5), px(2)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for sign, possible in ((-1, self.value() < self.maximum()),
                                   (1, self.value() > self.minimum())):  # fmt: skip
                painter.setPen(QPen(self._theme.color("text" if possible else "faint"), px(1.3)))
                y = middle.y() + sign * px(4)
                painter.drawPolyline(
                    [
                        QPointF(middle.x() - half, y - sign * rise),
                        QPointF(middle.x(), y + sign * rise),
                        QPointF(middle.x() + half, y - sign * rise),
                    ]
                )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Step up or down when an arrow is pressed."""
        arrows = self._arrows()
        if event.button() == Qt.MouseButton.LeftButton and arrows.contains(event.position()):
            self.stepBy(1 if event.position().y() < arrows.center().y() else -1)
        else:
            super().mousePressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let a click on the number begin typing, also where one on the arrows takes no focus."""
        if watched is self.lineEdit() and event.type() == QEvent.Type.MouseButtonPress:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        return super().eventFilter(watched, event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take a quick second press for what it is."""
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Heed the wheel only while focused."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        """Keep the text beside the arrows: styled by a sheet, Qt gives it no room at all."""
        handled = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.StyleChange):
            self.lineEdit().setGeometry(2, 1, int(self._arrows().left()) - 2, self.height() - 2)
        return handled

    def _arrows(self) -> QRectF:
        width = self._theme.px(_ARROWS)
        return QRectF(self.width() - width - self._theme.px(3), 0, width, self.height())

    def _fit(self) -> None:
        px = self._theme.px
        self.setStyleSheet(
            "QSpinBox { padding: 0; }"
            "QSpinBox QLineEdit { padding: 0; border: none; background: transparent; }"
        )
        self.setFixedHeight(px(28))
        self.setFixedWidth(px(54))
