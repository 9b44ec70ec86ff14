"""What empty cards say: that there is nothing yet, and what brings it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QWidget

from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.curve_plot import CurvePlot

_BESIDE = 24  # px at scale 1: free at both sides of a sentence
_NUMBERS = 32  # and as much more for the numbers at the left of a plot


class Hints(QObject):
    """Sentences over cards, each for as long as its card is empty."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._hints: list[tuple[QLabel, Callable[[], bool]]] = []
        theme.changed.connect(self._fit)

    def add(self, over: QWidget, sentence: str, is_empty: Callable[[], bool]) -> None:
        """Lay a sentence over a widget while `is_empty`; call `refresh` when that may change."""
        hint = label(sentence, "muted", over)
        hint.setWordWrap(True)
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        _Follower(over, hint)
        self._hints.append((hint, is_empty))
        self._fit()

    def refresh(self) -> None:
        """Show the hints of what is empty."""
        for hint, is_empty in self._hints:
            hint.setVisible(is_empty())

    def shown(self) -> list[str]:
        """Return the sentences on show."""
        return [hint.text() for hint, _ in self._hints if not hint.isHidden()]

    def _fit(self) -> None:
        for hint, _ in self._hints:
            numbers = _NUMBERS if isinstance(hint.parent(), CurvePlot) else 0
            left, right = self._theme.px(_BESIDE + numbers), self._theme.px(_BESIDE)
            hint.setContentsMargins(left, 0, right, 0)


class _Follower(QObject):
    """Keeps a label as large as what it lies over, and above what is put there later."""

    def __init__(self, over: QWidget, hint: QLabel) -> None:
        super().__init__(hint)
        self._over, self._hint = over, hint
        over.installEventFilter(self)
        hint.setGeometry(over.rect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size, and stay on top."""
        if event.type() == QEvent.Type.Resize:
            self._hint.setGeometry(self._over.rect())
        elif event.type() == QEvent.Type.ChildAdded:
            self._hint.raise_()
        return False
