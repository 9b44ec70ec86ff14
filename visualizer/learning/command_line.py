"""`cnn-visualizer train` and `cnn-visualizer evaluate`: the same trainer without a window."""

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import torch
from tqdm import tqdm

from visualizer.learning import checkpoint, events, history_file, report, sources
from visualizer.learning.checkpoint import Ring
from visualizer.learning.checks import CannotTrain, choose_device
from visualizer.learning.controls import Controls
from visualizer.learning.datasets import BadData, DataSet
from visualizer.learning.evaluation import evaluate
from visualizer.learning.layers import BadNetwork, Shape
from visualizer.learning.modules import Network, build
from visualizer.learning.network_file import BadCheckpoint
from visualizer.learning.networks import PRESETS, NetworkSpec
from visualizer.learning.progress import Progress
from visualizer.learning.settings import (
    DEVICES,
    OPTIMIZERS,
    PRECISIONS,
    SCHEDULES,
    Device,
    recommended,
)
from visualizer.learning.trainer import Trainer

MOST_RETREATS = 3
_PROGRAM = "cnn-visualizer"
_SETTINGS = (
    *("optimizer", "learning_rate", "schedule", "batch_size", "epochs"),
    *("device", "precision", "seed"),
)


def main(arguments: list[str]) -> int:
    """Run the command that `arguments` begin with; return the exit status.

    0: done; 1: the training went wrong; 2: it could not start; 130 and 143: saved and stopped by
    Ctrl-C and by SIGTERM.
    """
    options = _parser().parse_args(arguments)
    try:
        return _train(options) if options.command == "train" else _evaluate(options)
    except (BadData, BadNetwork, BadCheckpoint, CannotTrain) as error:
        print(f"{_PROGRAM}: {error.reason}", file=sys.stderr)
    except (OSError, ValueError) as error:
        print(f"{_PROGRAM}: {error}", file=sys.stderr)
    except KeyboardInterrupt:  # before the training, while the data are read
        return 128 + signal.SIGINT
    return 2


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one sentence, without the whole usage."""

    def error(self, message: str) -> NoReturn:
        """End the program."""
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help.\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=_PROGRAM)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="train a network and save it")
    train.add_argument("--data", nargs="+", metavar="NAME", help=sources.HELP)
    train.add_argument("--download", action="store_true", help="fetch the data if need be")
    train.add_argument("--network", choices=tuple(PRESETS), default="quick")
    train.add_argument("--epochs", type=float, help="default: as many as make 300 steps")
    train.add_argument("--augment", choices=sources.AUGMENTATIONS, default="none")
    train.add_argument("--optimizer", choices=OPTIMIZERS)
    train.add_argument("--learning-rate", type=float)
    train.add_argument("--schedule", choices=SCHEDULES)
    train.add_argument("--batch-size", type=int)
    train.add_argument("--device", choices=DEVICES)
    train.add_argument("--precision", choices=PRECISIONS)
    train.add_argument("--seed", type=int)
    train.add_argument("--threads", type=int, help="processor threads to compute with")
    train.add_argument("--out", type=Path, default=Path("run"), metavar="DIR")
    train.add_argument("--resume", action="store_true", help="go on with the run in DIR as it was")
    test = commands.add_parser("evaluate", help="try a trained network on the test images")
    test.add_argument("folder", type=Path, metavar="DIR")
    test.add_argument("--data", nargs="+", metavar="NAME", help="default: what it was made with")
    test.add_argument("--device", choices=DEVICES, default="auto")
    return parser


# Training


class _Bar(tqdm):
    """A progress bar without the thread that watches over slow ones."""

    monitor_interval = 0


@dataclass
class _Course:
    """How a run went, gathered while it goes."""

    started: events.Started | None = None
    finished: events.Finished | None = None
    validated: events.Validated | None = None
    retreats: int = 0
    gave_up: bool = False


def _train(options: argparse.Namespace) -> int:
    if options.threads is not None:
        torch.set_num_threads(max(1, options.threads))
    trainer, facts = _resumed(options) if options.resume else _started(options)
    report.write_result(options.out, {"status": "running", **facts})
    with _stopping_on_signals(trainer.controls) as received:
        course = _follow(trainer, Ring(options.out))
    state = trainer.state()
    checkpoint.write_weights(options.out / report.WEIGHTS, state)
    report.write_metrics(options.out, state.log)
    network, _ = _load_network(options.out, state.settings.device)
    test = trainer.dataset.test
    score = evaluate(network, test.images, test.labels)
    outcome = {
        **_facts_of(course),
        "settings": asdict(state.settings),
        "test_accuracy": score.accuracy,
        "test_loss": score.loss,
    }
    report.write_result(options.out, {**outcome, **facts})
    print(f"Test accuracy {score.accuracy:.2%} on {score.count:,} images. Saved in {options.out}.")
    if received:
        return 128 + received[0]
    return 1 if course.gave_up else 0


def _started(options: argparse.Namespace) -> tuple[Trainer, dict[str, Any]]:
    """Return a new run, and what result.json says of it from the start."""
    if any(options.out.glob("checkpoint-*")):
        raise ValueError(
            f"{options.out} holds a run already; add --resume to go on with it, or choose another "
            "folder with --out."
        )
    chosen = {name: getattr(options, name) for name in _SETTINGS}
    given = {name: value for name, value in chosen.items() if value is not None}
    words = sources.lasting(options.data or ["digits"])
    seed = given.get("seed", 0)
    dataset = _open(words, seed, options.download)
    settings = recommended(len(dataset.train), **given)
    augment = sources.augmentation(options.augment, dataset)
    trainer = Trainer(dataset, PRESETS[options.network], settings, augment=augment)
    print(f"{dataset.title}: {len(dataset.train):,} images to train, {options.network} network")
    if dataset.name == "folder":
        print(*dataset.notes, sep="\n")  # what was skipped
    return trainer, {
        "data": words,
        "data_seed": seed,
        "network": options.network,
        "augment": options.augment,
    }


def _open(words: list[str], seed: int, download: bool = False) -> DataSet:
    """Return the data, with a bar on a terminal while they are looked for."""
    with _Bar(disable=None, leave=False, dynamic_ncols=True, unit_scale=True) as bar:

        def tell(step: Progress) -> None:
            if step.total != bar.total or step.done < bar.n:
                bar.reset(total=step.total)
            bar.unit = " " + step.unit
            bar.set_description_str(step.doing, refresh=False)
            bar.update(step.done - bar.n)

        return sources.open_data(words, seed, download, tell)


def _resumed(options: argparse.Namespace) -> tuple[Trainer, dict[str, Any]]:
    """Return the rest of the run in the folder, whatever else the options say."""
    state, faults = Ring(options.out).newest()
    for fault in faults:
        print(f"{_PROGRAM}: {fault}", file=sys.stderr)
    facts = report.read_origin(options.out)
    dataset = _open(options.data or facts["data"], facts["data_seed"])
    history = history_file.resumed(options.out, state)
    trainer = Trainer(dataset, state.spec, state.settings, resume=state, history=history)
    print(f"{dataset.title}: going on from step {state.position.step:,}")
    return trainer, facts


def _follow(trainer: Trainer, ring: Ring) -> _Course:
    """Run to the end, showing a bar on a terminal and a line a validation elsewhere."""
    course = _Course()
    archive = history_file.Archive(ring.folder, trainer.history)
    with _Bar(disable=None, unit=" steps", dynamic_ncols=True) as bar:
        for event in checkpoint.autosaving(trainer.run(), ring, archive):
            match event:
                case events.Started():
                    course.started = event
                    bar.reset(total=event.steps)
                    bar.update(event.step)
                case events.StepDone():
                    bar.update(event.step - bar.n)
                    bar.set_postfix(
                        loss=f"{event.loss:.3f}", accuracy=f"{event.accuracy:.1%}", refresh=False
                    )
                case events.Validated(whole=True):
                    course.validated = event
                    if bar.disable:
                        print(_line(event), flush=True)
                case events.Diverged() | events.OutOfMemory() | events.NotSaved():
                    remedy = _react(event, trainer.controls, course)
                    bar.write(f"{_PROGRAM}: {event.reason} {remedy}".rstrip(), file=sys.stderr)
                case events.Finished():
                    course.finished = event
    return course


def _react(event: events.Event, controls: Controls, course: _Course) -> str:
    """Do what a person would, without one to ask: take the offer, but not for ever. Says what."""
    if isinstance(event, events.Diverged):
        course.retreats += 1
        if course.retreats <= MOST_RETREATS:
            controls.go_back()
            return f"Going back to step {event.good_step:,}, with rate {event.learning_rate:.2g}."
    elif isinstance(event, events.OutOfMemory) and event.batch_size is not None:
        controls.change(batch_size=event.batch_size)
        controls.resume()
        return f"Going on with batches of {event.batch_size}."
    else:
        return ""
    course.gave_up = True
    controls.stop()
    return "Giving up."


def _line(event: events.Validated) -> str:
    score = event.score
    return f"step {event.step:,}: validation accuracy {score.accuracy:.2%}, loss {score.loss:.4f}"


def _facts_of(course: _Course) -> dict[str, Any]:
    assert course.started is not None and course.finished is not None
    finished, validated = course.finished, course.validated
    status = "diverged" if course.gave_up else "stopped" if finished.stopped else "finished"
    return {
        "status": status,
        "steps": finished.step,
        "seconds": finished.seconds,
        "images_per_second": finished.images / finished.seconds if finished.seconds else 0.0,
        "device": course.started.device,
        "precision": course.started.precision,
        "threads": course.started.threads,
        "parameters": course.started.parameters,
        "validation_accuracy": validated.score.accuracy if validated else None,
    }


@contextmanager
def _stopping_on_signals(controls: Controls) -> Iterator[list[int]]:
    """Let Ctrl-C and SIGTERM save and stop; the list says which came. A second one kills."""
    received: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        received.append(number)
        signal.signal(number, signal.SIG_DFL)
        controls.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# Evaluating


def _evaluate(options: argparse.Namespace) -> int:
    network, names = _load_network(options.folder, options.device)
    facts = report.read_origin(options.folder)
    dataset = _open(options.data or facts["data"], facts["data_seed"])
    shape = (dataset.channels, dataset.height, dataset.width)
    if shape != network.shape or dataset.class_names != names:
        raise CannotTrain(
            f"The network is for images of {_sizes(network.shape)} in {len(names)} classes, but "
            f"these are {_sizes(shape)} in {dataset.classes}; choose the data it was made with."
        )
    score = evaluate(network, dataset.test.images, dataset.test.labels)
    print(report.as_text(score, names))
    return 0


def _load_network(folder: Path, device: Device) -> tuple[Network, tuple[str, ...]]:
    """Return the network saved in `folder`, or that of its newest checkpoint, and its classes."""
    parts: tuple[NetworkSpec, Shape, tuple[str, ...], dict[str, torch.Tensor]]
    if (folder / report.WEIGHTS).exists():
        parts = checkpoint.read_weights(folder / report.WEIGHTS)
    else:
        state, _ = Ring(folder).newest()
        parts = state.spec, state.shape, state.class_names, state.weights
    spec, shape, names, weights = parts
    network = build(spec, shape, len(names))
    network.load_state_dict(weights)
    return network.to(choose_device(device)), names


def _sizes(shape: Shape) -> str:
    return "×".join(str(size) for size in shape)
