"""From the words of a command to data and augmentation."""

from visualizer.learning.datasets import BadData, DataSet
from visualizer.learning.digits import digits
from visualizer.learning.learner import Augment
from visualizer.learning.shapes import shapes

HELP = "digits (the default) or shapes [COUNT]: both come along"
AUGMENTATIONS = ("none",)


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


def augmentation(name: str) -> Augment | None:
    """Return what the preset `name` does to the training images, or None for "none"."""
    if name not in AUGMENTATIONS:
        raise ValueError(f"There is no augmentation {name!r}.")
    return None
