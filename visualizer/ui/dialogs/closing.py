"""The question what is to become of a training when the window closes."""

from typing import Literal

from PySide6.QtWidgets import QMessageBox, QWidget

Answer = Literal["save", "keep", "discard"]


def ask(window: QWidget) -> Answer:
    """Ask, and return: save and close, keep training with the window open, or close unsaved."""
    box = QMessageBox(window)
    box.setWindowTitle("A network is being trained")
    box.setText("A network is being trained. Close the window all the same?")
    save = box.addButton("Save and close", QMessageBox.ButtonRole.AcceptRole)
    keep = box.addButton("Keep training", QMessageBox.ButtonRole.RejectRole)
    stop = box.addButton("Close without saving", QMessageBox.ButtonRole.DestructiveRole)
    stop.setToolTip("What it has learned since its last checkpoint is lost")
    box.setDefaultButton(save)
    box.setEscapeButton(keep)
    box.exec()
    clicked = box.clickedButton()
    box.deleteLater()
    if clicked is stop:
        return "discard"
    return "save" if clicked is save else "keep"
