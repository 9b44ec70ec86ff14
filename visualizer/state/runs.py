"""The runs so far, each with its settings and curves, kept in a folder of its own on disk."""

import io
import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from psygnal import Signal

from visualizer.learning.corrections import FILE as CORRECTIONS
from visualizer.learning.files import write_atomically
from visualizer.learning.log import STEP_COLUMNS, VALIDATION_COLUMNS, Log
from visualizer.learning.pipeline import OWN
from visualizer.state.training import SHARED, Experiment

Status = Literal["running", "finished", "stopped", "failed"]

# More curves in one plot cannot be told apart, and each run's take half a megabyte.
MOST_SHOWN = 8
LONGEST_NAME = 60
_CHECKPOINTS = "checkpoint-[ab].cnnv"
_HISTORY = "history-*.safetensors"
_DESCRIPTION, _CURVES = "run.json", "curves.npz"


@dataclass(eq=False)
class Run:
    """One training run.

    Attributes:
        folder: where its checkpoints, description and curves are.
        number: counts the runs; also chooses its colour.
        name: the user's own, at first "Run 1".
        experiment: what it was made from.
        status: "running" on disk also after a crash or a kill.
        shown: whether its curves are drawn.
        step, steps: where it stands, and where it ends.
        accuracy: of the last validation on all the validation images, or None.
        samples_validation: whether it is tried on some of them only but at the end of an epoch.
        log: the numbers of its curves.
    """

    folder: Path
    number: int
    name: str
    experiment: Experiment
    status: Status = "running"
    shown: bool = True
    step: int = 0
    steps: int = 0
    accuracy: float | None = None
    samples_validation: bool = False
    log: Log = field(default_factory=Log)

    def is_empty(self) -> bool:
        """Whether it has taken no step and left no checkpoint and no curves."""
        kept = any(self.folder.glob("checkpoint-*")) or (self.folder / _CURVES).exists()
        return not kept and len(self.log.steps) == 0

    def go_on(self, log: Log) -> None:
        """Take over the numbers of a run that was cut short, with its last accuracy."""
        self.log = log
        whole = [row for row in log.validations.since(0) if row[3]]
        if whole:
            self.accuracy = float(whole[-1][2])

    def can_be_asked(self) -> bool:
        """Whether it has left a network."""
        return any(self.folder.glob("checkpoint-*.cnnv"))

    def newest_checkpoint(self) -> Path | None:
        """Return the newest checkpoint it has left."""
        found = self.folder.glob("checkpoint-*.cnnv")
        return max(found, key=lambda path: path.stat().st_mtime_ns, default=None)

    def save(self) -> None:
        """Write the description. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        plain = {
            "number": self.number,
            "name": self.name,
            "experiment": self.experiment.to_plain(),
            "status": self.status,
            "shown": self.shown,
            "step": self.step,
            "steps": self.steps,
            "accuracy": self.accuracy,
            "samples_validation": self.samples_validation,
            "marks": self.log.marks,
        }
        text = json.dumps(plain, indent=2, ensure_ascii=False)
        write_atomically(self.folder / _DESCRIPTION, text.encode())

    def copy_to(self, folder: Path, tick: Callable[[float], None]) -> None:
        """Copy all there is of it to a new folder, whole or not at all; `Runs.adopt` takes it.

        `tick(share)` is called before each file and may raise to cancel. Raises OSError.
        """
        part = folder.with_name(f".part-{folder.name}")
        files = [file for file in self.folder.iterdir() if file.is_file()]
        try:
            part.mkdir()
            for i, file in enumerate(files):
                tick(i / len(files))
                shutil.copy2(file, part)
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def save_curves(self) -> None:
        """Write the numbers of the curves. Raises OSError."""
        write_curves(self.folder, self.log)


class Runs:
    """The list of runs, oldest first.

    `changed` follows every change of the list or of a run. `hidden` tells which runs are no longer
    drawn, as there would be too many.
    """

    changed = Signal()
    hidden = Signal(list)

    def __init__(self, folder: Path) -> None:
        """Read what is in `folder`; what cannot be read is named in `faults`, and left alone."""
        self.folder = folder
        self.faults: list[str] = []
        self._runs: list[Run] = []
        for path in sorted(folder.glob(f"*/{_DESCRIPTION}")) if folder.is_dir() else ():
            try:
                self._runs.append(_read(path.parent))
            except (OSError, ValueError, LookupError, TypeError) as error:
                self.faults.append(f"The run in {path.parent} cannot be read: {error}")
        self._runs.sort(key=lambda run: run.number)

    def __iter__(self) -> Iterator[Run]:
        return iter(self._runs)

    def __len__(self) -> int:
        return len(self._runs)

    @property
    def next_number(self) -> int:
        """The number the next run gets."""
        return 1 + max((run.number for run in self._runs), default=0)

    def begin(self, experiment: Experiment) -> Run:
        """Add a run of `experiment` and write it down. Raises OSError.

        Of the runs whose curves are drawn, the oldest is hidden when they become too many.
        """
        hidden = [run for run in self._runs if run.shown][: -MOST_SHOWN + 1]
        for old in hidden:
            self.show(old, False)
        number = self.next_number
        folder = self.folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{number}"
        run = Run(folder, number, f"Run {number}", experiment)
        run.save()
        self._runs.append(run)
        self.changed.emit()
        if hidden:
            self.hidden.emit(hidden)
        return run

    def adopt(self, folder: Path) -> Run:
        """Add a copy of the run in `folder`, ours or one of the command line.

        Raises OSError, or ValueError with a sentence when there is none.
        """
        checkpoints = list(folder.glob("checkpoint-*.cnnv"))
        if not checkpoints:
            raise ValueError("there is no checkpoint in it.")
        run = self.begin(_experiment(folder))
        for file in checkpoints:
            shutil.copy2(file, run.folder)  # their age tells which is the newer
        _copy_what_belongs(folder, run.folder)
        self.rename(run, folder.name)
        return run

    def adopt_file(self, file: Path, experiment: Experiment, log: Log, step: int) -> Run:
        """Add a run of a copy of one checkpoint, with its curves. Raises OSError."""
        run = self.begin(experiment)
        run.go_on(log)
        run.step, run.status = step, "stopped"
        shutil.copyfile(file, run.folder / "checkpoint-a.cnnv")
        _copy_what_belongs(file.parent, run.folder)
        run.save_curves()
        # One of the two that every run leaves is called as its run.
        self.rename(run, file.parent.name if file.match(_CHECKPOINTS) else file.stem)
        return run

    def rename(self, run: Run, name: str) -> None:
        """Give a run another name; an empty one changes nothing. Raises OSError."""
        name = " ".join(name.split())[:LONGEST_NAME]
        if name and name != run.name:
            run.name = name
            self.keep(run)

    def show(self, run: Run, shown: bool) -> None:
        """Draw the curves of a run, or not. Raises OSError."""
        if shown != run.shown:
            run.shown = shown
            self.keep(run)

    def keep(self, run: Run) -> None:
        """Write down what has changed about a run. Raises OSError."""
        self.changed.emit()
        run.save()

    def delete(self, run: Run) -> None:
        """Forget a run and delete its folder. Raises OSError."""
        self._runs.remove(run)
        self.changed.emit()
        shutil.rmtree(run.folder)


def write_curves(folder: Path, log: Log) -> None:
    """Write the numbers of a run's curves into its folder. Raises OSError."""
    data = io.BytesIO()
    np.savez(data, steps=log.steps.since(0), validations=log.validations.since(0))
    write_atomically(folder / _CURVES, data.getvalue())


