"""Where files are: what comes along with the package, and what belongs to the user."""

import os
import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource(*parts: str) -> Path:
    """Return the path of something in `resources/`, from a checkout or an installed wheel.

    Raises FileNotFoundError when it is not there: a broken installation is said at once.
    """
    installed = _PACKAGE / "resources"
    root = installed if installed.is_dir() else _PACKAGE.parent / "resources"
    path = root.joinpath(*parts)
    if not path.exists():
        raise FileNotFoundError(f"The installation is incomplete: {path} is missing. Reinstall it.")
    return path


def user_data() -> Path:
    """Return the folder for what the user keeps (own kernels, logs), made when missing.

    `CNN_VISUALIZER_HOME` overrides the platform's usual place.
    """
    override = os.environ.get("CNN_VISUALIZER_HOME")
    if override:
        folder = Path(override)
    elif sys.platform == "win32":
        folder = Path(os.environ.get("APPDATA", Path.home())) / "CNN Visualizer"
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support" / "CNN Visualizer"
    else:
        base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
        folder = Path(base) / "cnn-visualizer"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
