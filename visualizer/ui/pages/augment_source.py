"""Where the image comes from, the original, and what validation looks at."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout

from visualizer.state.augment import AugmentSettings
from visualizer.state.augment_work import WHY_UNTOUCHED, Material, to_levels
from visualizer.ui import icons
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.elided_label import ElidedLabel
from visualizer.ui.widgets.fields import LabelledChoice
from visualizer.ui.widgets.map_mosaic import MapMosaic
from visualizer.ui.widgets.wrapped_label import WrappedLabel

if TYPE_CHECKING:
    from visualizer.state.augment_work import Floats

_PICTURE = 116  # px at scale 1


class OriginalCard(Card):
    """The image that is augmented, and the choice of it. Writes no model.

    Signals:
        sourceChosen(str): "picture", "class" or "folder".
        classChosen(int): its index.
        indexWanted(int): so many images on.
    """

    sourceChosen = Signal(str)
    classChosen = Signal(int)
    indexWanted = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__("Original")
        self._theme = theme
        self._classes: tuple[str, ...] = ()
        self._pixels: Floats | None = None
        self.picture = MapMosaic(theme, "", noun="image", captioned=False)
        self.picture.setAccessibleName("Original image")
        self.picture.setToolTip("")
        self.source = LabelledChoice(
            theme,
            "",
            (
                ("picture", "The image on show", "The photograph of the Image page"),
                ("class", "A class of the data", "Images of the data that the Train page has"),
                ("folder", "A folder…", "Every picture in it"),
            ),
            name="Source",
            tip="Which image is augmented",
        )
        self.classes = LabelledChoice(theme, "", (), name="Class", tip="Images of which class")
        for control in (self.source, self.classes):
            leave_focus(control)
            control.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._caption = ElidedLabel("", "caption")
        self._remark = WrappedLabel("caption")
        self._back, self._on = self._arrow("left", -1), self._arrow("right", 1)
        self._lay_out()
        self.source.currentChanged.connect(self.sourceChosen)
        self.classes.currentChanged.connect(lambda key: self.classChosen.emit(int(key)))
        theme.changed.connect(self._fit)
        self._fit()

    def show_settings(self, settings: AugmentSettings) -> None:
        """Show which source is chosen."""
        self.source.set_current(settings.source)
        is_class = settings.source == "class"
        self.classes.setVisible(is_class and bool(self._classes))
        if is_class and settings.class_index < len(self._classes):
            self.classes.set_current(str(settings.class_index))

    def show_classes(self, names: tuple[str, ...]) -> None:
        """Offer the classes of the data."""
        if names != self._classes:
            self._classes = names
            self.classes.set_options([(str(i), f"Class {name}") for i, name in enumerate(names)])

    def show_image(self, pixels: "Floats", name: str, material: Material) -> None:
        """Show the image (C, H, W) that is augmented."""
        if pixels is not self._pixels:  # not at every move of a slider
            self._pixels = pixels
            self.picture.set_images(to_levels(pixels[None]))
        height, width = pixels.shape[1:]
        self.note.setText(f"{height} × {width}, {'RGB' if len(pixels) == 3 else 'grey'}")
        self._caption.set_text(name)
        for arrow in (self._back, self._on):
            arrow.setEnabled(len(material.images) > 1)
        self._remark.set_text(" ".join(material.notes))

    def clear(self) -> None:
        """Show no image."""
        self._pixels = None
        self.picture.clear()
        self.note.setText("")
        self._caption.set_text("")
        for arrow in (self._back, self._on):
            arrow.setEnabled(False)

    def say(self, sentence: str) -> None:
        """Say what is going on, or why there is nothing to show."""
        self._remark.set_text(sentence)

    def _arrow(self, side: str, by: int) -> QToolButton:
        button = QToolButton()
        name = "Next image" if by > 0 else "Previous image"
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setProperty("icon_name", f"mdi6.chevron-{side}")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAutoRepeat(True)
        button.clicked.connect(lambda: self.indexWanted.emit(by))
        return button

    def _lay_out(self) -> None:
        arrows = QHBoxLayout()
        arrows.setSpacing(6)
        arrows.addWidget(self._back)
        arrows.addWidget(self._on)
        arrows.addWidget(self._caption, 1)
        right = QVBoxLayout()
        right.setSpacing(7)
        right.addWidget(self.source)
        right.addWidget(self.classes)
        right.addLayout(arrows)
        right.addWidget(self._remark)
        right.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.picture)
        row.addLayout(right, 1)
        self.body.addLayout(row, 1)

    def _fit(self) -> None:
        side = self._theme.px(_PICTURE)
        self.picture.setFixedSize(side, side)
        icons.fit(self._theme, self._back, self._on)
        for arrow in (self._back, self._on):
            color = self._theme.colors.text
            faint = self._theme.colors.faint
            name = arrow.property("icon_name")
            arrow.setIcon(icons.icon(name, color=color, color_disabled=faint))


class ValidationCard(Card):
    """Images that are never augmented, and why."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("Validation stays untouched")
        self._theme = theme
        self.mosaic = MapMosaic(theme, "", noun="validation image", captioned=False)
        self.mosaic.setAccessibleName("Validation images, untouched")
        self.mosaic.setToolTip("As they are in the data")
        self._reason = WrappedLabel("caption")
        self._reason.set_text(WHY_UNTOUCHED)
        self.body.addWidget(self.mosaic, 1)
        self.body.addWidget(self._reason)

    def show_material(self, material: Material | None) -> None:
        """Show the images of a source that validation would look at."""
        if material is None:
            self.mosaic.clear()
        else:
            self.mosaic.set_images(material.untouched)
