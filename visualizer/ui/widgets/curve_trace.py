"""A long row of noisy numbers, kept short enough to be drawn many times a second."""

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

MOST_BINS = 500  # two points each: no curve has more than 1,000
_SMOOTHED_OVER = 40  # the strong curve is a mean over this part of the whole, either side, twice


class Trace:
    """Numbers at growing steps, gathered in bins that know their least, greatest and mean number.

    Appending costs no more in the millionth step than in the first: when there are too many bins,
    neighbours are merged.
    """

    def __init__(self) -> None:
        # one row a bin: first step, last step, least, greatest, sum, how many
        self._bins: Numbers = np.zeros((0, 6))
        self._open: Numbers = np.zeros((0, 2))  # points that do not fill a bin yet
        self._width = 1

    def __len__(self) -> int:
        return int(self._bins[:, 5].sum()) + len(self._open)

    @property
    def last_step(self) -> float:
        """The greatest step, or 0 where there is none."""
        if len(self._open):
            return float(self._open[-1, 0])
        return float(self._bins[-1, 1]) if len(self._bins) else 0.0

    def append(self, steps: npt.ArrayLike, values: npt.ArrayLike) -> None:
        """Add numbers; what is not finite is left out.

        Where the steps start again from an earlier one, what was after it is forgotten, as after
        going back to a snapshot.
        """
        points = np.column_stack([np.asarray(steps, np.float64), np.asarray(values, np.float64)])
        points = points[np.isfinite(points[:, 1])]
        if not len(points):
            return
        # what is followed by a smaller step was gone back over
        least_after = np.minimum.accumulate(points[::-1, 0])[::-1]
        kept = np.append(points[:-1, 0] < least_after[1:], True)
        self._forget_from(float(least_after[0]))
        self._open = np.concatenate([self._open, points[kept]])
        self._close_bins()

    def envelope(self) -> tuple[Numbers, Numbers]:
        """Return steps and values that show the whole range of the numbers, (n,) each."""
        bins = self._all()
        if self._width == 1:
            return bins[:, 0], bins[:, 2]
        return bins[:, :2].ravel(), bins[:, 2:4].ravel()

    def smoothed(self) -> tuple[Numbers, Numbers]:
        """Return steps and means of the numbers around them, (n,) each."""
        bins = self._all()
        middle = (bins[:, 0] + bins[:, 1]) / 2
        if len(bins):
            middle[-1] = bins[-1, 1]
        reach = len(bins) // _SMOOTHED_OVER
        counts = bins[:, 5]
        means = _mean_around(bins[:, 4] / counts, counts, reach)
        return middle, _mean_around(means, counts, reach)

    def _all(self) -> Numbers:
        if not len(self._open):
            return self._bins
        return np.concatenate([self._bins, _binned(self._open, len(self._open))])

    def _forget_from(self, step: float) -> None:
        if self.last_step >= step:
            self._open = self._open[self._open[:, 0] < step]
            self._bins = self._bins[self._bins[:, 1] < step]

    def _close_bins(self) -> None:
        while True:
            full = len(self._open) // self._width * self._width
            fitting = (2 * MOST_BINS - len(self._bins)) * self._width
            taken = min(full, fitting)
            self._bins = np.concatenate([self._bins, _binned(self._open[:taken], self._width)])
            self._open = self._open[taken:]
            if len(self._bins) < MOST_BINS:
                return
            self._bins = _merged(self._bins)
            self._width *= 2


def _binned(points: Numbers, width: int) -> Numbers:
    grouped = points.reshape(-1, width, 2)
    steps, values = grouped[..., 0], grouped[..., 1]
    counts = np.full(len(grouped), float(width))
    columns = steps[:, 0], steps[:, -1], values.min(1), values.max(1), values.sum(1), counts
    return np.column_stack(columns)


def _merged(bins: Numbers) -> Numbers:
    even = len(bins) // 2 * 2
    a, b = bins[:even:2], bins[1:even:2]
    pairs = np.column_stack(
        [a[:, 0], b[:, 1], np.minimum(a[:, 2], b[:, 2]), np.maximum(a[:, 3], b[:, 3]),
         a[:, 4] + b[:, 4], a[:, 5] + b[:, 5]]
    )  # fmt: skip
    return np.concatenate([pairs, bins[even:]])


def _mean_around(values: Numbers, counts: Numbers, reach: int) -> Numbers:
    """Return the mean over each value and `reach` neighbours either side.

    Near the beginning, where losses fall fast, as few after it as there are before it; near the
    end those that are there.
    """
    if reach == 0:
        return values
    sums = np.append(0.0, np.cumsum(values * counts))
    totals = np.append(0.0, np.cumsum(counts))
    here = np.arange(len(values))
    reaches = np.minimum(here, reach)
    low, high = here - reaches, np.minimum(here + reaches + 1, len(values))
    return (sums[high] - sums[low]) / (totals[high] - totals[low])
