"""Whether a window can be opened here: Qt itself would abort the process when it cannot."""

import ctypes
import ctypes.util
import os
import sys
from importlib.util import find_spec
from pathlib import Path

_HINT = "Start it on a desktop, or use --screenshot FILE or --tour DIR, which need no display."


def why_no_display() -> str:
    """Return "" when a window can be opened, else one sentence with the reason and a remedy.

    Only Linux needs asking. An explicit QT_QPA_PLATFORM other than xcb and wayland is taken at
    its word.
    """
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if not sys.platform.startswith("linux") or platform not in ("", "xcb", "wayland"):
        return ""
    if platform != "xcb" and _wayland_answers():
        return ""
    if not os.environ.get("DISPLAY"):
        return f"There is no display to open a window on. {_HINT}"
    missing = _missing_library()
    if missing:
        return f"Qt cannot open a window because a system library is missing ({missing}). {_HINT}"
    if not _x_server_answers():
        return f"The display {os.environ['DISPLAY']} does not answer. {_HINT}"
    return ""


def _wayland_answers() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY")
    if not name:
        return False
    return Path(os.environ.get("XDG_RUNTIME_DIR", "/")).joinpath(name).is_socket()


def _missing_library() -> str:
    """Return what the loader says when Qt's X11 plugin cannot be loaded, or ""."""
    spec = find_spec("PySide6")
    if spec is None or spec.origin is None:
        return "PySide6 is not installed"
    plugin = Path(spec.origin).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    if plugin.exists():
        try:
            ctypes.CDLL(str(plugin), mode=os.RTLD_LAZY)
        except OSError as error:
            return str(error).split(":")[0]
    return ""


def _x_server_answers() -> bool:
    """Connect to the X server as Qt will, through libxcb, and hang up again."""
    try:
        xcb = ctypes.CDLL(ctypes.util.find_library("xcb") or "libxcb.so.1")
    except OSError:
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    works = xcb.xcb_connection_has_error(connection) == 0
    xcb.xcb_disconnect(connection)
    return works
