"""Pipelines as plain values: what is refused, presets, files, and those of before."""

import json
import math
from dataclasses import replace

import pytest

from visualizer.learning import pipeline as pipelines
from visualizer.learning.operations import KINDS, Operation
from visualizer.learning.pipeline import MOST_OPERATIONS, PRESETS, Pipeline


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Operation("twirl", 0, 1), "no augmentation called 'twirl'"),
        (lambda: Operation("zoom", 1.2, 0.8), "smaller value first"),
        (lambda: Operation("hue", -1, 1), "from -0.5 to 0.5"),
        (lambda: Operation("zoom", 1, math.nan), "needs numbers"),
        (lambda: Operation("zoom", True, 1), "needs numbers"),
        (lambda: Operation("noise", 0, 0.1, probability=2), "from 0 to 1, not 2"),
        (lambda: Operation("noise", 0, 0.1, on="yes"), "on or off"),
        (lambda: Pipeline(fill="mirror"), "constant, nearest, reflect, wrap"),
        (lambda: Pipeline(level=1.5), "grey level"),
        (lambda: Pipeline(operations=(Operation("invert", 1, 1),) * (MOST_OPERATIONS + 1)),
         "at most 40 operations"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_digits_are_not_mirrored_and_grey_images_keep_their_colour_operations_out():
    strong = PRESETS["strong"]
    kinds = {operation.kind for operation in strong.suited(1, may_mirror=False).operations}
    assert kinds == {o.kind for o in strong.operations} - {"mirror", "saturation", "hue"}
    assert strong.suited(3, may_mirror=True) == strong


def test_every_kind_begins_within_its_range_and_can_be_put_into_words():
    for kind, known in KINDS.items():
        operation = Operation.usual(kind)
        assert known.title.lower() in operation.in_words().lower()
        assert known.low <= known.neutral <= known.high or known.is_switch
    assert Operation("rotation", -20, 20).in_words() == "rotation −20.0° to 20.0°"
    assert Operation.usual("upend").in_words() == "flip up–down for 50 %"
    assert Operation.usual("noise").in_words() == "gaussian noise 0.050 to 0.150"
    assert KINDS["rotation"].written(-0.01) == "0.0°" and KINDS["zoom"].written(1.2) == "× 1.20"
    assert Pipeline().in_words() == "nothing"


@pytest.mark.parametrize("name", PRESETS)
def test_a_saved_pipeline_comes_back(tmp_path, name):
    path = tmp_path / "pipeline.json"
    pipelines.save(PRESETS[name], path)
    assert pipelines.load(path) == PRESETS[name]
    operations = (*PRESETS[name].operations, Operation("blur", 1, 1, 0.5, False))
    changed = replace(PRESETS[name], fill="wrap", level=0.5, operations=operations)
    pipelines.save(changed, path)
    assert pipelines.load(path) == replace(changed, name="custom")


def broken(**changes):
    good = {"format": "cnn-visualizer pipeline", "version": 1,
            **pipelines.to_plain(PRESETS["gentle"])}  # fmt: skip
    return json.dumps({**good, **changes})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1 is not JSON"),
        ('{"format":\n{', "line 2 is not JSON"),
        ("[1, 2]", "was not saved by the Augment page"),
        ("[" * 100_000, "nested too deeply|not JSON"),
        (broken(format="svg"), "was not saved by the Augment page"),
        (broken(version=2), "newer version"),
        (broken(operations=7), "not the description"),
        (broken(operations=[7]), "not the description"),
        (broken(operations=[{"kind": "zoom"}]), "not the description"),
        (broken(operations=[{"kind": "twirl", "low": 0, "high": 1}]), "twirl"),
        (broken(operations=[{"kind": "zoom", "low": 1, "high": 9}]), "Zoom must range"),
        (broken(operations=[{"kind": "zoom", "low": "1", "high": 2}]), "needs numbers"),
        (broken(operations=[{"kind": ["zoom"], "low": 1, "high": 2}]), "not the description"),
        (broken(fill="mirror"), "fill must be one of"),
        (broken(fill=["wrap"]), "fill must be one of"),
        (broken(level="white"), "grey level"),
        (broken(level=True), "grey level"),
        (broken(fill="x" * 5000), "fill must be one of"),
        (broken(operations=[{"kind": "zoom", "low": 1, "high": 10**400}]), "needs numbers"),
        (broken(name=""), "needs a name"),
        (broken(colour="red"), "not the description"),
        ('"' + "x" * (1 << 20) + '"', "too large"),
    ],
)
def test_a_file_that_is_no_pipeline_is_refused_with_a_sentence(tmp_path, text, words):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=words) as caught:
        pipelines.load(path)
    sentence = str(caught.value)
    assert sentence.startswith("bad.json cannot be used") and sentence.endswith("another file.")
    assert len(sentence) < 400


def test_a_file_that_is_not_there_or_no_text_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(ValueError, match="No such file"):
        pipelines.load(tmp_path / "missing.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(
        ValueError, match=r"bytes\.json cannot be used as a pipeline: it is not text"
    ):
        pipelines.load(tmp_path / "bytes.json")


def test_a_pipeline_kept_when_operations_had_no_order_is_understood():
    former = {
        "name": "gentle",
        "border": "reflection",
        "operations": [
            {"kind": "noise", "low": 0.0, "high": 0.05, "probability": 1.0},
            {"kind": "shift", "low": -0.1, "high": 0.1, "probability": 1.0},
            {"kind": "crop", "low": 0.5, "high": 1.0, "probability": 0.5},
            {"kind": "mirror", "low": 1, "high": 1, "probability": 0.5},
        ],
    }
    kept = pipelines.from_plain(former)
    assert (kept.name, kept.fill) == ("gentle", "reflect")
    assert kept.operations == (
        Operation("crop", 0.25, 1.0, 0.5),  # a share of the area now, of the side then
        Operation("mirror", 1, 1, 0.5),
        Operation("shift_y", -0.1, 0.1),
        Operation("shift_x", -0.1, 0.1),
        Operation("noise", 0.0, 0.05),
    )
