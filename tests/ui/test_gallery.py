"""The gallery of samples."""

import pytest
from PySide6.QtCore import Qt

from visualizer.core import samples
from visualizer.ui.dialogs.gallery import GalleryDialog


@pytest.fixture
def opened(theme, qtbot):
    """Return a function that opens a gallery; it is closed at the end."""
    dialogs = []

    def make(thumbnails=None):
        dialog = GalleryDialog(theme, {} if thumbnails is None else thumbnails)
        dialogs.append(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        return dialog

    yield make
    for dialog in dialogs:
        if not dialog.isHidden():
            dialog.reject()


def test_every_sample_is_listed_with_title_and_caption(opened):
    dialog = opened()
    assert dialog.list.count() == len(samples.SAMPLES)
    for row, sample in enumerate(samples.SAMPLES):
        assert dialog.list.item(row).text() == sample.title
        spoken = dialog.list.item(row).data(Qt.ItemDataRole.AccessibleTextRole)
        assert sample.title in spoken and sample.caption in spoken


def test_there_is_room_for_the_title_bar_on_a_small_screen(opened, theme):
    theme.set_scale(1.5)
    dialog = opened()
    assert dialog.height() <= dialog.screen().availableSize().height() - 26


def test_thumbnails_arrive_and_are_kept_for_the_next_gallery(opened, qtbot):
    made = {}
    dialog = opened(made)
    rows = range(len(samples.SAMPLES))
    qtbot.waitUntil(lambda: all(dialog.list.has_picture(row) for row in rows), timeout=15000)
    assert set(made) == {sample.key for sample in samples.SAMPLES}
    assert all(rgb.ndim == 3 and max(rgb.shape) <= 1200 for rgb in made.values())
    again = opened(made)
    assert all(again.list.has_picture(row) for row in rows), "at once"


def test_arrow_keys_and_enter_choose(opened, qtbot):
    dialog = opened()
    chosen = []
    dialog.chosen.connect(chosen.append)
    qtbot.keyClick(dialog.list, Qt.Key.Key_Right)
    qtbot.keyClick(dialog.list, Qt.Key.Key_Return)
    assert chosen == [samples.SAMPLES[1].key]
    assert dialog.isHidden()


def test_a_double_click_chooses(opened, qtbot):
    dialog = opened()
    chosen = []
    dialog.chosen.connect(chosen.append)
    place = dialog.list.visualItemRect(dialog.list.item(2)).center()
    qtbot.mouseClick(dialog.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [], "one click only goes there"
    qtbot.mouseDClick(dialog.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [samples.SAMPLES[2].key]


def test_escape_chooses_nothing(opened, qtbot):
    dialog = opened()
    chosen = []
    dialog.chosen.connect(chosen.append)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert chosen == [] and dialog.isHidden()


def test_larger_type_makes_larger_thumbnails(opened, theme):
    dialog = opened()
    before = dialog.list.cell().width()
    theme.set_scale(1.5)
    assert dialog.list.cell().width() == 1.5 * before
    theme.set_scale(1.0)
