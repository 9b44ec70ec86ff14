"""The numbers of a run, append-only: written by the training thread, read by any."""

from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float32]

Line = tuple[int, str, float, float, float | None]

STEP_COLUMNS = ("step", "loss", "accuracy", "learning_rate")
VALIDATION_COLUMNS = ("step", "loss", "accuracy", "whole")


class Table:
    """Rows of float32 numbers that only grow.

    One thread may append while others read: a reader gets a copy of rows that were complete.
    """

    def __init__(self, columns: tuple[str, ...]) -> None:
        self.columns = columns
        self._rows: Rows = np.empty((256, len(columns)), np.float32)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, *row: float) -> None:
        """Add one row, in the order of the columns."""
        if self._count == len(self._rows):
            grown = np.empty((2 * self._count, len(self.columns)), np.float32)
            grown[: self._count] = self._rows
            self._rows = grown
        self._rows[self._count] = row
        self._count += 1

    def since(self, start: int) -> Rows:
        """Return a copy of the rows from `start` on, (n, columns)."""
        count = self._count  # before the rows: they only ever hold more than it says
        return self._rows[start:count].copy()

    def extend(self, rows: Rows) -> None:
        """Add many rows, (n, columns)."""
        self._rows = np.concatenate([self._rows[: self._count], rows, self._rows[:1]])
        self._count += len(rows)


class Log:
    """Everything a run's curves are drawn from.

    Attributes:
        steps: a row for each step; after going back the step numbers start again from there.
        validations: a row for each validation; `whole` is 1 at the end of an epoch.
        marks: plain dictionaries (step, name, before, after), one for each change.
    """

    def __init__(self) -> None:
        self.steps = Table(STEP_COLUMNS)
        self.validations = Table(VALIDATION_COLUMNS)
        self.marks: list[dict[str, Any]] = []
        self._marked_from, self._settled = -1, 0  # rows before the last marks, and older marks

    def mark(self, step: int, name: str, before: str, after: str) -> None:
        """Note a change. Of several of the same without a step between only their sum is kept."""
        if len(self.steps) != self._marked_from:
            self._marked_from, self._settled = len(self.steps), len(self.marks)
        fresh = {mark["name"]: mark for mark in self.marks[self._settled :]}
        if name in fresh:
            before = fresh.pop(name)["before"]
        if after != before:
            fresh[name] = {"step": step, "name": name, "before": before, "after": after}
        # Another list: a reader goes on with the one it has.
        self.marks = [*self.marks[: self._settled], *fresh.values()]

    def put_marks_back(self, marks: list[dict[str, Any]]) -> None:
        """Know of these changes only: the run has gone back to where there were no others."""
        self.marks = marks
        self._marked_from, self._settled = len(self.steps), len(marks)

    def lines(self) -> list[Line]:
        """Return every number: step, part of the data, loss, accuracy, learning rate or None.

        In the order of steps.
        """
        lines: list[Line] = [
            (int(step), "train", loss, accuracy, rate)
            for step, loss, accuracy, rate in self.steps.since(0).tolist()
        ]
        for step, loss, accuracy, whole in self.validations.since(0).tolist():
            part = "validation" if whole else "validation subset"
            lines.append((int(step), part, loss, accuracy, None))
        return sorted(lines, key=lambda line: line[0])
