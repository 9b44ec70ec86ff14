"""Where the names of marked steps stand, so that none crosses the line of another mark."""

from collections.abc import Sequence

Flag = tuple[int, bool]


def arrange(places: Sequence[float], widths: Sequence[float], room: float) -> list[Flag]:
    """Return for each name its row, 0 at the end of the lines, and whether it stands at the left.

    Each begins at its own line, which ends at it: those of lower rows stop short of the rows above.
    A name stands at the right of its line unless it would leave the plot, or reach a line whose
    name stands at the left. `places` and `widths` are in px from the left of a plot `room` wide.
    """
    order = sorted(range(len(places)), key=lambda i: places[i])
    left: list[int] = []
    end = room
    for i in reversed(order):
        if places[i] + widths[i] > end and places[i] >= min(widths[i], room / 2):
            left.append(i)
            end = places[i]
    rows = [*left, *(i for i in order if i not in left)]
    return [(rows.index(i), i in left) for i in range(len(places))]
