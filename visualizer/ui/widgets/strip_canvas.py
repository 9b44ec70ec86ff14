"""The painted part of the arithmetic strip: folding, layout and colours of one cell's numbers."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from visualizer.ui.theme import Role, Theme
from visualizer.ui.widgets import cells
from visualizer.ui.widgets.cell_painter import CellPainter, Grid
from visualizer.ui.widgets.strip_layout import Column, Plan, Wanted, WantedPart, plan
from visualizer.ui.widgets.strip_numbers import NEVER_FOLDED, NEVER_FOLDED_OF_MANY, Folding
from visualizer.ui.widgets.strip_parts import (
    Arithmetic,
    Box,
    Numbers,
    Part,
    Sign,
    Sums,
    says_rounded,
)

_FOLDS = (None, 5, 3)  # places, tried in this order until everything fits
_PLANE_COLORS = {"R": "red", "G": "green", "B": "blue"}
_ASKED = "?"
_SPARE = 40  # px at scale 1: three rows of cells get closer by as much before digits shrink


class StripCanvas(QWidget):
    """The painted part of the strip."""

    hovered = Signal(int, int)
    left = Signal()
    clicked = Signal(int, int, int)
    planned = Signal(bool, str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._content: Arithmetic | None = None
        self._exact = self._hidden = self._unfolded = False
        self._lines, self._most_lines = 1, 1
        self._highlight: tuple[int, int] | None = None
        self._pointed: tuple[int, int] | None = None
        self._room, self._bar, self._head = QSize(0, 0), 0, 0
        self._foldable = False
        self._rows, self._columns = Folding.to(1, None), Folding.to(1, None)
        self._parts: Sequence[Part] = ()
        self._needs: list[WantedPart] = []
        self._plan: Plan | None = None
        self._painter = CellPainter(theme)
        self._grids: list[tuple[list[cells.Lattice], list[Grid]]] = []
        self.setMouseTracking(True)

    def show_cell(self, content: Arithmetic) -> None:
        """Show a cell, laid out as the one before if that serves."""
        before, self._content = self._content, content
        if before is None or not content.laid_out_like(before):
            self.replan()
        else:
            self._show()

    def set_exact(self, exact: bool) -> None:
        """Show up to nine digits, or few."""
        if exact != self._exact:
            self._exact = exact
            self.replan()

    def set_hidden(self, hidden: bool) -> None:
        """Show "?" for what the class is asked for."""
        if hidden != self._hidden:
            self._hidden = hidden
            if self._plan is not None:
                self._colour()
                self._describe()
            self.update()

    def set_unfolded(self, unfolded: bool) -> None:
        """Show every number, however much room it needs."""
        self._unfolded = unfolded
        self.replan()

    def set_most_lines(self, lines: int) -> None:
        """Use up to so many lines, 1 or 2, where one is too wide."""
        if lines != self._most_lines:
            self._most_lines = lines
            self.replan()

    def height_of_two_lines(self, width: int) -> int:
        """Return the least height of all of the present cell in two lines so wide.

        0 where one line is wide enough, and where two are not.
        """
        if self._content is None:
            return 0
        _, height, across = self._content.shape
        rows, columns = Folding.to(height, None), Folding.to(across, None)
        parts = self._content.parts(rows, columns, self._exact)
        wanted = self._wanted(rows, columns, [self._need(part) for part in parts])
        one, two = (
            plan(replace(wanted, second=second), QSizeF(width, 0), self._theme.px).size
            for second in (0, _second_line(parts))
        )
        return 0 if one.width() <= width or two.width() > width else round(two.height())

    def set_highlight(self, place: tuple[int, int] | None) -> None:
        """Outline a row and column in every grid, or none."""
        if place != self._highlight:
            self._highlight = place
            self.update()

    def set_room(self, room: QSize, bar: int, head: int) -> None:
        """Fit into a room of this size, where that is possible.

        A scroll bar takes `bar` of its height, and the button of what can be folded `head`.
        """
        if (room, bar, head) != (self._room, self._bar, self._head):
            self._room, self._bar, self._head = room, bar, head
            self.replan()

    def is_rounded(self) -> bool:
        """Tell whether the word "rounded" stands somewhere."""
        return any(says_rounded(part) for part in self._parts)

    def restyle(self) -> None:
        """Take the theme's colours and sizes."""
        self._painter.forget()
        self.replan()

    def replan(self) -> None:
        """Lay everything out anew."""
        self._needs, self._plan = [], None
        if self._content is not None:
            self._fold()
            self._show()
        self.update()

    def wanted_size(self) -> QSize:
        """Return the room in which the present cell's digits are easy to read."""
        px = self._theme.px
        planes, rows, _ = self._shape()
        if planes == 1:
            return QSize(px(900), px(170))
        return QSize(px(1000), px(planes * min(rows, NEVER_FOLDED) * 22 + planes * 8 + 30))

    def spare_height(self) -> int:
        """Return how much of the wanted height can be missing while the digits stay as large."""
        planes, _, _ = self._shape()
        return self._theme.px(_SPARE) if planes == 1 else 0

    def _shape(self) -> tuple[int, int, int]:
        return (1, 3, 3) if self._content is None else self._content.shape

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cell."""
        made = self._plan
        if made is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for lattices, grids in self._grids:
            for lattice, grid in zip(lattices, grids, strict=True):
                self._painter.paint(painter, lattice, grid, made.type_size)
        self._paint_outlines(painter)
        for part, column in zip(self._parts, made.columns, strict=True):
            below = column.below + self._theme.px(9)
            if isinstance(part, Numbers):
                centre = QPointF(column.grids[0].bounds.center().x(), below)
                self._write(painter, centre, part.caption)
            elif isinstance(part, Sign):
                self._paint_sign(painter, part, column)
            elif isinstance(part, Sums):
                self._paint_sums(painter, part, column, int(made.sum_type), below)
            else:
                self._paint_box(painter, part, column.box, int(made.box_type))
        self._paint_names(painter, made)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a place of the grids."""
        self._point_at(self._place_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell which plane, row and column was clicked."""
        found = self._found_at(event.position())
        if found is not None:
            self.clicked.emit(*found)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at no place."""
        self._point_at(None)

    def event(self, event: QEvent) -> bool:
        """Answer a request for the tooltip with the full precision of what is under the pointer."""
        if event.type() == QEvent.Type.ToolTip:
            position = self.cursor().pos()
            QToolTip.showText(position, self._tip(QPointF(self.mapFromGlobal(position))), self)
            return True
        return super().event(event)

    # Layout

    def _fold(self) -> None:
        """Choose the first folding with which everything fits; unfolded, scroll instead."""
        assert self._content is not None
        _, height, width = self._content.shape
        self._foldable = False
        self._fold_to(_FOLDS)
        self._foldable = self._is_folded()
        if self._unfolded:
            self._fold_to((None,))
        words = "Fold" if self._unfolded else f"Show all {height} × {width}"
        self.planned.emit(self._foldable, words)

    def _is_folded(self) -> bool:
        return self._rows.hidden > 0 or self._columns.hidden > 0

    def _free(self) -> QSize:
        """Return the room for numbers, without the button's."""
        has_button = self._foldable or self._is_folded()
        return self._room - QSize(0, self._head if has_button else 0)

    def _fold_to(self, ways: Sequence[int | None]) -> None:
        """Fold in the first of these ways with which everything fits, or else in the last."""
        assert self._content is not None
        planes, height, width = self._content.shape
        whole = NEVER_FOLDED if planes == 1 else NEVER_FOLDED_OF_MANY
        for places in ways:
            if places == _FOLDS[-1]:  # in a room this narrow nothing is too small to be folded
                whole = NEVER_FOLDED_OF_MANY
            self._rows = Folding.to(height, places, whole)
            self._columns = Folding.to(width, places, whole)
            for lines in range(1, self._most_lines + 1):
                self._lines, self._needs = lines, []
                made, room = self._planned(), self._free()
                if made.size.height() <= room.height() and made.size.width() <= room.width():
                    return

    def _show(self) -> None:
        before, made = self._plan, self._planned()
        if before is None or made is not before:
            self._plan = made
            self.setMinimumSize(made.size.toSize())
        self._colour()
        self._describe()
        self.update()

    def _planned(self) -> Plan:
        """Return the layout of the present cell: the former one where everything fits into it."""
        assert self._content is not None
        self._parts = self._content.parts(self._rows, self._columns, self._exact)
        needs = [self._need(part) for part in self._parts]
        if len(needs) == len(self._needs):  # they only grow, so that nothing jumps while stepping
            needs = [
                WantedPart(new.kind, max(new.letters, old.letters), max(new.least, old.least))
                for new, old in zip(needs, self._needs, strict=True)
            ]
        if needs == self._needs and self._plan is not None:
            return self._plan
        self._needs = needs
        wanted = self._wanted(self._rows, self._columns, needs)
        if self._lines == 2:
            wanted = replace(wanted, second=_second_line(self._parts))
        room = self._free()
        made = plan(wanted, QSizeF(room), self._theme.px)
        if made.size.width() <= room.width():
            return made
        return plan(wanted, QSizeF(room - QSize(0, self._bar)), self._theme.px)

    def _wanted(self, rows: Folding, columns: Folding, needs: Sequence[WantedPart]) -> Wanted:
        assert self._content is not None
        names = [self._painter.width(name, "caption") for name in self._content.names]
        shown = len(rows.indices), len(columns.indices)
        return Wanted(self._content.shape[0], *shown, needs, max(names, default=0.0))

    def _need(self, part: Part) -> WantedPart:
        width = self._painter.width
        if isinstance(part, Numbers):
            letters = max(cells.longest(plane) for plane in part.texts)
            return WantedPart("grid", letters, width(part.caption, "caption"))
        if isinstance(part, Sign):
            noted = max(width(text, "caption") for text in (part.above, part.reserved))
            return WantedPart("sign", 0, noted + self._theme.px(part.margin) if noted else 0.0)
        if isinstance(part, Sums):
            return WantedPart("sums", max(map(len, part.texts)))
        words, digits = part.reserved
        least = max(width(words, "caption"), width(digits, "small_number"))
        return WantedPart("box", len(part.text), least)

    def _colour(self) -> None:
        made = self._plan
        assert made is not None
        self._grids = [
            (column.grids, self._looks(part))
            for part, column in zip(self._parts, made.columns, strict=True)
            if isinstance(part, Numbers)
        ]

    def _looks(self, part: Numbers) -> list[Grid]:
        grid = self._painter.grid
        if part.secret and self._hidden:
            asked = [[_ASKED] * part.values.shape[2]] * part.values.shape[1]
            nothing = np.zeros(part.values.shape[1:])
            return [grid(nothing, asked, "plain", 0.0, 0.0) for _ in part.texts]
        return [
            grid(
                values, texts, part.style, part.low, part.high,
                inside=part.inside, folded=part.folded,
            )
            for values, texts in zip(part.values, part.texts, strict=True)
        ]  # fmt: skip

    def _describe(self) -> None:
        assert self._content is not None
        self.setAccessibleDescription(self._content.spoken(self._parts, self._hidden))

    # Painting

    def _paint_outlines(self, painter: QPainter) -> None:
        if not self._hidden:
            self._paint_marks(painter)
        rows, columns = self._rows.indices, self._columns.indices
        for marked in (self._highlight, self._pointed):
            if marked is None or marked[0] not in rows or marked[1] not in columns:
                continue
            row, column = rows.index(marked[0]), columns.index(marked[1])
            for lattices, _ in self._grids:
                for lattice in lattices:
                    cells.paint_outline(painter, self._theme, lattice.rect(row, column), width=1.5)

    def _paint_marks(self, painter: QPainter) -> None:
        numbers = (part for part in self._parts if isinstance(part, Numbers))
        for part, (lattices, _) in zip(numbers, self._grids, strict=True):
            if part.marked is not None:
                for lattice in lattices:
                    cells.paint_outline(painter, self._theme, lattice.rect(*part.marked), width=2.5)

    def _paint_sign(self, painter: QPainter, part: Sign, column: Column) -> None:
        big, small = self._theme.px(22), self._theme.px(18)
        slots = [column.box] if part.once else column.slots
        each = part.each or (part.below,) * len(slots)
        for slot, below in zip(slots, each, strict=True):
            self._write(painter, slot.center(), part.text, big, "muted")
            if below and not self._hidden:
                under = slot.center() + QPointF(0, small)
                self._write(painter, under, below, "caption", "here")
            if part.above:
                over = slot.center() - QPointF(0, self._theme.px(20))
                self._write(painter, over, part.above)

    def _paint_sums(
        self, painter: QPainter, part: Sums, column: Column, size: int, below: float
    ) -> None:
        for slot, text in zip(column.slots, part.texts, strict=True):
            self._write(painter, slot.center(), _ASKED if self._hidden else text, size, "text")
        self._write(painter, QPointF(column.slots[0].center().x(), below), part.caption)

    def _paint_box(self, painter: QPainter, part: Box, rect: QRectF, size: int) -> None:
        theme, radius = self._theme, self._theme.px(5)
        painter.setPen(QPen(theme.color("here"), 1) if part.here else Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("here_tint" if part.here else "field"))
        painter.drawRoundedRect(rect, radius, radius)
        hidden = self._hidden and not part.given
        centre = rect.center()
        text, role = _ASKED if hidden else part.text, "here" if part.here else "text"
        self._write(painter, centre, text, size, role)
        caption = centre + QPointF(0, theme.px(30) + theme.px(14))
        self._write(painter, caption, part.caption)
        if part.below and not hidden:
            line = caption + QPointF(0, theme.px(17))
            self._write(painter, line, part.below, "small_number")
        if part.above and not hidden:
            above = centre - QPointF(0, theme.px(42))
            self._write(painter, above, part.above, "caption", "here")

    def _paint_names(self, painter: QPainter, made: Plan) -> None:
        names = self._content.names if self._content is not None else ()
        for grid, name in zip(made.columns[0].grids, names, strict=False):
            left = grid.left - self._theme.px(8) - self._painter.width(name, "caption") / 2
            place = QPointF(left, grid.bounds.center().y())
            self._write(painter, place, name, "caption", _PLANE_COLORS.get(name, "muted"))

    def _write(
        self,
        painter: QPainter,
        centre: QPointF,
        text: str,
        font: Role | int = "caption",
        role: str = "muted",
    ) -> None:
        self._painter.write(painter, centre.x(), centre.y(), text, font, role)

    # Pointing

    def _found_at(self, point: QPointF) -> tuple[int, int, int] | None:
        """Return plane, row and column of the number at a point, or None in a fold."""
        for lattices, _ in self._grids if self._content is not None else []:
            for plane, lattice in enumerate(lattices):
                place = lattice.at(point)
                if place is not None:
                    row, column = self._rows.indices[place[0]], self._columns.indices[place[1]]
                    return None if row is None or column is None else (plane, row, column)
        return None

    def _place_at(self, point: QPointF) -> tuple[int, int] | None:
        found = self._found_at(point)
        return None if found is None else found[1:]

    def _point_at(self, place: tuple[int, int] | None) -> None:
        if place == self._pointed:
            return
        self._pointed = place
        self.update()
        if place is None:
            self.left.emit()
        else:
            self.hovered.emit(*place)

    def _tip(self, point: QPointF) -> str:
        place = self._place_at(point)
        return "" if place is None or self._content is None else self._content.tip(*place)


def _second_line(parts: Sequence[Part]) -> int:
    """Return which part may begin a second line; 0 where none may."""
    return next((i for i, p in enumerate(parts) if isinstance(p, Sign) and p.breaks), 0)
