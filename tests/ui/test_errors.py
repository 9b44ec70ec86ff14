import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer, qWarning
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QWidget

from visualizer.ui.errors import ErrorDialog, ErrorReporter, unexpected

pytestmark = pytest.mark.qt_no_exception_capture


class Faulty(QWidget):
    def paintEvent(self, event) -> None:
        raise RuntimeError("in a paint event")


@pytest.fixture
def reporter(qtbot):
    window = Faulty()
    qtbot.addWidget(window)
    reporter = ErrorReporter(window)
    yield reporter
    reporter.close()


def dialog(reporter) -> ErrorDialog:
    return reporter.parent().findChild(ErrorDialog)


def details(reporter) -> str:
    return dialog(reporter).findChild(QPlainTextEdit).toPlainText()


def raise_in_slot() -> None:
    raise ValueError("in a slot")


def raise_in_thread() -> None:
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()


def hand_over() -> None:
    try:
        raise KeyError("handed over")
    except KeyError as error:
        unexpected(error)


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (lambda: QTimer.singleShot(0, raise_in_slot), "in a slot"),
        (raise_in_thread, "ZeroDivisionError"),
        (hand_over, "handed over"),
    ],
)
def test_an_exception_opens_the_dialog_and_goes_to_the_log(qtbot, reporter, cause, words) -> None:
    cause()
    qtbot.waitUntil(lambda: dialog(reporter) is not None)
    assert words in details(reporter)
    assert words in Path(reporter.log_file).read_text()


def test_a_faulty_paint_event_is_reported_and_the_window_lives_on(qtbot, reporter) -> None:
    reporter.parent().show()
    qtbot.waitUntil(lambda: dialog(reporter) is not None)
    assert "in a paint event" in details(reporter)
    assert reporter.parent().isVisible()


def test_later_exceptions_are_added_to_the_open_dialog(qtbot, reporter) -> None:
    raise_in_thread()
    qtbot.waitUntil(lambda: dialog(reporter) is not None)
    hand_over()
    qtbot.waitUntil(lambda: "handed over" in details(reporter))
    assert "ZeroDivisionError" in details(reporter)
    assert len(reporter.parent().findChildren(ErrorDialog)) == 1


def test_the_same_exception_again_is_passed_over(qtbot, reporter) -> None:
    for _ in range(3):
        raise_in_thread()
    qtbot.waitUntil(lambda: dialog(reporter) is not None)
    assert details(reporter).count("ZeroDivisionError") == 1
    assert Path(reporter.log_file).read_text().count("ZeroDivisionError") == 1


def test_copy_puts_the_details_on_the_clipboard(qtbot, reporter) -> None:
    hand_over()
    qtbot.waitUntil(lambda: dialog(reporter) is not None)
    copy = next(b for b in dialog(reporter).findChildren(QPushButton) if b.text() == "Copy")
    copy.click()
    assert QGuiApplication.clipboard().text() == details(reporter)


def test_what_qt_says_goes_to_the_log(reporter) -> None:
    qWarning("something odd")
    assert "Qt: something odd" in Path(reporter.log_file).read_text()


def test_closing_gives_the_hooks_back(qtbot) -> None:
    before = (sys.excepthook, threading.excepthook)
    window = QWidget()
    qtbot.addWidget(window)
    reporter = ErrorReporter(window)
    assert sys.excepthook != before[0]
    reporter.close()
    assert (sys.excepthook, threading.excepthook) == before
