"""The settings that a running training takes on: from the page to the run, and back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer

from visualizer.state.training import LIVE, Experiment, TrainingModel

# A slider that is dragged changes the run once, where it comes to rest, and leaves one mark.
REST_MS = 300


class LiveSettings(QObject):
    """While a run goes on, hands it what the user changes, and shows what is in force."""

    def __init__(
        self, model: TrainingModel, change: Callable[[dict[str, Any]], object], parent: QObject
    ) -> None:
        """`change` is given new values by name, for the run that goes on."""
        super().__init__(parent)
        self._model, self._hand_over = model, change
        self._in_force: Experiment | None = None
        self._changes: dict[str, Any] = {}
        self._rest = QTimer(self, interval=REST_MS, singleShot=True)
        self._rest.timeout.connect(self.flush)

    def begin(self) -> None:
        """Listen to the user."""
        self._in_force = None
        self._model.live = self._change

    def end(self) -> None:
        """Listen no more; what has not been handed over is dropped."""
        self._model.live = None
        self._drop()

    def flush(self) -> None:
        """Hand over what was changed, without waiting for the hand to rest."""
        changes = dict(self._changes)
        self._drop()
        if changes:
            self._hand_over(changes)

    def take_on(self, experiment: Experiment) -> None:
        """Remember what is in force now."""
        self._in_force = experiment

    def show(self) -> None:
        """Show all that is in force, whatever was chosen before."""
        if self._in_force is not None:
            self._drop()
            self.restore(self._in_force)

    def take_back(self, name: str) -> None:
        """Show what stays in force instead of what was refused."""
        if self._in_force is not None and name in LIVE:
            value = getattr(self._in_force, name)
            self.restore(replace(self._model.settings, **{name: value}))

    def restore(self, experiment: Experiment) -> None:
        """Show an experiment which the run knows already."""
        live, self._model.live = self._model.live, None
        self._model.restore(experiment)
        self._model.live = live

    def _change(self, name: str, value: Any) -> None:
        """Let the run take on a setting, as soon as it is no longer being moved."""
        self._changes[name] = value
        self._rest.start()

    def _drop(self) -> None:
        self._rest.stop()
        self._changes.clear()
