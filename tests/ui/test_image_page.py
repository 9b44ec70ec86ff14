"""The Image page by mouse and keyboard: linked views, numbers, recomposing, counting."""

import re

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from visualizer.core import reader
from visualizer.core.image import Image
from visualizer.ui import undo
from visualizer.ui.background import Background
from visualizer.ui.pages import image_counting
from visualizer.ui.pages.image_page import ImagePage
from visualizer.ui.widgets import cells
from visualizer.ui.widgets.card import Card
from visualizer.ui.widgets.elided_label import ElidedLabel
from visualizer.ui.widgets.histogram import Histogram
from visualizer.ui.widgets.image_view import ImageView
from visualizer.ui.widgets.number_grid import NumberGrid
from visualizer.ui.widgets.value_edit import ValueEdit
from visualizer.ui.widgets.wrapped_label import WrappedLabel

SMALLEST = (1196, 640)  # what a window of 1280 × 720 leaves for a page
UNDER_A_STRIP = (1195, 567)  # and what it leaves while a strip of files is on show


@pytest.fixture
def show(qtbot, context, window):
    """Build the page in a shown window, with its values counted."""
    pages: list[ImagePage] = []

    def build(image: Image | None = None) -> ImagePage:
        if image is not None:
            context.session.show(image)
        page = ImagePage(context)
        pages.append(page)
        page.model.edited.connect(lambda edit: undo.record(context.undo, edit, lambda: None))
        layout = QVBoxLayout(window)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(page)
        window.resize(*SMALLEST)
        context.actions.set_page(page.title)
        with qtbot.waitExposed(window):
            window.show()
        counted(qtbot, page)
        return page

    yield build
    for page in pages:
        page.close_work()


def counted(qtbot, page: ImagePage) -> None:
    qtbot.waitUntil(lambda: not page.findChild(Background).busy)


def texts(page: QWidget) -> str:
    """All that can be read on the page, rich text as plain."""
    labels = [label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page)]
    whole = [e.accessibleName() for e in page.findChildren(ElidedLabel) if e.isVisibleTo(page)]
    return re.sub(r"<[^>]*>|&nbsp;", "", "\n".join(labels + whole)).replace("  ", " ")


def view(page: ImagePage, name: str = "The picture") -> ImageView:
    return next(v for v in page.findChildren(ImageView) if v.accessibleName() == name)


def test_bands_are_named_in_short_where_there_is_little_room(qtbot, show) -> None:
    bands = Image.from_array(np.zeros((40, 40, 6), np.uint8), "satellite_of_may.tif")
    page = show(bands.picked((0, 1, 5)))
    assert "40 × 40 × 3 · 8-bit · bands 1, 2, 6" in texts(page)
    orders = next(b for b in page.findChildren(QComboBox) if b.accessibleName() == "Shown as")
    assert orders.currentText() == "1 2 6"
    title = next(e for e in page.findChildren(ElidedLabel) if e.isVisibleTo(page))
    assert title.text() == "satellite_of_may.tif", "not shortened"


def test_one_band_has_its_name_in_the_histogram(qtbot, show) -> None:
    bands = Image.from_array(np.zeros((40, 40, 6), np.uint8), "satellite.tif")
    page = show(bands.picked((3,)))
    counted(qtbot, page)
    assert [c.letter for c in page.findChild(Histogram)._curves] == ["band 4"]


def button(page: ImagePage, name: str) -> QToolButton:
    return next(b for b in page.findChildren(QToolButton) if b.accessibleName() == name)


def at(view: ImageView, row: int, column: int):
    """Where a pixel's middle is in a view."""
    return view.frame.to_screen(QPointF(column + 0.5, row + 0.5)).toPoint()


def color_at(view: ImageView, row: int, column: int) -> tuple[int, int, int]:
    """The colour of a pixel near its corner, where no number is written."""
    place = view.frame.to_screen(QPointF(column + 0.15, row + 0.15)).toPoint()
    color = view.grab().toImage().pixelColor(place)
    return color.red(), color.green(), color.blue()


