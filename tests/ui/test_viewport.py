"""Zoom, centre, linking and limits of viewports."""

import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF

from visualizer.core.geometry import Padding
from visualizer.ui.widgets.viewport import MARGIN, MAX_ZOOM, Frame, Viewport


@pytest.fixture
def viewport(qapp):
    return Viewport()


def add(viewport, rows=300, columns=400, width=806, height=606, **rest):
    frame = Frame(viewport)
    frame.place(rows=rows, columns=columns, size=QSizeF(width, height), **rest)
    return frame


def region(frame):
    """The part of the picture on show, as shares: top, left, bottom, right."""
    first = frame.to_image(QPointF(0, 0))
    last = frame.to_image(QPointF(frame.size.width(), frame.size.height()))
    return (
        max(first.y() / frame.rows, 0.0), max(first.x() / frame.columns, 0.0),
        min(last.y() / frame.rows, 1.0), min(last.x() / frame.columns, 1.0),
    )  # fmt: skip


def test_fitted_at_first_with_the_whole_picture_in_view(viewport):
    frame = add(viewport)
    assert viewport.fitted
    assert viewport.zoom == 2.0
    assert frame.to_screen(QPointF(0, 0)) == QPointF(MARGIN, MARGIN)
    assert frame.to_screen(QPointF(400, 300)) == QPointF(806 - MARGIN, 606 - MARGIN)


def test_stays_fitted_when_the_view_or_the_picture_changes(viewport):
    frame = add(viewport)
    frame.place(size=QSizeF(406, 606))
    assert viewport.zoom == 1.0
    frame.place(rows=600, columns=800)
    assert viewport.zoom == 0.5
    assert viewport.fitted


def test_fits_the_padding_as_well(viewport):
    frame = add(viewport, 6, 6, 806, 806)
    frame.place(padding=Padding(1, 1, 1, 1))
    assert frame.scale == 800 // 8
    assert frame.to_screen(QPointF(-1, -1)).x() >= MARGIN
    assert frame.to_screen(QPointF(7, 7)).x() <= 806 - MARGIN


def test_padding_on_one_side_moves_the_picture_to_the_other(viewport):
    frame = add(viewport, 6, 6, 806, 806, padding=Padding(0, 0, 3, 0))
    left = frame.to_screen(QPointF(-3, 0)).x()
    right = 806 - frame.to_screen(QPointF(6, 0)).x()
    assert left == pytest.approx(right, abs=1)


@pytest.mark.parametrize("anchor", [QPointF(403, 303), QPointF(200, 150), QPointF(700, 500)])
def test_zooming_holds_what_is_under_the_cursor(viewport, anchor):
    frame = add(viewport)
    viewport.set_zoom(5)
    for factor in (1.25, 1.25, 2, 3, 0.5):
        before = frame.to_image(anchor)
        viewport.zoom_by(factor, anchor, frame)
        after = frame.to_image(anchor)
        assert (after - before).manhattanLength() < 1.5 / frame.scale


def test_no_empty_rim_while_the_picture_is_larger(viewport):
    frame = add(viewport)
    viewport.set_zoom(4)
    viewport.pan(10_000, 10_000)
    assert frame.to_screen(QPointF(0, 0)) == QPointF(MARGIN, MARGIN)
    viewport.pan(-10_000, -10_000)
    assert frame.to_screen(QPointF(400, 300)) == QPointF(806 - MARGIN, 606 - MARGIN)
    viewport.pan(7, 5)
    assert frame.to_screen(QPointF(400, 300)) == QPointF(806 - MARGIN + 7, 606 - MARGIN + 5)


def test_a_smaller_picture_stays_in_the_middle(viewport):
    frame = add(viewport)
    viewport.set_zoom(0.5, QPointF(0, 0), frame)
    viewport.pan(100, 100)
    assert frame.to_screen(QPointF(200, 150)) == frame.middle


def test_limits(viewport):
    add(viewport)
    viewport.set_zoom(1e9)
    assert viewport.zoom == MAX_ZOOM
    viewport.set_zoom(1e-9)
    assert viewport.zoom == 0.25
    assert viewport.limits == (0.25, MAX_ZOOM)


def test_a_tiny_picture_can_fit_beyond_the_largest_zoom_and_still_show_hundred(viewport):
    add(viewport, 2, 2, 806, 806)
    assert viewport.zoom == 400
    viewport.hundred()
    assert viewport.zoom == 1.0
    viewport.fit()
    assert viewport.zoom == 400


