"""A lesson by real mouse and keyboard, in a window on a virtual display."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

TOOLS = ("Xvfb", "openbox", "xdotool")


@pytest.fixture
def display() -> Iterator[str]:
    """A virtual display with a window manager."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    read, write = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x900x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(write)
        with os.fdopen(read) as answer:
            name = f":{answer.readline().strip()}"
        with subprocess.Popen(
            ["openbox"], env={**os.environ, "DISPLAY": name}, stderr=subprocess.DEVNULL
        ) as manager:
            yield name
            manager.terminate()
        server.terminate()


@pytest.mark.timeout(200)
def test_drop_change_step_pin_undo_export(tmp_path: Path, display: str) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (6, 8), np.uint8)
    picture, csv = tmp_path / "cells.png", tmp_path / "map.csv"
    Pillow.fromarray(pixels).save(picture)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("QT_", "WAYLAND"))}
    run = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("click_through.py")), picture, csv],
        env={**environment, "DISPLAY": display, "CNN_VISUALIZER_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=190,
    )
    assert run.stdout.endswith("clicked through\n"), run.stderr
    assert "Traceback" not in run.stderr
    assert csv.exists()
