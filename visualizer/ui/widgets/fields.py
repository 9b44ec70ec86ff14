"""The labelled inputs, from one shelf.

None of them emits when its value is set by the program; only what the user does is told.
"""

from visualizer.ui.widgets.choices import LabelledChoice, SegmentedButtons
from visualizer.ui.widgets.range_field import LabelledRange
from visualizer.ui.widgets.slider_field import LabelledSlider

__all__ = ["LabelledChoice", "LabelledRange", "LabelledSlider", "SegmentedButtons"]
