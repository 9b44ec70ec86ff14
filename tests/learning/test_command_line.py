"""Training and evaluating without a window, in real processes where a process matters."""

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from visualizer.learning.command_line import main

ROOT = Path(__file__).parents[2]
FAST = ["train", "--data", "digits", "--network", "mlp", "--threads", "1", "--device", "cpu"]


def start(folder, *more):
    """Start the program itself on a run that would take long."""
    command = [sys.executable, str(ROOT / "main.py"), *FAST, "--out", str(folder), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_for_a_checkpoint(process, folder):
    while not (folder / "checkpoint-a.cnnv").exists():
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.01)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A short run that went to its end."""
    folder = tmp_path_factory.mktemp("run")
    assert main([*FAST, "--epochs", "3", "--seed", "4", "--out", str(folder)]) == 0
    return folder


def test_a_run_leaves_its_results(finished):
    result = json.loads((finished / "result.json").read_text())
    assert result["status"] == "finished" and result["steps"] == 39
    assert result["test_accuracy"] > 0.9
    assert result["settings"]["seed"] == 4 and result["settings"]["batch_size"] == 100
    assert result["device"] == "cpu" and result["images_per_second"] > 0
    assert {"torch", "torchvision", "numpy", "python"} <= set(result["versions"])
    rows = list(csv.DictReader((finished / "metrics.csv").read_text().splitlines()))
    train = [row for row in rows if row["part"] == "train"]
    assert [int(row["step"]) for row in train] == list(range(1, 40))
    assert sum(row["part"] == "validation" for row in rows) == 3
    assert float(train[-1]["loss"]) < float(train[0]["loss"])


def test_evaluate_prints_the_accuracy_the_matrix_and_a_table(finished, capsys):
    assert main(["evaluate", str(finished)]) == 0
    text = capsys.readouterr().out
    accuracy = json.loads((finished / "result.json").read_text())["test_accuracy"]
    assert text.startswith(f"Accuracy {accuracy:.2%}")
    lines = text.splitlines()
    matrix = [list(map(int, line.split()[1:])) for line in lines[4:14]]
    count = sum(map(sum, matrix))
    assert f"on {count} images" in lines[0]
    assert sum(matrix[i][i] for i in range(10)) == pytest.approx(accuracy * count)
    assert "recognised" in lines[15] and len(lines) == 26


def test_a_second_run_does_not_overwrite_the_first(finished, capsys):
    assert main([*FAST, "--out", str(finished)]) == 2
    assert "--resume" in capsys.readouterr().err


def test_resuming_a_finished_run_does_nothing_more(finished, capsys):
    before = (finished / "weights.safetensors").read_bytes()
    assert main(["train", "--resume", "--out", str(finished)]) == 0
    assert (finished / "weights.safetensors").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*FAST, "--batch-size", "5000"], "larger than"),
        ([*FAST, "--learning-rate", "-1"], "learning rate"),
        ([*FAST[:2], "nothing"], "no data"),
        (["train", "--resume"], "no checkpoint"),
        (["evaluate", "."], "no checkpoint"),
    ],
)
def test_what_cannot_start_is_one_sentence_and_status_two(
    arguments, words, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert words in error and error.startswith("cnn-visualizer: ") and error.count("\n") == 1


@pytest.mark.parametrize("arguments", [["train", "--network", "x"], ["train", "--epochs", "x"], []])
def test_wrong_arguments_are_one_sentence_without_the_usage(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("cnn-visualizer") and error.count("\n") == 1 and "--help" in error


def test_a_hopeless_rate_goes_back_a_few_times_and_gives_up(tmp_path, capsys):
    arguments = [*FAST, "--epochs", "3", "--learning-rate", "1e12", "--schedule", "constant"]
    assert main([*arguments, "--out", str(tmp_path)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert sum("learning rate is probably too high" in line for line in lines) == 4
    assert lines[0].endswith("Going back to step 0, with rate 1e+11.")
    assert lines[3].endswith("Giving up.")
    assert json.loads((tmp_path / "result.json").read_text())["status"] == "diverged"
    assert main(["evaluate", str(tmp_path)]) == 0


def test_a_killed_run_goes_on_to_the_same_bits(tmp_path):
    arguments = ["--epochs", "15", "--seed", "1"]
    process = start(tmp_path / "killed", *arguments)
    wait_for_a_checkpoint(process, tmp_path / "killed")
    process.kill()
    process.wait()
    process.stdout.close()
    assert not (tmp_path / "killed" / "weights.safetensors").exists()
    assert json.loads((tmp_path / "killed" / "result.json").read_text())["status"] == "running"
    assert main(["evaluate", str(tmp_path / "killed")]) == 0

    assert main(["train", "--threads", "1", "--resume", "--out", str(tmp_path / "killed")]) == 0
    assert main([*FAST, *arguments, "--out", str(tmp_path / "whole")]) == 0
    for name in ("weights.safetensors", "metrics.csv"):
        killed, whole = ((tmp_path / run / name).read_bytes() for run in ("killed", "whole"))
        assert killed == whole, name


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_sigterm_saves_and_stops(tmp_path):
    process = start(tmp_path, "--epochs", "100000")
    wait_for_a_checkpoint(process, tmp_path)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM, output
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["status"] == "stopped" and result["steps"] > 0
    assert (tmp_path / "weights.safetensors").exists()


def test_ctrl_c_saves_and_stops_in_the_middle_of_a_step(tmp_path, monkeypatch):
    from visualizer.learning import command_line

    line, before = command_line._line, signal.getsignal(signal.SIGINT)

    def interrupt(event):
        signal.raise_signal(signal.SIGINT)
        return line(event)

    monkeypatch.setattr(command_line, "_line", interrupt)
    assert main([*FAST, "--epochs", "50", "--out", str(tmp_path)]) == 128 + signal.SIGINT
    assert json.loads((tmp_path / "result.json").read_text())["steps"] == 13
    assert signal.getsignal(signal.SIGINT) is before
