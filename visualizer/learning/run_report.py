"""A run as one HTML page that any browser opens without a network."""

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from torch import nn

from visualizer.learning.corrections import PartName
from visualizer.learning.examined import Examined
from visualizer.learning.log import Log
from visualizer.learning.networks import table
from visualizer.learning.verdicts import Verdicts, thumbnails

_WORST, _MOST_CLASSES = 24, 40
_WIDE, _HIGH = 640, 200
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1b2129; background: #fff;
       max-width: 900px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.6em; } h2 { font-size: 1.15em; margin-top: 2em; }
table { border-collapse: collapse; } td, th { padding: 2px 10px; text-align: right; }
td:first-child, th:first-child { text-align: left; } tr:nth-child(even) { background: #f3f4f7; }
.matrix tr:nth-child(even) { background: none; }
.matrix td, .matrix th { text-align: center; padding: 3px 7px; }
.matrix td { border: 1px solid #e6e8ec; }
figure { display: inline-block; margin: 4px; text-align: center; font-size: 12px; }
img { image-rendering: pixelated; } svg { background: #f8f9fb; } .muted { color: #566070; }
"""


def report(
    title: str,
    settings: Sequence[tuple[str, str]],
    log: Log | None,
    examined: Examined,
    verdicts: Verdicts | None,
    part: PartName = "validation",
) -> str:
    """Return the page: settings, curves, network, confusion matrix, worst errors, kernels.

    `verdicts` are about the images of `part`.
    """
    score = verdicts.score if verdicts is not None else None
    parts = [f"<h1>{escape(title)}</h1>"]
    if score is not None:
        words = "training" if part == "train" else "validation"
        parts.append(f"<p>{score.accuracy:.2%} of {score.count:,} {words} images right, "
                     f"loss {score.loss:.4f}; the user's corrections are counted.</p>")  # fmt: skip
    elif examined.why_no_data:
        parts.append(f"<p class='muted'>{escape(examined.why_no_data)}</p>")
    if settings:
        parts += ["<h2>Settings</h2>", _table(("setting", "value"), settings)]
    if log is not None and len(log.steps):
        parts += ["<h2>Curves</h2>", *_curves(log)]
    parts += ["<h2>Network</h2>", _network(examined)]
    if verdicts is not None:
        parts += ["<h2>Confusion matrix</h2>", _matrix(verdicts, examined.class_names),
                  "<h2>Wrong in spite of being sure</h2>",
                  _errors(verdicts, examined, part)]  # fmt: skip
    parts += ["<h2>Kernels of the first convolution</h2>", _kernels(examined)]
    body = "\n".join(parts)
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{escape(title)}"
        f"</title><style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = ["<tr>" + "".join(f"<th>{escape(text)}</th>" for text in head) + "</tr>"]
    for row in rows:
        lines.append("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>")
    return f"<table>{''.join(lines)}</table>"


def _curves(log: Log) -> list[str]:
    steps, validations = log.steps.since(0), log.validations.since(0)
    made = []
    for name, column, top in (("loss", 1, None), ("accuracy", 2, 1.0)):
        highest = top or float(np.quantile(steps[:, column], 0.99)) or 1.0
        last = max(float(steps[-1, 0]), 1.0)
        lines = [
            _line(rows[:, 0] / last, rows[:, column] / highest, color)
            for rows, color in ((steps, "#1f66d0"), (validations, "#d9631f")) if len(rows)
        ]  # fmt: skip
        made.append(
            f"<p class='muted'>{name}, 0 to {highest:.3g}, over {last:,.0f} steps: training blue, "
            f"validation orange</p><svg viewBox='0 0 {_WIDE} {_HIGH}' width='{_WIDE}'>"
            f"{''.join(lines)}</svg>"
        )
    return made


def _line(xs: npt.NDArray, ys: npt.NDArray, color: str) -> str:
    few = np.unique(np.linspace(0, len(xs) - 1, 800).astype(int))
    points = " ".join(
        f"{x * _WIDE:.1f},{(1 - min(max(y, 0), 1)) * _HIGH:.1f}"
        for x, y in zip(xs[few], ys[few], strict=True) if np.isfinite(y)
    )  # fmt: skip
    return f"<polyline points='{points}' fill='none' stroke='{color}' stroke-width='1.5'/>"


def _network(examined: Examined) -> str:
    network = examined.network
    rows = table(network.spec, network.shape, network.classes)
    head = ("layer", "kernel", "stride", "padding", "output", "parameters", "multiply-adds")
    lines: list[tuple[str, ...]] = [
        (row.name, row.kernel, row.stride, row.padding, "×".join(map(str, row.output)),
         f"{row.parameters:,}", f"{row.multiply_adds:,}")
        for row in rows
    ]  # fmt: skip
    total = sum(row.parameters for row in rows), sum(row.multiply_adds for row in rows)
    lines.append(("all", "", "", "", "", *(f"{number:,}" for number in total)))
    return _table(head, lines)


def _matrix(verdicts: Verdicts, names: tuple[str, ...]) -> str:
    counts = verdicts.score.confusion
    if len(names) > _MOST_CLASSES:
        return f"<p class='muted'>{len(names)} classes are too many for a table.</p>"
    head = "<tr><th></th>" + "".join(f"<th>{escape(name)}</th>" for name in names) + "</tr>"
    lines = []
    for i, name in enumerate(names):
        cells = []
        for j, count in enumerate(counts[i]):
            share = count / max(1, counts[i].sum())
            color = "31, 102, 208" if i == j else "201, 49, 38"
            text = str(count) if count else ""
            cells.append(f"<td style='background: rgba({color}, {0.75 * share:.2f})'>{text}</td>")
        lines.append(f"<tr><th>{escape(name)}</th>{''.join(cells)}</tr>")
    note = "<p class='muted'>Rows: true class; columns: answer.</p>"
    return f"<table class='matrix'>{head}{''.join(lines)}</table>{note}"


def _errors(verdicts: Verdicts, examined: Examined, part: PartName) -> str:
    found = verdicts.asked("wrong", None)[:_WORST]
    if examined.dataset is None or not len(found):
        return "<p class='muted'>There are none.</p>"
    names, made = examined.class_names, []
    dataset = examined.dataset
    images = dataset.train.images if part == "train" else dataset.validation.images
    pictures = thumbnails(images, found)
    for i, picture in zip(found, pictures, strict=True):
        truth, answer = names[int(verdicts.labels[i])], names[int(verdicts.answers[i])]
        words = f"{truth}, called {answer}: {verdicts.confidence[i]:.1%}"
        made.append(_figure(picture, words, 72))
    return "".join(made)


def _kernels(examined: Examined) -> str:
    first = next((m for m in examined.network.layers.values() if isinstance(m, nn.Conv2d)), None)
    if first is None:
        return "<p class='muted'>This network has none.</p>"
    made, weights = [], first.weight.detach().cpu().numpy()
    most = float(np.abs(weights).max()) or 1.0
    for i, kernel in enumerate(weights):
        plane = kernel if kernel.shape[0] == 3 else kernel.mean(0, keepdims=True)
        levels = np.clip(127.5 + 127.5 * plane / most, 0, 255).astype(np.uint8).transpose(1, 2, 0)
        picture = np.repeat(levels, 3, 2) if levels.shape[2] == 1 else levels
        made.append(_figure(picture, str(i + 1), 48))
    return f"{''.join(made)}<p class='muted'>Middle grey is 0, ±{most:.3g} white and black.</p>"


def _figure(picture: npt.NDArray[np.uint8], caption: str, side: int) -> str:
    data = io.BytesIO()
    rgb = np.ascontiguousarray(picture)
    if max(rgb.shape) > 4 * side:
        rgb = np.asarray(cv2.resize(rgb, (2 * side, 2 * side), interpolation=cv2.INTER_AREA))
    Pillow.fromarray(rgb.astype(np.uint8)).save(data, "PNG")
    text = base64.b64encode(data.getvalue()).decode()
    return (
        f"<figure><img src='data:image/png;base64,{text}' width='{side}' height='{side}' "
        f"alt='{escape(caption)}'/><figcaption>{escape(caption)}</figcaption></figure>"
    )