def test_says_what_the_picture_is(show, context) -> None:
    page = show()
    pixels = context.session.image.pixels
    text = texts(page)
    assert "40 × 60 × 3 · 8-bit · RGB" in text
    assert f"40 × 60 × 3, uint8, {pixels.min()}–{pixels.max()}, 8 KiB" in text
    for i, name in enumerate(("Red", "Green", "Blue")):
        plane = pixels[:, :, i]
        assert name in text
        assert f"mean {plane.mean():.1f}" in text
        assert f"min {plane.min()} · max {plane.max()}" in text


def test_hovering_any_view_tells_the_pixel_everywhere(show, context, said) -> None:
    page = show()
    red = view(page, "Red plane")
    QTest.mouseMove(red, at(red, 12, 30))
    r, g, b = context.session.image.pixels[12, 30]
    assert page.model.cursor == (12, 30)
    assert f"row 12, column 30 → R {r} G {g} B {b}" in texts(page)
    assert f"#{r:02X}{g:02X}{b:02X}" in texts(page)
    assert said.status[-1] == f"row 12  column 30   R {r}  G {g}  B {b}"
    assert "rows 8–16, columns 26–34" in page.findChild(NumberGrid).accessibleName()


def test_a_click_pins_until_escape(show, window) -> None:
    page = show()
    picture = view(page)
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton, pos=at(picture, 5, 6))
    QTest.mouseMove(picture, at(picture, 20, 20))
    assert page.model.cursor == (5, 6)
    assert "pinned, Esc releases" in texts(page)
    QTest.keyClick(picture, Qt.Key.Key_Escape)
    QTest.mouseMove(picture, at(picture, 21, 20))
    assert page.model.cursor == (21, 20)


def test_a_second_click_releases(show) -> None:
    page = show()
    picture = view(page)
    for row in (5, 6):
        QTest.mouseClick(picture, Qt.MouseButton.LeftButton, pos=at(picture, row, 6))
    assert not page.model.pinned


def test_arrow_keys_move_the_cursor_by_a_pixel(show) -> None:
    page = show()
    picture = view(page)
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton, pos=at(picture, 0, 6))
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(picture, key)
    assert page.model.cursor == (1, 8)


def test_a_number_in_the_table_leads_to_its_pixel(show) -> None:
    page = show()
    page.model.pin((10, 10))
    grid = page.findChild(NumberGrid)
    place = grid.cell_rect(0, 8).center().toPoint()
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=place)
    assert page.model.cursor == (6, 14)


def test_the_wheel_over_a_plane_zooms_all_views(show, wheel) -> None:
    page = show()
    picture, blue = view(page), view(page, "Blue plane")
    before = picture.frame.scale
    wheel(blue, 240)
    assert picture.frame.scale > before
    QTest.keyClick(picture, "0")
    assert picture.frame.scale == before
    QTest.keyClick(picture, "1")
    assert picture.frame.scale * picture.frame.ratio == 1.0


def test_planes_show_their_channel_alone(show, context) -> None:
    page = show(Image.from_array(np.full((4, 4, 3), (200, 100, 50), np.uint8), "plain"))
    assert color_at(view(page, "Red plane"), 2, 2) == (200, 0, 0)
    assert color_at(view(page, "Blue plane"), 2, 2) == (0, 0, 50)
    button(page, "Tint planes").click()
    assert color_at(view(page, "Red plane"), 2, 2) == (200, 200, 200)
    context.undo.undo()
    assert color_at(view(page, "Red plane"), 2, 2) == (200, 0, 0)


def test_another_colour_space(qtbot, show) -> None:
    page = show(Image.from_array(np.full((4, 4, 3), (200, 100, 50), np.uint8), "plain"))
    button(page, "Colour space: HSV").click()
    counted(qtbot, page)
    qtbot.waitUntil(lambda: "mean 20.0°" in texts(page))
    page.model.point((2, 2))
    assert "H 20.0° S 75.0 % V 78.4 %" in texts(page)
    view(page, "Hue plane")


