"""Going through the frames of an animated picture."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from visualizer.ui import icons
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.slider import Slider


class FrameBar(QWidget):
    """Previous, a slider, next, and which frame it is, counted from 1.

    Signals:
        frameChosen(int): the user asks for this frame, counted from 0.
    """

    frameChosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._back = self._button("Previous frame", -1)
        self._on = self._button("Next frame", 1)
        self._slider = Slider()
        self._slider.setAccessibleName("Frame")
        self._slider.setToolTip("Frame of the animation")
        self._text = label("", "number")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label("Frame", "muted"))
        row.addWidget(self._back)
        row.addWidget(self._slider, 1)
        row.addWidget(self._on)
        row.addWidget(self._text)
        self._slider.valueChanged.connect(self._chosen)
        theme.changed.connect(self._restyle)
        self._restyle()

    def set_frames(self, count: int, frame: int) -> None:
        """Show that frame `frame` of `count` is on show, without a signal."""
        if not self._slider.isSliderDown():
            blocked = self._slider.blockSignals(True)
            self._slider.setRange(0, count - 1)
            self._slider.setPageStep(max(1, count // 10))
            self._slider.setValue(frame)
            self._slider.blockSignals(blocked)
        self._show()

    def _chosen(self, frame: int) -> None:
        self._show()
        self.frameChosen.emit(frame)

    def _show(self) -> None:
        frame, last = self._slider.value(), self._slider.maximum()
        digits = len(str(last + 1))
        self._text.setText(f"{frame + 1:{digits}d} / {last + 1}")
        self._back.setEnabled(frame > 0)
        self._on.setEnabled(frame < last)

    def _button(self, name: str, by: int) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setAutoRepeat(True)
        button.clicked.connect(lambda: self._slider.setValue(self._slider.value() + by))
        return button

    def _restyle(self) -> None:
        color = self._theme.colors.text
        self._back.setIcon(icons.icon("mdi6.chevron-left", color=color))
        self._on.setIcon(icons.icon("mdi6.chevron-right", color=color))
        icons.fit(self._theme, self._back, self._on)
        self._slider.setMinimumSize(self._theme.px(160), self._theme.px(18))
