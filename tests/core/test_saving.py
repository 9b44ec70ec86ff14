from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from visualizer.core import saving


def test_png_has_one_pixel_a_cell_and_enlarges_small_maps(tmp_path: Path) -> None:
    small = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    saving.write_png(tmp_path / "small.png", small)
    saved = np.asarray(Pillow.open(tmp_path / "small.png"))
    assert saved.shape == (512, 512, 3)
    assert (saved[::256, ::256] == small).all()
    large = np.random.default_rng(0).integers(0, 255, (300, 520, 3), np.uint8)
    saving.write_png(tmp_path / "large.png", large)
    assert (np.asarray(Pillow.open(tmp_path / "large.png")) == large).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_numbers_can_be_read_back_exactly(tmp_path: Path, channels: int) -> None:
    feature = np.random.default_rng(1).normal(0, 300, (4, 5, channels)).astype(np.float32)
    saving.write_npy(tmp_path / "map.npy", feature)
    assert np.array_equal(np.load(tmp_path / "map.npy"), feature)
    saving.write_csv(tmp_path / "map.csv", feature, ("R", "G", "B"))
    rows = np.loadtxt(tmp_path / "map.csv", delimiter=",", dtype=np.float32)
    assert np.array_equal(rows, np.concatenate(list(np.moveaxis(feature, 2, 0))))
    titles = [
        line for line in (tmp_path / "map.csv").read_text().splitlines() if line.startswith("#")
    ]
    assert titles == ([] if channels == 1 else ["# R", "# G", "# B"])


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    path.write_text("old")
    with pytest.raises(IndexError):
        saving.write_csv(path, np.zeros((2, 2, 3), np.float32), ("R",))
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["map.csv"]
