"""The sliders of a parametric preset: size, σ, angle, wavelength."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from visualizer.core.presets import Parameter, Parameters, Preset, presets
from visualizer.ui.pages.filters_controls import leave_focus
from visualizer.ui.theme import Theme
from visualizer.ui.widgets.fields import LabelledSlider

_COLUMNS = 2


class PresetSliders(QWidget):
    """One slider for each parameter of the preset on show; hidden when it has none.

    Signals:
        changed(key, parameters, merge key): the user chose other values.
    """

    changed = Signal(str, tuple, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._key = ""
        self._sliders: dict[str, LabelledSlider] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(8)
        self._columns = _COLUMNS
        self.hide()

    @property
    def empty(self) -> bool:
        """Whether the preset on show has no parameters."""
        return not self._sliders

    def set_columns(self, columns: int) -> None:
        """Stand in so many columns."""
        if columns != self._columns:
            self._columns = columns
            self._place()

    def show_preset(self, key: str, parameters: Parameters) -> None:
        """Show the sliders of a preset ("" for none) at these values, or at its own."""
        preset = next((p for p in presets() if p.key == key), None)
        if key != self._key:
            self._key = key
            self._build(preset)
        if preset is not None:
            for name, value in (*preset.defaults, *parameters):
                self._sliders[name].set_value(value)

    def _build(self, preset: Preset | None) -> None:
        for slider in self._sliders.values():
            self._grid.removeWidget(slider)
            slider.hide()
            slider.deleteLater()
        parameters = preset.parameters if preset else ()
        self._sliders = {parameter.name: self._slider(parameter) for parameter in parameters}
        self._place()
        self.setVisible(bool(parameters))

    def _place(self) -> None:
        for i, slider in enumerate(self._sliders.values()):
            self._grid.addWidget(slider, i // self._columns, i % self._columns)

    def _slider(self, parameter: Parameter) -> LabelledSlider:
        title = parameter.title
        if title.isascii():  # Σ would be another word for σ: a sum
            title = title.capitalize()
        slider = LabelledSlider(
            self._theme,
            title,
            parameter.minimum,
            parameter.maximum,
            step=parameter.step,
            decimals=0 if parameter.step == round(parameter.step) else 1,
        )
        slider.valueChanged.connect(lambda _: self._changed(slider))
        leave_focus(slider)
        return slider

    def _changed(self, moved: LabelledSlider) -> None:
        values = tuple((name, slider.value()) for name, slider in self._sliders.items())
        self.changed.emit(self._key, values, moved.merge_key)
