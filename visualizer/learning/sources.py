"""From the words of a command to data and augmentation."""

from visualizer.learning.augmentation import PRESETS, Augmentation
from visualizer.learning.datasets import BadData, DataSet
from visualizer.learning.digits import digits
from visualizer.learning.shapes import shapes

HELP = "digits (the default) or shapes [COUNT]: both come along"
AUGMENTATIONS = tuple(PRESETS)


def open_data(words: list[str], seed: int) -> DataSet:
    """Return the data that `words` name: a source, and a count or a folder where it takes one.

    Raises BadData.
    """
    match words:
        case ["digits"]:
            return digits(seed)
        case ["shapes"]:
            return shapes(seed=seed)
        case ["shapes", count] if count.isdecimal():
            return shapes(int(count), seed)
        case _:
            raise BadData(f"There is no data called {' '.join(words)!r}; choose {HELP}.")


def augmentation(name: str, dataset: DataSet) -> Augmentation | None:
    """Return the preset `name` as it suits the data, or None when nothing is to be done."""
    if name not in PRESETS:
        raise ValueError(f"There is no augmentation {name!r}; choose {', '.join(PRESETS)}.")
    chosen = PRESETS[name].for_images(dataset.channels, dataset.may_mirror)
    return chosen if chosen.operations else None
