"""The Image page's large picture: what it is, the pixel under the cursor, how it is painted."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QTextDocumentFragment
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolButton

from visualizer.core.channels import SPACES
from visualizer.core.image import Image, short
from visualizer.state.image_page import ImageFrame, auto_window, remarks
from visualizer.ui import icons
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card, label
from visualizer.ui.widgets.elided_label import ElidedLabel
from visualizer.ui.widgets.fields import LabelledRange, SegmentedButtons
from visualizer.ui.widgets.image_view import ImageView
from visualizer.ui.widgets.wrapped_label import WrappedLabel

_SPACE_TIPS = {
    "RGB": "Red, green and blue, as the file holds them",
    "HSV": "Hue 0–360°, saturation and value 0–100 %",
    "YCbCr": "Luma and two colour differences, 0–255 each, as JPEG stores them",
    "Lab": "CIE L* 0–100, a* green to red, b* blue to yellow",
}
_TINT_TIP = "Paint each plane in its own colour instead of grey"
_ZOOM_ICONS = {
    "zoom_out": "mdi6.magnify-minus-outline",
    "zoom_in": "mdi6.magnify-plus-outline",
    "fit": "mdi6.fit-to-screen-outline",
}
_GREY_ONLY = "A picture of one channel has no colours to take apart"


class PictureCard(Card):
    """Shows the picture and the controls of how it is painted. Writes no model.

    Signals:
        edited(label, merge key, changes): the user asks for other settings.
    """

    edited = Signal(str, str, dict)

    def __init__(self, theme: Theme, view: ImageView, zoom: dict[str, QAction]) -> None:
        super().__init__("")
        self._theme = theme
        self._zoom = zoom
        self._frame: ImageFrame | None = None
        self._shown_cursor: tuple[tuple[int, int] | None, bool] = (None, False)
        self._view = view
        view.setAccessibleName("The picture")
        self._name = ElidedLabel(role="heading")
        self._readout = label("", "number")
        self._readout.setTextFormat(Qt.TextFormat.RichText)
        self._readout.setAccessibleName("Pixel under the cursor")
        self._pinned = label("", "caption")
        self._spaces = SegmentedButtons(
            theme, [(space, space, _SPACE_TIPS[space]) for space in SPACES], name="Colour space"
        )
        self._tinted = _toggle("Tint planes", _TINT_TIP)
        self._values = _toggle("Values on zoom", "Write the numbers into pixels that are large")
        self._window = LabelledRange(theme, "Contrast window", 0, 255)
        self._auto = QPushButton("Auto")
        self._auto.setToolTip("Leave 0.35 % of the values black, and as many white")
        self._reset = QPushButton("Reset")
        self._reset.setToolTip("Show the whole range of values again")
        self._facts = ElidedLabel(role="caption")
        self._problem = ElidedLabel(role="error")
        self._problem.hide()
        self._remarks = WrappedLabel(role="caption")
        self._zoom_buttons = [QToolButton() for _ in zoom]
        self._lay_out()
        self._restyle()
        theme.changed.connect(self._restyle)
        self._spaces.changed.connect(
            lambda key: self.edited.emit("colour space", "", {"space": key})
        )
        self._tinted.clicked.connect(lambda on: self.edited.emit("tint", "", {"tinted": on}))
        self._values.clicked.connect(
            lambda on: self.edited.emit("values on zoom", "", {"values_on_zoom": on})
        )
        self._window.valueChanged.connect(
            lambda low, high: self._emit_window((low, high), self._window.merge_key)
        )
        self._window.problem.connect(self._refuse)
        self._auto.clicked.connect(self._choose_window)
        self._reset.clicked.connect(lambda: self._emit_window(None))

    def show_frame(self, frame: ImageFrame) -> None:
        """Show what is chosen, and what is known of the picture."""
        before, self._frame = self._frame, frame
        image, settings = frame.image, frame.settings
        if before is None or before.image is not image:
            self._show_image(image, frame.decimals("RGB"))
        self._spaces.set_current(frame.space)
        self._tinted.setChecked(settings.tinted)
        self._values.setChecked(settings.values_on_zoom)
        self._window.set_value(*frame.window)
        self._reset.setEnabled(settings.window is not None)
        kind = f"{image.height} × {image.width} × {image.channels} · {_depth(image)}"
        self.note.setText("recomposed" if frame.is_recomposed else f"{kind} · {_bands(image)}")
        self.note.setProperty("role", "here" if frame.is_recomposed else "muted")
        self.note.style().polish(self.note)

    def show_facts(self, text: str) -> None:
        """Show the line of shape, type, range and size."""
        self._facts.set_text(text)

    def show_cursor(self, cursor: tuple[int, int] | None, pinned: bool) -> None:
        """Write the pixel's place, values and colour."""
        frame, self._shown_cursor = self._frame, (cursor, pinned)
        if cursor is None or frame is None:
            self._readout.setText(self._muted("Point at the picture to read a pixel."))
            self._pinned.setText("")
            return
        self._readout.setText(self._reading(frame, *cursor))
        self._pinned.setText("pinned, Esc releases" if pinned else "click to pin")

    def _reading(self, frame: ImageFrame, row: int, column: int) -> str:
        """Return place, values and colour as rich text, with fewer words where room is short.

        In a recomposed picture that is both the values as read and those on show.
        """
        muted, here = self._muted, self._here
        planes = zip(frame.planes, frame.values_at(row, column), strict=True)
        values = [(plane.letter, frame.text(value) + plane.unit) for plane, value in planes]
        colour = frame.hex_at(row, column) or "no colour"
        numbers, code = self._listed(values), muted(colour)
        if frame.is_recomposed:
            shown = self._listed(frame.shown_at(row, column))
            numbers = f"{muted('read')} {numbers}{muted(', shown')} {shown}"
        swatch = ""
        if colour.startswith("#"):
            swatch = f'<span style="background-color:{colour}">&nbsp;&nbsp;</span> '
        place = f"{muted('row')} {here(str(row))}{muted(', column')} {here(str(column))}"
        brief = f"{here(str(row))}{muted(',')} {here(str(column))}"
        rest = f"{muted('→')} {numbers} {swatch}"
        readings = (f"{place} {rest}{code}", f"{brief} {rest}{code}", f"{brief} {rest}", rest)
        return next(filter(self._fits, readings), readings[-1])

    def _fits(self, reading: str) -> bool:
        plain = QTextDocumentFragment.fromHtml(reading).toPlainText()
        return self._readout.fontMetrics().horizontalAdvance(plain) <= self._readout.width()

    def _listed(self, values: list[tuple[str, str]]) -> str:
        """Return named values as rich text."""
        return " ".join(f"{self._muted(name)} {self._here(text)}" for name, text in values)

    def _restyle(self) -> None:
        icons.fit(self._theme, *self._zoom_buttons, side=18)
        for key, action in self._zoom.items():
            action.setIcon(icons.icon(_ZOOM_ICONS[key], color=self._theme.colors.text))
        if self._frame is not None:
            self.show_cursor(*self._shown_cursor)

    def _lay_out(self) -> None:
        self.heading.hide()
        self.top.insertWidget(0, self._name, 1)
        self.top.setStretch(2, 0)
        for button, action in zip(self._zoom_buttons, self._zoom.values(), strict=True):
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setAccessibleName(action.text())
            self.top.addWidget(button)
        known = QHBoxLayout()
        self._readout.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        known.addWidget(self._facts, 1)
        known.addWidget(self._problem, 1)
        known.addWidget(self._pinned)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self._spaces)
        buttons.addStretch(1)
        buttons.addWidget(self._tinted)
        buttons.addWidget(self._values)
        window = QHBoxLayout()
        window.setSpacing(6)
        window.addWidget(self._window, 1)
        window.addWidget(self._auto)
        window.addWidget(self._reset)
        self.body.setSpacing(8)
        self.body.addWidget(self._view, 1)
        self.body.addWidget(self._readout)
        for row in (buttons, window, known):
            self.body.addLayout(row)
        self.body.addWidget(self._remarks)

    def _show_image(self, image: Image, decimals: int) -> None:
        self._name.set_text(image.name)
        colour = image.channels == 3
        for space in SPACES[1:]:
            button = self._spaces.button(space)
            button.setEnabled(colour)
            button.setToolTip(_SPACE_TIPS[space] if colour else _GREY_ONLY)
        self._tinted.setEnabled(colour)
        self._tinted.setToolTip(_TINT_TIP if colour else _GREY_ONLY)
        self._window.set_range(*image.value_range, decimals)
        said = " ".join(remarks(image))
        self._remarks.set_text(said)
        self._remarks.setVisible(bool(said))

    def _refuse(self, sentence: str) -> None:
        """Say why a typed end of the contrast window cannot be used; "" when it can."""
        self._problem.set_text(sentence)
        self._problem.setVisible(bool(sentence))
        self._facts.setVisible(not sentence)

    def _choose_window(self) -> None:
        if self._frame is not None:
            self._emit_window(auto_window(self._frame.image))

    def _emit_window(self, window: tuple[float, float] | None, merge: str = "") -> None:
        assert self._frame is not None
        if window == self._frame.image.value_range:
            window = None
        self.edited.emit("contrast", merge, {"window": window})

    def _muted(self, text: str) -> str:
        return f'<span style="color:{self._theme.colors.muted}">{text}</span>'

    def _here(self, text: str) -> str:
        return f'<span style="color:{self._theme.colors.here}">{text}</span>'


def _toggle(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setCheckable(True)
    button.setToolTip(tip)
    button.setAccessibleName(text)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


def _depth(image: Image) -> str:
    return {"uint8": "8-bit", "uint16": "16-bit", "float32": "float"}[str(image.pixels.dtype)]


def _bands(image: Image) -> str:
    if image.bands == ("R", "G", "B"):
        return "RGB"
    several = "bands " if image.bands[0].startswith("band ") and image.channels > 1 else ""
    return several + ", ".join(short(image.bands) if several else image.bands)
