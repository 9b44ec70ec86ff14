"""What all buttons that open a menu have in common."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QToolButton


def give_menu(button: QToolButton, menu: QMenu) -> None:
    """Let a click on `button` open `menu`.

    While a menu is open Qt does not notice that the pointer leaves its button, which would go on
    looking as if it were pointed at.
    """
    button.setMenu(menu)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu.aboutToHide.connect(lambda: _look_for_pointer(button))


def _look_for_pointer(button: QToolButton) -> None:
    is_there = button.rect().contains(button.mapFromGlobal(QCursor.pos()))
    button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, is_there)
    button.update()
