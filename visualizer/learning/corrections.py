"""Labels put right, images left out, drawings added: kept apart from the data, which never change.

An image is known by its pixels, so that a correction holds for every seed and division. Torch is
imported only where tensors are made.
"""

import base64
import csv
import hashlib
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from visualizer.learning.files import write_atomically

if TYPE_CHECKING:
    from visualizer.learning.datasets import DataSet, Part

PartName = Literal["train", "validation"]
FILE = "corrections.json"
_MOST = 100_000


@dataclass(frozen=True)
class Correction:
    """What is to be done about one image.

    Attributes:
        data: the data it belongs to, see `data_key`.
        image: of its pixels, see `digest`.
        label: the right class, or None when it is left out.
    """

    data: str
    image: str
    label: int | None


@dataclass(frozen=True)
class Own:
    """A drawing of the user's own, added to some data.

    Attributes:
        data: see `data_key`.
        shape: (C, H, W).
        pixels: uint8, row by row.
        label: its class.
        part: where it is added.
    """

    data: str
    shape: tuple[int, int, int]
    pixels: bytes
    label: int
    part: PartName

    def image(self) -> npt.NDArray[np.uint8]:
        """Return it as uint8 (C, H, W)."""
        return np.frombuffer(self.pixels, np.uint8).reshape(self.shape)


@dataclass(frozen=True)
class Corrections:
    """All there are, the oldest first."""

    changes: tuple[Correction, ...] = ()
    own: tuple[Own, ...] = ()

    def of(self, data: str) -> "Corrections":
        """Return those that concern some data."""
        changes = tuple(change for change in self.changes if change.data == data)
        return Corrections(changes, tuple(own for own in self.own if own.data == data))

    def with_change(self, change: Correction) -> "Corrections":
        """Return these with one more; an older one of the same image is replaced."""
        return replace(self, changes=(*self.without(change.data, change.image).changes, change))

    def without(self, data: str, image: str) -> "Corrections":
        """Return these but for that of an image."""
        kept = tuple(c for c in self.changes if (c.data, c.image) != (data, image))
        return replace(self, changes=kept)

    def save(self, path: Path) -> None:
        """Write them down. Raises OSError."""
        own = [{**asdict(o), "pixels": base64.b64encode(o.pixels).decode()} for o in self.own]
        plain = {"changes": [asdict(change) for change in self.changes], "own": own}
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(plain, indent=1, ensure_ascii=False).encode())


def load(path: Path) -> Corrections:
    """Return what `save` wrote; none where there is no file.

    Raises OSError, and ValueError with a sentence when the file is anything else.
    """
    try:
        plain = json.loads(path.read_bytes())
        changes = tuple(_change(entry) for entry in plain["changes"][:_MOST])
        return Corrections(changes, tuple(_own(entry) for entry in plain["own"][:_MOST]))
    except FileNotFoundError:
        return Corrections()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise ValueError(f"{path} does not hold corrections; delete it to begin anew.") from None


def data_key(words: Iterable[str]) -> str:
    """Return what some data are called here, from the words that name them."""
    return " ".join(words)


def digest(image: npt.NDArray[np.uint8]) -> str:
    """Return a short text that differs for different pixels (C, H, W)."""
    head = repr(image.shape).encode()
    return hashlib.blake2b(head + np.ascontiguousarray(image).tobytes(), digest_size=9).hexdigest()


def corrected(dataset: "DataSet", corrections: Corrections, data: str) -> "DataSet":
    """Return the data with what concerns them; always made from the data as they were read."""
    raw = dataset.raw or dataset
    mine = corrections.of(data)
    if not mine.changes and not mine.own:
        return raw
    by_image = {change.image: change.label for change in mine.changes}
    grown = with_own(raw, mine.own)
    train, validation, test = (
        _changed(part, by_image, raw.classes)
        for part in (grown.train, grown.validation, grown.test)
    )
    count = len(mine.changes) + len(mine.own)
    note = f"{count:,} correction{'s' * (count > 1)} of your own; the data on disk are as before."
    return replace(
        raw, train=train, validation=validation, test=test, notes=(*raw.notes, note), raw=raw
    )


def with_own(dataset: "DataSet", own: tuple[Own, ...]) -> "DataSet":
    """Return raw data with the drawings of `own` that fit, behind the images of their part."""
    train, validation = (
        _with_own(part, own, name, dataset)
        for part, name in ((dataset.train, "train"), (dataset.validation, "validation"))
    )
    if (train, validation) == (dataset.train, dataset.validation):
        return dataset
    return replace(dataset, train=train, validation=validation, raw=dataset.raw or dataset)


def places(dataset: "DataSet", wanted: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Return the part and the index of each image whose digest is wanted, where there is one."""
    left, found = set(wanted), {}
    for name in ("validation", "train", "test"):
        for index, image in enumerate(getattr(dataset, name).images.numpy() if left else ()):
            key = digest(image)
            if key in left:
                left.remove(key)
                found[key] = (name, index)
                if not left:
                    break
    return found


def as_csv(corrections: Corrections, names: dict[str, tuple[str, ...]]) -> str:
    """Return the list as CSV; `names` has the class names of the data that are known."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("data", "image", "action", "class"))
    for change in corrections.changes:
        action = "exclude" if change.label is None else "relabel"
        writer.writerow((change.data, change.image, action, _name(change, names)))
    for own in corrections.own:
        image = digest(own.image())
        writer.writerow((own.data, image, f"add to {own.part}", _name(own, names)))
    return text.getvalue()


def _name(entry: Correction | Own, names: dict[str, tuple[str, ...]]) -> str:
    known = names.get(entry.data, ())
    if entry.label is None:
        return ""
    return known[entry.label] if entry.label < len(known) else str(entry.label)


def _changed(part: "Part", by_image: dict[str, int | None], classes: int) -> "Part":
    from visualizer.learning.datasets import Part

    if not by_image:
        return part
    labels, kept = part.labels.clone(), []
    for i, image in enumerate(part.images.numpy()):
        key = digest(image)
        label = by_image.get(key, int(labels[i]))
        if label is not None and label < classes:
            labels[i] = label
            kept.append(i)
    return (
        part
        if len(kept) == len(labels) and bool((labels == part.labels).all())
        else Part(part.images[kept], labels[kept])
    )


def _with_own(part: "Part", own: tuple[Own, ...], name: str, raw: "DataSet") -> "Part":
    import torch

    from visualizer.learning.datasets import Part

    shape = tuple(raw.train.images.shape[1:])
    mine = [o for o in own if o.part == name and o.shape == shape and o.label < raw.classes]
    if not mine:
        return part
    images = torch.from_numpy(np.stack([o.image() for o in mine]))
    labels = torch.tensor([o.label for o in mine])
    return Part(torch.cat([part.images, images]), torch.cat([part.labels, labels]))


def _change(plain: dict[str, Any]) -> Correction:
    label = plain["label"]
    if not isinstance(plain["data"], str) or not isinstance(plain["image"], str):
        raise ValueError
    if label is not None and (type(label) is not int or label < 0):
        raise ValueError
    return Correction(plain["data"], plain["image"], label)


def _own(plain: dict[str, Any]) -> Own:
    channels, height, width = (int(n) for n in plain["shape"])
    pixels = base64.b64decode(plain["pixels"], validate=True)
    label, part = plain["label"], plain["part"]
    sound = type(label) is int and label >= 0 and part in ("train", "validation")
    if not sound or len(pixels) != channels * height * width or not isinstance(plain["data"], str):
        raise ValueError
    return Own(plain["data"], (channels, height, width), pixels, label, part)
