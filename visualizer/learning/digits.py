"""Handwritten digits that come along, so that learning needs no network."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from visualizer.learning.datasets import DataSet
from visualizer.learning.splits import SHARES_IN_WORDS, three_parts

_SIDE, _BORDER = 24, 2


def digits(seed: int = 0) -> DataSet:
    """Return the 1,797 handwritten digits that come with scikit-learn, 28×28 grey.

    The originals are 8×8 with 17 levels (E. Alpaydin and C. Kaynak, UCI Machine Learning
    Repository, 1998) and fill their square. They are made three times as large, smoothly, and get
    a border of two pixels, so that kernels without padding see the ends of the strokes too.
    """
    levels, labels = _originals()
    small = levels.float()[:, None] / 16
    large = functional.interpolate(small, (_SIDE, _SIDE), mode="bicubic").clamp(0, 1)
    images = functional.pad(large * 255, (_BORDER,) * 4).round().to(torch.uint8)
    train, validation, test = three_parts(images, labels, seed)
    return DataSet(
        name="digits",
        title="Digits",
        class_names=tuple("0123456789"),
        train=train,
        validation=validation,
        test=test,
        split=SHARES_IN_WORDS,
        notes=("Written by 13 people, 8×8 pixels with 17 levels of grey, enlarged to 28×28.",),
        may_mirror=False,
    )


@cache  # to read them is most of the work, and they are small
def _originals() -> tuple[Tensor, Tensor]:
    """Return levels from 0 to 16, uint8 (N, 8, 8), and labels, int64 (N,)."""
    found = find_spec("sklearn")
    assert found is not None and found.submodule_search_locations
    # scikit-learn itself is not imported: that takes over a second, and only its file is wanted.
    file = Path(found.submodule_search_locations[0]) / "datasets/data/digits.csv.gz"
    table = torch.from_numpy(np.loadtxt(file, np.uint8, delimiter=","))
    return table[:, :-1].view(-1, 8, 8), table[:, -1].long()
