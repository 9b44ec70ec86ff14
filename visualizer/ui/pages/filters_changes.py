"""What a button does to the whole kernel: turn it, mirror it, divide it by its sum."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from visualizer.core import kernels
from visualizer.core.kernels import Kernel
from visualizer.ui import icons
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme

Change = Callable[[Kernel], Kernel]

# name, icon, tooltip, what it does
_CHANGES: tuple[tuple[str, str, str, Change], ...] = (
    ("flip", "mdi6.rotate-3d-variant", "Flip: turn by 180°", kernels.flip),
    ("mirror", "mdi6.flip-horizontal", "Mirror: exchange left and right", kernels.mirror),
    ("rotate", "mdi6.rotate-right", "Rotate by 90° clockwise", kernels.rotate),
    (
        "transpose",
        "mdi6.arrow-top-left-bottom-right",
        "Transpose: exchange rows and columns",
        kernels.transpose,
    ),
    ("negate", "mdi6.plus-minus-variant", "Negate: change every sign", kernels.negate),
    ("normalise", "mdi6.division", "Normalise: divide by the sum", kernels.normalise),
    ("clear", "mdi6.eraser", "Clear: make every weight 0", kernels.clear),
)


class IconButton(QToolButton):
    """A tool button with an icon in the theme's colours, which leaves the keyboard to the page."""

    def __init__(self, theme: Theme, icon: str, tip: str) -> None:
        super().__init__()
        self._theme, self._icon_name = theme, icon
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        leave_focus(self)
        theme.changed.connect(self._restyle)
        self._restyle()

    def drive(self, action: QAction) -> None:
        """Let an action be what the button does and says."""
        self.setDefaultAction(action)
        self._restyle()

    def _restyle(self) -> None:
        icon = icons.icon(self._icon_name, color=self._theme.colors.text)
        action = self.defaultAction()
        if action is None:
            self.setIcon(icon)
        else:
            action.setIcon(icon)
        icons.fit(self._theme, self)


class ChangeButtons(QWidget):
    """A row of buttons, and one that takes the last edit back.

    Signals:
        changeWanted(label, function): the whole kernel is to be changed.
    """

    changeWanted = Signal(str, object)

    def __init__(self, theme: Theme, undo: QAction) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addStretch(1)
        for name, icon, tip, change in _CHANGES:
            button = IconButton(theme, icon, tip)
            button.setAccessibleName(name)
            button.clicked.connect(lambda _, n=name, c=change: self.changeWanted.emit(n, c))
            row.addWidget(button)
        back = IconButton(theme, "mdi6.undo", "Undo")
        back.drive(undo)
        row.addWidget(back)
        row.addStretch(1)
