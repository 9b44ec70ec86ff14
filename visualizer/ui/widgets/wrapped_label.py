"""Plain text over as many lines as its width asks for, without asking for a width itself."""

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget


class WrappedLabel(QLabel):
    """A QLabel that is exactly as high as its text at the width it is given.

    It fixes its height itself: a layout that asks for the height at a width would make a scroll
    area around it believe that everything else needs its preferred height too.
    """

    def __init__(self, role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._longest = ""

    def set_text(self, text: str) -> None:
        """Show another text."""
        if text != self.text():
            self.setText(text)
            self._fit()

    def keep_room_for(self, longest: str) -> None:
        """Never be less high than this text needs, so that nothing moves when it comes."""
        if longest != self._longest:
            self._longest = longest
            self._fit()

    def hasHeightForWidth(self) -> bool:
        """Tell layouts to take the height as it is."""
        return False

    def minimumSizeHint(self) -> QSize:
        """Any width."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Break the lines anew in another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        line = self.fontMetrics().height()  # also of an empty text
        self.setMinimumHeight(0)  # QLabel asks for no less than it has been given before
        room = QRect(0, 0, max(self.width(), 1), 1)
        longest = self.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, self._longest)
        self.setFixedHeight(max(self.heightForWidth(self.width()), longest.height(), line))
