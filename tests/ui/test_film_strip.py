"""The strips under the header: files, frames and bands."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from visualizer.ui.widgets.band_picker import BandPicker
from visualizer.ui.widgets.film_strip import FilmStrip
from visualizer.ui.widgets.frame_bar import FrameBar
from visualizer.ui.widgets.slider import Slider

RED = np.full((20, 30, 3), (255, 0, 0), np.uint8)


@pytest.fixture
def strip(theme, qtbot):
    strip = FilmStrip(theme)
    qtbot.addWidget(strip)
    strip.resize(700, 130)
    strip.set_files(["a.png", "b.png", "c.png"])
    strip.show()
    return strip


def test_arrow_keys_and_clicks_choose(strip, qtbot):
    chosen = []
    strip.chosen.connect(chosen.append)
    strip.set_current(0)
    assert chosen == []
    qtbot.keyClick(strip.thumbnails, Qt.Key.Key_Right)
    place = strip.thumbnails.visualItemRect(strip.thumbnails.item(2)).center()
    qtbot.mouseClick(strip.thumbnails.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [1, 2]
    strip.close()


def test_taking_the_focus_chooses_nothing(strip, qtbot):
    chosen = []
    strip.chosen.connect(chosen.append)
    strip.thumbnails.setFocus()
    assert strip.thumbnails.hasFocus() and chosen == []
    strip.close()


def test_the_focus_is_seen_before_anything_is_chosen(strip, qtbot):
    with qtbot.waitActive(strip):
        strip.activateWindow()
    strip.thumbnails.clearFocus()
    plain = strip.thumbnails.grab().toImage()
    strip.thumbnails.setFocus(Qt.FocusReason.TabFocusReason)
    assert strip.thumbnails.currentRow() == 0 and not strip.thumbnails.selectedItems()
    assert strip.thumbnails.grab().toImage() != plain
    strip.set_files([])
    assert strip.thumbnails.focusPolicy() == Qt.FocusPolicy.NoFocus
    strip.close()


def test_tab_leads_from_the_files_to_closing_them(strip, qtbot):
    strip.thumbnails.setFocus()
    qtbot.keyClick(strip.thumbnails, Qt.Key.Key_Tab)
    assert strip.focusWidget().accessibleName() == "Close the strip of files"
    strip.close()


def test_a_picture_is_painted_and_a_bad_file_is_skipped(strip, qtbot):
    chosen = []
    strip.chosen.connect(chosen.append)
    strip.set_current(0)
    strip.set_picture(0, RED)
    strip.set_problem(1, "b.png is empty.")
    rect = strip.thumbnails.visualItemRect(strip.thumbnails.item(0))
    shot = strip.thumbnails.viewport().grab(rect).toImage()
    assert shot.pixelColor(shot.width() // 2, shot.height() // 3).getRgb()[:3] == (255, 0, 0)
    qtbot.keyClick(strip.thumbnails, Qt.Key.Key_Right)
    assert 1 not in chosen
    assert strip.thumbnails.item(1).toolTip() == "b.png is empty."
    strip.close()


def test_frames_are_counted_from_one_and_end_at_the_last(theme, qtbot):
    bar = FrameBar(theme)
    qtbot.addWidget(bar)
    chosen = []
    bar.frameChosen.connect(chosen.append)
    bar.set_frames(3, 1)
    texts = [w.text() for w in bar.children() if hasattr(w, "text")]
    assert "2 / 3" in texts and chosen == []
    slider = bar.findChild(Slider)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert chosen == [2]
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert chosen == [2, 0]


def test_bands_are_picked_by_name(theme, qtbot):
    picker = BandPicker(theme)
    qtbot.addWidget(picker)
    picked = []
    picker.picked.connect(picked.append)
    picker.set_bands(("red", "green", "blue", "infrared"), (0, 1, 2))
    assert picked == []
    first = picker.choices[0]
    first.set_current("3")
    first.currentChanged.emit("3")
    assert picked == [(3, 1, 2)]
    picker.mode.button("grey").click()
    assert picked[-1] == (3,)
    picker.mode.button("colour").click()
    assert picked[-1] == (3, 1, 2)


def test_two_bands_start_as_one_grey_and_can_be_mixed(theme, qtbot):
    picker = BandPicker(theme)
    qtbot.addWidget(picker)
    picked = []
    picker.picked.connect(picked.append)
    picker.set_bands(("band 1", "band 2"), (0,))
    assert picker.mode.current() == "grey"
    picker.mode.button("colour").click()
    assert picked == [(0, 1, 0)]
