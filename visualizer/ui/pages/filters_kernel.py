"""The kernel card: choosing a kernel, editing its weights, and the other numbers of the filter."""

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from visualizer.core import kernels
from visualizer.core.kernels import MAX_SIDE, Kernel
from visualizer.core.numbers import format_number
from visualizer.core.presets import groups
from visualizer.state.filters import LaidFilter
from visualizer.ui.pages.filters_changes import ChangeButtons, IconButton
from visualizer.ui.pages.filters_controls import Parameters, leave_focus
from visualizer.ui.pages.filters_presets import PresetSliders
from visualizer.ui.pages.picture_cards import FIRST_ROW, MiddleCard
from visualizer.ui.theme import Theme
from visualizer.ui.tooltips import plain
from visualizer.ui.widgets.card import label, scrolled
from visualizer.ui.widgets.fields import LabelledChoice, SegmentedButtons
from visualizer.ui.widgets.kernel_editor import KernelEditor
from visualizer.ui.widgets.menu_button import give_menu
from visualizer.ui.widgets.spin import Spin

_OWN = "own:"  # before the name of a kernel the user has saved
# All in px at scale 1.
_LEAST_HEIGHT = 300
_ROOMY = 545  # and from here on there is room for what the preset does
_LEAST, _LEAST_WIDE, _LEAST_WITH_TABS = (180, 90), (140, 70), (110, 60)  # the kernel, turned
_LEAST_CELL = 30

_UNDER_CHOICE, _SLIDERS_IN_A_ROW = 1, 3


