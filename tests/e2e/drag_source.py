"""A program of its own that offers one file to drag: `python drag_source.py FILE X Y`."""

import sys

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel


class Source(QLabel):
    """Says when it is painted; starts dragging when it is pressed."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        print("shown", flush=True)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(sys.argv[1])])
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.exec(Qt.DropAction.CopyAction)


app = QApplication(sys.argv[:1])
source = Source("drag me", None, Qt.WindowType.FramelessWindowHint)
source.setGeometry(int(sys.argv[2]), int(sys.argv[3]), 120, 60)
source.setWindowTitle("drag source")
source.show()
app.exec()
