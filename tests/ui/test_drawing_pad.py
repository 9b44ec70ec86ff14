"""Drawing with mouse, fingers and pen."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QPointingDeviceUniqueId, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from visualizer.core.strokes import Stroke
from visualizer.ui.widgets.drawing_pad import DrawingPad


@pytest.fixture
def pad(qtbot, theme):
    pad = DrawingPad(theme)
    qtbot.addWidget(pad)
    pad.resize(280, 280)
    pad.show()
    pad.told = []
    pad.drawn.connect(pad.told.append)
    return pad


def drag(qtbot, pad, *points, button=Qt.MouseButton.LeftButton):
    qtbot.mousePress(pad, button, pos=QPoint(*points[0]))
    for point in points[1:]:
        qtbot.mouseMove(pad, QPoint(*point))
    qtbot.mouseRelease(pad, button, pos=QPoint(*points[-1]))


def test_a_drag_is_a_stroke_and_the_picture_grows_with_every_move(qtbot, pad) -> None:
    ink = []
    pad.changed.connect(lambda picture: ink.append(int((picture > 127).sum())))
    drag(qtbot, pad, (70, 140), (140, 140), (210, 140))
    (stroke,) = pad.told
    assert stroke.points[0] == pytest.approx((0.25, 0.5)) and not stroke.erases
    assert stroke.points[-1] == pytest.approx((0.75, 0.5))
    assert ink == sorted(ink) and ink[-1] > ink[0] > 0
    assert pad.picture[140, 140] == 255 and pad.picture[20, 20] == 0


def test_eraser_and_right_button_erase(qtbot, pad) -> None:
    drag(qtbot, pad, (70, 140), (210, 140))
    drag(qtbot, pad, (140, 100), (140, 180), button=Qt.MouseButton.RightButton)
    pad.set_tool("eraser")
    drag(qtbot, pad, (70, 100), (70, 180))
    assert [stroke.erases for stroke in pad.told] == [False, True, True]
    assert pad.picture[140, 140] == 0 and pad.picture[140, 70] == 0
    assert pad.picture[140, 100] == 255


def test_the_brush_sets_the_width(qtbot, pad) -> None:
    pad.set_brush(0.2)
    drag(qtbot, pad, (70, 140), (210, 140))
    assert pad.told[0].widths == (0.2,) * len(pad.told[0].points)


def test_what_is_given_back_is_shown(qtbot, pad) -> None:
    pad.set_strokes((Stroke(((0.5, 0.2), (0.5, 0.8)), (0.1, 0.1)),))
    assert pad.picture[140, 140] == 255
    pad.set_strokes(())
    assert pad.picture.max() == 0


def test_the_hand_the_wheel_and_the_keys_move_the_drawing(qtbot, pad, wheel) -> None:
    moves = []
    pad.moved.connect(lambda *move: moves.append(move))
    qtbot.keyClick(pad, Qt.Key.Key_Right)
    qtbot.keyClick(pad, Qt.Key.Key_Plus)
    qtbot.keyClick(pad, Qt.Key.Key_BracketRight)
    assert moves[0][:2] == pytest.approx((1 / 28, 0)) and moves[1][2] == pytest.approx(1.1)
    assert moves[2][3].imag > 0  # clockwise, as rows grow downwards
    wheel(pad, 120)
    assert len(moves) == 3  # a wheel turned over the pen is the page's
    pad.set_tool("hand")
    wheel(pad, 120)
    assert moves[3][2] == pytest.approx(1.1)
    drag(qtbot, pad, (100, 100), (128, 72))
    assert sum(m[0] for m in moves[4:]) == pytest.approx(0.1)
    assert sum(m[1] for m in moves[4:]) == pytest.approx(-0.1)
    assert not pad.told


def test_two_fingers_draw_two_lines(qtbot, pad) -> None:
    device = QTest.createTouchDevice()
    touch = QTest.touchEvent(pad, device)
    touch.press(0, QPoint(50, 50), pad).press(1, QPoint(200, 50), pad).commit()
    touch.move(0, QPoint(50, 200), pad).move(1, QPoint(200, 200), pad).commit()
    touch.release(0, QPoint(50, 200), pad).release(1, QPoint(200, 200), pad).commit()
    assert len(pad.told) == 2
    assert sorted(round(stroke.points[0][0], 2) for stroke in pad.told) == [0.18, 0.71]


def test_a_pen_draws_by_its_pressure_and_erases_with_its_other_end(qtbot, pad) -> None:
    def pen(end, kind, x, pressure):
        device = QPointingDevice(
            "pen", 7, QInputDevice.DeviceType.Stylus, end,
            QInputDevice.Capability.Pressure | QInputDevice.Capability.Position, 1, 1,
            "", QPointingDeviceUniqueId.fromNumericId(7),
        )  # fmt: skip
        place = QPointF(x, 140)
        event = QTabletEvent(
            kind, device, place, QPointF(pad.mapToGlobal(place.toPoint())), pressure, 0, 0, 0, 0,
            0, Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton,
        )  # fmt: skip
        QApplication.sendEvent(pad, event)

    for end in (QPointingDevice.PointerType.Pen, QPointingDevice.PointerType.Eraser):
        pen(end, QEvent.Type.TabletPress, 70, 0.1)
        pen(end, QEvent.Type.TabletMove, 140, 1.0)
        pen(end, QEvent.Type.TabletRelease, 140, 0.0)
    drawn, erased = pad.told
    assert drawn.widths[1] > 2 * drawn.widths[0] and not drawn.erases
    assert erased.erases and pad.picture.max() < 100
