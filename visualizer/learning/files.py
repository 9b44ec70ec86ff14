"""Writing a file so that it is there whole or not at all, and saying why one cannot be used."""

import os
from contextlib import suppress
from pathlib import Path

_LONGEST = 300  # letters of a reason


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` in place of `path`: a reader, or a power cut, sees the old file or the new one.

    Raises OSError; the old file then stays, and nothing half-written beside it.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    if os.name == "posix":  # the new name, too, must reach the disk
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def brief(reason: str) -> str:
    """Return a reason short enough to be shown, whatever a damaged file has made of it."""
    return reason if len(reason) <= _LONGEST else reason[: _LONGEST - 1] + "…"