def test_weights_are_live_and_one_drag_is_one_undo(show, context) -> None:
    page = show(Image.from_array(np.full((4, 4, 3), (200, 100, 50), np.uint8), "plain"))
    slider = next(s for s in page.findChildren(QWidget) if s.accessibleName() == "G")
    slider.setFocus()
    for _ in range(4):
        QTest.keyClick(slider, Qt.Key.Key_Right)
    assert page.model.settings.weights == pytest.approx((1.0, 1.2, 1.0))
    assert color_at(view(page), 2, 2) == (200, 120, 50)
    assert "recomposed" in texts(page)
    page.model.point((2, 2))
    assert "read R 200 G 100 B 50, shown R 200 G 120 B 50" in texts(page)
    assert "planes, table and histogram stay as read" in texts(page)
    context.undo.undo()
    assert page.model.settings.weights == (1.0, 1.0, 1.0)
    assert color_at(view(page), 2, 2) == (200, 100, 50)


def test_mute_swap_and_reset(show) -> None:
    page = show(Image.from_array(np.full((4, 4, 3), (200, 100, 50), np.uint8), "plain"))
    button(page, "Mute G").click()
    page.model.edit("order", order=(2, 1, 0))
    assert color_at(view(page), 2, 2) == (50, 0, 200)
    assert color_at(view(page, "Green plane"), 2, 2) == (0, 100, 0)
    resets = [b for b in page.findChildren(QPushButton) if b.text() == "Reset"]
    for reset in resets:
        reset.click()
    assert color_at(view(page), 2, 2) == (200, 100, 50)


def test_the_contrast_window(show) -> None:
    values = np.linspace(1000, 3000, 32 * 32).reshape(32, 32).astype(np.uint16)
    page = show(Image.from_array(values, "deep.tif"))
    assert color_at(view(page), 0, 1) == (4, 4, 4)
    auto = next(b for b in page.findChildren(QPushButton) if b.text() == "Auto")
    auto.click()
    assert color_at(view(page), 0, 1) == (0, 0, 0)
    assert color_at(view(page), 31, 30) == (255, 255, 255)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("Contrast window, lower end", "300", "Contrast window must lie between 0 and 255."),
        (
            "Contrast window, upper end",
            "abc",
            '"abc" is not a number: type one like 2, -0.5 or 1/9.',
        ),
        ("R, value", "3", "R must lie between 0.00 and 2.00."),
    ],
)
def test_a_value_that_cannot_be_used_says_why_beside_it(qtbot, show, name, text, sentence) -> None:
    page = show()
    edit = next(e for e in page.findChildren(ValueEdit) if e.accessibleName() == name)
    edit.setFocus()
    edit.selectAll()
    qtbot.keyClicks(edit, text)
    errors = [w for w in page.findChildren(QLabel) if w.property("role") == "error"]
    qtbot.waitUntil(lambda: [w.text() for w in errors if w.isVisible()] == [sentence])
    qtbot.keyClick(edit, Qt.Key.Key_Escape)
    assert not any(w.isVisible() for w in errors)


def test_a_grey_picture_has_one_plane_and_says_why_there_is_no_colour(show) -> None:
    page = show(Image.from_array(np.arange(100, dtype=np.uint8).reshape(10, 10), "grey"))
    shown = [v.accessibleName() for v in page.findChildren(ImageView) if v.isVisible()]
    assert shown == ["The picture", "Grey plane"]
    lab = button(page, "Colour space: Lab")
    assert not lab.isEnabled()
    assert "one channel" in lab.toolTip()
    names = [b.accessibleName() for b in page.findChildren(QToolButton) if b.isVisible()]
    assert [name for name in names if name.startswith("Mute")] == ["Mute grey"]


def test_what_is_no_number_is_painted_apart_and_told(show, theme) -> None:
    pixels = np.full((6, 6, 3), 0.5, np.float32)
    pixels[3, 4, 0] = np.nan
    page = show(Image.from_array(pixels, "holed.tif"))
    expected = theme.color("invalid")
    assert QColor(*color_at(view(page), 3, 4)) == expected
    assert QColor(*color_at(view(page, "Red plane"), 3, 4)) == expected
    assert QColor(*color_at(view(page, "Green plane"), 3, 4)) != expected
    assert "1 value is NaN or infinite" in texts(page)
    page.model.point((3, 4))
    assert "R NaN" in texts(page)
    assert "no colour" in texts(page)


