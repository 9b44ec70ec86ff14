"""The data sets everyone compares on: read where they lie, or downloaded.

torchvision knows their files, addresses and checksums; nothing of that is repeated here. It is
imported when one of them is wanted: others learn sooner without it.
"""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from visualizer.learning import downloads
from visualizer.learning.datasets import BadData, DataSet, Part
from visualizer.learning.downloads import Remote
from visualizer.learning.progress import Progress, Working
from visualizer.learning.splits import two_parts

VALIDATION_IMAGES = 5_000

_DAMAGE = (
    RuntimeError, ValueError, TypeError, LookupError, AssertionError, OSError, EOFError,
    pickle.UnpicklingError,
)  # fmt: skip


@dataclass(frozen=True)
class Classic:
    """One of the data sets.

    Attributes:
        title: on screen.
        called: torchvision's class.
        place: what lies in the folder that holds it.
        megabytes: about as much is downloaded.
        may_mirror: whether a mirrored image still shows its class.
        own_names: of the classes, for people, where torchvision's will not do.
    """

    title: str
    called: str
    place: str
    megabytes: int
    may_mirror: bool
    own_names: tuple[str, ...] = ()

    @property
    def kind(self) -> Any:
        """torchvision's class."""
        return getattr(import_module("torchvision.datasets"), self.called)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes, for people."""
        return self.own_names or tuple(self.kind.classes)


_DIGITS = tuple("0123456789")
_OBJECTS = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip

CLASSICS = {
    "mnist": Classic("MNIST", "MNIST", "MNIST/raw", 12, False, _DIGITS),
    "fashion-mnist": Classic("Fashion-MNIST", "FashionMNIST", "FashionMNIST/raw", 31, True),
    "kmnist": Classic("KMNIST", "KMNIST", "KMNIST/raw", 21, False),
    "cifar10": Classic("CIFAR-10", "CIFAR10", "cifar-10-batches-py", 170, True, _OBJECTS),
    "svhn": Classic("SVHN", "SVHN", "train_32x32.mat", 246, False, _DIGITS),
}


def classic(name: str, root: Path, seed: int = 0) -> DataSet:
    """Return the data set `name` from the folder that holds it, or from a folder inside that one.

    5,000 of the training images are kept for validation; the test images are the usual ones.
    Raises BadData when it is not there, or damaged.
    """
    this = CLASSICS[name]
    home = home_of(name, root, root.parent, root.parent.parent)
    if home is None:
        raise BadData(
            f"{root} does not hold {this.title}, which would be in {this.place}; choose the folder "
            "that holds it, or download it."
        )
    try:
        train, test = (_read(this, home, is_train) for is_train in (True, False))
    except _DAMAGE as error:
        raise BadData(
            f"{this.title} in {home} is incomplete or damaged; download it again, which repairs it."
        ) from error
    share = VALIDATION_IMAGES / len(train)
    train, validation = two_parts(train, min(share, 0.5), seed)
    return DataSet(
        name=name,
        title=this.title,
        class_names=this.class_names,
        train=train,
        validation=validation,
        test=test,
        split=f"The test images are {this.title}'s own; of its training images "
        f"{len(validation):,} are for validation, evenly from every class.",
        may_mirror=this.may_mirror,
    )


def home_of(name: str, *folders: Path) -> Path | None:
    """Return the first of these folders that holds the data set `name`, if one does."""
    place = CLASSICS[name].place
    return next((folder for folder in folders if (folder / place).exists()), None)


def obtain(
    name: str,
    root: Path,
    seed: int = 0,
    timeout: float = downloads.TIMEOUT,
    pause: float = downloads.PAUSE,
) -> Working[DataSet]:
    """Return the data set `name` from the folder `root`, downloading what is missing or damaged.

    Ask the user before. Closing the generator stops the download; the next call goes on with it.
    Raises BadData.
    """
    try:
        return classic(name, root, seed)
    except BadData:
        yield Progress(f"Downloading {CLASSICS[name].title}", 0, None, "bytes")
    for remote, folder in remotes(CLASSICS[name], root):
        path = yield from downloads.fetch(remote, folder, timeout, pause)
        if path.name.endswith(".tar.gz"):
            downloads.unpack_tar(path, CLASSICS[name].place, folder)
        elif path.suffix == ".gz":
            downloads.unpack_gzip(path, path.with_suffix(""))
    return classic(name, root, seed)


def remotes(this: Classic, root: Path) -> Iterator[tuple[Remote, Path]]:
    """Yield the files of a data set, as torchvision lists them, and where each belongs."""
    kind = this.kind
    if hasattr(kind, "resources"):
        for name, md5 in kind.resources:
            yield (
                Remote(name, tuple(mirror + name for mirror in kind.mirrors), md5),
                (root / this.place),
            )
    elif hasattr(kind, "tgz_md5"):
        yield Remote(kind.filename, (kind.url,), kind.tgz_md5), root
    else:
        for url, name, md5 in (kind.split_list[split] for split in ("train", "test")):
            yield Remote(name, (url,), md5), root


def _read(this: Classic, home: Path, is_train: bool) -> Part:
    """Return the training or the test images as torchvision reads them, checked."""
    if this.called == "SVHN":
        source = this.kind(home, split="train" if is_train else "test")
        images, labels = torch.from_numpy(source.data), torch.from_numpy(source.labels)
    else:
        source = this.kind(home, train=is_train)
        images, labels = torch.as_tensor(source.data), torch.as_tensor(source.targets)
        # (N, H, W) or (N, H, W, 3)
        images = images[:, None] if images.ndim == 3 else images.permute(0, 3, 1, 2)
    _check(images, labels, len(this.class_names))
    return Part(images.contiguous(), labels.long())


def _check(images: Tensor, labels: Tensor, classes: int) -> None:
    """Raise ValueError unless each image has a label, and each label a class."""
    if not len(images) or images.dtype != torch.uint8 or labels.shape != images.shape[:1]:
        raise ValueError("images and labels do not belong together")
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError("a label without a class")