def test_steps_stop_at_fitted_and_at_hundred(viewport):
    add(viewport)
    viewport.set_zoom(2.3)
    viewport.zoom_by(0.8)
    assert viewport.fitted
    viewport.set_zoom(1.1)
    viewport.zoom_by(0.8)
    assert viewport.zoom == 1.0
    viewport.zoom_by(0.8)
    assert viewport.zoom == pytest.approx(0.8)


def test_hundred_stays_when_the_view_is_resized(viewport):
    frame = add(viewport)
    viewport.hundred()
    frame.place(size=QSizeF(500, 400))
    assert viewport.zoom == 1.0
    assert frame.scale == 1.0


def test_hundred_is_one_screen_pixel_on_a_dense_screen(viewport):
    frame = add(viewport, ratio=2.0)
    assert viewport.zoom == 4.0
    viewport.hundred()
    assert frame.scale == 0.5


def test_enlarged_cells_are_whole_screen_pixels(viewport):
    frame = add(viewport, ratio=1.25)
    viewport.set_zoom(13.7)
    assert frame.scale * 1.25 == 13
    assert viewport.zoom == 13
    corner = frame.origin * 1.25
    assert corner.x() == pytest.approx(round(corner.x()))


def test_small_and_large_views_show_the_same_region(viewport):
    large = add(viewport)
    small = add(viewport, width=206, height=156)
    assert small.scale == large.scale / 4
    viewport.set_zoom(6, QPointF(700, 200), large)
    assert region(small) == pytest.approx(region(large), abs=0.02)
    viewport.pan(-150, 60, small)
    assert region(small) == pytest.approx(region(large), abs=0.02)
    assert region(large) != pytest.approx((0.0, 0.0, 1.0, 1.0), abs=0.2)


def test_hundred_refers_to_the_first_view(viewport):
    large = add(viewport)
    small = add(viewport, width=206, height=156)
    viewport.hundred()
    assert large.scale == 1.0
    assert small.scale == 0.25


def test_zooming_in_a_linked_view_holds_its_own_cursor(viewport):
    add(viewport)
    small = add(viewport, width=206, height=156)
    viewport.set_zoom(6)
    anchor = QPointF(150, 40)
    before = small.to_image(anchor)
    viewport.zoom_by(1.6, anchor, small)
    assert (small.to_image(anchor) - before).manhattanLength() < 1.5 / small.scale


def test_a_strided_feature_map_shows_what_the_input_shows(viewport):
    source = add(viewport, 300, 300, 606, 606)
    # 5 × 5 at stride 2 without padding: cell (0, 0) stands for the two pixels from 1 on.
    mapped = add(viewport, 148, 148, 606, 606)
    mapped.place(region=(1 / 300, 1 / 300, 296 / 300, 296 / 300))
    viewport.set_zoom(16, QPointF(150, 450), source)
    middle = source.to_image(source.middle)
    cell = mapped.to_image(mapped.middle)
    assert cell.x() * 2 + 1 == pytest.approx(middle.x(), abs=0.1)
    assert cell.y() * 2 + 1 == pytest.approx(middle.y(), abs=0.1)


def test_reveal_pans_by_as_little_as_is_needed(viewport):
    frame = add(viewport)
    viewport.set_zoom(16)
    area = QRectF(380, 290, 3, 3)
    viewport.reveal(area, frame)
    assert frame.to_screen(area.bottomRight()).x() == pytest.approx(806 - MARGIN, abs=1)
    assert frame.to_screen(area.bottomRight()).y() == pytest.approx(606 - MARGIN, abs=1)
    before = viewport.centre
    viewport.reveal(QRectF(375, 285, 1, 1), frame)
    assert viewport.centre == before


def test_changed_is_emitted_once_for_a_change_and_never_for_none(qtbot, viewport):
    frame = add(viewport)
    emitted = []
    viewport.changed.connect(lambda: emitted.append(viewport.zoom))
    viewport.set_zoom(3.0)
    viewport.set_zoom(3.0)
    frame.place(rows=300)
    viewport.fit()
    viewport.fit()
    assert emitted == [3.0, 2.0]


def test_without_a_view_nothing_happens(viewport):
    viewport.set_zoom(3)
    viewport.zoom_by(2)
    viewport.pan(1, 1)
    viewport.reveal(QRectF(0, 0, 1, 1))
    assert viewport.zoom == 1.0
    assert viewport.fitted
