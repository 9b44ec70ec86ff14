"""One cell of the Pooling page: as the strip shows it, and where its numbers are in the input."""

from visualizer.core.convolution import Cell
from visualizer.core.pooled_cell import PooledCell
from visualizer.state.pooling import PoolFrame
from visualizer.ui.widgets.strip_convolution import ConvolvedCell
from visualizer.ui.widgets.strip_gradient import GradientArithmetic
from visualizer.ui.widgets.strip_parts import Arithmetic
from visualizer.ui.widgets.strip_pooling import PooledArithmetic, Shades


def arithmetic(frame: PoolFrame, row: int, column: int) -> Arithmetic:
    """Return one cell as the strip shows it, forwards or backwards."""
    cell, shades = frame.cell(row, column), _shades(frame)
    if frame.settings.view == "backwards":
        return GradientArithmetic.of(cell, frame.settings.gradient, row, column, shades)
    if isinstance(cell, PooledCell):
        return PooledArithmetic(cell, row, column, shades)
    return ConvolvedCell(cell, row, column, (), "none", *frame.input.scale)


def offered_map(frame: PoolFrame) -> tuple[tuple[str, str, str], ...]:
    """Return the map that was sent here as something to choose."""
    settings = frame.settings
    if settings.sent is None or not settings.has_map(frame.image):
        return ()
    name = settings.sent.name
    return (("map", f"Map: {name}", f"The feature map of {name}, sent from the Filters page"),)


def origin(frame: PoolFrame) -> str:
    """Return what made the map that is pooled, or ""."""
    sent = frame.settings.sent
    if sent is None or not frame.settings.uses_map(frame.image):
        return ""
    return f"feature map of {sent.name}"


def _shades(frame: PoolFrame) -> Shades:
    low, high = frame.input.scale
    return Shades("signed" if frame.input.mode == "diverging" else "grey", low, high)


def chosen(cell: PooledCell | Cell, hidden: bool) -> tuple[int, int] | None:
    """Return the winner's place in the window, unless the class is to find it."""
    if hidden or not isinstance(cell, PooledCell):
        return None
    return cell.chosen


def pixel(cell: PooledCell | Cell, row: int, column: int) -> tuple[int, int] | None:
    """Return the input's row and column at a place of the window; None on padding."""
    if isinstance(cell, PooledCell):
        if cell.kind == "global" or not cell.inside[row, column]:
            return None
        return int(cell.rows[row]), int(cell.columns[column])
    if not cell.inside[row, column]:
        return None
    return int(cell.source_rows[row]), int(cell.source_columns[column])
