"""Typing a small picture as numbers: one plane, or red, green and blue."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QUndoStack
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualizer.core.display import to_rgb8
from visualizer.core.examples import EXAMPLES
from visualizer.core.numbers import format_number, parse_grid
from visualizer.core.patterns import PATTERNS, Pattern, random_digits
from visualizer.state.matrix import SIDE_LIMIT, Cell, MatrixDraft
from visualizer.state.model import Model
from visualizer.ui import icons, undo
from visualizer.ui.dialogs.matrix_table import MatrixTable
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import label
from visualizer.ui.widgets.fields import LabelledSlider, SegmentedButtons
from visualizer.ui.widgets.menu_button import give_menu
from visualizer.ui.widgets.pixel_preview import PixelPreview

_COLOURS = ("Red", "Green", "Blue")
_HINT = (
    "Type numbers or fractions such as 1/9. Ctrl+V pastes a block from a spreadsheet, "
    "Delete makes 0. Whole numbers from 0 to 255 become 8-bit, others 32-bit float."
)


class MatrixDialog(QDialog):
    """Edits a draft of numbers; every change can be undone.

    Signals:
        made(object): the Image of the numbers.
    """

    made = Signal(object)

    def __init__(
        self, theme: Theme, draft: MatrixDraft, name: str = "", parent: QWidget | None = None
    ) -> None:
        """Start from `draft`; `name` is that of the picture being edited, "" for a new one."""
        super().__init__(parent)
        self._theme = theme
        self._name = name
        self._seed = 0
        self._model = Model(draft)
        self._undo = QUndoStack(self)
        self.setWindowTitle("Edit matrix" if name else "New matrix")
        self.rows = LabelledSlider(theme, "Rows", 1, SIDE_LIMIT)
        self.columns = LabelledSlider(theme, "Columns", 1, SIDE_LIMIT)
        self.channels = SegmentedButtons(
            theme,
            (("1", "Grey", "One channel"), ("3", "R G B", "Three channels")),
            name="Channels",
        )
        self.planes = SegmentedButtons(
            theme,
            [
                (str(i), colour, f"The {colour.lower()} numbers")
                for i, colour in enumerate(_COLOURS)
            ],
            name="Channel being edited",
        )
        self.table = MatrixTable(theme)
        self.preview = PixelPreview(theme, 230, "The numbers as a picture")
        self._facts = label("", "number")
        self.fit_to_paste = QCheckBox("A pasted block sets the size")
        self.fit_to_paste.setChecked(True)
        self.fit_to_paste.setToolTip("Otherwise it is put in at the current cell")
        self._reason = label("", "error")
        self._reason.setWordWrap(True)
        self.show_button = QPushButton("Show")
        self._lay_out()
        self._connect()
        self._render(draft)
        self.table.setFocus()

    @property
    def draft(self) -> MatrixDraft:
        """The numbers as they stand."""
        return self._model.settings

    @property
    def sentence(self) -> str:
        """Why the numbers cannot be shown, or the last block not be pasted; "" when all is well."""
        return self._reason.text()

    def paste(self, text: str, cell: Cell) -> None:
        """Put a block of numbers in, at `cell` or as the whole plane."""
        try:
            draft = self.draft.with_block(cell, parse_grid(text), self.fit_to_paste.isChecked())
        except ValueError as error:
            self._reason.setText(str(error))
        else:
            self._edit("paste numbers", draft)

    def fill(self, what: str, values: npt.NDArray) -> None:
        """Put in a plane (H, W), or a whole matrix (H, W, 3)."""
        if values.ndim == 3:
            self._edit(what, MatrixDraft.from_array(values))
        else:
            self._edit(what, self.draft.with_block((self._channel, 0, 0), values, resize=True))

    def _connect(self) -> None:
        self._model.changed.connect(self._changed)
        self._model.edited.connect(self._record)
        self.rows.valueChanged.connect(self._resize)
        self.columns.valueChanged.connect(self._resize)
        self.channels.changed.connect(self._set_channels)
        self.planes.changed.connect(lambda _: self._render(self.draft))
        self.table.typed.connect(
            lambda cell, text: self._edit("type a number", self.draft.with_text(cell, text))
        )
        self.table.cleared.connect(self._clear)
        self.table.pasted.connect(lambda cell, text: self.paste(text, cell))
        self.show_button.clicked.connect(self._make)

    @property
    def _channel(self) -> int:
        return int(self.planes.current()) if self.draft.channels == 3 else 0

    def _edit(self, what: str, draft: MatrixDraft) -> None:
        self._model.edit(what, planes=draft.planes)

    def _changed(self, before: MatrixDraft, after: MatrixDraft) -> None:
        self._render(after)

    def _record(self, edit: object) -> None:
        undo.record(self._undo, edit, lambda: None)  # type: ignore[arg-type]

    def _resize(self) -> None:
        draft = self.draft.resized(int(self.rows.value()), int(self.columns.value()))
        gesture = self.rows.merge_key + self.columns.merge_key
        self._model.edit("change the size", gesture, planes=draft.planes)

    def _set_channels(self, key: str) -> None:
        self._edit("change the channels", self.draft.with_channels(int(key), self._channel))

    def _clear(self, chosen: list[Cell]) -> None:
        draft = self.draft
        for cell in chosen:
            draft = draft.with_text(cell, "0")
        self._edit("clear", draft)

    def _fill_with(self, pattern: Pattern) -> None:
        self.fill(pattern.title.lower(), pattern.fill(self.draft.height, self.draft.width))

    def _random(self) -> None:
        self.fill("random digits", random_digits(self.draft.height, self.draft.width, self._seed))
        self._seed += 1

    def _make(self) -> None:
        draft = self.draft
        name = self._name or f"matrix {draft.height} × {draft.width}"
        self.made.emit(draft.image(name))
        self.accept()

    def _render(self, draft: MatrixDraft) -> None:
        self.rows.set_value(draft.height)
        self.columns.set_value(draft.width)
        self.channels.set_current(str(draft.channels))
        self.planes.setVisible(draft.channels == 3)
        self.table.show_draft(draft, self._channel)
        invalid = self._theme.rgb("invalid")
        self.preview.set_picture(to_rgb8(draft.values, *draft.value_range, invalid))
        self.show_button.setEnabled(not draft.problems)
        self._say(draft)

    def _say(self, draft: MatrixDraft) -> None:
        size = " × ".join(str(n) for n in (draft.height, draft.width, draft.channels))
        if draft.problems:
            more = len(draft.problems) - 1
            others = f" {more} more cannot be used." if more else ""
            self._reason.setText(next(iter(draft.problems.values())) + others)
            self._facts.setText(size)
        else:
            image = draft.image("")
            low, high = (format_number(float(f(draft.values))) for f in (np.min, np.max))
            self._reason.setText("")
            self._facts.setText(f"{size}, {image.pixels.dtype}, {low} to {high}")

    def _examples(self) -> QToolButton:
        button = QToolButton()
        button.setText("Examples")
        button.setAccessibleName("Examples")
        button.setToolTip("Fill in numbers from an example")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        button.setIcon(icons.icon("mdi6.chevron-down", color=self._theme.colors.muted))
        menu = QMenu(button)
        for example in EXAMPLES:
            action = menu.addAction(example.title)
            action.triggered.connect(lambda _, e=example: self.fill(e.title, np.asarray(e.pixels)))
        menu.addSeparator()
        for pattern in PATTERNS:
            action = menu.addAction(pattern.title)
            action.triggered.connect(lambda _, p=pattern: self._fill_with(p))
        menu.addAction("Random digits").triggered.connect(self._random)
        give_menu(button, menu)
        return button

    def _undo_button(self, action: QAction, icon: str, keys: QKeySequence.StandardKey) -> QWidget:
        action.setShortcut(keys)
        action.setIcon(
            icons.icon(icon, color=self._theme.colors.text, color_disabled=self._theme.colors.faint)
        )
        button = QToolButton()
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(action.text())
        return button

    def _lay_out(self) -> None:
        px = self._theme.px
        redo = self._undo.createRedoAction(self, "Redo")
        back = self._undo.createUndoAction(self, "Undo")
        top = QHBoxLayout()
        top.setSpacing(px(12))
        for side in (self.rows, self.columns):
            side.setFixedWidth(px(130))
            top.addWidget(side)
        top.addWidget(self.channels)
        top.addStretch(1)
        top.addWidget(self._undo_button(back, "mdi6.undo", QKeySequence.StandardKey.Undo))
        top.addWidget(self._undo_button(redo, "mdi6.redo", QKeySequence.StandardKey.Redo))
        top.addWidget(self._examples())
        left = QVBoxLayout()
        left.setSpacing(px(4))
        left.addWidget(self.planes)
        left.addWidget(self.table, 1)
        hint = label(_HINT, "caption")
        hint.setWordWrap(True)
        right = QVBoxLayout()
        right.setSpacing(px(10))
        for widget in (self.preview, self._facts, self.fit_to_paste, hint):
            right.addWidget(widget)
        right.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(px(16))
        middle.addLayout(left, 1)
        middle.addLayout(right)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(18), px(16), px(18), px(16))
        column.setSpacing(px(12))
        column.addLayout(top)
        column.addLayout(middle, 1)
        column.addLayout(self._buttons())
        self.resize(px(860), px(600))

    def _buttons(self) -> QHBoxLayout:
        self.show_button.setProperty("role", "primary")
        self.show_button.setDefault(True)
        self.show_button.setToolTip("Put the matrix on show on every page")
        cancel = QPushButton("Cancel")
        cancel.setToolTip("Keep the picture on show (Esc)")
        cancel.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self._reason, 1)
        row.addWidget(cancel)
        row.addWidget(self.show_button)
        return row

    def done(self, result: int) -> None:
        """Go away for good."""
        super().done(result)
        self.deleteLater()
