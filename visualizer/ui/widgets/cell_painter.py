"""Paints whole grids of cells fast enough for sixty pictures a second.

Every back of a cell and every text is drawn once, kept as a small picture, and copied from then
on. Colours are looked up in tables made by `cells.number_cell`, so that a cell looks the same
wherever it is painted.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap

from visualizer.ui.theme import Role, Theme
from visualizer.ui.widgets import cells
from visualizer.ui.widgets.cells import Cell, Lattice, Style

_GREYS, _SIGNS = 256, 129  # entries of the tables; the middle one of the signs is zero
_MOST_TEXTS = 8000

_Text = tuple[QPixmap, float, float]  # and half its width and height


@dataclass(frozen=True, eq=False)
class Grid:
    """What a grid of cells shows: (R, C) texts, and each cell's look without its text, by number.

    The number is a place in the painter's list of looks.
    """

    texts: list[list[str]]
    looks: list[list[int]]


class CellPainter:
    """Paints grids and captions in a theme's colours. Call `forget` when the theme has changed."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._colors = theme.colors
        self._looks: list[Cell] = []
        self._inks: list[str] = []  # of the looks, as #rrggbb
        self._first: dict[Style, int] = {}  # where a style's table begins among the looks
        self._fonts: dict[Role | int, QFont] = {}
        self._backs: dict[tuple[int, float, float, float], QPixmap] = {}
        self._texts: dict[tuple[str, Role | int, str, float], _Text] = {}

    def forget(self) -> None:
        """Drop everything drawn in the former colours and sizes."""
        self._colors = self._theme.colors
        self._looks, self._inks = [], []
        for kept in (self._first, self._fonts, self._backs, self._texts):
            kept.clear()

    def grid(
        self,
        values: npt.NDArray[np.float64],
        texts: list[list[str]],
        style: Style,
        low: float,
        high: float,
        *,
        inside: npt.NDArray[np.bool_] | None = None,
        folded: npt.NDArray[np.bool_] | None = None,
    ) -> Grid:
        """Return the look of (R, C) numbers.

        Args:
            values, texts: the numbers and how they are written.
            style, low, high: as for `cells.number_cell`.
            inside: False where a cell lies in the padding.
            folded: True where a cell stands for several and has no colour.
        """
        first = self._table(style)
        looks = first + 3 + _levels(values, style, low, high)
        looks[~np.isfinite(values)] = first
        if inside is not None:
            looks[~inside] = first + 1
        if folded is not None:
            looks[folded] = first + 2
        return Grid(texts, looks.tolist())

    def paint(self, painter: QPainter, lattice: Lattice, grid: Grid, type_size: float) -> None:
        """Paint a grid."""
        ratio = painter.device().devicePixelRatioF()
        size, inks = int(type_size), self._inks
        width, height = lattice.cell_width, lattice.cell_height
        y = lattice.top
        for texts, looks in zip(grid.texts, grid.looks, strict=True):
            x = lattice.left
            for text, look in zip(texts, looks, strict=True):
                painter.drawPixmap(QPointF(x, y), self._back(look, width, height, ratio))
                if text:
                    self._put(painter, x + width / 2, y + height / 2, text, size, inks[look], ratio)
                x += width + lattice.gap
            y += height + lattice.gap

    def write(
        self, painter: QPainter, x: float, y: float, text: str, font: Role | int, role: str
    ) -> None:
        """Write `text` around (x, y) in a role's colour; `font` may be a size of digits."""
        ratio = painter.device().devicePixelRatioF()
        self._put(painter, x, y, text, font, getattr(self._colors, role), ratio)

    def width(self, text: str, font: Role | int) -> float:
        """Return how wide `write` writes."""
        return QFontMetricsF(self._font(font)).horizontalAdvance(text)

    def _put(
        self,
        painter: QPainter,
        x: float,
        y: float,
        text: str,
        font: Role | int,
        color: str,
        ratio: float,
    ) -> None:
        known = self._texts.get((text, font, color, ratio))
        if known is None:
            if len(self._texts) > _MOST_TEXTS:
                self._texts.clear()
            known = self._texts[text, font, color, ratio] = self._text(text, font, color, ratio)
        tile, half_width, half_height = known
        painter.drawPixmap(QPointF(round(x - half_width), round(y - half_height)), tile)

    def _text(self, text: str, font: Role | int, color: str, ratio: float) -> _Text:
        used = self._font(font)
        metrics = QFontMetricsF(used)

        def draw(painter: QPainter, rect: QRectF) -> None:
            painter.setFont(used)
            painter.setPen(QColor(color))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

        extent = QSizeF(metrics.horizontalAdvance(text) + 2, metrics.height())
        tile = _tile(extent, ratio, draw)
        half = tile.deviceIndependentSize() / 2
        return tile, half.width(), half.height()

    def _font(self, font: Role | int) -> QFont:
        if font not in self._fonts:
            self._fonts[font] = (
                cells.digits_font(self._theme, font)
                if isinstance(font, int)
                else self._theme.font(font)
            )
        return self._fonts[font]

    def _back(self, look: int, width: float, height: float, ratio: float) -> QPixmap:
        key = (look, width, height, ratio)
        tile = self._backs.get(key)
        if tile is None:
            tile = self._backs[key] = _tile(
                QSizeF(width, height),
                ratio,
                lambda painter, rect: cells.paint_cell(
                    painter, self._theme, rect, self._looks[look]
                ),
            )
        return tile

    def _table(self, style: Style) -> int:
        """Return where the style's looks begin: invalid, padding, folded, then its levels."""
        if style not in self._first:
            theme, first = self._theme, len(self._looks)
            count = {"grey": _GREYS, "signed": _SIGNS, "plain": 1}[style]
            low, high = (0.0, 1.0) if style == "grey" else (-1.0, 1.0)
            self._looks += [
                cells.number_cell(theme, np.nan, "", style, low, high),
                cells.padding_cell(theme, ""),
                cells.folded_cell(theme, ""),
                *(
                    cells.number_cell(theme, value, "", style, low, high)
                    for value in np.linspace(low, high, count).tolist()
                ),
            ]
            self._inks = [look.ink.name() for look in self._looks]
            self._first[style] = first
        return self._first[style]


def _tile(extent: QSizeF, ratio: float, draw: Callable[[QPainter, QRectF], None]) -> QPixmap:
    """Return a picture of `extent`, sharp on a screen of this pixel ratio."""
    tile = QPixmap((extent * ratio).toSize())
    tile.setDevicePixelRatio(ratio)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw(painter, QRectF(QPointF(0, 0), tile.deviceIndependentSize()))
    painter.end()
    return tile


def _levels(
    values: npt.NDArray[np.float64], style: Style, low: float, high: float
) -> npt.NDArray[np.intp]:
    """Return each number's place among the levels of its style."""
    finite = np.where(np.isfinite(values), values, 0.0)
    if style == "grey":
        share = (finite - low) / (high - low) if high > low else np.full(values.shape, 0.5)
        return np.rint(np.clip(share, 0, 1) * (_GREYS - 1)).astype(np.intp)
    if style == "signed":
        half = _SIGNS // 2
        share = np.clip(finite / high, -1, 1) * half if high > 0 else np.zeros(values.shape)
        away = np.where(share > 0, np.ceil(share), np.floor(share))  # only 0 looks like 0
        return away.astype(np.intp) + half
    return np.zeros(values.shape, np.intp)
