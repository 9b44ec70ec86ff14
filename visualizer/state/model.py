"""The observable model behind every page: frozen settings, whole new values, one signal."""

from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from psygnal import Signal

S = TypeVar("S")


@dataclass(frozen=True, eq=False)
class Edit(Generic[S]):
    """One change by the user, as undo needs it.

    Attributes:
        model: what was changed.
        label: what to call it in the Edit menu ("kernel cell").
        before, after: the whole settings on either side.
        merge: edits in a row with the same non-empty key become one step of undo (a slider drag).
    """

    model: "Model[S]"
    label: str
    before: S
    after: S
    merge: str = ""


class Model(Generic[S]):
    """Holds frozen `settings`. Intents call `edit`; undo and redo call `restore`.

    `changed(before, after)` follows every change; `edited(edit)` only those of the user.
    """

    changed = Signal(object, object)
    edited = Signal(object)

    def __init__(self, settings: S) -> None:
        self._settings = settings

    @property
    def settings(self) -> S:
        """What is chosen now."""
        return self._settings

    def edit(self, label: str, merge: str = "", **changes: Any) -> None:
        """Replace fields of the settings as one undoable step; nothing new does nothing.

        Raises what the settings' own validation raises (ValueError with a sentence); the
        settings in force then stay.
        """
        before = self._settings
        after: S = replace(before, **changes)  # type: ignore[type-var]
        if after == before:
            return
        self._settings = after
        self.changed.emit(before, after)
        self.edited.emit(Edit(self, label, before, after, merge))

    def restore(self, settings: S) -> None:
        """Put `settings` in force without recording an edit."""
        before = self._settings
        if settings != before:
            self._settings = settings
            self.changed.emit(before, settings)
