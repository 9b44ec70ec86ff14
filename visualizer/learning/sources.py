"""From the words of a command to data and augmentation."""

from visualizer.learning.datasets import BadData, DataSet, digits
from visualizer.learning.learner import Augment

HELP = "digits (the default, comes along)"
AUGMENTATIONS = ("none",)


def open_data(words: list[str], seed: int) -> DataSet:
    """Return the data that `words` name: a source, and a folder where it needs one.

    Raises BadData.
    """
    match words:
        case ["digits"]:
            return digits(seed)
        case _:
            raise BadData(f"There is no data called {' '.join(words)!r}; choose digits.")


def augmentation(name: str) -> Augment | None:
    """Return what the preset `name` does to the training images, or None for "none"."""
    if name not in AUGMENTATIONS:
        raise ValueError(f"There is no augmentation {name!r}.")
    return None
