"""What nobody expected: one dialog with Copy, one rotating log, and the application lives on."""

import logging
import logging.handlers
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from visualizer import __version__
from visualizer.paths import user_data
from visualizer.ui.widgets.card import label

log = logging.getLogger("visualizer")

_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class ErrorReporter(QObject):
    """Catches unhandled exceptions of slots, threads and paint events.

    Each goes to the log; the first opens a dialog, later ones are added to it while it is open.
    The same one again, as from a paint event at every frame, is passed over. `close` gives the
    hooks back.
    """

    _caught = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._dialog: ErrorDialog | None = None
        self._seen: set[str] = set()
        folder = user_data() / "log"
        folder.mkdir(exist_ok=True)
        self._handler = logging.handlers.RotatingFileHandler(
            folder / "cnn-visualizer.log", maxBytes=1_000_000, backupCount=3, encoding="utf-8"
        )
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(self._handler)
        log.setLevel(logging.INFO)
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self.report
        threading.excepthook = self._report_thread
        self._qt_before = qInstallMessageHandler(_log_qt)
        self._caught.connect(self._show)

    @property
    def log_file(self) -> str:
        """Where the log is."""
        return self._handler.baseFilename

    def report(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Log the exception and show it; from any thread."""
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        if text in self._seen:
            return
        self._seen.add(text)
        log.error("unhandled exception\n%s", text)
        self._caught.emit(text)

    def close(self) -> None:
        """Give the hooks back and close the log."""
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(self._qt_before)
        log.removeHandler(self._handler)
        self._handler.close()
        if self._dialog is not None:
            self._dialog.close()

    def _report_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.report(args.exc_type, args.exc_value, args.exc_traceback)

    def _show(self, text: str) -> None:
        if self._dialog is None:
            self._dialog = ErrorDialog(self.log_file, self._window)
            self._dialog.finished.connect(self._forget)
            self._dialog.finished.connect(self._dialog.deleteLater)
            self._dialog.show()
        self._dialog.add(text)

    def _forget(self) -> None:
        self._dialog = None


class ErrorDialog(QDialog):
    """Says that something went wrong, with the details to copy. The window stays usable."""

    def __init__(self, log_file: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        self.resize(640, 380)
        head = label("Something went wrong inside the program. Your work is still here.", "heading")
        hint = label(
            "You can go on. To report it, copy the details below; they are also in\n" + log_file,
            "muted",
        )
        hint.setWordWrap(True)
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setAccessibleName("Details of the error")
        buttons = QDialogButtonBox()
        copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self.copy)
        close = buttons.addButton("Go on", QDialogButtonBox.ButtonRole.AcceptRole)
        close.clicked.connect(self.accept)
        close.setDefault(True)
        layout = QVBoxLayout(self)
        for widget in (head, hint, self._details, buttons):
            layout.addWidget(widget)

    def add(self, text: str) -> None:
        """Append one traceback."""
        if not self._details.toPlainText():
            self._details.setPlainText(f"CNN Visualizer {__version__}, Python {sys.version}\n")
        self._details.appendPlainText(text)

    def copy(self) -> None:
        """Put the details on the clipboard."""
        QGuiApplication.clipboard().setText(self._details.toPlainText())


def unexpected(error: BaseException) -> None:
    """Report an exception that a worker handed over and that is nobody's bad input."""
    sys.excepthook(type(error), error, error.__traceback__)


def _log_qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    log.log(_QT_LEVELS[kind], "Qt: %s", message)
