"""Downloads from a real server that does everything servers do, good and bad."""

import gzip
import hashlib
import io
import itertools
import os
import pickle
import shutil
import socket
import struct
import subprocess
import sys
import tarfile
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import scipy.io
import torch
from torchvision import datasets

from visualizer.learning import downloads
from visualizer.learning.classics import CLASSICS, classic, obtain, remotes
from visualizer.learning.command_line import main
from visualizer.learning.datasets import BadData
from visualizer.learning.downloads import Remote, fetch
from visualizer.learning.progress import finish
from visualizer.paths import resource

CONTENT = np.random.default_rng(0).bytes(300_000)
CUT = 100_000
FAST = {"timeout": 0.3, "pause": 0.0}


class Handler(BaseHTTPRequestHandler):
    """Answers as the server's plan for the path says, one entry a request; then as it should."""

    protocol_version = "HTTP/1.1"
    timeout = 5

    def do_GET(self):
        server = self.server
        server.requests.append((self.path, self.headers.get("Range")))
        plan = server.plans.get(self.path, [])
        way = plan.pop(0) if plan else "well"
        data = server.files.get(self.path)
        if data is None:
            return self.send_error(404)
        if way in (403, 500, 503):
            return self.send_error(way)
        self.close_connection = True
        start = int((self.headers.get("Range") or "bytes=0-")[6:-1])
        if way == "ignores range":
            start = 0
        if way == "damaged":
            data = data[:50] + bytes([data[50] ^ 1]) + data[51:]
        if start and start >= len(data):
            return self.send_error(416)
        rest, status = data[start:], 206 if start else 200
        claimed = len(rest) + {"claims too much": 5_000, "claims too little": -5_000}.get(way, 0)
        self.send_response(status)
        if status == 206:
            shift = 10 if way == "another part" else 0
            self.send_header("Content-Range", f"bytes {start - shift}-{len(data) - 1}/{len(data)}")
        if way != "endless":
            self.send_header("Content-Length", str(claimed))
        self.end_headers()
        with suppress(ConnectionError):
            self.send(way, rest, claimed)
        return None

    def send(self, way, rest, claimed):
        if way in ("cut", "stalls", "silent"):
            rest = rest[: 0 if way == "silent" else CUT]
        self.wfile.write(rest[:claimed])
        if way in ("stalls", "silent"):
            self.wfile.flush()
            self.server.over.wait(10)
        while way == "endless" and not self.server.over.is_set():
            self.wfile.write(rest)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.plans, server.requests = {"/file": CONTENT}, {}, []
    server.over = threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}"
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def remote(server):
    return Remote("file", (f"{server.url}/file",), hashlib.md5(CONTENT).hexdigest())


def ranges(server):
    return [asked for _, asked in server.requests]


def assert_whole(folder):
    assert (folder / "file").read_bytes() == CONTENT
    assert [path.name for path in folder.iterdir()] == ["file"]


def reason(work):
    with pytest.raises(BadData) as caught:
        finish(work)
    said = caught.value.reason
    assert said.endswith(".") and "\n" not in said
    return said


def test_a_good_server_is_asked_once_and_progress_is_told(server, remote, tmp_path):
    steps = list(fetch(remote, tmp_path / "new" / "folder"))
    assert_whole(tmp_path / "new" / "folder")
    assert ranges(server) == [None]
    assert steps[-1].done == steps[-1].total == len(CONTENT) and steps[-1].unit == "bytes"
    assert all(a.done < b.done for a, b in itertools.pairwise(steps))
    assert all(step.speed > 0 for step in steps)
    assert finish(fetch(remote, tmp_path / "new" / "folder")).name == "file"
    assert len(server.requests) == 1


@pytest.mark.parametrize("way", ["cut", "stalls"])
def test_a_connection_that_breaks_is_resumed_where_it_broke(server, remote, tmp_path, way):
    server.plans["/file"] = [way, way]
    finish(fetch(remote, tmp_path, **FAST))
    assert_whole(tmp_path)
    assert ranges(server) == [None, f"bytes={CUT}-", f"bytes={2 * CUT}-"]


