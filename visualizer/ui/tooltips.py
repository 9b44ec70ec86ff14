"""Tooltips that say what they are given: names of runs, files and classes may hold anything."""

from PySide6.QtGui import Qt


def plain(text: str) -> str:
    """Return a tooltip that reads as `text` does, also where Qt would take it for HTML."""
    return Qt.convertFromPlainText(text) if Qt.mightBeRichText(text) else text
