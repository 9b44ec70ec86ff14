"""One result, large, under the question whether it still is what its label says."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from visualizer.ui import icons
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.map_mosaic import MapMosaic
from visualizer.ui.widgets.wrapped_label import WrappedLabel

_LABEL = 150  # px at scale 1, the most of a label's height
_UNKNOWN = "This image has no label: choose a class of the data as the source."


class Question(QWidget):
    """Asks the class. Writes no model.

    Signals:
        classWanted(int): so many classes on.
    """

    classWanted = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.mosaic = MapMosaic(theme, "", noun="image", captioned=False, largest=2000)
        self.mosaic.setAccessibleName("One result")
        self.mosaic.setToolTip("")
        self.label = _LargeText(theme)
        self._sentence = WrappedLabel("muted")
        self._drawn = WrappedLabel("small_number")
        self._arrows = [self._arrow("left", -1), self._arrow("right", 1)]
        arrows = QHBoxLayout()
        arrows.setSpacing(6)
        for arrow in self._arrows:
            arrows.addWidget(arrow)
        arrows.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self.label, 1)
        right.addWidget(self._sentence)
        right.addLayout(arrows)
        right.addWidget(self._drawn)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(18)
        row.addWidget(self.mosaic, 3)
        row.addLayout(right, 2)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.show_label("")

    def show_result(self, image: npt.NDArray[np.uint8], drawn: str) -> None:
        """Show (C, H, W) and what was drawn for it."""
        self.mosaic.set_images(image[None])
        self._drawn.set_text(drawn)

    def clear(self) -> None:
        """Show no result and no label."""
        self.mosaic.clear()
        self._drawn.set_text("")
        self.show_label("")

    def show_label(self, name: str) -> None:
        """Show the label that training gives the image, "" when there is none."""
        self.label.set_text(name)
        question = f"Training says: this is “{name}”. Would you say so too?"
        self._sentence.set_text(question if name else _UNKNOWN)
        for arrow in self._arrows:
            arrow.setEnabled(bool(name))

    def _arrow(self, side: str, by: int) -> QToolButton:
        button = QToolButton()
        name = "Next class" if by > 0 else "Previous class"
        button.setText(name)
        button.setAccessibleName(name)
        button.setProperty("icon_name", f"mdi6.chevron-{side}")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.classWanted.emit(by))
        return button

    def _restyle(self) -> None:
        colors = self._theme.colors
        icons.fit(self._theme, *self._arrows)
        for arrow in self._arrows:
            name = arrow.property("icon_name")
            arrow.setIcon(icons.icon(name, color=colors.text, color_disabled=colors.faint))


class _LargeText(QWidget):
    """A word or a digit, as large as the room allows."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._text = theme, ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def set_text(self, text: str) -> None:
        """Show another word."""
        self._text = text
        self.setAccessibleName(f"Label {text}" if text else "No label")
        self.update()

    def sizeHint(self) -> QSize:
        """Room for a word."""
        return QSize(self._theme.px(160), self._theme.px(120))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        if not self._text:
            return
        font = self._theme.font("title")
        font.setPixelSize(100)
        whole = QFontMetricsF(font).boundingRect(self._text)
        share = min(self.width() / max(whole.width() + 8, 1), self.height() / 120)
        size = int(min(100 * share, self._theme.px(_LABEL)))
        font.setPixelSize(max(size, self._theme.px(14)))
        with QPainter(self) as painter:
            painter.setFont(font)
            painter.setPen(self._theme.color("here"))
            area = QRectF(self.rect())
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self._text)
