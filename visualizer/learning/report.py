"""What a run without a window leaves behind for people and other programs: JSON, CSV, text."""

import csv
import io
import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from visualizer import __version__
from visualizer.learning.evaluation import Score
from visualizer.learning.files import write_atomically
from visualizer.learning.log import Log

RESULT, METRICS, WEIGHTS = "result.json", "metrics.csv", "weights.safetensors"


def write_result(folder: Path, facts: dict[str, Any]) -> None:
    """Write `facts` and the versions of everything as result.json. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    versions = {
        "cnn-visualizer": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torchvision": version("torchvision"),
        "numpy": np.__version__,
        "system": platform.platform(),
    }
    text = json.dumps({**facts, "versions": versions}, indent=2, ensure_ascii=False)
    write_atomically(folder / RESULT, text.encode() + b"\n")


def read_origin(folder: Path) -> dict[str, Any]:
    """Return data (words), data_seed, network and augment from result.json.

    Raises OSError, and ValueError with a sentence when the file is not what `write_result` wrote.
    """
    path = folder / RESULT
    kinds = {"data": list, "data_seed": int, "network": str, "augment": str}
    try:
        facts = json.loads(path.read_bytes())
        origin = {name: facts[name] for name in kinds}
    except (ValueError, LookupError, TypeError, RecursionError):
        origin = {}
    is_sound = all(isinstance(origin.get(name), kind) for name, kind in kinds.items())
    if not is_sound or not all(isinstance(word, str) for word in origin["data"]):
        raise ValueError(f"{path} does not say what the run was made with; start a new one.")
    return origin


def write_metrics(folder: Path, log: Log) -> None:
    """Write every number of the curves as metrics.csv, in the order of steps. Raises OSError."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("step", "part", "loss", "accuracy", "learning_rate"))
    for step, part, loss, accuracy, rate in log.lines():
        numbers = ("" if x is None else f"{x:.6g}" for x in (loss, accuracy, rate))
        writer.writerow((step, part, *numbers))
    write_atomically(folder / METRICS, text.getvalue().encode())


def as_text(score: Score, names: tuple[str, ...]) -> str:
    """Return the accuracy, the confusion matrix and a table a class, for a terminal."""
    width = max(5, *(len(str(count)) for count in score.confusion.flat))
    label = max(5, *(len(name) for name in names))
    lines = [
        f"Accuracy {score.accuracy:.2%} on {score.count:,} images, loss {score.loss:.4f}",
        "",
        "Confusion matrix: a row for each true class, a column for each answer",
        " " * label + "".join(f" {name[:width]:>{width}}" for name in names),
    ]
    for name, row in zip(names, score.confusion, strict=True):
        lines.append(f"{name:>{label}}" + "".join(f" {count:>{width}}" for count in row))
    lines += ["", f"{'class':>{label}}  images  recognised  right when given"]
    table = zip(names, score.confusion.sum(1), score.recall, score.precision, strict=True)
    for name, count, recall, precision in table:
        shares = (f"{x:.1%}" if np.isfinite(x) else "none" for x in (recall, precision))
        lines.append("{:>{}}  {:>6}  {:>10}  {:>16}".format(name, label, count, *shares))
    return "\n".join(lines)
