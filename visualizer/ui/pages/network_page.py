"""The Network page: the network as boxes and as a table, built by hand, checked at every change."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualizer.core.kernels import Kernel
from visualizer.learning.networks import PRESETS
from visualizer.learning.wiring import Path
from visualizer.paths import user_data
from visualizer.state.network_design import AS_DATA, IMAGES, LONGEST_NAME, Design
from visualizer.state.network_frame import NetworkFrame, compare, resolve
from visualizer.state.own_kernels import OwnKernels
from visualizer.ui import icons
from visualizer.ui.context import Context
from visualizer.ui.errors import unexpected
from visualizer.ui.pages import network_tour
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.pages.network_compare import CompareView
from visualizer.ui.pages.network_files import NetworkFiles
from visualizer.ui.pages.network_filters import FiltersView
from visualizer.ui.pages.network_layer import LayerForm
from visualizer.ui.pages.network_look import NetworkLook, Seen
from visualizer.ui.pages.train_experiment import set_icon
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.choices import LabelledChoice
from visualizer.ui.widgets.elided_label import ElidedLabel
from visualizer.ui.widgets.layer_list import LayerList
from visualizer.ui.widgets.menu_button import give_menu
from visualizer.ui.widgets.network_diagram import NetworkDiagram
from visualizer.ui.widgets.sides_card import Side, SidesCard

_IDLE_MS = 500
_PRESET = "preset"
_ADD = (
    ("conv", "Convolution"),
    ("relu", "Activation"),
    ("pool", "Pooling"),
    ("norm", "Batch norm"),
    ("dropout", "Dropout"),
    ("flatten", "Flatten"),
    ("dense", "Dense layer"),
    ("mean", "Global average"),
    ("resize", "Resize"),
    ("skip", "Skip connection around it"),
)
_EDITS = (
    ("network.duplicate", "content-duplicate"),
    ("network.remove", "trash-can-outline"),
    ("network.up", "arrow-up"),
    ("network.down", "arrow-down"),
)


class NetworkPage(QWidget):
    """Puts the cards together: their wishes go to `model`, and what `resolve` makes of it is shown.

    Attributes:
        model: the design.
        training: the one training, whose last network is shown where it is this one.
        frame: what is on show.
    """

    title = "Network"
    icon = "mdi6.cube-outline"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("page")
        self._context = context
        self.training = context.training()
        self.model = self.training.model.design
        self._wants_maps = True
        self.look = NetworkLook(self.training, self)
        self.files = NetworkFiles(context, self.model, self)
        theme = context.theme
        self.diagram = NetworkDiagram(theme)
        self.list = LayerList(theme)
        self.form = LayerForm(theme)
        self.compare = CompareView(theme)
        self.filters = FiltersView(theme, self._kernels)
        self._add_commands()
        self._name = QLineEdit()
        self._name.setMaxLength(LONGEST_NAME)
        self._name.setAccessibleName("Name of the network")
        self._name.setToolTip("What the network is called")
        self._presets = LabelledChoice(
            theme, "", [(_PRESET, "Start from…"), *((k, s.name) for k, s in PRESETS.items())],
            name="Start from a preset", tip="Take one of these networks as a starting point",
        )  # fmt: skip
        self._images = LabelledChoice(
            theme, "", self._image_options(), name="Images",
            tip="Images of which size the network is looked at with",
        )  # fmt: skip
        self._caption = ElidedLabel("", "small_number")
        self._lay_out()
        self._connect()
        self._restyle()
        self.frame = self._resolved()
        self._show()
        context.actions["network.maps"].setChecked(True)

    def tour(self, shot: Callable[[str], None]) -> None:
        """Show the best there is to see."""
        network_tour.run(self, shot)

    def may_close(self) -> bool:
        """Nothing here is worth waiting for."""
        return True

    def close_work(self) -> None:
        """End the threads."""
        self.look.close()

    def showEvent(self, event: QShowEvent) -> None:
        """Follow what was changed elsewhere; torch is imported only after the page is painted."""
        super().showEvent(event)
        self._refresh()
        QTimer.singleShot(_IDLE_MS, self, self._look_if_seen)

    def attempt(self, change: Callable[[], object]) -> None:
        """Do what the user asks for; a refusal is said in place, and changes nothing."""
        try:
            change()
        except ValueError as error:
            self._show_layer()
            self.form.refuse(str(error))

    # Building

    def _lay_out(self) -> None:
        above = Card("Network")
        above.heading.hide()
        above.top.insertWidget(0, self._name)
        above.top.insertWidget(1, self._presets)
        above.top.insertWidget(2, self._images)
        above.top.removeWidget(above.note)
        above.note.hide()
        above.top.addStretch(1)
        for key in ("network.maps", "network.train"):
            above.top.addWidget(self._button(key))
        above.body.addWidget(self.diagram, 1)
        above.body.addWidget(self._caption)
        above.body.setSpacing(2)
        layers = Card("Layers")
        layers.top.removeWidget(layers.note)
        layers.note.hide()
        layers.top.addWidget(self._adding())
        for key, _ in _EDITS:
            layers.top.addWidget(self._button(key, icon_only=True))
        layers.body.addWidget(self.list.above_sums(), 1)
        self.sides = SidesCard(
            self._context.theme,
            [
                Side("layer", "Layer", "The selected layer, and what is to be said about it",
                     self.form),
                Side("filters", "Filters",
                     "Kernels by hand in the first convolution, and what they do to the accuracy",
                     self.filters),
                Side("compare", "Compare", "Beside an MLP of equal size", self.compare),
            ],
            name="About the network",
        )  # fmt: skip
        below = QHBoxLayout()
        below.setSpacing(10)
        below.addWidget(layers, 8)
        below.addWidget(self.sides, 5)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(14, 12, 14, 10)
        outer.setSpacing(10)
        outer.addWidget(above, 11)
        outer.addLayout(below, 13)  # so that the default network's sums are in sight at 1280 × 720

    def _add_commands(self) -> None:
        add = partial(self._context.actions.add, page=self.title)
        model, viewport = self.model, self.diagram.viewport
        # fmt: off
        for kind, text in _ADD:
            add(f"network.add_{kind}", f"Add {text[:1].lower()}{text[1:]}",
                partial(self.attempt, partial(model.add, kind)), menu="Edit",
                tip="Put it behind the selected layer" if kind != "skip" else
                "What goes in is added to what the selected layer gives")
        add("network.duplicate", "Duplicate layer", lambda: self.attempt(model.duplicate),
            menu="Edit", shortcuts="Ctrl+D", tip="The selected layer once more")
        add("network.remove", "Remove layer", model.remove, menu="Edit", shortcuts="Del",
            tip="Take the selected layer out")
        add("network.up", "Move layer up", lambda: model.move_by(-1), menu="Edit",
            shortcuts="Alt+Up", tip="Before the layer before it, or out of a skip connection")
        add("network.down", "Move layer down", lambda: model.move_by(1), menu="Edit",
            shortcuts="Alt+Down", tip="Behind the next layer, or into a skip connection")
        add("network.open", "Open network…", self.files.ask_open, menu="File",
            tip="A network saved as JSON")
        add("network.save", "Save network…", self.files.ask_save, menu="File", tip="As JSON")
        add("network.copy", "Copy as Python", self._copy, menu="Export", shortcuts="Ctrl+Shift+C",
            tip="A torch module that gives the same numbers with the same weights")
        add("network.train", "Train it", self._train, menu="Train", shortcuts="Ctrl+T",
            tip="Take this network for the next run of the Train page")
        add("network.fit", "Fit", viewport.fit, menu="View", shortcuts="0", tip="Show all of it")
        add("network.zoom_in", "Zoom in", lambda: viewport.zoom_by(1.25), menu="View",
            shortcuts=("+", "="), tip="Zoom in; the wheel zooms at the pointer")
        add("network.zoom_out", "Zoom out", lambda: viewport.zoom_by(0.8), menu="View",
            shortcuts="-", tip="Zoom out")
        add("network.maps", "Maps", self._want_maps, menu="View", shortcuts="M",
            checkable=True, tip="Show what the layers make of the probe image")
        # fmt: on

    def _adding(self) -> QToolButton:
        button = QToolButton()
        button.setText("Add")
        button.setAccessibleName("Add a layer")
        button.setToolTip("Put a layer behind the selected one")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        menu = QMenu(button)
        for kind, text in _ADD:
            if kind == "skip":
                menu.addSeparator()
            action = self._context.actions[f"network.add_{kind}"]
            menu.addAction(text, action.trigger).setToolTip(action.toolTip())
        give_menu(button, menu)
        self._add_button = button
        return button

    def _button(self, key: str, icon_only: bool = False) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(self._context.actions[key])
        button.setAccessibleName(self._context.actions[key].text())
        style = Qt.ToolButtonStyle
        button.setToolButtonStyle(
            style.ToolButtonIconOnly if icon_only else style.ToolButtonTextOnly
        )
        leave_focus(button)
        return button

    def _connect(self) -> None:
        model, training = self.model, self.training
        model.changed.connect(self._design_changed)
        model.selection_changed.connect(self._show_selection)
        self._context.theme.changed.connect(self._restyle)
        for widget in (self.diagram, self.list):
            widget.chosen.connect(lambda name: model.select(self.frame.path_of(name)))
        self.list.dropped.connect(lambda slot: self.attempt(partial(model.move_to, slot)))
        self.form.changed.connect(
            lambda merge, values: self.attempt(partial(model.change, merge, **values))
        )
        self.form.mended.connect(model.take)
        self.form.problem.connect(self.form.refuse)
        self.sides.turned.connect(lambda _side: self._show_compared())
        self.filters.putWanted.connect(model.put)
        self.filters.freezeWanted.connect(model.freeze)
        self.filters.resetWanted.connect(model.reset)
        self.filters.said.connect(self._context.done)
        self.compare.wanted.connect(lambda spec: model.take(spec, "MLP of equal size"))
        self._presets.currentChanged.connect(self._take_preset)
        self._images.currentChanged.connect(lambda key: model.edit("images", images=key))
        self._name.editingFinished.connect(self._rename)
        self.look.seen.connect(self._show_maps)
        self.look.failed.connect(self._could_not_look)
        training.trained.connect(self._look_if_seen)
        training.renewed.connect(self._look_if_seen)
        training.model.changed.connect(self._refresh_if_seen)

    # What the user asks for

    def _kernels(self) -> list[Kernel]:
        """The kernel on the Filters page, and those the user keeps by name."""
        own = OwnKernels(user_data() / "kernels.json")
        current = self._context.session.kernel
        return [*([current] if current else []), *(own[name] for name in own.names)]

    def _take_preset(self, key: str) -> None:
        self._presets.set_current(_PRESET)
        if key != _PRESET:
            self.model.take(PRESETS[key], f"start from {PRESETS[key].name}")

    def _rename(self) -> None:
        self.model.rename(self._name.text())
        self._name.setText(self.model.spec.name)

    def _want_maps(self, on: bool) -> None:
        self._wants_maps = on
        if on:
            self._look_if_seen()
        else:
            self.diagram.set_maps({})
            self._show_caption("")

    def _copy(self) -> None:
        experiment = self.training.model.settings
        known = self.training.known
        fits = known is not None and known.experiment.data == experiment.data
        self.files.copy_script(self.frame, known if fits else None)

    def _train(self) -> None:
        if self.frame.problem is not None:
            self._context.tell(f"It cannot be trained yet. {self.frame.problem.sentence}")
        elif self.training.busy:
            self._context.tell(
                "A network is being trained: stop it before taking another.",
                until=self.training.changed,
            )
        else:
            self.training.model.train_design()
            self._context.actions["page.Train"].trigger()
            self._context.done(f"The next run trains {self.model.spec.name}, as it is now.")

    # What is shown

    def _design_changed(self, before: Design, after: Design) -> None:
        self._refresh()

    def _refresh_if_seen(self, *_: object) -> None:
        if self.isVisible():
            self._refresh()

    def _refresh(self) -> None:
        self.frame = self._resolved()
        self._show()
        self._look_if_seen()

    def _resolved(self) -> NetworkFrame:
        training = self.training
        return resolve(self.model.settings, training.model.settings, training.known)

    def _show(self) -> None:
        frame = self.frame
        broken = frame.problem.layer if frame.problem else ""
        hinted = frozenset(hint.layer for hint in frame.hints)
        self.diagram.set_network(frame.nodes, frame.rows, frame.shape, broken, hinted)
        self.list.set_network(frame.nodes, frame.rows, broken, hinted)
        self._show_compared()
        self.filters.show_design(frame.design)
        if self._name.text() != frame.design.spec.name:
            self._name.setText(frame.design.spec.name)
        self._images.set_options(self._image_options())
        self._images.set_current(frame.design.images)
        self._show_caption("")
        self._show_selection(self.model.selected)
        self._offer()

    def _show_compared(self) -> None:
        if self.sides.side() == "compare":
            self.compare.show_compared(compare(self.frame))

    def _show_selection(self, path: Path) -> None:
        name = self.frame.name_at(path)
        self.diagram.set_selected(name)
        self.list.set_selected(name)
        self._show_layer()

    def _show_layer(self) -> None:
        frame, name = self.frame, self.frame.name_at(self.model.selected)
        focused = self.window().focusWidget()
        was_inside = focused is not None and self.form.isAncestorOf(focused)
        self.form.show_layer(name, self.model.layer if name else None, frame.classes)
        hints = sorted(frame.hints, key=lambda hint: hint.layer != name)
        self.form.show_findings(frame.problem, tuple(hints))
        if focused is not None and was_inside and not focused.isVisible():
            self.list.setFocus()  # else the page has it, and arrow keys would do nothing

    def _show_maps(self, seen: Seen) -> None:
        if seen.frame is not self.frame:
            return
        self.filters.show_filters(seen)
        if self._wants_maps:
            self.diagram.set_maps(seen.maps)
            self._show_caption(seen.caption)

    def _could_not_look(self, error: Exception) -> None:
        if reason := getattr(error, "reason", ""):
            self._show_caption(reason)
        else:
            unexpected(error)

    def _show_caption(self, maps: str) -> None:
        scale = self.diagram.diagram.scale if self.diagram.diagram else ""
        self._caption.set_text(" · ".join(filter(None, (maps, scale))))

    def _look_if_seen(self, *_: object) -> None:
        if self.frame.is_sound and self.isVisible():
            self.look.submit(self.frame, self._context.session.image)

    def _image_options(self) -> list[tuple[str, str]]:
        words = self.training.model.settings.data
        options = [(AS_DATA, f"As the data: {words[0]}")]
        for key, (shape, classes) in IMAGES.items():
            options.append((key, f"{'×'.join(map(str, shape))}, {classes:,} classes"))
        return options

    def _restyle(self) -> None:
        actions, theme = self._context.actions, self._context.theme
        for key, name in _EDITS:
            set_icon(actions[key], name, theme)
        set_icon(self._add_button, "plus", theme)
        icons.fit(theme, *self.findChildren(QToolButton), side=15)
        self._name.setFixedWidth(theme.px(170))

    def _offer(self) -> None:
        """Let be asked for what can be done with the network on show."""
        actions = self._context.actions
        has_layer = bool(self.model.selected)
        for key, _ in _EDITS:
            actions[key].setEnabled(has_layer)
