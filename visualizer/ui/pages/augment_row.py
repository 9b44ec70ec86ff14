"""One operation of a pipeline as a row: switch, range, probability, and steps through its range."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualizer.learning.operations import KINDS, Operation
from visualizer.ui import icons
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.elided_label import ElidedLabel
from visualizer.ui.widgets.fields import LabelledRange, LabelledSlider
from visualizer.ui.widgets.map_mosaic import MapMosaic
from visualizer.ui.widgets.slider import keep_keys

if TYPE_CHECKING:
    from visualizer.state.augment_work import Row

_CONTROLS = 252  # px at scale 1: all left of the tiles, and of these the probability
_PROBABILITY = 70
_LOWEST, _HIGHEST = 76, 132  # of a row, as the tiles need
_LABEL = 28  # below and around a tile
_AROUND = 20  # px at any scale: margins, and the room between controls and tiles
_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Space)


class OperationRow(QFrame):
    """Shows an operation and emits what the user asks for. Writes no model.

    While focused, Alt with the arrow keys moves it, Space switches it, Delete removes it.

    Signals:
        changed(dict, str): other fields of the operation, and a merge key.
        removed(), moved(int): the user wants it gone, or so many places further down.
        dragged(QPointF), dropped(): the pointer, on the screen, that drags it by its handle.
        problem(str): why what is typed cannot be used; "" once it can.
    """

    changed = Signal(dict, str)
    removed = Signal()
    moved = Signal(int)
    dragged = Signal(QPointF)
    dropped = Signal()
    problem = Signal(str)

    def __init__(self, theme: Theme, operation: Operation) -> None:
        super().__init__()
        self._theme, self._operation = theme, operation
        kind = self.kind = KINDS[operation.kind]
        self.setProperty("role", "row")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        keep_keys(self, *_KEYS)
        self.switch = QCheckBox(kind.title)
        self.switch.setToolTip(kind.hint)
        self.switch.toggled.connect(lambda on: self.changed.emit({"on": on}, ""))
        self._remark = ElidedLabel("", "caption")
        self._handle = _Handle(theme)
        self._handle.setAccessibleName(f"Drag {kind.title}")
        self._handle.dragged.connect(self.dragged)
        self._handle.dropped.connect(self.dropped)
        self._remove = QToolButton()
        self._remove.setAccessibleName(f"Remove {kind.title}")
        self._remove.setToolTip("Remove it (Delete)")
        self._remove.setProperty("role", "plain")
        self._remove.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._remove.clicked.connect(self.removed)
        self.range: LabelledRange | None = None
        if not kind.is_switch:
            self.range = LabelledRange(
                theme,
                kind.measure,
                kind.low,
                kind.high,
                decimals=kind.decimals,
                may_meet=True,
                name=kind.title,
            )
            self.range.setAccessibleName(f"{kind.title}, range")
            self.range.setToolTip(kind.hint)
            self.range.valueChanged.connect(self._range_changed)
            self.range.problem.connect(self.problem)
        self.probability = LabelledSlider(
            theme,
            "p",
            0,
            1,
            step=0.05,
            decimals=2,
            trimmed=True,
            value=1,
            tip="Probability: the share of the images it is done to",
        )
        self.probability.setAccessibleName(f"{kind.title}, probability")
        self.probability.valueChanged.connect(
            lambda share: self.changed.emit(
                {"probability": share}, f"{id(self)}{self.probability.merge_key}"
            )
        )
        self.probability.problem.connect(self.problem)
        self.steps = MapMosaic(theme, "", noun="step", captioned=False)
        self.steps.setAccessibleName(f"{kind.title}, through its range")
        self.steps.setToolTip(
            "Five steps through the range, from the low to the high end; of what changes single "
            "pixels only the middle of the image, where they can be seen"
        )
        self._lay_out()
        theme.changed.connect(self._restyle)
        self._restyle()
        self.show_operation(operation)

    def show_operation(self, operation: Operation) -> None:
        """Show the numbers in force."""
        self._operation = operation
        with QSignalBlocker(self.switch):
            self.switch.setChecked(operation.on)
        if self.range is not None:
            self.range.set_value(operation.low, operation.high)
            self.range.setEnabled(operation.on)
        self.probability.setEnabled(operation.on)
        self.probability.set_value(operation.probability)
        self.setAccessibleName(operation.in_words() + ("" if operation.on else ", off"))

    def show_steps(self, row: "Row") -> None:
        """Show the steps through the range."""
        self.steps.set_images(row.images, row.texts)

    def clear_steps(self) -> None:
        """Show no steps: there is no image."""
        self.steps.clear()

    def remark(self, text: str) -> None:
        """Say something beside the title."""
        self._remark.set_text(text)

    def fit(self, width: int) -> None:
        """Be as high as five tiles side by side need in a row so wide."""
        px = self._theme.px
        room = width - px(_CONTROLS) - _AROUND
        self.setFixedHeight(min(max(room // 5 + px(_LABEL), px(_LOWEST)), px(_HIGHEST)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, switch, remove."""
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.moved.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif event.key() == Qt.Key.Key_Space:
            self.switch.toggle()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Put a ring around it while it has the focus."""
        super().paintEvent(event)
        if self.hasFocus():
            with QPainter(self) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(self._theme.color("accent"), 1.5))
                painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 6, 6)

    def _range_changed(self, low: float, high: float) -> None:
        assert self.range is not None
        self.changed.emit({"low": low, "high": high}, f"{id(self)}{self.range.merge_key}")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self._handle)
        top.addWidget(self.switch)
        top.addWidget(self._remark, 1)
        top.addWidget(self._remove)
        numbers = QHBoxLayout()
        numbers.setSpacing(14)
        if self.range is not None:
            numbers.addWidget(self.range, 1)
        else:
            numbers.addStretch(1)
        numbers.addWidget(self.probability)
        self._controls = QWidget()
        left = QVBoxLayout(self._controls)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(2)
        left.addLayout(top)
        left.addLayout(numbers)
        left.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 6, 4, 4)
        row.setSpacing(12)
        row.addWidget(self._controls)
        row.addWidget(self.steps, 1)

    def _restyle(self) -> None:
        px = self._theme.px
        self._controls.setFixedWidth(px(_CONTROLS))
        self.probability.setFixedWidth(px(_PROBABILITY))
        self._remove.setIcon(icons.icon("mdi6.close", color=self._theme.colors.muted))
        icons.fit(self._theme, self._remove, side=13)


class _Handle(QWidget):
    """Six dots to drag a row by.

    Signals:
        dragged(QPointF): the pointer on the screen, while it drags.
        dropped(): it let go.
    """

    dragged = Signal(QPointF)
    dropped = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._is_dragging = False
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip("Drag to another place (or Alt with the arrow keys)")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Room for two columns of dots."""
        return QSize(self._theme.px(12), self._theme.px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dots."""
        px = self._theme.px
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("muted" if self.underMouse() else "faint"))
            for row in (-1, 0, 1):
                for column in (-0.5, 0.5):
                    x = self.width() / 2 + column * px(5)
                    painter.drawEllipse(QPointF(x, self.height() / 2 + row * px(5)), 1.4, 1.4)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Light up."""
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Go out."""
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the row in hand."""
        self._is_dragging = event.button() == Qt.MouseButton.LeftButton

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Carry it."""
        if self._is_dragging:
            self.dragged.emit(event.globalPosition())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if self._is_dragging:
            self._is_dragging = False
            self.dropped.emit()