@pytest.mark.parametrize(
    "plan",
    [
        ["claims too much"],
        ["claims too little"],
        ["claims too much", "claims too much"],
        ["damaged"],
        ["cut", "damaged"],
        ["cut", "ignores range"],
        ["cut", "another part"],
        ["cut", 503, 500],
        [503, "cut", 503, "cut"],
    ],
    ids=str,
)
def test_whatever_goes_wrong_for_a_while_the_file_is_right_in_the_end(
    server, remote, tmp_path, plan
):
    server.plans["/file"] = plan
    finish(fetch(remote, tmp_path, **FAST))
    assert_whole(tmp_path)


def test_a_half_finished_download_goes_on_in_the_next_call(server, remote, tmp_path):
    server.plans["/file"] = ["stalls"]
    work = fetch(remote, tmp_path, **FAST)
    while next(work).done < CUT:
        pass
    kept = (tmp_path / "file.part").stat().st_size
    work.close()
    assert not (tmp_path / "file").exists()
    assert (tmp_path / "file.part").stat().st_size == kept > 0  # another may have gone on with it
    finish(fetch(remote, tmp_path, **FAST))
    assert_whole(tmp_path)
    assert ranges(server) == [None, f"bytes={kept}-"]


def test_what_another_has_gone_on_with_is_left_alone(server, remote, tmp_path):
    part = tmp_path / "file.part"
    part.write_bytes(CONTENT[:CUT])
    server.plans["/file"] = ["silent"]
    stuck = threading.Thread(target=next, args=[fetch(remote, tmp_path, **{**FAST, "timeout": 60})])
    stuck.start()
    while stuck.is_alive() and not server.requests:
        time.sleep(0.01)
    part.write_bytes(CONTENT[: 2 * CUT])
    server.over.set()  # the connection ends without a byte; the next attempt gets some
    stuck.join()
    assert part.read_bytes() == CONTENT[: 2 * CUT]


def test_a_killed_download_goes_on_where_it_was(server, remote, tmp_path):
    server.plans["/file"] = ["stalls"]
    program = (
        "from pathlib import Path; from visualizer.learning import downloads, progress;"
        f"progress.finish(downloads.fetch(downloads.{remote!r}, Path({str(tmp_path)!r})))"
    )
    process = subprocess.Popen([sys.executable, "-c", program])
    part = tmp_path / "file.part"
    while not part.exists() or part.stat().st_size < CUT:
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    finish(fetch(remote, tmp_path, **FAST))
    assert_whole(tmp_path)
    assert ranges(server) == [None, f"bytes={CUT}-"]


@pytest.mark.parametrize("left", [CONTENT[:-1] + b"x", CONTENT + b"more", b"rubbish", CONTENT])
def test_what_an_earlier_attempt_left_is_repaired(server, remote, tmp_path, left):
    (tmp_path / "file.part").write_bytes(left)
    (tmp_path / "file").write_bytes(b"damaged")
    finish(fetch(remote, tmp_path, **FAST))
    assert_whole(tmp_path)


def test_another_address_is_tried_and_one_that_stays_bad_is_named(server, remote, tmp_path):
    both = Remote("file", (f"{server.url}/missing", *remote.urls), remote.md5)
    finish(fetch(both, tmp_path / "a", **FAST))
    assert_whole(tmp_path / "a")
    said = reason(fetch(Remote("file", both.urls[:1], remote.md5), tmp_path / "b", **FAST))
    assert "127.0.0.1" in said and "404" in said and str(tmp_path / "b") in said


def test_a_server_that_always_sends_damage_is_given_up(server, remote, tmp_path):
    server.plans["/file"] = ["damaged"] * 20
    assert "damaged" in reason(fetch(remote, tmp_path, **FAST))
    assert not (tmp_path / "file").exists() and len(server.requests) <= 6


def test_a_server_that_never_says_anything_is_given_up(server, remote, tmp_path):
    server.plans["/file"] = ["silent"] * 20
    said = reason(fetch(remote, tmp_path, timeout=0.05, pause=0.0))
    assert "sent nothing for 0.05 seconds" in said


