"""What every page is given: passed in, never looked up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QUndoStack

from visualizer.state.session import Session
from visualizer.ui.actions import Actions
from visualizer.ui.theme import Theme

if TYPE_CHECKING:
    from visualizer.ui.training import Training


@dataclass(frozen=True)
class Context:
    """The objects shared by the window and its pages.

    Attributes:
        theme: colours and sizes.
        session: the picture on show.
        actions: every command of the application, registered once.
        undo: the one undo stack.
        training: returns the one training, with all runs; made when it is first asked for.
        tell: show one sentence on what went wrong, under the header; "" hides it.
        done: show one sentence on what went well, for a few seconds.
        status: set the status bar's left text (row, column, values) and, unless it is None,
            its right one (the last computation's milliseconds).
    """

    theme: Theme
    session: Session
    actions: Actions
    undo: QUndoStack
    training: "Callable[[], Training]"
    tell: Callable[[str], None]
    done: Callable[[str], None]
    status: Callable[[str, str | None], None]
