"""The pipeline as a list to compose: add, remove, reorder, switch off, change; preset and fill."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualizer.learning.operations import GROUPS, KINDS, Operation
from visualizer.learning.pipeline import OWN, PRESET_TITLES, PRESETS, Pipeline
from visualizer.ui import icons
from visualizer.ui.pages.augment_row import OperationRow
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card, scrolled
from visualizer.ui.widgets.fields import LabelledChoice, LabelledSlider
from visualizer.ui.widgets.menu_button import give_menu
from visualizer.ui.widgets.wrapped_label import WrappedLabel

if TYPE_CHECKING:
    from visualizer.state.augment_work import Row

_OWN = (OWN, "Your own", "Composed here")
_FILLS = (
    ("constant", "Fill: constant", "One grey outside the image"),
    ("nearest", "Fill: nearest", "The edge, repeated"),
    ("reflect", "Fill: reflect", "The mirror image; the edge itself comes twice"),
    ("wrap", "Fill: wrap", "The image begins again on the other side"),
)
_AROUND = 36  # px at any scale, at the sides of the rows
_EMPTY = "Nothing is done: every image is shown to the network as it is. Add an operation below."


class PipelineCard(Card):
    """Shows the pipeline and emits what the user asks for. Writes no model.

    Signals:
        changed(int, dict, str): other fields of an operation, and a merge key.
        added(str), removed(int), moved(int, int): an operation comes, goes, or goes elsewhere.
        presetChosen(str), fillChosen(str), levelChosen(float, str).
        problem(str): why what is typed cannot be used; "" once it can.
    """

    changed = Signal(int, dict, str)
    added = Signal(str)
    removed = Signal(int)
    moved = Signal(int, int)
    presetChosen = Signal(str)
    fillChosen = Signal(str)
    levelChosen = Signal(float, str)
    problem = Signal(str)

    def __init__(self, theme: Theme, files: list[QAction]) -> None:
        """Build it; `files` are the commands that open, save and copy a pipeline."""
        super().__init__("Pipeline")
        self._theme = theme
        options = [(key, *PRESET_TITLES[key]) for key in PRESETS]
        self.preset = LabelledChoice(
            theme, "", [*options, None, _OWN], name="Preset", tip="Take one of these pipelines"
        )
        self.preset.set_enabled_keys(set(PRESETS))
        self.fill = LabelledChoice(
            theme, "", _FILLS, name="Fill", tip="What lies outside the image once it is moved"
        )
        tip = "The grey outside the image: 0 is black, 1 is white"
        self.level = LabelledSlider(theme, "grey", 0, 1, step=0.05, decimals=2, tip=tip)
        for control in (self.preset, self.fill):
            leave_focus(control)
        self.rows = _Rows(theme)
        self.add_button = _menu_button("Add operation", self._add_menu())
        self._file_button = _menu_button("File", QMenu())
        for action in files:
            self._file_button.menu().addAction(action)
        self._file_button.setToolTip("Open, save and copy pipelines")
        self._problem = WrappedLabel("error")
        self._problem.hide()
        self._lay_out()
        self.preset.currentChanged.connect(self.presetChosen)
        self.fill.currentChanged.connect(self.fillChosen)
        self.level.valueChanged.connect(
            lambda level: self.levelChosen.emit(level, self.level.merge_key)
        )
        for signal in ("changed", "removed", "moved", "problem"):
            getattr(self.rows, signal).connect(getattr(self, signal))
        self.level.problem.connect(self.problem)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_pipeline(self, pipeline: Pipeline) -> None:
        """Show what is composed."""
        self.preset.set_current(pipeline.name)
        self.fill.set_current(pipeline.fill)
        self.level.set_value(pipeline.level)
        self.level.setVisible(pipeline.fill == "constant")
        self.rows.show_pipeline(pipeline)
        on, count = len(pipeline.active), len(pipeline.operations)
        whole = "1 operation" if count == 1 else f"{count} operations"
        self.note.setText(whole if on == count else f"{on} of {count} on")

    def show_steps(self, index: int, row: "Row") -> None:
        """Show the steps of an operation."""
        if index < len(self.rows.rows):
            self.rows.rows[index].show_steps(row)

    def clear_steps(self) -> None:
        """Show no steps of any operation."""
        for row in self.rows.rows:
            row.clear_steps()

    def remark(self, index: int, text: str) -> None:
        """Say something about an operation."""
        self.rows.rows[index].remark(text)

    def refuse(self, sentence: str) -> None:
        """Say why something cannot be done; "" when it can."""
        self._problem.set_text(sentence)
        self._problem.setVisible(bool(sentence))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the rows be as high as goes with the width."""
        super().resizeEvent(event)
        self._fit_rows()

    def _fit_rows(self) -> None:
        # By the card's width: that of the rows depends on their height, by way of the scroll bar.
        self.rows.fit(self.width() - self._theme.px(10) - _AROUND)

    def _lay_out(self) -> None:
        self.top.insertWidget(1, self.preset)
        scroll = scrolled(self.rows)
        scroll.verticalScrollBar().rangeChanged.connect(self._show_focused)
        self.list = scroll
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.add_button)
        foot.addWidget(self.fill)
        foot.addWidget(self.level)
        foot.addStretch(1)
        foot.addWidget(self._file_button)
        self.body.addWidget(scroll, 1)
        self.body.addWidget(self._problem)
        self.body.addLayout(foot)

    def _add_menu(self) -> QMenu:
        menu = QMenu()
        menu.setToolTipsVisible(True)
        for group in GROUPS:
            if not menu.isEmpty():
                menu.addSeparator()
            for key, kind in KINDS.items():
                if kind.group == group:
                    action = menu.addAction(kind.title)
                    action.setToolTip(kind.hint)
                    action.triggered.connect(partial(self._add, key))
        return menu

    def _add(self, kind: str) -> None:
        self.added.emit(kind)
        if self.rows.rows:
            self.rows.rows[-1].setFocus()

    def _show_focused(self) -> None:
        """Keep the row with the focus in sight: a new one gets its height only after its place."""
        for row in self.rows.rows:
            if row.hasFocus():
                self.list.ensureWidgetVisible(row)

    def _restyle(self) -> None:
        px, colors = self._theme.px, self._theme.colors
        self.add_button.setIcon(icons.icon("mdi6.plus", color=colors.text))
        icons.fit(self._theme, self.add_button)
        self.level.setFixedWidth(px(96))
        self.preset.setMinimumWidth(px(190))
        self._fit_rows()


