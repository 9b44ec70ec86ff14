"""The picture that the network is asked about: drawn, opened, seen by a camera, or validated."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QToolButton, QWidget

from visualizer.state.inspect import Shows
from visualizer.state.inspect_work import Subject
from visualizer.ui import icons
from visualizer.ui.camera import CAMERAS
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.pages.train_experiment import set_icon
from visualizer.ui.theme import Theme
from visualizer.ui.tooltips import plain
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.drawing_pad import DrawingPad
from visualizer.ui.widgets.fields import LabelledChoice, LabelledSlider, SegmentedButtons
from visualizer.ui.widgets.map_mosaic import MapMosaic
from visualizer.ui.widgets.wrapped_label import WrappedLabel

if TYPE_CHECKING:
    from visualizer.ui.pages.inspect_live import Live

SHOWS = (
    ("drawing", "Draw", "Draw with mouse, fingers or pen"),
    (
        "picture",
        "Picture",
        "The picture on show: open, drop or paste one, or use a camera",
    ),
    ("image", "Validation", "Images the network has not learned from"),
)
TOOLS = (
    ("pen", "pencil-outline", "Pen", "Draw"),
    ("eraser", "eraser", "Eraser", "Take ink away; the right button does too"),
    ("hand", "hand-back-right-outline", "Move",
     "Move the drawing; the wheel scales it, with Shift it turns"),
)  # fmt: skip
_WIDTHS = 3, 8, 20  # least, usual and most, percent of the pad


class DrawCard(Card):
    """Shows the pad or a picture, and asks for others.

    Signals:
        showsChosen(str): one of SHOWS.
        cleared(): begin a new drawing.
        imageWanted(int): the validation image this many places on, or back.
        cameraWanted(int): look through the camera of this number.
        mirrorWanted(bool): turn its picture as in a mirror, or not.
        freezeWanted(): keep what the camera sees, and let go of it.
    """

    showsChosen = Signal(str)
    cleared = Signal()
    imageWanted = Signal(int)
    cameraWanted = Signal(int)
    mirrorWanted = Signal(bool)
    freezeWanted = Signal()

    def __init__(self, theme: Theme, undo: QAction, others: Sequence[QAction]) -> None:
        """`others` bring a picture in: they stand below one."""
        super().__init__("Draw")
        self._theme = theme
        self._icons: list[tuple[QToolButton, str]] = []
        self.pad = DrawingPad(theme)
        self.picture = MapMosaic(theme, "", noun="image", largest=1000)
        self.shows = SegmentedButtons(theme, SHOWS, name="What is shown")
        for key, _, _ in SHOWS:
            leave_focus(self.shows.button(key))
        self.shows.changed.connect(self.showsChosen)
        self._views = QStackedWidget()
        self._views.addWidget(self.pad)
        self._views.addWidget(self.picture)
        self._tools = QStackedWidget()
        for row in (self._pad_tools(undo), self._picture_tools(others), self._image_tools(),
                    self._live_tools()):  # fmt: skip
            self._tools.addWidget(row)
        self._is_live = False
        self.sentence = WrappedLabel("muted")
        self.sentence.hide()
        self.heading.hide()
        self.note.hide()
        self.top.insertWidget(0, self.shows)
        self.body.addWidget(self._views, 1)
        self.body.addWidget(self.sentence)
        self.body.addWidget(self._tools)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_kind(self, shows: Shows) -> None:
        """Show the pad, or a picture, with what can be done to it."""
        self.shows.set_current(shows)
        self._views.setCurrentIndex(0 if shows == "drawing" else 1)
        kinds = [key for key, _, _ in SHOWS]
        is_live = self._is_live and shows == "picture"
        self._tools.setCurrentIndex(len(kinds) if is_live else kinds.index(shows))
        self.sentence.setVisible(is_live and bool(self.sentence.text()))

    def show_live(self, live: "Live") -> None:
        """Offer what can be done to a camera while one is looked through."""
        self._is_live = live.is_on
        self.sentence.set_text(live.sentence)
        self.again.setVisible(live.has_failed)
        self.freeze.setText("Stop" if live.subject is None else "Freeze")
        keep = "Keep this picture, and let" if live.subject is not None else "Let"
        self.freeze.setToolTip(f"{keep} go of the camera")
        if isinstance(live.source, int):
            self.camera.set_current(str(live.source))
        self.show_kind("picture")

    def show_subject(self, subject: Subject) -> None:
        """Show a picture that is not drawn here."""
        self.picture.set_images(np.ascontiguousarray(subject.pixels.transpose(2, 0, 1))[None])
        self.picture.set_title(subject.caption)

    def offer_validation(self, on: bool, why_not: str) -> None:
        """Let validation images be chosen, or say why there are none."""
        button = self.shows.button("image")
        button.setEnabled(on)
        button.setToolTip(SHOWS[2][2] if on else plain(why_not))

    def _pad_tools(self, undo: QAction) -> QWidget:
        row, layout = _row()
        self.tools = SegmentedButtons(
            self._theme, [(key, "", tip) for key, _, _, tip in TOOLS], name="Tool"
        )
        for key, icon, name, _ in TOOLS:
            button = self.tools.button(key)
            button.setAccessibleName(f"Tool: {name}")
            leave_focus(button)
            self._icons.append((button, icon))
        self.tools.changed.connect(self.pad.set_tool)
        least, usual, most = _WIDTHS
        self.brush = LabelledSlider(
            self._theme, "Brush", least, most, value=usual, tip="Width of the line, % of the pad"
        )
        leave_focus(self.brush)
        self.brush.valueChanged.connect(lambda value: self.pad.set_brush(value / 100))
        self._undo = _tool("Undo", lambda: undo.trigger())
        undo.changed.connect(lambda: self._follow(undo))
        self._follow(undo)
        clear = _tool("Clear the drawing", self.cleared.emit)
        self._icons += [(self._undo, "undo"), (clear, "trash-can-outline")]
        layout.addWidget(self.tools)
        layout.addWidget(self.brush, 1)
        layout.addWidget(self._undo)
        layout.addWidget(clear)
        return row

    def _picture_tools(self, others: Sequence[QAction]) -> QWidget:
        row, layout = _row()
        for action in others:
            button = _tool(action.toolTip(), action.trigger)
            button.setText(action.text().replace("&", ""))
            layout.addWidget(button)
        self.look = _tool("Ask about what a camera sees, live", lambda: self._use_camera())
        self.look.setText("Live webcam")
        layout.addWidget(self.look)
        layout.addStretch(1)
        return row

    def _live_tools(self) -> QWidget:
        row, layout = _row()
        cameras = [(str(i), f"Camera {i}") for i in range(CAMERAS)]
        self.camera = LabelledChoice(self._theme, "", cameras, name="Camera", tip="Which camera")
        leave_focus(self.camera)
        self.camera.currentChanged.connect(lambda _key: self._use_camera())
        self.mirror = _tool("Turn the picture as in a mirror", lambda: None)
        self.mirror.setCheckable(True)
        self.mirror.toggled.connect(self.mirrorWanted)
        self._icons.append((self.mirror, "flip-horizontal"))
        self.again = QPushButton("Try again")
        self.again.setToolTip("Look for the camera once more")
        self.again.clicked.connect(lambda _checked=False: self._use_camera())
        self.freeze = QPushButton("Freeze")
        self.freeze.setProperty("role", "primary")
        self.freeze.clicked.connect(lambda _checked=False: self.freezeWanted.emit())
        for widget in (self.camera, self.mirror, self.again, self.freeze):
            layout.addWidget(widget)
        layout.addStretch(1)
        return row

    def _use_camera(self) -> None:
        self.cameraWanted.emit(int(self.camera.current()))

    def _image_tools(self) -> QWidget:
        row, layout = _row()
        for icon, name, by in (("chevron-left", "Previous image", -1),
                               ("chevron-right", "Next image", 1)):  # fmt: skip
            button = _tool(name, lambda by=by: self.imageWanted.emit(by))
            self._icons.append((button, icon))
            layout.addWidget(button)
        layout.addStretch(1)
        return row

    def _follow(self, undo: QAction) -> None:
        self._undo.setEnabled(undo.isEnabled())
        self._undo.setToolTip(undo.text().replace("&", ""))

    def _restyle(self) -> None:
        for button, icon in self._icons:
            icons.fit(self._theme, button)
            set_icon(button, icon, self._theme)


def _row() -> tuple[QWidget, QHBoxLayout]:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(6)
    return row, layout


def _tool(name: str, act) -> QToolButton:  # type: ignore[no-untyped-def]
    button = QToolButton()
    button.setAccessibleName(name)
    button.setToolTip(name)
    leave_focus(button)
    button.clicked.connect(lambda _checked=False: act())
    return button
