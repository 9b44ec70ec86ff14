"""From the words of a command to data and augmentation."""

from collections.abc import Callable
from pathlib import Path

from visualizer.learning.classics import CLASSICS, classic, obtain
from visualizer.learning.datasets import BadData, DataSet
from visualizer.learning.digits import digits
from visualizer.learning.folder import load, scan
from visualizer.learning.pipeline import OWN, PRESETS, Pipeline
from visualizer.learning.progress import Progress, Working, finish
from visualizer.learning.shapes import shapes
from visualizer.paths import user_data

HELP = (
    "digits (the default) or shapes [COUNT], which come along; "
    f"{', '.join(CLASSICS)} [FOLDER that holds it]; or folder PATH [SIDE] [grey|rgb] with a folder "
    "for each class"
)
AUGMENTATIONS = tuple(PRESETS)


def open_data(
    words: list[str],
    seed: int,
    download: bool = False,
    tell: Callable[[Progress], object] | None = None,
) -> DataSet:
    """Return the data that `words` name: a source, and a count or a folder where it takes one.

    `download` says that the user agrees to fetch what is missing; `tell` hears of the progress.
    Raises BadData.
    """
    return finish(_opening(words, seed, download), tell)


def _opening(words: list[str], seed: int, download: bool) -> Working[DataSet]:
    match words:
        case ["digits"]:
            return digits(seed)
        case ["shapes"]:
            return shapes(seed=seed)
        case ["shapes", count] if count.isdecimal():
            return shapes(int(count), seed)
        case [name, *place] if name in CLASSICS and len(place) <= 1:
            root = Path(*place) if place else data_home()
            return (yield from obtain(name, root, seed)) if download else classic(name, root, seed)
        case ["folder", place, *how]:
            side, grey = _reading(how)
            return (yield from load((yield from scan(Path(place))), side, grey, seed))
        case _:
            raise BadData(f"There is no data called {' '.join(words)!r}; choose {HELP}.")


def _reading(how: list[str]) -> tuple[int | None, bool | None]:
    """Return the side and whether grey, as chosen for a folder, None as proposed."""
    sides = [int(word) for word in how if word.isdecimal()]
    colours = [word == "grey" for word in how if word in ("grey", "rgb")]
    if len(sides) + len(colours) != len(how) or len(sides) > 1 or len(colours) > 1:
        raise BadData(
            f"After the folder comes the size of the images, such as 32, and grey or rgb, not "
            f"{' '.join(how)!r}."
        )
    return next(iter(sides), None), next(iter(colours), None)


def lasting(words: list[str]) -> list[str]:
    """Return `words` with the whole path of a folder, to be understood from anywhere."""
    match words:
        case [name, place, *how] if name in CLASSICS or name == "folder":
            return [name, str(Path(place).resolve()), *how]
        case _:
            return words


def data_home() -> Path:
    """Return the folder for downloaded data when the user has not chosen one."""
    return user_data() / "data"


def augmentation(name: str, dataset: DataSet) -> Pipeline | None:
    """Return the preset `name` as it suits the data, or None when nothing is to be done."""
    if name not in PRESETS:
        raise ValueError(f"There is no augmentation {name!r}; choose {', '.join(PRESETS)}.")
    return suited(PRESETS[name], dataset)


def suited(pipeline: Pipeline, dataset: DataSet) -> Pipeline | None:
    """Return a preset as it suits the data, and one's own exactly as it is; None for nothing."""
    if pipeline.name == OWN:
        return pipeline
    chosen = pipeline.suited(dataset.channels, dataset.may_mirror)
    return chosen if chosen.operations else None
