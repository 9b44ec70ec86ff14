"""The painted part of the arithmetic strip: folding, layout and colours of one cell's numbers."""

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from visualizer.core.convolution import Cell
from visualizer.core.numbers import format_number
from visualizer.ui.theme import Role, Theme
from visualizer.ui.widgets import cells
from visualizer.ui.widgets.cell_painter import CellPainter, Grid
from visualizer.ui.widgets.strip_layout import Plan, Wanted, plan
from visualizer.ui.widgets.strip_numbers import (
    FOLD,
    NEVER_FOLDED,
    NEVER_FOLDED_OF_MANY,
    Folding,
    Shown,
    equation,
    shown,
)

_FOLDS = (None, 5, 3)  # places, tried in this order until everything fits
_PLANE_COLORS = {"R": "red", "G": "green", "B": "blue"}


class Content(NamedTuple):
    """What is shown besides the numbers themselves."""

    cell: Cell
    row: int
    column: int
    planes: tuple[str, ...]
    activation: str
    low: float
    high: float


class StripCanvas(QWidget):
    """The painted part of the strip."""

    hovered = Signal(int, int)
    left = Signal()
    planned = Signal(bool, str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._content: Content | None = None
        self._text = ""
        self._exact = self._hidden = self._unfolded = False
        self._highlight: tuple[int, int] | None = None
        self._pointed: tuple[int, int] | None = None
        self._room = QSize(0, 0)
        self._rows, self._columns = Folding.to(1, None), Folding.to(1, None)
        self._shown: Shown | None = None
        self._longest: dict[str, int] = {}
        self._key: object = None
        self._plan: Plan | None = None
        self._painter = CellPainter(theme)
        self._grids: list[tuple[list[cells.Lattice], list[Grid]]] = []
        self.setMouseTracking(True)

    def show_cell(self, content: Content) -> None:
        """Show a cell, laid out as the one before if that serves."""
        before, self._content = self._content, content
        if before is None or not _same_shape(before, content):
            self.replan()
        else:
            self._show()

    def show_text(self, text: str) -> None:
        """Show a sentence in place of a cell."""
        self._content, self._shown, self._plan = None, None, None
        self._text = text
        self.setMinimumSize(0, 0)
        self.setAccessibleDescription(text)
        self.planned.emit(False, "")
        self.update()

    def set_exact(self, exact: bool) -> None:
        """Show up to nine digits, or few."""
        if exact != self._exact:
            self._exact = exact
            self.replan()

    def set_hidden(self, hidden: bool) -> None:
        """Show "?" for the sums and the output."""
        if hidden != self._hidden:
            self._hidden = hidden
            if self._content is not None:
                self._describe()
            self.update()

    def set_unfolded(self, unfolded: bool) -> None:
        """Show every number, however much room it needs."""
        self._unfolded = unfolded
        self.replan()

    def set_highlight(self, weight: tuple[int, int] | None) -> None:
        """Outline a weight of the kernel in every grid, or none."""
        if weight != self._highlight:
            self._highlight = weight
            self.update()

    def set_room(self, room: QSize) -> None:
        """Fit into a room of this size, where that is possible."""
        if room != self._room:
            self._room = room
            self.replan()

    def is_rounded(self) -> bool:
        """Tell whether the word "rounded" stands somewhere."""
        said = self._shown
        return said is not None and (any(said.rounded) or said.total_rounded)

    def restyle(self) -> None:
        """Take the theme's colours and sizes."""
        self._painter.forget()
        self.replan()

    def replan(self) -> None:
        """Lay everything out anew."""
        self._longest, self._plan = {}, None
        if self._content is not None:
            self._fold()
            self._show()
        self.update()

    def wanted_size(self) -> QSize:
        """Return the room in which the present cell's digits are easy to read."""
        px = self._theme.px
        planes, rows = (1, 3)
        if self._content is not None:
            planes, rows, _ = self._content.cell.weights.shape
        if planes == 1:
            return QSize(px(900), px(170))
        return QSize(px(1000), px(planes * min(rows, NEVER_FOLDED) * 22 + planes * 8 + 30))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cell, or the sentence."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._content is None or self._shown is None or self._plan is None:
            painter.setFont(self._theme.font("body"))
            painter.setPen(self._theme.color("muted"))
            painter.drawText(
                self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._text
            )
            return
        for lattices, grids in self._grids:
            for lattice, grid in zip(lattices, grids, strict=True):
                self._painter.paint(painter, lattice, grid, self._plan.type_size)
        self._paint_outlines(painter)
        self._paint_signs(painter, self._plan, self._shown)
        self._paint_results(painter, self._plan, self._shown)
        self._paint_captions(painter, self._plan, self._shown, self._content)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a weight."""
        self._point_at(self._weight_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at no weight."""
        self._point_at(None)

    def event(self, event: QEvent) -> bool:
        """Answer a request for the tooltip with the full precision of what is under the pointer."""
        if event.type() == QEvent.Type.ToolTip:
            position = self.cursor().pos()
            QToolTip.showText(position, self._tip(QPointF(self.mapFromGlobal(position))), self)
            return True
        return super().event(event)

    def _fold(self) -> None:
        """Choose the first folding with which everything fits; unfolded, scroll instead."""
        assert self._content is not None
        planes, height, width = self._content.cell.weights.shape
        whole = NEVER_FOLDED if planes == 1 else NEVER_FOLDED_OF_MANY
        for places in (None,) if self._unfolded else _FOLDS:
            self._rows = Folding.to(height, places, whole)
            self._columns = Folding.to(width, places, whole)
            self._write_texts()
            self._measure()
            made = plan(self._wanted(), QSizeF(self._room), self._theme.px)
            if made.size.height() <= self._room.height() and (
                made.size.width() <= self._room.width()
            ):
                break
            self._longest = {}
        foldable = self._unfolded or self._rows.hidden > 0 or self._columns.hidden > 0
        words = "Fold" if self._unfolded else f"Show all {height} × {width}"
        self.planned.emit(foldable and max(height, width) > whole, words)

    def _show(self) -> None:
        self._write_texts()
        if self._measure() or self._plan is None:
            self._plan = plan(self._wanted(), QSizeF(self._room), self._theme.px)
            self.setMinimumSize(self._plan.size.toSize())
        self._colour()
        self._describe()
        self.update()

    def _describe(self) -> None:
        content, said = self._content, self._shown
        assert content is not None and said is not None
        result = "hidden" if self._hidden else f"{said.before}, activated {said.output}"
        self.setAccessibleDescription(
            f"output row {content.row}, column {content.column}: sum and bias {result}"
        )

    def _write_texts(self) -> None:
        assert self._content is not None
        self._shown = shown(self._content.cell, self._rows, self._columns, self._exact)

    def _measure(self) -> bool:
        """Note the longest texts; they only grow, so that nothing jumps while stepping."""
        said = self._shown
        assert said is not None
        found = {
            "patch": max(cells.longest(plane) for plane in said.patches),
            "weight": max(cells.longest(plane) for plane in said.weights),
            "product": max(cells.longest(plane) for plane in said.products),
            "plane_sum": max(map(len, said.sums)),
            "total": max(len(said.before), len(said.output)),
        }
        grown = {kind: max(n, self._longest.get(kind, 0)) for kind, n in found.items()}
        changed = grown != self._longest
        self._longest = grown
        return changed

    def _wanted(self) -> Wanted:
        content = self._content
        assert content is not None
        width = self._painter.width
        many = len(content.cell.weights) > 1
        names = [width(name, "caption") for name in content.planes] if many else []
        terms = len(content.cell.weights) * (self._longest["plane_sum"] + 3) if many else 14
        terms += 6 if many and content.cell.bias else 0
        patch, weight, product = (width(text, "caption") for text in self._grid_captions())
        return Wanted(
            planes=len(content.cell.weights),
            rows=len(self._rows.indices),
            columns=len(self._columns.indices),
            **self._longest,
            captions=(patch, weight, product),
            name=max(names, default=0.0),
            notes=(
                width("0" * terms, "small_number"),
                width(content.activation, "caption"),
                width("output [0000, 0000]", "caption"),
            ),
            rounded=width("rounded", "caption"),
        )

    def _colour(self) -> None:
        content, said, made = self._content, self._shown, self._plan
        assert content is not None and said is not None and made is not None
        cell, grid = content.cell, self._painter.grid
        shown_at = np.ix_(self._rows.starts, self._columns.starts)
        folded = self._rows.folded[:, np.newaxis] | self._columns.folded
        inside = cell.inside[shown_at]
        heaviest = float(np.abs(cell.weights).max())
        strongest = float(np.abs(said.folded[np.isfinite(said.folded)]).max(initial=0.0))
        patches, weights, products = [], [], []
        for p in range(len(cell.weights)):
            patches.append(
                grid(
                    cell.patches[p][shown_at], said.patches[p], "grey", content.low, content.high,
                    inside=inside, folded=folded,
                )
            )  # fmt: skip
            values = cell.weights[p][shown_at]
            weights.append(
                grid(values, said.weights[p], "signed", -heaviest, heaviest, folded=folded)
            )
            products.append(grid(said.folded[p], said.products[p], "signed", -strongest, strongest))
        self._grids = [
            (made.patches, patches), (made.weights, weights), (made.products, products),
        ]  # fmt: skip

    def _paint_outlines(self, painter: QPainter) -> None:
        rows, columns = self._rows.indices, self._columns.indices
        for marked in (self._highlight, self._pointed):
            if marked is None or marked[0] not in rows or marked[1] not in columns:
                continue
            row, column = rows.index(marked[0]), columns.index(marked[1])
            for lattices, _ in self._grids:
                for lattice in lattices:
                    cells.paint_outline(painter, self._theme, lattice.rect(row, column), width=1.5)

    def _paint_signs(self, painter: QPainter, made: Plan, said: Shown) -> None:
        big, small = self._theme.px(22), self._theme.px(18)
        for sign, slots in (("×", made.times), ("=", made.equals), ("Σ", made.sigmas)):
            for slot in slots:
                self._write(painter, slot.center(), sign, big, "muted")
        if made.sums:
            self._write(painter, made.total_sign.center(), "=", big, "muted")
        self._write(painter, made.arrow.center(), "→", big, "muted")
        for slot, rounded in zip(made.sigmas, said.rounded, strict=True):
            if rounded and not self._hidden:
                below = slot.center() + QPointF(0, small)
                self._write(painter, below, "rounded", "caption", "here")

    def _paint_results(self, painter: QPainter, made: Plan, said: Shown) -> None:
        theme, radius = self._theme, self._theme.px(5)
        for slot, text in zip(made.sums, said.sums, strict=False):
            self._write(painter, slot.center(), self._asked(text), int(made.sum_type), "text")
        painter.setPen(QPen(theme.color("here"), 1))
        painter.setBrush(theme.color("here_tint"))
        painter.drawRoundedRect(made.total, radius, radius)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("field"))
        painter.drawRoundedRect(made.output, radius, radius)
        size = int(made.box_type)
        self._write(painter, made.total.center(), self._asked(said.before), size, "here")
        self._write(painter, made.output.center(), self._asked(said.output), size, "text")

    def _paint_captions(self, painter: QPainter, made: Plan, said: Shown, content: Content) -> None:
        if made.sums:
            for grid, name in zip(made.patches, content.planes, strict=False):
                left = grid.left - self._theme.px(8) - self._painter.width(name, "caption") / 2
                role = _PLANE_COLORS.get(name, "muted")
                self._write(painter, QPointF(left, grid.bounds.center().y()), name, "caption", role)
        below = made.captions_top + self._theme.px(9)
        for lattices, text in zip(
            (made.patches, made.weights, made.products), self._grid_captions(), strict=True
        ):
            centre = QPointF(lattices[0].bounds.center().x(), below)
            self._write(painter, centre, text, "caption", "muted")
        if made.sums:
            self._write(painter, QPointF(made.sums[0].center().x(), below), "sums")
        under = QPointF(0, self._theme.px(30) + self._theme.px(14))
        total, output = made.total.center() + under, made.output.center() + under
        self._write(painter, total, f"sum + bias {said.bias}")
        self._write(painter, output, f"output [{content.row}, {content.column}]")
        if content.activation != "none":
            above = made.arrow.center() - QPointF(0, self._theme.px(20))
            self._write(painter, above, content.activation)
        if not self._hidden and (content.cell.bias or made.sums):
            terms = [*said.sums, said.bias] if content.cell.bias else said.sums
            line = total + QPointF(0, self._theme.px(17))
            self._write(painter, line, equation(terms), "small_number")
            if said.total_rounded:
                above = made.total.center() - QPointF(0, self._theme.px(42))
                self._write(painter, above, "rounded", "caption", "here")

    def _grid_captions(self) -> tuple[str, str, str]:
        folded = self._rows.hidden or self._columns.hidden
        products = f"products, {FOLD} added up" if folded else "products"
        return "pixels under the window", "kernel", products

    def _write(
        self,
        painter: QPainter,
        centre: QPointF,
        text: str,
        font: Role | int = "caption",
        role: str = "muted",
    ) -> None:
        self._painter.write(painter, centre.x(), centre.y(), text, font, role)

    def _asked(self, text: str) -> str:
        return "?" if self._hidden else text

    def _weight_at(self, point: QPointF) -> tuple[int, int] | None:
        for lattices, _ in self._grids if self._content is not None else []:
            for lattice in lattices:
                place = lattice.at(point)
                if place is not None:
                    row, column = self._rows.indices[place[0]], self._columns.indices[place[1]]
                    return None if row is None or column is None else (row, column)
        return None

    def _point_at(self, weight: tuple[int, int] | None) -> None:
        if weight == self._pointed:
            return
        self._pointed = weight
        self.update()
        if weight is None:
            self.left.emit()
        else:
            self.hovered.emit(*weight)

    def _tip(self, point: QPointF) -> str:
        weight = self._weight_at(point)
        if weight is None or self._content is None:
            return ""
        cell = self._content.cell
        lines = []
        for p in range(len(cell.weights)):
            a, b, c = (
                format_number(float(part[p, weight[0], weight[1]]), digits=9)
                for part in (cell.patches, cell.weights, cell.products)
            )
            lines.append(f"{a} × {b} = {c}")
        where = "" if cell.inside[weight] else "\npadding: outside the image"
        return "\n".join(lines) + where


def _same_shape(a: Content, b: Content) -> bool:
    """Tell whether the layout made for `a` serves `b`: the same kernel, names and activation."""
    same_weights = a.cell.weights is b.cell.weights or np.array_equal(
        a.cell.weights, b.cell.weights
    )
    same_bias = bool(a.cell.bias) == bool(b.cell.bias)
    return same_weights and same_bias and (a.planes, a.activation) == (b.planes, b.activation)
