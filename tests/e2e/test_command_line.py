"""The real program in processes of its own: what a terminal shows, and the status it leaves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image as Pillow

ROOT = Path(__file__).parents[2]


def start(
    *arguments: str,
    home: Path,
    program: tuple[str, ...] = (str(ROOT / "main.py"),),
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Run main.py from another directory, without a display unless one is given."""
    clean = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    clean.pop("QT_QPA_PLATFORM", None)
    return subprocess.run(
        [sys.executable, *program, *arguments],
        cwd=home,
        env={**clean, "CNN_VISUALIZER_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=50,
    )


def test_version(tmp_path: Path) -> None:
    run = start("--version", home=tmp_path)
    assert (run.returncode, run.stdout) == (0, "CNN Visualizer 0.1.0\n")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can lack a display")
@pytest.mark.parametrize("display", [{}, {"DISPLAY": ":4711"}])
def test_without_a_display_one_sentence_and_status_two(tmp_path: Path, display: dict) -> None:
    run = start(home=tmp_path, **display)
    assert run.returncode == 2
    assert run.stderr.startswith("cnn-visualizer: ")
    assert run.stderr.count("\n") == 1
    assert "--screenshot" in run.stderr
    assert run.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--page", "flowers"), "no page 'flowers'"),
        (("--size", "big"), "write it as 1280x720"),
        (("--theme", "pink"), "invalid choice: 'pink'"),
    ],
)
def test_a_wrong_argument_is_explained(tmp_path: Path, arguments: tuple, words: str) -> None:
    run = start(*arguments, home=tmp_path)
    assert run.returncode == 2
    assert words in run.stderr
    assert "Traceback" not in run.stderr


def test_screenshot_of_a_picture_on_a_page(tmp_path: Path) -> None:
    Pillow.new("RGB", (40, 30), (250, 10, 20)).save(tmp_path / "red.png")
    shot = tmp_path / "shot.png"
    run = start("red.png", "--page", "image", "--theme", "light", "--size", "1280x720",
                "--screenshot", str(shot), home=tmp_path)  # fmt: skip
    assert (run.returncode, run.stderr) == (0, "")
    with Pillow.open(shot) as picture:
        assert picture.size == (1280, 720)
        colours = {n: count for count, n in picture.convert("RGB").getcolors(1 << 20)}
    assert colours.get((250, 10, 20), 0) > 10_000
    assert (255, 255, 255) in colours


def test_what_takes_long_to_import_waits_until_the_window_is_painted(tmp_path: Path) -> None:
    code = (
        "import sys; from visualizer.app import main\n"
        "try: main(['--screenshot', 'shot.png'])\n"
        "finally: print(*sys.modules, sep='\\n')"
    )
    run = start("-c", code, home=tmp_path, program=(), PYTHONPATH=str(ROOT))
    assert (tmp_path / "shot.png").exists()
    imported = set(run.stdout.split())
    assert {"PySide6.QtWidgets", "numpy", "visualizer.ui.pages.image_page"} <= imported
    late = {"torch", "torchvision", "pyqtgraph", "qtpy", "qtawesome", "skimage", "sklearn", "scipy"}
    assert late & imported == set()


def test_a_screenshot_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    run = start("--screenshot", str(tmp_path / "no" / "shot.png"), home=tmp_path)
    assert run.returncode == 1
    assert "could not be written" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_bad_picture_on_the_command_line_opens_the_window_with_a_sentence(
    tmp_path: Path,
) -> None:
    shot = tmp_path / "shot.png"
    run = start("missing.png", "--screenshot", str(shot), home=tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    with Pillow.open(shot) as picture:
        assert picture.size == (1440, 900)  # the usual size, whatever the screen
