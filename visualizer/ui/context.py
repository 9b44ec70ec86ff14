"""What every page is given: passed in, never looked up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QUndoStack

from visualizer.state.session import Session
from visualizer.ui.actions import Actions
from visualizer.ui.preferences import Preferences
from visualizer.ui.theme import Theme

if TYPE_CHECKING:
    from visualizer.ui.training import Training


class Tell(Protocol):
    """Says one sentence on what went wrong."""

    def __call__(self, sentence: str, until: SignalInstance | None = None) -> None:
        """Show `sentence`, "" for none; `until` is emitted when it is no longer true."""


@dataclass(frozen=True)
class Context:
    """The objects shared by the window and its pages.

    Attributes:
        theme: colours and sizes.
        session: the picture on show.
        actions: every command of the application, registered once.
        undo: the one undo stack.
        preferences: what is remembered from one start to the next.
        training: returns the one training, with all runs; made when it is first asked for.
        tell: show one sentence on what went wrong, under the header.
        done: show one sentence on what went well, for a few seconds.
        status: set the status bar's left text (row, column, values) and, unless it is None,
            its right one (the last computation's milliseconds).
    """

    theme: Theme
    session: Session
    actions: Actions
    undo: QUndoStack
    preferences: Preferences
    training: "Callable[[], Training]"
    tell: Tell
    done: Callable[[str], None]
    status: Callable[[str, str | None], None]
