"""What is taken along says what the network says."""

import csv
import io
from importlib.util import find_spec
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from visualizer.core.saving import CannotSave
from visualizer.learning import take_out
from visualizer.learning.evaluation import as_input
from visualizer.learning.examined import examine, read
from visualizer.learning.run_report import report
from visualizer.learning.verdicts import judge


@pytest.fixture(scope="module")
def examined(trained):
    from visualizer.learning.sources import open_data

    run, _ = trained
    return examine(read(run.folder), "Run 1", open_data(["digits"], 0), "")


@pytest.fixture(scope="module")
def verdicts(examined):
    part = examined.dataset.validation
    *_, found = judge(examined.network, part.images, part.labels)
    return found


def test_python_and_weights_give_the_same_numbers(examined, tmp_path) -> None:
    path = tmp_path / "network.py"
    weights = take_out.write_source(path, examined)
    made: dict = {"__name__": "written"}
    exec(compile(path.read_text(), "network.py", "exec"), made)
    images = as_input(examined.dataset.validation.images[:20])
    theirs = made["load"](weights)(images)
    torch.testing.assert_close(theirs, examined.network(images), rtol=1e-5, atol=1e-5)


def test_onnx_says_the_same_or_what_is_missing(examined, tmp_path) -> None:
    path = tmp_path / "network.onnx"
    if find_spec("onnx") is None or find_spec("onnxscript") is None:
        with pytest.raises(CannotSave, match=r"pip install 'cnn-visualizer\[onnx\]'"):
            take_out.write_onnx(path, examined)
        assert not path.exists()
    else:
        assert "Checked: onnxruntime" in take_out.write_onnx(path, examined)
        assert path.stat().st_size > 10_000


def test_predictions_as_csv(examined, verdicts) -> None:
    text = take_out.predictions_csv(verdicts, examined.class_names)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(verdicts.labels)
    for i in (0, 17, 100):
        assert rows[i]["answer"] == examined.class_names[verdicts.answers[i]]
        shares = [float(rows[i][name]) for name in examined.class_names]
        np.testing.assert_allclose(shares, verdicts.probabilities[i], rtol=1e-4, atol=1e-7)


def test_the_report_is_one_page_that_needs_nothing_else(examined, verdicts, trained) -> None:
    from visualizer.learning.checkpoint import Ring

    log = Ring(trained[0].folder).newest()[0].log
    page = report("Run 1 <ü>", [("data", "digits")], log, examined, verdicts)
    assert "Run 1 &lt;ü&gt;" in page and "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    body = page.partition("<body>")[2]
    inner = body.partition("</body>")[0].replace("&nbsp;", " ")
    tree = ElementTree.fromstring(f"<div>{inner}</div>")  # well formed
    cells = [td.text for td in tree.findall(".//table[@class='matrix']//td")]
    counts = [int(text) for text in cells if text]
    assert sum(counts) == verdicts.score.count
    assert len(tree.findall(".//polyline")) == 4
    wrong = len(verdicts.asked("wrong", None))
    assert len(tree.findall(".//img")) == min(24, wrong) + 16


def test_the_report_of_a_network_without_data_says_so(examined) -> None:
    from dataclasses import replace

    page = report("Alone", [], None, replace(examined, dataset=None, why_no_data="None."), None)
    assert "None." in page and "Kernels" in page
