"""Downloads that survive a bad network: resumed, checked, and put in place whole or not at all."""

import gzip
import hashlib
import shutil
import socket
import tarfile
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, cast
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from visualizer.learning.datasets import BadData
from visualizer.learning.files import write_atomically
from visualizer.learning.progress import Progress, Working

TIMEOUT = 30.0  # seconds without a byte
PAUSE = 1.0  # seconds before the next attempt
ATTEMPTS = 3  # without getting further, at each address
MOST_BYTES = 2**30

_CHUNK = 2**16
_SECONDS_OF_SPEED = 3.0


@dataclass(frozen=True)
class Remote:
    """A file somewhere else.

    Attributes:
        name: what it is called here.
        urls: where it can be had; the first that answers is used.
        md5: of its content, in hexadecimal.
    """

    name: str
    urls: tuple[str, ...]
    md5: str


def fetch(
    remote: Remote, folder: Path, timeout: float = TIMEOUT, pause: float = PAUSE
) -> Working[Path]:
    """Bring `remote` into `folder` and return its path.

    A file that is there already and whole is used as it is; a damaged one is replaced. What has
    arrived is kept under a name ending in ".part", and the next attempt, or the next call, goes on
    from there. Closing the generator stops the download. Raises BadData when it cannot be had.
    """
    target, part = folder / remote.name, folder / f"{remote.name}.part"
    if _is_whole(target, remote.md5):
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_writable(folder, error) from error
    furthest, fruitless = _size(part), 0
    while True:
        url = remote.urls[fruitless % len(remote.urls)]
        try:
            yield from _receive(url, part, remote.name, timeout)
            why = "sent a damaged file"
        except HTTPError as error:
            why = f"answered {error.code} {error.reason}"
            if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                why = "sent a damaged file"
                part.unlink(missing_ok=True)
            error.close()
        except (OSError, HTTPException) as error:
            why = _in_words(error, timeout)
        if _is_whole(part, remote.md5):
            part.replace(target)
            return target
        if _size(part) > furthest:
            furthest, fruitless = _size(part), 0
        else:
            fruitless += 1
        if fruitless == ATTEMPTS * len(remote.urls):
            raise BadData(
                f"{remote.name} could not be downloaded: {urlsplit(url).netloc} {why}; "
                f"try again, or put it into {folder}."
            )
        time.sleep(pause)


def _receive(url: str, part: Path, name: str, timeout: float) -> Iterator[Progress]:
    """Append to `part` what is missing, until the server ends; raise what the network raises."""
    have = _size(part)
    headers = {"User-Agent": "cnn-visualizer", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    with cast(HTTPResponse, urlopen(Request(url, headers=headers), timeout=timeout)) as response:
        if have and not _goes_on(response, have):
            part.unlink()
            have = 0
        length = response.headers.get("Content-Length", "")
        total = have + int(length) if length.isdecimal() else None
        before = have
        with _writable(part) as file:
            speed = _Speed()
            while chunk := response.read1(_CHUNK):
                have += len(chunk)
                # Before it is written: what comes late, when another may go on with it, is not.
                yield Progress(f"Downloading {name}", have, total, "bytes", speed.after(len(chunk)))
                if have > MOST_BYTES:
                    break
                try:
                    file.write(chunk)
                except OSError as error:
                    raise _not_writable(part.parent, error) from error
    # Nothing more came and yet it is not right, or it never ends: only a new start can help.
    # What another has gone on with meanwhile is its own.
    if have == before == _size(part) or have > MOST_BYTES:
        part.unlink()


def _goes_on(response: HTTPResponse, have: int) -> bool:
    """Return whether the server sends the rest that was asked for, and not the whole again."""
    said = response.headers.get("Content-Range", "")
    return response.status == HTTPStatus.PARTIAL_CONTENT and said.startswith(f"bytes {have}-")


def _writable(part: Path) -> IO[bytes]:
    try:
        return part.open("ab", buffering=0)
    except OSError as error:
        raise _not_writable(part.parent, error) from error


class _Speed:
    """Bytes a second over the last few seconds."""

    def __init__(self) -> None:
        self._seen = deque([(time.monotonic(), 0)])
        self._bytes = 0

    def after(self, count: int) -> float:
        """Take in that `count` more bytes have come; return the speed."""
        now = time.monotonic()
        self._bytes += count
        self._seen.append((now, self._bytes))
        while len(self._seen) > 2 and now - self._seen[0][0] > _SECONDS_OF_SPEED:
            self._seen.popleft()
        since, bytes_then = self._seen[0]
        return (self._bytes - bytes_then) / max(now - since, 1e-3)


def unpack_gzip(path: Path, target: Path) -> None:
    """Write the content of a .gz file to `target`, whole or not at all. Raises BadData."""
    try:
        write_atomically(target, gzip.decompress(path.read_bytes()))
    except OSError as error:
        raise _not_writable(target.parent, error) from error


def unpack_tar(path: Path, inside: str, folder: Path) -> None:
    """Put the folder `inside` of a .tar.gz into `folder`, in place of what is there.

    It is unpacked under another name first. Raises BadData.
    """
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".unpacking-") as name:
            with tarfile.open(path) as archive:
                archive.extractall(name, filter="data")
            if (folder / inside).exists():
                shutil.rmtree(folder / inside)
            (Path(name) / inside).replace(folder / inside)
    except OSError as error:
        raise _not_writable(folder, error) from error


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _is_whole(path: Path, md5: str) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest() == md5


def _not_writable(folder: Path, error: OSError) -> BadData:
    return BadData(
        f"{folder} cannot be written to ({error.strerror or error}); make room there or choose "
        "another folder, and what has arrived is used."
    )


def _in_words(error: OSError | HTTPException, timeout: float) -> str:
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, TimeoutError):
        return f"sent nothing for {timeout:g} seconds"
    if isinstance(cause, socket.gaierror):
        return "cannot be found, as if there were no network"
    if isinstance(cause, ConnectionRefusedError):
        return "does not accept connections"
    return f"broke off ({cause or type(cause).__name__})"