class KernelCard(MiddleCard):
    """Shows the filter's numbers and asks for others. Writes no model.

    Signals:
        presetChosen(key, parameters, merge key): the user wants a preset.
        ownChosen(name): the user wants a kernel saved earlier.
        weightsEdited(weights, merge key): the shown plane's weights (kh, kw) are others.
        sizeWanted(rows, columns, block): another size; a pasted block or None.
        changeWanted(label, function): the whole kernel is to be changed.
        planeChosen(index): another plane is to be shown.
        edited(label, merge key, changes): other settings are wanted.
        weightHovered(row, column), weightLeft(): the weight under the pointer, as edited.
    """

    tall_from = 490  # then the numbers stand under the kernel
    widths = (384, 556)

    presetChosen = Signal(str, tuple, str)
    ownChosen = Signal(str)
    weightsEdited = Signal(object, str)
    sizeWanted = Signal(int, int, object)
    changeWanted = Signal(str, object)
    planeChosen = Signal(int)
    edited = Signal(str, str, dict)
    weightHovered = Signal(int, int)
    weightLeft = Signal()

    def __init__(self, theme: Theme, menu: QMenu, undo: QAction) -> None:
        """Build it. `menu` is for what is done with own kernels, `undo` takes an edit back."""
        super().__init__(theme, "Kernel")
        self._laid: LaidFilter | None = None
        self._tall = True
        self._own: list[str] | None = None
        self._problems: dict[str, str] = {}
        self._chooser = LabelledChoice(theme, "", name="Preset", tip="Choose a kernel")
        self._chooser.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        leave_focus(self._chooser)
        self._rows, self._columns = (
            Spin(theme, "Kernel rows", 1, MAX_SIDE),
            Spin(theme, "Kernel columns", 1, MAX_SIDE),
        )
        for spin in (self._rows, self._columns):
            leave_focus(spin)
        self._menu = IconButton(
            theme, "mdi6.dots-vertical", "Save, delete, import and export kernels of your own"
        )
        give_menu(self._menu, menu)
        self._menu.setAccessibleName("Own kernels")
        self._about = label("", "caption")
        self._about.setWordWrap(True)
        self._sliders = PresetSliders(theme)
        self._planes = QWidget()
        self._tabs: SegmentedButtons | None = None
        self.editor = KernelEditor(theme)
        self.turned = KernelEditor(theme, read_only=True)
        self._turned_box, self._side = QWidget(), QWidget()
        self._problem = label("", "error")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self.top.insertWidget(1, self._problem, 10)
        self._parameters = Parameters(theme)
        self.changes = ChangeButtons(theme, undo)
        self._copy = IconButton(theme, "mdi6.content-copy", "Copy this plane to all planes")
        self._lay_out()
        self._connect()
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_laid(self, laid: LaidFilter) -> None:
        """Show a filter."""
        self._laid = laid
        settings, kernel = laid.settings, laid.settings.kernel
        plane = min(settings.plane, kernel.planes - 1)
        self._show_choice(settings.preset, kernel)  # also after one that was refused
        self.note.setText(_described(kernel, laid.bands, plane))
        with QSignalBlocker(self._rows), QSignalBlocker(self._columns):
            self._rows.setValue(kernel.height)
            self._columns.setValue(kernel.width)
        self._sliders.show_preset(settings.preset, settings.parameters)
        self._show_planes(laid, plane)
        self.editor.set_value(kernel.weights[plane])
        self._turned_box.setVisible(settings.flip)
        if settings.flip:
            self.turned.set_value(kernel.weights[plane][::-1, ::-1])
        self._parameters.show_laid(laid)
        self._show_side()
        self._fit_editor(kernel)
        self.say("")

    def show_own(self, names: list[str]) -> None:
        """Offer the kernels the user has saved."""
        if names == self._own:
            return
        self._own = list(names)
        options: list = []
        for heading, presets in groups().items():
            options += [heading, *((p.key, p.title, p.about) for p in presets)]
        options += ["Own kernels", *((_OWN + name, name) for name in names), ("", "Own kernel")]
        self._chooser.set_options(options)
        self._chooser.set_enabled_keys(
            {option[0] for option in options if isinstance(option, tuple) and option[0]}
        )
        if self._laid is not None:
            self._show_choice(self._laid.settings.preset, self._laid.settings.kernel)

    def say(self, sentence: str, source: str = "") -> None:
        """Show why something cannot be done ("" once it can); each source has its own sentence."""
        self._problems.pop(source, None)
        if sentence:
            self._problems[source] = sentence
        said = next(reversed(self._problems.values()), "")  # the latest
        if said != self._problem.text():
            self._problem.setText(said)
            self._problem.setToolTip(plain(said))
            self._problem.setVisible(bool(said))
            self.note.setVisible(not said)
            self.heading.setVisible(not (said and self._tall))

    def light(self, row: int | None, column: int = 0) -> None:
        """Outline a weight, as edited, and where it lies when turned; None: none."""
        self.editor.set_highlight(row, column)
        if row is None:
            self.turned.set_highlight(None)
        else:
            height, width = self.editor.value().shape
            self.turned.set_highlight(height - 1 - row, width - 1 - column)

    def least_height(self) -> int:
        """Return the height at which nothing scrolls, where the numbers stand beside the kernel."""
        outside = self.height() - self._scroll.viewport().height()
        for layout in (self._editing.layout(), self._numbers.layout(), self._whole):
            assert layout is not None
            layout.invalidate()  # what was shown or hidden just now counts at once
            layout.activate()
        inside = self._whole.minimumSize().height()
        return self._theme.px(_LEAST_HEIGHT) if self._tall else outside + inside

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the numbers under the kernel, or beside it where there is little height."""
        super().resizeEvent(event)
        self._arrange()

    def _lay_out(self) -> None:
        choosing = QHBoxLayout()
        choosing.setSpacing(6)
        choosing.addWidget(self._chooser, 1)
        choosing.addWidget(self._rows)
        choosing.addWidget(label("×", "muted"))
        choosing.addWidget(self._columns)
        choosing.addWidget(self._menu)
        self._planes_row = QHBoxLayout(self._planes)
        self._planes_row.setContentsMargins(0, 0, 0, 0)
        self._planes_row.addStretch(1)
        self._planes_row.addWidget(self._copy)
        column = _column(self._turned_box)
        column.addWidget(self.turned, 1)
        caption = label("turned by 180°", "caption")
        column.addWidget(caption, 0, Qt.AlignmentFlag.AlignHCenter)
        self._beside = _column(self._side)
        self._beside.addStretch(1)
        self._beside.addWidget(self._turned_box)
        self._beside.addStretch(1)
        editing = QHBoxLayout()
        editing.setSpacing(12)
        editing.addWidget(self.editor, 4)
        editing.addWidget(self._side, 3)
        self._editing, self._numbers = QWidget(), QWidget()
        kernel = _column(self._editing)
        kernel.addWidget(self._planes)
        kernel.addLayout(editing, 1)
        self._listed = _column(self._numbers)
        self._listed.addWidget(self._parameters)
        self._listed.addStretch(1)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(10)
        inside = QWidget()
        self._whole = _column(inside)
        self._whole.addLayout(choosing)
        self._whole.addWidget(self._about)
        self._whole.addLayout(self._grid, 1)
        self._scroll = scrolled(inside)
        self.body.addWidget(self._scroll)

    def _connect(self) -> None:
        self._chooser.currentChanged.connect(self._chosen)
        self._sliders.changed.connect(self.presetChosen)
        for spin in (self._rows, self._columns):
            spin.valueChanged.connect(self._resize_kernel)
        self.editor.valueEdited.connect(self.weightsEdited)
        self.editor.sizeWanted.connect(self.sizeWanted)
        self.editor.problem.connect(lambda sentence: self.say(sentence, "editor"))
        self.editor.weightHovered.connect(self.weightHovered)
        self.editor.weightLeft.connect(self.weightLeft)
        self._parameters.edited.connect(self.edited)
        self._parameters.problem.connect(lambda sentence: self.say(sentence, "parameters"))
        self._copy.clicked.connect(self._copy_plane)
        self.changes.changeWanted.connect(self.changeWanted)

    def _arrange(self) -> None:
        """Put the numbers under the kernel, or beside it."""
        tall = self.is_tall_at(self.height())
        places = (
            (self._editing, (0, 0, 1, 1)),
            (self.changes, (1, 0, 1, 1) if tall else (1, 0, 1, 2)),
            (self._numbers, (2, 0, 1, 1) if tall else (0, 1, 1, 1)),
        )
        for widget, place in places:
            self._grid.removeWidget(widget)
            self._grid.addWidget(widget, *place)
        self._grid.setRowStretch(0, 0 if tall else 1)
        self._grid.setRowStretch(3, 1 if tall else 0)
        self._grid.setColumnStretch(0, 3)
        self._grid.setColumnStretch(1, 0 if tall else 4)
        if tall:
            self._beside.insertWidget(0, self._sliders)
        else:
            self._whole.insertWidget(_UNDER_CHOICE, self._sliders)
        self._sliders.set_columns(1 if tall else _SLIDERS_IN_A_ROW)
        self._tall = tall
        self.heading.setVisible(not (tall and self._problem.text()))
        self._show_side()
        if self._laid is not None:
            self._fit_editor(self._laid.settings.kernel)
        self.setFixedWidth(self.width_at(self.height()))

    def _show_side(self) -> None:
        """Keep room beside the kernel only when something stands there."""
        side = (self._tall and not self._sliders.empty) or not self._turned_box.isHidden()
        self._side.setVisible(side)
        self._about.setVisible(
            self._tall and self._sliders.empty and self.height() >= self._theme.px(_ROOMY)
        )

    def _fit_editor(self, kernel: Kernel) -> None:
        """Let the cells of a large kernel become smaller than digits: its pattern still shows."""
        px = self._theme.px
        wide = _LEAST_WIDE if kernel.planes == 1 else _LEAST_WITH_TABS
        wanted = _LEAST if self._tall else wide
        for editor, least in zip((self.editor, self.turned), wanted, strict=True):
            editor.setMinimumSize(
                min(px(least), kernel.width * px(_LEAST_CELL)),
                min(px(least), kernel.height * px(_LEAST_CELL)),
            )

    def _show_choice(self, preset: str, kernel: Kernel) -> None:
        if self._own is None:
            self.show_own([])
            return
        own = kernel.name if kernel.name in self._own else ""
        self._chooser.set_current(preset or (own and _OWN + own))
        about = next((p.about for g in groups().values() for p in g if p.key == preset), "")
        self._about.setText(about or kernel.name)

    def _show_planes(self, laid: LaidFilter, plane: int) -> None:
        """Show a tab for each plane, named and counted as the channels are."""
        count = laid.settings.kernel.planes
        self._planes.setVisible(count > 1)
        if count == 1:
            return
        keys = [str(i) for i in range(count)]
        texts = tuple(laid.bands)
        if self._tabs is None or self._tabs.property("bands") != list(texts):
            if self._tabs is not None:
                self._tabs.hide()
                self._tabs.deleteLater()
            tabs = [
                (key, text, f"The plane for {text}") for key, text in zip(keys, texts, strict=True)
            ]
            self._tabs = SegmentedButtons(self._theme, tabs, name="Plane")
            self._tabs.setProperty("bands", list(texts))
            self._tabs.changed.connect(lambda key: self.planeChosen.emit(int(key)))
            leave_focus(self._tabs)
            self._planes_row.insertWidget(0, self._tabs)
        self._tabs.set_current(str(plane))

    def _chosen(self, key: str) -> None:
        if key.startswith(_OWN):
            self.ownChosen.emit(key.removeprefix(_OWN))
        elif key:
            self.presetChosen.emit(key, (), "")

    def _resize_kernel(self) -> None:
        self.sizeWanted.emit(self._rows.value(), self._columns.value(), None)

    def _copy_plane(self) -> None:
        weights = self.editor.value()

        def copied(kernel: Kernel) -> Kernel:
            return Kernel(np.repeat(weights[np.newaxis], kernel.planes, axis=0), kernel.name)

        self.changeWanted.emit("copy to all planes", copied)

    def _restyle(self) -> None:
        px = self._theme.px
        self.set_top_height(px(FIRST_ROW))
        self._problem.setFixedHeight(px(FIRST_ROW))
        self._problem.setStyleSheet(f"font-size: {self._theme.font('caption').pixelSize()}px")
        self._arrange()


def _described(kernel: Kernel, bands: tuple[str, ...], plane: int) -> str:
    if kernel.planes == 1:
        return f"{kernel.height} × {kernel.width} · {kernels.describe(kernel)}"
    whole, own = (format_number(s) for s in (kernel.sum, float(kernel.weights[plane].sum())))
    return f"filter: {kernel.planes} planes · sum {whole} · {bands[plane]}: sum {own}"


def _column(parent: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(parent)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    return column
