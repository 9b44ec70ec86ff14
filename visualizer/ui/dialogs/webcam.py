"""A live picture of the camera, and Freeze, which puts it on show."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from visualizer.ui import icons
from visualizer.ui.camera import CAMERAS, SENTENCES, Camera
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.fields import LabelledChoice

_TICK_MS = 33


class WebcamDialog(QDialog):
    """Shows the newest frame of a camera; Space freezes it and closes the dialog.

    Signals:
        frozen(object): the frame to put on show, (H, W, 3) uint8 RGB, as it was seen.
    """

    frozen = Signal(object)

    def __init__(self, theme: Theme, source: int | str = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWindowTitle("Webcam")
        self._source = source
        self._number = 0
        self._camera = Camera(source)
        self.view = _CameraView(theme)
        self._which = LabelledChoice(
            theme, "", [(str(i), f"Camera {i}") for i in range(CAMERAS)], name="Camera",
            tip="Which camera to use",
        )  # fmt: skip
        self._which.setVisible(isinstance(source, int))
        self._mirror = QCheckBox("Mirror")
        self._mirror.setChecked(True)
        self._mirror.setToolTip("Show the picture as in a mirror (M)")
        self._mirror.setShortcut("M")
        self._again = QPushButton("Try again")
        self._again.setToolTip("Look for the camera once more")
        self._freeze = QPushButton("Freeze")
        self._freeze.setProperty("role", "primary")
        self._freeze.setToolTip("Put this picture on show (Space)")
        self._freeze.setShortcut("Space")
        self._freeze.setDefault(True)
        self._lay_out()
        self._which.currentChanged.connect(lambda key: self._use(int(key)))
        self._mirror.toggled.connect(self.view.set_mirrored)
        self._again.clicked.connect(lambda: self._use(self._source))
        self._freeze.clicked.connect(self._take)
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        self._tick()

    @property
    def camera(self) -> Camera:
        """The camera on show."""
        return self._camera

    def done(self, result: int) -> None:
        """Let go of the camera, without waiting for it."""
        self._timer.stop()
        self._camera.stop()
        super().done(result)
        self.deleteLater()

    def _use(self, source: int | str) -> None:
        self._camera.stop()
        self._source, self._number = source, 0
        self.view.set_frame(None)
        self._camera = Camera(source)
        self._tick()

    def _tick(self) -> None:
        newest = self._camera.newest(self._number)
        if newest is not None:
            self._number, frame = newest
            self.view.set_frame(frame)
        state = self._camera.state
        self.view.set_sentence(SENTENCES[state])
        if self._freeze.isEnabled() != (self.view.frame is not None):
            self._freeze.setEnabled(self.view.frame is not None)
            self._freeze.setFocus()
        self._again.setVisible(state in ("silent", "lost"))

    def _take(self) -> None:
        frame = self.view.frame
        if frame is not None:
            mirrored = self._mirror.isChecked()
            self.frozen.emit(np.ascontiguousarray(frame[:, ::-1]) if mirrored else frame)
            self.accept()

    def _lay_out(self) -> None:
        px = self._theme.px
        cancel = QPushButton("Cancel")
        cancel.setToolTip("Keep the picture on show (Esc)")
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(px(12))
        for widget in (self._which, self._mirror, self._again):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(label("Space freezes", "caption"))
        row.addWidget(cancel)
        row.addWidget(self._freeze)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(18), px(16), px(18), px(16))
        column.setSpacing(px(12))
        column.addWidget(self.view, 1)
        column.addLayout(row)
        self.resize(px(760), px(510))


class _CameraView(QWidget):
    """Paints a frame as large as fits, or a sentence."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.frame: npt.NDArray[np.uint8] | None = None
        self._mirrored = True
        self._sentence = ""
        self.setAccessibleName("Camera picture")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def set_frame(self, frame: npt.NDArray[np.uint8] | None) -> None:
        """Show (H, W, 3) uint8 RGB."""
        self.frame = frame
        self.update()

    def set_mirrored(self, on: bool) -> None:
        """Show left as right."""
        self._mirrored = on
        self.update()

    def set_sentence(self, sentence: str) -> None:
        """Say why there is no picture; "" when there is one."""
        if sentence != self._sentence:
            self._sentence = sentence
            self.setAccessibleDescription(sentence)
            self.update()

    def sizeHint(self) -> QSize:
        """Room for a picture of 16:9."""
        return QSize(self._theme.px(640), self._theme.px(360))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        outline = QPainterPath()
        outline.addRoundedRect(self.rect(), px(8), px(8))
        painter.fillPath(outline, theme.color("blank"))
        if self.frame is not None:
            painter.save()
            painter.setClipPath(outline)
            self._paint_frame(painter, self.frame)
            painter.restore()
        if self._sentence:
            self._paint_sentence(painter)

    def _paint_frame(self, painter: QPainter, frame: npt.NDArray[np.uint8]) -> None:
        height, width = frame.shape[:2]
        image = QImage(frame.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        size = image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        if self._mirrored:
            painter.translate(self.width(), 0)
            painter.scale(-1, 1)
        left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        painter.drawImage(QRect(left, top, size.width(), size.height()), image)

    def _paint_sentence(self, painter: QPainter) -> None:
        theme, px = self._theme, self._theme.px
        middle, side = self.rect().center(), px(44)
        if self.frame is not None:
            veil = theme.color("window")
            veil.setAlphaF(0.75)
            painter.fillRect(self.rect(), veil)
        icon = icons.icon("mdi6.webcam", color=theme.colors.muted)
        icon.paint(painter, QRect(middle.x() - side // 2, middle.y() - px(60), side, side))
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text"))
        room = QRect(px(60), middle.y(), self.width() - px(120), px(80))
        wrapped = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(room, wrapped | Qt.TextFlag.TextWordWrap, self._sentence)