class _Rows(QWidget):
    """The rows of the operations, and the line that shows where a dragged one would go."""

    changed = Signal(int, dict, str)
    removed = Signal(int)
    moved = Signal(int, int)
    problem = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rows: list[OperationRow] = []
        self._row_width = 0
        self._target: int | None = None  # the gap above this row, while one is dragged
        self._focus: int | None = None  # the row to have the focus once it is where it goes
        self._empty = WrappedLabel("muted")
        self._empty.set_text(_EMPTY)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 6, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self._empty)
        self._column.addStretch(1)

    def fit(self, width: int) -> None:
        """Let the rows be as high as goes with a width."""
        self._row_width = width
        for row in self.rows:
            row.fit(width)

    def show_pipeline(self, pipeline: Pipeline) -> None:
        """Show the operations; a row goes with its kind, so that it keeps the focus."""
        spare, self.rows = list(self.rows), []
        for index, operation in enumerate(pipeline.operations):
            fitting = [row for row in spare if row.kind is KINDS[operation.kind]]
            if fitting:
                row = fitting[0]
                spare.remove(row)
                row.show_operation(operation)
            else:
                row = self._make(operation)
            self.rows.append(row)
            if self._column.indexOf(row) != index + 1:
                self._column.removeWidget(row)
                self._column.insertWidget(index + 1, row)
        for row in spare:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._empty.setVisible(not self.rows)
        if self._focus is not None and self.rows:
            self.rows[min(self._focus, len(self.rows) - 1)].setFocus()
        self._focus = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint where the dragged row would go."""
        if self._target is None or not self.rows:
            return
        gap = self._column.spacing() / 2
        if self._target < len(self.rows):
            y = self.rows[self._target].y() - gap
        else:
            y = self.rows[-1].geometry().bottom() + gap
        with QPainter(self) as painter:
            painter.setPen(QPen(self._theme.color("here"), 2))
            painter.drawLine(QPointF(0, y), QPointF(self.width(), y))

    def _make(self, operation: Operation) -> OperationRow:
        row = OperationRow(self._theme, operation)
        row.fit(self._row_width)
        row.changed.connect(lambda fields, merge: self.changed.emit(self._at(row), fields, merge))
        row.removed.connect(lambda: self._ask_remove(row))
        row.moved.connect(lambda by: self._ask_move(row, self._at(row) + by))
        row.dragged.connect(self._drag)
        row.dropped.connect(lambda: self._release(row))
        row.problem.connect(self.problem)
        return row

    def _at(self, row: OperationRow) -> int:
        return self.rows.index(row)

    def _ask_remove(self, row: OperationRow) -> None:
        self._focus = self._at(row)
        self.removed.emit(self._at(row))

    def _ask_move(self, row: OperationRow, to: int) -> None:
        if 0 <= to < len(self.rows):
            self._focus = to
            self.moved.emit(self._at(row), to)

    def _drag(self, pointer: QPointF) -> None:
        y = self.mapFromGlobal(pointer).y()
        self._target = sum(row.geometry().center().y() < y for row in self.rows)
        self.update()

    def _release(self, row: OperationRow) -> None:
        target, self._target = self._target, None
        self.update()
        if target is not None:
            here = self._at(row)
            self._ask_move(row, target - (target > here))


def _menu_button(text: str, menu: QMenu) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    give_menu(button, menu)
    menu.setParent(button, menu.windowFlags())
    return button
