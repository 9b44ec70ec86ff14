"""Undo and redo: every edit of a model becomes a QUndoCommand."""

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QUndoCommand, QUndoStack

from visualizer.core.image import Image
from visualizer.state.model import Edit
from visualizer.state.pooling_settings import PoolingSettings
from visualizer.state.session import Shown
from visualizer.ui.actions import Actions

PICTURE_BUDGET = 1 << 30  # bytes of earlier pictures kept for undo

_MERGEABLE = 1


class EditCommand(QUndoCommand):
    """One edit of a model. Edits in a row with the same merge key become one.

    `reveal` brings the page that the model belongs to on show.
    """

    def __init__(self, edit: Edit[Any], reveal: Callable[[], None]) -> None:
        super().__init__(edit.label)
        self._edit = edit
        self._after = edit.after
        self._reveal = reveal

    @property
    def held(self) -> int:
        """Bytes of an earlier picture, or map, that only this command still keeps."""
        before, after = _kept(self._edit.before), _kept(self._after)
        return 0 if before is None or before is after else before.pixels.nbytes

    def id(self) -> int:
        """Only edits with a merge key are offered to `mergeWith`."""
        return _MERGEABLE if self._edit.merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take over the newer edit when it continues this one; be gone when it takes this back."""
        assert isinstance(other, EditCommand)
        same = other._edit.model is self._edit.model and other._edit.merge == self._edit.merge
        if same:
            self._after = other._after
            self.setObsolete(self._after == self._edit.before)
        return same

    def undo(self) -> None:
        """Put the settings of before in force."""
        self._restore(self._edit.before)

    def redo(self) -> None:
        """Put the settings of after in force; at the push they already are."""
        self._restore(self._after)

    def forget(self) -> None:
        """Let go of a picture: Qt drops an obsolete command when it comes by."""
        self._after = self._edit.after
        self._edit = Edit(self._edit.model, self._edit.label, self._after, self._after)
        self.setObsolete(True)

    def _restore(self, settings: Any) -> None:
        if not self.isObsolete() and self._edit.model.settings != settings:
            self._reveal()
            self._edit.model.restore(settings)


def add_commands(actions: Actions, stack: QUndoStack) -> None:
    """Register Undo and Redo, which say what they would do while there is something."""
    for key, run, shortcuts, can_change, text_change in (
        ("Undo", stack.undo, ("Ctrl+Z",), stack.canUndoChanged, stack.undoTextChanged),
        ("Redo", stack.redo, ("Ctrl+Shift+Z", "Ctrl+Y"), stack.canRedoChanged,
         stack.redoTextChanged),
    ):  # fmt: skip
        action = actions.add(f"edit.{key.lower()}", f"&{key}", run, menu="Edit",
                             shortcuts=shortcuts)  # fmt: skip
        action.setEnabled(False)
        can_change.connect(action.setEnabled)
        text_change.connect(lambda text, a=action, k=key: a.setText(f"&{k} {text}".strip()))


def _kept(settings: object) -> Image | None:
    """Return the picture that settings hold, if there is one."""
    if isinstance(settings, Shown):
        return settings.source
    if isinstance(settings, PoolingSettings) and settings.sent is not None:
        return settings.sent.image
    return None


def record(stack: QUndoStack, edit: Edit[Any], reveal: Callable[[], None]) -> None:
    """Push `edit`, and forget the oldest pictures beyond PICTURE_BUDGET bytes."""
    stack.push(EditCommand(edit, reveal))
    held = 0
    for i in reversed(range(stack.count())):
        command = stack.command(i)
        if isinstance(command, EditCommand):
            held += command.held
            if held > PICTURE_BUDGET:
                command.forget()
