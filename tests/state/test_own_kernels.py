"""Kernels kept by name: they are there again, and a damaged file is not lost."""

from pathlib import Path

import numpy as np
import pytest

from visualizer.core.kernels import Kernel
from visualizer.state.own_kernels import OwnKernels


def test_saved_kernels_are_there_again(tmp_path: Path) -> None:
    file = tmp_path / "kernels.json"
    own = OwnKernels(file)
    assert own.names == []
    third = Kernel(np.array([[1 / 3, 0.1], [-2, 1e-7]]), "Sobel x")
    kept = own.save(third, "  my   kernel ")
    assert kept.name == "my kernel"
    own.save(Kernel(np.ones((3, 2, 2))), "three planes")
    again = OwnKernels(file)
    assert again.names == ["my kernel", "three planes"]
    np.testing.assert_array_equal(again["my kernel"].weights, third.weights)
    assert again["three planes"].planes == 3
    again.delete("my kernel")
    assert OwnKernels(file).names == ["three planes"]


def test_the_same_name_replaces(tmp_path: Path) -> None:
    own = OwnKernels(tmp_path / "kernels.json")
    own.save(Kernel(np.zeros((1, 1))), "a")
    own.save(Kernel(np.ones((1, 1))), "a")
    assert own.names == ["a"]
    assert own["a"].sum == 1


@pytest.mark.parametrize(("name", "said"), [("  ", "needs a name"), ("x" * 61, "too long")])
def test_a_name_that_cannot_be_used_is_refused(tmp_path: Path, name: str, said: str) -> None:
    own = OwnKernels(tmp_path / "kernels.json")
    with pytest.raises(ValueError, match=said):
        own.save(Kernel(np.zeros((1, 1))), name)
    assert own.names == []


@pytest.mark.parametrize("content", ["{", "[1, 2]", '[{"format": "other"}]', '{"a": 1}'])
def test_a_damaged_file_is_put_aside_and_said(tmp_path: Path, content: str) -> None:
    file = tmp_path / "kernels.json"
    file.write_text(content, encoding="utf-8")
    own = OwnKernels(file)
    assert own.names == []
    assert "could not be read" in own.problem
    assert (tmp_path / "kernels.damaged.json").read_text(encoding="utf-8") == content
    own.save(Kernel(np.zeros((1, 1))), "new")
    assert OwnKernels(file).names == ["new"]


def test_a_full_disk_keeps_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = OwnKernels(tmp_path / "kernels.json")
    own.save(Kernel(np.zeros((1, 1))), "a")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(OSError, match="No space"):
        own.save(Kernel(np.ones((1, 1))), "b")
    assert own.names == ["a"]
    monkeypatch.undo()
    assert OwnKernels(tmp_path / "kernels.json").names == ["a"]