def test_an_endless_answer_does_not_fill_the_disk(server, remote, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_BYTES", 2 * len(CONTENT))
    server.plans["/file"] = ["endless"] * 20
    reason(fetch(remote, tmp_path, **FAST))
    assert list(tmp_path.iterdir()) == []


def test_no_network_is_said_in_one_sentence(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    closed = Remote("file", (f"http://127.0.0.1:{port}/file",), "0" * 32)
    assert "does not accept connections" in reason(fetch(closed, tmp_path, **FAST))
    nowhere = Remote("file", ("http://nowhere.invalid/file",), "0" * 32)
    assert "no network" in reason(fetch(nowhere, tmp_path, **FAST))


def test_a_full_disk_and_a_folder_that_cannot_be_made_are_said(remote, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert "cannot be written to" in reason(fetch(remote, tmp_path / "file", **FAST))
    if Path("/dev/full").exists():
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "file.part").symlink_to("/dev/full")
        said = reason(fetch(remote, tmp_path / "full", **FAST))
        assert "No space left" in said and "make room" in said


# The data sets, from the server's own small copies


def idx(array):
    head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return head + array.astype(np.uint8).tobytes()


def small_mnist(count, seed):
    drawn = np.random.default_rng(seed).integers(0, 256, (count, 28, 28))
    return {"images-idx3": drawn, "labels-idx1": np.arange(count) % 10}


@pytest.fixture
def mnist(server, monkeypatch):
    """Let torchvision's class know of small files on the server in place of its own."""
    resources = []
    for part, count in (("train", 60), ("t10k", 20)):
        for what, array in small_mnist(count, count).items():
            name = f"{part}-{what}-ubyte.gz"
            server.files[f"/{name}"] = gzip.compress(idx(array))
            resources.append((name, hashlib.md5(server.files[f"/{name}"]).hexdigest()))
    monkeypatch.setattr(datasets.MNIST, "resources", resources)
    monkeypatch.setattr(datasets.MNIST, "mirrors", [f"{server.url}/dead/", f"{server.url}/"])
    return resources


def test_mnist_is_downloaded_unpacked_and_read(server, mnist, tmp_path):
    server.plans[f"/{mnist[0][0]}"] = ["damaged", "cut"]
    data = finish(obtain("mnist", tmp_path, **FAST))
    assert (len(data.train), len(data.validation), len(data.test)) == (30, 30, 20)
    expected = torch.from_numpy(small_mnist(20, 20)["images-idx3"]).to(torch.uint8)
    assert torch.equal(data.test.images[:, 0], expected)
    assert data.test.labels.tolist() == [i % 10 for i in range(20)]
    asked = len(server.requests)
    assert len(finish(obtain("mnist", tmp_path, **FAST)).test) == 20
    assert len(server.requests) == asked


def test_the_terminal_downloads_only_when_told_to(server, mnist, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(datasets.MNIST, "mirrors", [f"{server.url}/"])
    settings = ["--network", "mlp", "--batch-size", "10", "--epochs", "1", "--device", "cpu"]
    command = ["train", "--data", "mnist", str(tmp_path), *settings, "--out", str(tmp_path / "run")]
    assert main(command) == 2
    assert "does not hold MNIST" in capsys.readouterr().err and not server.requests
    assert main([*command, "--download"]) == 0
    assert "20 images" in capsys.readouterr().out and len(server.requests) == 4


@pytest.mark.parametrize("harm", ["cut", "empty", "gone", "other labels", "words"])
def test_damaged_mnist_is_refused_and_then_repaired_without_the_network(
    server, mnist, tmp_path, harm
):
    finish(obtain("mnist", tmp_path, **FAST))
    raw = tmp_path / "MNIST" / "raw"
    images = raw / "train-images-idx3-ubyte"
    if harm == "cut":
        images.write_bytes(images.read_bytes()[:-1000])
    elif harm == "empty":
        images.write_bytes(b"")
    elif harm == "gone":
        images.unlink()
    elif harm == "words":
        images.write_bytes(b"<html>not found</html>")
    else:
        (raw / "train-labels-idx1-ubyte").write_bytes(idx(np.full(60, 10)))
    with pytest.raises(BadData, match="incomplete or damaged"):
        classic("mnist", tmp_path)
    asked = len(server.requests)
    assert len(finish(obtain("mnist", tmp_path, **FAST)).test) == 20
    assert len(server.requests) == asked


def test_cifar10_is_unpacked_in_place_of_what_is_damaged(server, tmp_path, monkeypatch):
    kind, pixels = datasets.CIFAR10, np.random.default_rng(1).integers(0, 256, (20, 3072))
    packed, sums = io.BytesIO(), {}
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in {
            "batches.meta": {"label_names": list("abcdefghij")},
            **{
                name: {"data": pixels.astype(np.uint8), "labels": [i % 10 for i in range(20)]}
                for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")
            },
        }.items():
            data = pickle.dumps(content)
            sums[name] = hashlib.md5(data).hexdigest()
            info = tarfile.TarInfo(f"{kind.base_folder}/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    server.files["/c.tar.gz"] = packed.getvalue()
    monkeypatch.setattr(kind, "url", f"{server.url}/c.tar.gz")
    monkeypatch.setattr(kind, "tgz_md5", hashlib.md5(packed.getvalue()).hexdigest())
    monkeypatch.setattr(
        kind, "train_list", [[f"data_batch_{i}", sums[f"data_batch_{i}"]] for i in range(1, 6)]
    )
    monkeypatch.setattr(kind, "test_list", [["test_batch", sums["test_batch"]]])
    monkeypatch.setattr(kind, "meta", {**kind.meta, "md5": sums["batches.meta"]})
    (tmp_path / kind.base_folder).mkdir()
    (tmp_path / kind.base_folder / "test_batch").write_bytes(b"half of it")
    server.plans["/c.tar.gz"] = ["cut"]
    data = finish(obtain("cifar10", tmp_path, **FAST))
    assert len(data.train) + len(data.validation) == 100 and data.channels == 3
    assert data.test.images[3].flatten().tolist() == pixels[3].tolist()
    assert {path.name for path in tmp_path.iterdir()} == {kind.base_folder, kind.filename}


def test_svhn_calls_its_class_ten_nought(server, tmp_path, monkeypatch):
    lists, pixels = {}, np.random.default_rng(2).integers(0, 256, (32, 32, 3, 40), np.uint8)
    for split in ("train", "test"):
        file = io.BytesIO()
        scipy.io.savemat(file, {"X": pixels, "y": (np.arange(40) % 10 + 1)[:, None]})
        name = f"{split}_32x32.mat"
        server.files[f"/{name}"] = file.getvalue()
        md5 = hashlib.md5(file.getvalue()).hexdigest()
        lists[split] = [f"{server.url}/{name}", name, md5]
    monkeypatch.setattr(datasets.SVHN, "split_list", lists)
    data = finish(obtain("svhn", tmp_path, **FAST))
    assert data.test.labels[:10].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
    assert np.array_equal(data.test.images[5].permute(1, 2, 0), pixels[..., 5])


def test_every_data_set_has_addresses_and_checksums_of_its_own(tmp_path):
    for name, this in CLASSICS.items():
        files = list(remotes(this, tmp_path))
        assert files and all(len(remote.md5) == 32 and remote.urls for remote, _ in files)
        assert len(this.class_names) == 10
        with pytest.raises(BadData, match=f"does not hold {this.title}"):
            classic(name, tmp_path)


def test_the_real_mnist_is_found_from_the_folders_around_it(tmp_path):
    given = resource().parent.parent / "shared" / "data" / "MNIST"
    if not given.is_dir():
        pytest.skip("needs MNIST in shared/data")
    data = classic("mnist", given)
    assert (len(data.train), len(data.validation), len(data.test)) == (55_000, 5_000, 10_000)
    assert float(data.mean) == pytest.approx(0.1307, abs=2e-3)
    assert float(data.std) == pytest.approx(0.3081, abs=2e-3)
    (tmp_path / "MNIST").mkdir()
    shutil.copytree(given / "raw", tmp_path / "MNIST" / "raw")
    os.truncate(tmp_path / "MNIST" / "raw" / "t10k-labels-idx1-ubyte", 5_000)
    with pytest.raises(BadData, match="incomplete or damaged"):
        classic("mnist", tmp_path)
