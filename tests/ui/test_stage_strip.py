"""The strip of small pictures: its titles."""

import numpy as np

from visualizer.ui.widgets.stage_strip import StageStrip, Tile

STEPS = ("invert", "crop", "centre", "28 × 28", "grey", "normalise")


def test_seven_titles_are_whole_in_the_narrowest_window(qtbot, theme) -> None:
    strip = StageStrip(theme)
    qtbot.addWidget(strip)
    grey = np.zeros((28, 28, 3), np.uint8)
    strip.set_tiles([Tile("", "as it is", grey), *(Tile(step, step, grey) for step in STEPS)])
    strip.resize(550, strip.sizeHint().height())  # at 1280 × 720
    strip.show()
    qtbot.waitExposed(strip)
    places = {step: strip.button(step).title_place() for step in STEPS}
    assert {step: text for step, (_, text) in places.items()} == {step: step for step in STEPS}
    below_picture = strip.button("crop").picture_rect().left()
    assert places["crop"][0] == below_picture > places["normalise"][0]
    strip.grab()
