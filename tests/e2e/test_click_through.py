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
        try:
            with os.fdopen(read) as answer:
                name = f":{answer.readline().strip()}"
            with subprocess.Popen(
                ["openbox", "--startup", "echo ready"],
                env={**os.environ, "DISPLAY": name},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            ) as manager:
                try:
                    assert manager.stdout is not None and b"ready\n" in manager.stdout
                    yield name
                finally:
                    manager.terminate()
        finally:
            server.terminate()


def lesson(script: str, home: Path, display: str, *arguments: Path, most_s: int) -> None:
    """Run a script of this folder to its end, on the display, with a home of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("QT_", "WAYLAND"))}
    run = subprocess.run(
        [sys.executable, str(Path(__file__).with_name(script)), *arguments],
        env={**environment, "DISPLAY": display, "CNN_VISUALIZER_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=most_s,
    )
    assert run.stdout.endswith("clicked through\n"), run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.timeout(200)
def test_drop_change_step_pin_undo_export(tmp_path: Path, display: str) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (6, 8), np.uint8)
    picture, csv = tmp_path / "cells.png", tmp_path / "map.csv"
    Pillow.fromarray(pixels).save(picture)
    lesson("click_through.py", tmp_path / "home", display, picture, csv, most_s=190)
    assert csv.exists()


@pytest.mark.timeout(120)
def test_train_a_quick_network_draw_and_undo(tmp_path: Path, display: str) -> None:
    lesson("click_inspect.py", tmp_path / "home", display, most_s=110)
