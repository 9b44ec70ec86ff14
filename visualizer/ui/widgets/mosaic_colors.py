"""The colours of a mosaic's tiles; the tables for them are made once for a theme."""

import numpy as np
import numpy.typing as npt

from visualizer.ui.theme import Theme
from visualizer.ui.widgets import map_scale
from visualizer.ui.widgets.map_scale import Scale, Style


class MosaicColors:
    """Turns the numbers of tiles into colours."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._tables: dict[Style, map_scale.Argb] = {}

    def forget(self) -> None:
        """Make the tables anew, in the theme's present colours."""
        self._tables.clear()

    def of(self, maps: npt.NDArray, scale: Scale, style: Style) -> map_scale.Argb:
        """Return the colours (C, h, w) of numbers (C, h, w), of style "colour": (C, h, w, 3)."""
        if style == "colour":
            return self._packed(maps, scale)
        if style not in self._tables:
            self._tables[style] = map_scale.color_table(style, self._theme)
        return self._tables[style].take(scale.levels(maps))

    def _packed(self, maps: npt.NDArray, scale: Scale) -> map_scale.Argb:
        if maps.dtype == np.uint8:
            return map_scale.packed(maps)
        colors = map_scale.packed(scale.levels(maps, 255))
        invalid = ~np.isfinite(maps).all(-1)
        if invalid.any():
            colors[invalid] = self._theme.color("invalid").rgba()
        return colors