def test_another_picture_starts_afresh(qtbot, show, context) -> None:
    page = show()
    page.model.pin((30, 50))
    page.model.edit("contrast", window=(10.0, 20.0))
    context.session.show(Image.from_array(np.full((8, 8), 0.25, np.float32), "small.tif"))
    counted(qtbot, page)
    assert page.model.cursor is None
    assert page.model.settings.window is None
    assert "small.tif" in texts(page)
    assert "8 × 8 × 1, float32, 0.25–0.25, 256 bytes" in texts(page)


def test_a_picture_changed_behind_its_back_is_shown_on_return(qtbot, show, context) -> None:
    page = show()
    page.hide()
    context.session.show(Image.from_array(np.full((8, 8), 9, np.uint8), "later.png"))
    assert "later.png" not in texts(page)
    page.show()
    counted(qtbot, page)
    assert "later.png" in texts(page)


def test_a_large_picture_is_coarse_first_and_then_exact(qtbot, show, monkeypatch) -> None:
    monkeypatch.setattr(image_counting, "PREPARED_AT_ONCE", 100)
    monkeypatch.setattr(image_counting, "_COARSE", 50)
    pixels = np.zeros((20, 20), np.uint8)
    pixels[1, 1] = 255  # lies between the pixels of the coarse picture
    page = show(Image.from_array(pixels, "large.png"))
    qtbot.waitUntil(lambda: color_at(view(page), 1, 1) == (255, 255, 255))
    assert "mean 0.6" in texts(page)


def test_a_long_count_says_how_far_it_has_come(qtbot, show, context, monkeypatch) -> None:
    page = show()
    monkeypatch.setattr(image_counting, "_PATIENCE_S", 0)
    seen: list[str] = []
    page.findChild(image_counting.Counting).progressed.connect(seen.append)
    context.session.show(Image.from_array(np.zeros((8, 8), np.uint8), "next.png"))
    counted(qtbot, page)
    assert seen == ["counting, 100 %", ""]


def test_numbers_are_written_into_large_pixels(show) -> None:
    page = show()
    page._viewport.set_zoom(40.0)
    written = view(page).grab().toImage()
    button(page, "Values on zoom").click()
    assert view(page).grab().toImage() != written


def test_weights_of_a_dense_layer_are_counted(show) -> None:
    page = show(Image.from_array(np.zeros((200, 200, 3), np.uint8), "x"))
    assert "3 × 200 × 200 = 120,000 inputs × 1,000 units" in texts(page)
    assert "120,000,000 weights" in texts(page)
    assert "224 weights" in texts(page)
    page.model.edit("hidden units", hidden_units=100)
    assert "12,000,000 weights" in texts(page)


def test_the_status_bar_tells_how_long_the_planes_took(qtbot, show, said) -> None:
    page = show()
    page._viewport.fit()
    assert re.fullmatch(r"planes \d+ ms   zoom \d+ %", said.right[-1])


@pytest.mark.parametrize("height", [640, 540])
def test_long_numbers_in_the_table_never_overlap(qtbot, show, window, height) -> None:
    pixels = np.random.default_rng(0).integers(10_000, 65_536, (40, 60, 3)).astype(np.uint16)
    page = show(Image.from_array(pixels, "deep.png"))
    window.resize(SMALLEST[0], height)
    page.model.point((20, 30))
    grid = page.findChild(NumberGrid)
    digits = cells.digits_font(page._context.theme, grid._type_size)
    needed = QFontMetricsF(digits).horizontalAdvance("65535")
    assert needed <= grid.cell_rect(0, 0).width()
    assert grid._values.shape == (9, 9)


def test_a_table_of_very_long_numbers_has_fewer_of_them(qtbot, show) -> None:
    pixels = (np.random.default_rng(0).random((40, 60)) - 0.5).astype(np.float32) * 1e-6
    page = show(Image.from_array(pixels, "faint.tif"))
    page.model.pin((20, 30))
    grid = page.findChild(NumberGrid)
    assert grid._values.shape == (5, 5)
    assert grid._values[2, 2] == pixels[20, 30]
    assert "rows 18–22, columns 28–32" in grid.accessibleName()
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.cell_rect(0, 4).center().toPoint())
    assert page.model.cursor == (18, 32)