def _copy_what_belongs(source: Path, target: Path) -> None:
    """Copy the history of a run, and the corrections it began with. Raises OSError."""
    for file in (*source.glob(_HISTORY), *source.glob(CORRECTIONS)):
        shutil.copy2(file, target)


def experiment_of(path: Path) -> Experiment | None:
    """Return what the network in a folder, or in a file of it, was made from, if that is told."""
    try:
        return _experiment(path if path.is_dir() else path.parent)
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _experiment(folder: Path) -> Experiment:
    own = folder / _DESCRIPTION
    return _read(folder).experiment if own.exists() else _made_from(folder)


def _made_from(folder: Path) -> Experiment:
    """Return the experiment behind a run of the command line. Raises OSError and ValueError."""
    try:
        facts = json.loads((folder / "result.json").read_bytes())
        told = facts.get("settings", {})
        return Experiment(
            **{name: told[name] for name in SHARED if name in told and name != "seed"},
            data=tuple(facts["data"]),
            seed=facts["data_seed"],
            network=facts["network"],
            augmentation="none" if facts["augment"] == OWN else facts["augment"],
        )
    except (AttributeError, LookupError, TypeError):
        raise ValueError("its result.json does not say what it was made with.") from None


def _read(folder: Path) -> Run:
    plain: dict[str, Any] = json.loads((folder / _DESCRIPTION).read_bytes())
    if plain["status"] not in get_args(Status):
        raise ValueError("its status is none.")
    run = Run(
        folder=folder,
        number=int(plain["number"]),
        name=str(plain["name"])[:LONGEST_NAME],
        experiment=Experiment.from_plain(plain["experiment"]),
        status=plain["status"],
        shown=bool(plain["shown"]),
        step=int(plain["step"]),
        steps=int(plain["steps"]),
        accuracy=None if plain["accuracy"] is None else float(plain["accuracy"]),
        samples_validation=bool(plain.get("samples_validation", False)),
    )
    run.log.marks.extend(plain["marks"])
    if (folder / _CURVES).exists():
        with np.load(folder / _CURVES, allow_pickle=False) as curves:
            for name, columns in (("steps", STEP_COLUMNS), ("validations", VALIDATION_COLUMNS)):
                rows = curves[name]
                if rows.dtype != np.float32 or rows.shape[1:] != (len(columns),):
                    raise ValueError("its curves are none.")
                getattr(run.log, name).extend(rows)
    if run.status == "running":  # cut short: nobody has written down how far it came
        run.go_on(run.log)
        run.step = int(max(run.log.steps.since(0)[-1:, 0], default=run.step))
    return run
