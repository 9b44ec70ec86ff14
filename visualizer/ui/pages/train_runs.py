"""The list of runs, and the state of the layers."""

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QIcon,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPixmap,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QHeaderView,
    QMenu,
    QScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from visualizer.core.numbers import format_share
from visualizer.state.compared_runs import told_apart
from visualizer.state.runs import LONGEST_NAME, Run, Runs
from visualizer.state.training import Experiment
from visualizer.ui.pages.train_form import OPTIMIZER_NAMES, SCHEDULE_NAMES
from visualizer.ui.theme import Theme
from visualizer.ui.tooltips import plain
from visualizer.ui.widgets.card import label

if TYPE_CHECKING:
    from visualizer.learning.snapshot import Snapshot

_RUN_ROLES = ("accent", "positive", "good", "here", "red", "invalid")
_SELDOM_CHANGED = (
    *("activation", "pooling", "batch_norm", "width", "weight_decay", "label_smoothing"),
    *("precision", "deterministic"),
)
_NETWORK = Qt.ItemDataRole.UserRole  # what a run's network is called
_LONGEST = 110  # px at scale 1: a longer name is cut before there is no room for the steps
_AROUND_NUMBERS = 4  # px
_BELOW = 16  # px at scale 1: a line below a run
_STATUS = {"running": "", "finished": "", "stopped": "stopped", "failed": "failed"}


def run_role(run: Run) -> str:
    """Return the role of the colour of a run's curves and of its mark in the list."""
    return _RUN_ROLES[(run.number - 1) % len(_RUN_ROLES)]


def run_is_dashed(run: Run) -> bool:
    """Tell whether a run's curves are dashed: those that a colour is used for a second time."""
    return (run.number - 1) // len(_RUN_ROLES) % 2 == 1


def run_mark(theme: Theme, run: Run) -> QPixmap:
    """Return a square of the colour of a run's curves, hollow where they are dashed."""
    side, line = theme.px(10), theme.px(2)
    mark = QPixmap(side, side)
    mark.fill(Qt.GlobalColor.transparent)
    area = QRegion(mark.rect())
    if run_is_dashed(run):
        area -= QRegion(mark.rect().adjusted(line, line, -line, -line))
    with QPainter(mark) as painter:
        painter.setClipRegion(area)
        painter.fillRect(mark.rect(), theme.color(run_role(run)))
    return mark


def _icon(theme: Theme, run: Run) -> QIcon:
    """Return the mark of a run as an icon that keeps its colour when selected: Qt would tint it."""
    mark = run_mark(theme, run)
    icon = QIcon(mark)
    icon.addPixmap(mark, QIcon.Mode.Selected)
    return icon


def _margin(widget: QWidget) -> int:
    """Return what an item has on either side of its text."""
    metric = QStyle.PixelMetric.PM_FocusFrameHMargin
    return widget.style().pixelMetric(metric, None, widget) + 1


class _Names(QStyledItemDelegate):
    """Writes the network behind a run's name where there is room for it."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Add the network to what is painted, not to what is edited."""
        super().initStyleOption(option, index)
        if network := index.data(_NETWORK):
            both = _with_network(option.text, network)
            if option.rect.isEmpty() or self._fits(both, option):  # empty: how wide would it be?
                option.text = both

    def _fits(self, text: str, option: QStyleOptionViewItem) -> bool:
        part, widget = QStyle.SubElement.SE_ItemViewItemText, option.widget
        room = widget.style().subElementRect(part, option, widget).width()
        return option.fontMetrics.horizontalAdvance(text) + 2 * _margin(widget) <= room


