"""A part of a form that is usually folded away, under a button that opens it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from visualizer.ui import icons
from visualizer.ui.theme import Theme


class Fold(QWidget):
    """A button, and below it, while it is down, `content`."""

    def __init__(self, theme: Theme, title: str, content: QWidget, tip: str = "") -> None:
        super().__init__()
        self._theme, self._content = theme, content
        self.button = QToolButton()
        self.button.setText(title)
        self.button.setToolTip(tip)
        self.button.setAccessibleName(title)
        self.button.setCheckable(True)
        self.button.setProperty("role", "fold")
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.button)
        column.addWidget(content)
        self.button.toggled.connect(self._turn)
        theme.changed.connect(self._restyle)
        self._turn(False)

    def _turn(self, on: bool) -> None:
        self._content.setVisible(on)
        self._restyle()

    def _restyle(self) -> None:
        name = "chevron-down" if self.button.isChecked() else "chevron-right"
        self.button.setIcon(icons.icon(f"mdi6.{name}", color=self._theme.colors.muted))
        icons.fit(self._theme, self.button)
