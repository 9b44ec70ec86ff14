import numpy as np
import pytest
from PySide6.QtGui import QIcon, QImage
from PySide6.QtWidgets import QToolButton

from visualizer.ui import icons


def painted(icon, mode=QIcon.Mode.Normal, state=QIcon.State.Off, side=32):
    """Return (the colours in it, the share of the area painted)."""
    image = icon.pixmap(side, side, mode, state).toImage()
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    solid = pixels[pixels[..., 3] == 255]
    return {"#{:02x}{:02x}{:02x}".format(*p[:3]) for p in solid}, (pixels[..., 3] > 0).mean()


def test_an_icon_has_its_colour_in_every_state(qapp):
    icon = icons.icon("mdi6.grid", color="#102030", color_on="#405060", color_disabled="#708090")
    assert painted(icon)[0] == {"#102030"}
    assert painted(icon, state=QIcon.State.On)[0] == {"#405060"}
    assert painted(icon, QIcon.Mode.Disabled)[0] == {"#708090"}


def test_a_disabled_icon_is_faint_like_disabled_text(qapp, theme):
    icon = icons.icon("mdi6.menu", color="#102030")
    assert painted(icon, QIcon.Mode.Disabled)[0] == {theme.colors.faint}


@pytest.mark.parametrize("side", [16, 22, 64])
def test_an_icon_is_drawn_for_its_size(qapp, side):
    colors, share = painted(icons.icon("mdi6.play", color="#102030"), side=side)
    assert 0.1 < share < 0.6
    assert colors == {"#102030"}


def test_an_unknown_icon(qapp):
    with pytest.raises(KeyError):
        icons.icon("mdi6.no-such-icon", color="#102030")


def test_a_mirrored_icon_is_turned_about_its_middle(qapp):
    plain, mirrored = (
        icons.icon("mdi6.play", color="#102030", mirrored=on).pixmap(64, 64).toImage()
        for on in (False, True)
    )
    assert plain != mirrored
    apart = np.array(
        [
            abs(plain.pixelColor(x, y).alpha() - mirrored.pixelColor(63 - x, y).alpha())
            for x in range(64)
            for y in range(64)
        ]
    )
    assert (apart > 128).mean() < 0.02  # but for a pixel at its edges


def test_icons_grow_with_the_type(qtbot, theme):
    buttons = [QToolButton(), QToolButton()]
    for button in buttons:
        qtbot.addWidget(button)
    icons.fit(theme, *buttons)
    assert {button.iconSize().toTuple() for button in buttons} == {(16, 16)}
    theme.set_scale(1.5)
    icons.fit(theme, *buttons, side=20)
    assert {button.iconSize().toTuple() for button in buttons} == {(30, 30)}