class RunList(QTreeWidget):
    """Shows every run, and below those whose curves are drawn what tells them apart.

    Writes no model.

    Signals:
        showWanted(Run, bool), renameWanted(Run, str), deleteWanted(Run),
        resumeWanted(Run), settingsWanted(Run): what the user asks for.
        pickWanted(Run): the user wants to see the network it has left.
    """

    pickWanted = Signal(object)
    compareWanted = Signal(object)
    showWanted = Signal(object, bool)
    renameWanted = Signal(object, str)
    deleteWanted = Signal(object)
    resumeWanted = Signal(object)
    settingsWanted = Signal(object)

    def __init__(self, theme: Theme, runs: Runs) -> None:
        super().__init__()
        self._theme, self._runs = theme, runs
        self._active: Run | None = None
        self._picked: Run | None = None
        self._doing = ""
        self._shown: list[Run] = []
        self._has_ticked = False  # the click that goes on has ticked a run
        self.setColumnCount(3)
        self.setItemDelegateForColumn(0, _Names(self))
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setAccessibleName("Runs")
        self.setToolTip(
            "Click a run to see the network it has left; tick it to draw its validation beside the "
            "curves of the run in focus; F2 renames, Delete deletes; more by the right button"
        )
        self.setEditTriggers(
            QTreeWidget.EditTrigger.EditKeyPressed | QTreeWidget.EditTrigger.DoubleClicked
        )
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setStretchLastSection(False)
        self.header().setMinimumSectionSize(0)
        for column in (1, 2):
            self.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.itemChanged.connect(self._changed)
        self.itemClicked.connect(self._clicked)
        self.itemActivated.connect(self._pick)
        self._add_delete()
        theme.changed.connect(self._restyle)
        self.show_runs()

    def show_runs(
        self, active: Run | None = None, picked: Run | None = None, doing: str = ""
    ) -> None:
        """Show the list as it is; the network of `picked` is on show.

        `active` goes on now; `doing` says how in one word, such as "paused".
        """
        is_put_back = picked is None and self._picked is not None
        self._active, self._picked, self._doing = active, picked, doing
        runs = list(self._runs)[::-1]
        drawn = [run for run in runs if run.shown]
        apart = dict(zip(drawn, told_apart(drawn), strict=True))
        with QSignalBlocker(self):
            if runs != self._shown:
                self._shown = []  # without its scroll bar the list is resized at once
                self.clear()
                for run in runs:
                    self._add(run)
                self._shown = runs
            for i, run in enumerate(runs):
                item = self.topLevelItem(i)
                assert item is not None
                self._fill(item, run)
                self._write_below(item, apart.get(run, ""))
                if run is picked:
                    self.setCurrentItem(item)
            if is_put_back:
                self.clearSelection()
            self._tell_status()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say what there is room for."""
        super().resizeEvent(event)
        with QSignalBlocker(self):
            self._tell_status()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click, which may tick a run or pick one; the right button only opens the menu."""
        self._has_ticked = False
        if event.button() == Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)

    def _add_delete(self) -> None:
        delete = QAction("Delete", self)
        delete.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        delete.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        delete.triggered.connect(self._delete_current)
        self.addAction(delete)

    def _add(self, run: Run) -> None:
        """Add an item, with what never changes about it."""
        item = QTreeWidgetItem(self)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        item.setIcon(0, _icon(self._theme, run))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column in (1, 2):
            item.setTextAlignment(column, right)
        item.setToolTip(1, "Right of all validation images, when they were last tried")

    def _fill(self, item: QTreeWidgetItem, run: Run) -> None:
        """Set what may change; Qt repaints only what does."""
        accuracy = "" if run.accuracy is None else format_share(run.accuracy)
        item.setText(0, run.name)
        item.setData(0, _NETWORK, run.experiment.design().name)
        item.setText(1, accuracy)
        item.setCheckState(0, Qt.CheckState.Checked if run.shown else Qt.CheckState.Unchecked)
        item.setToolTip(0, plain(describe(run)))

    def _write_below(self, item: QTreeWidgetItem, words: str) -> None:
        """Write in what a run is unlike the others that are drawn, over all columns."""
        if not words:
            item.takeChildren()
            return
        below = item.child(0)
        if below is None:
            below = QTreeWidgetItem(item)
            below.setFlags(Qt.ItemFlag.NoItemFlags)
            below.setFirstColumnSpanned(True)
            item.setExpanded(True)
        below.setText(0, words)
        below.setToolTip(0, plain(words))
        below.setFont(0, self._theme.font("caption"))
        below.setForeground(0, self._theme.color("muted"))
        for column in range(self.columnCount()):  # asks for no width
            below.setSizeHint(column, QSize(0, self._theme.px(_BELOW)))

    def _restyle(self) -> None:
        with QSignalBlocker(self):
            for i, run in enumerate(self._shown):
                item = self.topLevelItem(i)
                assert item is not None
                item.setIcon(0, _icon(self._theme, run))
        self.show_runs(self._active, self._picked, self._doing)

    def _tell_status(self) -> None:
        """Say how each run goes on or ended, or its steps where they leave room for its name."""
        longest = max((_steps(run) for run in self._shown), key=len, default="")
        wanted = self.fontMetrics().horizontalAdvance(longest) + 2 * _margin(self)
        wanted += self._room_for_names() + self.sizeHintForColumn(1)
        has_room = wanted <= self.viewport().width()
        for i, run in enumerate(self._shown):
            item = self.topLevelItem(i)
            assert item is not None
            item.setText(2, self._status(run) or (_steps(run) if has_room else ""))

    def _room_for_names(self) -> int:
        """How wide the column of names is to be: a very long one does not count whole."""
        longest, width = self._theme.px(_LONGEST), self.fontMetrics().horizontalAdvance
        whole = [width(_with_network(r.name, r.experiment.design().name)) for r in self._shown]
        kept = [
            room if width(run.name) <= longest else longest
            for run, room in zip(self._shown, whole, strict=True)
        ]
        return self.sizeHintForColumn(0) - max(whole, default=0) + max(kept, default=0)

    def _status(self, run: Run) -> str:
        if run is self._active:
            return self._doing
        return "cut short" if run.status == "running" else _STATUS[run.status]

    def _changed(self, item: QTreeWidgetItem, column: int) -> None:
        if column != 0:
            return
        run = self._shown[self.indexOfTopLevelItem(item)]
        shown = item.checkState(0) == Qt.CheckState.Checked
        if shown != run.shown:
            self._has_ticked = True
            self.showWanted.emit(run, shown)
        elif item.text(0) != run.name:
            self.renameWanted.emit(run, item.text(0)[:LONGEST_NAME])

    def _clicked(self, item: QTreeWidgetItem) -> None:
        """Pick a run; the line below it stands for it."""
        if not self._has_ticked:
            above = item.parent() or item
            self.setCurrentItem(above)
            self._pick(above)

    def _pick(self, item: QTreeWidgetItem) -> None:
        run = self._run_at(item)
        if run is not None and self._active is None:
            self.pickWanted.emit(run)

    def _run_at(self, item: QTreeWidgetItem | None) -> Run | None:
        if item is None:
            return None
        return self._shown[self.indexOfTopLevelItem(item.parent() or item)]

    def _delete_current(self) -> None:
        run = self._run_at(self.currentItem())
        if run is not None and run is not self._active:
            self.deleteWanted.emit(run)

    def _open_menu(self, point: QPoint) -> None:
        found = self.itemAt(point)
        run = self._run_at(found)
        if found is None or run is None:
            return
        item = found.parent() or found
        menu = QMenu(self)
        see = menu.addAction("See its network", lambda: self.pickWanted.emit(run))
        beside = menu.addAction("Compare with it", lambda: self.compareWanted.emit(run))
        beside.setEnabled(run is not self._active)
        menu.addAction("Rename", lambda: self.editItem(item, 0))
        menu.addAction("Use its settings", lambda: self.settingsWanted.emit(run))
        go_on = menu.addAction("Go on with it", lambda: self.resumeWanted.emit(run))
        delete = menu.addAction("Delete", lambda: self.deleteWanted.emit(run))
        see.setEnabled(self._active is None)
        go_on.setEnabled(self._active is None and run.status != "finished")
        delete.setEnabled(run is not self._active)
        menu.exec(self.viewport().mapToGlobal(point))
        menu.deleteLater()