def test_sentences_are_readable_whole_in_the_smallest_room(qtbot, show) -> None:
    pixels = np.full((600, 800, 3), 0.5, np.float32)
    pixels[3:6, 4:10, 0] = np.nan
    page = show(Image.from_array(pixels, "a picture with holes.tif"))
    sentences = [label for label in page.findChildren(WrappedLabel) if label.isVisible()]
    assert any("18 values are NaN" in label.text() for label in sentences)
    assert any("= 1,440,000 inputs" in label.text() for label in sentences)
    for label in sentences:
        assert label.height() >= label.heightForWidth(label.width()), label.text()
    assert page.findChild(QScrollArea).verticalScrollBar().maximum() == 0


def test_panels_stand_still_while_the_cursor_moves(show) -> None:
    page = show()
    picture = view(page)
    QTest.mouseMove(picture, at(picture, 0, 0))
    panels = [*page.findChildren(Card), *page.findChildren(ImageView)]
    before = [panel.geometry() for panel in panels]
    QTest.mouseMove(picture, at(picture, 39, 59))
    assert [panel.geometry() for panel in panels] == before


@pytest.mark.parametrize(
    ("scale", "room"), [(1.0, SMALLEST), (1.0, UNDER_A_STRIP), (1.5, (1920, 960))]
)
def test_nothing_is_cut_off_in_the_smallest_room(qtbot, show, theme, window, scale, room) -> None:
    page = show()
    theme.set_scale(scale)
    window.resize(*room)
    page.model.edit("space", space="HSV")
    qtbot.waitUntil(lambda: "Saturation" in texts(page))
    scroll = page.findChild(QScrollArea)
    assert scroll.horizontalScrollBar().maximum() == scroll.verticalScrollBar().maximum() == 0
    for label in page.findChildren(QLabel):
        if label.isVisible() and not isinstance(label, ElidedLabel):
            assert label.width() >= label.minimumSizeHint().width() or not label.text(), (
                label.text()
            )
    for name in ("Why not a dense layer?", "Histogram", "Recompose"):
        assert name in texts(page)


def test_the_tour_leaves_everything_as_it_was(qtbot, show) -> None:
    page = show()
    before = page.model.settings
    shots: list[str] = []
    page.tour(lambda name: (counted(qtbot, page), shots.append(name)))
    assert shots == ["picture", "values", "lab", "recomposed"]
    assert page.model.settings == before
    assert not page.model.pinned


class TestHistogram:
    def test_the_legend_tells_the_counts_under_the_pointer(self, show) -> None:
        pixels = np.full((4, 4), 100, np.uint8)
        page = show(Image.from_array(pixels, "plain"))
        histogram = page.findChild(Histogram)
        plot = histogram._plot()
        x = plot.left() + plot.width() * 100.5 / 256
        QTest.mouseMove(histogram, QPointF(x, plot.center().y()).toPoint())
        assert histogram._legend()[0] == "at 100"
        assert histogram._legend()[2] == ["grey 16"]

    def test_the_logarithmic_scale_lifts_rare_values(self, show) -> None:
        pixels = np.zeros((50, 50), np.uint8)
        pixels[0, :5] = 200
        page = show(Image.from_array(pixels, "rare"))
        histogram = page.findChild(Histogram)
        low = histogram._heights[0][200]
        QTest.keyClick(view(page), Qt.Key.Key_L)
        assert page.model.settings.log_scale
        assert histogram._heights[0][200] > 20 * low


def test_the_picture_is_saved_as_it_is_shown(qtbot, context, show, said, tmp_path) -> None:
    page = show()
    page.model.edit("mute", weights=(1.0, 0.0, 1.0))
    context.actions["image.save"].trigger()
    dialog = page.findChild(QFileDialog)
    dialog.findChild(QLineEdit).setText(str(tmp_path / "shown.png"))
    dialog.accept()
    qtbot.waitUntil(lambda: bool(said.sentences))
    assert said.sentences == [f"Saved shown.png in {tmp_path}."]
    saved = reader.read(tmp_path / "shown.png").pixels
    factor = saved.shape[0] // context.session.image.height
    expected = context.session.image.pixels * np.array([1, 0, 1], np.uint8)
    assert np.array_equal(saved[::factor, ::factor], expected)