class LayersView(QScrollArea):
    """Shows how large weights and gradients of every layer are, and which ReLUs never fire."""

    def __init__(self) -> None:
        super().__init__()
        self._text = label("", "small_number")
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._text.setMargin(_AROUND_NUMBERS)
        self.setWidget(self._text)
        self.setWidgetResizable(True)
        self.setAccessibleName("State of the layers")
        self.setToolTip(
            "How large the numbers of each layer are: the root mean square of its weights, and of "
            "the newest gradients. A ReLU that never fires gives 0 for every image: it is dead"
        )

    def show_layers(self, snapshot: "Snapshot", dead: tuple[tuple[str, int, int], ...]) -> None:
        """Show root mean squares of weights and gradients, and how many ReLUs are dead.

        Without gradients, which no history keeps, there is no column for them.
        """
        gradients = snapshot.gradient_sizes
        heading = f"{'layer':<8}{'weights':>10}"
        lines = [
            f"RMS after step {snapshot.step:,}",
            heading + f"{'gradients':>12}" * bool(gradients),
        ]
        for name, size in snapshot.weight_sizes.items():
            text = f"{gradients[name]:.2e}" if name in gradients else ""
            lines.append(f"{name:<8}{size:>10.4f}{text:>12}")
        if dead:
            lines.append("")
            lines += [f"{name:<8}{silent:>6} of {count} never fire" for name, silent, count in dead]
        self._text.setText("\n".join(lines))

    def text(self) -> str:
        """Return what is shown."""
        return self._text.text()


def _with_network(name: str, network: str) -> str:
    return f"{name} · {network}"


def _steps(run: Run) -> str:
    return f"{run.step:,} steps"


def describe(run: Run) -> str:
    """Return a run's name and settings as lines of text."""
    made, usual = run.experiment, Experiment()
    optimizer, schedule = OPTIMIZER_NAMES[made.optimizer], SCHEDULE_NAMES[made.schedule].lower()
    special = [
        f"{name.replace('_', ' ')} {getattr(made, name)}"
        for name in _SELDOM_CHANGED
        if getattr(made, name) != getattr(usual, name)
    ]
    parts = [
        run.name,
        f"{' '.join(made.data)}, network {made.design().name}",
        f"{optimizer}, learning rate {made.learning_rate:g}, {schedule}",
        f"batch {made.batch_size}, {made.epochs:g} epochs, dropout {made.dropout:g}",
        f"augmentation {made.augmentation}, seed {made.seed}",
        ", ".join(special),
        f"step {run.step:,}" + f" of {run.steps:,}" * bool(run.steps),  # a file does not tell
    ]
    return "\n".join(filter(None, parts))
